"""Frictionless table schemas and data packages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from checks.columns import Column
from checks.formats.collector import Collector
from checks.formats.source import Place, Source
from checks.patterns import engine_of
from checks.predicates import (
    AllOf,
    AnyOf,
    Between,
    ForeignKey,
    InSet,
    Length,
    Not,
    NotNull,
    Pattern,
    Predicate,
    ReadAs,
    Unique,
)
from checks.reading import read_column
from synth.errors import RuleError

_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_ORDERED = ("integer", "number", "date", "time", "datetime", "year", "yearmonth")
_LENGTHS = {"minLength": "min", "maxLength": "max"}
_MISSING = ("",)
_NOT_DIGITS = r"^[^-\d]*|\D*$"
_UUID = r"(?:urn:)?(?:uuid:)?[{}]*(?:-*[0-9A-Fa-f]){32}-*[{}]*"
_ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_EMAIL = rf"{_ATOM}(?:\.{_ATOM})*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{{2,63}}"
_URI = r"[A-Za-z][A-Za-z0-9+.-]*:(?s:.*)"


@dataclass(frozen=True)
class _Reader:
    """How the texts of a field are read.

    Attributes:
        given: parameters of ReadAs.
        reason: why that is not quite how frictionless reads them.
        lost: why they cannot be read.
    """

    given: Mapping[str, Any]
    reason: str = ""
    lost: str = ""


def translate(source: Source, collector: Collector) -> None:
    """Translate every type, constraint and key of a table schema, or of every resource of a data package."""
    tree = source.mapping(source.tree, ())
    if "resources" not in tree:
        schema = _Schema(collector, tree, (), _own_name(tree, collector), "")
        schema.translate()
        return
    for index, resource in enumerate(source.sequence(tree["resources"], ("resources",))):
        place: Place = ("resources", index)
        given = source.mapping(resource, place)
        name = str(given.get("name") or f"resource-{index + 1}")
        if isinstance(given.get("path"), str):
            collector.files[name] = Path(given["path"]).stem
        if isinstance(given.get("schema"), str):
            collector.unsupported(f"{name}.schema", "the schema is in another file; load that file", (*place, "schema"))
        elif "schema" in given:
            tree_of = source.mapping(given["schema"], (*place, "schema"))
            _Schema(collector, tree_of, (*place, "schema"), name, f"{name}.").translate()


def _own_name(tree: Mapping[str, Any], collector: Collector) -> str | None:
    """The system of a schema on its own; a key to itself needs a name."""
    keys = tree.get("foreignKeys") or []
    return collector.system or (collector.source.stem if any(_target(key) == "" for key in keys) else None)


def _target(key: Any) -> Any:
    return key.get("reference", {}).get("resource", "") if isinstance(key, dict) else None


class _Schema:
    """Translates one table schema."""

    def __init__(
        self, collector: Collector, tree: Mapping[str, Any], place: Place, system: str | None, prefix: str
    ) -> None:
        self.collector = collector
        self.source = collector.source
        self.tree = tree
        self.place = place
        self.prefix = prefix
        self.given: dict[str, Any] = {"system": system, "null_policy": "ignore", "reference": "frictionless"}
        self.nulls = _texts_of(tree.get("missingValues", _MISSING))
        self.readers: dict[str, _Reader] = {}

    def translate(self) -> None:
        place = (*self.place, "fields")
        for index, entry in enumerate(self.source.sequence(self.tree["fields"], place)):
            self.field(self.source.mapping(entry, (*place, index)), (*place, index))
        for key, what in (("primaryKey", self.primary_key), ("uniqueKeys", self.unique_keys)):
            if self.tree.get(key):
                self.collector.attempt(f"{self.prefix}{key}", (*self.place, key), what)
        for index, entry in enumerate(self.tree.get("foreignKeys") or ()):
            place = (*self.place, "foreignKeys", index)
            key_id = f"{self.prefix}foreign_key"
            self.collector.attempt(key_id, place, partial(self.foreign_key, entry, place))

    def field(self, entry: Mapping[str, Any], place: Place) -> None:
        """The type of a field and its constraints, one rule each."""
        name = self.source.text_at(entry.get("name"), place)
        kind = str(entry.get("type", "string"))
        reader = self.readers[name] = _reader(kind, entry, self.nulls)
        rule_id = f"{self.prefix}{name}"
        if reader.lost:
            self.collector.unsupported(f"{rule_id}.type", reader.lost, place)
        elif kind != "any":
            present = ReadAs(NotNull(name), nulls=reader.given["nulls"])
            read = ReadAs(NotNull(name), **reader.given)
            self.add(f"{rule_id}.type", read, place, reader.reason, where=present, family="vocabulary")
        constraints = self.source.mapping(entry.get("constraints", {}), (*place, "constraints"))
        for constraint, value in constraints.items():
            if value is not None and value is not False:
                at = (*place, "constraints", constraint)
                self.collector.attempt(
                    f"{rule_id}.{constraint}", at, partial(self.constraint, name, kind, constraint, value, at)
                )

    def constraint(self, name: str, kind: str, constraint: str, value: Any, place: Place) -> None:
        """One constraint of one field."""
        rule_id, reader = f"{self.prefix}{name}.{constraint}", self.readers[name]
        if constraint == "required":
            self.add(rule_id, ReadAs(NotNull(name), nulls=reader.given["nulls"]), place)
        elif constraint not in {"unique", *_allowed(kind)}:
            self.collector.error(rule_id, f"a field of type {kind!r} takes no {constraint!r}", place)
        elif reader.lost:
            self.collector.unsupported(rule_id, reader.lost, place)
        else:
            predicate = _CONSTRAINTS[constraint](name, constraint, value, reader)
            self.add(rule_id, ReadAs(predicate, **reader.given), place, reader.reason)

    def primary_key(self) -> None:
        fields = _names(self.tree["primaryKey"])
        given: Predicate = NotNull(fields[0]) if len(fields) == 1 else AnyOf(tuple(NotNull(name) for name in fields))
        predicate = AllOf((given, Unique(fields, nulls="equal", repeats="later")))
        self.key(f"{self.prefix}primary_key", predicate, fields, (*self.place, "primaryKey"), level="group")

    def unique_keys(self) -> None:
        for index, key in enumerate(self.tree["uniqueKeys"]):
            fields = _names(key)
            place = (*self.place, "uniqueKeys", index)
            reason = "the standard's reading: a key with a null is not judged; frictionless itself does not check it"
            self.key(
                f"{self.prefix}{'+'.join(fields)}.unique_key", Unique(fields, repeats="later"), fields, place, reason
            )

    def foreign_key(self, entry: Any, place: Place) -> None:
        key = self.source.mapping(entry, place)
        reference = self.source.mapping(key["reference"], (*place, "reference"))
        fields, others = _names(key["fields"]), _names(reference["fields"])
        system = str(reference.get("resource") or self.given["system"])
        predicate: Predicate = ForeignKey(fields, system, others)
        rule_id = f"{self.prefix}{'+'.join(fields)}.foreign_key"
        reason = ""
        if any(self.readers[name].given["type"] != "text" for name in fields if name in self.readers):
            reason = "keys are compared as the other table writes them: 01 is not 1"
        if len(fields) > 1:
            reason = "a key given in part fails; there it may be found among keys given in part"
            whole, empty = (
                AllOf(parts) for parts in zip(*[(NotNull(name), Not(NotNull(name))) for name in fields], strict=True)
            )
            predicate = AllOf((predicate, AnyOf((whole, empty))))
        self.key(rule_id, predicate, fields, place, reason, level="cross")

    def key(
        self, rule_id: str, predicate: Predicate, fields: Sequence[str], place: Place, reason: str = "", **given: Any
    ) -> None:
        """A rule about several fields, each read in its own way."""
        unknown = [name for name in fields if name not in self.readers]
        if unknown:
            raise RuleError(f"field {unknown[0]!r} is not in the schema")
        lost = [self.readers[name].lost for name in fields if self.readers[name].lost]
        if lost:
            self.collector.unsupported(rule_id, lost[0], place)
            return
        readers = [self.readers[name] for name in fields]
        if all(reader.given == readers[0].given for reader in readers):
            predicate = ReadAs(predicate, **readers[0].given)
        else:
            for name, reader in zip(fields, readers, strict=True):
                predicate = ReadAs(predicate, fields=(name,), **reader.given)
        self.add(rule_id, predicate, place, reason or next((r.reason for r in readers if r.reason), ""), **given)

    def add(self, rule_id: str, predicate: Predicate, place: Place, reason: str = "", **given: Any) -> None:
        given = {**self.given, **given}
        if reason:
            self.collector.approximate(rule_id, predicate, place, reason, **given)
        else:
            self.collector.exact(rule_id, predicate, place, **given)


def _names(given: Any) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(str(name) for name in given)


def _texts_of(missing: Any) -> tuple[str, ...]:
    """Missing values as texts; the newer form gives each a label."""
    return tuple(str(value["value"] if isinstance(value, dict) else value) for value in missing)


def _allowed(kind: str) -> tuple[str, ...]:
    if kind == "string":
        return ("enum", "pattern", *_LENGTHS)
    return ("enum", *_BOUNDS) if kind in _ORDERED else ("enum",)


# --------------------------------------------------------------------------------------------------- types of fields


def _reader(kind: str, entry: Mapping[str, Any], nulls: tuple[str, ...]) -> _Reader:
    nulls = _texts_of(entry["missingValues"]) if "missingValues" in entry else nulls
    form = str(entry.get("format") or "default").removeprefix("fmt:")
    if kind not in _TYPES:
        return _Reader({"type": "text", "nulls": nulls}, lost=f"values of type {kind!r} are not read")
    reader = _TYPES[kind](entry, form)
    return _Reader({"type": "text", "nulls": nulls, **reader.given}, reader.reason, reader.lost)


def _string(_: Mapping[str, Any], form: str) -> _Reader:
    if form in _STRINGS:
        return _STRINGS[form]
    return _Reader({}, lost=f"strings of format {form!r} are not read")


_STRINGS = {
    "default": _Reader({}),
    "uuid": _Reader({"regex": _UUID}),
    "email": _Reader(
        {"regex": _EMAIL}, "an address is read as ASCII and by its shape; frictionless takes letters of any script"
    ),
    "uri": _Reader({"regex": _URI}),
}


def _integer(entry: Mapping[str, Any], _: str) -> _Reader:
    remove = {} if entry.get("bareNumber", True) else {"remove": _NOT_DIGITS}
    return _Reader({"type": "integer", **remove})


def _number(entry: Mapping[str, Any], _: str) -> _Reader:
    parts = [] if entry.get("bareNumber", True) else [_NOT_DIGITS]
    parts += [re.escape(entry["groupChar"])] if entry.get("groupChar") else []
    remove = {"remove": "|".join(parts)} if parts else {}
    decimal = {"decimal": entry["decimalChar"]} if entry.get("decimalChar", ".") != "." else {}
    return _Reader({"type": "number", **remove, **decimal})


def _boolean(entry: Mapping[str, Any], _: str) -> _Reader:
    given = {
        name: tuple(str(value) for value in entry[key])
        for name, key in (("true", "trueValues"), ("false", "falseValues"))
        if key in entry
    }
    return _Reader({"type": "boolean", **given})


def _moment(kind: str, default: Mapping[str, str], _: Mapping[str, Any], form: str) -> _Reader:
    if form == "any":
        return _Reader({}, lost="format 'any' guesses; name a pattern such as %Y-%m-%d")
    return _Reader({"type": kind, **(default if form == "default" else {"format": form})})


_TYPES: dict[str, Callable[[Mapping[str, Any], str], _Reader]] = {
    "any": lambda _entry, _form: _Reader({}),
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": partial(_moment, "date", {"format": "%Y-%m-%d"}),
    "time": partial(_moment, "time", {"regex": r"[0-9]{2}:[0-9]{2}:[0-9]{2}.*"}),
    "datetime": partial(_moment, "datetime", {"regex": r"[0-9-]{10}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}.*"}),
    "year": lambda _entry, _form: _Reader({"type": "integer", "regex": r"[0-9]{4}|\+[0-9]{3}"}),
    "yearmonth": lambda _entry, _form: _Reader(
        {"type": "date", "format": "%Y-%m"}, "a year has four digits; frictionless takes fewer"
    ),
}


# ------------------------------------------------------------------------------------------------------- constraints


def _read_values(name: str, values: Sequence[Any], reader: _Reader) -> list[Any]:
    """What listed values and bounds read as; those that are not texts stay as they are."""
    if reader.given["type"] == "text":
        return [value for value in values if isinstance(value, str)]
    texts = pd.Series([str(value) for value in values], dtype="str")
    as_given = ReadAs(NotNull(name), **{**reader.given, "nulls": ()})
    plain = ReadAs(NotNull(name), reader.given["type"])
    read = read_column(as_given, Column(texts))
    read = read if any(isinstance(value, str) for value in values) else read_column(plain, Column(texts))
    return list(read.dropna())


def _bound(name: str, constraint: str, value: Any, reader: _Reader) -> Between:
    read = _read_values(name, [value], reader)
    if not read:
        raise RuleError(f"the bound {value!r} does not read as the field's type")
    side = "min" if "inimum" in constraint else "max"
    return Between(name, **{side: read[0], f"exclude_{side}": constraint.startswith("exclusive")})


def _pattern(name: str, _: str, value: Any, __: _Reader) -> Pattern:
    regex = f"^{value}$"
    engine_of(regex, "re")
    return Pattern(name, regex, "start", "re")


_CONSTRAINTS: dict[str, Callable[[str, str, Any, _Reader], Predicate]] = {
    "unique": lambda name, _constraint, _value, _reader: Unique((name,), repeats="later"),
    "enum": lambda name, _constraint, value, reader: InSet(name, tuple(_read_values(name, value, reader))),
    "pattern": _pattern,
    **dict.fromkeys(_LENGTHS, lambda name, constraint, value, _reader: Length(name, **{_LENGTHS[constraint]: value})),
    **dict.fromkeys(_BOUNDS, _bound),
}
