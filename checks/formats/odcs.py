"""Data contracts: the Open Data Contract Standard 3.x, and the older dataContractSpecification."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from checks.formats.collector import Collector
from checks.formats.source import Place, Source
from checks.patterns import engine_of
from checks.predicates import (
    AllOf,
    AnyOf,
    Between,
    Expression,
    ForeignKey,
    InSet,
    Length,
    Measure,
    Multiple,
    Not,
    NotIn,
    NotNull,
    Pattern,
    Predicate,
    ReadAs,
    Typed,
    Unique,
)
from checks.rule import Limit
from synth.errors import RuleError

_TYPES = {
    "text": ("string", "text", "varchar", "char", "character", "uuid"),
    "number": ("number", "decimal", "numeric", "double", "float", "real"),
    "integer": ("integer", "int", "long", "bigint", "smallint", "tinyint"),
    "boolean": ("boolean", "bool"),
    "date": ("date",),
    "time": ("time",),
    "datetime": ("timestamp", "timestamp_tz", "timestamp_ntz", "datetime", "timestamptz"),
}
_TYPE_OF = {name: kind for kind, names in _TYPES.items() for name in names}
_NESTED = ("object", "record", "struct", "array", "list", "map")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_OPTIONS = ("minLength", "maxLength", "pattern", "format", "enum", "multipleOf", *_BOUNDS)
_SILENT = ("timezone", "defaultTimezone")  # they say how a moment is meant, not which ones are valid
_FORMATS = {
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "uuid": "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    "uri": r"[A-Za-z][A-Za-z0-9+.-]*:\S*",
    "ipv4": r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)",
}
_BITS = re.compile(r"([iu])(8|16|32|64)")
_JAVA = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S", "SSS": "%f", "yy": "%y"}
_OPERATORS = (
    "mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeGreaterThanOrEqualTo",
    "mustBeLessThan", "mustBeLessOrEqualTo", "mustBeLessThanOrEqualTo", "mustBeBetween", "mustNotBeBetween",
)  # fmt: skip
_OLDER = {
    "nullCheck": "nullValues", "nullCount": "nullValues", "missingCount": "missingValues",
    "duplicateCount": "duplicateValues", "duplicateCheck": "duplicateValues", "uniqueCheck": "duplicateValues",
    "validValues": "invalidValues", "invalidCount": "invalidValues", "countCheck": "rowCount",
}  # fmt: skip
_COUNT = re.compile(
    r"\s*select\s+count\s*\(\s*(?:\*|1)\s*\)(?:\s+(?:as\s+)?\w+)?\s+from\s+([\w.\"`${}]+)(?:\s+where\s+(.+?))?\s*;?\s*",
    re.IGNORECASE | re.DOTALL,
)
_MORE = re.compile(r"\b(?:select|group\s+by|order\s+by|having|union|join|limit)\b|;", re.IGNORECASE)


@dataclass(frozen=True)
class _Table:
    """One table of a contract.

    Attributes:
        name: in the data.
        place: in the file.
        fields: columns, by the name that the contract has for them.
    """

    name: str
    place: Place
    fields: dict[str, str] = field(default_factory=dict)


def translate(source: Source, collector: Collector) -> None:
    """Translate every field's demands, keys, relationships and quality entries."""
    tree = source.mapping(source.tree, ())
    if "dataContractSpecification" in tree:
        _Older(source, collector).translate(tree)
    else:
        _Standard(source, collector).translate(tree)


class _Contract:
    """What both forms share."""

    def __init__(self, source: Source, collector: Collector) -> None:
        self.source = source
        self.collector = collector
        self.tables: dict[str, _Table] = {}

    def add(
        self, table: _Table, rule_id: str, predicate: Predicate, place: Place, reason: str = "", **given: Any
    ) -> None:
        given = {"system": table.name, "null_policy": "ignore", "reference": "data contract", **given}
        rule_id = f"{table.name}.{rule_id}"
        if reason:
            self.collector.approximate(rule_id, predicate, place, reason, **given)
        else:
            self.collector.exact(rule_id, predicate, place, **given)

    def attempt(self, table: _Table, rule_id: str, place: Place, step: Callable[[], None]) -> None:
        self.collector.attempt(f"{table.name}.{rule_id}", place, step)

    def lost(self, table: _Table, rule_id: str, reason: str, place: Place) -> None:
        self.collector.unsupported(f"{table.name}.{rule_id}", reason, place)

    # ------------------------------------------------------------------------------------------------ fields and types

    def demands(self, table: _Table, column: str, given: Mapping[str, Any], place: Place) -> None:
        """What is said beside a field's name: required, unique."""
        if given.get("required") is True:
            self.add(table, f"{column}.required", NotNull(column), (*place, "required"))
        if given.get("unique") is True:
            self.add(table, f"{column}.unique", Unique((column,)), (*place, "unique"))

    def typed(self, table: _Table, column: str, kind: str, form: Any, place: Place) -> str:
        """The rule of a type; returns what values are read as, or nothing."""
        name = kind.lower().split("(")[0].strip()
        if name in _NESTED:
            self.lost(table, f"{column}.type", "a record is flat; lists and objects in it are not read", place)
            return ""
        if name not in _TYPE_OF:
            self.lost(table, f"{column}.type", f"values of type {kind!r} are not read", place)
            return ""
        read = _TYPE_OF[name]
        if read in {"date", "time", "datetime"} and form:
            return read  # the format says it all, and has a rule of its own
        self.add(table, f"{column}.type", Typed(column, read), place)  # type: ignore[arg-type]
        return read

    def option(self, table: _Table, column: str, kind: str, key: str, options: Mapping[str, Any], place: Place) -> None:
        """One option of a type."""
        value, rule_id = options[key], f"{column}.{key}"
        moment = kind in {"date", "time", "datetime"}
        read: dict[str, Any] = {"type": kind}
        if moment and options.get("format"):
            read["format"] = _strptime(str(options["format"]))
        if key in {"minLength", "maxLength"}:
            bound: dict[str, Any] = {"min" if key == "minLength" else "max": int(value)}
            self.add(table, rule_id, Length(column, **bound), place)
        elif key == "pattern":
            engine_of(str(value))
            self.add(table, rule_id, Pattern(column, str(value), "search"), place)
        elif key == "enum":
            self.add(table, rule_id, InSet(column, tuple(value)), place)
        elif key == "format" and moment:
            self.add(table, rule_id, ReadAs(Length(column, min=0), **read, unread="fail"), place)
        elif key == "format":
            self.form(table, column, str(value), place)
        elif key == "multipleOf":
            self.add(table, rule_id, ReadAs(Multiple(column, value), "number"), place)
        elif not isinstance(value, bool):  # true beside `minimum`: its bound itself is left out
            self.add(table, rule_id, ReadAs(_bound(column, key, value, options), **read), place)

    def form(self, table: _Table, column: str, form: str, place: Place) -> None:
        bits = _BITS.fullmatch(form)
        if bits:
            n_bits = int(bits[2]) - (bits[1] == "i")
            low = -(2**n_bits) if bits[1] == "i" else 0
            bounds = Between(column, low, 2**n_bits - 1, as_="number")
            self.add(table, f"{column}.format", ReadAs(bounds, "integer"), place)
        elif form in _FORMATS:
            reason = "" if form in {"uuid", "ipv4"} else f"{form} is read by its shape; the standard asks for no more"
            self.add(table, f"{column}.format", Pattern(column, _FORMATS[form]), place, reason)
        else:
            self.lost(
                table, f"{column}.format", f"format {form!r} says how values are kept, not which are valid", place
            )

    def key(self, table: _Table, columns: Sequence[str], place: Place) -> None:
        parts = tuple(NotNull(column) for column in columns)
        self.add(table, "primary_key", AllOf((*parts, Unique(tuple(columns)))), place, level="group")

    def reference(self, table: _Table, columns: Sequence[str], targets: Sequence[str], place: Place) -> None:
        """A key to another table, written as table.column."""
        rule_id = f"{'+'.join(columns)}.foreign_key"
        parts = [re.sub(r"^.*/", "", target).rpartition(".") for target in targets]
        if (
            len(parts) != len(columns)
            or not all(name for name, _, _ in parts)
            or len({name for name, _, _ in parts}) != 1
        ):
            raise RuleError(f"{list(columns)} refers to {list(targets)}; give as many columns of one table")
        other = self.tables.get(parts[0][0], _Table(parts[0][0], ()))
        others = tuple(other.fields.get(name, name) for _, _, name in parts)
        self.add(table, rule_id, ForeignKey(tuple(columns), other.name, others), place)

    # ---------------------------------------------------------------------------------------------------------- quality

    def quality(self, table: _Table, column: str | None, entries: Any, place: Place) -> None:
        for index, entry in enumerate(self.source.sequence(entries, place)):
            at = (*place, index)
            given = self.source.mapping(entry, at)
            kind = str(given.get("type") or "library")
            metric = str(given.get("metric") or given.get("rule") or "")
            name = _OLDER.get(metric, metric) if metric else kind
            rule_id = f"{column}.{name}" if column else name
            self.attempt(table, rule_id, at, partial(self.entry, table, column, given, at, rule_id))

    def entry(self, table: _Table, column: str | None, given: Mapping[str, Any], place: Place, rule_id: str) -> None:
        kind = str(given.get("type") or "library")
        metric = given.get("metric") or given.get("rule")
        if kind == "sql":
            self.query(table, column, given, place, rule_id)
        elif kind == "text":
            told = "is written for people; no tool checks it, so there is nothing to check"
            self.collector.switched_off(f"{table.name}.{rule_id}", told, place)
        elif metric is None or kind == "custom":
            self.lost(table, rule_id, f"is written for {given.get('engine', 'another tool')}", place)
        else:
            self.metric(table, column, _OLDER.get(str(metric), str(metric)), given, place, rule_id)

    def metric(
        self, table: _Table, column: str | None, metric: str, given: Mapping[str, Any], place: Place, rule_id: str
    ) -> None:
        """A library metric: a count of rows that fail, and how many may."""
        arguments = {**given, **(given.get("arguments") or {})}
        if metric == "rowCount":
            self.add(table, rule_id, _counted(given, None), place, **_said(given))
            return
        columns = (column,) if column else tuple(str(name) for name in arguments.get("properties", ()))
        columns = tuple(table.fields.get(name, name) for name in columns)
        if metric not in _METRICS:
            raise RuleError(f"metric {metric!r} is not of the library: {', '.join([*_METRICS, 'rowCount'])}")
        if not columns:
            raise RuleError(f"metric {metric} is about a property; it stands beside a table")
        reason = ""
        if metric == "duplicateValues" and not _is_zero(given):
            reason = "rows after the first of a value are counted; some tools count the values that occur again"
        self.counted(table, _METRICS[metric](columns, arguments), given, place, rule_id, reason)

    def counted(
        self, table: _Table, failing: Predicate, given: Mapping[str, Any], place: Place, rule_id: str, reason: str = ""
    ) -> None:
        """Rows that fail, with limits where they say all of it; else their number as a whole."""
        limits = _limits(given)
        if limits is None:
            self.add(table, rule_id, _counted(given, failing), place, reason, **_said(given))
        else:
            self.add(table, rule_id, failing, place, reason, **_said(given), limits=limits)

    def query(self, table: _Table, column: str | None, given: Mapping[str, Any], place: Place, rule_id: str) -> None:
        """SQL that counts rows of the table: those that meet its condition fail."""
        text = str(given.get("query", ""))
        found = _COUNT.fullmatch(text)
        if not found or _MORE.search(found[2] or ""):
            self.lost(table, rule_id, "the query does more than count rows of the table; give a condition", place)
        elif not _is_of(found[1], table):
            self.lost(table, rule_id, f"the query is about another table, {found[1]}", place)
        elif found[2] is None:
            self.add(table, rule_id, _counted(given, None), place, **_said(given))
        else:
            condition = found[2].replace("${column}", column or "").replace("{column}", column or "")
            words = set(re.findall(r"\w+", condition))
            named = tuple(name for name in table.fields.values() if name in words) or ((column,) if column else ())
            dialect = str(given.get("dialect") or "duckdb")
            self.counted(table, Expression(f"({condition}) IS NOT TRUE", dialect, named), given, place, rule_id)


class _Standard(_Contract):
    """ODCS 3.x."""

    def translate(self, tree: Mapping[str, Any]) -> None:
        place: Place = ("schema",)
        objects = self.source.sequence(tree.get("schema") or [], place)
        for index, node in enumerate(objects):
            given = self.source.mapping(node, (*place, index))
            properties = given.get("properties") or []
            names = {str(each["name"]): str(each.get("physicalName") or each["name"]) for each in properties}
            name = str(given.get("physicalName") or given["name"])
            self.tables[str(given["name"])] = _Table(name, (*place, index), names)
        for node, table in zip(objects, self.tables.values(), strict=True):
            self.table(node, table)

    def table(self, given: Mapping[str, Any], table: _Table) -> None:
        keys = []
        for index, node in enumerate(given.get("properties") or []):
            place = (*table.place, "properties", index)
            self.property(table, table.fields[str(node["name"])], node, place)
            if node.get("primaryKey") is True:
                keys.append((node.get("primaryKeyPosition", 0), table.fields[str(node["name"])], place))
        if keys:
            keys.sort(key=lambda key: key[0])
            self.key(table, [column for _, column, _ in keys], (*keys[0][2], "primaryKey"))
        for index, node in enumerate(given.get("relationships") or []):
            place = (*table.place, "relationships", index)
            columns = [
                table.fields.get(name.rpartition(".")[2], name.rpartition(".")[2]) for name in _names(node["from"])
            ]
            step = partial(self.reference, table, columns, _names(node["to"]), place)
            self.attempt(table, "foreign_key", place, step)
        self.quality(table, None, given.get("quality") or [], (*table.place, "quality"))

    def property(self, table: _Table, column: str, given: Mapping[str, Any], place: Place) -> None:
        self.demands(table, column, given, place)
        options = given.get("logicalTypeOptions") or {}
        kind = ""
        if "logicalType" in given:
            at = (*place, "logicalType")
            kind = self.typed(table, column, str(given["logicalType"]), options.get("format"), at)
        for key in options:
            at = (*place, "logicalTypeOptions", key)
            if key in _OPTIONS and kind:
                step = partial(self.option, table, column, kind, key, options, at)
                self.attempt(table, f"{column}.{key}", at, step)
            elif key not in _SILENT:
                self.lost(table, f"{column}.{key}", f"{key} of {given.get('logicalType', 'no type')} is not read", at)
        for index, node in enumerate(given.get("relationships") or []):
            at = (*place, "relationships", index)
            step = partial(self.reference, table, [column], _names(node["to"]), at)
            self.attempt(table, f"{column}.foreign_key", at, step)
        self.quality(table, column, given.get("quality") or [], (*place, "quality"))


class _Older(_Contract):
    """dataContractSpecification 0.9 to 1.x."""

    def translate(self, tree: Mapping[str, Any]) -> None:
        models = self.source.mapping(tree.get("models") or {}, ("models",))
        for name, node in models.items():
            given = self.source.mapping(node, ("models", name))
            fields = {column: column for column in given.get("fields") or {}}
            self.tables[name] = _Table(name, ("models", name), fields)
        for name, table in self.tables.items():
            self.model(models[name], table)
        if tree.get("quality"):
            kind = tree["quality"].get("type", "another tool")
            self.collector.unsupported("quality", f"is written for {kind}; load its own file", ("quality",))

    def model(self, given: Mapping[str, Any], table: _Table) -> None:
        keys = [str(name) for name in given.get("primaryKey") or []]
        for column, node in (given.get("fields") or {}).items():
            place = (*table.place, "fields", column)
            self.demands(table, column, node, place)
            kind = ""
            if "type" in node:
                kind = self.typed(table, column, str(node["type"]), None, (*place, "type"))
            for key in (key for key in _OPTIONS if key in node):
                at = (*place, key)
                if kind:
                    self.attempt(table, f"{column}.{key}", at, partial(self.option, table, column, kind, key, node, at))
                else:
                    self.lost(table, f"{column}.{key}", "its field has no type that is read", at)
            if node.get("references"):
                at = (*place, "references")
                step = partial(self.reference, table, [column], [str(node["references"])], at)
                self.attempt(table, f"{column}.foreign_key", at, step)
            if node.get("primaryKey") or node.get("primary"):
                keys.append(column)
            self.quality(table, column, node.get("quality") or [], (*place, "quality"))
        if keys:
            self.key(table, list(dict.fromkeys(keys)), (*table.place, "primaryKey"))
        self.quality(table, None, given.get("quality") or [], (*table.place, "quality"))


# ------------------------------------------------------------------------------------------------------------- metrics


def _missing(columns: Sequence[str], arguments: Mapping[str, Any]) -> Predicate:
    listed = tuple(str(value) for value in arguments.get("missingValues", ()) if value is not None)
    parts = [NotNull(column) for column in columns] + [NotIn(column, listed) for column in columns if listed]
    return AllOf(tuple(parts)) if len(parts) > 1 else parts[0]


def _invalid(columns: Sequence[str], arguments: Mapping[str, Any]) -> Predicate:
    """What is valid; a null is not invalid, and counts among the rows."""
    parts: list[Predicate] = []
    for column in columns:
        if "validValues" in arguments:
            listed = tuple(value for value in arguments["validValues"] if value is not None)
            parts.append(InSet(column, listed))
        if arguments.get("pattern"):
            engine_of(str(arguments["pattern"]))
            parts.append(Pattern(column, str(arguments["pattern"]), "search"))
    if not parts:
        raise RuleError("invalidValues needs arguments: validValues or pattern")
    whole = parts[0] if len(parts) == 1 else AllOf(tuple(parts))
    return AnyOf((Not(NotNull(columns[0])), whole)) if len(columns) == 1 else whole


def _duplicate(columns: Sequence[str], arguments: Mapping[str, Any]) -> Predicate:
    return Unique(tuple(columns), repeats="all" if _is_zero(arguments) else "later")


_METRICS: dict[str, Callable[[Sequence[str], Mapping[str, Any]], Predicate]] = {
    "nullValues": lambda columns, _: _missing(columns, {}),
    "missingValues": _missing,
    "invalidValues": _invalid,
    "duplicateValues": _duplicate,
}


def _operator(given: Mapping[str, Any]) -> tuple[str, Any]:
    found = [key for key in _OPERATORS if key in given]
    if len(found) > 1:
        raise RuleError(f"has {' and '.join(found)}; keep one")
    return (found[0].replace("ThanOr", "Or"), given[found[0]]) if found else ("mustBe", 0)


def _is_zero(given: Mapping[str, Any]) -> bool:
    """Whether no row at all may fail."""
    operator, value = _operator(given)
    return operator in {"mustBe", "mustBeLessOrEqualTo"} and value == 0


def _share_of(given: Mapping[str, Any]) -> tuple[str, float]:
    """The unit of limits, and by how much a number is divided."""
    unit = str(given.get("unit", "rows"))
    if unit not in {"rows", "percent"}:
        raise RuleError(f"unit is {unit!r}; possible: rows, percent")
    return ("share", 100) if unit == "percent" else ("rows", 1)


def _limits(given: Mapping[str, Any]) -> tuple[Limit, ...] | None:
    """The most that may fail; None: the demand is of another kind."""
    operator, value = _operator(given)
    unit, by = _share_of(given)
    severity = _said(given)["severity"]
    if _is_zero(given):
        return ()
    if operator == "mustBeBetween" and float(value[0]) == 0:
        operator, value = "mustBeLessOrEqualTo", value[1]
    if operator in {"mustBeLessThan", "mustBeLessOrEqualTo"}:
        return (Limit(float(value) / by, unit, severity, operator == "mustBeLessThan"),)
    return None


def _counted(given: Mapping[str, Any], failing: Predicate | None) -> Measure:
    """The number of rows, or of those that fail, as a demand on the whole table."""
    operator, value = _operator(given)
    if failing is None and not any(key in given for key in _OPERATORS):
        raise RuleError("says no number that the count must be")
    unit, by = _share_of(given) if failing is not None else ("rows", 1)
    low, high = (value if "Between" in operator else (value, value))[:2]
    low, high = float(low) / by, float(high) / by
    what: Any = "row_count" if failing is None else "failing_share" if unit == "share" else "failing_count"
    least, most = (None if "Less" in operator else low), (None if "Greater" in operator else high)
    return Measure(
        what,
        min=least,
        max=most,
        exclude_min=operator == "mustBeGreaterThan",
        exclude_max=operator == "mustBeLessThan",
        of=failing,
        outside="Not" in operator,
    )


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    severity = str(given.get("severity", "error")).lower()
    description = str(given.get("description") or given.get("name") or "")
    return {"severity": "warning" if severity in {"warning", "warn", "info"} else "error", "description": description}


# -------------------------------------------------------------------------------------------------------------- options


def _bound(column: str, key: str, value: Any, options: Mapping[str, Any]) -> Between:
    side = "Minimum" if "inimum" in key else "Maximum"
    exclusive = key.startswith("exclusive") or options.get(f"exclusive{side}") is True
    if side == "Minimum":
        return Between(column, min=value, exclude_min=exclusive)
    return Between(column, max=value, exclude_max=exclusive)


def _strptime(form: str) -> str:
    """The pattern of Java's DateTimeFormatter as one of strptime."""
    written = []
    for letters, quoted, other in _pieces(form):
        if letters and letters not in _JAVA:
            raise RuleError(f"{letters!r} of format {form!r} is not read; known: {', '.join(_JAVA)}")
        written.append(_JAVA[letters] if letters else (quoted or other).replace("%", "%%"))
    return "".join(written)


def _pieces(form: str) -> list[tuple[str, str, str]]:
    found = re.finditer(r"(?P<letters>(?P<one>[A-Za-z])(?P=one)*)|'(?P<quoted>[^']*)'|(?P<other>.)", form)
    return [(each["letters"] or "", each["quoted"] or "", each["other"] or "") for each in found]


def _names(given: Any) -> list[str]:
    return [given] if isinstance(given, str) else [str(name) for name in given]


def _is_of(written: str, table: _Table) -> bool:
    """Whether a table in a query is the contract's own: by its name, or left open."""
    last = written.replace('"', "").replace("`", "").rpartition(".")[2]
    return last.strip("${}") in {"model", "table", "object"} or last.lower() == table.name.lower()
