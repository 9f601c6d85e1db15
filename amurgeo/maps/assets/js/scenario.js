// Scenarios on the page: changes in the words of the command line, as TOML, and what the package would refuse.
(function (root) {
  'use strict';
  const SEASONAL = ['ferry', 'hovercraft', 'pontoon', 'ice_road'];
  const has = Object.hasOwn;
  const iso = (day) => new Date(day * 864e5).toISOString().slice(0, 10);
  const dayOf = (text) => Math.round(Date.parse(text + 'T00:00:00Z') / 864e5);
  const spanOf = (text) => text.split('..').concat(text).slice(0, 2);
  const runs = (first, on, last) => (first <= last ? first <= on && on <= last : on >= first || on <= last);
  // Days with the same value in a row: the value, the first day, and the day after the last.
  function stretches(from, to, valueOf, same = Object.is) {
    const made = [];
    for (let i = from; i < to; i++) {
      const [value, last] = [valueOf(i), made[made.length - 1]];
      if (last && same(last.value, value)) last.to = i + 1;
      else made.push({ value, from: i, to: i + 1 });
    }
    return made;
  }
  const least = (list, value) => list.reduce((x, y) => (x === null || value(y) < value(x) ? y : x), null);
  function keep(cache, key, make, most = 20000) {
    if (!cache.has(key) && cache.size > most) cache.clear();
    if (!cache.has(key)) cache.set(key, make());
    return cache.get(key);
  }
  class Refusal extends Error {
    constructor(key, values = {}) {
      super(key + ' ' + JSON.stringify(values));
      Object.assign(this, { key: 'refuse.' + key, values });
    }
  }
  const ON_VEHICLES = ['speed_factor', 'speed_kmh'];
  const ON_CROSSINGS = ['open', 'close', 'delay_days', 'limit_t', 'capacity_share', 'wait_h', 'border_h'];
  const ON_ROADS = ['open', 'close', 'delay_days', 'limit_t', ...ON_VEHICLES];
  const ACTIONS = [...ON_CROSSINGS, ...ON_VEHICLES, 'warming_c', 'add'];
  const PLACES = ['crossing', 'checkpoint', 'mode'];
  const TEXTS = [...PLACES, 'road', 'vehicle', 'road_class', 'traffic', 'days', 'like', 'by'];
  const given = (thing, names) => names.filter((name) => thing[name] !== undefined && thing[name] !== null);
  const actionOf = (change) => given(change, ACTIONS)[0];
  const addedId = (add) => (add.kind === 'road' ? add.from + '--' + add.to : add.checkpoint + ':' + add.mode);
  const normal = (scenario) => (Array.isArray(scenario) ? { change: scenario } : { change: [], ...scenario });
  const content = (change) => JSON.stringify(Object.entries({ ...change, by: undefined }).sort());
  const warmingOf = (changes) => changes.reduce((sum, c) => sum + (c.warming_c || 0), 0);
  function targetOf(change) {
    if (change.vehicle) return [change.vehicle, change.road_class].filter(Boolean).join(' ');
    return change.add ? addedId(change.add) : change[given(change, [...PLACES, 'road'])[0]] || 'winter';
  }
  function inline(change) {
    const [action, like] = [actionOf(change), change.like && 'like ' + change.like];
    const known = given(change, ['known_days']).map((name) => name + ' ' + change[name]);
    const whole = Number.isInteger(change[action]) && action !== 'delay_days';
    const value = change[action] === true ? '' : change[action] + (whole ? '.0' : '');
    const what = change.add ? ['add', change.add.kind, targetOf(change), change.traffic] : [];
    const words = change.add ? what : [targetOf(change), change.traffic, action, value];
    return [...words, like, change.days, ...known].filter(Boolean).join(' ');
  }
  function holds(change, day) {
    if (!change.days) return true;
    const [first, last] = spanOf(change.days);
    const now = iso(day).slice(-first.length);
    return first.length > 5 ? first <= now && now <= last : runs(first, now, last);
  }
  function contradict(one, other) {
    const [a, b] = [actionOf(one), actionOf(other)];
    if (targetOf(one) !== targetOf(other)) return false;
    if (one.traffic && other.traffic && one.traffic !== other.traffic) return false;
    if (one.days && other.days && !meet(one, other)) return false;
    if (a === b) return JSON.stringify(one[a]) !== JSON.stringify(other[b]);
    return [['open', 'close'], ON_VEHICLES].some((both) => both.includes(a) && both.includes(b));
  }
  // Within nine years a span without years has all its days, 29 February included.
  function meet(one, other) {
    const dated = [one, other].map((c) => spanOf(c.days)).filter((span) => span[0].length > 5);
    const first = Math.max(...(dated.length ? dated : [['2000-01-01']]).map((span) => dayOf(span[0])));
    const last = Math.min(first + 3300, ...dated.map((span) => dayOf(span[1])));
    for (let day = first; day <= last; day++) if (holds(one, day) && holds(other, day)) return true;
    return false;
  }
  function toToml(scenario) {
    const escape = (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0');
    const pairs = (v) => given(v, Object.keys(v)).map((key) => key + ' = ' + value(v[key]));
    function value(v) {
      if (Array.isArray(v)) return '[' + v.map(value).join(', ') + ']';
      if (typeof v === 'object') return '{ ' + pairs(v).join(', ') + ' }';
      return typeof v === 'string' ? '"' + v.replace(/["\\\u0000-\u001f\u007f]/g, escape) + '"' : String(v);
    }
    const { change, ...head } = normal(scenario);
    if (head.day && head.regime === head.name) delete head.regime;
    const blocks = change.map((c) => ['', '[[change]]', ...pairs({ ...c, by: undefined })]);
    return [...pairs({ name: 'scenario', ...head }), ...blocks.flat(), ''].join('\n');
  }
  // What a scenario may say in a network: the page refuses what the package refuses.
  function Grammar({ data, nodes, edges, edgeAt, index, base, concerns }) {
    function realDays(text) {
      const [first, last, more] = text.split('..').concat(text.includes('..') ? [] : text);
      const whole = (end) => (/^\d\d-\d\d$/.test(end) ? '2000-' + end : end);
      const exists = (day) => !Number.isNaN(dayOf(day)) && iso(dayOf(day)) === day;
      const real = (end) => /^\d{4}-\d\d-\d\d$/.test(whole(end)) && exists(whole(end));
      const alike = more === undefined && first.length === last.length && (first.length < 6 || first <= last);
      return alike && real(first) && real(last);
    }
    function outside(thing, kind) {
      const ranges = data.ranges[kind];
      const within = (value, [low, high, above]) => (above ? value > low : value >= low) && value <= high;
      const good = (name) => typeof thing[name] === 'number' && within(thing[name], ranges[name]);
      const key = given(thing, Object.keys(ranges)).find((name) => !good(name));
      return key && { key, value: thing[key], low: ranges[key][0], high: ranges[key][1] };
    }
    function fault(c) {
      if (!c || typeof c !== 'object' || Array.isArray(c)) return ['change', {}];
      const unknown = Object.keys(c).find((name) => ![...TEXTS, ...ACTIONS, 'known_days'].includes(name));
      const text = given(c, TEXTS).find((name) => typeof c[name] !== 'string');
      if (unknown || text) return ['key', { key: unknown || text }];
      const [actions, targets] = [given(c, ACTIONS), given(c, [...PLACES, 'road', 'vehicle'])];
      if (actions.length !== 1) return ['actions', { actions: actions.join(', ') }];
      const [[action], [target]] = [actions, targets];
      const other = target ? ON_CROSSINGS : ['warming_c', 'add'];
      const on = { road: ON_ROADS, vehicle: ON_VEHICLES }[target] || other;
      if (targets.length > 1 || !on.includes(action)) return ['target', { action }];
      const range = outside(c, 'change') || ((c.known_days ?? 0) % 1 && { key: 'known_days' });
      const whole = action === 'delay_days' ? Number.isInteger(c.delay_days) : c[action] === true;
      const odd = ['open', 'close', 'delay_days'].includes(action) && !whole;
      if (range || odd) return ['range', range || { key: action }];
      const onRoad = c.road !== undefined || (c.add && c.add.kind === 'road');
      const goes = { like: action === 'open', road_class: target === 'vehicle' };
      goes.traffic = [...ON_CROSSINGS, 'add'].includes(action) && !onRoad;
      goes.days = !['delay_days', 'warming_c'].includes(action) && target !== 'vehicle';
      goes.known_days = ['open', 'close', 'capacity_share'].includes(action) && !onRoad && Boolean(c.days);
      const wrong = given(c, Object.keys(goes)).find((name) => !goes[name]);
      if (wrong) return ['goes', { key: wrong, action }];
      if (!['cargo', 'passenger'].includes(c.traffic ?? 'cargo')) return ['name', { name: c.traffic }];
      if (c.days !== undefined && !realDays(c.days)) return ['days', { days: c.days }];
      return c.add ? faultOfAddition(c) : unknownName(c) || noEffect(c, action);
    }
    const known = {
      place: (id) => index.has(id),
      crossing: (id) => base.has(id),
      checkpoint: (id) => has(data.checkpoints, id),
      mode: (id) => data.crossings.some((x) => x.mode === id),
      road: (id) => edgeAt.has(id) && edges[edgeAt.get(id)].kind !== 'transfer',
      vehicle: (id) => has(data.vehicles, id),
      like: (id, c) => base.has(id) || (c.road && data.road_seasons.some((one) => one.key === id)),
      road_class: (id, c) => Object.keys(data.speeds[c.vehicle]).some((kind) => kind.startsWith(id + '|')),
    };
    const exists = (kind, id) => has(known, kind) && known[kind](id, {});
    function unknownName(c) {
      const wrong = given(c, Object.keys(known)).find((name) => !known[name](c[name], c));
      if (c.warming_c !== undefined && !data.ice) return ['ice', {}];
      return wrong ? ['name', { name: c[wrong] }] : null;
    }
    function noEffect(c, action) {
      const none = ['effect', { change: inline(c) }];
      const edge = c.road && edges[edgeAt.get(c.road)];
      // A detour may need roads that the page of a large area does not have.
      if (data.area && (c.vehicle || (edge && edge.kind === 'road' && edge.season < 0))) return ['area', {}];
      const needsSeason = action === 'delay_days' || (action === 'open' && !c.like);
      const onRail = edge && edge.kind === 'railway' && action === 'limit_t';
      if (edge) return onRail || (needsSeason && edge.season < 0) ? none : null;
      if (c.vehicle || action === 'warming_c') return null;
      const rows = data.services.filter((row) => concerns(c, row, base.get(row.x)));
      const heaviest = (row) => {
        const limits = [row.mass, row.heavy].filter((mass) => mass > 0);
        return Math.max(...(limits.length ? limits : row.admits.map((id) => data.vehicles[id].mass)));
      };
      const still = action === 'delay_days' && !rows.some((row) => row.kind === 'season');
      const high = action === 'limit_t' && c.limit_t >= Math.max(...rows.map(heaviest));
      return !rows.length || still || high ? none : null;
    }
    function faultOfAddition({ add, days: span, traffic }) {
      const [kind, { mode, checkpoint, admits = [], from, to }] = [add.kind, add];
      if (!has(data.ranges, kind) || kind === 'change') return ['addition', { key: 'kind' }];
      const ends = has(data.checkpoints, checkpoint ?? '') ? data.checkpoints[checkpoint] : { a: -1, b: -1 };
      const [a, b] = kind === 'road' ? [index.get(from), index.get(to)] : [ends.a, ends.b];
      const lacking = data.needs[kind].find((key) => add[key] === undefined);
      const odd = ([key, words]) => add[key] !== undefined && !words.includes(add[key]);
      const choice = Object.entries(data.choices[kind]).find(odd);
      const wrong = outside(add, kind) || (lacking && { key: lacking }) || (choice && { key: choice[0] });
      if (wrong) return ['addition', wrong];
      const invalid = (key) => ['addition', { key }];
      if (!(a >= 0 && b >= 0 && a !== b)) return invalid(kind === 'road' ? 'from' : 'checkpoint');
      if (kind === 'road') return nodes[a].c === nodes[b].c ? null : invalid('to');
      const known = Array.isArray(admits) && admits.length && admits.every((id) => has(data.vehicles, id));
      if (!known) return invalid('admits');
      if (traffic && !admits.some((id) => data.vehicles[id].t === traffic)) return invalid('admits');
      if (base.has(addedId(add))) return ['exists', { crossing: addedId(add) }];
      return !SEASONAL.includes(mode) || works(addedId(add), mode, span) ? null : invalid('days');
    }
    // Whether an added crossing has a season, or works on days on which its mode does somewhere.
    function works(id, mode, span) {
      const [usual] = Object.values(data.added[id] || {});
      if (!span) return Boolean(usual && data.series[usual[1]].length);
      const [a, b] = spanOf(span).map((end) => dayOf(end.length > 5 ? end : '2024-' + end));
      const year = [dayOf('2024-01-01'), dayOf('2024-12-31')];
      const inside = (first, last) => data.works[mode].some((run) => run[0] <= first && last <= run[1]);
      return b < a ? inside(year[0], b) && inside(a, year[1]) : inside(a, Math.min(b, a + 366));
    }
    function refusal(...scenarios) {
      try {
        return joined(scenarios) && null;
      } catch (error) {
        if (error instanceof Refusal) return error;
        throw error;
      }
    }
    // Scenarios joined as by + : their changes in order, each once, without contradictions.
    function joined(list) {
      const parts = list.map(normal);
      const named = parts.filter((part) => part.name !== 'baseline');
      const whole = { name: named.map((part) => part.name || 'scenario').join('+') || 'baseline' };
      for (const key of ['title', 'day', 'regime', 'world', 'assume']) {
        const values = parts.map((part) => part[key]).filter(Boolean);
        if (values.length) whole[key] = values[0];
        if (['title', 'day'].includes(key) || values.every((value) => value === values[0])) continue;
        throw new Refusal('contradiction', { one: key + ' ' + values[0], other: key + ' ' + values.pop() });
      }
      const titles = (lang) =>
        named.map(({ title, name = '' }) => (title && title[lang]) || name).join(' + ');
      const every = data.languages.map((lang) => [lang, titles(lang)]);
      if (named.length > 1) whole.title = Object.fromEntries(every);
      const once = new Map();
      for (const c of parts.flatMap((part) => part.change)) once.set(once.size > 1000 ? 0 : content(c), c);
      whole.change = [...once.values()];
      whole.change.forEach(function (c, k) {
        const found = once.size > 1000 ? ['many', { n: once.size }] : fault(c);
        if (found) throw new Refusal(...found);
        const against = whole.change.slice(0, k).find((other) => contradict(c, other));
        if (against) throw new Refusal('contradiction', { one: inline(against), other: inline(c) });
      });
      const warmer = outside({ warming_c: warmingOf(whole.change) }, 'change');
      if (warmer) throw new Refusal('range', warmer);
      return whole;
    }
    // The words of the command line: names of scenarios and one-line changes, joined by +.
    function parse(text) {
      const parts = text.split('+').map((part) => part.trim());
      const known = (part) => (has(data.scenarios, part) ? data.scenarios[part] : oneLine(part));
      return joined(parts.filter((part) => part && part !== 'baseline').map(known));
    }
    function oneLine(text) {
      const words = text.split(/\s+/);
      const at = words.findIndex((word) => ACTIONS.includes(word) && word !== 'add');
      if (at < 1) throw new Refusal('change', { change: text });
      const [names, action, rest] = [words.slice(0, at), words[at], words.slice(at + 1)];
      const [change, last] = [{ by: text }, names[names.length - 1]];
      if (names.length > 1 && ON_VEHICLES.includes(action)) change.road_class = names.pop();
      else if (names.length > 1 && ['cargo', 'passenger'].includes(last)) change.traffic = names.pop();
      const target = names.join(' ');
      const place = target.includes(':') ? 'crossing' : has(data.certainty, target) ? 'mode' : 'checkpoint';
      const kind = target.includes('--') ? 'road' : ON_VEHICLES.includes(action) ? 'vehicle' : place;
      if (target !== 'winter') change[kind] = target;
      change[action] = ['open', 'close'].includes(action) || Number((rest.shift() || 'x').replace(',', '.'));
      const after = (key) => (rest.includes(key) ? rest.splice(rest.indexOf(key)).slice(1) : null);
      const [known, [like, ...days]] = [after('known_days'), after('like') || []];
      if (known) change.known_days = Number(known.join(' ') || 'x');
      if (like) change.like = like;
      if (rest.length + days.length) change.days = [...rest, ...days].join(' ');
      return { name: text, change: [change] };
    }
    return { accepts: (change) => !fault(change), exists, refusal, parse, join: joined };
  }
  const days = { iso, dayOf, spanOf, holds, runs, stretches };
  const changes = { Refusal, actionOf, targetOf, addedId, inline, content, normal, warmingOf, toToml };
  root.PageScenario = { ...days, ...changes, Grammar, SEASONAL, has, keep, least };
})(globalThis);
