"""Maps as self-contained Folium pages, in the languages of the dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from amurgeo.maps.impact import access_map as access_map
    from amurgeo.maps.impact import critical_map as critical_map
    from amurgeo.maps.pages import page as page

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "impact": ["access_map", "critical_map"],
        "pages": ["page"],
    },
)
