"""The season model: the record and the windows read once, questions answered from them.

A season that was seen has exact days. Every other one has a distribution, pooled over crossings and years
(`amurgeo.seasons.pooling`) within the years of one regime: an ice road and the pontoon that took its place,
or a pontoon opened in December and one opened in January, are never averaged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.errors import unknown_name_error
from amurgeo.seasons.distribution import DateQuantiles, SeasonDates
from amurgeo.seasons.evidence import resumed
from amurgeo.seasons.pooling import PRECISION_SD_DAYS, WINDOW_YEAR, Event, Expected, Pooled, phase_of
from amurgeo.seasons.spans import PARTS, date_in, mode_of, part_of, season_of, season_span, season_year

TRAFFICS = ("cargo", "passenger")
#: Spread in days where a window states none; wide on purpose.
DEFAULT_SD_DAYS = 12.0


@dataclass(frozen=True)
class _Window:
    """A typical window: what it speaks of, its years, its days and their spread."""

    crossing: str
    traffic: str
    part: str
    first: int
    last: int
    days: dict[str, str]
    sd_days: dict[str, float]
    source: str
    stated: int

    def asked(self, event: str, traffic: str, year: int) -> Event:
        """Describe an event of the season that begins in a year."""
        mode = mode_of(self.crossing)
        phase = phase_of(mode, event, self.part)
        place = self.crossing if self.crossing.startswith("road:") else self.crossing.partition(":")[0]
        # Ships open at the end of the winter that began a year before.
        winter = year - 1 if mode == "ferry" and phase == "melt" else year
        era = f"{self.first}-{self.last}"
        return Event(
            f"{self.crossing}|{self.part}|{era}",
            place,
            traffic,
            event,
            phase,
            era,
            winter,
            self.sd_days[event],
            window_year=self.stated,
        )


@dataclass(frozen=True)
class _Seen:
    """A dated opening or closing; ``evidence`` is None where it tells nothing of other seasons."""

    day: date
    traffic: str
    event: str
    precision: str
    source: str
    confidence: str
    evidence: Event | None


class SeasonModel:
    """The record and the windows, read once; questions never change it.

    Parameters
    ----------
    record
        Dated observations (``season_record.csv``).
    windows
        Typical windows (``windows.csv``).
    """

    def __init__(self, record: pd.DataFrame, windows: pd.DataFrame) -> None:
        self._windows = _read_windows(windows)
        self._seen = _read_record(record, self._windows)
        self._pooled: dict[tuple[Any, ...], Pooled] = {}
        self._seasons: dict[tuple[Any, ...], SeasonDates] = {}

    @property
    def crossings(self) -> tuple[str, ...]:
        """Crossings, and season keys of roads, that have a window."""
        return tuple(self._windows)

    def parts(self, crossing: str) -> tuple[str, ...]:
        """Return the parts of a crossing's season: ``("",)``, or autumn and spring."""
        mine = {window.part for window in self._windows[crossing]}
        return tuple(part for part in ("", *PARTS) if part in mine)

    def traffics(self, crossing: str) -> tuple[str, ...]:
        """Return the kinds of traffic for which a crossing has windows."""
        mine = {window.traffic for window in self._windows[crossing]}
        return tuple(name for name in TRAFFICS if name in mine or "both" in mine)

    def season(
        self,
        crossing: str,
        *,
        season: str,
        traffic: str,
        part: str = "",
        blind: bool = False,
        as_of: date | None = None,
        open_shift_days: float = 0.0,
        close_shift_days: float = 0.0,
    ) -> SeasonDates:
        """Return one season of one crossing for one kind of traffic.

        Parameters
        ----------
        crossing
            Id of the crossing, or the season key of a road.
        season
            ``2023/24``, or ``2024`` for a ferry.
        traffic
            ``cargo`` or ``passenger``.
        part
            ``autumn`` or ``spring`` for the hovercraft.
        blind
            Leave out all that the record holds of that span of time, here and at all other crossings.
        as_of
            Leave out all that came after this day.
        open_shift_days, close_shift_days
            Days by which a scenario moves the season; what was observed no longer counts then.

        Raises
        ------
        InputError
            When the season is badly written, or the crossing has no window.
        """
        key = (crossing, season, traffic, part, blind, as_of, open_shift_days, close_shift_days)
        if key not in self._seasons:
            if crossing not in self._windows:
                raise unknown_name_error("seasonal crossing", crossing, self._windows)
            self._seasons[key] = self._find(*key)
        return self._seasons[key]

    def _find(
        self,
        crossing: str,
        season: str,
        traffic: str,
        part: str,
        blind: bool,
        as_of: date | None,
        open_shift: float,
        close_shift: float,
    ) -> SeasonDates:
        mode = mode_of(crossing)
        year = season_year(season, mode)
        window, in_regime = self._window(crossing, traffic, part, year)
        span = season_span(year, mode) if blind else None
        seen = (
            []
            if blind
            else [
                one
                for one in self._seen.get((crossing, season, part), [])
                if as_of is None or one.day <= as_of
            ]
        )
        ends: list[DateQuantiles | None] = []
        methods: list[str] = []
        for event, shift in (("open", open_shift), ("close", close_shift)):
            own = _best([one for one in seen if one.event == event], traffic)
            if own is not None and not shift:
                ends.append(_observed(own))
                methods.append("observed")
            elif window is None:
                ends.append(None)
                methods.append("none")
            else:
                asked = window.asked(event, traffic, year)
                expected = self._fitted(span, as_of).expect(asked)
                ends.append(
                    _estimated(
                        date_in(window.days[event], year, mode),
                        expected,
                        shift,
                        self._sources(window, asked, span, as_of),
                    )
                )
                methods.append("extrapolated" if not in_regime else "pooled" if expected.n else "window")
        method = methods[0] if methods[0] == methods[1] else f"open {methods[0]}, close {methods[1]}"
        opened, closed = _in_order(*ends)
        n = sum(end.n for end in ends if end is not None)
        return SeasonDates(crossing, season, traffic, part, opened, closed, n, method, in_regime)

    def _window(self, crossing: str, traffic: str, part: str, year: int) -> tuple[_Window | None, bool]:
        """Return the window that holds in a year, else the last one before it; and whether it holds."""
        mine = [
            one for one in self._windows[crossing] if one.part == part and one.traffic in (traffic, "both")
        ]
        for one in mine:
            if one.first <= year <= one.last:
                return one, True
        return max((one for one in mine if one.last < year), key=lambda one: one.last, default=None), False

    def _evidence(self, span: tuple[date, date] | None, as_of: date | None) -> Iterable[tuple[_Seen, Event]]:
        for one in (one for season in self._seen.values() for one in season):
            left_out = span is not None and span[0] <= one.day <= span[1]
            if one.evidence is not None and not left_out and (as_of is None or one.day <= as_of):
                yield one, one.evidence

    def _fitted(self, span: tuple[date, date] | None, as_of: date | None) -> Pooled:
        key = (span, as_of)
        if key not in self._pooled:
            self._pooled[key] = Pooled([event for _, event in self._evidence(span, as_of)])
        return self._pooled[key]

    def _sources(
        self, window: _Window, asked: Event, span: tuple[date, date] | None, as_of: date | None
    ) -> list[str]:
        same = (asked.regime, asked.event)
        mine = {
            one.source for one, event in self._evidence(span, as_of) if (event.regime, event.event) == same
        }
        return sorted({window.source, *mine})


def _best(seen: list[_Seen], traffic: str) -> _Seen | None:
    """Return what speaks best: the traffic's own first, then the exact, then the outermost day."""
    mine = [one for one in seen if one.traffic in (traffic, "both", "unknown")]
    sign = {"open": 1, "close": -1}
    return min(
        mine,
        key=lambda one: (
            one.traffic != traffic,
            one.precision != "day",
            sign[one.event] * one.day.toordinal(),
        ),
        default=None,
    )


def _observed(seen: _Seen) -> DateQuantiles:
    day = seen.day
    return DateQuantiles(
        day,
        day,
        day,
        day,
        seen.precision,
        [seen.source],
        seen.confidence,
        0,
        float(_number(day)),
        0.0,
        np.inf,
    )


def _estimated(typical: date, expected: Expected, shift: float, sources: list[str]) -> DateQuantiles:
    p10, p50, p90 = (typical + timedelta(days=round(shift + expected.quantile(p))) for p in (0.1, 0.5, 0.9))
    middle = _number(typical) + shift + expected.offset_days
    return DateQuantiles(
        p10,
        p50,
        p90,
        None,
        "estimate",
        sources,
        "estimated",
        expected.n,
        middle,
        expected.scale_days,
        expected.df,
    )


def _in_order(
    opened: DateQuantiles | None, closed: DateQuantiles | None
) -> tuple[DateQuantiles | None, DateQuantiles | None]:
    """Keep an estimated day on its side of an observed one."""
    if opened is None or closed is None:
        return opened, closed
    if opened.observed is not None and closed.observed is None:
        first = opened.observed + timedelta(days=1)
        closed = replace(
            closed, p10=max(closed.p10, first), p50=max(closed.p50, first), p90=max(closed.p90, first)
        )
    if closed.observed is not None and opened.observed is None:
        last = closed.observed - timedelta(days=1)
        opened = replace(
            opened, p10=min(opened.p10, last), p50=min(opened.p50, last), p90=min(opened.p90, last)
        )
    return opened, closed


def _number(day: date) -> int:
    return int(np.datetime64(day, "D").astype(int))


def _read_windows(windows: pd.DataFrame) -> dict[str, list[_Window]]:
    """Return the windows that state both days, by crossing."""
    found: dict[str, list[_Window]] = defaultdict(list)
    for row in windows.to_dict("records"):
        days = {event: _text(row[f"{event}_md"]) for event in ("open", "close")}
        if not all(days.values()):
            continue
        spread = {event: row[f"{event}_sd_days"] for event in days}
        found[str(row["crossing"])].append(
            _Window(
                str(row["crossing"]),
                str(row["traffic"]),
                _text(row["part"]),
                -9999 if pd.isna(row["valid_from"]) else int(row["valid_from"]),
                9999 if pd.isna(row["valid_to"]) else int(row["valid_to"]),
                days,
                {
                    event: DEFAULT_SD_DAYS if pd.isna(sd) else max(float(sd), 1.0)
                    for event, sd in spread.items()
                },
                str(row["source"]),
                int(_text(row.get("source_date"))[:4] or WINDOW_YEAR),
            )
        )
    return dict(sorted(found.items()))


def _read_record(
    record: pd.DataFrame, windows: dict[str, list[_Window]]
) -> dict[tuple[str, str, str], list[_Seen]]:
    """Return the openings and closings that are dated to a day or a week, by crossing, season and part."""
    mine = record[~record.index.isin(resumed(record))]
    mine = mine[mine["event"].isin(["open", "close"]) & mine["precision"].isin(list(PRECISION_SD_DAYS))]
    mine = mine.assign(date=pd.to_datetime(mine["date"], format="ISO8601").dt.date)
    found: dict[tuple[str, str, str], list[_Seen]] = defaultdict(list)
    for row in mine.to_dict("records"):
        crossing, event, day, traffic = (
            str(row["crossing"]),
            str(row["event"]),
            row["date"],
            str(row["traffic"]),
        )
        mode = mode_of(crossing)
        part = part_of(day, event) if mode == "hovercraft" else ""
        season = season_of(day, mode)
        year = season_year(season, mode)
        kinds = (traffic, "both") if traffic in TRAFFICS else ("both", *TRAFFICS)
        holds = [
            w
            for w in windows.get(crossing, [])
            if w.part == part and w.first <= year <= w.last and w.traffic in kinds
        ]
        evidence = None
        if holds and _is_yes(row["evidence"]):
            typical = float(np.mean([_number(date_in(window.days[event], year, mode)) for window in holds]))
            evidence = replace(
                holds[0].asked(event, traffic, year),
                offset_days=_number(day) - typical,
                precision=str(row["precision"]),
            )
        found[crossing, season, part].append(
            _Seen(
                day,
                traffic,
                event,
                str(row["precision"]),
                str(row["source"]),
                str(row["confidence"]),
                evidence,
            )
        )
    return dict(found)


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _is_yes(value: object) -> bool:
    return value is True or str(value).strip().lower() in ("yes", "true", "1")
