"""A service and its daily status, as arrays of services by days."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from amurgeo.scenario import Span
from amurgeo.seasons.observations import Observation, ServiceRecord
from amurgeo.text import counted, translate

if TYPE_CHECKING:
    import pandas as pd

    from amurgeo.dataset.border import Border
    from amurgeo.scenario import Change, Scenario
    from amurgeo.seasons.holidays import HolidayRule
    from amurgeo.seasons.turns import Season

#: Key and placeholder values of an explanation.
Because = tuple[str, dict[str, Any]]
#: Probability from which a service counts as open.
OPEN_FROM = 0.5
#: Lowest probability that is not observed.
LOWEST = 0.0001
#: Reasons of services that do not exist on a date.
NONEXISTENT = ("retired", "not_yet_open")
#: Columns of ``State.crossings`` that depend on the date: attributes of `ServiceDays`.
DAILY = (
    "status", "reason", "because", "max_mass_t", "probability_open", "basis", "evidence", "confidence",
    "sources", "limited", "wait_h", "capacity_share", "border_h",
)  # fmt: skip
#: Columns that a service has from its row of the table ``services``.
_OF_SERVICE = ("max_mass_t", "wait_h", "confidence", "limited")
_Day: TypeAlias = "np.datetime64[date]"


def counts_as_open(status: Any) -> np.ndarray:
    """Return where a status counts as open: where it is open or limited; unknown counts as closed."""
    status = np.asarray(status, dtype=object)
    return np.asarray((status == "open") | (status == "limited"))


def open_sentences(rows: pd.DataFrame, lang: str, name: Callable[[str], str]) -> list[str]:
    """Return a sentence for each kind of traffic with what is open; `name` names a crossing."""
    texts = []
    for traffic, services in rows.groupby("traffic", sort=False):
        now = services.loc[counts_as_open(services["status"]), "crossing"]
        names = translate("word.semicolon", lang).join(map(name, now))
        kind, m = translate(f"traffic.{traffic}", lang).capitalize(), len(services)
        if now.empty:
            key, crossings = "none" if m > 1 else "one", counted("crossings_of", m, lang)
            texts.append(translate(f"state.traffic_{key}", lang, kind=kind, crossings=crossings))
        else:
            texts.append(translate("state.traffic", lang, kind=kind, names=names, n=len(now), m=m))
    return texts


@dataclass(frozen=True)
class Service:
    """A crossing for one kind of traffic, with its row of the table ``services`` and its observations.

    ``covered`` and ``gaps`` are first and last days, near to a row and of which the record says nothing.
    """

    crossing: str
    traffic: str
    mode: str
    checkpoint: str
    counterpart: str
    row: Mapping[str, Any]
    opened: _Day | None
    planned: _Day | None
    retired: _Day | None
    vehicles_until: _Day | None
    record: ServiceRecord
    seen_open: np.ndarray
    seen_closed: np.ndarray
    covered: np.ndarray
    gaps: np.ndarray
    holidays: Sequence[HolidayRule] = ()

    @property
    def is_seasonal(self) -> bool:
        """Whether it works in seasons: regularly, and not all year."""
        return bool(self.row["regular"]) and not self.row["all_year"]

    @property
    def open_reason(self) -> str:
        """The reason of its being open."""
        return "all_year" if self.row["all_year"] else "in_season"

    def concerns(self, change: Change) -> bool:
        """Return whether a change of a scenario applies to the service."""
        targets = (
            (change.crossing, self.crossing),
            (change.checkpoint, self.checkpoint),
            (change.mode, self.mode),
        )
        return any(asked == own for asked, own in targets) and change.traffic in (None, self.traffic)


class Cells:
    """Arrays of services by days, or the rows of one service.

    They are the columns of `State.crossings` and ``open``, ``chance`` (the probability before it is limited),
    ``seasonal`` (without stops) and ``closed_reason`` (why it is closed if nothing else is known). An
    explanation in the values of another one is translated where it is shown.
    """

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> np.ndarray: ...

    def set(self, where: np.ndarray | None, **values: Any) -> None:
        """Set values on the cells of a mask; arrays are taken on the same cells."""
        if where is None or not where.any():
            return
        for name, value in values.items():
            if isinstance(value, np.ndarray):
                value = np.broadcast_to(value, where.shape)[where]
            getattr(self, name)[where] = as_cells([value]) if isinstance(value, tuple) else value

    def expect(self, where: np.ndarray, probability: np.ndarray, **values: Any) -> None:
        """Set the cells of a mask by their probability of being open in the season."""
        is_open = probability >= OPEN_FROM
        reason = np.where(is_open, "in_season", self.closed_reason)
        self.set(where, open=is_open, probability_open=probability, reason=reason, **values)

    def close(self, where: np.ndarray | None, reason: str, because: Because, **origin: Any) -> None:
        """Close the cells of a mask."""
        self.set(where, open=False, probability_open=0.0, reason=reason, because=because, **origin)


def as_cells(values: Sequence[Any]) -> np.ndarray:
    """Return an array of objects, tuples among them."""
    return np.fromiter(values, dtype=object, count=len(values))


class Table(Cells):
    """The status of services on some days: every array has a row per service and a column per day."""

    def __init__(
        self,
        services: Sequence[Service],
        scenario: Scenario,
        days: np.ndarray,
        world_days: np.ndarray,
        border: Border,
    ) -> None:
        self.services, self.scenario, self.border = services, scenario, border
        self.days, self.world_days, self.first, self.last = days, world_days, days.min(), days.max()
        modes = [service.mode for service in services]
        usual = {mode: closed_reason(mode, world_days, border.closed_reasons) for mode in set(modes)}
        same = {
            "open": False, "status": "closed", "reason": "out_of_season", "evidence": "expected",
            "basis": "expected", "probability_open": 0.0, "capacity_share": 1.0, "border_h": np.nan,
            # Computed for all cells.
            "chance": 0.0, "seasonal": 0.0,
        }  # fmt: skip
        shape = len(services), len(days)
        self.arrays = {
            name: np.full(shape, value, dtype=object if isinstance(value, str) else type(value))
            for name, value in same.items()
        }
        columns = {name: [service.row[name] for service in services] for name in _OF_SERVICE}
        columns["sources"] = [(service.row["source"],) for service in services]
        columns["because"] = [("because.no_window", {})] * len(services)
        for name, values in columns.items():
            column = as_cells(values).astype(float if name in ("max_mass_t", "wait_h") else object)
            self.arrays[name] = np.repeat(column, len(days)).reshape(shape)
        self.arrays["closed_reason"] = np.array([usual[mode] for mode in modes])
        self.__dict__.update(self.arrays)

    def marked(self, name: str) -> np.ndarray:
        """Return which cells are on the days, or in the spans, of an attribute of the services."""
        spans = [getattr(service, name) for service in self.services]
        days = np.concatenate(spans)
        first, last = (days[:, None], days[:, None]) if days.ndim == 1 else days.T[:, :, None]
        marked = np.zeros(self.open.shape, dtype=bool)
        rows = np.repeat(np.arange(len(spans)), [len(span) for span in spans])
        np.logical_or.at(marked, rows, (first <= self.days) & (self.days <= last))
        return marked

    def finish(self) -> None:
        """Derive the status and ``basis``, and limit the probabilities of days that no row shows."""
        unknown, uncovered = self.evidence == "unknown", self.evidence == "uncovered"
        self.status[:] = np.where(self.open, np.where(self.limited != "", "limited", "open"), "closed")
        if self.scenario.assume is None:
            self.status[unknown] = "unknown"
        self.basis[:] = np.where(uncovered, "expected", self.evidence)
        self.chance[:] = np.where(unknown, 0.0, self.probability_open)
        covered, others = (
            np.array(
                [[self.border.certainty.highest(service.mode, covered=near)] for service in self.services]
            )
            for near in (True, False)
        )
        highest = np.where(uncovered, others, covered)
        exists = (self.reason != NONEXISTENT[0]) & (self.reason != NONEXISTENT[1])
        expected = (uncovered | (self.evidence == "expected")) & exists
        self.set(expected, probability_open=np.clip(self.chance, LOWEST, highest))
        # Within a season even a known opening does not exclude a stop.
        seen = (self.evidence == "observed") & self.open
        if seen.any():
            self.set(seen & ~self.marked("seen_open"), probability_open=highest)


class ServiceDays(Cells):
    """The status of one service on some days.

    No season is left (None) if the scenario cancels them; if it moves any, no day of them is observed.
    """

    def __init__(self, table: Table, position: int, seasons: Sequence[Season] | None, moved: bool) -> None:
        self.__dict__.update({name: array[position] for name, array in table.arrays.items()})
        self.service: Service = table.services[position]
        self.scenario: Scenario = table.scenario
        self.certainty = table.border.certainty
        self.days, self.world_days = table.days, table.world_days
        self.first, self.last = table.first, table.last
        self.seasons: Sequence[Season] = seasons or ()
        self.is_cancelled, self.is_moved = seasons is None, moved
        self.everywhere = np.ones(len(table.days), dtype=bool)

    def within(self, first: Any, last: Any = None) -> np.ndarray | None:
        """Return which days lie in a span, without end if `last` is None; None if no day does."""
        if first > self.last or (last is not None and last < self.first):
            return None
        return np.asarray((self.days >= first) & (last is None or self.days <= last))

    def observe(self, where: np.ndarray, row: Observation, is_open: bool, key: str) -> None:
        """Set the days of a mask by an observation of the season."""
        self.set(
            where,
            open=is_open,
            probability_open=float(is_open),
            evidence="observed",
            reason=self.service.open_reason if is_open else self.closed_reason,
            confidence=row.confidence,
            because=(key, {"date": str(row.day)}),
            sources=(row.source,),
        )


def closed_reason(mode: str, days: np.ndarray, usual: Mapping[str, Sequence[tuple[str, str]]]) -> np.ndarray:
    """Return why a crossing is usually closed on each day (datetime64[D]): out of season by default."""
    reasons = np.full(len(days), "out_of_season", dtype=object)
    for reason, span in usual.get(mode, usual.get("other", ())):
        reasons[Span.parse(span).holds_on(days)] = reason
    return reasons
