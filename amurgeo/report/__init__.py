"""The decision sheet: two printed pages on what a scenario changes, in one file that needs nothing else."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from amurgeo.report.page import decision_sheet, write_sheet

__all__ = ["decision_sheet", "write_sheet"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("amurgeo.report.page"), name)
    raise AttributeError(f"module 'amurgeo.report' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
