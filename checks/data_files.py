"""The records of a team, from the file or database they stand in: one frame a table, in the order of the rows.

CSV is read as text and nothing is guessed. Other files say what their values are, and they stay it: numbers, days, yes
or no, text. Only what a file itself calls empty is null. A column that holds values of several kinds is read as text.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from checks.tables import read_csv
from synth.errors import DataError, nearest
from synth.verification import read_tables as read_folder
from synth.writers import quoted

_WHOLE = {pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()}
_DATABASES = (".sqlite", ".sqlite3", ".db", ".duckdb", ".xlsx")
ENDINGS = (".csv", ".parquet", *_DATABASES)
_RULES = (".json", ".yaml", ".yml", ".sql", ".py", ".tdda", ".dqdl")
_URLS = ("postgresql://", "postgres://")


def read_data(sources: Iterable[str | Path], *, tables: Sequence[str] = ()) -> dict[str, pd.DataFrame]:
    r"""Read the tables of several files, folders or databases.

    Args:
        sources: each a CSV, Parquet, Excel, SQLite or DuckDB file, a folder of CSV or Parquet files or one written by
            casegauge, or the URL of a PostgreSQL database (postgresql://...); `NAME=FILE` names the table of a file.
        tables: which tables to read; default: all.

    Returns:
        table name -> frame. A CSV or Parquet file is a table called by its name without ending, a sheet or a table of
        a database by its own.

    Examples:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "contacts.csv"
        >>> _ = path.write_text("id,zip\n1,010\n2,\n", encoding="utf-8")
        >>> {name: frame["zip"].tolist() for name, frame in read_data([path]).items()}
        {'contacts': ['010', nan]}
        >>> list(read_data([f"people={path}"]))
        ['people']
    """
    found: dict[str, pd.DataFrame] = {}
    for source in sources:
        for name, frame in _read(str(source), tables).items():
            if name in found:
                raise DataError(f"{source}: a table {name!r} is given twice. Name one of them: NAME=FILE.")
            found[name] = frame
    missing = [name for name in tables if name not in found]
    if missing:
        raise DataError(f"table {missing[0]!r} is not in the data. {nearest(missing[0], found)}")
    return found


def _read(source: str, tables: Sequence[str]) -> dict[str, pd.DataFrame]:
    if source.startswith(_URLS):
        return _read_postgres(source, tables)
    name, equals, rest = source.partition("=")
    named = bool(equals) and not Path(source).exists()
    if named and not name:
        raise DataError(f"{source}: no name stands before the '='. Write NAME=FILE, or the file alone.")
    path = Path(rest if named else source)
    if path.is_dir():
        return _wanted(_read_folder(path), tables)
    if not path.exists():
        raise DataError(f"{path}: no such file. Give a CSV, Parquet, Excel, SQLite or DuckDB file, or a folder.")
    kind = path.suffix.lower()
    if kind in _RULES:
        raise DataError(f"{path}: looks like rules, not like data. Data come first, rules after --rules.")
    if kind not in ENDINGS:
        raise DataError(f"{path}: ends in {kind or 'nothing'!r}; possible: {', '.join(ENDINGS)}.")
    if kind in _DATABASES:
        frames: dict[str, pd.DataFrame] = _READERS[kind](path, tables)
        return {name: next(iter(frames.values()))} if named and len(frames) == 1 else frames
    frame: pd.DataFrame = _READERS[kind](path)
    return {name if named else path.stem: frame}


def _wanted(frames: Mapping[str, pd.DataFrame], tables: Sequence[str]) -> dict[str, pd.DataFrame]:
    return {name: frame for name, frame in frames.items() if not tables or name in tables}


def _read_folder(folder: Path) -> dict[str, pd.DataFrame]:
    """A folder written by casegauge: its records; any other: its CSV and Parquet files."""
    if (folder / "manifest.json").is_file() and (folder / "datapackage.json").is_file():
        return {
            name.removeprefix("records/"): pa.concat_tables(list(parts)).to_pandas()
            for name, parts in read_folder(folder)
            if name.startswith("records/")
        }
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".csv", ".parquet"})
    if not files:
        raise DataError(f"{folder}: holds no CSV or Parquet file. Name a file, or another folder.")
    return {path.stem: _READERS[path.suffix.lower()](path) for path in files}


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        return frame_of(pq.read_table(path), str(path))
    except (pa.ArrowException, OSError) as problem:
        raise DataError(f"{path}: is not a Parquet file that can be read ({_first_line(problem)}).") from None


def frame_of(table: pa.Table, name: str) -> pd.DataFrame:
    """Return an Arrow table as a frame in which whole numbers with nulls stay whole."""
    twice = sorted({column for column in table.column_names if table.column_names.count(column) > 1})
    if twice:
        raise DataError(f"{name}: column {twice[0]!r} stands there twice. Rename one.")
    for index, field in enumerate(table.schema):
        kind = field.type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            raise DataError(f"{name}: column {field.name!r} holds {kind}; rules read texts, numbers and days.")
        plain = _plain(kind)
        if plain is not None:
            table = table.set_column(index, field.name, table.column(index).cast(plain))
    frame: pd.DataFrame = table.to_pandas(types_mapper=_nullable)
    return frame


def _plain(kind: pa.DataType) -> pa.DataType | None:
    """A simpler type that holds the same values; None: the type stays."""
    if pa.types.is_date(kind):
        return pa.timestamp("s")
    if pa.types.is_decimal(kind):
        return pa.float64()
    return pa.string() if pa.types.is_time(kind) or pa.types.is_duration(kind) else None


def _nullable(kind: pa.DataType) -> Any:
    if kind in _WHOLE:
        return pd.Int64Dtype()
    return pd.BooleanDtype() if pa.types.is_boolean(kind) else None


def _read_excel(path: Path, tables: Sequence[str]) -> dict[str, pd.DataFrame]:
    try:
        import openpyxl
    except ImportError:
        raise DataError("Excel files need openpyxl. Install it: pip install 'casegauge[excel]'.") from None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as problem:  # noqa: BLE001  # whatever a broken archive makes its reader raise
        raise DataError(f"{path}: is not an Excel file that can be read ({_first_line(problem)}).") from None
    with closing(book):
        sheets = [name for name in book.sheetnames if not tables or name in tables]
        frames = {
            name: _sheet(list(book[name].iter_rows(values_only=True)), f"{path}: sheet {name!r}") for name in sheets
        }
    return {name: frame for name, frame in frames.items() if len(frame.columns)}


def _sheet(rows: list[tuple[Any, ...]], name: str) -> pd.DataFrame:
    """The first row that is not empty names the columns; rows without any value are left out at the end only."""
    while rows and all(value is None for value in rows[-1]):
        rows.pop()
    while rows and all(value is None for value in rows[0]):
        rows.pop(0)
    if not rows:
        return pd.DataFrame()
    width = max(index for index, value in enumerate(rows[0], start=1) if value is not None)
    names = [str(value) if value is not None else "" for value in rows[0][:width]]
    return _frame(names, [row[:width] for row in rows[1:]], name)


def _read_sqlite(path: Path, tables: Sequence[str]) -> dict[str, pd.DataFrame]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            listed = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")
            names = [name for (name,) in listed if not name.startswith("sqlite_") and (not tables or name in tables)]
            return {name: _from_sqlite(connection, name, path) for name in names}
    except sqlite3.Error as problem:
        raise DataError(f"{path}: cannot be read as SQLite ({_first_line(problem)}).") from None


def _from_sqlite(connection: sqlite3.Connection, name: str, path: Path) -> pd.DataFrame:
    rows = connection.execute(f"SELECT * FROM {quoted(name)}")  # noqa: S608  # the name is quoted
    return _frame([column[0] for column in rows.description], rows.fetchall(), f"{path}: table {name!r}")


def _read_duckdb(path: Path, tables: Sequence[str]) -> dict[str, pd.DataFrame]:
    try:
        import duckdb
    except ImportError:
        raise DataError("DuckDB files need duckdb. Install it: pip install 'casegauge[duckdb]'.") from None
    try:
        with closing(duckdb.connect(str(path), read_only=True)) as connection:
            listed = connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY table_name"
            ).fetchall()
            names = [name for (name,) in listed if not tables or name in tables]
            return {name: frame_of(_from_duckdb(connection, name), f"{path}: table {name!r}") for name in names}
    except duckdb.Error as problem:
        raise DataError(f"{path}: cannot be read as DuckDB ({_first_line(problem)}).") from None


def _from_duckdb(connection: Any, name: str) -> pa.Table:
    connection.execute("SET preserve_insertion_order = true")
    found: pa.Table = connection.execute(f"SELECT * FROM {quoted(name)}").to_arrow_table()  # noqa: S608  # it is quoted
    return found


def _read_postgres(url: str, tables: Sequence[str]) -> dict[str, pd.DataFrame]:
    if not tables:
        raise DataError("a PostgreSQL database needs the names of its tables: --table NAME (or SCHEMA.NAME).")
    try:
        import psycopg
    except ImportError:
        raise DataError("PostgreSQL needs psycopg. Install it: pip install 'casegauge[postgres]'.") from None
    try:
        with psycopg.connect(url, connect_timeout=10, options="-c default_transaction_read_only=on") as connection:
            return {name: _from_postgres(connection, name) for name in tables}
    except psycopg.Error as problem:
        raise DataError(f"PostgreSQL: {_first_line(problem)}. Check the address and the names of the tables.") from None


def _from_postgres(connection: Any, name: str) -> pd.DataFrame:
    from psycopg import sql

    table = sql.SQL(".").join(sql.Identifier(part) for part in name.split("."))
    rows = connection.execute(sql.SQL("SELECT * FROM {}").format(table))
    return _frame([column.name for column in rows.description], rows.fetchall(), f"table {name!r}")


def _frame(names: Sequence[str], rows: Sequence[Sequence[Any]], name: str) -> pd.DataFrame:
    """Rows of plain values as a frame; every column has one type."""
    twice = sorted({column for column in names if names.count(column) > 1})
    if twice:
        shown = f"column {twice[0]!r} stands there twice" if twice[0] else "two columns have no name"
        raise DataError(f"{name}: {shown}. Name every column once.")
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pd.DataFrame({column: _series(values, f"{name}: column {column!r}")
                         for column, values in zip(names, columns, strict=True)})  # fmt: skip


def _series(values: Sequence[Any], name: str) -> pd.Series[Any]:
    kinds = {type(value) for value in values if value is not None}
    if kinds & {bytes, bytearray, memoryview, list, dict, tuple}:
        raise DataError(f"{name} holds values that are neither text, number nor day. Leave the column out.")
    for wanted, dtype in ((bool, "boolean"), (int, "Int64"), (str, "str")):
        if kinds == {wanted}:
            try:
                return pd.Series(list(values), dtype=dtype)
            except (OverflowError, TypeError):
                break
    if kinds and kinds <= {int, float, Decimal}:
        return pd.Series([None if value is None else float(value) for value in values], dtype="float64")
    if kinds and kinds <= {dt.datetime, dt.date}:
        try:
            return pd.to_datetime(pd.Series(list(values), dtype="object"))
        except (ValueError, TypeError):
            pass
    return pd.Series([None if value is None else _text(value) for value in values], dtype="str")


def _text(value: Any) -> str:
    """A value as people write it: a whole number without a point, a day without midnight, true and false."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, (dt.date, dt.time)) else str(value)


def _first_line(problem: BaseException) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0].rstrip(".")


_READERS: dict[str, Callable[..., Any]] = {
    ".csv": read_csv,
    ".parquet": _read_parquet,
    ".xlsx": _read_excel,
    ".sqlite": _read_sqlite,
    ".sqlite3": _read_sqlite,
    ".db": _read_sqlite,
    ".duckdb": _read_duckdb,
}
