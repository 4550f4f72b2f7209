"""A file of SQL predicates: one statement per rule, each a condition that must hold or a query for what fails.

    -- id: amounts
    amount > 0 OR state = 'draft';

    -- id: order
    -- severity: warning
    SELECT * FROM visits WHERE opened > closed;

Lines `-- key: value` before a statement say its id, severity, system, dialect, description or reference; those before
the first `-- id:` are for the whole file. A query has one table and one WHERE; its rows fail. Statements end with a
semicolon or at the next `-- id:`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from checks.formats.collector import Collector
from checks.formats.source import Source
from checks.formats.sql_condition import condition
from checks.sql_expression import OTHER_NAMES, known_dialect, sqlglot_module, where_it_stops
from synth.errors import RuleError, nearest

KEYS = ("id", "severity", "system", "dialect", "description", "reference")
_FOR_ALL = ("severity", "system", "dialect", "reference")
_HEADER = re.compile(r"\A--\s*([a-z_]+)\s*:\s*(.*?)\s*\Z")
_BETWEEN = r"""--[^\n]*|/\*.*?\*/|%s|`[^`]*`|;|\n|[^-/'"`;\n\[]+|."""
_QUOTED = r"""'(?:[^']|'')*'|"(?:[^"]|"")*\""""
_TOKEN = re.compile(_BETWEEN % _QUOTED, re.DOTALL)
_TOKEN_WITH_BACKSLASH = re.compile(_BETWEEN % r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*\"""", re.DOTALL)
_TOKEN_WITH_BRACKETS = re.compile(_BETWEEN % (_QUOTED + r"|\[[^\]\n]*\]"), re.DOTALL)
_TOKENS = {
    **dict.fromkeys(
        ("athena", "bigquery", "clickhouse", "databricks", "hive", "mysql", "redshift", "snowflake", "spark"),
        _TOKEN_WITH_BACKSLASH,
    ),
    **dict.fromkeys(("tsql", "sqlite"), _TOKEN_WITH_BRACKETS),
}  # how quotes end, where it is not by doubling them
_PLAIN = ("Star", "Column", "Literal", "Alias", "Boolean", "Null")
_NOT_READ = ("joins", "group", "having", "qualify", "limit", "offset", "windows", "with_", "with", "into", "laterals")


@dataclass
class _Statement:
    """One statement, the line it begins in, and what stands above it."""

    line: int
    text: str = ""
    given: dict[str, str] = field(default_factory=dict)


class _Unsupported(Exception):  # noqa: N818  # caught where it is raised
    """A query of a form that is not read."""


def translate(source: Source, collector: Collector) -> None:
    """Translate every statement of the file."""
    sqlglot_module()
    for_all: dict[str, str] = {}
    first: dict[str, int] = {}
    for number, statement in enumerate(_statements(source, for_all), start=1):
        given = for_all | statement.given
        rule_id = given.get("id") or f"{source.stem or 'sql'}-{number}"
        line = first.setdefault(rule_id, statement.line)
        if line != statement.line:
            reason = f"rule id {rule_id!r} is given twice (first on line {line}). Rename one."
            collector.error(rule_id, reason, statement.line)
            continue
        collector.attempt(rule_id, statement.line, partial(_add, collector, rule_id, statement, given))


def _statements(source: Source, for_all: dict[str, str]) -> Iterator[_Statement]:
    """Split a text at semicolons and `-- id:` lines outside quotes and comments."""
    current, line, named = _Statement(1), 1, False
    position = 0
    while position < len(source.text):
        dialect = (for_all | current.given).get("dialect", "").lower()
        found = _TOKENS.get(OTHER_NAMES.get(dialect, dialect), _TOKEN).match(source.text, position)
        piece = found[0] if found else source.text[position]
        position += len(piece)
        header = _HEADER.match(piece) if piece.startswith("--") else None
        if header is not None and (header[1] in KEYS or not current.text.strip()):
            key = _known_key(source, header[1], line, header[2])
            if key == "id":
                if current.text.strip():
                    yield current
                    current = _Statement(line)
                named = True
            if key is not None and not current.text.strip():
                (current.given if named or key not in _FOR_ALL else for_all)[key] = header[2]
        elif piece == ";":
            if current.text.strip():
                yield current
            current = _Statement(line)
        elif piece.startswith(("--", "/*")):
            current.text += " "
        else:
            current.line = line if not current.text.strip() else current.line
            current.text += piece
        line += piece.count("\n")
    if current.text.strip():
        yield current


def _known_key(source: Source, key: str, line: int, value: str) -> str | None:
    """A key of the file, or none for a comment that happens to have a colon; a misspelt key is refused."""
    if key in KEYS:
        return key
    close = nearest(key, KEYS)
    if close.startswith("Did you mean") and value and " " not in value:
        raise source.fail(line, f"unknown key {key!r}. {close}")
    return None


def _add(collector: Collector, rule_id: str, statement: _Statement, given: dict[str, str]) -> None:
    dialect = known_dialect(given.get("dialect", "duckdb"))
    try:
        sql, table = _condition_of(statement.text.strip(), dialect)
    except _Unsupported as problem:
        collector.unsupported(rule_id, str(problem), statement.line)
        return
    found, differs = condition(sql, dialect)
    more: dict[str, Any] = {key: given[key] for key in ("severity", "description", "reference") if key in given}
    more["system"] = given.get("system") or table or collector.system
    if differs:
        collector.approximate(rule_id, found, statement.line, differs, **more)
    else:
        collector.exact(rule_id, found, statement.line, **more)


def _condition_of(text: str, dialect: str) -> tuple[str, str | None]:
    """The condition that must hold, and the table a query names."""
    if not re.match(r"\A\(*\s*(?:select|with)\b", text, re.IGNORECASE):
        return text, None
    glot = sqlglot_module()
    try:
        tree = glot.parse_one(text, read=dialect)
    except RecursionError:
        raise RuleError("the query nests too deeply to be read.") from None
    except glot.errors.SqlglotError as problem:
        raise RuleError(f"the query cannot be read as {dialect}: {where_it_stops(problem)}.") from None
    if type(tree).__name__ != "Select":
        raise _Unsupported("a query is SELECT ... FROM one table WHERE condition")
    lost = [name for name in _NOT_READ if tree.args.get(name)]
    if lost:
        raise _Unsupported(f"a query with {lost[0].rstrip('_')} is not read; one table and one WHERE are")
    if any(type(part).__name__ not in _PLAIN or part.find(glot.exp.AggFunc) for part in tree.expressions):
        raise _Unsupported("a query that works something out in its SELECT list is not read")
    origin = tree.args.get("from_") or tree.args.get("from")
    where = tree.args.get("where")
    named = origin is not None and type(origin.this).__name__ == "Table" and origin.this.name
    if not named or where is None:
        raise _Unsupported("a query is SELECT ... FROM one table WHERE condition")
    fails = where.this.sql(dialect=dialect, comments=False, normalize_functions=False)
    return f"NOT ({fails})", str(origin.this.name)
