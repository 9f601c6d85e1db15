"""Print the shares of lines and of branches that the tests run; end with 1 when either is too small."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main() -> int:
    """Read a report of coverage (JSON) and hold it against the least share in percent."""
    totals = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["totals"]
    least = float(sys.argv[2])
    shares = {
        "lines": 100 * totals["covered_lines"] / totals["num_statements"],
        "branches": 100 * totals["covered_branches"] / totals["num_branches"],
    }
    for name, share in shares.items():
        sys.stdout.write(f"{name} covered: {share:.2f} %, at least {least:g} %\n")
    return int(min(shares.values()) < least)


if __name__ == "__main__":
    sys.exit(main())
