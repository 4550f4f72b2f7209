"""Soda: contracts of version 4 (dataset, columns, checks) and SodaCL of version 3 (`checks for ...`).

Soda counts rows; here they are flagged. A count that must stay under a bound is a rule with a limit beside its mask; a
count that must be anything else is about the table as a whole, and flags no row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from checks.formats.collector import Collector
from checks.formats.source import Place, Source
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
    Unique,
)
from checks.rule import Limit
from synth.errors import RuleError

_SETTINGS = (
    "missing_values", "missing_format", "valid_values", "invalid_values", "valid_format", "invalid_format", "valid_min",
    "valid_max", "valid_length", "valid_min_length", "valid_max_length", "valid_reference_data",
)  # fmt: skip
_MISSING = ("missing_values", "missing_format")
_AGGREGATES: dict[str, Metric] = {
    "avg": "mean", "min": "min", "max": "max", "sum": "sum", "stddev": "stdev", "distinct_count": "distinct_count",
}  # fmt: skip
_BOUNDS = {
    "greater_than": ("min", True),
    "greater_than_or_equal": ("min", False),
    "less_than": ("max", True),
    "less_than_or_equal": ("max", False),
}
_METRIC = re.compile(r"\A\s*([a-z_]+)\s*(?:\(([^()]*)\))?\s*(.*?)\s*\Z", re.DOTALL)
_ASKED = re.compile(
    r"\A(?:(not\s+)?between\s+([(\[]?)\s*(-?[0-9.]+)\s*%?\s+and\s+(-?[0-9.]+)\s*%?\s*([)\]]?)|(!=|<>|<=|>=|=|<|>)\s*(-?[0-9.]+)\s*%?)\Z"
)
_KEY = re.compile(r"\Achecks for (?P<table>[^\[\]]+?)\s*(?:\[(?P<part>[^\[\]]*)\])?\Z")


class _Unsupported(Exception):  # noqa: N818  # caught where it is raised
    """A check that has no translation, and why."""


@dataclass(frozen=True)
class _Asked:
    """Where a number has to lie."""

    min: float | None = None
    max: float | None = None
    exclude_min: bool = False
    exclude_max: bool = False
    outside: bool = False

    def limit(self, unit: str, severity: str) -> Limit | None:
        """The same as a limit on failing rows, if it is nothing but an upper bound."""
        lowest = self.min is None or (self.min == 0 and not self.exclude_min)
        if self.max is None or not lowest or self.outside or self.max < 0 or (self.max == 0 and self.exclude_max):
            return None
        above = self.max if unit == "rows" else float(Decimal(str(self.max)) / 100)
        return None if unit == "share" and above > 1 else Limit(above, unit, severity, inclusive=self.exclude_max)

    def measure(self, metric: Metric, field: str | None = None, of: Predicate | None = None) -> Measure:
        """The same about a table as a whole."""
        scale = 100 if metric == "failing_share" else 1
        low, high = (None if b is None else float(Decimal(str(b)) / scale) for b in (self.min, self.max))
        return Measure(metric, field, low, high, self.exclude_min, self.exclude_max, of, outside=self.outside)


_NONE = _Asked(max=0)


def translate(source: Source, collector: Collector) -> None:
    """Translate every check of a contract or of a SodaCL file."""
    tree = source.mapping(source.tree, ())
    if "dataset" in tree or "columns" in tree:
        _contract(source, collector, tree)
    else:
        _checks_files(source, collector, tree)


def _attempt(collector: Collector, rule_id: str, place: Place, run: Any) -> None:
    def tried() -> None:
        try:
            run()
        except _Unsupported as problem:
            collector.unsupported(rule_id, str(problem), place)

    collector.attempt(rule_id, place, tried)


# ------------------------------------------------------------------------------------------- what is missing and valid


def _values(given: Any, key: str) -> tuple[Any, ...]:
    if not isinstance(given, list):
        raise RuleError(f"{key} must be a list.")
    return tuple(value for value in given if value is not None)


def _regex(given: Any, key: str) -> str:
    if isinstance(given, str):
        return given
    if isinstance(given, dict) and isinstance(given.get("regex"), str):
        return str(given["regex"])
    if isinstance(given, dict) and "name" in given:
        raise _Unsupported(f"{key} {given['name']!r} is a named format without its regex")
    raise RuleError(f"{key} has no regex.")


def _is_missing(field: str, settings: Mapping[str, Any]) -> Predicate:
    parts: list[Predicate] = [Not(NotNull(field))]
    if settings.get("missing_values") is not None:
        parts.append(InSet(field, _values(settings["missing_values"], "missing_values")))
    if settings.get("missing_format") is not None:
        parts.append(Pattern(field, _regex(settings["missing_format"], "missing_format"), "search"))
    return AnyOf(tuple(parts)) if len(parts) > 1 else parts[0]


def _given(field: str, settings: Mapping[str, Any]) -> Predicate:
    """The value is not missing."""
    missing = _is_missing(field, settings)
    return NotNull(field) if isinstance(missing, Not) else Not(missing)


def _valid(field: str, settings: Mapping[str, Any]) -> list[Predicate]:
    """What a value that is not missing has to be."""
    parts: list[Predicate] = []
    for key in _SETTINGS:
        value = settings.get(key)
        if value is None or key in _MISSING:
            continue
        parts.append(_one_valid(field, key, value))
    return parts


def _one_valid(field: str, key: str, value: Any) -> Predicate:
    match key:
        case "valid_values":
            return InSet(field, _values(value, key))
        case "invalid_values":
            return NotIn(field, _values(value, key))
        case "valid_format":
            return Pattern(field, _regex(value, key), "search")
        case "invalid_format":
            return Not(Pattern(field, _regex(value, key), "search"))
        case "valid_min" | "valid_max":
            return Between(field, **{key.removeprefix("valid_"): value})
        case "valid_length":
            return Length(field, int(value), int(value))
        case "valid_min_length":
            return Length(field, min=int(value))
        case "valid_max_length":
            return Length(field, max=int(value))
    other = str(value["dataset"]).rpartition("/")[2]
    return ForeignKey((field,), other, (str(value["column"]),))


def _invalid_check(field: str, settings: Mapping[str, Any]) -> Predicate:
    """Missing, or valid: judged on every row, because shares are of all rows."""
    parts = _valid(field, settings)
    if not parts:
        raise RuleError("it does not say what is valid: valid_values, valid_format, valid_min ...")
    return AnyOf((_is_missing(field, settings), *((AllOf(tuple(parts)),) if len(parts) > 1 else parts)))


def _is_valid(field: str, settings: Mapping[str, Any]) -> Predicate:
    """Neither missing nor invalid: the values whose repeats are counted."""
    parts = (_given(field, settings), *_valid(field, settings))
    return AllOf(parts) if len(parts) > 1 else parts[0]


# ------------------------------------------------------------------------------------------------------------ contracts


def _contract(source: Source, collector: Collector, tree: dict[str, Any]) -> None:
    table = str(tree["dataset"]).rpartition("/")[2] if "dataset" in tree else collector.system
    shared = tree.get("filter")
    for index, entry in enumerate(_list(source, tree, "columns", ())):
        place: Place = ("columns", index)
        column = source.mapping(entry, place)
        name = source.text_at(column.get("name"), (*place, "name"))
        defaults = {key: column[key] for key in _SETTINGS if column.get(key) is not None}
        for kind, given, at in _checks(source, column, place):
            rule_id = ".".join(part for part in (table or "", name, str(given.get("name") or kind)) if part)
            run = partial(_column_check, collector, rule_id, kind, given, at, (table, name, defaults, shared))
            _attempt(collector, rule_id, at, run)
    for kind, given, at in _checks(source, tree, ()):
        rule_id = ".".join(part for part in (table or "", str(given.get("name") or kind)) if part)
        names = [str(column.get("name")) for column in tree.get("columns") or [] if isinstance(column, dict)]
        _attempt(
            collector, rule_id, at, partial(_table_check, collector, rule_id, kind, given, at, (table, names, shared))
        )


def _list(source: Source, node: Mapping[str, Any], key: str, place: Place) -> list[Any]:
    given = node.get(key)
    return [] if given is None else source.sequence(given, (*place, key))


def _checks(source: Source, node: Mapping[str, Any], place: Place) -> Iterator[tuple[str, dict[str, Any], Place]]:
    for index, entry in enumerate(_list(source, node, "checks", place)):
        at = (*place, "checks", index)
        if isinstance(entry, str):
            yield entry, {}, at
            continue
        for kind, given in source.mapping(entry, at).items():
            yield kind, {} if given is None else source.mapping(given, (*at, kind)), at


def _column_check(
    collector: Collector,
    rule_id: str,
    kind: str,
    given: dict[str, Any],
    place: Place,
    about: tuple[str | None, str, dict[str, Any], Any],
) -> None:
    table, name, defaults, shared = about
    own = {key: given[key] for key in _SETTINGS if given.get(key) is not None}
    settings = _merged(own, defaults)
    more = _more(given, table, shared)
    match kind:
        case "missing":
            _count(collector, rule_id, _given(name, settings), place, _threshold(given), more)
        case "invalid":
            _count(collector, rule_id, _invalid_check(name, settings), place, _threshold(given), more)
        case "duplicate":
            where = both(more.pop("where", None), _is_valid(name, settings) if settings else None)
            _count(
                collector, rule_id, Unique((name,), repeats="later"), place, _threshold(given), more | {"where": where}
            )
        case "aggregate":
            _aggregate(collector, rule_id, given, place, name, more, settings)
        case "failed_rows" | "metric":
            _table_check(collector, rule_id, kind, given, place, (table, [], shared))
        case _:
            raise _Unsupported(f"check {kind} is not known")


def _merged(own: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    """A check's own settings on missing or validity replace the column's."""
    found = dict(own)
    for is_missing in (True, False):
        if not any((key in _MISSING) == is_missing for key in own):
            found |= {key: value for key, value in defaults.items() if (key in _MISSING) == is_missing}
    return found


def _more(given: Mapping[str, Any], table: str | None, *filters: Any) -> dict[str, Any]:
    where: Predicate | None = None
    reasons: list[str] = []
    for written in (*filters, given.get("filter")):
        if written is None:
            continue
        if "${" in str(written):
            raise _Unsupported("its filter has a variable, which is not known")
        found, differs = condition(str(written))
        where, reasons = both(where, found), reasons + ([differs] if differs else [])
    more: dict[str, Any] = {"system": table, "description": str(given.get("name") or "")}
    if where is not None:
        more["where"] = where
    if reasons:
        more["differs"] = "; ".join(reasons)
    return more


def _threshold(given: Mapping[str, Any]) -> tuple[_Asked, str, str]:
    """Where the number has to lie, its unit, and how bad it is if it does not."""
    threshold = given.get("threshold") or {}
    if not isinstance(threshold, dict):
        raise RuleError("threshold must be a mapping.")
    unit = str(threshold.get("metric") or threshold.get("unit") or given.get("metric") or "count")
    level = str(threshold.get("level") or given.get("level") or "fail")
    asked = _NONE
    for key, value in threshold.items():
        if key in {"metric", "unit", "level"}:
            continue
        asked = _one_threshold(key, value)
    return asked, "share" if unit == "percent" else "rows", "warning" if level == "warn" else "error"


def _one_threshold(key: str, value: Any) -> _Asked:
    name = key.removeprefix("must_be_").removeprefix("must_")
    if key == "must_be":
        return _Asked(float(value), float(value))
    if key == "must_not_be":
        return _Asked(float(value), float(value), outside=True)
    if key.startswith("must_be_") and name in _BOUNDS:
        side, excluded = _BOUNDS[name]
        ends: dict[str, Any] = {side: float(value), f"exclude_{side}": excluded}
        return _Asked(**ends)
    if key in {"must_be_between", "must_be_not_between"}:
        outside = key == "must_be_not_between"
        ends = {}
        for word, bound in value.items():
            side, excluded = _BOUNDS[word]
            side = {"min": "max", "max": "min"}[side] if outside else side
            ends |= {side: float(bound), f"exclude_{side}": excluded != outside}
        return _Asked(**ends, outside=outside)
    raise RuleError(f"threshold {key!r} is not known.")


def _count(
    collector: Collector,
    rule_id: str,
    predicate: Predicate,
    place: Place,
    threshold: tuple[_Asked, str, str],
    more: dict[str, Any],
) -> None:
    """Add a rule whose failing rows are counted: with a limit, or about the table as a whole."""
    asked, unit, severity = threshold
    limit = asked.limit(unit, severity)
    if limit is not None:
        limits = () if limit == Limit(0, "rows", severity) else (limit,)
        _say(collector, rule_id, predicate, place, {**more, "severity": severity, "limits": limits})
        return
    if isinstance(predicate, Unique):
        raise _Unsupported("a number of repeats that must not be small is not worked out")
    metric: Metric = "failing_count" if unit == "rows" else "failing_share"
    measure = asked.measure(metric, of=predicate)
    _say(collector, rule_id, measure, place, {**more, "severity": severity})


def _say(collector: Collector, rule_id: str, predicate: Predicate, place: Place, more: dict[str, Any]) -> None:
    differs = more.pop("differs", "")
    if differs:
        collector.approximate(rule_id, predicate, place, differs, **more)
    else:
        collector.exact(rule_id, predicate, place, **more)


def _aggregate(
    collector: Collector,
    rule_id: str,
    given: dict[str, Any],
    place: Place,
    name: str,
    more: dict[str, Any],
    settings: dict[str, Any],
) -> None:
    function = str(given.get("function"))
    if function not in _AGGREGATES:
        raise _Unsupported(f"function {function} is not worked out")
    asked, _, severity = _threshold(given)
    where = both(more.pop("where", None), _is_valid(name, settings) if settings else None)
    measure = asked.measure(_AGGREGATES[function], name)
    _say(collector, rule_id, measure, place, {**more, "where": where, "severity": severity})


def _table_check(
    collector: Collector,
    rule_id: str,
    kind: str,
    given: dict[str, Any],
    place: Place,
    about: tuple[str | None, list[str], Any],
) -> None:
    table, names, shared = about
    match kind:
        case "row_count":
            more = _more(given, table, shared)
            asked, _, severity = _threshold(given) if given.get("threshold") else (_Asked(min=1), "", "error")
            _say(collector, rule_id, asked.measure("row_count"), place, {**more, "severity": severity})
        case "duplicate":
            fields = tuple(str(name) for name in given["columns"])
            more = _more(given, table, shared)
            _count(collector, rule_id, Unique(fields, "equal", "later"), place, _threshold(given), more)
        case "failed_rows" if "expression" in given:
            found, differs = condition(f"NOT ({given['expression']})")
            more = _more(given, table, shared)
            more["differs"] = "; ".join(part for part in (more.pop("differs", ""), differs) if part)
            _count(collector, rule_id, found, place, _threshold(given), more)
        case "schema":
            for name in names:
                collector.exact(
                    f"{table}.{name}.schema" if table else f"{name}.schema", HasColumn(name), place, system=table
                )
            if not names:
                raise _Unsupported("schema without columns says nothing")
        case "failed_rows" | "metric":
            raise _Unsupported(f"{kind} with a query or a number of its own is not worked out")
        case _:
            raise _Unsupported(f"check {kind} is not known or depends on the day it is run")


# --------------------------------------------------------------------------------------------------------------- SodaCL


def _checks_files(source: Source, collector: Collector, tree: dict[str, Any]) -> None:
    filters = {key: value for key, value in tree.items() if key.startswith("filter ")}
    defaults = _configurations(tree)
    for key, part in tree.items():
        read = _KEY.match(key)
        if read is not None:
            table = read["table"].strip().strip('"')
            shared = None
            if read["part"]:
                found = filters.get(f"filter {table} [{read['part']}]")
                shared = found.get("where") if isinstance(found, dict) else None
                shared = shared if shared is not None else "${unknown}"
            for index, entry in enumerate(_list(source, tree, key, ())):
                _sodacl_entry(source, collector, entry, (key, index), (table, shared, defaults.get(table, {})))
        elif key.startswith("for each "):
            for index, _ in enumerate(_list(source, source.mapping(part, (key,)), "checks", (key,))):
                collector.unsupported(
                    f"{key}.{index + 1}", "which tables it is for is not known", (key, "checks", index)
                )
        elif not key.startswith(("filter ", "configurations for ", "variables", "discover ", "profile ", "sample ")):
            collector.unsupported(key, "a part of SodaCL that is not read", (key,))


def _configurations(tree: dict[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """`configurations for T: {valid values for c: [...]}` -> table -> column -> settings."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for key, given in tree.items():
        if not key.startswith("configurations for ") or not isinstance(given, dict):
            continue
        of_table = found.setdefault(key.removeprefix("configurations for ").strip(), {})
        for name, value in given.items():
            setting, _, column = name.partition(" for ")
            of_table.setdefault(column.strip(), {}).update(_settings_of({setting: value}))
    return found


def _settings_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings under the names of version 4."""
    found = {}
    for key, value in given.items():
        name = key.replace(" ", "_")
        if name in {"valid_regex", "missing_regex", "invalid_regex"}:
            found[name.replace("regex", "format")] = {"regex": value}
        elif name in {"valid_format", "missing_format", "invalid_format"}:
            found[name] = {"name": value}
        elif name in _SETTINGS:
            found[name] = value
    return found


def _sodacl_entry(source: Source, collector: Collector, entry: Any, place: Place, about: tuple[str, Any, Any]) -> None:
    if isinstance(entry, str):
        written, given = entry, dict[str, Any]()
    else:
        node = source.mapping(entry, place)
        if len(node) != 1:
            collector.error(about[0], "a check is one text, or one text with its settings", place)
            return
        written, inner = next(iter(node.items()))
        given = {} if inner is None else inner if isinstance(inner, dict) else {"value": inner}
    rule_id = f"{about[0]}.{given.get('name') or ' '.join(written.split())}"
    _attempt(collector, rule_id, place, partial(_sodacl, collector, rule_id, written, given, place, about))


def _sodacl(
    collector: Collector, rule_id: str, written: str, given: dict[str, Any], place: Place, about: tuple[str, Any, Any]
) -> None:
    table, shared, defaults = about
    if "${" in written:
        raise _Unsupported("it has a variable, which is not known")
    values_in = re.match(r"\Avalues in \(?([^()]+)\)? must exist in (\S+) \(?([^()]+)\)?\Z", written.strip())
    if values_in is not None:
        own, theirs = (tuple(part.strip() for part in values_in[place].split(",")) for place in (1, 3))
        _say(collector, rule_id, ForeignKey(own, values_in[2], theirs), place, _more(given, table, shared))
        return
    if written.strip() == "failed rows" and "fail condition" in given:
        found, differs = condition(f"NOT ({given['fail condition']})")
        more = _more(given, table, shared)
        more["differs"] = "; ".join(part for part in (more.pop("differs", ""), differs) if part)
        _say(collector, rule_id, found, place, more)
        return
    if written.strip() == "schema":
        _schema(collector, rule_id, given, place, table)
        return
    read = _METRIC.match(written)
    if read is None or not read[1]:
        raise _Unsupported("a check of a form that is not read")
    columns = tuple(part.strip() for part in (read[2] or "").split(",") if part.strip())
    _metric(collector, rule_id, (read[1], columns, read[3]), given, place, (table, shared, defaults))


def _metric(
    collector: Collector,
    rule_id: str,
    written: tuple[str, tuple[str, ...], str],
    given: dict[str, Any],
    place: Place,
    about: tuple[str, Any, Any],
) -> None:
    metric, columns, asked_text = written
    table, shared, defaults = about
    more = _more(given, table, shared)
    thresholds = _sodacl_thresholds(asked_text, given)
    column = columns[0] if columns else ""
    settings = _merged(_settings_of(given), defaults.get(column, {}))
    kind, _, unit = metric.rpartition("_")
    if metric == "row_count" or (metric in _AGGREGATES and column):
        asked, severity = _single(thresholds)
        measure = asked.measure("row_count" if metric == "row_count" else _AGGREGATES[metric], column or None)
        where = both(more.pop("where", None), _is_valid(column, settings) if settings and column else None)
        _say(collector, rule_id, measure, place, {**more, "where": where, "severity": severity})
        return
    if kind not in {"missing", "invalid", "duplicate"} or unit not in {"count", "percent"} or not columns:
        raise _Unsupported(f"metric {metric} is not worked out")
    predicate: Predicate
    if kind == "duplicate":
        predicate = Unique(columns)
        if any(asked.limit("rows", "error") != Limit(0, "rows") for asked, _ in thresholds):
            more["differs"] = "repeated values are counted there, the rows that hold them here"
    else:
        predicate = _given(column, settings) if kind == "missing" else _invalid_check(column, settings)
    unit = "share" if unit == "percent" else "rows"
    limits = [asked.limit(unit, severity) for asked, severity in thresholds]
    if len(limits) == 1 and limits[0] is None:
        _count(collector, rule_id, predicate, place, (thresholds[0][0], unit, thresholds[0][1]), more)
        return
    if None in limits:
        raise _Unsupported("two bounds of which one is no upper bound")
    severity = "error" if any(level == "error" for _, level in thresholds) else "warning"
    kept = tuple(limit for limit in limits if limit is not None)
    kept = () if kept == (Limit(0, "rows", severity),) else kept
    _say(collector, rule_id, predicate, place, {**more, "severity": severity, "limits": kept})


def _single(thresholds: list[tuple[_Asked, str]]) -> tuple[_Asked, str]:
    if len(thresholds) > 1:
        raise _Unsupported("a number with a bound for a warning and one for a failure is not read")
    return thresholds[0]


def _sodacl_thresholds(asked: str, given: Mapping[str, Any]) -> list[tuple[_Asked, str]]:
    """Where a number has to lie: what stands behind the metric, or the opposite of `warn: when`, `fail: when`."""
    if asked:
        return [(_asked(asked, holds=True), "error")]
    found = []
    for key, severity in (("fail", "error"), ("warn", "warning")):
        if key in given:
            written = str(given[key]).strip()
            found.append((_asked(written.removeprefix("when").strip(), holds=False), severity))
    if not found:
        raise RuleError("it has no threshold: write one, such as '= 0'.")
    return found


def _asked(written: str, *, holds: bool) -> _Asked:
    """Read `< 5`, `= 0`, `between 1 and 9`, `not between ...`; with `holds` false it says what must not be."""
    read = _ASKED.match(written)
    if read is None:
        raise _Unsupported(f"threshold {written!r} is not read")
    if read[6] is None:
        ends = float(read[3]), float(read[4]), read[2] == "(", read[5] == ")"
        return _Asked(*ends, outside=bool(read[1]) == holds)
    number = float(read[7])
    operator = read[6] if holds else _OPPOSITE[read[6]]
    match operator:
        case "=":
            return _Asked(number, number)
        case "!=" | "<>":
            return _Asked(number, number, outside=True)
        case "<" | "<=":
            return _Asked(max=number, exclude_max=operator == "<")
    return _Asked(min=number, exclude_min=operator == ">")


_OPPOSITE = {"=": "!=", "!=": "=", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def _schema(collector: Collector, rule_id: str, given: dict[str, Any], place: Place, table: str) -> None:
    """The columns that have to be there; types and forbidden columns are not judged."""
    n = 0
    for key, severity in (("fail", "error"), ("warn", "warning")):
        parts = given.get(key)
        for written, value in parts.items() if isinstance(parts, dict) else ():
            if written == "when required column missing" and isinstance(value, list):
                for name in value:
                    collector.exact(f"{rule_id}.{name}", HasColumn(str(name)), place, system=table, severity=severity)
            else:
                collector.unsupported(f"{rule_id}.{written}", "only required columns are judged", place)
            n += 1
    if not n:
        raise _Unsupported("it names no required column")
