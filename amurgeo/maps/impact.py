"""Maps of what is missed most, as wide as what is lost, and of access, in the page of the network."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
import pandas as pd

from amurgeo.analysis.criticality import WEIGHTS
from amurgeo.analysis.days import LOST_DAY_H
from amurgeo.maps.pages import page
from amurgeo.text import name_of, number_text, translate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from amurgeo.analysis.access import AccessFrame
    from amurgeo.analysis.criticality import CriticalityFrame
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
    numbers: np.ndarray = np.nan_to_num(loss.to_numpy(dtype=float))
    return numbers


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
        Language in which the page opens.

    Returns
    -------
    OfflineMap
        A `folium.Map`; its ``save`` writes one file that opens without a network. Elements that lose less
        than a 500th of the first are left out.

    Raises
    ------
    InputError
        If the language is unknown.

    Examples
    --------
    >>> import amurgeo as ag
    >>> table = ag.criticality(ag.load(), on="2026-07-15", kinds=["bridge"], draws=0)
    >>> critical_map(table).page_title
    'Amur Oblast: crossings'
    """
    drawn, loss = page(table.state, lang=lang), loss_of(table)
    share = loss / max(loss.max(initial=0.0), 1.0)
    layer = folium.FeatureGroup(name=translate("figure.critical", lang))
    rows = zip(table.to_gdf().geometry, table["rank"], table.names(lang), loss, share, strict=True)
    # The most critical last, on top.
    for shape, rank, name, hours, part in reversed([*rows]):
        if part < _LEAST:
            continue
        amount = translate(f"figure.loss_{table.weight}", lang)
        tip = escape(f"{rank}. {name} – {amount}: {number_text(hours, lang, digits=0)}")
        width = 2.0 + _WIDEST * part**0.5
        for piece in getattr(shape, "geoms", [shape]):
            points = [(y, x) for x, y in piece.coords]
            if len(points) == 1:
                look = {"radius": width / 2, "weight": 1, "color": _CUT, "fill": True, "fill_opacity": 0.75}
                folium.CircleMarker(points[0], tooltip=folium.Tooltip(tip), **look).add_to(layer)
            else:
                line = {"weight": width, "color": _CUT, "opacity": 0.7}
                folium.PolyLine(points, tooltip=folium.Tooltip(tip), **line).add_to(layer)
    layer.add_to(drawn)
    _add_legend(
        drawn,
        translate("figure.critical", lang),
        [translate("figure.width", lang), *table.sentences(lang)[:2]],
    )
    return drawn


def access_map(table: AccessFrame, *, lang: str = "en") -> OfflineMap:
    """Draw settlements on the page of their year, coloured by their hours to the centre.

    Parameters
    ----------
    table
        Months as `amurgeo.access` returns them.
    lang
        Language in which the page opens.

    Returns
    -------
    OfflineMap
        A `folium.Map`; its ``save`` writes one file that opens without a network. Settlements that are cut
        off on some day have a red ring.

    Raises
    ------
    InputError
        If the language is unknown.

    Examples
    --------
    >>> import amurgeo as ag
    >>> access_map(ag.access(ag.load(), 2026, places=["Ogodzha"]), lang="ru").lang
    'ru'
    """
    state = table.state
    drawn = page(state.net, year=state.on.year, scenario=state.scenario, lang=lang)
    layer = folium.FeatureGroup(name=translate("figure.access", lang))
    hours_word, cut_word = translate("head.to_centre_h", lang), translate("head.days_cut", lang)
    for place, row in place_rows(table).sort_values("days_cut").iterrows():
        hours = "–" if np.isnan(row["hours"]) else number_text(row["hours"], lang, digits=1)
        name = name_of(table.net.nodes.loc[place], lang)
        tip = escape(f"{name} – {hours_word}: {hours}; {cut_word}: {int(row['days_cut'])}")
        ring: dict[str, Any] = (
            {"color": _CUT, "weight": 3} if row["days_cut"] else {"color": "#1f1f1f", "weight": 1}
        )
        folium.CircleMarker(
            (row["lat"], row["lon"]), radius=_RADIUS, tooltip=folium.Tooltip(tip), fill=True,
            fill_color=_COLOURS[class_of(row["hours"])], fill_opacity=0.95, **ring,
        ).add_to(layer)  # fmt: skip
    layer.add_to(drawn)
    dots = [
        f'<span style="color:{colour}">●</span> {escape(label)}'
        for colour, label in zip(_COLOURS, class_labels(lang), strict=True)
    ]
    dots.append(f'<span style="color:{_CUT}">○</span> {escape(translate("figure.cut", lang))}')
    _add_legend(drawn, hours_word, dots, is_html=True)
    return drawn


def _add_legend(drawn: OfflineMap, title: str, lines: Iterable[str], *, is_html: bool = False) -> None:
    """Add a box with a title and lines to the lower left of the map."""
    texts = [line if is_html else escape(line) for line in lines]
    box = f'<div id="legend" style="{_LEGEND}"><b>{escape(title)}</b><br>{"<br>".join(texts)}</div>'
    drawn.parts.append(box)
    drawn.add_script(_PLACE)
