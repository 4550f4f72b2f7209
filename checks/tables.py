"""CSV files as people have them: read as text, nothing guessed; the empty field is blank (null)."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from checks.columns import READ_AS_TEXT
from checks.not_text import what_it_is
from synth.errors import DataError

_SEPARATORS = {";": "semicolons", "\t": "tabs"}  # of spreadsheets, where a comma is part of a number


def read_csv(path: Path) -> pd.DataFrame:
    r"""Read a CSV file as text.

    Every value stays what was written ("NA", "010", "1e5"); only the empty field becomes null. A file that is empty,
    has no rows, is ragged, is not UTF-8, has other separators or names a column twice is refused in one line with file
    and line.

    Examples:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "d.csv"
        >>> _ = path.write_text("id,zip\n1,010\n2,\n3,NA\n", encoding="utf-8")
        >>> read_csv(path)["zip"].tolist()
        ['010', nan, 'NA']
    """
    raw = _bytes(path)
    names = _header(raw, path)
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(raw),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=min(len(raw), 2**30)),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=True, null_values=[""]
            ),
        )
    except pa.ArrowInvalid as problem:
        raise _ragged(raw, len(names), path) or DataError(f"{path}: {str(problem).splitlines()[0]}") from None
    if raw.count(b'"') % 2:  # an odd number of quotes may be one that never closes and swallows the rest
        problem_found = _ragged(raw, len(names), path)
        if problem_found is not None:
            raise problem_found
    if not table.num_rows:
        raise DataError(f"{path}: has a header and no rows; nothing to check.")
    frame = pd.DataFrame({name: pd.Series(table[name].to_pandas(), dtype="str") for name in names})
    frame.attrs[READ_AS_TEXT] = True
    return frame


def _bytes(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise DataError(
            f"{path}: cannot be read ({problem.strerror or problem}). Give the path of a CSV file."
        ) from None
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as problem_found:
        what = what_it_is(raw)
        if what:
            raise DataError(f"{path}: is {what}, not a CSV file, whatever its name says. Export it as CSV.") from None
        line, byte = raw.count(b"\n", 0, problem_found.start) + 1, raw[problem_found.start]
        raise DataError(f"{path}: line {line}: byte {byte:#04x} is not UTF-8. Save the file as UTF-8.") from None
    if not raw.strip():
        raise DataError(f"{path}: is empty. Give a CSV file with a header line and rows.")
    if b"\x00" in raw:
        line = raw.count(b"\n", 0, raw.index(b"\x00")) + 1
        raise DataError(f"{path}: line {line}: holds a NUL byte; this is not a text file. Export it as CSV.")
    return raw


def _header(raw: bytes, path: Path) -> list[str]:
    try:
        names = next(row for row in csv.reader(io.StringIO(raw.decode("utf-8"), newline=""), strict=True) if row)
    except csv.Error as problem:
        raise DataError(f"{path}: line 1: the header cannot be read ({problem}).") from None
    if len(names) == 1:
        other = max(_SEPARATORS, key=names[0].count)
        if other in names[0]:
            raise DataError(f"{path}: line 1: looks separated by {_SEPARATORS[other]}; save it with commas.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{path}: line 1: column {twice[0]!r} is named {names.count(twice[0])} times. Rename one.")
    return names


def _ragged(raw: bytes, n_columns: int, path: Path) -> DataError | None:
    """Find the first line with a wrong number of fields, or an open quote; only asked once something is wrong."""
    reader = csv.reader(io.StringIO(raw.decode("utf-8"), newline=""), strict=True)
    start = 1
    try:
        for row in reader:
            if row and len(row) != n_columns:
                return DataError(
                    f"{path}: line {start}: has {len(row)} fields; the header has {n_columns}. Check quotes and commas."
                )
            start = reader.line_num + 1
    except csv.Error as problem:
        return DataError(f"{path}: line {start}: {problem}. Check the quotes.")
    return None
