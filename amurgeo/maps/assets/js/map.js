// The map: base map, crossings with their signs, routes and names. Data is written as text nodes only.
(function () {
  'use strict';

  const UNDER = { land: 150, tiles: 180, water: 220, line: 250, rail: 300, road: 310 };
  const PANES = { ...UNDER, way: 430, name: 480, sign: 610 };
  const SIZES = { end: 15, place: 12.5, minor: 12, sign: 12.5, region: 12, water: 12 };
  const STYLES = { end: '700', place: '600', region: '600', water: 'italic' };
  // Positions of a name around its dot, best first on the home side; mirrored on the other side.
  const AROUND = [1, -1].flatMap((x) => [0, -1, 1].map((y) => [x, y])).concat([-1.2, 1.2].map((y) => [0, y]));
  // Pixels around the view in which names are laid out as well.
  const MARGIN = 350;
  const REACH = 40;

  function element(tag, className, ...children) {
    const node = document.createElement(tag);
    node.className = className;
    node.append(...children);
    return node;
  }

  // The sign of a mode: filled when open, pale and dashed when limited, hollow when closed.
  function glyphStyle(style, mode, status) {
    const colour = (style.modes[mode] || style.modes.other).colour;
    if (status === 'open') return { fill: colour, stroke: '#fff', 'stroke-width': 1.5 };
    if (status === 'limited') {
      const edge = { stroke: colour, 'stroke-width': 2.4, 'stroke-dasharray': '4 2' };
      return { fill: colour, 'fill-opacity': 0.35, ...edge };
    }
    const fill = status === 'unknown' ? style.colours.unknown : '#fff';
    const edge = { stroke: style.colours.closed, 'stroke-width': 2.4 };
    return { fill, ...edge, ...(fill !== '#fff' && { 'stroke-dasharray': '2 2' }) };
  }

  const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

  window.PageMap = function (map, data, hooks, tiles) {
    const { style, ground } = data;
    const colours = style.colours;
    const renderers = {};
    for (const [name, level] of Object.entries(PANES)) {
      const pane = map.createPane('page-' + name);
      pane.style.zIndex = level;
      pane.style.pointerEvents = name === 'way' || name === 'sign' ? '' : 'none';
      renderers[name] = L.svg({ pane: 'page-' + name, padding: 0.6 });
    }
    const unpack = (line) => window.PageEngine.unpack(line, ground.steps);
    const still = { interactive: false, smoothFactor: 1.2 };
    const options = (pane, look) => ({ pane: 'page-' + pane, renderer: renderers[pane], ...still, ...look });
    const line = (points, pane, look) => L.polyline(points, options(pane, look)).addTo(map);
    function area(rings, pane, look) {
      const shapes = rings.map((ring) => ring.map(unpack));
      L.polygon(shapes, options(pane, { fillOpacity: 1, ...look })).addTo(map);
    }

    // -- base map ------------------------------------------------------------------------------------------
    const metres = (zoom) =>
      (40075016.686 * Math.cos((map.getCenter().lat * Math.PI) / 180)) / (256 * 2 ** zoom);
    const scaled = [];
    const rivers = [];
    function drawLand() {
      if (ground.bounds) {
        const look = { stroke: false, fillColor: colours.sea, fillOpacity: 1 };
        L.rectangle(ground.bounds, options('land', look)).addTo(map);
        map.setMaxBounds(L.latLngBounds(ground.bounds).pad(0.25));
      }
      const fills = { own: colours.own, counterpart: colours.counterpart };
      for (const part of ground.areas) {
        const weight = part.role === 'own' ? 1.4 : 0.7;
        const edge = { color: colours.region_edge, weight, opacity: 0.8, dashArray: '5 3' };
        area(part.rings, 'land', { fillColor: fills[part.role] || colours.land, ...edge });
      }
    }
    function drawWater() {
      for (const lake of ground.lakes) {
        const fillColor = lake.pale ? colours.pale_water : colours.water;
        area(lake.rings, 'water', { fillColor, stroke: !lake.pale, color: colours.river, weight: 0.6 });
      }
      for (const large of [false, true]) {
        const lines = ground.rivers.filter((river) => river.large === large).flatMap((river) => river.lines);
        const drawn = line(lines.map(unpack), 'water', { color: colours.river, opacity: 0.9 });
        scaled.push((grow) => drawn.setStyle({ weight: (large ? 1.5 : 0.8) * grow }));
      }
      for (const part of ground.border) {
        const lines = part.lines.map(unpack);
        if (part.river) {
          const edge = line(lines, 'water', { color: colours.river, lineCap: 'round' });
          const water = line(lines, 'water', { color: colours.water, lineCap: 'round' });
          rivers.push(water);
          scaled.push(function (grow, zoom) {
            const least = (zoom < 6 ? 2.4 : 4) * (part.width_m ? 1 : 0.45);
            const width = Math.max(least, (part.width_m || 150) / metres(zoom));
            edge.setStyle({ weight: width + 1.6 });
            water.setStyle({ weight: width });
          });
        }
        line(lines, 'line', { color: colours.border, weight: 1.3, opacity: 0.8, dashArray: '9 3 2 3' });
      }
    }
    const edges = data.edges;
    const shapes = edges.line.map(function (packed, edge) {
      const ends = () => [data.nodes[edges.a[edge]].at, data.nodes[edges.b[edge]].at];
      return packed ? unpack(packed) : ends();
    });
    // Edges of one look are one path, so that a zoom redraws few of them.
    function drawEdges() {
      const groups = new Map();
      edges.line.forEach(function (packed, edge) {
        if (packed) {
          const rail = edges.kind[edge] === 'railway';
          const winter = edges.season[edge] >= 0;
          const look = rail ? 'rail' : winter ? 'winter' : edges.class[edge];
          const dashed = edges.course[edge] === 'schematic' || edges.status[edge] === 'out_of_use';
          const key = look + (dashed ? '|dashed' : '');
          groups.set(key, (groups.get(key) || []).concat([shapes[edge]]));
        }
      });
      for (const [key, lines] of groups) {
        const [look, dashed] = key.split('|');
        if (look === 'rail') {
          const dash = dashed ? '2 5' : null;
          line(lines, 'rail', { color: colours.railway, weight: 1.6, opacity: 0.5, dashArray: dash });
          line(lines, 'rail', { color: '#fff', weight: 0.8, dashArray: '5 5', opacity: dashed ? 0 : 1 });
        } else {
          const road = style.roads[look] || style.roads.secondary;
          const color = look === 'winter' ? colours.winter_road : '#a39d92';
          const dashArray = look === 'winter' ? '7 4' : dashed ? '4 4' : null;
          const drawn = line(lines, 'road', { color, dashArray });
          scaled.push((grow, zoom) =>
            drawn.setStyle({ weight: road.weight * 0.8 * grow, opacity: zoom >= road.zoom ? 0.9 : 0 }),
          );
        }
      }
    }
    function scale() {
      const zoom = map.getZoom();
      const grow = zoom >= 9 ? 1.7 : zoom >= 7.5 ? 1.25 : zoom < 5.5 ? 0.75 : 1;
      scaled.forEach((set) => set(grow, zoom));
    }

    // -- signs and names -----------------------------------------------------------------------------------
    const pen = document.createElement('canvas').getContext('2d');
    const family = getComputedStyle(map.getContainer()).fontFamily;
    const widths = new Map();
    function widthOf(text, look) {
      const key = look + text;
      if (!widths.has(key)) {
        pen.font = `${STYLES[look] || ''} ${SIZES[look]}px ${family}`;
        widths.set(key, pen.measureText(text).width + 5);
      }
      return widths.get(key);
    }
    function glyph(mode, status, size) {
      const node = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
      const shape = document.createElementNS('http://www.w3.org/2000/svg', 'polygon');
      const look = style.modes[mode] || style.modes.other;
      const shown = { points: look.points, ...glyphStyle(style, mode, status) };
      Object.entries(shown).forEach(([key, value]) => shape.setAttribute(key, value));
      const box = { width: size, height: size, viewBox: '0 0 24 24' };
      Object.entries(box).forEach(([key, value]) => node.setAttribute(key, value));
      node.append(shape);
      return node;
    }
    // An online background asks for nothing before the reader switches it on.
    let background = null;
    function setTiles(on) {
      if (on) background = background || L.tileLayer(tiles.url, { pane: 'page-tiles' });
      if (background) background[on ? 'addTo' : 'removeFrom'](map);
    }
    const nameIn = (names) => names[hooks.lang()];
    const named = data.nodes
      .filter((node) => node.z !== undefined)
      .sort((a, b) => a.z - b.z || (b.pop || 0) - (a.pop || 0));
    let shown = null;
    let layout = { key: '', view: null, glyphs: new Map() };
    function boxes(point, width, height, far) {
      return AROUND.map(function ([x, y]) {
        const side = far ? -x : x;
        const left = side > 0 ? point.x + 9 : side < 0 ? point.x - 9 - width : point.x - width / 2;
        const top = point.y - height / 2 + (y * (height + 14)) / 2;
        return { left, top, right: left + width, bottom: top + height };
      });
    }
    // Names and signs in the pixels of one zoom: a place that is taken is left.
    function label() {
      if (!shown) return;
      const zoom = map.getZoom();
      const view = map.getPixelBounds();
      const signs = shown.signs.filter((sign) => sign.own || sign.used || zoom >= 5.25);
      const parts = [zoom, hooks.lang(), ...shown.ends.map((node) => node.id)];
      const key = parts.concat(signs.map((sign) => sign.id + sign.glyphs.length)).join('|');
      if (layout.key === key && layout.view.contains(view)) {
        signs.forEach(setGlyphs);
        return;
      }
      const around = L.bounds(view.min.subtract([MARGIN, MARGIN]), view.max.add([MARGIN, MARGIN]));
      layout = { key, view: around, glyphs: new Map() };
      const taken = [];
      const origin = map.getPixelOrigin();
      const nodes = { name: [], sign: [] };
      function put(at, look, text, { far, glyphs = 0, force, inside, dot = true }) {
        const point = map.project(at, zoom);
        if (!around.contains(point)) return null;
        const width = widthOf(text, look) + (glyphs ? glyphs * 17 + 12 : 0);
        const height = glyphs ? 24 : SIZES[look] + 4;
        const within = (box) =>
          box.left > view.min.x && box.right < view.max.x && box.top > view.min.y && box.bottom < view.max.y;
        const free = (box) => !taken.some((other) => overlap(other, box));
        const centre = { left: point.x - width / 2, top: point.y - height / 2 };
        const centred = { ...centre, right: centre.left + width, bottom: centre.top + height };
        const spots = dot ? boxes(point, width, height, far) : [centred];
        const fits = (box) => free(box) && (!inside || !view.contains(point) || within(box));
        const box = spots.find(fits) || (force ? spots[0] : null);
        if (!box) return null;
        taken.push(box);
        const spot = point.subtract(origin).round();
        if (dot) {
          taken.push({ left: point.x - 5, right: point.x + 5, top: point.y - 5, bottom: point.y + 5 });
          const mark = element('i', 'dot');
          mark.style.transform = `translate(${spot.x}px, ${spot.y}px)`;
          nodes.name.push(mark);
        }
        const node = element('div', (glyphs ? 'sign' : 'name') + ' ' + look, element('span', '', text));
        const left = Math.round(box.left - origin.x);
        node.style.transform = `translate(${left}px, ${Math.round(box.top - origin.y)}px)`;
        nodes[glyphs ? 'sign' : 'name'].push(node);
        return node;
      }
      shown.ends.forEach((node) =>
        put(node.at, 'end', nameIn(node.n), { far: !node.home, force: true, inside: true }),
      );
      for (const sign of signs) {
        const all = { far: true, glyphs: sign.glyphs.length, inside: true };
        const node = put(sign.at, 'sign', nameIn(sign.n), all);
        if (node) {
          const marks = sign.glyphs.map(() => element('i', ''));
          node.prepend(...marks);
          node.addEventListener('click', (event) => {
            L.DomEvent.stop(event);
            hooks.open(sign.id);
          });
          layout.glyphs.set(sign.id, { marks, said: [] });
          setGlyphs(sign);
        }
      }
      for (const node of named) {
        if (node.z <= zoom && !shown.ends.includes(node)) {
          put(node.at, node.z <= 5.5 ? 'place' : 'minor', nameIn(node.n), { far: !node.home });
        }
      }
      for (const [look, layers] of [
        ['region', ground.areas],
        ['water', ground.rivers.filter((river) => river.large || zoom >= 7)],
      ]) {
        layers
          .filter((part) => part.name && (look === 'water' || zoom < 7.5))
          .forEach((part) => put(part.at, look, hooks.text(part.name), { dot: false }));
      }
      for (const [pane, made] of Object.entries(nodes)) {
        map.getPane('page-' + pane).replaceChildren(element('div', 'leaflet-zoom-hide', ...made));
      }
    }
    function setGlyphs(sign) {
      const laid = layout.glyphs.get(sign.id);
      if (laid) {
        sign.glyphs.forEach(function ({ mode, status }, place) {
          if (laid.said[place] !== mode + status) {
            laid.said[place] = mode + status;
            laid.marks[place].replaceChildren(glyph(mode, status, 17));
          }
        });
      }
    }

    // -- routes --------------------------------------------------------------------------------------------
    const drawn = L.layerGroup().addTo(map);
    let before = { ways: '', ends: '' };
    function pathOf(way) {
      return way.legs.flatMap((leg) =>
        leg.edges.map(function ([edge, from]) {
          if (edge < 0 || !shapes[edge]) return [data.nodes[leg.a].at, data.nodes[leg.b].at];
          return edges.a[edge] === from ? shapes[edge] : shapes[edge].slice().reverse();
        }),
      );
    }
    function drawWays() {
      drawn.clearLayers();
      for (const way of shown.ways.slice().reverse()) {
        const path = pathOf(way);
        const dashArray = way.chosen ? null : way.dash;
        const weight = way.chosen ? 5 : 2.6;
        line(path, 'way', { color: '#fff', weight: weight + 3.5, opacity: 0.9 }).addTo(drawn);
        line(path, 'way', { color: way.colour, weight, dashArray, lineCap: 'butt' }).addTo(drawn);
        const handle = { color: '#000', opacity: 0, weight: 14, interactive: true };
        line(path, 'way', handle)
          .addTo(drawn)
          .on('click', function (event) {
            L.DomEvent.stop(event);
            hooks.choose(way.at);
          });
      }
      shown.ends.forEach(function (node, place) {
        const html = element('span', 'pin pin-' + (place ? 'to' : 'from'), 'AB'[place]);
        const icon = L.divIcon({ html, className: '', iconSize: [22, 22] });
        L.marker(node.at, { pane: 'page-sign', interactive: false, keyboard: false, icon }).addTo(drawn);
      });
    }
    function draw(view) {
      const frozen = !shown || shown.frozen !== view.frozen;
      shown = view;
      setTiles(view.tiles);
      if (frozen) {
        rivers.forEach((river) => river.setStyle({ color: view.frozen ? '#ffffff' : colours.water }));
      }
      const ways = view.ways.map((way) => [way.key, way.chosen].join()).join('|');
      const ends = view.ends.map((node) => node.id).join('|') + view.fit;
      if (before.ways !== ways + ends) drawWays();
      const moved = before.ends !== ends;
      before = { ways: ways + ends, ends };
      for (const which of ['in', 'out']) {
        const control = zoom.getContainer().querySelector('.leaflet-control-zoom-' + which);
        control.title = hooks.say('ui.zoom_' + which);
        control.setAttribute('aria-label', control.title);
      }
      if (moved) fit();
      label();
    }
    // Fit the routes that count, or the crossings at home when no route is asked for.
    function fit() {
      const points = shown.ends.map((node) => node.at);
      const best = shown.ways.length ? shown.ways[0].seconds : 0;
      for (const way of shown.ways.filter((item) => item.seconds <= 1.6 * best)) {
        way.legs.forEach((leg) => points.push(data.nodes[leg.a].at, data.nodes[leg.b].at));
      }
      if (points.length < 2) points.push(...shown.signs.filter((sign) => sign.own).map((sign) => sign.at));
      if (points.length) {
        // Room for the names beside the ends, and for the buttons of the zoom.
        const side = Math.min(100, map.getSize().x * 0.2);
        const options = { padding: [side, 36], maxZoom: 9, animate: false };
        map.fitBounds(L.latLngBounds(points).pad(shown.ends.length ? 0 : 0.5), options);
      }
    }
    function pick(event) {
      const point = map.latLngToContainerPoint(event.latlng);
      const distance = (node) => map.latLngToContainerPoint(node.at).distanceTo(point);
      const nearest = hooks.settlements
        .map((node) => [distance(node), node])
        .reduce((best, item) => (item[0] < best[0] ? item : best), [REACH, null])[1];
      if (nearest) {
        const box = element('div', 'picker', element('b', '', nameIn(nearest.n)));
        for (const [which, text] of hooks.picks()) {
          const button = element('button', '', text);
          button.type = 'button';
          button.addEventListener('click', function () {
            map.closePopup();
            hooks.pick(which, nearest.id);
          });
          box.append(button);
        }
        L.popup({ closeButton: false, className: 'page-popup' })
          .setLatLng(nearest.at)
          .setContent(box)
          .openOn(map);
      }
    }
    map.setView([50, 127], 6, { animate: false });
    drawLand();
    drawWater();
    drawEdges();
    scale();
    map.on('zoomend', scale);
    map.on('moveend', label);
    map.on('click', pick);
    const zoom = L.control.zoom({ position: 'topright' }).addTo(map);
    L.control.scale({ imperial: false, position: 'bottomleft' }).addTo(map);
    document.addEventListener('keydown', (event) => event.key === 'Escape' && map.closePopup());
    return { map, draw, fit };
  };
  window.PageMap.glyphStyle = glyphStyle;
})();
