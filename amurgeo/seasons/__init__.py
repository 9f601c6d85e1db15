"""The status of crossings by date: distributions of opening and closing days, rules, and the ice model."""

from amurgeo.seasons.forecast import safe_days, season
from amurgeo.seasons.ice import (
    bearing_mass_t,
    ice_winter,
    required_thickness_cm,
    season_shift,
    winter_temperatures,
)
from amurgeo.seasons.turns import Season

__all__ = [
    "Season",
    "bearing_mass_t",
    "ice_winter",
    "required_thickness_cm",
    "safe_days",
    "season",
    "season_shift",
    "winter_temperatures",
]
