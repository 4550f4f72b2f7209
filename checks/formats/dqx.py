"""Databricks DQX checks as YAML or JSON: a list of functions with arguments, criticality and filter.

Spark's three-valued logic lets a null pass every check but those whose name says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

from checks.formats.collector import Collector
from checks.formats.source import Place, Source
from checks.formats.sql_condition import condition
from checks.predicates import (
    AllOf,
    Between,
    ForeignKey,
    InSet,
    Measure,
    Metric,
    Not,
    NotIn,
    NotNull,
    Pattern,
    Predicate,
    Strftime,
    Typed,
    Unique,
)
from synth.errors import RuleError

DIALECT = "databricks"
_EXPRESSION = re.compile(r"[()|+*/\[\]]|::|\s")
_AGGREGATES: dict[str, Metric] = {
    "avg": "mean", "min": "min", "max": "max", "sum": "sum", "stddev": "stdev", "median": "median",
}  # fmt: skip
_JAVA_DATES = (
    ("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"),
)  # fmt: skip
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_KEYS = ("name", "criticality", "check", "filter", "user_metadata")
_RENAMED = {"col_name": "column", "col_names": "columns"}  # of versions before 0.6


class _Unsupported(Exception):  # noqa: N818  # caught where it is raised
    """A check that has no translation, and why."""


@dataclass(frozen=True)
class _Finding:
    """What a function asserts, which rows it is about, what becomes of nulls, and how it differs."""

    predicate: Predicate
    null_policy: str = "native"
    differs: str = ""
    where: Predicate | None = None


Given: TypeAlias = dict[str, Any]


def translate(source: Source, collector: Collector) -> None:
    """Translate every check; one with for_each_column is one rule for each of the columns."""
    tree = source.tree
    entries = tree.get("checks", [tree]) if isinstance(tree, dict) else tree
    place: Place = ("checks",) if isinstance(tree, dict) and "checks" in tree else ()
    for index, entry in enumerate(source.sequence(entries, place)):
        at: Place = (*place, index)
        given = source.mapping(entry, at)
        check = given.get("check")
        if not isinstance(check, dict) or "function" not in check:
            collector.error(str(given.get("name") or f"check-{index + 1}"), "it has no check with a function", at)
            continue
        columns = check.get("for_each_column")
        for column in columns if isinstance(columns, list) and columns else [None]:
            _check(collector, given, check, column, at)


def _check(collector: Collector, given: Given, check: Given, column: Any, place: Place) -> None:
    function = str(check["function"])
    arguments = dict(check.get("arguments") or {})
    for old, new in _RENAMED.items():
        if old in arguments:
            arguments[new] = arguments.pop(old)
    if column is not None:
        arguments["columns" if isinstance(column, list) else "column"] = column
    named = arguments.get("column") or "_".join(str(name) for name in arguments.get("columns") or [])
    rule_id = ".".join(part for part in (str(named or ""), str(given.get("name") or function)) if part)

    def run() -> None:
        try:
            _add(collector, rule_id, function, arguments, given, place)
        except _Unsupported as problem:
            collector.unsupported(rule_id, str(problem), place)

    collector.attempt(rule_id, place, run)


def _add(collector: Collector, rule_id: str, function: str, arguments: Given, given: Given, place: Place) -> None:
    unknown = [key for key in given if key not in _KEYS]
    if unknown:
        raise RuleError(f"key {unknown[0]!r} is not known; possible: {', '.join(_KEYS)}.")
    criticality = str(given.get("criticality", "error"))
    if criticality not in {"error", "warn"}:
        raise RuleError(f"criticality is {criticality!r}. Possible: error, warn.")
    read = _FUNCTIONS.get(function)
    if read is None:
        raise _Unsupported(f"function {function} is not known")
    row_filter = arguments.pop("row_filter", None)
    found = read(arguments)
    if arguments:
        raise _Unsupported(f"its argument {next(iter(arguments))!r} is not read")
    reasons = [found.differs] if found.differs else []
    conditions = [] if found.where is None else [found.where]
    for written in (given.get("filter"), row_filter):
        if written is not None:
            where, differs = condition(str(written), DIALECT)
            conditions.append(where)
            reasons += [f"its filter: {differs}"] if differs else []
    more: dict[str, Any] = {
        "severity": "error" if criticality == "error" else "warning",
        "where": AllOf(tuple(conditions)) if len(conditions) > 1 else next(iter(conditions), None),
        "null_policy": found.null_policy,
    }
    if reasons:
        collector.approximate(rule_id, found.predicate, place, "; ".join(reasons), **more)
    else:
        collector.exact(rule_id, found.predicate, place, **more)


def _field(given: Given, key: str = "column") -> str:
    field = str(given.pop(key))
    if _EXPRESSION.search(field):
        raise _Unsupported(f"it is about an expression ({field[:60]}), not a column")
    return field


def _listed(given: Given, key: str) -> tuple[tuple[Any, ...], bool]:
    values = given.pop(key)
    if not isinstance(values, list) or not values:
        raise RuleError(f"{key} must be a list with values.")
    return tuple(values), not given.pop("case_sensitive", True)


def _not_null(given: Given) -> _Finding:
    return _Finding(NotNull(_field(given)))


def _null(given: Given) -> _Finding:
    return _Finding(Not(NotNull(_field(given))))


def _not_empty(given: Given) -> _Finding:
    field, trim = _field(given), given.pop("trim_strings", False)
    return _Finding(Pattern(field, "[^ ]", "search"), "ignore") if trim else _Finding(NotIn(field, ("",)))


def _empty(given: Given) -> _Finding:
    field, trim = _field(given), given.pop("trim_strings", False)
    return _Finding(Pattern(field, " *" if trim else ""), "ignore")


def _not_null_not_empty(given: Given) -> _Finding:
    found = _not_empty(given)
    return replace(found, null_policy="fail")


def _in_list(given: Given, *, nulls: str) -> _Finding:
    field, (values, ignore_case) = _field(given), _listed(given, "allowed")
    return _Finding(InSet(field, values, ignore_case=ignore_case), nulls)


def _not_in_list(given: Given) -> _Finding:
    field, (values, ignore_case) = _field(given), _listed(given, "forbidden")
    return _Finding(NotIn(field, values, ignore_case=ignore_case))


def _bound(given: Given, key: str) -> Any:
    """A number, a date as text, or another column (a text that is neither)."""
    bound = given.pop(key, None)
    if isinstance(bound, str) and not re.match(r"\A-?[0-9.]+\Z|\A[0-9]{4}-[0-9]{2}-[0-9]{2}", bound):
        return _Column(bound)
    return bound


@dataclass(frozen=True)
class _Column:
    """A bound that is a column or an expression."""

    written: str


def _range(given: Given, *, inside: bool) -> _Finding:
    low, high = _bound(given, "min_limit"), _bound(given, "max_limit")
    if low is None or high is None:
        raise RuleError("min_limit and max_limit are needed.")
    field = str(given.pop("column"))
    if isinstance(low, _Column) or isinstance(high, _Column) or _EXPRESSION.search(field):
        return _sql(f"({field}) {'' if inside else 'NOT '}BETWEEN {_written(low)} AND {_written(high)}")
    found = Between(field, low, high)
    return _Finding(found if inside else Not(found))


def _written(bound: Any) -> str:
    if isinstance(bound, _Column):
        return f"({bound.written})"
    return f"'{bound}'" if isinstance(bound, str) else str(bound)


def _sql(written: str) -> _Finding:
    found, differs = condition(written, DIALECT)
    return _Finding(found, differs=differs)


def _against(given: Given, *, operator: str, key: str = "limit") -> _Finding:
    """The column held against a number, a date or another column."""
    name = key if key in given else "value"
    bound = _bound(given, name)
    if bound is None:
        raise RuleError(f"{name} is needed.")
    field = str(given.pop("column"))
    if isinstance(bound, _Column) or _EXPRESSION.search(field):
        return _sql(f"({field}) {operator} {_written(bound)}")
    if operator == "<=":
        return _Finding(Between(field, max=bound))
    if operator == ">=":
        return _Finding(Between(field, min=bound))
    equal = Between(field, bound, bound)
    return _Finding(equal if operator == "=" else Not(equal))


def _regex(given: Given) -> _Finding:
    field, regex, negate = _field(given), str(given.pop("regex")), given.pop("negate", False)
    found = Pattern(field, regex, "search")
    return _Finding(Not(found) if negate else found, "ignore")


def _valid_date(given: Given, *, kind: str) -> _Finding:
    field = _field(given)
    form = given.pop("date_format" if kind == "date" else "timestamp_format", None)
    if form is None:
        typed = Typed(field, "date" if kind == "date" else "datetime")
        return _Finding(typed, differs="Spark also casts short forms such as 2031-1-5 or 2031; here ISO dates are read")
    written = str(form)
    for java, python in _JAVA_DATES:
        written = written.replace(java, python)
    if re.search(r"[A-Za-z]", re.sub(r"%[YmdHMS]|'T'", "", written)):
        raise _Unsupported(f"the format {form!r} has parts that are not read")
    return _Finding(
        Strftime(field, written.replace("'T'", "T")),
        differs="Spark wants as many digits as the format has letters; here 2031-1-5 also reads as yyyy-MM-dd",
    )


def _unique(given: Given) -> _Finding:
    names = given.pop("columns", None) or [given.pop("column")]
    fields = tuple(str(name) for name in names)
    if any(_EXPRESSION.search(name) for name in fields):
        raise _Unsupported("it is about an expression, not a column")
    distinct = given.pop("nulls_distinct", True)
    return _Finding(Unique(fields, "ignore" if distinct else "equal"))


def _foreign_key(given: Given) -> _Finding:
    fields = tuple(str(name) for name in given.pop("columns"))
    other_fields = tuple(str(name) for name in given.pop("ref_columns"))
    other = given.pop("ref_table", None) or given.pop("ref_df_name")
    negate = given.pop("negate", False)
    if given.pop("null_safe", False):
        raise _Unsupported("null_safe makes nulls equal to one another")
    if any(_EXPRESSION.search(name) for name in (*fields, *other_fields)):
        raise _Unsupported("it is about an expression, not a column")
    found = ForeignKey(fields, str(other).rpartition(".")[2], other_fields)
    return _Finding(Not(found) if negate else found)


def _sql_expression(given: Given) -> _Finding:
    written, negate = str(given.pop("expression")), given.pop("negate", False)
    for key in ("msg", "name", "columns"):
        given.pop(key, None)
    return _sql(f"NOT ({written})" if negate else written)


def _ipv4(given: Given) -> _Finding:
    return _Finding(Pattern(_field(given), rf"{_OCTET}(?:\.{_OCTET}){{3}}"), "ignore")


def _older(given: Given) -> _Finding:
    """The name misleads: it fails where the first date is at or after the second less the days."""
    first, second = str(given.pop("column1")), str(given.pop("column2"))
    days, negate = int(given.pop("days", 0)), given.pop("negate", False)
    held = f"CAST({first} AS DATE) {'>=' if negate else '<'} DATE_SUB(CAST({second} AS DATE), {days})"
    return _sql(held)


def _aggregate(given: Given, *, operator: str) -> _Finding:
    kind = str(given.pop("aggr_type", "count"))
    if given.pop("group_by", None):
        raise _Unsupported("it is worked out group by group")
    limit, column = given.pop("limit"), str(given.pop("column", "*"))
    if isinstance(limit, str):
        raise _Unsupported("a limit that is an expression is not worked out")
    bounds: dict[str, Any] = {
        "<=": {"max": limit}, ">=": {"min": limit}, "=": {"min": limit, "max": limit},
        "<>": {"min": limit, "max": limit, "outside": True},
    }[operator]  # fmt: skip
    if kind == "count_distinct":
        return _Finding(Measure("distinct_count", column, **bounds))
    if kind == "count":
        where = None if column == "*" else NotNull(column)
        return _Finding(Measure("row_count", None, **bounds), where=where)
    if kind not in _AGGREGATES:
        raise _Unsupported(f"aggr_type {kind} is not worked out")
    return _Finding(Measure(_AGGREGATES[kind], column, **bounds))


def _never(reason: str) -> Callable[[Given], _Finding]:
    def function(_: Given) -> _Finding:
        raise _Unsupported(reason)

    return function


_TODAY = _never("it depends on the day it is run")

_FUNCTIONS: dict[str, Callable[[Given], _Finding]] = {
    "is_not_null": _not_null,
    "is_null": _null,
    "is_not_empty": _not_empty,
    "is_empty": _empty,
    "is_not_null_and_not_empty": _not_null_not_empty,
    "is_in_list": partial(_in_list, nulls="native"),
    "is_not_null_and_is_in_list": partial(_in_list, nulls="fail"),
    "is_not_in_list": _not_in_list,
    "is_in_range": partial(_range, inside=True),
    "is_not_in_range": partial(_range, inside=False),
    "is_not_less_than": partial(_against, operator=">="),
    "is_not_greater_than": partial(_against, operator="<="),
    "is_equal_to": partial(_against, operator="=", key="value"),
    "is_not_equal_to": partial(_against, operator="<>", key="value"),
    "regex_match": _regex,
    "is_valid_date": partial(_valid_date, kind="date"),
    "is_valid_timestamp": partial(_valid_date, kind="timestamp"),
    "is_unique": _unique,
    "foreign_key": _foreign_key,
    "sql_expression": _sql_expression,
    "is_ipv4_address": _ipv4,
    "is_valid_ipv4_address": _ipv4,
    "is_older_than_col2_for_n_days": _older,
    "is_aggr_not_greater_than": partial(_aggregate, operator="<="),
    "is_aggr_not_less_than": partial(_aggregate, operator=">="),
    "is_aggr_equal": partial(_aggregate, operator="="),
    "is_aggr_not_equal": partial(_aggregate, operator="<>"),
    "is_older_than_n_days": _TODAY,
    "is_not_in_future": _TODAY,
    "is_not_in_near_future": _TODAY,
    "is_data_fresh": _TODAY,
    "is_data_fresh_per_time_window": _TODAY,
    "sql_query": _never("a query is not run; a condition on one row is"),
    "compare_datasets": _never("it compares two tables row by row"),
    "has_valid_schema": _never("the types of columns are not known from their rows"),
    "is_not_null_and_not_empty_array": _never("lists as values are not judged"),
}
