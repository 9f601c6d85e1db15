"""What ice bears: the Russian norm for ice crossings, and Gold's formula beside it."""

from __future__ import annotations

import numpy as np

from amurgeo.errors import InputError

#: ODN 218.010-98 in the practice of the Amur: h = 11 sqrt(P), 60 to 61 cm for 30 t.
NORM_CM_PER_ROOT_T = 11.0
#: Its tables end at 40 t for vehicles on wheels and 60 t on tracks.
NORM_WHEELED_T, NORM_TRACKED_T = 40.0, 60.0
#: More ice in a thaw, and for traffic by vehicles a day.
THAW_FACTOR = 1.25
TRAFFIC_FACTORS = ((500.0, 1.0), (2000.0, 1.1), (np.inf, 1.25))
#: White ice bears half of what clear ice bears.
WHITE_ICE_SHARE = 0.5


def required_thickness_cm(
    mass_t: float, *, vehicles_per_day: float = 0.0, thaw: bool = False, tracked: bool = False
) -> float:
    """Return the thickness of clear ice that a vehicle needs, by ODN 218.010-98.

    Parameters
    ----------
    mass_t
        Gross mass in tonnes.
    vehicles_per_day
        Traffic.
    thaw
        Whether a thaw lasts (up to three days).
    tracked
        Whether the vehicle runs on tracks.

    Returns
    -------
    float
        Thickness in cm.

    Raises
    ------
    InputError
        When the mass is not positive, or beyond the tables of the norm.

    Examples
    --------
    >>> round(required_thickness_cm(30), 1), round(required_thickness_cm(30, thaw=True), 1)
    (60.2, 75.3)
    """
    most = NORM_TRACKED_T if tracked else NORM_WHEELED_T
    if not 0.0 < mass_t <= most:
        raise InputError(
            f"a mass of {mass_t:g} t is outside of the norm for ice crossings; "
            f"give more than 0 and up to {most:g} t"
        )
    return NORM_CM_PER_ROOT_T * float(np.sqrt(mass_t)) * _factor(vehicles_per_day, thaw)


def bearing_mass_t(
    thickness_cm: float,
    *,
    white_cm: float = 0.0,
    vehicles_per_day: float = 0.0,
    thaw: bool = False,
    tracked: bool = False,
) -> float:
    """Return the gross mass that ice bears, by ODN 218.010-98, at most what its tables cover.

    Parameters
    ----------
    thickness_cm
        Thickness of the clear ice.
    white_cm
        Thickness of white ice on it, which counts by half.
    vehicles_per_day, thaw, tracked
        As in `required_thickness_cm`.

    Returns
    -------
    float
        Mass in tonnes.

    Examples
    --------
    >>> round(bearing_mass_t(60.25), 1), round(bearing_mass_t(40, white_cm=20), 1), bearing_mass_t(110)
    (30.0, 20.7, 40.0)
    """
    clear = _effective_cm(thickness_cm, white_cm)
    mass = (clear / (NORM_CM_PER_ROOT_T * _factor(vehicles_per_day, thaw))) ** 2
    return float(min(mass, NORM_TRACKED_T if tracked else NORM_WHEELED_T))


def gold_mass_t(thickness_cm: float, *, strength_kg_cm2: float = 4.0, white_cm: float = 0.0) -> float:
    """Return the mass that ice bears by Gold's formula, P = A h².

    Parameters
    ----------
    thickness_cm, white_cm
        Thickness of clear and of white ice.
    strength_kg_cm2
        The constant A: 3.5 is the lowest load at which ice was seen to fail, 4 to 6 the charts of the
        Northwest Territories, 17.6 the upper bound for good ice. Amur practice amounts to 8.3.

    Returns
    -------
    float
        Mass in tonnes.

    Raises
    ------
    InputError
        When the constant lies outside of 3.5 to 17.6.

    Examples
    --------
    >>> round(gold_mass_t(87), 1), round(gold_mass_t(71, strength_kg_cm2=6), 1)
    (30.3, 30.2)
    """
    if not 3.5 <= strength_kg_cm2 <= 17.6:
        raise InputError(
            f"a strength of {strength_kg_cm2:g} kg/cm² is outside of what was seen; "
            "give 3.5 to 17.6, usually 4"
        )
    return float(strength_kg_cm2 * _effective_cm(thickness_cm, white_cm) ** 2 / 1000.0)


def _factor(vehicles_per_day: float, thaw: bool) -> float:
    if not vehicles_per_day >= 0.0:
        raise InputError(f"{vehicles_per_day:g} vehicles a day cannot be; give 0 or more")
    traffic = next(factor for most, factor in TRAFFIC_FACTORS if vehicles_per_day < most or most == np.inf)
    return traffic * (THAW_FACTOR if thaw else 1.0)


def _effective_cm(thickness_cm: float, white_cm: float) -> float:
    if not (thickness_cm >= 0.0 and white_cm >= 0.0):
        raise InputError(
            f"ice of {thickness_cm:g} cm and {white_cm:g} cm of white ice cannot be; give 0 or more"
        )
    return thickness_cm + WHITE_ICE_SHARE * white_cm
