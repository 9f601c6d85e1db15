"""The report: two printed pages on a comparison, in one file that loads nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from amurgeo.report.page import decision_sheet as decision_sheet
    from amurgeo.report.page import write as write
    from amurgeo.report.page import write_report as write_report
    from amurgeo.report.page import write_sheet as write_sheet

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"page": ["decision_sheet", "write", "write_report", "write_sheet"]}
)
