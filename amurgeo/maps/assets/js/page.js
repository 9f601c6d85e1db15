// The page: one state and one render. The reader's question is kept in S; everything shown is computed from it.
(function () {
  'use strict';

  const LANGS = ['en', 'ru', 'zh'];
  const LOCALES = ['en-GB', 'ru-RU', 'zh-CN'];
  const LABELS = ['EN', 'РУ', '中'];
  const VIEWS = ['network', 'season', 'routes', 'compare'];
  const SETTLEMENTS = ['city', 'town', 'village', 'port'];
  const UNUSED = ['retired', 'not_yet_open'];
  const DASHES = [null, '9 4', '3 4', '12 4 3 4', '6 6', '2 6'];
  const MOST_WAYS = 12;
  const ICE = 'ice_road';
  const MAX_CHIPS = 50;
  // Height of an A4 page without its margins.
  const A4_PX = 1000;
  const MAX_SOURCES = 8;
  const MAX_HOURS = 1000;
  const MAX_TITLE = 200;
  const DAY_MS = 864e5;
  const EMPTY = '–';

  window.PageApp = function (leaflet) {
    const { html: ui, render } = window.htmPreact;
    const Engine = window.PageEngine;
    const byId = (id) => document.getElementById(id);
    const data = JSON.parse(byId('page-data').textContent);
    const start = JSON.parse(byId('page-start').textContent);
    const E = Engine.Engine(data);
    const clamp = (day) => Math.max(0, Math.min(data.n - 1, day - data.first || 0));
    const has = Object.hasOwn;
    const S = { view: 'network', from: '', to: '', vehicle: data.vehicle, i: 0, lang: 0 };
    Object.assign(S, { base: '', items: [], border: {}, via: [], avoid: [], drivers: 1, transit: true });
    Object.assign(S, { depart: '', max_wait_h: null, k: 4, way: 0, legs: false, all: false });
    Object.assign(S, { open: '', hold: false, note: '', tiles: false });

    // -- words and numbers ---------------------------------------------------------------------------------
    function say(key, values) {
      const text = (has(data.words, key) && data.words[key][S.lang]) || key;
      return text.replace(/\{(\w+)\}/g, (gap, name) => (values && has(values, name) ? values[name] : gap));
    }
    const text = (names) => names[LANGS[S.lang]] || names[data.languages[0]] || '';
    // A name as it stands after a comma; an abbreviation stays.
    const inside = (name) => (/^.\p{Lu}/u.test(name) ? name : name.slice(0, 1).toLowerCase() + name.slice(1));
    const number = (value, digits = 0) =>
      value.toLocaleString(LOCALES[S.lang], { minimumFractionDigits: digits, maximumFractionDigits: digits });
    // One decimal as Python prints it: an exact tie goes to the even digit.
    function tenth(value) {
      const tie = Number.isInteger(value * 4) && Math.abs((value * 10) % 1) === 0.5;
      return tie ? (2 * Math.round(value * 5)) / 10 : Number(value.toFixed(1));
    }
    const hours = (seconds) => (seconds < Infinity ? number(tenth(seconds / 3600), 1) : EMPTY);
    const hoursUnit = (seconds) => hours(seconds) + '\u00a0' + say('unit.h');
    // Neither 0 nor 100 % is said of what is not certain.
    const percent = (share) =>
      number(Math.min(Math.max(100 * share, share > 0 ? 1 : 0), share < 1 ? 99 : 100)) + '\u00a0%';
    const length = (km) => number(km) + '\u00a0' + say('unit.km');
    function dateOf(day, short) {
      const form = short
        ? { day: 'numeric', month: 'short' }
        : { day: 'numeric', month: 'long', year: 'numeric' };
      return new Date(day * DAY_MS).toLocaleDateString(LOCALES[S.lang], { timeZone: 'UTC', ...form });
    }
    const date = (i, short) => dateOf(data.first + i, short);
    // A text of the engine with its values: texts, dates, numbers and keys of words in the language.
    function spoken(value) {
      if (Array.isArray(value)) return explain(value);
      if (typeof value === 'number') return number(value, Number.isInteger(value) ? 0 : 1);
      const crossings = (text) => text.replace(/\w+:[a-z_]+/g, (id) => (KINDS.crossing(id) ? named(id) : id));
      return /^\d{4}-\d\d-\d\d$/.test(value) ? dateOf(Engine.dayOf(value)) : say(crossings(String(value)));
    }
    function explain([key, values]) {
      const pairs = Object.entries(values || {}).map(([name, value]) => [name, spoken(value)]);
      return say(key, Object.fromEntries(pairs));
    }

    // -- places and crossings ------------------------------------------------------------------------------
    data.nodes.forEach((node) => (node.home = node.side !== 'far'));
    const nodeOf = (id) => data.nodes[E.index.get(id)];
    const nameOf = (id) => (E.index.has(id) ? nodeOf(id).n[S.lang] : id);
    const settlements = data.nodes
      .filter((node) => SETTLEMENTS.includes(node.k))
      .sort((a, b) => (b.pop || 0) - (a.pop || 0));
    const fold = (name) =>
      name
        .toLowerCase()
        .replace(/[ёэ]/g, 'е')
        .replace(/[^\p{L}\p{N}]/gu, '');
    function find(typed) {
      const wanted = fold(typed);
      const names = (node) => [...node.n, node.id, ...(node.al || [])].map(fold);
      const search = (fits) => settlements.find((node) => names(node).some(fits));
      const found = search((name) => name === wanted) || search((name) => name.startsWith(wanted));
      return wanted ? found : undefined;
    }
    const checkpointName = (id) => (has(data.checkpoints, id) ? data.checkpoints[id].n[S.lang] : id);
    const crossingName = ({ cp, mode }) =>
      say('cross.name', { place: checkpointName(cp), mode: say('short.' + mode) });
    const colourOf = (crossing) =>
      crossing ? (data.style.modes[crossing.mode] || data.style.modes.other).colour : data.style.colours.road;
    function named(id) {
      const [cp, mode] = id.split(':');
      return crossingName({ cp, mode });
    }

    // -- scenarios -----------------------------------------------------------------------------------------
    const scenarioOf = (items) =>
      E.join(items.map((item) => (item.scenario ? data.scenarios[item.scenario] : { change: [item] })));
    const keyOf = (items) => JSON.stringify(items);
    function tried(items) {
      try {
        return E.refusal(scenarioOf(items));
      } catch (error) {
        if (error.key) return error;
        throw error;
      }
    }
    // Change the scenario, or say why the library would refuse it.
    function change(items, more) {
      const refused = tried(items);
      set(refused ? { note: explain([refused.key, refused.values]) } : { items, way: 0, note: '', ...more });
    }
    const isFor = (crossing, action) => (item) =>
      item.crossing === crossing && !item.days && !item.traffic && has(item, action);
    // Set an amount at a crossing, or take it back with null.
    function put(crossing, action, value) {
      const kept = S.items.filter((item) => !isFor(crossing, action)(item));
      change(value === null ? kept : kept.concat({ crossing, [action]: value }));
    }
    function given(crossing, action) {
      const item = S.items.find(isFor(crossing, action));
      return item ? item[action] : '';
    }
    function chip(item) {
      if (item.scenario) return text(data.scenarios[item.scenario].title || {}) || item.scenario;
      if (item.add) {
        const added = item.add.checkpoint ? { cp: item.add.checkpoint, mode: item.add.mode } : null;
        return '+ ' + (added ? crossingName(added) : [item.add.from, item.add.to].map(nameOf).join(' – '));
      }
      const action = Engine.actionOf(item);
      const mode = (name) => say('mode.' + name);
      const vehicle = (id) => (has(data.vehicles, id) ? data.vehicles[id].name[S.lang] : id);
      const targets = { crossing: named, checkpoint: checkpointName, mode, vehicle, road: String };
      const kind = Object.keys(targets).find((name) => item[name]);
      const target = kind ? targets[kind](item[kind]) : '';
      const days = item.days ? item.days.split('..').map(spokenDay).join(' – ') : '';
      const traffic = item.traffic ? say('traffic.' + item.traffic) : '';
      const value = typeof item[action] === 'number' ? number(item[action], item[action] % 1 ? 1 : 0) : '';
      return [target, traffic, say('act.' + action, { value }), days].filter(Boolean).join(' · ');
    }
    function spokenDay(day) {
      const whole = day.length > 5;
      return dateOf(Engine.dayOf(whole ? day : '2001-' + day), !whole);
    }

    // -- the link: the changes in the words of the command line --------------------------------------------
    const KINDS = {
      place: (id) => E.index.has(id),
      crossing: (id) => data.crossings.some((crossing) => crossing.id === id),
      checkpoint: (id) => has(data.checkpoints, id),
      mode: (id) => has(data.style.modes, id),
    };
    const passes = (pairs) => pairs.filter(([kind, id]) => has(KINDS, kind) && KINDS[kind](id));
    const isPlace = (id) => id === '' || E.index.has(id);
    // Values of the link that are kept as they are: what they must be, and where they are kept.
    const PLAIN = {
      w: ['view', (name) => VIEWS.includes(name)],
      f: ['from', isPlace],
      t: ['to', isPlace],
      v: ['vehicle', (id) => has(data.vehicles, id)],
      b: ['base', (name) => name === '' || has(data.scenarios, name)],
      go: ['depart', (time) => /^(([01]\d|2[0-3]):[0-5]\d)?$/.test(time)],
    };
    function link() {
      const plain = Object.entries(PLAIN).map(([key, [name]]) => [key, S[name]]);
      const added = S.items.filter((item) => item.add);
      const changes = S.items.filter((item) => !item.add);
      return {
        ...Object.fromEntries(plain),
        d: Engine.iso(data.first + S.i),
        l: LANGS[S.lang],
        c: changes.map((item) => item.scenario || Engine.inline(item)).join('+'),
        a: added.length ? JSON.stringify(added) : '',
        h: Object.entries(S.border).map(joined).join(','),
        via: S.via.map(joined).join(','),
        avoid: S.avoid.map(joined).join(','),
        crew: S.drivers > 1 ? '2' : '',
        transit: S.transit ? '' : 'no',
      };
    }
    let first = {};
    function remember() {
      const values = Object.entries(link()).filter(([key, value]) => value !== '' || first[key]);
      try {
        history.replaceState(null, '', '#' + new URLSearchParams(values));
      } catch {
        // A sandboxed frame keeps no address.
      }
    }
    function itemsOf(words) {
      const parts = words.split('+').map((part) => part.trim());
      // A change in the words of the command line has a space, the name of a scenario has none.
      const read = (part) =>
        has(data.scenarios, part) && !part.includes(' ')
          ? [{ scenario: part }]
          : E.parse(part).change.map(({ by, ...item }) => item);
      return parts.filter(Boolean).flatMap(read);
    }
    // The changes of a link; none if the library would refuse one.
    function changesOf(words, json) {
      try {
        const added = [].concat(JSON.parse(json || '[]'));
        const items = itemsOf(words).concat(added).slice(0, MAX_CHIPS);
        return items.every((item) => item.scenario || E.accepts(item)) && !tried(items) ? items : [];
      } catch {
        return [];
      }
    }
    function recall() {
      const hash = new URLSearchParams(location.hash.slice(1));
      const get = (key) => hash.get(key) || '';
      for (const [key, [name, known]] of Object.entries(PLAIN)) {
        if (hash.has(key) && known(get(key))) S[name] = get(key);
      }
      if (/^\d{4}-\d\d-\d\d$/.test(get('d'))) S.i = clamp(Engine.dayOf(get('d')));
      if (data.languages.includes(get('l'))) S.lang = LANGS.indexOf(get('l'));
      if (hash.has('c') || hash.has('a')) S.items = changesOf(get('c'), get('a'));
      const pairs = (key) => get(key).split(',').map((item) => item.split('=')); // prettier-ignore
      for (const key of ['via', 'avoid'].filter((name) => hash.has(name))) S[key] = passes(pairs(key));
      if (hash.has('h')) {
        const valid = ([id, value]) => KINDS.crossing(id) && Number(value) >= 0 && Number(value) <= MAX_HOURS;
        S.border = Object.fromEntries(pairs('h').filter(valid).map(([id, value]) => [id, Number(value)])); // prettier-ignore
      }
      S.drivers = hash.has('crew') ? (get('crew') === '2' ? 2 : 1) : S.drivers;
      S.transit = hash.has('transit') ? get('transit') !== 'no' : S.transit;
    }
    const joined = (pair) => pair.join('=');

    // -- what is shown is computed ---------------------------------------------------------------------------
    const kept = new Map();
    function once(name, key, make) {
      const found = kept.get(name);
      if (found && found.key === key) return found.value;
      const value = make();
      kept.set(name, { key, value });
      return value;
    }
    let V = {};
    const laid = (name, items) => once('laid' + name, keyOf(items), () => E.lay(scenarioOf(items)));
    const position = (lay) => (lay.days.length === 1 ? 0 : S.i);
    const travels = () => S.view === 'routes' || S.view === 'compare';
    function compute() {
      const began = performance.now();
      const plain = { drivers: S.drivers, via: S.via, avoid: S.avoid, transit: S.transit };
      const options = S.hold ? plain : { ...plain, border: S.border, max_wait_h: S.max_wait_h };
      const baseItems = S.base ? [{ scenario: S.base }] : [];
      const items = S.hold || !S.items.length ? baseItems : S.items;
      V = { options, items, base: laid('base', baseItems), laid: laid(S.hold ? 'base' : 'now', items) };
      V.traffic = data.vehicles[S.vehicle].t;
      [V.i, V.iBase] = [position(V.laid), position(V.base)];
      V.day = V.laid.days[V.i];
      V.changed = keyOf(items) !== keyOf(baseItems) || (!S.hold && Object.keys(S.border).length > 0);
      V.services = V.laid.services
        .map((service, k) => ({ service, k }))
        .filter(({ service }) => service.row.t === V.traffic);
      V.pair = travels() && E.index.has(S.from) && E.index.has(S.to) && S.from !== S.to;
      V.ways = [];
      if (V.pair) computePair(E.index.get(S.from), E.index.get(S.to), plain);
      if (travels()) {
        const [towns, ends] = [data.towns, data.ends].map((ids) => ids.map((id) => E.index.get(id)));
        V.matrix = E.matrix(V.laid, S.vehicle, towns, ends, V.i, V.options);
        V.matrixBase = E.matrix(V.base, S.vehicle, towns, ends, V.iBase, plain);
      }
      S.computed = performance.now() - began;
    }
    function computePair(a, b, plain) {
      V.usual = E.pair(V.base, S.vehicle, a, b, V.iBase, plain);
      V.now = E.pair(V.laid, S.vehicle, a, b, V.i, V.options);
      const limit = E.STRETCH * (V.usual.seconds < Infinity ? V.usual : V.now).seconds;
      V.left = E.ways(V.laid, V.now, limit);
      V.leftUsual = E.ways(V.base, V.usual, limit);
      const found = E.routes(V.laid, S.vehicle, a, b, V.i, { ...V.options, k: Math.max(MOST_WAYS, S.k) });
      V.ways = found.map(function (route, at) {
        const crossing = route.crossings.length ? V.laid.byId.get(route.crossings[0]) : null;
        const legs = E.legs(V.laid, S.vehicle, route, V.i);
        const km = legs.reduce((sum, leg) => sum + leg.km, 0);
        const key = [route.seconds, ...route.steps.map((step) => step[0])].join();
        const look = { colour: colourOf(crossing), dash: DASHES[at % DASHES.length] };
        const sure = { rest: route.rest || 0, km, ...E.certainty(V.laid, route, V.i) };
        return { at, key, route, crossing, legs, seconds: route.seconds, ...look, ...sure };
      });
      V.chosen = V.ways[Math.min(S.way, V.ways.length - 1)];
      const year = function (name, lay, items, options) {
        const make = () => E.year(lay, S.vehicle, a, b, options);
        return lay.days.length > 1 ? once(name, keyOf([a, b, S.vehicle, options, items]), make) : null;
      };
      V.year = year('year', V.laid, V.items, V.options);
      V.yearUsual = year('yearUsual', V.base, S.base, plain);
      V.later = V.year && E.waiting(V.year, V.i);
      if (S.depart) {
        const [hour, minute] = S.depart.split(':').map(Number);
        V.trip = E.depart(V.laid, S.vehicle, a, b, V.i, 60 * hour + minute, V.options);
      }
    }
    const isOpen = (status) => status === 'open' || status === 'limited';
    const isUnused = ({ reason, because }) =>
      UNUSED.includes(reason[V.i]) || because[V.i][0] === 'because.irregular';
    // Services of the traffic that are in use, at home or elsewhere.
    const inUse = (own) =>
      V.services.filter(function ({ service }) {
        const { id, cp } = service.crossing;
        const used = !isUnused(service) || isOpen(service.status(V.i));
        return data.checkpoints[cp].own === own && (used || S.items.some((item) => item.crossing === id));
      });
    // The river is frozen while an ice road at home is open, or its ice still too thin: by record and scenario.
    const isFrozen = () =>
      V.laid.services.some(function (service) {
        const ice = service.crossing.mode === ICE && data.checkpoints[service.crossing.cp].own;
        return ice && (isOpen(service.status(V.i)) || service.reason[V.i] === 'ice_too_thin');
      });

    // -- the state changes -----------------------------------------------------------------------------------
    let queued = false;
    function set(patch) {
      Object.assign(S, patch);
      if (!queued) {
        queued = true;
        requestAnimationFrame(function () {
          queued = false;
          show();
          remember();
        });
      }
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

    // -- map -------------------------------------------------------------------------------------------------
    let map = null;
    const picks = () => ['from', 'to', 'via', 'avoid'].map((which) => [which, say('ask.' + which)]);
    const choose = (way) => set({ way });
    const open = (id) => set({ open: id });
    const hooks = { lang: () => S.lang, text, say, settlements, pick, picks, choose, open };
    function pick(which, id) {
      if (which === 'via' || which === 'avoid') {
        set({ [which]: S[which].filter((item) => item[1] !== id).concat([['place', id]]) });
      } else {
        ask({ [which]: id });
      }
    }
    function drawMap() {
      map = map || takeMap();
      const ways = V.ways.slice(0, S.all ? V.ways.length : S.k);
      const used = new Set(ways.flatMap((way) => way.route.crossings.map((id) => id.split(':')[0])));
      const signs = new Map();
      for (const { service } of [...inUse(true), ...inUse(false)]) {
        const id = service.crossing.cp;
        const { n, at, own } = data.checkpoints[id];
        const sign = signs.get(id) || { id, n, at, own, used: used.has(id), glyphs: [] };
        sign.glyphs.push({ mode: service.crossing.mode, status: service.status(V.i) });
        signs.set(id, sign);
      }
      const ends = [S.from, S.to].filter((id) => V.pair && id).map(nodeOf);
      const shown = ways.map((way) => ({ ...way, chosen: way === V.chosen }));
      const look = { frozen: isFrozen(), fit: S.vehicle, tiles: S.tiles };
      map.draw({ ends, ways: shown, signs: [...signs.values()], ...look });
    }

    // -- output ----------------------------------------------------------------------------------------------
    function download(name, content) {
      const link = document.createElement('a');
      link.href = typeof content === 'string' ? content : URL.createObjectURL(content);
      link.download = name;
      link.click();
    }
    const fileName = () =>
      [data.id, S.view, V.pair ? S.from + '-' + S.to : '', Engine.iso(V.day)].filter(Boolean).join('-');
    function saveScenario() {
      const words = S.items.map((item) => item.scenario || Engine.inline(item)).join('+');
      const name = { name: 'scenario', title: words.slice(0, MAX_TITLE) || 'scenario' };
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
        const unseen = 'script, .noprint, .side > *, .leaflet-control-zoom, .onlyprint:not(.asked)';
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
    async function copyLink() {
      try {
        await navigator.clipboard.writeText(location.href);
        set({ note: say('tool.copied') });
      } catch {
        set({ note: location.href });
      }
    }

    // -- the page ------------------------------------------------------------------------------------------
    const print = () => window.print();
    const tools = { link: copyLink, toml: saveScenario, csv: saveTable, png: savePicture, print };
    const locale = () => LOCALES[S.lang];
    const app = { ui, data, E, S, Engine, EMPTY, V: () => V, locale, once, keyOf, clamp };
    Object.assign(app, { say, text, number, hours, hoursUnit, percent, length, date, dateOf, explain });
    Object.assign(app, { nameOf, find, settlements, checkpointName, crossingName, named, colourOf });
    Object.assign(app, { isOpen, inUse, inside, passes, set, ask, change, put, given, chip });
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
      const doing = Object.entries(tools).map(([name, run]) =>
        button(say('tool.' + name), run, { 'data-do': name }),
      );
      if (start.tiles) {
        const more = { 'aria-pressed': String(S.tiles), 'data-do': 'tiles' };
        doing.push(button(say('layer.tiles'), () => set({ tiles: !S.tiles }), more));
      }
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
      const shown = V.chosen && V.pair ? V.chosen.route.crossings : null;
      const services = V.services.filter(({ service: { row, crossing } }) =>
        shown ? shown.includes(row.x) : data.checkpoints[crossing.cp].own,
      );
      const cited = new Set(services.flatMap(({ service }) => service.sources[V.i]));
      const known = [...cited].filter((id) => has(data.sources, id)).slice(0, MAX_SOURCES);
      const titles = known.map((id) => data.sources[id].title);
      const credits = [...data.credits, ...tiles, 'Leaflet', 'amurgeo ' + data.package].join(' · ');
      return ui`<footer>${record + ' ' + credits}
        <p class="onlyprint">${say('cross.sources') + ': ' + titles.join('; ')}</p></footer>`;
    }
    function show() {
      compute();
      const began = performance.now();
      const title = text(start.title);
      document.documentElement.lang = LANGS[S.lang];
      document.title = V.pair ? title + ': ' + nameOf(S.from) + ' – ' + nameOf(S.to) : title;
      render(
        ui`<div class="side">
            <header><h1>${title}</h1><${Views} /><${Ask} /></header>
            <${Crossings} /><${Tools} />
          </div>
          <main>
            <${Answer} />
            <div class="mapbox" role="region" aria-label=${say('ui.map')}><div id="page-map"></div></div>
            <${Year} />
          </main>
          <div class="right" role="complementary" tabindex="0" aria-label=${say('view.' + S.view)}><${Results} /></div>
          <${Foot} />`,
        byId('page'),
      );
      S.rendered = performance.now() - began;
      drawMap();
      S.drawn = performance.now() - began - S.rendered;
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
      page.style.zoom = on ? Math.min(1, A4_PX / page.scrollHeight) : '';
      page.style.width = on ? `calc(190mm / ${page.style.zoom})` : '';
      leaflet.invalidateSize({ animate: false });
      map.fit();
    }
    S.lang = Math.max(0, LANGS.indexOf(document.documentElement.lang));
    Object.assign(S, start.state);
    S.items = S.items.flatMap(function (item) {
      const opened = item.scenario ? changesOf(item.scenario, '') : [item];
      return opened.length ? opened : [item];
    });
    S.i = clamp(start.day);
    first = link();
    recall();
    show();
    remember();
    window.addEventListener('beforeprint', () => printing(true));
    window.addEventListener('afterprint', () => printing(false));
    window.addEventListener('resize', () => leaflet.invalidateSize({ animate: false }));
    window.addEventListener('hashchange', function () {
      recall();
      show();
    });
    document.body.dataset.ready = 'yes';
    window.pageApp = { S, E, data, set, change, map, V: () => V };
  };
})();
