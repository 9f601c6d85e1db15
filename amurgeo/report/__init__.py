"""The report: two printed pages on a comparison, in one file that loads nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from amurgeo.report.page import decision_sheet as decision_sheet
    from amurgeo.report.page import write as write

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"page": ["decision_sheet", "write"]}
)
