"""The overlay against Dijkstra's algorithm on the whole network: equal to the second."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import Case, as_networkx, between, by_scipy, random_case, with_costs

from amurgeo.errors import InputError
from amurgeo.routing.overlay import INF, Overlay, solve
from amurgeo.routing.paths import Path, best_path, paths_by_crossing
from amurgeo.routing.statics import Arcs, SeasonalGraph, Statics, prepare


@pytest.fixture(scope="module")
def zigzag() -> Statics:
    """A river with a road on either bank that is broken in the middle: the way is over, along and back.

    West bank 0 - 1 | 2 - 3, east bank 4 - 5 - 6; crossings 1 -> 4 (two) and 5 -> 2; winter road 1 -> 2.
    """
    roads = Arcs([0, 2, 4, 5, 4], [1, 3, 5, 6, 5], [10, 20, 7, 9, 7])
    ferries = Arcs([1, 1, 5], [4, 4, 2], [60, 45, 0], ["ferry", "ice_road", "pontoon"])
    return prepare(SeasonalGraph(7, roads, ferries, Arcs([1], [2], [300], ["winter"])), [0, 4], [3, 6, 0])


def repriced(statics: Statics, costs: np.ndarray, path: Path) -> int:
    """What the path costs, having checked that it is one."""
    graph = statics.graph
    seconds, opened = with_costs(graph, costs)
    arcs = np.array(path.arcs, dtype=int)
    assert opened[arcs].all()
    assert path.nodes[:-1] == tuple(graph.tail[arcs].tolist())
    assert path.nodes[1:] == tuple(graph.head[arcs].tolist())
    first = len(graph.static)
    assert path.crossings == tuple(
        arc - first for arc in path.arcs if first <= arc < first + len(graph.border)
    )
    return int(seconds[arcs].sum())


def check_against_networkx(case: Case) -> int:
    """Compare everything that is known of a case; return the most crossings on one path."""
    statics = prepare(case.graph, case.origins, case.destinations)
    border, most = case.graph.border, 0
    for costs in case.costs:
        solution = solve(statics.overlay, costs, kernel="numpy")
        everything, land = as_networkx(case.graph, costs), as_networkx(case.graph, costs, borders=False)
        onward = [between(everything, int(head)) for head in border.head]
        for o, origin in enumerate(case.origins.tolist()):
            whole, without = between(everything, origin), between(land, origin)
            for d, destination in enumerate(case.destinations.tolist()):
                assert solution.seconds[o, d] == whole.get(destination, INF)
                by_crossing = [
                    without[tail] + int(cost) + onward[number][destination]
                    if cost < INF and tail in without and destination in onward[number]
                    else INF
                    for number, (tail, cost) in enumerate(zip(border.tail.tolist(), costs, strict=False))
                ]
                assert solution.by_crossing[o, :, d].tolist() == by_crossing
                direct = without.get(destination, INF)
                best = min(by_crossing, default=INF)
                first = by_crossing.index(best) if best < direct else -1
                assert solution.first[o, d] == first
                paths = paths_by_crossing(statics, costs, o, d)
                assert [path.seconds for path in paths] == sorted(
                    s for s in [direct, *by_crossing] if s < INF
                )
                path = best_path(statics, costs, o, d)
                if path is None:
                    assert not paths
                    continue
                assert path == paths[0]
                assert path.seconds == whole[destination]
                assert (path.crossings[0] if path.crossings else -1) == first
                for way in paths:
                    assert (way.nodes[0], way.nodes[-1]) == (origin, destination)
                    assert repriced(statics, costs, way) == way.seconds
                most = max(most, len(path.crossings))
    return most


@pytest.mark.parametrize("seed", range(60))
def test_times_paths_and_first_crossings_equal_those_of_networkx(seed: int) -> None:
    check_against_networkx(random_case(seed, states=4))


def test_the_random_networks_have_routes_over_several_crossings() -> None:
    most = [check_against_networkx(random_case(seed, states=2)) for seed in range(200, 220)]
    assert max(most) >= 3


@pytest.mark.parametrize("seed", range(1000, 1150))
def test_times_equal_those_of_scipy(seed: int) -> None:
    case = random_case(seed)
    overlay = prepare(case.graph, case.origins, case.destinations).overlay
    for costs in case.costs:
        np.testing.assert_array_equal(solve(overlay, costs).seconds, by_scipy(case, costs))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Small networks drawn arc by arc, so that a failing one shrinks."""
    n = draw(st.integers(1, 7))
    node = st.integers(0, n - 1)
    arc = st.tuples(node, node, st.integers(0, 4))

    def arcs(most: int) -> Arcs:
        drawn = draw(st.lists(arc, max_size=most))
        return Arcs(*(np.array(drawn, dtype=int).reshape(-1, 3).T))

    graph = SeasonalGraph(n, arcs(14), arcs(4), arcs(4))
    terminals = [draw(st.lists(node, min_size=1, max_size=3)) for _ in range(2)]
    size = len(graph.border) + len(graph.winter)
    cost = st.one_of(st.just(INF), st.integers(0, 4))
    costs = draw(st.lists(cost, min_size=size, max_size=size))
    return Case(
        graph, *(np.array(some) for some in terminals), np.array([costs], dtype=np.int32).reshape(1, size)
    )


@given(cases())
@settings(max_examples=150, deadline=None)
def test_any_network_equals_networkx(case: Case) -> None:
    check_against_networkx(case)


@given(cases())
@settings(max_examples=60, deadline=None)
def test_opening_an_arc_makes_no_journey_longer(case: Case) -> None:
    overlay = prepare(case.graph, case.origins, case.destinations).overlay
    opened = np.where(case.costs == INF, 3, case.costs)
    assert (solve(overlay, opened).seconds <= solve(overlay, case.costs).seconds).all()


def test_a_way_over_several_crossings_and_back(zigzag: Statics) -> None:
    path = best_path(zigzag, None, 0, 0)
    assert path == Path(10 + 45 + 7 + 0 + 20, (0, 1, 4, 5, 2, 3), (0, 6, 2, 7, 1), (1, 2))
    assert zigzag.graph.ids[list(path.arcs)].tolist() == [0, "ice_road", 2, "pontoon", 1]


def test_parallel_crossings_are_ways_of_their_own(zigzag: Statics) -> None:
    ways = paths_by_crossing(zigzag, None, 0, 0)
    assert [(way.seconds, way.crossings) for way in ways] == [(82, (1, 2)), (97, (0, 2)), (330, ())]


def test_closing_crossings_leaves_the_winter_road_and_then_nothing(zigzag: Statics) -> None:
    overlay = zigzag.overlay
    by_winter = best_path(zigzag, overlay.costs([False, False, True, True]), 0, 0)
    assert by_winter is not None
    assert (by_winter.seconds, by_winter.crossings) == (330, ())
    closed = overlay.costs(np.zeros(4, bool))
    assert best_path(zigzag, closed, 0, 0) is None
    assert paths_by_crossing(zigzag, closed, 0, 0) == ()
    assert np.isnan(solve(overlay, closed).hours[0, 0])


def test_a_place_to_itself_takes_no_time_and_no_arc(zigzag: Statics) -> None:
    assert best_path(zigzag, None, 0, 2) == Path(0, (0,), (), ())


def test_of_equal_parallel_arcs_the_first_is_named() -> None:
    graph = SeasonalGraph(2, Arcs([0, 0, 0], [1, 1, 1], [9, 4, 4], ["slow", "one", "other"]))
    path = best_path(prepare(graph, [0], [1]), None, 0, 0)
    assert path is not None
    assert graph.ids[list(path.arcs)].tolist() == ["one"]


def test_a_direct_way_is_preferred_to_an_equal_one_over_the_border() -> None:
    graph = SeasonalGraph(3, Arcs([0, 0, 2], [1, 2, 1], [10, 5, 5]), border=Arcs([2, 2], [1, 1], [5, 5]))
    statics = prepare(graph, [0], [1])
    assert solve(statics.overlay).first.tolist() == [[-1]]
    assert [way.crossings for way in paths_by_crossing(statics, None, 0, 0)] == [(), (0,), (1,)]


def test_waits_are_added_to_open_arcs_only(zigzag: Statics) -> None:
    costs = zigzag.overlay.costs([[True] * 4, [True, False, True, True]], [3600, 5, 0, 0])
    assert costs.tolist() == [[3660, 50, 0, 300], [3660, INF, 0, 300]]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (([0], [0, 1], [1]), "different lengths"),
        (([0], [1], [1.5]), "whole seconds"),
        (([0], [1], [-1]), "give 0 to"),
        (([0], [1], [INF]), "give 0 to"),
        (([0], [1], [1], ["a", "b"]), "different lengths"),
    ],
)
def test_wrong_arcs_are_refused(arrays: tuple[list[object], ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Arcs(*arrays)  # type: ignore[arg-type]


def test_nodes_that_are_not_there_are_refused() -> None:
    with pytest.raises(InputError, match="static arcs join nodes 7 to 7"):
        SeasonalGraph(2, Arcs([0], [7], [1]))
    graph = SeasonalGraph(2, Arcs([0], [1], [1]))
    with pytest.raises(InputError, match="origins name nodes 2 to 2; give 0 to 1"):
        prepare(graph, [2], [0])
    with pytest.raises(InputError, match="destination 3 is not there"):
        best_path(prepare(graph, [0], [0]), None, 0, 3)


def test_a_path_longer_than_the_integers_hold_is_refused() -> None:
    far = Arcs([0, 1], [1, 2], [INF - 1, 1])
    assert prepare(SeasonalGraph(3, far), [0], [1]).overlay.between.tolist() == [[INF - 1]]
    with pytest.raises(InputError, match="34 years"):
        prepare(SeasonalGraph(3, far), [0], [2])


def test_a_route_that_could_overflow_is_refused() -> None:
    half = INF // 2
    graph = SeasonalGraph(4, Arcs([0, 2], [1, 3], [half, half]), border=Arcs([1], [2], [5]))
    overlay = prepare(graph, [0], [3]).overlay
    with pytest.raises(InputError, match="a route could take"):
        solve(overlay)
    assert not solve(overlay, [INF]).reachable.any()


@pytest.mark.parametrize(
    ("costs", "message"),
    [
        ([1, 2, 3], "give 4 entries"),
        ([1.0] * 4, "whole seconds"),
        ([-1, 0, 0, 0], "closed"),
        ([INF + 1] * 4, "closed"),
        ([[1] * 4] * 2, "takes one"),
    ],
)
def test_wrong_costs_are_refused(zigzag: Statics, costs: list[object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        solve(zigzag.overlay, costs)


def test_wrong_openings_and_waits_are_refused(zigzag: Statics) -> None:
    with pytest.raises(InputError, match="open has the shape"):
        zigzag.overlay.costs([True])
    with pytest.raises(InputError, match="an open arc costs -40 s"):
        zigzag.overlay.costs(None, [-100, 0, 0, 0])
    assert zigzag.overlay.costs([False, True, True, True], [-100, 0, 0, 0])[0] == INF


def test_nothing_at_all_is_no_error() -> None:
    empty = prepare(SeasonalGraph(0, Arcs.none()), [], [])
    assert solve(empty.overlay).seconds.shape == (0, 0)
    graph = SeasonalGraph(3, Arcs.none(), Arcs([0], [1], [5]), Arcs([1], [2], [6]))
    assert solve(prepare(graph, [], [2]).overlay).seconds.shape == (0, 1)
    assert solve(prepare(graph, [0], []).overlay).by_crossing.shape == (1, 1, 0)
    assert solve(prepare(graph, [0], [2, 0]).overlay).seconds.tolist() == [[11, 0]]
    lone = prepare(SeasonalGraph(2, Arcs([0], [1], [8])), [0, 1], [1])
    assert solve(lone.overlay).seconds.tolist() == [[8], [0]]
    assert solve(lone.overlay).by_crossing.shape == (2, 0, 1)


def test_the_overlay_keeps_countries_apart() -> None:
    case = random_case(3)
    overlay: Overlay = prepare(case.graph, case.origins, case.destinations).overlay
    layout = overlay.layout
    inside = np.zeros((int(layout.row_start[-1]), int(layout.col_start[-1])), bool)
    for block in range(len(layout.row_start) - 1):
        rows = slice(layout.row_start[block], layout.row_start[block + 1])
        inside[rows, layout.col_start[block] : layout.col_start[block + 1]] = True
    assert (layout.matrix[: inside.shape[0], : inside.shape[1]][~inside] == INF).all()
    assert sorted(layout.matrix.ravel()) == sorted(overlay.between.ravel())
