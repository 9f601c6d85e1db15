// The ground: land, water, borders, roads and railways. Drawn once; the panel switches the groups.
(function () {
  'use strict';

  const PageMap = window.PageMap;
  const PANES = { land: 150, water: 220, line: 250, rail: 300, road: 310 };

  PageMap.ground = function (map, data) {
    const app = map.pageApp;
    const colours = app.style.colours;
    const renderers = {};
    Object.keys(PANES).forEach(function (name) {
      const pane = map.createPane('ag-' + name);
      pane.style.zIndex = PANES[name];
      renderers[name] = L.svg({ pane: 'ag-' + name, padding: 0.6 });
    });
    const groups = {};
    ['land', 'border', 'rivers', 'roads', 'winter', 'rails', 'rails_out'].forEach(function (name) {
      groups[name] = L.layerGroup();
    });
    if (data.bounds) {
      map.getContainer().style.background = colours.outside;
      groups.land.addLayer(
        L.rectangle(data.bounds, {
          pane: 'ag-land',
          renderer: renderers.land,
          interactive: false,
          stroke: false,
          fillColor: colours.sea,
          fillOpacity: 1,
        }),
      );
      map.setMaxBounds(L.latLngBounds(data.bounds).pad(0.1));
    }
    const decode = (line) => PageMap.decode(line, data.steps);

    function line(group, pane, lines, style) {
      const layer = L.polyline(
        lines,
        Object.assign(
          { pane: 'ag-' + pane, renderer: renderers[pane], interactive: false, smoothFactor: 1.2 },
          style,
        ),
      );
      groups[group].addLayer(layer);
      return layer;
    }

    data.areas.forEach(function (area) {
      const fill = { own: colours.own, counterpart: colours.counterpart }[area.role] || colours.land;
      groups.land.addLayer(
        L.polygon(
          area.rings.map((rings) => rings.map(decode)),
          {
            pane: 'ag-land',
            renderer: renderers.land,
            interactive: false,
            fillColor: fill,
            fillOpacity: 1,
            color: colours.region_edge,
            weight: area.role === 'own' ? 1.4 : 0.7,
            opacity: 0.8,
            dashArray: '5 3',
            smoothFactor: 1,
          },
        ),
      );
    });
    data.lakes.forEach(function (lake) {
      groups.rivers.addLayer(
        L.polygon(
          lake.rings.map((rings) => rings.map(decode)),
          {
            pane: 'ag-water',
            renderer: renderers.water,
            interactive: false,
            fillColor: lake.pale ? colours.pale_water : colours.water,
            fillOpacity: 1,
            stroke: !lake.pale,
            color: colours.river,
            weight: 0.6,
            smoothFactor: 1,
          },
        ),
      );
    });
    const rivers = data.rivers.map(function (river) {
      return {
        large: river.large,
        layer: line('rivers', 'water', river.lines.map(decode), { color: colours.river, weight: 1, opacity: 0.9 }),
      };
    });

    // The border rivers as a ribbon: as wide as the river where the map is large enough to show it.
    const ribbons = [];
    data.border.forEach(function (part) {
      const lines = part.lines.map(decode);
      if (part.river) {
        const ribbon = line('rivers', 'water', lines, { color: colours.water, weight: 5, lineCap: 'round' });
        const edge = line('rivers', 'water', lines, { color: colours.river, weight: 6, lineCap: 'round' });
        edge.setStyle({ className: 'ag-bank' });
        ribbons.push({ ribbon: ribbon, edge: edge, width_m: part.width_m || 150, least: part.width_m ? 1 : 0.45 });
      }
      line('border', 'line', lines, { color: colours.border, weight: 1.4, opacity: 0.85, dashArray: '9 3 2 3' });
    });

    const roads = data.roads.map(function (road) {
      const winter = road.class === 'winter' || road.class === 'ice' || Boolean(road.season);
      const look = app.style.roads[road.class] || app.style.roads.secondary;
      const style = {
        color: winter ? colours.winter_road : road.class === 'street' ? colours.street : colours.road,
        weight: look.weight,
        dashArray: winter ? '7 4' : road.course === 'schematic' ? '4 4' : null,
        interactive: true,
      };
      const layer = line(winter ? 'winter' : 'roads', 'road', road.lines.map(decode), style);
      layer.bindPopup(() => describe(road, 'road'), { className: 'ag-popup' });
      return { layer: layer, way: road, color: style.color, zoom: look.zoom };
    });
    const rails = data.rails.map(function (rail) {
      const used = !rail.status || rail.status === 'in_use';
      const group = used ? 'rails' : 'rails_out';
      const lines = rail.lines.map(decode);
      const layer = line(group, 'rail', lines, {
        color: colours.railway,
        weight: 1.8,
        opacity: used ? 0.65 : 0.4,
        dashArray: !used ? '3 4' : rail.course === 'schematic' ? '9 5' : null,
        interactive: true,
        lineCap: 'butt',
      });
      layer.bindPopup(() => describe(rail, 'rail'), { className: 'ag-popup' });
      if (used && rail.course !== 'schematic') {
        line(group, 'rail', lines, { color: '#ffffff', weight: 0.9, dashArray: '6 6', lineCap: 'butt' });
      }
      return { layer: layer, way: rail, color: colours.railway };
    });

    function describe(way, kind) {
      const places = app.parts.places;
      const ends = way.ends.map((id) => (places ? places.nameOf(id) : id)).filter(Boolean);
      const rows = [];
      const add = (key, value) => value && rows.push([app.say(key), value]);
      add('popup.course', way.course ? app.say('course.' + way.course) : null);
      add('popup.length', way.km === null ? null : app.number(way.km, 0) + ' ' + app.say('unit.km'));
      if (kind === 'road') {
        add('popup.class', app.say('road.' + way.class));
        add('popup.surface', way.surface ? app.say('surface.' + way.surface) : null);
        add('popup.season', way.season ? app.say('word.yes') : null);
      } else {
        add('popup.status', way.status ? app.say('rail.' + way.status) : null);
        add('popup.class', way.kind ? app.say('rail.' + way.kind) : null);
        add('popup.gauge', way.gauge ? way.gauge + ' ' + app.say('unit.mm') : null);
      }
      return PageMap.el('div', {}, [
        PageMap.el('h3', { text: [way.ref || way.line, ends.join(' – ')].filter(Boolean).join(' · ') }),
        PageMap.table(rows),
      ]);
    }

    const SWITCHES = {
      roads: ['roads'],
      winter: ['winter'],
      rails: ['rails'],
      rails_out: ['rails_out'],
      rivers: ['rivers'],
      border: ['border'],
    };

    function metresPerPixel() {
      return (40075016.686 * Math.cos((map.getCenter().lat * Math.PI) / 180)) / (256 * Math.pow(2, map.getZoom()));
    }

    function scale() {
      const zoom = map.getZoom();
      ribbons.forEach(function (part) {
        const width = Math.max((zoom < 6 ? 2.2 : 3.6) * part.least, part.width_m / metresPerPixel());
        part.ribbon.setStyle({ weight: width });
        part.edge.setStyle({ weight: width + 1.4 });
        part.edge.bringToBack();
      });
      const grow = zoom >= 9 ? 1.7 : zoom >= 7.5 ? 1.25 : zoom < 5.5 ? 0.7 : 1;
      roads.forEach(function (item) {
        const look = app.style.roads[item.way.class] || app.style.roads.secondary;
        item.layer.setStyle({ weight: look.weight * grow, opacity: zoom >= item.zoom ? 0.95 : 0 });
      });
      rivers.forEach((river) => river.layer.setStyle({ weight: (river.large ? 1.5 : 0.8) * grow }));
    }

    function layers() {
      groups.land.addTo(map);
      Object.keys(SWITCHES).forEach(function (name) {
        SWITCHES[name].forEach(function (group) {
          if (app.shows(name)) {
            groups[group].addTo(map);
          } else {
            groups[group].remove();
          }
        });
      });
    }

    // Roads and railways of the day on the left side: those that are closed turn pale.
    function seasons() {
      const state = app.config.states[app.sides()[0]];
      if (!state || !state.seasons) {
        return;
      }
      roads.concat(rails).forEach(function (item) {
        const changed = state.ways[item.way.ends.join(' ')];
        const usual = !item.way.season || state.seasons.includes(item.way.season);
        item.layer.setStyle({ color: (changed === undefined ? usual : changed) ? item.color : colours.closed });
      });
    }

    app.parts.ground = {
      has: {
        schematic: data.roads.concat(data.rails).some((way) => way.course === 'schematic'),
        roads: roads.some((item) => groups.roads.hasLayer(item.layer)),
        winter: roads.some((item) => groups.winter.hasLayer(item.layer)),
        rails: data.rails.some((rail) => !rail.status || rail.status === 'in_use'),
        rails_out: data.rails.some((rail) => rail.status && rail.status !== 'in_use'),
        rivers: data.rivers.length + data.lakes.length + ribbons.length > 0,
        border: data.border.length > 0,
      },
      rivers: data.border.concat(data.rivers).filter((river) => river.name),
      lakes: data.lakes.filter((lake) => lake.name && !lake.pale),
      areas: data.areas.filter((area) => area.name),
      decode: decode,
    };
    map.on('zoomend', scale);
    app.on('layers', layers);
    app.on('lang', function () {
      layers();
      scale();
      seasons();
    });
    app.on('left right side', seasons);
  };

  // A table of heading and value; a value is text or a node.
  PageMap.table = function (rows) {
    return PageMap.el(
      'table',
      { class: 'ag-table' },
      rows.map((row) =>
        PageMap.el('tr', {}, [PageMap.el('th', { text: row[0], scope: 'row' }), PageMap.el('td', {}, [row[1]])]),
      ),
    );
  };
})();
