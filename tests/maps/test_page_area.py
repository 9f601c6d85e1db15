"""A network with a large area: its page has only the fastest ways, and the same times."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from test_page_equal import ANSWER, SCRIPTS, Questions, state_fault, ways_fault

import amurgeo as ag
from amurgeo.errors import InputError
from amurgeo.maps import payload
from amurgeo.routing.graph import StateGraph
from amurgeo.routing.matrix import fastest_ways, solve

SIDE = 14


@pytest.fixture(scope="module")
def area(net: ag.Network) -> ag.Network:
    """Streets around a town with bypasses, mass limits, one-way streets and a winter road."""
    rng = np.random.default_rng(11)
    town = net.nodes.loc["blagoveshchensk"]
    shared = {"country": town["country"], "region": town["region"], "kind": "junction"}
    osm = {"source": "openstreetmap", "confidence": "reported"}
    places: list[dict[str, Any]] = []
    roads: list[dict[str, Any]] = []
    pairs: list[tuple[str, str]] = []
    for at in range(SIDE * SIDE):
        row, column = divmod(at, SIDE)
        spot = {"lat": town["lat"] + 0.004 * row, "lon": town["lon"] + 0.004 * column}
        names = {f"name_{lang}": f"OSM node {at}" for lang in ("en", "ru", "zh")}
        places.append({"id": f"osm_{at}", **spot, **names, **shared, **osm})
        pairs += [(f"osm_{at}", f"osm_{at + 1}")] * (column < SIDE - 1)
        pairs += [(f"osm_{at}", f"osm_{at + SIDE}")] * (row < SIDE - 1)
    pairs += [("osm_3", "blagoveshchensk"), ("osm_40", "blagoveshchensk_ru")]
    pairs += [("osm_90", "belogorsk"), ("osm_180", "poyarkovo")]
    for number, (start, end) in enumerate(pairs):
        long = 100.0 if end in ("belogorsk", "poyarkovo") else 0.3
        row = {
            "id": f"{start}--{end}:w{number}",
            "from": start,
            "to": end,
            "length_km": long * rng.uniform(1, 2),
        }
        row |= {"class": rng.choice(["street", "secondary"]), "surface": rng.choice(["asphalt", "gravel"])}
        row |= {"oneway": bool(rng.random() < 0.2), **osm}
        row |= {"max_mass_t": 5.0} if rng.random() < 0.2 else {}
        row |= {"length_source": "derived", "traffic": "passenger" if rng.random() < 0.1 else "both"}
        roads.append(row)
    roads[40]["season"] = net.edges["season"].max()
    source = {"id": "openstreetmap", "title": "OpenStreetMap", "publisher": "OpenStreetMap contributors"}
    source |= {"licence": "ODbL 1.0", "retrieved": "2026-11", "address": "https://www.openstreetmap.org"}
    return net.with_rows({"places": places, "roads": roads, "sources": [source]})


def test_fastest_ways_have_the_times_of_the_whole_area(area: ag.Network) -> None:
    thin = fastest_ways(area, ["osm_77"])
    assert len(thin.base["roads"]) < 0.7 * len(area.base["roads"])
    assert "osm_77" in thin.nodes.index
    towns = list(thin.nodes.index[thin.nodes["kind"].isin(["city", "town", "village"])])
    for vehicle in area.base["vehicles"].index:
        for on in ("2026-02-10", "2026-07-15"):
            ends = ["osm_77", *towns[::4]], towns[::7]
            whole, found = (
                solve(net.state(on, scenario="no_bridge"), vehicle, *ends) for net in (area, thin)
            )
            assert (whole.seconds == found.seconds).all()
            assert (whole.first == found.first).all()


@pytest.mark.slow
def test_page_of_a_large_area_carries_few_roads_and_says_what_it_cannot_show(
    area: ag.Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payload, "MOST_ROADS", 500)
    found = ag.routes(area, "osm_77", "Heihe", on="2026-02-10", scenario="no_bridge")
    data = payload.payload(area, first=found.on, days=30, places=["osm_77"])
    assert data["area"]
    assert len(data["edges"]["a"]) < len(area.edges) - 100
    assert "osm_77" in data["nodes"]["id"]
    assert '"area":true' in found.map().to_html()
    road = next(id_ for id_ in area.base["roads"].index if id_.startswith("osm_"))
    for changed in (ag.close(road), ag.speed("car", factor=0.5)):
        with pytest.raises(InputError, match="large area cannot show a change of"):
            ag.maps.page(area, on="2026-02-10", scenario=ag.Scenario("s", changes=[changed]))
    with pytest.raises(InputError, match="large area cannot show a change of 'belogorsk'"):
        ag.routes(area, "Zeya", "Heihe", on="2026-02-10", avoid=["Belogorsk"]).map()


@pytest.mark.slow
@pytest.mark.browser
def test_page_of_a_large_area_answers_as_the_package_does(
    area: ag.Network, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payload, "MOST_ROADS", 500)
    # The page shows no further ways over land between two places of one side.
    monkeypatch.setattr(StateGraph, "further", lambda *_: [])
    first, n = date(2026, 1, 1), 240
    context = browser.new_context(offline=True)
    page = context.new_page()
    for text in SCRIPTS:
        page.evaluate(text)
    data = payload.payload(area, first=first, days=n)
    page.evaluate("(data) => { window.E = PageEngine.Engine(data); }", data)
    questions, asked = Questions(area, 5), []
    fixed = set(area.edges.index[(area.edges["kind"] == "road") & (area.edges["season"] == "")])
    while len(asked) < 60:
        scenario = questions.scenario(first, n)
        refused = page.evaluate("(s) => { const r = E.refusal(s); return r && r.key; }", scenario)
        if any("vehicle" in one or one.get("road") in fixed for one in scenario["change"]):
            assert refused is not None
        case = questions.question(first, n, scenario)
        if refused is None and not any(to[0] == "place" for to in case["options"].get("avoid", ())):
            parsed = ag.Scenario.from_dict(scenario)
            asked.append((case, area.state(None if parsed.day else case["on"], scenario=parsed)))
    answers = page.evaluate(ANSWER, [case for case, _ in asked])
    context.close()
    for (case, state), answer in zip(asked, answers, strict=True):
        assert state_fault(state, answer["state"]) is None
        assert ways_fault(state, case, answer) is None
