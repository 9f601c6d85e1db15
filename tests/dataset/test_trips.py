"""A log of trips over the border replaces the estimates of its crossings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import amurgeo as ag

HEADER = "crossing,direction,vehicle,arrived,cleared,paid,source,note\n"
HOURS = (4.0, 5.0, 9.0)
LINES = [
    f"kani_kurgan:bridge,out,truck_20t,2026-01-1{n} 08:00,2026-01-1{n} {8 + int(hours):02d}:00,{9000 + n},"
    f"Waybill № {n},\n"
    for n, hours in enumerate(HOURS, start=2)
]
ASK = {"on": "2026-02-10", "vehicle": "truck_40t"}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "trips.csv").write_text(HEADER + "".join(LINES), encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_hours_ranges_and_matrices_follow_the_log(net: ag.Network, own: Path) -> None:
    logged = ag.load(own)
    before, after = (ag.routes(one, "Belogorsk", "Heihe", **ASK) for one in (net, logged))
    first, row = next(
        (route, row)
        for route, row in zip(after, after.records(), strict=True)
        if row["crossing"] == "kani_kurgan:bridge"
    )
    assert (row["border_h"], row["wait_h"], row["border_estimated"]) == (6.0, 0.0, False)
    estimate = first.estimates["border_h", "kani_kurgan:bridge"]
    assert (estimate.low_h, estimate.mid_h, estimate.high_h) == (4.0, 6.0, 9.0)
    table = first.indicators().set_index("indicator")
    assert (table.loc["TFI1", ["value", "low", "high", "n", "basis"]].tolist()) == [
        6.0,
        4.0,
        9.0,
        3,
        "observed",
    ]
    assert table.loc["TFI1", "cv"] == pytest.approx(np.std(HOURS, ddof=1) / np.mean(HOURS), abs=1e-3)
    assert table.loc["TFI2", ["value", "n"]].tolist() == [9003.0, 3]
    cell = ag.od_matrix(logged, ["Belogorsk"], ["Heihe"], **ASK).iloc[0, 0]
    assert cell == pytest.approx(after[0].seconds / 3600.0, abs=0.01)
    # The way in has no trips: its hours and their range are those of the estimate.
    back, again = (
        ag.routes(one, "Heihe", "Belogorsk", via=["kani_kurgan"], **ASK)[0] for one in (net, logged)
    )
    assert again.seconds == back.seconds
    assert again.indicators()["n"].sum() == 0
    buses = [
        ag.routes(one, "Belogorsk", "Heihe", on="2026-02-10", vehicle="bus").records()
        for one in (net, logged)
    ]
    assert buses[0] == buses[1]
    assert before.state.net.base["services"].equals(ag.load().base["services"])


@pytest.mark.slow
def test_few_trips_keep_the_range_of_the_estimate(own: Path) -> None:
    (own / "trips.csv").write_text(HEADER + LINES[0], encoding="utf-8")
    route = ag.routes(ag.load(own), "Belogorsk", "Heihe", via=["kani_kurgan"], **ASK)[0]
    estimate = route.estimates["border_h", "kani_kurgan:bridge"]
    assert estimate.mid_h == 4.0
    assert estimate.low_h < 1 < 8 < estimate.high_h
    assert route.indicators().set_index("indicator").loc["TFI1", "n"] == 1


@pytest.mark.slow
def test_a_log_as_excel_writes_it_is_read(own: Path) -> None:
    text = (
        HEADER + "kani_kurgan:bridge,out,truck_20t,12.01.2026 8:00,12.01.2026 14:30:00,,Путевой лист № 7,\n"
    )
    (own / "trips.csv").write_text(text, encoding="utf-8")
    assert ag.check(own).n_faults == 0
    assert ag.load(own).base["services"].at[("kani_kurgan:bridge", "cargo"), "border_h_out"] == 6.5


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (LINES[0].replace("12:00", "07:00"), "is not after arrived"),
        (LINES[0].replace("2026-01-12 12:00", "2026-04-12 12:00"), "more than 1000 hours"),
        (LINES[0].replace("2026-01-12 12:00", "2026-02-31 12:00"), "invalid value '2026-02-31 12:00'"),
        (LINES[0].replace("truck_20t", "train"), "takes no train"),
        (LINES[0].replace("kani_kurgan:bridge", "kani:bridge"), "did you mean"),
    ],
)
def test_a_trip_that_cannot_be_is_a_fault(own: Path, line: str, says: str) -> None:
    (own / "trips.csv").write_text(HEADER + line, encoding="utf-8")
    assert says in str([fault.problem for fault in ag.check(own).faults])
    with pytest.raises(ag.DataError, match=says):
        ag.load(own)
