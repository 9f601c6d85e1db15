"""Measures: what adds never hurts, the order by three rules, draws by seed, sentences, command and figure."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amurgeo as ag
from amurgeo.analysis.measures import _ranked
from amurgeo.cli import main

WINTER = "2026/27"


@pytest.fixture(scope="module")
def found(net: ag.Network) -> ag.Measures:
    """Three measures that are valued and one that is not, two draws."""
    names = ["bridge_festival", "ice_night", "pontoon_earlier", "store_at_bank"]
    return ag.measures(net, WINTER, names=names, draws=2)


def _row(id_: str, changes: str) -> dict[str, str]:
    text = {f"name_{lang}": id_ for lang in ("en", "ru", "zh")}
    return {
        "id": id_, "changes": changes, "source": "estimate", "confidence": "estimated", **text,
    }  # fmt: skip


@given(st.integers(1, 10_000).map(np.random.default_rng))
@settings(max_examples=20, deadline=None)
def test_the_order_follows_mean_bad_winter_and_regret(rng: np.random.Generator) -> None:
    net, names = ag.load(), ["ice_night", "pontoon_night", "bridge_lanes"]
    benefit, worth = rng.uniform(-5, 100, (3, 20)), rng.uniform(1000, 3000, 20)
    frame = _ranked(net, [*names, "rail_slots"], names, benefit, worth).set_index("measure")
    assert list(frame.index[:3]) == [names[at] for at in np.argsort(-benefit.mean(axis=1))]
    for at, name in enumerate(names):
        row, others = frame.loc[name], [benefit[other] for other in range(3)]
        assert row["benefit_h"] == pytest.approx(sum(benefit[at]) / 20)
        assert row["benefit_rub"] == pytest.approx(sum(benefit[at] * worth) / 20)
        # The two draws in the worst tenth of twenty winters stand last.
        assert row["bad_winter_h"] == pytest.approx((benefit[at, 18] + benefit[at, 19]) / 2)
        assert row["regret_h"] == pytest.approx(
            max(max(max(o[n] for o in others), 0) - benefit[at, n] for n in range(20))
        )
        tied = {
            other
            for other in names
            if other != name
            and max(frame.at[name, "low"], frame.at[other, "low"])
            <= min(frame.at[name, "high"], frame.at[other, "high"])
        }
        assert {*row["tied_with"].split(";")} - {""} == tied
    assert frame["rank_regret"].iloc[:3].tolist() == frame["regret_h"].iloc[:3].rank().tolist()
    assert frame.loc["rail_slots", "reason"] == "not_expressed"
    assert frame.loc["rail_slots", ["rank", "benefit_h", "regret_h"]].isna().all()


@pytest.mark.slow
def test_a_measure_that_only_adds_never_hurts(net: ag.Network) -> None:
    rng = np.random.default_rng(3)
    room = ["blagoveshchensk:pontoon", "kani_kurgan:bridge", "poyarkovo:ice_road", "zabaikalsk:road"]
    changes = [f"{rng.choice(room)} cargo capacity_share {rng.uniform(1, 4):.2f}" for _ in range(3)]
    changes += [f"{name} delay_days -{rng.integers(1, 30)}" for name in ("pontoon", "ice_road")]
    changes += ["blagoveshchensk:pontoon open 12-01..04-10+kani_kurgan:bridge capacity_share 2"]
    rows = [_row(f"m{number}", text) for number, text in enumerate(changes)]
    own = net.with_rows({"measures": rows})
    found = ag.measures(own, WINTER, names=[row["id"] for row in rows], draws=2)
    assert (found.draws["benefit_h"] >= 0).all()
    assert (found.draws.groupby("measure")["benefit_h"].max() > 0).sum() >= 4
    # A measure that takes away costs.
    shut = net.with_rows({"measures": [_row("shut", "kani_kurgan:bridge cargo close 11-01..11-20")]})
    assert ag.measures(shut, WINTER, names="shut", draws=2).frame["benefit_h"].iloc[0] < -1000


@pytest.mark.slow
def test_draws_are_paired_and_depend_on_their_seed(net: ag.Network, found: ag.Measures) -> None:
    alone = ag.measures(net, WINTER, names="ice_night", draws=2)
    own = found.draws[found.draws["measure"] == "ice_night"].reset_index(drop=True)
    assert alone.draws.equals(own)
    assert not ag.measures(net, WINTER, names="ice_night", draws=2, seed=7).draws.equals(own)
    twice = pickle.loads(pickle.dumps(found))
    assert twice.to_dict("ru") == found.to_dict("ru")


@pytest.mark.slow
def test_the_first_place_is_asked_about_again(found: ag.Measures) -> None:
    assert {"demand", "value_of_hour", "region_h", "winter"} <= set(found.hinges["input"])
    assert set(found.hinges["measure"]) <= set(found.frame["measure"][:2])
    assert set(found.hinges["end"]) == {"low", "high"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "first", "unknown"),
    [
        ("en", "saves most", "Store at the bank"),
        ("ru", "Больше всего экономит", "Склад"),
        ("zh", "节省最多", "口岸仓库"),
    ],
)
def test_measures_in_words(found: ag.Measures, lang: str, first: str, unknown: str) -> None:
    sentences = found.sentences(lang)
    assert first in sentences[0]
    assert unknown in sentences[-2]
    assert WINTER in sentences[-1]
    assert not any("{" in text for text in sentences)


@pytest.mark.slow
def test_command_and_figure(
    found: ag.Measures, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["measures", WINTER, "--draws", "2", "--format", "json", "--png", "m.svg"]
    names = [word for name in found.frame["measure"] for word in ("--measure", name)]
    with pytest.raises(SystemExit, match="0"):
        main([*words, *names])
    printed = json.loads(capsys.readouterr().out)
    usual = {row["measure"]: row for row in found.to_dict()["measures"]}
    assert {row["measure"]: row for row in printed["measures"]} == usual
    assert "Spring Festival" in (tmp_path / "m.svg").read_text(encoding="utf-8")
    assert len(found.figure(lang="zh").axes[0].patches) == 3


def test_what_cannot_be_answered_is_refused(net: ag.Network) -> None:
    for wrong, text in (
        ({"names": "ice_nigth"}, "did you mean"),
        ({"winter": "2026"}, "2026"),
        ({"scenario": "frozen", "names": "ice_night"}, "frozen"),
    ):
        with pytest.raises(ag.InputError, match=text):
            ag.measures(net, **{"winter": WINTER, "draws": 2} | wrong)
    faulty = net.with_rows({"measures": [_row("wrong", "atlantis close")]})
    with pytest.raises(ag.DataError, match=r"measures\.csv, column changes: 'wrong'"):
        ag.measures(faulty, WINTER, names="wrong", draws=2)
