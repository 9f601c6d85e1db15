"""The status on a date: record, windows, the two gaps, holidays, mass limits."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amurgeo as ag
from amurgeo.network import Network
from amurgeo.seasons.service import closed_reason
from amurgeo.seasons.state import COLUMNS, State

REASONS = {
    "unknown",
    "in_season",
    "all_year",
    "out_of_season",
    "ice_forming",
    "ice_too_thin",
    "ice_drift",
    "high_water",
    "low_water",
    "day_off",
    "weather",
    "holiday",
    "suspended",
    "not_yet_open",
    "retired",
    "scenario",
    "vehicle_not_admitted",
}


def _row(
    net: Network, on: str, crossing: str, traffic: str, scenario: str | None = None
) -> dict[str, object]:
    state = net.state(None if on == "" else on, scenario=scenario)
    return next(row for row in state.records() if (row["crossing"], row["traffic"]) == (crossing, traffic))


def _own_cargo(net: Network, on: str) -> set[str]:
    state = net.state(on)
    own = (
        net.tables["checkpoints"]["region"].reindex(state.crossings["checkpoint"]).to_numpy() == "amur_oblast"
    )
    rows = state.crossings[own & (state.crossings["status"] != "closed").to_numpy()]
    return {crossing for crossing, traffic in rows.index if traffic == "cargo"}


def test_winter_day_of_2026(net: Network) -> None:
    for crossing in ("kani_kurgan:bridge", "blagoveshchensk:pontoon", "poyarkovo:ice_road"):
        row = _row(net, "2026-02-10", crossing, "cargo")
        assert row["status"] in ("open", "limited"), crossing
        assert row["reason"] == ("all_year" if crossing.endswith("bridge") else "in_season")
        assert row["sources"]
    for crossing in ("blagoveshchensk:ferry", "blagoveshchensk:hovercraft"):
        row = _row(net, "2026-02-10", crossing, "passenger")
        assert (row["status"], row["reason"]) == ("closed", "out_of_season"), crossing
        assert row["sources"]


def test_pontoon_is_limited_because_its_traffic_alternates(net: Network) -> None:
    assert _row(net, "2026-02-10", "blagoveshchensk:pontoon", "cargo")["status"] == "limited"


def test_recorded_opening_is_observed_from_its_day_on(net: Network) -> None:
    before = _row(net, "2024-01-24", "poyarkovo:ice_road", "cargo")
    after = _row(net, "2024-01-25", "poyarkovo:ice_road", "cargo")
    assert (before["status"], before["basis"], before["probability_open"]) == ("closed", "observed", 0.0)
    assert (after["status"], after["basis"], after["probability_open"]) == ("open", "observed", 1.0)
    assert "2024-01-25" in str(before["because"])
    assert before["reason"] == "ice_too_thin"


def test_an_open_day_is_explained_by_the_season_that_covers_it(net: Network) -> None:
    for day, crossing in (
        ("2027-02-25", "poyarkovo:ice_road"),
        ("2026-07-15", "poyarkovo:ferry"),
        ("2027-01-20", "amurzet:pontoon"),
    ):
        row = _row(net, day, crossing, "cargo")
        assert row["status"] != "closed"
        first, last = re.findall(r"\d{4}-\d\d-\d\d", str(row["because"]))
        assert first <= day < last


def test_spring_festival_stop_of_2024(net: Network) -> None:
    for crossing in ("kani_kurgan:bridge", "blagoveshchensk:pontoon", "poyarkovo:ice_road"):
        for day, status in (("2024-02-09", "limited"), ("2024-02-10", "closed"), ("2024-02-13", "closed")):
            assert _row(net, day, crossing, "cargo")["status"] == status, (crossing, day)
        assert _row(net, "2024-02-11", crossing, "cargo")["reason"] == "holiday"
        assert _row(net, "2024-02-14", crossing, "cargo")["status"] != "closed"


def test_no_cargo_crosses_in_either_gap_before_the_bridge(net: Network) -> None:
    assert _own_cargo(net, "2018-11-10") == set()
    assert _own_cargo(net, "2018-04-20") == set()


def test_only_the_bridge_carries_cargo_in_the_gap(net: Network) -> None:
    assert _own_cargo(net, "2024-11-20") == {"kani_kurgan:bridge"}


def test_hovercraft_carries_passengers_in_both_gaps(net: Network) -> None:
    for day in ("2024-11-20", "2025-04-20"):
        assert _row(net, day, "blagoveshchensk:hovercraft", "passenger")["status"] == "open"


def test_stops_by_high_and_low_water_and_power_failures(net: Network) -> None:
    assert _row(net, "2017-07-10", "blagoveshchensk:ferry", "cargo")["reason"] == "low_water"
    assert _row(net, "2017-07-10", "blagoveshchensk:ferry", "passenger")["status"] == "open"
    assert _row(net, "2017-09-02", "blagoveshchensk:ferry", "cargo")["reason"] == "high_water"
    # The day of the restart is not on record.
    assert _row(net, "2017-09-03", "blagoveshchensk:ferry", "cargo")["status"] == "unknown"
    assert _row(net, "2017-09-25", "blagoveshchensk:ferry", "cargo")["status"] == "open"
    assert _row(net, "2025-05-08", "kani_kurgan:bridge", "cargo")["status"] == "closed"


def test_crossings_are_closed_before_they_exist_and_after_they_retire(net: Network) -> None:
    assert _row(net, "2022-06-09", "kani_kurgan:bridge", "cargo")["reason"] == "not_yet_open"
    assert _row(net, "2022-06-10", "kani_kurgan:bridge", "cargo")["status"] == "open"
    assert _row(net, "2024-12-09", "kani_kurgan:bridge", "passenger")["reason"] == "not_yet_open"
    assert (
        _row(net, "2026-11-20", "blagoveshchensk_cableway:cableway", "passenger")["reason"] == "not_yet_open"
    )
    assert _row(net, "2013-01-20", "blagoveshchensk:ice_road", "cargo")["reason"] == "retired"


def test_every_checkpoint_has_a_crossing_and_every_service_a_row(net: Network) -> None:
    state = net.state("2010-02-01", scenario="paper_2010")
    assert list(state.crossings.index) == list(net.tables["services"].index)
    assert set(state.crossings["checkpoint"]) == set(net.tables["checkpoints"].index)
    assert tuple(state.crossings.columns) == COLUMNS


def test_paper_2010_counts_seven_checkpoints_of_which_four_river_ones_work(net: Network) -> None:
    checkpoints = net.tables["checkpoints"]
    paper = checkpoints[checkpoints["paper_role"] != ""]
    assert len(paper) == 7
    assert (paper["paper_role"] == "road").sum() == 1
    assert paper.loc[paper["paper_role"] == "river", "paper_working"].sum() == 4
    assert paper["paper_confidence"].between(0.5, 1.0).all()
    assert _row(net, "2010-02-01", "kani_kurgan:bridge", "cargo", "paper_2010")["reason"] == "not_yet_open"
    assert _row(net, "2010-02-01", "blagoveshchensk:ice_road", "cargo", "paper_2010")["status"] == "open"
    assert (
        _row(net, "2010-02-01", "blagoveshchensk:pontoon", "cargo", "paper_2010")["reason"] == "not_yet_open"
    )


REGIMES = {
    "frozen": ("bridge pontoon poyarkovo:ice_road", "bridge pontoon"),
    "open": ("bridge ferry poyarkovo:ferry", "bridge ferry"),
    "freeze_up": ("bridge", "bridge hovercraft"),
    "break_up": ("bridge", "bridge hovercraft"),
    "freeze_up+no_bridge": ("", "hovercraft"),
    "paper_2010+freeze_up": ("", "hovercraft"),
    "paper_2010+frozen": ("ice_road poyarkovo:ice_road", "ice_road poyarkovo:ice_road"),
}


def test_regimes_open_the_crossings_of_their_windows(net: Network) -> None:
    for scenario, names in REGIMES.items():
        state = net.state(scenario=scenario)
        own = (
            net.tables["checkpoints"]["region"].reindex(state.crossings["checkpoint"]).to_numpy()
            == "amur_oblast"
        )
        rows = state.crossings[own & (state.crossings["status"] != "closed").to_numpy()]
        for traffic, expected in zip(("cargo", "passenger"), names, strict=True):
            crossings = {
                crossing.removeprefix("blagoveshchensk:").removeprefix("kani_kurgan:")
                for crossing, kind in rows.index
                if kind == traffic
            }
            assert crossings == set(expected.split()), (scenario, traffic)


def test_a_regime_has_a_date_of_its_own() -> None:
    net = ag.load()
    assert net.state(scenario="frozen").on == date(2026, 2, 10)
    with pytest.raises(ag.InputError, match="date of its own, 02-10"):
        net.state("2026-03-01", scenario="frozen")
    with pytest.raises(ag.InputError, match="pass on="):
        net.state()


def test_vehicles_are_limited_by_mass_and_by_admission(net: Network) -> None:
    state = net.state("2026-02-10")
    light, heavy = state.admitted("truck_20t"), state.admitted("truck_40t")
    assert light.at["poyarkovo:ice_road", "usable"]
    assert not heavy.at["poyarkovo:ice_road", "usable"]
    assert heavy.at["poyarkovo:ice_road", "reason"] == "vehicle_not_admitted"
    assert heavy.at["blagoveshchensk:pontoon", "usable"]
    assert not state.admitted("car").at["kani_kurgan:bridge", "usable"]
    assert state.admitted("bus").at["kani_kurgan:bridge", "usable"]
    closed = {item["crossing"]: item for item in state.closed_for("truck_40t")}
    assert "30 t" in closed["poyarkovo:ice_road"]["because"]
    assert closed["poyarkovo:ice_road"]["expected_open"] is None
    assert closed["blagoveshchensk:ferry"]["expected_open"].startswith("2026-05")


def test_explanations_in_three_languages(net: Network) -> None:
    state = net.state("2026-02-10")
    texts = [state.because(lang) for lang in ("en", "ru", "zh")]
    for translations in zip(*texts, strict=True):
        assert len(set(translations)) == 3
    with pytest.raises(ag.InputError, match="language"):
        state.because("de")


@pytest.mark.parametrize(
    ("scenario", "crossing", "text"),
    [
        (
            "kani_kurgan:bridge close 2027-02-10..2027-02-19",
            "kani_kurgan:bridge",
            "по сценарию: Кани-Курган, мост: закрыто 10.02.2027 – 19.02.2027",
        ),
        (
            ag.Scenario(
                "mine",
                title="Временная",
                changes=[
                    ag.add_crossing(
                        "konstantinovka",
                        "ice_road",
                        length_km=1.5,
                        travel_min=10,
                        admits=["truck_20t"],
                        first="2027-01-15",
                        last="2027-03-10",
                    )
                ],
            ),
            "konstantinovka:ice_road",
            "сценарий «Временная»: Константиновка, ледовая переправа: добавлено 15.01.2027 – 10.03.2027",
        ),
    ],
)
def test_changes_of_a_scenario_are_explained_in_words(
    net: Network, scenario: ag.Scenario | str, crossing: str, text: str
) -> None:
    assert net.state("2027-02-12", scenario=scenario).because("ru")[crossing, "cargo"] == text


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(st.dates(date(2004, 1, 1), date(2035, 12, 31)))
def test_status_agrees_with_the_probability_on_every_day(on: date) -> None:
    net = _NET
    frame = net.state(on).crossings
    assert set(frame["reason"]) <= REASONS
    known = frame["status"] != "unknown"
    assert (known == (frame["evidence"] != "unknown")).all()
    assert (known == frame["probability_open"].notna()).all()
    chance = frame.loc[known, "probability_open"].to_numpy(dtype=float)
    assert ((chance >= 0) & (chance <= 1)).all()
    assert ((frame.loc[known, "status"] != "closed") == (chance >= 0.5)).all()
    observed = (frame.loc[known, "evidence"] == "observed").to_numpy()
    # Between an opening and a closing on record a stop is possible that no row shows.
    assert np.isin(chance[observed], (0.0, net.border.certainty.covered, 1.0)).all()
    ferry = frame.loc[("blagoveshchensk:ferry", "cargo"), "probability_open"]
    pontoon = frame.loc[("blagoveshchensk:pontoon", "cargo"), "probability_open"]
    assert not (ferry > 0.99 and pontoon > 0.99)


_NET: Network = ag.load()


def test_usual_reasons_for_a_closed_crossing() -> None:
    days = np.array(["2026-11-10", "2026-02-10", "2026-04-20"], dtype="datetime64[D]")
    for mode, reasons in (
        ("ferry", ["ice_forming", "out_of_season", "ice_drift"]),
        ("pontoon", ["ice_forming", "ice_forming", "ice_drift"]),
        ("ice_road", ["ice_forming", "ice_too_thin", "ice_drift"]),
    ):
        assert closed_reason(mode, days, _NET.border.closed_reasons).tolist() == reasons


def test_a_usual_reason_holds_on_its_first_and_its_last_day() -> None:
    usual = _NET.border.closed_reasons
    for mode, spans in usual.items():
        for reason, span in spans:
            days = np.array([f"2028-{day}" for day in span.split("..")], dtype="datetime64[D]")
            assert closed_reason(mode, days, usual).tolist() == [reason, reason]


def test_repr_of_a_state(net: Network) -> None:
    assert isinstance(net.state("2026-02-10"), State)
    assert "2026-02-10, baseline" in repr(net.state("2026-02-10"))


def test_a_service_without_vehicles_stays_open_and_admits_none(net: Network) -> None:
    day, crossing = "2016-07-15", "poyarkovo:ferry"
    last = net.base["services"]["vehicles_until"].loc[crossing, "cargo"]
    before = net.state(day).admitted("truck_20t").loc[crossing]
    assert (before["usable"], before["reason"]) == (True, "in_season")
    for later in (net.state("2026-07-15"), net.state(scenario="open")):
        after = later.admitted("truck_20t").loc[crossing]
        assert (after["usable"], after["reason"]) == (False, "vehicle_not_admitted")
        assert later.crossings.loc[(crossing, "cargo"), "status"] == "open"
    # The world of a year has the vehicles of that year.
    assert net.state("2026-07-15", scenario="paper_2010").admitted("truck_20t").at[crossing, "usable"]
    assert last.year == 2017


@pytest.mark.slow
def test_a_world_has_the_holidays_of_its_days_and_a_regime_has_none(net: Network) -> None:
    stops = {}
    for scenario in (None, "paper_2010"):
        days = ag.calendar(net, 2026, scenario=scenario)
        closed = days[(days["reason"] == "holiday") & (days["date"].dt.month == 2)]
        stops[scenario] = closed.groupby("crossing")["date"].agg(["min", "max"])
    both = stops[None].index.intersection(stops["paper_2010"].index)
    assert {"poyarkovo:ice_road", "pogranichny:road"} <= set(both)
    assert stops[None].loc[both].equals(stops["paper_2010"].loc[both])
    for regime in ("frozen", "paper_2010+frozen"):
        assert "holiday" not in set(net.state(scenario=regime).crossings["reason"])


@pytest.mark.parametrize("on", ["2026-02-17", "2026-07-15", "2026-11-28"])
def test_what_a_vehicle_can_never_use_is_told_before_any_other_reason(net: Network, on: str) -> None:
    """On a holiday, out of season and within it; only a service that does not exist has another reason."""
    never = {"vehicle_not_admitted", "retired", "not_yet_open"}
    for vehicle, row in net.base["vehicles"].iterrows():
        state = ag.state(net, on)
        admitted, limits = (
            state.admitted(str(vehicle)),
            state.crossings["max_mass_t"].xs(row["traffic"], level="traffic"),
        )
        is_never = ~admitted["admits"].to_numpy(dtype=bool) | (limits < row["mass_t"]).to_numpy()
        assert set(admitted["reason"][is_never]) <= never
        assert "vehicle_not_admitted" not in set(admitted["reason"][~is_never])


@pytest.mark.parametrize(
    ("until", "resumed", "last"),
    [("2026-11-10", None, "10"), ("2026-11-10", "2026-11-05", "04"), ("2026-11-03", "2026-11-06", "03"),
     (None, "2026-11-06", "05")],
)  # fmt: skip
def test_a_stop_lasts_until_its_end_or_the_day_before_work_is_resumed(
    net: Network, until: str | None, resumed: str | None, last: str
) -> None:
    record = net.base["season_record"]
    usual = record[record["event"] == "suspend"].iloc[0].to_dict()
    usual |= {"crossing": "kani_kurgan:bridge", "checkpoint": "kani_kurgan", "mode": "bridge"}
    usual |= {"traffic": "cargo", "precision": "day", "reason": "weather"}
    rows = [usual | {"id": "stop", "event": "suspend", "date": "2026-11-01", "until": until}]
    if resumed is not None:
        rows.append(usual | {"id": "again", "event": "resume", "date": resumed, "until": None})
    days = ag.states(net.with_rows({"season_record": rows}), "2026-10-31", "2026-11-12").to_frame()
    own = days[(days["crossing"] == "kani_kurgan:bridge") & (days["traffic"] == "cargo")]
    closed = own["date"][own["reason"] == "weather"].dt.strftime("%d").tolist()
    assert closed == [f"{day:02d}" for day in range(1, int(last) + 1)]


def test_an_expected_day_is_never_surer_than_its_evidence(net: Network) -> None:
    for on, evidence in (("2026-07-15", "expected"), ("2035-07-15", "uncovered")):
        rows = net.state(on).crossings
        rows = rows[(rows["status"] != "closed") & (rows["evidence"] == evidence)]
        highest = [
            net.border.certainty.highest(mode, covered=evidence == "expected") for mode in rows["mode"]
        ]
        assert (rows["probability_open"] <= np.array(highest) + 1e-12).all()
        assert np.isclose(rows["probability_open"], highest).any()
