"""Run the command line as ``python -m amurgeo``."""

from amurgeo.cli import main

if __name__ == "__main__":
    main()
