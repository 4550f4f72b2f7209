"""The file formats by name: how each is written and read, what it needs, and what it cannot hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa

from synth import readers, writers
from synth.errors import OutputError, nearest
from synth.spec import Scenario
from synth.writers import EXCEL_NAME, EXCEL_ROWS, Store, table_in_file

EXCEL_CASES = 10_000


def _own_file(table: str) -> Mapping[str, Any]:  # noqa: ARG001  # a file of its own holds one table
    return {}


def _in_database(table: str) -> Mapping[str, Any]:
    return {"table": table}


def _in_workbook(table: str) -> Mapping[str, Any]:
    return {"sheetName": table, "excel": {"sheet": table}}  # the standard's word, and that of the frictionless library


@dataclass(frozen=True)
class FileFormat:
    """One file format.

    Attributes:
        suffix: of its files.
        media_type: as in a data package.
        croissant_type: as mlcroissant knows it; '' if it cannot load such a file (in JSON Lines it guesses dates).
        is_table: whether the frictionless library reads its rows; else it checks the file as a file.
        is_counted: whether that library can check size and hash.
        encoding: of text files.
        in_one_file: whether records share a file, and answers another; else a file a table.
        dialect: what a data package says to find a table in such a file.
        store: opens a folder for writing.
        read: reads one table (`synth.readers`).
        extra: what to install casegauge with; '' if nothing.
        modules: what must be there to write and to read it.
        most_cases: more are refused; None: any number.
        most_rows: of a table; None: any number.
        longest_name: of a table within a file; None: any length.
    """

    suffix: str
    media_type: str
    store: Callable[[Path], Store]
    read: Callable[[Path, str, readers.Fields], Iterator[pa.Table]]
    croissant_type: str = ""
    is_table: bool = True
    is_counted: bool = True
    encoding: str = ""
    in_one_file: bool = False
    dialect: Callable[[str], Mapping[str, Any]] = _own_file
    extra: str = ""
    modules: tuple[str, ...] = ()
    most_cases: int | None = None
    most_rows: int | None = None
    longest_name: int | None = None

    @property
    def threads(self) -> int:
        """How many tables can be written at a time: two, where each has a file of its own."""
        return 1 if self.in_one_file else 2

    def file_of(self, name: str) -> str:
        """Return the path of the file that holds a table, within the folder.

        Examples:
            >>> FILE_FORMATS["csv"].file_of("records/inquiry"), FILE_FORMATS["sqlite"].file_of("records/inquiry")
            ('records/inquiry.csv', 'records.sqlite')
        """
        return f"{name.split('/', maxsplit=1)[0] if self.in_one_file else name}.{self.suffix}"


def _file_per_table(suffix: str, make: Callable[[Path, pa.Schema], writers.TableWriter]) -> Callable[[Path], Store]:
    return partial(writers.FilePerTable, suffix=suffix, make=make)


FILE_FORMATS: Mapping[str, FileFormat] = {
    "parquet": FileFormat(
        "parquet", "application/vnd.apache.parquet", _file_per_table("parquet", writers.parquet_table),
        readers.read_parquet, croissant_type="application/x-parquet", is_counted=False,
    ),
    "csv": FileFormat(
        "csv", "text/csv", _file_per_table("csv", writers.CsvTable), readers.read_csv,
        croissant_type="text/csv", encoding="utf-8",
    ),
    "jsonl": FileFormat(
        "jsonl", "application/jsonlines", _file_per_table("jsonl", writers.JsonLinesTable), readers.read_json_lines,
        encoding="utf-8",
    ),
    "sqlite": FileFormat(
        "sqlite", "application/vnd.sqlite3", writers.SqliteStore, readers.read_sqlite, in_one_file=True,
        is_table=False, dialect=_in_database,
    ),
    "duckdb": FileFormat(
        "duckdb", "application/vnd.duckdb", writers.DuckdbStore, readers.read_duckdb, in_one_file=True,
        is_table=False, dialect=_in_database, extra="duckdb", modules=("duckdb",),
    ),
    "xlsx": FileFormat(
        "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", writers.ExcelStore,
        readers.read_excel, in_one_file=True, dialect=_in_workbook, extra="excel", modules=("xlsxwriter", "openpyxl"),
        most_cases=EXCEL_CASES, most_rows=EXCEL_ROWS, longest_name=EXCEL_NAME,
    ),
}  # fmt: skip
FORMATS = tuple(FILE_FORMATS)


def format_of(name: str) -> FileFormat:
    """Return a file format by name.

    Raises:
        OutputError: there is none of this name, or what it needs is not installed.
    """
    if name not in FILE_FORMATS:
        raise OutputError(f"unknown format '{name}'. {nearest(name, FORMATS)}")
    found = FILE_FORMATS[name]
    missing = [module for module in found.modules if find_spec(module) is None]
    if missing:
        raise OutputError(
            f"format {name} needs {' and '.join(missing)}, which is not installed. "
            f"Run: pip install 'casegauge[{found.extra}]'"
        )
    return found


def check_format(name: str, scenario: Scenario, n_cases: int) -> None:
    """Refuse what a format cannot hold, before anything is written.

    Raises:
        OutputError: no such format, something to install is missing, too many cases, or too long a name.
    """
    found = format_of(name)
    if found.most_cases is not None and n_cases > found.most_cases:
        raise OutputError(
            f"format {name} is for at most {found.most_cases:,} cases, {n_cases:,} were asked for; nothing was "
            "written. Ask for fewer cases, or for csv, parquet or duckdb."
        )
    fields = sum(len(system.fields) for system in scenario.systems.values())  # a gap in each is a row of its own
    if found.most_rows is not None and n_cases * fields > found.most_rows:
        raise OutputError(
            f"format {name} has room for {found.most_rows:,} rows, {n_cases:,} cases of {fields} fields may take more; "
            "nothing was written. Ask for fewer cases, or for csv, parquet or duckdb."
        )
    tables = [table_in_file(f"records/{system}") for system in scenario.systems]
    long = [table for table in tables if found.longest_name is not None and len(table) > found.longest_name]
    if long:
        raise OutputError(
            f"format {name} has room for names of {found.longest_name} characters, {long[0]} has {len(long[0])}; "
            "nothing was written. Give the system a shorter name, or ask for csv."
        )
