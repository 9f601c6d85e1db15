"""The briefing: what is open on a date, what comes next, and what is uncertain, on one printed page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from amurgeo.dataset.schema import ESTIMATE
from amurgeo.errors import InputError
from amurgeo.flows import Queues, queues
from amurgeo.flows.capacity import ahead_sentence, room_sentence
from amurgeo.flows.demand import has_tables
from amurgeo.io import check_suffix, write_bytes_atomic
from amurgeo.network import at_home, crossing_name, home_names
from amurgeo.report.content import lapsed_text, old_texts, spans_of
from amurgeo.results import Result, nested, rounded_records
from amurgeo.seasons.forecast import safe_days
from amurgeo.seasons.holidays import checkpoint_hours, clocks_of
from amurgeo.seasons.service import NONEXISTENT, counts_as_open, open_sentences
from amurgeo.seasons.state import State, state
from amurgeo.text import (
    LAST_DAY,
    Day,
    check_language,
    day_text,
    listing,
    parse_day,
    span_text,
    translate,
    unknown_text,
)

if TYPE_CHECKING:
    from amurgeo.network import Network

#: Sources of a crossing, and changes ahead in the sentences, at most.
_SOURCES, _CHANGES = 2, 3
#: Days ahead whose queues are described.
_AHEAD = 30
_QUANTILES = ("opens", "closes")
_FIRST = ("crossing", "traffic", "status", "reason", "opens", "first_safe_day", "last_safe_day", "stops")


@dataclass(frozen=True, eq=False)
class Briefing(Result):
    """The home services on a date: their status, the coming season, and what is uncertain.

    Attributes
    ----------
    net
        The network.
    on, since
        The date, and that of the briefing before, or None.
    states
        The state of the date; with `since` that of the briefing before as the second.
    frame
        One row per home service, see `to_frame`.
    """

    net: Network
    on: date
    since: date | None
    states: tuple[State, ...]
    frame: pd.DataFrame

    def __repr__(self) -> str:
        is_open = counts_as_open(self.frame["status"]).sum()
        return f"Briefing({self.on}, {is_open} of {len(self.frame)} home services open)"

    @property
    def unknown(self) -> tuple[str, ...]:
        """Home crossings whose status is unknown on the date, and which count as closed."""
        return tuple(id_ for id_ in self.states[0].unknown() if id_ in set(self.frame["crossing"]))

    def to_frame(self) -> pd.DataFrame:
        """Return the home services as a frame of scalars.

        Returns
        -------
        DataFrame
            crossing, traffic, status, reason, probability_open, evidence, max_mass_t (tonnes), limited, and
            season, opens_p10 to closes_p90, first_safe_day, last_safe_day and stops as in
            `amurgeo.seasons.safe_days` (missing if it does not open within its horizon), hours (opening hours
            by the home clock, as ``08:00-18:00``), hours_since (datetime64), sources (joined by ``;``),
            in_use.

        Examples
        --------
        >>> import amurgeo as ag
        >>> rows = ag.brief(ag.load(), "2026-02-10").to_frame().set_index(["crossing", "traffic"])
        >>> rows.loc[("poyarkovo:ice_road", "cargo"), "hours"]
        '08:00-18:00'
        """
        return self.frame.copy()

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        """Return the briefing as plain values with texts in a language, the JSON of the command line.

        Returns
        -------
        dict
            on, since, home (names of the home regions), crossings (rows of `to_frame`, with opens and closes
            as p10, p50, p90, and stops as a list of first and last), unknown, warnings and sentences (texts).

        Examples
        --------
        >>> import amurgeo as ag
        >>> list(ag.brief(ag.load(), "2026-02-10").to_dict()["crossings"][0])[:3]
        ['crossing', 'traffic', 'status']
        """
        rows = []
        for flat in rounded_records(self.frame):
            row = nested(flat, _QUANTILES)
            row["stops"] = [{"first": first, "last": last} for first, last in spans_of(row["stops"])]
            row["sources"] = row["sources"].split(";") if row["sources"] else []
            rows.append({name: row[name] for name in _FIRST} | row)
        return {
            "on": self.on.isoformat(),
            "since": self.since and self.since.isoformat(),
            "home": home_names(self.net)[check_language(lang)],
            "crossings": rows,
            "unknown": list(self.unknown),
            "warnings": self.warnings(lang),
            "sentences": self.sentences(lang),
        }

    @cached_property
    def queues(self) -> Queues | None:
        """Queues of trucks in the days ahead; None if the dataset has no capacity or demand."""
        if not has_tables(self.net):
            return None
        last = min(self.on + timedelta(days=_AHEAD - 1), LAST_DAY)
        return queues(self.net, start=self.on, end=last)

    def sentences(self, lang: str = "en") -> list[str]:
        """Return what is open, room and queue of trucks, what changes and stops next or has changed since.

        Examples
        --------
        >>> import amurgeo as ag
        >>> ag.brief(ag.load(), "2026-11-28").sentences()[0]
        'Cargo, 1 of 5 open: Kani-Kurgan, road bridge.'
        """
        usual = self.frame[self.frame["in_use"]]
        texts = open_sentences(usual, check_language(lang), partial(crossing_name, self.net, lang=lang))
        room = room_sentence(self.states[0], lang=lang)
        texts += [] if room is None else [room]
        texts += [] if self.queues is None else [ahead_sentence(self.queues, lang)]
        return [*texts, *self._next(usual, lang), *self._changed(lang)]

    def _next(self, usual: pd.DataFrame, lang: str) -> Iterator[str]:
        """Yield the next changes, and the next stop."""
        changes = []
        for row in usual.to_dict("records"):
            event = "closes" if counts_as_open(row["status"]) else "opens"
            # A crossing that is stopped within its season opens after the stop.
            if row[f"{event}_p50"] >= pd.Timestamp(self.on):
                days = tuple(row[f"{event}_{p}"] for p in ("p50", "p10", "p90"))
                changes.append((days[0], event, row["crossing"], days))
        # Both kinds of traffic may turn on the same day.
        for _, event, crossing, days in sorted(dict.fromkeys(changes))[:_CHANGES]:
            values = {p: day_text(day, lang) for p, day in zip(("p50", "p10", "p90"), days, strict=True)}
            values |= {"change": translate(f"change.{event}", lang)}
            yield translate("brief.next", lang, crossing=crossing_name(self.net, crossing, lang), **values)
        stops: dict[tuple[str, str], dict[str, None]] = {}
        for crossing, spans in zip(usual["crossing"], usual["stops"], strict=True):
            for span in spans_of(spans):
                stops.setdefault(span, {})[crossing_name(self.net, crossing, lang)] = None
        for first, last in sorted(stops)[:1]:
            values = {"days": span_text(first, last, lang), "last": day_text(last, lang)}
            values["crossings"] = translate("word.semicolon", lang).join(stops[first, last])
            key = "brief.stopped" if first <= self.on.isoformat() else "brief.stop"
            yield translate(key, lang, **values)

    def _changed(self, lang: str) -> Iterator[str]:
        """Yield what has changed since the briefing before."""
        if self.since is None:
            return
        now, before = (states.crossings["status"] for states in self.states)
        kinds: dict[tuple[str, str], list[str]] = {}
        for crossing, traffic in self.frame[["crossing", "traffic"]].itertuples(index=False, name=None):
            sides = [str(statuses[crossing, traffic]) for statuses in (before, now)]
            if sides[0] != sides[1]:
                change = " → ".join(translate(f"status.{side}", lang) for side in sides)
                kind = translate(f"traffic.{traffic}", lang)
                kinds.setdefault((crossing_name(self.net, crossing, lang), change), []).append(kind)
        colon, semicolon = (translate(f"word.{mark}", lang) for mark in ("colon", "semicolon"))
        changes = semicolon.join(
            f"{name} ({listing(traffic, lang)}){colon}{change}" for (name, change), traffic in kinds.items()
        )
        key = "brief.since" if changes else "brief.since_none"
        yield translate(key, lang, since=day_text(self.since, lang), changes=changes)

    def warnings(self, lang: str = "en") -> list[str]:
        """Return what is uncertain or out of date.

        Parameters
        ----------
        lang
            Language.

        Returns
        -------
        list of str
            Sentences; empty if nothing is.

        Examples
        --------
        >>> import amurgeo as ag
        >>> ag.brief(ag.load(), "2026-11-28").warnings()[0]
        'The record ends on 2026-02-20, 281 days before: later days are expected, not observed.'
        """
        say, texts = partial(translate, lang=check_language(lang)), old_texts(self.net, self.on, lang)
        uncovered = self.frame[self.frame["in_use"] & (self.frame["evidence"] == "uncovered")]
        if len(uncovered):
            names = dict.fromkeys(crossing_name(self.net, id_, lang) for id_ in uncovered["crossing"])
            texts.append(say("brief.uncovered", crossings=say("word.semicolon").join(names)))
        if self.unknown:
            texts.append(unknown_text([crossing_name(self.net, id_, lang) for id_ in self.unknown], lang))
        if lapsed := lapsed_text(self.net, self.on, lang):
            texts.append(lapsed)
        return texts

    def html(self, *, lang: str = "en") -> str:
        """Return the briefing as one page of A4 in HTML that loads nothing and runs no scripts.

        Parameters
        ----------
        lang
            Language.

        Returns
        -------
        str
            The page; the same input gives the same page.

        Examples
        --------
        >>> import amurgeo as ag
        >>> page = ag.brief(ag.load(), "2026-11-28").html(lang="ru")
        >>> page.count('<section class="page'), "<script" in page
        (1, False)
        """
        from amurgeo.report.page import brief_page

        return brief_page(self, check_language(lang))

    def write(self, path: str | Path, *, lang: str = "en") -> Path:
        """Write the briefing to a file, atomically.

        Parameters
        ----------
        path
            The file, which ends in .html or .pdf. A PDF needs the extra ``pdf``; without it the page is
            written beside it in HTML.
        lang
            Language.

        Returns
        -------
        Path
            The file that was written.

        Raises
        ------
        InputError
            If the file name or the language is invalid, or the file cannot be written.

        Examples
        --------
        >>> import amurgeo as ag
        >>> import os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "briefing.html")
        >>> ag.brief(ag.load(), "2026-11-28").write(path, lang="zh").name
        'briefing.html'
        """
        suffix, path = check_suffix(path, "htm", "html", "pdf"), Path(path)
        page = self.html(lang=lang)
        if suffix == "pdf":
            from amurgeo.report.page import as_pdf

            if (pdf := as_pdf(page)) is not None:
                write_bytes_atomic(path, pdf)
                return path
            path = path.with_suffix(".html")
        write_bytes_atomic(path, page.encode("utf-8"))
        return path


def brief(net: Network, on: Day, *, since: Day | None = None) -> Briefing:
    """Return the briefing of a date: what is open in the home regions, what comes next, what is uncertain.

    Parameters
    ----------
    net
        The network.
    on
        The date.
    since
        Date of the briefing before, which is not later; what has changed since is a sentence.

    Returns
    -------
    Briefing
        Its ``to_frame()`` has one row per home service; ``write(path)`` writes one printed page.

    Raises
    ------
    InputError
        If a date is invalid, or `since` is later than `on`.

    Examples
    --------
    >>> import amurgeo as ag
    >>> ag.brief(ag.load(), "2026-11-28", since="2026-10-20")
    Briefing(2026-11-28, 3 of 22 home services open)
    """
    day = parse_day(on)
    before = None if since is None else parse_day(since)
    if before is not None and before > day:
        raise InputError(f"since is invalid: {before}; expected a day up to {day}")
    states = tuple(state(net, each) for each in (day, before) if each is not None)
    services = states[0].crossings
    services = services[at_home(net, services["checkpoint"])]
    names = ["status", "reason", "probability_open", "evidence", "max_mass_t", "limited"]
    ahead = safe_days(net, day).drop(columns=["status", "reason", "evidence"])
    frame = services[names].join(ahead)
    regular = net.base["services"]["regular"].reindex(frame.index).astype(bool)
    frame["in_use"] = regular & ~frame["reason"].isin(NONEXISTENT)
    hours = [_hours(net, crossing, day) for crossing in frame.index.get_level_values("crossing")]
    frame["hours"] = [text for text, _, _ in hours]
    frame["hours_since"] = pd.Series([since for _, since, _ in hours], frame.index, dtype="datetime64[s]")
    frame["sources"] = [
        ";".join(dict.fromkeys([*_newest(net, ids), *([source] if source else [])]))
        for ids, (_, _, source) in zip(services["sources"], hours, strict=True)
    ]
    for name in ("limited", "hours", "stops", "season"):
        texts = frame[name].astype(object)
        frame[name] = texts.where(texts.notna() & (texts != ""), None)
    return Briefing(net, day, before, states, frame.reset_index())


def _hours(net: Network, crossing: str, day: date) -> tuple[str | None, date | None, str | None]:
    """Return the opening hours of a crossing by the home clock, their date and source."""
    found = checkpoint_hours(crossing, day, net.base["season_record"], clocks_of(net, crossing))
    if found is None or found.short:
        return None, None, None
    spans = (
        f"{start // 60 % 24:02d}:{start % 60:02d}-{end // 60 % 24:02d}:{end % 60:02d}"
        for start, end in found.spans
    )
    return ", ".join(spans), found.since, found.source


def _newest(net: Network, ids: Any) -> list[str]:
    """Return the newest of some sources."""
    known = [id_ for id_ in ids if id_ != ESTIMATE and id_ in net.sources.index]
    dated = net.sources.loc[known, "published"].astype(str)
    return list(dated.sort_values(ascending=False, kind="stable").index[:_SOURCES])
