"""Evidence of a status: what is observed, expected or unknown, how sure it is, and what may be assumed."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.cli import main
from amurgeo.dataset.schema import matches
from amurgeo.seasons.service import counts_as_open
from amurgeo.text import chance_text, translate

#: States of which a page exists: day, crossing, traffic, and whether it was open.
PAGES = (
    ("2024-06-01", "markovo:road", "cargo", False),
    ("2023-10-01", "poltavka:road", "cargo", False),
    ("2023-10-01", "poltavka:road", "passenger", False),
    ("2021-12-20", "zabaikalsk:road", "cargo", False),
    ("2021-12-20", "zabaikalsk:road", "passenger", False),
    ("2021-06-01", "kraskino:road", "passenger", False),
    ("2026-02-20", "pogranichny:road", "cargo", False),
    ("2024-01-01", "kani_kurgan:bridge", "cargo", False),
    ("2024-08-15", "pokrovka:ferry", "cargo", False),
    ("2019-08-15", "nizhneleninskoye:ferry", "cargo", False),
    ("2024-05-05", "nizhneleninskoye:ferry", "cargo", False),
    ("2024-11-06", "pokrovka:ferry", "cargo", True),
    ("2025-12-11", "nizhneleninskoye:pontoon", "cargo", True),
    ("2025-11-20", "nizhneleninskoye:hovercraft", "passenger", True),
    ("2015-04-14", "blagoveshchensk:pontoon", "cargo", True),
    ("2025-10-28", "khabarovsk:ferry", "cargo", True),
    ("2020-05-25", "blagoveshchensk:ferry", "cargo", True),
)
UNKNOWN_DAY = "2020-03-15"


@pytest.fixture(scope="module")
def net() -> ag.Network:
    return ag.load()


@pytest.mark.parametrize(("day", "crossing", "traffic", "was_open"), PAGES)
def test_a_day_with_a_page_is_right_or_unknown(
    net: ag.Network, day: str, crossing: str, traffic: str, was_open: bool
) -> None:
    row = net.state(day).crossings.loc[(crossing, traffic)]
    assert row["status"] == "unknown" or bool(counts_as_open(row["status"])) == was_open


@pytest.fixture(scope="module")
def sampled(net: ag.Network) -> pd.DataFrame:
    days = pd.date_range("2004-01-03", "2027-12-31", freq="11D")
    return ag.states(net, days).to_frame()


def test_nothing_is_certain_without_evidence(net: ag.Network, sampled: pd.DataFrame) -> None:
    known = sampled[sampled["status"] != "unknown"]
    certain = known[known["probability_open"].isin([0.0, 1.0])]
    nonexistent = certain["reason"].isin(["not_yet_open", "retired"])
    assert (certain["evidence"].isin(["observed", "scenario"]) | nonexistent).all()
    # A stop that is not on record is possible on all but the days of an opening.
    opened = certain[(certain["probability_open"] == 1.0) & (certain["evidence"] == "observed")]
    record = net.table("season_record")
    days = set(record.loc[record["event"].isin(["open", "seen_open"]), "date"])
    assert set(opened["date"].dt.strftime("%Y-%m-%d")) <= days
    certainty = net.border.certainty
    for tier, covered in (("expected", True), ("uncovered", False)):
        rows = known[known["evidence"] == tier]
        limit = (
            rows["crossing"]
            .map(net.crossings["mode"])
            .map(lambda mode, covered=covered: certainty.highest(mode, covered=covered))
        )
        assert (rows["probability_open"] <= limit).all()
    texts = set(map(chance_text, known.loc[~known.index.isin(certain.index), "probability_open"]))
    assert not texts & {"0.00", "1.00", "0", "1"}


def test_a_status_has_one_tier_of_evidence(sampled: pd.DataFrame) -> None:
    assert set(sampled["evidence"]) == {"observed", "expected", "uncovered", "unknown"}
    unknown = sampled["status"] == "unknown"
    assert (unknown == (sampled["evidence"] == "unknown")).all()
    assert (unknown == sampled["probability_open"].isna()).all()
    assert (sampled["basis"] == sampled["evidence"].replace("uncovered", "expected")).all()


def test_coverage_ends_half_a_year_after_the_last_row(net: ag.Network) -> None:
    tiers = ag.states(net, "2026-06-01", "2027-06-01").to_frame()
    bridge = tiers[(tiers["crossing"] == "kani_kurgan:bridge") & (tiers["traffic"] == "cargo")]
    covered = bridge.set_index("date")["evidence"].ne("uncovered")
    assert covered.iloc[0]
    assert not covered.iloc[-1]
    assert covered.is_monotonic_decreasing


def _gap(net: ag.Network, **values: Any) -> ag.Network:
    row = {
        "id": "test",
        "crossings": "pogranichny",
        "modes": "!rail",
        "traffic": "cargo",
        "first": "2026-07-01",
        "until": "2026-07-31",
        "ends_with": "until",
        "source": "estimate",
        "confidence": "estimated",
        "note": "Made for a test",
    }
    return net.with_rows({"record_gaps": [row | values]})


def test_a_gap_makes_its_days_unknown(net: ag.Network) -> None:
    gap = ag.states(_gap(net), "2026-06-30", "2026-08-01").to_frame()
    unknown = gap[gap["status"] == "unknown"]
    assert set(unknown["crossing"] + unknown["traffic"]) == {"pogranichny:roadcargo"}
    assert unknown["date"].agg(["min", "max"]).dt.strftime("%m-%d").tolist() == ["07-01", "07-31"]
    assert unknown["probability_open"].isna().all()


@pytest.mark.parametrize(
    ("pattern", "names", "fits"),
    [
        ("*", ("road",), True),
        ("!rail", ("road",), True),
        ("!rail|road", ("road",), False),
        ("a|b:road", ("b:road", "b"), True),
        ("a", ("b:road", "b"), False),
    ],
)
def test_patterns(pattern: str, names: tuple[str, ...], fits: bool) -> None:
    assert matches(pattern, *names) is fits


def test_unknown_is_used_only_if_assumed_open(net: ag.Network) -> None:
    ends = {"on": UNKNOWN_DAY, "vehicle": "truck_20t"}
    found = {
        assume: ag.routes(net, "Vladivostok", "Harbin", assume=assume, **ends)
        for assume in (None, "open", "closed")
    }
    assert found[None].unknown
    used = {assume: {id_ for route in routes for id_ in route.crossings} for assume, routes in found.items()}
    assert not used[None] & set(found[None].unknown)
    assert used["open"] & set(found[None].unknown)
    assert used["closed"] == used[None]
    assert not found["open"].unknown
    assert not found["closed"].unknown
    assumed = found["open"].state.crossings.loc[("pogranichny:road", "cargo")]
    assert (assumed["status"], assumed["evidence"]) == ("open", "unknown")
    assert np.isnan(assumed["probability_open"])


@pytest.mark.slow
def test_every_question_counts_unknown_as_closed_and_takes_an_assumption(net: ag.Network) -> None:
    ends = {"origins": ["Vladivostok"], "destinations": ["Harbin"]}
    week = {"start": UNKNOWN_DAY, "end": "2020-03-17"}
    shut = ag.Scenario("shut", changes=[ag.close("zabaikalsk:road")])
    questions = {
        "od_matrix": lambda assume: ag.od_matrix(net, *ends.values(), on=UNKNOWN_DAY, assume=assume),
        "daily": lambda assume: ag.daily(net, *ends.values(), **week, assume=assume),
        "sweep": lambda assume: ag.sweep(net, ["baseline"], [UNKNOWN_DAY], **ends, assume=assume),
        "redundancy": lambda assume: ag.redundancy(net, 2020, **ends, assume=assume),
        "exits": lambda assume: ag.exits(net, "Blagoveshchensk", on=UNKNOWN_DAY, assume=assume),
        "calendar": lambda assume: ag.calendar(net, 2020, assume=assume),
        "compare": lambda assume: ag.compare(net, ["baseline", shut], on=UNKNOWN_DAY, **ends, assume=assume),
    }
    for name, ask in questions.items():
        unknown, assumed = ask(None), ask("open")
        assert unknown.unknown, name
        assert not assumed.unknown, name
        assert not unknown.to_frame().equals(assumed.to_frame()), name


@pytest.mark.parametrize(
    ("assume", "on", "scenario"),
    [("open", "2026-02-10", None), ("closed", None, "frozen"), ("ajar", UNKNOWN_DAY, None)],
)
def test_an_assumption_without_effect_is_refused(
    net: ag.Network, assume: str, on: str | None, scenario: str | None
) -> None:
    with pytest.raises(ag.InputError, match="assume"):
        net.state(on, scenario=scenario, assume=assume)


def test_a_moved_day_is_a_scenario_and_has_a_spread(net: ag.Network) -> None:
    days = ("2023-12-01", "2024-04-30")
    crossing = ("poyarkovo:ice_road", "cargo")
    observed, moved = (
        ag.states(net, *days, scenario=scenario).to_frame().set_index(["crossing", "traffic"]).loc[crossing]
        for scenario in (None, "poyarkovo:ice_road delay_days 10")
    )
    assert "observed" in set(observed["evidence"])
    # Stops on record are not moved.
    assert set(moved.loc[moved["status"] != "closed", "evidence"]) == {"scenario"}
    assert moved["probability_open"].between(0.1, 0.9).sum() >= 5


def test_unknown_in_json_and_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["state", "--on", UNKNOWN_DAY, "--format", "json"])
    out, err = capsys.readouterr()
    rows = {(row["crossing"], row["traffic"]): row for row in json.loads(out)}
    row = rows["kraskino:road", "passenger"]
    assert (row["status"], row["probability_open"], row["evidence"]) == ("unknown", None, "unknown")
    assert "kraskino:road" in err or "…" in err
    for lang in ("en", "ru", "zh"):
        assert translate("status.unknown", lang)
        assert chance_text(0.99999) == "> 0.99"


def test_the_next_change_of_an_unknown_service_is_unknown(net: ag.Network) -> None:
    row = ag.next_changes(net, UNKNOWN_DAY).loc[("pogranichny:road", "cargo")]
    assert (row["status"], row["evidence"]) == ("unknown", "unknown")
    assert row[["change", "p10", "p50", "p90", "last_safe_day"]].isna().all()
