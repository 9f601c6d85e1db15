"""Seasons by name: which season holds a day, which part of it, and where its typical days fall."""

from __future__ import annotations

import re
from datetime import date

from amurgeo.errors import InputError

_SEASON = re.compile(r"(\d{4})(?:/(\d{2}))?")
#: The two seasons of a hovercraft in one winter.
PARTS = ("autumn", "spring")


def mode_of(crossing: str) -> str:
    """Return the mode of a crossing; a road with a season is an ice road.

    Examples
    --------
    >>> mode_of("blagoveshchensk:ferry"), mode_of("road:dep")
    ('ferry', 'ice_road')
    """
    place, _, mode = crossing.partition(":")
    return "ice_road" if place == "road" else mode


def works_over_winter(mode: str) -> bool:
    """Tell whether a mode's season runs over the turn of the year.

    Examples
    --------
    >>> works_over_winter("ice_road"), works_over_winter("ferry")
    (True, False)
    """
    return mode != "ferry"


def season_name(year: int, mode: str) -> str:
    """Name the season that begins in a year.

    Examples
    --------
    >>> season_name(2023, "hovercraft"), season_name(1999, "pontoon"), season_name(2024, "ferry")
    ('2023/24', '1999/00', '2024')
    """
    return f"{year}/{(year + 1) % 100:02d}" if works_over_winter(mode) else str(year)


def season_of(day: date, mode: str) -> str:
    """Name the season that holds a day: the year for ferries, July to June for everything else.

    Parameters
    ----------
    day
        The day.
    mode
        Mode of the crossing.

    Examples
    --------
    >>> season_of(date(2024, 1, 9), "pontoon"), season_of(date(2024, 5, 3), "ferry")
    ('2023/24', '2024')
    """
    return season_name(first_year(day, mode), mode)


def first_year(day: date, mode: str) -> int:
    """Return the year in which the season that holds a day begins.

    Examples
    --------
    >>> first_year(date(2024, 1, 9), "pontoon"), first_year(date(2024, 1, 9), "ferry")
    (2023, 2024)
    """
    return day.year - int(works_over_winter(mode) and day.month < 7)


def season_year(season: str, mode: str) -> int:
    """Return the year in which a named season begins.

    Raises
    ------
    InputError
        When the season is not written as its mode asks for.

    Examples
    --------
    >>> season_year("2023/24", "pontoon"), season_year("2024", "ferry")
    (2023, 2024)
    """
    found = _SEASON.fullmatch(season.strip())
    year = int(found.group(1)) if found else 0
    if season.strip() != season_name(year, mode) or not 1900 <= year <= 2200:
        right = "a winter, as 2023/24" if works_over_winter(mode) else "one year, as 2024"
        raise InputError(f"season '{season}' does not fit: a season of the mode '{mode}' is {right}")
    return year


def season_span(year: int, mode: str) -> tuple[date, date]:
    """Return the first and the last day that belong to the season beginning in a year.

    Examples
    --------
    >>> [day.isoformat() for day in season_span(2023, "ice_road")]
    ['2023-07-01', '2024-06-30']
    """
    if works_over_winter(mode):
        return date(year, 7, 1), date(year + 1, 6, 30)
    return date(year, 1, 1), date(year, 12, 31)


def part_of(day: date, event: str) -> str:
    """Tell which of its two seasons a hovercraft's opening or closing belongs to.

    Examples
    --------
    >>> part_of(date(2024, 10, 27), "open"), part_of(date(2025, 1, 13), "close")
    ('autumn', 'autumn')
    >>> part_of(date(2025, 4, 16), "open")
    'spring'
    """
    return "autumn" if day.month >= 7 or (event == "close" and day.month <= 2) else "spring"


def date_in(month_day: str, year: int, mode: str) -> date:
    """Return a day of the year (``MM-DD``) within the season that begins in a year.

    29 February is the 28th in years that have none.

    Examples
    --------
    >>> date_in("01-09", 2023, "pontoon"), date_in("05-10", 2024, "ferry")
    (datetime.date(2024, 1, 9), datetime.date(2024, 5, 10))
    """
    month, day = int(month_day[:2]), int(month_day[3:])
    if works_over_winter(mode) and month < 7:
        year += 1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return date(year, month, 28 if (month, day) == (2, 29) and not leap else day)
