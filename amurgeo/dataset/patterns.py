"""Patterns of names in the cells of tables: ``*``, ``a|b`` and ``!a|b``."""

from __future__ import annotations


def matches(pattern: str, *names: str) -> bool:
    """Return whether one of the names of a thing fits a pattern.

    Parameters
    ----------
    pattern
        ``*`` for all; names joined by ``|`` for any of them; with a leading ``!`` for none of them.
    names
        Names of one thing, for instance the id of a crossing and that of its checkpoint.

    Returns
    -------
    bool
        Whether the thing fits.

    Examples
    --------
    >>> matches("*", "rail"), matches("!rail", "road"), matches("!rail|road", "rail")
    (True, True, False)
    >>> matches("poyarkovo|khabarovsk:ferry", "poyarkovo:ice_road", "poyarkovo")
    True
    """
    listed = {name.strip() for name in pattern.removeprefix("!").split("|")}
    return ("*" in listed or not listed.isdisjoint(names)) != pattern.startswith("!")


def pattern_names(pattern: str) -> set[str]:
    """Return the names in a pattern.

    Examples
    --------
    >>> sorted(pattern_names("!rail|road")), pattern_names("*")
    (['rail', 'road'], set())
    """
    return {name.strip() for name in pattern.removeprefix("!").split("|")} - {"*", ""}
