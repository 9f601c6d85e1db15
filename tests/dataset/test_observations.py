"""A user's folder: a new one works, observations are added line by line, a crossing needs rows only."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import amurgeo as ag
from amurgeo import io as files
from amurgeo.dataset import observations
from amurgeo.dataset.checks import check_tables
from amurgeo.dataset.files import read_cells
from amurgeo.dataset.observations import source_id_of
from amurgeo.dataset.reading import table_of
from amurgeo.dataset.schema import schema

NOTICE = "https://www.amur.info/news/2027/01/20"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "own tables 自有"


# -- a folder to start from --------------------------------------------------------------------------


@pytest.mark.slow
def test_a_new_folder_has_no_faults_all_columns_and_loads(folder: Path) -> None:
    for path in ag.new(folder):
        if path.suffix == ".csv":
            header = path.read_text(encoding="utf-8-sig").splitlines()[0]
            assert header.split(",") == [column.name for column in schema(path.stem)], path.name
    assert check_tables(folder).faults == ()
    net = ag.load(folder)
    assert "example_depot" in net.nodes.index
    assert net.find("示例仓库") == "example_depot"


@pytest.mark.slow
def test_the_script_of_a_new_folder_runs(folder: Path) -> None:
    ag.new(folder)
    root = Path(ag.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, str(folder / "script.py")],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8"},
        timeout=120,
    )
    out = done.stdout.decode("utf-8")
    assert done.returncode == 0, done.stderr.decode("utf-8")
    assert out.startswith("baseline\n")
    assert " h by " in out


def test_the_readme_is_in_three_languages(folder: Path) -> None:
    ag.new(folder)
    text = (folder / "README.txt").read_text(encoding="utf-8")
    assert "Your own tables" in text
    assert "Свои таблицы" in text
    assert "自有数据表" in text
    assert text.count("amurgeo check .") == 3


def test_a_folder_that_is_not_empty_is_refused(folder: Path) -> None:
    folder.mkdir()
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ag.InputError, match="is not empty"):
        ag.new(folder)
    with pytest.raises(ag.InputError, match="is a file"):
        ag.new(folder / "notes.txt")
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


# -- recording ---------------------------------------------------------------------------------------


def test_an_observation_changes_state_calendar_and_end_of_the_record(folder: Path) -> None:
    before = ag.load()
    assert before.record_until < date(2027, 1, 15)
    line = ag.record(folder, "poyarkovo:ice_road", "open", "2027-01-15", source=NOTICE)
    after = ag.load(folder)
    assert after.record_until == date(2027, 1, 15)
    service = ("poyarkovo:ice_road", "cargo")
    assert before.state(on="2027-01-16").crossings.loc[service, "basis"] == "expected"
    found = after.state(on="2027-01-16").crossings.loc[service]
    assert (found["status"], found["basis"]) == ("open", "observed")
    assert line["source"] in found["sources"]
    assert after.state(on="2027-01-14").crossings.loc[service, "status"] == "closed"
    days = ag.calendar(after, 2027)
    mine = days[(days["crossing"] == service[0]) & (days["traffic"] == "cargo")].set_index("date")["status"]
    assert (mine["2027-01-14"], mine["2027-01-15"]) == ("closed", "open")
    assert after.sources.loc[line["source"], "address"] == NOTICE
    assert check_tables(folder).passed(strict=True)


@pytest.mark.slow
def test_a_suspended_bridge_does_not_change_when_a_scenario_closes_it(folder: Path) -> None:
    ag.record(
        folder,
        "kani_kurgan:bridge",
        "suspend",
        "2027-03-01",
        until="2027-03-05",
        reason="suspended",
        source=NOTICE,
    )
    net = ag.load(folder)
    result = ag.compare(net, ["baseline", "no_bridge"], on="2027-03-03", vehicle="truck_20t")
    changed = set(result.changed("no_bridge").index.get_level_values("crossing"))
    assert "kani_kurgan:bridge" not in changed
    shipped = ag.compare(ag.load(), ["baseline", "no_bridge"], on="2027-03-03", vehicle="truck_20t")
    assert "kani_kurgan:bridge" in set(shipped.changed("no_bridge").index.get_level_values("crossing"))


@pytest.mark.slow
def test_adding_a_line_keeps_the_rest_of_the_file(folder: Path) -> None:
    ag.record(folder, "poyarkovo:ice_road", "open", "2027-01-15", source=NOTICE)
    path = folder / "season_record.csv"
    first = path.read_bytes()
    ag.record(
        folder, "poyarkovo:ice_road", "weight_limit", "2027-01-20", value="25", source=NOTICE, traffic="cargo"
    )
    assert path.read_bytes().startswith(first)
    assert len(path.read_bytes().splitlines()) == 3
    assert len((folder / "sources.csv").read_bytes().splitlines()) == 2
    state = ag.load(folder).state(on="2027-01-25")
    assert state.crossings.loc[("poyarkovo:ice_road", "cargo"), "max_mass_t"] == 25


def test_byte_order_mark_and_line_ends_of_excel_are_kept(folder: Path) -> None:
    folder.mkdir()
    path = folder / "season_record.csv"
    columns = (
        "id,crossing,checkpoint,mode,traffic,event,date,precision,evidence,source,confidence,source_date"
    )
    head = f"\ufeff{columns}\r\n"
    line = "mine,ushakovo:ferry,ushakovo,ferry,cargo,open,1999-06-01,day,no,estimate,estimated,2026"
    path.write_bytes(f"{head}{line}".encode())
    ag.record(folder, "ushakovo:ferry", "close", "1999-10-01", source="estimate")
    text = path.read_bytes().decode("utf-8")
    assert text.startswith(f"{head}{line}\r\n")
    assert text.count("\r\n") == 3
    # A column that the file lacks is added when the line needs it.
    ag.record(
        folder, "ushakovo:ferry", "suspend", "1999-07-01", until="1999-07-03", source="estimate", note="Вода"
    )
    rows = ag.load(folder).tables["season_record"]
    assert path.read_bytes().count(b"\r\n") == 4
    assert rows.loc["mine", "date"] == "1999-06-01"
    assert rows.loc["ushakovo_ferry_suspend_1999_07_01", "note"] == "Вода"


INVALID: list[tuple[tuple[str, str, str], dict[str, str], str]] = [
    (("poyarkova:ice_road", "open", "2027-01-15"), {}, "did you mean poyarkovo:ice_road"),
    (("poyarkovo:ice_road", "opened", "2027-01-15"), {}, "did you mean open"),
    (("poyarkovo:ice_road", "open", "2027-02-30"), {}, "does not exist"),
    (("poyarkovo:ice_road", "open", "15.01.27"), {}, "15.01.27"),
    (("poyarkovo:ice_road", "open", "2927-01-15"), {}, "2927"),
    (("poyarkovo:ice_road", "open", "2027-01-15"), {"source": "a call"}, "source is invalid"),
    (("poyarkovo:ice_road", "open", "2027-01-15"), {"until": "2027-01-20"}, "until is invalid for open"),
    (("poyarkovo:ice_road", "open", "2027-01-15"), {"value": "25"}, "value is invalid for open"),
    (("poyarkovo:ice_road", "suspend", "2027-01-15"), {"value": "x"}, "value is invalid for suspend"),
    (("poyarkovo:ice_road", "suspend", "2027-01-15"), {"until": "2027-01-10"}, "is before"),
    (("poyarkovo:ice_road", "suspend", "2027-01-15"), {"reason": "hollyday"}, "holiday"),
    (("poyarkovo:ice_road", "weight_limit", "2027-01-15"), {"value": "heavy"}, "in tonnes"),
    (("poyarkovo:ice_road", "hours", "2027-01-15"), {}, "expected hours"),
    (("poyarkovo:ice_road", "hours", "2027-01-15"), {"value": "whenever"}, "'whenever'"),
    (
        ("blagoveshchensk:hovercraft", "open", "2027-01-15"),
        {"traffic": "cargo"},
        "carries passenger only",
    ),
    (("zabaikalsk:rail", "resume", "2027-01-15"), {}, "no suspension before it"),
    (("poyarkovo:ice_road", "close", "2026-01-01"), {}, "before it opens"),
    (("poyarkovo:ice_road", "open", "2026-02-20"), {}, "again on"),
]


@pytest.mark.slow
def test_invalid_observations_are_refused_and_nothing_is_written(folder: Path) -> None:
    for args, options, says in INVALID:
        with pytest.raises(ag.InputError) as caught:
            ag.record(folder, *args, **{"source": NOTICE, **options})
        assert says in str(caught.value), (args, options)
        assert not folder.exists(), (args, options)


@pytest.mark.slow
def test_the_name_of_a_checkpoint_suggests_its_crossings(folder: Path) -> None:
    for name in ("poyarkovo", "Поярково", "xunke", "逊克口岸"):
        with pytest.raises(ag.InputError, match="did you mean poyarkovo:ice_road or poyarkovo:ferry"):
            ag.record(folder, name, "open", "2027-01-19", source="https://example.org/1")


def test_the_same_event_twice_is_refused(folder: Path) -> None:
    ag.record(folder, "poyarkovo:ice_road", "open", "2027-01-15", source=NOTICE)
    with pytest.raises(ag.InputError, match="already recorded"):
        ag.record(folder, "poyarkovo:ice_road", "open", "2027-01-15", source=NOTICE, traffic="cargo")
    assert len((folder / "season_record.csv").read_bytes().splitlines()) == 2


def test_a_faulty_folder_is_not_written_to(folder: Path) -> None:
    folder.mkdir()
    (folder / "vehicles.csv").write_text("id\nvan\n", encoding="utf-8")
    with pytest.raises(ag.InputError):
        ag.record(folder / "vehicles.csv", "poyarkovo:ice_road", "open", "2027-01-15", source=NOTICE)
    path = folder / "season_record.csv"
    path.write_text("id,crossing\nmine,ushakovo:ferry\n", encoding="utf-8")
    with pytest.raises(ag.DataError):
        ag.record(folder, "poyarkovo:ice_road", "open", "2027-01-15", source=NOTICE)
    assert path.read_text(encoding="utf-8") == "id,crossing\nmine,ushakovo:ferry\n"


def test_an_interrupted_write_loses_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ag.record(folder, "poyarkovo:ice_road", "open", "2027-01-15", source=NOTICE)
    before = (folder / "season_record.csv").read_bytes()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        ag.record(folder, "poyarkovo:ice_road", "close", "2027-03-15", source=NOTICE)
    assert (folder / "season_record.csv").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["season_record.csv", "sources.csv"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    notes=st.lists(
        st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30), min_size=1, max_size=4
    )
)
def test_any_note_reads_back(tmp_path: Path, notes: list[str]) -> None:
    path = tmp_path / "season_record.csv"
    path.unlink(missing_ok=True)
    for number, text in enumerate(notes):
        observations._append(
            path, "season_record", {"id": f"r{number}", "crossing": "x", "note": text.strip()}
        )
    frame, _ = table_of(read_cells(path, "season_record"), "season_record")
    assert list(frame["note"]) == [text.strip() for text in notes]
    assert list(frame.index) == [f"r{number}" for number in range(len(notes))]


def test_source_ids_come_from_addresses() -> None:
    assert source_id_of("https://www.amur.info/a") != source_id_of("https://www.amur.info/b")
    assert source_id_of("https://m.amur.info/a").startswith("amur_info_")


# -- a crossing is one row ---------------------------------------------------------------------------

CROSSING = {
    "checkpoints.csv": "id,place,counterpart,kind,region,name_en,name_ru,name_zh,counterpart_name_en,"
    "counterpart_name_ru,counterpart_name_zh,source,confidence,note\n"
    "trial,blagoveshchensk,heihe,river,amur_oblast,Trial,Проба,试验,Trial port,Порт Проба,试验口岸,"
    "estimate,estimated,Made up\n",
    "terminals.csv": "id,checkpoint,side,place,lat,lon,access_km,access_class,source,confidence,note\n"
    "trial_ru,trial,home,blagoveshchensk,50.2555,127.5270,1,street,estimate,estimated,Made up\n"
    "trial_cn,trial,far,heihe,50.2440,127.5100,1,street,estimate,estimated,Made up\n",
    "crossings.csv": "id,checkpoint,mode,from,to,length_km,travel_min,travel_confidence,"
    "source,confidence,note\n"
    "trial:bridge,trial,bridge,trial_ru,trial_cn,2.5,4,estimated,estimate,estimated,Made up\n",
    "services.csv": "crossing,traffic,regular,opened,all_year,admits,border_h_out,border_h_in,wait_h,"
    "times_confidence,times_source,times_note,source,confidence,note\n"
    "trial:bridge,cargo,yes,2020-01-01,yes,truck_20t,1,1,0,"
    "estimated,estimate,Made up,estimate,estimated,Made up\n",
}


@pytest.mark.slow
def test_a_crossing_needs_rows_and_no_code(folder: Path) -> None:
    folder.mkdir()
    for name, text in CROSSING.items():
        (folder / name).write_text(text, encoding="utf-8")
    result = check_tables(folder)
    assert [str(fault) for fault in result.faults] == []
    net = ag.load(folder)
    state = net.state(on="2026-02-10")
    assert state.crossings.loc[("trial:bridge", "cargo"), "status"] == "open"
    assert net.state(on="2019-12-31").crossings.loc[("trial:bridge", "cargo"), "reason"] == "not_yet_open"
    best = ag.routes(net, "Blagoveshchensk", "Heihe", on="2026-02-10").to_dict()["routes"][0]
    assert best["crossing"] == "trial:bridge"
    compared = ag.compare(net, ["frozen", "open"], vehicle="truck_20t")
    assert ("trial:bridge", "cargo") in compared.crossings.index
    assert "trial:bridge" in set(compared.pairs["base_crossing"])
    assert "trial:bridge" in net.graph.graph or any(
        data["id"] == "trial:bridge" for _, _, data in net.graph.edges(data=True)
    )
