"""TDDA constraint files (.tdda)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from checks.formats.collector import Collector
from checks.formats.source import Place, Source
from checks.patterns import engine_of
from checks.predicates import (
    AnyOf,
    Between,
    Length,
    Multiple,
    NotNull,
    Pattern,
    Predicate,
    ReadAs,
    Typed,
    Unique,
)
from checks.rule import Limit
from checks.stored_values import listed
from synth.errors import RuleError, nearest

_TIMES = "[T ].*$"  # of a moment, what is not its day
_SIGNS: dict[str, dict[str, Any]] = {
    "positive": {"min": 0, "exclude_min": True},
    "non-negative": {"min": 0},
    "zero": {"min": 0, "max": 0},
    "non-positive": {"max": 0},
    "negative": {"max": 0, "exclude_max": True},
}
_PRECISIONS = ("closed", "open", "fuzzy")
_BY_VALUE = "every value is judged; there it is the column as a whole"
_SKIPPED = ("creation_metadata", "local_dataset", "metadata")  # about the file, not about records


def translate(source: Source, collector: Collector) -> None:
    """Translate every constraint of every field."""
    tree = source.mapping(source.tree, ())
    for name, node in source.mapping(tree["fields"], ("fields",)).items():
        place: Place = ("fields", name)
        given = source.mapping(node, place)
        for kind, value in given.items():
            at = (*place, kind)
            if value is not None:
                collector.attempt(f"{name}.{kind}", at, partial(_translate, collector, name, kind, value, at, given))
    for key in tree:
        if key not in {"fields", *_SKIPPED}:
            collector.unsupported(key, "is about groups of fields or the data set as a whole", (key,))


def _translate(
    collector: Collector, name: str, kind: str, written: Any, place: Place, given: Mapping[str, Any]
) -> None:
    value, precision = (
        (written["value"], written.get("precision", "fuzzy")) if isinstance(written, dict) else (written, "fuzzy")
    )
    if kind not in _KINDS:
        raise RuleError(f"{kind!r} is no constraint. {nearest(kind, _KINDS)}")
    if precision not in _PRECISIONS:
        raise RuleError(f"precision is {precision!r}. {nearest(str(precision), _PRECISIONS)}")
    types = given.get("type", "")
    said = _KINDS[kind](name, value, precision == "open", [types] if isinstance(types, str) else list(types))
    if said is None:
        collector.unsupported(f"{name}.{kind}", "says nothing: duplicates are allowed", place)
        return
    more: dict[str, Any] = {"null_policy": "ignore", "reference": "TDDA"}
    if kind == "max_nulls" and value:
        more["limits"] = (Limit(float(value), "rows"),)
    if kind == "type":
        collector.approximate(f"{name}.{kind}", said, place, _BY_VALUE, **more)
    else:
        collector.exact(f"{name}.{kind}", said, place, **more)


def _bound(side: str, name: str, value: Any, is_open: bool, types: list[str]) -> Predicate:  # noqa: FBT001
    """A bound on numbers, or on days; `fuzzy` has room only where somebody asks for it at the run."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise RuleError(f"{side} is {value!r}; it must be a number or a day")
    if isinstance(value, str):
        if "date" not in types:
            raise RuleError(f"{side} is {value!r}, but the field is no date")
        bound: Any = value[:10]
        read: dict[str, Any] = {"type": "date", "remove": _TIMES}
        between: dict[str, Any] = {"as_": "date"}
    else:
        bound, read, between = value, {"type": "number"}, {"as_": "number"}
    return ReadAs(Between(name, **{side: bound, f"exclude_{side}": is_open, **between}), **read)


def _sign(name: str, value: Any, _: bool, __: list[str]) -> Predicate:  # noqa: FBT001
    if value not in _SIGNS:
        raise RuleError(f"sign is {value!r}. {nearest(str(value), _SIGNS)}")
    return ReadAs(Between(name, **_SIGNS[value], as_="number"), "number")


def _length(side: str, name: str, value: Any, _: bool, __: list[str]) -> Predicate:  # noqa: FBT001
    if isinstance(value, bool) or not isinstance(value, int):
        raise RuleError(f"{side}_length is {value!r}; it must be a whole number")
    return Length(name, min=value) if side == "min" else Length(name, max=value)


def _rex(name: str, value: Any, _: bool, __: list[str]) -> Predicate:  # noqa: FBT001
    """One of several patterns matches from the text's beginning."""
    patterns = [value] if isinstance(value, str) else list(value)
    for pattern in patterns:
        engine_of(pattern, "re")
    if any(pattern.startswith("(?") for pattern in patterns):  # flags are of one pattern alone
        parts = tuple(Pattern(name, pattern, "start", "re") for pattern in patterns)
        return parts[0] if len(parts) == 1 else AnyOf(parts)
    return Pattern(name, "|".join(f"(?:{pattern})" for pattern in patterns), "start", "re")


def _typed(name: str, value: Any, _: bool, __: list[str]) -> Predicate:  # noqa: FBT001
    kinds = [value] if isinstance(value, str) else list(value)
    unknown = [kind for kind in kinds if kind not in _TYPES]
    if unknown:
        raise RuleError(f"type is {unknown[0]!r}. {nearest(str(unknown[0]), _TYPES)}")
    parts = tuple(part for kind in kinds for part in _TYPES[kind](name))
    return parts[0] if len(parts) == 1 else AnyOf(parts)


_TYPES: dict[str, Callable[[str], tuple[Predicate, ...]]] = {
    "bool": lambda name: (Typed(name, "boolean"),),
    "int": lambda name: (ReadAs(Multiple(name, 1), "number", unread="fail"),),
    "real": lambda name: (Typed(name, "number"),),
    "string": lambda name: (Typed(name, "text"),),
    "date": lambda name: (Typed(name, "date"), Typed(name, "datetime")),
}
_KINDS: dict[str, Callable[[str, Any, bool, list[str]], Predicate | None]] = {
    "type": _typed,
    "min": partial(_bound, "min"),
    "max": partial(_bound, "max"),
    "sign": _sign,
    "min_length": partial(_length, "min"),
    "max_length": partial(_length, "max"),
    "max_nulls": lambda name, _value, _open, _types: NotNull(name),
    "no_duplicates": lambda name, value, _open, _types: Unique((name,)) if value else None,
    "allowed_values": lambda name, value, _open, _types: listed(name, value),
    "rex": _rex,
}
