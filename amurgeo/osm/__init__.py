"""OpenStreetMap roads with their seasons, from files, OSMnx or a server, as folders for `amurgeo.load`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from amurgeo.osm.areas import fetch as fetch
    from amurgeo.osm.areas import read as read
    from amurgeo.osm.fetching import FetchError as FetchError
    from amurgeo.osm.folder import BuiltArea as BuiltArea
    from amurgeo.osm.tags import NODE_TAGS as NODE_TAGS
    from amurgeo.osm.tags import WAY_TAGS as WAY_TAGS

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "areas": ["fetch", "read"],
        "fetching": ["FetchError"],
        "folder": ["BuiltArea"],
        "tags": ["NODE_TAGS", "WAY_TAGS"],
    },
)
