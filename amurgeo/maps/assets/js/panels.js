// The panels: the question, the answer, the crossings with what can be changed, routes, changes and the matrix.
(function () {
  'use strict';

  // Seconds from which a difference is coloured, and the chance below which a route is.
  const NOTICED = 360;
  const UNSURE = 0.9;
  const ADDED = { kind: 'crossing', length_km: 1.5, travel_min: 5, wait_h: 0 };
  const ADDED_MODES = ['bridge', 'ferry', 'pontoon', 'ice_road'];
  const STATUSES = ['open', 'limited', 'closed', 'unknown'];

  const LEG_COLUMNS =
    'rank crossing total_h length_km probability_open evidence from to mode ref leg_km leg_h'.split(' ');
  const STATUS_COLUMNS =
    'date crossing traffic status reason because probability_open evidence max_mass_t'.split(' ');

  window.PagePanels = function (app) {
    const { ui, data, E, S, Engine, say, number, hours, hoursUnit, percent } = app;
    const { length, dateOf, set, ask } = app;
    const { nameOf, checkpointName, crossingName, named, isOpen, inUse } = app;
    const V = () => app.V();
    const has = Object.hasOwn;

    // -- parts that recur ------------------------------------------------------------------------------------
    function Glyph({ mode, status, size = 16 }) {
      const look = data.style.modes[mode] || data.style.modes.other;
      const shape = { points: look.points, ...window.PageMap.glyphStyle(data.style, mode, status) };
      return ui`<svg class="glyph" width=${size} height=${size} viewBox="0 0 24 24" aria-hidden="true">
        <polygon ...${shape} /></svg>`;
    }
    const section = (name, title, ...content) =>
      ui`<section class=${name}><h2>${title}</h2>${content}</section>`;
    const link = (text, run, more) =>
      ui`<button type="button" class="text noprint" onclick=${run} ...${more}>${text}</button>`;
    const field = (label, control, look = '') =>
      ui`<label class=${'field ' + look}><span>${label}</span>${control}</label>`;
    const input = (label, attributes, look) => field(label, ui`<input ...${attributes} />`, look);
    const option = (value, text, on) => ui`<option value=${value} selected=${on}>${text}</option>`;
    const options = (pairs, chosen) =>
      pairs.map(([value, text]) => option(value, text, String(value) === String(chosen)));
    const list = (pairs, chosen, pick) => ui`<select onchange=${pick}>${options(pairs, chosen)}</select>`;
    const select = (label, pairs, chosen, pick) =>
      field(
        label,
        list(pairs, chosen, ({ target }) => pick(target.value)),
      );
    // A list that adds what is chosen and shows its own name again.
    function adding(label, pairs, add) {
      const pick = ({ target }) => [target.value].forEach((value) => add(value, (target.value = '')));
      return field(label, list([['', say('ask.add')], ...pairs], '', pick));
    }
    const chip = (name, remove) =>
      ui`<li><span>${name}</span><button type="button" class="noprint" onclick=${remove}
        aria-label=${say('answer.remove', { name })}>×</button></li>`;
    const column = (text) => (text ? ui`<th scope="col">${text}</th>` : ui`<td></td>`);
    const cellOf = (cell) => (cell && cell.type === 'td' ? cell : ui`<td>${cell}</td>`);
    // A table of cells; the first of a row is its heading.
    const table = (head, rows) =>
      ui`<table>
        ${head && ui`<thead><tr>${head.map(column)}</tr></thead>`}
        <tbody>${rows.map(
          ({ cells: [first, ...cells], ...row }) => ui`<tr ...${row}>
          <th scope="row">${first}</th>${cells.map(cellOf)}
        </tr>`,
        )}</tbody></table>`;
    const stop = (event) => event.preventDefault();

    // -- the question ----------------------------------------------------------------------------------------
    function place(which) {
      const name = S[which] ? nameOf(S[which]) : '';
      const changed = function (event) {
        const typed = event.target.value;
        const found = app.find(typed);
        if (!typed.trim()) {
          set({ [which]: '', view: S.view === 'routes' ? 'network' : S.view });
        } else if (found) {
          ask({ [which]: found.id });
        } else {
          event.target.value = name;
          set({ note: say('ask.unknown', { name: typed }) });
        }
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
      return ui`<form class="ask" onsubmit=${stop}>
        ${place('from')}
        <button type="button" class="swap" title=${say('ask.swap')} onclick=${swap} aria-label=${say('ask.swap')}>
          ⇅</button>
        ${place('to')}
        ${select(say('ask.vehicle'), vehicles, S.vehicle, (vehicle) => set({ vehicle, way: 0 }))}
        ${input(say('ask.day'), day)}
        ${app.once('names', S.lang, names)}
        ${V().pair && ui`<${More} />`}
      </form>`;
    }
    // Departure, drivers, and what a route must or must not pass.
    function More() {
      const targets = Object.keys(data.checkpoints).map((id) => ['checkpoint=' + id, checkpointName(id)]);
      const mode = (id) => say('mode.' + id);
      const spoken = { place: nameOf, checkpoint: checkpointName, mode, crossing: named };
      const passing = (which) => {
        const add = (value) => set({ [which]: S[which].concat(app.passes([value.split('=')])), way: 0 });
        const remove = (item) => set({ [which]: S[which].filter((other) => other !== item), way: 0 });
        const chips = S[which].map((item) => chip(spoken[item[0]](item[1]), () => remove(item)));
        const shown = chips.length > 0 && ui`<ul class="chips">${chips}</ul>`;
        return [adding(say('ask.' + which), targets, add), shown];
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

    // -- the answer ------------------------------------------------------------------------------------------
    const firstOf = (found, laid) =>
      found.first < 0 ? say('route.direct') : crossingName(laid.services[found.arcs[found.first].k].crossing);
    // The look and the words of the difference to the base case.
    function difference() {
      const { now, usual, base, changed } = V();
      if (!changed) return null;
      if (now.seconds === usual.seconds) return ['', say('answer.same')];
      if (usual.seconds === Infinity) return ['better', say('answer.gained')];
      const values = { hours: hoursUnit(usual.seconds), crossing: firstOf(usual, base) };
      if (now.seconds === Infinity) return ['worse', say('answer.lost', values)];
      const more = now.seconds - usual.seconds;
      const [look, word] = more > 0 ? ['worse', 'answer.slower'] : ['better', 'answer.faster'];
      return [look, say(word, { ...values, more: hoursUnit(Math.abs(more)) })];
    }
    function PairAnswer() {
      const { now, laid, ways, left, leftUsual, changed, later, trip } = V();
      const found = difference();
      const against = found && ui`<p><strong class=${found[0]}>${found[1]}</strong></p>`;
      const waiting = later && {
        days: number(later.days),
        date: app.date(later.i),
        hours: hoursUnit(later.seconds),
        crossing: later.x ? crossingName(later.x) : say('route.direct'),
      };
      const wait =
        waiting &&
        ui`<p>${link(say('answer.later', waiting), () => set({ i: later.i }))}
        <span class="onlyprint">${say('answer.later', waiting)}</span></p>`;
      if (now.seconds === Infinity) return [ui`<p class="big none">${say('route.none')}</p>`, against, wait];
      const best = ways[0];
      const unsure = best && best.p < 0.995 ? say('answer.chance', { share: percent(best.p) }) : '';
      const counts = say('answer.left', { n: left.all, own: left.own });
      const differs = changed && (left.all !== leftUsual.all || left.own !== leftUsual.own);
      const before = differs
        ? ' · ' + say('answer.left_usual', { n: leftUsual.all, own: leftUsual.own })
        : '';
      return ui`<p class="big"><b>${hoursUnit(now.seconds)}</b> ${firstOf(now, laid)} <small>${unsure}</small></p>
        ${against}<p>${counts + before}</p>${wait}${S.depart && ui`<${Trip} trip=${trip} />`}`;
    }
    function Trip({ trip }) {
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
      const { i, traffic } = V();
      const own = inUse(true);
      const open = own.filter(({ service }) => isOpen(service.status(i)));
      const unknown = own.filter(({ service }) => service.status(i) === 'unknown').length;
      const next = own
        .map((item) => ({ ...item, ...ahead(item.k) }))
        .filter((item) => item.change && item.p50 !== null)
        .sort((a, b) => a.p50 - b.p50)[0];
      const change = next && say('change.' + next.change);
      const soon = next && { crossing: crossingName(next.service.crossing), change, date: dateOf(next.p50) };
      const words = [soon && say('answer.next', soon), unknown > 0 && say('answer.unknown', { n: unknown })];
      const about = say('answer.open', { traffic: say('traffic.' + traffic), home: app.text(data.home) });
      return ui`<p class="big"><b>${open.length} / ${own.length}</b> ${about}</p>
        <p>${words.filter(Boolean).join(' · ')}</p>`;
    }
    function Chips() {
      const { changed } = V();
      const comparing = S.view === 'compare';
      const border = Object.entries(S.border);
      if (!S.items.length && !border.length && !comparing) return null;
      const without = (item) => set({ items: S.items.filter((other) => other !== item), way: 0, note: '' });
      const unset = (id) => set({ border: Object.fromEntries(border.filter(([other]) => other !== id)) });
      const controlled = ([id, value]) =>
        named(id) + ' · ' + say('act.border_h', { value: number(value, 1) });
      const chips = [
        ...S.items.map((item) => chip(app.chip(item), () => without(item))),
        ...border.map((pair) => chip(controlled(pair), () => unset(pair[0]))),
      ];
      const base = S.base || (has(data.scenarios, 'baseline') ? 'baseline' : '');
      const against = base && say('answer.base') + ': ' + app.chip({ scenario: base });
      const hold = (on) =>
        function (event) {
          if (event.type.startsWith('pointer') || [' ', 'Enter'].includes(event.key)) {
            event.preventDefault();
            set({ hold: on });
          }
        };
      const release = () => S.hold && set({ hold: false });
      const reset = () => set({ items: [], border: {}, way: 0, note: '' });
      const held = ui`<button type="button" class="hold noprint" aria-pressed=${String(S.hold)}
        title=${say('answer.hold_hint')} onpointerdown=${hold(true)} onpointerup=${hold(false)}
        onpointerleave=${release} onkeydown=${hold(true)} onkeyup=${hold(false)} onblur=${release}
        >${say('answer.hold')}</button>`;
      return ui`<div class="chips-row">
        ${comparing && base && ui`<span class="base">${against}</span>`}
        ${chips.length > 0 && ui`<ul class="chips" aria-label=${say('answer.changes')}>${chips}</ul>`}
        ${(changed || S.hold) && [held, link(say('answer.reset'), reset)]}
        ${!chips.length && ui`<span class="hint">${say('answer.no_changes')}</span>`}
      </div>`;
    }
    function Answer() {
      const { pair, laid, day } = V();
      const vehicle = app.inside(data.vehicles[S.vehicle].name[S.lang]);
      const asked = [pair && nameOf(S.from) + ' → ' + nameOf(S.to), vehicle, dateOf(day)].filter(Boolean);
      const same =
        S.view === 'routes' ? ui`<p class="big">${say('answer.same_place')}</p>` : ui`<${NetworkAnswer} />`;
      return ui`<section class="answer" aria-live="polite">
        <p class="onlyprint asked">${asked.join(', ')}</p>
        ${pair ? ui`<${PairAnswer} />` : same}
        ${laid.days.length === 1 && ui`<p class="hint">${say('answer.regime', { date: dateOf(day) })}</p>`}
        <${Chips} />
        ${S.note && ui`<p class="note" role="alert">${S.note}</p>`}
      </section>`;
    }

    // -- crossings: status, reason, sources, and what can be changed -------------------------------------------
    const ahead = (k) => E.next(V().laid, k, V().i);
    function Row({ service, k }) {
      const { i } = V();
      const { crossing } = service;
      const { id } = crossing;
      const status = service.status(i);
      const open = S.open === id || S.open === crossing.cp;
      const whole = (item) =>
        item.crossing === id && !item.days && !item.traffic && (item.close || item.open);
      const spans = S.items.filter((item) => item.crossing === id && item.days && item.close);
      const given = S.items.find(whole);
      const value = given ? (given.close ? 'close' : 'open') : spans.length ? 'days' : '';
      const choices = [['', 'usual'], ['close', 'closed'], ['open', 'open']]; // prettier-ignore
      const period = spans.length ? [['days', app.chip(spans[0]).split(' · ').slice(1).join(' ')]] : [];
      const chosen = function (event) {
        const picked = event.target.value;
        const rest = S.items.filter((item) => !spans.includes(item) && !whole(item));
        app.change(picked && picked !== 'days' ? rest.concat({ crossing: id, [picked]: true }) : rest);
      };
      const why = isOpen(status) ? say('status.' + status) : say('reason.' + service.reason[i]);
      const share = isOpen(status) && service.p[i] < 0.995 ? ' ' + percent(service.p[i]) : '';
      const all = [...choices.map(([name, word]) => [name, say('what.' + word)]), ...period];
      const name = crossingName(crossing);
      const more = { 'aria-expanded': String(open), 'aria-label': say('what.details', { name }) };
      return ui`<li class=${status} data-crossing=${id} data-status=${status}>
        <div class="row">
          <${Glyph} mode=${crossing.mode} status=${status} />
          <span class="who">${checkpointName(crossing.cp)}
            <small>${say('short.' + crossing.mode) + ' · ' + why + share}</small></span>
          <select class="noprint" aria-label=${crossingName(crossing)} onchange=${chosen}>${options(all, value)}</select>
          ${link(open ? '▴' : '▾', () => set({ open: open ? '' : id }), more)}
        </div>
        ${open && ui`<${Facts} service=${service} k=${k} /><${Changes} service=${service} />`}
      </li>`;
    }
    // Why a crossing is open or closed, how well that is known, and what comes next.
    function Facts({ service, k }) {
      const { i } = V();
      const next = ahead(k);
      const day = (value, short) => (value === null || value === undefined ? '' : dateOf(value, short));
      const range =
        next.p10 && next.p10 !== next.p90 ? ` (${day(next.p10, true)} – ${day(next.p90, true)})` : '';
      const stops = (next.stops || []).slice(0, 3);
      const mass = service.mass[i];
      const takes = service.row.admits.filter((id) => has(data.vehicles, id));
      const sources = service.sources[i].filter((id) => has(data.sources, id));
      const cited = sources.map((id, place) => {
        const { title, address } = data.sources[id];
        const shown = address ? ui`<a href=${address} rel="noreferrer" target="_blank">${title}</a>` : title;
        return [place > 0 && '; ', shown];
      });
      const rows = {
        counterpart: data.checkpoints[service.crossing.cp].cn[S.lang],
        because: app.explain(service.because[i]),
        limited: service.limited[i] && say('limited.' + service.limited[i]),
        evidence: say('evidence.' + service.evidence[i]) + ', ' + say('confidence.' + service.confidence[i]),
        chance: Number.isNaN(service.p[i]) ? '' : percent(service.p[i]),
        next: next.change ? say('change.' + next.change) + ': ' + day(next.p50) + range : '',
        first_safe: day(next.first_safe),
        last_safe: day(next.last_safe),
        stops: stops.map((days) => days.map((one) => day(one, true)).join(' – ')).join('; '),
        mass: mass > 0 ? number(mass) + '\u00a0' + say('unit.t') : '',
        length: length(service.crossing.km),
        admits: takes.map((id) => data.vehicles[id].name[S.lang]).join(', '),
        sources: cited.length ? cited : '',
      };
      const shown = Object.entries(rows).filter(([, text]) => text);
      return ui`<dl class="facts">
        ${shown.map(([name, text]) => ui`<dt>${say('cross.' + name)}</dt><dd>${text}</dd>`)}</dl>`;
    }
    function Changes({ service }) {
      const id = service.crossing.id;
      const day = V().day;
      const add = function (event) {
        event.preventDefault();
        const [first, last] = ['first', 'last'].map((name) => event.target.elements[name].value);
        if (first && last) {
          const rest = S.items.filter(
            (item) => !(item.crossing === id && !item.days && (item.open || item.close)),
          );
          app.change(rest.concat({ crossing: id, close: true, days: first + '..' + last }));
        }
      };
      const date = (word, name, value) => input(say(word), { type: 'date', name, value: Engine.iso(value) });
      const amount = function (word, action, step) {
        const put = ({ target }) => app.put(id, action, target.value === '' ? null : Number(target.value));
        return input(say(word), { type: 'number', step, value: app.given(id, action), onchange: put });
      };
      const ranges = service.row.range && service.row.range.border;
      return ui`<form class="changes noprint" onsubmit=${add}>
        ${date('what.shut_from', 'first', day)} ${date('what.shut_to', 'last', day + 9)}
        <button>${say('what.add_period')}</button>
        ${(service.row.seasons || service.row.kind === 'season') && amount('what.later', 'delay_days', 1)}
        ${amount('what.limit', 'limit_t', 0.5)} ${amount('what.waiting', 'wait_h', 0.5)}
        ${ranges && ranges[0] && border(id, ranges[0])}
      </form>`;
    }
    // Hours of border control within the range of the estimate.
    function border(id, [low, middle, high]) {
      const value = has(S.border, id) ? S.border[id] : middle;
      const [now, least, most] = [value, low, high].map((hour) => number(hour, 1));
      const slide = ({ target }) => set({ border: { ...S.border, [id]: Number(target.value) } });
      const slider = { type: 'range', min: low, max: high, step: 0.1, value, oninput: slide };
      return input(`${say('what.border')}: ${now} (${least}–${most})`, slider, 'wide');
    }
    function Crossings() {
      const [own, rest] = [inUse(true), inUse(false)];
      const warm = S.items.find((item) => item.warming_c !== undefined && Object.keys(item).length === 1);
      const warming = function (value) {
        const kept = S.items.filter((item) => item !== warm);
        app.change(Number(value) ? kept.concat({ warming_c: Number(value) }) : kept);
      };
      const scenarios = Object.keys(data.scenarios).filter((name) => name !== 'baseline');
      const regime = (item) => item.scenario && data.scenarios[item.scenario].day;
      const chosen = function (name) {
        // A page shows one regime at a time.
        const clash = (item) => item.scenario === name || (data.scenarios[name].day && regime(item));
        app.change(S.items.filter((item) => !clash(item)).concat({ scenario: name }));
      };
      const rows = (list) => list.map((item) => ui`<${Row} key=${item.service.crossing.id} ...${item} />`);
      const shown = rest.some(({ service }) => [service.crossing.id, service.crossing.cp].includes(S.open));
      const degrees = [0, 1, 2, 3].map((value) => [value, value + ' °C']);
      const named = scenarios.map((name) => [name, app.chip({ scenario: name })]);
      const fields = () => ui`<div class="fields noprint">
        ${adding(say('what.scenario'), named, chosen)}
        ${select(say('what.warm'), degrees, warm ? warm.warming_c : 0, warming)}
        <${Added} /></div>`;
      // Rows that nobody sees are not built.
      const unfolded = shown || S.rest;
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
    function Added() {
      const spots = Object.keys(data.checkpoints)
        .filter((id) => data.checkpoints[id].own && data.checkpoints[id].a >= 0)
        .flatMap((cp) => ADDED_MODES.map((mode) => ({ cp, mode, id: cp + ':' + mode })))
        .filter(({ id }) => !V().laid.byId.has(id));
      const admits = Object.keys(data.vehicles).filter((id) => !data.vehicles[id].rail);
      const add = function (id) {
        const [checkpoint, mode] = id.split(':');
        app.change(S.items.concat({ add: { ...ADDED, checkpoint, mode, admits } }));
      };
      const pairs = spots.map((spot) => [spot.id, crossingName(spot)]);
      return adding(say('what.add'), pairs, add);
    }

    // -- results -----------------------------------------------------------------------------------------------
    function Way({ way }) {
      const on = way.at === V().chosen.at;
      const sum = (part) => way.legs.reduce((total, leg) => total + (leg[part] || 0), 0);
      const parts = { drive: sum('drive'), border: sum('border'), wait: sum('wait'), rest: way.rest };
      const bars = Object.entries(parts).map(function ([part, seconds]) {
        const background = part === 'drive' ? way.colour : undefined;
        return ui`<i class=${part} style=${{ width: (100 * seconds) / way.longest + '%', background }}></i>`;
      });
      const dash = { 'stroke-dasharray': on ? null : way.dash };
      const line = { stroke: way.colour, 'stroke-width': on ? 5 : 3, ...dash };
      const choose = () => set({ way: way.at, legs: on ? !S.legs : S.legs });
      return ui`<li class=${on ? 'on' : ''} data-way=${way.at}>
        <button type="button" aria-pressed=${String(on)} aria-expanded=${String(on && S.legs)} onclick=${choose}>
          <span class="row">
            <svg width="26" height="10" aria-hidden="true"><line x1="0" x2="26" y1="5" y2="5" ...${line} /></svg>
            <b>${hoursUnit(way.seconds)}</b>
            <span class="who">${way.crossing ? crossingName(way.crossing) : say('route.direct')}</span>
            <span class="km">${length(way.km)}</span>
            <span class=${'p' + (way.p < UNSURE ? ' worse' : '')}>${way.crossing ? percent(way.p) : ''}</span>
          </span>
          <span class="bar" aria-hidden="true">${bars}</span>
        </button>
        ${on && ui`<${Legs} way=${way} />`}
      </li>`;
    }
    function Ways() {
      const { ways } = V();
      const shown = S.all ? ways : ways.slice(0, S.k);
      const longest = Math.max(...shown.map((way) => way.seconds));
      const rest = ways.length - S.k;
      const parts = ['drive', 'border', 'wait', ...(ways.some((way) => way.rest) ? ['rest'] : [])];
      const fold = link(S.all ? say('way.less') : say('way.more', { n: rest }), () => set({ all: !S.all }));
      const list = shown.map((way) => ui`<${Way} key=${way.at} way=${{ ...way, longest }} />`);
      const keys = parts.map((part) => ui`<span><i class=${part}></i>${say('route.' + part)}</span>`);
      const body = ui`<ol class="ways">${list}</ol>${rest > 0 && fold}
        <p class="key">${keys}<span>% ${say('cross.chance')}</span></p>`;
      return section('ways-part', say('head.routes'), body);
    }
    function Legs({ way }) {
      const cost = E.cost(V().laid, S.vehicle, way.route);
      const ends = ({ a, b }) => [...new Set([a, b])].map((place) => data.nodes[place].n[S.lang]).join(' → ');
      const crossed = (leg) => [
        crossingName(leg.crossing),
        say('route.border') + ' ' + hours(leg.border),
        leg.wait ? say('route.wait') + ' ' + hours(leg.wait) : '',
        say('evidence.' + (leg.evidence || 'expected')),
      ];
      const about = (leg) =>
        (leg.crossing ? crossed(leg) : [leg.ref, say('mode.' + leg.mode)]).filter(Boolean);
      const named = (leg) => ui`${ends(leg)}<small>${about(leg).join(' · ')}</small>`;
      const amounts = (leg) => [leg.km ? length(leg.km) : '', hoursUnit(leg.seconds)];
      const rows = way.legs.map((leg) => ({ cells: [named(leg), ...amounts(leg)] }));
      const word = cost.atLeast ? 'way.cost_least' : 'way.cost';
      const paid = () => say(word, { cost: number(cost.cost), currency: data.currency });
      return ui`<div class=${'legs ' + (S.legs ? '' : 'onlyprint')}>${table(null, rows)}
        ${cost.cost !== null && ui`<p class="hint">${paid()}</p>`}</div>`;
    }
    function Matrix() {
      const { matrix, matrixBase } = V();
      const cell = function (from, to, now, usual) {
        const d = now - usual;
        const lost = now === Infinity && usual < Infinity;
        const look = d > NOTICED || lost ? 'worse' : d < -NOTICED ? 'better' : '';
        const differs = Math.abs(d) > NOTICED && Math.abs(d) < Infinity;
        const more = differs && ui`<small>${(d > 0 ? '+' : '−') + hours(Math.abs(d))}</small>`;
        const on = String(S.from === from && S.to === to);
        return ui`<td class=${look}><button type="button" aria-pressed=${on} onclick=${() => ask({ from, to })}>
          <span class="hear">${nameOf(from) + ' – ' + nameOf(to) + ' '}</span>${hours(now)}${more}</button></td>`;
      };
      const rows = data.towns.map((from, row) => ({
        cells: [
          nameOf(from),
          ...data.ends.map((to, k) => cell(from, to, matrix[row][k], matrixBase[row][k])),
        ],
      }));
      const hint = ui`<p class="hint noprint">${say('matrix.hint')}</p>`;
      return section('matrix', say('matrix.title'), table(['', ...data.ends.map(nameOf)], rows), hint);
    }
    const marked = ({ crossing }, status) =>
      ui`<span class="marked"><${Glyph} mode=${crossing.mode} status=${status} />
        <span>${checkpointName(crossing.cp)}<small>${say('short.' + crossing.mode)}</small></span></span>`;
    // Crossings of any region whose status differs from the base case.
    function Differences() {
      const { base, laid, i, iBase, traffic } = V();
      const before = new Map(base.services.map((service) => [service.row.x + service.row.t, service]));
      const rows = laid.services
        .filter((service) => service.row.t === traffic)
        .map(function (service) {
          const usual = before.get(service.row.x + service.row.t);
          return { service, status: service.status(i), was: usual ? usual.status(iBase) : 'closed' };
        })
        .filter(({ status, was }) => status !== was)
        .map(({ service, status, was }) => ({
          'data-change': service.crossing.id,
          cells: [
            marked(service, status),
            ui`${say('status.' + was)} → <b class=${isOpen(status) ? 'better' : 'worse'}>${say('status.' + status)}</b>`,
          ],
        }));
      const list = rows.length ? table(null, rows) : ui`<p>${say('compare.same')}</p>`;
      return section('differences', say('head.changes'), list);
    }
    function Base() {
      const name = (id) => [id === 'baseline' ? '' : id, app.chip({ scenario: id })];
      const choices = Object.keys(data.scenarios).map(name);
      const pick = (base) => set({ base });
      return ui`<section class="base-part noprint">${select(say('answer.base'), choices, S.base, pick)}</section>`;
    }
    // The dates of each crossing at home: next change, first and last safe day, open days of the season.
    function Dates() {
      const { laid, i } = V();
      const [from, to] = app.season(S.i);
      const day = (value) => (value === null || value === undefined ? app.EMPTY : dateOf(value, true));
      const year = laid.days.length > 1;
      const rows = inUse(true).map(function ({ service, k }) {
        const next = ahead(k);
        const change = next.change
          ? say('change.' + next.change) + ' ' + day(next.p50)
          : say('cross.no_change');
        const days = year ? [number(service.open.subarray(from, to).reduce((sum, is) => sum + is, 0))] : [];
        const safe = [next.first_safe, next.last_safe].map(day);
        return { cells: [marked(service, service.status(i)), change, ...safe, ...days] };
      });
      const words = ['crossing', 'next', 'first_safe', 'last_safe', ...(year ? ['open_days'] : [])];
      const head = words.map((word) => say('cross.' + word));
      return section('dates', say('cross.dates'), table(head, rows));
    }
    function Reasons() {
      const { i } = V();
      const said = (service) =>
        `${say('status.' + service.status(i))} – ${app.explain(service.because[i])}; ` +
        say('evidence.' + service.evidence[i]);
      const cells = ({ service }) => [marked(service, service.status(i)), said(service)];
      const rows = inUse(true).map((item) => ({ cells: cells(item) }));
      return section('reasons', say('cross.why'), table(null, rows));
    }
    function Legend() {
      const all = inUse(true).concat(inUse(false));
      const modes = [...new Set(all.map(({ service }) => service.crossing.mode))];
      const sign = (mode, status, word) =>
        ui`<span><${Glyph} mode=${mode} status=${status} size="14" />${say(word)}</span>`;
      const hint = say('layer.schematic') + ' · ' + say('cross.frozen');
      return section(
        'legend',
        say('cross.legend'),
        ui`<p class="key">${modes.map((mode) => sign(mode, 'open', 'short.' + mode))}</p>
          <p class="key">${STATUSES.map((status) => sign('bridge', status, 'status.' + status))}</p>
          <p class="hint">${hint}</p>`,
      );
    }
    function Results() {
      const travel = V().ways.length > 0 && ui`<${Ways} /><${app.parts.Profile} />`;
      const parts = {
        network: ui`<${Dates} /><${Reasons} /><${Legend} />`,
        season: ui`<${Dates} /><${Legend} />`,
        routes: ui`${travel}<${Matrix} />`,
        compare: ui`<${Base} /><${Differences} /><${Matrix} />${travel}`,
      };
      return parts[S.view];
    }
    // The view as a table: the legs of the routes, or the status of the crossings.
    function tableRows() {
      const { ways, i, services, day } = V();
      const rounded = (value, digits) => Number(value.toFixed(digits));
      const id = (place) => data.nodes[place].id;
      const legs = ways.flatMap((way) =>
        way.legs.map(function (leg) {
          const first = [way.at + 1, way.crossing ? way.crossing.id : '', rounded(way.seconds / 3600, 3)];
          const sure = [rounded(way.km, 1), rounded(way.p, 4), way.evidence];
          const part = [id(leg.a), id(leg.b), leg.mode, leg.ref];
          return [...first, ...sure, ...part, rounded(leg.km, 1), rounded(leg.seconds / 3600, 3)];
        }),
      );
      const states = services.map(function ({ service }) {
        const is = [Engine.iso(day), service.row.x, service.row.t, service.status(i), service.reason[i]];
        return [...is, app.explain(service.because[i]), service.p[i], service.evidence[i], service.mass[i]];
      });
      return legs.length ? [LEG_COLUMNS, ...legs] : [STATUS_COLUMNS, ...states];
    }
    return { Ask, Answer, Crossings, Results, Glyph, tableRows };
  };
})();
