"""Every file format: what it holds, what it refuses, and that no change goes unnoticed."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest
from other_readers import library, needed, rows_of
from worlds import parsed, small

from synth import file_formats
from synth.errors import OutputError
from synth.export import FORMATS, write, write_manifest
from synth.file_formats import EXCEL_CASES, FILE_FORMATS
from synth.pipeline import make_plan
from synth.verification import check_folder
from synth.writers import EXCEL_ROWS, NOTICE, json_lines

ODD = [
    "010",
    "2031-01-02",
    "00:05",
    "1E5",
    "TRUE",
    "12345678901234567890",
    "=1+1",
    'a "b" \\ c',
    "#N/A",
    "-",
    "1,5",
    "x",
]
CELLS = pa.table({
    "text": [*ODD, None],
    "code": pa.array([*ODD, None]).dictionary_encode(),
    "n": pa.array([*range(len(ODD)), None], pa.int32()),
    "big": pa.array([2**40 + n for n in range(len(ODD) + 1)], pa.int64()),
})  # fmt: skip


@pytest.mark.parametrize("file_format", FORMATS)
def test_odd_cells_come_back_as_they_were(tmp_path, file_format):
    """Text that looks like a number, a date, a formula or a null stays text; null stays null; numbers stay exact."""
    needed(file_format)
    store = FILE_FORMATS[file_format].store(tmp_path)
    for name in ("records/one", "records/two", "answers/three"):
        writer = store.open_table(name, CELLS.schema)
        writer.write_table(CELLS.slice(0, 5))
        writer.write_table(CELLS.slice(5))
        writer.close()
    store.finish()
    store.close()
    fields = [{"name": n, "type": "string" if n in {"text", "code"} else "integer"} for n in CELLS.column_names]

    for name in ("records/one", "records/two", "answers/three"):
        path = tmp_path / FILE_FORMATS[file_format].file_of(name)
        read = pa.concat_tables(FILE_FORMATS[file_format].read(path, name, fields)).to_pylist()
        assert read == CELLS.to_pylist()
        by_others = rows_of(tmp_path, name)
        if file_format == "csv":
            by_others = [
                {k: None if not v else int(v) if k in {"n", "big"} else v for k, v in r.items()} for r in by_others
            ]
        assert by_others == CELLS.to_pylist()
        if file_format == "xlsx":  # "=1+1" is no formula
            cells = library("openpyxl").load_workbook(path)[name.replace("/", "_")]["A"]
            assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {FILE_FORMATS[file_format].file_of(n) for n in ("records/one", "records/two", "answers/three")}


def test_json_lines_are_what_the_standard_library_writes():
    """Each line is what `json.dumps` makes of the row, control characters, quotes and other alphabets included."""
    table = pa.table({'a "b"': ["tab\there", "line\nfeed", "\u00e9\u4e2d", None], "n": [1, None, 3, 4]})

    assert json_lines(table).to_pylist() == [json.dumps(row, ensure_ascii=False) + "\n" for row in table.to_pylist()]


@pytest.fixture(scope="module", params=FORMATS)
def original(request, tmp_path_factory):
    """A folder of 40 cases in each format; nobody changes it."""
    needed(request.param)
    folder = tmp_path_factory.mktemp(request.param) / "data"
    write(make_plan("oig-20-13", seed=5), folder, n_cases=40, file_format=request.param)
    return folder


@pytest.fixture
def folder(tmp_path, original):
    """A copy to change."""
    return Path(shutil.copytree(original, tmp_path / "data"))


def rewritten(folder, name, column, value):
    """Write a folder's data again with one cell of one table changed in its third row."""
    package = json.loads((folder / "datapackage.json").read_text())
    kind = FILE_FORMATS[package["resources"][0]["format"]]
    tables = {}
    for part in package["resources"]:
        fields = part["schema"]["fields"]
        rows = pa.concat_tables(kind.read(folder / part["path"], part["table"], fields)).to_pylist()
        if part["table"] == name:
            rows[2][column] = value
        kinds = [(f["name"], pa.int64() if f["type"] == "integer" else pa.string()) for f in fields]
        tables[part["table"]] = pa.Table.from_pylist(rows, pa.schema(kinds))
    for path in {folder / part["path"] for part in package["resources"]}:
        path.unlink()
    store = kind.store(folder)
    for table_name, table in tables.items():
        writer = store.open_table(table_name, table.schema)
        writer.write_table(table)
        writer.close()
    store.finish()


CHANGES = [
    ("records/encounter", "facility_code", None), ("records/encounter", "encounter_time", "00:01"),
    ("records/casework", "narrative", "See the file."), ("answers/truth", "case_id", 41),
    ("answers/stated", "start", 1), ("answers/labels", "expected", "x"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "column", "value"), CHANGES)
def test_one_cell_changed_is_found(folder, name, column, value):
    """A changed cell is found by the file's digest; with a manifest that lists the changed files, by the content's."""
    rewritten(folder, name, column, value)
    by_files = check_folder(folder)
    write_manifest(folder, json.loads((folder / "manifest.json").read_text()))
    by_content = check_folder(folder)

    assert any("was changed" in line for line in by_files)
    assert [line for line in by_content if line.startswith(f"{name}: the content digest is ")]
    assert by_content[-1].startswith("the content digest is not the manifest's")
    assert len(by_content) == 2


def test_written_again_without_a_change_the_content_is_the_same(folder):
    """Files rewritten cell by cell have the content digest of the manifest: a digest is of content, not of bytes."""
    link = rows_of(folder, "answers/links")[2]["record_id"]
    rewritten(folder, "answers/links", "record_id", link)
    write_manifest(folder, json.loads((folder / "manifest.json").read_text()))

    assert check_folder(folder) == []


def test_a_text_outside_the_vocabulary_is_said_without_a_traceback(folder):
    """A word nobody listed is a problem of its table, told in one line."""
    rewritten(folder, "records/encounter", "custody_status", "elsewhere")
    write_manifest(folder, json.loads((folder / "manifest.json").read_text()))

    assert check_folder(folder)[0] == (
        "records/encounter cannot be read: a text of column custody_status is not in vocabularies.json"
    )


def test_a_table_that_is_not_there_or_broken_is_said_without_a_traceback(folder):
    """A data file that holds something else is a problem told in one line, table by table."""
    part = json.loads((folder / "datapackage.json").read_text())["resources"][0]
    (folder / part["path"]).write_bytes(b"{nothing of the kind")
    write_manifest(folder, json.loads((folder / "manifest.json").read_text()))
    problems = check_folder(folder)

    assert any(line.startswith("records/inquiry cannot be read: ") for line in problems)
    assert not any("\n" in line for line in problems)


@pytest.mark.parametrize(("file_format", "module"), [(f, m) for f, k in FILE_FORMATS.items() for m in k.modules])
def test_what_is_not_installed_is_said_before_anything_is_written(tmp_path, monkeypatch, file_format, module):
    """A format whose library is missing is refused in one line that names the extra; no folder, whole or half."""
    monkeypatch.setattr(file_formats, "find_spec", lambda name: None if name == module else object())
    with pytest.raises(OutputError, match=rf"{file_format} needs {module}, .* pip install 'casegauge\[") as refused:
        write(make_plan("reference"), tmp_path / "data", n_cases=3, file_format=file_format)

    assert f"casegauge[{FILE_FORMATS[file_format].extra}]" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_every_extra_a_message_names_is_one():
    """The extras named in messages stand in pyproject.toml, and hold what the format needs."""
    text = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    for kind in FILE_FORMATS.values():
        for module in kind.modules:
            (line,) = [line for line in text.splitlines() if line.startswith(f"{kind.extra} = ")]
            assert f'"{module}>=' in line


def test_no_extra_is_needed_for_the_plain_formats(run_python):
    """Parquet, CSV, JSON Lines and SQLite are written and checked with neither DuckDB nor the Excel libraries."""
    code = (
        "import sys, tempfile, pathlib\n"
        "for name in ('duckdb', 'openpyxl', 'xlsxwriter'): sys.modules[name] = None\n"
        "from synth.export import write\nfrom synth.pipeline import make_plan\n"
        "from synth.verification import check_folder\n"
        "for form in ('parquet', 'csv', 'jsonl', 'sqlite'):\n"
        "    folder = pathlib.Path(tempfile.mkdtemp()) / form\n"
        "    write(make_plan('reference'), folder, n_cases=3, file_format=form)\n"
        "    print(check_folder(folder))"
    )

    assert run_python(code).split() == ["[]"] * 4


TOO_MUCH = [
    ({"n_cases": EXCEL_CASES + 1}, r"at most 10,000 cases, 10,001 were asked for; nothing was written"),
]


@pytest.mark.parametrize(("arguments", "message"), TOO_MUCH)
def test_a_workbook_is_for_small_sets(tmp_path, arguments, message):
    """More cases than a workbook is meant for are refused before anything is written."""
    needed("xlsx")
    with pytest.raises(OutputError, match=message):
        write(make_plan("reference"), tmp_path / "data", file_format="xlsx", **arguments)

    assert list(tmp_path.iterdir()) == []


def test_a_scenario_whose_gaps_would_not_fit_a_sheet_is_refused(monkeypatch, tmp_path):
    """Where every field of every case a gap would be more rows than a sheet has, both numbers are named."""
    needed("xlsx")
    fields = sum(len(system.fields) for system in make_plan("oig-20-13").scenario.systems.values())

    assert fields * EXCEL_CASES < EXCEL_ROWS  # the shipped scenario fits
    monkeypatch.setitem(FILE_FORMATS, "xlsx", replaced(FILE_FORMATS["xlsx"], most_rows=fields * 100 - 1))
    with pytest.raises(OutputError, match=rf"100 cases of {fields} fields may take more; nothing was written"):
        write(make_plan("oig-20-13"), tmp_path / "data", n_cases=100, file_format="xlsx")
    assert list(tmp_path.iterdir()) == []


def replaced(kind, **changes):
    return file_formats.FileFormat(**{**vars(kind), **changes})


def test_a_name_too_long_for_a_sheet_is_refused(tmp_path):
    """A system whose sheet would have a name of more than Excel's 31 characters is refused, and nothing is written."""
    needed("xlsx")
    text = (Path(file_formats.__file__).parent / "scenarios" / "reference.yaml").read_text(encoding="utf-8")
    (system,) = make_plan("reference").scenario.systems
    long = parsed(text.replace(f"{system}:", f"{'a' * 30}:"))
    with pytest.raises(OutputError, match=r"names of 31 characters, records_a+ has 38; nothing was written"):
        write(make_plan(long), tmp_path / "data", n_cases=3, file_format="xlsx")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("problem", [KeyboardInterrupt, OSError("disk full")])
def test_an_interrupted_run_leaves_nothing(tmp_path, file_format, problem):
    """Whatever stops a run after some blocks, no folder and no file is left, in any format."""
    needed(file_format)

    def stop(done):
        if done > 10:
            raise problem

    with pytest.raises((KeyboardInterrupt, OutputError)):
        write(
            make_plan("reference"), tmp_path / "data", n_cases=30, file_format=file_format, block_size=5, progress=stop
        )

    assert list(tmp_path.iterdir()) == []


def test_a_text_too_long_for_a_cell_is_refused_and_nothing_is_left(tmp_path, monkeypatch):
    """A text beyond the 32,767 characters of an Excel cell stops the run with one line, and no folder."""
    needed("xlsx")
    store = FILE_FORMATS["xlsx"].store(tmp_path)
    writer = store.open_table("records/one", pa.schema([("a", pa.string())]))
    writer.write_table(pa.table({"a": ["x" * 32_767]}))
    with pytest.raises(OutputError, match=r"records_one row 2 has a text of 32,768 characters"):
        writer.write_table(pa.table({"a": ["x" * 32_768]}))
    store.close()


def test_files_of_several_tables_say_that_they_are_synthetic(tmp_path):
    """A database or workbook that is separated from its folder still says what it is."""
    for file_format in ("sqlite", "duckdb", "xlsx"):
        needed(file_format)
        write(make_plan("reference"), tmp_path / file_format, n_cases=3, file_format=file_format)
    sheet = library("openpyxl").load_workbook(tmp_path / "xlsx" / "records.xlsx")["about"]

    assert sheet["A1"].value == NOTICE
    with closing(sqlite3.connect(tmp_path / "sqlite" / "records.sqlite")) as connection:
        assert connection.execute("SELECT * FROM about").fetchall() == [(NOTICE,)]
    with closing(library("duckdb").connect(str(tmp_path / "duckdb" / "records.duckdb"))) as connection:
        assert connection.execute("SELECT * FROM about").fetchall() == [(NOTICE,)]


def test_text_cells_of_a_workbook_are_formatted_as_text(tmp_path):
    """A cell of text keeps "010" when somebody edits it: its type is text and its format is "@"."""
    needed("xlsx")
    write(make_plan("oig-20-13", seed=3), tmp_path / "data", n_cases=20, file_format="xlsx")
    book = library("openpyxl").load_workbook(tmp_path / "data" / "records.xlsx")
    cells = [cell for row in book["records_encounter"].iter_rows(min_row=2) for cell in row if cell.value is not None]

    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert library("openpyxl").load_workbook(tmp_path / "data" / "answers.xlsx")["answers_truth"]["A2"].data_type == "n"


MEMORY = """
import sys
from synth.export import write
from synth.pipeline import make_plan
write(make_plan("reference", seed=1), sys.argv[2], n_cases=int(sys.argv[3]), file_format=sys.argv[1], block_size=4096)
print(*[line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")])
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
@pytest.mark.parametrize("file_format", [name for name, kind in FILE_FORMATS.items() if kind.most_cases is None])
def test_memory_does_not_grow_with_the_number_of_cases(tmp_path, run_python, file_format):
    """80,000 or 160,000 cases: the peak stays within 30 MB of the same, some 400 bytes a case."""
    needed(file_format)
    peaks = [
        int(run_python(MEMORY, arguments=[file_format, str(tmp_path / str(n)), str(n)])) for n in (80_000, 160_000)
    ]

    assert peaks[1] - peaks[0] < 30_000  # kB


def test_the_command_refuses_a_format_in_one_line(tmp_path):
    """`casegauge generate --format xlsx` with too many cases: exit code 2, one line, nothing written."""
    needed("xlsx")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.cli", "generate", "--cases", "20000", "--format", "xlsx", "--out", "data"],
        capture_output=True, text=True, check=False, cwd=tmp_path, env={"PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "at most 10,000 cases" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_small_scenarios_in_every_format(tmp_path):
    """A scenario of the tests, in the regime with most gaps, is the same content in every format."""
    digests = set()
    for file_format in FORMATS:
        needed(file_format)
        plan = make_plan(small(), seed=9, regime="hard")
        digests.add(write(plan, tmp_path / file_format, n_cases=60, file_format=file_format).content_digest)
        assert check_folder(tmp_path / file_format) == []

    assert len(digests) == 1
