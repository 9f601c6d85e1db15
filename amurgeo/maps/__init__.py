"""Maps as self-contained Folium pages, in the languages of the dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from amurgeo.maps.impact import access_map as access_map
    from amurgeo.maps.impact import critical_map as critical_map
    from amurgeo.maps.pages import compare_map as compare_map
    from amurgeo.maps.pages import page as page
    from amurgeo.maps.pages import routes_map as routes_map
    from amurgeo.maps.pages import season_map as season_map
    from amurgeo.maps.pages import state_map as state_map

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "impact": ["access_map", "critical_map"],
        "pages": ["compare_map", "page", "routes_map", "season_map", "state_map"],
    },
)
