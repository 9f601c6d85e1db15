// The crossings: a line each, and a sign per checkpoint with one mark per mode. Signs of checkpoints that lie too
// close together at a zoom level share one box with a row each; a thin leader points to the place. The layout does
// not depend on the state, so the two sides of the bar show the same boxes with different marks.
(function () {
  'use strict';

  const PageMap = window.PageMap;
  const GATHER = 44;
  // Zoom from which a checkpoint out of use is shown in one box with others that are in use.
  const IDLE_FROM = 8.5;
  const MARK = 17;
  const DISTANCES = [20, 34, 52, 76, 104, 138];
  const ANGLES = [0, 180, 25, -25, 155, -155, 50, -50, 130, -130, 75, -75, 105, -105];

  PageMap.crossings = function (map, data) {
    const app = map.pageApp;
    const el = PageMap.el;
    const states = app.config.states;
    const byCheckpoint = {};
    data.checkpoints.forEach(
      (checkpoint) => (byCheckpoint[checkpoint.id] = Object.assign({ crossings: [] }, checkpoint)),
    );
    data.crossings.forEach(function (crossing) {
      crossing.points = PageMap.decode(crossing.line, data.steps);
      const checkpoint = byCheckpoint[crossing.checkpoint];
      if (checkpoint) {
        checkpoint.crossings.push(crossing);
      }
    });
    const rank = (mode) => (app.style.modes[mode] || app.style.modes.other).rank;
    data.checkpoints.forEach((checkpoint) =>
      byCheckpoint[checkpoint.id].crossings.sort((a, b) => rank(a.mode) - rank(b.mode)),
    );
    const checkpoints = data.checkpoints.map((checkpoint) => byCheckpoint[checkpoint.id]);

    const panes = [0, 1].map(function (side) {
      const names = ['ag-lines-' + side, 'ag-signs-' + side];
      const lines = map.createPane(names[0]);
      lines.style.zIndex = 440;
      const signs = map.createPane(names[1]);
      signs.style.zIndex = 610;
      return {
        lines: lines,
        signs: signs,
        names: names,
        renderer: L.svg({ pane: names[0], padding: 0.6 }),
        lineGroup: L.layerGroup().addTo(map),
        signGroup: L.layerGroup().addTo(map),
      };
    });

    // -- what a crossing is in a state -----------------------------------------------------------------

    function rowOf(crossing, index, traffic) {
      const rows = states[index] && states[index].rows[crossing.id];
      return rows ? rows[traffic || app.view.traffic] : undefined;
    }

    function exists(crossing) {
      return states.some((state, index) => rowOf(crossing, index));
    }

    // Out of use in every state on show: not merely closed on the day.
    function unused(crossing) {
      return app.sides().every(function (index) {
        const row = rowOf(crossing, index);
        return !row || row.unused;
      });
    }

    function differs(crossing) {
      if (states.length < 2) {
        return false;
      }
      const a = rowOf(crossing, app.view.left);
      const b = rowOf(crossing, app.view.right);
      return Boolean(a && b && a.s !== b.s);
    }

    function shown(crossing) {
      return exists(crossing) && app.shows('mode_' + crossing.mode) && (app.shows('unused') || !unused(crossing));
    }

    // -- layout ----------------------------------------------------------------------------------------

    function gather() {
      const groups = [];
      checkpoints.forEach(function (checkpoint) {
        const rows = checkpoint.crossings.filter(shown);
        if (!rows.length) {
          return;
        }
        const point = map.project(L.latLng(checkpoint.at), map.getZoom());
        const item = { checkpoint: checkpoint, crossings: rows, point: point, idle: rows.every(unused) };
        const near = groups.find((group) => group.point.distanceTo(point) < GATHER && group.own === checkpoint.own);
        if (near) {
          near.items.push(item);
        } else {
          groups.push({ point: point, at: checkpoint.at, own: checkpoint.own, items: [item] });
        }
      });
      groups.forEach(function (group) {
        group.items.sort((a, b) => a.idle - b.idle || a.point.y - b.point.y);
        group.idle = group.items.every((item) => item.idle);
        if (!group.idle && map.getZoom() < IDLE_FROM) {
          group.items = group.items.filter((item) => !item.idle);
        }
        const lead = group.items[0];
        group.point = lead.point;
        group.at = lead.checkpoint.at;
      });
      return groups;
    }

    function box(group, index, half) {
      const zoom = map.getZoom();
      const named = group.own ? zoom >= 5 : zoom >= 6.5;
      if (!named) {
        const all = [];
        group.items.forEach((item) =>
          item.crossings.forEach((crossing) => all.push(mark(item.checkpoint, crossing, index, half))),
        );
        return el('div', { class: 'ag-sign ag-sign-small' + (group.idle ? ' ag-idle' : '') }, [
          el('span', { class: 'ag-marks' }, all),
        ]);
      }
      const rows = group.items.map(function (item) {
        const marks = item.crossings.map((crossing) => mark(item.checkpoint, crossing, index, half));
        const name = !(item.idle && zoom < 6.5)
          ? el('span', { class: 'ag-sign-name', text: app.text(item.checkpoint.name) })
          : null;
        return el('div', { class: 'ag-sign-row' + (item.idle ? ' ag-idle' : '') }, [
          name,
          el('span', { class: 'ag-marks' }, marks),
        ]);
      });
      return el('div', { class: 'ag-sign' + (group.idle ? ' ag-idle' : '') }, rows);
    }

    function mark(checkpoint, crossing, index, half) {
      const row = rowOf(crossing, index);
      const status = row ? row.s : 0;
      const label = app.text(checkpoint.name) + ', ' + app.say('mode.' + crossing.mode) + ': ' + say(row);
      const small = row && row.unused && unused(crossing);
      const glyph = (code, size) => PageMap.glyph(app.style, crossing.mode, code, size);
      let marks = [glyph(status, small ? 12 : MARK)];
      if (differs(crossing) && app.view.side === 'both') {
        // Both states, left before right; the one of this side of the bar is the larger.
        const codes = [app.view.left, app.view.right].map((at) => rowOf(crossing, at).s);
        marks = codes.map((code, side) => glyph(code, side === half ? MARK : 11));
        marks.splice(
          1,
          0,
          PageMap.svg('svg', { width: 7, height: 10, viewBox: '0 0 7 10', 'aria-hidden': 'true' }, [
            PageMap.svg('path', { d: 'M1 2 L5.5 5 L1 8', fill: 'none', stroke: '#1f1f1f', 'stroke-width': 1.4 }),
          ]),
        );
      }
      const button = el(
        'button',
        {
          type: 'button',
          class: 'ag-mark' + (differs(crossing) ? ' ag-changed' : ''),
          title: label,
          'aria-label': label,
          'data-crossing': crossing.id,
          'data-status': String(status),
          onclick: function (event) {
            event.stopPropagation();
            open(crossing, index);
          },
        },
        marks,
      );
      return button;
    }

    function word(row) {
      return app.say('status.' + ['closed', 'open', 'limited', 'unknown'].at(row.s));
    }

    // Why it is closed, or in which way it is limited.
    function reason(row) {
      return row.s === 2 && row.limited ? app.say('limited.' + row.limited) : app.say('reason.' + row.reason);
    }

    function say(row) {
      if (!row) {
        return app.say('popup.none');
      }
      return row.s === 1 ? word(row) : word(row) + ' (' + reason(row) + ')';
    }

    // Whether the leader from the points of a group to a box would run through another box.
    function crosses(group, box, other) {
      return group.items.some(function (item) {
        const toX = Math.max(box.left, Math.min(box.right, item.point.x));
        const toY = Math.max(box.top, Math.min(box.bottom, item.point.y));
        for (let part = 0.1; part < 1; part += 0.15) {
          const x = item.point.x + (toX - item.point.x) * part;
          const y = item.point.y + (toY - item.point.y) * part;
          if (x > other.left && x < other.right && y > other.top && y < other.bottom) {
            return true;
          }
        }
        return false;
      });
    }

    // Try places around the point and take the one that costs least; names of the great cities are already there.
    function place(group, size, taken, points) {
      let best = null;
      DISTANCES.forEach(function (distance, ring) {
        ANGLES.forEach(function (angle, turn) {
          const x = group.point.x + distance * Math.cos((angle * Math.PI) / 180);
          const y = group.point.y - distance * Math.sin((angle * Math.PI) / 180);
          const left = Math.cos((angle * Math.PI) / 180) >= 0 ? x : x - size.x;
          const candidate = { left: left, right: left + size.x, top: y - size.y / 2, bottom: y + size.y / 2 };
          let cost = distance * 1.2 + turn * 2 + ring * 2;
          const wide = {
            left: candidate.left - 3,
            right: candidate.right + 3,
            top: candidate.top - 3,
            bottom: candidate.bottom + 3,
          };
          taken.forEach(
            (other) => (cost += PageMap.overlap(wide, other) * 4 + (crosses(group, candidate, other) ? 140 : 0)),
          );
          points.forEach(function (point) {
            if (point.x > wide.left && point.x < wide.right && point.y > wide.top && point.y < wide.bottom) {
              cost += 260;
            }
          });
          if (!best || cost < best.cost) {
            best = { cost: cost, box: candidate };
          }
        });
      });
      return best.box;
    }

    let groups = [];

    function layout(taken) {
      groups = gather();
      const points = [];
      groups.forEach((group) => group.items.forEach((item) => points.push(item.point)));
      const bench = el('div', { class: 'ag-bench' });
      map.getContainer().append(bench);
      const nodes = groups.map((group) => box(group, app.sides()[0], 0));
      nodes.forEach((node) => bench.append(node));
      const sizes = nodes.map((node) => ({ x: node.offsetWidth, y: node.offsetHeight }));
      bench.remove();
      // The fullest first: they are the hardest to put.
      const order = groups
        .map((group, at) => at)
        .sort(
          (a, b) =>
            Number(groups[b].own) - Number(groups[a].own) ||
            Number(groups[a].idle) - Number(groups[b].idle) ||
            sizes[b].x * sizes[b].y - sizes[a].x * sizes[a].y ||
            a - b,
        );
      order.forEach(function (at) {
        const group = groups[at];
        group.box = place(group, sizes[at], taken, points);
        taken.push(group.box);
        group.items.forEach((item) =>
          taken.push({
            left: item.point.x - 4,
            right: item.point.x + 4,
            top: item.point.y - 4,
            bottom: item.point.y + 4,
          }),
        );
      });
      draw();
    }

    // -- drawing ---------------------------------------------------------------------------------------

    function sign(group, index, side) {
      const dx = group.box.left - group.point.x;
      const dy = group.box.top - group.point.y;
      const w = group.box.right - group.box.left;
      const h = group.box.bottom - group.box.top;
      const leaders = [];
      const dots = [];
      group.items.forEach(function (item) {
        const x = item.point.x - group.point.x;
        const y = item.point.y - group.point.y;
        const toX = Math.max(dx, Math.min(dx + w, x));
        const toY = Math.max(dy + 4, Math.min(dy + h - 4, y));
        leaders.push(
          PageMap.svg('line', {
            x1: x,
            y1: y,
            x2: toX,
            y2: toY,
            stroke: '#ffffff',
            'stroke-width': 3,
            'stroke-opacity': 0.8,
          }),
        );
        leaders.push(PageMap.svg('line', { x1: x, y1: y, x2: toX, y2: toY, stroke: '#1f1f1f', 'stroke-width': 1 }));
        const open = item.crossings.some((crossing) => (rowOf(crossing, index) || {}).s > 0);
        dots.push(
          PageMap.svg('circle', {
            cx: x,
            cy: y,
            r: item.idle ? 2.6 : 3.8,
            fill: open ? '#1f1f1f' : '#ffffff',
            stroke: '#1f1f1f',
            'stroke-width': 1.4,
          }),
        );
      });
      const node = box(group, index, side);
      node.style.left = dx + 'px';
      node.style.top = dy + 'px';
      const root = el('div', { class: 'ag-sign-root' }, [
        PageMap.svg('svg', { class: 'ag-leaders', width: 1, height: 1, 'aria-hidden': 'true' }, leaders.concat(dots)),
        node,
      ]);
      L.DomEvent.disableClickPropagation(node);
      return L.marker(group.at, {
        pane: panes[side].names[1],
        keyboard: false,
        interactive: false,
        icon: L.divIcon({ html: root, className: 'ag-anchor', iconSize: [0, 0] }),
      });
    }

    // Parallel crossings between the same piers are drawn side by side.
    function lines(index, side, changes) {
      const zoom = map.getZoom();
      checkpoints.forEach(function (checkpoint) {
        const rows = checkpoint.crossings.filter(shown);
        rows.forEach(function (crossing, at) {
          const row = rowOf(crossing, index);
          const points = crossing.points.map((point) => map.project(L.latLng(point), zoom));
          const a = points[0];
          const b = points[points.length - 1];
          const length = a.distanceTo(b);
          if (length < 12) {
            return;
          }
          const gap = Math.min(7, 2.5 + length / 14) * (at - (rows.length - 1) / 2);
          const shift = L.point(((b.y - a.y) / length) * gap, (-(b.x - a.x) / length) * gap);
          const latlngs = points.map((point) => map.unproject(point.add(shift), zoom));
          const status = row ? row.s : 0;
          const look = app.style.modes[crossing.mode] || app.style.modes.other;
          const common = { pane: panes[side].names[0], renderer: panes[side].renderer, lineCap: 'butt' };
          const group = panes[side].lineGroup;
          if (changes && differs(crossing)) {
            group.addLayer(
              L.polyline(
                latlngs,
                Object.assign({}, common, { color: app.style.colours.changed, weight: 11, interactive: false }),
              ),
            );
          }
          if (status > 0) {
            group.addLayer(
              L.polyline(
                latlngs,
                Object.assign({}, common, {
                  color: '#1f1f1f',
                  weight: 6,
                  interactive: false,
                  dashArray: status === 2 ? '8 5' : null,
                }),
              ),
            );
          }
          const line = L.polyline(
            latlngs,
            Object.assign({}, common, {
              color: status > 0 ? look.colour : app.style.colours.closed,
              weight: status > 0 ? 4 : 2,
              opacity: 1,
              dashArray: status === 2 ? '8 5' : status > 0 ? null : status ? '1 6' : '2 5',
            }),
          );
          line.on('click', () => open(crossing, index));
          group.addLayer(line);
        });
      });
    }

    function draw() {
      const sides = app.sides();
      const changes = states.length > 1;
      panes.forEach(function (pane, side) {
        pane.lineGroup.clearLayers();
        pane.signGroup.clearLayers();
        if (side >= sides.length) {
          return;
        }
        lines(sides[side], side, changes);
        groups.forEach((group) => pane.signGroup.addLayer(sign(group, sides[side], side)));
      });
      app.emit('drawn');
    }

    // -- what a click tells ----------------------------------------------------------------------------

    let told = null;

    function open(crossing, index) {
      const middle = crossing.points[0].map(
        (value, axis) => (value + crossing.points[crossing.points.length - 1][axis]) / 2,
      );
      const popup = L.popup({
        className: 'ag-popup',
        maxWidth: 460,
        minWidth: 260,
        maxHeight: Math.max(220, map.getSize().y - 160),
        autoPanPadding: [20, 60],
      })
        .setLatLng(middle)
        .setContent(describe(crossing, index))
        .openOn(map);
      told = { popup: popup, crossing: crossing, index: index };
    }

    // What an open popup tells follows the day and the language.
    function refresh() {
      if (told && told.popup.isOpen()) {
        told.popup.setContent(describe(told.crossing, told.index));
      }
    }

    function describe(crossing, index) {
      const checkpoint = byCheckpoint[crossing.checkpoint];
      const both = app.view.side === 'both' && app.view.left !== app.view.right;
      const wanted = both ? [app.view.left, app.view.right] : [index];
      const length = crossing.km === null ? '' : ' · ' + app.number(crossing.km, 1) + ' ' + app.say('unit.km');
      const children = [
        el('h3', {}, [
          PageMap.glyph(app.style, crossing.mode, 1, 18),
          ' ' + app.text(checkpoint.name) + ' – ' + app.text(checkpoint.counterpart),
        ]),
        el('p', { class: 'ag-sub', text: app.say('mode.' + crossing.mode) + length }),
      ];
      ['cargo', 'passenger'].forEach((traffic) => children.push(service(crossing, wanted, traffic, both)));
      return el('div', { class: 'ag-popup-body' }, children);
    }

    // A chance that is not certain is never rounded to 0 or 1.
    function chance(p) {
      const mark = p > 0 && p < 0.01 ? '< 1' : p > 0.99 && p < 1 ? '> 99' : app.number(p * 100, 0);
      return mark + ' %';
    }

    // One kind of traffic: a column per state.
    function service(crossing, wanted, traffic, both) {
      const rows = wanted.map((at) => rowOf(crossing, at, traffic));
      const title = el('h5', { text: app.say('traffic.' + traffic) });
      if (!rows.some(Boolean)) {
        return el('section', {}, [title, el('p', { text: app.say('popup.none') })]);
      }
      const given = (value) => value !== null && value !== undefined && value !== '';
      const lines = [
        ['popup.status', (row) => el('b', {}, [PageMap.glyph(app.style, crossing.mode, row.s, 14), ' ' + word(row)])],
        ['popup.reason', (row) => (row.s === 1 ? '' : reason(row))],
        ['popup.because', (row) => app.text(row.because)],
        [
          'popup.mass',
          function (row) {
            if (!given(row.mass) || row.s <= 0) {
              return '';
            }
            return row.mass ? app.number(row.mass) + ' ' + app.say('unit.t') : app.say('popup.no_vehicles');
          },
        ],
        ['popup.probability', (row) => (given(row.p) ? chance(row.p) : '')],
        [
          'popup.basis',
          (row) => (row.evidence ? app.say('evidence.' + row.evidence) + ', ' + app.say('confidence.' + row.confidence) : ''),
        ],
      ];
      const table = el('table', { class: 'ag-table' });
      if (both) {
        const heads = wanted.map((at, side) =>
          el('td', {}, [el('span', { class: 'ag-badge', text: 'AB'[side] }), ' ' + app.text(states[at].label)]),
        );
        table.append(el('tr', {}, [el('th', {})].concat(heads)));
      }
      lines.forEach(function (line) {
        const cells = rows.map((row) => (row ? line[1](row) : ''));
        if (cells.some(Boolean)) {
          table.append(
            el(
              'tr',
              {},
              [el('th', { scope: 'row', text: app.say(line[0]) })].concat(cells.map((cell) => el('td', {}, [cell]))),
            ),
          );
        }
      });
      const ids = [];
      rows.forEach((row) => row && (row.sources || []).forEach((id) => ids.includes(id) || ids.push(id)));
      const links = ids.map((id) =>
        el('li', {}, [data.sources[id] ? PageMap.link(data.sources[id].title, data.sources[id].address) : id]),
      );
      if (links.length) {
        table.append(
          el('tr', {}, [
            el('th', { scope: 'row', text: app.say('popup.sources') }),
            el('td', { colspan: rows.length }, [el('ul', {}, links)]),
          ]),
        );
      }
      return el('section', {}, [title, table]);
    }

    // -- counts for the panel --------------------------------------------------------------------------

    function count(mode, index, traffic, own) {
      let all = 0;
      let opened = 0;
      let limited = 0;
      data.crossings.forEach(function (crossing) {
        const row = rowOf(crossing, index, traffic);
        if ((mode && crossing.mode !== mode) || !row || row.unused || byCheckpoint[crossing.checkpoint].own !== own) {
          return;
        }
        all += 1;
        opened += row.s > 0 ? 1 : 0;
        limited += row.s === 2 ? 1 : 0;
      });
      return { all: all, open: opened, limited: limited };
    }

    app.parts.crossings = {
      all: data.crossings,
      checkpoints: checkpoints,
      panes: panes,
      byCheckpoint: byCheckpoint,
      layout: layout,
      draw: draw,
      open: open,
      refresh: refresh,
      count: count,
      rowOf: rowOf,
      exists: exists,
      unused: unused,
      states: states,
      modes: Array.from(new Set(data.crossings.map((crossing) => crossing.mode))).sort((a, b) => rank(a) - rank(b)),
      sayRow: say,
    };
    app.on('lang left right', refresh);
    map.on('zoomstart', () => panes.forEach((pane) => (pane.signs.style.visibility = 'hidden')));
    map.on('zoomend', () => panes.forEach((pane) => (pane.signs.style.visibility = '')));
  };
})();
