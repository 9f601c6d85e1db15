// The charts: the strip of the year with the slider of the day, and hours against distance.
window.PageCharts = function (app) {
  'use strict';
  // Heights of a bar, of a bar in the view of the year, and of the hours; size of the other chart.
  const [ROW, TALL, HOURS, WIDTH, HEIGHT] = [14, 20, 62, 400, 190];
  const SEASON_STARTS = '-07-01';
  const { ui, data, S, V, Engine, say, number, hours, hoursUnit, length, date } = app;
  const { nameOf, checkpointName, colourOf, set } = app;
  const runs = window.PageScenario.stretches;
  // The season of a day, 1 July to 30 June, so that a winter is in one piece: first day, day after the last.
  app.season = function (i) {
    const iso = Engine.iso(data.first + i);
    const year = Number(iso.slice(0, 4)) - (iso.slice(4) < SEASON_STARTS ? 1 : 0);
    const at = (y) => Engine.dayOf(y + SEASON_STARTS) - data.first;
    return [Math.max(0, at(year)), Math.min(data.n, at(year + 1))];
  };
  const tenths = (p) => Math.max(1, Math.round(10 * p));
  // Services with a row: those at home in use, and those of other regions by which the best route leads.
  function rowsOf(from, to) {
    const used = new Set(V.year ? V.year.slice(from, to).map((day) => day.x && day.x.id) : []);
    const works = (service) => service && service.open.subarray(from, to).some(Boolean);
    const usualOf = (service) => (V.base.days.length > 1 ? V.baseOf(service) : undefined);
    const rows = V.services.map(({ service }) => ({ service, usual: usualOf(service) }));
    return rows.filter(function ({ service, usual }) {
      const { own } = data.checkpoints[service.crossing.cp];
      const gap = own && service.evidence.slice(from, to).includes('unknown');
      const admitted = service.row.admits.includes(S.vehicle) && (own || used.has(service.row.x));
      return admitted && (gap || works(service) || works(usual));
    });
  }
  const rect = (run, y, height, look) =>
    ui`<rect x=${run.from} width=${run.to - run.from} y=${y} height=${height} ...${look} />`;
  function Bars({ row: { service, usual }, y, height, from, to }) {
    const colour = colourOf(service.crossing);
    const bar = (run, look) => rect(run, y + 2, height - 4, look);
    const codeOf = (i) => [service.status(i), tenths(service.p[i])].join();
    const bars = runs(from, to, codeOf).map(function (run) {
      const [status, tenth] = run.value.split(',');
      if (status === 'closed') return null;
      const sure = { fill: colour, 'fill-opacity': 0.3 + 0.07 * tenth };
      return [
        status !== 'unknown' && bar(run, sure),
        status !== 'open' && bar(run, { fill: `url(#page-${status})` }),
      ];
    });
    const lost = (i) => Boolean(usual) && usual.open[i] > service.open[i];
    const ghosts = runs(from, to, lost).filter((run) => run.value);
    const line = { x1: from, x2: to, y1: y + height / 2, y2: y + height / 2 };
    return ui`<line ...${line} class="grid" />${bars}
      ${ghosts.map((run) => bar(run, { class: 'ghost', stroke: colour }))}`;
  }
  function Hours({ from, to, most }) {
    const y = (seconds) => HOURS - ((HOURS - 6) * seconds) / most;
    const same = (a, b) => a.seconds === b.seconds && a.x === b.x && tenths(a.p) === tenths(b.p);
    const steps = runs(from, to, (i) => V.year[i], same).map(function (run) {
      const { seconds, x, p } = run.value;
      if (seconds === Infinity) return rect(run, 4, HOURS - 4, { class: 'gap' });
      const [top, colour] = [y(seconds), colourOf(x)];
      const line = { x1: run.from, x2: run.to, y1: top, y2: top, stroke: colour };
      const look = { fill: colour, 'fill-opacity': 0.08 + 0.24 * p };
      return [rect(run, top, HOURS - top, look), ui`<line ...${line} class="top" />`];
    });
    const usual = runs(from, to, (i) => (V.yearUsual ? V.yearUsual[i].seconds : Infinity));
    const pen = (place) => (place && usual[place - 1].value < Infinity ? 'L' : 'M');
    const piece = ({ value, from, to }, k) => (value < Infinity ? `${pen(k)}${from},${y(value)}H${to}` : '');
    return ui`${steps}<path d=${usual.map(piece).join('')} class="usual" />`;
  }
  const patterns = ui`<defs>
    <pattern id="page-unknown" width="4" height="5" patternUnits="userSpaceOnUse">
      <rect width="4" height="5" fill="#f0efec" /><path d="M0,5L4,0" stroke="#777" stroke-width="0.9" /></pattern>
    <pattern id="page-limited" width="3" height="6" patternUnits="userSpaceOnUse">
      <path d="M0,6L3,0" stroke="#fff" stroke-width="0.7" /></pattern></defs>`;
  function Year() {
    if (V.laid.days.length === 1)
      return ui`<section class="year"><p class="hint">${say('year.regime')}</p></section>`;
    const [from, to] = app.season(S.i);
    const travel = Boolean(V.pair && V.year);
    const [top, height] = [travel ? HOURS : 0, S.view === 'season' ? TALL : ROW];
    const question = [S.from, S.to, S.vehicle, S.lang, S.view, V.items, S.base, S.hold, from, V.options];
    const key = app.keyOf(question);
    const rows = app.once('rows', key, () => rowsOf(from, to));
    const total = top + rows.length * height + 2;
    const shown = [V.year, V.yearUsual].flatMap((days) => (travel && days ? days.slice(from, to) : []));
    const most = Math.max(1, ...shown.map(({ seconds }) => (seconds < Infinity ? seconds : 0)));
    const days = Array.from({ length: to - from }, (_, k) => from + k);
    const months = days.filter((i) => Engine.iso(data.first + i).endsWith('-01'));
    const without = travel ? days.filter((i) => V.year[i].seconds === Infinity).length : 0;
    const chart = () => ui`<g>
      ${months.map((i) => ui`<line x1=${i} x2=${i} y1="0" y2=${total} class="grid" />`)}
      ${travel && ui`<${Hours} from=${from} to=${to} most=${most} />`}
      ${rows.map((row, k) => ui`<${Bars} ...${{ row, y: top + k * height, height, from, to }} />`)}</g>`;
    const go = (i) => set({ i: app.clamp(data.first + i) });
    const click = function ({ currentTarget, clientX }) {
      const { left, width } = currentTarget.getBoundingClientRect();
      go(Math.max(from, Math.min(to - 1, from + Math.floor(((to - from) * (clientX - left)) / width))));
    };
    const turn = function (i, word, sign) {
      const more = { 'aria-label': say(word), title: say(word), disabled: i < 0 || i >= data.n };
      return ui`<button type="button" class="turn noprint" onclick=${() => go(i)} ...${more}>${sign}</button>`;
    };
    const label = ({ service: { crossing } }) => ui`<span style=${{ height: height + 'px' }}>
      <em>${checkpointName(crossing.cp)}</em>
      <${app.Glyph} mode=${crossing.mode} status="open" size="11" /></span>`;
    const axis = ui`<span class="axis" style=${{ height: HOURS + 'px' }}>${hoursUnit(most)}</span>`;
    const range = { min: from, max: to - 1, value: S.i, 'aria-valuetext': date(S.i) };
    const left = (i) => ({ left: (100 * (i - from)) / (to - from) + '%' });
    const years = [from, to - 1].map((i) => Engine.iso(data.first + i).slice(0, 4)).join('/');
    const title = say('year.title', { years }) + (travel ? ': ' + nameOf(S.from) + ' → ' + nameOf(S.to) : '');
    return ui`<section class="year">
      <h2>${turn(from - 1, 'year.before', '‹')}<span>${title}</span>${turn(to, 'year.after', '›')}
        ${without > 0 && ui`<strong class="worse">${say('year.without', { n: without })}</strong>`}
        <output>${date(S.i)}</output></h2>
      <div class="strip">
        <div class="labels" aria-hidden="true" style=${{ height: total + 'px' }}>
          ${travel && axis}${rows.map(label)}</div>
        <div class="plot">
          <svg viewBox=${`${from} 0 ${to - from} ${total}`} preserveAspectRatio="none" height=${total}
            aria-hidden="true" onclick=${click}>
            ${patterns}${app.once('chart', key, chart)}
            <line x1=${S.i + 0.5} x2=${S.i + 0.5} y1="0" y2=${total} class="cursor" /></svg>
          <input type="range" class="noprint" ...${range} aria-label=${say('year.slider')}
            oninput=${({ target }) => go(Number(target.value))} />
          <div class="months" aria-hidden="true">
            ${months.map((i) => ui`<span style=${left(i)}>${app.dateIn(data.first + i, { month: 'short' })}</span>`)}</div>
        </div>
      </div>
      <p class="hint">${say(travel ? 'year.hint' : 'year.hint_crossings')}</p></section>`;
  }
  function ticks(most, wanted) {
    const raw = most / wanted;
    const ten = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((factor) => factor * ten).find((size) => size >= raw);
    return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, place) => place * step);
  }
  // Hours against distance: driving climbs, border control and waiting are steps.
  function Profile() {
    const shown = V.ways.slice(0, S.k);
    const km = Math.max(1, ...shown.map((way) => way.km));
    const most = Math.max(...shown.map((way) => way.seconds)) / 3600;
    const x = (value) => 30 + ((WIDTH - 76) * value) / km;
    const y = (value) => HEIGHT - 22 - ((HEIGHT - 40) * value) / most;
    const words = (way) => [app.wayName(way.crossing), length(way.km), hoursUnit(way.seconds)].join(' ');
    const spoken = shown.map(words);
    const labels = [];
    const line = function (way) {
      let [distance, time, path] = [0, 0, `M${x(0)},${y(0)}`];
      for (const leg of way.legs) {
        const driven = leg.crossing ? leg.drive : leg.km ? leg.seconds : 0;
        const still = y(time + (leg.seconds - driven) / 3600);
        [distance, time] = [distance + leg.km, time + leg.seconds / 3600];
        path += `V${still.toFixed(1)}L${x(distance).toFixed(1)},${y(time).toFixed(1)}`;
      }
      const [end, on] = [x(distance), way === V.chosen];
      let label = y(time) + 3.5;
      const taken = ([at, other]) => Math.abs(at - end) < 46 && Math.abs(other - label) < 11;
      while (labels.some(taken)) label += 11;
      labels.push([end, label]);
      const shape = { d: path, fill: 'none', stroke: way.colour, 'stroke-linejoin': 'round' };
      const pen = { 'stroke-width': on ? 3 : 1.6, 'stroke-dasharray': on ? null : way.dash };
      return ui`<path ...${shape} ...${pen} />
        <circle cx=${end} cy=${y(time)} r="2.6" fill=${way.colour} />
        <text x=${end + 6} y=${label} class=${on ? 'strong' : ''}>${hours(way.seconds)}</text>`;
    };
    const level = (tick) => ui`<line x1="30" x2=${WIDTH - 46} y1=${y(tick)} y2=${y(tick)} class="grid" />
      <text x="25" y=${y(tick) + 3.5} text-anchor="end">${number(tick)}</text>`;
    const foot = HEIGHT - 6;
    const mark = (tick) => ui`<text x=${x(tick)} y=${foot} text-anchor="middle">${number(tick)}</text>`;
    return ui`<section class="profile"><h2>${say('profile.title')}</h2>
      <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${say('profile.title') + ': ' + spoken.join('; ')}>
        ${ticks(most, 4).map(level)}${ticks(km, 5).map(mark)}
        <text x="25" y="12" text-anchor="end">${say('unit.h')}</text>
        <text x=${WIDTH - 4} y=${foot} text-anchor="end">${say('unit.km')}</text>
        ${shown.slice().reverse().map(line)}</svg>
      <p class="hint">${say('profile.hint')}</p></section>`;
  }
  return { Year, Profile };
};
