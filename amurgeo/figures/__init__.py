"""Figures for print."""

from amurgeo.figures.impact import access_figure, critical_figure, equity_figure
from amurgeo.figures.panels import calendar_figure, compare_figure, network_figure
from amurgeo.figures.promise import promise_figure
from amurgeo.figures.queues import capacity_figure, curve_figure, measures_figure, queue_figure
from amurgeo.figures.routes import routes_figure, tcd_figure

__all__ = [
    "access_figure", "calendar_figure", "capacity_figure", "compare_figure", "critical_figure",
    "curve_figure", "equity_figure", "measures_figure", "network_figure", "promise_figure", "queue_figure",
    "routes_figure", "tcd_figure",
]  # fmt: skip
