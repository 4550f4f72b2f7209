"""Checks of pandera schemas as predicates: built-in ones by name, any other called as pandera calls it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from checks.evaluation import evaluate
from checks.patterns import engine_of
from checks.predicates import Between, Custom, InSet, Length, Mask, NotIn, Pattern, Predicate
from checks.rule import Rule
from checks.stored_values import bounded, listed
from synth.errors import RuleError

Answer = tuple[Mask, Mask] | bool
_REST = "(?s:.*)"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}")
_FLAGS = {re.IGNORECASE: "i", re.MULTILINE: "m", re.DOTALL: "s"}


def builtin(check: Any, column: str | None) -> Predicate | None:
    """Return the predicate of a built-in column check; None for any other check."""
    if column is None or check.element_wise or check.groupby is not None or check.name not in _BUILTIN:
        return None
    if not check.is_builtin_check(check.name) or not check.statistics:
        return None
    return _BUILTIN[check.name](column, check.statistics)


def called(check: Any, column: str | None) -> Custom:
    """Return a check that is code: called as pandera calls it, on rows labelled by position.

    An answer for every row is a mask. One answer for all (a mean, a test of two samples, groups) is about the whole.
    """
    grouped = check.groupby is not None or hasattr(check, "samples")

    def function(frame: pd.DataFrame) -> Answer:
        try:
            output = (
                check(frame, column) if grouped else check(frame if column is None else frame[column])
            ).check_output
        except Exception as problem:  # noqa: BLE001  # whatever a user's function raises
            reason = (str(problem).splitlines() or [""])[0]
            raise RuleError(f"pandera check {check.name!r} raised {type(problem).__name__}: {reason}") from None
        return _by_position(output, len(frame), check.name, grouped=grouped)

    return Custom(() if column is None or grouped else (column,), function, check.name or "check")


def _by_position(output: Any, n_rows: int, name: str, *, grouped: bool) -> Answer:
    """Masks from a check's output, which may have lost its null rows: its labels are positions."""
    if isinstance(output, pd.DataFrame):
        output = output.all(axis=1)
    if isinstance(output, (bool, np.bool_)):
        return bool(output)
    if not isinstance(output, pd.Series):
        raise RuleError(
            f"pandera check {name!r} gives a {type(output).__name__}, neither an answer per row nor one for all."
        )
    if grouped or isinstance(output.index, pd.MultiIndex) or not output.index.isin(range(n_rows)).all():
        return bool(output.all())
    fail, evaluated = np.zeros(n_rows, dtype=bool), np.zeros(n_rows, dtype=bool)
    places = output.index.to_numpy()
    evaluated[places] = True
    fail[places] = ~output.to_numpy(dtype=bool, na_value=False)
    return fail, evaluated


@dataclass(frozen=True)
class OfDtype:
    """The column is of a pandera dtype, asked of pandera itself: as a whole, or value by value where it tells which."""

    field: str
    dtype: Any

    @property
    def in_words(self) -> str:
        """What it asks, for people."""
        return f"the type {self.dtype} of column {self.field!r} is asked of pandera itself"

    def __call__(self, frame: pd.DataFrame) -> Answer:
        """Judge the column."""
        import pandera.pandas as pa
        from pandera.backends.pandas.array import ArraySchemaBackend

        found = ArraySchemaBackend().check_dtype(frame[self.field], pa.Column(self.dtype, name=self.field))
        return bool(found.passed) or _cases(found.failure_cases, len(frame))


@dataclass(frozen=True)
class Coerced:
    """The values can be changed to a pandera dtype."""

    field: str
    dtype: Any

    @property
    def in_words(self) -> str:
        """What it asks, for people."""
        return f"pandera itself is asked to change column {self.field!r} to {self.dtype}"

    def __call__(self, frame: pd.DataFrame) -> Answer:
        """Judge the column."""
        from pandera.errors import ParserError

        try:
            self.dtype.try_coerce(frame[self.field])
        except ParserError as problem:
            return _cases(problem.failure_cases, len(frame))
        return np.zeros(len(frame), dtype=bool), np.ones(len(frame), dtype=bool)


def _cases(cases: Any, n_rows: int) -> Answer:
    """The rows of failure cases; without rows the column fails as a whole."""
    if not isinstance(cases, pd.DataFrame) or "index" not in cases or not cases["index"].isin(range(n_rows)).all():
        return False
    fail = np.zeros(n_rows, dtype=bool)
    fail[cases["index"].astype(int)] = True
    return (fail, np.ones(n_rows, dtype=bool)) if fail.any() else False


@dataclass(frozen=True)
class Preparation:
    """What pandera does to a column before it is checked: fill nulls, run parsers, change its type if all values can.

    Attributes:
        field: the column.
        default: what nulls become; None: they stay.
        parsers: functions of the column, in order.
        dtype: the type it is changed to; None: it stays.
    """

    field: str
    default: Any = None
    parsers: tuple[Any, ...] = ()
    dtype: Any = None

    def series(self, frame: pd.DataFrame) -> tuple[pd.Series[Any], bool]:
        """Return the column as its checks see it, and whether its type could be changed as asked."""
        from pandera.errors import ParserError

        values = frame[self.field]
        if self.default is not None:
            values = values.fillna(self.default)
        for parser in self.parsers:
            values = parser(values).parser_output
        if len(values) != len(frame):
            raise RuleError(f"a parser of column {self.field!r} changes the number of rows; take it out.")
        try:
            return (values if self.dtype is None else self.dtype.try_coerce(values)), True
        except ParserError:
            return values, False


@dataclass(frozen=True)
class Prepared:
    """A rule that sees columns after their preparation.

    Attributes:
        rule: about the prepared columns.
        preparations: of those it reads.
        check: pandera's own, asked where a column could not be changed: it may fail as a whole then.
    """

    rule: Rule
    preparations: tuple[Preparation, ...]
    check: Custom | None = None

    @property
    def in_words(self) -> str:
        """What it does before it judges, for people."""
        changed = ", ".join(repr(preparation.field) for preparation in self.preparations)
        return f"pandera changes {changed} first (coerce, default or a parser), and the rule judges what comes out"

    def __call__(self, frame: pd.DataFrame) -> Answer:
        """Judge the prepared frame."""
        made = {one.field: one.series(frame) for one in self.preparations if one.field in frame}
        prepared = frame.assign(**{field: series for field, (series, _) in made.items()})
        if self.check is not None and not all(changed for _, changed in made.values()):
            try:
                return self.check.function(prepared)
            except RuleError:
                return False
        found = evaluate([self.rule], prepared).results[0]
        return (found.fail, found.evaluated) if found.holds is None else found.holds


@dataclass(frozen=True)
class RepeatsButLast:
    """Values that occur again further down; nulls are equal to one another."""

    fields: tuple[str, ...]

    def __call__(self, frame: pd.DataFrame) -> Answer:
        """Judge every row."""
        return frame.duplicated(list(self.fields), keep="last").to_numpy(), np.ones(len(frame), dtype=bool)


@dataclass(frozen=True)
class ColumnNames:
    """The columns of the frame are among the listed ones, or stand in their order, or have distinct names."""

    names: tuple[str, ...]
    how: str

    def __call__(self, frame: pd.DataFrame) -> bool:
        """Answer for the table."""
        held = [str(name) for name in frame.columns]
        if self.how == "strict":
            return set(held) <= set(self.names)
        if self.how == "unique_column_names":
            return len(held) == len(set(held))
        listed = [name for name in held if name in self.names]
        return listed == [name for name in self.names if name in held]


def _in_range(field: str, given: Mapping[str, Any]) -> Between:
    exclude = {f"exclude_{end}": not given.get(f"include_{end}", True) for end in ("min", "max")}
    return _bounded(field, given["min_value"], given["max_value"], **exclude)


def _bounded(field: str, low: Any = None, high: Any = None, **more: Any) -> Between:
    """Bounds as pandas compares them: an ordered category has its own order."""
    between = bounded(field, low, high, **more)
    return between if between.stored == "any" else replace(between, as_="stored")


def _equal(field: str, value: Any, *, inside: bool) -> Predicate:
    """A value as pandas compares it: a text that is a day equals the day."""
    if isinstance(value, str) and _DAY.match(value):
        return InSet(field, (value,)) if inside else NotIn(field, (value,))
    return listed(field, (value,), inside=inside)


def _str_length(field: str, given: Mapping[str, Any]) -> Length:
    exact = given.get("exact_value")
    return (
        Length(field, exact, exact, "no")
        if exact is not None
        else Length(field, given.get("min_value"), given.get("max_value"), "no")
    )


def _regex(given: Any) -> str:
    """A pattern as text; a compiled one with its flags written out."""
    if isinstance(given, re.Pattern):
        flags = re.RegexFlag(given.flags) & ~re.UNICODE
        letters = "".join(letter for flag, letter in _FLAGS.items() if flag & flags)
        if flags & ~(re.IGNORECASE | re.MULTILINE | re.DOTALL):
            raise RuleError(f"pattern {given.pattern!r} is compiled with {flags!r}; only i, m and s are read.")
        given = f"(?{letters}){given.pattern}" if letters else given.pattern
    engine_of(given, "re")
    return str(given)


_BUILTIN: dict[str, Callable[[str, Mapping[str, Any]], Predicate]] = {
    "equal_to": lambda field, given: _equal(field, given["value"], inside=True),
    "not_equal_to": lambda field, given: _equal(field, given["value"], inside=False),
    "greater_than": lambda field, given: _bounded(field, given["min_value"], exclude_min=True),
    "greater_than_or_equal_to": lambda field, given: _bounded(field, given["min_value"]),
    "less_than": lambda field, given: _bounded(field, high=given["max_value"], exclude_max=True),
    "less_than_or_equal_to": lambda field, given: _bounded(field, high=given["max_value"]),
    "in_range": _in_range,
    "isin": lambda field, given: listed(field, tuple(given["allowed_values"])),
    "notin": lambda field, given: listed(field, tuple(given["forbidden_values"]), inside=False),
    "str_matches": lambda field, given: Pattern(field, _regex(given["pattern"]), "start", "re", "no"),
    "str_contains": lambda field, given: Pattern(field, _regex(given["pattern"]), "search", "re", "no"),
    "str_startswith": lambda field, given: Pattern(field, re.escape(given["string"]), "start", written="no"),
    "str_endswith": lambda field, given: Pattern(field, _REST + re.escape(given["string"]), written="no"),
    "str_length": _str_length,
}
