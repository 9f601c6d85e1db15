"""On which side of the state border a point lies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

#: Degrees around a tile, so that no point lies on its edge.
_MARGIN = 0.05
_VOTES = 5


def bank_of(lon: np.ndarray, lat: np.ndarray, border: Any, places: pd.DataFrame) -> np.ndarray:
    """Return the country of points.

    Parameters
    ----------
    lon, lat
        Degrees.
    border
        Line of the state border, as a shapely geometry.
    places
        Places whose country is known: lat, lon, country.

    Returns
    -------
    ndarray of str
        ``RU`` or ``CN``.

    Notes
    -----
    The border cuts each square degree into pieces. The side of a piece is told by the nearest places: the
    straight line from the piece to a place crosses the border an even number of times when both lie on
    one side.

    Examples
    --------
    >>> import shapely
    >>> places = pd.DataFrame({"lat": [51.0, 49.0], "lon": [127.0, 127.0], "country": ["RU", "CN"]})
    >>> river = shapely.LineString([(120, 50), (135, 50)])
    >>> bank_of(np.array([127.5, 127.5]), np.array([50.1, 49.9]), river, places).tolist()
    ['RU', 'CN']
    """
    import shapely

    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    found = np.zeros(len(lon), dtype="U2")
    line = _prolonged(border)
    shapely.prepare(line)
    columns, rows = np.floor(lon).astype(int), np.floor(lat).astype(int)
    tiles = columns * 1000 + rows
    order = np.argsort(tiles, kind="stable")
    for mine in np.split(order, np.flatnonzero(np.diff(tiles[order])) + 1) if len(order) else []:
        column, row = float(columns[mine[0]]), float(rows[mine[0]])
        tile = shapely.box(column - _MARGIN, row - _MARGIN, column + 1 + _MARGIN, row + 1 + _MARGIN)
        found[mine] = _in_tile(lon[mine], lat[mine], tile, line, places)
    return found


def _prolonged(border: Any) -> Any:
    """Prolong the border straight on at its ends, so that it cuts the tiles there as well."""
    import shapely

    parts = list(shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.get_parts(border)))))
    for part in list(parts):
        course = np.asarray(part.coords)
        for end, before in (
            (course[0], course[min(5, len(course) - 1)]),
            (course[-1], course[-min(6, len(course))]),
        ):
            away = end - before
            if np.hypot(*away) > 0:
                parts.append(shapely.LineString([end, end + away / np.hypot(*away) * _MARGIN * 30]))
    return shapely.union_all(parts)


def _in_tile(lon: np.ndarray, lat: np.ndarray, tile: Any, line: Any, places: pd.DataFrame) -> np.ndarray:
    import shapely

    inside = shapely.intersection(line, tile)
    if inside.is_empty:
        return np.full(len(lon), _side(tile.centroid, line, places))
    cut = shapely.union_all([tile.exterior, inside])
    pieces = sorted(
        shapely.get_parts(shapely.polygonize(list(shapely.get_parts(cut)))), key=lambda piece: -piece.area
    )
    sides = [_side(piece.representative_point(), line, places) for piece in pieces]
    found = np.full(len(lon), sides[0], dtype="U2")
    for piece, side in zip(pieces, sides, strict=True):
        if side != sides[0]:
            shapely.prepare(piece)
            found[shapely.contains_xy(piece, lon, lat)] = side
    return found


def _side(point: Any, line: Any, places: pd.DataFrame) -> str:
    import shapely

    stretch = np.cos(np.radians(point.y))
    away = np.hypot((places["lon"] - point.x) * stretch, places["lat"] - point.y).to_numpy()
    near = places.iloc[np.argsort(away, kind="stable")[:_VOTES]]
    votes = 0.0
    for rank, place in enumerate(near.itertuples()):
        way = shapely.intersection(line, shapely.LineString([(point.x, point.y), (place.lon, place.lat)]))
        crossings = 0 if way.is_empty else shapely.get_num_geometries(way)
        russian = (place.country == "RU") == (crossings % 2 == 0)
        # The nearest place breaks a tie.
        votes += (1.0 if russian else -1.0) * (1.1 if rank == 0 else 1.0)
    return "RU" if votes > 0 else "CN"
