"""Services, seasons and records made by hand, and their status without a dataset."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from amurgeo.dataset.border import Certainty
from amurgeo.scenario import Scenario
from amurgeo.seasons.observations import Observation, read_record, service_record
from amurgeo.seasons.rules import apply_rules
from amurgeo.seasons.service import Service, ServiceDays, Table
from amurgeo.seasons.turns import DayDistribution, Season, Turn

ICE, FERRY, HOVERCRAFT, BRIDGE = "here:ice_road", "here:ferry", "here:hovercraft", "here:bridge"
#: At most 0.99 with a dated row, 0.9 without one.
BORDER: Any = SimpleNamespace(
    closed_reasons={"ice_road": (("ice_too_thin", "11-01..02-28"),)},
    certainty=Certainty(covered=0.99, uncovered={"other": 0.9}),
)


def day(text: str) -> np.datetime64:
    return np.datetime64(text, "D")


def days(first: str, last: str) -> np.ndarray:
    return np.arange(day(first), day(last) + 1)


def observed(*rows: str, crossing: str = ICE) -> list[Observation]:
    """Return observations of lines such as ``close 2021-03-05 traffic=cargo until=2021-03-09``."""
    table = []
    for number, line in enumerate(rows):
        event, on, *more = line.split()
        row = {"id": f"r{number}", "crossing": crossing, "traffic": "both", "event": event, "date": on}
        row |= {"precision": "day", "source": f"s{number}", "confidence": "reported", "evidence": "yes"}
        table.append(row | dict(part.split("=") for part in more))
    return read_record(pd.DataFrame(table, columns=[*COLUMNS])).get(crossing, [])


COLUMNS = (
    "id", "crossing", "traffic", "event", "date", "until", "precision", "value", "reason", "evidence",
    "source", "confidence",
)  # fmt: skip


def service(*rows: str, crossing: str = ICE, traffic: str = "cargo", **changes: Any) -> Service:
    """Return a service with the record of some lines; other values are attributes or cells of its row."""
    row = {"regular": True, "all_year": False, "max_mass_t": np.nan, "wait_h": 0.5, "limited": ""}
    row |= {"confidence": "reported", "source": "table", "admits": ("truck",)}
    row |= {name: changes.pop(name) for name in [*changes] if name in row}
    record = service_record(observed(*rows, crossing=crossing), crossing, traffic, all_year=row["all_year"])
    no_days = np.array([], dtype="datetime64[D]")
    made = Service(
        crossing=crossing,
        traffic=traffic,
        mode=crossing.partition(":")[2],
        checkpoint="here",
        counterpart="there",
        row=row,
        opened=None,
        planned=None,
        retired=None,
        vehicles_until=None,
        record=record,
        seen_open=no_days,
        seen_closed=no_days,
        covered=np.array([["1990-01-01", "2100-12-31"]], dtype="datetime64[D]"),
        gaps=no_days.reshape(0, 2),
    )
    return replace(made, **changes)


def turn(on: str, sd: float = 0.0, *, seen: bool = False) -> Turn:
    """Return a day with a normal distribution; without a spread it is certain."""
    known = DayDistribution(float(day(on).astype(int)), sd)
    found = Turn.estimate(known, ("turn",), "estimated", 3)
    return replace(found, observed=found.p50) if seen else found


def season(name: str, opens: str, closes: str, sd: float = 0.0, **values: Any) -> Season:
    made = Season(ICE, name, "cargo", "", turn(opens, sd), turn(closes, sd), 6, "window")
    return replace(made, **values)


def status(
    services: Service | Sequence[Service],
    first: str,
    last: str,
    *seasons: Season,
    scenario: Scenario | None = None,
    is_dated: bool = True,
    cancelled: bool = False,
    moved: bool = False,
    like: Callable[[str, str], ServiceDays] | None = None,
    world_days: np.ndarray | None = None,
) -> Any:
    """Return the status of services on some days: of one service if one is given."""
    made = [services] if isinstance(services, Service) else [*services]
    on, scenario = days(first, last), scenario or Scenario("baseline")
    table = Table(made, scenario, on, on if world_days is None else world_days, BORDER)
    given = None if cancelled else [*seasons]
    rows = [
        ServiceDays(table, place, given if one.is_seasonal else [], moved) for place, one in enumerate(made)
    ]
    apply_rules(table, rows, like or (lambda *_: rows[0]), is_dated=is_dated)
    return rows[0] if isinstance(services, Service) else rows


def bridge(*rows: str, **values: Any) -> Any:
    return service(*rows, crossing=BRIDGE, all_year=True, **values)


def runs(values: Any, on: np.ndarray) -> dict[str, Any]:
    """Return the values from each day on which they change."""
    changed = [place for place in range(len(on)) if not place or values[place] != values[place - 1]]
    return {str(on[place])[5:]: values[place] for place in changed}


def column(out: Any, name: str) -> dict[str, Any]:
    return runs(getattr(out, name), out.days)


def keys(out: Any) -> dict[str, str]:
    return runs([because[0].removeprefix("because.") for because in out.because], out.days)
