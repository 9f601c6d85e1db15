// What the parts of a page share: words, state, the permanent link, and small helpers that build the page
// from nodes and text. No part ever writes markup made of data.
(function () {
  'use strict';

  const PageMap = (window.PageMap = {});
  // Usual width of a sign in pixels.
  const SIGN = 170;

  // -- nodes -------------------------------------------------------------------------------------------

  PageMap.el = function (tag, options, children) {
    const node = document.createElement(tag);
    const given = options || {};
    Object.keys(given).forEach(function (key) {
      if (key === 'text') {
        node.textContent = given.text;
      } else if (key.startsWith('on')) {
        node.addEventListener(key.slice(2), given[key]);
      } else if (given[key] !== null && given[key] !== undefined && given[key] !== false) {
        node.setAttribute(key, given[key] === true ? '' : given[key]);
      }
    });
    (children || []).forEach(function (child) {
      if (child !== null && child !== undefined) {
        node.append(child);
      }
    });
    return node;
  };

  PageMap.svg = function (tag, attributes, children) {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    Object.keys(attributes || {}).forEach(function (key) {
      node.setAttribute(key, attributes[key]);
    });
    (children || []).forEach(function (child) {
      node.append(child);
    });
    return node;
  };

  // A link only for addresses of the web; anything else stays text.
  PageMap.link = function (text, address) {
    if (/^https?:\/\//i.test(address || '')) {
      return PageMap.el('a', { href: address, target: '_blank', rel: 'noopener noreferrer', text: text });
    }
    return PageMap.el('span', { text: text });
  };

  // Whole numbers packed into text, five bits a digit; payload.py writes them.
  const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const BITS = {};
  Array.from(DIGITS).forEach((digit, at) => (BITS[digit] = at));

  PageMap.unpack = function (text) {
    const made = [];
    let value = 0;
    let shift = 0;
    for (let i = 0; i < text.length; i++) {
      const bits = BITS[text[i]];
      value |= (bits & 31) << shift;
      if (bits & 32) {
        shift += 5;
      } else {
        made.push(value & 1 ? -((value + 1) >> 1) : value >> 1);
        value = 0;
        shift = 0;
      }
    }
    return made;
  };

  // Coordinates come as whole steps, packed or not: the first point, then differences.
  PageMap.decode = function (given, perDegree) {
    const steps = typeof given === 'string' ? PageMap.unpack(given) : given;
    const points = [];
    let x = 0;
    let y = 0;
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i];
      y += steps[i + 1];
      points.push([y / perDegree, x / perDegree]);
    }
    return points;
  };

  // -- the application of one map ----------------------------------------------------------------------

  PageMap.core = function (map, config) {
    const listeners = {};
    const app = {
      map: map,
      config: config,
      style: config.style,
      view: {
        lang: config.lang,
        traffic: config.traffic,
        left: 0,
        right: config.states.length > 1 ? 1 : 0,
        side: config.states.length > 1 ? 'both' : 'left',
        day: 0,
        route: 0,
        hidden: {},
      },
      parts: {},
      controls: {},
    };

    app.say = function (key, values) {
      const word = config.words[key];
      let text = word ? word[app.view.lang] : key;
      Object.keys(values || {}).forEach(function (name) {
        text = text.split('{' + name + '}').join(values[name]);
      });
      return text;
    };

    // A text given by language.
    app.text = function (texts) {
      return (texts && (texts[app.view.lang] || Object.values(texts)[0])) || '';
    };

    app.number = function (value, digits) {
      const locale = { en: 'en-GB', ru: 'ru-RU', zh: 'zh-CN' }[app.view.lang];
      return value.toLocaleString(locale, { maximumFractionDigits: digits === undefined ? 1 : digits });
    };

    app.date = function (iso, short) {
      const locale = { en: 'en-GB', ru: 'ru-RU', zh: 'zh-CN' }[app.view.lang];
      const parts = iso.split('-').map(Number);
      const day = new Date(Date.UTC(parts[0], parts[1] - 1, parts[2]));
      const form = { day: 'numeric', month: short ? 'short' : 'long', timeZone: 'UTC' };
      if (!short) {
        form.year = 'numeric';
      }
      return day.toLocaleDateString(locale, form);
    };

    app.on = function (events, action) {
      events.split(' ').forEach(function (name) {
        (listeners[name] = listeners[name] || []).push(action);
      });
    };

    app.emit = function (name) {
      (listeners[name] || []).forEach(function (action) {
        action();
      });
    };

    // Change what is shown; everybody who draws listens to the name of what changed.
    app.set = function (key, value) {
      if (app.view[key] !== value) {
        app.view[key] = value;
        app.emit(key);
        app.remember();
      }
    };

    app.hide = function (layer, hidden) {
      if (hidden) {
        app.view.hidden[layer] = true;
      } else {
        delete app.view.hidden[layer];
      }
      app.emit('layers');
      app.remember();
    };

    app.shows = function (layer) {
      return !app.view.hidden[layer];
    };

    // The states on show: one, or the two sides of the bar.
    app.sides = function () {
      if (app.view.side === 'both') {
        return [app.view.left, app.view.right];
      }
      return [app.view.side === 'right' ? app.view.right : app.view.left];
    };

    let ready = false;
    app.remember = function () {
      if (!ready) {
        return;
      }
      const center = map.getCenter();
      const hash = new URLSearchParams();
      hash.set('z', String(map.getZoom()));
      hash.set('c', center.lat.toFixed(4) + ',' + center.lng.toFixed(4));
      hash.set('l', app.view.lang);
      hash.set('t', app.view.traffic);
      if (config.states.length > 1) {
        hash.set('s', app.view.left + ',' + app.view.right + ',' + app.view.side);
      }
      if (app.parts.season) {
        hash.set('d', String(app.view.day));
      }
      if (app.parts.routes) {
        hash.set('r', String(app.view.route));
      }
      const hidden = Object.keys(app.view.hidden).sort();
      if (hidden.length) {
        hash.set('h', hidden.join(','));
      }
      try {
        history.replaceState(null, '', '#' + hash.toString().replace(/%2C/g, ','));
      } catch (refused) {
        // Inside a sandboxed frame the address cannot be changed; the map works without.
      }
    };

    function index(text, count) {
      const value = Number(text);
      return Number.isInteger(value) && value >= 0 && value < count ? value : null;
    }

    function recall() {
      const hash = new URLSearchParams(location.hash.slice(1));
      const view = app.view;
      if (Object.keys(config.languages).includes(hash.get('l'))) {
        view.lang = hash.get('l');
      }
      if (['cargo', 'passenger'].includes(hash.get('t'))) {
        view.traffic = hash.get('t');
      }
      const sides = (hash.get('s') || '').split(',');
      const left = index(sides[0] || 'x', config.states.length);
      const right = index(sides[1] || 'x', config.states.length);
      if (left !== null && right !== null && ['left', 'right', 'both'].includes(sides[2])) {
        view.left = left;
        view.right = right;
        view.side = sides[2];
      }
      const day = index(hash.get('d') || 'x', 367);
      if (day !== null) {
        view.day = day;
      }
      const route = index(hash.get('r') || 'x', 99);
      if (route !== null) {
        view.route = route;
      }
      (hash.get('h') || '').split(',').forEach(function (layer) {
        if (/^[a-z_:]+$/.test(layer)) {
          view.hidden[layer] = true;
        }
      });
      const zoom = Number(hash.get('z'));
      const center = (hash.get('c') || '').split(',').map(Number);
      if (hash.has('z') && center.length === 2 && center.every(Number.isFinite) && zoom >= map.getMinZoom()) {
        map.setView(center, Math.min(zoom, map.getMaxZoom()), { animate: false });
        return true;
      }
      return false;
    }

    app.home = function (animate) {
      const panel = map.getContainer().querySelector('.ag-panel');
      const bar = map.getContainer().querySelector('.ag-season');
      // Beside the panel there is room for the signs right of the easternmost crossing.
      const wide = panel && map.getSize().x > 760 ? panel.offsetWidth + SIGN : 16;
      map.fitBounds(config.bounds, {
        paddingTopLeft: [24, 56],
        paddingBottomRight: [wide, bar ? bar.offsetHeight + 76 : 40],
        animate: Boolean(animate),
      });
    };

    app.start = function () {
      const recalled = recall();
      app.emit('measure');
      if (!recalled) {
        app.home(false);
      }
      ready = true;
      document.documentElement.lang = app.view.lang;
      app.emit('lang');
      map.on('moveend', app.remember);
      app.on('lang', function () {
        document.documentElement.lang = app.view.lang;
      });
      map.getContainer().setAttribute('data-ready', 'yes');
    };

    map.pageApp = app;
    map.attributionControl.setPrefix('Leaflet');
    map.getContainer().style.background = config.style.colours.land;
    config.attributions.forEach(function (words) {
      // Leaflet writes attributions as markup; payload.py has escaped these.
      map.attributionControl.addAttribution(app.text(words));
    });
    L.control.scale({ imperial: false, position: 'bottomleft' }).addTo(map);
    window.addEventListener('beforeprint', function () {
      map.invalidateSize({ animate: false });
    });
    window.addEventListener('afterprint', function () {
      map.invalidateSize({ animate: false });
    });
    return app;
  };

  // -- signs -------------------------------------------------------------------------------------------

  // Status: -1 unknown (grey, dotted edge), 0 closed (hollow, grey), 1 open (filled), 2 limited (pale, dashed edge).
  PageMap.glyph = function (style, mode, status, size) {
    const look = style.modes[mode] || style.modes.other;
    const shape = { points: look.points, 'stroke-linejoin': 'round' };
    if (status === 1) {
      Object.assign(shape, { fill: look.colour, stroke: '#1f1f1f', 'stroke-width': 1.2 });
    } else if (status === 2) {
      Object.assign(shape, {
        fill: look.colour,
        'fill-opacity': 0.3,
        stroke: look.colour === '#000000' ? '#000000' : look.colour,
        'stroke-width': 2.6,
        'stroke-dasharray': '4 2.4',
      });
    } else if (status < 0) {
      Object.assign(shape, { fill: style.colours.unknown, stroke: style.colours.closed, 'stroke-width': 2, 'stroke-dasharray': '1 3' });
    } else {
      Object.assign(shape, { fill: '#ffffff', stroke: style.colours.closed, 'stroke-width': 2 });
    }
    return PageMap.svg(
      'svg',
      { width: size, height: size, viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' },
      [PageMap.svg('polygon', shape)],
    );
  };
})();
