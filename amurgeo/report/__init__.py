"""The report: two printed pages on a comparison, in one file that loads nothing else."""

import lazy_loader

# The stub beside this file lists the public names, for type checkers as well.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
