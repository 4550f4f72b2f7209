"""One SQL condition, read with sqlglot and written again for DuckDB from what was understood.

A condition is one expression over the columns of one row. It is parsed, and every node of the tree must be on a list:
no query, table, statement, setting or parameter, and no function but those below, none of which reads a file or makes
a value whose size is an argument. What DuckDB later gets is written from that tree, with columns renamed; no character
of the source text reaches it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from synth.errors import RuleError, nearest

ColumnKind: TypeAlias = Literal["number", "date", "text", "number_text", "date_text", "other"]
DIALECTS = (
    "duckdb",
    "athena",
    "bigquery",
    "clickhouse",
    "databricks",
    "hive",
    "mysql",
    "oracle",
    "postgres",
    "presto",
    "redshift",
    "snowflake",
    "spark",
    "sqlite",
    "trino",
    "tsql",
)
OTHER_NAMES = {"postgresql": "postgres", "mssql": "tsql", "sqlserver": "tsql", "synapse": "tsql", "fabric": "tsql"}
MOST_CHARACTERS = 20_000
MOST_NODES = 4_000
DEEPEST = 100


_STOPPED = {
    "Required": "something is missing",
    "Expecting )": "a bracket is not closed",
    "Expected END": "END is missing after CASE",
    "Expecting": "something is missing",
    "Expected": "something is missing",
    "Invalid expression": "stands something that is not expected",
}


def _words(*texts: str) -> frozenset[str]:
    return frozenset(" ".join(texts).split())


_QUERIES = _words("Select Subquery Union Except Intersect Exists Table From Any All With Values Star")
_STATEMENTS = _words("Drop Set Command Insert Update Delete Create Alter Merge Use Copy Attach Detach Pragma")
_COMPARISONS = _words("EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ In Between")
_ARITHMETIC = _words("Neg Add Sub Mul Div IntDiv Mod Abs Round Floor Ceil Sqrt SafeDivide IsNan")
_DATES = _words(
    "DateAdd DateSub DateTrunc TimestampTrunc Date TsOrDsToDate TimeStrToTime StrToTime StrToDate TsOrDsAdd"
)
_NOW = _words("CurrentDate CurrentTimestamp")
_OF_DATES = _words("Extract Year Month Day Quarter Week DayOfWeek DayOfYear Hour Minute Second DateDiff TimestampDiff")
_TEXTS = _words("Lower Upper Trim Concat DPipe Replace Reverse Left Right")
_NODES = (_COMPARISONS | _ARITHMETIC | _DATES | _NOW | _OF_DATES | _TEXTS) | _words(
    "And Or Not Paren Is Boolean Null Case If Coalesce Nullif Greatest Least",
    "Substring Like ILike Escape SimilarTo RegexpLike RegexpILike RegexpFullMatch StartsWith EndsWith Contains",
    "Length StrPosition Cast TryCast",
    "Column Identifier Literal RawString Var DataType DataTypeParam Interval",
)
_FUNCTIONS = _words("isfinite isinf prefix suffix strlen date")  # that sqlglot has no class for
_NUMBER_NODES = (_ARITHMETIC | _OF_DATES | _words("Length StrPosition")) - {"IsNan", "Neg"}
_DATE_NODES = _DATES | _NOW
_NUMBER_TYPES = _words("TINYINT SMALLINT INT BIGINT INT128 UTINYINT USMALLINT UINT UBIGINT FLOAT DOUBLE DECIMAL")
_DATE_TYPES = _words(
    "DATE DATE32 DATETIME DATETIME2 SMALLDATETIME TIMESTAMP TIMESTAMPTZ TIMESTAMPLTZ TIMESTAMPNTZ TIMESTAMP_S",
    "TIMESTAMP_MS TIMESTAMP_NS TIME",
)
_TEXT_TYPES = _words("CHAR NCHAR VARCHAR NVARCHAR TEXT")
_TYPES = _NUMBER_TYPES | _DATE_TYPES | _TEXT_TYPES | _words("BOOLEAN BIT UUID")
NO_CASE = ("mysql", "tsql")
WITHOUT_CASE = "{dialect} compares texts without case and trailing spaces, here they count"
_WHOLE_DIVISION = ("postgres", "redshift", "tsql", "sqlite", "presto", "trino", "athena")
_KEEPS_LENGTH = ("duckdb", "sqlite", "clickhouse")
_BACKSLASH_ESCAPES = ("postgres", "redshift", "mysql", "bigquery", "spark", "databricks", "hive")


@dataclass(frozen=True)
class SqlExpression:
    """A condition that was read and may be run.

    Attributes:
        sql: as it was written.
        dialect: it was written in.
        fields: columns it reads, each once, in order.
        differs: why another engine may see other rows; empty: no reason is known.
        tree: sqlglot's tree.
    """

    sql: str
    dialect: str
    fields: tuple[str, ...]
    differs: str
    tree: Any


def sqlglot_module() -> Any:
    """Return sqlglot, imported when it is first needed."""
    try:
        import sqlglot
    except ImportError as problem:
        raise RuleError(
            f"SQL cannot be read ({problem}). Install what reads it: pip install 'casegauge[sql]'."
        ) from None
    return sqlglot


def known_dialect(name: str) -> str:
    """Return our name of a dialect, or refuse it by nearest name.

    Examples:
        >>> known_dialect("PostgreSQL")
        'postgres'
    """
    dialect = OTHER_NAMES.get(name.lower(), name.lower())
    if dialect not in DIALECTS:
        raise RuleError(f"SQL dialect {name!r} is not known. {nearest(dialect, DIALECTS)}")
    return dialect


@lru_cache(maxsize=2_000)
def read_expression(sql: str, dialect: str = "duckdb") -> SqlExpression:
    """Read one condition, or refuse it in one line.

    Args:
        sql: an expression over the columns of one row that is true, false or null: `amount > 0 AND state IS NOT NULL`.
        dialect: the SQL it is written in, one of DIALECTS.

    Examples:
        >>> read_expression("amount > 0 and lower(state) in ('open', 'closed')").fields
        ('amount', 'state')
        >>> read_expression("read_text('notes.txt') = ''")
        Traceback (most recent call last):
        synth.errors.RuleError: SQL "read_text('notes.txt') = ''": function read_text is not among those a rule may use.
    """
    dialect = known_dialect(dialect)
    tree = _parsed(sql, dialect)
    for node in tree.walk():
        _refuse(node, sql, dialect)
    columns = list(_columns(tree))
    qualifiers = {column.table for column in columns if column.table}
    if len(qualifiers) > 1:
        raise RuleError(f"SQL {_short(sql)}: names two tables ({', '.join(sorted(qualifiers))}); a rule sees one row.")
    fields = tuple(dict.fromkeys(column.name for column in columns))
    return SqlExpression(sql, dialect, fields, differences(tree, dialect), tree)


def for_duckdb(expression: SqlExpression, kinds: Mapping[str, ColumnKind], names: Mapping[str, str]) -> tuple[str, str]:
    r"""Write a condition for DuckDB over columns of other names.

    Args:
        expression: the condition.
        names: field -> what its column is called there.
        kinds: field -> what the data hold: number, date, text, other; number_text, date_text: texts that all read as
            numbers, or are none longer than a date.

    Returns:
        The condition, and a condition that says that a text which had to be read as a number or a date is neither.

    Examples:
        >>> for_duckdb(read_expression("lower(state) <> open -- all"), {"state": "text"}, {"state": "c0", "open": "c1"})
        ('LOWER("c0") <> "c1"', 'FALSE')
        >>> condition, unreadable = for_duckdb(read_expression("amount > 0"), {"amount": "text"}, {"amount": "c0"})
        >>> condition
        'TRY_CAST(NULLIF(TRIM("c0"), \'\') AS DOUBLE) > 0'
    """
    try:
        return _written(expression, kinds, names)
    except RecursionError:
        raise RuleError(f"SQL {_short(expression.sql)}: nests too deeply to be written; write it flatter.") from None


def _written(expression: SqlExpression, kinds: Mapping[str, ColumnKind], names: Mapping[str, str]) -> tuple[str, str]:
    glot = sqlglot_module()
    new = expression.tree.copy()
    unreadable: list[str] = []
    edits = [(node, _reading(node, kinds)) for node in _columns(new)]
    for node, reading in edits:
        own = glot.exp.column(names[node.name], quoted=True)
        if reading is not None:
            given = f"NULLIF(TRIM({own.sql('duckdb')}), '')"
            cast = f"TRY_CAST({given} AS {reading})"
            unreadable.append(f"({given} IS NOT NULL AND {cast} IS NULL)")
            own = glot.parse_one(cast, read="duckdb")
        if node is new:
            new = own
        else:
            node.replace(own)
    for kind in new.find_all(glot.exp.DataType):
        if kind.this.name in _TEXT_TYPES:
            kind.set("expressions", None)  # VARCHAR(MAX), which DuckDB does not read, or a length, which it ignores
    written = str(new.sql(dialect="duckdb", comments=False))
    return written, " OR ".join(dict.fromkeys(unreadable)) or "FALSE"


def _parsed(sql: str, dialect: str) -> Any:
    glot = sqlglot_module()
    if len(sql) > MOST_CHARACTERS:
        raise RuleError(f"SQL {_short(sql)}: has {len(sql):,} characters; at most {MOST_CHARACTERS:,} are read.")
    if _depth(sql) > DEEPEST:
        raise RuleError(f"SQL {_short(sql)}: brackets nest deeper than {DEEPEST}; write it flatter.")
    if "\x00" in sql:
        raise RuleError(f"SQL {_short(sql)}: holds a NUL character; remove it.")
    if "{{" in sql or "{%" in sql:
        raise RuleError(f"SQL {_short(sql)}: holds a template ({{{{ }}}} or {{% %}}), which is not evaluated.")
    try:
        with _quietly():
            trees = [tree for tree in glot.parse(sql, read=dialect) if tree is not None]
    except RecursionError:
        raise RuleError(f"SQL {_short(sql)}: nests too deeply to be read; write it flatter.") from None
    except glot.errors.SqlglotError as problem:
        raise RuleError(f"SQL {_short(sql)}: cannot be read as {dialect}: {where_it_stops(problem)}.") from None
    if not trees:
        raise RuleError(f"SQL {_short(sql)}: is empty; a rule is one condition.")
    if len(trees) != 1:
        raise RuleError(f"SQL {_short(sql)}: holds {len(trees)} statements; a rule is one condition.")
    if sum(1 for _ in trees[0].walk()) > MOST_NODES:
        raise RuleError(f"SQL {_short(sql)}: has more than {MOST_NODES:,} parts; put long lists into a rule file.")
    return trees[0]


def where_it_stops(problem: Exception) -> str:
    """Return in plain words where and why sqlglot stopped reading."""
    found = (getattr(problem, "errors", None) or [{}])[0]
    if "description" not in found:
        return "a quote or a comment is not closed"
    said, near = str(found["description"]), str(found.get("highlight") or "")
    why = next((words for start, words in _STOPPED.items() if said.startswith(start)), "it is not understood")
    return f"at {near!r} (line {found['line']}, column {found['col']}) {why}" if near else why


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep sqlglot's logger from writing beside our own one line."""
    logger = logging.getLogger("sqlglot")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _depth(sql: str) -> int:
    deepest = depth = 0
    for character in sql:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    return deepest


def _refuse(node: Any, sql: str, dialect: str) -> None:
    """Refuse a node that is not on the list, in the words of whoever wrote it."""
    glot = sqlglot_module()
    kind = type(node).__name__
    if kind == "Anonymous" and node.name.lower() in _FUNCTIONS:
        return
    if kind == "Anonymous" or (kind not in _NODES and isinstance(node, glot.exp.Func)):
        name = node.name if kind == "Anonymous" else _called(node, sql, dialect)
        what = f"function {name[:40]} is not among those" if name else f"{_written_as(node, dialect)} is not among what"
        raise RuleError(f"SQL {_short(sql)}: {what} a rule may use.")
    if kind not in _NODES:
        what = _said(kind) or _written_as(node, dialect)
        raise RuleError(f"SQL {_short(sql)}: {what} has no place in a condition on one row.")
    if kind == "DataType" and (node.this.name not in _TYPES or node.args.get("nested")):
        raise RuleError(f"SQL {_short(sql)}: type {node.sql()[:40]} is not among those a rule may use.")
    if kind == "Column" and node.args.get("db") is not None:
        raise RuleError(f"SQL {_short(sql)}: {node.sql()[:60]} names a table elsewhere; a rule sees one row.")
    if kind == "In" and node.args.get("field") is not None:
        raise RuleError(f"SQL {_short(sql)}: {_written_as(node, dialect)} has no list; write IN (a, b).")
    if kind == "In" and any(node.args.get(name) is not None for name in ("query", "unnest")):
        raise RuleError(f"SQL {_short(sql)}: a query has no place in a condition on one row.")


def _said(kind: str) -> str:
    """What people call a part of SQL that is more than an expression; empty: show it as it is written."""
    if kind in _QUERIES:
        return "a query"
    if kind in _STATEMENTS:
        return "a statement"
    return {"Window": "a window", "Placeholder": "a parameter", "Parameter": "a parameter"}.get(kind, "")


def _called(node: Any, sql: str, dialect: str) -> str:
    """A function's name as the condition has it; empty where it is written as an operator or brackets."""
    found = re.match(r"(\w+)\s*\(", _again(node, dialect))
    names = [*([found[1]] if found else []), *type(node).sql_names()]
    written = (re.search(rf"\b{re.escape(name)}\s*\(", sql, re.IGNORECASE) for name in names)
    return next((each[0].rstrip("( \t\n") for each in written if each is not None), "")


def _written_as(node: Any, dialect: str) -> str:
    again = _again(node, dialect)
    return _short(again) if again else "a part of it"


def _again(node: Any, dialect: str) -> str:
    """A part as its dialect writes it; empty where it nests too deeply."""
    try:
        return str(node.sql(dialect=dialect, comments=False))
    except RecursionError:
        return ""


def _columns(tree: Any) -> Iterator[Any]:
    return iter(list(tree.find_all(sqlglot_module().exp.Column, bfs=False)))


def differences(tree: Any, dialect: str) -> str:
    """Return why the engine of the dialect may see other rows than DuckDB; empty if no reason is known."""
    kinds = {type(node).__name__ for node in tree.walk()}
    patterns = [str(node.expression.this) for node in tree.find_all(sqlglot_module().exp.Like) if node.expression]
    texts = any(node.is_string for node in tree.find_all(sqlglot_module().exp.Literal))
    compared = kinds & {"EQ", "NEQ", "In", "Like", "Between", "GT", "LT", "GTE", "LTE"}
    reasons = []
    if dialect in NO_CASE and texts and compared:
        reasons.append(WITHOUT_CASE.format(dialect=dialect))
    if dialect in _WHOLE_DIVISION and "Div" in kinds:
        reasons.append(f"{dialect} divides whole numbers without a rest, here the quotient keeps it")
    if dialect == "tsql" and any("[" in pattern for pattern in patterns):
        reasons.append("[...] in a LIKE pattern is a set of characters there, here it is text")
    if dialect in _BACKSLASH_ESCAPES and "Escape" not in kinds and any("\\" in pattern for pattern in patterns):
        reasons.append("a backslash escapes in a LIKE pattern there, here it is text")
    if dialect not in _KEEPS_LENGTH and any(_is_cut(node) for node in tree.find_all(sqlglot_module().exp.DataType)):
        reasons.append("a cast to a text of a given length cuts the text there, here it stays whole")
    if dialect == "oracle" and texts:
        reasons.append("the empty text is null there, here it is a value")
    if kinds & {"CurrentDate", "CurrentTimestamp"}:
        reasons.append("what holds depends on the day it is run")
    return "; ".join(reasons)


def _is_cut(kind: Any) -> bool:
    """Whether a type is a text of at most so many characters."""
    lengths = (part.this for part in kind.expressions if type(part).__name__ == "DataTypeParam")
    return kind.this.name in _TEXT_TYPES and any(type(length).__name__ == "Literal" for length in lengths)


def _reading(column: Any, kinds: Mapping[str, ColumnKind]) -> str | None:
    """The type a column of texts has to be read as where it stands; None: it is taken as it is."""
    kind = kinds.get(column.name, "other")
    if kind not in {"text", "number_text", "date_text"}:
        return None
    wanted = _wanted(column, kinds)
    if wanted == "number" or (wanted == "pair" and kind == "number_text"):
        return "DOUBLE"
    if wanted == "date":
        return "DATE" if kind == "date_text" else "TIMESTAMP"
    return None


def _wanted(node: Any, kinds: Mapping[str, ColumnKind]) -> str:
    """What the surroundings of a node take it for: number, date, text, pair (another number-like text) or nothing."""
    parent = node.parent
    if parent is None:
        return ""
    kind = type(parent).__name__
    if kind in {"Paren", "Neg"}:
        return "number" if kind == "Neg" else _wanted(parent, kinds)
    if kind in _COMPARISONS | {"Greatest", "Least", "Add", "Sub", "Coalesce", "Nullif", "If", "Case"}:
        return _wanted_beside(node, parent, kinds)
    if kind in _ARITHMETIC:
        return "number"
    if kind in _DATES | _OF_DATES:
        return "" if kind in {"StrToTime", "StrToDate"} else "date"
    return ""


def _wanted_beside(node: Any, parent: Any, kinds: Mapping[str, ColumnKind]) -> str:
    """What the other operands make of a node."""
    kind = type(parent).__name__
    if kind == "If" and parent.this is node:
        return ""
    others = [other for other in parent.iter_expressions() if other is not node]
    if kind == "If":
        others = [other for other in others if other is not parent.this]
    types = {_type(other, kinds) for other in others}
    if "date" in types:
        return "date"
    if kind in {"Add", "Sub"} or "number" in types:
        return "number"
    if kind in {"Coalesce", "If", "Case", "Nullif", "Greatest", "Least"} and not types & {"text"}:
        above = _wanted(parent, kinds)
        return above or ("pair" if types == {"number_text"} else "")
    return "pair" if types == {"number_text"} else ""


def _type(node: Any, kinds: Mapping[str, ColumnKind]) -> str:  # noqa: C901  # one case a node
    """What a node is: number, date, text, column (of texts), number_text (one whose texts all read so) or nothing."""
    kind = type(node).__name__
    if kind == "Column":
        found = kinds.get(node.name, "other")
        return "column" if found in {"text", "date_text"} else found
    if kind == "Literal":
        return "text" if node.is_string else "number"
    if kind in {"Paren", "Neg"}:
        return _type(node.this, kinds)
    if kind in {"Add", "Sub"}:
        inner = {_type(node.this, kinds), _type(node.expression, kinds)}
        return "date" if inner & {"date", "interval"} else "number"
    if kind == "Interval":
        return "interval" if type(node.parent).__name__ not in {"Add", "Sub"} else "date"
    if kind in {"Cast", "TryCast"}:
        name = node.args["to"].this.name
        if name in _DATE_TYPES:
            return "date"
        return "number" if name in _NUMBER_TYPES else "text"
    if kind in {"Coalesce", "Nullif", "Greatest", "Least"}:
        inner = {_type(part, kinds) for part in node.iter_expressions()} & {"number", "date", "text"}
        return inner.pop() if len(inner) == 1 else ""
    if kind in _NUMBER_NODES:
        return "number"
    if kind in _DATE_NODES:
        return "date"
    return "text" if kind in _TEXTS else ""


def _short(sql: str) -> str:
    flat = " ".join(sql[:200].split())
    return repr(flat if len(flat) <= 60 else flat[:57] + "...")
