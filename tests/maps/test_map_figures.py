"""Figures: the same bytes, all that works drawn, nothing without an ending."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib.patches import Rectangle
from small import SmallNet, small_states, small_year

from amurgeo.errors import InputError
from amurgeo.figures import calendar_figure, network_figure


@pytest.fixture(scope="module")
def net() -> SmallNet:
    return SmallNet()


@pytest.fixture(scope="module")
def states() -> list[Any]:
    return small_states()


@pytest.fixture(scope="module")
def year_days() -> pd.DataFrame:
    return small_year()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_same_bytes_twice(net: Any, states: list[Any], tmp_path: Path, form: str) -> None:
    for name in ("one", "two"):
        network_figure(net, states[:2], lang="ru", path=tmp_path / f"{name}.{form}", dpi=60)
    assert digest(tmp_path / f"one.{form}") == digest(tmp_path / f"two.{form}")


def test_same_bytes_of_a_year(net: Any, year_days: pd.DataFrame, tmp_path: Path) -> None:
    for name in ("one", "two"):
        calendar_figure(year_days, year=2026, net=net, path=tmp_path / f"{name}.svg")
    assert digest(tmp_path / "one.svg") == digest(tmp_path / "two.svg")


def test_panels_are_named_by_their_states(net: Any, states: list[Any]) -> None:
    figure = network_figure(net, states[:2], lang="ru")
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "Rivers frozen (ru), 10 февраля 2026 г.",
        "Rivers open (ru), 15 июля 2026 г.",
    ]
    texts = {text.get_text() for axes in figure.axes for text in axes.texts}
    assert {"Благовещенск", "Хэйхэ", "100 км"} <= texts
    legend = {text.get_text() for text in figure.legends[0].get_texts()}
    assert {"мост", "паром", "открыто", "закрыто", "ограничено"} <= legend


def test_names_do_not_run_into_each_other(net: Any, states: list[Any]) -> None:
    figure = network_figure(net, states[0])
    axes = figure.axes[0]
    renderer = figure.canvas.get_renderer()
    names = [text for text in axes.texts if text.get_text() != "100 km"]
    boxes = [text.get_window_extent(renderer) for text in names]
    assert len(boxes) >= 5
    assert not any(one.overlaps(other) for at, one in enumerate(boxes) for other in boxes[at + 1 :])


def test_year_fills_the_days_that_work(net: Any, year_days: pd.DataFrame) -> None:
    figure = calendar_figure(year_days, year=2026, net=net)
    cargo, passengers = figure.axes
    rows = [label.get_text() for label in cargo.get_yticklabels()]
    assert rows[:2] == ["Blagoveshchensk, ferry", "Blagoveshchensk, hovercraft"]
    assert "Dzhalinda, ferry" not in rows
    assert rows[-1] == "Khabarovsk, ferry"
    for axes, traffic in ((cargo, "cargo"), (passengers, "passenger")):
        drawn = 0.0
        for bars in axes.collections:
            drawn += sum(path.get_extents().width for path in bars.get_paths())
        mine = year_days[(year_days["traffic"] == traffic) & (year_days["status"] != "closed")]
        assert drawn == pytest.approx(len(mine))
    assert not [patch for patch in cargo.patches if isinstance(patch, Rectangle)]


def test_without_the_network_crossings_stand_under_their_ids(year_days: pd.DataFrame) -> None:
    rows = [label.get_text() for label in calendar_figure(year_days, year=2026).axes[0].get_yticklabels()]
    assert rows[0] == "blagoveshchensk:ferry"


def test_machine_without_a_chinese_font(
    net: Any, states: list[Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    latin = [font for font in font_manager.fontManager.ttflist if font.name == "DejaVu Sans"]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", latin)
    figure = network_figure(net, states[0], lang="zh")
    assert figure.axes[0].get_title(loc="left") == "Rivers frozen (en), 10 February 2026"
    assert "no Chinese font" in caplog.text


def test_wrong_calls(net: Any, states: list[Any], year_days: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="states is invalid: 3; expected one or two"):
        network_figure(net, states)
    with pytest.raises(InputError, match=r"\.pdf, \.png or \.svg"):
        network_figure(net, states[0], path=tmp_path / "map.bmp")
    with pytest.raises(InputError, match="no day of 2027"):
        calendar_figure(year_days, year=2027)
    with pytest.raises(InputError, match="language"):
        calendar_figure(year_days, year=2026, lang="de")
    assert list(tmp_path.iterdir()) == []
