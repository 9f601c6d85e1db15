"""Lines of arcs and legs: drawn ones in the direction of travel, joined where they touch."""

from __future__ import annotations

import pandas as pd
import shapely

import amurgeo as ag
from amurgeo.routing.route import arc_lines, join_lines

WINTER = "2026-02-10"


def test_lines_touch_up_to_a_thousandth_of_a_degree() -> None:
    one = shapely.LineString([(1, 0), (0, 0)])
    for gap, parts in ((0.001, 1), (0.00101, 2)):
        found = join_lines([one, shapely.LineString([(gap, 0), (0, 1)])])
        assert len(getattr(found, "geoms", [found])) == parts


def test_an_arc_has_the_drawn_line_of_its_edge_in_its_direction(net: ag.Network) -> None:
    """The first and the last edge of every table, both ways; a truck to a station drives straight."""
    for table in (net.roads, net.railways, net.crossings):
        for edge in (table.index[0], table.index[-1]):
            ends = table.loc[edge, ["from_place", "to_place"]].tolist()
            drawn = table.geometry.loc[edge]
            arcs = pd.DataFrame({"edge": edge, "tail": ends, "head": ends[::-1]})
            forth, back = arc_lines(net, arcs)
            assert forth.equals_exact(drawn, 0.0)
            assert back.equals_exact(drawn.reverse(), 0.0)
    points = net.nodes.loc[["heihe", "zeya"], ["lon", "lat"]].to_numpy().tolist()
    arcs = pd.DataFrame({"edge": ["none"], "tail": ["heihe"], "head": ["zeya"]})
    assert [list(point) for point in arc_lines(net, arcs)[0].coords] == points


def test_a_rest_has_an_empty_line_and_every_leg_that_of_its_arcs(plain: ag.Network) -> None:
    route = ag.routes(plain, "north", "south", on=WINTER, scenario="truck_20t speed_factor 0.25")[0]
    legs = route.to_gdf()
    assert legs.geometry.is_empty.tolist() == [leg["mode"] == "rest" for leg in route.legs]
    points = plain.nodes[["lon", "lat"]]
    for leg, line in zip(route.legs, legs.geometry, strict=True):
        if leg["mode"] != "rest":
            ends = [list(line.coords[0]), list(line.coords[-1])]
            assert ends == [points.loc[leg["from"]].tolist(), points.loc[leg["to"]].tolist()]
