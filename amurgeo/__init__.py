"""amurgeo: the seasonal border crossings of Amur Oblast and their Chinese counterparts.

Public names and submodules are loaded on first use, so importing the package is quick.

Examples
--------
>>> import amurgeo as ag
>>> net = ag.load()
>>> state = net.state(on="2026-02-10")
>>> state.crossings.loc[("kani_kurgan:bridge", "cargo"), "status"]
'open'
"""

import lazy_loader

_SUBMODULES = {"export", "figures", "flows", "maps", "osm", "report", "seasons"}
# The stub beside this file lists the public names, for type checkers as well.
__getattr__, _, _names = lazy_loader.attach_stub(__name__, __file__)
__all__ = sorted(set(_names) - _SUBMODULES)


def __dir__() -> list[str]:
    return sorted({*__all__, *_SUBMODULES})
