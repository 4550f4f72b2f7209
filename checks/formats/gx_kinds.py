"""The expectations that come with Great Expectations, each as a predicate: what it is given, what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias, cast

import pandas as pd

from checks.formats import gx_functions
from checks.formats.gx_functions import ColumnsAre, HoldsEvery
from checks.patterns import engine_of
from checks.predicates import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    Custom,
    HasColumn,
    Length,
    Measure,
    Metric,
    Not,
    NotNull,
    Operator,
    Pattern,
    Predicate,
    StoredAs,
    Strftime,
    Unique,
)
from checks.stored import types_of
from checks.stored_values import bounded, listed, moment
from synth.errors import RuleError

Kwargs: TypeAlias = Mapping[str, Any]


class Untranslatable(Exception):  # noqa: N818  # a reason, not an error of the file
    """Why an expectation has no translation."""


@dataclass(frozen=True)
class Said:
    """What an expectation says.

    Attributes:
        predicate: what must hold.
        null_policy: what the tool makes of nulls.
        level: of the rule, where the predicate's own is not it.
        reason: how the flags differ; empty: they do not.
        whole: whether it is about the column or table as a whole, so that `mostly` says nothing.
        ignorable: fields that `ignore_row_if` is about.
        ignored: what it is when it is not given.
    """

    predicate: Predicate
    null_policy: str = "ignore"
    level: str = ""
    reason: str = ""
    whole: bool = False
    ignorable: tuple[str, ...] = ()
    ignored: str = ""


TEXT_BOUND = "a bound that is a text is held against texts and days; the tool itself (1.x) raises or refuses it"
_NO_ROWS = "the rows that hold another value are flagged; the tool names the values and lists no row"
Maker: TypeAlias = Callable[[Kwargs], Said]


def _column(given: Kwargs, key: str = "column") -> str:
    name = given[key]
    if not isinstance(name, str):
        raise RuleError(f"{key} is {name!r}; it must be the name of a column.")
    return name


def _columns(given: Kwargs, key: str = "column_list") -> tuple[str, ...]:
    names = given[key]
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise RuleError(f"{key} is {names!r}; it must be a list of columns.")
    return tuple(names)


def _values(given: Kwargs, key: str = "value_set") -> tuple[Any, ...]:
    """The listed values; a null among them says nothing, because nulls are left out first."""
    values = given[key]
    if not isinstance(values, list):
        raise RuleError(f"{key} is {values!r}; it must be a list.")
    if any(isinstance(value, (list, dict)) for value in values):
        raise Untranslatable(f"{key} holds lists or mappings, which no column of plain values does")
    return tuple(value for value in values if value is not None)


def _regex(regex: Any) -> str:
    if not isinstance(regex, str):
        raise RuleError(f"a pattern is {regex!r}; it must be a text.")
    engine_of(regex, "re")
    return regex


def _regexes(given: Kwargs, key: str = "regex_list") -> tuple[str, ...]:
    patterns = given[key]
    if not isinstance(patterns, list) or not patterns:
        raise RuleError(f"{key} is {patterns!r}; it must be a list of patterns.")
    return tuple(_regex(regex) for regex in patterns)


def _like(pattern: Any) -> str:
    """A LIKE pattern as a regular expression for the whole text."""
    if not isinstance(pattern, str):
        raise RuleError(f"like_pattern is {pattern!r}; it must be a text.")
    wild = {"%": "(?s:.*)", "_": "(?s:.)"}
    return "".join(wild.get(sign) or re.escape(sign) for sign in pattern)


def _likes(given: Kwargs) -> tuple[str, ...]:
    return tuple(_like(pattern) for pattern in given["like_pattern_list"])


def _no_strings_as_dates(given: Kwargs) -> None:
    if given.get("parse_strings_as_datetimes"):
        raise Untranslatable("parse_strings_as_datetimes reads dates in whatever form; give dates as dates")


def _search(field: str, regex: str) -> Pattern:
    """A pattern found anywhere in what Python writes of a value."""
    return Pattern(field, regex, "search", "re", "python")


def _be_null(given: Kwargs) -> Said:
    return Said(Not(NotNull(_column(given))), null_policy="native")


def _in_set(given: Kwargs) -> Said:
    _no_strings_as_dates(given)
    return Said(listed(_column(given), _values(given)))


def _not_in_set(given: Kwargs) -> Said:
    _no_strings_as_dates(given)
    values = _values(given)
    return Said(listed(_column(given), (*values, *_days(values)), inside=False))


def _match(given: Kwargs) -> Said:
    return Said(_search(_column(given), _regex(given["regex"])))


def _not_match(given: Kwargs) -> Said:
    return Said(Not(_search(_column(given), _regex(given["regex"]))))


def _match_list(given: Kwargs) -> Said:
    match_on = given.get("match_on") or "any"
    if match_on not in {"any", "all"}:
        raise RuleError(f"match_on is {match_on!r}. Possible: any, all.")
    parts = tuple(_search(_column(given), regex) for regex in _regexes(given))
    return Said(AnyOf(parts) if match_on == "any" else AllOf(parts))


def _not_match_list(given: Kwargs) -> Said:
    return Said(AllOf(tuple(Not(_search(_column(given), regex)) for regex in _regexes(given))))


def _like_one(given: Kwargs) -> Said:
    return Said(Pattern(_column(given), _like(given["like_pattern"])))


def _not_like_one(given: Kwargs) -> Said:
    return Said(Not(Pattern(_column(given), _like(given["like_pattern"]))))


def _like_list(given: Kwargs) -> Said:
    parts = tuple(Pattern(_column(given), regex) for regex in _likes(given))
    return Said(AllOf(parts) if given.get("match_on") == "all" else AnyOf(parts))


def _not_like_list(given: Kwargs) -> Said:
    return Said(AllOf(tuple(Not(Pattern(_column(given), regex)) for regex in _likes(given))))


def _whole(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise RuleError(f"{name} is {value!r}; a length is a whole number.")
    return int(value)


def _lengths(given: Kwargs) -> Said:
    low, high = given.get("min_value"), given.get("max_value")
    if low is None and high is None:
        raise RuleError("min_value and max_value are both missing.")
    least = None if low is None else _whole(low, "min_value") + bool(given.get("strict_min"))
    most = None if high is None else _whole(high, "max_value") - bool(given.get("strict_max"))
    return Said(Length(_column(given), least, most, "python"))


def _length(given: Kwargs) -> Said:
    exact = _whole(given["value"], "value")
    return Said(Length(_column(given), exact, exact, "python"))


def _between(given: Kwargs) -> Said:
    _no_strings_as_dates(given)
    low, high = given.get("min_value"), given.get("max_value")
    bounds = [bound for bound in (low, high) if bound is not None]
    if not bounds:
        raise RuleError("min_value and max_value are both missing.")
    if any(not isinstance(bound, (int, float, str)) for bound in bounds):
        raise RuleError(f"a bound is {bounds!r}; it must be a number or a text.")
    if len({isinstance(bound, str) for bound in bounds}) == 2:
        raise RuleError(f"min_value {low!r} and max_value {high!r} are of two kinds.")
    if len(bounds) == 2 and bounds[0] > bounds[1]:
        raise RuleError(f"min_value {low!r} is more than max_value {high!r}.")
    strict = bool(given.get("strict_min")), bool(given.get("strict_max"))
    if isinstance(bounds[0], str):
        return Said(Between(_column(given), low, high, *strict, as_="text"), reason=TEXT_BOUND)
    more = dict(zip(("exclude_min", "exclude_max"), strict, strict=True))
    return Said(bounded(_column(given), low, high, **more))


def newer(given: Kwargs) -> Kwargs:
    """Return the arguments as the 1.x tool reads them: a bound that is a number in quotes is a number."""

    def read(bound: Any) -> Any:
        try:
            return float(bound) if isinstance(bound, str) else bound
        except ValueError:
            return bound

    return {key: read(value) if key in {"min_value", "max_value"} else value for key, value in given.items()}


def _unique(given: Kwargs) -> Said:
    return Said(Unique((_column(given),)))


def _known_types(names: list[Any]) -> tuple[str, ...]:
    for name in names:
        try:
            types_of(str(name))
        except RuleError:
            reason = f"{name!r} is a type of another engine than pandas (Spark, SQL)"
            raise Untranslatable(reason) from None
    return tuple(str(name) for name in names)


def _of_type(given: Kwargs) -> Said:
    if given["type_"] is None:
        raise Untranslatable("type_ is null: nothing is asked")
    return Said(StoredAs(_column(given), _known_types([given["type_"]])))


def _in_type_list(given: Kwargs) -> Said:
    if not given["type_list"]:
        raise Untranslatable("type_list is empty: nothing is asked")
    field = _column(given)
    return _code((field,), gx_functions.TypeListed(field, _known_types(given["type_list"])), "be_in_type_list")


def _strftime(given: Kwargs) -> Said:
    return Said(Strftime(_column(given), str(given["strftime_format"])))


def _code(fields: tuple[str, ...], function: Any, name: str, **more: Any) -> Said:
    return Said(Custom(fields, function, name), null_policy="native", **more)


def _readable(form: str) -> Maker:
    def make(given: Kwargs) -> Said:
        field = _column(given)
        return _code((field,), gx_functions.Readable(field, form), f"reads as {form}")

    return make


def _in_order(*, descending: bool) -> Maker:
    def make(given: Kwargs) -> Said:
        field = _column(given)
        function = gx_functions.InOrder(field, descending=descending, strictly=bool(given.get("strictly")))
        return _code((field,), function, "decreasing" if descending else "increasing", level="group")

    return make


def _z_scores(given: Kwargs) -> Said:
    field = _column(given)
    function = gx_functions.NearMean(field, float(given["threshold"]), bool(given.get("double_sided")))
    return _code((field,), function, "z-score", level="group")


def _pair(operator: Operator, or_equal: Operator) -> Maker:
    def make(given: Kwargs) -> Said:
        if given.get("parse_strings_as_datetimes") or given.get("allow_cross_type_comparisons"):
            raise Untranslatable("values are compared as they are stored; nothing is read as a date first")
        pair = _column(given, "column_A"), _column(given, "column_B")
        chosen = or_equal if given.get("or_equal") else operator
        compared = Compare(pair[0], chosen, pair[1], "stored")
        return Said(compared, "fail", ignorable=pair, ignored="both_values_are_missing")

    return make


def _pair_in_set(given: Kwargs) -> Said:
    pair = _column(given, "column_A"), _column(given, "column_B")
    pairs = given["value_pairs_set"]
    if not pairs:
        raise Untranslatable("value_pairs_set is empty: nothing is asked")

    def is_value(field: str, value: Any) -> Predicate:
        return Not(NotNull(field)) if value is None else AllOf((NotNull(field), listed(field, (value,))))

    held = AnyOf(tuple(AllOf((is_value(pair[0], one), is_value(pair[1], two))) for one, two in pairs))
    return Said(held, "native", ignorable=pair, ignored="both_values_are_missing")


def _compound(given: Kwargs) -> Said:
    names = _columns(given)
    return Said(Unique(names, nulls="equal"), "native", ignorable=names, ignored="all_values_are_missing")


def _of_record(function: Callable[..., Any], name: str) -> Maker:
    def make(given: Kwargs) -> Said:
        names = _columns(given)
        more = (float(given["sum_total"]),) if "sum_total" in given else ()
        ignored = "all_values_are_missing"
        return _code(names, function(names, *more), name, ignorable=names, ignored=ignored)

    return make


_OF_NOTHING = ("sum", "distinct_share")
_OF_NUMBERS = ("min", "max", "mean", "median", "sum", "stdev")


def _measure(metric: str, *, of_column: bool = True) -> Maker:
    def make(given: Kwargs) -> Said:
        low, high = given.get("min_value"), given.get("max_value")
        if low is None and high is None:
            raise RuleError("min_value and max_value are both missing.")
        strict = bool(given.get("strict_min")), bool(given.get("strict_max"))
        field = _column(given) if of_column else None
        if metric.endswith("count"):  # the tool takes whole numbers alone, and cuts off what stands behind the point
            low, high = (None if bound is None else int(bound) for bound in (low, high))
        more: dict[str, Any] = (
            {"stored": "number"} if metric in _OF_NUMBERS and not isinstance(low if high is None else high, str) else {}
        )
        if metric in _OF_NOTHING:
            more["of_nothing"] = 0.0
        measured = Measure(cast("Metric", metric), field, low, high, *strict, **more)
        return Said(measured, "native", whole=True)

    return make


def _not_null_share(given: Kwargs) -> Said:
    """The share of values that are not null, said of the nulls: one less the bounds, in decimals."""
    low, high = given.get("min_value"), given.get("max_value")
    if low is None and high is None:
        raise RuleError("min_value and max_value are both missing.")
    most, least = (None if bound is None else float(1 - Decimal(str(bound))) for bound in (low, high))
    strict = bool(given.get("strict_max")), bool(given.get("strict_min"))
    measured = Measure("null_share", _column(given), least, most, *strict, of_nothing=1.0)
    return Said(measured, "native", whole=True)


def _count(metric: str) -> Maker:
    def make(given: Kwargs) -> Said:
        value = _whole(given["value"], "value")
        return Said(Measure(cast("Metric", metric), None, value, value), "native", whole=True)

    return make


def _exists(given: Kwargs) -> Said:
    name, index = _column(given), given.get("column_index")
    if not index:
        return Said(HasColumn(name), "native", whole=True)
    return _code((), gx_functions.ColumnAt(name, int(index)), "column at", whole=True, level="table")


def _columns_are(key: str, how: str) -> Maker:
    def make(given: Kwargs) -> Said:
        chosen = "at least" if given.get("exact_match", True) is False else how
        return _code((), ColumnsAre(_columns(given, key), chosen), "columns", whole=True, level="table")

    return make


def _distinct_in_set(given: Kwargs) -> Said:
    _no_strings_as_dates(given)
    values = _values(given)
    return Said(listed(_column(given), (*values, *_days(values))), reason=_NO_ROWS, whole=True)


def _days(values: tuple[Any, ...]) -> tuple[pd.Timestamp, ...]:
    """What the texts among the values are in a column of days, for expectations that read them so."""
    return tuple(read for value in values if isinstance(read := moment(value), pd.Timestamp))


def _holds_every(*, only: bool) -> Maker:
    def make(given: Kwargs) -> Said:
        _no_strings_as_dates(given)
        field = _column(given)
        return _code((field,), HoldsEvery(field, _values(given), only), "values", whole=True, level="table")

    return make


def _most_common(given: Kwargs) -> Said:
    field = _column(given)
    function = gx_functions.MostCommon(field, _values(given), bool(given.get("ties_okay")))
    return _code((field,), function, "most common value", whole=True, level="table")


def _quantiles(given: Kwargs) -> Said:
    field, asked = _column(given), given["quantile_ranges"]
    ranges = tuple((low, high) for low, high in asked["value_ranges"])
    if len(ranges) != len(asked["quantiles"]):
        raise RuleError(f"quantile_ranges has {len(asked['quantiles'])} quantiles and {len(ranges)} ranges.")
    how = given.get("allow_relative_error") or "nearest"
    if how not in {"linear", "lower", "higher", "midpoint", "nearest"}:
        raise RuleError(f"allow_relative_error is {how!r}. Possible: linear, lower, higher, midpoint, nearest.")
    function = gx_functions.Quantiles(field, tuple(asked["quantiles"]), ranges, how)
    return _code((field,), function, "quantiles", whole=True, level="table")


_BOUNDS = ("min_value", "max_value", "strict_min", "strict_max")
_SET = ("value_set", "parse_strings_as_datetimes")
KINDS: dict[str, tuple[Maker, tuple[str, ...]]] = {
    "expect_column_values_to_not_be_null": (lambda given: Said(NotNull(_column(given)), "native"), ()),
    "expect_column_values_to_be_null": (_be_null, ()),
    "expect_column_values_to_be_in_set": (_in_set, _SET),
    "expect_column_values_to_not_be_in_set": (_not_in_set, _SET),
    "expect_column_values_to_match_regex": (_match, ("regex",)),
    "expect_column_values_to_not_match_regex": (_not_match, ("regex",)),
    "expect_column_values_to_match_regex_list": (_match_list, ("regex_list", "match_on")),
    "expect_column_values_to_not_match_regex_list": (_not_match_list, ("regex_list",)),
    "expect_column_values_to_match_like_pattern": (_like_one, ("like_pattern",)),
    "expect_column_values_to_not_match_like_pattern": (_not_like_one, ("like_pattern",)),
    "expect_column_values_to_match_like_pattern_list": (_like_list, ("like_pattern_list", "match_on")),
    "expect_column_values_to_not_match_like_pattern_list": (_not_like_list, ("like_pattern_list",)),
    "expect_column_value_lengths_to_be_between": (_lengths, _BOUNDS),
    "expect_column_value_lengths_to_equal": (_length, ("value",)),
    "expect_column_values_to_be_between": (
        _between,
        (*_BOUNDS, "parse_strings_as_datetimes", "output_strftime_format", "allow_cross_type_comparisons"),
    ),
    "expect_column_values_to_be_unique": (_unique, ()),
    "expect_column_values_to_be_of_type": (_of_type, ("type_",)),
    "expect_column_values_to_be_in_type_list": (_in_type_list, ("type_list",)),
    "expect_column_values_to_match_strftime_format": (_strftime, ("strftime_format",)),
    "expect_column_values_to_be_dateutil_parseable": (_readable("date"), ()),
    "expect_column_values_to_be_json_parseable": (_readable("json"), ()),
    "expect_column_values_to_be_increasing": (_in_order(descending=False), ("strictly",)),
    "expect_column_values_to_be_decreasing": (_in_order(descending=True), ("strictly",)),
    "expect_column_value_z_scores_to_be_less_than": (_z_scores, ("threshold", "double_sided")),
    "expect_column_pair_values_to_be_equal": (_pair("==", "=="), ()),
    "expect_column_pair_values_a_to_be_greater_than_b": (
        _pair(">", ">="),
        ("or_equal", "parse_strings_as_datetimes", "allow_cross_type_comparisons"),
    ),
    "expect_column_pair_values_A_to_be_greater_than_B": (
        _pair(">", ">="),
        ("or_equal", "parse_strings_as_datetimes", "allow_cross_type_comparisons"),
    ),
    "expect_column_pair_values_to_be_in_set": (_pair_in_set, ("value_pairs_set",)),
    "expect_compound_columns_to_be_unique": (_compound, ()),
    "expect_multicolumn_values_to_be_unique": (_of_record(gx_functions.DifferentFields, "different"), ()),
    "expect_select_column_values_to_be_unique_within_record": (
        _of_record(gx_functions.DifferentFields, "different"),
        (),
    ),
    "expect_multicolumn_values_to_be_equal": (_of_record(gx_functions.EqualFields, "equal"), ()),
    "expect_multicolumn_sum_to_equal": (_of_record(gx_functions.SumOf, "sum"), ("sum_total",)),
    "expect_column_to_exist": (_exists, ("column_index",)),
    "expect_table_columns_to_match_set": (_columns_are("column_set", "exactly"), ("exact_match",)),
    "expect_table_columns_to_match_ordered_list": (_columns_are("column_list", "in order"), ()),
    "expect_table_column_count_to_equal": (_count("column_count"), ("value",)),
    "expect_table_column_count_to_be_between": (_measure("column_count", of_column=False), _BOUNDS),
    "expect_table_row_count_to_equal": (_count("row_count"), ("value",)),
    "expect_table_row_count_to_be_between": (_measure("row_count", of_column=False), _BOUNDS),
    "expect_column_distinct_values_to_be_in_set": (_distinct_in_set, _SET),
    "expect_column_distinct_values_to_contain_set": (_holds_every(only=False), _SET),
    "expect_column_distinct_values_to_equal_set": (_holds_every(only=True), _SET),
    "expect_column_most_common_value_to_be_in_set": (_most_common, ("value_set", "ties_okay")),
    "expect_column_quantile_values_to_be_between": (_quantiles, ("quantile_ranges", "allow_relative_error")),
    "expect_column_min_to_be_between": (_measure("min"), _BOUNDS),
    "expect_column_max_to_be_between": (_measure("max"), _BOUNDS),
    "expect_column_mean_to_be_between": (_measure("mean"), _BOUNDS),
    "expect_column_median_to_be_between": (_measure("median"), _BOUNDS),
    "expect_column_sum_to_be_between": (_measure("sum"), _BOUNDS),
    "expect_column_stdev_to_be_between": (_measure("stdev"), _BOUNDS),
    "expect_column_unique_value_count_to_be_between": (_measure("distinct_count"), _BOUNDS),
    "expect_column_proportion_of_unique_values_to_be_between": (_measure("distinct_share"), _BOUNDS),
    "expect_column_proportion_of_non_null_values_to_be_between": (_not_null_share, _BOUNDS),
}
_TEST = "a statistical test of a distribution, not a rule about records"
_SQL = "its SQL is about a whole batch and its database, not about records"
NO_TRANSLATION: dict[str, str] = {
    "expect_column_values_to_match_json_schema": "the cells hold JSON; a rule here sees a cell as one value",
    "expect_column_kl_divergence_to_be_less_than": _TEST,
    "expect_column_chisquare_test_p_value_to_be_greater_than": _TEST,
    "expect_column_bootstrapped_ks_test_p_value_to_be_greater_than": _TEST,
    "expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than": _TEST,
    "expect_column_pair_cramers_phi_value_to_be_less_than": _TEST,
    "expect_column_values_to_not_be_outliers": "what is an outlier is worked out from the data themselves",
    "expect_table_row_count_to_equal_other_table": "the other table is not part of the records",
    "expect_query_results_to_match_comparison": _SQL,
    "unexpected_rows_expectation": _SQL,
}
