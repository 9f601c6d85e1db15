"""Access of settlements: days cut off, who gains and loses, and the catchments of crossings."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.analysis.exits import gini
from amurgeo.errors import InputError
from amurgeo.text import LANGUAGES

CUT = ["Ogodzha", "Verkhnezeysk", "Beregovoy", "Ust-Nyukzha", "Tynda", "Zeya"]


def land_of(net: ag.Network, on: str) -> tuple[nx.Graph, dict[str, int]]:
    """Return the graph of a day without its crossings, undirected, and its nodes by id."""
    graph = ag.graph(net.state(on), vehicle="truck_20t")
    crossings = set(net.crossings.index)
    graph.remove_edges_from(
        [(a, b, k) for a, b, k, id_ in graph.edges(keys=True, data="id") if id_ in crossings]
    )
    return nx.Graph(graph), {name: node for node, name in graph.nodes(data="id")}


def days_apart(net: ag.Network, places: list[str], days: pd.DatetimeIndex) -> pd.Series:
    """Return on how many days places are in another component than the centre, by networkx."""
    apart = pd.Series(0, index=places)
    for day in days:
        land, nodes = land_of(net, str(day.date()))
        own = nx.node_connected_component(land, nodes["blagoveshchensk"])
        apart += pd.Series({place: int(nodes.get(place) not in own) for place in places})
    return apart


@pytest.mark.slow
def test_days_cut_off_are_the_components_of_the_graph(net: ag.Network) -> None:
    months = ag.access(net, 2026, places=CUT)
    cut = months.pivot_table(index="place", columns="month", values="days_cut")
    for month in (3, 4, 11, 12):
        days = pd.date_range(f"2026-{month:02d}-01", periods=pd.Period(f"2026-{month:02d}").days_in_month)
        expected = days_apart(net, list(cut.index), days)
        assert cut[month].to_dict() == expected.to_dict()
    assert cut.sum(axis=1)[["tynda", "zeya"]].tolist() == [0, 0]


def test_hours_are_the_shortest_paths_of_the_graph(net: ag.Network) -> None:
    """July is alike on all its days."""
    july = ag.access(net, 2026, places=["Tynda", "Zeya"]).set_index(["place", "month"]).xs(7, level="month")
    land, nodes = land_of(net, "2026-07-15")
    towns = {
        "to_centre_h": ["blagoveshchensk"],
        "to_hospital_h": list(net.base["hospitals"]["place"]),
        "to_railway_h": list(net.base["stations"]["place"]),
    }
    for place, row in july.iterrows():
        hours = nx.single_source_dijkstra_path_length(land, nodes[str(place)], weight="seconds")
        for column, ends in towns.items():
            least = min(hours.get(nodes.get(end, -1), np.inf) for end in ends) / 3600.0
            assert row[column] == pytest.approx(least), (place, column)


def test_catchments_are_nearest_and_never_across_the_river(net: ag.Network) -> None:
    table = ag.catchments(net, on="2026-02-10")
    land, nodes = land_of(net, "2026-02-10")
    state = net.state("2026-02-10")
    keys = {id_: net.crossings.at[id_, "from_place"] for id_ in set(table["crossing"])}
    hours = {
        id_: nx.single_source_dijkstra_path_length(land, nodes[bank], weight="seconds")
        for id_, bank in keys.items()
    }
    settlements = table[table["kind"] == "settlement"].set_index("element")
    for place, row in settlements.iterrows():
        found = {id_: reached.get(nodes[str(place)], np.inf) / 3600.0 for id_, reached in hours.items()}
        assert row["hours"] == pytest.approx(min(found.values()))
        assert found[row["crossing"]] == pytest.approx(row["hours"])
    assert (net.nodes.loc[settlements.index, "region"].isin(net.border.home.regions)).all()
    for crossing, rows in table[table["kind"] == "road"].groupby("crossing"):
        assert state.crossings.loc[(crossing, "cargo"), "status"] in ("open", "limited")
        edges = net.edges.loc[rows["element"]]
        assert not edges["kind"].isin(["crossing"]).any()
        sides = set(net.nodes.loc[[*edges["from_place"], *edges["to_place"]], "side"])
        assert sides == {"home"}
    assert table["element"].is_unique
    assert (table["hours"] <= table["band"]).all()


def test_bands_are_ascending_hours(net: ag.Network) -> None:
    table = ag.catchments(net, on="2026-07-15", bands=[3, 9])
    assert set(table["band"]) <= {3.0, 9.0, np.inf}
    for wrong in ([], [2, 1], [0, 1]):
        with pytest.raises(InputError, match="bands"):
            ag.catchments(net, on="2026-07-15", bands=wrong)


def test_equity_is_the_difference_of_the_means(net: ag.Network) -> None:
    """Without the bridge nobody gains, and the sums are those of the rows."""
    question = {"to": "crossing", "places": ["Tynda", "Zeya", "Ogodzha"]}
    table = ag.equity(net, 2026, scenario="no_bridge", **question)
    assert (table["alt_h"] >= table["base_h"]).all()
    assert (table["alt_cut"] >= table["base_cut"]).all()
    sized = table.dropna(subset="people")
    assert sized["people_h"].tolist() == pytest.approx((sized["change_h"] * sized["people"]).tolist())
    sums = table.summary
    assert sums["lose_people_h"] == pytest.approx(sized["people_h"].sum())
    assert (sums["gain"], sums["gain_people_h"], sums["unsized"]) == (0.0, 0.0, 1.0)
    # Days without a way count as 24 hours, so their number stands beside the hours.
    assert any(f"{table['alt_cut'].iloc[0]} after" in text for text in table.sentences())
    back = ag.equity(
        net, 2026, scenario=None, base="no_bridge", to="crossing", places=["Tynda", "Zeya", "Ogodzha"]
    )
    assert sorted(back["change_h"]) == pytest.approx(sorted(-table["change_h"]))
    same = ag.equity(net, 2026, scenario=None, places=["Tynda"])
    assert same.sentences() == ["No settlement gains or loses as much as a minute."]
    with pytest.raises(InputError, match="goal"):
        ag.equity(net, 2026, scenario=None, to="school")


def test_what_is_unknown_is_not_zero(net: ag.Network) -> None:
    """The only settlement that loses has no known size, and days without a way are a change."""
    shut = ag.Scenario("shut", changes=[ag.close("koboldo--ogodzha", "2026-12-01", "2026-12-20")])
    table = ag.equity(net, 2026, scenario=shut, places=["Ogodzha", "Tynda"])
    sums = table.summary
    assert np.isnan([sums["lose"], sums["lose_people_h"], sums["concentration"]]).all()
    assert (sums["gain"], sums["gain_people_h"]) == (0.0, 0.0)
    for lang in LANGUAGES:
        assert not any("nan" in text for text in table.sentences(lang))
    assert "How many people live there is not known." in table.sentences()
    table.loc[table["place"] == "ogodzha", ["change_h", "people_h"]] = 0.0
    assert table.changed.tolist() == (table["place"] == "ogodzha").tolist()
    assert "other days without a way: 1; Ogodzha has" in table.sentences()[0]


def test_the_gini_coefficient_is_the_area_above_the_lorenz_curve() -> None:
    rng = np.random.default_rng(1)
    hours, people = rng.uniform(0, 9, 40), rng.integers(1, 900, 40)
    order = np.argsort(hours)
    x = np.append(0.0, np.cumsum(people[order])) / people.sum()
    y = np.append(0.0, np.cumsum((hours * people)[order])) / (hours * people).sum()
    area = sum((b - a) * (c + d) / 2 for (a, b), (c, d) in zip(pairwise(x), pairwise(y), strict=True))
    assert gini(hours, people) == pytest.approx(1 - 2 * area)
    assert gini([3, 3], [5, 7]) == pytest.approx(0.0)
    assert np.isnan(gini([], []))
