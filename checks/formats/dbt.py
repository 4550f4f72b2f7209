"""dbt's schema.yml: the tests of models, seeds, snapshots and sources, and the constraints of contracts.

Tests are those of dbt itself, dbt_utils and dbt_expectations (`checks.formats.dbt_tests`). A template is evaluated only
where it is a literal or the default of a variable; no macro is ever run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from checks.formats import dbt_tests
from checks.formats.collector import Collector
from checks.formats.dbt_tests import Finding, Unsupported
from checks.formats.jinja_value import is_template, plain
from checks.formats.source import Place, Source
from checks.formats.sql_condition import both, condition
from checks.predicates import AllOf, Expression, ForeignKey, NotNull, Unique
from checks.rule import Limit
from synth.errors import RuleError

_NODES = ("models", "seeds", "snapshots")
_TESTS = ("tests", "data_tests")
_CONFIG = (
    "where", "severity", "warn_if", "error_if", "enabled", "limit", "fail_calc", "store_failures", "store_failures_as",
    "tags", "meta", "group", "database", "schema", "alias",
)  # fmt: skip
_OWN = ("name", "test_name", "description", "config", "arguments", *_CONFIG)
_IF = re.compile(r"\A\s*(!=|<>|>=|>|<=|<|==|=)\s*([0-9]+)\s*\Z")


@dataclass(frozen=True)
class _Test:
    """One test as the file has it: what it is called, of which table and column, its arguments and configuration."""

    kind: str
    table: str
    column: str | None
    place: Place
    given: dict[str, Any]
    config: dict[str, Any] = field(default_factory=dict)
    name: str = ""

    @property
    def rule_id(self) -> str:
        """Its own name, or table, column and kind."""
        own = [self.table, self.column or "", self.kind.rpartition(".")[2]]
        return self.name or ".".join(part for part in own if part)


def translate(source: Source, collector: Collector) -> None:
    """Translate every test of the file."""
    tree = source.mapping(source.tree, ())
    for kind in _NODES:
        for index, node in enumerate(_list(source, tree, kind, ())):
            _table(source, collector, source.mapping(node, (kind, index)), (kind, index))
    for index, node in enumerate(_list(source, tree, "sources", ())):
        place: Place = ("sources", index)
        for number, table in enumerate(_list(source, source.mapping(node, place), "tables", place)):
            inner = (*place, "tables", number)
            _table(source, collector, source.mapping(table, inner), inner)


def _list(source: Source, node: dict[str, Any], key: str, place: Place) -> list[Any]:
    given = node.get(key)
    return [] if given is None else source.sequence(given, (*place, key))


def _table(source: Source, collector: Collector, node: dict[str, Any], place: Place) -> None:
    name = source.text_at(node.get("name"), (*place, "name")) if "name" in node else collector.system or "records"
    for found in _tests_of(source, collector, node, place, name, None):
        _translate_test(collector, found)
    for index, entry in enumerate(_list(source, node, "constraints", place)):
        _constraint(collector, source.mapping(entry, (*place, "constraints", index)), name, None,
                    (*place, "constraints", index))  # fmt: skip
    for index, given in enumerate(_list(source, node, "columns", place)):
        inner = (*place, "columns", index)
        column = source.mapping(given, inner)
        column_name = source.text_at(column.get("name"), (*inner, "name"))
        for found in _tests_of(source, collector, column, inner, name, column_name):
            _translate_test(collector, found)
        for number, entry in enumerate(_list(source, column, "constraints", inner)):
            at = (*inner, "constraints", number)
            _constraint(collector, source.mapping(entry, at), name, column_name, at)
    for index, version in enumerate(_list(source, node, "versions", place)):
        inner = (*place, "versions", index)
        given = source.mapping(version, inner)
        _table(source, collector, {**given, "name": f"{name}.v{given.get('v', index)}"}, inner)


def _tests_of(
    source: Source, collector: Collector, node: dict[str, Any], place: Place, table: str, column: str | None
) -> Iterator[_Test]:
    for key in _TESTS:
        for index, entry in enumerate(_list(source, node, key, place)):
            at = (*place, key, index)
            try:
                yield _test(entry, at, table, column)
            except RuleError as problem:
                collector.error(".".join(part for part in (table, column or "", "test") if part), str(problem), at)


def _test(entry: Any, place: Place, table: str, column: str | None) -> _Test:
    """Read the shapes dbt has for a test: a name, a name with arguments inline or apart, or a `test_name`."""
    if isinstance(entry, str):
        return _Test(entry, table, column, place, {})
    if not isinstance(entry, dict) or not entry:
        raise RuleError("a test is a name, or a name with its arguments.")
    if "test_name" in entry:
        kind, given = str(entry["test_name"]), dict(entry)
    else:
        names = [key for key in entry if key not in _OWN] if len(entry) > 1 else list(entry)
        if len(names) != 1:
            raise RuleError(f"one test has one name; got {', '.join(names) or 'none'}.")
        kind, inner = names[0], entry[names[0]]
        if inner is not None and not isinstance(inner, dict):
            raise RuleError(f"the arguments of {kind} must be a mapping.")
        given = {**{key: value for key, value in entry.items() if key != kind}, **(inner or {})}
    config = {key: given[key] for key in _CONFIG if key in given}
    for key in ("config", "arguments"):
        if given.get(key) is not None and not isinstance(given[key], dict):
            raise RuleError(f"{key} of {kind} must be a mapping.")
    config |= given.get("config") or {}
    arguments = {key: value for key, value in given.items() if key not in _OWN} | (given.get("arguments") or {})
    return _Test(kind, table, column, place, arguments, config, str(given.get("name") or ""))


def _translate_test(collector: Collector, asserted: _Test) -> None:
    def run() -> None:
        try:
            _add(collector, asserted)
        except Unsupported as problem:
            collector.unsupported(asserted.rule_id, str(problem), asserted.place)

    collector.attempt(asserted.rule_id, asserted.place, run)


def _add(collector: Collector, asserted: _Test) -> None:
    package, _, kind = asserted.kind.rpartition(".")
    known = dbt_tests.known(package, kind)
    if known is None:
        raise Unsupported(
            f"{asserted.kind} is a macro of the project or a package that is not known; it is not in the file"
        )
    if not _is_enabled(asserted.config):
        collector.switched_off(asserted.rule_id, "it is not enabled, so it flags nothing", asserted.place)
        return
    reasons: list[str] = []
    if package not in dbt_tests.PACKAGES:
        reasons.append(f"{package} is not in the file; read as the test of that name of dbt_expectations")
    given = _arguments(asserted)
    found: Finding = known(asserted.column, given)
    if given:
        raise Unsupported(f"its argument {next(iter(given))!r} is not known")
    where = _where(asserted, reasons)
    limits = _limits(asserted.config, found, reasons)
    reasons += [reason for reason in (found.differs,) if reason]
    more: dict[str, Any] = {
        "system": asserted.table,
        "where": both(where, found.where),
        "severity": _severity(asserted.config),
        "limits": (*limits, *found.limits),
        "null_policy": found.null_policy,
        "description": str(asserted.config.get("description") or ""),
    }
    if asserted.column is not None and found.blames_column:
        more["blames"] = (asserted.column,)
    if reasons:
        collector.approximate(asserted.rule_id, found.predicate, asserted.place, "; ".join(reasons), **more)
    else:
        collector.exact(asserted.rule_id, found.predicate, asserted.place, **more)


def _is_enabled(config: dict[str, Any]) -> bool:
    if "enabled" not in config:
        return True
    try:
        value = plain(config["enabled"])
    except RuleError as problem:
        raise Unsupported(f"whether it is enabled is not known: {problem}") from None
    return value not in {False, "false", "False", None}


def _arguments(asserted: _Test) -> dict[str, Any]:
    """The arguments without templates; `to` keeps its reference, which is read apart."""
    given = {}
    for key, value in asserted.given.items():
        try:
            given[key] = value if key == "to" else plain(value)
        except RuleError as problem:
            raise Unsupported(f"its argument {key!r} is a {problem}") from None
    return given


def _where(asserted: _Test, reasons: list[str]) -> Expression | None:
    given = asserted.config.get("where")
    if given is None or given == "":
        return None
    try:
        found, differs = condition(str(plain(given)))
    except RuleError as problem:
        raise Unsupported(f"its where: {problem}") from None
    reasons += [f"its where: {differs}"] if differs else []
    return found


def _severity(config: dict[str, Any]) -> str:
    try:
        given = str(plain(config.get("severity", "error"))).lower()
    except RuleError as problem:
        raise Unsupported(f"its severity is a {problem}") from None
    if given not in {"error", "warn", "warning"}:
        raise RuleError(f"severity is {given!r}. Possible: error, warn.")
    return "error" if given == "error" else "warning"


def _limits(config: dict[str, Any], found: Finding, reasons: list[str]) -> tuple[Limit, ...]:
    """The thresholds on the number of failures; without any, one failure is one too many."""
    given = {key: str(plain(config[key])) for key in ("error_if", "warn_if") if config.get(key) is not None}
    if "fail_calc" in config:
        reasons.append("fail_calc counts failures in its own way, which is left out")
        return ()
    if not given:
        return ()
    if not found.counts_rows:
        reasons.append(f"its thresholds count {found.counted} there, rows here")
    if config.get("limit") is not None:
        reasons.append("limit caps the number its thresholds see, which is left out")
    severity = _severity(config)
    wanted = [("error_if", "error"), ("warn_if", "warning")] if severity == "error" else [("warn_if", "warning")]
    limits = []
    for key, level in wanted:
        limit = _limit(given.get(key, "!= 0"), level)
        if limit is None:
            reasons.append(f"{key} {given[key]!r} is no least number of failures and is left out")
        else:
            limits.append(limit)
    return tuple(limits)


def _limit(given: str, severity: str) -> Limit | None:
    read = _IF.match(given)
    if read is None:
        return None
    number = Decimal(read[2])
    if read[1] == ">=" and number > 0:
        return Limit(float(number), "rows", severity, inclusive=True)
    if read[1] == ">" or (read[1] in {"!=", "<>"} and number == 0):
        return Limit(float(number), "rows", severity)
    return None


def _constraint(collector: Collector, given: dict[str, Any], table: str, column: str | None, place: Place) -> None:
    """A constraint of a contract, which the warehouse enforces where it can."""
    kind = str(given.get("type"))
    rule_id = ".".join(part for part in (table, column or "", kind) if part)

    def run() -> None:
        columns = tuple(given.get("columns") or ([column] if column else []))
        given_all = both(*(NotNull(name) for name in columns))
        if kind == "not_null" and given_all is not None:
            collector.exact(rule_id, given_all, place, system=table)
        elif kind == "unique" and columns:
            collector.exact(rule_id, Unique(columns), place, system=table)
        elif kind == "primary_key" and given_all is not None:
            collector.exact(rule_id, AllOf((given_all, Unique(columns))), place, system=table)
        elif kind == "foreign_key" and given.get("to") and given.get("to_columns"):
            other = dbt_tests.table_of(str(given["to"]))
            collector.exact(rule_id, ForeignKey(columns, other, tuple(given["to_columns"])), place, system=table)
        elif kind == "check" and given.get("expression") and not is_template(given["expression"]):
            found, differs = condition(str(given["expression"]))
            add = (rule_id, found, place)
            if differs:
                collector.approximate(*add, differs, system=table)
            else:
                collector.exact(*add, system=table)
        else:
            collector.unsupported(rule_id, f"constraint {kind} is not known in this form", place)

    collector.attempt(rule_id, place, run)
