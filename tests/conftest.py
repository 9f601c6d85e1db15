"""What tests share: the shipped network, a small one worked out by hand, and one browser."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from hypothesis import settings
from watching import FLAGS, chromium

import amurgeo as ag
from amurgeo.dataset.reading import overlay_tables
from amurgeo.io import CACHE_VARIABLE
from amurgeo.network import Network

_LOCAL = ("127.", "::1", "localhost", "0.0.0.0")


def _stay_here(event: str, args: tuple[Any, ...]) -> None:
    """Refuse what leaves this computer; an audit hook, which no library goes around."""
    if event not in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        return
    address = args[1] if event in ("socket.connect", "socket.sendto") else args
    host = address[0] if isinstance(address, tuple) else None
    if isinstance(host, str) and host and not host.startswith((*_LOCAL, os.uname().nodename)):
        raise ConnectionRefusedError(f"tests stay on this computer; '{host}' was asked for")


sys.addaudithook(_stay_here)

# Tests read the tables themselves; programs that they start do so too.
os.environ[CACHE_VARIABLE] = ""

# How long a case takes depends on what else the machine does.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


#: Rooms whose examples draw or solve for seconds: they run with the slow tests.
SLOW_EXAMPLES = (
    "figures", "maps", "report", "comparison", "flows", "analysis", "_check", "dataset/template", "export",
    "network/tables", "seasons/ensemble", "routing/routes",
)  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the examples of slow rooms."""
    for item in items:
        if item.nodeid.startswith(tuple(f"amurgeo/{room}" for room in SLOW_EXAMPLES)):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def net() -> Network:
    """The shipped network."""
    return ag.load()


def _place(
    id_: str, country: str, lat: float, lon: float, population: float = float("nan")
) -> dict[str, object]:
    region = "amur_oblast" if country == "RU" else "heilongjiang"
    return {
        "id": id_,
        "kind": "town",
        "country": country,
        "region": region,
        "name_en": id_,
        "name_ru": id_,
        "name_zh": id_,
        "aliases": (),
        "lat": lat,
        "lon": lon,
        "population": population,
        "population_year": 2021.0,
        "geonameid": float("nan"),
        "source": "estimate",
        "source_date": "2026",
        "confidence": "reported",
        "population_source": "estimate",
        "population_confidence": "reported",
        "note": "",
    }


@pytest.fixture(scope="session")
def six(net: Network) -> Network:
    """Six places on two banks, joined by the shipped crossings of Blagoveshchensk and Kani-Kurgan.

    Russia: north --60 km-- blagoveshchensk --30 km-- kani_kurgan, north --90 km-- kani_kurgan.
    China: heihe --10 km-- changfatun, heihe --120 km-- south.
    """
    places = pd.DataFrame(
        [
            _place("north", "RU", 50.8, 127.6, 20_000.0),
            _place("blagoveshchensk", "RU", 50.28, 127.53, 240_000.0),
            _place("kani_kurgan", "RU", 50.22, 127.64),
            _place("heihe", "CN", 50.24, 127.49),
            _place("changfatun", "CN", 50.19, 127.57),
            _place("south", "CN", 49.3, 127.3),
        ]
    ).set_index("id")
    lengths = {
        ("north", "blagoveshchensk"): 60,
        ("blagoveshchensk", "kani_kurgan"): 30,
        ("north", "kani_kurgan"): 90,
        ("heihe", "changfatun"): 10,
        ("heihe", "south"): 120,
    }
    roads = pd.DataFrame(
        [
            {
                "id": f"{a}--{b}",
                "from": a,
                "to": b,
                "ref": "",
                "name": "",
                "class": "trunk",
                "surface": "asphalt",
                "length_km": float(km),
                "length_source": "published",
                "season": "",
                "toll": False,
                "bends": "",
                "used_pairs": (),
                "source": "estimate",
                "source_date": "2026",
                "confidence": "reported",
                "note": "",
            }
            for (a, b), km in lengths.items()
        ]
    ).set_index("id")
    keep = ["kani_kurgan", "blagoveshchensk"]
    tables = dict(net.tables)
    # The demand is of towns that are not among the six.
    for name in ("stations", "railways", "demand"):
        tables[name] = tables[name].iloc[:0]
    tables["terminals"] = tables["terminals"][tables["terminals"]["checkpoint"].isin(keep)]
    tables["checkpoints"] = tables["checkpoints"].loc[keep]
    tables["crossings"] = tables["crossings"][tables["crossings"]["checkpoint"].isin(keep)]
    tables["services"] = tables["services"][
        tables["services"].index.get_level_values("crossing").isin(tables["crossings"].index)
    ]
    return Network(
        overlay_tables(
            {**tables, "places": places.iloc[:0], "roads": roads.iloc[:0]}, {"places": places, "roads": roads}
        )
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One headless Chromium for all tests; skipped where there is none, but not in CI."""
    path = chromium()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        why = "needs Chromium and playwright: install both to run the browser tests"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))
        yield launched
        launched.close()
