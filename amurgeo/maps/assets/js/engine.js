// The engine of the page: what is open on which day in a scenario, and the quickest ways, to the second as in
// the Python package. No DOM. Days are whole numbers since 1970-01-01, costs whole seconds.
(function (root) {
  'use strict';
  const { iso, dayOf, holds, runs, keep, least, SEASONAL, addedId, actionOf, inline } = root.PageScenario;
  const { Refusal, targetOf, toToml, content, normal, warmingOf } = root.PageScenario;
  // A key is seconds times this plus the driving seconds among them: of equally fast ways that with least
  // driving is the smallest. Sums of keys are exact.
  const KEY = 2 ** 24;
  const [UNLIMITED, DAY] = [2 ** 40, 86400];
  const TIERS = ['observed', 'scenario', 'expected', 'uncovered', 'unknown'];
  const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const GONE = ['retired', 'not_yet_open'];
  const STREET = { mode: 'road', ref: '', season: -1, oneway: 0, traffic: '', mass: null };
  // Python and NumPy round halves to even.
  function rint(x) {
    const low = Math.floor(x);
    return x - low < 0.5 || (x - low === 0.5 && low % 2 === 0) ? low : low + 1;
  }
  function matches(pattern, ...names) {
    const listed = pattern.replace(/^!/, '').split('|');
    return ['*', ...names].some((name) => listed.includes(name)) !== pattern.startsWith('!');
  }
  // Rows of a table of columns; repeated values are sent once, with the position of each.
  function rowsOf(table) {
    const kind = (column, k) => column.of[typeof k === 'string' ? DIGITS.indexOf(k) : k];
    const listed = (column) => Array.from(column.at, (k) => kind(column, k));
    const plain = (column) =>
      typeof column === 'string' ? unpack(column) : Array.isArray(column) ? column : listed(column);
    const columns = Object.entries(table).map(([name, column]) => [name, plain(column)]);
    const row = (k) => Object.fromEntries(columns.map(([name, column]) => [name, column[k]]));
    return columns[0][1].map((_, k) => row(k));
  }
  // A packed line as latitudes and longitudes: groups of five bits, lowest first, the sign in the lowest bit.
  function unpack(text, steps = 10000) {
    const [points, ends] = [[], [0, 0]];
    const bits = (sum, digit) => sum * 32 + (DIGITS.indexOf(digit) % 32);
    (text.match(/[g-z0-9_-]*[A-Za-f]/g) || []).forEach(function (group, k) {
      const value = [...group].reduceRight(bits, 0);
      ends[k % 2] += value % 2 ? -(value + 1) / 2 : value / 2;
      if (k % 2) points.push([ends[1] / steps, ends[0] / steps]);
    });
    return points;
  }
  // Chance: Student's distribution with four degrees of freedom, or the normal one.
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
  // The chance by day that a turn, moved by days, has come; a loose one has its spread without the record.
  function coming([center, usual, usualDf, , after, by, looser, looserDf], moved, loose) {
    const [scale, df] = loose && looser ? [looser, looserDf] : [usual, usualDf];
    if (scale === 0) return (day) => (day >= center + moved ? 1 : 0);
    const share = (z) => (z < 0 ? tail(-z, df) : 1 - tail(z, df));
    const before = (day) => share((day + 0.5 - (center + moved)) / scale);
    const low = after == null ? 0 : before(after + moved);
    const width = Math.max((by == null ? 1 : before(by + moved)) - low, 1e-12);
    return (day) => Math.min(1, Math.max(0, (before(day) - low) / width));
  }
  function Engine(data) {
    const { open_from, lowest, max_closed, may_be_open, stop_from, near_days } = data.limits;
    const decoded = (table) => (Array.isArray(table) ? table : rowsOf(table));
    const [nodes, edges] = [data.nodes, data.edges].map(decoded);
    edges.forEach((e) => (e.id = e.id || nodes[e.a].id + '--' + nodes[e.b].id));
    Object.assign(data, { nodes, edges });
    const numbered = (rows) => new Map(rows.map(({ id }, k) => [id, k]));
    const [edgeAt, index] = [numbered(edges), numbered(nodes)];
    const days = Array.from({ length: data.n }, (_, i) => data.first + i);
    const [services, curves, nets, trees, others] = [new Map(), new Map(), new Map(), new Map(), new Map()];
    const caches = { service: services, curve: curves, land: nets, search: trees, day: others };
    const base = new Map(data.crossings.map((x) => [x.id, x]));
    // Hours by which control and waits, which are independent, may take less and more than estimated.
    const errors = [([low, mid]) => mid - low, ([, mid, high]) => high - mid];
    for (const row of data.services) {
      const layers = Object.values(row.range || {});
      row.error = errors.map((error) => Math.hypot(...layers.map((rows) => Math.max(...rows.map(error)))));
    }
    const cited = data.cites.map((list) => list.map((k) => data.source_ids[k]));
    const real = (text) => (iso(dayOf(text)) === text ? text : text.slice(0, 8) + '28');
    function calendarOf(asked, year) {
      const key = ['days', asked[0], asked.length, year].join('|');
      return keep(others, key, function () {
        const stand = asked.map((day) => (year ? real(year + iso(day).slice(4)) : iso(day)));
        const [world, years] = [stand.map(dayOf), stand.map((text) => Number(text.slice(0, 4)))];
        const monthDays = stand.map((text) => text.slice(5));
        return { key, n: asked.length, days: asked, world, years, monthDays };
      });
    }
    // Opening and closing of a season, moved by days: the day, the chance by day, and that on days of its years.
    function turnsOf(cal, year, turns, moves, loose) {
      const isNear = (i) => cal.years[i] === year || cal.years[i] === year + 1;
      return turns.map(function (turn, k) {
        const by = coming(data.turns[turn], moves[k], loose);
        const key = [cal.key, year, turn, moves[k], loose].join('|');
        const make = () => Float64Array.from(cal.world, (day, i) => (isNear(i) ? by(day) : NaN));
        return { day: data.turns[turn][3] + moves[k], by, on: keep(curves, key, make) };
      });
    }
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
      const [now, usual] = [degrees, 0].map((c) => keep(others, 'ice' + c, () => iceTurns(c)));
      // A pontoon bridge is frozen in, so it opens after freeze-up; an ice road must bear a load.
      const winter = mode === 'ice_road' ? 'winter' : 'freeze';
      const drift = part === 'autumn' ? ['freeze', winter] : ['thaw', 'melt'];
      const turns = mode === 'ferry' ? ['melt', 'freeze'] : mode === 'hovercraft' ? drift : [winter, 'thaw'];
      const gone = turns.some((turn) => now[turn] === null || usual[turn] === null);
      const melts = mode === 'ice_road' && now.winter === null;
      return gone || melts ? null : turns.map((turn) => now[turn] - usual[turn]);
    }
    // One service over all days: every rule overrides those before it.
    const isMeant = (c, row, x) => c.crossing === row.x || c.checkpoint === x.cp || c.mode === x.mode;
    const concerns = (c, row, x) => isMeant(c, row, x) && (!c.traffic || c.traffic === row.t);
    function service(row, x, s, cal) {
      const mine = s.change.filter((c) => concerns(c, row, x));
      const addition = s.change.find((c) => c.add && c.add.kind === 'crossing' && addedId(c.add) === row.x);
      const facts = [s.regime, s.world, s.assume, s.warming, mine, addition].map((fact) => fact || 0);
      const key = [cal.key, row.x, row.t, JSON.stringify(facts)].join('|');
      return keep(services, key, () => evaluate(row, x, s, cal, mine, addition));
    }
    function baseline(id, traffic, s, cal) {
      // A crossing that carries only the other kind of traffic still has the season.
      const rows = data.services.filter((row) => row.x === id);
      const usual = { change: [], assume: s.assume, warming: 0 };
      const row = rows.find((one) => one.t === traffic) || rows[0];
      return service(row, base.get(id), usual, calendarOf(cal.days, 0));
    }
    function closedReasons(mode, cal) {
      const usual = data.reasons[mode] || data.reasons.other || [];
      const spans = usual.map(([reason, span]) => [reason, span.slice(0, 5), span.slice(7)]);
      const during = (day) => spans.filter(([, first, last]) => runs(first, day, last));
      const on = (day) => during(day).pop() || ['out_of_season'];
      return keep(others, ['closed', mode, cal.key].join('|'), () => cal.monthDays.map((day) => on(day)[0]));
    }
    function evaluate(row, x, s, cal, mine, addition) {
      const { n, days: on, world } = cal;
      const dated = !s.regime && !s.world;
      const openReason = row.kind === 'all_year' ? 'all_year' : 'in_season';
      const own = cited[row.source];
      const out = { open: new Uint8Array(n), seasons: [], memo: new Map() };
      const amounts = { p: 0, share: 1, border: NaN, mass: row.mass ?? NaN, wait: row.wait ?? NaN };
      const texts = { reason: 'out_of_season', because: ['because.no_window', {}], limited: row.lim || '' };
      Object.assign(texts, { evidence: 'expected', confidence: row.conf, sources: own });
      for (const name in amounts) out[name] = new Float64Array(n).fill(amounts[name]);
      for (const name in texts) out[name] = new Array(n).fill(texts[name]);
      const all = (act) => each(on[0], null, act);
      function each(first, last, act) {
        const end = last === null ? n - 1 : Math.min(n - 1, last - on[0]);
        for (let i = Math.max(0, first - on[0]); i <= end; i++) act(i);
      }
      function put(i, values) {
        for (const name in values) if (values[name] !== undefined) out[name][i] = values[name];
      }
      const shutReasons = closedReasons(x.mode, cal);
      const reasonOf = (i, open) => (open ? openReason : shutReasons[i]);
      function expect(i, p, more) {
        const open = p >= open_from ? 1 : 0;
        put(i, { open, p, reason: reasonOf(i, open), ...more });
      }
      const shut = (i, reason, because, more) => put(i, { open: 0, p: 0, reason, because, ...more });
      all((i) => world[i] > row.vehicles_until && (out.mass[i] = 0));
      const since = row.opened === undefined ? null : ['because.all_year', { date: iso(row.opened) }];
      const because = since || ['because.all_year_undated', {}];
      const always = { open: 1, p: 1, reason: 'all_year', because };
      const never = { reason: 'suspended', because: ['because.irregular', {}] };
      if (row.kind === 'season') inSeason(...moved());
      const same = row.kind === 'season' ? {} : row.kind === 'irregular' ? never : always;
      for (const name in same) out[name].fill(same[name]);
      out.seasonal = out.p.slice();
      if (!s.regime) stops();
      if (!s.regime) holidays();
      if (dated) {
        for (const [first, last, mass, cite] of row.limits || []) {
          const both = (i) => [...new Set([...out.sources[i], ...cited[cite]])];
          each(first, last, (i) => put(i, { mass, sources: both(i) }));
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
          const [turns, [count, confidence, cite]] = [rest.slice(0, 2), rest.slice(2)];
          const shift = shifts[part === 'spring' ? 1 : 0];
          if (!shift) continue;
          const [opens, closes] = turnsOf(cal, year, turns, [shift[0] + delay, shift[1]].map(rint), moves);
          const because = ['because.window', { first: iso(opens.day), last: iso(closes.day), n: count }];
          const said = { because, confidence: data.confidences[confidence], sources: cited[cite] };
          made.push({ year, part, opens, closes, said });
        }
        return [made, moves];
      }
      function inSeason(seasons, moves) {
        out.seasons = seasons || [];
        const sorted = [...out.seasons].sort((a, b) => a.opens.day - b.opens.day);
        all(function (i) {
          let [p, at, latest] = [0, 0, -1];
          for (const one of sorted) {
            const ago = cal.years[i] - one.year;
            if (ago === 0 || ago === 1) p = Math.max(p, one.opens.on[i] * (1 - one.closes.on[i]));
            if (one.closes.day <= world[i]) at++;
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
          else if (closed && season) expect(i, season.opens.on[i]);
          else if (opened && season) {
            const over = season.closes.on[i];
            if (over >= max_closed && day > opened[0]) expect(i, 1 - over, { evidence: 'expected' });
            else observe(i, opened, 1, 'open');
          }
        });
      }
      function stops() {
        for (const [first, last, reason, confidence, cite] of row.stops || []) {
          if (!dated && reason !== 'holiday') continue;
          const span = { first: iso(first) };
          if (last !== null && last !== first) span.last = iso(last);
          const form = last === null ? '_since' : span.last ? '_until' : '';
          const because = ['because.suspended' + form, span];
          const origin = { evidence: dated ? 'observed' : 'scenario', confidence, sources: cited[cite] };
          each(first, last, (i) => shut(i, reason, because, origin));
        }
        const short = dated ? row.short || [] : [];
        for (const day of short) each(day, day, (i) => put(i, { limited: 'short_hours' }));
      }
      function holidays() {
        const here = data.holidays.filter((r) => matches(r.for[0], row.x, x.cp) && matches(r.for[1], x.mode));
        const own = (row.stops || []).filter((stop) => stop[2] === 'holiday').map((stop) => stop[0]);
        for (const rule of new Map(here.map((r) => [r.key, r])).values()) {
          for (const [first, last] of rule.spans) {
            if (!rule.weekly && own.some((day) => Math.abs(day - first) <= near_days)) continue;
            const again = (row.resumed || []).filter((day) => first < day && day <= last);
            const values = { holiday: rule.title, share: rint(100 * rule.chance) + '' };
            if (!rule.weekly) Object.assign(values, { first: iso(first), last: iso(last) });
            const end = Math.min(last, ...again.map((day) => day - 1));
            each(first, end, (i) => rest(i, rule, values));
          }
        }
      }
      function rest(i, rule, values) {
        const evidence = out.evidence[i] === 'scenario' ? 'scenario' : 'expected';
        const [p, reason] = [out.p[i] * (1 - rule.chance), rule.weekly ? 'day_off' : 'holiday'];
        if (!out.open[i]) return put(i, { p });
        const risk = ['because.risk', { ...values, because: out.because[i] }];
        if (rule.chance < stop_from) return put(i, { p: Math.max(p, open_from), evidence, because: risk });
        const most = Math.min(p, open_from - lowest);
        const origin = { evidence, confidence: 'estimated', sources: cited[rule.source] };
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
        for (const day of [...(row.seen_closed || []), ...(row.seen_open || [])]) {
          each(day, day, function (i) {
            const open = (row.seen_closed || []).includes(day) ? 0 : 1;
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
        const because = ['because.scenario', { name: c.by || s.name || inline(c), change: c }];
        const other = c.like && baseline(c.like, row.t, s, cal);
        all(function (i) {
          const unknown = out.evidence[i] === 'unknown';
          if (!holds(c, on[i]) || (c.close && !out.open[i] && !unknown)) return;
          // Only opening and closing make the status known.
          const values = { because, sources: [], evidence: 'scenario' };
          const now = c.open ? 1 : 0;
          if (c.open || c.close) Object.assign(values, { open: now, p: now, reason: 'scenario' });
          else if (unknown) values.evidence = 'unknown';
          if (c.limit_t !== undefined) values.mass = out.mass[i] <= c.limit_t ? out.mass[i] : c.limit_t;
          if (c.capacity_share) values.share = c.capacity_share;
          if (c.capacity_share < 1) values.limited = 'quota';
          if (other) Object.assign(values, { open: other.open[i], p: other.p[i] });
          if (other && !other.open[i]) values.reason = other.reason[i];
          if (other && other.evidence[i] === 'unknown') values.evidence = 'unknown';
          if (c.delay_days === undefined) put(i, { ...values, wait: c.wait_h, border: c.border_h });
        });
      }
      function add(c) {
        const because = ['because.scenario', { name: c.by || s.name || inline(c), change: c }];
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
          if (expected && !GONE.includes(out.reason[i]))
            out.p[i] = Math.min(highest, Math.max(lowest, out.chance[i]));
          const seen = (row.seen_open || []).includes(on[i]);
          if (tier === 'observed' && out.open[i] && !seen) out.p[i] = highest;
        });
        out.status = function (i) {
          if (out.evidence[i] === 'unknown' && !s.assume) return 'unknown';
          return !out.open[i] ? 'closed' : out.limited[i] ? 'limited' : 'open';
        };
        return out;
      }
    }
    // A scenario laid over the services and the roads.
    function lay(scenario, options = {}) {
      const s = { ...normal(scenario) };
      s.warming = warmingOf(s.change);
      const there = s.day && (s.world || data.record_year) + '-' + s.day;
      const asked = there ? [dayOf(real(there))] : options.days || days;
      const laid = { scenario: s, cal: calendarOf(asked, s.world || 0), days: asked, memo: new Map() };
      laid.limits = s.regime || s.world ? [] : data.road_limits;
      const [crossings, rows] = [[...data.crossings], [...data.services]];
      for (const { add, traffic } of s.change.filter((c) => c.add && c.add.kind === 'crossing')) {
        const { a, b } = data.checkpoints[add.checkpoint];
        const size = { km: add.length_km, min: add.travel_min };
        const x = { id: addedId(add), cp: add.checkpoint, mode: add.mode, a, b, ...size };
        const kinds = new Set(add.admits.map((id) => data.vehicles[id].t));
        crossings.push(x);
        rows.push(...[...kinds].filter((t) => !traffic || t === traffic).map((t) => addedRow(add, x, t)));
      }
      const byId = new Map(crossings.map((x) => [x.id, x]));
      const ruled = (row, crossing) => ({ row, crossing, ...service(row, crossing, s, laid.cal) });
      const rules = rows.map((row) => ruled(row, byId.get(row.x)));
      const roads = s.change.filter((c) => c.add && c.add.kind === 'road');
      const roadChanges = s.change.filter((c) => c.road || (roads.includes(c) && c.days));
      const onLand = s.change.filter((c) => c.vehicle || roads.includes(c));
      const landKey = onLand.map(content).join('|');
      const extra = roads.map(addedRoad);
      laid.winter = data.road_seasons.map((_, key) => roadSeason(laid.cal, key, s.warming, 0));
      return Object.assign(laid, { crossings, byId, services: rules, roadChanges, landKey, extra });
    }
    function addedRow({ admits, max_mass_t: mass, border_h: bo = 6.5, wait_h: wait = 0 }, x, t) {
      const place = ([ids, modes]) => matches(ids, x.id, x.cp) && matches(modes, x.mode);
      const gap = data.gaps.filter((one) => place(one) && [t, 'both'].includes(one[2]));
      const usual = { conf: 'estimated', source: data.estimate, bo, bi: bo, wait, mass, gap: [] };
      usual.gap = gap.map((one) => one.slice(3));
      const row = { x: x.id, t, kind: SEASONAL.includes(x.mode) ? 'season' : 'all_year' };
      const [seasons, blind] = (data.added[x.id] || {})[t] || [];
      return { ...usual, ...row, seasons, blind, admits: admits.filter((id) => data.vehicles[id].t === t) };
    }
    function addedRoad({ add }) {
      const [a, b] = [index.get(add.from), index.get(add.to)];
      const kind = { kind: 'road', class: add.class || 'primary', surface: add.surface || 'asphalt' };
      return { ...STREET, ...kind, id: addedId(add) + ':added', a, b, km: add.length_km };
    }
    function roadSeason(cal, key, warming, delay) {
      return keep(others, ['road', cal.key, key, warming, delay].join('|'), function () {
        const shift = warmed('ice_road', '', warming);
        const open = new Uint8Array(cal.n);
        for (const [year, , ...turns] of shift ? data.series[data.road_seasons[key].seasons] : []) {
          const moves = [shift[0] + delay, shift[1]].map(rint);
          const [opens, closes] = turnsOf(cal, year, turns.slice(0, 2), moves);
          for (const i of open.keys()) if (opens.on[i] * (1 - closes.on[i]) >= open_from) open[i] = 1;
        }
        return open;
      });
    }
    // Open winter roads, changes of single roads (id, action, value), and which edges are open.
    function roadsOn(laid, i) {
      const [{ cal, roadChanges, limits }, on] = [laid, laid.days[i]];
      const seasons = laid.winter.map((open) => open[i]);
      const now = roadChanges.filter((c) => holds(c, on) !== Boolean(c.add));
      const edits = now.map((c) => edit(c, laid, i));
      for (const [first, last, one] of limits) if (first <= on && on <= last) edits.push(one);
      edits.sort((a, b) => (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : a[2] - b[2]));
      const key = seasons.join('') + (edits.length ? JSON.stringify(edits) : '');
      return keep(others, 'open' + key, function () {
        const open = Uint8Array.from(edges, (e) => (e.season < 0 || seasons[e.season] ? 1 : 0));
        for (const [id, action] of edits) if (action === 'open') open[edgeAt.get(id)] = 1;
        for (const [id, action] of edits) if (action === 'close') open[edgeAt.get(id)] = 0;
        return { open, edits, key };
      });
    }
    function edit(c, { cal, scenario: s }, i) {
      if (c.add) return [addedId(c.add) + ':added', 'close', 0];
      const action = actionOf(c);
      if (action !== 'delay_days' && !c.like) return [c.road, action, c[action] === true ? 0 : c[action]];
      const usual = edges[edgeAt.get(c.road)].season;
      const key = c.like ? data.road_seasons.findIndex((one) => one.key === c.like) : usual;
      const season = () => roadSeason(cal, key, s.warming, c.delay_days || 0);
      const open = base.has(c.like) ? baseline(c.like, '', s, cal).open : season();
      return [c.road, open[i] ? 'open' : 'close', 0];
    }
    // Roads and railways of a vehicle on a day, both ways, as lists of node, key and edge.
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
      return keep(nets, key, () => build(laid, vehicle, roads, shut, key), 300);
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
        const inUse = e.kind === 'railway' && e.status === 'in_use' && e.class !== 'high_speed';
        if (roads.open[k] === 0 || close !== undefined || (e.traffic && e.traffic !== v.t)) return;
        const usual = speeds[(e.kind === 'railway' ? 'rail_' : '') + e.class + '|' + e.surface];
        const hours = e.kind === 'transfer' ? data.transfer_h : e.km / (speed_kmh ?? speed_factor * usual);
        if (e.kind === 'road') streets.push([e.a, e.b, hours, k]);
        const bears = v.mass <= Math.min(e.mass ?? Infinity, limit_t ?? Infinity);
        if (v.rail ? inUse || e.kind === 'transfer' : e.kind === 'road' && bears) spent[k] = hours;
      });
      const carried = v.rail ? drayage(streets, all) : [];
      all.push(...carried);
      spent.push(...carried.map((e) => e.hours));
      const [out, back, seconds] = [nodes.map(() => []), nodes.map(() => []), spent.map(wholeSeconds)];
      all.forEach(function ({ a, b, oneway }, k) {
        if (Number.isNaN(spent[k]) || shut.includes(a) || shut.includes(b)) return;
        join(out, back, a, b, seconds[k] * (KEY + 1), k);
        if (!oneway) join(out, back, b, a, seconds[k] * (KEY + 1), k);
      });
      return { key, edges: all, seconds, out, back };
    }
    function join(out, back, a, b, key, k) {
      out[a].push(b, key, k);
      back[b].push(a, key, k);
    }
    // By truck from each town without a freight station to the nearest one in its country.
    function drayage(streets, ways) {
      const lists = nodes.map(() => []);
      for (const [a, b, hours, k] of streets) join(lists, lists, a, b, hours, k);
      const yards = new Map(edges.filter((e) => e.kind === 'transfer').map((e) => [e.a, e.b]));
      const { d, from, via } = search(lists, null, yards.keys());
      const made = [];
      nodes.forEach(function (node, a) {
        if (from[a] < 0 || node.k === 'terminal') return;
        let [km, at] = [0, a];
        for (; from[at] >= 0; at = from[at]) km += ways[via[at]].km;
        made.push({ ...STREET, kind: 'drayage', a, b: yards.get(at), km, hours: d[a] + data.transfer_h });
      });
      return made;
    }
    const isAt = (id, [kind, name]) => kind !== 'place' && [id, ...id.split(':')].includes(name);
    const serviceOf = (laid, edge) => laid.services[(-edge - 1) >> 1];
    const canTake = ({ row, mass }, vehicle, i) =>
      row.admits.includes(vehicle) && !(mass[i] < data.vehicles[vehicle].mass);
    // Border arcs that a vehicle can use on a day, with edge numbers below zero: all that leave home come first.
    function border(laid, vehicle, i, { avoid = [], border: set = {} } = {}) {
      const key = JSON.stringify([vehicle, i, avoid, set]);
      return keep(laid.memo, key, () => arcsOf(laid, vehicle, i, avoid, set));
    }
    function arcsOf(laid, vehicle, i, avoid, set) {
      const [v, both] = [data.vehicles[vehicle], [[], []]];
      laid.services.forEach(function (s, k) {
        const { row, crossing: x } = s;
        if (row.t !== v.t || !s.open[i] || !canTake(s, vehicle, i)) return;
        if (avoid.some((target) => isAt(row.x, target))) return;
        const given = set[row.x];
        const [hours, wait, error] = [given ?? s.border[i], s.wait[i] || 0, given === undefined && row.error];
        for (const way of [0, 1]) {
          const [a, b, usual] = way ? [x.b, x.a, row.bi] : [x.a, x.b, row.bo];
          const control = Number.isNaN(hours) ? usual || 0 : hours;
          const seconds = wholeSeconds(x.min / 60 + control + wait);
          both[way].push({ a, b, s: seconds, k, x, edge: -1 - 2 * k - way, border: control, wait, error });
        }
      });
      const arcs = both[0].concat(both[1]);
      return Object.assign(arcs, { sign: arcs.map((arc) => [arc.edge, arc.s, arc.a].join()).join(';') });
    }
    // Dijkstra's algorithm; the queue has the smallest key last.
    function search(lists, extra, starts) {
      const d = new Float64Array(nodes.length).fill(Infinity);
      const [from, via] = [new Int32Array(nodes.length).fill(-1), new Int32Array(nodes.length)];
      const queue = [];
      for (const start of starts) push(0, start);
      while (queue.length) {
        const [key, here] = queue.pop();
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
      function push(key, to) {
        if (key >= d[to]) return false;
        d[to] = key;
        let [low, high] = [0, queue.length];
        while (low < high) {
          const middle = (low + high) >> 1;
          if (queue[middle][0] > key) low = middle + 1;
          else high = middle;
        }
        queue.splice(low, 0, [key, to]);
        return true;
      }
    }
    const over = (net, a) => keep(trees, net.key + '|' + a, () => search(net.out, null, [a]), 5000);
    function onward(net, arcs, end) {
      const lists = new Map();
      const add = (arc) => keep(lists, arc.b, () => []).push(arc.a, arc.s * KEY, arc.edge);
      const make = () => arcs.forEach(add) || search(net.back, lists, [end]);
      return keep(trees, [net.key, end, arcs.sign].join('|'), make, 5000);
    }
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
      const breaks = nights * times(daily, continuous) + times(driven - nights * daily, continuous);
      return nights * night + breaks * pause;
    }
    const total = (key, rest) => (key === Infinity ? key : Math.floor(key / KEY) + rested(rest, key % KEY));
    // Seconds by the best way, by each border arc taken first, and without any.
    const pair = (laid, vehicle, a, b, ...rest) => cells(laid, vehicle, [a], [b], ...rest)[0][0];
    function solve(net, arcs, vehicle, a, b, options) {
      const [out, on, rest] = [over(net, a), onward(net, arcs, b), restOf(vehicle, a, b, options)];
      const domestic = nodes[a].side === nodes[b].side;
      const cross = options.transit !== false || !domestic;
      const key = (arc) => (cross ? out.d[arc.a] + arc.s * KEY + on.d[arc.b] : Infinity);
      const by = arcs.map((arc) => total(key(arc), rest));
      const direct = total(out.d[b], rest);
      let [first, seconds] = [-1, direct];
      for (let k = 0; k < by.length; k++) if (by[k] < seconds) [seconds, first] = [by[k], k];
      const { factors } = data.vehicles[vehicle];
      const best = first < 0 ? { x: null, key: NaN } : { ...arcs[first], key: key(arcs[first]) };
      return { ...best, seconds, first, by, arcs, out, on, direct, rest, factors, domestic };
    }
    function cells(laid, vehicle, starts, ends, i, options = {}) {
      const [net, arcs] = [land(laid, vehicle, i, options), border(laid, vehicle, i, options)];
      return starts.map((a) => ends.map((b) => solve(net, arcs, vehicle, a, b, options)));
    }
    const matrix = (...asked) => cells(...asked).map((row) => row.map((found) => found.seconds));
    // Each pair in a base case and now (scenario, position of the day, options), and the change.
    function contrast(vehicle, starts, ends, base, now) {
      const ask = ([laid, ...asked]) => cells(laid, vehicle, starts, ends, ...asked);
      const usual = ask(base);
      const pairOf = (usual, now) => ({ usual, now, change: changeOf(usual, now) });
      const found = now.every((one, k) => one === base[k]) ? usual : ask(now);
      return usual.map((row, at) => row.map((one, k) => pairOf(one, found[at][k])));
    }
    // A difference that may be nought within the errors of the estimates is none.
    function changeOf(before, after) {
      const [usual, delta] = [before.seconds / 3600, (after.seconds - before.seconds) / 3600];
      if (!Number.isFinite(delta))
        return usual < Infinity ? 'lost' : after.seconds < Infinity ? 'gained' : 'same';
      if (Math.abs(delta) < data.limits.same_h && 100 * Math.abs(delta) < data.limits.same_pct * usual)
        return 'same';
      const shift = (factor) => (movedBy(after, factor) - movedBy(before, factor)) / 3600 || 0;
      const shifts = before.factors.map((factor) => shift(factor) - shift(1));
      // Between places on one side a second crossing is used, which may be another one.
      const differ = before.domestic || (before.x && before.x.id) !== (after.x && after.x.id);
      const [one, other] = [before, after].map(({ error }) => (differ && error) || [0, 0]);
      const below = Math.hypot(one[1], other[0], Math.max(0, -Math.min(...shifts)));
      const above = Math.hypot(one[0], other[1], Math.max(0, ...shifts));
      return delta > below ? 'slower' : delta < -above ? 'faster' : 'same';
    }
    // Seconds of the best way by a crossing if driving takes a multiple of its time.
    function movedBy({ key, rest, border: control }, factor) {
      const [whole, driven] = [Math.floor(key / KEY), key % KEY];
      const drive = rest ? driven : Math.max(0, whole - 3600 * control);
      return whole + (factor - 1) * drive + rested(rest, factor * driven);
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
      const vary = (steps, at) => wayOf(best.flatMap((one, k) => (k === at ? steps : one)));
      let made = stretches.flatMap((list, at) => list.map((steps) => vary(steps, at)));
      made = made.filter((way) => via.every((target) => takes(way, target)));
      const domestic = data.by_side ? nodes[a].side === nodes[b].side : over(net, a).d[b] < Infinity;
      const land_ = made.filter((way) => !way.crossings.length).map((way) => way.seconds);
      const longest = transit ? data.limits.stretch * Math.min(Infinity, ...land_) : 0;
      made = made.filter((way) => !domestic || !way.crossings.length || way.seconds <= longest);
      const name = (way) => way.crossings.join('\u0001');
      made.sort((x, y) => x.seconds - y.seconds || (name(x) < name(y) ? -1 : name(x) > name(y) ? 1 : 0));
      const once = new Map();
      const few = made.filter((way, at) => !at || way.crossings.length <= 2);
      for (const way of few) keep(once, way.crossings[0], () => way);
      for (const way of few) way.transit = domestic && way.crossings.length > 0;
      return [...once.values()].slice(0, k);
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
      const passes = (step) => step.includes(index.get(target[1]), 1);
      return target[0] === 'place' ? way.steps.some(passes) : way.crossings.some((id) => isAt(id, target));
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
          const [km, drive] = [last.km + e.km, last.drive + seconds];
          Object.assign(last, { km, drive, seconds: last.seconds + seconds, b });
          return last.edges.push([edge, a, b]);
        }
        const one = { a, b, seconds, edges: [[edge, a, b]] };
        if (!s) return made.push({ ...one, mode: e.mode, ref: e.ref, km: e.km, drive: seconds });
        const { crossing, row } = s;
        const known = { p: s.p[i], evidence: s.evidence[i], crossing };
        const spent = { drive: crossing.min * 60, border: arc.border * 3600, wait: arc.wait * 3600 };
        return made.push({ ...one, ...known, ...spent, mode: crossing.mode, ref: row.x, km: crossing.km });
      });
      return made;
    }
    function certainty(laid, way, i) {
      const used = way.steps.filter((step) => step[0] < 0).map((step) => serviceOf(laid, step[0]));
      const evidence = TIERS[Math.max(-1, ...used.map((s) => TIERS.indexOf(s.evidence[i])))] || null;
      return { p: Math.min(1, ...used.map((s) => s.p[i])), evidence };
    }
    // The cost of a way; null, with what is missing, if a rate that applies is not known.
    function cost(laid, vehicle, way) {
      const { rates } = data.vehicles[vehicle];
      const missing = new Set();
      let known = 0;
      for (const [edge, a] of way.steps) {
        const x = edge < 0 ? serviceOf(laid, edge).crossing : null;
        const { kind = 'crossing', km } = x || way.net.edges[edge];
        const country = nodes[a].c;
        const toll = (rate) => (rate[3] ? rate[3] === x.id : rate[2] === x.mode);
        const fixed = kind === 'transfer' || kind === 'drayage' ? 0.5 : null;
        const parts = { per_km: kind === 'transfer' ? null : km, fixed, toll: x ? 1 : null };
        for (const [what, quantity] of Object.entries(parts)) {
          if (quantity === null) continue;
          const mine = rates.filter((rate) => rate[0] === what && rate[1] === country);
          const found = what === 'toll' ? mine.filter(toll) : mine;
          const price = found.length ? found[found.length - 1][4] : null;
          if (price === null) missing.add(what + ':' + (what === 'toll' ? x.id : country));
          else known += price * quantity;
        }
      }
      const [sum, codes] = [rint(known), [...missing]];
      const atLeast = codes.length && sum > 0 ? sum : null;
      return { cost: codes.length ? null : sum, atLeast, missing: codes };
    }
    function ways(found, limit) {
      const near = new Set(found.arcs.filter((_, k) => found.by[k] <= limit).map((arc) => arc.x));
      return { all: near.size, own: [...near].filter((x) => data.checkpoints[x.cp].own).length };
    }
    // Every day for a pair; days that are alike are solved once.
    function year(laid, vehicle, a, b, options = {}) {
      const t = data.vehicles[vehicle].t;
      const changed = keep(laid.memo, t, () => laid.days.map((_, i) => !i || differs(laid, t, i)));
      const known = new Map();
      let found = null;
      return laid.days.map(function (_, i) {
        if (changed[i]) {
          const [net, arcs] = [land(laid, vehicle, i, options), border(laid, vehicle, i, options)];
          found = keep(known, net.key + arcs.sign, () => solve(net, arcs, vehicle, a, b, options));
        }
        const { seconds, first, arcs } = found;
        const s = first < 0 ? null : laid.services[arcs[first].k];
        const p = s ? s.p[i] : seconds < Infinity ? 1 : 0;
        return { seconds, x: s && s.crossing, p };
      });
    }
    function differs(laid, t, i) {
      if (roadsOn(laid, i).key !== roadsOn(laid, i - 1).key) return true;
      const names = ['open', 'mass', 'wait', 'border'];
      const moved = (s) => names.some((name) => !Object.is(s[name][i], s[name][i - 1]));
      return laid.services.some((s) => s.row.t === t && moved(s));
    }
    function waiting(all, i) {
      const leave = (one, j) => ({ ...one, i: j, days: j - i, total: (j - i) * DAY + one.seconds });
      const best = least(all.map(leave).slice(i + 1), (one) => one.total);
      return best && best.total < all[i].seconds ? best : null;
    }
    const inside = { data, nodes, edges, edgeAt, index, base, concerns, service, calendarOf };
    const core = { ...inside, lay, land, border, legs, over, trace, restOf, rested, isAt, KEY };
    const questions = { lay, pair, routes, legs, certainty, cost, ways, year, waiting, matrix, contrast };
    const known = { data, index, canTake, days, edges, caches, GONE, STRETCH: data.limits.stretch };
    return { ...questions, ...root.PageScenario.Grammar(core), ...root.PageOutlook(core), ...known };
  }
  root.PageEngine = { Engine, Refusal, actionOf, targetOf, inline, toToml, iso, dayOf, unpack };
})(globalThis);
