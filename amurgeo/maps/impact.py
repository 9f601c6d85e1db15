"""Maps of what is missed most, as wide as what is lost, and of access, in the page of the network."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
import pandas as pd

from amurgeo.analysis.access import AccessFrame
from amurgeo.analysis.criticality import WEIGHTS, CriticalityFrame
from amurgeo.analysis.days import LOST_DAY_H
from amurgeo.errors import check_made
from amurgeo.maps.offline_map import script_tag
from amurgeo.maps.pages import page
from amurgeo.text import name_of, number_text, translate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from amurgeo.maps.offline_map import OfflineMap

#: Hours at which the classes of a map of access end.
CLASSES_H = (2.0, 4.0, 8.0, 16.0)
#: Colours of the classes, light to dark, and of what is cut off.
_COLOURS, _CUT = ("#fde725", "#5ec962", "#21918c", "#3b528b", "#440154"), "#b2182b"
#: Width of the widest line, and radius of a settlement, in pixels.
_WIDEST, _RADIUS = 16.0, 6.0
#: Share of the greatest loss below which an element is not drawn.
_LEAST = 0.002
_LEGEND = (
    "position:absolute;z-index:900;left:8px;bottom:40px;max-width:17em;padding:6px 9px;background:#fffffff2;"
    "border:1px solid #a99f8f;border-radius:4px;font:12px/1.5 sans-serif"
)
#: Moves the legend into the map.
_PLACE = """addEventListener('load', function () {
  document.querySelector('.leaflet-container').append(document.getElementById('legend'));
});"""


def loss_of(table: CriticalityFrame) -> np.ndarray:
    """Return the hours that rank elements, of journeys that take longer and of those without a way."""
    cut, hours = WEIGHTS[table.weight]
    loss = table[hours] + LOST_DAY_H * table[cut]
    if table.weight == "trucks":
        loss = table.get("truck_queue_h", loss)
    return np.asarray(loss.fillna(0.0), dtype=float)


def class_of(hours: float) -> int:
    """Return the class of hours, from 0; the last if there is no way."""
    return len(CLASSES_H) if np.isnan(hours) else int(np.searchsorted(CLASSES_H, hours))


def class_labels(lang: str) -> list[str]:
    """Return the names of the classes of hours."""
    ends = [number_text(end, lang, digits=0) for end in CLASSES_H]
    between = [f"{low}–{high}" for low, high in pairwise(ends)]
    return [f"< {ends[0]}", *between, f"> {ends[-1]}"]


def place_rows(table: AccessFrame) -> pd.DataFrame:
    """Return settlements with lon, lat, hours to the centre (median of the months) and days cut off."""
    months = table.to_frame().groupby("place")
    rows = pd.DataFrame({"hours": months["to_centre_h"].median(), "days_cut": months["days_cut"].sum()})
    return rows.join(table.net.nodes[["lon", "lat"]])


def critical_map(table: CriticalityFrame, *, lang: str = "en") -> OfflineMap:
    """Draw elements on the page of their first day, as wide as what is lost without them.

    Parameters
    ----------
    table
        Elements as `amurgeo.criticality` returns them.
    lang
        Language in which the page opens, as in `page`.

    Returns
    -------
    OfflineMap
        A `folium.Map`; its ``save`` writes one file that opens without a network. Elements that lose less
        than a 500th of the first are left out.

    Examples
    --------
    >>> import amurgeo as ag
    >>> table = ag.criticality(ag.load(), on="2026-07-15", kinds=["bridge"], draws=0)
    >>> critical_map(table).page_title
    'Amur Oblast: crossings'
    """
    check_made("table", table, CriticalityFrame, "amurgeo.criticality")
    drawn, loss = page(table.state, lang=lang), loss_of(table)
    share, title = loss / max(loss.max(initial=0.0), 1.0), translate("figure.critical", lang)
    amount, layer = translate(f"figure.loss_{table.weight}", lang), folium.FeatureGroup(name=title)
    rows = zip(table.to_gdf().geometry, table["rank"], table.names(lang), loss, share, strict=True)
    # The most critical last, on top.
    for shape, rank, name, hours, part in reversed([*rows]):
        width = 2.0 + _WIDEST * part**0.5
        dot = {"radius": width / 2, "weight": 1, "color": _CUT, "fill": True, "fill_opacity": 0.75}
        line = {"weight": width, "color": _CUT, "opacity": 0.7}
        for piece in getattr(shape, "geoms", [shape]) if part >= _LEAST else ():
            points = [(y, x) for x, y in piece.coords]
            tip = folium.Tooltip(escape(f"{rank}. {name} – {amount}: {number_text(hours, lang, digits=0)}"))
            if len(points) == 1:
                folium.CircleMarker(points[0], tooltip=tip, **dot).add_to(layer)
            else:
                folium.PolyLine(points, tooltip=tip, **line).add_to(layer)
    notes = [translate("figure.width", lang), *table.sentences(lang)[:2]]
    return _finished(drawn, layer, title, map(escape, notes))


def access_map(table: AccessFrame, *, lang: str = "en") -> OfflineMap:
    """Draw settlements on the page of their year, coloured by their hours to the centre.

    Parameters
    ----------
    table
        Months as `amurgeo.access` returns them.
    lang
        Language in which the page opens, as in `page`.

    Returns
    -------
    OfflineMap
        A `folium.Map`; its ``save`` writes one file that opens without a network. Settlements that are cut
        off on some day have a red ring.

    Examples
    --------
    >>> import amurgeo as ag
    >>> access_map(ag.access(ag.load(), 2026, places=["Ogodzha"]), lang="ru").lang
    'ru'
    """
    check_made("table", table, AccessFrame, "amurgeo.access")
    state, hours_word = table.state, translate("head.to_centre_h", lang)
    drawn = page(state.net, year=state.on.year, scenario=state.scenario, lang=lang)
    layer = folium.FeatureGroup(name=translate("figure.access", lang))
    cut_word = translate("head.days_cut", lang)
    for place, row in place_rows(table).sort_values("days_cut").iterrows():
        hours = "–" if np.isnan(row["hours"]) else number_text(row["hours"], lang, digits=1)
        name = name_of(table.net.nodes.loc[place], lang)
        tip = escape(f"{name} – {hours_word}: {hours}; {cut_word}: {int(row['days_cut'])}")
        color, weight = (_CUT, 3) if row["days_cut"] else ("#1f1f1f", 1)
        look: dict[str, Any] = {"radius": _RADIUS, "color": color, "weight": weight, "fill_opacity": 0.95}
        look |= {"fill": True, "fill_color": _COLOURS[class_of(row["hours"])]}
        at = (row["lat"], row["lon"])
        folium.CircleMarker(at, tooltip=folium.Tooltip(tip), **look).add_to(layer)
    marks = [(colour, "●", label) for colour, label in zip(_COLOURS, class_labels(lang), strict=True)]
    marks.append((_CUT, "○", translate("figure.cut", lang)))
    dots = [f'<span style="color:{colour}">{dot}</span> {escape(label)}' for colour, dot, label in marks]
    return _finished(drawn, layer, hours_word, dots)


def _finished(drawn: OfflineMap, layer: Any, title: str, lines: Iterable[str]) -> OfflineMap:
    """Add a layer, and a box with a title and lines of HTML at the lower left of the map."""
    layer.add_to(drawn)
    box = f'<div id="legend" style="{_LEGEND}"><b>{escape(title)}</b><br>{"<br>".join(lines)}</div>'
    drawn.parts += [box, script_tag(_PLACE)]
    return drawn
