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
    from amurgeo.analysis.exits import Exits, exits
    from amurgeo.analysis.redundancy import redundancy
    from amurgeo.analysis.sweep import sweep
    from amurgeo.comparison.compare import Comparison, compare
    from amurgeo.errors import AmurgeoError, DataError, Fault, InputError
    from amurgeo.network import Network, load
    from amurgeo.routing.graph import graph
    from amurgeo.routing.matrix import od_matrix
    from amurgeo.routing.routes import Routes, routes
    from amurgeo.scenario import Scenario, scenario_names
    from amurgeo.seasons.daily import calendar
    from amurgeo.seasons.state import State, state

_HOMES = {
    "AmurgeoError": "amurgeo.errors",
    "Comparison": "amurgeo.comparison.compare",
    "DataError": "amurgeo.errors",
    "Exits": "amurgeo.analysis.exits",
    "Fault": "amurgeo.errors",
    "InputError": "amurgeo.errors",
    "Network": "amurgeo.network",
    "Routes": "amurgeo.routing.routes",
    "Scenario": "amurgeo.scenario",
    "State": "amurgeo.seasons.state",
    "calendar": "amurgeo.seasons.daily",
    "compare": "amurgeo.comparison.compare",
    "exits": "amurgeo.analysis.exits",
    "graph": "amurgeo.routing.graph",
    "load": "amurgeo.network",
    "od_matrix": "amurgeo.routing.matrix",
    "redundancy": "amurgeo.analysis.redundancy",
    "routes": "amurgeo.routing.routes",
    "scenario_names": "amurgeo.scenario",
    "show_versions": "amurgeo._versions",
    "state": "amurgeo.seasons.state",
    "sweep": "amurgeo.analysis.sweep",
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
    "graph",
    "load",
    "od_matrix",
    "redundancy",
    "routes",
    "scenario_names",
    "show_versions",
    "state",
    "sweep",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'amurgeo' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
