"""Former place of `amurgeo.seasons.model.dates_table`."""

from amurgeo.seasons.model import dates_table

__all__ = ["dates_table"]
