"""A Folium map that saves itself as one reproducible file, which opens without a network."""

from __future__ import annotations

import base64
import copy
import hashlib
import html
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import branca.element
import folium
from branca.element import CssLink, Element, Figure, JavascriptLink
from folium.template import Template

from amurgeo.errors import InputError
from amurgeo.io import check_suffix, write_bytes_atomic
from amurgeo.maps import style

_HEAD = """<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src {scripts}; \
style-src 'unsafe-inline'; img-src data: blob:{images}; font-src data:; connect-src data:; \
frame-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'">"""
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_ANY_SCRIPT = re.compile(r"<script\b.*?</script\s*>|<script\b", re.DOTALL | re.IGNORECASE)
#: Marks that would end the script around them; between quotes a backslash changes nothing.
_ENDS = re.compile(r"<(?=/script|!--)", re.IGNORECASE)
#: The script in the head of every Folium map.
_SWITCHES = re.compile(r"<script>\s*L_NO_TOUCH = (true|false);\s*L_DISABLE_3D = (true|false);\s*</script>")
_VIEWPORT = re.compile(r'<meta name="viewport" content="[^"]*" />')
_TILES = re.compile(r"(https?://[A-Za-z0-9.*:-]+)(/|$)")
_LOADED = re.compile(
    r"""<(?:script|link|img|iframe|source|audio|video|object|embed)\b[^>]*?"""
    r"""\s(?:src|href|data)\s*=\s*["']?([^"'\s>]+)"""
    r"""|url\(\s*["']?([^"')]+)""",
    re.IGNORECASE,
)
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def to_json(data: Any) -> str:
    r"""Return sorted, compact JSON that is safe inside a script element.

    >>> print(to_json({"name": "</script>"}))
    {"name":"\u003c/script\u003e"}
    """
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return re.sub("[<>&\u2028\u2029]", lambda match: _ESCAPES[match.group()], text)


#: Tooltips and popups with their text as JSON: as in a template literal, no part of it is evaluated.
_TOOLTIP = Template(
    """
    {% macro script(this, kwargs) %}
        {{ this._parent.get_name() }}.bindTooltip({{ this.safe_content }}, {{ this.options|tojavascript }});
    {% endmacro %}
    """
)
_POPUP = Template(
    """
    var {{ this.get_name() }} = L.popup({{ this.options|tojavascript }}).setContent({{ this.safe_content }});
    {{ this._parent.get_name() }}.bindPopup({{ this.get_name() }}){% if this.show %}.openPopup(){% endif %};
    {% for name, element in this.script._children.items() %}{{ element.render() }}{% endfor %}
    """
)
#: The default sign of a marker, for which Leaflet would ask for a file.
_ICON = """L.Icon.Default.imagePath = '';
L.Icon.Default.mergeOptions({ shadowUrl: '', iconUrl: 'data:image/svg+xml,' + encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" width="25" height="41" viewBox="0 0 25 41">' +
  '<path d="M12.5 40C9 30 1 22 1 12.5a11.5 11.5 0 0 1 23 0C24 22 16 30 12.5 40z" fill="#0072b2"/>' +
  '<circle cx="12.5" cy="12.5" r="4.5" fill="#fff"/></svg>') });
L.Icon.Default.prototype.options.iconRetinaUrl = L.Icon.Default.prototype.options.iconUrl;"""


class Verbatim(Element):
    """Text in place of a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Verbatim"
        self.text = text

    def render(self, **kwargs: Any) -> str:
        """Return the text."""
        return self.text


class OfflineMap(folium.Map):
    """A `folium.Map` with Leaflet in it that saves itself as one file which opens without a network.

    `page_title` is that of the window, `lang` the initial language; the page may ask for tiles at the host of
    `tile_url`, such as ``"https://tiles.example.org/{z}/{x}/{y}.png"``. Further options are those of
    `folium.Map`. Markers, lines, polygons, GeoJSON, popups and layer controls of Folium can be added; plugins
    that load a script from the network cannot be saved. Popups and tooltips are HTML in which no script runs,
    and no text of the user is read as a template.
    """

    def __init__(
        self, *, page_title: str, lang: str = "en", tile_url: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**{"tiles": None, "height": "100%", **kwargs})
        self.options.update(min_zoom=kwargs.get("min_zoom", 4), max_zoom=kwargs.get("max_zoom", 13))
        self.default_js, self.default_css = [], []
        self.page_title, self.lang = page_title, lang
        host = None if tile_url is None else _TILES.match(tile_url.replace("{s}", "*"))
        if tile_url is not None and host is None:
            example = "https://tiles.example.org/{z}/{x}/{y}.png"
            raise InputError(
                f"the address of the tiles is invalid: '{tile_url:.80}'; expected one such as {example}"
            )
        #: Where images may come from besides the page itself.
        self.images = f" {host[1]}" if host else ""
        #: Elements of the application that draws on the map: a script of this package may define
        #: ``PageApp``, which is called with the finished map.
        self.parts: list[str] = []

    def add_data(self, id_: str, data: Any) -> None:
        """Add plain data that scripts read from the element with an id."""
        self.parts.append(f'<script type="application/json" id="{id_}">{to_json(data)}</script>')

    def render(self, **kwargs: Any) -> str:
        """Add the map to its figure, with Leaflet embedded instead of linked."""
        figure: Any = self.get_root()
        leaflet = f"<style>{style.compact('vendor/leaflet.css')}</style>"
        scripts = [script_tag(text) for text in (style.asset("vendor/leaflet.js"), _ICON)]
        self._make_safe()
        if self.parts:
            figure.html.add_child(Verbatim("\n".join(self.parts)), name="ag_parts")
        for number, text in enumerate([leaflet, *scripts]):
            figure.header.add_child(Verbatim(text), name=f"ag_{number}")
        with _rendered_once():
            super().render(**kwargs)
        return ""

    def _make_safe(self) -> None:
        """Give tooltips and popups templates in which their text cannot end a string or a script."""
        for element in _walk(self):
            named: Any = element
            if isinstance(element, folium.Tooltip):
                shown = f' style="{html.escape(element.style)}"' if getattr(element, "style", None) else ""
                named.safe_content = to_json(f"<div{shown}>{element.text}</div>")
                element._template = _TOOLTIP
            elif isinstance(element, folium.Popup):
                # Folium has put a backslash before each backtick.
                text = "".join(part.render() for part in element.html._children.values())
                named.safe_content = to_json(text.replace("\\`", "`"))
                element._template = _POPUP

    def to_html(self) -> str:
        """Return the whole page; raise if a part of the map needs a file from the network."""
        # Rendering adds elements.
        figure: Any = copy.deepcopy(self.get_root())
        figure.title = html.escape(self.page_title)
        figure.render()
        for name, element in figure.header._children.items():
            if isinstance(element, JavascriptLink | CssLink):
                raise InputError(
                    f"the map cannot be saved as one file: '{name}' is loaded from {element.url}; "
                    "remove that plugin, or write a page that needs a network with get_root().save"
                )
        page = _stable_ids(self._finished(figure), figure)
        page = "\n".join(line.rstrip() for line in page.splitlines()) + "\n"
        page = _VIEWPORT.sub('<meta name="viewport" content="width=device-width, initial-scale=1">', page, 1)
        page = page.replace("<html>", f'<html lang="{html.escape(self.lang, quote=True)}">', 1)
        page = page.replace("<head>", _HEAD.format(scripts=_script_hashes(page), images=self.images), 1)
        # Scripts contain data, not markup.
        for match in _LOADED.finditer(_SCRIPT.sub("", page)):
            address = match.group(1) or match.group(2)
            if not address.startswith(("data:", "#")):
                raise InputError(f"the map cannot be saved as one file: it loads {address[:120]}")
        return page

    def _finished(self, figure: Any) -> str:
        """Return the rendered page; raise if it has a script that the package did not write."""
        page, block = figure._template.render(this=figure, kwargs={}), figure.script.render()
        start = page.rindex(f"<script>\n    {block}")
        # Folium writes the texts of its user into this one script.
        folium_script = script_tag(_ENDS.sub(r"<\\", block))
        name = self.get_name()
        call = f"window.pageFolium = {name}; if (window.PageApp) window.PageApp({name});"
        written = (element.text for element in _walk(figure) if isinstance(element, Verbatim))
        own = {*_ANY_SCRIPT.findall("\n".join(written))}
        for script in _ANY_SCRIPT.findall(page[:start]):
            if script not in own and not _SWITCHES.fullmatch(script):
                raise InputError(
                    f"the map cannot be saved: it has a script of its own, '{' '.join(script.split()):.60}'; "
                    "expected markers, lines, polygons, GeoJSON, tooltips and popups"
                )
        return f"{page[:start]}{folium_script}\n{script_tag(call)}\n</html>\n"

    def save(self, outfile: str | bytes | Path | BinaryIO, close_file: bool = True, **kwargs: Any) -> None:
        """Write the page to a path or an open binary file; a file is replaced atomically."""
        if isinstance(outfile, str | bytes | Path):
            path = Path(os.fsdecode(outfile))
            check_suffix(path, "html", "htm")
            write_bytes_atomic(path, self.to_html().encode("utf-8"))
            return
        content = self.to_html().encode("utf-8")
        outfile.write(content)
        if close_file:
            outfile.close()

    def _repr_html_(self, **kwargs: Any) -> str:
        page = html.escape(self.to_html(), quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:600px;border:0" allowfullscreen></iframe>'


@contextmanager
def _rendered_once() -> Iterator[None]:
    """Keep branca from reading what it has rendered, texts of the user included, as a template again."""
    module: Any = branca.element
    usual = module.Template
    module.Template = Verbatim
    try:
        yield
    finally:
        module.Template = usual


def script_tag(text: str) -> str:
    """Return a script element."""
    return f"<script>{text}</script>"


def _walk(element: Element) -> Iterator[Element]:
    yield element
    # Figures and popups have parts that are no children.
    parts = (getattr(element, name, None) for name in ("header", "html", "script"))
    for child in (*element._children.values(), *parts):
        if isinstance(child, Element):
            yield from _walk(child)


def _stable_ids(page: str, figure: Figure) -> str:
    """Replace the random ids of the elements with numbers in document order."""
    order = {element._id: f"{number:x}" for number, element in enumerate(_walk(figure), 1)}
    return re.sub(
        r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", lambda match: order.get(match.group(), match.group()), page
    )


def _script_hashes(page: str) -> str:
    digests = (hashlib.sha256(text.encode("utf-8")).digest() for text in _SCRIPT.findall(page))
    return " ".join(sorted({f"'sha256-{base64.b64encode(digest).decode('ascii')}'" for digest in digests}))
