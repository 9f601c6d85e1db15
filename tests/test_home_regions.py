"""Other home regions of the shipped dataset, and the dataset of another border, answer every command."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import two_banks

import amurgeo as ag
from amurgeo.cli import main
from amurgeo.dataset.checks import checked_tables
from amurgeo.dataset.schema import geo_dir

#: Words of the shipped border that no answer on another one contains.
FOREIGN = re.compile(
    r"\b(amur oblast|russia|russian|china|chinese|heihe|blagoveshchensk|RUB|Spring Festival)\b", re.I
)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of another border: no rail, ports, flows, rates, layers or scenarios."""
    return two_banks.write(tmp_path_factory.mktemp("two_banks"))


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run a command; return its exit code, stdout and stderr."""
    with pytest.raises(SystemExit) as done:
        main(list(words))
    out = capsys.readouterr()
    return int(done.value.code or 0), out.out, out.err


# -- home regions ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("home", "town", "checkpoint"),
    [
        ("jewish_autonomous_oblast", "birobidzhan", "nizhneleninskoye"),
        pytest.param("Приморский край", "vladivostok", "pogranichny", marks=pytest.mark.slow),
    ],
)
def test_other_home_regions_have_their_own_towns_and_crossings(home: str, town: str, checkpoint: str) -> None:
    net = ag.load(home=[home])
    result = ag.compare(net, ["frozen", "open"])
    starts = set(result.pairs["origin"]) - set(net.border.destinations)
    assert town in starts
    assert set(net.nodes["region"].reindex(sorted(starts))) == set(net.border.home.regions)
    own = net.checkpoints.index[net.checkpoints["region"].isin(net.border.home.regions)]
    assert checkpoint in own
    assert result.pairs["base_h"].notna().any()
    assert result.sentences("ru")
    exits = ag.exits(net, town, on="2026-02-10")
    over = [name for name in exits.dependence["share"]["exits"] if ":" in name]
    assert over
    assert set(net.crossings.loc[over, "checkpoint"]) <= set(own)


@pytest.mark.slow
def test_home_regions_are_an_option_of_commands(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("compare", "frozen", "open", "--format", "json")
    code, out, _ = run(capsys, *words, "--home", "primorsky_krai,jewish_ao")
    origins = {pair["origin"] for pair in json.loads(out)["pairs"]}
    assert code == 0
    assert {"vladivostok", "birobidzhan"} <= origins
    assert "zeya" not in origins
    code, _, err = run(capsys, *words, "--home", "heilongjiang")
    assert code == 2
    assert "unknown home region 'heilongjiang'" in err


# -- another border ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_dataset_of_another_border_has_no_faults(dataset: Path) -> None:
    result = ag.check(dataset)
    assert [str(fault) for fault in result.faults] == []
    assert len(result.notes) == 2
    net = ag.Network.from_folder(dataset)
    assert net.base["stations"].empty
    assert net.border.cost == "cost_eur"


def test_sides_of_one_country_and_the_default_vehicle(dataset: Path) -> None:
    net = ag.load(dataset=dataset)
    found = ag.routes(net, "Upby", "Farby", on="2026-07-01")
    assert (found.vehicle, found.routes[0].crossings, found.routes[0].transit) == (
        "lorry", ("strait:ferry",), False,
    )  # fmt: skip
    assert ag.routes(net, "Upby", "Farby", on="2026-07-01", transit=False).routes
    assert found.to_dict()["routes"][0]["cost_eur"] is None
    assert list(ag.exits(net, "Upby", on="2026-02-01").frame["kind"]) == ["south", "south"]
    with pytest.raises(ag.InputError, match="unknown scenario 'frozen'; valid: baseline"):
        net.state("2026-02-01", scenario="frozen")
    with pytest.raises(ag.InputError, match="no ice model"):
        net.state("2026-02-01", scenario="winter warming_c 2")


def test_reasons_and_holidays_come_from_the_dataset(dataset: Path, tmp_path: Path) -> None:
    net = ag.load(dataset=dataset)
    crossings = net.state("2026-12-01").crossings
    assert crossings.loc[("strait:ice_road", "cargo"), "reason"] == "ice_too_thin"
    assert crossings.loc[("strait:ferry", "cargo"), "reason"] == "out_of_season"
    other = tmp_path / "winter"
    shutil.copytree(dataset, other)
    windows = (other / "windows.csv").read_text(encoding="utf-8").replace("01-10", "12-01")
    (other / "windows.csv").write_text(windows, encoding="utf-8")
    state = ag.load(dataset=other).state("2026-12-25")
    assert state.crossings.loc[("strait:ice_road", "cargo"), "reason"] == "holiday"
    assert state.because().loc[("strait:ice_road", "cargo")] == (
        "Christmas stop expected from 2026-12-24 to 2026-12-26"
    )


@pytest.mark.parametrize(
    "words",
    [
        ("state", "--on", "2026-02-01"),
        ("routes", "Upby", "Farby", "--on", "2026-02-01", "--depart", "08:00"),
        ("matrix", "--origins", "Upby", "--destinations", "Farby", "--on", "2026-02-01", "--value", "cost"),
        ("calendar", "2026"),
        ("next", "--on", "2026-02-01"),
        ("dates", "strait:ferry", "--season", "2026"),
        ("exits", "Homeby", "--on", "2026-02-01"),
        ("redundancy", "2026"),
        ("compare", "baseline", "strait:ice_road close", "--on", "2026-02-01"),
    ],
    ids=lambda words: words[0],
)
def test_every_command_answers_on_another_border(
    dataset: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    code, out, err = run(capsys, *words, "--dataset", str(dataset))
    assert (code, err) == (0, "")
    assert not FOREIGN.search(out)


@pytest.mark.slow
def test_new_and_record_add_to_the_dataset_given(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "own"
    assert run(capsys, "new", str(folder), "--dataset", str(dataset))[0] == 0
    assert not any(FOREIGN.search(path.read_text(encoding="utf-8-sig")) for path in folder.iterdir())
    notice = ("--source", "https://example.org/1", "--data", str(folder), "--dataset", str(dataset))
    assert run(capsys, "record", "strait:ferry", "open", "2026-05-21", *notice)[0] == 0
    assert ag.check(folder, dataset=dataset).passed(strict=False)
    net = ag.load(folder, dataset=dataset)
    assert {"example_depot", "example_checkpoint_home"} <= set(net.nodes.index)
    assert net.state("2026-06-01").crossings.loc[("strait:ferry", "cargo"), "status"] == "open"


def test_faults_of_the_border_file_are_listed_at_once(dataset: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    shutil.copytree(dataset, wrong)
    path = wrong / "dataset.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"lorry"', '"sledge"').replace('["farby"]', '["nowhere"]'), encoding="utf-8")
    with pytest.raises(ag.DataError) as error:
        ag.load(dataset=wrong)
    assert [fault.column for fault in error.value.faults] == ["vehicle", "destinations"]
    path.write_text(
        text.replace('currency = "EUR"\n', "").replace('id = "south"', "nme = 1"), encoding="utf-8"
    )
    with pytest.raises(ag.DataError) as error:
        ag.load(dataset=wrong)
    assert {fault.column for fault in error.value.faults} == {"currency", "far.nme"}
    for days in ("11-01..13-31", "02-30..03-31"):
        path.write_text(text.replace("11-01..12-31", days), encoding="utf-8")
        with pytest.raises(ag.DataError, match="closed_reasons"):
            ag.load(dataset=wrong)


# -- networks from frames ----------------------------------------------------------------------------


@pytest.mark.slow
def test_a_network_of_frames_is_checked_as_files_are(dataset: Path) -> None:
    net = ag.load(dataset=dataset)
    tables = dict(net.tables)
    same = ag.Network.from_tables(tables, border=net.border, folder=dataset)
    assert same.state("2026-02-01").crossings.equals(net.state("2026-02-01").crossings)
    tables["roads"] = tables["roads"].assign(length_km=-36.0)
    tables["services"] = tables["services"].assign(wait_h=-1.0)
    with pytest.raises(ag.DataError) as error:
        ag.Network.from_tables(tables, border=net.border, folder=dataset)
    assert {fault.file for fault in error.value.faults} == {"roads.csv", "services.csv"}
    with pytest.raises(ag.InputError, match="unknown table 'rods'"):
        ag.Network.from_tables({"rods": tables["roads"]}, border=net.border, folder=dataset)


def test_estimates_have_a_source_where_the_dataset_has_none(tmp_path: Path) -> None:
    two_banks.write(tmp_path)
    for file in tmp_path.glob("*.csv"):
        frame = pd.read_csv(file, dtype=str)
        frame.replace("estimate", "notebook").to_csv(file, index=False)
    net = ag.load(dataset=tmp_path)
    assert list(net.sources.index) == ["notebook"]
    ag.new(tmp_path / "own", dataset=tmp_path)
    assert ag.check(tmp_path / "own", dataset=tmp_path).faults == ()
    depot = {"id": "depot", "kind": "village", "country": "FI", "region": "north", "name_en": "Depot"}
    more = net.with_rows({"places": [{**depot, "lat": 65.2, "lon": 25.1}]})
    assert more.tables["places"].loc["depot", "source"] in more.sources.index
    for given in ({}, {"border": net.border}):
        with pytest.raises(ag.InputError, match="another dataset; expected its border= and folder="):
            ag.Network.from_tables(net.tables, **given)
    assert ag.Network.from_tables(net.tables, folder=tmp_path).border == net.border


DEPOT = {"id": "depot", "kind": "village", "country": "RU", "region": "amur_oblast", "name_en": "Depot"}
DEPOT |= {"lat": 50.8, "lon": 128.5}


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"lat": "x"}, "lat"), ({"lat": 500.0}, "lat"), ({"kind": "castle"}, "kind"), ({"id": None}, "id"),
        ({"region": "nowhere"}, "region"), ({"populaton": 5}, "populaton"), ({"id": "kani_kurgan_ru"}, "id"),
        ({"source": "nowhere"}, "source"), ({"name_en": ""}, "name_en"),
    ],
)  # fmt: skip
def test_a_row_with_a_fault_is_not_overlaid(net: ag.Network, row: dict[str, object], column: str) -> None:
    with pytest.raises(ag.DataError) as error:
        net.with_rows({"places": [DEPOT | row]})
    assert {(fault.file, fault.column) for fault in error.value.faults} >= {("places.csv", column)}


def test_rows_are_overlaid_with_defaults_and_as_estimates(net: ag.Network) -> None:
    own = net.with_rows({"places": [DEPOT | {"aliases": ("Sklad", "Store")}]})
    place = own.places.loc[own.find("Store")]
    assert (place["source"], place["confidence"], place["name_zh"]) == ("estimate", "estimated", "Depot")
    cited = net.with_rows({"places": [DEPOT | {"source": "https://www.example.org/depot"}]})
    assert cited.sources.loc[cited.places.at["depot", "source"], "address"] == "https://www.example.org/depot"
    assert own.base["roads"].equals(net.base["roads"])
    with pytest.raises(ag.DataError, match="'length_km' is missing"):
        net.with_rows({"roads": [{"id": "belogorsk--heihe", "from": "belogorsk", "to": "heihe"}]})


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (5, "expected values by table name"), ({"plces": [DEPOT]}, "did you mean places"),
        ({"places": DEPOT}, "expected a list of dictionaries"), ({"places": [5]}, "expected a list of"),
    ],
)  # fmt: skip
def test_rows_of_another_shape_are_refused(net: ag.Network, rows: Any, message: str) -> None:
    with pytest.raises(ag.InputError, match=message):
        net.with_rows(rows)


def test_frames_are_read_by_their_key_wherever_it_is(dataset: Path) -> None:
    net = ag.load(dataset=dataset)
    tables, services = net.tables, net.base["services"]
    for frame in (services.rename_axis([None, None]), services.reset_index()):
        assert checked_tables({**tables, "services": frame}, net.border, dataset)["services"].equals(services)
    for frame in (services.droplevel("traffic"), services.reset_index(drop=True)):
        with pytest.raises(ag.DataError, match="'traffic' is missing"):
            checked_tables({**tables, "services": frame}, net.border, dataset)
    for wrong in (3, {**tables, "services": [1]}):
        with pytest.raises(ag.InputError, match="is invalid"):
            ag.Network.from_tables(wrong)


def test_logged_trips_count_however_a_network_is_made(net: ag.Network, dataset: Path, tmp_path: Path) -> None:
    """They replace the estimate of the hours at their crossing."""
    trip = {"crossing": "strait:ferry", "direction": "out", "vehicle": "lorry", "source": "estimate"}
    trip |= {"arrived": "2026-05-04T10:00", "cleared": "2026-05-04T13:00"}
    plain = ag.load(dataset=dataset)
    key = ("strait:ferry", "cargo"), "border_h_out"
    assert plain.base["services"].at[key] != 3.0
    folder = shutil.copytree(dataset, tmp_path / "with_trips")
    pd.DataFrame([trip]).to_csv(folder / "trips.csv", index=False)
    given = {**plain.tables, "trips": pd.DataFrame([trip])}
    for own in (
        plain.with_rows({"trips": [trip]}),
        ag.load(dataset=folder),
        ag.Network.from_folder(folder),
        ag.Network.from_tables(given, border=plain.border, folder=folder),
    ):
        assert own.base["services"].at[key] == 3.0


def test_every_table_is_overlaid_and_tables_without_columns_are_not_offered(tmp_path: Path) -> None:
    climate = pd.read_csv(geo_dir() / "climate.csv", dtype=str, keep_default_na=False)
    row = climate.iloc[:1].assign(value_c="-9")
    row.to_csv(tmp_path / "climate.csv", index=False)
    (tmp_path / "vehicles.csv").write_bytes((geo_dir() / "vehicles.csv").read_bytes())
    table = ag.load(tmp_path).table("climate")
    assert len(table) == len(climate)
    assert table.at[row["id"].iloc[0], "value_c"] == -9
    with pytest.raises(ag.InputError) as error:
        ag.load().table("reference_road")
    assert "reference" not in str(error.value).partition(";")[2]
