"""Former place of `amurgeo.seasons.state.season_model`."""

from amurgeo.seasons.state import season_model

__all__ = ["season_model"]
