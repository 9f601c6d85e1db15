"""Dependence by region and year: equal to that of a town, ordered by scenario, priced by class of load."""

from __future__ import annotations

from pathlib import Path

import pytest

import amurgeo as ag


@pytest.fixture(scope="module")
def found(net: ag.Network) -> ag.Dependence:
    """Three years, with and without the bridge."""
    return ag.dependence(net, ["baseline", "no_bridge"], first=2021, last=2023)


@pytest.mark.slow
def test_the_indices_are_those_of_the_exits_of_a_town(net: ag.Network, found: ag.Dependence) -> None:
    for year in (2021, 2023):
        town = ag.exits(net, "Blagoveshchensk", on=f"{year}-07-15").dependence
        rows = found.frame.query("scenario == 'baseline' and region == 'amur_oblast' and year == @year")
        for name in ("share", "hhi", "days_cut"):
            row = rows[[name, f"{name}_low", f"{name}_high"]].iloc[0].tolist()
            assert row == [town[name][end] for end in ("value", "low", "high")]


def test_a_checkpoint_is_one_way_out_and_counts_only_what_takes_the_vehicle(net: ag.Network) -> None:
    """In 2010 a heavy truck had the ferry, a light one the ice roads as well."""
    world = {"scenario": "paper_2010", "on": "2010-07-15"}
    days = ag.calendar(net, 2010, scenario="paper_2010").query("traffic == 'cargo' and status == 'open'")
    place = days["crossing"].str.partition(":")[0]
    own = place.isin(net.checkpoints.index[net.checkpoints["region"] == "amur_oblast"])
    by_place = days[own].groupby(place)["date"].nunique()
    light = ag.exits(net, "Blagoveshchensk", vehicle="truck_20t", **world).dependence
    assert light["hhi"]["value"] == pytest.approx((by_place**2).sum() / by_place.sum() ** 2, abs=5e-4)
    assert light["days_cut"]["value"] == 365 - days[own]["date"].nunique()
    heavy = ag.exits(net, "Blagoveshchensk", vehicle="truck_40t", **world).dependence
    assert [heavy["hhi"][end] for end in ("value", "low", "high")] == [1.0, 1.0, 1.0]
    assert heavy["days_cut"]["low"] > light["days_cut"]["high"]


@pytest.mark.slow
def test_closing_a_crossing_never_shortens_the_days_cut(found: ag.Dependence) -> None:
    keys = ["region", "year"]
    base, shut = (
        found.frame[found.frame["scenario"] == name].set_index(keys) for name in ("baseline", "no_bridge")
    )
    for name in ("days_cut", "days_cut_low", "days_cut_high"):
        assert (shut[name] >= base[name]).all()
    assert (shut["exits"] <= base["exits"]).all()
    assert shut.loc[("amur_oblast", 2023), "days_cut"] > base.loc[("amur_oblast", 2023), "days_cut"] + 50
    assert (found.frame["days_cut_low"] <= found.frame["days_cut"]).all()
    assert (found.frame["days_cut"] <= found.frame["days_cut_high"]).all()


@pytest.mark.slow
def test_the_hours_of_a_detour_are_worth_the_weight_of_the_load(
    net: ag.Network, found: ag.Dependence
) -> None:
    measures = ag.exits(net, "Blagoveshchensk", on="2023-07-15").dependence
    demand = net.table("demand")
    for row in found.avoided.to_dict("records"):
        own = demand[demand["class"] == row["class"]]
        weight = (own["wait_weight"] * own["share"]).sum() / own["share"].sum()
        assert row["time"] == pytest.approx(measures["detour_h"]["value"] * weight * 2000.0)
        assert row["time_high"] == pytest.approx(measures["detour_h"]["high"] * weight * 3000.0)
        assert row["cost_rub"] == pytest.approx(row["time"] + measures["detour_rub"]["low"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "text"), [("en", "without an exit"), ("ru", "без выхода"), ("zh", "无跨境通道")]
)
def test_years_in_words_and_in_a_figure(found: ag.Dependence, lang: str, text: str, tmp_path: Path) -> None:
    sentences = found.sentences(lang)
    assert len(sentences) == 2
    assert all(text in sentence for sentence in sentences)
    figure = found.figure(lang=lang, path=tmp_path / "d.svg")
    assert [len(axes.get_lines()) for axes in figure.axes] == [2, 2]


def test_one_year_is_said_once(net: ag.Network) -> None:
    (sentence,) = ag.dependence(net, first=2026).sentences()
    assert sentence.count("2026") == 1
    assert "without an exit over the border in 2026: 6; " in sentence


def test_years_and_scenarios_are_checked(net: ag.Network) -> None:
    for given in (
        {"first": 2026, "last": 2025},
        {"scenarios": []},
        {"scenarios": "frozen"},
        {"vehicle": "ox"},
    ):
        with pytest.raises(ag.InputError, match=r"invalid|unknown|regime"):
            ag.dependence(net, **given)
