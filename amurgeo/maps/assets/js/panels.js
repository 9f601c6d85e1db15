// The panels: the question, the answer, the crossings with what can be changed, routes, changes and the matrix.
window.PagePanels = function (app) {
  'use strict';
  // The chance below which a route is coloured, and from which it is not told.
  const [UNSURE, SURE] = [0.9, 0.995];
  const ADDED = { kind: 'crossing', length_km: 1.5, travel_min: 5, wait_h: 0 };
  const ADDED_MODES = ['bridge', 'ferry', 'pontoon', 'ice_road'];
  const STATUSES = ['open', 'limited', 'closed', 'unknown'];
  const LOOKS = { lost: 'worse', slower: 'worse', gained: 'better', faster: 'better', same: '' };
  const LEG_COLUMNS =
    'rank crossing total_h length_km probability_open evidence from to mode ref leg_km leg_h'.split(' ');
  const STATUS_COLUMNS =
    'date crossing traffic status reason because probability_open evidence max_mass_t'.split(' ');
  const { ui, data, E, S, V, Engine, Glyph, say, number, hours, hoursUnit, percent, length } = app;
  const { dateOf, set, ask, replace, nameOf, wayName, checkpointName, crossingName, isOpen, inUse } = app;
  const { has, keep } = window.PageScenario;
  const section = (name, title, ...body) => ui`<section class=${name}><h2>${title}</h2>${body}</section>`;
  const link = (text, run, more) =>
    ui`<button type="button" class="text noprint" onclick=${run} ...${more}>${text}</button>`;
  const field = (label, box, look = '') =>
    ui`<label class="field ${look}"><span>${label}</span>${box}</label>`;
  const input = (label, attributes, look) => field(label, ui`<input ...${attributes} />`, look);
  const list = function (pairs, chosen, pick, more) {
    const option = ([value, text]) =>
      ui`<option value=${value} selected=${String(value) === String(chosen)}>${text}</option>`;
    return ui`<select onchange=${({ target }) => pick(target.value, target)} ...${more}>${pairs.map(option)}</select>`;
  };
  const select = (label, ...rest) => field(label, list(...rest));
  function adding(label, pairs, add) {
    const pick = (value, box) => add(value, (box.value = ''));
    return select(label, [['', say('ask.add')], ...pairs], '', pick);
  }
  const chip = ([name, remove]) =>
    ui`<li><span>${name}</span><button type="button" class="noprint" onclick=${remove}
      aria-label=${say('answer.remove', { name })}>×</button></li>`;
  const chipList = (all, more) => all.length > 0 && ui`<ul class="chips" ...${more}>${all.map(chip)}</ul>`;
  const column = (text) => (text ? ui`<th scope="col">${text}</th>` : ui`<td></td>`);
  const cellOf = (cell) => (cell && cell.type === 'td' ? cell : ui`<td>${cell}</td>`);
  // A table of cells; the first of a row is its heading.
  const rowOf = ([first, ...cells]) => ui`<tr><th scope="row">${first}</th>${cells.map(cellOf)}</tr>`;
  const table = (head, rows) =>
    ui`<table>${head && ui`<thead><tr>${head.map(column)}</tr></thead>`}<tbody>${rows.map(rowOf)}</tbody></table>`;
  function marked({ service }) {
    const [{ cp, mode }, status] = [service.crossing, service.status(V.i)];
    const small = [say('short.' + mode), say('status.' + status)].join(' · ');
    return ui`<span class="marked"><${Glyph} mode=${mode} status=${status} />
      <span>${checkpointName(cp)}<small>${small}</small></span></span>`;
  }
  function placeIn(box) {
    const found = app.find(box.value);
    if (!found && box.value.trim()) set({ note: say('ask.unknown', { name: box.value }) });
    return found || null;
  }
  function place(which) {
    const name = S[which] ? nameOf(S[which]) : '';
    const changed = function ({ target }) {
      const found = placeIn(target);
      if (found) ask({ [which]: found.id });
      else if (target.value.trim()) target.value = name;
      else set({ [which]: '', view: S.view === 'routes' ? 'network' : S.view });
    };
    const pin = ui`<b class=${'pin pin-' + which} aria-hidden="true">${which === 'to' ? 'B' : 'A'}</b>`;
    const box = ui`<input list="page-places" key=${which + S[which] + S.lang} value=${name}
      placeholder=${say('ask.choose')} autocomplete="off" onchange=${changed}
      onfocus=${(event) => event.target.select()} />`;
    return field([pin, say('ask.' + which)], box, 'place');
  }
  function Ask() {
    const vehicles = Object.entries(data.vehicles).map(([id, vehicle]) => [id, vehicle.name[S.lang]]);
    const names = () => ui`<datalist id="page-places">
      ${app.settlements.map((node) => ui`<option value=${node.n[S.lang]}></option>`)}</datalist>`;
    const days = { min: Engine.iso(data.first), max: Engine.iso(data.first + data.n - 1) };
    const moved = ({ target }) => target.value && set({ i: app.clamp(Engine.dayOf(target.value)) });
    const day = { type: 'date', value: Engine.iso(data.first + S.i), ...days, onchange: moved };
    const swap = () => set({ from: S.to, to: S.from, way: 0 });
    return ui`<form class="ask" onsubmit=${(event) => event.preventDefault()}>
      ${place('from')}
      <button type="button" class="swap" title=${say('ask.swap')} onclick=${swap} aria-label=${say('ask.swap')}>
        ⇅</button>
      ${place('to')}
      ${select(say('ask.vehicle'), vehicles, S.vehicle, (vehicle) => set({ vehicle, way: 0 }))}
      ${input(say('ask.day'), day)}
      ${app.once('names', S.lang, names)}
      ${V.pair && ui`<${More} />`}
    </form>`;
  }
  function More() {
    const targets = Object.keys(data.checkpoints).map((id) => ['checkpoint=' + id, checkpointName(id)]);
    const passing = function (which) {
      const without = (item) => set({ [which]: S[which].filter((other) => other !== item), way: 0 });
      const chips = S[which].map((item) => [app.nameOfTarget(...item), () => without(item)]);
      const add = (value) => app.pass(which, value.split('='));
      return [adding(say('ask.' + which), targets, add), chipList(chips)];
    };
    const used = S.via.length || S.avoid.length || S.depart || S.drivers > 1;
    const leave = ({ target }) => set({ depart: target.value.slice(0, 5) });
    const crew = [1, 2].map((count) => [count, count]);
    return ui`<details class="more" open=${Boolean(used)}>
      <summary>${say('ask.more')}</summary>
      <div class="fields">
        ${input(say('ask.depart'), { type: 'time', value: S.depart, onchange: leave })}
        ${select(say('ask.drivers'), crew, S.drivers, (count) => set({ drivers: Number(count) }))}
        ${passing('via')} ${passing('avoid')}
      </div>
    </details>`;
  }
  function Difference() {
    if (!V.changed) return null;
    const more = Math.abs(V.now.seconds - V.usual.seconds);
    const values = { hours: hoursUnit(V.usual.seconds), crossing: wayName(V.usual.x) };
    const word = V.change === 'same' && more > 0 ? 'within' : V.change;
    const words = say('answer.' + word, { ...values, more: hoursUnit(more) });
    return ui`<p><strong class=${LOOKS[V.change]}>${words}</strong></p>`;
  }
  function Later({ days, i, seconds, x }) {
    const values = { days: number(days), date: app.date(i), hours: hoursUnit(seconds) };
    const words = say('answer.later', { ...values, crossing: wayName(x) });
    return ui`<p>${link(words, () => set({ i }))}<span class="onlyprint">${words}</span></p>`;
  }
  function PairAnswer() {
    const wait = V.later && ui`<${Later} ...${V.later} />`;
    const none = ui`<p class="big none">${say('route.none')}</p>`;
    if (V.now.seconds === Infinity) return [none, ui`<${Difference} />`, wait, ui`<${Carried} />`];
    const unsure =
      V.ways[0] && V.ways[0].p < SURE ? say('answer.chance', { share: percent(V.ways[0].p) }) : '';
    const count = (word, { all, own }) => say(word, { n: all, own });
    const differs = V.changed && (V.left.all !== V.leftUsual.all || V.left.own !== V.leftUsual.own);
    const counts = [count('answer.left', V.left), differs && count('answer.left_usual', V.leftUsual)];
    return ui`<p class="big"><b>${hoursUnit(V.now.seconds)}</b> ${wayName(V.now.x)}
        <small> ${unsure}</small></p>
      <${Difference} /><p>${counts.filter(Boolean).join(' · ')}</p>${wait}
      ${S.depart && ui`<${Trip} />`}<${Carried} />`;
  }
  // What the package computed by day: hours in queues under the first changes, the promise of the question.
  function Carried() {
    const { queues, promise, asked } = app.carried;
    const [changes, journey] = app.askedFor(V.items).map((key, part) => key === asked[part]);
    const kept = promise && changes && journey;
    const barred = promise && (S.via.length > 0 || S.avoid.length > 0 || !S.transit);
    const texts = [queues && changes && queued(queues), ...(kept ? promised(promise) : [])];
    if (barred) texts.push(say('carried.none'));
    if ((queues && !changes) || (promise && !kept && !barred))
      texts.push(say('carried.other', { command: command(!barred && promise) }));
    return texts.filter(Boolean).map((text) => ui`<p class="hint carried">${text}</p>`);
  }
  const begun = ([, day]) => day <= S.i;
  const numberOn = (line) => Engine.unpack(line, 1).filter(begun).pop()[0];
  function queued(lines) {
    const crossings = V.chosen ? V.chosen.route.crossings : [];
    const isKnown = (id) => V.traffic === 'cargo' && has(lines, id);
    const amounts = crossings.map((id) => (isKnown(id) ? numberOn(lines[id]) : -1));
    const total = hoursUnit(amounts.reduce((sum, amount) => sum + amount, 0));
    const values = { crossing: crossings.map(crossingName).join(', '), hours: total, date: app.date(S.i) };
    return crossings.length > 0 && say('carried.' + (amounts.includes(-1) ? 'unknown' : 'queue'), values);
  }
  function promised({ crossings, sentences, ...lines }) {
    const [p50, p90, share, at] = ['p50', 'p90', 'share', 'taken'].map((name) => numberOn(lines[name]));
    const [p50_h, p90_h] = [p50, p90].map((amount) => (amount < 0 ? '∞' : hours(amount)));
    const crossing = at < 0 ? app.EMPTY : crossingName(crossings[at]);
    const values = { destination: nameOf(S.to), day: app.date(S.i), p50_h, p90_h, crossing, share };
    return [say('promise.day', values), app.text(sentences)];
  }
  function command(promise) {
    const place = (id) => (app.nodeOf(id).k === 'point' ? app.nodeOf(id).at.join() : id);
    const words = V.items.some((item) => item.add) ? 'scenario.toml' : app.wordsOf(V.items);
    const { vehicle, drivers, depart, transit } = S;
    const one = { on: Engine.iso(V.day), vehicle, drivers, depart, scenario: words && `"${words}"` };
    const more = { promise, by: promise && promise.by, queues: app.carried.queues, 'no-transit': !transit };
    const passed = ['via', 'avoid'].flatMap((name) => S[name].map(([, id]) => [name, id]));
    const given = [...Object.entries({ ...one, ...more }), ...passed].filter(([, value]) => value);
    const plain = (value) => (['string', 'number'].includes(typeof value) ? ' ' + value : '');
    const options = given.map(([name, value]) => '--' + name + plain(value)).join(' ');
    return `amurgeo map routes ${place(S.from)} ${place(S.to)} ${options} -o page.html`;
  }
  function Trip() {
    const { trip } = V;
    if (!trip) return ui`<p class="worse">${say('answer.no_trip', { time: S.depart })}</p>`;
    const clock = function (place, utc) {
      const [day, time] = E.clock(E.index.get(place), utc).split('T');
      return dateOf(Engine.dayOf(day), true) + ' ' + time;
    };
    const ends = { leaves: clock(S.from, trip.leaves), arrives: clock(S.to, trip.arrives) };
    const waits = trip.wait > 0 ? ' · ' + say('route.wait') + ' ' + hoursUnit(trip.wait) : '';
    return ui`<p>${say('answer.trip', { ...ends, hours: hoursUnit(trip.total) }) + waits}</p>`;
  }
  function NetworkAnswer() {
    const own = inUse(true);
    const count = (fits) => own.filter(({ service }) => fits(service.status(V.i))).length;
    const unknown = count((status) => status === 'unknown');
    const [next] = own
      .map((item) => ({ ...item, ...ahead(item.k) }))
      .filter((item) => item.change && item.p50 !== null)
      .sort((a, b) => a.p50 - b.p50);
    const change = next && { change: say('change.' + next.change), date: dateOf(next.p50) };
    const soon = next && say('answer.next', { crossing: crossingName(next.service.crossing.id), ...change });
    const words = [soon, unknown > 0 && say('answer.unknown', { n: unknown })];
    const about = say('answer.open', { traffic: say('traffic.' + V.traffic), home: app.text(data.home) });
    return ui`<p class="big"><b>${count(isOpen)} / ${own.length}</b> ${about}</p>
      <p>${words.filter(Boolean).join(' · ')}</p>`;
  }
  function Chips() {
    const comparing = S.view === 'compare';
    if (!S.items.length && !comparing) return null;
    const chips = S.items.map((item) => [app.chip(item), () => replace((other) => other === item)]);
    const base = (id) => [id === 'baseline' ? '' : id, app.chip({ scenario: id })];
    const bases = Object.keys(data.scenarios).map(base);
    const holding = function (event) {
      if (event.type.startsWith('key') && ![' ', 'Enter'].includes(event.key)) return;
      event.preventDefault();
      const hold = ['pointerdown', 'keydown'].includes(event.type);
      if (hold !== S.hold) set({ hold });
    };
    const events = ['pointerdown', 'pointerup', 'pointerleave', 'keydown', 'keyup', 'blur'];
    const held = ui`<button type="button" class="hold noprint" aria-pressed=${String(S.hold)}
      title=${say('answer.hold_hint')} ...${Object.fromEntries(events.map((name) => ['on' + name, holding]))}
      >${say('answer.hold')}</button>`;
    const given = (name) => V.laid.scenario.change.some((item) => item[name] !== undefined);
    const idle = ['capacity_share', 'known_days'].filter(given).join(', ');
    return ui`<div class="chips-row">
      ${comparing && select(say('answer.base'), bases, S.base, (id) => set({ base: id }))}
      ${chipList(chips, { 'aria-label': say('answer.changes') })}
      ${(V.changed || S.hold) && [held, link(say('answer.reset'), () => set({ items: [], way: 0, note: '' }))]}
      ${!chips.length && ui`<span class="hint">${say('answer.no_changes')}</span>`}
      ${idle && ui`<span class="hint">${say('word.room_only', { name: idle })}</span>`}
    </div>`;
  }
  function Answer() {
    const vehicle = app.inside(data.vehicles[S.vehicle].name[S.lang]);
    const asked = [V.pair && nameOf(S.from) + ' → ' + nameOf(S.to), vehicle, dateOf(V.day)].filter(Boolean);
    const same =
      S.view === 'routes' ? ui`<p class="big">${say('answer.same_place')}</p>` : ui`<${NetworkAnswer} />`;
    return ui`<section class="answer" aria-live="polite">
      <p class="onlyprint asked">${asked.join(', ')}</p>
      ${V.pair ? ui`<${PairAnswer} />` : same}
      ${V.laid.days.length === 1 && ui`<p class="hint">${say('answer.regime', { date: dateOf(V.day) })}</p>`}
      <${Chips} />
      ${S.note && ui`<p class="note" role="alert">${S.note}</p>`}
    </section>`;
  }
  const ahead = (k) => (V.ahead[k] = V.ahead[k] || E.next(V.laid, k, V.i));
  const turns = (id) => (item) => item.crossing === id && !item.traffic && (item.close || item.open);
  function Row({ service, k }) {
    const { id, cp, mode } = service.crossing;
    const [i, status, name] = [V.i, service.status(V.i), crossingName(id)];
    const open = S.open === id || S.open === cp;
    const given = S.items.find(turns(id));
    const value = !given ? '' : given.days ? 'days' : given.close ? 'close' : 'open';
    const words = { '': 'usual', close: 'closed', open: 'open' };
    const choices = Object.entries(words).map(([action, word]) => [action, say('what.' + word)]);
    if (value === 'days') choices.push(['days', app.chip(given).split(' · ').slice(1).join(' ')]);
    const pick = (action) => replace(turns(id), action ? [{ crossing: id, [action]: true }] : []);
    const why = isOpen(status) ? say('status.' + status) : say('reason.' + service.reason[i]);
    const share = isOpen(status) && service.p[V.i] < SURE ? ' ' + percent(service.p[V.i]) : '';
    const more = { 'aria-expanded': String(open), 'aria-label': say('what.details', { name }) };
    return ui`<li class=${status} data-crossing=${id} data-status=${status}>
      <div class="row">
        <${Glyph} mode=${mode} status=${status} />
        <span class="who">${checkpointName(cp)}
          <small>${say('short.' + mode) + ' · ' + why + share}</small></span>
        ${list(choices, value, pick, { class: 'noprint', 'aria-label': name })}
        ${link(open ? '▴' : '▾', () => set({ open: open ? '' : id }), more)}
      </div>
      ${open && ui`<${Facts} service=${service} k=${k} /><${Changes} service=${service} />`}
    </li>`;
  }
  function facts({ service, k }, short) {
    const { row, crossing } = service;
    const [i, next, season] = [V.i, ahead(k), app.season(S.i)];
    const sum = () => service.open.subarray(...season).reduce((days, is) => days + is, 0);
    const dated = (value) => (value === null || value === undefined ? '' : dateOf(value, short));
    const span = (days) => days.map((one) => dateOf(one, true)).join(' – ');
    const range = next.p10 === next.p90 || short ? '' : ` (${span([next.p10, next.p90])})`;
    const change = next.change && say('change.' + next.change) + ' ' + dated(next.p50) + range;
    const [, works = []] = (data.hours[crossing.id] || []).filter(([since]) => since <= V.day).pop() || [];
    const clock = (minute) => number(Math.floor(minute / 60)) + ':' + String(minute % 60).padStart(2, '0');
    const cited = service.sources[i].filter((id) => has(data.sources, id));
    const sources = cited.map(function (id, place) {
      const [title, { address }] = [app.titleOf(id), data.sources[id]];
      const shown = address ? ui`<a href=${address} rel="noreferrer" target="_blank">${title}</a>` : title;
      return [place > 0 && '; ', shown];
    });
    return {
      counterpart: data.checkpoints[crossing.cp].cn[S.lang],
      because: app.explain(service.because[i]),
      limited: service.limited[i] && say('limited.' + service.limited[i]),
      evidence: say('evidence.' + service.evidence[i]) + ', ' + say('confidence.' + service.confidence[i]),
      chance: Number.isNaN(service.p[i]) ? '' : percent(service.p[i]),
      next: change || say('cross.no_change'),
      first_safe: dated(next.first_safe),
      last_safe: dated(next.last_safe),
      open_days: V.laid.days.length > 1 ? number(keep(service.memo, season[0], sum)) : '',
      stops: next.stops.slice(0, 3).map(span).join('; '),
      hours: works.map((ends) => ends.map(clock).join('–')).join(', ') || say('status.unknown'),
      mass: service.mass[i] > 0 ? number(service.mass[i]) + '\u00a0' + say('unit.t') : '',
      length: length(crossing.km),
      admits: row.admits.map((id) => app.nameOfTarget('vehicle', id)).join(', '),
      sources: sources.length ? sources : '',
    };
  }
  function Facts(item) {
    const known = Object.entries(facts(item)).filter(([, text]) => text);
    return ui`<dl class="facts">
      ${known.map(([name, text]) => ui`<dt>${say('cross.' + name)}</dt><dd>${text}</dd>`)}</dl>`;
  }
  function Changes({ service: { row, crossing } }) {
    const { id } = crossing;
    const add = function (event) {
      event.preventDefault();
      const [first, last] = ['first', 'last'].map((name) => event.target.elements[name].value);
      const shut = { crossing: id, close: true, days: first + '..' + last };
      if (first && last) replace((item) => turns(id)(item) && !item.days, [shut]);
    };
    const date = (word, name, value) => input(say(word), { type: 'date', name, value: Engine.iso(value) });
    function changing(action) {
      const same = (item) => item.crossing === id && !item.days && !item.traffic && has(item, action);
      const made = (text) => (text === '' ? [] : [{ crossing: id, [action]: Number(text) }]);
      const put = ({ target }) => replace(same, made(target.value));
      return [(S.items.find(same) || {})[action], put];
    }
    const amount = function (word, action, step) {
      const [value = '', onchange] = changing(action);
      return input(say(word), { type: 'number', step, value, onchange });
    };
    const slider = function ([min, middle, max]) {
      const [value = middle, oninput] = changing('border_h');
      const [now, least, most] = [value, min, max].map((hour) => number(hour, 1));
      const label = `${say('what.border')}: ${now} (${least}–${most})`;
      return input(label, { type: 'range', min, max, step: 0.1, value, oninput }, 'wide');
    };
    const [range] = (row.range && row.range.border) || [];
    return ui`<form class="changes noprint" onsubmit=${add}>
      ${date('what.shut_from', 'first', V.day)} ${date('what.shut_to', 'last', V.day + 9)}
      <button>${say('what.add_period')}</button>
      ${row.kind === 'season' && amount('what.later', 'delay_days', 1)}
      ${amount('what.limit', 'limit_t', 0.5)} ${amount('what.waiting', 'wait_h', 0.5)}
      ${range && slider(range)}
    </form>`;
  }
  function Crossings() {
    const [own, rest] = [inUse(true), inUse(false)];
    const warms = (item) => item.warming_c !== undefined;
    const warm = (S.items.find(warms) || { warming_c: 0 }).warming_c;
    const warming = (value) => replace(warms, Number(value) ? [{ warming_c: Number(value) }] : []);
    const degrees = [...new Set([0, 1, 2, 3, warm])].map((value) => [value, number(value) + ' °C']);
    const scenarios = Object.keys(data.scenarios).filter((name) => name !== 'baseline');
    const dayOf = (item) => item.scenario && data.scenarios[item.scenario].day;
    // A page shows one scenario with a day of its own at a time.
    const clash = (added) => (item) => item.scenario === added.scenario || (dayOf(added) && dayOf(item));
    const choose = (scenario) => replace(clash({ scenario }), [{ scenario }]);
    const named = scenarios.map((name) => [name, app.chip({ scenario: name })]);
    const fields = () => ui`<div class="fields noprint">
      ${adding(say('what.scenario'), named, choose)}
      ${select(say('what.warm'), degrees, warm, warming)}
      <${AddedCrossing} /><${AddedRoad} /></div>`;
    const rows = (items) => items.map((item) => ui`<${Row} key=${item.service.crossing.id} ...${item} />`);
    const shown = ({ service: { crossing } }) => [crossing.id, crossing.cp].includes(S.open);
    const unfolded = S.rest || rest.some(shown);
    const fold = ({ target }) => target.open !== unfolded && set({ rest: target.open });
    const elsewhere = ui`<details class="noprint" open=${unfolded} ontoggle=${fold}>
      <summary>${say('what.elsewhere', { n: rest.length })}</summary>${unfolded && ui`<ul>${rows(rest)}</ul>`}
    </details>`;
    return ui`<section class="crossings" aria-label=${say('what.title')}>
      <h2>${say('what.title')}</h2>
      ${app.once('fields', app.keyOf([S.lang, S.items, S.vehicle]), fields)}
      <ul>${rows(own)}</ul>
      ${rest.length > 0 && elsewhere}
    </section>`;
  }
  // A crossing that does not exist yet, for every vehicle of a road.
  function AddedCrossing() {
    const isBank = ({ own, a }) => own && a >= 0;
    const banks = Object.keys(data.checkpoints).filter((id) => isBank(data.checkpoints[id]));
    const spots = banks.flatMap((id) => ADDED_MODES.map((mode) => id + ':' + mode));
    const admits = Object.keys(data.vehicles).filter((id) => !data.vehicles[id].rail);
    const add = function (id) {
      const [checkpoint, mode] = id.split(':');
      app.change(S.items.concat({ add: { ...ADDED, checkpoint, mode, admits } }));
    };
    const pairs = spots.filter((id) => !V.laid.byId.has(id)).map((id) => [id, crossingName(id)]);
    return adding(say('what.add'), pairs, add);
  }
  // A road between two places; its class gives the speed of the vehicle.
  function AddedRoad() {
    const add = function (event) {
      event.preventDefault();
      const { from, to, km, look } = event.target.elements;
      const [a, b] = [from, to].map(placeIn);
      const road = { kind: 'road', length_km: Number(km.value), class: look.value };
      if (a && b) app.change(S.items.concat({ add: { ...road, from: a.id, to: b.id } }));
    };
    const end = { list: 'page-places', required: true, placeholder: say('ask.choose') };
    const speed = (name) => (data.speeds[S.vehicle] || {})[name + '|asphalt'];
    const known = data.choices.road.class.filter(speed);
    const look = (name) => [name, `${say('road.' + name)} ${number(speed(name))} ${say('unit.km_h')}`];
    if (!known.length) return null;
    return ui`<details class="wide"><summary>${say('what.add_road')}</summary><form class="fields" onsubmit=${add}>
      ${['from', 'to'].map((name) => input(say('ask.' + name), { ...end, name }))}
      ${input(say('unit.km'), { name: 'km', type: 'number', min: 0.1, max: 3000, step: 'any', required: true })}
      ${select(say('popup.class'), known.map(look), 'primary', () => null, { name: 'look' })}
      <button>${say('what.add_road')}</button></form></details>`;
  }
  function Way({ way, longest }) {
    const on = way.at === V.chosen.at;
    const sum = (part) => way.legs.reduce((total, leg) => total + (leg[part] || 0), 0);
    const parts = { drive: sum('drive'), border: sum('border'), wait: sum('wait'), rest: way.rest };
    const bars = Object.entries(parts).map(function ([part, seconds]) {
      const background = part === 'drive' ? way.colour : undefined;
      return ui`<i class=${part} style=${{ width: (100 * seconds) / longest + '%', background }}></i>`;
    });
    const line = { stroke: way.colour, 'stroke-width': on ? 5 : 3, 'stroke-dasharray': on ? '' : way.dash };
    const choose = () => set({ way: way.at, legs: on ? !S.legs : S.legs });
    return ui`<li class=${on ? 'on' : ''} data-way=${way.at}>
      <button type="button" aria-pressed=${String(on)} aria-expanded=${String(on && S.legs)} onclick=${choose}>
        <span class="row">
          <svg width="26" height="10" aria-hidden="true"><line x1="0" x2="26" y1="5" y2="5" ...${line} /></svg>
          <b>${hoursUnit(way.seconds)}</b>
          <span class="who">${wayName(way.crossing)}</span>
          <span class="km">${length(way.km)}</span>
          <span class=${'p' + (way.p < UNSURE ? ' worse' : '')}>${way.crossing ? percent(way.p) : ''}</span>
        </span>
        <span class="bar" aria-hidden="true">${bars}</span>
      </button>
      ${on && ui`<${Legs} way=${way} />`}
    </li>`;
  }
  function Ways() {
    const shown = app.shownWays();
    const longest = Math.max(...shown.map((way) => way.seconds));
    const rest = V.ways.length - S.k;
    const parts = ['drive', 'border', 'wait', ...(V.ways.some((way) => way.rest) ? ['rest'] : [])];
    const fold = link(S.all ? say('way.less') : say('way.more', { n: rest }), () => set({ all: !S.all }));
    const items = shown.map((way) => ui`<${Way} key=${way.at} way=${way} longest=${longest} />`);
    const keys = parts.map((part) => ui`<span><i class=${part}></i>${say('route.' + part)}</span>`);
    const body = ui`<ol class="ways">${items}</ol>${rest > 0 && fold}
      <p class="key">${keys}<span>% ${say('cross.chance')}</span></p>`;
    return section('ways-part', say('head.routes'), body);
  }
  function Legs({ way }) {
    const { cost, atLeast } = E.cost(V.laid, S.vehicle, way.route);
    const ends = ({ a, b }) => [...new Set([a, b])].map((place) => data.nodes[place].n[S.lang]).join(' → ');
    const timed = (part, seconds) => seconds > 0 && say('route.' + part) + ' ' + hours(seconds);
    const about = function (leg) {
      if (!leg.crossing) return [leg.ref, say('mode.' + leg.mode)];
      const spent = [timed('border', leg.border), timed('wait', leg.wait)];
      return [wayName(leg.crossing), ...spent, say('evidence.' + leg.evidence)];
    };
    const rows = way.legs.map((leg) => [
      ui`${ends(leg)}<small>${about(leg).filter(Boolean).join(' · ')}</small>`,
      leg.km ? length(leg.km) : '',
      hoursUnit(leg.seconds),
    ]);
    const paid = { cost: number(cost ?? atLeast ?? 0), currency: data.currency };
    const known = cost !== null || atLeast !== null;
    return ui`<div class=${'legs ' + (S.legs ? '' : 'onlyprint')}>${table(null, rows)}
      ${known && ui`<p class="hint">${say(cost === null ? 'way.cost_least' : 'way.cost', paid)}</p>`}</div>`;
  }
  function Matrix() {
    const cell = function (from, to, { now, usual, change }) {
      const more = change === 'slower' ? '+' : '−';
      const differs = ['slower', 'faster'].includes(change);
      const on = String(S.from === from && S.to === to);
      return ui`<td class=${LOOKS[change]}>
        <button type="button" aria-pressed=${on} onclick=${() => ask({ from, to })}>
        <span class="hear">${nameOf(from) + ' – ' + nameOf(to) + ' '}</span>${hours(now.seconds)}
        ${differs && ui`<small>${more + hours(Math.abs(now.seconds - usual.seconds))}</small>`}</button></td>`;
    };
    const row = (from, cells) => [nameOf(from), ...data.ends.map((to, k) => cell(from, to, cells[k]))];
    const rows = data.towns.map((from, k) => row(from, V.matrix[k]));
    const hint = ui`<p class="hint noprint">${say('matrix.hint')}</p>`;
    return section('matrix', say('matrix.title'), table(['', ...data.ends.map(nameOf)], rows), hint);
  }
  function Differences() {
    // Status of a service, and whether the vehicle can use it: one that it never can is no difference.
    const at = (s, i) =>
      s ? [s.status(i), isOpen(s.status(i)) && E.canTake(s, S.vehicle, i)] : ['closed', false];
    const pairOf = ({ service }) => [at(V.baseOf(service), V.iBase), at(service, V.i)];
    const differs = ([[was, before], [now, after]]) => (before || after) && (before !== after || was !== now);
    const row = function (item) {
      const [[was], [status]] = pairOf(item);
      const now = { class: isOpen(status) ? 'better' : 'worse', 'data-change': item.service.row.x };
      return [marked(item), ui`${say('status.' + was)} → <b ...${now}>${say('status.' + status)}</b>`];
    };
    const rows = V.services.filter((item) => differs(pairOf(item))).map(row);
    const body = rows.length ? table(null, rows) : ui`<p>${say('compare.same')}</p>`;
    return section('differences', say('head.changes'), body);
  }
  function Overview({ name, title, columns, head = true }) {
    const row = function (item) {
      const known = facts(item, true);
      return [marked(item), ...columns.map((column) => known[column] || app.EMPTY)];
    };
    const words = ['crossing', ...columns].map((column) => say('cross.' + column));
    return section(name, say(title), table(head ? words : null, inUse(true).map(row)));
  }
  function Legend() {
    const all = inUse(true).concat(inUse(false));
    const modes = [...new Set(all.map(({ service }) => service.crossing.mode))];
    const sign = (mode, status, word) =>
      ui`<span><${Glyph} mode=${mode} status=${status} size="14" />${say(word)}</span>`;
    const body = ui`<p class="key">${modes.map((mode) => sign(mode, 'open', 'short.' + mode))}</p>
        <p class="key">${STATUSES.map((status) => sign('bridge', status, 'status.' + status))}</p>
        <p class="hint">${say('layer.schematic') + ' · ' + say('cross.frozen')}</p>`;
    return section('legend', say('cross.legend'), body);
  }
  function Results() {
    const travel = V.ways.length > 0 && ui`<${Ways} /><${app.parts.Profile} />`;
    const columns = ['next', 'first_safe', 'last_safe', 'open_days'];
    const dates = ui`<${Overview} name="dates" title="cross.dates" columns=${columns} />`;
    const reasons = ui`<${Overview} name="reasons" title="cross.why" columns=${['because', 'evidence']} head=${false} />`;
    const parts = {
      network: ui`${dates}${reasons}<${Legend} />`,
      season: ui`${dates}<${Legend} />`,
      routes: ui`${travel}<${Matrix} />`,
      compare: ui`<${Differences} /><${Matrix} />${travel}`,
    };
    return parts[S.view];
  }
  function tableRows() {
    const { i, day } = V;
    const rounded = (value, digits) => Number(value.toFixed(digits));
    const id = (place) => data.nodes[place].id;
    const legs = V.ways.flatMap((way) =>
      way.legs.map(function (leg) {
        const first = [way.at + 1, way.crossing ? way.crossing.id : '', rounded(way.seconds / 3600, 3)];
        const sure = [rounded(way.km, 1), rounded(way.p, 4), way.evidence];
        const part = [id(leg.a), id(leg.b), leg.mode, leg.ref];
        return [...first, ...sure, ...part, rounded(leg.km, 1), rounded(leg.seconds / 3600, 3)];
      }),
    );
    const states = V.services.map(function ({ service }) {
      const is = [Engine.iso(day), service.row.x, service.row.t, service.status(i), service.reason[i]];
      return [...is, app.explain(service.because[i]), service.p[i], service.evidence[i], service.mass[i]];
    });
    return legs.length ? [LEG_COLUMNS, ...legs] : [STATUS_COLUMNS, ...states];
  }
  return { Ask, Answer, Crossings, Results, tableRows };
};
