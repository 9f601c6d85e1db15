// The year: a slider over its days, and above it one bar per home crossing that shows when it works. Moving
// the slider writes the day's state into the page's only state; the map is drawn anew only where something differs.
(function () {
  'use strict';

  const PageMap = window.PageMap;
  const DAY_MS = 90;

  PageMap.season = function (map, data) {
    const app = map.pageApp;
    const el = PageMap.el;
    const container = map.getContainer();
    const rows = app.config.states[0].rows;
    const count = data.days.length;
    let timer = null;
    let before = '';
    app.view.day = Math.min(data.start, count - 1);

    const root = el('section', { class: 'ag-season' });
    const play = el('button', { type: 'button', class: 'ag-noprint', 'data-do': 'play', onclick: () => run(!timer) });
    const back = el('button', {
      type: 'button',
      class: 'ag-noprint',
      'data-do': 'back',
      text: '◂',
      onclick: () => step(-1),
    });
    const next = el('button', {
      type: 'button',
      class: 'ag-noprint',
      'data-do': 'next',
      text: '▸',
      onclick: () => step(1),
    });
    const shown = el('output', { class: 'ag-date' });
    const counts = el('span', { class: 'ag-counts' });
    const bars = el('div', { class: 'ag-bars' });
    const range = el('input', {
      type: 'range',
      class: 'ag-noprint',
      min: 0,
      max: count - 1,
      step: 1,
      oninput: () => app.set('day', Number(range.value)),
    });
    root.append(
      el('div', { class: 'ag-season-head' }, [
        el('span', { class: 'ag-group' }, [back, play, next]),
        shown,
        counts,
      ]),
      bars,
      el('div', { class: 'ag-track' }, [range]),
    );
    container.append(root);
    L.DomEvent.disableClickPropagation(root);
    L.DomEvent.disableScrollPropagation(root);
    root.addEventListener('keydown', (event) => event.stopPropagation());

    // The last run that begins on or before the day; runs are flat lists [day, values...].
    function runAt(runs, width, day) {
      let low = 0;
      let high = runs.length / width - 1;
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if (runs[middle * width] <= day) {
          low = middle;
        } else {
          high = middle - 1;
        }
      }
      return low * width;
    }

    function apply() {
      const day = Math.min(app.view.day, count - 1);
      let signature = '';
      data.services.forEach(function (service) {
        const at = runAt(service.runs, 3, day);
        const row = rows[service.crossing][service.traffic];
        row.s = service.runs[at + 1];
        row.reason = data.reasons[service.runs[at + 2]];
        const chance = service.chance[runAt(service.chance, 2, day) + 1];
        row.p = chance < 0 ? null : chance / 1000;
        signature += row.s;
      });
      range.value = day;
      shown.textContent = app.date(data.days[day]);
      range.setAttribute('aria-valuetext', shown.textContent);
      counts.textContent =
        app.text(app.config.home) +
        ' – ' +
        ['cargo', 'passenger']
          .map(function (traffic) {
            const mine = data.services.filter(
              (service) => service.own && service.traffic === traffic && !rows[service.crossing][traffic].unused,
            );
            const opened = mine.filter((service) => rows[service.crossing][traffic].s > 0).length;
            return app.say('season.count', { traffic: app.say('traffic.' + traffic), n: opened, m: mine.length });
          })
          .join('; ');
      const cursor = bars.querySelector('.ag-cursor');
      if (cursor) {
        cursor.setAttribute('x1', day + 0.5);
        cursor.setAttribute('x2', day + 0.5);
      }
      if (signature !== before) {
        before = signature;
        app.parts.crossings.draw();
        app.emit('counts');
      }
      app.parts.crossings.refresh();
    }

    // One bar per crossing in use: colour by mode, dashed where limited, pale where opening is less than sure.
    function drawBars() {
      const crossings = app.parts.crossings;
      bars.textContent = '';
      const mine = data.services.filter(
        (service) =>
          service.own && service.traffic === app.view.traffic && !rows[service.crossing][service.traffic].unused,
      );
      const height = 13;
      const labels = el('div', { class: 'ag-bar-labels' });
      const marks = [];
      mine.forEach(function (service, line) {
        const crossing = crossings.all.find((one) => one.id === service.crossing);
        const name = app.text(crossings.byCheckpoint[crossing.checkpoint].name);
        labels.append(
          el('div', { title: name + ', ' + app.say('mode.' + crossing.mode) }, [
            el('span', { text: name }),
            PageMap.glyph(app.style, crossing.mode, 1, 11),
          ]),
        );
        const colour = (app.style.modes[crossing.mode] || app.style.modes.other).colour;
        marks.push(PageMap.svg('rect', { x: 0, y: line * height + 5.5, width: count, height: 2, fill: '#dddddd' }));
        for (let i = 0; i < service.runs.length; i += 3) {
          const from = service.runs[i];
          const to = i + 3 < service.runs.length ? service.runs[i + 3] : count;
          if (service.runs[i + 1]) {
            spans(service, from, to).forEach((span) =>
              marks.push(
                PageMap.svg('rect', {
                  x: span[0],
                  y: line * height + 1.5,
                  width: span[1] - span[0],
                  height: height - 3,
                  fill: service.runs[i + 1] < 0 ? app.style.colours.unknown : colour,
                  'fill-opacity': service.runs[i + 1] < 0 ? 1 : 0.35 + 0.65 * span[2],
                }),
              ),
            );
            if (Math.abs(service.runs[i + 1]) !== 1 || service.runs[i + 1] < 0) {
              marks.push(
                PageMap.svg('line', {
                  x1: from,
                  x2: to,
                  y1: line * height + height / 2,
                  y2: line * height + height / 2,
                  stroke: '#ffffff',
                  'stroke-width': 2.5,
                  'stroke-dasharray': '3 3',
                }),
              );
            }
          }
        }
      });
      const months = [];
      data.days.forEach(function (day, at) {
        if (day.endsWith('-01')) {
          marks.unshift(
            PageMap.svg('line', {
              x1: at,
              x2: at,
              y1: 0,
              y2: mine.length * height,
              stroke: '#bdbdbd',
              'stroke-width': 0.6,
            }),
          );
          const label = el('span', {
            text: new Date(day + 'T00:00:00Z').toLocaleDateString(
              { en: 'en-GB', ru: 'ru-RU', zh: 'zh-CN' }[app.view.lang],
              { month: 'short', timeZone: 'UTC' },
            ),
          });
          label.style.left = (100 * at) / count + '%';
          months.push(label);
        }
      });
      const top = mine.length * height;
      marks.push(
        PageMap.svg('line', {
          class: 'ag-cursor',
          x1: 0,
          x2: 0,
          y1: 0,
          y2: top,
          stroke: '#d00000',
          'stroke-width': 1.6,
        }),
      );
      const chart = PageMap.svg(
        'svg',
        {
          viewBox: '0 0 ' + count + ' ' + Math.max(top, 1),
          preserveAspectRatio: 'none',
          height: top,
          'aria-hidden': 'true',
        },
        marks,
      );
      chart.addEventListener('click', function (event) {
        const box = chart.getBoundingClientRect();
        app.set('day', Math.max(0, Math.min(count - 1, Math.floor((count * (event.clientX - box.left)) / box.width))));
      });
      bars.append(
        labels,
        el('div', { class: 'ag-chart' }, [chart, el('div', { class: 'ag-months', 'aria-hidden': 'true' }, months)]),
      );
    }

    // Parts of a run of equal probability, joined to steps of ten per cent.
    function spans(service, from, to) {
      const made = [];
      for (let i = runAt(service.chance, 2, from); i < service.chance.length && service.chance[i] < to; i += 2) {
        const start = Math.max(from, service.chance[i]);
        const end = i + 2 < service.chance.length ? Math.min(to, service.chance[i + 2]) : to;
        const shade = Math.round(service.chance[i + 1] / 100) / 10;
        const last = made[made.length - 1];
        if (last && last[2] === shade) {
          last[1] = end;
        } else if (end > start) {
          made.push([start, end, shade]);
        }
      }
      return made;
    }

    function step(by) {
      app.set('day', (app.view.day + by + count) % count);
    }

    function run(on) {
      clearInterval(timer);
      timer = on ? setInterval(() => step(1), DAY_MS) : null;
      words();
    }

    function words() {
      play.textContent = (timer ? '❚❚ ' : '▶ ') + app.say(timer ? 'season.pause' : 'season.play');
      play.setAttribute('aria-pressed', String(Boolean(timer)));
      root.setAttribute('aria-label', app.say('season.day'));
      range.setAttribute('aria-label', app.say('season.day'));
      back.setAttribute('aria-label', app.say('season.back'));
      next.setAttribute('aria-label', app.say('season.next'));
    }

    app.parts.season = { run: run };
    app.on('measure', drawBars);
    app.on('day', apply);
    app.on('lang traffic', function () {
      words();
      drawBars();
      apply();
    });
  };
})();
