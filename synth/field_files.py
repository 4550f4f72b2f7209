"""Files that hold field lists: read whole, as UTF-8 text, and recognised by what is in them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from synth.errors import ScenarioError
from synth.listed_fields import shown

FORMATS = ("table-schema", "omop", "json-schema", "csv")
MAX_BYTES = 4 * 1024 * 1024
DELIMITERS = (",", ";", "\t", "|")
Row = tuple[int, dict[str, str]]  # line number in the file, cells by column


def read_text(path: Path) -> str:
    """Return the text of a field list.

    Raises:
        ScenarioError: a folder, a file that cannot be read, is empty, larger than 4 MB or not UTF-8.
    """
    if path.is_dir():
        raise ScenarioError(f"{path}: is a folder. Give the path of one field list (CSV or JSON).")
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as problem:
        raise ScenarioError(f"{path}: cannot be read ({problem.strerror or problem}). Check the path.") from None
    except ValueError:
        raise ScenarioError(f"{shown(path)}: is no path of a file. Check it.") from None
    if len(raw) > MAX_BYTES:
        raise ScenarioError(f"{path}: has more than {MAX_BYTES:,} bytes; a field list is smaller. Is it data?")
    if raw.startswith(b"PK"):
        raise ScenarioError(
            f"{path}: is an Excel workbook or another packed file. Save the sheet as CSV UTF-8 and try again."
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise ScenarioError(
            f"{path}: line {line}: byte {raw[problem.start]:#04x} is not UTF-8. Save the file as UTF-8 and try again."
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ScenarioError(f"{path}: line {line}: holds a null byte, so it is no text. Save the list as CSV or JSON.")
    if not text.strip():
        raise ScenarioError(f"{path}: is empty. A field list has at least one field.")
    return text


def read_json(text: str, name: str) -> Any:
    """Return what a JSON text holds; a mistake is told with its line."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as problem:
        raise ScenarioError(f"{name}: line {problem.lineno}: not JSON: {problem.msg}. Mend it there.") from None
    except RecursionError:
        raise ScenarioError(f"{name}: is nested too deeply to be a list of fields.") from None
    except ValueError as problem:
        raise ScenarioError(f"{name}: not JSON: {shown(problem)}.") from None


def read_rows(text: str, name: str) -> tuple[list[str], list[Row]]:
    """Return the columns of a table and its rows that are not empty.

    Cells are separated by comma, semicolon, tab or |, whichever splits the first line into most columns.

    Raises:
        ScenarioError: a column twice, a row with more or fewer cells than the first line, a quote without its partner.
    """
    first = next(line for line in text.splitlines() if line.strip())
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] = []
    rows: list[Row] = []
    try:
        line = 1
        for cells in reader:
            if columns and any(cell.strip() for cell in cells):
                _refuse_ragged(columns, cells, f"{name}: line {line}")
                rows.append((line, dict(zip(columns, (cell.strip() for cell in cells), strict=True))))
            elif not columns and any(cell.strip() for cell in cells):
                columns = [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as problem:
        raise ScenarioError(f"{name}: line {reader.line_num}: not CSV: {problem}. Check the quotes.") from None
    for column in dict.fromkeys(columns):
        if columns.count(column) > 1:
            raise ScenarioError(f"{name}: line 1: column '{shown(column)}' stands there twice. Rename one.")
    return columns, rows


def _refuse_ragged(columns: list[str], cells: list[str], place: str) -> None:
    if len(cells) != len(columns):
        more = "put a cell that holds the separator in quotes" if len(cells) > len(columns) else "add the empty cells"
        raise ScenarioError(f"{place}: has {len(cells)} cells; the first line has {len(columns)}. Perhaps {more}.")
