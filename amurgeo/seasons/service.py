"""A service and its daily status, set rule by rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from amurgeo.seasons.observations import Observation, ServiceRecord
from amurgeo.text import translate

if TYPE_CHECKING:
    import pandas as pd

    from amurgeo.dataset.border import Certainty
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


def counts_as_open(status: Any) -> np.ndarray:
    """Return where a status counts as open: where it is open or limited; unknown counts as closed."""
    return np.isin(np.asarray(status, dtype=object), ("open", "limited"))


def open_sentences(rows: pd.DataFrame, lang: str, name: Callable[[str], str]) -> list[str]:
    """Return a sentence for each kind of traffic with what is open; `name` names a crossing."""
    texts = []
    for traffic, services in rows.groupby("traffic", sort=False):
        now = services.loc[counts_as_open(services["status"]), "crossing"]
        names = translate("word.semicolon", lang).join(map(name, now))
        names = names or translate("word.none", lang)
        kind = translate(f"traffic.{traffic}", lang).capitalize()
        texts.append(translate("state.traffic", lang, kind=kind, names=names, n=len(now), m=len(services)))
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
    opened: np.datetime64[date] | None
    planned: np.datetime64[date] | None
    retired: np.datetime64[date] | None
    vehicles_until: np.datetime64[date] | None
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
        is_target = (
            change.crossing == self.crossing
            or change.checkpoint == self.checkpoint
            or change.mode == self.mode
        )
        return is_target and change.traffic in (None, self.traffic)


class ServiceDays:
    """The status of one service on some days, set rule by rule."""

    status: np.ndarray
    basis: np.ndarray
    #: Probability of being open before it is limited, and without stops.
    chance: np.ndarray
    seasonal: np.ndarray
    #: The seasons as the scenario moves them; none if it works all year or the scenario cancels them.
    seasons: Sequence[Season]

    def __init__(self, service: Service, conditions: Conditions) -> None:
        n, row = len(conditions.days), service.row
        self.service = service
        self.days, self.world_days = conditions.days, conditions.world_days
        self.scenario, self.certainty = conditions.scenario, conditions.certainty
        self.closed_reason = conditions.closed_reasons[service.mode]
        self.everywhere = np.ones(n, dtype=bool)
        self.open = np.zeros(n, dtype=bool)
        self.probability_open = np.zeros(n)
        self.max_mass_t = np.full(n, float(row["max_mass_t"]))
        if service.vehicles_until is not None:
            # No vehicle is light enough for a service that takes none.
            self.max_mass_t[self.world_days > service.vehicles_until] = 0.0
        self.wait_h = np.full(n, float(row["wait_h"]))
        self.capacity_share = np.ones(n)
        self.border_h = np.full(n, np.nan)
        self.reason = _filled(n, "out_of_season")
        self.because = _filled(n, ("because.no_window", {}))
        self.evidence = _filled(n, "expected")
        self.confidence = _filled(n, row["confidence"])
        self.sources = _filled(n, (row["source"],))
        self.limited = _filled(n, row["limited"])

    def finish(self) -> ServiceDays:
        """Derive the status and ``basis``, and limit the probabilities of days that no row shows."""
        status = np.where(self.open, np.where(self.limited != "", "limited", "open"), "closed")
        unknown = self.evidence == "unknown"
        if self.scenario.assume is None:
            status = np.where(unknown, "unknown", status)
        self.status = status.astype(object)
        uncovered = self.evidence == "uncovered"
        self.basis = np.where(uncovered, "expected", self.evidence)
        self.chance = np.where(unknown, 0.0, self.probability_open)
        covered, limit = (self.certainty.highest(self.service.mode, covered=value) for value in (True, False))
        highest = np.where(uncovered, limit, covered)
        exists = (self.reason != "retired") & (self.reason != "not_yet_open")
        expected = (uncovered | (self.evidence == "expected")) & exists
        self.set(expected, probability_open=np.clip(self.chance, LOWEST, highest))
        # Within a season even a known opening does not exclude a stop.
        seen = (self.days[:, None] == self.service.seen_open).any(axis=1)
        self.set((self.evidence == "observed") & self.open & ~seen, probability_open=highest)
        return self

    def set(self, where: np.ndarray, **values: Any) -> None:
        """Set values on the days of a mask; arrays are taken on the same days."""
        if where.any():
            for name, value in values.items():
                is_array = isinstance(value, np.ndarray)
                getattr(self, name)[where] = value[where] if is_array else _cell(value)

    def expect(self, where: np.ndarray, probability: np.ndarray, **values: Any) -> None:
        """Set the days of a mask by their probability of being open."""
        is_open = probability >= OPEN_FROM
        reason = np.where(is_open, self.service.open_reason, self.closed_reason)
        self.set(where, open=is_open, probability_open=probability, reason=reason, **values)

    def close(self, where: np.ndarray, reason: str, because: Because, **origin: Any) -> None:
        """Close the days of a mask."""
        self.set(where, open=False, probability_open=0.0, reason=reason, because=because, **origin)

    def observe(self, where: np.ndarray, row: Observation, is_open: bool, key: str) -> None:
        """Set the days of a mask by an observation."""
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


def _cell(value: Any) -> Any:
    """Return a value that NumPy puts into cells as a whole."""
    if not isinstance(value, tuple):
        return value
    cell = np.empty((), dtype=object)
    cell[()] = value
    return cell


def _filled(n: int, value: Any) -> np.ndarray:
    return np.full(n, _cell(value), dtype=object)


def runs_of(mask: np.ndarray) -> list[np.ndarray]:
    """Return the positions of each run of true values."""
    positions = np.flatnonzero(mask)
    return [run for run in np.split(positions, np.flatnonzero(np.diff(positions) > 1) + 1) if len(run)]


def closed_reason(mode: str, days: np.ndarray, usual: Mapping[str, Sequence[tuple[str, str]]]) -> np.ndarray:
    """Return why a crossing is usually closed on each day (datetime64[D]): out of season by default."""
    months = days.astype("datetime64[M]")
    month_day = (months.astype(int) % 12 + 1) * 100 + (days - months.astype("datetime64[D]")).astype(int) + 1
    reasons = np.full(len(days), "out_of_season", dtype=object)
    for reason, span in usual.get(mode, usual.get("other", ())):
        first, last = (int(end.replace("-", "")) for end in span.split(".."))
        after, before = month_day >= first, month_day <= last
        reasons[after & before if first <= last else after | before] = reason
    return reasons


@dataclass(frozen=True)
class Conditions:
    """What all services have in common; the record applies if the days are dated, not of another world."""

    scenario: Scenario
    days: np.ndarray
    world_days: np.ndarray
    is_dated: bool
    closed_reasons: Mapping[str, np.ndarray]
    certainty: Certainty
