"""The engine of the page answers in Chromium as the package does: random questions, every day, mutants."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

import amurgeo as ag
from amurgeo.errors import InputError
from amurgeo.maps import style
from amurgeo.maps.payload import payload
from amurgeo.routing.graph import StateGraph
from amurgeo.scenario import Scenario

pytestmark = pytest.mark.browser

SPANS = (
    (date(2025, 10, 1), 270),
    (date(2026, 7, 1), 365),
    (date(2024, 1, 1), 366),
    (date(2021, 7, 1), 365),
)
SCRIPTS = tuple(style.asset(f"js/{name}.js") for name in ("scenario", "outlook", "engine"))
#: Modes that a scenario may add, and targets of changes.
NEW_MODES = ("bridge", "cableway", "road", "ferry", "pontoon", "ice_road", "hovercraft")
ANSWER = """(cases) => cases.map(function (c) {
  const at = (id) => E.index.get(id), plain = (x) => (Number.isNaN(x) ? null : x), o = c.options;
  const laid = E.lay(c.scenario), i = c.scenario.day ? 0 : E.dayAt(PageEngine.dayOf(c.on));
  const [a, b] = [at(c.origin), at(c.destination)], ends = [E.data.towns.map(at), E.data.ends.map(at)];
  const left = (d) => d && [d.total, d.crossings, E.clock(a, d.leaves), E.clock(b, d.arrives),
    d.legs.map((l) => l.mode)];
  const numbers = (s) => [s.mass[i], s.wait[i], s.border[i]].map(plain);
  return {
    state: laid.services.map((s) => [s.row.x, s.row.t, s.status(i), plain(s.p[i]), s.reason[i], s.evidence[i],
      ...numbers(s), s.share[i], s.limited[i], s.confidence[i], s.sources[i], s.because[i]]),
    routes: E.routes(laid, c.vehicle, a, b, i, o).map(function (way) {
      const [sure, paid] = [E.certainty(laid, way, i), E.cost(laid, c.vehicle, way)];
      const legs = E.legs(laid, c.vehicle, way, i).map((l) => [l.mode, l.seconds]);
      return [way.seconds, way.rest, way.crossings, way.transit, plain(sure.p), sure.evidence, paid.cost,
        paid.atLeast, paid.missing.join(';'), legs];
    }),
    matrix: E.matrix(laid, c.vehicle, ...ends, i, o).map((row) => row.map((s) => (s === Infinity ? -1 : s))),
    departure: c.minute === null ? null : left(E.depart(laid, c.vehicle, a, b, i, c.minute, o)),
    next: !c.ahead ? null : laid.services.map(function (s, k) {
      const one = E.next(laid, k, i), change = [one.status, one.change, one.p10, one.p50, one.p90];
      return [s.row.x, s.row.t, change, [one.first_safe, one.last_safe]];
    }),
  };
})"""
DAYS = """(scenario) => E.lay(scenario).services.map((s) => [s.row.x, s.row.t,
  E.days.map((_, i) => s.status(i)), Array.from(s.p, (x) => (Number.isNaN(x) ? null : x)), s.reason, s.evidence,
  Array.from(s.mass, (x) => (Number.isNaN(x) ? null : x)), Array.from(s.wait, (x) => (Number.isNaN(x) ? null : x))])"""


class Questions:
    """Random questions about a network, by a seed."""

    def __init__(self, net: Any, seed: int) -> None:
        self.net, self.rng = net, random.Random(seed)
        self.crossings, self.vehicles = list(net.base["crossings"].index), list(net.base["vehicles"].index)
        self.checkpoints = list(net.base["checkpoints"].index)
        kinds = net.nodes["kind"]
        self.places = list(net.nodes.index[kinds.isin(["city", "town", "village"])])
        land = net.edges[net.edges["kind"].isin(["road", "railway"])]
        self.roads, self.winter = list(land.index), list(land.index[land["season"] != ""])

    def span(self, first: date, n: int) -> str:
        start = first + timedelta(days=self.rng.randrange(n - 40))
        end = start + timedelta(days=self.rng.randrange(60))
        return f"{start}..{end}" if self.rng.random() < 0.6 else f"{start:%m-%d}..{end:%m-%d}"

    def change(self, first: date, n: int) -> dict[str, Any]:
        pick = self.rng.choice
        kinds = ["warming_c", "vehicle", "road", "road", "add road", "add", "add", *["crossing"] * 9]
        kind = pick(kinds)
        if kind == "warming_c":
            return {"warming_c": pick([1.0, 2.0, 3.0, -2.0, 0.7, 5.5])}
        if kind == "vehicle":
            where = pick([{}, {"road_class": pick(["primary", "trunk", "motorway"])}])
            return {
                "vehicle": pick(self.vehicles),
                **where,
                **pick([{"speed_factor": 0.83}, {"speed_kmh": 33.0}]),
            }
        days = {"days": self.span(first, n)} if self.rng.random() < 0.4 else {}
        delay = {"delay_days": self.rng.randrange(-30, 46)}
        if kind == "road":
            like = {"open": True, "like": pick([*self.crossings, "road:dep"])}
            actions = [{"close": True}, {"open": True}, {"limit_t": 10.0}, {"speed_factor": 0.6}, like, delay]
            action = pick([*actions, {"speed_kmh": 25.0}])
            return {
                "road": pick([pick(self.winter), pick(self.roads)]),
                **action,
                **({} if action is delay else days),
            }
        if kind == "add road":
            start, end = self.rng.sample(self.places, 2)
            look = pick([{}, {"class": "secondary", "surface": "gravel"}])
            return {"add": {"kind": "road", "from": start, "to": end, "length_km": 210.0, **look}, **days}
        if kind == "add":
            size = {
                "length_km": 1.7,
                "travel_min": pick([3.0, 7.0]),
                "wait_h": 0.5,
                **pick([{}, {"max_mass_t": 30.0}]),
            }
            admits = self.rng.sample(self.vehicles, self.rng.randrange(1, 5))
            place = {"checkpoint": pick(self.checkpoints), "mode": pick(NEW_MODES)}
            only = pick([{}, {}, {"traffic": pick(["cargo", "passenger"])}])
            return {
                "add": {"kind": "crossing", **place, **size, "admits": admits, "border_h": 2.35},
                **days,
                **only,
            }
        target = pick(
            [("crossing", pick(self.crossings))] * 4
            + [("checkpoint", pick(self.checkpoints))]
            + [("mode", pick(NEW_MODES))]
        )
        actions = [
            {"close": True},
            {"close": True},
            {"open": True},
            {"limit_t": pick([5.0, 20.0, 25.5])},
            delay,
            delay,
        ]
        actions += [
            {"open": True, "like": pick(self.crossings)},
            {"wait_h": 7.77},
            {"border_h": pick([0.0, 3.31])},
        ]
        action = pick([*actions, {"capacity_share": 0.4}])
        only = pick([{}, {}, {"traffic": pick(["cargo", "passenger"])}])
        return {target[0]: target[1], **action, **only, **({} if action is delay else days)}

    def scenario(self, first: date, n: int) -> dict[str, Any]:
        changes = [self.change(first, n) for _ in range(self.rng.choice([0, 1, 1, 2, 2, 3]))]
        kind = self.rng.random()
        more: dict[str, Any] = {"world": 2010} if kind < 0.06 else {}
        if kind > 0.94:
            more = {"day": self.rng.choice(["02-10", "07-15", "11-15"]), "regime": "s"}
        if self.rng.random() < 0.05:
            more["assume"] = self.rng.choice(["open", "closed"])
        return {"name": "s", **more, "change": changes}

    def options(self, ends: list[str]) -> dict[str, Any]:
        pick, places = self.rng.choice, [p for p in self.places if p not in (*ends, *self.checkpoints)]
        some = [["crossing", "kani_kurgan:bridge"], ["checkpoint", "poyarkovo"], ["place", pick(places)]]
        offered = {
            "border": {pick(self.crossings): pick([0.0, 2.22, 30.0])},
            "drivers": 2,
            "avoid": [pick([*some, ["mode", "ferry"]])],
            "via": [pick(some)],
            "transit": False,
        }
        return {name: value for name, value in offered.items() if self.rng.random() < 0.15}

    def question(self, first: date, n: int) -> dict[str, Any]:
        ends = self.rng.sample(self.places, 2)
        options = self.options(ends)
        timed = not any(target[0] == "place" for name in ("via", "avoid") for target in options.get(name, ()))
        return {
            "scenario": self.scenario(first, n),
            "on": (first + timedelta(days=self.rng.randrange(n))).isoformat(),
            "vehicle": self.rng.choice(self.vehicles),
            "origin": ends[0],
            "destination": ends[1],
            "options": options,
            "minute": self.rng.randrange(1440) if timed and self.rng.random() < 0.3 else None,
            "ahead": self.rng.random() < 0.04,
        }


@pytest.fixture(scope="module")
def net() -> Any:
    return ag.load()


@pytest.fixture(scope="module")
def engine(browser: Any, net: Any) -> Iterator[Any]:
    """A function that opens a page with the engine and the rules of a period."""
    contexts, known = [], {}

    def opened(first: date, n: int, script: str | None = None) -> Any:
        if (first, n) not in known:
            known[first, n] = payload(net, first=first, days=n)
        contexts.append(browser.new_context(offline=True))
        page = contexts[-1].new_page()
        for text in SCRIPTS if script is None else (*SCRIPTS[:2], script):
            page.evaluate(text)
        page.evaluate("(data) => { window.E = PageEngine.Engine(data); }", known[first, n])
        return page

    yield opened
    for context in contexts:
        context.close()


def plain(value: Any) -> Any:
    return None if value is None or value != value else value


def day_of(value: Any) -> int | None:
    return None if value is None or value != value else int(np.datetime64(value, "D").astype(int))


def state_fault(state: Any, answer: list[list[Any]]) -> str | None:
    """Return where the status of a service differs; chances by 1e-12 at most."""
    rows = {(row[0], row[1]): row[2:] for row in answer}
    names = ("status", "probability_open", "reason", "evidence", "max_mass_t", "wait_h", "border_h")
    names += ("capacity_share", "limited", "confidence", "sources", "because")
    if set(rows) != set(state.crossings.index):
        return "services"
    for key, row in state.crossings.iterrows():
        for name, got in zip(names, rows[key], strict=True):
            want = json.loads(json.dumps(plain(row[name]) if name != "sources" else list(row[name])))
            if name == "because":
                # The page explains a risk in the words of its own language, and names a scenario as it likes.
                if want[0] == "because.scenario":
                    got, want = got[:1], want[:1]
                for one in (got, want):
                    one[1:2] = [{k: v for k, v in values.items() if k != "because"} for values in one[1:2]]
            if got != want and not (
                name == "probability_open" and None not in (got, want) and abs(got - want) <= 1e-12
            ):
                return f"{key} {name}: {got} for {want}"
    return None


def fault_of(
    net: Any, case: dict[str, Any], parsed: Scenario, state: Any, answer: dict[str, Any]
) -> str | None:
    """Return the first difference between the answers of page and package."""
    if fault := state_fault(state, answer["state"]):
        return fault
    options, on = case["options"], None if state.scenario.day else case["on"]
    asked: dict[str, Any] = {"on": on, "vehicle": case["vehicle"], "scenario": parsed}
    asked |= {"border_h": options.get("border"), "drivers": options.get("drivers", 1)}
    asked["transit"] = options.get("transit", True)
    ways = {name: [target[1] for target in options.get(name, ())] for name in ("via", "avoid")}
    minute = case["minute"]
    at = None if minute is None else f"{minute // 60:02d}:{minute % 60:02d}"
    found = ag.routes(net, case["origin"], case["destination"], k=10_000, depart_at=at, **ways, **asked)
    records = found.records()
    for route, record, got in zip(found.routes, records, answer["routes"], strict=False):
        chance = record["probability_open"] if route.crossings else 1.0
        paid = [record[name] for name in (net.border.cost, "cost_at_least", "cost_missing")]
        legs = [[leg["mode"], round(leg["hours"] * 3600)] for leg in route.legs]
        want = [route.seconds, route.rest_s, list(route.crossings), route.transit]
        if got[:4] != want or got[6:] != [*paid, legs] or got[5] != record["evidence"]:
            return f"route: {got} for {[*want, chance, record['evidence'], *paid, legs]}"
        if (got[4] is None) != (chance is None) or (chance is not None and abs(got[4] - chance) > 5.1e-5):
            return f"chance of a route: {got[4]} for {chance}"
    if len(found.routes) != len(answer["routes"]):
        return f"{len(answer['routes'])} routes for {len(found.routes)}"
    if not options.get("avoid"):
        ends = list(net.border.destinations)
        hours = ag.od_matrix(net, ag.network.large_towns(net), ends, **asked).to_numpy()
        seconds = np.where(np.isnan(hours), -1, np.rint(np.nan_to_num(hours) * 3600)).astype(int).tolist()
        if seconds != answer["matrix"]:
            return f"matrix: {answer['matrix']} for {seconds}"
    if found.departure is not None:
        left, form = found.departure, "%Y-%m-%dT%H:%M"
        want = left.arrives and [round(left.total_h * 3600), list(left.crossings), left.leaves.strftime(form)]
        if want:
            want += [left.arrives.strftime(form), [leg["mode"] for leg in left.legs]]
        if answer["departure"] != want:
            return f"departure: {answer['departure']} for {want}"
    if answer["next"] is not None and not state.scenario.day:
        ahead, safe = (
            function(net, on, scenario=parsed) for function in (ag.next_changes, ag.seasons.safe_days)
        )
        for crossing, traffic, change, days in answer["next"]:
            key = (crossing, traffic)
            if key in ahead.index:
                row = ahead.loc[key]
                want = [
                    row["status"],
                    plain(row["change"]),
                    *(day_of(row[name]) for name in ("p10", "p50", "p90")),
                ]
                if change != want:
                    return f"{key} next: {change} for {want}"
            if key in safe.index:
                want = [day_of(safe.loc[key, name]) for name in ("first_safe_day", "last_safe_day")]
                if days != want:
                    return f"{key} safe: {days} for {want}"
    return None


def ask(
    net: Any, engine: Any, cases: int, seed: int, tmp_path: Any, spans: Any, script: str | None = None
) -> list[str]:
    """Return the differences in random cases; what one refuses the other refuses too."""
    faults: list[str] = []
    for number, (first, n) in enumerate(spans):
        page, questions, asked = engine(first, n, script), Questions(net, seed + number), []
        while len(asked) < cases // len(spans):
            case = questions.question(first, n)
            refused = page.evaluate(
                "(s) => { const r = E.refusal(s); return r && r.message; }", case["scenario"]
            )
            try:
                path = tmp_path / "scenario.toml"
                path.write_text(
                    page.evaluate("(s) => PageEngine.toToml(s)", case["scenario"]), encoding="utf-8"
                )
                parsed = Scenario.from_toml(path)
                state = net.state(None if parsed.day else case["on"], scenario=parsed)
            except InputError as error:
                if refused is None:
                    faults.append(f"{case['scenario']}: not refused: {error}")
                continue
            if refused is not None:
                faults.append(f"{case['scenario']}: refused: {refused}")
                continue
            asked.append((case, parsed, state))
        answers = page.evaluate(ANSWER, [case for case, _, _ in asked])
        for (case, parsed, state), answer in zip(asked, answers, strict=True):
            fault = fault_of(net, case, parsed, state, answer)
            faults += [] if fault is None else [f"{case}: {fault}"]
    return faults


@pytest.fixture
def _without_detours(monkeypatch: pytest.MonkeyPatch) -> None:
    # The page shows no further ways over land between two places of one side.
    monkeypatch.setattr(StateGraph, "further", lambda *_: [])


@pytest.mark.parametrize(
    ("cases", "seed", "spans"),
    [(150, 19, SPANS[:1]), pytest.param(1500, 1019, SPANS, marks=pytest.mark.slow)],
)
@pytest.mark.usefixtures("_without_detours")
def test_random_questions_have_the_answers_of_the_package(
    net: Any, engine: Any, tmp_path: Any, cases: int, seed: int, spans: Any
) -> None:
    assert ask(net, engine, cases, seed, tmp_path, spans) == []


def all_days(net: Any, page: Any, first: date, n: int, scenario: dict[str, Any]) -> str | None:
    """Return the first difference over all services and days of a period."""
    last = first + timedelta(days=n - 1)
    states = ag.states(net, first, last, scenario=Scenario.from_dict(scenario))
    names = ("status", "probability_open", "reason", "evidence", "max_mass_t", "wait_h")
    for out, answer in zip(states.services, page.evaluate(DAYS, scenario), strict=True):
        if (out.service.crossing, out.service.traffic) != tuple(answer[:2]):
            return f"{answer[:2]} for {out.service.crossing}"
        for name, got in zip(names, answer[2:], strict=True):
            want = getattr(out, name)
            if want.dtype == object:
                wrong = want != np.array(got, dtype=object)
            else:
                wrong = ~np.isclose(np.array(got, dtype=float), want, rtol=0, atol=1e-12, equal_nan=True)
            if wrong.any():
                at = int(np.argmax(wrong))
                return f"{answer[:2]} {name} on {states.days[at]}: {got[at]} for {want[at]}"
    return None


SCENARIOS: tuple[list[dict[str, Any]], ...] = (
    [],
    [{"warming_c": 2.0}, {"crossing": "poyarkovo:ice_road", "delay_days": 21}],
)


@pytest.mark.parametrize(
    ("first", "n"),
    [SPANS[1], *(pytest.param(*span, marks=pytest.mark.slow) for span in (SPANS[0], *SPANS[2:]))],
)
def test_every_service_has_the_status_of_the_package_on_every_day(
    net: Any, engine: Any, first: date, n: int
) -> None:
    page = engine(first, n)
    for changes in SCENARIOS:
        assert all_days(net, page, first, n, {"name": "s", "change": changes}) is None


#: A part of the engine and what it becomes, each wrong in one way.
MUTANTS = (("const rint", "const rint"),)
