// The engine of the page: what is open on which day in a scenario, and the quickest ways, to the second as in
// the Python package. No DOM. Days are whole numbers since 1970-01-01, costs whole seconds, Infinity is no way.
(function (root) {
  'use strict';
  // A key is seconds times this plus the driving seconds among them: of equally fast ways that with least
  // driving is the smallest. Sums of keys are exact.
  const KEY = 2 ** 24;
  const UNLIMITED = 2 ** 40;
  const DAY = 86400;
  const SEASONAL = ['ferry', 'hovercraft', 'pontoon', 'ice_road'];
  const TIERS = ['observed', 'scenario', 'expected', 'uncovered', 'unknown'];
  const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const has = Object.hasOwn;
  const iso = (day) => new Date(day * 864e5).toISOString().slice(0, 10);
  const dayOf = (text) => Math.round(Date.parse(text + 'T00:00:00Z') / 864e5);
  const spanOf = (text) => text.split('..').concat(text).slice(0, 2);
  const runs = (first, now, last) =>
    first <= last ? first <= now && now <= last : now >= first || now <= last;
  const least = (list, value) => list.reduce((x, y) => (x === null || value(y) < value(x) ? y : x), null);
  // Python and NumPy round halves to even.
  function rint(x) {
    const low = Math.floor(x);
    return x - low < 0.5 || (x - low === 0.5 && low % 2 === 0) ? low : low + 1;
  }
  function matches(pattern, ...names) {
    const listed = pattern.replace(/^!/, '').split('|');
    return ['*', ...names].some((name) => listed.includes(name)) !== pattern.startsWith('!');
  }
  function keep(cache, key, make, most = 20000) {
    if (!cache.has(key) && cache.size > most) cache.clear();
    if (!cache.has(key)) cache.set(key, make());
    return cache.get(key);
  }
  // Columns of a table whose repeated values are sent once, with the position of each.
  function columnsOf(table) {
    const plain = (column) => (Array.isArray(column) ? column : column.at.map((k) => column.of[k]));
    return Object.fromEntries(Object.entries(table).map(([name, column]) => [name, plain(column)]));
  }
  function rowsOf(columns) {
    const [names, [first]] = [Object.keys(columns), Object.values(columns)];
    return first.map((_, k) => Object.fromEntries(names.map((name) => [name, columns[name][k]])));
  }
  // A packed line as latitudes and longitudes: groups of five bits, lowest first, the sign in the lowest bit.
  function unpack(text, steps = 10000) {
    const [points, ends] = [[], [0, 0]];
    let [value, factor, axis] = [0, 1, 0];
    for (const digit of text) {
      const bits = DIGITS.indexOf(digit);
      value += (bits % 32) * factor;
      factor *= 32;
      if (bits >= 32) continue;
      ends[axis] += value % 2 ? -(value + 1) / 2 : value / 2;
      if (axis) points.push([ends[1] / steps, ends[0] / steps]);
      [value, factor, axis] = [0, 1, 1 - axis];
    }
    return points;
  }

  // -- chance: Student's distribution with four degrees of freedom, or the normal one -----------------------
  function tail(z, df) {
    if (df) {
      const sine = z / Math.sqrt(4 + z * z);
      return ((4 / (4 + z * z) / (1 + sine)) ** 2 * (2 + sine)) / 4;
    }
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    let sum = 0;
    for (let k = 120; z > 2.5 && k > 0; k--) sum = k / (z + sum);
    if (z > 2.5) return density / (z + sum);
    for (let k = 1, term = z; term > 1e-18; k++, term *= (z * z) / (2 * k - 1)) sum += term;
    return 0.5 - density * sum;
  }
  // The chance that a turn has come by the end of a day, moved by whole days; a loose one has the spread that
  // it would have without the record.
  function come([center, usual, usualDf, , , , after, by, looser, looserDf], day, moved, loose) {
    const [scale, df] = loose && looser ? [looser, looserDf] : [usual, usualDf];
    if (scale === 0) return day >= center + moved ? 1 : 0;
    const before = (number) => {
      const z = (number + 0.5 - (center + moved)) / scale;
      return z < 0 ? tail(-z, df) : 1 - tail(z, df);
    };
    const low = after == null ? 0 : before(after + moved);
    const high = by == null ? 1 : before(by + moved);
    return Math.min(1, Math.max(0, (before(day) - low) / Math.max(high - low, 1e-12)));
  }

  // -- scenarios: changes as in a scenario file -------------------------------------------------------------
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
  // What a change is, whoever made it.
  const content = (change) => JSON.stringify(Object.entries({ ...change, by: undefined }).sort());
  const warmingOf = (changes) => changes.reduce((sum, c) => sum + (c.warming_c || 0), 0);
  function targetOf(change) {
    if (change.vehicle) return [change.vehicle, change.road_class].filter(Boolean).join(' ');
    return change.add
      ? addedId(change.add)
      : given(change, [...PLACES, 'road']).map((k) => change[k])[0] || 'winter';
  }
  function inline(change) {
    const [action, like] = [actionOf(change), change.like && 'like ' + change.like];
    const whole = Number.isInteger(change[action]) && action !== 'delay_days';
    const value = change[action] === true ? '' : change[action] + (whole ? '.0' : '');
    const what = change.add ? ['add', change.add.kind, targetOf(change), change.traffic] : [];
    const words = change.add ? what : [targetOf(change), change.traffic, action, value];
    return [...words, like, change.days].filter(Boolean).join(' ');
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
    const first = Math.max(
      ...dated.map((span) => dayOf(span[0])),
      dated.length ? -Infinity : dayOf('2000-01-01'),
    );
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

  // -- the network ------------------------------------------------------------------------------------------
  function Engine(data) {
    const { open_from, lowest, max_closed, may_be_open, stop_from, near_days, sure_from } = data.limits;
    const table = Array.isArray(data.nodes) ? data.edges : columnsOf(data.edges);
    const nodes = Array.isArray(data.nodes) ? data.nodes : rowsOf(columnsOf(data.nodes));
    Object.assign(data, { edges: table, nodes });
    const edges = rowsOf(table);
    table.id = edges.map((e) => (e.id = e.id || nodes[e.a].id + '--' + nodes[e.b].id));
    const [edgeAt, index] = [table.id, nodes.map((node) => node.id)].map(
      (ids) => new Map(ids.map((id, k) => [id, k])),
    );
    const days = Array.from({ length: data.n }, (_, i) => data.first + i);
    const caches = Object.fromEntries(
      ['service', 'curve', 'land', 'search', 'day'].map((name) => [name, new Map()]),
    );
    const base = new Map(data.crossings.map((x) => [x.id, x]));
    const cited = data.cites.map((list) => list.map((k) => data.source_ids[k]));

    // Days, and the days of another year that stand for them.
    function calendarOf(asked, year) {
      return keep(caches.day, ['days', asked[0], asked.length, year].join('|'), function () {
        const real = (text) => (iso(dayOf(text)) === text ? text : text.slice(0, 8) + '28');
        const stand = asked.map((day) => (year ? real(year + iso(day).slice(4)) : iso(day)));
        const [world, years] = [stand.map(dayOf), stand.map((text) => Number(text.slice(0, 4)))];
        const [key, monthDays] = [
          [asked[0], asked.length, year].join('|'),
          stand.map((text) => text.slice(5)),
        ];
        return { key, n: asked.length, days: asked, world, years, monthDays };
      });
    }
    const curve = (cal, turn, moved, loose) =>
      keep(caches.curve, [cal.key, turn, moved, loose].join('|'), () =>
        Float64Array.from(cal.world, (day) => come(data.turns[turn], day, moved, loose)),
      );

    // Warmer winters: positions of the turns of the river's year, by degree-days of frost, rot and thaw.
    function iceTurns(warmer) {
      const { t, sun, alpha, freeze, need, rot, closing } = data.ice;
      const first = (values, level) => {
        const i = values.findIndex((value) => value >= level);
        const before = i > 0 ? values[i - 1] : 0;
        return i < 0 ? null : i + (level - before) / Math.max(values[i] - before, 1e-9);
      };
      const sums = (value) => ((sum) => t.map((c, i) => (sum += value(c + warmer, i))))(0);
      const above = (from) => (c, i) => (i >= sun ? Math.max(c - from, 0) : 0);
      let [lowest_, cm] = [0, 0];
      const frost = sums((c) => -c).map((sum) => sum - (lowest_ = Math.min(lowest_, sum)));
      const frozen = first(frost, freeze);
      if (frozen === null) return { freeze: null, winter: null, thaw: null, melt: null };
      const thick = t.map(function (c, i) {
        const share = Math.min(1, Math.max(0, i + 1 - frozen));
        const grown = alpha ** 2 * Math.max(-c - warmer, 0) * share;
        return (cm = Math.max(0, Math.sqrt(cm ** 2 + grown) - rot[1] * above(rot[0])(c + warmer, i) * share));
      });
      const [bears, thaw] = [first(thick, need), first(sums(above(closing[0])), closing[1])];
      const winter = bears !== null && (thaw === null || bears < thaw) ? bears : null;
      return { freeze: frozen, winter, thaw, melt: first(sums(above(rot[0])), rot[2]) };
    }
    // Days by which a warming moves opening and closing; null if it cancels the season.
    function warmed(mode, part, degrees) {
      if (!degrees) return [0, 0];
      const [now, usual] = [degrees, 0].map((c) => keep(caches.day, 'ice' + c, () => iceTurns(c)));
      // A pontoon bridge is frozen in, so it opens after freeze-up; an ice road must bear a load.
      const winter = mode === 'ice_road' ? 'winter' : 'freeze';
      const drift = part === 'autumn' ? ['freeze', winter] : ['thaw', 'melt'];
      const turns = mode === 'ferry' ? ['melt', 'freeze'] : mode === 'hovercraft' ? drift : [winter, 'thaw'];
      const moves = turns.map((turn) =>
        now[turn] === null || usual[turn] === null ? null : now[turn] - usual[turn],
      );
      return moves.includes(null) || (mode === 'ice_road' && now.winter === null) ? null : moves;
    }

    // -- one service over all days: every rule overrides those before it -------------------------------------
    function concerns(c, row, x) {
      return (
        (c.crossing === row.x || c.checkpoint === x.cp || c.mode === x.mode) && (c.traffic || row.t) === row.t
      );
    }
    function service(row, x, s, cal) {
      const mine = s.change.filter((c) => concerns(c, row, x));
      const addition = s.change.find((c) => c.add && c.add.kind === 'crossing' && addedId(c.add) === row.x);
      const facts = [s.regime, s.world, s.assume, s.warming, mine, addition].map((fact) => fact || 0);
      const key = [cal.key, row.x, row.t, JSON.stringify(facts)].join('|');
      return keep(caches.service, key, () => evaluate(row, x, s, cal, mine, addition));
    }
    function baseline(id, traffic, s, cal) {
      // A crossing that carries only the other kind of traffic still has the season.
      const rows = data.services.filter((row) => row.x === id);
      const usual = { change: [], assume: s.assume, warming: 0 };
      return service(
        rows.find((row) => row.t === traffic) || rows[0],
        base.get(id),
        usual,
        calendarOf(cal.days, 0),
      );
    }

    function evaluate(row, x, s, cal, mine, addition) {
      const { n, days: on, world } = cal;
      const dated = !s.regime && !s.world;
      const openReason = row.kind === 'all_year' ? 'all_year' : 'in_season';
      const [filled, numbers] = [
        (value) => new Array(n).fill(value),
        (v) => new Float64Array(n).fill(v ?? NaN),
      ];
      const [own, estimated] = [cited[row.source], { evidence: 'expected', confidence: 'estimated' }];
      const out = {
        open: new Uint8Array(n),
        p: numbers(0),
        share: numbers(1),
        border: numbers(),
        seasons: [],
      };
      Object.assign(out, {
        mass: numbers(row.mass),
        wait: numbers(row.wait),
        limited: filled(row.lim || ''),
      });
      Object.assign(out, { reason: filled('out_of_season'), because: filled(['because.no_window', {}]) });
      Object.assign(out, {
        evidence: filled('expected'),
        confidence: filled(row.conf),
        sources: filled(own),
      });
      const all = (act) => each(on[0], null, act);
      function each(first, last, act) {
        const end = last === null ? n - 1 : Math.min(n - 1, last - on[0]);
        for (let i = Math.max(0, first - on[0]); i <= end; i++) act(i);
      }
      function put(i, values) {
        for (const name in values) if (values[name] !== undefined) out[name][i] = values[name];
      }
      function reasonOf(i, open) {
        const usual = data.reasons[x.mode] || data.reasons.other || [];
        const held = usual.filter(([, span]) => runs(span.slice(0, 5), cal.monthDays[i], span.slice(7)));
        return open ? openReason : held.length ? held[held.length - 1][0] : 'out_of_season';
      }
      function expect(i, p, more) {
        const open = p >= open_from ? 1 : 0;
        put(i, { open, p, reason: reasonOf(i, open), ...more });
      }
      const shut = (i, reason, because, more) => put(i, { open: 0, p: 0, reason, because, ...more });

      all((i) => world[i] > row.vehicles_until && (out.mass[i] = 0));
      if (row.kind === 'irregular')
        all((i) => put(i, { reason: 'suspended', because: ['because.irregular', {}] }));
      else if (row.kind === 'season') inSeason(...moved());
      else {
        const date = row.opened === undefined ? null : { date: iso(row.opened) };
        const because = date ? ['because.all_year', date] : ['because.all_year_undated', {}];
        all((i) => put(i, { open: 1, p: 1, reason: 'all_year', because }));
      }
      out.seasonal = out.p.slice();
      if (!s.regime) stops();
      if (!s.regime) holidays();
      if (dated) {
        for (const [first, last, mass, cite] of row.limits || []) {
          each(first, last, (i) =>
            put(i, { mass, sources: [...new Set([...out.sources[i], ...cited[cite]])] }),
          );
        }
        coverage();
      }
      existence();
      for (const change of s.change) {
        if (mine.includes(change)) act(change);
        if (change === addition) add(change);
      }
      return finish();

      // The seasons as the scenario moves them, none if it cancels them, and whether it moves any.
      function moved() {
        const delay = mine.reduce((sum, c) => sum + (c.delay_days || 0), 0);
        const shifts = ['autumn', 'spring'].map((part) => warmed(x.mode, part, s.warming));
        if (!shifts[0]) return [null, true];
        const moves = shifts.some((shift) => shift && (shift[0] + delay || shift[1]));
        const made = [];
        for (const [year, part, ...rest] of data.series[dated ? row.seasons : row.blind] || []) {
          const [opens, closes, count, confidence, cite] = rest;
          const shift = shifts[part === 'spring' ? 1 : 0];
          if (!shift) continue;
          const [later, longer] = [rint(shift[0] + delay), rint(shift[1])];
          const [first, last] = [data.turns[opens][4] + later, data.turns[closes][4] + longer];
          const [opened, closed] = [curve(cal, opens, later, moves), curve(cal, closes, longer, moves)];
          const by = (turn, move) => (day) => come(data.turns[turn], day, move, moves);
          const because = ['because.window', { first: iso(first), last: iso(last), n: count }];
          const said = { because, confidence, sources: cited[cite] };
          made.push({
            year,
            part,
            first,
            last,
            opened,
            closed,
            said,
            by: [by(opens, later), by(closes, longer)],
          });
        }
        return [made, moves];
      }
      function inSeason(seasons, moves) {
        out.seasons = seasons || [];
        const sorted = [...out.seasons].sort((a, b) => a.first - b.first);
        all(function (i) {
          let [p, at, latest] = [0, 0, -1];
          for (const one of sorted) {
            const ago = cal.years[i] - one.year;
            if (ago === 0 || ago === 1) p = Math.max(p, one.opened[i] * (1 - one.closed[i]));
            if (one.last <= world[i]) at++;
            if (ago >= 0) latest++;
          }
          const { said } = sorted[Math.min(at, Math.max(latest, 0))] || {};
          expect(i, p, { ...said, evidence: seasons ? undefined : 'scenario' });
        });
        if (seasons && dated) for (const seen of row.seen || []) record(seen, moves);
      }
      function record([year, part, from, to, opened, closed], moves) {
        const season = out.seasons.filter((one) => one.year === year && one.part === part).pop();
        const observe = (i, [day, confidence, cite], open, key) => {
          const because = ['because.record_' + key, { date: iso(day) }];
          const more = { evidence: 'observed', confidence, because, sources: cited[cite] };
          put(i, { open, p: open, reason: reasonOf(i, open), ...more });
        };
        each(from, to, function (i) {
          const day = on[i];
          if (moves) put(i, { evidence: 'scenario' });
          else if (closed && day >= closed[0]) observe(i, closed, 0, 'closed');
          else if (opened && day < opened[0]) observe(i, opened, 0, 'before');
          else if (opened && closed) observe(i, opened, 1, 'open');
          else if (closed && season) expect(i, season.opened[i]);
          else if (opened && season) {
            const over = season.closed[i];
            if (over >= max_closed && day > opened[0]) expect(i, 1 - over, { evidence: 'expected' });
            else observe(i, opened, 1, 'open');
          }
        });
      }
      function stops() {
        for (const [first, last, reason, confidence, cite] of row.stops || []) {
          if (!dated && reason !== 'holiday') continue;
          const span =
            last === null || last === first ? { first: iso(first) } : { first: iso(first), last: iso(last) };
          const because = [
            'because.suspended' + (last === null ? '_since' : span.last ? '_until' : ''),
            span,
          ];
          const origin = { evidence: dated ? 'observed' : 'scenario', confidence, sources: cited[cite] };
          each(first, last, (i) => shut(i, reason, because, origin));
        }
        if (dated)
          for (const day of row.short || []) each(day, day, (i) => put(i, { limited: 'short_hours' }));
      }
      function holidays() {
        const here = data.holidays.filter((r) => matches(r.for[0], row.x, x.cp) && matches(r.for[1], x.mode));
        const own = (row.stops || []).filter((stop) => stop[2] === 'holiday').map((stop) => stop[0]);
        for (const rule of new Map(here.map((r) => [r.key, r])).values()) {
          const title = Object.fromEntries(['en', 'ru', 'zh'].map((lang, k) => [lang, rule.title[k]]));
          for (const [first, last] of rule.spans) {
            if (!rule.weekly && own.some((day) => Math.abs(day - first) <= near_days)) continue;
            const again = (row.resumed || [])
              .filter((day) => first < day && day <= last)
              .map((day) => day - 1);
            const values = { holiday: title, share: rint(100 * rule.chance) + '' };
            if (!rule.weekly) Object.assign(values, { first: iso(first), last: iso(last) });
            each(first, Math.min(last, ...again), (i) => out.open[i] && rest(i, rule, values));
          }
        }
      }
      function rest(i, rule, values) {
        const evidence = out.evidence[i] === 'scenario' ? 'scenario' : 'expected';
        const [p, reason] = [out.p[i] * (1 - rule.chance), rule.weekly ? 'day_off' : 'holiday'];
        const risk = ['because.risk', { ...values, because: out.because[i] }];
        if (rule.chance < stop_from) return put(i, { p: Math.max(p, open_from), evidence, because: risk });
        const most = Math.min(p, open_from - lowest);
        const origin = { ...estimated, evidence, sources: cited[rule.source] };
        return put(i, { open: 0, p: most, reason, because: ['because.' + reason, values], ...origin });
      }
      // Days in a gap of the record are unknown; other days are covered by a dated row nearby, or not.
      function coverage() {
        for (const [first, last] of row.gap || []) {
          const because = ['because.unknown', { first: iso(first), last: iso(last) }];
          const values = { evidence: 'unknown', p: NaN, reason: 'unknown', because };
          if (s.assume !== 'open') values.open = 0;
          each(first, last, (i) => out.p[i] >= may_be_open && put(i, values));
        }
        const seen = [
          ...(row.seen_closed || []).map((day) => [day, 0]),
          ...(row.seen_open || []).map((day) => [day, 1]),
        ];
        for (const [day, open] of seen) {
          each(day, day, function (i) {
            const reason = out.open[i] === open ? out.reason[i] : reasonOf(i, open);
            if (out.evidence[i] === 'expected') put(i, { evidence: 'observed', open, p: open, reason });
          });
        }
        const near = (day) => (row.covered || []).some(([first, last]) => first <= day && day <= last);
        all((i) => out.evidence[i] === 'expected' && !near(on[i]) && (out.evidence[i] = 'uncovered'));
      }
      function existence() {
        const { planned, retired, opened = row.first_seen } = row;
        const origin = { evidence: 'expected', confidence: row.conf, sources: own };
        const gone = (i, reason, key, day) => shut(i, reason, ['because.' + key, { date: iso(day) }], origin);
        all(function (i) {
          if (world[i] < opened) gone(i, 'not_yet_open', 'not_yet_open', opened);
          if (opened === undefined && planned !== undefined) gone(i, 'not_yet_open', 'planned', planned);
          if (world[i] >= retired) gone(i, 'retired', 'retired', retired);
        });
      }
      function act(c) {
        const because = ['because.scenario', { name: c.by || s.name || inline(c), change: inline(c) }];
        const other = c.like && baseline(c.like, row.t, s, cal);
        all(function (i) {
          const unknown = out.evidence[i] === 'unknown';
          if (!holds(c, on[i]) || (c.close && !out.open[i] && !unknown)) return;
          // Only opening and closing make the status known.
          const values = { because, sources: [], evidence: 'scenario' };
          if (c.open || c.close)
            Object.assign(values, { open: c.open ? 1 : 0, p: c.open ? 1 : 0, reason: 'scenario' });
          else if (unknown) values.evidence = 'unknown';
          if (c.limit_t !== undefined) values.mass = out.mass[i] <= c.limit_t ? out.mass[i] : c.limit_t;
          if (c.capacity_share) Object.assign(values, { share: c.capacity_share, limited: 'quota' });
          if (other) Object.assign(values, { open: other.open[i], p: other.p[i] });
          if (other && !other.open[i]) values.reason = other.reason[i];
          if (other && other.evidence[i] === 'unknown') values.evidence = 'unknown';
          if (c.delay_days === undefined) put(i, { ...values, wait: c.wait_h, border: c.border_h });
        });
      }
      function add(c) {
        const because = ['because.scenario', { name: c.by || s.name || inline(c), change: inline(c) }];
        all(function (i) {
          out.evidence[i] = 'scenario';
          if (!holds(c, on[i])) shut(i, 'not_yet_open', because);
          else if (c.days && row.kind === 'season') put(i, { open: 1, p: 1, reason: 'scenario', because });
        });
      }
      // Limits the chances of days that no row shows.
      function finish() {
        out.chance = out.p.map((p, i) => (out.evidence[i] === 'unknown' ? 0 : p));
        const [covered, uncovered] = data.certainty[x.mode] || data.certainty.other;
        all(function (i) {
          const tier = out.evidence[i];
          const expected = tier === 'uncovered' || tier === 'expected';
          const highest = tier === 'uncovered' ? uncovered : covered;
          if (expected && !['retired', 'not_yet_open'].includes(out.reason[i])) {
            out.p[i] = Math.min(highest, Math.max(lowest, out.chance[i]));
          }
          if (tier === 'observed' && out.open[i] && !(row.seen_open || []).includes(on[i]))
            out.p[i] = highest;
        });
        out.status = function (i) {
          if (out.evidence[i] === 'unknown' && !s.assume) return 'unknown';
          return !out.open[i] ? 'closed' : out.limited[i] ? 'limited' : 'open';
        };
        return out;
      }
    }

    // -- a scenario laid over the services and the roads ------------------------------------------------------
    function lay(scenario, options = {}) {
      const s = { ...normal(scenario) };
      s.warming = warmingOf(s.change);
      const there = s.day && (s.world || data.record_year) + '-' + s.day;
      const real = there && (iso(dayOf(there)) === there ? there : there.slice(0, 8) + '28');
      const asked = real ? [dayOf(real)] : options.days || days;
      const laid = { scenario: s, cal: calendarOf(asked, s.world || 0), days: asked, memo: new Map() };
      const [crossings, rows] = [[...data.crossings], [...data.services]];
      for (const { add, traffic } of s.change.filter((c) => c.add && c.add.kind === 'crossing')) {
        const { a, b } = data.checkpoints[add.checkpoint];
        const size = { km: add.length_km, min: add.travel_min, line: '', added: true };
        const x = { id: addedId(add), cp: add.checkpoint, mode: add.mode, a, b, ...size };
        const kinds = new Set(add.admits.map((id) => data.vehicles[id].t));
        crossings.push(x);
        rows.push(...[...kinds].filter((t) => !traffic || t === traffic).map((t) => addedRow(add, x, t)));
      }
      const byId = new Map(crossings.map((x) => [x.id, x]));
      const services = rows.map(function (row) {
        const crossing = byId.get(row.x);
        return { row, crossing, ...service(row, crossing, s, laid.cal) };
      });
      const roads = s.change.filter((c) => c.add && c.add.kind === 'road');
      const roadChanges = s.change.filter((c) => c.road || (roads.includes(c) && c.days));
      const landKey = s.change.filter((c) => c.vehicle || roads.includes(c)).map(content).join(); // prettier-ignore
      return Object.assign(laid, {
        crossings,
        byId,
        services,
        roadChanges,
        landKey,
        extra: roads.map(addedRoad),
      });
    }
    function addedRow({ admits, max_mass_t, border_h = 6.5, wait_h = 0 }, x, t) {
      const here = ([ids, modes, kind]) =>
        matches(ids, x.id, x.cp) && matches(modes, x.mode) && [t, 'both'].includes(kind);
      const row = { x: x.id, t, added: true, kind: SEASONAL.includes(x.mode) ? 'season' : 'all_year' };
      const usual = {
        conf: 'estimated',
        source: data.estimate,
        bo: border_h,
        bi: border_h,
        wait: wait_h,
        mass: max_mass_t,
      };
      const gap = data.gaps.filter(here).map((one) => one.slice(3));
      const mine = admits.filter((id) => data.vehicles[id].t === t);
      return {
        ...data.added.find((one) => one.x === x.id && one.t === t),
        ...row,
        ...usual,
        gap,
        admits: mine,
      };
    }
    function addedRoad({ add }) {
      const [a, b] = [index.get(add.from), index.get(add.to)];
      const usual = {
        kind: 'road',
        mode: 'road',
        ref: '',
        season: -1,
        oneway: 0,
        traffic: '',
        mass: null,
        line: '',
      };
      const kind = { class: add.class || 'primary', surface: add.surface || 'asphalt' };
      return { ...usual, ...kind, id: addedId(add) + ':added', a, b, km: add.length_km };
    }
    // Whether a winter road is open on each day.
    function roadSeason(cal, key, warming, delay) {
      return keep(caches.day, ['road', cal.key, key, warming, delay].join('|'), function () {
        const shift = warmed('ice_road', '', warming);
        const open = new Uint8Array(cal.n);
        for (const [year, , opens, closes] of shift ? data.series[data.road_seasons[key].seasons] : []) {
          const [opened, closed] = [
            curve(cal, opens, rint(shift[0] + delay)),
            curve(cal, closes, rint(shift[1])),
          ];
          cal.years.forEach(function (now, i) {
            const near = now === year || now === year + 1;
            if (near && opened[i] * (1 - closed[i]) >= open_from) open[i] = 1;
          });
        }
        return open;
      });
    }
    // Open winter roads, changes of single roads (id, action, value), and which edges are open.
    function roadsOn(laid, i) {
      const { cal, scenario: s, roadChanges } = laid;
      return keep(laid.memo, 'roads' + i, function () {
        const seasons = data.road_seasons.map((_, key) => roadSeason(cal, key, s.warming, 0)[i]);
        const edits = roadChanges
          .filter((c) => holds(c, cal.days[i]) !== Boolean(c.add))
          .map((c) => edit(c, laid, i));
        edits.sort((a, b) => (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : a[2] - b[2]));
        const open = Uint8Array.from(edges, (e) => (e.season < 0 || seasons[e.season] ? 1 : 0));
        for (const action of ['open', 'close']) {
          for (const [id] of edits.filter((one) => one[1] === action))
            open[edgeAt.get(id)] = action === 'open' ? 1 : 0;
        }
        return { open, edits, key: seasons.join('') + JSON.stringify(edits) };
      });
    }
    function edit(c, { cal, scenario: s }, i) {
      if (c.add) return [addedId(c.add) + ':added', 'close', 0];
      const action = actionOf(c);
      if (action !== 'delay_days' && !c.like) return [c.road, action, c[action] === true ? 0 : c[action]];
      const key = c.like
        ? data.road_seasons.findIndex((one) => one.key === c.like)
        : edges[edgeAt.get(c.road)].season;
      const open = base.has(c.like)
        ? baseline(c.like, '', s, cal).open
        : roadSeason(cal, key, s.warming, c.delay_days || 0);
      return [c.road, open[i] ? 'open' : 'close', 0];
    }

    // -- roads and railways of a vehicle on a day, both ways, as lists of node, key and edge ------------------
    function speedsOf(laid, vehicle) {
      const speeds = { ...data.speeds[vehicle] };
      for (const c of laid.scenario.change.filter((one) => one.vehicle === vehicle)) {
        for (const kind in speeds) {
          if (c.road_class && kind.split('|')[0] !== c.road_class) continue;
          speeds[kind] = c.speed_factor === undefined ? c.speed_kmh : speeds[kind] * c.speed_factor;
        }
      }
      return speeds;
    }
    const wholeSeconds = (hours) => Math.max(1, rint(hours * 3600));
    function land(laid, vehicle, i, options = {}) {
      const shut = (options.avoid || []).filter((one) => one[0] === 'place').map((one) => index.get(one[1]));
      const roads = roadsOn(laid, i);
      const key = [vehicle, roads.key, laid.landKey, shut].join('|');
      return keep(caches.land, key, () => build(laid, vehicle, roads, shut, key), 300);
    }
    function build(laid, vehicle, roads, shut, key) {
      const [v, speeds, all] = [data.vehicles[vehicle], speedsOf(laid, vehicle), edges.concat(laid.extra)];
      const edits = new Map();
      for (const [id, action, value] of roads.edits) {
        const one = keep(edits, id, () => ({}));
        one[action] = action === 'limit_t' ? Math.min(value, one.limit_t ?? Infinity) : value;
      }
      const spent = new Array(all.length).fill(NaN);
      const streets = [];
      all.forEach(function (e, k) {
        const { close, limit_t, speed_factor = 1, speed_kmh } = edits.get(e.id) || {};
        const usable =
          e.kind === 'transfer' ||
          (e.kind === 'railway' && e.status === 'in_use' && e.class !== 'high_speed');
        if (roads.open[k] === 0 || close !== undefined || (e.traffic && e.traffic !== v.t)) return;
        const usual = speeds[(e.kind === 'railway' ? 'rail_' : '') + e.class + '|' + e.surface];
        const hours = e.kind === 'transfer' ? data.transfer_h : e.km / (speed_kmh ?? speed_factor * usual);
        if (e.kind === 'road') streets.push([e.a, e.b, hours, k]);
        const bears = v.mass <= Math.min(e.mass ?? Infinity, limit_t ?? Infinity);
        if (v.rail ? usable : e.kind === 'road' && bears) spent[k] = hours;
      });
      if (v.rail) {
        for (const e of drayage(streets)) {
          all.push(e);
          spent.push(e.hours);
        }
      }
      const net = {
        key,
        edges: all,
        seconds: spent.map(wholeSeconds),
        out: nodes.map(() => []),
        back: nodes.map(() => []),
      };
      all.forEach(function ({ a, b, oneway }, k) {
        if (Number.isNaN(spent[k]) || shut.includes(a) || shut.includes(b)) return;
        join(net.out, net.back, a, b, net.seconds[k] * (KEY + 1), k);
        if (!oneway) join(net.out, net.back, b, a, net.seconds[k] * (KEY + 1), k);
      });
      return net;
    }
    function join(out, back, a, b, key, k) {
      out[a].push(b, key, k);
      back[b].push(a, key, k);
    }
    // By truck from each town without a freight station to the nearest one in its country.
    function drayage(streets) {
      const lists = nodes.map(() => []);
      for (const [a, b, hours, k] of streets) join(lists, lists, a, b, hours, k);
      const yards = new Map(edges.filter((e) => e.kind === 'transfer').map((e) => [e.a, e.b]));
      const { d, from, via } = search(lists, null, [...yards.keys()].filter((node) => lists[node].length)); // prettier-ignore
      const fixed = { kind: 'drayage', mode: 'road', ref: '', season: -1, oneway: 0, line: '' };
      const made = [];
      nodes.forEach(function (node, a) {
        if (from[a] < 0 || node.k === 'terminal') return;
        let [km, at] = [0, a];
        for (; from[at] >= 0; at = from[at]) km += edges[via[at]] ? edges[via[at]].km : 0;
        made.push({ ...fixed, a, b: yards.get(at), km, hours: d[a] + data.transfer_h });
      });
      return made;
    }

    // -- ways -------------------------------------------------------------------------------------------------
    const isAt = (id, [kind, name]) => kind !== 'place' && [id, ...id.split(':')].includes(name);
    const serviceOf = (laid, edge) => laid.services[(-edge - 1) >> 1];
    // Border arcs that a vehicle can use on a day, with edge numbers below zero: all that leave home come first.
    function border(laid, vehicle, i, options = {}) {
      const [v, arcs] = [data.vehicles[vehicle], [[], []]];
      laid.services.forEach(function (s, k) {
        const { row, crossing: x } = s;
        if (row.t !== v.t || !s.open[i] || !row.admits.includes(vehicle) || s.mass[i] < v.mass) return;
        if ((options.avoid || []).some((target) => isAt(row.x, target))) return;
        const [set, wait] = [(options.border || {})[row.x] ?? s.border[i], s.wait[i] || 0];
        for (const way of [0, 1]) {
          const [a, b, usual] = way ? [x.b, x.a, row.bi] : [x.a, x.b, row.bo];
          const control = Number.isNaN(set) ? usual || 0 : set;
          const seconds = wholeSeconds(x.min / 60 + control + wait);
          arcs[way].push({ a, b, s: seconds, k, x, edge: -1 - 2 * k - way, border: control, wait });
        }
      });
      return arcs[0].concat(arcs[1]);
    }
    // Dijkstra's algorithm with a binary heap of keys and nodes.
    function search(lists, extra, starts) {
      const [d, from] = [
        new Float64Array(nodes.length).fill(Infinity),
        new Int32Array(nodes.length).fill(-1),
      ];
      const via = new Int32Array(nodes.length).fill(-1);
      const [heap, node] = [[], []];
      for (const start of starts) push(0, start);
      while (heap.length) {
        const key = heap[0];
        const here = node[0];
        pop();
        if (key > d[here]) continue;
        for (const arcs of [lists[here], extra && extra.get(here)]) {
          for (let j = 0; arcs && j < arcs.length; j += 3) {
            if (!push(key + arcs[j + 1], arcs[j])) continue;
            from[arcs[j]] = here;
            via[arcs[j]] = arcs[j + 2];
          }
        }
      }
      return { d, from, via };
      function put(at, key, value) {
        heap[at] = key;
        node[at] = value;
      }
      function push(key, to) {
        if (key >= d[to]) return false;
        let at = heap.length;
        for (let up; at && heap[(up = (at - 1) >> 1)] > key; at = up) put(at, heap[up], node[up]);
        put(at, key, to);
        d[to] = key;
        return true;
      }
      function pop() {
        const last = heap.pop();
        const value = node.pop();
        let at = 0;
        for (let child = 1; child < heap.length; child = 2 * at + 1) {
          if (child + 1 < heap.length && heap[child + 1] < heap[child]) child++;
          if (heap[child] >= last) break;
          put(at, heap[child], node[child]);
          at = child;
        }
        if (heap.length) put(at, last, value);
      }
    }
    const over = (net, a) => keep(caches.search, net.key + '|' + a, () => search(net.out, null, [a]), 5000);
    function onward(net, arcs, end, sign) {
      return keep(caches.search, [net.key, end, sign].join('|'), function () {
        const lists = new Map();
        for (const arc of arcs) keep(lists, arc.b, () => []).push(arc.a, arc.s * KEY, arc.edge);
        return search(net.back, lists, [end]);
      }, 5000); // prettier-ignore
    }
    const signature = (arcs) => arcs.map((arc) => arc.edge + ',' + arc.s + ',' + arc.a).join(';');

    // Rest of the driver: the shorter limit and the longer rest of both ends; null without a rule.
    function restOf(vehicle, a, b, options = {}) {
      const [rules, none] = [data.vehicles[vehicle].rest, [UNLIMITED, 0, UNLIMITED, 0]];
      if (options.drivers === 2 || !Object.keys(rules).length) return null;
      const [one, other] = [a, b].map((node) => rules[nodes[node].c] || none);
      return one.map((limit, k) => (k % 2 ? Math.max : Math.min)(limit, other[k]));
    }
    function rested(rest, driven) {
      if (!rest) return 0;
      const [continuous, pause, daily, night] = rest;
      const times = (done, limit) => Math.max(Math.ceil(done / limit) - 1, 0);
      const nights = times(driven, daily);
      const breaks =
        nights * (Math.ceil(daily / continuous) - 1) + times(driven - nights * daily, continuous);
      return nights * night + breaks * pause;
    }
    const total = (key, rest) => (key === Infinity ? key : Math.floor(key / KEY) + rested(rest, key % KEY));

    // Seconds by the best way, by each border arc taken first, and without any.
    function pair(laid, vehicle, a, b, i, options = {}) {
      const arcs = border(laid, vehicle, i, options);
      return solve(land(laid, vehicle, i, options), arcs, signature(arcs), vehicle, a, b, options);
    }
    function solve(net, arcs, sign, vehicle, a, b, options) {
      const [out, on, rest] = [over(net, a), onward(net, arcs, b, sign), restOf(vehicle, a, b, options)];
      const cross = options.transit !== false || nodes[a].side !== nodes[b].side;
      const by = arcs.map((arc) =>
        cross ? total(out.d[arc.a] + arc.s * KEY + on.d[arc.b], rest) : Infinity,
      );
      const direct = total(out.d[b], rest);
      let [first, seconds] = [-1, direct];
      for (let k = 0; k < by.length; k++) if (by[k] < seconds) [seconds, first] = [by[k], k];
      return { seconds, first, by, arcs, out, on, direct, net };
    }
    function matrix(laid, vehicle, starts, ends, i, options = {}) {
      const [net, arcs] = [land(laid, vehicle, i, options), border(laid, vehicle, i, options)];
      const sign = signature(arcs);
      return starts.map((a) => ends.map((b) => solve(net, arcs, sign, vehicle, a, b, options).seconds));
    }
    function trace(tree, end, node, reverse) {
      const steps = [];
      for (let at = node; at !== end; at = tree.from[at]) {
        const [near, far] = reverse ? [at, tree.from[at]] : [tree.from[at], at];
        steps.push([tree.via[at], near, far]);
      }
      return reverse ? steps : steps.reverse();
    }
    // The way over land and, for every open crossing, the fastest one that takes it first.
    function byFirst(laid, vehicle, a, b, i, options) {
      const { arcs, out, on, by, direct } = pair(laid, vehicle, a, b, i, { ...options, transit: true });
      const made = direct < Infinity && a !== b ? [trace(out, a, b)] : [];
      arcs.forEach(function (arc, k) {
        if (by[k] === Infinity || (data.by_side && nodes[arc.a].side !== nodes[a].side)) return;
        const steps = [...trace(out, a, arc.a), [arc.edge, arc.a, arc.b], ...trace(on, b, arc.b, true)];
        const passed = new Set([a, ...steps.map((step) => step[2])]);
        if (passed.size === steps.length + 1) made.push(steps);
      });
      return made;
    }
    // The best way by each open crossing, by way of what is asked for.
    function routes(laid, vehicle, a, b, i, options = {}) {
      const { via = [], transit = true, k = 10000 } = options;
      const limits = restOf(vehicle, a, b, options);
      const [net, costs] = [land(laid, vehicle, i, options), new Map()];
      for (const arc of border(laid, vehicle, i, options)) costs.set(arc.edge, arc);
      const places = via.filter((target) => target[0] === 'place').map((target) => index.get(target[1]));
      const stops = [a, ...places.filter((node) => node !== a && node !== b), b];
      if (a === b) return via.length ? [] : [wayOf([])];
      const stretches = stops.slice(1).map((end, at) => byFirst(laid, vehicle, stops[at], end, i, options));
      if (stretches.some((one) => !one.length)) return [];
      const best = stretches.map((list) => least(list, (steps) => wayOf(steps).seconds));
      const all = stretches.flatMap((list, at) =>
        list.map((steps) => best.flatMap((one, k) => (k === at ? steps : one))),
      );
      let made = all.map(wayOf).filter((way) => via.every((target) => takes(way, target)));
      const bank = () => (data.by_side ? nodes[a].side === nodes[b].side : over(net, a).d[b] < Infinity);
      const domestic = bank();
      const land_ = made.filter((way) => !way.crossings.length).map((way) => way.seconds);
      const longest = transit ? data.limits.stretch * Math.min(Infinity, ...land_) : 0;
      made = made.filter((way) => !domestic || !way.crossings.length || way.seconds <= longest);
      const name = (way) => way.crossings.join('\u0001');
      made.sort((x, y) => x.seconds - y.seconds || (name(x) < name(y) ? -1 : name(x) > name(y) ? 1 : 0));
      const once = new Map();
      for (const way of made)
        if (way === made[0] || way.crossings.length <= 2) keep(once, way.crossings[0], () => way);
      return [...once.values()]
        .slice(0, k)
        .map((way) => ({ ...way, transit: domestic && way.crossings.length > 0 }));

      function wayOf(steps) {
        const crossings = steps.filter(([edge]) => edge < 0).map(([edge]) => serviceOf(laid, edge).row.x);
        const seconds = steps.map(([edge]) => (edge < 0 ? costs.get(edge).s : net.seconds[edge]));
        const driven = seconds.reduce((sum, one, at) => sum + (steps[at][0] < 0 ? 0 : one), 0);
        const rest = rested(limits, driven);
        const whole = seconds.reduce((sum, one) => sum + one, rest);
        return { seconds: whole, rest, driven, crossings, steps, limits, costs, net, transit: false };
      }
    }
    function takes(way, target) {
      const node = target[0] === 'place' ? index.get(target[1]) : null;
      if (node === null) return way.crossings.some((id) => isAt(id, target));
      return way.steps.some((step) => step[1] === node || step[2] === node);
    }

    // Stretches of one mode and road number; crossings, waits and rests are legs of their own.
    function legs(laid, vehicle, way, i, waits = []) {
      const made = [];
      let driven = 0;
      way.steps.forEach(function ([edge, a, b], at) {
        const s = edge < 0 ? serviceOf(laid, edge) : null;
        const [arc, e] = [way.costs.get(edge), way.net.edges[edge]];
        const seconds = s ? arc.s : way.net.seconds[edge];
        const still = { a, b: a, km: 0, drive: 0, edges: [] };
        if (waits[at]) made.push({ ...still, mode: 'waiting', ref: s.row.x, seconds: waits[at] });
        const due = s ? 0 : rint(rested(way.limits, driven + seconds) - rested(way.limits, driven));
        if (due) made.push({ ...still, mode: 'rest', ref: '', seconds: due });
        driven += s ? 0 : seconds;
        const last = made[made.length - 1];
        if (last && !s && last.mode === e.mode && last.ref === e.ref) {
          Object.assign(last, {
            b,
            km: last.km + e.km,
            seconds: last.seconds + seconds,
            drive: last.drive + seconds,
          });
          last.edges.push([edge, a]);
          return;
        }
        const one = { a, b, seconds, edges: [[edge, a]] };
        if (!s) return made.push({ ...one, mode: e.mode, ref: e.ref, km: e.km, drive: seconds });
        const { crossing, row } = s;
        const known = { p: s.p[i], evidence: s.evidence[i], limited: s.limited[i], crossing, service: s };
        const spent = { drive: crossing.min * 60, border: arc.border * 3600, wait: arc.wait * 3600 };
        return made.push({ ...one, ...known, ...spent, mode: crossing.mode, ref: row.x, km: crossing.km });
      });
      return made;
    }
    // The lowest chance, and the weakest evidence, of the crossings of a way.
    function certainty(laid, way, i) {
      const used = way.steps.filter((step) => step[0] < 0).map((step) => serviceOf(laid, step[0]));
      const evidence = TIERS[Math.max(-1, ...used.map((s) => TIERS.indexOf(s.evidence[i])))] || null;
      return { p: Math.min(1, ...used.map((s) => s.p[i])), evidence };
    }
    // The cost of a way; null, with what is missing, if a rate that applies is not known.
    function cost(laid, vehicle, way) {
      const { rates, cost_per: per, cost_prices: prices } = data.vehicles[vehicle];
      const missing = new Set();
      let [known, estimated] = [0, false];
      for (const [edge, a] of way.steps) {
        const x = edge < 0 ? serviceOf(laid, edge).crossing : null;
        const { kind = 'crossing', km } = x || way.net.edges[edge];
        const country = nodes[a].c;
        const here = (what) => (r) =>
          r[0] === what && r[1] === country && (what !== 'toll' || (r[3] ? r[3] === x.id : r[2] === x.mode));
        const parts = {
          per_km: kind !== 'transfer',
          fixed: ['transfer', 'drayage'].includes(kind),
          toll: x !== null,
        };
        for (const what of Object.keys(parts).filter((name) => parts[name])) {
          const found = rates.filter(here(what));
          const price = found.length ? found[found.length - 1][4] : null;
          if (price === null) missing.add(what + ':' + (what === 'toll' ? x.id : country));
          else known += price * { per_km: km, fixed: 0.5, toll: 1 }[what];
          estimated = estimated || found.some((rate) => rate[5]);
        }
      }
      const [sum, codes] = [rint(known), [...missing]];
      const least_ = codes.length && sum > 0 ? sum : null;
      return { cost: codes.length ? null : sum, atLeast: least_, missing: codes, estimated, per, prices };
    }
    // Ways left: crossings by which the pair stays within a limit.
    function ways(laid, found, limit) {
      const near = new Set(found.arcs.filter((_, k) => found.by[k] <= limit).map((arc) => arc.x));
      return { all: near.size, own: [...near].filter((x) => data.checkpoints[x.cp].own).length };
    }
    // Every day for a pair; days that are alike are solved once.
    function year(laid, vehicle, a, b, options = {}) {
      const t = data.vehicles[vehicle].t;
      const changed = keep(laid.memo, 'changed' + t, () =>
        laid.days.map((_, i) => !i || differs(laid, t, i)),
      );
      const known = new Map();
      let found = null;
      return laid.days.map(function (_, i) {
        if (changed[i]) {
          const [net, arcs] = [land(laid, vehicle, i, options), border(laid, vehicle, i, options)];
          const sign = signature(arcs);
          found = keep(known, net.key + sign, () => solve(net, arcs, sign, vehicle, a, b, options));
        }
        const { seconds, first, arcs } = found;
        const s = first < 0 ? null : laid.services[arcs[first].k];
        const p = s ? s.p[i] : seconds < Infinity ? 1 : 0;
        return { seconds, x: s && s.crossing, p, evidence: s && s.evidence[i] };
      });
    }
    function differs(laid, t, i) {
      if (roadsOn(laid, i).key !== roadsOn(laid, i - 1).key) return true;
      const names = ['open', 'mass', 'wait', 'border'];
      return laid.services.some(
        (s) => s.row.t === t && names.some((name) => !Object.is(s[name][i], s[name][i - 1])),
      );
    }
    // Leaving some days later may arrive earlier.
    function waiting(all, i) {
      const later = all
        .map((one, j) => ({ ...one, i: j, days: j - i, total: (j - i) * DAY + one.seconds }))
        .slice(i + 1);
      const best = least(later, (one) => one.total);
      return best && best.total < all[i].seconds ? best : null;
    }

    // -- departures: working hours, two time zones, and crossings that open on the way ----------------------
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
          if (!shut(arc.x.id))
            keep(costs, arc.edge, () => arc) && (keep(usable, arc.x, () => ({}))[k] = true);
        }
      }
      const arcs = [...costs.values()].sort((x, y) => y.edge % 2 - x.edge % 2 || x.k - y.k); // prettier-ignore
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
      const found = { leaves, arrives: leaves + arrival.second, total: arrival.second, legs: made };
      return {
        ...found,
        wait: sum('waiting'),
        rest: sum('rest'),
        crossings: arrival.chain.map(([arc]) => arc.x.id),
      };
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
      for (let k = before[0]; k !== undefined; k = before[1 + k])
        chain.unshift([arcs[k], entered[k] - arrival[1 + k]]);
      return arrival[0] === Infinity ? null : { second: arrival[0], chain };
    }

    // -- what comes next: the next change of a service, and the safe days of its season -----------------------
    function runsOf(mask) {
      const found = [];
      mask.forEach(function (is, i) {
        if (is && i && mask[i - 1]) found[found.length - 1].push(i);
        else if (is) found.push([i]);
      });
      return found;
    }
    function next(laid, k, i, risk = 0.1) {
      const { row, crossing: x } = laid.services[k];
      const ahead = Array.from({ length: 500 }, (_, at) => laid.days[i] + at);
      const cal = calendarOf(ahead, laid.scenario.world || 0);
      const out = service(row, x, laid.scenario, cal);
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
      const season = out.seasons.find((one) => one.first <= to && one.last > from);
      if (season) found.season = [season.first + later, season.last + later];
      const usual = (i) => [out.seasonal[i] >= 1 - risk ? 1 : 0, 0];
      const safe = run.filter(function (i) {
        const [opened, closed] = season ? season.by.map((by) => by(cal.days[i] - later)) : usual(i);
        const sure = opened >= 1 - risk && closed < risk && out.chance[i] > out.seasonal[i] * (1 - risk);
        return out.open[i] && (out.reason[i] === 'scenario' ? out.chance[i] >= 1 - risk : sure);
      });
      if (safe.length) {
        const last = safe[safe.length - 1];
        Object.assign(found, {
          first_safe: cal.days[safe[0]],
          last_safe: last < cal.n - 1 ? cal.days[last] : null,
        });
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
        if (run.length <= data.limits.bridged_days && inside) for (const i of run) p[i] = out.seasonal[i];
      }
      const moves = p.findIndex((chance) => chance !== p[0]);
      let open = p[0] >= (moves >= 0 && p[moves] > p[0] ? sure_from : 1 - sure_from);
      if (moves < 0 || ['observed', 'scenario'].includes(out.evidence[0])) open = out.open[0] > 0;
      if (open !== out.open[0] > 0) found.status = !open ? 'closed' : out.limited[0] ? 'limited' : 'open';
      const changing = p.map((chance) => (open ? 1 - chance : chance));
      const middle = changing.findIndex((chance) => chance >= 0.5);
      if (middle < 0) return found;
      const done = turnDone(out, cal, open ? 1 : 0, middle) || counted(changing, middle);
      const at = [0.1, 0.5, 0.9].map(
        (share) =>
          cal.days[
            Math.max(
              0,
              done.findIndex((value) => value >= share),
            )
          ],
      );
      return { ...found, change: open ? 'closes' : 'opens', p10: at[0], p50: at[1], p90: at[2] };
    }
    // A change of a scenario is counted from the day on which it is least likely.
    function counted(changing, middle) {
      const start = changing.indexOf(Math.min(...changing.slice(0, middle + 1)));
      let most = 0;
      const done = changing.slice(0, middle + 120).map(function (chance, i) {
        const share = (chance - changing[start]) / Math.max(1 - changing[start], 1e-9);
        return i < start ? 0 : (most = Math.max(most, share));
      });
      return done.map((share) => share / Math.max(most, 1e-9));
    }
    function turnDone(out, cal, event, at) {
      const axis = cal.days.map((day) => day - (cal.days[at] - cal.world[at]));
      for (const one of out.seasons) {
        const [by, late] = [one.by[event], axis[at] - (event ? one.last : one.first)];
        const first = by(axis[0]);
        if (!(first < sure_from && late >= -1 && (at === 0 || late <= 1))) continue;
        const before = first >= 1 - sure_from ? first : 0;
        return axis.map((day) => (by(day) - before) / (1 - before));
      }
      return null;
    }

    // -- what a scenario may say: the page refuses what the package refuses -----------------------------------
    function realDays(text) {
      const [first, last, more] = text.split('..').concat(text.includes('..') ? [] : text);
      const real = (end) => {
        const whole = /^\d\d-\d\d$/.test(end) ? '2000-' + end : end;
        return /^\d{4}-\d\d-\d\d$/.test(whole) && !Number.isNaN(dayOf(whole)) && iso(dayOf(whole)) === whole;
      };
      return (
        more === undefined &&
        real(first) &&
        real(last) &&
        first.length === last.length &&
        (first.length < 6 || first <= last)
      );
    }
    // The first value outside its range, as key, value, low and high.
    function outside(thing, kind) {
      const ranges = data.ranges[kind];
      const good = (value, [low, high, above]) =>
        typeof value === 'number' && value <= high && (above ? value > low : value >= low);
      const key = given(thing, Object.keys(ranges)).find((name) => !good(thing[name], ranges[name]));
      return key && { key, value: thing[key], low: ranges[key][0], high: ranges[key][1] };
    }
    function fault(c) {
      if (!c || typeof c !== 'object' || Array.isArray(c)) return ['change', {}];
      const unknown = Object.keys(c).find((name) => ![...TEXTS, ...ACTIONS].includes(name));
      const text = given(c, TEXTS).find((name) => typeof c[name] !== 'string');
      if (unknown || text) return ['key', { key: unknown || text }];
      const [actions, targets] = [given(c, ACTIONS), given(c, [...PLACES, 'road', 'vehicle'])];
      if (actions.length !== 1) return ['actions', { actions: actions.join(', ') }];
      const [[action], [target]] = [actions, targets];
      const on =
        { road: ON_ROADS, vehicle: ON_VEHICLES }[target] || (target ? ON_CROSSINGS : ['warming_c', 'add']);
      if (targets.length > 1 || !on.includes(action)) return ['target', { action }];
      const range = outside(c, 'change');
      const whole = action !== 'delay_days' || Number.isInteger(c.delay_days);
      if (range || !whole || (['open', 'close'].includes(action) && c[action] !== true))
        return ['range', range || { key: action }];
      const onRoad = c.road !== undefined || (c.add && c.add.kind === 'road');
      const goes = { like: action === 'open', road_class: target === 'vehicle' };
      goes.traffic = [...ON_CROSSINGS, 'add'].includes(action) && !onRoad;
      goes.days = !['delay_days', 'warming_c'].includes(action) && target !== 'vehicle';
      const wrong = given(c, Object.keys(goes)).find((name) => !goes[name]);
      if (wrong) return ['goes', { key: wrong, action }];
      if (!['cargo', 'passenger'].includes(c.traffic ?? 'cargo')) return ['name', { name: c.traffic }];
      if (c.days !== undefined && !realDays(c.days)) return ['days', { days: c.days }];
      return c.add ? faultOfAddition(c) : unknownName(c) || noEffect(c, action);
    }
    function unknownName(c) {
      const known = {
        crossing: (id) => base.has(id),
        checkpoint: (id) => has(data.checkpoints, id),
        mode: (id) => data.crossings.some((x) => x.mode === id),
        road: (id) => edgeAt.has(id) && edges[edgeAt.get(id)].kind !== 'transfer',
        vehicle: (id) => has(data.vehicles, id),
        like: (id) => base.has(id) || (c.road && data.road_seasons.some((one) => one.key === id)),
        road_class: (id) =>
          Object.keys(data.speeds[c.vehicle] || {}).some((kind) => kind.split('|')[0] === id),
      };
      const wrong = given(c, Object.keys(known)).find((name) => !known[name](c[name]));
      return wrong
        ? ['name', { name: c[wrong] }]
        : c.warming_c !== undefined && !data.ice
          ? ['ice', {}]
          : null;
    }
    function noEffect(c, action) {
      const none = ['effect', { change: inline(c) }];
      const edge = c.road && edges[edgeAt.get(c.road)];
      const needsSeason = action === 'delay_days' || (action === 'open' && !c.like);
      if (edge) return edge.kind === 'railway' && action === 'limit_t' || (needsSeason && edge.season < 0) ? none : null; // prettier-ignore
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
      const range =
        outside(add, kind) ||
        data.needs[kind].filter((key) => add[key] === undefined).map((key) => ({ key }))[0];
      const choice = Object.keys(data.choices[kind]).find(
        (key) => add[key] !== undefined && !data.choices[kind][key].includes(add[key]),
      );
      if (range || choice) return ['addition', range || { key: choice }];
      if (!(a >= 0 && b >= 0 && a !== b))
        return ['addition', { key: kind === 'road' ? 'from' : 'checkpoint' }];
      if (kind === 'road') return nodes[a].c === nodes[b].c ? null : ['addition', { key: 'to' }];
      const known =
        Array.isArray(admits) && admits.length && admits.every((id) => has(data.vehicles, String(id)));
      if (!known || (traffic && !admits.some((id) => data.vehicles[id].t === traffic)))
        return ['addition', { key: 'admits' }];
      if (base.has(addedId(add))) return ['exists', { crossing: addedId(add) }];
      return !SEASONAL.includes(mode) || works(addedId(add), mode, span)
        ? null
        : ['addition', { key: 'days' }];
    }
    // Whether an added crossing has a season, or works on days on which its mode does somewhere.
    function works(id, mode, span) {
      const usual = data.added.find((one) => one.x === id);
      if (!span) return Boolean(usual && data.series[usual.blind].length);
      const [a, b] = spanOf(span).map((end) => dayOf(end.length > 5 ? end : '2024-' + end));
      const year = [dayOf('2024-01-01'), dayOf('2024-12-31')];
      const parts = b < a ? [[year[0], b], [a, year[1]]] : [[a, Math.min(b, a + 366)]]; // prettier-ignore
      return parts.every(([first, last]) =>
        data.works[mode].some((run) => run[0] <= first && last <= run[1]),
      );
    }
    function refusal(scenario) {
      try {
        return joined([scenario]) && null;
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
      const title = (part, lang) => (part.title && part.title[lang]) || part.name || '';
      const titles = (lang) => named.map((part) => title(part, lang)).join(' + ');
      if (named.length > 1)
        whole.title = Object.fromEntries(data.languages.map((lang) => [lang, titles(lang)]));
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
      const known = (part) =>
        has(data.scenarios, part)
          ? data.scenarios[part]
          : part === 'baseline'
            ? { name: part }
            : oneLine(part);
      return joined(text.split('+').map((part) => part.trim()).filter(Boolean).map(known)); // prettier-ignore
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
      if (rest.length) change.days = rest.join(' ');
      return { name: text, change: [change] };
    }

    const words = { accepts: (change) => !fault(change), refusal, parse, join: joined };
    const questions = {
      lay,
      pair,
      routes,
      legs,
      certainty,
      cost,
      ways,
      year,
      waiting,
      matrix,
      depart,
      clock,
      next,
    };
    const known = { data, index, days, edges, caches, first: data.first, STRETCH: data.limits.stretch };
    return { ...words, ...questions, ...known, roads: roadsOn, dayAt: (day) => day - data.first };
  }

  root.PageEngine = { Engine, Refusal, actionOf, targetOf, inline, toToml, iso, dayOf, unpack };
})(globalThis);
