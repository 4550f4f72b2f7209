"""What each generic test of dbt, dbt_utils and dbt_expectations asserts.

A function takes the column (or none, for a test of the table) and the arguments, removes those it reads, and returns
what must hold. Nulls pass a test written as `where not (condition)`, which most are; where they do not, it is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeAlias

from checks.formats.sql_condition import both, condition
from checks.predicates import (
    AllOf,
    AnyOf,
    Between,
    ForeignKey,
    HasColumn,
    InSet,
    Length,
    Measure,
    Metric,
    Not,
    NotIn,
    NotNull,
    Pattern,
    Predicate,
    Typed,
    Unique,
    ValueType,
)
from checks.rule import Limit
from synth.errors import RuleError

PACKAGES = ("", "dbt", "dbt_utils", "dbt_expectations")
_REFERENCE = re.compile(r"""\A\s*(?:\{\{)?\s*(ref|source)\(([^()]*)\)\s*(?:\}\})?\s*\Z""")
_EXPRESSION = re.compile(r"[()|+*]|::")
_NAMED = re.compile(r"""['"]([^'"]*)['"]""")


class Unsupported(Exception):  # noqa: N818  # no error: a test that has no translation, and why
    """A test that has no translation, and why."""


@dataclass(frozen=True)
class Finding:
    """What a test asserts.

    Attributes:
        predicate: what must hold.
        where: rows it is about.
        differs: how it differs from the test; empty: it does not.
        null_policy: what becomes of nulls.
        limits: how much may fail.
        counted: what the test counts as failures; its thresholds do too.
        blames_column: whether the column it stands under is what it blames.
    """

    predicate: Predicate
    where: Predicate | None = None
    differs: str = ""
    null_policy: str = "native"
    limits: tuple[Limit, ...] = ()
    counted: str = "rows"
    blames_column: bool = False

    @property
    def counts_rows(self) -> bool:
        """Whether its failures are rows, as ours are."""
        return self.counted == "rows"


Given: TypeAlias = dict[str, Any]
Reader: TypeAlias = Callable[[str | None, Given], Finding]


def known(package: str, kind: str) -> Reader | None:
    """Return the test of a package, or None. Tests named expect_... of other packages are read as dbt_expectations'."""
    if package in {"", "dbt"}:
        return _CORE.get(kind)
    if package == "dbt_utils":
        return _UTILS.get(kind)
    return _EXPECTATIONS.get(kind) if package == "dbt_expectations" or kind.startswith("expect_") else None


def table_of(reference: str) -> str:
    """Return the table a `ref('x')` or `source('a', 'x')` names.

    Examples:
        >>> table_of("ref('patients')"), table_of('source("raw", "visits")'), table_of("patients")
        ('patients', 'visits', 'patients')
    """
    read = _REFERENCE.match(reference)
    if read is None:
        if re.fullmatch(r"\w+", reference.strip()):
            return reference.strip()
        raise RuleError(f"{reference!r} names no table; possible: ref('x'), source('a', 'x').")
    names = _NAMED.findall(read[2])
    if not names:
        raise RuleError(f"{reference!r} names no table; possible: ref('x'), source('a', 'x').")
    return str(names[1] if read[1] == "source" and len(names) > 1 else names[-1])


def _field(column: str | None, given: Given, *, expressions: bool = False) -> str:
    field = given.pop("column_name", column)
    if field is None:
        raise RuleError("it stands under no column and has no column_name.")
    if not expressions and _EXPRESSION.search(str(field)):
        raise Unsupported(f"it is about an expression ({field}), not a column")
    return str(field)


def _list_of(given: Given, key: str) -> tuple[Any, ...]:
    values = given.pop(key)
    if not isinstance(values, list) or not values:
        raise RuleError(f"{key} must be a list with values.")
    return tuple(values)


def _row_condition(given: Given) -> tuple[Predicate | None, str]:
    written = given.pop("row_condition", None)
    return (None, "") if written is None else condition(str(written))


def _sql(written: str, *, where: Predicate | None = None, differs: str = "", column: bool = False) -> Finding:
    found, why = condition(written)
    return Finding(found, where, "; ".join(part for part in (differs, why) if part), blames_column=column)


# ------------------------------------------------------------------------------------------------------------ dbt core


def _not_null(column: str | None, given: Given) -> Finding:
    field = _field(column, given, expressions=True)
    return _sql(f"({field}) IS NOT NULL") if _EXPRESSION.search(field) else Finding(NotNull(field))


def _unique(column: str | None, given: Given) -> Finding:
    return Finding(Unique((_field(column, given),)), counted="repeated values")


def _accepted_values(column: str | None, given: Given) -> Finding:
    field, values = _field(column, given, expressions=True), _values(given, "values", "quote")
    if not _EXPRESSION.search(field):
        return Finding(InSet(field, values), counted="distinct values")
    listed = ", ".join(_written(value) for value in values)
    return replace(_sql(f"({field}) IN ({listed})"), counted="distinct values")


def _written(value: Any) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def _values(given: Given, key: str, quote: str) -> tuple[Any, ...]:
    """Listed values: texts if quoted, else numbers, booleans or quoted texts as SQL has them."""
    values, quoted = _list_of(given, key), given.pop(quote, True)
    if quoted:
        return tuple(_as_text(value) for value in values)
    return tuple(_unquoted(value) for value in values)


def _as_text(value: Any) -> str:
    """What a template writes for a value: True, None and 1.0 as Python does."""
    return str(value)


def _unquoted(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value[:1] == value[-1:] == "'" and len(value) > 1:
        return value[1:-1].replace("''", "'")
    if value.lower() in {"true", "false"}:
        return value.lower() == "true"
    try:
        return float(value) if re.search(r"[.eE]", value) else int(value)
    except ValueError:
        raise Unsupported(f"value {value} is not quoted and no number: an expression") from None


def _relationships(column: str | None, given: Given) -> Finding:
    other = table_of(str(given.pop("to")))
    return Finding(ForeignKey((_field(column, given),), other, (str(given.pop("field")),)))


# ----------------------------------------------------------------------------------------------------------- dbt_utils


def _expression_is_true(column: str | None, given: Given) -> Finding:
    column = given.pop("column_name", column)
    where = given.pop("condition", None)  # of versions before 1.0
    written = f"{column} {given.pop('expression')}" if column is not None else str(given.pop("expression"))
    found_where, differs = (None, "") if where is None else condition(str(where))
    return _sql(written, where=found_where, differs=differs)


def _not_null_proportion(column: str | None, given: Given) -> Finding:
    at_least, at_most = (Decimal(str(given.pop(key, default))) for key, default in (("at_least", 0), ("at_most", 1)))
    _no_groups(given)
    field = _field(column, given)
    if at_most < 1:
        return Finding(Measure("null_share", field, float(1 - at_most), float(1 - at_least)))
    return Finding(NotNull(field), limits=(Limit(float(1 - at_least)),), counted="one if the share is too small")


def _no_groups(given: Given) -> None:
    if given.pop("group_by_columns", None) or given.pop("group_by", None):
        raise Unsupported("it is worked out group by group")


def _accepted_range(column: str | None, given: Given) -> Finding:
    inclusive = bool(given.pop("inclusive", True))
    return _range(_field(column, given), given.pop("min_value", None), given.pop("max_value", None), inclusive)


def _range(field: str, low: Any, high: Any, inclusive: bool) -> Finding:  # noqa: FBT001  # one word of the source
    """A value between two numbers; bounds that are SQL are compared as SQL."""
    if low is None and high is None:
        raise RuleError("it has neither min_value nor max_value.")
    least, most = _number(low), _number(high)
    if (low is None or least is not None) and (high is None or most is not None):
        strictly = not inclusive
        ends = strictly and low is not None, strictly and high is not None
        return Finding(Between(field, least, most, *ends, as_="number"))
    written = [
        f"{field} {sign}{'=' if inclusive else ''} {bound}"
        for sign, bound in ((">", low), ("<", high))
        if bound is not None
    ]
    return _sql(" AND ".join(written), column=True)


def _number(bound: Any) -> int | float | None:
    if isinstance(bound, bool) or bound is None:
        return None
    try:
        return bound if isinstance(bound, int | float) else float(str(bound))
    except ValueError:
        return None


def _unique_combination(_: str | None, given: Given) -> Finding:
    given.pop("quote_columns", None)
    fields = tuple(str(name) for name in _list_of(given, "combination_of_columns"))
    return Finding(Unique(fields, nulls="equal"), counted="repeated combinations")


def _relationships_where(column: str | None, given: Given) -> Finding:
    here, differs_here = _side(given, "from_condition")
    there, differs_there = _side(given, "to_condition")
    fields = (_field(column, given),), (str(given.pop("field")),)
    predicate = ForeignKey(fields[0], table_of(str(given.pop("to"))), fields[1], there)
    return Finding(predicate, here, "; ".join(part for part in (differs_here, differs_there) if part))


def _side(given: Given, key: str) -> tuple[Predicate | None, str]:
    written = given.pop(key, None)
    return (None, "") if written is None or str(written).strip() == "1=1" else condition(str(written))


def _not_accepted_values(column: str | None, given: Given) -> Finding:
    return Finding(NotIn(_field(column, given), _values(given, "values", "quote")), counted="distinct values")


def _at_least_one(column: str | None, given: Given) -> Finding:
    _no_groups(given)
    return Finding(Measure("distinct_count", _field(column, given), min=1))


def _not_constant(column: str | None, given: Given) -> Finding:
    _no_groups(given)
    return Finding(
        Measure("distinct_count", _field(column, given), min=2),
        differs="a column without any value passes there, here it does not",
    )


def _not_empty_string(column: str | None, given: Given) -> Finding:
    field = _field(column, given)
    if given.pop("trim_whitespace", True) in {True, "true"}:  # blanks, tabs and ends of lines; not other white space
        return Finding(Pattern(field, r"[^ \t\n\r]", "search"), null_policy="ignore")
    return Finding(NotIn(field, ("",)))


def _never(reason: str) -> Reader:
    def read(_: str | None, given: Given) -> Finding:
        given.clear()
        raise Unsupported(reason)

    return read


# ---------------------------------------------------------------------------------------------------- dbt_expectations


def _with_rows(asserted: Callable[[str | None, Given], Finding]) -> Reader:
    """A test that may have a row_condition."""

    def wrapped(column: str | None, given: Given) -> Finding:
        where, differs = _row_condition(given)
        found = asserted(column, given)
        said = "; ".join(part for part in (found.differs, differs) if part)
        return replace(found, where=both(where, found.where), differs=said)

    return wrapped


def _to_exist(column: str | None, given: Given) -> Finding:
    if given.pop("column_index", None) is not None:
        raise Unsupported("it is about the place of a column among the others")
    given.pop("transform", None)
    return Finding(HasColumn(_field(column, given)), counted="columns")


def _to_be_null(column: str | None, given: Given) -> Finding:
    return Finding(Not(NotNull(_field(column, given))))


def _compound_unique(column: str | None, given: Given) -> Finding:
    given.pop("quote_columns", None)
    missing = str(given.pop("ignore_row_if", "all_values_are_missing"))
    names = [column] if column is not None and "column_list" not in given else _list_of(given, "column_list")
    fields = tuple(str(name) for name in names)
    if missing == "any_value_is_missing" or (len(fields) == 1 and missing != "never"):
        return Finding(Unique(fields), counted="repeated combinations")
    some = AnyOf(tuple(NotNull(name) for name in fields)) if missing == "all_values_are_missing" else None
    return Finding(Unique(fields, nulls="equal"), some, counted="repeated combinations")


def _in_set(column: str | None, given: Given) -> Finding:
    """A value that joins with none of the set fails; a null joins with none."""
    return Finding(InSet(_field(column, given), _values(given, "value_set", "quote_values")), null_policy="fail")


def _not_in_set(column: str | None, given: Given) -> Finding:
    return Finding(NotIn(_field(column, given), _values(given, "value_set", "quote_values")))


def _between(column: str | None, given: Given) -> Finding:
    low, high = given.pop("min_value", None), given.pop("max_value", None)
    return _range(_field(column, given), low, high, not given.pop("strictly", False))


def _lengths(column: str | None, given: Given) -> Finding:
    strictly = int(bool(given.pop("strictly", False)))
    low, high = (given.pop(key, None) for key in ("min_value", "max_value"))
    return Finding(
        Length(
            _field(column, given),
            None if low is None else int(low) + strictly,
            None if high is None else int(high) - strictly,
        )
    )


def _length(column: str | None, given: Given) -> Finding:
    value = int(given.pop("value"))
    return Finding(Length(_field(column, given), value, value))


def _regex(*, wanted: bool) -> Reader:
    def read(column: str | None, given: Given) -> Finding:
        flags = str(given.pop("flags", "") or "")
        raw = given.pop("is_raw", None)
        if flags not in {"", "i", "c"} or raw:
            raise Unsupported(f"flags {flags!r} of a pattern are not read" if flags else "is_raw is not read")
        several = [
            str(regex) for regex in ([given.pop("regex")] if "regex" in given else _list_of(given, "regex_list"))
        ]
        every = str(given.pop("match_on", "any")) == "all"
        field = _field(column, given)
        parts = tuple(
            found if wanted else Not(found)
            for found in (Pattern(field, f"(?i:{regex})" if flags == "i" else regex, "search") for regex in several)
        )
        if len(parts) == 1:
            return Finding(parts[0], null_policy="ignore")
        return Finding((AllOf if every else AnyOf)(parts), null_policy="ignore")

    return read


def _like(*, wanted: bool) -> Reader:
    def read(column: str | None, given: Given) -> Finding:
        several = [given.pop("like_pattern")] if "like_pattern" in given else _list_of(given, "like_pattern_list")
        every = str(given.pop("match_on", "any")) == "all"
        field = _field(column, given)
        quoted = ["'" + str(pattern).replace("'", "''") + "'" for pattern in several]
        word = " AND " if every else " OR "
        return _sql(word.join(f"{field} {'' if wanted else 'NOT '}LIKE {pattern}" for pattern in quoted), column=True)

    return read


def _pair(operator: str | None) -> Reader:
    def read(_: str | None, given: Given) -> Finding:
        or_equal = bool(given.pop("or_equal", False))
        sign = operator or (">=" if or_equal else ">")
        if given.pop("ignore_row_if", None) not in {None, "never"}:
            raise Unsupported("ignore_row_if is not read")
        return _sql(f"{given.pop('column_A')} {sign} {given.pop('column_B')}")

    return read


def _is_true(_: str | None, given: Given) -> Finding:
    _no_groups(given)
    if given.pop("test_condition", "= true") != "= true":
        raise Unsupported("a test_condition other than '= true' is not read")
    return _sql(str(given.pop("expression")))


def _within_record(_: str | None, given: Given) -> Finding:
    given.pop("quote_columns", None)
    names = [str(name) for name in _list_of(given, "column_list")]
    missing = str(given.pop("ignore_row_if", "all_values_are_missing"))
    if missing != "any_value_is_missing":
        raise Unsupported(f"ignore_row_if {missing} makes nulls equal to one another within a record")
    pairs = [f"{a} <> {b}" for index, a in enumerate(names) for b in names[index + 1 :]]
    where = AllOf(tuple(NotNull(name) for name in names))
    return _sql(" AND ".join(pairs), where=where)


def _sum_equals(_: str | None, given: Given) -> Finding:
    given.clear()
    raise Unsupported("it adds up columns over all rows")


_TYPES: dict[str, ValueType] = {
    **dict.fromkeys(("varchar", "text", "string", "char", "character varying", "nvarchar"), "text"),
    **dict.fromkeys(("int", "integer", "bigint", "smallint", "tinyint", "int64", "int32", "int8", "int4"), "integer"),
    **dict.fromkeys(("float", "double", "double precision", "real", "numeric", "decimal", "number"), "number"),
    "float64": "number",
    **dict.fromkeys(("bool", "boolean"), "boolean"),
    "date": "date",
    "time": "time",
    **dict.fromkeys(
        ("datetime", "datetime2", "timestamp", "timestamptz", "timestamp_ntz", "timestampntz", "timestamp_ltz",
         "timestampltz", "timestamp_tz", "datetimeoffset", "timestamp without time zone", "timestamp with time zone"),
        "datetime",
    ),
}  # fmt: skip


def _types(column: str | None, given: Given) -> Finding:
    names = given.pop("column_type_list") if "column_type_list" in given else [given.pop("column_type")]
    if not isinstance(names, list) or not names:
        raise RuleError("column_type_list must be a list with types.")
    kinds = dict.fromkeys(_TYPES.get(str(name).lower().partition("(")[0].strip()) for name in names)
    if None in kinds and not any(kinds):
        raise Unsupported(f"type {names[0]} is not known")
    field = _field(column, given)
    parts = tuple(Typed(field, kind) for kind in kinds if kind is not None)
    return Finding(
        parts[0] if len(parts) == 1 else AnyOf(parts),
        differs="the type of the column is not known from its rows; every value is read as the type instead",
        counted="columns",
    )


def _measured(metric: Metric, *, exactly: bool = False) -> Reader:
    """A number worked out of a column or table, between two bounds or exactly one value."""

    def read(column: str | None, given: Given) -> Finding:
        _no_groups(given)
        strictly = bool(given.pop("strictly", False))
        if exactly:
            low = high = given.pop("value")
        else:
            low, high = given.pop("min_value", None), given.pop("max_value", None)
        if low is None and high is None:
            raise RuleError("it has no bound.")
        least, most = _number(low), _number(high)
        if (low is not None and least is None) or (high is not None and most is None):
            raise Unsupported("a bound that is SQL is not worked out")
        field = None if metric in {"row_count", "column_count"} else _field(column, given)
        ends = strictly and low is not None, strictly and high is not None
        return Finding(Measure(metric, field, least, most, *ends), counted="one if the number lies outside")

    return read


def _distinct(*, above: bool) -> Reader:
    def read(column: str | None, given: Given) -> Finding:
        _no_groups(given)
        value, field = _number(given.pop("value")), _field(column, given)
        bound = {"min": value, "exclude_min": True} if above else {"max": value, "exclude_max": True}
        return Finding(Measure("distinct_count", field, **bound))  # type: ignore[arg-type]

    return read


def _distinct_in_set(column: str | None, given: Given) -> Finding:
    values = _values(given, "value_set", "quote_values")
    return Finding(InSet(_field(column, given), values), null_policy="fail", counted="distinct values")


def _columns_of(_: str | None, given: Given) -> Finding:
    names = [str(name) for name in _list_of(given, "column_list")]
    given.pop("transform", None)
    if len(names) > 1:
        raise Unsupported("it names several columns; has_column is about one")
    return Finding(HasColumn(names[0]), counted="columns")


_OTHER_TABLE = _never("it holds a number of one table against that of another")
_ORDER = _never("it depends on the order of rows")
_GROUPS = _never("it is worked out group by group over time or sorted rows")

_CORE: dict[str, Reader] = {
    "not_null": _not_null,
    "unique": _unique,
    "accepted_values": _accepted_values,
    "relationships": _relationships,
}
_UTILS: dict[str, Reader] = {
    "expression_is_true": _expression_is_true,
    "not_null_proportion": _not_null_proportion,
    "accepted_range": _accepted_range,
    "unique_combination_of_columns": _unique_combination,
    "relationships_where": _relationships_where,
    "not_accepted_values": _not_accepted_values,
    "at_least_one": _at_least_one,
    "not_constant": _not_constant,
    "not_empty_string": _not_empty_string,
    "cardinality_equality": _OTHER_TABLE,
    "equal_rowcount": _OTHER_TABLE,
    "equality": _OTHER_TABLE,
    "fewer_rows_than": _OTHER_TABLE,
    "mutually_exclusive_ranges": _ORDER,
    "sequential_values": _ORDER,
    "recency": _never("it depends on the day it is run"),
}
_EXPECTATIONS: dict[str, Reader] = {
    "expect_column_to_exist": _to_exist,
    "expect_column_values_to_not_be_null": _with_rows(_not_null),
    "expect_column_values_to_be_null": _with_rows(_to_be_null),
    "expect_column_values_to_be_unique": _with_rows(_compound_unique),
    "expect_compound_columns_to_be_unique": _with_rows(_compound_unique),
    "expect_column_values_to_be_in_set": _with_rows(_in_set),
    "expect_column_values_to_not_be_in_set": _with_rows(_not_in_set),
    "expect_column_values_to_be_between": _with_rows(_between),
    "expect_column_values_to_be_in_type_list": _types,
    "expect_column_values_to_be_of_type": _types,
    "expect_column_values_to_match_regex": _with_rows(_regex(wanted=True)),
    "expect_column_values_to_not_match_regex": _with_rows(_regex(wanted=False)),
    "expect_column_values_to_match_regex_list": _with_rows(_regex(wanted=True)),
    "expect_column_values_to_not_match_regex_list": _with_rows(_regex(wanted=False)),
    "expect_column_values_to_match_like_pattern": _with_rows(_like(wanted=True)),
    "expect_column_values_to_not_match_like_pattern": _with_rows(_like(wanted=False)),
    "expect_column_values_to_match_like_pattern_list": _with_rows(_like(wanted=True)),
    "expect_column_values_to_not_match_like_pattern_list": _with_rows(_like(wanted=False)),
    "expect_column_value_lengths_to_be_between": _with_rows(_lengths),
    "expect_column_value_lengths_to_equal": _with_rows(_length),
    "expect_column_pair_values_A_to_be_greater_than_B": _with_rows(_pair(None)),
    "expect_column_pair_values_to_be_equal": _with_rows(_pair("=")),
    "expect_select_column_values_to_be_unique_within_record": _with_rows(_within_record),
    "expect_multicolumn_sum_to_equal": _sum_equals,
    "expression_is_true": _with_rows(_is_true),
    "expect_column_distinct_values_to_be_in_set": _with_rows(_distinct_in_set),
    "expect_column_distinct_count_to_equal": _with_rows(_measured("distinct_count", exactly=True)),
    "expect_column_distinct_count_to_be_greater_than": _with_rows(_distinct(above=True)),
    "expect_column_distinct_count_to_be_less_than": _with_rows(_distinct(above=False)),
    "expect_column_unique_value_count_to_be_between": _with_rows(_measured("distinct_count")),
    "expect_column_proportion_of_unique_values_to_be_between": _with_rows(_measured("distinct_share")),
    "expect_column_max_to_be_between": _with_rows(_measured("max")),
    "expect_column_min_to_be_between": _with_rows(_measured("min")),
    "expect_column_mean_to_be_between": _with_rows(_measured("mean")),
    "expect_column_median_to_be_between": _with_rows(_measured("median")),
    "expect_column_stdev_to_be_between": _with_rows(_measured("stdev")),
    "expect_column_sum_to_be_between": _with_rows(_measured("sum")),
    "expect_table_row_count_to_be_between": _with_rows(_measured("row_count")),
    "expect_table_row_count_to_equal": _with_rows(_measured("row_count", exactly=True)),
    "expect_table_column_count_to_be_between": _measured("column_count"),
    "expect_table_column_count_to_equal": _measured("column_count", exactly=True),
    "expect_table_columns_to_contain_set": _columns_of,
    "expect_table_row_count_to_equal_other_table": _OTHER_TABLE,
    "expect_table_row_count_to_equal_other_table_times_factor": _OTHER_TABLE,
    "expect_table_column_count_to_equal_other_table": _OTHER_TABLE,
    "expect_column_distinct_count_to_equal_other_table": _OTHER_TABLE,
    "expect_column_values_to_be_increasing": _ORDER,
    "expect_column_values_to_be_decreasing": _ORDER,
    "expect_row_values_to_have_recent_data": _never("it depends on the day it is run"),
    "expect_row_values_to_have_data_for_every_n_datepart": _GROUPS,
    "expect_column_values_to_be_within_n_stdevs": _GROUPS,
    "expect_column_values_to_be_within_n_moving_stdevs": _GROUPS,
}
