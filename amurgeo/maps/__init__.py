"""Maps: self-contained Folium pages in three languages."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from amurgeo.maps.pages import compare_map, network_map, routes_map, season_map

_HOMES = {
    "compare_map": "amurgeo.maps.pages",
    "network_map": "amurgeo.maps.pages",
    "routes_map": "amurgeo.maps.pages",
    "season_map": "amurgeo.maps.pages",
}

__all__ = [
    "compare_map",
    "network_map",
    "routes_map",
    "season_map",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'amurgeo.maps' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
