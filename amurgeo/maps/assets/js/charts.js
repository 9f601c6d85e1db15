// The charts: the strip of the year with the slider of the day, and hours against distance.
(function () {
  'use strict';

  const ROW = 14;
  const TALL = { network: 14, season: 20, routes: 14, compare: 14 };
  const HOURS = 62;
  const WIDTH = 400;
  const HEIGHT = 190;
  const SEASON_STARTS = '-07-01';

  window.PageCharts = function (app) {
    const {
      ui,
      data,
      S,
      Engine,
      say,
      number,
      hours,
      hoursUnit,
      length,
      date,
      nameOf,
      crossingName,
      colourOf,
      set,
    } = app;
    const V = () => app.V();

    // The season of a day, 1 July to 30 June, so that a winter is in one piece: first day, day after the last.
    app.season = function (i) {
      const iso = Engine.iso(data.first + i);
      const year = Number(iso.slice(0, 4)) - (iso.slice(4) < SEASON_STARTS ? 1 : 0);
      const at = (y) => Engine.dayOf(y + SEASON_STARTS) - data.first;
      return [Math.max(0, at(year)), Math.min(data.n, at(year + 1))];
    };

    function runs(from, to, valueOf, same) {
      const made = [];
      for (let i = from; i < to; i++) {
        const value = valueOf(i);
        const last = made[made.length - 1];
        if (last && same(last.value, value)) {
          last.to = i + 1;
        } else {
          made.push({ value, from: i, to: i + 1 });
        }
      }
      return made;
    }
    const identical = (a, b) => a === b;
    const tenths = (p) => Math.max(1, Math.round(10 * p));

    // Services with a row: those at home in use, and those of other regions by which the best route leads.
    function rowsOf(from, to) {
      const { laid, base, traffic, year } = V();
      const used = new Set(year ? year.slice(from, to).map((day) => day.x && day.x.id) : []);
      const usual = new Map(base.services.map((service) => [service.row.x + service.row.t, service]));
      const some = (list) => list && list.subarray(from, to).some(Boolean);
      return laid.services
        .filter((service) => service.row.t === traffic && service.row.admits.includes(S.vehicle))
        .map((service) => ({
          service,
          usual: base.days.length > 1 ? usual.get(service.row.x + service.row.t) : null,
        }))
        .filter(({ service, usual: before }) => {
          const own = data.checkpoints[service.crossing.cp].own;
          const known = service.evidence.slice(from, to).includes('unknown');
          return (
            (own || used.has(service.row.x)) &&
            (some(service.open) || (before && some(before.open)) || (own && known))
          );
        });
    }

    const codeOf = (service) => (i) => {
      const status = service.status(i);
      return status === 'unknown' ? 'unknown' : status === 'closed' ? '' : status + tenths(service.p[i]);
    };

    function Bars({ row: { service, usual }, y, height, from, to }) {
      const colour = colourOf(service.crossing);
      const bar = (run, look) =>
        ui`<rect x=${run.from} width=${run.to - run.from} y=${y + 2} height=${height - 4} ...${look} />`;
      const bars = runs(from, to, codeOf(service), identical).map(function (run) {
        if (!run.value) {
          return null;
        }
        if (run.value === 'unknown') {
          return bar(run, { fill: 'url(#page-unknown)' });
        }
        const sure = Number(run.value.replace(/\D/g, ''));
        const limited = run.value.startsWith('limited');
        return ui`${bar(run, { fill: colour, 'fill-opacity': 0.3 + 0.07 * sure })}${limited && bar(run, { fill: 'url(#page-limited)' })}`;
      });
      // What would be open as usual, and is not.
      const lost =
        usual && usual !== service && runs(from, to, (i) => usual.open[i] > service.open[i], identical);
      const ghosts = (lost || [])
        .filter((run) => run.value)
        .map((run) => bar(run, { class: 'ghost', stroke: colour }));
      return ui`<line
          x1=${from}
          x2=${to}
          y1=${y + height / 2}
          y2=${y + height / 2}
          class="grid"
        />${bars}${ghosts}`;
    }

    function Hours({ from, to }) {
      const { year, yearUsual } = V();
      const all = year.slice(from, to).concat((yearUsual || []).slice(from, to));
      const most = Math.max(1, ...all.map((day) => (day.seconds < Infinity ? day.seconds : 0)));
      const y = (seconds) => HOURS - ((HOURS - 6) * seconds) / most;
      const same = (a, b) => a.seconds === b.seconds && a.x === b.x && tenths(a.p) === tenths(b.p);
      const steps = runs(from, to, (i) => year[i], same).map(function ({ value, from: x, to: end }) {
        if (value.seconds === Infinity) {
          return ui`<rect x=${x} width=${end - x} y="4" height=${HOURS - 4} class="gap" />`;
        }
        const top = y(value.seconds);
        const colour = colourOf(value.x);
        return ui`<rect
            x=${x}
            width=${end - x}
            y=${top}
            height=${HOURS - top}
            fill=${colour}
            fill-opacity=${0.08 + 0.24 * value.p}
          />
          <line x1=${x} x2=${end} y1=${top} y2=${top} stroke=${colour} class="top" />`;
      });
      const usual = runs(from, to, (i) => (yearUsual ? yearUsual[i].seconds : Infinity), identical)
        .map((run, place, list) => {
          const joined = place && list[place - 1].value < Infinity;
          return run.value < Infinity ? `${joined ? 'L' : 'M'}${run.from},${y(run.value)}H${run.to}` : '';
        })
        .join('');
      return ui`${steps}<path d=${usual} class="usual" />`;
    }

    function mostHours(from, to) {
      const { year, yearUsual } = V();
      const all = year.slice(from, to).concat((yearUsual || []).slice(from, to));
      return Math.max(0, ...all.map((day) => (day.seconds < Infinity ? day.seconds : 0)));
    }

    function Year() {
      const { laid, year, pair, items } = V();
      if (laid.days.length === 1) {
        return ui`<section class="year"><p class="hint">${say('year.regime')}</p></section>`;
      }
      const [from, to] = app.season(S.i);
      const travel = Boolean(pair && year);
      const top = travel ? HOURS : 0;
      const height = travel ? ROW : TALL[S.view];
      const key = app.keyOf([
        S.from,
        S.to,
        S.vehicle,
        S.lang,
        S.view,
        items,
        S.base,
        S.hold,
        from,
        V().options,
      ]);
      const rows = app.once('rows', key, () => rowsOf(from, to));
      const total = top + rows.length * height + 2;
      const months = [];
      for (let i = from; i < to; i++) {
        if (Engine.iso(data.first + i).endsWith('-01')) {
          months.push(i);
        }
      }
      const month = (i) =>
        new Date((data.first + i) * 864e5).toLocaleDateString(app.locale(), {
          month: 'short',
          timeZone: 'UTC',
        });
      const without = travel ? year.slice(from, to).filter((day) => day.seconds === Infinity).length : 0;
      const chart = () => ui`<g>
          ${months.map((i) => ui`<line x1=${i} x2=${i} y1="0" y2=${total} class="grid" />`)}
          ${travel && ui`<${Hours} from=${from} to=${to} />`}
          ${rows.map((row, place) => ui`<${Bars} row=${row} y=${top + place * height} height=${height} from=${from} to=${to} />`)}
        </g>`;
      const click = function (event) {
        const box = event.currentTarget.getBoundingClientRect();
        const share = (event.clientX - box.left) / box.width;
        set({ i: Math.max(from, Math.min(to - 1, from + Math.floor((to - from) * share))) });
      };
      const years = `${Engine.iso(data.first + from).slice(0, 4)}/${Engine.iso(data.first + to - 1).slice(2, 4)}`;
      const Turn = ({ to: i, word, sign }) => ui`<button
          type="button"
          class="turn noprint"
          aria-label=${say(word)}
          title=${say(word)}
          disabled=${i < 0 || i >= data.n}
          onclick=${() => set({ i: app.clamp(data.first + i) })}
        >${sign}</button>`;
      return ui`<section class="year">
        <h2>
          <${Turn} to=${from - 1} word="year.before" sign="‹" />
          <span>${say('year.title', { years })}${travel && ': ' + nameOf(S.from) + ' → ' + nameOf(S.to)}</span
          >
          <${Turn} to=${to} word="year.after" sign="›" />
          ${without > 0 && ui`<strong class="worse">${say('year.without', { n: without })}</strong>`}
          <output>${date(S.i)}</output>
        </h2>
        <div class="strip">
          <div class="labels" aria-hidden="true" style=${{ height: total + 'px' }}>
            ${travel && ui`<span class="axis" style=${{ height: HOURS + 'px' }}>${hoursUnit(mostHours(from, to))}</span>`}
            ${rows.map(
              ({ service }) => ui`<span style=${{ height: height + 'px' }}>
                  <em>${app.checkpointName(service.crossing.cp)}</em>
                  <${app.parts.Glyph} mode=${service.crossing.mode} status="open" size="11" />
                </span>`,
            )}
          </div>
          <div class="plot">
            <svg
              viewBox=${`${from} 0 ${to - from} ${total}`}
              preserveAspectRatio="none"
              height=${total}
              aria-hidden="true"
              onclick=${click}
            >
              <defs>
                <pattern id="page-unknown" width="4" height="5" patternUnits="userSpaceOnUse">
                  <rect width="4" height="5" fill="#f0efec" />
                  <path d="M0,5L4,0" stroke="#777" stroke-width="0.9" />
                </pattern>
                <pattern id="page-limited" width="3" height="6" patternUnits="userSpaceOnUse">
                  <path d="M0,6L3,0" stroke="#fff" stroke-width="0.7" />
                </pattern>
              </defs>
              ${app.once('chart', key, chart)}
              <line x1=${S.i + 0.5} x2=${S.i + 0.5} y1="0" y2=${total} class="cursor" />
            </svg>
            <input
              type="range"
              class="noprint"
              min=${from}
              max=${to - 1}
              value=${S.i}
              aria-label=${say('year.slider')}
              aria-valuetext=${date(S.i)}
              oninput=${(event) => set({ i: Number(event.target.value) })}
            />
            <div class="months" aria-hidden="true">
              ${months.map((i) => ui`<span style=${{ left: (100 * (i - from)) / (to - from) + '%' }}>${month(i)}</span>`)}
            </div>
          </div>
        </div>
        <p class="hint">${say(travel ? 'year.hint' : 'year.hint_crossings')}</p>
      </section>`;
    }

    function ticks(most, wanted) {
      const raw = most / wanted;
      const ten = 10 ** Math.floor(Math.log10(raw));
      const step = [1, 2, 5, 10].map((factor) => factor * ten).find((size) => size >= raw);
      return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, place) => place * step);
    }

    // Hours against distance: driving climbs, border control and waiting are steps.
    function Profile() {
      const { ways, chosen } = V();
      const shown = ways.slice(0, S.k);
      if (!shown.length) {
        return null;
      }
      const km = Math.max(1, ...shown.map((way) => way.km));
      const most = Math.max(...shown.map((way) => way.seconds)) / 3600;
      const x = (value) => 30 + ((WIDTH - 76) * value) / km;
      const y = (value) => HEIGHT - 22 - ((HEIGHT - 40) * value) / most;
      const nameOfWay = (way) => (way.crossing ? crossingName(way.crossing) : say('route.direct'));
      const spoken = shown
        .map((way) => nameOfWay(way) + ' ' + length(way.km) + ' ' + hoursUnit(way.seconds))
        .join('; ');
      const ends = [];
      const line = function (way) {
        let distance = 0;
        let time = 0;
        let path = `M${x(0)},${y(0)}`;
        for (const leg of way.legs) {
          const driven = leg.crossing ? leg.drive : leg.km ? leg.seconds : 0;
          time += (leg.seconds - driven) / 3600;
          path += `V${y(time).toFixed(1)}`;
          distance += leg.km;
          time += driven / 3600;
          path += `L${x(distance).toFixed(1)},${y(time).toFixed(1)}`;
        }
        let label = y(time) + 3.5;
        while (ends.some(([at, other]) => Math.abs(at - x(distance)) < 46 && Math.abs(other - label) < 11)) {
          label += 11;
        }
        ends.push([x(distance), label]);
        const on = way === chosen;
        return ui`<path
            d=${path}
            fill="none"
            stroke=${way.colour}
            stroke-width=${on ? 3 : 1.6}
            stroke-dasharray=${on ? null : way.dash}
            stroke-linejoin="round"
          />
          <circle cx=${x(distance)} cy=${y(time)} r="2.6" fill=${way.colour} />
          <text x=${x(distance) + 6} y=${label} class=${on ? 'strong' : ''}>${hours(way.seconds)}</text>`;
      };
      return ui`<section class="profile">
        <h2>${say('profile.title')}</h2>
        <svg
          viewBox=${`0 0 ${WIDTH} ${HEIGHT}`}
          role="img"
          aria-label=${say('profile.title') + ': ' + spoken}
        >
          ${ticks(most, 4).map(
            (tick) => ui`<line x1="30" x2=${WIDTH - 46} y1=${y(tick)} y2=${y(tick)} class="grid" /><text
                  x="25"
                  y=${y(tick) + 3.5}
                  text-anchor="end"
                  >${number(tick)}</text
                >`,
          )}
          ${ticks(km, 5).map((tick) => ui`<text x=${x(tick)} y=${HEIGHT - 6} text-anchor="middle">${number(tick)}</text>`)}
          <text x="25" y="12" text-anchor="end">${say('unit.h')}</text>
          <text x=${WIDTH - 4} y=${HEIGHT - 6} text-anchor="end">${say('unit.km')}</text>
          ${shown.slice().reverse().map(line)}
        </svg>
        <p class="hint">${say('profile.hint')}</p>
      </section>`;
    }

    return { Year, Profile };
  };
})();
