"""The kernel of `expression`: the SQL conditions of one table are judged together, in one child process."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks import contained_sql
from checks.columns import Column, Table
from checks.contained_sql import Condition
from checks.judged import Judged
from checks.predicates import Expression
from checks.sql_expression import ColumnKind, SqlExpression, for_duckdb, read_expression
from synth.errors import CasegaugeError, RuleError

_DATE_LENGTH = 10
_CELL = re.compile(r"(?:string '(?P<value>[^']*)'|\"(?P<quoted>[^\"]*)\").* source column (?P<column>c[0-9]+)$")
_ARROW, _FOUND = "column for SQL", "outcome of SQL"


def expression(predicate: Expression, table: Table) -> Judged:
    """Fail where the condition is false, or unknown because a text that has to be a number or a date is none."""
    judge_together([predicate], table)
    found = table.memo[_FOUND, predicate]
    if isinstance(found, RuleError):
        raise found
    bad = (found == contained_sql.FALSE) | (found == contained_sql.UNREADABLE)
    return Judged(np.asarray(bad, dtype=bool), np.asarray(found == contained_sql.NULL, dtype=bool))


def judge_together(predicates: Iterable[Expression], table: Table) -> None:
    """Judge conditions of one table that were not judged yet, and keep what came out, or why nothing did."""
    new = [predicate for predicate in dict.fromkeys(predicates) if (_FOUND, predicate) not in table.memo]
    conditions: dict[Expression, Condition] = {}
    needed: dict[str, str] = {}
    for predicate in new:
        try:
            conditions[predicate] = _condition(read_expression(predicate.sql, predicate.dialect), table, needed)
        except CasegaugeError as problem:
            table.memo[_FOUND, predicate] = RuleError(str(problem))
    if not conditions:
        return
    columns = {name: _arrow(field, table)[0] for field, name in needed.items()}
    data = pa.table(columns) if columns else pa.table({"none": pa.nulls(table.n_rows)})
    found = contained_sql.outcomes(list(conditions.values()), data)
    for predicate, outcome in zip(conditions, found, strict=True):
        said = RuleError(_said(outcome, predicate, needed, table)) if isinstance(outcome, RuleError) else outcome
        table.memo[_FOUND, predicate] = said


def _condition(read: SqlExpression, table: Table, needed: dict[str, str]) -> Condition:
    kinds = {field: _arrow(field, table)[1] for field in read.fields}
    names = {field: needed.setdefault(field, f"c{len(needed)}") for field in read.fields}
    return Condition(*for_duckdb(read, kinds, names))


def _said(problem: RuleError, predicate: Expression, needed: dict[str, str], table: Table) -> str:
    text = str(problem)
    advice = ""
    if cell := _CELL.search(text):
        where = _first_row(cell["value"] or cell["quoted"] or "", cell["column"], needed, table)
        advice = f". {where}TRY_CAST makes null of what it cannot read"
    for field, name in sorted(needed.items(), key=lambda item: -len(item[1])):
        text = text.replace(f'"{name}"', f'"{field}"').replace(f"column {name}", f"column {field}")
    sql = " ".join(predicate.sql.split())
    return f"SQL {sql if len(sql) <= 80 else sql[:77] + '...'!r}: {text}{advice}"


def _first_row(value: str, name: str, needed: dict[str, str], table: Table) -> str:
    """Where a text stands that could not be read, in words; empty where it is not found."""
    field = next((field for field, known in needed.items() if known == name), None)
    place = -1 if field is None else pc.index(_arrow(field, table)[0], value).as_py()
    return f"It stands in row {place + 1} of {field!r}. " if place >= 0 else ""


def _arrow(field: str, table: Table) -> tuple[pa.Array, ColumnKind]:
    """A column for Arrow, and what it holds."""
    if (_ARROW, field) not in table.memo:
        column = table.column(field)
        array = column.texts.cast(pa.large_string()) if column.is_text else _plain(column)
        table.memo[_ARROW, field] = (array, _kind(column, array))
    kept: tuple[pa.Array, ColumnKind] = table.memo[_ARROW, field]
    return kept


def _plain(column: Column) -> pa.Array:
    array = pa.array(column.series, from_pandas=True)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _kind(column: Column, array: pa.Array) -> ColumnKind:
    if not column.is_text:
        if pa.types.is_temporal(array.type):
            return "date"
        types = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
        return "number" if any(is_type(array.type) for is_type in types) else "other"
    if not column.blank.all() and not (np.isnan(column.numbers) & ~column.blank).any():
        return "number_text"
    longest = pc.max(pc.utf8_length(array)).as_py() or 0
    return "date_text" if longest <= _DATE_LENGTH else "text"
