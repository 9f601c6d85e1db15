"""Promises: equal to the earliest arrival, coherent draw by draw, and the questions of a planner."""

from __future__ import annotations

import json
import os
import signal
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date, time
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd
import pytest

import amurgeo as ag
from amurgeo.analysis.days import quantiles
from amurgeo.analysis.reliability import (
    CHOICE,
    NEVER,
    Border,
    Land,
    Piece,
    border_of,
    certified,
    lands,
    rows_of,
)
from amurgeo.cli import main
from amurgeo.routing.departures import earliest_arrivals
from amurgeo.routing.engine import vehicle_network
from amurgeo.routing.rest import NO_REST
from amurgeo.seasons.ensemble import TAIL_DAYS

SPRING = {"start": "2027-04-01", "end": "2027-05-02"}


@pytest.fixture(scope="module")
def shut(net: ag.Network) -> ag.Ensemble:
    return ag.ensemble(net, **SPRING, n=200, scenario="no_bridge")


def _spans(border: Border, crossing: int, draw: int, ready: int) -> list[tuple[int, int]]:
    """Return when a crossing can be entered in a draw, from the moment of departure on."""
    opened = np.unpackbits(border.packed[crossing, draw], count=border.last)
    return [
        (int(begin) - ready, int(end) - ready)
        for day in np.flatnonzero(opened)
        for begin, end in zip(border.begin[crossing, day], border.end[crossing, day], strict=True)
        if begin < NEVER
    ]


def _reference(e: ag.Ensemble, border: Border, land: Land, ends: list[str], vehicle: str, cell: Any) -> int:
    """Return the earliest arrival by the search of departures, over any number of crossings."""
    draw, day = cell
    state, ready = e.states[1 + day], int(land.ready[day])
    network = vehicle_network(e.net, vehicle, state.roads)
    costs, values = network.price(state)
    costs[: len(values)] = np.inf
    costs[border.numbers] = values[border.numbers, 0]
    start, end = network.nodes(ends).reshape(2, 1)
    found = earliest_arrivals(
        network.distances(ends[:1], ends[1:]).with_seasonal(costs),
        costs[: len(values)],
        openings={
            int(number): _spans(border, crossing, draw, ready)
            for number, crossing in zip(border.numbers, border.which, strict=True)
        },
        rest=network.rest(start, end, 1),
    )[0]
    is_late = found is None or found.second > 86400 * TAIL_DAYS
    return int(NEVER) if is_late else found.second + ready


@pytest.mark.slow
@pytest.mark.parametrize("vehicle", ["truck_20t", "passenger"])
@pytest.mark.parametrize("scenario", ["baseline", "no_bridge"])
def test_arrivals_are_those_of_the_search(net: ag.Network, vehicle: str, scenario: str) -> None:
    numbers = np.random.default_rng(5)
    e = ag.ensemble(net, start="2026-11-28", end="2027-11-27", n=50, seed=11, scenario=scenario)
    border = border_of(e, vehicle)
    origins, far = ["blagoveshchensk", "tynda", "raychikhinsk", "zeya"], ["heihe", "harbin", "manzhouli"]
    for starts, ends in ((origins, far), (far, origins[:2]), (origins[:1], ["vladivostok"])):
        at = time(*[(0, 0), (8, 0), (13, 30), (23, 0)][numbers.integers(4)])
        for start, end, land in lands(e, border, e.net, vehicle, starts, ends, at=at):
            best = border.arrivals(land).min(axis=0)
            for _ in range(14):
                cell = int(numbers.integers(e.n)), int(numbers.integers(e.n_days))
                assert best[cell] == _reference(e, border, land, [start, end], vehicle, cell)


def test_one_crossing_is_enough_for_the_usual_pairs(net: ag.Network, shut: ag.Ensemble) -> None:
    border = border_of(shut, "truck_20t")
    (land,) = (found for *_, found in lands(shut, border, shut.net, "truck_20t", ["belogorsk"], ["harbin"]))
    assert all(piece.single for piece in land.pieces)
    # With a far end from which the next crossing is near, it is not.
    piece = land.pieces[0]
    assert not certified(piece._replace(between=np.zeros_like(piece.between), on=piece.on + 1e6), land.rest)


@pytest.mark.slow
def test_coherent_draw_by_draw(net: ag.Network, shut: ag.Ensemble) -> None:
    base = ag.ensemble(net, **SPRING, n=200)
    best = {}
    for name, e in (("base", base), ("shut", shut)):
        border = border_of(e, "truck_20t")
        ((*_, land),) = lands(e, border, e.net, "truck_20t", ["belogorsk"], ["heihe"])
        arrivals = border.arrivals(land)
        best[name] = arrivals.min(axis=0)
        rows = rows_of(border, land, arrivals, CHOICE)
        assert (np.take_along_axis(arrivals, rows[None], axis=0)[0] >= best[name]).all()
        # Who leaves later by a crossing never arrives sooner, unless the earlier one waits for too long.
        sooner = np.diff(arrivals.astype(np.int64), axis=2) < 0
        assert (arrivals[:, :, :-1][sooner] == NEVER).all()
    assert (best["shut"] >= best["base"]).all()


def test_quantiles_are_values_of_the_journeys() -> None:
    values = np.array([[7.0], [44.0], [7.0], [np.inf]])
    assert [float(row[0]) for row in quantiles(values, [0.1, 0.5, 0.51, 0.9])] == [7.0, 7.0, 44.0, np.inf]


def test_the_last_day_for_a_deadline(shut: ag.Ensemble) -> None:
    promise = ag.promise(shut, "Blagoveshchensk", "Heihe", by="2027-04-30", drivers=2)
    # Within a day of the design note: leave by 28 April by Pogranichny, 99 %.
    assert promise.last_day == date(2027, 4, 28)
    assert promise.crossing is not None
    assert promise.crossing.startswith("pogranichny")
    assert promise.chance >= 0.97
    document = promise.to_dict()
    assert document["draws"] == 200
    assert "leave by 2027-04-28, by Pogranichny" in document["sentences"][0]
    assert "season only" in document["sentences"][-1]
    later = ag.promise(shut, "Blagoveshchensk", "Heihe", by="2027-04-30", sure=0.5, drivers=2).last_day
    assert later is not None
    assert later >= promise.last_day
    assert "выезжайте не позднее 28.04.2027" in promise.sentences("ru")[0]
    # The chance is that of the plan which is named.
    assert promise.last_plan in ("choice", "pogranichny")
    assert promise.chance == promise.plans.at[promise.last_plan, "within"]
    assert ("or what is quicker" in document["sentences"][0]) == (promise.last_plan == "choice")
    # The end of the period is no last day.
    far = ag.promise(shut, "Blagoveshchensk", "Heihe", by="2027-06-30", drivers=2)
    assert far.last_day == date(2027, 5, 2)
    assert "later days were not computed" in far.sentences()[0]
    with pytest.raises(ag.InputError, match="from the first day of departure on, 2027-04-01"):
        ag.promise(shut, "Blagoveshchensk", "Heihe", by="2027-03-31")
    none = ag.promise(shut, "Blagoveshchensk", "Heihe", by="2027-04-01T09:00")
    assert none.last_day is None
    assert "No departure" in none.sentences()[0]
    never = ag.promise(shut.net, "Ogodzha", "Heihe", start="2027-07-08", end="2027-07-09", n=5)
    assert never.sentences()[0].endswith("no journey to Heihe arrives.")


def test_a_day_in_the_gap_has_two_answers(shut: ag.Ensemble) -> None:
    promise = ag.promise(shut, "Blagoveshchensk", "Heihe", on="2027-04-08", drivers=2)
    # The pontoon with four in five, or round by Primorye; who waits at the pontoon may wait for the ships.
    row = promise.days.set_index("day").loc["2027-04-08"]
    assert row["p50_h"] == pytest.approx(7.8, abs=0.1)
    assert 40 < row["p90_h"] < 48
    assert 0.6 < promise.kept_within(10.0)["2027-04-08"] < 0.95
    assert promise.plans.loc["blagoveshchensk", "p90_h"] > 400
    assert promise.plans.index[0] == "choice"
    fixed = ag.promise(shut, "Blagoveshchensk", "Heihe", plan="Pogranichny", drivers=2)
    assert (fixed.days["mean_h"] >= promise.days["mean_h"] - 1.5).all()
    bound = ag.promise(shut, "Blagoveshchensk", "Heihe", plan="foresight", drivers=2)
    assert (bound.days["mean_h"] <= promise.days["mean_h"] + 1e-9).all()
    assert promise.pti > promise.tti > 1.0


def test_a_departure_day_has_one_answer_in_every_period(net: ag.Network, shut: ag.Ensemble) -> None:
    """Who goes to a pontoon bridge that then closes waits for the next winter, which is too long."""
    longer = ag.ensemble(net, start=SPRING["start"], end="2027-12-15", n=200, scenario="no_bridge")
    few, many = (ag.promise(e, "Belogorsk", "Heihe") for e in (shut, longer))
    assert few.days["never"].max() > 0
    pd.testing.assert_frame_equal(many.days.iloc[: len(few.days)], few.days)
    assert many.hours[np.isfinite(many.hours)].max() <= 24 * TAIL_DAYS


@pytest.mark.slow
def test_daily_over_draws_is_the_promise(net: ag.Network, shut: ag.Ensemble) -> None:
    frame = ag.daily(net, ["Blagoveshchensk"], ["Heihe", "Harbin"], ensemble=shut)
    days = ag.promise(shut, "Blagoveshchensk", "Heihe").days
    own = frame[frame["destination"] == "heihe"].reset_index(drop=True)
    for name in ("p10_h", "p90_h", "mean_h", "never", "crossing", "share"):
        pd.testing.assert_series_equal(own[name], days[name], check_exact=True)
    with ThreadPoolExecutor(2) as threads:
        other = ag.daily(net, ["Blagoveshchensk"], ["Heihe", "Harbin"], ensemble=shut, executor=threads)
    pd.testing.assert_frame_equal(other.to_frame(), frame.to_frame(), check_exact=True)
    for given in ({"start": "2027-04-01"}, {"scenarios": ["no_bridge"]}, {"assume": "open"}):
        with pytest.raises(ag.InputError, match="beside an ensemble"):
            ag.daily(net, ["Zeya"], ["Heihe"], ensemble=shut, **given)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_workers_give_the_same_bits_and_may_be_lost(net: ag.Network, shut: ag.Ensemble) -> None:
    distributed = pytest.importorskip("distributed")
    origins, far = ["Blagoveshchensk", "Zeya", "Tynda", "Belogorsk", "Svobodny", "Raychikhinsk"], ["Heihe"]
    pairs = {"origins": origins, "destinations": [*far, "Harbin", "Suifenhe", "Manzhouli"]}
    expected = ag.daily(net, **pairs, ensemble=shut).to_frame()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        found = ag.daily(net, **pairs, ensemble=shut, executor=processes)
    pd.testing.assert_frame_equal(found.to_frame(), expected, check_exact=True)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        lost: list[str] = []

        class Losing:
            """An executor that kills one worker after the first task is handed over."""

            def submit(self, *call: Any) -> Any:
                future = client.submit(*call, pure=False)
                if not lost:
                    lost.append(next(iter(cluster.workers)))
                    os.kill(cluster.workers[lost[0]].process.process.pid, signal.SIGKILL)
                return future

        found = ag.daily(net, **pairs, ensemble=shut, executor=Losing())
    assert lost
    pd.testing.assert_frame_equal(found.to_frame(), expected, check_exact=True)


@pytest.mark.slow
def test_queues_are_a_part_of_their_own(net: ag.Network) -> None:
    days = {"start": "2027-01-12", "end": "2027-01-20"}
    e, waits = ag.ensemble(net, **days, n=100, scenario="no_bridge"), ag.queues(net, "no_bridge", **days)
    usual, queued = (
        ag.promise(e, "Blagoveshchensk", "Heihe", on="2027-01-15", queues=given) for given in (None, waits)
    )
    assert not usual.to_dict()["includes_queues"]
    assert queued.to_dict()["includes_queues"]
    assert "season only" in usual.sentences()[-1]
    assert "the expected queues of the day" in queued.sentences()[-1]
    for row in (queued.plans.loc[plan] for plan in queued.plans.index):
        assert row["drive_h"] + row["wait_h"] + row["queue_h"] == pytest.approx(row["mean_h"], nan_ok=True)
    # By one checkpoint the queue is what is added, that of a day from the departure on.
    more = queued.plans.loc["blagoveshchensk"] - usual.plans.loc["blagoveshchensk"]
    own = waits.days[waits.days["crossing"] == "blagoveshchensk:pontoon"].set_index("date")["wait_h"]
    assert more["mean_h"] == pytest.approx(queued.plans.at["blagoveshchensk", "queue_h"], abs=1e-6)
    assert own["2027-01-15":].min() - 1 <= more["mean_h"] <= own["2027-01-15":].max() + 1
    assert more["wait_h"] == pytest.approx(0.0)
    assert (queued.days["mean_h"] >= usual.days["mean_h"] - 0.5).all()
    best = ag.promise(e, "Blagoveshchensk", "Heihe", queues=waits, plan="foresight")
    assert (best.hours <= queued.hours + 1e-3).all()
    # Who leaves later never arrives sooner.
    fixed = ag.promise(e, "Blagoveshchensk", "Heihe", queues=waits, plan="Blagoveshchensk").hours
    assert (np.diff(fixed, axis=1) >= -24.0 - 1e-3).all()
    for given in ({"queues": 5}, {"queues": waits, "vehicle": "car"}):
        with pytest.raises(ag.InputError, match="invalid"):
            ag.promise(e, "Blagoveshchensk", "Heihe", **given)
    later = ag.ensemble(net, start="2027-01-21", end="2027-01-22", n=5, scenario="no_bridge")
    with pytest.raises(ag.InputError, match="has no 2027-01-21"):
        ag.promise(later, "Blagoveshchensk", "Heihe", queues=waits)


@pytest.mark.slow
def test_a_crossing_enters_by_its_own_clock(net: ag.Network) -> None:
    e = ag.ensemble(net, start="2027-06-01", end="2027-06-03", n=20)
    early, late = (
        ag.promise(e, "Blagoveshchensk", "Heihe", at=hour, vehicle="passenger").hours[:, 0]
        for hour in ("05:00", time(8))
    )
    # Ferries begin in the morning: the early ones wait.
    assert early.min() > late.min()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"sure": 0.4}, "sure"),
        ({"sure": 1.0}, "sure"),
        ({"by": "08:00"}, "by is invalid"),
        ({"at": "2027-04-01 08:00"}, "at is invalid"),
        ({"at": "noon"}, "at is invalid: 'noon'"),
        ({"plan": "dzhalinda"}, "plan"),
        ({"plan": 3}, "plan"),
        ({"on": "2028-01-01"}, "on is invalid"),
        ({"n": 10}, "n is invalid beside an ensemble"),
        ({"vehicle": "rocket"}, "vehicle"),
        ({"drivers": 3}, "drivers"),
    ],
)
def test_faults_are_refused(shut: ag.Ensemble, given: dict[str, Any], says: str) -> None:
    with pytest.raises(ag.InputError, match=says):
        ag.promise(shut, "Blagoveshchensk", "Heihe", **given)


@pytest.mark.slow
def test_the_command_prints_what_the_library_returns(
    net: ag.Network, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (
        "promise Zeya Heihe --by 2027-02-03 --from 2027-02-01 --draws 20 "
        "--not-by poyarkovo:ice_road=2027-02-01"
    )
    with pytest.raises(SystemExit):
        main([*words.split(), "--format", "json"])
    printed = json.loads(capsys.readouterr().out)
    e = ag.ensemble(
        net, start="2027-02-01", end="2027-02-03", n=20, not_by={"poyarkovo:ice_road": "2027-02-01"}
    )
    assert printed == json.loads(json.dumps(ag.promise(e, "Zeya", "Heihe", by="2027-02-03").to_dict()))
    assert list(printed["days"][0]) == [
        "day", "p10_h", "p50_h", "p90_h", "p95_h", "mean_h", "never", "within", "crossing", "share",
    ]  # fmt: skip
    with pytest.raises(SystemExit):
        main([*words.split(), "--lang", "zh"])
    assert "最迟" in capsys.readouterr().out


def test_the_ways_of_one_day_are_rows_of_those_of_all_days() -> None:
    far = np.inf
    pieces = tuple(
        Piece(np.array(days), far, np.array(to), np.array(on), np.zeros(3), np.full((3, 3), far), single=True)
        for days, to, on in (([0, 2], [10.0, 20, 30], [5.0, 5, 5]), ([1], [far, 40, 50], [5.0, 6, far]))
    )
    land = Land(np.array([100, 200, 300], dtype=np.int32), pieces, NO_REST)
    for day in range(3):
        one = land.on(day)
        assert one.arcs.tolist() == land.arcs.tolist()
        for alone, all_days in zip(one.ways(), land.ways(), strict=True):
            np.testing.assert_array_equal(alone[:, 0], all_days[:, day])
