"""Former place of `amurgeo.seasons.daily.calendar`."""

from amurgeo.seasons.daily import calendar, period

__all__ = ["calendar", "period"]
