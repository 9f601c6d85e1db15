// What comes next: journeys that leave at an hour, the next change of a service, and the safe days of its season.
function PageOutlook(engine) {
  'use strict';
  const { Refusal, iso, keep, least, stretches } = globalThis.PageScenario;
  const [DAY, AHEAD] = [86400, 500];
  const { data, nodes, service, calendarOf, lay, land, border, legs } = engine;
  const { over, trace, restOf, rested, isAt, KEY } = engine;
  const { open_from, sure_from, bridged_days } = data.limits;
  const zoneOf = (node) => data.zones[nodes[node].tz];
  function toUtc(zone, local) {
    const later = zone.filter(([at, ahead], k) => k && local >= at + Math.max(zone[k - 1][1], ahead));
    return local - (later.pop() || zone[0])[1];
  }
  const toLocal = (zone, utc) => utc + (zone.filter((shift) => shift[0] <= utc).pop() || zone[0])[1];
  const clock = (node, utc) => new Date(toLocal(zoneOf(node), utc) * 1000).toISOString().slice(0, 16);
  // When a crossing can be entered, in seconds from a moment.
  function openings(x, laid, usable, leaves) {
    const spans = [];
    laid.days.forEach(function (day, i) {
      const [, hours = []] = (data.hours[x.id] || []).filter((row) => row[0] <= day).pop() || [];
      for (const ends of !usable[i] ? [] : hours.length ? hours : [[0, 1440]]) {
        const [first, last] = ends.map((minute) => toUtc(zoneOf(x.a), day * DAY + minute * 60) - leaves);
        const before = spans[spans.length - 1];
        if (before && before[1] >= first) before[1] = Math.max(last, before[1]);
        else spans.push([first, last]);
      }
    });
    return spans;
  }
  function depart(laid, vehicle, a, b, i, minute, options = {}) {
    const [day, zone, { via = [], avoid = [] }] = [laid.days[i], zoneOf(a), options];
    const leaves = toUtc(zone, day * DAY + minute * 60);
    if (toLocal(zone, leaves) !== day * DAY + minute * 60) throw new Refusal('hour', { day: iso(day) });
    if (a === b) return { leaves, arrives: leaves, total: 0, wait: 0, rest: 0, crossings: [], legs: [] };
    const scenario = { ...laid.scenario, regime: undefined, day: undefined };
    const run = lay(scenario, { days: Array.from({ length: 23 }, (_, k) => day - 1 + k) });
    const shut = (id) => via.length > 0 && !via.some((target) => isAt(id, target));
    // Crossings are priced as on the day of departure; those closed then as on their first open day.
    const [costs, usable] = [new Map(), new Map()];
    for (const k of [...run.days.keys()].slice(1).concat(0)) {
      for (const arc of border(run, vehicle, k, { border: options.border, avoid })) {
        if (shut(arc.x.id)) continue;
        keep(costs, arc.edge, () => arc);
        keep(usable, arc.x, () => ({}))[k] = true;
      }
    }
    const arcs = [...costs.values()].sort((x, y) => (y.edge % 2) - (x.edge % 2) || x.k - y.k);
    const [net, limits] = [land(run, vehicle, 1), restOf(vehicle, a, b, options)];
    const spans = arcs.map((arc) => openings(arc.x, run, usable.get(arc.x), leaves));
    const arrival = earliest(net, arcs, a, b, spans, (options.max_wait_h ?? 120) * 3600, limits);
    if (!arrival) return null;
    const [steps, waits] = [[], []];
    let here = a;
    for (const [arc, wait] of arrival.chain) {
      steps.push(...trace(over(net, here), here, arc.a), [arc.edge, arc.a, arc.b]);
      waits[steps.length - 1] = wait;
      here = arc.b;
    }
    steps.push(...trace(over(net, here), here, b));
    const made = legs(run, vehicle, { steps, costs, limits, net }, 1, waits);
    let at = leaves;
    for (const leg of made) Object.assign(leg, { start: at, end: (at += leg.seconds) });
    const sum = (mode) => made.reduce((all, leg) => all + (leg.mode === mode ? leg.seconds : 0), 0);
    const [total, crossings] = [arrival.second, arrival.chain.map(([arc]) => arc.x.id)];
    const [wait, rest] = [sum('waiting'), sum('rest')];
    return { leaves, arrives: leaves + total, total, wait, rest, crossings, legs: made };
  }
  // Traffic reaches every crossing as early as it can and waits there; one that does not open within the
  // longest wait counts as closed. The smallest label left is final.
  function earliest(net, arcs, a, b, spans, longest, rest) {
    const goals = [b, ...arcs.map((arc) => arc.a)];
    const secondsFrom = (node) => goals.map((goal) => Math.floor(over(net, node).d[goal] / KEY));
    const whole = (driven) => (driven === Infinity ? driven : driven + rested(rest, driven));
    const driven = secondsFrom(a);
    const [arrival, before, entered, left, drivenBefore] = [driven.map(whole), [], [], [], []];
    const [tails, heads] = [new Set(arcs.keys()), new Set()];
    while (tails.size || heads.size) {
      const tail = least([...tails], (k) => arrival[1 + k]);
      const head = least([...heads], (k) => left[k]);
      const reached = tail === null ? Infinity : arrival[1 + tail];
      if (head !== null && left[head] <= reached) {
        heads.delete(head);
        secondsFrom(arcs[head].b).forEach(function (seconds, k) {
          const along = drivenBefore[head] + seconds;
          const later = left[head] + whole(along) - whole(drivenBefore[head]);
          if (later < arrival[k]) [before[k], driven[k], arrival[k]] = [head, along, later];
        });
      } else if (reached < Infinity) {
        tails.delete(tail);
        const entries = spans[tail].filter(([begin, end]) => Math.max(reached, begin) < end);
        const entry = Math.min(Infinity, ...entries.map(([begin]) => Math.max(reached, begin)));
        if (entry - reached > longest || entry === Infinity) continue;
        [entered[tail], left[tail], drivenBefore[tail]] = [entry, entry + arcs[tail].s, driven[1 + tail]];
        heads.add(tail);
      } else break;
    }
    const chain = [];
    const waited = (k) => entered[k] - arrival[1 + k];
    for (let k = before[0]; k !== undefined; k = before[1 + k]) chain.unshift([arcs[k], waited(k)]);
    return arrival[0] === Infinity ? null : { second: arrival[0], chain };
  }
  function runsOf(mask) {
    const days = [...mask.keys()];
    const runs = stretches(0, mask.length, (i) => Boolean(mask[i]));
    return runs.filter((run) => run.value).map((run) => days.slice(run.from, run.to));
  }
  function next(laid, k, i, risk = 0.1) {
    const { row, crossing: x } = laid.services[k];
    // The rules run once over all days and those after them; a day looks at its part.
    const ahead = Array.from({ length: laid.days.length + AHEAD - 1 }, (_, at) => laid.days[0] + at);
    const all = calendarOf(ahead, laid.scenario.world || 0);
    const ruled = service(row, x, laid.scenario, all);
    const part = (of, names) => Object.fromEntries(names.map((name) => [name, of[name].slice(i, i + AHEAD)]));
    const cal = { n: AHEAD, ...part(all, ['days', 'world']) };
    const seen = part(ruled, ['open', 'seasonal', 'chance', 'reason', 'evidence', 'limited']);
    const out = { ...ruled, ...seen, status: (at) => ruled.status(i + at) };
    return { ...nextChange(out, cal), ...comingSeason(out, cal, row, risk) };
  }
  function comingSeason(out, cal, row, risk) {
    const found = { season: null, first_safe: null, last_safe: null, stops: [] };
    const inSeason = cal.days.map((_, i) => out.seasonal[i] >= open_from || out.open[i] > 0);
    const run = runsOf(inSeason).find((one) => one.some((i) => out.open[i]));
    if (!run) return found;
    // Days of another world have its seasons.
    const later = cal.days[run[0]] - cal.world[run[0]];
    const [from, to] = [run[0], run[run.length - 1]].map((i) => cal.days[i] - later);
    const season = out.seasons.find(({ opens, closes }) => opens.day <= to && closes.day > from);
    const turns = season && [season.opens, season.closes];
    if (season) found.season = turns.map(({ day }) => day + later);
    const usual = (i) => [out.seasonal[i] >= 1 - risk ? 1 : 0, 0];
    const safe = run.filter(function (i) {
      const [opened, closed] = season ? turns.map(({ by }) => by(cal.days[i] - later)) : usual(i);
      const sure = opened >= 1 - risk && closed < risk && out.chance[i] > out.seasonal[i] * (1 - risk);
      return out.open[i] && (out.reason[i] === 'scenario' ? out.chance[i] >= 1 - risk : sure);
    });
    if (safe.length) {
      const last = safe[safe.length - 1];
      found.first_safe = cal.days[safe[0]];
      found.last_safe = last < cal.n - 1 ? cal.days[last] : null;
    }
    const within = new Set(row.kind === 'all_year' ? run.slice(0, 365) : run);
    const stopped = cal.days.map((_, i) => !out.open[i] && out.reason[i] !== 'day_off' && within.has(i));
    const stops = runsOf(stopped).map((one) => [cal.days[one[0]], cal.days[one[one.length - 1]]]);
    return { ...found, stops };
  }
  function nextChange(out, cal) {
    const found = { status: out.status(0), change: null, p10: null, p50: null, p90: null };
    if (found.status === 'unknown') return found;
    // Stops of a few days are no change of season.
    const p = [...out.chance];
    for (const run of runsOf(p.map((chance, i) => chance < out.seasonal[i]))) {
      const inside = run[0] > 0 && run[run.length - 1] + 1 < cal.n;
      if (run.length <= bridged_days && inside) for (const i of run) p[i] = out.seasonal[i];
    }
    const moves = p.findIndex((chance) => chance !== p[0]);
    let open = p[0] >= (moves >= 0 && p[moves] > p[0] ? sure_from : 1 - sure_from);
    if (moves < 0 || ['observed', 'scenario'].includes(out.evidence[0])) open = out.open[0] > 0;
    if (open !== out.open[0] > 0) found.status = !open ? 'closed' : out.limited[0] ? 'limited' : 'open';
    const changing = p.map((chance) => (open ? 1 - chance : chance));
    const middle = changing.findIndex((chance) => chance >= 0.5);
    if (middle < 0) return found;
    const done = turnDone(out, cal, open ? 1 : 0, middle) || counted(changing, middle);
    const reached = (share) => [...Array(2 * cal.n).keys()].find((k) => done(k) >= share);
    const when = (share) => cal.days[0] + (reached(share) || 0);
    return { ...found, change: open ? 'closes' : 'opens', p10: when(0.1), p50: when(0.5), p90: when(0.9) };
  }
  // A change of a scenario is counted from the day on which it is least likely.
  function counted(changing, middle) {
    const start = changing.indexOf(Math.min(...changing.slice(0, middle + 1)));
    let most = 0;
    const done = changing.slice(0, middle + 120).map(function (chance, i) {
      const share = (chance - changing[start]) / Math.max(1 - changing[start], 1e-9);
      return i < start ? 0 : (most = Math.max(most, share));
    });
    return (k) => done[k] / Math.max(most, 1e-9);
  }
  function turnDone(out, cal, event, at) {
    const today = cal.days[0] - (cal.days[at] - cal.world[at]);
    for (const one of out.seasons) {
      const { by, day } = event ? one.closes : one.opens;
      const [first, late] = [by(today), today + at - day];
      if (!(first < sure_from && late >= -1 && (at === 0 || late <= 1))) continue;
      const before = first >= 1 - sure_from ? first : 0;
      // A median between two days is the even one; a late change comes after the days looked at.
      return function (k) {
        const share = (by(today + k) - before) / (1 - before);
        return (today + k) % 2 && Math.abs(share - 0.5) < 1e-12 ? 0.499999 : share;
      };
    }
    return null;
  }
  return { depart, clock, next };
}
