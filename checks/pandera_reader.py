"""pandera schemas read as rules.

Built-in checks are read by name and statistics and run on our kernels; any other check is called as pandera would call
it (`Check.__call__`), and its output is put back by position. `schema.validate()` is never used: it drops null rows
from masks, speaks in index labels and is many times slower.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from checks.coverage import Coverage, pandera_module
from checks.patterns import engine_of
from checks.predicates import (
    Between,
    Custom,
    InSet,
    Length,
    Mask,
    NotIn,
    NotNull,
    Pattern,
    Predicate,
    Unique,
)
from checks.rule import Rule
from synth.errors import CasegaugeError, RuleError

_REST = "(?s:.*)"
_FLAGS = {re.IGNORECASE: "i", re.MULTILINE: "m", re.DOTALL: "s"}


@dataclass(frozen=True)
class Translation:
    """Rules read from a schema, and what became of everything the schema says."""

    rules: tuple[Rule, ...]
    coverage: tuple[Coverage, ...]


def from_pandera(schema: Any, *, system: str | None = None) -> Translation:
    """Read a pandera schema.

    Args:
        schema: a DataFrameSchema, a DataFrameModel class, or the Path of a schema's YAML file.
        system: which frame the rules are about; None: the only one.

    Examples:
        >>> import pandera.pandas as pa
        >>> schema = pa.DataFrameSchema({"zip": pa.Column(str, pa.Check.str_matches(r"^[0-9]{5}$"), nullable=True)})
        >>> read = from_pandera(schema)
        >>> [rule.id for rule in read.rules]
        ['zip.str_matches']
        >>> [(entry.id, entry.status) for entry in read.coverage]
        [('zip.str_matches', 'exact'), ('zip.dtype', 'unsupported')]
    """
    schema = _schema_of(schema)
    reader = _Reader(system)
    for name, column in schema.columns.items():
        reader.column(str(name), column)
    reader.whole(schema)
    return Translation(tuple(reader.rules), tuple(reader.coverage))


def _schema_of(source: Any) -> Any:
    pa = pandera_module()
    if isinstance(source, Path):
        try:
            return pa.DataFrameSchema.from_yaml(source)
        except ImportError as problem:
            raise RuleError(f"pandera needs its io extra ({problem}). Install it: pip install 'pandera[io]'.") from None
        except Exception as problem:  # noqa: BLE001  # whatever a foreign file makes its reader raise
            reason = (str(problem).splitlines() or [type(problem).__name__])[0]
            raise RuleError(f"{source}: is not a pandera schema that can be read ({reason}).") from None
    if isinstance(source, type) and hasattr(source, "to_schema"):
        return source.to_schema()
    if not isinstance(source, pa.DataFrameSchema):
        got = type(source).__name__
        raise RuleError(f"a {got} is not a pandera schema. Give a DataFrameSchema, a DataFrameModel or a Path to YAML.")
    return source


class _Reader:
    """Collects rules and coverage of one schema."""

    def __init__(self, system: str | None) -> None:
        self.system = system
        self.rules: list[Rule] = []
        self.coverage: list[Coverage] = []
        self._ids: set[str] = set()

    def column(self, name: str, column: Any) -> None:
        """Read what a schema says about one column."""
        place = f"columns.{name}"
        if getattr(column, "regex", False):
            self._not_read(f"{name}.regex", "the name is a pattern of names; list the columns", place)
            return
        if not column.nullable:
            self._add(f"{name}.not_null", NotNull(name), place)
        if column.unique:
            reason = "" if not column.nullable else "pandera counts a second null as a repeated value"
            self._add(f"{name}.unique", Unique((name,)), place, reason=reason)
        for check in column.checks:
            self._check(check, name, place)
        for what, given in (("dtype", column.dtype), ("coerce", column.coerce), ("parsers", column.parsers)):
            if given:
                self._not_read(
                    f"{name}.{what}", "values are judged as they stand; types are neither checked nor changed", place
                )

    def whole(self, schema: Any) -> None:
        """Read what a schema says about the whole frame."""
        for check in schema.checks:
            self._check(check, None, "checks")
        if schema.unique:
            fields = (schema.unique,) if isinstance(schema.unique, str) else tuple(schema.unique)
            reason = "pandera counts repeated nulls as repeated values"
            self._add(f"{'+'.join(fields)}.unique", Unique(fields), "unique", reason=reason)
        for what in (
            "index",
            "dtype",
            "coerce",
            "strict",
            "ordered",
            "unique_column_names",
            "parsers",
            "add_missing_columns",
        ):
            if getattr(schema, what, None):
                self._not_read(what, "about the frame's shape or type, not about records", what)

    def _check(self, check: Any, column: str | None, place: str) -> None:
        name = check.name or "check"
        rule_id = f"{column}.{name}" if column is not None else name
        severity = "warning" if check.raise_warning else "error"
        description = check.description or ""
        policy, reason = ("ignore" if check.ignore_na else "fail"), ""
        try:
            predicate = _builtin(check, column)
        except CasegaugeError as problem:
            self.coverage.append(Coverage(self._new_id(rule_id), "error", str(problem), place))
            return
        if predicate is None:
            predicate, policy = _called(check, column), "native"
        elif isinstance(predicate, NotIn) and policy == "fail":
            policy, reason = "ignore", "a null passes there and is not evaluated here; the failing rows are the same"
        given = {"null_policy": policy, "severity": severity, "description": description}
        self._add(rule_id, predicate, place, reason=reason, **given)

    def _add(self, rule_id: str, predicate: Predicate, place: str, *, reason: str = "", **given: Any) -> None:
        rule_id = self._new_id(rule_id)
        self.rules.append(Rule(rule_id, predicate, system=self.system, reference="pandera", **given))
        self.coverage.append(Coverage(rule_id, "approximate" if reason else "exact", reason, place))

    def _not_read(self, rule_id: str, reason: str, place: str) -> None:
        self.coverage.append(Coverage(self._new_id(rule_id), "unsupported", reason, place))

    def _new_id(self, wanted: str) -> str:
        rule_id, n = wanted, 1
        while rule_id in self._ids:
            n += 1
            rule_id = f"{wanted}-{n}"
        self._ids.add(rule_id)
        return rule_id


def _builtin(check: Any, column: str | None) -> Predicate | None:
    """The predicate of a built-in column check; None for any other check."""
    if column is None or check.element_wise or check.groupby is not None or check.name not in _BUILTIN:
        return None
    if not check.is_builtin_check(check.name) or not check.statistics:
        return None
    return _BUILTIN[check.name](column, check.statistics)


def _in_range(field: str, given: Mapping[str, Any]) -> Between:
    return Between(
        field,
        given["min_value"],
        given["max_value"],
        exclude_min=not given.get("include_min", True),
        exclude_max=not given.get("include_max", True),
    )


def _str_length(field: str, given: Mapping[str, Any]) -> Length:
    exact = given.get("exact_value")
    return (
        Length(field, exact, exact)
        if exact is not None
        else Length(field, given.get("min_value"), given.get("max_value"))
    )


def _regex(given: Any) -> str:
    """A pattern as text; a compiled one with its flags written out."""
    if isinstance(given, re.Pattern):
        flags = re.RegexFlag(given.flags) & ~re.UNICODE
        letters = "".join(letter for flag, letter in _FLAGS.items() if flag & flags)
        if flags & ~(re.IGNORECASE | re.MULTILINE | re.DOTALL):
            raise RuleError(f"pattern {given.pattern!r} is compiled with {flags!r}; only i, m and s are read.")
        given = f"(?{letters}){given.pattern}" if letters else given.pattern
    engine_of(given)
    return str(given)


_BUILTIN: dict[str, Callable[[str, Mapping[str, Any]], Predicate]] = {
    "equal_to": lambda field, given: InSet(field, (given["value"],)),
    "not_equal_to": lambda field, given: NotIn(field, (given["value"],)),
    "greater_than": lambda field, given: Between(field, min=given["min_value"], exclude_min=True),
    "greater_than_or_equal_to": lambda field, given: Between(field, min=given["min_value"]),
    "less_than": lambda field, given: Between(field, max=given["max_value"], exclude_max=True),
    "less_than_or_equal_to": lambda field, given: Between(field, max=given["max_value"]),
    "in_range": _in_range,
    "isin": lambda field, given: InSet(field, tuple(given["allowed_values"])),
    "notin": lambda field, given: NotIn(field, tuple(given["forbidden_values"])),
    "str_matches": lambda field, given: Pattern(field, _regex(given["pattern"]), "start"),
    "str_contains": lambda field, given: Pattern(field, _regex(given["pattern"]), "search"),
    "str_startswith": lambda field, given: Pattern(field, re.escape(given["string"]), "start"),
    "str_endswith": lambda field, given: Pattern(field, _REST + re.escape(given["string"])),
    "str_length": _str_length,
}


def _called(check: Any, column: str | None) -> Custom:
    """A check that is code: called as pandera calls it, on rows labelled by position."""

    def function(frame: pd.DataFrame) -> tuple[Mask, Mask]:
        try:
            output = check(frame if column is None else frame[column]).check_output
        except Exception as problem:  # noqa: BLE001  # whatever a user's function raises
            reason = (str(problem).splitlines() or [""])[0]
            raise RuleError(f"pandera check {check.name!r} raised {type(problem).__name__}: {reason}") from None
        return _by_position(output, len(frame), check.name)

    return Custom(() if column is None else (column,), function, check.name or "check")


def _by_position(output: Any, n_rows: int, name: str) -> tuple[Mask, Mask]:
    """Masks from a check's output, which may have lost its null rows: its labels are positions."""
    if isinstance(output, pd.DataFrame):
        output = output.all(axis=1)
    if not isinstance(output, pd.Series) or isinstance(output.index, pd.MultiIndex):
        raise RuleError(f"pandera check {name!r} gives no answer per row ({type(output).__name__}); take it out.")
    fail, evaluated = np.zeros(n_rows, dtype=bool), np.zeros(n_rows, dtype=bool)
    places = output.index.to_numpy()
    evaluated[places] = True
    fail[places] = ~output.to_numpy(dtype=bool, na_value=False)
    return fail, evaluated
