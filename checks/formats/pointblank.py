"""pointblank plans written as YAML, as far as they are data. Python blocks and expressions in them are never run.

A null passes a step with `na_pass: true` and fails it otherwise; a set has no such word and a null fails it. Thresholds
become limits: a share (below 1) or a count of rows, reached as well as passed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, cast

import numpy as np
import pandas as pd

from checks.coverage import Coverage
from checks.formats.collector import Collector
from checks.formats.gx_functions import ColumnsAre, InOrder
from checks.formats.source import Place, Source
from checks.patterns import engine_of
from checks.predicates import (
    AllOf,
    Compare,
    Custom,
    HasColumn,
    Mask,
    Measure,
    Metric,
    Not,
    NotNull,
    Operator,
    Pattern,
    Predicate,
    Unique,
)
from checks.rule import Limit
from checks.stored_values import bounded, listed, moment
from synth.errors import RuleError

Given: TypeAlias = Mapping[str, Any]
_COMPARED: dict[str, Operator] = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!="}
_COLUMN_OF = re.compile(r"""\A\s*(?:pb\.)?col\(\s*(["'])([^"'\\]+)\1\s*\)\s*\Z""")
_AGGREGATE = re.compile(r"\Acol_(sum|avg|sd)_(gt|ge|lt|le|eq)\Z")
_METRICS = {"sum": "sum", "avg": "mean", "sd": "stdev"}
_LEVELS = {"warning": "warning", "error": "error", "critical": "error"}
_COMMON = ("columns", "pre", "segments", "thresholds", "actions", "brief", "active", "dimension", "missing")
_CODE = ("pre", "expr", "expressions", "active")
_NO_TRANSLATION = {
    "col_missing_coded": "missing specs (reasons of missing values) are not read",
    "col_missing_consistent": "missing specs (reasons of missing values) are not read",
    "col_missing_only_coded": "missing specs (reasons of missing values) are not read",
    "col_pct_missing": "missing specs (reasons of missing values) are not read",
    "col_vals_expr": "its expression is Python",
    "col_vals_in_table": "the other table is not part of the plan",
    "col_vals_within_spec": "specifications (email, VIN and so on) are patterns of the tool; write the pattern",
    "conjointly": "its expressions are Python",
    "data_freshness": "it asks the clock",
    "prompt": "it asks a language model",
    "specially": "its expression is Python",
    "tbl_match": "the other table is not part of the plan",
    "tbl_reconcile": "the other table is not part of the plan",
}


@dataclass(frozen=True)
class _Said:
    """What a step says of one column: what must hold, what a null does, the level of the rule."""

    predicate: Predicate
    null_policy: str = "native"
    level: str = ""


@dataclass(frozen=True)
class WholeRows:
    """Records that differ from one another in some field (`distinct`), or have no null (`complete`)."""

    how: str

    def __call__(self, frame: pd.DataFrame) -> tuple[Mask, Mask]:
        """Judge every row by all columns."""
        fail = frame.duplicated(keep=False) if self.how == "distinct" else frame.isna().any(axis=1)
        return fail.to_numpy(), np.ones(len(frame), dtype=bool)


class _Untranslatable(Exception):  # noqa: N818  # a reason, not an error of the file
    """Why a step has no translation."""


def translate(source: Source, collector: Collector) -> None:
    """Translate every step of the plan, for every column it names."""
    tree = source.mapping(source.tree, ())
    limits = tree.get("thresholds")
    for index, entry in enumerate(source.sequence(tree["steps"], ("steps",))):
        place: Place = ("steps", index)
        if isinstance(entry, str):
            entry = {entry: {}}  # noqa: PLW2901  # a step without parameters is written as its name
        given = source.mapping(entry, place)
        if len(given) != 1:
            collector.error(f"step-{index}", f"a step is one method; it has {', '.join(given) or 'none'}", place)
            continue
        (method,) = given
        step = source.mapping(given[method] or {}, (*place, method))
        columns = step.get("columns", [None])
        for column in columns if isinstance(columns, list) else [columns]:
            name = f"{column}.{method}" if isinstance(column, str) else method
            collector.attempt(name, place, _Step(collector, place, name, method, step, column, limits).translate)


class _Step:
    """One step for one column."""

    def __init__(
        self, collector: Collector, place: Place, name: str, method: str, given: Given, column: Any, limits: Any
    ) -> None:
        self.collector = collector
        self.place = place
        self.name = name
        self.method = method
        self.given = given
        self.column = column
        self.limits = given.get("thresholds", limits)

    def translate(self) -> None:
        """Add the rule, or say why there is none."""
        if self.given.get("active", True) is False:
            where = self.collector.source.where(self.place)
            self.collector.entries.append(
                Coverage(f"{self.name}@{where}", "exact", "switched off (active: false)", where)
            )
            return
        try:
            self._refuse_code()
            said = self._said()
            self._refuse_unknown()
        except _Untranslatable as refusal:
            self.collector.unsupported(self.name, str(refusal), self.place)
            return
        rule: dict[str, Any] = {"null_policy": said.null_policy, "reference": "pointblank", "limits": self._limits()}
        brief = self.given.get("brief")
        rule["description"] = brief if isinstance(brief, str) else ""
        if said.level:
            rule["level"] = said.level
        if self.given.get("segments"):
            reason = "its segments are judged together, and thresholds count all of them"
            self.collector.approximate(self.name, said.predicate, self.place, reason, **rule)
        else:
            note = "its actions are not taken" if self.given.get("actions") else ""
            self.collector.exact(self.name, said.predicate, self.place, note=note, **rule)

    def _refuse_code(self) -> None:
        for key in _CODE:
            if self.given.get(key) is not None and self.given[key] is not True:
                raise _Untranslatable(f"{key!r} is Python, which is never run")
        for key, value in self.given.items():
            if key != "actions" and not (key == "value" and _column_of(value)) and _has_python(value):
                raise _Untranslatable(f"{key!r} has a Python block, which is never run")
        if self.given.get("missing") is not None:
            raise _Untranslatable("missing specs (reasons of missing values) are not read")

    def _refuse_unknown(self) -> None:
        """An argument that is not read may change which rows fail."""
        known = {*_COMMON, *_arguments(self.method)}
        unknown = [key for key in self.given if key not in known]
        if unknown:
            raise _Untranslatable(f"its argument {unknown[0]!r} is not known; what it asks is not read")

    def _said(self) -> _Said:
        if self.method in _NO_TRANSLATION:
            raise _Untranslatable(_NO_TRANSLATION[self.method])
        if (found := re.fullmatch(r"col_vals_(gt|ge|lt|le|eq|ne)", self.method)) is not None:
            return self._compared(_COMPARED[found[1]])
        if (found := _AGGREGATE.match(self.method)) is not None:
            return self._aggregate(_METRICS[found[1]], _COMPARED[found[2]])
        if self.method not in _METHODS:
            raise RuleError(f"{self.method!r} is no method of a plan.")
        return _METHODS[self.method](self)

    @property
    def field(self) -> str:
        """The column the step is about."""
        if not isinstance(self.column, str):
            raise RuleError(f"columns is {self.column!r}; it must name columns.")
        return self.column

    @property
    def nulls(self) -> str:
        """What a null does."""
        return "ignore" if self.given.get("na_pass") else "fail"

    def _compared(self, operator: Operator) -> _Said:
        value = self.given["value"]
        other = _column_of(value)
        if other is not None:
            return _Said(Compare(self.field, operator, other, "stored"), self.nulls)
        if operator in {"==", "!="}:
            value = moment(_scalar(value))
            same = bounded(self.field, value, value)
            return _Said(same if operator == "==" else Not(same), self.nulls)
        value = _ordered(value)
        side = "min" if operator in {">", ">="} else "max"
        found = bounded(
            self.field, **{"low" if side == "min" else "high": value, f"exclude_{side}": len(operator) == 1}
        )
        return _Said(found, self.nulls)

    def between(self, *, outside: bool) -> _Said:
        """Values between two bounds, or not between them."""
        low, high = _ordered(self.given["left"]), _ordered(self.given["right"])
        with_low, with_high = self.given.get("inclusive", (True, True))
        inside = bounded(self.field, low, high, exclude_min=not with_low, exclude_max=not with_high)
        return _Said(Not(inside) if outside else inside, self.nulls)

    def listed(self, *, inside: bool) -> _Said:
        """Values in a set or not; a null passes a set that lists it."""
        values = self.given["set"]
        if not isinstance(values, list):
            raise RuleError(f"set is {values!r}; it must be a list.")
        given = tuple(_scalar(value) for value in values if value is not None)
        if not inside:
            return _Said(listed(self.field, given, inside=False), self.nulls)
        return _Said(listed(self.field, given), "ignore" if None in values else "fail")

    def regex(self) -> _Said:
        """Texts in which a pattern is found, or, inverted, not found: there a null passes."""
        pattern = self.given["pattern"]
        if not isinstance(pattern, str):
            raise RuleError(f"pattern is {pattern!r}; it must be a text.")
        engine_of(pattern, "re")
        found = Pattern(self.field, pattern, "search", "re", "no")
        return _Said(Not(found), "ignore") if self.given.get("inverse") else _Said(found, self.nulls)

    def ordered(self, *, descending: bool) -> _Said:
        """Values in order from row to row."""
        if any(self.given.get(key) for key in ("decreasing_tol", "increasing_tol", "order_by")):
            raise _Untranslatable("tolerances and order_by of a sequence are not read")
        strictly = not self.given.get("allow_stationary")
        order = Custom((self.field,), InOrder(self.field, descending=descending, strictly=strictly), "order")
        return _Said(order if self.given.get("na_pass") else AllOf((NotNull(self.field), order)), level="group")

    def rows(self, how: str) -> _Said:
        """Rows that are distinct or complete, in some columns or all."""
        names = self.given.get("columns_subset")
        if names is None:
            return _Said(Custom((), WholeRows(how), f"rows {how}"), level="group" if how == "distinct" else "record")
        fields = (names,) if isinstance(names, str) else tuple(names)
        if not all(isinstance(name, str) for name in fields):
            raise RuleError(f"columns_subset is {names!r}; it must name columns.")
        return _Said(Unique(fields, "equal") if how == "distinct" else AllOf(tuple(map(NotNull, fields))))

    def count(self, metric: str) -> _Said:
        """A count of rows or columns, give or take."""
        count, tolerance = self.given["count"], self.given.get("tol", 0)
        if self.given.get("inverse") or isinstance(count, bool) or not isinstance(count, int):
            raise _Untranslatable("only a count that is given as a number, and not inverted, is read")
        lower, upper = tolerance if isinstance(tolerance, list) else (tolerance, tolerance)
        lower, upper = (int(count * part) if isinstance(part, float) else part for part in (lower, upper))
        return _Said(Measure(cast("Metric", metric), None, count - lower, count + upper))

    def null_share(self) -> _Said:
        """A share of nulls that is exactly so."""
        if self.given.get("tol"):
            raise _Untranslatable("a tolerance of a share of nulls is not read")
        share = float(self.given["p"])
        return _Said(Measure("null_share", self.field, share, share))

    def schema(self) -> _Said:
        """Names of columns; their types are those of one kind of table and are not read."""
        listed = (self.given.get("schema") or {}).get("columns")
        if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
            raise _Untranslatable("types in a schema are those of one kind of table; only names are read")
        complete, in_order = self.given.get("complete", True), self.given.get("in_order", True)
        if self.given.get("case_sensitive_colnames") is False or (in_order and not complete):
            raise _Untranslatable("names without case, or in order among others, are not read")
        how = "in order" if in_order else "exactly" if complete else "at least"
        return _Said(Custom((), ColumnsAre(tuple(listed), how), "columns"), level="table")

    def _aggregate(self, metric: str, operator: Operator) -> _Said:
        value = _scalar(self.given["value"])
        if self.given.get("tol"):
            raise _Untranslatable("a tolerance of a sum or mean is not read")
        low, high = (value if sign in {operator[0], "="} else None for sign in (">", "<"))
        strict = operator in {"<", ">"}
        measured = Measure(cast("Metric", metric), self.field, low, high, exclude_min=strict, exclude_max=strict)
        return _Said(replace(measured, stored="number"))

    def _limits(self) -> tuple[Limit, ...]:
        """Thresholds as limits that are reached as well as passed."""
        given = self.limits
        if given is None:
            return ()
        if isinstance(given, (int, float)):
            given = {"warning": given}
        if isinstance(given, list):
            given = dict(zip(_LEVELS, given, strict=False))
        if not isinstance(given, Mapping) or set(given) - set(_LEVELS):
            raise RuleError(f"thresholds is {given!r}. Possible: warning, error, critical, each a share or a count.")
        return tuple(_limit(value, severity=_LEVELS[word]) for word, value in given.items() if value is not None)


def _limit(value: Any, *, severity: str) -> Limit:
    if not isinstance(value, (int, float)) or value < 0:
        raise RuleError(f"a threshold is {value!r}; it is a share below 1 or a count of rows.")
    return Limit(float(value), "share" if value < 1 else "rows", severity, inclusive=True)


def _scalar(value: Any) -> Any:
    if isinstance(value, (list, dict)) or value is None:
        raise RuleError(f"a value is {value!r}; it must be a number or a text.")
    return value


def _ordered(value: Any) -> Any:
    """A value that others can be more or less than."""
    read = moment(_scalar(value))
    if isinstance(read, str):
        raise RuleError(f"a value is {value!r}; a text must be a day there, or the tool refuses it.")
    return read


def _column_of(value: Any) -> str | None:
    """The column that `col("name")` names, the one Python block that says no more than data do."""
    code = value.get("python") if isinstance(value, dict) and len(value) == 1 else None
    found = _COLUMN_OF.match(code) if isinstance(code, str) else None
    return None if found is None else found[2]


def _has_python(value: Any) -> bool:
    if isinstance(value, dict):
        return "python" in value or any(_has_python(item) for item in value.values())
    return isinstance(value, list) and any(_has_python(item) for item in value)


def _arguments(method: str) -> tuple[str, ...]:
    """The arguments of a method that are its own."""
    if method in _ARGUMENTS:
        return _ARGUMENTS[method]
    if _AGGREGATE.match(method):
        return ("value", "tol")
    return ("value", "na_pass") if method.startswith("col_vals_") else ()


_OF_ORDER = ("allow_stationary", "decreasing_tol", "increasing_tol", "na_pass", "order_by")
_OF_SCHEMA = ("schema", "complete", "in_order", "case_sensitive_colnames", "case_sensitive_dtypes", "full_match_dtypes")
_ARGUMENTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("col_vals_between", "col_vals_outside"), ("left", "right", "inclusive", "na_pass")),
    **dict.fromkeys(("col_vals_in_set", "col_vals_not_in_set"), ("set", "na_pass")),
    **dict.fromkeys(("col_vals_increasing", "col_vals_decreasing"), _OF_ORDER),
    **dict.fromkeys(("col_vals_not_null", "col_vals_null", "col_exists"), ()),
    **dict.fromkeys(("rows_distinct", "rows_complete"), ("columns_subset",)),
    **dict.fromkeys(("row_count_match", "col_count_match"), ("count", "tol", "inverse")),
    "col_vals_regex": ("pattern", "inverse", "na_pass"),
    "col_pct_null": ("p", "tol"),
    "col_schema_match": _OF_SCHEMA,
}
_METHODS: dict[str, Callable[[_Step], _Said]] = {
    "col_vals_between": lambda step: step.between(outside=False),
    "col_vals_outside": lambda step: step.between(outside=True),
    "col_vals_in_set": lambda step: step.listed(inside=True),
    "col_vals_not_in_set": lambda step: step.listed(inside=False),
    "col_vals_not_null": lambda step: _Said(NotNull(step.field)),
    "col_vals_null": lambda step: _Said(Not(NotNull(step.field))),
    "col_vals_regex": _Step.regex,
    "col_vals_increasing": lambda step: step.ordered(descending=False),
    "col_vals_decreasing": lambda step: step.ordered(descending=True),
    "col_exists": lambda step: _Said(HasColumn(step.field)),
    "col_pct_null": _Step.null_share,
    "rows_distinct": lambda step: step.rows("distinct"),
    "rows_complete": lambda step: step.rows("complete"),
    "row_count_match": lambda step: step.count("row_count"),
    "col_count_match": lambda step: step.count("column_count"),
    "col_schema_match": _Step.schema,
}
