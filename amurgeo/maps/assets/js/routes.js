// Routes between two places: each alternative with a colour and a dash of its own. Where several share a road they
// run side by side, shifted in pixels, so none hides another.
(function () {
  'use strict';

  const PageMap = window.PageMap;

  PageMap.routes = function (map, data) {
    const app = map.pageApp;
    const el = PageMap.el;
    const pane = map.createPane('ag-routes');
    pane.style.zIndex = 430;
    const renderer = L.svg({ pane: 'ag-routes', padding: 0.6 });
    const drawn = L.layerGroup().addTo(map);
    data.edges.forEach((edge) => (edge.points = PageMap.decode(edge.line, data.steps)));
    // Who uses an edge, and in which direction the best of them travels it: the side of the shift follows the travel.
    const users = {};
    const turn = {};
    data.routes.forEach((route, at) =>
      route.edges.forEach(function (edge) {
        users[edge[0]] = (users[edge[0]] || []).concat(at);
        turn[edge[0]] = turn[edge[0]] || edge[1];
      }),
    );
    const look = (at) => app.style.routes[at % app.style.routes.length];

    // Short spurs (into a town and out again) would stick out of a shifted line: they are left out.
    function withoutSpurs(pixels) {
      const kept = [];
      pixels.forEach(function (point) {
        while (kept.length > 1) {
          const a = kept[kept.length - 2];
          const b = kept[kept.length - 1];
          const dot = (b.x - a.x) * (point.x - b.x) + (b.y - a.y) * (point.y - b.y);
          const one = a.distanceTo(b);
          const two = b.distanceTo(point);
          if (Math.min(one, two) > 0.5 && (Math.min(one, two) > 16 || dot > -0.3 * one * two)) {
            break;
          }
          kept.pop();
        }
        kept.push(point);
      });
      return kept;
    }

    // Shift a line sideways by some pixels, along the mean of the normals at each of its points.
    function shifted(points, by) {
      const pixels = withoutSpurs(points.map((point) => map.project(L.latLng(point), map.getZoom())));
      return pixels.map(function (point, at) {
        const a = pixels[Math.max(0, at - 1)];
        const b = pixels[Math.min(pixels.length - 1, at + 1)];
        const length = a.distanceTo(b) || 1;
        return map.unproject(
          L.point(point.x + ((b.y - a.y) / length) * by, point.y - ((b.x - a.x) / length) * by),
          map.getZoom(),
        );
      });
    }

    function chosen() {
      return Math.min(app.view.route, data.routes.length - 1);
    }

    // Neighbouring edges that the same routes share become one line, in the direction of travel.
    function stretches(route) {
      const made = [];
      route.edges.forEach(function (edge) {
        const key = users[edge[0]].join() + '/' + edge[1] * turn[edge[0]];
        const points = edge[1] > 0 ? data.edges[edge[0]].points : data.edges[edge[0]].points.slice().reverse();
        const last = made[made.length - 1];
        if (last && last.key === key) {
          last.points = last.points.concat(points);
        } else {
          made.push({ key: key, sharing: users[edge[0]], side: edge[1] * turn[edge[0]], points: points });
        }
      });
      return made;
    }
    data.routes.forEach((route) => (route.stretches = stretches(route)));

    function draw() {
      drawn.clearLayers();
      const first = chosen();
      const order = data.routes
        .map((route, at) => at)
        .sort((a, b) => Number(a === first) - Number(b === first) || b - a);
      order.forEach(function (at) {
        const style = look(at);
        const weight = at === first ? 5.5 : 3.2;
        const lines = data.routes[at].stretches.map((part) =>
          shifted(part.points, 5 * part.side * (part.sharing.indexOf(at) - (part.sharing.length - 1) / 2)),
        );
        const common = { pane: 'ag-routes', renderer: renderer };
        drawn.addLayer(
          L.polyline(lines, Object.assign({}, common, { color: '#ffffff', weight: weight + 2.4, interactive: false })),
        );
        const line = L.polyline(
          lines,
          Object.assign({}, common, {
            color: style.colour,
            weight: weight,
            dashArray: style.dash || null,
            lineCap: 'butt',
          }),
        );
        line.on('click', () => app.set('route', at));
        drawn.addLayer(line);
      });
      data.ends.forEach(function (end, at) {
        const node = el('div', { class: 'ag-end' }, [
          el('i', { class: at === 0 ? 'ag-start' : 'ag-finish', title: app.text(end.name) }),
        ]);
        drawn.addLayer(
          L.marker(end.at, {
            interactive: false,
            keyboard: false,
            icon: L.divIcon({ html: node, className: 'ag-anchor', iconSize: [0, 0] }),
            zIndexOffset: 500,
          }),
        );
      });
    }

    function hours(value) {
      const minutes = Math.round(value * 60);
      return app.number(Math.floor(minutes / 60), 0) + ':' + String(minutes % 60).padStart(2, '0');
    }

    function name(id) {
      return app.parts.places.nameOf(id) || (data.names[id] ? app.text(data.names[id]) : id);
    }

    function way(crossing) {
      const parts = app.parts.crossings;
      const found = parts.all.find((one) => one.id === crossing);
      return found
        ? app.text(parts.byCheckpoint[found.checkpoint].name) + ', ' + app.say('short.' + found.mode)
        : crossing;
    }

    function bar(route, longest) {
      const parts = [
        ['drive', route.drive_h],
        ['border', route.border_h],
        ['wait', route.wait_h],
        ['rest', route.rest_h],
      ];
      return el(
        'span',
        { class: 'ag-times' },
        parts
          .filter((part) => part[1])
          .map(function (part) {
            const piece = el('i', {
              class: 'ag-time-' + part[0],
              title: app.say('route.' + part[0]) + ' ' + hours(part[1]),
            });
            piece.style.width = (100 * part[1]) / longest + '%';
            return piece;
          }),
      );
    }

    function swatch(at) {
      const style = look(at);
      const line = { x1: 1, x2: 27, y1: 6, y2: 6, stroke: style.colour, 'stroke-width': 4 };
      if (style.dash) {
        line['stroke-dasharray'] = style.dash;
      }
      return PageMap.svg('svg', { width: 28, height: 12, viewBox: '0 0 28 12', 'aria-hidden': 'true' }, [
        PageMap.svg('line', line),
      ]);
    }

    function legs(route) {
      const rows = route.legs.map((leg) =>
        el('tr', {}, [
          el('td', {}, [
            PageMap.el('span', { text: leg.from === leg.to ? name(leg.to) : name(leg.from) + ' → ' + name(leg.to) }),
            el('small', {
              text: leg.crossing
                ? way(leg.crossing)
                : [leg.ref, app.say('mode.' + leg.mode)].filter(Boolean).join(', '),
            }),
          ]),
          el('td', { text: app.number(leg.length_km, 0) + ' ' + app.say('unit.km') }),
          el('td', { text: hours(leg.hours) }),
        ]),
      );
      return el('table', { class: 'ag-legs' }, [el('tbody', {}, rows)]);
    }

    function panel(section) {
      const title = app.say('head.routes') + ': ' + data.ends.map((end) => app.text(end.name)).join(' – ');
      const about = el('p', {
        class: 'ag-hint',
        text: [app.text(data.vehicle), data.on ? app.date(data.on) : ''].filter(Boolean).join(', '),
      });
      if (!data.routes.length) {
        const closed = data.closed.map((one) =>
          el('li', { text: way(one.crossing) + ': ' + app.say('reason.' + one.reason) }),
        );
        return section(
          'routes',
          title,
          [about, el('p', {}, [el('b', { text: app.say('route.none') })]), el('ul', {}, closed)],
          true,
        );
      }
      const longest = Math.max.apply(
        null,
        data.routes.map((route) => route.total_h),
      );
      const items = data.routes.map(function (route, at) {
        const through = route.crossings.length
          ? app.say('route.by') + ' ' + route.crossings.map(way).join('; ')
          : app.say('route.direct');
        const open = at === chosen();
        return el('li', { class: open ? 'ag-chosen' : '' }, [
          el(
            'button',
            {
              type: 'button',
              'aria-pressed': String(open),
              'data-route': String(at),
              onclick: () => app.set('route', at),
            },
            [
              el('span', { class: 'ag-route-head' }, [
                swatch(at),
                el('b', { text: hours(route.total_h) + ' ' + app.say('unit.h') }),
                el('span', { text: app.number(route.length_km, 0) + ' ' + app.say('unit.km') }),
              ]),
              el('span', { text: through + (route.transit ? ' (' + app.say('route.transit') + ')' : '') }),
              bar(route, longest),
            ],
          ),
          open ? legs(route) : null,
        ]);
      });
      const key = el(
        'p',
        { class: 'ag-key' },
        ['drive', 'border', 'wait']
          .map((part) =>
            el('span', {}, [el('i', { class: 'ag-swatch ag-time-' + part }), app.say('route.' + part)]),
          )
          .concat([
            el('span', {}, [el('i', { class: 'ag-start' }), app.say('route.origin')]),
            el('span', {}, [el('i', { class: 'ag-finish' }), app.say('route.destination')]),
          ]),
      );
      const note = data.estimated ? el('p', { class: 'ag-hint', text: app.say('route.estimated') }) : null;
      return section('routes', title, [about, el('ol', { class: 'ag-routes-list' }, items), key, note], true);
    }

    app.parts.routes = { panel: panel };
    map.on('zoomend', draw);
    app.on('lang route', draw);
  };
})();
