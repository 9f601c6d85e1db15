"""Time, cost and distance along a route, its indicators, and their figures."""

from __future__ import annotations

from pathlib import Path

import pytest

import amurgeo as ag
from amurgeo.maps import style


@pytest.fixture(scope="module")
def asked(net: ag.Network) -> list[ag.Routes]:
    questions = (
        ("Svobodny", "Harbin", "truck_40t"),
        ("Blagoveshchensk", "Harbin", "train"),
        ("Zeya", "Tynda", "car"),
    )
    return [ag.routes(net, *ends, vehicle=by, on="2027-01-20", k=3) for *ends, by in questions]


@pytest.mark.slow
def test_a_profile_ends_with_the_sums_of_its_route(asked: list[ag.Routes]) -> None:
    for found in asked:
        for route, row in zip(found, found.records(), strict=True):
            profile = route.profile()
            last = profile.iloc[-1]
            assert last["hours"] == pytest.approx(route.seconds / 3600.0)
            assert last["length_km"] == pytest.approx(route.length_km)
            assert last["cost_complete"] == (row["cost_rub"] is not None)
            assert round(last["cost"]) == (row["cost_rub"] or row["cost_at_least"] or 0)
            assert profile["hours"].is_monotonic_increasing
            assert profile["cost"].is_monotonic_increasing
            parts = profile.groupby("part")["stretch_h"].sum()
            for part, name in (("rest", "rest_h"), ("waiting", "wait_h"), ("border", "border_h")):
                assert parts.get(part, 0.0) == pytest.approx(row[name], abs=1e-3)


@pytest.mark.slow
def test_indicators_are_ratios_of_the_sums(asked: list[ag.Routes]) -> None:
    for found in asked:
        for route, row in zip(found, found.records(), strict=True):
            table = route.indicators().set_index("indicator")
            assert (table["n"] == 0).all()
            assert set(table["basis"]) == {"model"}
            assert table["definition"].str.len().min() > 10
            assert row["indicators"][-1]["indicator"] == "CO2E"
            with_delay, without = table.loc["TFI4_SWD"], table.loc["TFI4_SWOD"]
            assert with_delay["value"] == pytest.approx(route.length_km / route.hours["mid"], abs=1e-3)
            assert with_delay["low"] == pytest.approx(route.length_km / route.hours["high"], abs=1e-3)
            assert with_delay["value"] <= without["value"]
            if len(route.crossings) == 1:
                clearing = table.loc["TFI1"]
                assert clearing["crossing"] == route.crossings[0]
                assert clearing["value"] == pytest.approx(row["border_h"] + row["wait_h"], abs=1e-3)
                assert clearing["low"] <= clearing["value"] <= clearing["high"]


@pytest.mark.slow
def test_figures_have_the_text_that_stands_for_them(asked: list[ag.Routes], tmp_path: Path) -> None:
    figure = ag.figures.tcd_figure(asked[0], lang="ru", path=tmp_path / "t.svg")
    text = (tmp_path / "t.svg").read_text(encoding="utf-8")
    assert "Кани-Курган, мост" in text
    again = tmp_path / "again.svg"
    ag.figures.tcd_figure(asked[0], lang="ru", path=again)
    assert again.read_bytes() == (tmp_path / "t.svg").read_bytes()
    lines = [line for line in figure.axes[0].get_lines() if line.get_xdata()[0] == 0.0]
    ends = sorted(float(line.get_ydata()[-1]) for line in lines if line.get_ydata()[0] == 0.0)
    assert ends == pytest.approx(sorted(route.seconds / 3600.0 for route in asked[0]))
    assert len({dashes for _, dashes in style.ROUTES}) == len(style.ROUTES), "told apart in grey print"
    same = asked[0].state.net
    with pytest.raises(ag.InputError, match="at least one to draw"):
        ag.figures.routes_figure(ag.routes(same, "Zeya", "Zeya", on="2027-01-20"))
