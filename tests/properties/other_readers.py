"""Tables of a folder read without our readers: by the standard library, pyarrow, DuckDB or openpyxl, row by row."""

import csv
import json
import os
import sqlite3
import zipfile
from contextlib import closing
from importlib.util import find_spec

import pyarrow.parquet as pq
import pytest

from synth.file_formats import FILE_FORMATS


def needed(file_format):
    """Skip a test whose format needs what is not installed; in CI fail it."""
    missing = [module for module in FILE_FORMATS[file_format].modules if find_spec(module) is None]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"{missing} not installed, and CI must have it")
    if missing:
        pytest.skip(f"{missing} not installed")


def library(name):
    """Give a library that only tests use; without it the test is skipped, in CI it fails."""
    if os.environ.get("CI") == "true" and find_spec(name) is None:
        pytest.fail(f"{name} is not installed, and CI must have it")
    return pytest.importorskip(name)


def rows_of(folder, name):
    """Return the rows of a table as dicts; in CSV null is the empty text."""
    part, _, owner = name.partition("/")
    for form, read in ALONE.items():
        if (folder / f"{name}.{form}").exists():
            return read(folder / f"{name}.{form}")
    for form, read in TOGETHER.items():
        if (folder / f"{part}.{form}").exists():
            return read(folder / f"{part}.{form}", f"{part}_{owner}")
    raise AssertionError(f"no file holds {name}")


def _csv(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _jsonl(path):
    with path.open(encoding="utf-8", newline="") as file:
        return [json.loads(line) for line in file]


def _sqlite(path, table):
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f'SELECT * FROM "{table}"')]  # noqa: S608  # our own name


def _duckdb(path, table):
    with closing(library("duckdb").connect(str(path), read_only=True)) as connection:
        found = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # our own name
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _xlsx(path, table):
    with closing(library("openpyxl").load_workbook(path)) as book:
        names, *rows = book[table].iter_rows(values_only=True)
        return [dict(zip(names, row, strict=True)) for row in rows]


ALONE = {"csv": _csv, "jsonl": _jsonl, "parquet": lambda path: pq.read_table(path).to_pylist()}
TOGETHER = {"sqlite": _sqlite, "duckdb": _duckdb, "xlsx": _xlsx}


def bytes_in(path):
    """Yield everything a file holds: its bytes, what is packed in it, and the text of its tables."""
    yield path.read_bytes()
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as packed:
            yield from (packed.read(member) for member in packed.namelist())
    if path.suffix == ".parquet":
        yield str(pq.read_table(path).to_pylist()).encode()
        yield str(pq.read_metadata(path).metadata).encode()
    if path.suffix == ".duckdb":
        with closing(library("duckdb").connect(str(path), read_only=True)) as connection:
            tables = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        yield from (str(_duckdb(path, table)).encode() for table in tables)
