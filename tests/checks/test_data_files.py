"""The same records from every kind of file, and one line for every file that cannot be read."""

import datetime as dt
import os
import shutil
import sqlite3
import subprocess
import tempfile
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from checks.data_files import read_data
from synth.errors import DataError
from synth.export import write
from synth.pipeline import make_plan
from synth.scenario import load_scenario

NAMES = ["id", "zip", "day", "score", "agreed"]
ROWS = [
    (1, "01234", dt.date(2031, 1, 2), 0.5, True),
    (2, None, None, None, None),
    (3, "", dt.date(2031, 1, 3), 2.0, False),
    (4, "N/A", dt.date(2031, 12, 31), 3.25, True),
]


def same(frame, *, boolean=True):
    """Whole numbers stay whole, leading zeros stay, only null is null, days are days."""
    assert list(frame.columns) == NAMES
    assert frame["id"].tolist() == [1, 2, 3, 4]
    assert frame["zip"].isna().tolist() == [False, True, False, False]
    assert frame["zip"].dropna().tolist() == ["01234", "", "N/A"]
    assert frame["day"].isna().tolist() == [False, True, False, False]
    assert str(frame["day"].iloc[0])[:10] == "2031-01-02"
    assert frame["score"].dropna().tolist() == [0.5, 2.0, 3.25]
    assert frame["agreed"].dropna().tolist() == ([True, False, True] if boolean else [1, 0, 1])
    assert str(frame["id"].dtype) in {"Int64", "int64"}


def arrow():
    columns = list(zip(*ROWS, strict=True))
    return pa.table({name: pa.array(column) for name, column in zip(NAMES, columns, strict=True)})


def test_parquet(tmp_path):
    """A Parquet file is a table called by the name of the file."""
    pq.write_table(arrow(), tmp_path / "people.parquet")

    same(read_data([tmp_path / "people.parquet"])["people"])


def test_sqlite(tmp_path):
    """Every table of an SQLite file, or those asked for."""
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute("CREATE TABLE people (id, zip, day, score, agreed)")
        rows = [(n, z, d and d.isoformat(), s, a) for n, z, d, s, a in ROWS]
        connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", rows)
        connection.execute('CREATE TABLE "odd ""name" (a)')
    connection.close()

    found = read_data([tmp_path / "x.sqlite"])

    same(found["people"], boolean=False)
    assert list(read_data([tmp_path / "x.sqlite"], tables=['odd "name'])) == ['odd "name']
    with pytest.raises(DataError, match=r"table 'peple' is not in the data. Did you mean 'people'"):
        read_data([tmp_path / "x.sqlite"], tables=["people", "peple"])


def test_duckdb(tmp_path, engine):
    """Every table of a DuckDB file, in the order of its rows."""
    duckdb = engine("duckdb")
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        connection.register("given", arrow())
        connection.execute("CREATE TABLE people AS SELECT * FROM given")
        connection.execute("CREATE TABLE long AS SELECT range AS n FROM range(300000)")

    found = read_data([tmp_path / "x.duckdb"])

    same(found["people"])
    assert found["long"]["n"].is_monotonic_increasing


def test_excel(tmp_path, engine):
    """A sheet is a table; empty rows at its end are none; a day is a day."""
    openpyxl = engine("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "people"
    for row in [NAMES, *ROWS, (None,) * 5]:
        book.active.append(list(row))
    book.create_sheet("empty")
    book.save(tmp_path / "x.xlsx")

    found = read_data([tmp_path / "x.xlsx"])

    assert list(found) == ["people"]
    frame = found["people"]
    assert frame["zip"].tolist()[0] == "01234"
    assert frame["id"].tolist() == [1, 2, 3, 4]
    assert frame["day"].isna().tolist() == [False, True, False, False]


def test_folders(tmp_path):
    """A folder of files gives a table a file; one that casegauge wrote gives its records."""
    (tmp_path / "a.csv").write_text("x\n1\n", encoding="utf-8")
    pq.write_table(arrow(), tmp_path / "people.parquet")
    (tmp_path / "notes.txt").write_text("no table", encoding="utf-8")

    assert list(read_data([tmp_path])) == ["a", "people"]
    assert list(read_data([tmp_path], tables=["a"])) == ["a"]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A PostgreSQL server of our own, on a socket in a folder of its own; must be there in CI."""
    binaries = server_binaries()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL must be installed in CI")
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # a socket's path is short
    user = []
    if os.geteuid() == 0:  # the server does not run as root
        user = ["setpriv", "--reuid", "65534", "--clear-groups"]
        os.chown(folder, 65534, 65534)

    def run(name, *arguments):
        subprocess.run([*user, str(binaries / name), *arguments], check=True, capture_output=True, cwd=folder)

    data = str(folder / "data")
    run("initdb", "-D", data, "-U", "clerk", "-A", "trust")
    how = f"-c listen_addresses='' -k {folder} -c fsync=off"
    run("pg_ctl", "-D", data, "-o", how, "-l", str(folder / "log"), "-w", "start")
    yield f"postgresql://clerk@/postgres?host={folder}"
    run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    shutil.rmtree(folder)


def server_binaries():
    """The folder of initdb and pg_ctl; Debian keeps them off the path."""
    found = shutil.which("initdb")
    here = [Path(found).resolve()] if found else []
    here += sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return here[-1].parent if here else None


def test_postgresql(postgres, engine):
    """A table or a schema's table, read in a transaction that can write nothing."""
    psycopg = engine("psycopg")
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE TABLE people (id int, zip text, day date, score numeric, agreed boolean)")
        with connection.cursor() as cursor:
            rows = [(n, z, d, None if s is None else Decimal(str(s)), a) for n, z, d, s, a in ROWS]
            cursor.executemany("INSERT INTO people VALUES (%s, %s, %s, %s, %s)", rows)

    found = read_data([postgres], tables=["people", "public.people"])

    same(found["people"])
    same(found["public.people"])
    with pytest.raises(DataError, match=r"PostgreSQL: relation \"peple\" does not exist"):
        read_data([postgres], tables=["peple"])
    with pytest.raises(DataError, match="needs the names of its tables"):
        read_data([postgres])
    with pytest.raises(DataError, match="PostgreSQL: connection"):
        read_data(["postgresql://clerk@/postgres?host=/nowhere"], tables=["people"])


def test_a_column_of_several_kinds_is_text(tmp_path):
    """Numbers among texts are written as people write them."""
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("CREATE TABLE t (a, b)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [(1, 1), ("x", 2.5), (2.0, None), (None, 3)])
    connection.close()

    frame = read_data([tmp_path / "x.db"])["t"]

    assert frame["a"].tolist()[:3] == ["1", "x", "2"]
    assert frame["a"].isna().tolist() == [False, False, False, True]
    assert frame["b"].dropna().tolist() == [1.0, 2.5, 3.0]


def test_tables_of_one_name(tmp_path):
    """Two files of one name cannot both be that table; NAME=FILE tells them apart."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.csv").write_text("n\n1\n", encoding="utf-8")
    first, second = tmp_path / "a" / "x.csv", tmp_path / "b" / "x.csv"

    with pytest.raises(DataError, match="a table 'x' is given twice"):
        read_data([first, second])
    assert list(read_data([first, f"y={second}"])) == ["x", "y"]


def test_files_that_cannot_be_read(tmp_path):
    """Not there, of no kind, not what its ending says, with bytes or lists in it."""
    for name in ("x.parquet", "x.xlsx", "x.sqlite", "x.duckdb"):
        (tmp_path / name).write_text("no such thing, but long enough to be looked at\n" * 20, encoding="utf-8")
    (tmp_path / "x.txt").write_text("a", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    pq.write_table(pa.table({"a": [[1], [2]]}), tmp_path / "list.parquet")
    messages = {
        "missing.csv": "no such file",
        "x.txt": r"ends in '\.txt'; possible: \.csv",
        "x.parquet": "is not a Parquet file",
        "x.xlsx": "is not an Excel file",
        "x.sqlite": "cannot be read as SQLite",
        "x.duckdb": "cannot be read as DuckDB",
        "empty": "holds no CSV or Parquet file",
        "list.parquet": "column 'a' holds list",
    }
    for name, message in messages.items():
        with pytest.raises(DataError, match=message) as caught:
            read_data([tmp_path / name])
        assert "\n" not in str(caught.value)


def test_a_table_written_by_casegauge(tmp_path):
    """A generated folder gives its records, whatever format they are in, and no answers."""
    for form in ("csv", "parquet"):
        write(make_plan(load_scenario("reference"), seed=1), tmp_path / form, n_cases=20, file_format=form)
    as_csv, as_parquet = (read_data([tmp_path / form]) for form in ("csv", "parquet"))

    assert set(as_csv) == set(as_parquet)
    for name, frame in as_csv.items():
        pd.testing.assert_frame_equal(frame, as_parquet[name])
