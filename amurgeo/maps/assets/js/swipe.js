// The bar between two scenarios. Each side's signs and lines stand in panes of their own; the panes are clipped at
// the bar. Moving the bar moves nothing but the clip.
(function () {
  'use strict';

  const PageMap = window.PageMap;

  PageMap.swipe = function (map) {
    const app = map.pageApp;
    const container = map.getContainer();
    const panes = app.parts.crossings.panes;
    const bar = PageMap.el(
      'div',
      {
        class: 'ag-bar',
        tabindex: '0',
        role: 'slider',
        'aria-orientation': 'vertical',
        'aria-valuemin': '0',
        'aria-valuemax': '100',
      },
      [PageMap.el('span', { class: 'ag-grip', text: '◂ ▸', 'aria-hidden': 'true' })],
    );
    const heads = ['left', 'right'].map((side) => PageMap.el('div', { class: 'ag-head ag-head-' + side }));
    container.append(bar, heads[0], heads[1]);
    L.DomEvent.disableClickPropagation(bar);
    let share = null;

    // The middle of what the panel leaves free.
    function middle() {
      const panel = container.querySelector('.ag-panel');
      const width = map.getSize().x;
      const free = panel && width > 760 ? panel.offsetLeft : width;
      return free / 2 / width;
    }

    function clip() {
      const size = map.getSize();
      const both = app.view.side === 'both';
      const x = Math.round(size.x * (share === null ? middle() : share));
      const topLeft = map.containerPointToLayerPoint([0, 0]);
      const bottomRight = map.containerPointToLayerPoint(size);
      const cut = map.containerPointToLayerPoint([x, 0]).x;
      const area = (left, right) =>
        'polygon(' +
        [
          [left, topLeft.y],
          [right, topLeft.y],
          [right, bottomRight.y],
          [left, bottomRight.y],
        ]
          .map((point) => point[0] + 'px ' + point[1] + 'px')
          .join(',') +
        ')';
      panes.forEach(function (pane, side) {
        const shape = both ? (side === 0 ? area(topLeft.x, cut) : area(cut, bottomRight.x)) : '';
        pane.lines.style.clipPath = shape;
        pane.signs.style.clipPath = shape;
      });
      bar.style.display = both ? '' : 'none';
      bar.style.left = x + 'px';
      bar.setAttribute('aria-valuenow', String(Math.round((100 * x) / size.x)));
      heads.forEach(function (head, side) {
        head.style.display = both || side === 0 ? '' : 'none';
        head.style.left = side === 0 ? '' : x + 8 + 'px';
        head.style.right = side === 0 && both ? size.x - x + 8 + 'px' : '';
        if (!both) {
          head.style.left = '56px';
        }
      });
    }

    function move(value) {
      share = Math.min(0.97, Math.max(0.03, value));
      clip();
    }

    function words() {
      const label = app.parts.panel ? app.parts.panel.label : (state) => app.text(state.label);
      const sides = app.view.side === 'both' ? ['left', 'right'] : [app.view.side];
      sides.forEach(function (side, at) {
        heads[at].textContent = '';
        heads[at].append(
          PageMap.el('span', { class: 'ag-badge', text: side === 'left' ? 'A' : 'B' }),
          PageMap.el('b', { text: label(app.config.states[app.view[side]]) }),
        );
      });
      bar.setAttribute('aria-label', app.say('compare.bar'));
      clip();
    }

    bar.addEventListener('pointerdown', function (event) {
      bar.setPointerCapture(event.pointerId);
      map.dragging.disable();
      event.stopPropagation();
    });
    bar.addEventListener('pointermove', function (event) {
      if (bar.hasPointerCapture(event.pointerId)) {
        const box = container.getBoundingClientRect();
        move((event.clientX - box.left) / box.width);
      }
    });
    bar.addEventListener('pointerup', () => map.dragging.enable());
    bar.addEventListener('keydown', function (event) {
      const step = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.1, PageUp: 0.1 }[event.key];
      const jump = { Home: 0.03, End: 0.97 }[event.key];
      if (step || jump) {
        move(jump || Number(bar.getAttribute('aria-valuenow')) / 100 + step);
        event.preventDefault();
        event.stopPropagation();
      }
    });
    map.on('popupopen', () => container.classList.add('ag-telling'));
    map.on('popupclose', () => container.classList.remove('ag-telling'));
    map.on('move zoomend resize viewreset', clip);
    app.on('lang left right side', words);
    app.parts.swipe = { move: move };
  };
})();
