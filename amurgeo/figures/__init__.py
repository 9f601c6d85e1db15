"""Figures for print."""

from amurgeo.figures.panels import calendar_figure, compare_figure, network_figure, queue_figure

__all__ = ["calendar_figure", "compare_figure", "network_figure", "queue_figure"]
