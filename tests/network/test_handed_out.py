"""Returned frames and graphs are copies: the network and its states do not change."""

from __future__ import annotations

import pytest

import amurgeo as ag

FRAMES = ("nodes", "edges", "places", "checkpoints", "crossings", "roads", "railways", "sources")


def test_frames_are_copies(net: ag.Network) -> None:
    for name in FRAMES:
        before, changed = getattr(net, name), getattr(net, name)
        changed.iloc[:, 0] = None
        changed["added"] = 1
        changed.index.name = "renamed"
        assert getattr(net, name).equals(before), name
        assert before.index.is_unique, name
        assert getattr(net, name).index.name in (before.index.name, "id"), name


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


def test_the_graph_is_a_copy(net: ag.Network) -> None:
    graph = net.graph
    size = len(graph)
    graph.clear()
    assert len(net.graph) == size
