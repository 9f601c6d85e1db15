"""Arcs, sums of money and ranges by hand: a railway between two towns, tolls, and edges of rules."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.routing.costs import border_arcs, check_hours, crossing_arcs, land_arcs, speed_rows, usable_days
from amurgeo.routing.graph import StateGraph
from amurgeo.routing.money import arc_costs, cost_basis, lapsed_exchange, total_cost
from amurgeo.routing.ranges import border_errors, estimates, speed_factors
from amurgeo.scenario import Scenario
from amurgeo.seasons.daily import period_days, series

WINTER, SUMMER = "2026-02-10", "2026-07-15"
BRIDGE, PONTOON, FERRY = "kani_kurgan:bridge", "blagoveshchensk:pontoon", "blagoveshchensk:ferry"
NAN = float("nan")


def rows(usual: pd.Series, index: str, **named: dict[str, Any]) -> pd.DataFrame:
    """Return rows of a table that differ from a usual one."""
    frame = pd.DataFrame.from_dict({id_: {**usual, **row} for id_, row in named.items()}, orient="index")
    return frame.rename_axis(index)


@pytest.fixture(scope="module")
def railway(net: ag.Network, six: ag.Network) -> ag.Network:
    """A railway of 80 km from north to kani_kurgan, at 40 km/h; blagoveshchensk has no station.

    Trucks to a station drive at 60 km/h. From blagoveshchensk the nearer one is 30 km away; beside that road
    are a longer, a slower and a short one that takes as long. Freight uses neither a track for fast trains
    nor a planned one.
    """
    tables = {name: table.copy() for name, table in six.tables.items()}
    tables["speeds"].loc[("train", "trunk", "asphalt"), "speed_kmh"] = 60.0
    tables["speeds"].loc[("train", "trunk", "gravel"), "speed_kmh"] = 15.0
    rail = ("train", "rail_main", "rail")
    tables["speeds"].loc[rail, ["speed_kmh", "low_kmh", "high_kmh"]] = (40.0, 32.0, 50.0)
    tables["speeds"].loc[rail, "confidence"] = "reported"
    usual = net.tables["stations"].loc["aldan_station"]
    tables["stations"] = rows(
        usual, "id", north_station={"place": "north"}, kani_station={"place": "kani_kurgan"}
    )
    track = {"from": "north_station", "to": "kani_station", "status": "in_use", "length_km": 80.0}
    track |= {"kind": "main", "length_source": "published"}
    usual = net.tables["railways"].iloc[0]
    tables["railways"] = rows(
        usual,
        "id",
        slow=track,
        fast=track | {"kind": "high_speed", "length_km": 40.0},
        planned=track | {"status": "planned", "length_km": 40.0},
    )
    road = {"from": "blagoveshchensk", "to": "kani_kurgan", "length_km": 31.0}
    more = {"a_longer": road, "b_slower": road | {"length_km": 20.0, "surface": "gravel"}}
    more["c_as_fast"] = road | {"length_km": 7.5, "surface": "gravel"}
    tables["roads"] = pd.concat([tables["roads"], rows(tables["roads"].iloc[0], "id", **more)])
    rates = tables["rates"]
    for name, value in (("rail_km_ru", 10.0), ("rail_fixed_ru", 1000.0), ("index_rail_2018", 2.0)):
        rates.loc[name, "value"] = value
    return ag.Network(tables)


# -- a train and its trucks --------------------------------------------------------------------------


def test_a_train_has_tracks_transfers_and_trucks_by_hand(railway: ag.Network) -> None:
    """80 km at 40 km/h; 12 hours to change; 30 km at 60 km/h and a change."""
    arcs = land_arcs(railway, "train")
    columns = ["edge", "tail", "head", "seconds", "drive_h", "length_km", "estimated_h"]
    forth = {
        ("slow", "north_station", "kani_station", 7200, 2.0, 80.0, 0.0),
        ("north--north_station", "north", "north_station", 43_200, 12.0, 0.0, 12.0),
        ("kani_kurgan--kani_station", "kani_kurgan", "kani_station", 43_200, 12.0, 0.0, 12.0),
        ("blagoveshchensk--kani_station", "blagoveshchensk", "kani_station", 45_000, 12.5, 30.0, 12.5),
    }
    back = {(edge, head, tail, *values) for edge, tail, head, *values in forth}
    assert len(arcs) == 8
    assert set(arcs[columns].itertuples(index=False, name=None)) == forth | back
    assert (arcs[["border_h", "wait_h"]] == 0).all().all()


def test_classes_of_railways_have_their_own_speeds_beside_those_of_roads(railway: ag.Network) -> None:
    edges = railway.edges.loc[["slow", "north--blagoveshchensk", "b_slower", "slow"]]
    speeds, kind = speed_rows(railway, "train", edges)
    assert speeds["speed_kmh"].to_numpy()[kind].tolist() == [40.0, 60.0, 15.0, 40.0]


def test_a_journey_by_rail_has_its_hours_and_its_money_by_hand(railway: ag.Network) -> None:
    """Half a charge of 2000 at the station, 80 km at 20, 30 km by truck at 20 and half a charge."""
    (route,) = ag.routes(railway, "north", "blagoveshchensk", on=WINTER, vehicle="train")
    assert (route.seconds, route.length_km, route.rest_s) == (43_200 + 7200 + 45_000, 110.0, 0)
    parts = arc_costs(railway, "train", route.arcs)
    assert parts["cost"].tolist() == [1000.0, 1600.0, 600.0 + 1000.0]
    cost = total_cost(railway, "train", route.arcs)
    assert cost == {
        "cost": 4200,
        "cost_estimated": True,
        "cost_per": "container_40ft",
        "cost_prices": "2003→2018",
        "cost_at_least": None,
        "cost_missing": "",
    }
    profile = route.profile()
    assert profile["part"].tolist() == ["transfer", "drive", "drive"]
    assert profile["stretch_h"].tolist() == [12.0, 2.0, 12.5]
    speeds = route.estimates["speeds", None]
    # Trucks to a station and changes have no range.
    assert speeds.mid_h == 2.0
    assert (speeds.low_h, speeds.high_h) == (80 / 50, 80 / 32)


def test_the_graph_of_a_train_has_its_trucks_as_roads_both_ways(railway: ag.Network) -> None:
    graph = ag.graph(railway.state(WINTER), vehicle="train")
    ids = dict(graph.nodes(data="id"))
    legs = [(ids[u], ids[v], data) for u, v, data in graph.edges(data=True) if data["kind"] == "drayage"]
    ends = ("blagoveshchensk", "kani_station")
    assert [(u, v) for u, v, _ in legs] in ([ends, ends[::-1]], [ends[::-1], ends])
    points = railway.nodes.loc[list(ends), ["lon", "lat"]].to_numpy().tolist()
    for u, _, data in legs:
        assert (data["mode"], data["highway"], data["ref"], data["oneway"]) == ("road", "road", "", False)
        assert data["seconds"] == 45_000
        line = [list(point) for point in data["geometry"].coords]
        assert line == (points if u == ends[0] else points[::-1])


def test_without_a_station_no_train_runs(six: ag.Network) -> None:
    assert land_arcs(six, "train").empty
    assert len(ag.routes(six, "north", "heihe", on=WINTER, vehicle="train")) == 0
    assert ag.od_matrix(six, "north", "heihe", on=WINTER, vehicle="train").isna().all().all()
    assert ag.graph(six.state(WINTER), vehicle="train").number_of_edges() == 0


# -- crossings ---------------------------------------------------------------------------------------


def test_no_road_and_no_crossing_takes_less_than_a_second(six: ag.Network) -> None:
    tables = {**six.tables, "crossings": six.tables["crossings"].assign(travel_min=0.0)}
    tables["roads"] = tables["roads"].assign(length_km=[0.0, 0.0001, 0.1, 10.0, 120.0])
    # 100 m at 65 km/h take 5.5 seconds.
    own = ag.Network(tables)
    assert land_arcs(own, "truck_20t")["seconds"].tolist()[:3] == [1, 1, 6]
    state = own.state(WINTER, scenario=f"{BRIDGE} border_h 0+{BRIDGE} wait_h 0")
    arcs = crossing_arcs(own, state, "truck_20t").set_index("edge")
    assert arcs.loc[BRIDGE, "seconds"].tolist() == [1, 1]
    assert (arcs.loc[PONTOON, "seconds"] > 1).all()


def test_hours_of_control_are_no_estimate_in_the_direction_of_a_logged_trip(six: ag.Network) -> None:
    """A trip by truck is one of cargo; one by car says nothing about it."""
    trips = six.tables["trips"]
    names = trips.index.names
    for vehicle, estimated in (("truck_40t", [False, True]), ("car", [True, True])):
        key = (PONTOON, "out", vehicle, "2026-02-01T08:00", "2026-02-01T12:00")
        logged = pd.DataFrame(
            [{"paid": NAN, "source": "own", "note": ""}],
            index=pd.MultiIndex.from_tuples([key], names=names),
        )
        arcs = border_arcs(ag.Network({**six.tables, "trips": logged}), "truck_20t").set_index("edge")
        assert arcs.loc[PONTOON, "border_estimated"].tolist() == estimated
        assert arcs.loc[BRIDGE, "border_estimated"].tolist() == [True, True]
    services = six.tables["services"].assign(times_confidence="reported")
    known = ag.Network({**six.tables, "services": services})
    assert not border_arcs(known, "truck_20t")["border_estimated"].any()


def test_hours_at_the_border_lie_between_none_and_a_thousand(six: ag.Network) -> None:
    assert check_hours(six, "border_h", None) == {}
    assert check_hours(six, "border_h", {BRIDGE: 0, PONTOON: 1000}) == {BRIDGE: 0, PONTOON: 1000}
    for hours, says in (
        ([3.0], "expected hours by crossing"),
        ({BRIDGE: 1000.1}, "0 to 1000"),
        ({BRIDGE: -0.1}, "0 to 1000"),
        ({"kani": 1.0}, "border_h: unknown crossing"),
    ):
        with pytest.raises(ag.InputError, match=says):
            check_hours(six, "border_h", hours)  # type: ignore[arg-type]


def test_a_crossing_is_usable_on_the_days_it_is_open_for_the_traffic(six: ag.Network) -> None:
    """The pontoon in winter, the ferry in summer, the bridge always; what carries no cargo never."""
    days = pd.DatetimeIndex([WINTER, SUMMER])
    run = series(six, Scenario("baseline"), period_days(days[0].date(), days[1].date()))
    names = [PONTOON, "blagoveshchensk:hovercraft", FERRY, BRIDGE]
    usable = usable_days(run, "truck_20t", names)
    assert usable.shape == (4, len(run.days))
    assert usable[:, [0, -1]].tolist() == [[True, False], [False, False], [False, True], [True, True]]


# -- money -------------------------------------------------------------------------------------------


def test_a_toll_of_a_crossing_goes_before_that_of_its_mode(plain: ag.Network) -> None:
    """For the pontoon there is neither, until its mode has one; that of the far side does not count."""
    rates = plain.tables["rates"]
    toll = rates.loc["bridge_toll_from_russia"]
    route = ag.routes(plain, "north", "south", on=WINTER, via=[BRIDGE])[0]
    by_pontoon = ag.routes(plain, "north", "south", on=WINTER, via=[PONTOON])[0]
    for mode, country, bridge, pontoon in (
        ("bridge", "RU", 5000.0, NAN),
        ("pontoon", "RU", 5000.0, 70.0),
        ("pontoon", "CN", 5000.0, NAN),
    ):
        added = {"crossing": "", "mode": mode, "country": country, "value": 70.0, "confidence": "reported"}
        own = ag.Network({**plain.tables, "rates": pd.concat([rates, rows(toll, "id", a_mode=added)])})
        for found, crossing, km, paid in ((route, BRIDGE, 6.0, bridge), (by_pontoon, PONTOON, 2.0, pontoon)):
            costs = arc_costs(own, "truck_20t", found.arcs).set_index(found.arcs["edge"])
            assert costs.loc[crossing, "cost"] == pytest.approx(km * 100.0 + paid, nan_ok=True)
            assert costs.loc[crossing, "missing"] == ("" if paid == paid else f"toll:{crossing}")


def test_missing_rates_have_codes_and_what_is_known_is_a_least_sum(plain: ag.Network) -> None:
    rates = plain.tables["rates"]
    route = ag.routes(plain, "north", "south", on=WINTER, via=[BRIDGE])[0]
    # 93 and 6 km in Russia at 100, 132 km in China at 150, and the toll.
    for dropped, missing, least in (
        (["truck_km_ru_20t"], "per_km:RU", 132 * 150 + 5000),
        (["truck_km_cn_20t", "bridge_toll_from_russia"], f"toll:{BRIDGE};per_km:CN", 9300 + 600),
        (["truck_km_ru_20t", "bridge_toll_from_russia"], f"per_km:RU;toll:{BRIDGE}", 132 * 150),
        (["exchange_cny"], "per_km:CN", 9300 + 600 + 5000),
        (["index_truck_cn_2025"], "per_km:CN", 9300 + 600 + 5000),
        ([*rates.index], f"per_km:RU;toll:{BRIDGE};per_km:CN", None),
    ):
        poor = ag.Network({**plain.tables, "rates": rates.drop(dropped)})
        cost = total_cost(poor, "truck_20t", route.arcs)
        assert (cost["cost"], cost["cost_at_least"], cost["cost_missing"]) == (None, least, missing)
    further = total_cost(plain, "truck_20t", route.arcs, missing=["wait", "wait"])
    assert (further["cost"], further["cost_at_least"], further["cost_missing"]) == (None, 34_700, "wait")
    assert total_cost(plain, "truck_20t", route.arcs)["cost"] == 34_700


def test_a_toll_road_has_no_rate(plain: ag.Network) -> None:
    roads = plain.tables["roads"].copy()
    roads.loc["heihe--changfatun", "toll"] = True
    own = ag.Network({**plain.tables, "roads": roads})
    (route,) = ag.routes(own, "south", "changfatun", on=WINTER)
    cost = total_cost(own, "truck_20t", route.arcs)
    assert (cost["cost"], cost["cost_at_least"]) == (None, 130 * 150)
    assert cost["cost_missing"] == "toll:heihe--changfatun"


def test_prices_name_their_year_index_and_exchange_rate(plain: ag.Network) -> None:
    rates = plain.tables["rates"]
    assert cost_basis(plain, "truck_20t")["cost_prices"] == "2015→2025; 2022; 2023; 2025; RUB/CNY 2026-02-11"
    undated = rates.drop("exchange_cny")
    undated.loc["truck_km_ru_20t", "year"] = NAN
    own = ag.Network({**plain.tables, "rates": undated})
    assert cost_basis(own, "truck_20t")["cost_prices"] == "2015→2025; 2022; 2023"
    assert lapsed_exchange(own, "truck_20t", date(2030, 1, 1)) == []


# -- ranges ------------------------------------------------------------------------------------------


def test_speeds_without_a_range_are_certain(six: ag.Network) -> None:
    """Else the median over kinds of roads counts: of 60/80, 30/50, 20/25 and of 60/40, 30/25, 20/16."""
    speeds = six.tables["speeds"]
    own = speeds[speeds.index.get_level_values("vehicle") == "car"].iloc[:4].copy()
    own["speed_kmh"], own["high_kmh"], own["low_kmh"] = (
        [60.0, 30.0, 20.0, 10.0], [80.0, 50.0, 25.0, NAN], [40.0, 25.0, 16.0, NAN]
    )  # fmt: skip
    known = ag.Network({**six.tables, "speeds": own})
    assert speed_factors(known, "car") == (0.75, 1.25)
    for frame in (own.assign(low_kmh=NAN), own.drop(columns=["low_kmh", "high_kmh"])):
        assert speed_factors(ag.Network({**six.tables, "speeds": frame}), "car") == (1.0, 1.0)
    for frame in (speeds.assign(low_kmh=NAN, high_kmh=NAN), speeds.drop(columns=["low_kmh", "high_kmh"])):
        without = ag.Network({**six.tables, "speeds": frame})
        found = ag.routes(without, "north", "heihe", on=WINTER)[0].estimates["speeds", None]
        assert found.low_h == found.mid_h == found.high_h > 0


def test_a_road_to_a_terminal_shorter_than_the_straight_line_is_certain(plain: ag.Network) -> None:
    """A terminal placed by hand may lie farther away than its road is long."""
    terminals = plain.tables["terminals"].copy()
    terminals.loc[["blagoveshchensk_ru", "blagoveshchensk_cn"], "access_km"] = 0.3
    route = ag.routes(ag.Network({**plain.tables, "terminals": terminals}), "north", "south", on=WINTER)[0]
    found = route.estimates["access", None]
    assert found.mid_h == pytest.approx(0.6 / 30)
    assert found.low_h == found.high_h == pytest.approx(found.mid_h)


def test_of_two_ranges_of_one_value_the_last_counts_and_of_two_values_the_wider(plain: ag.Network) -> None:
    table = plain.tables["border_hours"]
    booth = table.iloc[0]
    assert (booth["crossing"], booth["layer"], booth["mid_h"]) == (BRIDGE, "booth", 6.0)
    again = booth.to_frame().T.assign(low_h=5.0, high_h=7.0)
    into = booth.to_frame().T.assign(low_h=1.0, mid_h=4.0, high_h=4.5)
    queue = (1.5, 3.0)
    for added, below, above in (([again], 1.0, 1.0), ([into], 4.0, 3.0), ([again, into], 3.0, 1.0)):
        hours = pd.concat([table, *added], ignore_index=True).infer_objects()
        own = ag.Network({**plain.tables, "border_hours": hours})
        errors = border_errors(own, "truck_20t").loc[BRIDGE]
        assert errors["below"] == pytest.approx(math.hypot(below, queue[0]))
        assert errors["above"] == pytest.approx(math.hypot(above, queue[1]))


def test_a_range_counts_once_for_each_passage_of_its_crossing(plain: ag.Network) -> None:
    """Out and back over the bridge: of the control out there is a range, of that in there is none."""
    graph = StateGraph(plain.state(WINTER), "truck_20t")
    arcs = graph.rows(np.arange(len(graph.seconds)))
    both = arcs[arcs["edge"] == BRIDGE]
    found = estimates(plain, "truck_20t", both)
    assert list(found) == [("border_h", BRIDGE), ("wait_h", BRIDGE)]
    control, wait = found.values()
    assert (control.low_h, control.mid_h, control.high_h) == (2.0 + 4.0, 6.0 + 4.0, 9.0 + 4.0)
    assert (wait.low_h, wait.mid_h, wait.high_h) == (2 * 0.5, 2 * 2.0, 2 * 5.0)
    assert (control.shift(1.0), control.shift(-0.5), control.is_driving) == (3.0, -2.0, False)
