// The one panel: title, language, search, whom the signs are shown for, scenarios, what changes, the legend that is
// also the layer switch and the count of what is open, pictures and print. It is drawn anew from the data whenever
// anything changes, so that it cannot disagree with the map.
(function () {
  'use strict';

  const PageMap = window.PageMap;

  PageMap.panel = function (map, data) {
    const app = map.pageApp;
    const el = PageMap.el;
    const states = app.config.states;
    const languages = Object.keys(app.config.languages);
    const folded = {};
    let collapsed = map.getSize().x < 700;
    const root = el('aside', { class: 'ag-panel' });
    const announcer = el('div', { class: 'ag-hear', 'aria-live': 'polite' });
    map.getContainer().append(announcer);
    L.DomEvent.disableClickPropagation(root);
    L.DomEvent.disableScrollPropagation(root);
    map.getContainer().append(root);
    root.addEventListener('keydown', (event) => event.stopPropagation());

    function button(text, pressed, action, extra) {
      return el(
        'button',
        Object.assign(
          { type: 'button', 'aria-pressed': pressed === null ? null : String(pressed), onclick: action, text: text },
          extra || {},
        ),
      );
    }

    function section(name, title, children, open) {
      const isOpen = folded[name] === undefined ? open : !folded[name];
      const details = el(
        'details',
        { class: 'ag-part ag-part-' + name, open: isOpen },
        [el('summary', { text: title })].concat(children),
      );
      details.addEventListener('toggle', function () {
        folded[name] = !details.open;
      });
      return details;
    }

    // -- parts -----------------------------------------------------------------------------------------

    function head() {
      return el('header', {}, [
        el('h1', { text: app.text(data.title) }),
        el('div', { class: 'ag-tools ag-noprint' }, [
          languages.length < 2
            ? null
            : el(
                'span',
                { class: 'ag-group', role: 'group', 'aria-label': app.say('ui.language') },
                languages.map((lang) =>
                  button(app.config.languages[lang], app.view.lang === lang, () => app.set('lang', lang), {
                    lang: lang,
                    'data-lang': lang,
                  }),
                ),
              ),
          el('span', { class: 'ag-group' }, [
            button(app.say('ui.png'), null, picture, { title: app.say('ui.png_hint'), 'data-do': 'png' }),
            button(app.say('ui.print'), null, () => window.print(), { 'data-do': 'print' }),
            button('⌂', null, () => app.home(true), {
              title: app.say('ui.home'),
              'aria-label': app.say('ui.home'),
              'data-do': 'home',
            }),
            button(collapsed ? '▾' : '▴', null, fold, {
              title: app.say(collapsed ? 'ui.show' : 'ui.hide'),
              'aria-label': app.say(collapsed ? 'ui.show' : 'ui.hide'),
              'aria-expanded': String(!collapsed),
              'data-do': 'fold',
            }),
          ]),
        ]),
      ]);
    }

    function fold() {
      collapsed = !collapsed;
      draw();
    }

    function search() {
      const list = el('datalist', { id: root.id + '-names' });
      names().forEach((entry) => list.append(el('option', { value: entry.label })));
      const input = el('input', {
        type: 'search',
        list: root.id + '-names',
        placeholder: app.say('ui.search'),
        'aria-label': app.say('ui.search'),
        autocomplete: 'off',
        onchange: () => find(input),
        onkeydown: (event) => event.key === 'Enter' && find(input),
      });
      return el('div', { class: 'ag-search ag-noprint' }, [input, list]);
    }

    function names() {
      const found = [];
      const places = app.parts.places ? app.parts.places.all : [];
      const crossings = app.parts.crossings;
      places.forEach((place) =>
        found.push({
          label: app.text(place.name),
          words: Object.values(place.name).concat(place.aliases || [], [place.id]),
          at: place.at,
        }),
      );
      (crossings ? crossings.checkpoints : []).forEach(function (checkpoint) {
        const label = app.text(checkpoint.name) + ' – ' + app.text(checkpoint.counterpart);
        found.push({
          label: label,
          words: Object.values(checkpoint.name).concat(Object.values(checkpoint.counterpart), [label, checkpoint.id]),
          at: checkpoint.at,
        });
      });
      return found;
    }

    function plain(text) {
      return text
        .normalize('NFKD')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}]/gu, '');
    }

    function find(input) {
      const wanted = plain(input.value);
      if (!wanted) {
        return;
      }
      const all = names();
      const hit =
        all.find((entry) => entry.words.concat([entry.label]).some((word) => plain(word) === wanted)) ||
        all.find((entry) => entry.words.some((word) => plain(word).startsWith(wanted)));
      input.setAttribute('aria-invalid', String(!hit));
      announcer.textContent = hit ? hit.label : input.value + ': ' + app.say('ui.no_match');
      if (!hit) {
        input.setCustomValidity(app.say('ui.no_match'));
        input.reportValidity();
        input.setCustomValidity('');
        return;
      }
      map.setView(hit.at, Math.max(map.getZoom(), 9), { animate: false });
      const ring = L.circleMarker(hit.at, {
        radius: 18,
        color: '#d00000',
        weight: 3,
        fill: false,
        interactive: false,
        className: 'ag-found',
      }).addTo(map);
      setTimeout(() => ring.remove(), 4000);
    }

    function traffic() {
      return el('div', { class: 'ag-line' }, [
        el('span', { class: 'ag-caption', text: app.say('ui.traffic') }),
        el(
          'span',
          { class: 'ag-group', role: 'group', 'aria-label': app.say('ui.traffic') },
          ['cargo', 'passenger'].map((kind) =>
            button(app.say('traffic.' + kind), app.view.traffic === kind, () => app.set('traffic', kind), {
              'data-traffic': kind,
            }),
          ),
        ),
      ]);
    }

    function day(state) {
      return el('span', { class: 'ag-day', text: state.on ? app.date(state.on) : '' });
    }

    function label(state) {
      return app.text(state.label);
    }

    function scenarios() {
      if (app.parts.season) {
        return null;
      }
      if (states.length < 2) {
        // A state named by its day alone stands in the title already.
        const named = label(states[0]) !== app.date(states[0].on);
        return named || app.parts.routes
          ? el('p', { class: 'ag-state' }, [el('b', { text: label(states[0]) }), named ? day(states[0]) : null])
          : null;
      }
      const side = (which) =>
        el('div', { class: 'ag-side ag-side-' + which }, [
          el('span', { class: 'ag-badge', text: which === 'left' ? 'A' : 'B' }),
          states.length > 2
            ? el(
                'select',
                {
                  class: 'ag-noprint',
                  'aria-label': app.say('compare.' + which),
                  'data-side': which,
                  onchange: (event) => app.set(which, Number(event.target.value)),
                },
                states.map((state, index) =>
                  el('option', { value: index, selected: index === app.view[which], text: label(state) }),
                ),
              )
            : null,
          el('b', { class: states.length > 2 ? 'ag-onlyprint' : '', text: label(states[app.view[which]]) }),
          day(states[app.view[which]]),
        ]);
      const views = { left: 'A', both: app.say('compare.swipe'), right: 'B' };
      return el('div', { class: 'ag-sides' }, [
        side('left'),
        side('right'),
        el('div', { class: 'ag-line ag-noprint' }, [
          el('span', { class: 'ag-caption', text: app.say('compare.view') }),
          el(
            'span',
            { class: 'ag-group', role: 'group', 'aria-label': app.say('compare.view') },
            Object.keys(views).map((view) =>
              button(views[view], app.view.side === view, () => app.set('side', view), { 'data-view': view }),
            ),
          ),
        ]),
      ]);
    }

    function goTo(crossing, index) {
      const parts = app.parts.crossings;
      const at = parts.byCheckpoint[crossing.checkpoint].at;
      map.setView(at, Math.max(map.getZoom(), 8.5), { animate: false });
      parts.open(crossing, index);
    }

    function changes() {
      const crossings = app.parts.crossings;
      if (states.length < 2 || app.parts.season || !crossings) {
        return null;
      }
      const found = crossings.all
        .map((crossing) => ({
          crossing: crossing,
          a: crossings.rowOf(crossing, app.view.left),
          b: crossings.rowOf(crossing, app.view.right),
          own: crossings.byCheckpoint[crossing.checkpoint].own,
        }))
        .filter((item) => item.a && item.b && item.a.s !== item.b.s);
      const mine = found.filter((item) => item.own);
      const others = found.filter((item) => !item.own);
      const parts = changeLists(mine);
      if (!found.length) {
        parts.push(el('p', { text: app.say('compare.same') }));
      }
      if (others.length) {
        parts.push(
          foldedPart('elsewhere', app.say('compare.elsewhere') + ' (' + others.length + ')', changeLists(others)),
        );
      }
      return section(
        'changes',
        app.say('head.changes') + ' (' + app.say('traffic.' + app.view.traffic) + ')',
        parts,
        true,
      );
    }

    function foldedPart(name, title, children) {
      const part = section(name, title, children, false);
      part.className = 'ag-' + name;
      return part;
    }

    function changeLists(items) {
      const kinds = [
        ['opens', (item) => item.a.s <= 0 && item.b.s > 0],
        ['closes', (item) => item.a.s > 0 && item.b.s <= 0],
        ['other', (item) => item.a.s > 0 === item.b.s > 0],
      ];
      const parts = [];
      kinds.forEach(function (kind) {
        const list = items.filter(kind[1]);
        if (!list.length) {
          return;
        }
        parts.push(el('h3', { text: app.say('compare.' + kind[0]) }));
        parts.push(
          el(
            'ul',
            { class: 'ag-changes' },
            list.map((item) =>
              el('li', {}, [
                el(
                  'button',
                  {
                    type: 'button',
                    'data-change': item.crossing.id,
                    onclick: () => goTo(item.crossing, app.view.right),
                  },
                  [
                    PageMap.glyph(app.style, item.crossing.mode, item.a.s, 16),
                    '→',
                    PageMap.glyph(app.style, item.crossing.mode, item.b.s, 16),
                    el('span', {
                      text:
                        app.text(app.parts.crossings.byCheckpoint[item.crossing.checkpoint].name) +
                        ', ' +
                        app.say('short.' + item.crossing.mode),
                    }),
                  ],
                ),
              ]),
            ),
          ),
        );
      });
      return parts;
    }

    function tick(name, checked, text, sample) {
      const box = el('input', {
        type: 'checkbox',
        class: 'ag-noprint',
        checked: checked,
        'data-layer': name,
        onchange: (event) => app.hide(name, !event.target.checked),
      });
      return el('label', { class: checked ? '' : 'ag-noprint' }, [box, sample, el('span', { text: text })]);
    }

    function legend() {
      const crossings = app.parts.crossings;
      if (!crossings) {
        return null;
      }
      const both = states.length > 1 && !app.parts.season;
      const columns = both
        ? [
            ['A', app.view.left, app.view.traffic],
            ['B', app.view.right, app.view.traffic],
          ]
        : [
            [app.say('traffic.cargo'), app.view.day, 'cargo'],
            [app.say('traffic.passenger'), app.view.day, 'passenger'],
          ];
      const index = (column) => (both ? column[1] : app.parts.season ? 0 : app.sides()[0]);
      const cell = function (count, mode) {
        const code = count.open ? (mode && count.limited === count.open ? 2 : 1) : 0;
        const glyph = count.all && mode ? PageMap.glyph(app.style, mode, code, 15) : null;
        return el('td', { class: count.open ? 'ag-some' : 'ag-none' }, [
          glyph,
          count.all ? count.open + '/' + count.all : '–',
        ]);
      };
      const line = (name, mode, own) =>
        el(
          'tr',
          { class: 'ag-total' },
          [el('th', { scope: 'row', text: name })].concat(
            columns.map((column) => cell(crossings.count(mode, index(column), column[2], own), null)),
          ),
        );
      const rows = crossings.modes.map((mode) =>
        el(
          'tr',
          { class: app.shows('mode_' + mode) ? '' : 'ag-noprint' },
          [
            el('th', { scope: 'row' }, [
              tick(
                'mode_' + mode,
                app.shows('mode_' + mode),
                app.say('short.' + mode),
                PageMap.glyph(app.style, mode, 1, 15),
              ),
            ]),
          ].concat(columns.map((column) => cell(crossings.count(mode, index(column), column[2], true), mode))),
        ),
      );
      const total = [line(app.text(app.config.home), null, true)];
      if (crossings.checkpoints.some((checkpoint) => !checkpoint.own)) {
        total.push(line(app.say('compare.elsewhere'), null, false));
      }
      const table = el('table', { class: 'ag-legend' }, [
        el('thead', {}, [
          el(
            'tr',
            {},
            [el('th', {})].concat(
              columns.map((column) =>
                el('th', { scope: 'col' }, [both ? el('span', { class: 'ag-badge', text: column[0] }) : column[0]]),
              ),
            ),
          ),
        ]),
        el('tbody', {}, rows.concat(total)),
      ]);
      const sample = crossings.modes.includes('ferry') ? 'ferry' : crossings.modes[0];
      const key = el('p', { class: 'ag-key' }, [
        el('span', {}, [PageMap.glyph(app.style, sample, 1, 15), app.say('status.open')]),
        el('span', {}, [PageMap.glyph(app.style, sample, 2, 15), app.say('status.limited')]),
        el('span', {}, [PageMap.glyph(app.style, sample, 0, 15), app.say('status.closed')]),
        el('span', {}, [PageMap.glyph(app.style, sample, -1, 15), app.say('status.unknown')]),
        both ? el('span', {}, [el('i', { class: 'ag-swatch' }), app.say('key.changed')]) : null,
      ]);
      const idle = crossings.all.filter((crossing) => crossings.exists(crossing) && crossings.unused(crossing)).length;
      const unused = idle
        ? tick(
            'unused',
            app.shows('unused'),
            app.say('layer.unused') + ' (' + idle + ')',
            PageMap.glyph(app.style, sample, 0, 11),
          )
        : null;
      const heading = app.say('head.crossings') + (both ? ' (' + app.say('traffic.' + app.view.traffic) + ')' : '');
      const hint = app.say('head.crossings_hint', { home: app.text(app.config.home) });
      // The counts of the modes are those of the home regions.
      return section(
        'crossings',
        heading,
        [el('p', { class: 'ag-hint', text: hint }), table, key, unused],
        true,
      );
    }

    function stroke(style) {
      const box = { width: 26, height: 12, viewBox: '0 0 26 12', 'aria-hidden': 'true' };
      return PageMap.svg(
        'svg',
        box,
        style.map((line) => PageMap.svg('line', Object.assign({ x1: 1, x2: 25, y1: 6, y2: 6 }, line))),
      );
    }

    function layers() {
      const ground = app.parts.ground;
      const c = app.style.colours;
      const has = ground ? ground.has : {};
      const samples = {
        roads: [{ stroke: c.road, 'stroke-width': 2.4 }],
        winter: [{ stroke: c.winter_road, 'stroke-width': 2.2, 'stroke-dasharray': '7 4' }],
        rails: [
          { stroke: c.railway, 'stroke-width': 3 },
          { stroke: '#fff', 'stroke-width': 1.4, 'stroke-dasharray': '5 5' },
        ],
        rails_out: [{ stroke: c.railway, 'stroke-width': 2.2, 'stroke-dasharray': '3 4', 'stroke-opacity': 0.45 }],
        rivers: [
          { stroke: c.river, 'stroke-width': 6 },
          { stroke: c.water, 'stroke-width': 4.4 },
        ],
        border: [{ stroke: c.border, 'stroke-width': 1.8, 'stroke-dasharray': '9 3 2 3' }],
      };
      const rows = Object.keys(samples)
        .filter((name) => has[name])
        .map((name) => tick(name, app.shows(name), app.say('layer.' + name), stroke(samples[name])));
      rows.push(
        tick(
          'labels',
          app.shows('labels'),
          app.say('layer.labels'),
          el('span', { class: 'ag-sample', text: 'Aa', 'aria-hidden': 'true' }),
        ),
      );
      if (has.schematic) {
        const dashes = { stroke: c.road, 'stroke-width': 2.4, 'stroke-dasharray': '4 4' };
        rows.push(el('label', { class: 'ag-schematic' }, [stroke([dashes]), el('span', { text: app.say('layer.schematic') })]));
      }
      if (data.tiles) {
        rows.push(tiles());
      }
      return section('layers', app.say('head.layers'), [el('div', { class: 'ag-layers' }, rows)], true);
    }

    let tileLayer = null;
    let tilesFailed = false;

    function tiles() {
      const box = el('input', {
        type: 'checkbox',
        checked: Boolean(tileLayer),
        'data-layer': 'tiles',
        onchange: () => {
          if (tileLayer) {
            tileLayer.remove();
            tileLayer = null;
          } else {
            tileLayer = L.tileLayer(data.tiles.url, {
              attribution: data.tiles.attribution,
              maxZoom: 18,
              referrerPolicy: 'strict-origin-when-cross-origin',
            });
            tileLayer.on('tileerror', function () {
              if (!tilesFailed) {
                tilesFailed = true;
                draw();
              }
            });
            tileLayer.addTo(map);
          }
        },
      });
      return el('label', { class: 'ag-noprint' }, [
        box,
        el('span', { text: app.say('layer.tiles') + (tilesFailed ? ' (' + app.say('tiles.fail') + ')' : '') }),
      ]);
    }

    function hours(value) {
      return value === null ? '–' : app.number(value, 1);
    }

    function pairs() {
      if (!data.pairs || !data.pairs.length) {
        return null;
      }
      const rows = data.pairs.map((pair) =>
        el('tr', { class: 'ag-pair-' + pair.change }, [
          el('th', { scope: 'row', text: pair.ends.map((end) => app.text(end.name)).join(' → ') }),
          el('td', { text: hours(pair.hours[0]) }),
          el('td', { text: hours(pair.hours[1]) }),
          el('td', { text: app.say('change.' + pair.change) }),
        ]),
      );
      const table = el('table', { class: 'ag-pairs' }, [
        el('thead', {}, [
          el('tr', {}, [
            el('th', { text: app.say('unit.h') }),
            el('th', {}, [el('span', { class: 'ag-badge', text: 'A' })]),
            el('th', {}, [el('span', { class: 'ag-badge', text: 'B' })]),
            el('th', {}),
          ]),
        ]),
        el('tbody', {}, rows),
      ]);
      return section('pairs', app.say('head.pairs') + ' (' + data.pairs.length + ')', [table], false);
    }

    // -- picture ---------------------------------------------------------------------------------------

    function picture() {
      const container = map.getContainer();
      container.classList.add('ag-exporting');
      // The whole panel is the legend of the picture: made smaller where it is taller than the map.
      root.style.transform = 'scale(' + Math.min(1, (map.getSize().y - 40) / root.offsetHeight) + ')';
      const keep = (node) =>
        !(
          node.classList &&
          (node.classList.contains('ag-noprint') || node.classList.contains('leaflet-control-zoom'))
        );
      const font = document.getElementById('ag-font');
      return window.htmlToImage
        .toPng(container, { pixelRatio: 2, filter: keep, fontEmbedCSS: font ? font.textContent : '' })
        .then(function (address) {
          const link = el('a', { href: address, download: data.file + '.png' });
          container.setAttribute('data-picture', String(address.length));
          link.click();
        })
        .finally(function () {
          container.classList.remove('ag-exporting');
          root.style.transform = '';
        });
    }

    // -- drawing ---------------------------------------------------------------------------------------

    function draw() {
      const focus = document.activeElement && root.contains(document.activeElement) ? document.activeElement : null;
      const keys = ['data-lang', 'data-do', 'data-traffic', 'data-view', 'data-side', 'data-layer', 'data-route'];
      const key = focus && keys.find((name) => focus.hasAttribute(name));
      const mark = key ? '[' + key + '="' + focus.getAttribute(key) + '"]' : null;
      const scroll = root.scrollTop;
      root.textContent = '';
      root.setAttribute('aria-label', app.say('ui.panel'));
      root.classList.toggle('ag-collapsed', collapsed);
      const routes = app.parts.routes ? app.parts.routes.panel(section, button) : null;
      const parts = collapsed
        ? [head()]
        : [head(), scenarios(), search(), traffic(), routes, changes(), legend(), layers(), pairs()];
      parts.forEach((part) => part && root.append(part));
      root.scrollTop = scroll;
      if (mark) {
        const again = root.querySelector(mark);
        if (again) {
          again.focus({ preventScroll: true });
        }
      }
      map.getContainer().setAttribute('aria-label', app.say('ui.map'));
      const zoom = { in: '.leaflet-control-zoom-in', out: '.leaflet-control-zoom-out' };
      Object.keys(zoom).forEach(function (name) {
        const control = map.getContainer().querySelector(zoom[name]);
        if (control) {
          control.title = app.say('ui.zoom_' + name);
          control.setAttribute('aria-label', app.say('ui.zoom_' + name));
        }
      });
      document.title = app.text(data.title);
    }

    root.id = map.getContainer().id + '-panel';
    app.parts.panel = { draw: draw, label: label };
    app.on('lang traffic left right side layers route counts', draw);
    draw();
    app.start();
  };
})();
