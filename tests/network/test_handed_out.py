"""What a network hands out may be changed; the network and its states stay as they were."""

from __future__ import annotations

from pathlib import Path

import osmnx as ox
import pytest

import amurgeo as ag

FRAMES = ("nodes", "edges", "places", "checkpoints", "crossings", "roads", "railways", "sources")


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_is_a_copy(net: ag.Network, name: str) -> None:
    before = getattr(net, name)
    changed = getattr(net, name)
    changed.iloc[:, 0] = None
    changed["added"] = 1
    assert getattr(net, name).equals(before)
    assert before.index.is_unique
    assert before.index.name == "id" or name in ("nodes", "edges", "places")


def test_tables_are_copies(net: ag.Network) -> None:
    crossings, services = net.tables["crossings"], net.tables["services"]
    crossings["mode"] = "ferry"
    services.loc[:, "max_mass_t"] = 1.0
    assert net.tables["crossings"].at["kani_kurgan:bridge", "mode"] == "bridge"
    state = net.state("2026-02-10").crossings
    assert state.at[("poyarkovo:ice_road", "cargo"), "max_mass_t"] == 30.0
    assert dict(net.tables).keys() == net.base.keys()
    with pytest.raises(TypeError):
        net.tables["crossings"] = net.tables["roads"]  # type: ignore[index]


def test_the_graph_is_a_copy_that_osmnx_saves_and_reads(net: ag.Network, tmp_path: Path) -> None:
    graph = net.graph
    size = len(graph)
    ox.save_graphml(graph, tmp_path / "whole.graphml")
    text = {"osmid": str}
    read = ox.load_graphml(tmp_path / "whole.graphml", node_dtypes=text, edge_dtypes=text)
    assert set(read) == set(graph)
    graph.clear()
    assert len(net.graph) == size
    assert len(net.state("2026-02-10").graph("truck_20t")) > size / 2
