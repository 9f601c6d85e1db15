"""Dependence on exits over the border, by region and year, and what it costs to avoid them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from amurgeo.analysis.exits import exits, indices, open_days
from amurgeo.errors import InputError, check_int
from amurgeo.flows.demand import ASSUMED
from amurgeo.network import vehicle_id, vehicle_row
from amurgeo.results import Result, rounded_records
from amurgeo.scenario import Scenario, ScenarioLike
from amurgeo.seasons.daily import period_scenarios, series
from amurgeo.text import FIRST_DAY, LAST_DAY, name_of, number_text, translate

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from amurgeo.network import Network
    from amurgeo.seasons.daily import States
    from amurgeo.text import Day

#: Years by default, and the day of the last one on which avoiding the border is priced.
FIRST, LAST, DAY = 2004, 2026, "07-15"
#: The indices.
INDICES, _ENDS = ("share", "hhi", "days_cut"), ("low", "high")


@dataclass(frozen=True, eq=False)
class Dependence(Result):
    """Indices of dependence by scenario, region and year.

    Attributes
    ----------
    net, vehicle, scenarios
        The network, the id of the vehicle, and the scenarios.
    frame
        One row per scenario, region and year: share, hhi and days_cut as in `exits`, each with its ends, as
        share_low and share_high; exits (checkpoints that can be used on some day of the year). NaN in a
        region without an exit for the vehicle.
    avoided
        What a truck pays to go by sea instead of over the border, from the largest home town, one row per
        class of load: class, detour_h, detour_low_h and detour_high_h (hours), time, time_low and
        time_high (what these hours are worth), road (what is known of the other costs: a least value) and
        the cost (their sum, at least). In the currency, NaN if not known. Empty without the table ``demand``.
    unknown
        Crossings whose status is unknown on some day of the years; they count as closed then.
    """

    net: Network
    vehicle: str
    scenarios: tuple[Scenario, ...]
    frame: pd.DataFrame
    avoided: pd.DataFrame
    unknown: tuple[str, ...] = ()

    def __repr__(self) -> str:
        names = ", ".join(scenario.name for scenario in self.scenarios)
        return f"Dependence({names}, {self.frame['year'].min()} to {self.frame['year'].max()})"

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values, the JSON of the command ``dependence``."""
        frames = {"indices": rounded_records(self.frame), "avoided": rounded_records(self.avoided)}
        return {"vehicle": self.vehicle, **frames, "unknown": list(self.unknown)}

    def sentences(self, lang: str = "en") -> list[str]:
        """Return how the home regions fared, in the first and last year, in a sentence per scenario.

        Examples
        --------
        >>> import amurgeo as ag
        >>> ag.dependence(ag.load(), first=2026).sentences()[0].partition(":")[0]
        'Amur Oblast, Base case'
        """
        home = self.frame[self.frame["region"].isin(self.net.border.home.regions)]
        texts = []
        for (scenario, region), rows in home.groupby(["scenario", "region"], sort=False):
            title = next(one.title for one in self.scenarios if one.name == scenario)
            about = {"scenario": title.get(lang, scenario), "region": region_name(self.net, region, lang)}
            if len(rows) == 1:
                year = {"year": str(rows["year"].iloc[0]), **_numbers(rows.iloc[0], lang)}
                texts.append(translate("dependence.year", lang, **about, **year))
                continue
            values: dict[str, str] = {}
            for end, row in {"first": rows.iloc[0], "last": rows.iloc[-1]}.items():
                numbers = {f"{end}_{name}": text for name, text in _numbers(row, lang).items()}
                values |= {end: str(row["year"]), **numbers}
            texts.append(translate("dependence.years", lang, **about, **values))
        return texts

    def figure(self, *, lang: str = "en", path: str | Path | None = None) -> Figure:
        """Draw the indices by year; see `amurgeo.figures.dependence_figure`."""
        import amurgeo

        return amurgeo.figures.dependence_figure(self, lang=lang, path=path)


def _numbers(row: pd.Series, lang: str) -> dict[str, str]:
    """Return the numbers of a year in words; an index without exits has none."""
    return {
        name: translate("word.not_applicable", lang)
        if pd.isna(row[name])
        else number_text(row[name], lang, digits=digits)
        for name, digits in (("days_cut", 0), ("exits", 0), ("hhi", 2))
    }


def region_name(net: Network, region: str, lang: str) -> str:
    """Return the name of a region."""
    return name_of(net.base["regions"].loc[region], lang)


def default_place(net: Network) -> str:
    """Return the largest place of the home regions."""
    home = net.places[net.places["region"].isin(net.border.home.regions)]
    return str(home["population"].idxmax())


def dependence(
    net: Network,
    scenarios: ScenarioLike | Iterable[ScenarioLike] = ("baseline",),
    *,
    first: int = FIRST,
    last: int = LAST,
    vehicle: str | None = None,
    on: Day | None = None,
) -> Dependence:
    """Return the dependence of regions on exits over the border, year by year.

    Parameters
    ----------
    net
        The network.
    scenarios
        Scenarios, names, files or inline changes; no regimes, which have one day.
    first, last
        First and last year, 1980 to 2100.
    vehicle
        Id of the vehicle, that of the dataset if omitted.
    on
        Day on which avoiding the border is priced, under the first scenario; 15 July of the last year.

    Returns
    -------
    Dependence
        ``frame``, ``avoided``, sentences and a figure.

    Raises
    ------
    InputError
        If a scenario, year, vehicle or date is invalid.

    Notes
    -----
    The indices are those of `exits`, for all exits of a region that admit the vehicle: the share of exits
    over the border, the Herfindahl-Hirschman index (Hirschman 1964, The American Economic Review 54, 761)
    and the days without an exit over the border. Avoiding the border costs the detour of `exits`. The hours
    of a class are worth its weight of waiting in the table ``demand`` by the value of an hour of `queues`.

    Examples
    --------
    >>> import amurgeo as ag
    >>> found = ag.dependence(ag.load(), first=2026)
    >>> found.frame.set_index("region").loc["amur_oblast", ["share", "days_cut"]].tolist()
    [1.0, 6.0]
    """
    vehicle = vehicle_id(net, vehicle)
    several = isinstance(scenarios, Iterable) and not isinstance(scenarios, str | Scenario)
    given: Any = scenarios if several else [scenarios]
    parsed = period_scenarios(net, given)
    first, last = (
        check_int(name, year, FIRST_DAY.year, LAST_DAY.year)
        for name, year in (("first", first), ("last", last))
    )
    if first > last:
        raise InputError(f"first is invalid: {first}; expected a year up to the last one, {last}")
    days = np.arange(np.datetime64(f"{first}-01-01"), np.datetime64(f"{last + 1}-01-01"))
    frames, unknown = [], dict[str, None]()
    for run in (series(net, scenario, days) for scenario in parsed):
        frames.append(_indices(run, vehicle))
        unknown |= dict.fromkeys(run.unknown(vehicle))
    avoided = _avoided(net, parsed[0], f"{last}-{DAY}" if on is None else on, vehicle)
    frame = pd.concat(frames, ignore_index=True)
    return Dependence(net, vehicle, tuple(parsed), frame, avoided, tuple(unknown))


def _indices(run: States, vehicle: str) -> pd.DataFrame:
    """Return the indices of every home-side region with exits, by year."""
    net, tables = run.net, run.net.base
    served = run.states[0].admission(vehicle)
    crossings = tables["crossings"].loc[served.crossings[served.admits]]
    of = tables["checkpoints"]["region"].reindex(crossings["checkpoint"]).to_numpy()
    at_sea = net.nodes["region"].reindex(tables["ports"]["place"]).to_numpy()
    years = run.days.astype("datetime64[Y]").astype(int) + 1970
    rows = []
    for region in dict.fromkeys([*net.border.home.regions, *of, *at_sea]):
        opened = open_days(run, vehicle, crossings.index[of == region])
        for year in np.unique(years):
            held = [part[:, years == year] for part in opened]
            found = indices(held, int((at_sea == region).sum()))
            row = {"scenario": run.scenario.name, "region": region, "year": int(year)}
            for name in INDICES:
                row |= {name: found[name]["value"]} | {
                    f"{name}_{end}": found[name][end] for end in ("low", "high")
                }
            rows.append({**row, "exits": int(held[0].any(axis=1).sum())})
    return pd.DataFrame(rows)


def _avoided(net: Network, scenario: Scenario, on: Day, vehicle: str) -> pd.DataFrame:
    """Return what going by sea costs a truck of each class of load instead of going over the border."""
    columns = ["class", "detour_h", "detour_low_h", "detour_high_h", "time", "time_low", "time_high"]
    columns += ["road", net.border.cost]
    demand = net.base["demand"]
    if demand.empty or vehicle_row(net, vehicle)["traffic"] != "cargo":
        return pd.DataFrame(columns=columns)
    found = exits(net, default_place(net), on=on, vehicle=vehicle, scenario=scenario).dependence
    hours = [
        np.nan if (value := found["detour_h"][end]) is None else value for end in ("value", "low", "high")
    ]
    least = found[f"detour_{net.border.currency.lower()}"]["low"]
    weights = (demand["wait_weight"] * demand["share"]).groupby(demand["class"], sort=True).sum()
    weights /= demand["share"].groupby(demand["class"], sort=True).sum()
    low, mid, high = ASSUMED["value_of_hour"]
    frame = pd.DataFrame({"class": weights.index}).assign(
        **dict(zip(columns[1:4], hours, strict=True)),
        time=weights.to_numpy() * mid * hours[0],
        time_low=weights.to_numpy() * low * hours[1],
        time_high=weights.to_numpy() * high * hours[2],
        road=np.nan if least is None else float(least),
    )
    return frame.assign(**{net.border.cost: frame["time"] + frame["road"]})
