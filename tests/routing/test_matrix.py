"""Matrices agree with the fastest routes: hours, kilometres or roubles."""

from __future__ import annotations

import numpy as np
import pytest

import amurgeo as ag

ENDS = ["Belogorsk", "Zeya", "Heihe", "Harbin", "Tynda"]


@pytest.mark.slow
@pytest.mark.parametrize("vehicle", ["truck_20t", "car", "train"])
def test_cells_are_those_of_the_best_route(net: ag.Network, vehicle: str) -> None:
    ask = {"on": "2026-02-10", "vehicle": vehicle}
    columns = {"hours": "total_h", "length_km": "length_km", "cost_rub": "cost_rub"}
    found = {value: ag.od_matrix(net, ENDS, ENDS, value=value, **ask) for value in columns}
    for start, end in zip(*np.triu_indices(len(ENDS), 1), strict=True):
        best = ag.routes(net, ENDS[start], ENDS[end], k=1, **ask).records()
        for value, column in columns.items():
            cell = found[value].iat[start, end]
            if not best or best[0][column] is None:
                assert np.isnan(cell) or best[0]["transit"]
            elif not best[0]["transit"]:
                assert cell == pytest.approx(best[0][column], abs=0.6 if value == "cost_rub" else 0.051)
    for value in ("hours", "length_km"):
        assert list(found[value].index) == list(found[value].columns)
        assert (np.diag(found[value]) == 0).all()


def test_cells_without_a_route_are_nan(net: ag.Network) -> None:
    shut = "+".join(f"{crossing} close" for crossing in net.crossings.index)
    for value in ("hours", "length_km", "cost_rub"):
        found = ag.od_matrix(net, ["Belogorsk"], ["Harbin"], on="2026-02-10", scenario=shut, value=value)
        assert found.isna().all().all()


def test_an_unknown_value_raises(net: ag.Network) -> None:
    with pytest.raises(ag.InputError, match="did you mean hours"):
        ag.od_matrix(net, ["Belogorsk"], ["Harbin"], on="2026-02-10", value="hour")  # type: ignore[arg-type]
