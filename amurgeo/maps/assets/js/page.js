// The page: one state and one render. The reader's question is kept in S; everything shown is computed from it.
window.PageApp = function (leaflet) {
  'use strict';
  const LANGS = ['en', 'ru', 'zh'];
  const LOCALES = ['en-GB', 'ru-RU', 'zh-CN'];
  const LABELS = ['EN', 'РУ', '中'];
  const VIEWS = ['network', 'season', 'routes', 'compare'];
  const SETTLEMENTS = ['city', 'town', 'village', 'port'];
  const PASSED = ['place', 'crossing', 'checkpoint', 'mode'];
  const [MOST_WAYS, MAX_CHIPS, MAX_SOURCES, MAX_TITLE] = [12, 50, 8, 200];
  const [A4_WITHOUT_MARGINS_PX, MOST_KEPT, REMEMBER_MS, EMPTY] = [1000, 20, 100, '–'];
  const { html: ui, render } = window.htmPreact;
  const { has, keep, content } = window.PageScenario;
  const Engine = window.PageEngine;
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId('page-data').textContent);
  const start = JSON.parse(byId('page-start').textContent);
  const E = Engine.Engine(data);
  const clamp = (day) => Math.max(0, Math.min(data.n - 1, day - data.first || 0));
  const S = { view: 'network', from: '', to: '', vehicle: data.vehicle, i: 0, lang: 0 };
  Object.assign(S, { base: '', items: [], via: [], avoid: [], drivers: 1, transit: true });
  Object.assign(S, { depart: '', max_wait_h: null, k: 4, way: 0, legs: false, all: false });
  Object.assign(S, { open: '', hold: false, note: '', tiles: false });
  function say(key, values) {
    const text = (has(data.words, key) && data.words[key][S.lang]) || key;
    const value = (name) => (typeof values[name] === 'object' ? spoken(values[name]) : values[name]);
    return text.replace(/\{(\w+)\}/g, (gap, name) => (values && has(values, name) ? value(name) : gap));
  }
  const text = (names) => names[LANGS[S.lang]] || names[data.languages[0]] || '';
  // A name as it stands after a comma; an abbreviation stays.
  const inside = (name) => (/^.\p{Lu}/u.test(name) ? name : name.slice(0, 1).toLowerCase() + name.slice(1));
  // Forms of numbers and dates are made once: making one takes longer than the whole text.
  const forms = new Map();
  const formOf = (kind, form) =>
    keep(forms, [S.lang, kind, ...Object.values(form)].join(), () => new Intl[kind](LOCALES[S.lang], form));
  const number = (value, digits = 0) =>
    formOf('NumberFormat', { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
  // One decimal as Python prints it: an exact tie goes to the even digit.
  function tenth(value) {
    const tie = Number.isInteger(value * 4) && Math.abs((value * 10) % 1) === 0.5;
    return tie ? (2 * Math.round(value * 5)) / 10 : Number(value.toFixed(1));
  }
  const hours = (seconds) => (seconds < Infinity ? number(tenth(seconds / 3600), 1) : EMPTY);
  const hoursUnit = (seconds) => hours(seconds) + '\u00a0' + say('unit.h');
  // Neither 0 nor 100 % is said of what is not certain.
  const percent = (share) =>
    number(Math.min(Math.max(100 * share.toFixed(2), share > 0 ? 1 : 0), share < 1 ? 99 : 100)) + '\u00a0%';
  const length = (km) => number(km) + '\u00a0' + say('unit.km');
  const dateIn = (day, form) => formOf('DateTimeFormat', { timeZone: 'UTC', ...form }).format(day * 864e5);
  function dateOf(day, short) {
    const [month, year] = short ? ['short'] : ['long', 'numeric'];
    return dateIn(day, { day: 'numeric', month, year });
  }
  const date = (i, short) => dateOf(data.first + i, short);
  // A text of the engine with its values: texts, dates, numbers and keys of words in the language.
  function spoken(value) {
    if (Array.isArray(value)) return explain(value);
    if (typeof value === 'object') return E.accepts(value) ? chip(value) : text(value || {}) || EMPTY;
    if (typeof value === 'number') return number(value, Number.isInteger(value) ? 0 : 1);
    const name = (id) => (E.exists('crossing', id) ? crossingName(id) : id);
    return isDay(value)
      ? dateOf(Engine.dayOf(value))
      : say(String(value ?? EMPTY).replace(/\w+:[a-z_]+/g, name));
  }
  function explain([key, values]) {
    const pairs = Object.entries(values || {}).map(([name, value]) => [name, spoken(value)]);
    return say(key, Object.fromEntries(pairs));
  }
  const nodeOf = (id) => data.nodes[E.index.get(id)];
  const nameOf = (id) => (E.index.has(id) ? nodeOf(id).n[S.lang] : id);
  const bySize = (a, b) => (b.pop || 0) - (a.pop || 0);
  const settlements = data.nodes.filter(({ k }) => SETTLEMENTS.includes(k)).sort(bySize);
  const fold = (name) =>
    name.toLowerCase().replace(/[ёэ]|[^\p{L}\p{N}]/gu, (sign) => ('ёэ'.includes(sign) ? 'е' : ''));
  function find(typed) {
    const wanted = fold(typed);
    const names = (node) => [...node.n, node.id, ...(node.al || [])].map(fold);
    const search = (fits) => settlements.find((node) => names(node).some(fits));
    const found = search((name) => name === wanted) || search((name) => name.startsWith(wanted));
    return wanted ? found : undefined;
  }
  const checkpointName = (id) => (has(data.checkpoints, id) ? data.checkpoints[id].n[S.lang] : id);
  function crossingName(id) {
    const [place, mode] = id.split(':');
    return say('cross.name', { place: checkpointName(place), mode: say('short.' + mode) });
  }
  const colourOf = (crossing) =>
    crossing ? (data.style.modes[crossing.mode] || data.style.modes.other).colour : data.style.colours.road;
  const wayName = (crossing) => (crossing ? crossingName(crossing.id) : say('route.direct'));
  const TARGETS = { crossing: crossingName, checkpoint: checkpointName, place: nameOf, road: String };
  TARGETS.vehicle = (id) => data.vehicles[id].name[S.lang];
  TARGETS.mode = (id) => say('mode.' + id);
  // Titles are in the language of their source; only this one is of the dataset.
  const titleOf = (id) => (id === 'estimate' ? say('source.estimate') : data.sources[id].title);
  const nameOfTarget = (kind, id) => TARGETS[kind](id);
  const parts = (items) => items.map((item) => data.scenarios[item.scenario] || { change: [item] });
  const scenarioOf = (items) => E.join(parts(items));
  const tried = (items) => E.refusal(...parts(items));
  const keyOf = (items) => JSON.stringify(items);
  // What tables that the page carries depend on: the changes, and the rest of the question.
  function askedFor(items) {
    const { change, world, assume } = scenarioOf(items);
    const journey = [S.from, S.to, S.vehicle, S.drivers, S.via, S.avoid, S.transit, S.depart || '08:00'];
    return [[change.map(content), world, assume], journey].map(keyOf);
  }
  // Change the scenario, or say why the library would refuse it.
  function change(items, more) {
    const refused = tried(items);
    set(refused ? { note: explain([refused.key, refused.values]) } : { items, way: 0, note: '', ...more });
  }
  const replace = (drop, added = []) => change(S.items.filter((item) => !drop(item)).concat(added));
  function chip(item) {
    if (item.scenario) return text(data.scenarios[item.scenario].title || {}) || item.scenario;
    if (item.add) {
      const { checkpoint, mode, from, to } = item.add;
      return '+ ' + (mode ? crossingName(checkpoint + ':' + mode) : [from, to].map(nameOf).join(' – '));
    }
    const action = Engine.actionOf(item);
    const kind = Object.keys(TARGETS).find((name) => item[name]);
    const days = item.days ? item.days.split('..').map(spokenDay).join(' – ') : '';
    const traffic = item.traffic ? say('traffic.' + item.traffic) : '';
    const value = typeof item[action] === 'number' ? number(item[action], item[action] % 1 ? 1 : 0) : '';
    const target = kind ? nameOfTarget(kind, item[kind]) : '';
    const ahead = item.known_days === undefined ? '' : say('act.known_days', { value: item.known_days });
    return [target, traffic, say('act.' + action, { value }), days, ahead].filter(Boolean).join(' · ');
  }
  const spokenDay = (day) => dateOf(Engine.dayOf(day.length > 5 ? day : '2001-' + day), day.length <= 5);
  const known = (name, fits) => [() => S[name], (word) => fits(word) && { [name]: word }];
  const isPlace = (id) => id === '' || E.index.has(id);
  const joined = (pairs) => pairs.map((pair) => pair.join('=')).join(',');
  const parted = (word) => word.split(',').map((item) => item.split('='));
  const isPassed = ([kind, id]) => PASSED.includes(kind) && E.exists(kind, id);
  const passing = (name) => [() => joined(S[name]), (word) => ({ [name]: parted(word).filter(isPassed) })];
  const isDay = (word) => /^\d{4}-\d\d-\d\d$/.test(word);
  const changed = (_, word) => ({ items: changesOf(word('c'), word('a')) });
  const wordsOf = (items) => items.map((item) => item.scenario || Engine.inline(item)).join('+');
  // Each key of the link: its word, and the state that a word stands for if it is known.
  const LINK = {
    w: known('view', (name) => VIEWS.includes(name)),
    f: known('from', isPlace),
    t: known('to', isPlace),
    v: known('vehicle', (id) => has(data.vehicles, id)),
    b: known('base', (name) => name === '' || has(data.scenarios, name)),
    go: known('depart', (time) => /^(([01]\d|2[0-3]):[0-5]\d)?$/.test(time)),
    d: [() => Engine.iso(data.first + S.i), (day) => isDay(day) && { i: clamp(Engine.dayOf(day)) }],
    l: [() => LANGS[S.lang], (lang) => data.languages.includes(lang) && { lang: LANGS.indexOf(lang) }],
    c: [() => wordsOf(S.items.filter((item) => !item.add)), changed],
    a: [() => JSON.stringify(S.items.filter((item) => item.add)).replace('[]', ''), changed],
    via: passing('via'),
    avoid: passing('avoid'),
    crew: [() => (S.drivers > 1 ? '2' : ''), (word) => ({ drivers: word === '2' ? 2 : 1 })],
    transit: [() => (S.transit ? '' : 'no'), (word) => ({ transit: word !== 'no' })],
  };
  const link = () => Object.entries(LINK).map(([key, [word]]) => [key, word()]);
  let [first, remembering] = [{}, 0];
  function remember() {
    const values = link().filter(([key, value]) => value !== '' || first[key]);
    try {
      history.replaceState(null, '', '#' + new URLSearchParams(values));
    } catch {
      // A sandboxed frame keeps no address.
    }
  }
  function itemsOf(words) {
    const parts = words.split('+').map((part) => part.trim());
    const isName = (part) => has(data.scenarios, part) && !part.includes(' ');
    const changes = (part) => E.parse(part).change.map(({ by, ...item }) => item);
    const read = (part) => (isName(part) ? { scenario: part } : changes(part));
    return parts.filter(Boolean).flatMap(read);
  }
  function changesOf(words, json) {
    try {
      const items = [...itemsOf(words), ...[].concat(JSON.parse(json || '[]'))].slice(0, MAX_CHIPS);
      return items.every((item) => item.scenario || E.accepts(item)) && !tried(items) ? items : [];
    } catch {
      return [];
    }
  }
  function recalled() {
    const hash = new URLSearchParams(location.hash.slice(1));
    const get = (key) => hash.get(key) || '';
    const given = Object.entries(LINK).filter(([key]) => hash.has(key));
    return Object.assign({}, ...given.map(([key, [, state]]) => state(get(key), get)));
  }
  const kept = new Map();
  const keptOf = (name) => keep(kept, name, () => new Map());
  const once = (name, key, make) => keep(keptOf(name), key, make, MOST_KEPT);
  const V = {};
  const laid = (items) => once('laid', keyOf(items), () => ({ ...E.lay(scenarioOf(items)), items }));
  const position = (lay) => (lay.days.length === 1 ? 0 : S.i);
  const travels = () => S.view === 'routes' || S.view === 'compare';
  function compute() {
    const { drivers, via, avoid, transit, max_wait_h } = S;
    const options = { drivers, via, avoid, transit, max_wait_h };
    const baseItems = S.base ? [{ scenario: S.base }] : [];
    const items = S.hold || !S.items.length ? baseItems : S.items;
    const none = { chosen: null, year: null, yearUsual: null, later: null, trip: null };
    Object.assign(V, { options, items, base: laid(baseItems), ahead: {}, ways: [], ...none });
    V.laid = laid(items);
    [V.i, V.iBase] = [position(V.laid), position(V.base)];
    V.day = V.laid.days[V.i];
    V.traffic = data.vehicles[S.vehicle].t;
    V.changed = keyOf(items) !== keyOf(baseItems);
    const all = V.laid.services.map((service, k) => ({ service, k }));
    V.services = all.filter(({ service }) => service.row.t === V.traffic);
    const usualOf = new Map(V.base.services.map((service) => [service.row.x + service.row.t, service]));
    V.baseOf = ({ row }) => usualOf.get(row.x + row.t);
    V.pair = travels() && E.index.has(S.from) && E.index.has(S.to) && S.from !== S.to;
    const asked = ['base', 'laid'].map((name) => [V[name], position(V[name]), options]);
    if (V.pair) computePair(E.index.get(S.from), E.index.get(S.to), asked);
    const ends = [data.towns, data.ends].map((ids) => ids.map((id) => E.index.get(id)));
    if (travels()) V.matrix = E.contrast(S.vehicle, ...ends, ...asked);
  }
  function computePair(a, b, asked) {
    const [[{ usual, now, change }]] = E.contrast(S.vehicle, [a], [b], ...asked);
    const limit = E.STRETCH * (usual.seconds < Infinity ? usual : now).seconds;
    const [leftUsual, left] = [usual, now].map((found) => E.ways(found, limit));
    Object.assign(V, { usual, now, left, leftUsual, change });
    const most = { ...V.options, k: Math.max(MOST_WAYS, S.k) };
    V.ways = E.routes(V.laid, S.vehicle, a, b, V.i, most).map(wayOf);
    V.chosen = V.ways[Math.min(S.way, V.ways.length - 1)];
    [V.yearUsual, V.year] = asked.map(function ([lay]) {
      const key = keyOf([a, b, S.vehicle, V.options, lay.items]);
      const make = () => E.year(lay, S.vehicle, a, b, V.options);
      return lay.days.length > 1 ? once('year', key, make) : null;
    });
    V.later = V.year && E.waiting(V.year, V.i);
    const [hour, minute] = S.depart.split(':').map(Number);
    if (S.depart) V.trip = E.depart(V.laid, S.vehicle, a, b, V.i, 60 * hour + minute, V.options);
  }
  function wayOf(route, at) {
    const crossing = route.crossings.length ? V.laid.byId.get(route.crossings[0]) : null;
    const legs = E.legs(V.laid, S.vehicle, route, V.i);
    const km = legs.reduce((sum, leg) => sum + leg.km, 0);
    const key = [route.seconds, ...route.steps.map((step) => step[0])].join();
    const { dash } = data.style.routes[at % data.style.routes.length];
    const look = { key, colour: colourOf(crossing), dash };
    const { seconds, rest = 0 } = route;
    return { at, route, crossing, legs, km, seconds, rest, ...look, ...E.certainty(V.laid, route, V.i) };
  }
  const shownWays = () => (S.all ? V.ways : V.ways.slice(0, S.k));
  const isOpen = (status) => status === 'open' || status === 'limited';
  function isUsed({ reason, because, status, crossing }) {
    const unused = E.GONE.includes(reason[V.i]) || because[V.i][0] === 'because.irregular';
    return !unused || isOpen(status(V.i)) || S.items.some((item) => item.crossing === crossing.id);
  }
  const isOwn = ({ crossing }) => data.checkpoints[crossing.cp].own;
  const inUse = (own) => V.services.filter(({ service }) => isOwn(service) === own && isUsed(service));
  // The river is frozen while an ice road at home is open, or its ice still too thin: by record and scenario.
  const hasIce = ({ status, reason }) => isOpen(status(V.i)) || reason[V.i] === 'ice_too_thin';
  const isFrozen = (service) => service.crossing.mode === 'ice_road' && isOwn(service) && hasIce(service);
  let queued = false;
  function set(patch) {
    Object.assign(S, patch);
    if (!queued) requestAnimationFrame(show);
    queued = true;
  }
  function view(name) {
    const ends = name === 'routes' ? { from: S.from || data.towns[0], to: S.to || data.ends[0] } : {};
    set({ view: name, note: '', ...ends });
  }
  // Ask for a pair: once both ends are known, the page shows its routes.
  function ask(patch) {
    Object.assign(S, patch);
    set({ way: 0, note: '', view: S.from && S.to && !travels() ? 'routes' : S.view });
  }
  let map = null;
  const picks = () => ['from', 'to', 'via', 'avoid'].map((which) => [which, say('ask.' + which)]);
  const pick = (which, id) => (Array.isArray(S[which]) ? pass(which, ['place', id]) : ask({ [which]: id }));
  const Glyph = window.PageGlyph(data.style);
  const hooks = { lang: () => S.lang, text, say, settlements, pick, picks, set, Glyph, edges: E.edges };
  function pass(which, target) {
    const others = S[which].filter((item) => item[1] !== target[1]);
    if (isPassed(target)) set({ [which]: others.concat([target]), way: 0 });
  }
  function drawMap() {
    map = map || takeMap();
    const ways = shownWays();
    const used = new Set(ways.flatMap((way) => way.route.crossings.map((id) => id.split(':')[0])));
    const signs = new Map();
    for (const { service } of [...inUse(true), ...inUse(false)]) {
      const { cp: id, mode } = service.crossing;
      const sign = () => ({ id, ...data.checkpoints[id], used: used.has(id), glyphs: [] });
      keep(signs, id, sign).glyphs.push({ mode, status: service.status(V.i) });
    }
    const ends = [S.from, S.to].filter((id) => V.pair && id).map(nodeOf);
    const added = V.laid.extra.map((road) => [road.a, road.b].map((node) => data.nodes[node].at));
    const look = { frozen: V.laid.services.some(isFrozen), fit: S.vehicle, tiles: S.tiles, added };
    const shown = ways.map((way) => ({ ...way, chosen: way === V.chosen }));
    map.draw({ ends, ways: shown, signs: [...signs.values()], ...look });
  }
  function download(name, content) {
    const href = typeof content === 'string' ? content : URL.createObjectURL(content);
    Object.assign(document.createElement('a'), { href, download: name }).click();
  }
  const fileName = () =>
    [data.id, S.view, V.pair ? S.from + '-' + S.to : '', Engine.iso(V.day)].filter(Boolean).join('-');
  function saveScenario() {
    const name = { name: 'scenario', title: wordsOf(S.items).slice(0, MAX_TITLE) || 'scenario' };
    const content = Engine.toToml({ ...scenarioOf(S.items), ...name });
    download('scenario.toml', new Blob([content], { type: 'application/toml' }));
  }
  function saveTable() {
    const cell = function (value) {
      const plain = value === null || value === undefined || Number.isNaN(value) ? '' : String(value);
      // A text that a spreadsheet would take for a formula is quoted.
      const safe = typeof value !== 'number' && /^[=+\-@\t\r]/.test(plain) ? "'" + plain : plain;
      return /[",\n\r]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
    };
    const lines = app.parts.tableRows().map((row) => row.map(cell).join(',') + '\r\n');
    download(fileName() + '.csv', new Blob(['\ufeff', ...lines], { type: 'text/csv' }));
  }
  async function savePicture() {
    document.body.classList.add('picture');
    try {
      const { scrollWidth: width, scrollHeight: height } = byId('page');
      const copy = document.documentElement.cloneNode(true);
      const unseen = 'script, .noprint, header, .side > *, .leaflet-control-zoom, .onlyprint:not(.asked)';
      copy.querySelectorAll(unseen).forEach((node) => node.remove());
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
        <foreignObject width="${width}" height="${height}">`;
      const drawn = svg + new XMLSerializer().serializeToString(copy) + '</foreignObject></svg>';
      const image = Object.assign(new Image(), { src: 'data:image/svg+xml,' + encodeURIComponent(drawn) });
      await image.decode();
      const size = { width: 2 * width, height: 2 * height };
      const canvas = Object.assign(document.createElement('canvas'), size);
      canvas.getContext('2d').drawImage(image, 0, 0, size.width, size.height);
      download(fileName() + '.png', canvas.toDataURL());
    } catch {
      set({ note: say('tool.failed') });
    } finally {
      document.body.classList.remove('picture');
    }
  }
  const copied = async () => navigator.clipboard.writeText(location.href).then(() => say('tool.copied'));
  const copyLink = async () => remember() || set({ note: await copied().catch(() => location.href) });
  const print = () => window.print();
  const tools = { link: copyLink, toml: saveScenario, csv: saveTable, png: savePicture, print };
  const app = { ui, data, E, S, Engine, Glyph, EMPTY, V, once, keyOf, clamp, shownWays, askedFor, nodeOf };
  Object.assign(app, { say, text, number, hours, hoursUnit, percent, length, date, dateOf, dateIn, explain });
  Object.assign(app, { nameOf, find, settlements, checkpointName, crossingName, nameOfTarget });
  Object.assign(app, { titleOf, wordsOf });
  Object.assign(app, { wayName, colourOf, isOpen, inUse, inside, pass, set, ask, change, replace, chip });
  app.parts = { ...window.PageCharts(app), ...window.PagePanels(app) };
  const { Ask, Answer, Crossings, Year, Results } = app.parts;
  const button = (text, run, more) => ui`<button type="button" onclick=${run} ...${more}>${text}</button>`;
  const group = (name, look, buttons) =>
    ui`<div class=${'group noprint ' + look} role="group" aria-label=${name}>${buttons}</div>`;
  function Tools() {
    const languages = data.languages.map(function (lang) {
      const place = LANGS.indexOf(lang);
      const more = { lang, 'aria-pressed': String(S.lang === place) };
      return button(LABELS[place], () => set({ lang: place }), more);
    });
    const tool = ([name, run]) => button(say('tool.' + name), run, { 'data-do': name });
    const doing = Object.entries(tools).map(tool);
    const more = { 'aria-pressed': String(S.tiles), 'data-do': 'tiles' };
    if (start.tiles) doing.push(button(say('layer.tiles'), () => set({ tiles: !S.tiles }), more));
    return ui`<nav class="tools noprint" aria-label=${say('tool.tools')}>
      ${languages.length > 1 && group(say('ui.language'), '', languages)}
      ${group(say('tool.tools'), 'wrap', doing)}</nav>`;
  }
  function Views() {
    const more = (name) => ({ 'data-view': name, 'aria-pressed': String(S.view === name) });
    const views = VIEWS.map((name) => button(say('view.' + name), () => view(name), more(name)));
    return group(say('view.view'), 'views', views);
  }
  function Foot() {
    const record = say('page.record', { date: dateOf(Engine.dayOf(data.record_until)) });
    const tiles = S.tiles ? [start.tiles.attribution] : [];
    const used = V.chosen && V.chosen.route.crossings;
    const isShown = (service) => (used ? used.includes(service.row.x) : isOwn(service));
    const services = V.services.filter(({ service }) => isShown(service));
    const cited = new Set(services.flatMap(({ service }) => service.sources[V.i]));
    const known = [...cited].filter((id) => has(data.sources, id)).slice(0, MAX_SOURCES);
    const titles = known.map(titleOf);
    const credits = [...data.credits, ...tiles, 'Leaflet', 'amurgeo ' + data.package].join(' · ');
    return ui`<footer>${record + ' ' + credits}${data.area && ui`<p>${say('refuse.area')}</p>`}
      <p class="onlyprint">${say('cross.sources') + ': ' + titles.join('; ')}</p></footer>`;
  }
  function show() {
    queued = false;
    compute();
    const title = text(start.title);
    document.documentElement.lang = LANGS[S.lang];
    document.title = V.pair ? title + ': ' + nameOf(S.from) + ' – ' + nameOf(S.to) : title;
    render(
      ui`<header><h1>${title}</h1><${Views} /><${Ask} /></header>
        <main>
          <${Answer} />
          <div class="mapbox" role="region" aria-label=${say('ui.map')}><div id="page-map"></div></div>
          <${Year} />
        </main>
        <div class="right" role="complementary" tabindex="0" aria-label=${say('view.' + S.view)}><${Results} /></div>
        <div class="side"><${Crossings} /><${Tools} /></div>
        <${Foot} />`,
      byId('page'),
    );
    drawMap();
    // A browser counts how often a page moves its address.
    clearTimeout(remembering);
    remembering = setTimeout(remember, REMEMBER_MS);
  }
  // The map of Folium moves into the page, with what its author has added to it.
  function takeMap() {
    byId('page-map').append(leaflet.getContainer());
    leaflet.invalidateSize({ animate: false });
    return window.PageMap(leaflet, data, hooks, start.tiles);
  }
  // The printed page is one A4: a long answer is made smaller, and the map is fitted to it.
  function printing(on) {
    const page = byId('page');
    document.body.classList.toggle('printing', on);
    page.style.zoom = on ? Math.min(1, A4_WITHOUT_MARGINS_PX / page.scrollHeight) : '';
    page.style.width = on ? `calc(190mm / ${page.style.zoom})` : '';
    leaflet.invalidateSize({ animate: false });
    map.fit();
  }
  S.lang = Math.max(0, LANGS.indexOf(document.documentElement.lang));
  Object.assign(S, start.state);
  const opened = (item) => (item.scenario ? changesOf(item.scenario, '') : []);
  S.items = S.items.flatMap((item) => (opened(item).length ? opened(item) : [item]));
  S.i = clamp(start.day);
  app.carried = { ...start.carried, asked: askedFor(S.items) };
  first = Object.fromEntries(link());
  Object.assign(S, recalled());
  show();
  window.addEventListener('beforeprint', () => printing(true));
  window.addEventListener('afterprint', () => printing(false));
  window.addEventListener('resize', () => leaflet.invalidateSize({ animate: false }));
  window.addEventListener('hashchange', () => set(recalled()));
  document.body.dataset.ready = 'yes';
  window.pageApp = { S, E, data, set, change, map, V: () => V };
};
