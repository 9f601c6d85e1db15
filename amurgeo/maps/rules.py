"""Rules of the page that computes: what is known of every service, road and vehicle, not what follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any, get_args
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from amurgeo.comparison.pairs import SAME_H, SAME_PCT
from amurgeo.maps.basemap import edge_columns, number, road_keys
from amurgeo.network.additions import SEASONAL, NewCrossing, NewRoad, with_additions
from amurgeo.routing.costs import TRANSFER_H
from amurgeo.routing.graph import TRANSIT_STRETCH
from amurgeo.routing.money import priced_rates
from amurgeo.routing.ranges import LAYERS, speed_factors
from amurgeo.routing.rest import rest_rules
from amurgeo.scenario import Change, Scenario, as_scenario, scenario_names
from amurgeo.seasons import ice
from amurgeo.seasons.daily import period_days
from amurgeo.seasons.evaluation import season_model, services_of
from amurgeo.seasons.forecast import BRIDGED_DAYS, SURE_FROM, runs_of
from amurgeo.seasons.holidays import STOP_FROM, checkpoint_hours, clocks_of, rules_for
from amurgeo.seasons.rules import MAX_CLOSED, MAY_BE_OPEN, NEAR_DAYS
from amurgeo.seasons.service import LOWEST, OPEN_FROM
from amurgeo.seasons.turns import Turn, day_number
from amurgeo.text import LANGUAGES

if TYPE_CHECKING:
    from amurgeo.network import Network
    from amurgeo.seasons.service import Service

#: Days before and after those shown of which the rules are known: journeys and forecasts look ahead.
BEFORE, AFTER = 30, 530
#: Days of the year (2024, a leap year) of the crossings that a scenario adds on days without a year.
_ANY_YEAR = (date(2024, 1, 1), date(2024, 12, 31))
#: Modes with a season.
_SEASONAL: Any = SEASONAL
#: Thresholds of the rules, by name.
LIMITS = {
    "open_from": OPEN_FROM, "lowest": LOWEST, "max_closed": MAX_CLOSED, "may_be_open": MAY_BE_OPEN,
    "stop_from": STOP_FROM, "near_days": NEAR_DAYS, "sure_from": SURE_FROM, "bridged_days": BRIDGED_DAYS,
    "stretch": TRANSIT_STRETCH, "same_h": SAME_H, "same_pct": SAME_PCT,
}  # fmt: skip
_RATE_COLUMNS = ("what", "country", "mode", "crossing")
#: Degrees of freedom in which a page writes a normal distribution, which has infinitely many.
_NORMAL = 0


class Rules:
    """The rules of a network for some days and scenarios, as plain values."""

    def __init__(self, net: Network, first: date, days: int, scenarios: Sequence[Scenario] = ()) -> None:
        self.net, self.first, self.n = net, first, days
        self.covers = first - timedelta(days=BEFORE), first + timedelta(days=days + AFTER)
        self.span = tuple(map(day_number, self.covers))
        named = {name: as_scenario(name, folder=net.folder) for name in scenario_names(net.folder)}
        self.scenarios = named | {scenario.name: scenario for scenario in scenarios}
        worlds = {one.world for one in self.scenarios.values() if one.world}
        regimes = {net.record_until.year} if any(one.day for one in self.scenarios.values()) else set()
        #: Years whose seasons are asked for without the record.
        self.blind_years = sorted({year - past for year in worlds | regimes for past in (0, 1)})
        #: Rows of the table ``border_hours`` by service.
        self.hours_of: dict[tuple[str, str], list[Any]] = {}
        for row in net.base["border_hours"].to_dict("records"):
            self.hours_of.setdefault((row["crossing"], row["traffic"]), []).append(row)
        #: Different lists of ids of sources, to which the rules refer by position.
        self.cites: dict[tuple[str, ...], int] = {}
        #: Different openings and closings, and lists of seasons of these.
        self.turns: dict[tuple[Any, ...], int] = {}
        self.series: dict[tuple[Any, ...], int] = {}
        self.confidences: dict[str, int] = {}

    def all(self) -> dict[str, Any]:
        """Return everything that the engine of the page reads."""
        net = self.net
        return {
            "first": day_number(self.first),
            "n": self.n,
            "covers": list(self.span),
            "record_until": net.record_until.isoformat(),
            "record_year": net.record_until.year,
            "vehicles": self.vehicles(),
            "edges": edge_columns(net),
            "speeds": self.speeds(),
            "transfer_h": TRANSFER_H,
            "road_seasons": [
                {"key": key, "seasons": self.seasons(key, "cargo", net, blind=True)} for key in road_keys(net)
            ],
            "road_limits": [
                [first, last, [row.road, "limit_t" if row.max_mass_t else "close", float(row.max_mass_t)]]
                for row in net.base["road_limits"].itertuples()
                if self.meets(first := _day(row.first), last := _day(row.until))
            ],
            "services": [self.service(one, net) for one in services_of(net).values()],
            "added": self.added(),
            "works": self.works(),
            "holidays": self.holidays(),
            "gaps": self.gaps(),
            "ice": self.ice(),
            "hours": self.hours(),
            "zones": [self.zone(name) for name in self.zone_names],
            "reasons": {key: [list(one) for one in rows] for key, rows in net.border.closed_reasons.items()},
            "certainty": {
                mode: [net.border.certainty.highest(mode, covered=covered) for covered in (True, False)]
                for mode in (*sorted({*net.base["crossings"]["mode"], *SEASONAL}), "other")
            },
            "estimate": self.cite(("estimate",)),
            "by_side": net.border.home.country != net.border.far.country,
            "limits": LIMITS,
            **grammar(),
            # Last, when everything has been cited.
            "source_ids": (ids := sorted({id_ for cite in self.cites for id_ in cite})),
            "cites": [[ids.index(id_) for id_ in cite] for cite in self.cites],
            "turns": [list(turn) for turn in self.turns],
            "confidences": list(self.confidences),
            "series": [[list(season) for season in seasons] for seasons in self.series],
        }

    # -- services ------------------------------------------------------------------------------------------

    def service(self, service: Service, net: Network) -> dict[str, Any]:
        """Return the rules of one service."""
        row, record = service.row, service.record
        rule: dict[str, Any] = {
            "x": service.crossing,
            "t": service.traffic,
            "kind": "irregular" if not row["regular"] else "all_year" if row["all_year"] else "season",
            "admits": list(row["admits"]),
            "mass": number(row["max_mass_t"], 9),
            "bo": number(row["border_h_out"], 9),
            "bi": number(row["border_h_in"], 9),
            "wait": number(row["wait_h"], 9),
            "lim": row["limited"],
            "conf": row["confidence"],
            "source": self.cite((row["source"],)),
            "range": self.ranges(service),
        }
        limits = ("opened", "planned", "retired", "vehicles_until")
        rule |= {name: _day(getattr(service, name)) for name in limits}
        if service.planned is not None and service.opened is None:
            rule["first_seen"] = min((_day(seen.day) for seen in record.opened.values()), default=None)
        if service.is_seasonal:
            rule["seasons"] = self.seasons(service.crossing, service.traffic, net)
            rule["blind"] = self.seasons(service.crossing, service.traffic, net, blind=True)
        rule["seen"] = [
            [*key, *span, *(self.turned(kind.get(key)) for kind in (record.opened, record.closed))]
            for key, days in record.spans.items()
            if self.meets(*(span := [_day(end) for end in days]))
        ]
        rule["stops"] = [
            [first, last, stop.reason, stop.confidence, self.cite((stop.source,))]
            for stop in record.stops
            if self.meets(first := _day(stop.first), last := _day(stop.last))
        ]
        rule["limits"] = [
            [first, last, limit.max_mass_t, self.cite((limit.source,))]
            for limit in record.limits
            if self.meets(first := _day(limit.first), last := _day(limit.last))
        ]
        listed: dict[str, Any] = {"short": record.short_days, "resumed": record.resumptions}
        listed |= {"seen_open": service.seen_open, "seen_closed": service.seen_closed}
        rule |= {key: [d for day in days if self.meets(d := _day(day), d)] for key, days in listed.items()}
        near: dict[str, Any] = {
            "covered": _joined(service.covered),
            "gap": [tuple(map(_day, gap)) for gap in service.gaps],
        }
        rule |= {key: [list(span) for span in spans if self.meets(*span)] for key, spans in near.items()}
        rule["heavy"] = max((limit.max_mass_t for limit in record.limits), default=None)
        return {
            key: value for key, value in rule.items() if key == "admits" or value not in ("", None, [], {})
        }

    def meets(self, first: int, last: int | None) -> bool:
        """Return whether days from a first to a last one, or without an end, meet those of the rules."""
        # A stop near the edge still goes before the rule on the holiday within.
        return first <= self.span[1] and (last is None or last >= self.span[0] - BEFORE)

    def cite(self, ids: Sequence[str]) -> int:
        """Return the position of a list of sources."""
        return self.cites.setdefault(tuple(ids), len(self.cites))

    def turned(self, row: Any) -> list[Any] | None:
        """Return day, confidence and source of an opening or closing on record."""
        return None if row is None else [_day(row.day), row.confidence, self.cite((row.source,))]

    def seasons(self, crossing: str, traffic: str, net: Network, *, blind: bool = False) -> int:
        """Return the number of the seasons of a service, each year, part, turns, n, confidence, sources."""
        model, road = season_model(net), crossing not in net.base["crossings"].index
        years = {*range(self.covers[0].year - 1, self.covers[1].year + 1)} if road or not blind else set()
        rows = []
        for year in sorted(years | ({*self.blind_years} if blind else set())):
            for one in model.seasons(crossing, traffic, year, year, observed=not blind):
                ends: list[Any] = [one.open, one.close]
                if any(turn is not None and turn.observed for turn in ends):
                    how = {"season": one.season, "traffic": traffic, "part": one.part}
                    without = model.season(crossing, **how, blind=True)
                    ends = [_turn(one.open, without.open), _turn(one.close, without.close)]
                else:
                    ends = [_turn(one.open), _turn(one.close)]
                turns = [self.turns.setdefault(turn, len(self.turns)) for turn in ends]
                sure = self.confidences.setdefault(one.confidence, len(self.confidences))
                rows.append((year, one.part, *turns, one.n, sure, self.cite(one.sources)))
        return self.series.setdefault(tuple(rows), len(self.series))

    def ranges(self, service: Service) -> dict[str, list[list[float]]]:
        """Return low, mid and high hours of control and of the queue."""
        rows = self.hours_of.get((service.crossing, service.traffic), ())
        found: dict[str, dict[float, list[float]]] = {}
        for row in rows:
            if row["layer"] in LAYERS:
                ends = [float(row[name]) for name in ("low_h", "mid_h", "high_h")]
                found.setdefault(LAYERS[row["layer"]].removesuffix("_h"), {})[ends[1]] = ends
        return {name: [*by_mid.values()] for name, by_mid in found.items()}

    def added(self) -> dict[str, dict[str, list[int]]]:
        """Return seasons, with and without the record, of crossings that a scenario may add, by traffic."""
        net, vehicles = self.net, self.net.base["vehicles"]
        admits = tuple(vehicles.index[~vehicles["traffic"].duplicated()])
        sizes: dict[str, Any] = {"length_km": 1.0, "travel_min": 1.0, "admits": admits}
        changes = [
            Change(add=NewCrossing(checkpoint=checkpoint, mode=mode, **sizes))
            for checkpoint in banks(net)
            for mode in _SEASONAL
            if f"{checkpoint}:{mode}" not in net.base["crossings"].index
        ]
        new = {change.add.id for change in changes if change.add}
        if not changes:
            return {}
        larger = with_additions(net, Scenario("all", changes=changes))
        kinds = sorted(set(vehicles["traffic"]))
        return {
            id_: {
                traffic: [self.seasons(id_, traffic, larger, blind=blind) for blind in (False, True)]
                for traffic in kinds
            }
            for id_ in sorted(new)
        }

    def works(self) -> dict[str, list[list[int]]]:
        """Return runs of days, by mode, on which some season without its record may have begun."""
        model = season_model(self.net)
        found: dict[str, list[list[int]]] = {}
        for mode in SEASONAL:
            found[mode] = []
            rows = [one for one in services_of(self.net).values() if one.mode == mode and one.is_seasonal]
            for first, last in sorted((_ANY_YEAR, self.covers)):
                days, years = period_days(first, last), (first.year - 1, last.year)
                seasons = [model.seasons(one.crossing, one.traffic, *years, observed=False) for one in rows]
                chances = [season.prob_open(days) for season in chain(*seasons)]
                likely = np.max([np.zeros(len(days)), *chances], axis=0) >= MAY_BE_OPEN
                found[mode] += [[_day(days[run[0]]), _day(days[run[-1]])] for run in runs_of(likely)]
        return found

    def holidays(self) -> list[dict[str, Any]]:
        """Return the rules on holidays with their days."""
        years, rows = (self.covers[0].year - 1, self.covers[1].year + 1), []
        for row in self.net.base["holiday_rules"].to_dict("records"):
            (rule,) = rules_for([{**row, "crossings": "*", "modes": "*"}], "", "")
            spans = [[_day(end) for end in span] for span in rule.spans(*years)]
            rows.append(
                {
                    "for": [row["crossings"], row["modes"]],
                    "key": f"{rule.days}|{rule.offset}",
                    "chance": rule.chance,
                    "title": {lang: rule.title.get(lang, "") for lang in LANGUAGES},
                    "source": self.cite((rule.source,)),
                    "weekly": rule.is_weekly,
                    "spans": [span for span in spans if self.meets(*span)],
                }
            )
        return rows

    def gaps(self) -> list[list[Any]]:
        """Return the gaps of the record, for crossings that a scenario adds."""
        table = self.net.base["record_gaps"]
        rows = [
            [gap.crossings, gap.modes, gap.traffic, _day(gap.first), _day(gap.until)]
            for gap in table.itertuples()
        ]
        return [row for row in rows if self.meets(*row[3:])]

    # -- nature and clocks ---------------------------------------------------------------------------------

    def ice(self) -> dict[str, Any] | None:
        """Return what moves the seasons of warmer winters: daily normals from July on, and limits."""
        river = self.net.border.ice
        if river is None:
            return None
        normals = ice.winter_temperatures(self.net.table("climate"), station=river.station)
        return {
            "t": normals.round(6).tolist(),
            "sun": int(np.argmax(normals.index.month == ice.SUN_MONTHS[0])),
            "alpha": river.alpha_thinnest,
            "freeze": river.freeze_up_degree_days,
            "need": ice.required_thickness_cm(30.0),
            "rot": [ice.ROT_BASE_C, ice.ROT_CM_PER_DEGREE_DAY, ice.BREAK_UP_DEGREE_DAYS],
            "closing": [ice.CLOSING_BASE_C, ice.CLOSING_DEGREE_DAYS],
        }

    @property
    def zone_names(self) -> list[str]:
        """Names of the time zones of the regions."""
        return sorted(set(self.net.base["regions"]["timezone"]))

    def zone(self, name: str) -> list[list[int]]:
        """Return from which second (universal time) on a clock is ahead by how many seconds."""
        clock, hour = ZoneInfo(name), timedelta(hours=1)
        moment, end = (datetime.combine(day, datetime.min.time(), UTC) for day in self.covers)
        shifts: list[list[int]] = []

        def ahead(at: datetime) -> int:
            return int((at.astimezone(clock).utcoffset() or timedelta()).total_seconds())

        while moment <= end:
            if not shifts or ahead(moment) != shifts[-1][1]:
                while shifts and ahead(moment - hour) != shifts[-1][1]:
                    moment -= hour
                shifts.append([int(moment.timestamp()), ahead(moment)])
            moment += timedelta(days=1)
        return shifts

    def hours(self) -> dict[str, list[list[Any]]]:
        """Return by crossing from which day on it works which minutes of the day, by the home clock."""
        net, record = self.net, self.net.base["season_record"]
        found = {}
        for crossing, rows in record[record["event"] == "hours"].groupby("crossing"):
            if crossing not in net.base["crossings"].index:
                continue
            clocks = clocks_of(net, str(crossing))
            dated = {pd.Timestamp(str(text)).date() for text in rows["date"]}
            changes = {self.covers[0], *dated, *(day + timedelta(days=1) for day in dated)}
            known: list[list[Any]] = []
            for day in sorted(day for day in changes if self.covers[0] <= day <= self.covers[1]):
                hours = checkpoint_hours(str(crossing), day, rows, clocks)
                known.append([day_number(day), [] if hours is None else [list(span) for span in hours.spans]])
            found[str(crossing)] = known
        return found

    # -- land ----------------------------------------------------------------------------------------------

    def vehicles(self) -> dict[str, dict[str, Any]]:
        """Return traffic, mass, rest of the driver and rates of the vehicles."""
        net = self.net
        return {
            id_: {
                "t": row["traffic"],
                "rail": int(row["network"] == "rail"),
                "mass": float(row["mass_t"]),
                "factors": [float(factor) for factor in speed_factors(net, id_)],
                "name": [str(row[f"name_{lang}"]) for lang in LANGUAGES],
                "rest": {country: list(limits) for country, limits in rest_rules(net, id_).items()},
                "rates": [
                    [*(r[name] for name in _RATE_COLUMNS), number(r["price"], 9)]
                    for r in priced_rates(net, id_).sort_values("crossing").to_dict("records")
                ],
            }
            for id_, row in net.base["vehicles"].iterrows()
        }

    def speeds(self) -> dict[str, dict[str, float]]:
        """Return km/h by vehicle, and class and surface of a road."""
        found: dict[str, dict[str, float]] = {}
        for (vehicle, class_, surface), kmh in self.net.base["speeds"]["speed_kmh"].items():
            found.setdefault(vehicle, {})[f"{class_}|{surface}"] = float(kmh)
        return found


def grammar() -> dict[str, Any]:
    """Return ranges, choices and required keys of the numbers and words in changes and additions."""
    models: dict[str, Any] = {"change": Change, "crossing": NewCrossing, "road": NewRoad}
    found: dict[str, dict[str, Any]] = {"ranges": {}, "choices": {}, "needs": {}}
    ends = ("ge", "gt", "le")
    for kind, model in models.items():
        fields = {field.serialization_alias or name: field for name, field in model.model_fields.items()}
        bounds = {
            key: {end: getattr(part, end) for part in field.metadata for end in ends if hasattr(part, end)}
            for key, field in fields.items()
        }
        words = {key: get_args(field.annotation) for key, field in fields.items()}
        found["ranges"][kind] = {
            key: [limits.get("ge", limits.get("gt")), limits["le"], "gt" in limits]
            for key, limits in bounds.items()
            if limits
        }
        found["choices"][kind] = {
            key: list(one) for key, one in words.items() if one and all(isinstance(word, str) for word in one)
        }
        found["needs"][kind] = [key for key, field in fields.items() if field.is_required()]
    return found


def banks(net: Network) -> list[str]:
    """Return the checkpoints that have terminals on both sides."""
    sides = net.base["terminals"].groupby("checkpoint")["side"].nunique()
    return [str(id_) for id_ in sides.index[sides == 2]]


def scenario_record(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as the engine of the page takes it."""
    content = scenario.to_dict()
    content.pop("description", None)
    regime = {} if scenario.regime is None else {"regime": scenario.regime}
    return {**content, "title": dict(scenario.title), **regime, "change": content.get("change", [])}


def _day(day: Any) -> Any:
    """Return a day as a number; None stays."""
    return None if day is None else int(np.datetime64(day, "D").astype(int))


def _joined(spans: np.ndarray) -> list[tuple[int, int]]:
    """Return spans of days with those joined that touch."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted((int(a), int(b)) for a, b in spans.astype(int)):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        else:
            joined.append((first, last))
    return joined


def _turn(turn: Any, blind: Turn | None = None) -> tuple[Any, ...]:
    """Return center, scale, degrees of freedom, median, limits, and scale and so on without the record."""
    known = turn.distribution
    row = _short(known.center), _short(known.scale), _df(known), day_number(turn.p50)
    limits = _finite(known.after), _finite(known.by)
    if turn.observed is not None and blind is not None:
        return (*row, *limits, _short(blind.distribution.scale), _df(blind.distribution))
    return (*row, *limits) if limits != (None, None) else row


def _short(value: float) -> float:
    return int(value) if float(value).is_integer() else value


def _df(distribution: Any) -> int:
    return int(distribution.df) if np.isfinite(distribution.df) else _NORMAL


def _finite(value: float) -> float | None:
    return _short(value) if np.isfinite(value) else None
