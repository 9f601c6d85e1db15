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
from amurgeo.network import large_towns
from amurgeo.routing.departures import build_legs
from amurgeo.routing.graph import StateGraph, resolve_target
from amurgeo.routing.matrix import solve
from amurgeo.scenario import Scenario

pytestmark = pytest.mark.browser

SPANS = (
    (date(2025, 10, 1), 270),
    (date(2026, 7, 1), 365),
    (date(2024, 1, 1), 366),
    (date(2021, 7, 1), 365),
)
NAMES = ("scenario", "outlook", "engine")
SCRIPTS = tuple(style.asset(f"js/{name}.js") for name in NAMES)
#: Modes that a scenario may add, and targets of changes.
NEW_MODES = ("bridge", "cableway", "road", "ferry", "pontoon", "ice_road", "hovercraft")
ANSWER = """(cases) => cases.map(function (c) {
  const at = (id) => E.index.get(id), plain = (x) => (Number.isNaN(x) ? null : x), o = c.options;
  const laid = E.lay(E.join([c.scenario])), i = c.scenario.day ? 0 : PageEngine.dayOf(c.on) - E.data.first;
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
    departure: !c.deep || !c.timed ? null : left(E.depart(laid, c.vehicle, a, b, i, c.minute, o)),
    next: !c.deep ? null : laid.services.map(function (s, k) {
      const one = E.next(laid, k, i), change = [one.status, one.change, one.p10, one.p50, one.p90];
      return [s.row.x, s.row.t, change, [one.first_safe, one.last_safe]];
    }),
  };
})"""
DAYS = """(scenario) => E.lay(scenario).services.map(function (s) {
  const plain = (values) => Array.from(values, (x) => (Number.isNaN(x) ? null : x));
  const [status, numbers] = [E.days.map((_, i) => s.status(i)), [s.mass, s.wait].map(plain)];
  return [s.row.x, s.row.t, status, plain(s.p), s.reason, s.evidence, ...numbers];
})"""


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
        action = pick([*actions, {"capacity_share": 0.4}, {"capacity_share": 1.5}])
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
        chosen = {name: value for name, value in offered.items() if self.rng.random() < 0.15}
        # The package refuses to avoid what a way has to take.
        if "via" in chosen and chosen["via"] == chosen.get("avoid"):
            del chosen["avoid"]
        return chosen

    def question(self, first: date, n: int, scenario: dict[str, Any]) -> dict[str, Any]:
        ends = self.rng.sample(self.places, 2)
        options = self.options(ends)
        timed = not any(target[0] == "place" for name in ("via", "avoid") for target in options.get(name, ()))
        return {
            "scenario": scenario,
            "on": (first + timedelta(days=self.rng.randrange(n))).isoformat(),
            "vehicle": self.rng.choice(self.vehicles),
            "origin": ends[0],
            "destination": ends[1],
            "options": options,
            "minute": self.rng.randrange(1440),
            "timed": timed,
            "deep": self.rng.random() < 0.08,
        }


@pytest.fixture(scope="module")
def net() -> Any:
    return ag.load()


@pytest.fixture(scope="module")
def engine(browser: Any, net: Any) -> Iterator[Any]:
    """A function that opens a page with the engine and the rules of a period."""
    contexts, known = [], {}

    def opened(first: date, n: int, scripts: tuple[str, ...] = SCRIPTS) -> Any:
        if (first, n) not in known:
            known[first, n] = payload(net, first=first, days=n)
        contexts.append(browser.new_context(offline=True))
        page = contexts[-1].new_page()
        for text in scripts:
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


def ways_fault(state: Any, case: dict[str, Any], answer: dict[str, Any]) -> str | None:
    """Return the first difference of the ways and of the matrix."""
    options, vehicle, net = case["options"], case["vehicle"], state.net
    border_h, drivers = options.get("border"), options.get("drivers", 1)
    graph = StateGraph(state, vehicle, border_h, drivers=drivers)
    required, avoided = (
        [resolve_target(net, target[1], name) for target in options.get(name, ())]
        for name in ("via", "avoid")
    )
    for target in avoided:
        graph.close(target)
    transit = options.get("transit", True)
    ends = case["origin"], case["destination"]
    paths = graph.routes(*ends, required, 10_000, transit=transit)
    want = [[graph.total(path), graph.rested(path), list(graph.crossings(path))] for path in paths]
    if [way[:3] for way in answer["routes"]] != want:
        return f"routes: {answer['routes']} for {want}"
    if paths:
        legs = build_legs(net, graph.rows(paths[0]), rest=graph.rest)
        want = [[leg["mode"], round(leg["hours"] * 3600)] for leg in legs]
        if answer["routes"][0][9] != want:
            return f"legs: {answer['routes'][0]} for {want}"
    if not avoided:
        places = [large_towns(net), list(net.border.destinations)]
        how = {"border_h": border_h, "transit": transit, "drivers": drivers}
        seconds = solve(state, vehicle, *places, **how).seconds
        want = np.where(np.isfinite(seconds), seconds, -1).tolist()
        if answer["matrix"] != want:
            return f"matrix: {answer['matrix']} for {want}"
    return None


def deep_fault(net: Any, case: dict[str, Any], parsed: Scenario, answer: dict[str, Any]) -> str | None:
    """Return the first difference of sums of money, chances, a departure, and what comes next."""
    options, on = case["options"], None if parsed.day else case["on"]
    asked: dict[str, Any] = {"on": on, "vehicle": case["vehicle"], "scenario": parsed, "k": 10_000}
    asked |= {"border_h": options.get("border"), "drivers": options.get("drivers", 1)}
    asked |= {name: [target[1] for target in options.get(name, ())] for name in ("via", "avoid")}
    at = "{:02d}:{:02d}".format(*divmod(case["minute"], 60)) if case["timed"] else None
    transit = options.get("transit", True)
    found = ag.routes(net, case["origin"], case["destination"], depart_at=at, transit=transit, **asked)
    for record, got in zip(found.records(), answer["routes"], strict=True):
        chance = record["probability_open"] if record["crossings"] else 1.0
        want = [
            record[name] for name in ("transit", "evidence", net.border.cost, "cost_at_least", "cost_missing")
        ]
        if [got[3], *got[5:9]] != want:
            return f"route: {got} for {want}"
        if (got[4] is None) != (chance is None) or (chance is not None and abs(got[4] - chance) > 5.1e-5):
            return f"chance of a route: {got[4]} for {chance}"
    if found.departure is not None:
        left, form = found.departure, "%Y-%m-%dT%H:%M"
        want = left.arrives and [round(left.total_h * 3600), list(left.crossings), left.leaves.strftime(form)]
        if want:
            want += [left.arrives.strftime(form), [leg["mode"] for leg in left.legs]]
        if answer["departure"] != want:
            return f"departure: {answer['departure']} for {want}"
    if parsed.day:
        return None
    ahead, safe = (ask_(net, on, scenario=parsed) for ask_ in (ag.next_changes, ag.seasons.safe_days))
    for crossing, traffic, *rows in answer["next"]:
        for frame, got, texts, days in (
            (ahead, rows[0], ("status", "change"), ("p10", "p50", "p90")),
            (safe, rows[1], (), ("first_safe_day", "last_safe_day")),
        ):
            if (crossing, traffic) in frame.index:
                row = frame.loc[crossing, traffic]
                want = [*(plain(row[name]) for name in texts), *(day_of(row[name]) for name in days)]
                if got != want:
                    return f"{crossing} {traffic} next: {got} for {want}"
    return None


def ask(net: Any, engine: Any, cases: int, seed: int, tmp_path: Any, spans: Any, each: int) -> list[str]:
    """Return the differences in random cases; what one refuses the other refuses too."""
    faults: list[str] = []
    for number, (first, n) in enumerate(spans):
        page, questions, asked = engine(first, n), Questions(net, seed + number), []
        while len(asked) < cases // len(spans):
            scenario = questions.scenario(first, n)
            refused = page.evaluate("(s) => { const r = E.refusal(s); return r && r.message; }", scenario)
            path = tmp_path / "scenario.toml"
            path.write_text(page.evaluate("(s) => PageEngine.toToml(s)", scenario), encoding="utf-8")
            # What belongs to a scenario is prepared once for several questions.
            several = [questions.question(first, n, scenario) for _ in range(each)]
            try:
                parsed = Scenario.from_toml(path)
                states = [net.state(None if parsed.day else case["on"], scenario=parsed) for case in several]
            except InputError as error:
                if refused is None:
                    faults.append(f"{scenario}: not refused: {error}")
                continue
            if refused is not None:
                faults.append(f"{scenario}: refused: {refused}")
                continue
            asked += [(case, parsed, state) for case, state in zip(several, states, strict=True)]
        answers = page.evaluate(ANSWER, [case for case, _, _ in asked])
        for (case, parsed, state), answer in zip(asked, answers, strict=True):
            fault = state_fault(state, answer["state"]) or ways_fault(state, case, answer)
            if fault is None and case["deep"]:
                fault = deep_fault(net, case, parsed, answer)
            faults += [] if fault is None else [f"{case}: {fault}"]
    return faults


@pytest.fixture
def _without_detours(monkeypatch: pytest.MonkeyPatch) -> None:
    # The page shows no further ways over land between two places of one side.
    monkeypatch.setattr(StateGraph, "further", lambda *_: [])


@pytest.mark.parametrize(
    ("cases", "seed", "spans", "each"),
    [(150, 19, SPANS[:1], 10), pytest.param(1500, 1019, SPANS, 3, marks=pytest.mark.slow)],
)
@pytest.mark.usefixtures("_without_detours")
def test_random_questions_have_the_answers_of_the_package(
    net: Any, engine: Any, tmp_path: Any, cases: int, seed: int, spans: Any, each: int
) -> None:
    assert ask(net, engine, cases, seed, tmp_path, spans, each) == []


@pytest.mark.slow
@pytest.mark.usefixtures("_without_detours")
def test_limits_of_roads_hold_on_the_page_on_their_days(net: Any, engine: Any) -> None:
    """Heavy trucks go round a bridge, a road is closed to all, then to all but cars."""
    first, n = date(2025, 7, 20), 80
    page, blank = engine(first, n), Questions(net, 1).question(first, n, {"name": "s", "change": []})
    asked, totals = [], []
    for vehicle, origin, end, days in (
        (
            "truck_40t",
            "blagoveshchensk",
            "belogorsk",
            ("2025-09-18", "2025-09-19", "2025-10-02", "2025-10-03"),
        ),
        ("truck_20t", "solovyovsk", "tynda", ("2025-08-04", "2025-08-05", "2025-08-07", "2025-08-12")),
        ("car", "solovyovsk", "tynda", ("2025-08-05", "2025-08-07")),
    ):
        ends = {"vehicle": vehicle, "origin": origin, "destination": end}
        asked += [{**blank, **ends, "on": on, "options": {}, "deep": False} for on in days]
    for case, answer in zip(asked, page.evaluate(ANSWER, asked), strict=True):
        assert ways_fault(net.state(case["on"]), case, answer) is None
        totals.append(answer["routes"][0][0] if answer["routes"] else None)
    assert totals[0] == totals[3] < totals[1] == totals[2]
    assert [total is None for total in totals[4:]] == [False, True, True, False, True, False]


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


#: A part of a script and what it becomes, each wrong in one way.
MUTANTS = (
    ("engine", "over >= max_closed", "over >= 0.5"),
    ("engine", "<= near_days", "<= 0"),
    ("engine", "open_from - lowest", "open_from"),
    ("engine", "ago === 0 || ago === 1", "ago === 0"),
    ("engine", "world[i] >= retired", "world[i] > retired + 9999"),
    ("engine", "? 'winter' : 'freeze'", "? 'freeze' : 'winter'"),
    ("engine", "open: other.open[i], p: other.p[i]", "open: 1, p: 1"),
    ("engine", "tier === 'uncovered' ? uncovered", "tier === 'expected' ? uncovered"),
    ("engine", "seconds[k] * (KEY + 1), k);\n        if", "seconds[k] * KEY, k);\n        if"),
    ("engine", "!(mass[i] < data.vehicles", "!(mass[i] <= data.vehicles"),
    ("engine", "? usual || 0 : hours", "? usual || 0 : 0"),
    ("engine", "? Math.max : Math.min", "? Math.min : Math.max"),
    ("engine", "(done / limit) - 1", "(done / limit)"),
    ("engine", "crossings.length <= 2", "crossings.length <= 0"),
    ("engine", "data.limits.stretch *", "2 *"),
    ("engine", "hours: d[a] + data.transfer_h", "hours: d[a]"),
    ("engine", "speeds[kind] * c.speed_factor", "speeds[kind] / c.speed_factor"),
    ("scenario", "on >= first || on <= last", "on >= first && on <= last"),
    ("outlook", "left[head] <= reached", "left[head] < 0"),
    ("outlook", "whole(along) - whole(drivenBefore[head])", "along - drivenBefore[head]"),
)


@pytest.mark.slow
@pytest.mark.usefixtures("_without_detours")
def test_every_mutant_of_the_engine_is_caught(net: Any, engine: Any) -> None:
    def answers(scripts: tuple[str, ...]) -> list[Any]:
        found = []
        for number, (first, n) in enumerate(SPANS[:2]):
            page, questions = engine(first, n, scripts), Questions(net, 500 + number)
            cases = [questions.question(first, n, questions.scenario(first, n)) for _ in range(40)]
            for case in cases:
                case["deep"] = True
            slower = [{"vehicle": "truck_20t", "speed_factor": 0.83}, {"mode": "bridge", "border_h": 3.31}]
            for _ in range(8):
                case = questions.question(first, n, {"name": "s", "change": slower})
                cases.append(case | {"vehicle": "truck_20t", "deep": True, "timed": True, "options": {}})
            sound = [c for c in cases if page.evaluate("(s) => !E.refusal(s)", c["scenario"])]
            found.append(page.evaluate(ANSWER, sound))
            found += [page.evaluate(DAYS, {"name": "s", "change": changes}) for changes in SCENARIOS]
        return found

    # The random questions above show that these are the package's answers.
    right = answers(SCRIPTS)
    missed = []
    for name, part, wrong in MUTANTS:
        at = NAMES.index(name)
        assert SCRIPTS[at].count(part) == 1, part
        if answers((*SCRIPTS[:at], SCRIPTS[at].replace(part, wrong), *SCRIPTS[at + 1 :])) == right:
            missed.append(part)
    assert missed == []
