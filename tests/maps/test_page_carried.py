"""What the page carries because it cannot compute it: the promise of its question, and hours in queues."""

from __future__ import annotations

import json
import shlex
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from watching import Watched

import amurgeo as ag
from amurgeo.errors import InputError

FIRST, DAYS = date(2026, 7, 1), 731
SHUT = "kani_kurgan:bridge close 2027-01-10..2027-02-20 known_days 5"
#: Days on which the bridge is closed, and on which the seasons are and are not sure.
ASKED = ("2026-08-01", "2026-11-20", "2027-01-12", "2027-02-15", "2027-04-20", "2027-12-01")
#: Every column of the carried table by day.
NUMBERS = """() => {
  const { carried } = JSON.parse(document.getElementById('page-start').textContent);
  const number = (line, i) => PageEngine.unpack(line, 1).filter(([, day]) => day <= i).pop()[0];
  const days = (line) => Array.from({ length: pageApp.data.n }, (_, i) => number(line, i));
  const { p50, p90, share, taken, crossings } = carried.promise;
  const queues = Object.entries(carried.queues).map(([id, line]) => [id, days(line)]);
  return { p50: days(p50), p90: days(p90), share: days(share), queues: Object.fromEntries(queues),
    crossing: days(taken).map((at) => (at < 0 ? null : crossings[at])) };
}"""


@pytest.fixture(scope="module")
def asked(net: ag.Network) -> ag.Routes:
    return ag.routes(net, "belogorsk", "harbin", on="2027-01-15", scenario=SHUT, drivers=2)


@pytest.fixture(scope="module")
def queues(net: ag.Network, asked: ag.Routes) -> ag.Queues:
    last = np.datetime64(FIRST) + DAYS - 1 + 200
    return ag.queues(net, asked.state.scenario, start=FIRST, end=last.item())


@pytest.fixture(scope="module")
def promise(net: ag.Network, asked: ag.Routes, queues: ag.Queues) -> ag.Promise:
    last = np.datetime64(FIRST) + DAYS - 1
    e = ag.ensemble(net, start=FIRST, end=last.item(), scenario=asked.state.scenario)
    return ag.promise(e, "belogorsk", "harbin", by="2027-04-30", drivers=2, queues=queues)


@pytest.fixture(scope="module")
def carrying(asked: ag.Routes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("carried") / "routes.html"
    ag.maps.page(asked, promise=True, by="2027-04-30", queues=True, path=path)
    return path


def seconds(hours: Any) -> np.ndarray:
    return np.rint(np.where(np.isfinite(hours), 3600.0 * np.asarray(hours, dtype=float), -1.0)).astype(int)


def shown(page: Any, **state: Any) -> list[str]:
    page.evaluate("(state) => pageApp.set(state)", state)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return list(page.locator(".carried").all_inner_texts())


@pytest.mark.slow
@pytest.mark.browser
def test_carried_numbers_are_those_of_the_package_to_the_minute(
    carrying: Path, promise: ag.Promise, asked: ag.Routes, queues: ag.Queues, net: ag.Network,
    watched: Watched,
) -> None:  # fmt: skip
    page = watched.open(carrying)
    numbers, days = page.evaluate(NUMBERS), promise.days
    for name in ("p50", "p90"):
        assert (seconds(days[f"{name}_h"]) == numbers[name]).all()
    assert numbers["share"] == np.rint(100 * days["share"]).astype(int).tolist()
    assert numbers["crossing"] == [one if isinstance(one, str) else None for one in days["crossing"]]
    for on in ASKED:
        at = (date.fromisoformat(on) - FIRST).days
        one_day: dict[str, Any] = {"start": on, "end": on, "scenario": asked.state.scenario}
        again = ag.promise(net, "belogorsk", "harbin", drivers=2, queues=queues, **one_day)
        assert seconds(again.days["p90_h"]) == [numbers["p90"][at]]
        found = ag.routes(
            net, "belogorsk", "harbin", on=on, scenario=asked.state.scenario, drivers=2, queues=queues
        )
        for record in found.records():
            if record["queue_h"] is not None:
                queued = sum(numbers["queues"][crossing][at] for crossing in record["crossings"])
                # A record has three decimals of an hour.
                assert abs(queued - 3600 * record["queue_h"]) <= 3
    assert {max(line) > 0 for line in numbers["queues"].values()} >= {True}
    watched.check()


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("lang", ["en", "ru", "zh"])
def test_sentences_are_those_of_the_promise(
    carrying: Path, promise: ag.Promise, asked: ag.Routes, queues: ag.Queues, net: ag.Network,
    watched: Watched, lang: str,
) -> None:  # fmt: skip
    page = watched.open(carrying)
    mark = "," if lang == "ru" else "."
    for on in ASKED:
        at = (date.fromisoformat(on) - FIRST).days
        queue, day, rest = shown(page, i=at, lang=("en", "ru", "zh").index(lang))
        row = promise.days.iloc[at]
        for name in ("p50_h", "p90_h"):
            assert f"{row[name]:.1f}".replace(".", mark) in day
        found = ag.routes(
            net, "belogorsk", "harbin", on=on, scenario=asked.state.scenario, drivers=2, queues=queues
        )
        hours = found.records()[0]["queue_h"]
        assert f"{hours:.1f}".replace(".", mark) in queue.replace("\u00a0", "")
        deadline, _, *more = promise.sentences(lang)
        assert rest == " ".join([deadline, *more])
    watched.check()


@pytest.mark.slow
@pytest.mark.browser
def test_another_question_has_the_command_in_place_of_the_table(carrying: Path, watched: Watched) -> None:
    page = watched.open(carrying)
    queue, *_ = shown(page, **{"from": "zeya"})
    assert "Expected queue" in queue
    _, other = shown(page, depart="10:00")
    words = shlex.split(other.partition("amurgeo ")[2])
    options = {"--on": "2027-01-15", "--vehicle": "truck_20t", "--drivers": "2", "--depart": "10:00"}
    options |= {"--scenario": SHUT, "--by": "2027-04-30T20:00", "-o": "page.html"}
    assert words[:4] == ["map", "routes", "zeya", "harbin"]
    assert all(words[words.index(name) + 1] == value for name, value in options.items())
    assert {"--promise", "--queues"} <= set(words)
    (only,) = shown(page, **{"from": "belogorsk"}, depart="", items=[])
    assert "--scenario" not in only
    assert "another question" in only
    texts = shown(page, via=[["checkpoint", "poyarkovo"]], items=[])
    assert "No promise is computed" in texts[0]
    assert "--via poyarkovo" in texts[1]
    assert "--promise" not in texts[1]
    texts = shown(page, via=[], vehicle="bus")
    assert len(texts) == 1
    watched.check()


def test_tables_of_a_question_are_refused_where_nothing_computes_them(net: ag.Network) -> None:
    ends: dict[str, Any] = {"origin": "Belogorsk", "destination": "Harbin"}
    with pytest.raises(InputError, match="by= acts with promise= only"):
        ag.maps.page(net, on="2026-02-10", by="2026-03-01", queues=True, **ends)
    for state in (net, net.state("2026-02-10")):
        with pytest.raises(InputError, match="are for routes only; expected origin="):
            ag.maps.page(state, queues=True)
    found = ag.routes(net, "Belogorsk", "Harbin", on="2026-02-10", via=["poyarkovo"], k=1)
    with pytest.raises(InputError, match="promise= is invalid with via=; expected a question without it"):
        ag.maps.page(found, promise=True)
    with pytest.raises(InputError, match="'frozen' is a regime with one day"):
        ag.maps.page(net, scenario="frozen", promise=True, **ends)


@pytest.mark.slow
def test_passenger_vehicles_have_a_promise_without_queues(net: ag.Network) -> None:
    ends: dict[str, Any] = {
        "origin": "Belogorsk",
        "destination": "Heihe",
        "vehicle": "bus",
        "on": "2026-02-10",
    }
    with pytest.raises(InputError, match="expected a vehicle of cargo"):
        ag.maps.page(net, queues=True, **ends)
    text = ag.maps.page(net, promise=True, **ends).to_html()
    assert '"carried":{"promise":{' in text
    assert "season only, queues not in it" in text


@pytest.mark.slow
@pytest.mark.browser
def test_no_day_of_a_year_shows_a_text_that_is_none(saved: Path, watched: Watched) -> None:
    """Every day in three languages, with another crossing open and another vehicle each time."""
    page = watched.open(saved, "#w=network&c=")
    faults = page.evaluate(
        r"""async () => {
          const { set, data } = pageApp, wrong = /\[object|undefined|\bNaN\b|\bnull\b|Invalid/, bad = [];
          const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          const [vehicles, crossings] = [Object.keys(data.vehicles), data.crossings.map((x) => x.id)];
          const views = ['network', 'routes', 'compare', 'season'];
          for (let i = 0; i < 366; i++) for (const lang of [0, 1, 2]) {
            const k = 3 * i + lang, of = (list) => list[k % list.length];
            set({ i, lang, vehicle: of(vehicles), open: of(crossings), view: views[i % 9] || 'network' });
            await drawn();
            const text = document.getElementById('page').innerHTML, found = wrong.exec(text);
            if (found) bad.push([i, lang, text.slice(Math.max(0, found.index - 90), found.index + 40)]);
          }
          return bad;
        }"""
    )
    assert faults == []
    watched.check()


@pytest.mark.slow
@pytest.mark.browser
def test_reasons_of_all_services_are_texts_under_every_scenario(saved: Path, watched: Watched) -> None:
    """No reason has a value that the page cannot write."""
    page = watched.open(saved, "#w=network&c=")
    faults = page.evaluate(
        r"""() => {
          const { E, data } = pageApp, bad = new Set();
          const text = (v) => typeof v === 'string' || typeof v === 'number' || E.accepts(v) || 'en' in v;
          function look([key, values], id) {
            for (const [name, v] of Object.entries(values || {})) {
              if (Array.isArray(v)) look(v, id);
              else if (v === null || v === undefined || !text(v)) bad.add(id + ' ' + key + ' ' + name);
            }
          }
          for (const scenario of Object.values(data.scenarios)) {
            const laid = E.lay(scenario);
            for (const s of laid.services) laid.days.forEach((_, i) => look(s.because[i], s.row.x));
          }
          return [...bad];
        }"""
    )
    assert faults == []


KNOWN: tuple[dict[str, Any], ...] = (
    {"crossing": "kani_kurgan:bridge", "close": True, "days": "2026-02-10..2026-03-01", "known_days": 14},
    {"crossing": "poyarkovo:ferry", "capacity_share": 0.4, "days": "2026-08-01..2026-08-20", "known_days": 0},
    {"mode": "pontoon", "open": True, "like": "poyarkovo:ice_road", "days": "2026-02-01..2026-02-20"},
)


@pytest.mark.slow
@pytest.mark.browser
def test_known_days_are_kept_and_change_no_hours(
    saved: Path, net: ag.Network, watched: Watched, tmp_path: Path
) -> None:
    page = watched.open(saved, "#w=routes&f=belogorsk&t=heihe&v=truck_20t&d=2026-02-20&c=")
    for change in KNOWN:
        asked = json.loads(json.dumps(change))
        assert page.evaluate("(c) => pageApp.E.refusal([c])", asked) is None
        read = page.evaluate("(c) => pageApp.E.parse(PageEngine.inline(c)).change[0]", asked)
        assert {key: value for key, value in read.items() if key != "by"} == asked
    before = page.evaluate("pageApp.V().now.seconds")
    page.evaluate("(items) => pageApp.change(items)", [dict(KNOWN[0])])
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    closed = page.evaluate("pageApp.V().now.seconds")
    plain = {key: value for key, value in KNOWN[0].items() if key != "known_days"}
    assert "known_days changes no hours and no days" in page.inner_text(".answer")
    assert "expected 14 days before" in page.inner_text(".chips")
    state = net.state("2026-02-20", scenario=ag.Scenario("s", changes=[ag.Change(**plain)]))
    best = ag.routes(net, "belogorsk", "heihe", on="2026-02-20", scenario=state.scenario).routes[0]
    assert (before == best.seconds) is False
    assert closed == best.seconds
    assert "known_days 14" in page.evaluate("new URLSearchParams(location.hash.slice(1)).get('c')")
    for wrong in ({"known_days": 3661}, {"known_days": 1.5}, {"days": None}, {"close": None, "wait_h": 2.0}):
        refused = {key: value for key, value in {**KNOWN[0], **wrong}.items() if value is not None}
        assert page.evaluate("(c) => pageApp.E.refusal([c]) !== null", refused), wrong
        with pytest.raises(InputError):
            ag.Scenario.from_dict({"name": "s", "change": [refused]})
    watched.check()
