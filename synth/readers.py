"""Tables back from files, as text and whole numbers, piece by piece: what `casegauge verify` works digests out from.

Every reader takes the path of a file, the name of a table and the columns it should have (`type` is string or integer),
and yields tables of these columns. What a file holds otherwise is an error that names it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import pyarrow as pa
import pyarrow.csv as pv
import pyarrow.json as pj
import pyarrow.parquet as pq

from synth.digest import PIECE
from synth.errors import DataError
from synth.writers import quoted, table_in_file

Fields = Sequence[Mapping[str, Any]]
LINES_AT_A_TIME = 1 << 24  # bytes of JSON Lines


def schema_of(fields: Fields) -> pa.Schema:
    """Return the schema of a table as read: text, and numbers of 64 bits."""
    return pa.schema([(field["name"], pa.int64() if field["type"] == "integer" else pa.string()) for field in fields])


def read_parquet(path: Path, name: str, fields: Fields) -> Iterator[pa.Table]:
    """Read a Parquet file."""
    with pq.ParquetFile(path) as file:
        _same_columns(name, file.schema_arrow.names, fields)
        for batch in file.iter_batches(PIECE):
            yield pa.table(batch)


def read_csv(path: Path, name: str, fields: Fields) -> Iterator[pa.Table]:
    """Read a CSV file, every column as it should be; an empty field is null."""
    options = pv.ConvertOptions(
        column_types=schema_of(fields), null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=True
    )
    with pv.open_csv(path, convert_options=options) as reader:
        _same_columns(name, reader.schema.names, fields)
        for batch in reader:
            yield pa.table(batch)


def read_json_lines(path: Path, name: str, fields: Fields) -> Iterator[pa.Table]:
    """Read JSON Lines: one object a row, and no other names in it than those of the columns."""
    schema = schema_of(fields)
    options = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    with path.open("rb") as file:
        while lines := file.readlines(LINES_AT_A_TIME):
            text = b"".join(lines)
            table = pj.read_json(pa.BufferReader(text), pj.ReadOptions(block_size=len(text) + 1), options)
            _same_columns(name, table.column_names, fields)
            yield table


def read_sqlite(path: Path, name: str, fields: Fields) -> Iterator[pa.Table]:
    """Read a table of an SQLite file, in the order of its rows."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            yield from _from_sql(connection, f"{_select(name)} ORDER BY rowid", name, fields)
    except sqlite3.Error as problem:
        raise DataError(f"{name} cannot be read from {path.name}: {problem}.") from None


def read_duckdb(path: Path, name: str, fields: Fields) -> Iterator[pa.Table]:
    """Read a table of a DuckDB file, in the order of its rows."""
    import duckdb

    try:
        with closing(duckdb.connect(str(path), read_only=True)) as connection:
            yield from _from_sql(connection, f"{_select(name)} ORDER BY rowid", name, fields)
    except duckdb.Error as problem:
        raise DataError(f"{name} cannot be read from {path.name}: {problem}.") from None


def _select(name: str) -> str:
    return f"SELECT * FROM {quoted(table_in_file(name))}"  # noqa: S608  # a quoted name


def _from_sql(connection: Any, query: str, name: str, fields: Fields) -> Iterator[pa.Table]:
    cursor = connection.execute(query)
    _same_columns(name, [column[0] for column in cursor.description], fields)
    while rows := cursor.fetchmany(PIECE):
        yield _from_rows(rows, fields)


def read_excel(path: Path, name: str, fields: Fields) -> Iterator[pa.Table]:
    """Read a sheet of a workbook."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True)
    except (BadZipFile, KeyError, SyntaxError, ValueError) as problem:  # not a zip, no parts, no XML, no workbook
        raise DataError(f"{name} cannot be read from {path.name}: {problem}.") from None
    with closing(book):
        if table_in_file(name) not in book.sheetnames:
            raise DataError(f"{path.name} has no sheet {table_in_file(name)}.")
        sheet = book[table_in_file(name)]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(values_only=True)
        _same_columns(name, [str(cell) for cell in next(rows, ())], fields)
        width = len(fields)
        while some := [(*row, *(None,) * (width - len(row))) for row in islice(rows, PIECE)]:  # rows may end early
            yield _from_rows(some, fields)


def _from_rows(rows: Iterable[Sequence[Any]], fields: Fields) -> pa.Table:
    columns = zip(*rows, strict=True)
    schema = schema_of(fields)
    return pa.table([pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)], schema=schema)


def _same_columns(name: str, found: Sequence[str], fields: Fields) -> None:
    wanted = [field["name"] for field in fields]
    if list(found) != wanted:
        raise DataError(f"{name} has the columns {', '.join(found)}; datapackage.json says {', '.join(wanted)}.")
