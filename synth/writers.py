"""Tables into files: one small class a format. A store takes all tables of a folder, piece by piece.

Parquet, CSV and JSON Lines have a file a table; SQLite, DuckDB and Excel have one file for the records and one for the
answers, so that records can be handed out without answers. Memory does not grow with the number of rows.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
import pyarrow.parquet as pq

from synth.digest import utf8_of
from synth.errors import OutputError

NOTICE = "Synthetic records made by casegauge. No real person, office, place or identifier."
ABOUT = "about"  # the table or sheet that says so in files that hold several tables
EXCEL_ROWS = 1_048_575  # below the header
EXCEL_TEXT = 32_767
EXCEL_NAME = 31
EXCEL_DATE = datetime(2000, 1, 1)  # noqa: DTZ001  # a workbook must name the day it was made; this one names none
BATCH = 4096  # rows that are Python objects at a time


class TableWriter(Protocol):
    """Writes the pieces of one table."""

    def write_table(self, table: pa.Table) -> None:
        """Append rows."""

    def close(self) -> None:
        """Finish the table."""


class Store(Protocol):
    """Where all tables of a folder go, in one format."""

    def open_table(self, name: str, schema: pa.Schema) -> TableWriter:
        """Begin a table, `records/<system>` or `answers/<name>`. Tables are begun in one order, whatever the blocks."""

    def finish(self) -> None:
        """Make the files whole, once every table is closed."""

    def close(self) -> None:
        """Let go of the files, whole or not."""


def table_in_file(name: str) -> str:
    """Return what a table is called within a file that holds several.

    Examples:
        >>> table_in_file("records/inquiry")
        'records_inquiry'
    """
    return name.replace("/", "_")


def quoted(name: str) -> str:
    """Return a name as SQL reads it.

    Examples:
        >>> quoted("end")
        '"end"'
    """
    return '"' + name.replace('"', '""') + '"'


def plain(schema: pa.Schema) -> pa.Schema:
    """Return a schema with text where codes stand for text."""
    return pa.schema([pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in schema])


# ------------------------------------------------------------------------------------------------------ a file a table


class FilePerTable:
    """A file a table: `records/<system>.<suffix>`."""

    def __init__(self, folder: Path, suffix: str, make: Callable[[Path, pa.Schema], TableWriter]) -> None:
        self._folder, self._suffix, self._make = folder, suffix, make
        self._open: list[TableWriter] = []

    def open_table(self, name: str, schema: pa.Schema) -> TableWriter:
        """Begin a file."""
        path = self._folder / f"{name}.{self._suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._open.append(self._make(path, schema))
        return self._open[-1]

    def finish(self) -> None:
        """Do nothing: a closed table is a whole file."""

    def close(self) -> None:
        """Close every file; a second time does nothing."""
        for writer in self._open:
            writer.close()
        self._open.clear()


def parquet_table(path: Path, schema: pa.Schema) -> TableWriter:
    """Return a Parquet file: codes as dictionaries, statistics for codes and numbers only."""
    coded = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    ranges = [field.name for field in schema if field.name in coded or pa.types.is_integer(field.type)]
    marked = schema.with_metadata({"synthetic": NOTICE})
    writer: TableWriter = pq.ParquetWriter(
        path, marked, compression="snappy", use_dictionary=coded, write_statistics=ranges
    )
    return writer


class CsvTable:
    """CSV with a header; null is an empty field, text is quoted."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._plain = plain(schema)
        self._writer = pv.CSVWriter(path, self._plain)

    def write_table(self, table: pa.Table) -> None:
        """Append rows."""
        self._writer.write_table(table.cast(self._plain))

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()


class JsonLinesTable:
    """One object a row, every column named in every row, in order; null is `null`."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:  # noqa: ARG002  # rows bring their names
        self._file = path.open("wb")

    def write_table(self, table: pa.Table) -> None:
        """Append rows."""
        for start in range(0, table.num_rows, BATCH):
            self._file.write(utf8_of(json_lines(table.slice(start, BATCH))))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


def json_lines(table: pa.Table) -> pa.StringArray:
    r"""Return each row as a JSON object and a line feed.

    Examples:
        >>> json_lines(pa.table({"a": ["010", None], "n": [7, None]})).to_pylist()
        ['{"a": "010", "n": 7}\n', '{"a": null, "n": null}\n']
    """
    parts: list[Any] = []
    for place, name in enumerate(table.column_names):
        parts += [f"{', ' if place else '{'}{_json(name)}: ", _json_cells(_one_array(table[name]))]
    joined = pc.binary_join_element_wise(*parts, "}\n", "")
    return joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined


def _json_cells(cells: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(cells.type):
        written = pa.array([_json(text) for text in cells.dictionary.to_pylist()], pa.string()).take(cells.indices)
    elif pa.types.is_integer(cells.type):
        written = cells.cast(pa.string())
    elif pc.any(pc.match_substring_regex(cells, r'["\\\x00-\x1f]')).as_py():
        written = pa.array([None if text is None else _json(text) for text in cells.to_pylist()], pa.string())
    else:
        written = pc.binary_join_element_wise('"', cells, '"', "")
    return written.fill_null("null")


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def rows_of(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    """Return the rows of a table as tuples of text, whole numbers and None.

    Examples:
        >>> list(rows_of(pa.table({"a": pa.array(["x", None]).dictionary_encode(), "n": [7, None]})))
        [('x', 7), (None, None)]
    """
    return zip(*(_python_list(_one_array(column)) for column in table.columns), strict=True)


def _python_list(cells: pa.Array) -> list[Any]:
    """Return a column as Python objects, by way of numpy: several times as fast as cell by cell."""
    if pa.types.is_dictionary(cells.type):
        words = np.array([*cells.dictionary.to_pylist(), None], object)
        found: list[Any] = words[cells.indices.fill_null(words.size - 1).to_numpy(zero_copy_only=False)].tolist()
        return found
    if pa.types.is_integer(cells.type) and cells.null_count:
        numbers: list[Any] = cells.to_pylist()
        return numbers
    others: list[Any] = cells.to_numpy(zero_copy_only=False).tolist()
    return others


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], whole.type)
    return whole


# ----------------------------------------------------------------------------------------- one file for several tables


class FilePerPart:
    """Opens `records.<suffix>` and `answers.<suffix>` when their first table is begun."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder, self._suffix = folder, suffix
        self._open: dict[str, Any] = {}

    def part_of(self, name: str, make: Callable[[Path], Any]) -> Any:
        """Return the open file of a table."""
        part = name.split("/", maxsplit=1)[0]
        if part not in self._open:
            self._open[part] = make(self._folder / f"{part}.{self._suffix}")
        return self._open[part]

    def close(self) -> None:
        """Close every file; a second time does nothing."""
        for opened in self._open.values():
            opened.close()
        self._open.clear()


class SqlTable:
    """A table of a database; rows are added by a function of the database's own."""

    def __init__(self, insert: Callable[[pa.Table], None]) -> None:
        self._insert = insert

    def write_table(self, table: pa.Table) -> None:
        """Append rows."""
        self._insert(table)

    def close(self) -> None:
        """Do nothing: the store finishes the file."""


class SqliteStore(FilePerPart):
    """SQLite: text as TEXT, numbers as INTEGER, null as NULL. The file is laid out table by table at the end."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "sqlite")

    def open_table(self, name: str, schema: pa.Schema) -> TableWriter:
        """Begin a table."""
        connection = self.part_of(name, self._connect)
        table, shape = quoted(table_in_file(name)), plain(schema)
        columns = ", ".join(f"{quoted(f.name)} {'INTEGER' if pa.types.is_integer(f.type) else 'TEXT'}" for f in shape)
        statement = f"INSERT INTO {table} VALUES ({', '.join('?' * len(shape))})"  # noqa: S608  # a quoted name of ours
        connection.execute(f"CREATE TABLE {table} ({columns})")

        def insert(rows: pa.Table) -> None:
            for start in range(0, rows.num_rows, BATCH):
                connection.executemany(statement, rows_of(rows.slice(start, BATCH)))

        return SqlTable(insert)

    def _connect(self, path: Path) -> sqlite3.Connection:
        # Pieces of several tables arrive in an order that depends on the blocks, and so would the order of pages.
        connection = sqlite3.connect(path.with_suffix(".part"), isolation_level=None, check_same_thread=False)
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -16384", "temp_store = FILE"):
            connection.execute(f"PRAGMA {setting}")
        connection.execute("BEGIN")
        connection.execute(f"CREATE TABLE {ABOUT} (notice TEXT)")
        connection.execute(f"INSERT INTO {ABOUT} VALUES (?)", (NOTICE,))  # noqa: S608  # our own name
        return connection

    def finish(self) -> None:
        """Copy each database, table after table, to its place."""
        for part, connection in self._open.items():
            connection.execute("COMMIT")
            connection.execute("VACUUM INTO ?", (str(self._folder / f"{part}.sqlite"),))
        parts = list(self._open)
        self.close()
        for part in parts:
            (self._folder / f"{part}.part").unlink()


class DuckdbStore(FilePerPart):
    """DuckDB: text as VARCHAR, numbers as INTEGER or BIGINT, null as NULL. The file has a number of DuckDB's own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "duckdb")

    def open_table(self, name: str, schema: pa.Schema) -> TableWriter:
        """Begin a table."""
        connection = self.part_of(name, self._connect)
        table, shape = quoted(table_in_file(name)), plain(schema)
        columns = ", ".join(f"{quoted(field.name)} {_duckdb_type(field.type)}" for field in shape)
        connection.execute(f"CREATE TABLE {table} ({columns})")

        def insert(rows: pa.Table) -> None:
            connection.register("piece", rows.cast(shape))
            connection.execute(f"INSERT INTO {table} SELECT * FROM piece")  # noqa: S608  # a quoted name of ours
            connection.unregister("piece")

        return SqlTable(insert)

    def _connect(self, path: Path) -> Any:
        import duckdb

        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": 1,
            "memory_limit": "512MB",
            "autoinstall_known_extensions": False,
        }
        connection = duckdb.connect(str(path), config=settings)
        connection.execute(f"CREATE TABLE {ABOUT} (notice VARCHAR)")
        connection.execute(f"INSERT INTO {ABOUT} VALUES (?)", [NOTICE])  # noqa: S608  # our own name
        return connection

    def finish(self) -> None:
        """Write everything to the files themselves and leave no log beside them."""
        for connection in self._open.values():
            connection.execute("CHECKPOINT")
        self.close()


def _duckdb_type(kind: pa.DataType) -> str:
    return {pa.int32(): "INTEGER", pa.int64(): "BIGINT"}.get(kind, "VARCHAR")


class ExcelStore(FilePerPart):
    """Excel: a sheet a table. Text is written and formatted as text, so that "010" and dates stay what they are."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "xlsx")
        self._sheets: dict[str, Any] = {}

    def open_table(self, name: str, schema: pa.Schema) -> TableWriter:
        """Begin a sheet."""
        book = self.part_of(name, self._new_book)
        return ExcelSheet(book, table_in_file(name), plain(schema))

    def _new_book(self, path: Path) -> Any:
        import xlsxwriter

        book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": str(self._folder)})
        book.set_properties({"title": "casegauge", "comments": NOTICE, "created": EXCEL_DATE})
        return book

    def finish(self) -> None:
        """Add the sheet that says what this is, and write the workbooks."""
        for book in self._open.values():
            book.add_worksheet(ABOUT).write_string(0, 0, NOTICE)
        books = list(self._open.values())
        self._open.clear()
        for book in books:
            book.close()

    def close(self) -> None:
        """Forget what was not finished; its rows lie in the folder that is thrown away."""
        for book in self._open.values():
            for sheet in book.worksheets():
                sheet.row_data_fh.close()
        self._open.clear()


class ExcelSheet:
    """One sheet, written row by row."""

    def __init__(self, book: Any, name: str, schema: pa.Schema) -> None:
        self._name, self._rows = name, 0
        self._text = book.add_format({"num_format": "@"})
        self._sheet = book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        self._sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        bold = book.add_format({"bold": True})
        self._is_text = [not pa.types.is_integer(field.type) for field in schema]
        for place, field in enumerate(schema):
            width = 60 if field.name == "narrative" else max(12, len(field.name) + 2)
            self._sheet.set_column(place, place, width, self._text if self._is_text[place] else None)
        for place, field in enumerate(schema):
            self._sheet.write_string(0, place, field.name, bold)

    def write_table(self, table: pa.Table) -> None:
        """Append rows.

        Raises:
            OutputError: there are more rows, or a longer text, than a sheet can hold.
        """
        if self._rows + table.num_rows > EXCEL_ROWS:
            raise OutputError(
                f"{self._name} has more than Excel's {EXCEL_ROWS:,} rows. Ask for fewer cases, or for csv."
            )
        for start in range(0, table.num_rows, BATCH):
            for row in rows_of(table.slice(start, BATCH)):
                self._rows += 1
                self._write(row)

    def _write(self, row: tuple[Any, ...]) -> None:
        for place, (cell, is_text) in enumerate(zip(row, self._is_text, strict=True)):
            if cell is None:
                continue
            if not is_text:
                self._sheet.write_number(self._rows, place, cell)
            elif self._sheet.write_string(self._rows, place, cell, self._text):
                raise OutputError(
                    f"{self._name} row {self._rows} has a text of {len(cell):,} characters; a cell of Excel holds "
                    f"{EXCEL_TEXT:,}. Ask for csv."
                )

    def close(self) -> None:
        """Do nothing: the store writes the workbook."""


@contextmanager
def opened(store: Store) -> Iterator[Store]:
    """Give a store that is finished when the block ends well, and let go of in any case."""
    try:
        yield store
        store.finish()
    finally:
        store.close()
