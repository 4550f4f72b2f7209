"""Rules written as SQL: one query per rule that returns the records that fail, in DuckDB's SQL or another dialect.

`checks.formats.sql_file` reads the queries about single records back, in every dialect; those about groups, other
tables or whole tables are for a database. What cannot be carried or read back is said, rule by rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from checks.coverage import Coverage
from checks.lost_words import in_words
from checks.patterns import depends_on_dialect, engine_of, for_re2
from checks.predicates import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    Expression,
    ForeignKey,
    FunctionalDependency,
    InSet,
    Length,
    Measure,
    Multiple,
    Not,
    NotBlank,
    NotIn,
    NotNull,
    Pattern,
    Predicate,
    ReadAs,
    Typed,
    Unique,
    fields_of,
    kind_of,
    parts_of,
)
from checks.rule import Rule
from checks.sql_expression import (
    NO_CASE,
    WITHOUT_CASE,
    differences,
    known_dialect,
    read_expression,
    sqlglot_module,
)
from synth.errors import RuleError

_SPACE = r"[\s\x{0b}\x{1c}-\x{1f}\x{85}\p{Z}]*"
_NUMBER = r" *[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)? *"
_ISO_DATE = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_WRAPPED = {"full": r"\A(?:{})\z", "start": r"\A(?:{})", "search": "(?:{})"}
_ELSEWHERE = {"full": "^(?:{})$", "start": "^(?:{})", "search": "{}"}
_NO_TRUTH = ("oracle", "tsql")
_TYPES = {"integer": r"[+-]?[0-9]+", "boolean": "true|false|True|False|TRUE|FALSE|1|0"}
_NO_TRY = ("mysql", "oracle", "postgres", "redshift", "sqlite")
_OPERATORS = {"==": "=", "!=": "<>"}
_TABLE = "records"
NOT_READ_BACK = "to be run in a database: a query about more than one record is not read back as a rule"
_MORE_THAN_ONE = (Unique, FunctionalDependency, ForeignKey, Measure)


class _CannotBeCarried(Exception):  # noqa: N818  # caught where it is raised
    """SQL has no words for a rule."""


@dataclass
class _Notes:
    """The dialect, and what its engine may see differently in the rule that is being written."""

    dialect: str
    told: tuple[str, ...] = ()

    def tell(self, reason: str) -> None:
        self.told += () if reason in self.told else (reason,)

    def matches(self, field: str, regex: str, how: str = "full") -> str:
        """The text matches a pattern; in DuckDB it is read as here, by RE2."""
        if self.dialect != "duckdb":
            self.tell(f"patterns are read by the engine of {self.dialect}")
            if self.dialect == "snowflake" and how != "full":
                raise _CannotBeCarried("snowflake matches whole texts only")
        wrapped = _WRAPPED if self.dialect == "duckdb" else _ELSEWHERE
        return f"REGEXP_MATCHES({_words(field)}, {_text(wrapped[how].format(regex))})"

    def compares(self) -> None:
        """Values are compared that may be texts."""
        if self.dialect in NO_CASE:
            self.tell(WITHOUT_CASE.format(dialect=self.dialect))

    def blank(self, field: str) -> str:
        """The text is empty or only white space; null where it is null."""
        if self.dialect == "duckdb":
            return self.matches(field, _SPACE)
        self.tell("white space other than spaces is no blank there")
        return f"TRIM({_words(field)}) = ''"

    def number(self, field: str) -> str:
        """The text as a number, null where it is none."""
        if self.dialect in _NO_TRY:
            self.tell(f"{self.dialect} stops at a text that is no number")
        return f"TRY_CAST({_words(field)} AS DOUBLE)"

    def writes(self, how: str) -> None:
        """Say so where a value that is no text is written in another way than the rule asks for."""
        if how != "short":
            self.tell(f"a value that is no text is judged by what {self.dialect} writes")

    def truth(self, written: str) -> str:
        """A truth value used as a value, which not every dialect has."""
        if self.dialect in _NO_TRUTH:
            raise _CannotBeCarried(f"{self.dialect} has no truth values that CASE or COALESCE could give")
        return written


def to_sql(rules: Iterable[Rule], *, dialect: str = "duckdb") -> tuple[str, tuple[Coverage, ...]]:
    r"""Write rules as queries that return the records that fail.

    Args:
        rules: rules; one that names no system is about the table `records`.
        dialect: one of `checks.sql_expression.DIALECTS`.

    Returns:
        The text, one query per rule that can be carried, and what became of every rule.

    Examples:
        >>> text, coverage = to_sql([Rule("zip", Pattern("zip", "[0-9]{5}"), system="visits", null_policy="ignore")])
        >>> print(text, end="")
        -- id: zip
        -- severity: error
        SELECT * FROM "visits" WHERE NOT (REGEXP_MATCHES(CAST("zip" AS TEXT), '\A(?:[0-9]{5})\z'));
        >>> [entry.status for entry in coverage]
        ['exact']
    """
    dialect = known_dialect(dialect)
    parts, coverage = [], []
    for rule in rules:
        notes = _Notes(dialect)
        try:
            query = _in_dialect(_query(rule, notes), notes)
        except (_CannotBeCarried, RuleError) as problem:
            coverage.append(Coverage(rule.id, "unsupported", str(problem), kind_of(rule.predicate)))
            continue
        reasons = list(notes.told)
        if rule.threshold is not None or rule.limits:
            reasons.append("its threshold is left out")
        status = "approximate" if reasons else "exact"
        if _is_for_a_database(rule):
            reasons.append(NOT_READ_BACK)
        coverage.append(Coverage(rule.id, status, "; ".join(reasons), kind_of(rule.predicate)))
        name = " ".join(rule.id.split())
        parts.append(f"-- id: {name}\n-- severity: {rule.severity}\n{query};\n")
    head = "" if dialect == "duckdb" or not parts else f"-- dialect: {dialect}\n\n"
    return head + "\n".join(parts), tuple(coverage)


def _is_for_a_database(rule: Rule) -> bool:
    """Whether the query is about more than single records, so that it is not read back."""
    left = [rule.predicate, *([rule.where] if rule.where is not None else [])]
    while left:
        predicate = left.pop()
        if isinstance(predicate, _MORE_THAN_ONE):
            return True
        left += parts_of(predicate)
    return False


def _in_dialect(query: str, notes: _Notes) -> str:
    glot = sqlglot_module()
    tree = glot.parse_one(query, read="duckdb")
    for reason in filter(None, differences(tree, notes.dialect).split("; ")):
        notes.tell(reason)
    return str(tree.sql(dialect=notes.dialect, unsupported_level=glot.ErrorLevel.IGNORE))


def _query(rule: Rule, notes: _Notes) -> str:
    """The records of a rule's table that fail, in DuckDB's SQL."""
    table = _name(rule.system or _TABLE)
    where = "" if rule.where is None else _condition(rule.where, "native", notes, table)
    predicate, policy = rule.predicate, rule.null_policy
    if isinstance(predicate, Unique):
        notes.compares()
        return _repeated(predicate, policy, table, where)
    if isinstance(predicate, FunctionalDependency):
        notes.compares()
        return _disagreeing(predicate, policy, notes, table, where)
    if isinstance(predicate, Measure):
        return _measured(predicate, policy, notes, table, where)
    held = _condition(predicate, policy, notes, table)
    return f"SELECT * FROM {table} WHERE NOT ({held})" + (f" AND ({where})" if where else "")


def _condition(predicate: Predicate, policy: str, notes: _Notes, table: str) -> str:
    """What holds for a record: true, false, or null where it cannot be evaluated."""
    match predicate:
        case AllOf(of=parts):
            return " AND ".join(f"({_condition(part, policy, notes, table)})" for part in parts)
        case AnyOf(of=parts):
            return " OR ".join(f"({_condition(part, policy, notes, table)})" for part in parts)
        case Not(of=part):
            if policy == "fail" and type(part) in _LEAVES:
                return notes.truth(f"COALESCE(NOT ({_LEAVES[type(part)](part, notes, table)}), FALSE)")
            return f"NOT ({_condition(part, policy, notes, table)})"
        case NotNull(field=field):
            return f"{_name(field)} IS NOT NULL"
        case NotBlank(field=field):
            blank = notes.blank(field)
            return f"NOT ({blank}) AND {_name(field)} IS NOT NULL"
    if isinstance(predicate, ReadAs) and _is_plain(predicate):
        return _reading(predicate, policy, notes, table)
    writer = _LEAVES.get(type(predicate))
    if writer is None:
        known = in_words(predicate)
        raise _CannotBeCarried(
            f"{known}, which SQL has no words for here"
            if known
            else f"{kind_of(predicate)} is no condition that SQL has words for here"
        )
    written: str = writer(predicate, notes, table)
    fails_nulls = policy == "fail" or (policy == "native" and isinstance(predicate, Pattern))
    return notes.truth(f"COALESCE({written}, FALSE)") if fails_nulls else written


def _is_plain(predicate: ReadAs) -> bool:
    """Whether texts are read as texts or numbers as they stand, for a condition on one field that SQL can say."""
    as_they_stand = ReadAs(predicate.of, predicate.type, regex=predicate.regex, unread=predicate.unread)
    inner = predicate.of
    if predicate != as_they_stand or predicate.type not in {"text", "number"}:
        return False
    if predicate.type == "text":
        return isinstance(inner, (InSet, NotIn, Pattern, Length))
    numbers = isinstance(inner, (InSet, NotIn)) and all(type(value) in {int, float} for value in inner.values)
    anything = isinstance(inner, Length) and inner.max is None and not inner.min
    between = isinstance(inner, Between) and all(_of_numbers(inner))
    return numbers or anything or between or isinstance(inner, Multiple)


def _of_numbers(between: Between) -> list[bool]:
    """For each bound, whether it is a number and compared as such."""
    compared = between.as_ in {"auto", "number"} and between.stored in {"any", "number"}
    return [compared and _is_number(bound) for bound in (between.min, between.max) if bound is not None]


def _reading(predicate: ReadAs, policy: str, notes: _Notes, table: str) -> str:
    """A condition on what a text reads as; what does not read is null, or fails."""
    inner = predicate.of
    field = fields_of(inner)[0]
    notes.tell(f"a value that is not stored as text is judged by what {notes.dialect} writes of it")
    read = [notes.matches(field, _NUMBER)] if predicate.type == "number" else []
    if predicate.regex:
        if engine_of(predicate.regex, "ascii") != "re2":
            raise _CannotBeCarried("its pattern needs look-around or back-references, which SQL engines do not have")
        read.append(notes.matches(field, predicate.regex))
    if isinstance(inner, Multiple):
        step, number = float(inner.step), notes.number(field)
        held = f"{number} % {step:g} = 0" if step % 1 == 0 else f"{number} / {step!r} % 1 = 0"
    else:
        held = _LEAVES[type(inner)](inner, notes, table)
    if read:
        unread = "FALSE" if predicate.unread == "fail" else "NULL"
        held = f"CASE WHEN {_name(field)} IS NULL THEN NULL WHEN {' AND '.join(read)} THEN {held} ELSE {unread} END"
    fails_nulls = policy == "fail" or (policy == "native" and isinstance(inner, Pattern))
    return notes.truth(f"COALESCE({held}, FALSE)" if fails_nulls else held)


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _words(field: str) -> str:
    return f"CAST({_name(field)} AS VARCHAR)"


def _listed(predicate: InSet | NotIn, notes: _Notes, _: str) -> str:
    given = predicate.values
    field = _name(predicate.field)
    if any(isinstance(value, str) for value in given):
        values = [str(value) for value in given]
        if predicate.trim:
            notes.tell("only spaces are trimmed")
            field, values = f"TRIM({_words(predicate.field)})", [value.strip() for value in values]
        if predicate.ignore_case:
            field, values = f"LOWER({field})", [value.lower() for value in values]
        listed = ", ".join(_text(value) for value in values)
    elif predicate.stored == "datetime":
        listed = ", ".join(f"CAST({_text(str(value))} AS TIMESTAMP)" for value in given)
    elif all(isinstance(value, bool) for value in given):
        listed = ", ".join(str(value).upper() for value in given)
    else:
        notes.tell("texts are compared with the numbers as numbers")
        field, listed = notes.number(predicate.field), ", ".join(str(value) for value in given)
    return f"{field} {'NOT ' if isinstance(predicate, NotIn) else ''}IN ({listed})"


def _pattern(predicate: Pattern, notes: _Notes, _: str) -> str:
    if engine_of(predicate.regex, predicate.dialect) != "re2":
        raise _CannotBeCarried("its pattern needs look-around or back-references, which SQL engines do not have")
    notes.writes(predicate.written)
    if predicate.dialect == "ascii":
        return notes.matches(predicate.field, predicate.regex, predicate.how)
    if depends_on_dialect(predicate.regex):
        notes.tell(f"in {notes.dialect} \\d, \\w, \\s, \\b and letters without case are not Python's, and $ is the end")
    return notes.matches(predicate.field, for_re2(predicate.regex), predicate.how)


def _length(predicate: Length, notes: _Notes, _: str) -> str:
    if notes.dialect == "tsql":
        notes.tell("LEN of tsql does not count spaces at the end")
    notes.writes(predicate.written)
    length = f"LENGTH({_words(predicate.field)})"
    return f"{length} >= {predicate.min or 0}" + ("" if predicate.max is None else f" AND {length} <= {predicate.max}")


def _between(predicate: Between, notes: _Notes, _: str) -> str:
    bounds = [bound for bound in (predicate.min, predicate.max) if bound is not None]
    if predicate.as_ == "stored":
        notes.tell("an ordered category has the order of its values there")
    guessed = predicate.stored == "any" and predicate.as_ == "auto" and all(_is_number(bound) for bound in bounds)
    if predicate.as_ == "number" or predicate.stored == "number" or guessed:
        return _read(predicate, _NUMBER, notes.number(predicate.field), lambda bound: str(float(bound)), notes)
    if predicate.as_ == "date":
        return _read(predicate, _ISO_DATE, f"LEFT({_words(predicate.field)}, 10)", lambda b: _text(str(b)), notes)
    return _inside(predicate, _name(predicate.field), lambda bound: _text(str(bound)))


def _is_number(bound: Any) -> bool:
    try:
        float(bound)
    except (TypeError, ValueError):
        return False
    return True


def _read(predicate: Between, regex: str, read: str, write: Callable[[Any], str], notes: _Notes) -> str:
    """A text read as something: a blank is null, what does not read is outside."""
    inside, field = _inside(predicate, read, write), predicate.field
    return notes.truth(
        f"CASE WHEN {_name(field)} IS NULL OR {notes.blank(field)} THEN NULL "
        f"WHEN NOT {notes.matches(field, regex)} THEN FALSE ELSE {inside} END"
    )


def _inside(predicate: Between, read: str, write: Callable[[Any], str]) -> str:
    parts = []
    if predicate.min is not None:
        parts.append(f"{read} {'>' if predicate.exclude_min else '>='} {write(predicate.min)}")
    if predicate.max is not None:
        parts.append(f"{read} {'<' if predicate.exclude_max else '<='} {write(predicate.max)}")
    return " AND ".join(parts) or f"{read} IS NOT NULL"


def _compare(predicate: Compare, notes: _Notes, _: str) -> str:
    operator = _OPERATORS.get(predicate.operator, predicate.operator)
    if predicate.as_ == "number":
        return f"{notes.number(predicate.left)} {operator} {notes.number(predicate.right)}"
    if predicate.as_ == "date":
        sides = [
            f"CASE WHEN {notes.matches(field, _ISO_DATE)} THEN {_words(field)} END"
            for field in (predicate.left, predicate.right)
        ]
        return f"({sides[0]}) {operator} ({sides[1]})"
    notes.compares()
    return f"{_name(predicate.left)} {operator} {_name(predicate.right)}"


def _typed(predicate: Typed, notes: _Notes, _: str) -> str:
    if predicate.type not in _TYPES:
        raise _CannotBeCarried(f"type {predicate.type} is read by rules of casegauge's own")
    notes.tell("a value stored as a number or boolean is judged by its text")
    return notes.matches(predicate.field, _TYPES[predicate.type])


def _foreign_key(predicate: ForeignKey, notes: _Notes, table: str) -> str:
    notes.compares()
    other = _name(predicate.system)
    pairs = zip(predicate.fields, predicate.other_fields, strict=True)
    joined = " AND ".join(f"there.{_name(theirs)} = {table}.{_name(own)}" for own, theirs in pairs)
    counting = ""
    if predicate.other_where is not None:
        counting = f" AND ({_condition(predicate.other_where, 'native', notes, other)})"
    null = " OR ".join(f"{_name(field)} IS NULL" for field in predicate.fields)
    found = f"EXISTS (SELECT 1 FROM {other} AS there WHERE {joined}{counting})"
    return notes.truth(f"CASE WHEN {null} THEN NULL ELSE {found} END")


def _expression(predicate: Expression, notes: _Notes, _: str) -> str:
    read = read_expression(predicate.sql, predicate.dialect)
    if read.differs:
        notes.tell(read.differs)
    return str(read.tree.sql(dialect="duckdb", comments=False, identify=True))


def _repeated(predicate: Unique, policy: str, table: str, where: str) -> str:
    if predicate.repeats == "later":
        raise _CannotBeCarried("SQL knows no first record of several; rows have no order there")
    fields = ", ".join(_name(field) for field in predicate.fields)
    null = " OR ".join(f"{_name(field)} IS NULL" for field in predicate.fields)
    among = f" WHERE {where}" if where else ""
    counted = f"SELECT *, COUNT(*) OVER (PARTITION BY {fields}) AS n_same FROM {table}{among}"
    if predicate.nulls == "equal":
        return f"SELECT * FROM ({counted}) AS counted WHERE n_same > 1"
    bad = f"{null} OR n_same > 1" if policy == "fail" else f"n_same > 1 AND NOT ({null})"
    return f"SELECT * FROM ({counted}) AS counted WHERE {bad}"


def _disagreeing(predicate: FunctionalDependency, policy: str, notes: _Notes, table: str, where: str) -> str:
    blank = " OR ".join(f"{_name(field)} IS NULL OR {notes.blank(field)}" for field in predicate.left)
    left = ", ".join(_name(field) for field in predicate.left)
    value = "CASE WHEN {m} THEN NULL ELSE {f} END"
    values = [value.format(m=notes.blank(field), f=_name(field)) for field in predicate.right]
    group = f"OVER (PARTITION BY {left})"
    extra = ", ".join(
        f"{v} AS value_{n}, MIN({v}) {group} AS least_{n}, MAX({v}) {group} AS most_{n}" for n, v in enumerate(values)
    )
    among = f" WHERE {where}" if where else ""
    bad = " OR ".join(f"(value_{n} IS NOT NULL AND least_{n} <> most_{n})" for n in range(len(values)))
    judged = f"({blank}) OR {bad}" if policy == "fail" else f"NOT ({blank}) AND ({bad})"
    return f"SELECT * FROM (SELECT *, {extra} FROM {table}{among}) AS held WHERE {judged}"


_METRICS = {
    "row_count": "COUNT(*)",
    "null_count": "COUNT(*) - COUNT({field})",
    "null_share": "(COUNT(*) - COUNT({field})) / NULLIF(COUNT(*), 0)",
    "distinct_count": "COUNT(DISTINCT {field})",
    "distinct_share": "COUNT(DISTINCT {field}) / NULLIF(COUNT({field}), 0)",
}


def _measured(predicate: Measure, policy: str, notes: _Notes, table: str, where: str) -> str:
    """One row with the number if it lies outside, else none."""
    among = f" WHERE {where}" if where else ""
    if predicate.metric == "failing_count" and predicate.of is not None:
        held = _condition(predicate.of, policy, notes, table)
        value = f"COUNT(CASE WHEN NOT ({held}) THEN 1 END)"
    elif predicate.metric in _METRICS:
        value = _METRICS[predicate.metric].format(field=_name(predicate.field or ""))
    else:
        raise _CannotBeCarried(f"{predicate.metric} reads texts as numbers, which SQL does in many ways")
    if predicate.of_nothing is not None:
        value = f"COALESCE({value}, {predicate.of_nothing})"
    bounds = Between("value", predicate.min, predicate.max, predicate.exclude_min, predicate.exclude_max)
    inside = _inside(bounds, "measured", str)
    inside = f"NOT ({inside})" if predicate.outside else inside
    found = f"SELECT {value} AS measured FROM {table}{among}"
    return f"SELECT * FROM ({found}) AS whole WHERE measured IS NULL OR NOT ({inside})"


_LEAVES: dict[type[Any], Callable[[Any, _Notes, str], str]] = {
    InSet: _listed,
    NotIn: _listed,
    Pattern: _pattern,
    Length: _length,
    Between: _between,
    Compare: _compare,
    Typed: _typed,
    ForeignKey: _foreign_key,
    Expression: _expression,
}
