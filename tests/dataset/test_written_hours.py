"""Hours and limits as people write them, in the record and in tables; clocks that are moved."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import amurgeo as ag
from amurgeo.dataset.values import read_clock, read_hours, read_tonnes
from amurgeo.errors import InputError
from amurgeo.routing.departures import parse_departure
from amurgeo.seasons.holidays import Clocks, checkpoint_hours

NOTICE = "https://example.org/n"
DAY = [(480, 1200)]
LUNCH = [(480, 720), (780, 1200)]
WHOLE = [(0, 1440)]


@pytest.mark.parametrize(
    ("texts", "spans"),
    [
        ("8-20|08.00–20.00|8:00-20:00|8:00 — 20:00|с 8 до 20|с 08.00 до 20.00|from 8 to 20", DAY),
        ("8am-8pm|8 ч - 20 ч|8点到20点|8:00至20:00|０８：００－２０：００|с 8 утра до 8 вечера", DAY),
        ("0800-2000|8h-20h", DAY),
        ("08:00-20:00 daily|08:00–20:00 ежедневно, без перерыва", DAY),
        ("круглосуточно|24/7|24 часа|round the clock|全天|00:00-24:00|работает круглосуточно|24小时", WHOLE),
        (
            "08:00-20:00, break 12:00-13:00|8-20, перерыв с 12 до 13|8-12, 13-20|8-20 (обед 12:00-13:00)",
            LUNCH,
        ),
        ("20:00-06:00|с 20 до 6", [(1200, 1800)]),
        ("08:00-24:00", [(480, 1440)]),
        ("22:00-07:00, перерыв 02:00-03:00", [(1320, 1560), (1620, 1860)]),
        ("25:00-26:00|08:60-20:00|20:00|8-8|08:00-25:00|always|2026-02-10|8-12, 11-20|", None),
    ],
)
def test_hours_are_read_as_people_write_them(texts: str, spans: list[tuple[int, int]] | None) -> None:
    for text in texts.split("|"):
        hours = read_hours(text)
        assert (None if hours is None else list(hours.spans)) == spans, text


MINUTES = st.integers(0, 1439)


@given(
    MINUTES,
    MINUTES,
    st.sampled_from(["{}-{}", "с {} до {}", "{} – {}", "from {} to {}", "{}至{}"]),
    st.booleans(),
)
def test_any_span_is_read_and_its_text_reads_back(start: int, end: int, form: str, dots: bool) -> None:
    clocks = (f"{minute // 60}{'.' if dots else ':'}{minute % 60:02d}" for minute in (start, end))
    hours = read_hours(form.format(*clocks))
    if start == end:
        assert hours is None
    else:
        assert hours is not None
        assert hours.spans == ((start, end if end > start else end + 1440),)
        assert read_hours(str(hours)) == hours


@given(st.text(max_size=40))
def test_any_text_is_hours_or_none(text: str) -> None:
    hours = read_hours(text)
    assert hours is None or read_hours(str(hours)) is not None
    clock = read_clock(text)
    assert clock is None or 0 <= clock <= 1440


def test_limits_are_read_in_three_languages() -> None:
    assert [read_tonnes(text) for text in ("30 t", "30", "12,5 т", "до 30 тонн", "30吨")] == [
        30,
        30,
        12.5,
        30,
        30,
    ]
    assert [read_tonnes(text) for text in ("heavy", "30 cm", "", "t")] == [None] * 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("value", "at", "wait_h"),
    [
        ("08:00-24:00", "6:00", 2),
        ("8-20, перерыв 12:00-13:00", "12.00", 1),
        ("20:00–06:00", "03:00", 0),
        ("круглосуточно", "03:00", 0),
    ],
)
def test_recorded_hours_hold_at_the_crossing(tmp_path: Path, value: str, at: str, wait_h: float) -> None:
    ag.record(tmp_path, "blagoveshchensk:pontoon", "hours", "2027-01-20", value=value, source=NOTICE)
    assert ag.check(tmp_path).n_faults == 0
    found = ag.routes(
        ag.load(tmp_path), "Blagoveshchensk", "Heihe", depart_at=f"25.01.2027 {at}", avoid=["kani_kurgan"]
    ).departure
    assert found is not None
    assert found.wait_h == pytest.approx(wait_h, abs=0.2)


def test_recorded_hours_are_spans_by_the_home_clock() -> None:
    clocks = Clocks("Asia/Yakutsk", "Asia/Shanghai", "Beijing|пекин|北京")
    row = {"crossing": "x:ferry", "event": "hours", "date": "2027-01-20", "source": "s"}
    for value, spans in (
        ("8-20, перерыв 12:00-13:00", tuple(LUNCH)),
        ("20:00–06:00", ((1200, 1800),)),
        ("8-20 по пекинскому времени", ((540, 1260),)),
        ("до 13:00", ((0, 780),)),
    ):
        record = pd.DataFrame([{**row, "value": value}])
        hours = checkpoint_hours("x:ferry", date(2027, 1, 20), record, clocks)
        assert hours is not None
        assert hours.spans == spans


@pytest.mark.parametrize(
    ("event", "value", "remedy"),
    [
        ("hours", "08:00-25:00", "expected hours such as 08:00-18:00"),
        ("hours", "пн-пт 8-20", "expected the hours of every day"),
        ("hours", "", "expected hours such as"),
        ("weight_limit", "heavy", "expected a limit in tonnes"),
        ("weight_limit", "900", "expected a limit in tonnes"),
    ],
)
def test_values_that_are_not_read_are_refused_with_what_is_right(
    tmp_path: Path, event: str, value: str, remedy: str
) -> None:
    with pytest.raises(InputError, match=remedy):
        ag.record(tmp_path / "own", "poyarkovo:ice_road", event, "2027-01-20", value=value, source=NOTICE)
    assert not (tmp_path / "own").exists()


@pytest.mark.slow
def test_values_of_tables_that_are_not_read_are_faults(tmp_path: Path) -> None:
    ag.record(tmp_path, "poyarkovo:ice_road", "hours", "2027-01-20", value="8-20", source=NOTICE)
    path = tmp_path / "season_record.csv"
    text = path.read_text(encoding="utf-8")
    assert "08:00-20:00" in text
    path.write_text(text.replace("08:00-20:00", "08:00-25:00"), encoding="utf-8")
    (fault,) = [fault for fault in ag.check(tmp_path).faults if fault.severity == "fault"]
    assert (fault.column, fault.check) == ("value", "record-value")
    assert "expected hours such as" in fault.problem


@pytest.mark.slow
@pytest.mark.parametrize(
    ("origin", "destination", "at"),
    [
        ("Tynda", "Belogorsk", "2010-03-27T22:00"),
        pytest.param("Tynda", "Belogorsk", "2010-10-30T22:00", marks=pytest.mark.slow),
        pytest.param("Blagoveshchensk", "Heihe", "2014-10-26T01:30", marks=pytest.mark.slow),
        pytest.param("Harbin", "Blagoveshchensk", "2010-03-28T00:30", marks=pytest.mark.slow),
    ],
)
def test_legs_hours_and_stamps_agree_when_clocks_are_moved(origin: str, destination: str, at: str) -> None:
    found = ag.routes(ag.load(), origin, destination, depart_at=at, vehicle="car").departure
    assert found is not None
    assert found.arrives is not None
    elapsed = (found.arrives.astimezone(UTC) - found.leaves.astimezone(UTC)).total_seconds() / 3600
    assert found.total_h == pytest.approx(elapsed)
    assert sum(leg["hours"] for leg in found.legs) == pytest.approx(found.total_h, abs=0.01)
    stamps = [datetime.fromisoformat(leg[end]) for leg in found.legs for end in ("start", "end")]
    assert stamps == sorted(stamps)


def test_an_hour_that_clocks_skipped_is_refused() -> None:
    with pytest.raises(InputError, match=r"put forward over 02:30 on 2011-03-27; expected .* such as 03:30"):
        ag.routes(ag.load(), "Tynda", "Zeya", depart_at="2011-03-27T02:30", vehicle="car")


def test_an_hour_that_clocks_show_twice_is_the_first() -> None:
    twice = ag.routes(ag.load(), "Tynda", "Tynda", depart_at="2014-10-26T01:30", vehicle="car").departure
    assert twice is not None
    assert twice.leaves.isoformat() == "2014-10-26T01:30:00+10:00"


@pytest.mark.parametrize(
    "at",
    [
        "28.11.2026 8:00",
        "2026-11-28T08.00",
        "28.11.2026, 08:00",
        "28.11.2026 в 8 ч 00 мин",
        "2026年11月28日 8时",
        "27.11.2026 24:00",
    ],
)
def test_departures_are_read_as_people_write_them(at: str) -> None:
    hour = 0 if "24" in at else 8
    assert parse_departure(at, None) == (date(2026, 11, 28), time(hour))
