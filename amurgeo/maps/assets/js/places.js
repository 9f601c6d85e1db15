// Names of places, regions and rivers, put where they do not run into each other or into the crossings' signs.
// Everything is computed in the pixels of one zoom level, so names stand still while the map is dragged.
(function () {
  'use strict';

  const PageMap = window.PageMap;
  const FONTS = {
    city: '600 14px ',
    town: '600 12.5px ',
    village: '12px ',
    region: '600 12px ',
    country: '700 15px ',
    water: 'italic 12px ',
  };
  // Where a name may stand beside its dot, best first: as listed on the home side, mirrored on the far side.
  const SIDES = [
    [1, 0],
    [1, -0.8],
    [1, 0.8],
    [-1, 0],
    [-1, -0.8],
    [-1, 0.8],
    [0, -1],
    [0, 1],
  ];

  PageMap.overlap = function (a, b) {
    const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    return x > 0 && y > 0 ? x * y : 0;
  };

  PageMap.places = function (map, data) {
    const app = map.pageApp;
    const byId = {};
    data.places.forEach((place) => (byId[place.id] = place));
    const pane = map.createPane('ag-names');
    pane.style.zIndex = 480;
    pane.style.pointerEvents = 'none';
    const drawn = L.layerGroup();
    const pen = document.createElement('canvas').getContext('2d');

    function width(text, look) {
      pen.font = FONTS[look] + getComputedStyle(map.getContainer()).fontFamily;
      return pen.measureText(text).width * (look === 'country' ? 1.35 : look === 'region' ? 1.2 : 1);
    }

    function candidates(place, point, text, look) {
      const w = width(text, look) + 4;
      const h = look === 'city' ? 17 : 15;
      const flip = place.side === 'far' ? -1 : 1;
      return SIDES.map(function (side) {
        const dx = side[0] * flip;
        const left = dx > 0 ? point.x + 6 : dx < 0 ? point.x - 6 - w : point.x - w / 2;
        const top = point.y - h / 2 + side[1] * (dx === 0 ? 14 : 11);
        return { left: left, right: left + w, top: top, bottom: top + h };
      });
    }

    function fits(box, taken) {
      return taken.every((other) => !PageMap.overlap(box, other));
    }

    function put(at, className, text, box, point, dot) {
      const node = PageMap.el('div', { class: 'ag-name ' + className }, []);
      if (dot) {
        node.append(PageMap.el('i', { class: 'ag-dot' }));
      }
      const label = PageMap.el('span', { text: text });
      label.style.left = box.left - point.x + 'px';
      label.style.top = box.top - point.y + 'px';
      node.append(label);
      drawn.addLayer(
        L.marker(at, {
          pane: 'ag-names',
          interactive: false,
          keyboard: false,
          icon: L.divIcon({ html: node, className: 'ag-anchor', iconSize: [0, 0] }),
        }),
      );
    }

    function project(at) {
      return map.project(L.latLng(at), map.getZoom());
    }

    // The names of the two cities of a pair come first and keep their sides; the signs are put around them.
    function reserve(taken) {
      const kept = [];
      const zoom = map.getZoom();
      if (!app.shows('labels')) {
        return kept;
      }
      data.places
        .filter((place) => place.look === 'city' && zoom >= place.zoom)
        .forEach(function (place) {
          const point = project(place.at);
          const text = app.text(place.name);
          const boxes = candidates(place, point, text, place.look);
          const box = boxes.find((candidate) => fits(candidate, taken));
          if (box) {
            kept.push({ place: place, point: point, text: text, box: box });
            taken.push(box);
          }
        });
      return kept;
    }

    function draw() {
      drawn.clearLayers();
      const zoom = map.getZoom();
      const signs = app.parts.crossings;
      const taken = [];
      const kept = reserve(taken);
      if (signs) {
        signs.layout(taken);
      }
      if (!app.shows('labels')) {
        return;
      }
      kept.forEach((item) => put(item.place.at, 'ag-' + item.place.look, item.text, item.box, item.point, true));
      const done = new Set(kept.map((item) => item.place.id));
      data.places.forEach(function (place) {
        if (done.has(place.id) || zoom < place.zoom) {
          return;
        }
        const point = project(place.at);
        const text = app.text(place.name);
        const dot = { left: point.x - 3, right: point.x + 3, top: point.y - 3, bottom: point.y + 3 };
        const box = candidates(place, point, text, place.look).find((candidate) => fits(candidate, taken));
        if (box && fits(dot, taken)) {
          taken.push(box, dot);
          put(place.at, 'ag-' + place.look, text, box, point, true);
        }
      });
      wide(taken, zoom);
    }

    // Regions and rivers, only where room is left.
    function wide(taken, zoom) {
      const ground = app.parts.ground;
      if (!ground) {
        return;
      }
      ground.areas.forEach(function (area) {
        spread(area.at, app.text(area.name), 'region', 'ag-region', taken, 4.5, 9);
      });
      if (!app.shows('rivers')) {
        return;
      }
      ground.lakes.forEach((lake) => spread(lake.at, app.text(lake.name), 'water', 'ag-water-name', taken, 7, 12));
      ground.rivers.forEach(function (river) {
        const from = river.width_m ? 5.5 : river.large ? 6.5 : 7.5;
        const points = river.lines.map(ground.decode).reduce((a, b) => (b.length > a.length ? b : a));
        for (
          let i = Math.floor(points.length / 2);
          i < points.length;
          i += Math.max(1, Math.floor(points.length / 12))
        ) {
          if (spread(points[i], app.text(river.name), 'water', 'ag-water-name', taken, from, 13)) {
            break;
          }
        }
      });
    }

    function spread(at, text, look, className, taken, from, to) {
      if (map.getZoom() < from || map.getZoom() > to) {
        return false;
      }
      const point = project(at);
      const w = width(text, look) + 8;
      const box = { left: point.x - w / 2, right: point.x + w / 2, top: point.y - 8, bottom: point.y + 8 };
      if (!fits(box, taken)) {
        return false;
      }
      taken.push(box);
      put(at, className, text, { left: box.left + 4, top: box.top }, point, false);
      return true;
    }

    app.parts.places = {
      all: data.places,
      nameOf: (id) => (byId[id] ? app.text(byId[id].name) : null),
      byId: byId,
      draw: draw,
    };
    drawn.addTo(map);
    map.on('zoomend', draw);
    app.on('lang layers traffic left right side', draw);
  };
})();
