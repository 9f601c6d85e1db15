"""amurgeo: the seasonal border crossings of Amur Oblast and their Chinese counterparts.

The public names are loaded when first used, so importing the package is quick.

Examples
--------
>>> import amurgeo as ag
>>> net = ag.load()
>>> state = net.state(on="2026-02-10")
>>> state.crossings.loc[("kani_kurgan:bridge", "cargo"), "status"]
'open'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from amurgeo._version import __version__

if TYPE_CHECKING:
    from amurgeo._versions import show_versions
    from amurgeo.analysis.disjoint import redundancy
    from amurgeo.analysis.exits import Exits, exits
    from amurgeo.analysis.sweeping import sweep
    from amurgeo.comparison import Comparison, compare
    from amurgeo.errors import AmurgeoError, DataError, Fault, InputError
    from amurgeo.network import Network, load
    from amurgeo.routing.matrix import od_matrix
    from amurgeo.routing.routes import Routes, routes
    from amurgeo.scenario import Scenario, scenario_names
    from amurgeo.seasons.state import State
    from amurgeo.seasons.year import calendar

_HOMES = {
    "AmurgeoError": "amurgeo.errors",
    "Comparison": "amurgeo.comparison",
    "DataError": "amurgeo.errors",
    "Exits": "amurgeo.analysis.exits",
    "Fault": "amurgeo.errors",
    "InputError": "amurgeo.errors",
    "Network": "amurgeo.network",
    "Routes": "amurgeo.routing.routes",
    "Scenario": "amurgeo.scenario",
    "State": "amurgeo.seasons.state",
    "calendar": "amurgeo.seasons.year",
    "compare": "amurgeo.comparison",
    "exits": "amurgeo.analysis.exits",
    "load": "amurgeo.network",
    "od_matrix": "amurgeo.routing.matrix",
    "redundancy": "amurgeo.analysis.disjoint",
    "routes": "amurgeo.routing.routes",
    "scenario_names": "amurgeo.scenario",
    "show_versions": "amurgeo._versions",
    "sweep": "amurgeo.analysis.sweeping",
}

__all__ = [
    "AmurgeoError",
    "Comparison",
    "DataError",
    "Exits",
    "Fault",
    "InputError",
    "Network",
    "Routes",
    "Scenario",
    "State",
    "__version__",
    "calendar",
    "compare",
    "exits",
    "load",
    "od_matrix",
    "redundancy",
    "routes",
    "scenario_names",
    "show_versions",
    "sweep",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'amurgeo' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
