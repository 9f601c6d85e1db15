"""What is lost without a crossing, a bridge or a road."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import amurgeo as ag
from amurgeo.analysis.criticality import KINDS, LOST_DAY_H
from amurgeo.errors import InputError

TOWNS = {"origins": ["Belogorsk", "Tynda", "Svobodny"], "destinations": ["Heihe", "Harbin"]}
PLAIN = {**TOWNS, "drivers": 2, "draws": 0}


def hours_without(net: ag.Network, on: str, edges: set[str]) -> dict[tuple[str, str], float]:
    """Return the hours of all pairs by networkx on the graph of a day without some edges."""
    graph = ag.graph(ag.state(net, on), vehicle="truck_20t")
    graph.remove_edges_from([(a, b, k) for a, b, k, id_ in graph.edges(keys=True, data="id") if id_ in edges])
    nodes = {name: node for node, name in graph.nodes(data="id")}
    hours = {}
    for origin in map(net.find, TOWNS["origins"]):
        reached = nx.single_source_dijkstra_path_length(graph, nodes[origin], weight="seconds")
        for end in map(net.find, TOWNS["destinations"]):
            hours[origin, end] = reached.get(nodes[end], np.inf) / 3600.0
    return hours


def expected(net: ag.Network, on: str, edges: set[str]) -> tuple[float, float, float]:
    """Return people_h, people_cut and pairs_cut by brute force."""
    usual, without = hours_without(net, on, set()), hours_without(net, on, edges)
    people_h = people_cut = pairs_cut = 0.0
    for pair, hours in usual.items():
        people = net.places.population[pair[0]]
        if np.isinf(without[pair]) and np.isfinite(hours):
            people_cut, pairs_cut = people_cut + people, pairs_cut + 1
        elif np.isfinite(hours):
            people_h += people * (without[pair] - hours)
    return people_h, people_cut, pairs_cut


def elements(net: ag.Network) -> dict[tuple[str, str], set[str]]:
    """Return the edges that each element takes away from trucks."""
    checkpoints = net.crossings.groupby("checkpoint").groups.items()
    parts = {("crossing", id_): {id_} for id_ in net.crossings.index}
    parts |= {("checkpoint", id_): set(rows) for id_, rows in checkpoints}
    parts |= {("road", id_): {id_} for id_ in net.edges.index[net.edges["kind"] == "road"]}
    bridges = net.base["bridges"]
    for id_, road in bridges.loc[bridges["traffic"] != "passenger", "road"].items():
        del parts["road", road]
        parts["bridge", id_] = {road}
    return parts


def compare_with_removal(net: ag.Network, on: str, n: int) -> None:
    """Compare elements, missed or not, with their removal from the graph."""
    table = ag.criticality(net, on=on, **PLAIN).set_index(["kind", "element"])
    table = table[["people_h", "people_cut", "pairs_cut"]]
    parts = elements(net)
    rng = np.random.default_rng(1)
    some = [
        *rng.choice(len(parts), n),
        *(list(parts).index(table.index[i]) for i in rng.choice(len(table), n)),
    ]
    for name in {list(parts)[i] for i in some}:
        found = tuple(table.loc[name]) if name in table.index else (0.0, 0.0, 0.0)
        assert found == pytest.approx(expected(net, on, parts[name]), abs=1e-6), name


def test_elements_are_as_critical_as_their_removal_from_the_graph(net: ag.Network) -> None:
    compare_with_removal(net, "2026-07-15", 5)


@pytest.mark.slow
@pytest.mark.parametrize("on", ["2026-02-10", "2026-04-10", "2026-07-15", "2026-11-10", "2026-12-28"])
def test_fifty_elements_are_as_critical_as_their_removal(net: ag.Network, on: str) -> None:
    compare_with_removal(net, on, 25)


@pytest.mark.slow
def test_a_period_is_the_mean_of_its_days(net: ag.Network) -> None:
    columns = ["people_h", "people_cut", "truck_h", "pairs_cut"]
    kinds = ["crossing"]
    days = [
        ag.criticality(net, on=day, kinds=kinds, **PLAIN).set_index("element")[columns]
        for day in ("2026-03-30", "2026-03-31")
    ]
    both = ag.criticality(net, first="2026-03-30", last="2026-03-31", kinds=kinds, **PLAIN)
    mean = (
        days[0].reindex(both["element"], fill_value=0) + days[1].reindex(both["element"], fill_value=0)
    ) / 2
    assert both.set_index("element")[columns].to_numpy() == pytest.approx(mean.to_numpy())


@pytest.mark.slow
def test_ranks_and_what_is_not_told_apart(net: ag.Network) -> None:
    table = ag.criticality(net, on="2026-02-10", kinds=KINDS, draws=8, **TOWNS)
    loss = table["people_h"] + LOST_DAY_H * table["people_cut"]
    assert (loss.diff().dropna() <= 0).all()
    assert (table["low"] <= loss).all()
    assert (loss <= table["high"]).all()
    ids = dict(zip(table["element"], table[["low", "high"]].itertuples(index=False), strict=True))
    for row in table.itertuples():
        tied = set(filter(None, row.tied_with.split(";")))
        assert tied == {
            id_
            for id_, (low, high) in ids.items()
            if low <= row.high and row.low <= high and id_ != row.element
        }
    pairs = table[table["kind"] == "pair"]
    alone = dict(zip(table["element"], loss, strict=True))
    for row, both in zip(pairs.itertuples(), loss[pairs.index], strict=True):
        assert both > max(alone.get(part, 0.0) for part in row.element.split("+"))


def test_trucks_weigh_and_passengers_have_none(net: ag.Network) -> None:
    trucks = ag.criticality(net, on="2026-11-28", weight="trucks", kinds=["crossing"], draws=0)
    assert trucks["element"].iloc[0] == "kani_kurgan:bridge"
    assert trucks["truck_h"].is_monotonic_decreasing
    assert (
        ag.criticality(net, on="2026-07-15", vehicle="car", kinds=["crossing"], draws=0)["truck_h"]
        .isna()
        .all()
    )


@pytest.mark.slow
def test_queues_are_the_difference_of_two_runs(net: ag.Network) -> None:
    period = ("2026-11-20", "2026-11-24")
    question = {"first": period[0], "last": period[1], "kinds": ["crossing"], "draws": 0}
    table = ag.criticality(net, weight="trucks", queues=True, **question)
    first = table.iloc[0]
    assert first["element"] == "kani_kurgan:bridge"
    assert table["truck_queue_h"].is_monotonic_decreasing
    shut = f"kani_kurgan:bridge close {period[0]}..{period[1]}"
    q = ag.queues(net, ["baseline", shut], start=period[0], end=period[1])
    each = q.trucks["trucks"] * (q.trucks["hours"] + q.trucks["wait_h"].fillna(0.0))
    home = {"kani_kurgan", "blagoveshchensk", "poyarkovo"}
    own = q.trucks["usual"].str.partition(":")[0].isin(home)
    hours = each[own].groupby(q.trucks["scenario"]).sum()
    assert first["truck_queue_h"] == pytest.approx((hours[shut] - hours["baseline"]) / 5)
    with pytest.raises(InputError, match="queues=True"):
        ag.criticality(net, queues=True, **{**question, "kinds": ["road"]})


def test_sentences_name_the_first_and_the_next(net: ag.Network) -> None:
    table = ag.criticality(net, on="2026-07-15", kinds=["crossing", "bridge"], **PLAIN)
    english = table.sentences()
    names = table.names()
    assert names[0] in english[0]
    assert all(name in english[-1] for name in names[1:3])
    for lang in ("ru", "zh"):
        assert len(table.sentences(lang)) == len(english)
        assert table.names(lang)[0] in table.sentences(lang)[0]


def test_without_draws_or_without_ways_the_sentences_say_so(net: ag.Network) -> None:
    table = ag.criticality(net, on="2026-07-15", kinds=["crossing"], **PLAIN)
    assert any("Without draws" in text for text in table.sentences()) == (len(table) > 1)
    assert "none of them is cut off" in table.sentences()[1] or "no way left: " in table.sentences()[1]
    shut = ag.criticality(net, on="2021-02-10", kinds=["crossing"], **{**PLAIN, "destinations": "Heihe"})
    assert shut.empty
    assert not shut.reached
    assert shut.sentences() == ["No journey has a way at that time, so none can be lost."]


def test_no_element_is_missed(net: ag.Network) -> None:
    """Trucks use no railways."""
    table = ag.criticality(net, on="2026-07-15", kinds=["railway"], **PLAIN)
    assert table.empty
    assert {"element", "people_h", "low", "tied_with"} <= {*table.columns}


def test_a_stopped_run_goes_on_to_the_same_bytes(net: ag.Network, tmp_path: Path) -> None:
    question = {**TOWNS, "kinds": ["crossing"], "draws": 3, "first": "2026-03-28", "last": "2026-04-20"}
    whole, part = tmp_path / "whole.jsonl", tmp_path / "part.jsonl"
    table = ag.criticality(net, resume=whole, **question)
    # The run was killed while it wrote its third line.
    part.write_bytes(b"".join(whole.read_bytes().splitlines(keepends=True)[:3])[:-5])
    again = ag.criticality(net, resume=part, **question)
    assert again.to_csv() == table.to_csv() == ag.criticality(net, **question).to_csv()
    assert part.read_bytes() == whole.read_bytes()
    with pytest.raises(InputError, match="another question"):
        ag.criticality(net, resume=whole, **{**question, "draws": 4})


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"weight": "tonnes"}, "weight"),
        ({"weight": "trucks", "vehicle": "car"}, "no trucks"),
        ({"queues": True, "kinds": ["crossing"], "vehicle": "car"}, "no trucks"),
        ({"kinds": []}, "empty"),
        ({"kinds": ["lake"]}, "kind"),
        ({"draws": -1}, "draws"),
        ({"last": None}, "period"),
        ({"on": "2026-07-15"}, "ambiguous"),
    ],
)
def test_invalid_questions_are_refused(net: ag.Network, given: dict[str, object], text: str) -> None:
    question = {"first": "2026-07-15", "last": "2026-07-15", "draws": 0, **given}
    with pytest.raises(InputError, match=text):
        ag.criticality(net, **question)
