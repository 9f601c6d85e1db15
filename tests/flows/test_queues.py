"""Queues and capacity of the shipped network: equality with routes, tables and arguments, words."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.flows.demand import Draw, triangular
from amurgeo.flows.model import Run
from amurgeo.flows.queues import _Answer, _put, queues_after
from amurgeo.scenario import as_scenario
from amurgeo.text import LANGUAGES

BRIDGE, AWAY = "kani_kurgan:bridge", "poltavka:road"
SHUT = f"{BRIDGE} close 2026-11-10..2026-11-19"
WEEK = {"start": "2026-11-08", "end": "2026-11-12"}


@pytest.fixture(scope="module")
def shut(net: ag.Network) -> ag.Queues:
    return ag.queues(net, ["baseline", SHUT], start="2026-11-05", end="2026-12-05")


def test_frames_conserve_trucks_and_have_no_gaps(shut: ag.Queues) -> None:
    days = shut.days.set_index(["scenario", "crossing", "date"])
    before = days.groupby(level=[0, 1])["queue"].shift(fill_value=0.0)
    assert (before + days.joined - days.passed - days.left - days.queue).abs().max() <= 1e-6
    assert (days.capacity - days.passed - days.unused).abs().max() <= 1e-6
    assert len(days) == 2 * 31 * days.index.get_level_values("crossing").nunique()
    assert days.index.is_unique
    assert set(days.basis) <= {"derived", "estimate"}
    # The table of trucks has those that join, without those who wait already on the first day.
    first = days.xs(pd.Timestamp("2026-11-05"), level="date")
    waited = first["queue"] + first["passed"] - first["joined"] + first["queue"] * 0
    joined = days["joined"].groupby("scenario").sum()
    assert (shut.trucks.groupby("scenario")["trucks"].sum() <= joined + 1e-6).all()
    assert (waited.abs() < 1e-6).all()


def test_a_stop_in_november(shut: ag.Queues) -> None:
    """Measured with a prototype: 1700 trucks, 74 % wait, gone on 26 November."""
    row = shut.summary.set_index(["scenario", "crossing"]).loc[(SHUT, BRIDGE)]
    assert 1600 < row.queue_max < 1900
    assert (row.on, row.gone) == (pd.Timestamp("2026-11-19"), pd.Timestamp("2026-11-26"))
    assert 8 < row.wait_max_h / 24 < 10
    stay = shut.streams[
        (shut.streams.scenario == SHUT) & shut.streams.date.between("2026-11-10", "2026-11-19")
    ]
    assert 0.6 < stay[stay.crossing == BRIDGE].trucks.sum() / stay.trucks.sum() < 0.9
    grain, machine = (shut.classes().loc[(SHUT, name)] for name in ("grain", "machine"))
    assert machine["round"] > 0.1 > grain["round"]
    assert shut.summary[shut.summary.crossing == BRIDGE].iloc[0].queue_max == 0.0


def test_summary_backlog_and_streams_are_sums_of_the_days_and_trucks(shut: ag.Queues) -> None:
    assert (shut.days.on_road - 0.16 * shut.days.queue).abs().max() < 1e-9
    moved = shut.trucks[shut.trucks.crossing != shut.trucks.usual]
    for row in shut.summary.itertuples():
        days = shut.days[(shut.days.scenario == row.scenario) & (shut.days.crossing == row.crossing)]
        assert row.queue_max == days.queue.max()
        on, gone = None, None
        if row.queue_max > 1:
            peak = days.date[days.queue.idxmax()]
            later = days.date[(days.date > peak) & (days.queue <= 1)]
            on, gone = peak, next(iter(later), None)
        assert [None if pd.isna(day) else day for day in (row.on, row.gone)] == [on, gone]
        assert row.wait_max_h == pytest.approx(days.wait_h[days.joined > 1e-9].max() if row.queue_max else 0)
        hours = (days.wait_h.fillna(0) * days.joined).sum()
        assert row.wait_mean_h * days.joined.sum() == pytest.approx(hours, abs=1e-6)
        away = moved[(moved.scenario == row.scenario) & (moved.usual == row.crossing)]
        assert row.diverted == pytest.approx(away.trucks.sum(), abs=1e-6)
    home = shut.days[shut.days.crossing.isin(["kani_kurgan:bridge"])]
    queue = home.groupby(["scenario", "date"], sort=False).queue.sum()
    assert shut.backlog.set_index(["scenario", "date"]).queue.equals(queue)
    own = shut.trucks[shut.trucks.usual == BRIDGE].groupby(["scenario", "crossing"]).trucks.sum()
    joined = shut.streams[shut.streams.usual == BRIDGE].groupby(["scenario", "crossing"]).trucks.sum()
    pd.testing.assert_series_equal(own, joined)
    usual = shut.trucks[shut.trucks.crossing == shut.trucks.usual]
    assert (usual[["detour_h", "detour_km"]].abs() < 1e-9).all(axis=None)
    assert (moved.detour_km.abs() > 1).all()
    long = shut.streams[(shut.streams.usual == BRIDGE) & (shut.streams.wait_h >= 12)]
    assert shut.trucks[shut.trucks.usual == BRIDGE].waiting.sum() == pytest.approx(long.trucks.sum())


def test_a_closed_crossing_has_the_hours_until_it_opens(shut: ag.Queues) -> None:
    days = shut.days[(shut.days.scenario == SHUT) & (shut.days.crossing == BRIDGE)].set_index("date")
    shut_days = days.loc["2026-11-11":"2026-11-19"]
    assert (shut_days.wait_h > 24 * (9.5 - np.arange(1, 10))).all()
    empty = shut.days[(shut.days.capacity == 0) & (shut.days.joined == 0)]
    assert len(empty) > 20
    for _, rows in empty.groupby(["scenario", "crossing"]):
        # A day less from day to day; an hour of no wait would be an open crossing.
        assert np.diff(rows.wait_h) == pytest.approx(np.full(len(rows) - 1, -24.0))
        assert (rows.wait_h >= 24).all()


def test_sentences_have_the_numbers_of_the_frames(shut: ag.Queues) -> None:
    grows, who, lasts = (text.replace(",", "") for text in shut.sentences(alternative=SHUT)[:3])
    backlog = shut.backlog[shut.backlog.scenario == SHUT].set_index("date").queue
    assert "10–19 November 2026" in grows
    assert f"by {backlog.idxmax():%d %B %Y} the queue grows to {round(backlog.max(), -1):.0f} trucks" in grows
    assert f"about {round(0.16 * backlog.max(), -1):.0f} stand on the road" in grows
    rows = shut.streams[(shut.streams.scenario == SHUT) & (shut.streams.usual == BRIDGE)]
    days = rows[rows.date.between("2026-11-10", "2026-11-19")]
    stay = 100 * days[days.crossing == BRIDGE].trucks.sum() / days.trucks.sum()
    assert f"the {round(days.trucks.sum(), -1):.0f} trucks" in who
    assert f"{stay:.0f} % wait" in who
    assert f"{100 - stay:.0f} % go round" in who
    long = rows[(rows.crossing == BRIDGE) & (rows.wait_h >= 12)]
    mean = (long.wait_h * long.trucks).sum() / long.trucks.sum() / 24
    assert f"{mean:.1f} days on average and {long.wait_h.max() / 24:.1f} at most" in lasts
    assert "gone by 26 November 2026" in lasts


def test_a_single_scenario_tells_its_own_queues_and_diversions(net: ag.Network) -> None:
    """As beside a base: all go round a bridge that is shut all the time, though nobody waits at home."""
    week = {"start": "2026-07-06", "end": "2026-07-12"}
    alone, beside = ag.queues(net, "no_bridge", **week), ag.queues(net, ["baseline", "no_bridge"], **week)
    for name in ("days", "summary", "trucks", "streams", "backlog"):
        frame = getattr(beside, name)
        own = frame[frame["scenario"] == "no_bridge"].reset_index(drop=True)
        pd.testing.assert_frame_equal(getattr(alone, name), own)
    assert alone.summary.set_index("crossing").diverted[BRIDGE] == pytest.approx(alone.streams.trucks.sum())
    for lang in LANGUAGES:
        assert alone.sentences(lang)[1:] == beside.sentences(lang, alternative="no_bridge")[1:]
    assert "100 % go round" in alone.sentences()[1]
    assert alone.days.crossing.isin([BRIDGE]).sum() == 7


def test_the_mean_wait_is_that_of_the_queue_whatever_the_period(small: ag.Network) -> None:
    """A stop in November, asked for alone and with one in December after which as many wait."""
    both = f"{STOP}+{BRIDGE} close 2026-12-10..2026-12-11"
    told = {
        end: ag.queues(small, ["baseline", both], start=start, end=end).sentences(alternative=both)[2]
        for start, end in (("2026-11-10", "2026-11-20"), ("2026-10-25", "2026-12-25"))
    }
    assert len({*told.values()}) == 1, told
    # Those of eight days wait half a day and longer: 68.4 hours to 7.2 less from day to day.
    mean = np.mean([68.4 - 7.2 * day for day in range(8)]) / 24
    assert f"The wait is {mean:.1f} days on average and 2.8 at most" in told["2026-11-20"]


@pytest.mark.slow
def test_without_a_queue_hours_are_those_of_routes(net: ag.Network) -> None:
    on = "2026-07-15"
    q = ag.queues(net, start=on, end=on)
    rows = q.trucks[q.trucks.wait_h == 0].drop_duplicates(["origin", "destination", "crossing"])
    assert len(rows) > 20
    for row in rows.itertuples():
        found = ag.routes(net, row.origin, row.destination, on=on, k=20)
        seconds = {route.crossings: route.seconds for route in found}
        assert round(row.hours * 3600) == seconds[(row.crossing,)], (row.origin, row.destination)


@pytest.mark.slow
def test_print_is_reproduced(net: ag.Network) -> None:
    """Flows that pages give: the bridge in January 2026 and May 2025, the pontoon and the ice in February."""

    def joined(start: str, end: str, crossing: str) -> float:
        rows = ag.queues(net, start=start, end=end).streams
        return float(rows[rows.crossing == crossing].groupby("date").trucks.sum().mean())

    assert joined("2026-01-20", "2026-01-24", BRIDGE) == pytest.approx(170, rel=0.15)
    assert joined("2025-05-12", "2025-05-18", BRIDGE) == pytest.approx(258, rel=0.10)
    assert 60 <= joined("2026-02-05", "2026-02-12", "blagoveshchensk:pontoon") <= 140
    assert 14 <= joined("2026-02-06", "2026-02-12", "poyarkovo:ice_road") <= 30


def test_routes_have_the_wait_of_the_day_beside_their_hours(net: ag.Network) -> None:
    on = "2026-02-17"
    q = ag.queues(net, start=on, end=on)
    found = ag.routes(net, "Belogorsk", "Manzhouli", on=on, queues=q)
    plain = ag.routes(net, "Belogorsk", "Manzhouli", on=on)
    for row, other in zip(found.records(), plain.records(), strict=True):
        days = q.days[q.days.crossing.isin(row["crossings"])]
        assert row["queue_h"] == round(days.wait_h.sum(), 3)
        assert row == other | {"queue_h": row["queue_h"]}
        assert other["queue_h"] is None
    wrong = {"queues": q, "on": "2026-03-01"}, {"queues": 5, "on": on}
    for given in (
        *wrong,
        {"queues": q, "on": on, "vehicle": "car"},
        {"queues": q, "on": on, "scenario": "no_bridge"},
    ):
        with pytest.raises(ag.InputError, match="is invalid"):
            ag.routes(net, "Belogorsk", "Heihe", **given)


def test_a_departure_has_the_wait_of_the_day_of_entry(net: ag.Network) -> None:
    shut = ag.Scenario("shut", changes=[ag.close(BRIDGE, "2026-11-10", "2026-11-19")])
    q = ag.queues(net, shut, start="2026-11-17", end="2026-11-25")
    asked = {"on": "2026-11-18", "depart_at": "08:00", "scenario": shut}
    found = ag.routes(net, "Blagoveshchensk", "Heihe", queues=q, **asked)
    assert found.departure is not None
    assert found.queue_h is not None
    ((crossing, day),) = found.departure.entered.items()
    waits = q.days.set_index(["date", "crossing"])["wait_h"]
    assert (crossing, day) == (BRIDGE, date(2026, 11, 20))
    assert found.queue_h[BRIDGE] == waits[pd.Timestamp(day), BRIDGE]
    others = {name: hours for name, hours in found.queue_h.items() if name != BRIDGE}
    on_the_day = waits[pd.Timestamp("2026-11-18")].drop(BRIDGE).dropna()
    assert others == on_the_day.to_dict()


def test_room_with_and_without_the_river(net: ag.Network) -> None:
    frame = ag.capacity(net, 2026)
    room = frame[frame.in_cut].groupby("month").trucks_per_day.sum()
    assert room[7] == 500.0
    assert room[3] == pytest.approx(665, abs=5)
    totals = frame.groupby("month")[["demand", "trucks_per_day"]].sum()
    assert (totals.demand / totals.trucks_per_day).between(0.35, 0.6).all()
    state = net.state("2026-02-10", scenario=f"{BRIDGE} capacity_share 0.5")
    assert ag.flows.room(state).trucks_per_day[BRIDGE] == 250.0
    for lang in LANGUAGES:
        text = ag.flows.room_sentence(net.state("2026-02-10"), net.state("2026-07-15"), lang)
        assert text is not None
        assert "690" in text
        assert "190" in text


def test_the_graph_of_a_state_has_the_room_as_capacity(net: ag.Network) -> None:
    import networkx as nx

    state = net.state("2026-02-10")
    room = ag.flows.room(state, everywhere=True)
    assert len(room) > len(ag.flows.room(state))
    graph = ag.graph(state, room=room)
    node = {name: key for key, name in graph.nodes(data="id")}
    flat = nx.DiGraph()
    for start, end, trucks in graph.edges(data="trucks_per_day"):
        known = flat.get_edge_data(start, end, {"capacity": 0.0})["capacity"]
        flat.add_edge(start, end, capacity=known + trucks)
    flow = nx.maximum_flow_value(flat, node["belogorsk"], node["harbin"])
    assert flow == pytest.approx(room["trucks_per_day"].sum())
    with pytest.raises(ag.InputError, match="room is invalid"):
        ag.graph(state, room=5)


@pytest.mark.slow
def test_a_share_of_the_capacity_makes_a_queue(net: ag.Network) -> None:
    half = f"{BRIDGE} capacity_share 0.3 2026-11-08..2026-11-12"
    q = ag.queues(net, ["baseline", half], **WEEK)
    summary = q.summary.set_index(["scenario", "crossing"]).queue_max
    assert summary[("baseline", BRIDGE)] < 1 < 100 < summary[(half, BRIDGE)]
    frame = ag.capacity(net, 2026, scenario=f"{BRIDGE} capacity_share 0.3")
    assert frame[frame.month == 7].trucks_per_day.sum() == pytest.approx(150)


GIVEN: dict[str, Any] = {
    "demand": 2.5,
    "capacity": {BRIDGE: 150},
    "lane": BRIDGE,
    "draws": 2,
}


@pytest.mark.slow
@pytest.mark.parametrize("argument", GIVEN)
def test_an_argument_changes_the_answer(net: ag.Network, argument: str) -> None:
    plain = ag.queues(net, **WEEK)
    given = ag.queues(net, **WEEK, **{argument: GIVEN[argument]})
    assert plain.to_dict() != given.to_dict()


@pytest.mark.slow
def test_draws_have_ranges_and_depend_on_their_seed_alone(net: ag.Network) -> None:
    one, two, three = (ag.queues(net, [SHUT], **WEEK, draws=3, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one.days, two.days)
    assert not one.days.equals(three.days)
    assert (one.days.queue_p10 <= one.days.queue_p50).all()
    assert (one.days.queue_p50 <= one.days.queue_p90).all()
    assert "P10–P90" in " ".join(one.sentences())


@pytest.mark.slow
def test_an_announced_stop_is_seen_before_it_comes(net: ag.Network) -> None:
    scarce = {"capacity": {BRIDGE: 150}, "start": "2026-11-01", "end": "2026-11-12"}
    sudden, announced = (ag.queues(net, SHUT, **scarce, known_days=days).days for days in (0, 9))
    assert not sudden.joined.equals(announced.joined)


@pytest.mark.slow
def test_a_change_may_have_the_days_from_which_it_is_known(net: ag.Network) -> None:
    scarce = {"capacity": {BRIDGE: 150}, "start": "2026-11-01", "end": "2026-11-12"}
    of_question = ag.queues(net, SHUT, **scarce, known_days=9)
    of_change = ag.queues(net, f"{SHUT} known_days 9", **scarce)
    assert of_change.days.drop(columns="scenario").equals(of_question.days.drop(columns="scenario"))
    for wrong in (
        f"{BRIDGE} close known_days 9",
        f"{SHUT} known_days -1",
        "belogorsk--vozzhayevka close known_days 2",
    ):
        with pytest.raises(ag.InputError, match="known_days"):
            as_scenario(wrong)


def test_days_of_notice_need_a_dated_change(net: ag.Network) -> None:
    for scenario in ("baseline", f"{BRIDGE} close", f"{SHUT} known_days 3"):
        with pytest.raises(ag.InputError, match="known_days is invalid: 7"):
            ag.queues(net, scenario, **WEEK, known_days=7)


def test_scenarios_name_crossings_as_everywhere(net: ag.Network) -> None:
    shut = "Кани-Курган close 2026-11-10..2026-11-19"
    assert (
        ag.queues(net, shut, start="2026-11-10", end="2026-11-11").scenarios[0].changes[0].checkpoint
        == "kani_kurgan"
    )
    june = ag.capacity(net, 2026, scenario="Кани-Курган close 2026-06-01..2026-06-30").set_index("month")
    assert june.loc[june["crossing"] == BRIDGE, "trucks_per_day"][6] == 0.0


def test_a_comparison_over_a_period_tells_room_and_backlog(net: ag.Network) -> None:
    ends = {"origins": ["Belogorsk"], "destinations": ["Heihe"]}
    week = {"first": "2026-11-08", "last": "2026-11-20"}
    found = ag.compare(net, ["baseline", SHUT], **week, **ends)
    q = found.findings().queues
    assert q is not None
    assert q.backlog["queue"].max() == pytest.approx(1750, rel=0.05)
    for lang, words in {
        "en": "0 trucks a day instead of 500",
        "ru": "0 грузовиков в сутки вместо 500",
    }.items():
        assert any(words in text for text in found.findings().answer(lang))
    # Nothing is told, and nothing computed, if the room at home stays.
    same = ag.compare(net, ["baseline", "belogorsk--vozzhayevka close"], **week, **ends)
    assert same.findings().queues is None


def test_the_queue_of_the_day_is_a_stretch_of_the_profile(net: ag.Network) -> None:
    route = ag.routes(net, "Belogorsk", "Heihe", on="2026-02-10")[0]
    plain, queued = route.profile(), route.profile(queue_h={BRIDGE: 5.0})
    assert queued["hours"].iloc[-1] == pytest.approx(plain["hours"].iloc[-1] + 5.0)
    assert queued.loc[queued["part"] == "queue", "stretch_h"].tolist() == [5.0]
    for wrong in ({"atlantis:bridge": 5.0}, {BRIDGE: -1.0}, [5.0]):
        with pytest.raises(ag.InputError, match="queue_h"):
            route.profile(queue_h=wrong)


@pytest.mark.slow
def test_more_room_means_less_waiting(net: ag.Network, tmp_path: Path) -> None:
    curve = ag.flows.capacity_curve(net, BRIDGE, start="2026-10-01", end="2026-10-20")
    assert (curve["wait_mean_h"].diff().dropna() <= 1e-6).all()
    assert curve["trucks_per_day"].iloc[-1] == curve["today"].iloc[0] == 500.0
    for name, given in (("capacity_figure", ag.capacity(net, 2026)), ("curve_figure", curve)):
        for lang in LANGUAGES:
            path = tmp_path / f"{name}_{lang}.svg"
            getattr(ag.figures, name)(given, net, lang=lang, path=path)
            assert "dc:description" in path.read_text(encoding="utf-8")
    with pytest.raises(ag.InputError, match="with capacity and demand"):
        ag.flows.capacity_curve(net, "poyarkovo:ice_road", start="2026-07-01", end="2026-07-05")


@pytest.mark.slow
def test_tables_of_a_planner_replace_those_of_the_dataset(net: ag.Network, tmp_path: Path) -> None:
    stream = {"origin": "Белогорск", "destination": "heihe", "direction": "out", "group": "mine"}
    frame = pd.DataFrame([{**stream, "class": "grain", "share": 1, "usual": BRIDGE, "wait_weight": 0.1}])
    with pytest.raises(ag.DataError, match="demand_months"):
        ag.queues(net, **WEEK, demand=frame)
    table = pd.DataFrame([{"crossing": BRIDGE, "trucks_per_day": 33, "days_per_week": 7}])
    q = ag.queues(net, **WEEK, capacity=table, demand=0.1)
    assert set(q.days[q.days.crossing == BRIDGE].capacity) == {33.0}
    table.to_csv(tmp_path / "capacity.csv", index=False)
    again = ag.queues(net, **WEEK, capacity=tmp_path / "capacity.csv", demand=0.1)
    pd.testing.assert_frame_equal(q.days, again.days)
    wrong = pd.DataFrame([{"crossing": "nowhere:bridge", "trucks_per_day": "many"}])
    with pytest.raises(ag.DataError) as error:
        ag.queues(net, **WEEK, capacity=wrong)
    assert len(error.value.faults) == 2


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "crossing": ({"capacity": {"nowhere": 5}}, "crossing 'nowhere'"),
    "order": ({"capacity": {BRIDGE: (5, 4, 3)}}, "in this order"),
    "number": ({"capacity": {BRIDGE: -1}}, "from 0 to"),
    "kind": ({"capacity": 5}, "by crossing, or a table"),
    "demand": ({"demand": -1}, "demand is invalid"),
    "seed": ({"seed": 3}, "draws"),
    "lane": ({"lane": "poyarkovo:ice_road"}, "number of lanes"),
    "regime": ({"scenarios": ["frozen"]}, "regime"),
    "twice": ({"scenarios": ["baseline", "baseline"]}, "each once"),
    "order of days": ({"start": "2026-11-12", "end": "2026-11-01"}, "period"),
    "assume": ({"assume": "open"}, "no service is unknown"),
}


@pytest.mark.parametrize("name", WRONG)
def test_invalid_arguments_are_refused(net: ag.Network, name: str) -> None:
    given, says = WRONG[name]
    with pytest.raises(ag.InputError, match=says):
        ag.queues(net, **{**WEEK, **given})


def test_a_dataset_without_tables_names_them(net: ag.Network) -> None:
    tables = {name: frame.iloc[:0] if name == "demand" else frame for name, frame in net.base.items()}
    bare = ag.Network(tables)
    with pytest.raises(ag.InputError, match=r"demand\.csv"):
        ag.queues(bare, **WEEK)
    with pytest.raises(ag.InputError, match=r"demand\.csv"):
        ag.capacity(bare, 2026)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_stop_in_words(shut: ag.Queues, lang: str) -> None:
    texts = shut.sentences(lang, alternative=SHUT)
    assert len(texts) == 4
    assert all("{" not in text for text in texts)
    assert "2026" in texts[0]
    assert shut.sentences(lang)[0] != texts[0]
    alone = ag.queues(shut.net, SHUT, start=shut.period[0], end=shut.period[1])
    assert alone.sentences(lang)[1] == texts[2]


@pytest.mark.slow
def test_the_command_prints_the_document(
    net: ag.Network, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from amurgeo.cli import main

    words = ["queues", "baseline", SHUT, "--from", "08.11.2026", "--to", "2026-11-12", "--demand", "x1,2"]
    words += ["--capacity", f"{BRIDGE}=200:250:300", "--format", "json", "--png", str(tmp_path / "a.png")]
    with pytest.raises(SystemExit) as done:
        main(words)
    assert not done.value.code
    document = json.loads(capsys.readouterr().out)
    q = ag.queues(net, ["baseline", SHUT], **WEEK, demand=1.2, capacity={BRIDGE: (200, 250, 300)})
    assert document == q.to_dict()
    assert list(document) == ["days", "trucks", "summary", "sentences"]
    names = "scenario date crossing traffic capacity joined passed left queue on_road wait_h unused basis"
    assert list(document["days"][0])[:13] == names.split()
    names = "scenario crossing queue_max on gone wait_max_h wait_mean_h truck_days diverted lane_value"
    assert list(document["summary"][0]) == names.split()
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.slow
def test_columns_of_the_tables_change_an_answer(net: ag.Network) -> None:
    """Every column of the three tables but the metadata; each is edited in one row that acts in the week."""
    from amurgeo.flows.demand import given_tables
    from amurgeo.flows.model import Model, simulate
    from amurgeo.scenario import as_scenario

    edits: dict[str, dict[str, tuple[str, Any]]] = {
        "capacity": {
            "crossing": ("bridge_2026", "poyarkovo:ferry"), "direction": ("bridge_2026", "in"),
            "valid_from": ("bridge_2026", pd.Timestamp("2026-11-10")),
            "valid_to": ("bridge_2026", pd.Timestamp("2026-11-10")), "days_per_week": ("bridge_2026", 3.0),
            "trucks_per_day": ("bridge_2026", 100.0), "basis": ("bridge_2026", "used"),
        },
        "demand": {
            "origin": ("x_blg", "zeya"), "destination": ("x_blg", "harbin"), "direction": ("x_blg", "in"),
            "group": ("x_blg", "zabaikalsk"), "class": ("x_blg", "empty"), "share": ("x_blg", 0.5),
            "usual": ("x_blg", "poltavka:road"), "wait_weight": ("m_west", 5.0),
            "share_over_30t": ("x_bel", 0.0), "share_over_40t": ("n_tur_out", 0.4),
        },
        "demand_months": {
            "group": ("bridge_11", "poltavka"), "month": ("bridge_11", 10.0),
            "valid_from": ("bridge_11", pd.Timestamp("2026-12-01")),
            "valid_to": ("bridge_11", pd.Timestamp("2026-10-01")), "trucks_per_day": ("bridge_11", 100.0),
        },
    }  # fmt: skip
    days = np.arange(np.datetime64("2026-11-05"), np.datetime64("2026-12-20"))

    def answer(tables: dict[str, pd.DataFrame]) -> tuple[Any, ...]:
        model = Model(net, as_scenario(SHUT, folder=net.folder), days, tables, simulated=20)
        flows = model.flows()
        run = simulate(flows, 20, slices=1)
        hours = (run.streams.sum(axis=2) * np.nan_to_num(model.hours[0], posinf=0.0)).sum()
        return run.joined.round(6).tolist(), round(hours, 6), sorted(model.rows["class"])

    tables, _ = given_tables(net, None, None)
    usual = answer(tables)
    same = []
    for name, columns in edits.items():
        for column, (row, value) in columns.items():
            frame = tables[name].copy()
            frame.loc[row, column] = value
            if answer({**tables, name: frame}) == usual:
                same.append(f"{name}.{column}")
    assert same == []


STOP = f"{BRIDGE} close 2026-11-10..2026-11-12"


@pytest.fixture(scope="module")
def stop(small: ag.Network) -> ag.Queues:
    """A stop of three days of a bridge that clears 100 trucks a day, while 70 come."""
    return ag.queues(small, ["baseline", STOP], start="2026-11-08", end="2026-11-20", lane=BRIDGE)


def test_the_days_of_a_stop_by_hand(stop: ag.Queues) -> None:
    rows = stop.days[(stop.days.scenario == STOP) & (stop.days.crossing == BRIDGE)].set_index("date")
    queue = [0, 0, 70, 140, 210, 180, 150, 120, 90, 60, 30, 0, 0]
    assert rows.index.tolist() == pd.date_range("2026-11-08", "2026-11-20").tolist()
    assert rows.queue.tolist() == pytest.approx(queue)
    assert rows.on_road.tolist() == pytest.approx([0.16 * trucks for trucks in queue])
    assert rows.joined.tolist() == pytest.approx([70.0] * 13)
    assert rows.passed.tolist() == pytest.approx([70.0] * 2 + [0.0] * 3 + [100.0] * 7 + [70.0])
    assert rows.unused.tolist() == pytest.approx([30.0] * 2 + [0.0] * 10 + [30.0])
    assert rows.left.tolist() == [0.0] * 13
    # The middle truck of the first day waits two and a half days and for the 35 before it.
    waits = [(68.4 - 7.2 * at) for at in range(10)]
    assert rows.wait_h.tolist() == pytest.approx([0.0, 0.0, *waits, 0.0], abs=1e-6)
    # Half of the day is shut: 12² / 48 hours, longer by those that come meanwhile, 50 of 100 if all is full.
    gate = [np.nan if not cleared else 3.0 / (1.0 - cleared / 200.0) for cleared in rows.passed]
    np.testing.assert_allclose(rows.gate_h, gate)
    away = stop.days[stop.days.crossing == AWAY]
    assert set(away.joined.round(9)) == {30.0}
    assert set(away.unused.round(9)) == {270.0}
    assert away.gate_h.isna().all()
    # The pontoon is closed, but its trucks take the bridge.
    assert set(stop.days.crossing) == {BRIDGE, AWAY, "blagoveshchensk:pontoon"}


def test_the_summary_of_a_stop_by_hand(stop: ag.Queues) -> None:
    rows = stop.summary.set_index(["scenario", "crossing"])
    row = rows.loc[(STOP, BRIDGE)]
    assert row.queue_max == pytest.approx(210.0)
    assert (row.on, row.gone) == (pd.Timestamp("2026-11-12"), pd.Timestamp("2026-11-19"))
    assert (row.wait_max_h, row.wait_mean_h) == (pytest.approx(68.4), pytest.approx(360.0 / 13))
    assert (row.truck_days, row.diverted) == (pytest.approx(1050.0), 0.0)
    assert rows.loc[(STOP, "blagoveshchensk:pontoon"), "diverted"] == pytest.approx(130.0)
    # With a fifth lane 125 are cleared and the backlog falls by 55 a day, up to the slices of a day.
    assert row.lane_value == pytest.approx(1050.0 - 9 * 70 / 2 * 125 / 55, rel=0.002)
    other = rows.loc[(STOP, AWAY)]
    assert (other.queue_max, other.wait_max_h, other.truck_days) == (0.0, 0.0, 0.0)
    assert pd.isna(other.lane_value)
    assert pd.isna(other.on)
    assert pd.isna(other.gone)
    assert rows.loc[("baseline", BRIDGE), "lane_value"] == 0.0
    backlog = stop.backlog[stop.backlog.scenario == STOP]
    assert backlog.queue.tolist() == pytest.approx([0, 0, 70, 140, 210, 180, 150, 120, 90, 60, 30, 0, 0])
    assert repr(stop) == f"Queues(baseline, {STOP}, 2026-11-08 to 2026-11-20, 0 draws)"
    assert stop.to_frame().equals(stop.days)
    assert stop.unknown == ()
    # Open roads for trucks without a row in the small dataset.
    assert stop.without_capacity == tuple(
        f"{name}:road" for name in ("kraskino", "pogranichny", "turiy_rog", "zabaikalsk")
    )


def test_classes_of_a_stop_by_hand(stop: ag.Queues) -> None:
    classes = stop.classes()
    assert classes.loc[("baseline", "general")].tolist() == pytest.approx([780.0, 0.0, 0.0, 0.0])
    # Eight of thirteen days have waits of half a day and longer.
    assert classes.loc[(STOP, "general")].tolist() == pytest.approx([780.0, 8 / 13, 0.0, 0.0])
    # Those of the pontoon wait at another crossing than theirs.
    assert classes.loc[(STOP, "perishable")].tolist() == pytest.approx([130.0, 0.0, 1.0, 0.0])
    assert len(classes) == 4
    trucks = stop.trucks[(stop.trucks.scenario == STOP) & (stop.trucks["class"] == "perishable")].iloc[0]
    assert trucks.waiting == pytest.approx(80.0)
    assert trucks.wait_h == pytest.approx(360.0 / 13)
    streams = stop.streams[(stop.streams.scenario == STOP) & (stop.streams.date == "2026-11-10")]
    assert streams[["usual", "crossing"]].to_numpy().tolist() == [
        ["blagoveshchensk:pontoon", BRIDGE], [BRIDGE, BRIDGE]
    ]  # fmt: skip
    assert streams.trucks.tolist() == pytest.approx([10.0, 60.0])
    assert streams.wait_h.tolist() == pytest.approx([68.4, 68.4])


def test_who_waits_on_the_day_before_joins_on_the_first_day(small: ag.Network) -> None:
    q = ag.queues(small, f"{BRIDGE} close 2026-11-10..2026-11-12", start="2026-11-13", end="2026-11-14")
    rows = q.days[q.days.crossing == BRIDGE]
    assert rows.joined.tolist() == pytest.approx([210.0 + 70.0, 70.0])
    assert rows.queue.tolist() == pytest.approx([180.0, 150.0])
    row = q.summary.set_index("crossing").loc[BRIDGE]
    # The backlog stands longer than the period.
    assert row.on == pd.Timestamp("2026-11-13")
    assert row.gone is pd.NaT
    assert q.trucks[q.trucks.crossing == BRIDGE].trucks.sum() == pytest.approx(140.0)


def test_a_detour_is_measured_from_the_usual_crossing(small: ag.Network) -> None:
    """From Belogorsk the pontoon is shorter than the bridge, whose trucks take it only if it is shut."""
    usual = ag.queues(small, start="2026-03-16", end="2026-03-16")
    shut = ag.queues(small, f"{BRIDGE} close 2026-03-16..2026-04-30", start="2026-03-16", end="2026-03-16")
    ends = ["origin", "destination", "usual"]
    before, after = (q.trucks.set_index(ends) for q in (usual, shut))
    assert (before.detour_km == 0.0).all()
    assert (before.detour_h == 0.0).all()
    pair = ("belogorsk", "heihe", BRIDGE)
    assert before.loc[pair, "crossing"] == BRIDGE
    moved = after.loc[[pair]].set_index("crossing").loc["blagoveshchensk:pontoon"]
    assert moved.detour_km == pytest.approx(moved.length_km - before.loc[pair, "length_km"])
    assert moved.detour_km == pytest.approx(-9.9)
    assert moved.detour_h > 0.0
    # And those of the pontoon by the bridge, in summer.
    summer = ag.queues(small, start="2026-07-15", end="2026-07-15").trucks.set_index(ends)
    pair = ("heihe", "blagoveshchensk", "blagoveshchensk:pontoon")
    assert before.loc[pair, "crossing"] == "blagoveshchensk:pontoon"
    assert summer.loc[pair, "crossing"] == BRIDGE
    assert summer.loc[pair, "detour_km"] == pytest.approx(
        summer.loc[pair, "length_km"] - before.loc[pair, "length_km"]
    )


def test_one_draw_is_each_of_its_quantiles(small: ag.Network) -> None:
    q = ag.queues(small, STOP, start="2026-11-12", end="2026-11-13", draws=1, seed=4)
    assert q.draws == 1
    for frame, names in ((q.days, ("queue", "joined", "capacity")), (q.backlog, ("queue",))):
        for name in names:
            assert frame[f"{name}_p10"].equals(frame[f"{name}_p50"])
            assert frame[f"{name}_p90"].equals(frame[f"{name}_p50"])
    home = q.days[q.days.crossing == BRIDGE]
    assert home.queue_p50.tolist() == pytest.approx(q.backlog.queue_p50.tolist())
    assert home.capacity.tolist() == [0.0, 100.0]
    assert home.capacity_p50.iloc[0] == 0.0
    assert 50.0 < home.capacity_p50.iloc[1] < 200.0
    assert home.capacity_p50.iloc[1] != 100.0
    assert set(q.days[q.days.crossing == AWAY].capacity_p50) == {300.0}
    assert {"on_p10", "gone_p90", "lane_value_p50"} <= set(q.summary.columns)
    frame = pd.DataFrame(index=range(2))
    _put(frame, "queue", np.array([1.0, -0.0]), [np.array([10.0 * at, 1.0]) for at in range(11)])
    assert frame.iloc[0].to_dict() == {"queue": 1.0, "queue_p10": 10.0, "queue_p50": 50.0, "queue_p90": 90.0}
    assert frame.iloc[1].tolist() == [0.0, 1.0, 1.0, 1.0]


def test_the_backlog_of_a_line_is_that_of_the_queues(small: ag.Network) -> None:
    days = np.arange(np.datetime64("2026-11-08"), np.datetime64("2026-11-13"))
    q = queues_after(small, as_scenario(STOP), days)
    # With the days until it is gone; the trucks by class are left out.
    assert q.period == (date(2026, 11, 8), date(2026, 12, 21))
    assert q.backlog.queue.iloc[:13].tolist() == pytest.approx(
        [0, 0, 70, 140, 210, 180, 150, 120, 90, 60, 30, 0, 0]
    )
    assert q.backlog.queue.iloc[13:].max() == pytest.approx(0.0, abs=1e-9)
    assert q.trucks.empty
    assert q.streams.empty
    assert q.draws == 0
    assert q.backlog.columns.tolist() == ["scenario", "date", "queue"]
    year = np.arange(np.datetime64("2026-01-01"), np.datetime64("2027-01-01"))
    assert queues_after(small, as_scenario("baseline"), year).period == (date(2026, 1, 1), date(2026, 4, 10))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"draws": -1}, "draws"), ({"draws": 1001}, "draws"), ({"draws": 1, "seed": 2**32 + 1}, "seed"),
        ({"draws": 1, "seed": -1}, "seed"), ({"known_days": -1}, "known_days"),
        ({"known_days": 3661}, "known_days"), ({"lane": "nowhere"}, "lane: unknown crossing"),
        ({"assume": "closed"}, "assume"),
    ],
)  # fmt: skip
def test_numbers_beyond_their_ends_are_refused(small: ag.Network, wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ag.InputError, match=says):
        ag.queues(small, STOP, start="2026-11-10", end="2026-11-10", **wrong)


def test_totals_of_a_few_days_by_hand() -> None:
    """Four crossings over four days, the third of them with two directions."""
    queue = np.array([[0.0, 3.0, 1.0, 0.5], [1.0, 1.0, 0.0, 0.0], [2.0, 5.0, 5.0, 1.5], [1.5, 0.0, 3.0, 1.0]])
    joined = np.array([[2.0, 2.0, 0.0, 0.0], [0.0] * 4, [1.0, 3.0, 0.0, 4.0], [1.0, 0.0, 0.0, 0.0]])
    wait = np.array([[6.0, 12.0, 48.0, np.nan], [np.nan, 9.0, 8.0, 7.0], [0.0, 4.0, 2.0, 1.0], [0.5] * 4])
    # Rows: two of the first crossing, one of the third by its second direction, one without a usual crossing.
    streams = np.zeros((4, 5, 6))
    streams[0, :, 1:5] = np.array([1.0, 0.0, 0.0, 2.0, 0.0])[:, None]
    streams[1, 1, 3] = 5.0
    streams[2, [2, 3, 4], 1] = [1.0, 2.0, 4.0]
    streams[3, :, 2] = 8.0
    # Days before and after the period do not count.
    streams[:, :, [0, 5]] = 1000.0
    member = np.array([[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 1]], dtype=float)
    names = ["a", "b", "c", "d"]
    usual = SimpleNamespace(usual=np.array([0, 0, 3, -1]))
    for more in (None, {"c": 25.0}):
        answer: Any = SimpleNamespace(
            n=4, model=usual, days=slice(1, 5), member=member, crossings=names, more=more
        )
        numbers = {"queue": queue, "joined": joined, "wait_h": wait, "truck_days": queue / 2}
        run: Any = SimpleNamespace(streams=streams)
        found = _Answer.totals(answer, run, numbers, 7.5)
        assert found["queue_max"].tolist() == [3.0, 1.0, 5.0, 3.0]
        # The day of the most, the first of several, and the first later day with one truck at most.
        assert found["on"].tolist() == [1, 4, 1, 2]
        assert found["gone"].tolist() == [2, 4, 4, 3]
        assert found["wait_max_h"].tolist() == [12.0, 0.0, 4.0, 0.5]
        assert found["wait_mean_h"].tolist() == [9.0, 0.0, 2.0, 0.5]
        assert found["truck_days"].tolist() == [2.25, 1.0, 6.75, 2.75]
        # Eight of the first row and five of the second, and four that leave both directions.
        assert found["diverted"].tolist() == [13.0, 0.0, 4.0, 0.0]
        value = [np.nan, np.nan, 7.5 if more else np.nan, np.nan]
        np.testing.assert_array_equal(found["lane_value"], value)


def test_numbers_of_a_day_by_hand() -> None:
    """A crossing with two directions and one that works all day, in a day after the two weeks of the lead."""

    def days(*values: float) -> np.ndarray:
        return np.hstack([np.zeros((len(values), 14)), np.array(values)[:, None]])

    zero = np.zeros((3, 15))
    queue = days(3.0, 4.0, 0.0)
    queue[:, 13] = [2.0, 1.0, 0.5]
    run = Run(
        joined=days(30.0, 10.0, 0.0), passed=days(20.0, 10.0, 24.0), left=zero, queue=queue,
        wait_h=days(4.0, 8.0, 2.0), truck_days=zero, streams=zero, stranded=zero, cost_h=0.0,
    )  # fmt: skip
    model = SimpleNamespace(works=SimpleNamespace(hours_per_day=days(12.0, 12.0, 24.0)))
    member = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    answer: Any = SimpleNamespace(days=slice(14, 15), n=1, member=member, model=model)
    flows: Any = SimpleNamespace(capacity=days(40.0, 20.0, 24.0))
    found = {name: values[:, 0].tolist() for name, values in _Answer.numbers(answer, flows, run).items()}
    assert found["joined"] == [43.0, 0.5]
    assert found["queue"] == [7.0, 0.0]
    assert found["on_road"] == [pytest.approx(0.16 * 7.0), 0.0]
    assert found["capacity"] == [60.0, 24.0]
    assert found["unused"] == [30.0, 0.0]
    # The mean of thirty that wait four hours and ten that wait eight; nobody joins the other.
    assert found["wait_h"] == [5.0, 2.0]
    # Five trucks an hour are cleared while it works and 1.25 come; a full crossing has no such wait.
    assert found["gate_h"] == [pytest.approx(3.0 * 5.0 / 3.75), pytest.approx(np.nan, nan_ok=True)]


def test_classes_of_a_few_trucks_in_the_order_of_the_scenarios(net: ag.Network) -> None:
    pontoon = "blagoveshchensk:pontoon"
    trucks = pd.DataFrame(
        [
            ("z", "grain", BRIDGE, BRIDGE, 6.0, 4.0),
            ("z", "grain", BRIDGE, pontoon, 2.0, 2.0),
            ("z", "grain", BRIDGE, AWAY, 4.0, 1.0),
            ("z", "car", pontoon, pontoon, 5.0, 0.0),
            ("z", "car", AWAY, BRIDGE, 100.0, 0.0),
            ("a", "grain", BRIDGE, AWAY, 3.0, 3.0),
        ],
        columns=["scenario", "class", "usual", "crossing", "trucks", "waiting"],
    )
    none = pd.DataFrame()
    day = (date(2026, 1, 1), date(2026, 1, 2))
    q = ag.Queues(net, (), day, days=none, trucks=trucks, summary=none, streams=none, backlog=none)
    found = q.classes()
    assert found.index.tolist() == [("z", "grain"), ("z", "car"), ("a", "grain")]
    assert found.loc[("z", "grain")].tolist() == pytest.approx([12.0, 4 / 12, 2 / 12, 4 / 12])
    assert found.loc[("z", "car")].tolist() == [5.0, 0.0, 0.0, 0.0]
    assert found.loc[("a", "grain")].tolist() == [3.0, 0.0, 0.0, 1.0]
    # Without draws and gaps, unless there are any.
    assert (q.draws, q.unknown, q.without_capacity) == (0, (), ())
    assert repr(q) == "Queues(, 2026-01-01 to 2026-01-02, 0 draws)"


def test_frames_have_the_columns_that_are_documented_and_rows_in_order(stop: ag.Queues) -> None:
    frames = {name: getattr(stop, name) for name in ("days", "trucks", "summary", "streams", "backlog")}
    columns = {
        "days": "scenario date crossing traffic capacity joined passed left queue on_road wait_h unused "
        "basis gate_h",
        "trucks": "scenario origin destination class usual crossing trucks waiting wait_h hours length_km "
        "detour_h detour_km cost_rub",
        "summary": "scenario crossing queue_max on gone wait_max_h wait_mean_h truck_days diverted "
        "lane_value",
        "streams": "scenario date usual crossing trucks wait_h",
        "backlog": "scenario date queue",
    }
    for name, frame in frames.items():
        assert frame.columns.tolist() == columns[name].split(), name
        assert frame.index.tolist() == list(range(len(frame))), name
    assert stop.days.crossing.iloc[:6].tolist() == ["blagoveshchensk:pontoon", BRIDGE, AWAY] * 2
    assert stop.days.traffic.unique().tolist() == ["cargo"]
    ends = stop.trucks.groupby("scenario", sort=False).origin.agg(list).to_dict()
    assert ends == {name: ["belogorsk", "heihe", "heihe", "ussuriysk"] for name in ("baseline", STOP)}
    copy = stop.to_frame()
    copy["queue"] = -1.0
    assert (stop.days.queue >= 0.0).all()


def test_days_have_the_basis_of_their_own_crossing(shut: ag.Queues) -> None:
    basis = shut.days.groupby("crossing").basis.agg(lambda values: "".join(sorted({*values})))
    table = shut.net.base["capacity"]
    held = table[table["valid_to"].isna() & table["basis"].isin(["derived", "estimate"])]
    assert basis.to_dict() == {name: held[held.crossing == name].basis.iloc[0] for name in basis.index}
    assert {*basis} == {"derived", "estimate"}


def test_of_several_changes_one_that_is_dated_may_be_announced(small: ag.Network) -> None:
    """Not one that has days of notice, and not one on all days."""
    scenario = f"{BRIDGE} capacity_share 0.9+{BRIDGE} close 2026-11-12+{AWAY} close 2026-11-13 known_days 1"
    q = ag.queues(small, scenario, start="2026-11-10", end="2026-11-10", known_days=2)
    assert q.period == (date(2026, 11, 10), date(2026, 11, 10))


def test_a_run_begins_two_weeks_before_its_period_with_empty_queues(small: ag.Network) -> None:
    """Shut for a month, of which two weeks count; those of the pontoon wait for it."""
    tables = dict(small.base)
    tables["demand"] = tables["demand"].drop(index="away").assign(wait_weight=1e-6)
    tables["capacity"] = tables["capacity"].drop(index="away")
    lone, month = ag.Network(tables), f"{BRIDGE} close 2026-10-10..2026-11-12"
    q = ag.queues(lone, month, start="2026-11-13", end="2026-11-13")
    assert q.days.set_index("crossing").joined[BRIDGE] == pytest.approx(14 * 60 + 60)
    # Trucks are followed for 40 days and 200 are looked ahead to: they wait for an opening on the last.
    for last, passes in (("2027-05-27", True), ("2027-05-28", False)):
        long = f"{BRIDGE} close 2026-10-01..{last}+blagoveshchensk:pontoon close"
        run = ag.queues(lone, long, start="2026-10-01", end="2026-10-01")
        assert bool(run.days.empty) is not passes, last


def test_draws_have_two_slices_a_day_and_the_quantiles_of_their_seed(small: ag.Network) -> None:
    week = {"start": "2026-07-15", "end": "2026-07-16", "draws": 1}
    servers = [(name, "both") for name in ("blagoveshchensk:pontoon", BRIDGE, AWAY, "poyarkovo:ferry")]
    for seed, number in ((5, 5), (None, 0)):
        days = ag.queues(small, seed=seed, **week).days
        u = Draw.of(number, 0, servers).capacity[(BRIDGE, "both")]
        drawn = triangular(50.0, 100.0, 200.0, u)
        found = days[days.crossing == BRIDGE].capacity_p50.tolist()
        assert found == pytest.approx([float(drawn)] * 2)
    # Nobody joins a crossing that opens on the third day: 48 hours less the mean of four and of two slices.
    shut = f"{BRIDGE} close 2026-07-15..2026-07-16"
    nobody = ag.queues(small, shut, demand=0.0, **(week | {"end": "2026-07-17"})).days
    rows = nobody[nobody.crossing == BRIDGE]
    assert rows.joined.tolist() == [0.0] * 3
    np.testing.assert_allclose(rows.wait_h, [39.0, 15.0, 0.0])
    np.testing.assert_allclose(rows.wait_h_p50, [42.0, 18.0, 0.0])


def test_trucks_without_a_usual_crossing_are_measured_from_the_nearest(small: ag.Network) -> None:
    free = small.base["demand"].drop(index="away").assign(usual="")
    q = ag.queues(
        ag.Network({**small.base, "demand": free}), start="2026-03-16", end="2026-03-16"
    )  # fmt: skip
    by = {name: q.trucks[q.trucks.crossing == name] for name in (BRIDGE, "blagoveshchensk:pontoon")}
    # The bridge is the faster way, and the pontoon the shorter one.
    assert set(by[BRIDGE].detour_h) == {0.0}
    assert (by[BRIDGE].detour_km > 0.0).all()
    assert set(by["blagoveshchensk:pontoon"].detour_km) == {0.0}
    assert (by["blagoveshchensk:pontoon"].detour_h > 0.0).all()
    assert q.summary.diverted.tolist() == [0.0] * len(q.summary)
    # Those whose usual crossing the pontoon is are measured from it.
    own = small.base["demand"].drop(index="away").assign(usual="blagoveshchensk:pontoon")
    usual = ag.queues(ag.Network({**small.base, "demand": own}), start="2026-03-16", end="2026-03-16").trucks
    assert set(usual[usual.crossing == "blagoveshchensk:pontoon"].detour_h) == {0.0}
    assert (usual[usual.crossing == BRIDGE].detour_h < 0.0).all()


def test_a_crossing_that_clears_less_than_a_truck_a_day_is_told(small: ag.Network) -> None:
    q = ag.queues(small, start="2026-07-15", end="2026-07-15", capacity={"poyarkovo:ferry": 0.5})
    row = q.days.set_index("crossing").loc["poyarkovo:ferry"]
    assert (row.capacity, row.joined, row.unused) == (0.5, 0.0, 0.5)
    assert q.summary.set_index("crossing").loc["poyarkovo:ferry", "wait_max_h"] == 0.0


def test_a_queue_of_nothing_is_no_negative_zero() -> None:
    frame = pd.DataFrame(index=range(1))
    _put(frame, "queue", np.array([-0.0]), [np.array([-0.0])])
    assert not np.signbit(frame.to_numpy()).any()


def test_queues_as_a_document_and_a_figure(stop: ag.Queues, monkeypatch: pytest.MonkeyPatch) -> None:
    document = stop.to_dict("ru")
    assert list(document) == ["days", "trucks", "summary", "sentences"]
    assert document["sentences"] == stop.sentences("ru")
    assert stop.to_dict()["sentences"] == stop.sentences()
    for name in ("days", "trucks", "summary"):
        assert len(document[name]) == len(getattr(stop, name))
    # Without a wait at the post, and without an end, there is nothing.
    assert [row["gate_h"] for row in document["days"] if row["crossing"] == AWAY] == [None] * 26
    assert [row["on"] for row in document["summary"]] == [None] * 4 + ["2026-11-12", None]
    drawn = SimpleNamespace(queue_figure=lambda *args, **named: [*args, named])
    monkeypatch.setitem(vars(ag), "figures", drawn)
    figure: Any = stop.figure(lang="zh", path="q.svg")
    assert figure == [stop, {"lang": "zh", "path": "q.svg"}]
