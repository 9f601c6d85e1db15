"""The status of crossings by date: distributions of opening and closing days, rules, and the ice model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from amurgeo.seasons.forecast import season as season
    from amurgeo.seasons.ice import bearing_mass_t as bearing_mass_t
    from amurgeo.seasons.ice import ice_winter as ice_winter
    from amurgeo.seasons.ice import required_thickness_cm as required_thickness_cm
    from amurgeo.seasons.ice import season_shift as season_shift
    from amurgeo.seasons.ice import winter_temperatures as winter_temperatures
    from amurgeo.seasons.turns import Season as Season

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "forecast": ["season"],
        "ice": [
            "bearing_mass_t",
            "ice_winter",
            "required_thickness_cm",
            "season_shift",
            "winter_temperatures",
        ],
        "turns": ["Season"],
    },
)
