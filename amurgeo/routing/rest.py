"""Rest of a single driver: breaks and daily rests as a step function of the driving time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from amurgeo.errors import check_int
from amurgeo.network import rows_of

if TYPE_CHECKING:
    from amurgeo.network import Network

#: Longest driving before a break, break, longest driving between daily rests, daily rest; in seconds.
Limits = tuple[float, float, float, float]
#: Seconds that mean no limit; a power of two above every journey.
UNLIMITED = 2.0**40
NO_RULE: Limits = (UNLIMITED, 0.0, UNLIMITED, 0.0)
#: A key is seconds times this plus the driving seconds among them. Sums of keys are exact below 2**53, and
#: the smallest key is the fastest path, of equally fast ones that with least driving.
KEY = 2.0**24


class Rest(NamedTuple):
    """Rest on the journeys between origins and destinations: `Limits`, numbers or origins by destinations."""

    continuous: np.ndarray
    pause: np.ndarray
    daily: np.ndarray
    night: np.ndarray

    def seconds(self, driven: np.ndarray) -> np.ndarray:
        """Return the seconds of rest on journeys with these seconds of driving.

        A daily rest follows each full day of driving, and a break each full stretch within a day, unless the
        journey ends there. Rest never decreases with driving.

        >>> rest = Rest(*(np.array(3600.0 * hours) for hours in (4.5, 0.75, 9, 11)))
        >>> (rest.seconds(3600.0 * np.array([4.5, 4.6, 9, 9.1, 14])) / 3600).tolist()
        [0.0, 0.75, 0.75, 11.75, 12.5]
        """
        nights = np.maximum(np.ceil(driven / self.daily) - 1.0, 0.0)
        last = driven - nights * self.daily
        breaks = nights * (np.ceil(self.daily / self.continuous) - 1.0)
        breaks += np.maximum(np.ceil(last / self.continuous) - 1.0, 0.0)
        seconds: np.ndarray = nights * self.night + breaks * self.pause
        return seconds

    def total(self, driven: np.ndarray) -> np.ndarray:
        """Return driving and rest together, in seconds; infinity stays."""
        finite = np.where(np.isfinite(driven), driven, 0.0)
        seconds: np.ndarray = driven + self.seconds(finite).reshape(finite.shape)
        return seconds

    def between(self, driven: float, onward: float) -> int:
        """Return the seconds of rest that fall due between two driving times."""
        before, after = (float(self.seconds(np.array(seconds)).item()) for seconds in (driven, onward))
        return round(after - before)


NO_REST = Rest(*map(np.array, NO_RULE))


def rest_rules(net: Network, vehicle: str) -> dict[str, Limits]:
    """Return the limits of a vehicle's driver by country; empty if no rule holds for the vehicle.

    >>> import amurgeo as ag
    >>> sorted(rest_rules(ag.load(), "truck_20t")), rest_rules(ag.load(), "car")
    (['CN', 'RU'], {})
    """
    rows = rows_of(net.base["rest_rules"], vehicle)
    limits = (
        3600.0 * rows["continuous_h"].fillna(UNLIMITED / 3600.0),
        60.0 * rows["break_min"].fillna(0.0),
        3600.0 * rows["daily_h"].fillna(UNLIMITED / 3600.0),
        3600.0 * rows["daily_rest_h"].fillna(0.0),
    )
    return dict(zip(rows["country"], zip(*limits, strict=True), strict=True))


def rest_between(
    rules: Mapping[str, Limits], origins: Sequence[str], destinations: Sequence[str]
) -> Rest | None:
    """Return the rest between places, given the countries of both; None without a rule.

    A journey obeys the rules of both ends: the shorter limit and the longer rest of each.
    """
    if not rules:
        return None
    starts, ends = (
        np.array([rules.get(country, NO_RULE) for country in countries]).reshape(-1, 4)
        for countries in (origins, destinations)
    )
    shorter, longer = np.minimum(starts[:, None], ends), np.maximum(starts[:, None], ends)
    return Rest(shorter[..., 0], longer[..., 1], shorter[..., 2], longer[..., 3])


def door_to_door(keys: np.ndarray, rest: Rest | None) -> np.ndarray:
    """Return the seconds of journeys, rest included, given their keys; without rest keys are seconds."""
    if rest is None:
        return keys
    reached = np.isfinite(keys)
    if not reached.any():
        return keys
    seconds = np.floor(keys / KEY)
    driven = np.where(reached, keys, 0.0) % KEY
    total: np.ndarray = seconds + rest.seconds(driven)
    return total


def check_drivers(drivers: int) -> int:
    """Return the number of drivers, one or two, or raise."""
    return check_int("drivers", drivers, 1, 2)
