// The map: base map, crossings with their signs, routes and names. Data is written as text nodes only.
// The sign of a mode: filled when open, pale and dashed when limited, hollow when closed.
window.PageGlyph = ({ colours, modes }) =>
  function Glyph({ mode, status, size = 16 }) {
    const { colour, points } = modes[mode] || modes.other;
    const looks = {
      open: { fill: colour, stroke: '#fff', 'stroke-width': 1.5 },
      limited: { fill: colour, 'fill-opacity': 0.35, stroke: colour, 'stroke-dasharray': '4 2' },
      closed: { fill: '#fff', stroke: colours.closed },
      unknown: { fill: colours.unknown, stroke: colours.closed, 'stroke-dasharray': '2 2' },
    };
    const look = { 'stroke-width': 2.4, ...looks[status] };
    return window.htmPreact
      .html`<svg class="glyph" width=${size} height=${size} viewBox="0 0 24 24" aria-hidden="true">
      <polygon points=${points} ...${look} /></svg>`;
  };
window.PageMap = function (map, data, hooks, tiles) {
  'use strict';
  const { html: ui, render } = window.htmPreact;
  const UNDER = { land: 150, tiles: 180, water: 220, line: 250, rail: 300, road: 310 };
  const PANES = { ...UNDER, way: 430, name: 480, sign: 610 };
  const SIZES = { end: 15, place: 12.5, minor: 12, sign: 12.5, region: 12, water: 12 };
  const STYLES = { end: '700', place: '600', region: '600', water: 'italic' };
  // Positions of a name around its dot, best first on the home side; mirrored on the other side.
  const AROUND = [1, -1].flatMap((x) => [0, -1, 1].map((y) => [x, y])).concat([-1.2, 1.2].map((y) => [0, y]));
  // Pixels around the view in which names are laid out as well.
  const [MARGIN, REACH] = [350, 40];
  const PINS = { from: 'A', to: 'B' };
  const { style, ground } = data;
  const { colours } = style;
  const renderers = {};
  // A view that is set anew ends with a reset, which draws all again: what comes before it need not.
  function drawnOnce(renderer) {
    const { _reset, _onZoomEnd, _updatePaths } = renderer;
    let resetting = false;
    map.on('viewprereset', () => (resetting = Boolean(renderer._map)));
    const unless = (act) => () => resetting || act.call(renderer);
    const reset = () => _reset.call(renderer) || (resetting = false);
    const acts = { _reset: reset, _onZoomEnd: unless(_onZoomEnd), _updatePaths: unless(_updatePaths) };
    return Object.assign(renderer, acts);
  }
  for (const [name, level] of Object.entries(PANES)) {
    const pointerEvents = name === 'way' || name === 'sign' ? '' : 'none';
    Object.assign(map.createPane('page-' + name).style, { zIndex: level, pointerEvents });
    renderers[name] = drawnOnce(L.svg({ pane: 'page-' + name, padding: 0.6 }));
  }
  const unpack = (line) => window.PageEngine.unpack(line, ground.steps);
  const still = { interactive: false, smoothFactor: 1.2, fillOpacity: 1 };
  const options = (pane, look) => ({ pane: 'page-' + pane, renderer: renderers[pane], ...still, ...look });
  // Points are projected once; another zoom only scales them.
  const flats = new WeakMap();
  function project(points, made, bounds) {
    if (!(points[0] instanceof L.LatLng)) return points.forEach((part) => project(part, made, bounds));
    const flat = window.PageScenario.keep(flats, points, () => points.map((at) => map.project(at, 0)));
    const [by, origin] = [map.getZoomScale(map.getZoom(), 0), map.getPixelOrigin()];
    const pixels = flat.map((at) => at.multiplyBy(by)._round()._subtract(origin));
    pixels.forEach((point) => bounds.extend(point));
    made.push(pixels);
  }
  const add = (layer) => Object.assign(layer, { _projectLatlngs: project }).addTo(map);
  const line = (points, pane, look) => add(L.polyline(points, options(pane, look)));
  const shapesOf = (rings) => rings.map((ring) => ring.map(unpack));
  const area = (rings, pane, look) => add(L.polygon(shapesOf(rings), options(pane, look)));
  const metres = (zoom) => (40075017 * Math.cos((map.getCenter().lat * Math.PI) / 180)) / (256 * 2 ** zoom);
  const [scaled, rivers] = [[], []];
  function drawLand() {
    if (ground.bounds) {
      L.rectangle(ground.bounds, options('land', { stroke: false, fillColor: colours.sea })).addTo(map);
      map.setMaxBounds(L.latLngBounds(ground.bounds).pad(0.25));
    }
    for (const part of ground.areas) {
      const weight = part.role === 'own' ? 1.4 : 0.7;
      const edge = { color: colours.region_edge, weight, opacity: 0.8, dashArray: '5 3' };
      area(part.rings, 'land', { fillColor: colours[part.role], ...edge });
    }
  }
  function growing(lines, pane, look, at) {
    const drawn = line(lines, pane, look);
    scaled.push((grow, zoom) => drawn.setStyle(at(grow, zoom)));
    return drawn;
  }
  function drawWater() {
    for (const lake of ground.lakes) {
      const fillColor = lake.pale ? colours.pale_water : colours.water;
      area(lake.rings, 'water', { fillColor, stroke: !lake.pale, color: colours.river, weight: 0.6 });
    }
    for (const large of [false, true]) {
      const lines = ground.rivers.filter((river) => river.large === large).flatMap((river) => river.lines);
      const at = (grow) => ({ weight: (large ? 1.5 : 0.8) * grow });
      growing(lines.map(unpack), 'water', { color: colours.river, opacity: 0.9 }, at);
    }
    for (const { lines: packed, river, width_m } of ground.border) {
      const lines = packed.map(unpack);
      const least = (zoom) => (zoom < 6 ? 2.4 : 4) * (width_m ? 1 : 0.45);
      const width = (zoom) => Math.max(least(zoom), (width_m || 150) / metres(zoom));
      const banks = (color, more) =>
        growing(lines, 'water', { color, lineCap: 'round' }, (_, zoom) => ({ weight: width(zoom) + more }));
      if (river) banks(colours.river, 1.6);
      if (river) rivers.push(banks(colours.water, 0));
      line(lines, 'line', { color: colours.border, weight: 1.3, opacity: 0.8, dashArray: '9 3 2 3' });
    }
  }
  const { edges } = hooks;
  const endsOf = (...ends) => ends.map((node) => data.nodes[node].at);
  const shapes = edges.map(({ line: packed, a, b }) => (packed ? unpack(packed) : endsOf(a, b)));
  // Edges of one look are one path, so that a zoom redraws few of them.
  function drawEdges() {
    const groups = new Map();
    edges.forEach(function ({ line: packed, kind, season, class: road, course, status }, edge) {
      const look = kind === 'railway' ? 'rail' : season >= 0 ? 'winter' : road;
      const key = look + (course === 'schematic' || status === 'out_of_use' ? '|dashed' : '|');
      if (packed) groups.set(key, [...(groups.get(key) || []), shapes[edge]]);
    });
    for (const [key, lines] of groups) {
      const [look, dashed] = key.split('|');
      const road = style.roads[look] || style.roads.secondary;
      const color = look === 'winter' ? colours.winter_road : '#a39d92';
      const dashArray = look === 'winter' ? '7 4' : dashed && '4 4';
      const at = (grow, zoom) => ({ weight: road.weight * 0.8 * grow, opacity: zoom < road.zoom ? 0 : 0.9 });
      if (look !== 'rail') growing(lines, 'road', { color, dashArray }, at);
      if (look !== 'rail') continue;
      line(lines, 'rail', { color: colours.railway, weight: 1.6, opacity: 0.5, dashArray: dashed && '2 5' });
      line(lines, 'rail', { color: '#fff', weight: 0.8, dashArray: '5 5', opacity: dashed ? 0 : 1 });
    }
  }
  function scale() {
    const zoom = map.getZoom();
    const grow = zoom >= 9 ? 1.7 : zoom >= 7.5 ? 1.25 : zoom < 5.5 ? 0.75 : 1;
    scaled.forEach((set) => set(grow, zoom));
  }
  const pen = document.createElement('canvas').getContext('2d');
  const family = getComputedStyle(map.getContainer()).fontFamily;
  const widths = new Map();
  const widthOf = (text, look) => window.PageScenario.keep(widths, look + text, () => measured(text, look));
  function measured(text, look) {
    pen.font = `${STYLES[look] || ''} ${SIZES[look]}px ${family}`;
    return pen.measureText(text).width + 5;
  }
  // An online background asks for nothing before the reader switches it on.
  const background = tiles && L.tileLayer(tiles.url, { pane: 'page-tiles' });
  const setTiles = (on) => background && background[on ? 'addTo' : 'removeFrom'](map);
  const nameIn = (names) => names[hooks.lang()];
  const byZoom = (a, b) => a.z - b.z || (b.pop || 0) - (a.pop || 0);
  const named = data.nodes.filter((node) => node.z !== undefined).sort(byZoom);
  let shown = null;
  let layout = { key: '', view: null, marks: [] };
  const layerIn = (pane) => L.DomUtil.create('div', 'leaflet-zoom-hide', map.getPane('page-' + pane));
  const layers = { name: layerIn('name'), sign: layerIn('sign') };
  // Names and signs in the pixels of one zoom; only signs change from day to day.
  function label() {
    if (!shown) return;
    const [zoom, view] = [map.getZoom(), map.getPixelBounds()];
    const signs = shown.signs.filter((sign) => sign.own || sign.used || zoom >= 5.25);
    const ids = [...shown.ends.map((node) => node.id), ...signs.map((sign) => sign.id + sign.glyphs.length)];
    const key = [zoom, hooks.lang(), ...ids].join('|');
    if (layout.key !== key || !layout.view.contains(view)) {
      const around = L.bounds(view.min.subtract([MARGIN, MARGIN]), view.max.add([MARGIN, MARGIN]));
      layout = { key, view: around, marks: layOut(zoom, view, around, signs) };
      const dot = ({ dot, pin }) =>
        ui`<b class=${pin ? 'pin pin-' + pin : 'dot'} style=${moved(...dot)}>${pin && PINS[pin]}</b>`;
      const name = (one) => ui`<div class="name ${one.look}" style=${moved(...one.corner)}>${one.text}</div>`;
      const names = layout.marks.filter((mark) => !mark.sign);
      render([layout.marks.filter((mark) => mark.dot).map(dot), names.map(name)], layers.name);
    }
    const glyphs = new Map(signs.map((sign) => [sign.id, sign.glyphs]));
    const sign = ({ sign: id, corner, text }) => ui`<div class="sign" key=${id} style=${moved(...corner)}
      onclick=${(event) => L.DomEvent.stop(event) && hooks.set({ open: id })}>
      ${glyphs.get(id).map((glyph) => ui`<${hooks.Glyph} ...${glyph} size="17" />`)}<span>${text}</span></div>`;
    render(layout.marks.filter((mark) => mark.sign).map(sign), layers.sign);
  }
  const moved = (left, top) => ({ transform: `translate(${left}px, ${top}px)` });
  function layOut(zoom, view, around, signs) {
    const [taken, marks, origin] = [[], [], map.getPixelOrigin()];
    const pixels = ({ x, y }) => [Math.round(x - origin.x), Math.round(y - origin.y)];
    function put(at, look, text, { far, glyphs = 0, pin, inside, dotted = true, sign }) {
      const point = map.project(at, zoom);
      if (!around.contains(point)) return;
      const width = widthOf(text, look) + (glyphs ? glyphs * 17 + 12 : 0);
      const height = glyphs ? 24 : SIZES[look] + 4;
      const boxes = (dotted ? AROUND : [[0, 0]]).map(function ([x, y]) {
        const side = far ? -x : x;
        const away = pin ? 14 : 9;
        const left = point.x + (side > 0 ? away : side < 0 ? -away - width : -width / 2);
        const top = point.y - height / 2 + (y * (height + 14)) / 2;
        return L.bounds([left, top], [left + width, top + height]);
      });
      const free = (box) => !taken.some((other) => other.overlaps(box));
      const fits = (box) => free(box) && (!inside || !view.contains(point) || view.contains(box));
      const box = boxes.find(fits) || (pin ? boxes[0] : null);
      if (!box) return;
      taken.push(box);
      if (dotted) taken.push(L.bounds(point.subtract([5, 5]), point.add([5, 5])));
      marks.push({ look, text, sign, pin, corner: pixels(box.min), dot: dotted && pixels(point) });
    }
    shown.ends.forEach(({ at, n, side }, place) =>
      put(at, 'end', nameIn(n), { far: side === 'far', pin: Object.keys(PINS)[place], inside: true }),
    );
    for (const { id: sign, at, n, glyphs } of signs)
      put(at, 'sign', nameIn(n), { far: true, glyphs: glyphs.length, inside: true, sign });
    for (const node of named) {
      const look = node.z <= 5.5 ? 'place' : 'minor';
      if (node.z <= zoom && !shown.ends.includes(node))
        put(node.at, look, nameIn(node.n), { far: node.side === 'far' });
    }
    const rivers = ground.rivers.filter((river) => river.large || zoom >= 7);
    for (const [look, parts] of Object.entries({ region: zoom < 7.5 ? ground.areas : [], water: rivers }))
      for (const { at, name } of parts) if (name) put(at, look, hooks.text(name), { dotted: false });
    return marks;
  }
  const drawn = L.layerGroup().addTo(map);
  let before = { ways: '', ends: '' };
  function pathOf([edge, from, to]) {
    if (!shapes[edge]) return endsOf(from, to);
    return edges[edge].a === from ? shapes[edge] : shapes[edge].slice().reverse();
  }
  function drawWays() {
    drawn.clearLayers();
    const put = (path, look) => line(path, 'way', look).addTo(drawn);
    for (const ends of shown.added) put(ends, { color: colours.winter_road, weight: 3, dashArray: '2 6' });
    for (const way of shown.ways.slice().reverse()) {
      const path = way.legs.flatMap((leg) => leg.edges.flatMap(pathOf));
      const [weight, dashArray] = way.chosen ? [5, null] : [2.6, way.dash];
      put(path, { color: '#fff', weight: weight + 3.5, opacity: 0.9 });
      put(path, { color: way.colour, weight, dashArray, lineCap: 'butt' });
      const handle = put(path, { color: '#000', opacity: 0, weight: 14, interactive: true });
      handle.on('click', (event) => L.DomEvent.stop(event) && hooks.set({ way: way.at }));
    }
  }
  function draw(view) {
    const [first, frozen, color] = [!shown, shown && shown.frozen, view.frozen ? '#fff' : colours.water];
    shown = view;
    const ends = view.ends.map((node) => node.id).join('|') + view.fit;
    const ways = view.ways.map((way) => [way.key, way.chosen].join()).join('|') + ends + view.added.join();
    // A map that moves projects all that is on it: the first view comes before its layers.
    if (before.ends !== ends) fit();
    if (first) [drawLand, drawWater, drawEdges, scale].forEach((act) => act());
    if (frozen !== view.frozen) rivers.forEach((river) => river.setStyle({ color }));
    setTiles(view.tiles);
    if (before.ways !== ways) drawWays();
    before = { ways, ends };
    for (const which of ['in', 'out']) {
      const control = zoom.getContainer().querySelector('.leaflet-control-zoom-' + which);
      control.title = hooks.say('ui.zoom_' + which);
      control.setAttribute('aria-label', control.title);
    }
    label();
  }
  // Fit the routes that count, or the crossings at home when no route is asked for.
  function fit() {
    const points = shown.ends.map((node) => node.at);
    const count = shown.ways.filter((way) => way.seconds <= 1.6 * shown.ways[0].seconds);
    points.push(...count.flatMap((way) => way.legs.flatMap((leg) => endsOf(leg.a, leg.b))));
    if (points.length < 2) points.push(...shown.signs.filter((sign) => sign.own).map((sign) => sign.at));
    if (!points.length) return;
    const padding = [Math.min(100, map.getSize().x * 0.2), 36];
    const bounds = L.latLngBounds(points).pad(shown.ends.length ? 0 : 0.5);
    map.fitBounds(bounds, { padding, maxZoom: 9, animate: false });
  }
  function pick(event) {
    const point = map.latLngToContainerPoint(event.latlng);
    const pixels = (node) => map.latLngToContainerPoint(node.at).distanceTo(point);
    const near = hooks.settlements.filter((one) => pixels(one) < REACH);
    const [node] = near.sort((a, b) => pixels(a) - pixels(b));
    if (!node) return;
    const go = (which) => map.closePopup() && hooks.pick(which, node.id);
    const button = ([which, text]) => ui`<button type="button" onclick=${() => go(which)}>${text}</button>`;
    const box = L.DomUtil.create('div', 'picker');
    render([ui`<b>${nameIn(node.n)}</b>`, hooks.picks().map(button)], box);
    const popup = L.popup({ closeButton: false, className: 'page-popup' });
    popup.setLatLng(node.at).setContent(box).openOn(map);
  }
  map.on({ zoomend: scale, moveend: label, click: pick });
  const zoom = L.control.zoom({ position: 'topright' }).addTo(map);
  L.control.scale({ imperial: false, position: 'bottomleft' }).addTo(map);
  document.addEventListener('keydown', (event) => event.key === 'Escape' && map.closePopup());
  return { map, draw, fit };
};
