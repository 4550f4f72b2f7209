"""pandera schemas read as rules.

Built-in checks are read by name and statistics and run on our kernels; any other check is called as pandera would call
it (`Check.__call__`), and its output is put back by position. `schema.validate()` is never used: it drops null rows
from masks, speaks in index labels and is many times slower.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from checks.coverage import Coverage
from checks.pandera_checks import (
    Coerced,
    ColumnNames,
    OfDtype,
    Preparation,
    Prepared,
    RepeatsButLast,
    builtin,
    called,
)
from checks.pandera_schema import schema_of
from checks.predicates import Custom, HasColumn, NotIn, NotNull, Predicate, Unique
from checks.rule import Rule
from synth.errors import CasegaugeError


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
        >>> [(entry.id, entry.status) for entry in read.coverage]
        [('zip.str_matches', 'exact'), ('zip.dtype', 'exact')]
    """
    read, unknown = schema_of(schema)
    reader = _Reader(read, system)
    for name, column in read.columns.items():
        reader.column(str(name), column)
    reader.whole()
    for rule_id, place in unknown:
        reader.not_read(rule_id, "the check is not registered here; import the module that registers it", place)
    return Translation(tuple(reader.rules), tuple(reader.coverage))


class _Reader:
    """Collects rules and coverage of one schema."""

    def __init__(self, schema: Any, system: str | None) -> None:
        self.schema = schema
        self.system = system
        self.rules: list[Rule] = []
        self.coverage: list[Coverage] = []
        self.preparations = {
            str(name): prepared
            for name, column in schema.columns.items()
            if not column.regex and (prepared := self._preparation(str(name), column)) is not None
        }
        self._ids: set[str] = set()

    def _preparation(self, name: str, column: Any) -> Preparation | None:
        """What happens to a column before its checks; None: nothing."""
        dtype = self.schema.dtype or column.dtype
        coerced = dtype if dtype is not None and (column.coerce or self.schema.coerce) else None
        default = getattr(column, "default", None)
        if coerced is None and default is None and not column.parsers:
            return None
        return Preparation(name, default, tuple(column.parsers), coerced)

    def column(self, name: str, column: Any) -> None:
        """Read what a schema says about one column."""
        place = f"columns.{name}"
        if column.regex:
            self.not_read(f"{name}.regex", "the name is a pattern of names; list the columns", place)
            return
        n_before = len(self.coverage)
        lax = "" if column.required else "a frame without the column passes there; here it is an error"
        preparation = self.preparations.get(name)
        if preparation is not None and preparation.dtype is not None:
            self._add(f"{name}.coerce", Custom((name,), Coerced(name, preparation.dtype), "coerce"), place, bare=True)
        if not column.nullable:
            self._add(f"{name}.not_null", NotNull(name), place, reason=lax)
        if column.unique:
            self._unique((name,), column.report_duplicates, place, lax)
        for check in column.checks:
            self._check(check, name, place, lax)
        dtype = self.schema.dtype or column.dtype
        if dtype is not None:
            self._add(f"{name}.dtype", Custom((name,), OfDtype(name, dtype), f"dtype {dtype}"), place, reason=lax)
        if column.required and len(self.coverage) == n_before:
            self._add(f"{name}.required", HasColumn(name), place, bare=True)

    def whole(self) -> None:
        """Read what a schema says about the whole frame."""
        schema = self.schema
        for check in schema.checks:
            self._check(check, None, "checks", "")
        keys = schema.unique or []
        for key in [keys] if isinstance(keys, str) or all(isinstance(item, str) for item in keys) else keys:
            if key:
                fields = (key,) if isinstance(key, str) else tuple(key)
                self._unique(fields, schema.report_duplicates, "unique", "")
        names = tuple(map(str, schema.columns))
        for what in ("strict", "ordered", "unique_column_names"):
            if getattr(schema, what, False):
                how = "nothing" if getattr(schema, what) == "filter" else what
                self._names(what, names, how)
        if getattr(schema, "parsers", None):
            self.not_read("parsers", "they change the frame before it is checked; run them first", "parsers")
        if schema.index is not None:
            self.not_read("index", "labels of rows are not looked at; make them a column", "index")
        if schema.dtype is not None and not schema.columns:
            self.not_read("dtype", "of columns that are not listed; list them", "dtype")
        if getattr(schema, "add_missing_columns", False):
            self.not_read("add_missing_columns", "no column is added; a missing one is an error", "add_missing_columns")

    def _names(self, what: str, names: tuple[str, ...], how: str) -> None:
        if how == "nothing":
            self.coverage.append(Coverage(self._new_id(what), "exact", "other columns are not looked at", what))
            return
        self._add(what, Custom((), ColumnNames(names, how), what), what, bare=True, level="table")

    def _unique(self, fields: tuple[str, ...], report: str, place: str, lax: str) -> None:
        """Say that nulls are equal to one another, as they are to pandera."""
        rule_id = f"{'+'.join(fields)}.unique"
        if report == "exclude_last":
            self._add(rule_id, Custom(fields, RepeatsButLast(fields), "unique"), place, reason=lax, level="group")
        else:
            later = report == "exclude_first"
            self._add(rule_id, Unique(fields, "equal", "later" if later else "all"), place, reason=lax)

    def _check(self, check: Any, column: str | None, place: str, lax: str) -> None:
        name = check.name or "check"
        rule_id = f"{column}.{name}" if column is not None else name
        policy = "ignore" if check.ignore_na else "fail"
        try:
            predicate = builtin(check, column)
        except CasegaugeError as problem:
            self.coverage.append(Coverage(self._new_id(rule_id), "error", str(problem), place))
            return
        given: dict[str, Any] = {"severity": "warning" if check.raise_warning else "error"}
        given["description"] = check.description or ""
        if predicate is None:
            predicate, policy = called(check, column), "native"
            given["blames"] = () if column is None else (column,)
        elif isinstance(predicate, NotIn):
            policy = "ignore"  # a null is none of the listed values, whatever ignore_na says
        asked = called(check, column)
        self._add(rule_id, predicate, place, reason=lax, asked=asked, null_policy=policy, **given)

    def _add(
        self,
        rule_id: str,
        predicate: Predicate,
        place: str,
        *,
        reason: str = "",
        bare: bool = False,
        asked: Custom | None = None,
        **given: Any,
    ) -> None:
        """Add a rule; unless it is bare, it sees columns after their preparation (`asked`: as pandera calls it)."""
        rule_id = self._new_id(rule_id)
        rule = Rule(rule_id, predicate, system=self.system, reference="pandera", **given)
        fields = rule.blames or tuple(self.preparations)
        needed = tuple(self.preparations[field] for field in fields if field in self.preparations)
        if needed and not bare:
            inner = Rule(rule_id, predicate, null_policy=rule.null_policy, level=rule.level)
            code = Custom(rule.blames, Prepared(inner, needed, asked), rule_id)
            more = {key: value for key, value in given.items() if key in {"severity", "description"}}
            rule = Rule(rule_id, code, system=self.system, reference="pandera", level=rule.level, **more)
        self.rules.append(rule)
        self.coverage.append(Coverage(rule_id, "approximate" if reason else "exact", reason, place))

    def not_read(self, rule_id: str, reason: str, place: str) -> None:
        """Say that something has no translation."""
        self.coverage.append(Coverage(self._new_id(rule_id), "unsupported", reason, place))

    def _new_id(self, wanted: str) -> str:
        rule_id, n = wanted, 1
        while rule_id in self._ids:
            n += 1
            rule_id = f"{wanted}-{n}"
        self._ids.add(rule_id)
        return rule_id
