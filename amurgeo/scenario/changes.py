"""Constructors of changes: what a scenario does to a crossing, road or vehicle, to winters or the network."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar

from amurgeo.errors import InputError, as_names
from amurgeo.network.additions import Mode, NewCrossing, NewRoad, RoadClass, Surface
from amurgeo.scenario.model import Change, target_key

Day = date | str
_Constructor = TypeVar("_Constructor", bound=Callable[..., Change])
#: Sections that the docstrings of all constructors share, before their examples.
_SHARED = """
Returns
-------
Change
    A change for ``Scenario(name, changes=[...])``.

Raises
------
InputError
    If an argument is invalid, or arguments contradict each other. Unknown names, and changes that cannot act,
    are found when the scenario is used.

Examples
"""


def _documented(function: _Constructor) -> _Constructor:
    """Add the shared sections to the docstring of a constructor."""
    function.__doc__ = inspect.cleandoc(function.__doc__ or "").replace("\nExamples\n", _SHARED)
    return function


def _change(target: str, first: Day | None, last: Day | None, **values: Any) -> Change:
    return Change(**{target_key(target): target, "days": _days(first, last), **values})


def _days(first: Day | None, last: Day | None) -> Any:
    if first is None and last is not None:
        raise InputError(f"first is missing; expected the first day, since last is {last}")
    return first if last is None else (first, last)


@_documented
def close(
    target: str, first: Day | None = None, last: Day | None = None, *, traffic: str | None = None
) -> Change:
    """Close crossings or a road.

    Parameters
    ----------
    target
        A crossing (``"kani_kurgan:bridge"``), a checkpoint (all its crossings), a mode (``"ice_road"``), or a
        road, a road to a terminal or a railway section (``"belogorsk--vozzhayevka"``).
    first, last
        First and last day, both included: dates, or ``"11-10"`` for every year. Only `first`: that day alone;
        neither: always.
    traffic
        ``"cargo"`` or ``"passenger"``; both if omitted. Not for a road.

    Examples
    --------
    >>> str(close("kani_kurgan:bridge", "2026-11-10", "2026-11-20"))
    'kani_kurgan:bridge close 2026-11-10..2026-11-20'
    """
    return _change(target, first, last, close=True, traffic=traffic)


@_documented
def open(
    target: str,
    first: Day | None = None,
    last: Day | None = None,
    *,
    like: str | None = None,
    traffic: str | None = None,
) -> Change:
    """Open crossings or a road.

    Parameters
    ----------
    target, first, last, traffic
        As in `close`.
    like
        Work in the season of this crossing instead of all year; a road also in that of a seasonal road, by
        its key (``"road:dep"``).

    Examples
    --------
    >>> str(open("dzhalinda:ice_road", like="poyarkovo:ice_road"))
    'dzhalinda:ice_road open like poyarkovo:ice_road'
    """
    return _change(target, first, last, open=True, like=like, traffic=traffic)


@_documented
def delay(target: str, days: int, *, traffic: str | None = None) -> Change:
    """Open the seasons of crossings or of a seasonal road later than usual.

    Parameters
    ----------
    target, traffic
        As in `close`.
    days
        Days later, -120 to 120; earlier if negative.

    Examples
    --------
    >>> str(delay("poyarkovo:ice_road", days=21))
    'poyarkovo:ice_road delay_days 21'
    """
    return _change(target, None, None, delay_days=days, traffic=traffic)


@_documented
def limit(
    target: str,
    mass_t: float,
    first: Day | None = None,
    last: Day | None = None,
    *,
    traffic: str | None = None,
) -> Change:
    """Limit the gross mass of vehicles on crossings or on a road.

    Parameters
    ----------
    target, first, last, traffic
        As in `close`.
    mass_t
        Gross mass in tonnes of the heaviest vehicle admitted, 0 to 500; a lower usual limit stays.

    Examples
    --------
    >>> str(limit("blagoveshchensk:pontoon", mass_t=20, traffic="cargo"))
    'blagoveshchensk:pontoon cargo limit_t 20.0'
    """
    return _change(target, first, last, limit_t=mass_t, traffic=traffic)


@_documented
def wait(
    target: str,
    hours: float,
    first: Day | None = None,
    last: Day | None = None,
    *,
    traffic: str | None = None,
) -> Change:
    """Replace the expected hours of waiting at crossings.

    Parameters
    ----------
    target, first, last, traffic
        As in `close`.
    hours
        Hours of waiting, 0 to 1000.

    Examples
    --------
    >>> str(wait("kani_kurgan:bridge", hours=24))
    'kani_kurgan:bridge wait_h 24.0'
    """
    return _change(target, first, last, wait_h=hours, traffic=traffic)


@_documented
def border_hours(
    target: str,
    hours: float,
    first: Day | None = None,
    last: Day | None = None,
    *,
    traffic: str | None = None,
) -> Change:
    """Replace the hours of border control at crossings, in both directions.

    Parameters
    ----------
    target, first, last, traffic
        As in `close`.
    hours
        Hours of control on both sides together, 0 to 1000.

    Examples
    --------
    >>> str(border_hours("kani_kurgan", hours=3))
    'kani_kurgan border_h 3.0'
    """
    return _change(target, first, last, border_h=hours, traffic=traffic)


@_documented
def speed(
    vehicle: str | None = None,
    *,
    road: str | None = None,
    first: Day | None = None,
    last: Day | None = None,
    factor: float | None = None,
    kmh: float | None = None,
    road_class: str | None = None,
) -> Change:
    """Change the speed of a vehicle on roads or railways, or of all vehicles on one of them.

    Parameters
    ----------
    vehicle
        Id of the vehicle.
    road
        Id of a road, of the road to a terminal, or of a railway section, instead of a vehicle.
    first, last
        With `road`: days as in `close`.
    factor
        Factor of the usual speed, 0.05 to 5.
    kmh
        Speed in km/h on every surface instead of the usual one, 1 to 300; exactly one of both is given.
    road_class
        With `vehicle`: class in the table ``speeds``, for instance ``"primary"`` or ``"rail_main"``; all if
        omitted.

    Examples
    --------
    >>> str(speed("truck_20t", factor=0.8, road_class="primary"))
    'truck_20t primary speed_factor 0.8'
    >>> str(speed(road="belogorsk--vozzhayevka", kmh=40, first="04-10", last="05-10"))
    'belogorsk--vozzhayevka speed_kmh 40.0 04-10..05-10'
    """
    values: dict[str, Any] = {"vehicle": vehicle, "road": road, "road_class": road_class}
    return Change(**values, days=_days(first, last), speed_factor=factor, speed_kmh=kmh)


@_documented
def warming(degrees_c: float) -> Change:
    """Make the winters warmer: seasons on ice move by the ice model.

    Parameters
    ----------
    degrees_c
        Degrees Celsius, -10 to 10.

    Examples
    --------
    >>> str(warming(2.0))
    'winter warming_c 2.0'
    """
    return Change(warming_c=degrees_c)


@_documented
def add_road(
    start: str,
    end: str,
    *,
    length_km: float,
    road_class: RoadClass = "primary",
    surface: Surface = "asphalt",
    first: Day | None = None,
    last: Day | None = None,
) -> Change:
    """Add a road between two places of one side, open all year or on some days.

    Parameters
    ----------
    start, end
        Places by name or id.
    length_km
        Length in kilometres, above 0 to 3000.
    road_class
        ``motorway``, ``trunk``, ``primary``, ``secondary`` or ``street``.
    surface
        ``asphalt``, ``gravel`` or ``mixed``.
    first, last
        Days on which it exists, as in `close`.

    Examples
    --------
    >>> str(add_road("Zeya", "Fevralsk", length_km=210, road_class="secondary"))
    'add road Zeya--Fevralsk'
    """
    road = NewRoad(start=start, end=end, length_km=length_km, road_class=road_class, surface=surface)
    return Change(add=road, days=_days(first, last))


@_documented
def add_crossing(
    checkpoint: str,
    mode: Mode,
    *,
    length_km: float,
    travel_min: float,
    admits: Iterable[str],
    max_mass_t: float | None = None,
    border_h: float = 6.5,
    wait_h: float = 0.0,
    first: Day | None = None,
    last: Day | None = None,
    traffic: str | None = None,
) -> Change:
    """Add a crossing between the terminals of a checkpoint.

    Without days a ferry, hovercraft, pontoon or ice road works in the typical season of its mode at the
    checkpoint, other modes all year.

    Parameters
    ----------
    checkpoint
        Checkpoint id.
    mode
        ``bridge``, ``ferry``, ``hovercraft``, ``pontoon``, ``ice_road``, ``cableway`` or ``road``; the
        checkpoint has no crossing of that mode yet.
    length_km
        Length in kilometres, above 0 to 300.
    travel_min
        Travel time in minutes, 0 to 600.
    admits
        Ids of the vehicles admitted.
    max_mass_t
        Gross mass in tonnes of the heaviest vehicle admitted; None for no limit.
    border_h, wait_h
        Hours of border control on both sides together, and of waiting.
    first, last
        Days on which it works, as in `close`; days far from the season of its mode are refused.
    traffic
        Only the vehicles of this kind of traffic among those admitted.

    Examples
    --------
    >>> str(add_crossing("konstantinovka", "bridge", length_km=3, travel_min=5, admits=["truck_20t"]))
    'add crossing konstantinovka:bridge'
    """
    crossing = NewCrossing(
        checkpoint=checkpoint,
        mode=mode,
        length_km=length_km,
        travel_min=travel_min,
        admits=tuple(as_names("admits", admits)),
        max_mass_t=max_mass_t,
        border_h=border_h,
        wait_h=wait_h,
    )
    return Change(add=crossing, days=_days(first, last), traffic=traffic)  # type: ignore[arg-type]
