"""JSON Schema, drafts 4 to 2020-12, of a flat object: one record is one object, a column is a property."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Literal, TypeAlias

from checks.formats.collector import Collector
from checks.formats.source import Place, Source
from checks.patterns import engine_of
from checks.predicates import (
    AllOf,
    AnyOf,
    Between,
    InSet,
    Length,
    Multiple,
    Not,
    NotNull,
    Pattern,
    Predicate,
    ReadAs,
    Typed,
    fields_of,
)
from synth.errors import RuleError

Node: TypeAlias = "Mapping[str, Any]"

_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_WHOLE = r"-?(?:0|[1-9][0-9]*)"
_READERS: dict[str, dict[str, Any]] = {
    "text": {"type": "text"},
    "number": {"type": "number", "regex": _NUMBER},
    "boolean": {"type": "boolean", "true": ("true",), "false": ("false",)},
}
_DAYS: dict[Any, Literal["date", "datetime"]] = {"date": "date", "date-time": "datetime"}
_KIND_OF_TYPE = {"string": "text", "number": "number", "integer": "number", "boolean": "boolean"}
_OF_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_OF_TEXTS = ("minLength", "maxLength", "pattern", "format")
_OF_ANY = ("type", "enum", "const")
_JOINED = ("anyOf", "oneOf", "not")
_MOST_REFERENCES = 5_000  # a schema that refers to itself twice at every level doubles each time
_NESTED = ("items", "prefixItems", "properties", "contains", "minItems", "maxItems", "uniqueItems", "required")
_SHAPE = (
    "patternProperties", "additionalProperties", "propertyNames", "minProperties", "maxProperties",
    "unevaluatedProperties",
)  # fmt: skip
_SINCE = {"const": 6, "if": 7, "dependentRequired": 2019, "dependentSchemas": 2019}
_DRAFTS = {"draft-03": 3, "draft-04": 4, "draft-06": 6, "draft-07": 7, "2019-09": 2019}
_NEWEST = 2020
_MOST_ALTERNATIVES = 12
_DATE_TIME = r"[0-9-]{10}[T ][0-9:]{8}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
_BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"


class _LostError(RuleError):
    """A part that has no translation."""


def translate(source: Source, collector: Collector) -> None:
    """Translate every keyword about a property, and every condition on properties."""
    tree = source.mapping(source.tree, ())
    place: Place = ()
    if tree.get("type") == "array" and isinstance(tree.get("items"), dict):
        place = ("items",)
    translator = _Translator(collector, tree)
    translator.schema(tree["items"] if place else tree, place, "", None)


class _Translator:
    """Translates one document."""

    def __init__(self, collector: Collector, tree: Node) -> None:
        self.collector = collector
        self.tree = tree
        self.n_resolved = 0
        said = str(tree.get("$schema", ""))
        self.draft = next((number for name, number in _DRAFTS.items() if name in said), _NEWEST)
        if self.draft < min(_SINCE.values()) - 2:
            raise collector.source.fail(("$schema",), "draft 3 is not read. Write it in draft 4 or later.")
        self.kinds = self._kinds()

    # --------------------------------------------------------------------------------------- schemas as several rules

    def schema(self, node: Any, place: Place, prefix: str, where: Predicate | None) -> None:
        """Translate a schema of a record: one rule for every keyword of every property."""
        if isinstance(node, bool):
            if not node:
                self.collector.unsupported(f"{prefix}false", "no record can hold it", place)
            return
        node = self.collector.source.mapping(node, place)
        if "$ref" in node:
            there = (*place, "$ref")
            self._attempt(
                f"{prefix}$ref", there, lambda: self.schema(self._resolved(node["$ref"]), there, prefix, where)
            )
            if self.draft <= 7:
                return
        for keyword, value in node.items():
            at = (*place, keyword)
            if _SINCE.get(keyword, 0) > self.draft:
                self.collector.unsupported(f"{prefix}{keyword}", f"draft {self.draft} does not know it", at)
            elif keyword in _RECORD:
                step = partial(_RECORD[keyword], self, node, value, at, prefix, where)
                self._attempt(f"{prefix}{keyword}", at, step)
            elif keyword in {"enum", "const"} or (keyword in _SHAPE and value not in (True, {})):
                self.collector.unsupported(f"{prefix}{keyword}", "about the whole object, not about a property", at)

    def _required(self, _: Node, value: Any, place: Place, prefix: str, where: Predicate | None) -> None:
        for index, name in enumerate(self.collector.source.sequence(value, place)):
            self._add(f"{prefix}{name}.required", NotNull(str(name)), (*place, index), where)

    def _properties(self, _: Node, value: Any, place: Place, prefix: str, where: Predicate | None) -> None:
        for name, node in self.collector.source.mapping(value, place).items():
            self._property(name, node, (*place, name), prefix, where)

    def _if(self, node: Node, value: Any, place: Place, prefix: str, where: Predicate | None) -> None:
        met = self.condition(value)
        for keyword, here in (("then", met), ("else", Not(met))):
            if keyword in node:
                both = here if where is None else AllOf((where, here))
                self.schema(node[keyword], (*place[:-1], keyword), f"{prefix}{keyword}.", both)

    def _all_of(self, _: Node, value: Any, place: Place, prefix: str, where: Predicate | None) -> None:
        for index, part in enumerate(self.collector.source.sequence(value, place)):
            self.schema(part, (*place, index), f"{prefix}allOf{index + 1}.", where)

    def _joined(self, _: Node, value: Any, place: Place, prefix: str, where: Predicate | None) -> None:
        keyword = str(place[-1])
        self._add(f"{prefix}{keyword}", self.condition({keyword: value}), place, where)

    def _dependent(self, _: Node, value: Any, place: Place, prefix: str, where: Predicate | None) -> None:
        if place[-1] == "dependencies" and self.draft > 7:
            raise _LostError(f"draft {self.draft} has dependentRequired and dependentSchemas instead")
        for name, needed in self.collector.source.mapping(value, place).items():
            given: Predicate = NotNull(name) if where is None else AllOf((where, NotNull(name)))
            at = (*place, name)
            if isinstance(needed, list):
                self._required({}, needed, at, f"{prefix}with {name}.", given)
            else:
                self.schema(needed, at, f"{prefix}with {name}.", given)

    def _property(self, name: str, node: Any, place: Place, prefix: str, where: Predicate | None) -> None:
        rule_id = f"{prefix}{name}"
        if node is False:
            self._add(f"{rule_id}.absent", Not(NotNull(name)), place, where)
            return
        if node is True:
            return
        node = self.collector.source.mapping(node, place)
        if "$ref" in node:
            there = (*place, "$ref")
            self._attempt(
                rule_id, there, lambda: self._property(name, self._resolved(node["$ref"]), there, prefix, where)
            )
            if self.draft <= 7:
                return
        if self._is_nested(node):
            self.collector.unsupported(rule_id, "a record is flat; lists and objects in it are not read", place)
            return
        for index, part in enumerate(node.get("allOf", ())):
            self._property(name, part, (*place, "allOf", index), f"{prefix}allOf{index + 1}.", where)
        for keyword in node:
            at = (*place, keyword)
            if _SINCE.get(keyword, 0) > self.draft:
                self.collector.unsupported(f"{rule_id}.{keyword}", f"draft {self.draft} does not know it", at)
            elif keyword in {*_OF_ANY, *_OF_NUMBERS, *_OF_TEXTS, *_JOINED, "if"}:
                self._attempt(
                    f"{rule_id}.{keyword}", at, partial(self._keyword, name, keyword, node, at, rule_id, where)
                )

    def _keyword(
        self, name: str, keyword: str, node: Node, place: Place, rule_id: str, where: Predicate | None
    ) -> None:
        if keyword in {*_JOINED, "if"}:
            part = {key: node[key] for key in (keyword, "then", "else") if key in node}
            self._add(f"{rule_id}.{keyword}", _if_given(name, self._on_property(name, part)), place, where)
            return
        predicate = self._said(name, keyword, node)
        if predicate is not None:
            reason = _APPROXIMATE.get(node[keyword], "") if keyword == "format" else ""
            self._add(f"{rule_id}.{keyword}", predicate, place, where, reason)

    # ------------------------------------------------------------------------------------------ schemas as a condition

    def condition(self, node: Any) -> Predicate:
        """A schema of a record as one condition, which every record meets or does not."""
        if isinstance(node, bool):
            return _always(node)
        parts: list[Predicate] = []
        if "$ref" in node:
            parts.append(self.condition(self._resolved(node["$ref"])))
            if self.draft <= 7:
                return parts[0]
        for keyword, value in node.items():
            parts += self._of_keyword(keyword, value, node)
        return _all(parts)

    def _of_keyword(self, keyword: str, value: Any, node: Node) -> list[Predicate]:
        if keyword == "required":
            return [NotNull(str(name)) for name in value]
        if keyword == "properties":
            return [_if_given(name, self._on_property(name, part)) for name, part in value.items()]
        if keyword in {"dependencies", "dependentRequired", "dependentSchemas"}:
            return [
                AnyOf((Not(NotNull(name)), self.condition({"required": part} if isinstance(part, list) else part)))
                for name, part in value.items()
            ]
        if keyword in {"enum", "const"} or (keyword in _SHAPE and value not in (True, {})):
            raise _LostError(f"{keyword!r} is about the whole object, not about a property")
        return self._combined(keyword, value, node, self.condition)

    def _on_property(self, name: str, node: Any) -> Predicate:
        """A schema of one property as a condition on the records that have it."""
        if isinstance(node, bool):
            return _always(node)
        if "$ref" in node:
            first = self._on_property(name, self._resolved(node["$ref"]))
            rest = {key: value for key, value in node.items() if key != "$ref"}
            return first if self.draft <= 7 else _all([first, self._on_property(name, rest)])
        if self._is_nested(node):
            raise _LostError("a record is flat; lists and objects in it are not read")
        parts: list[Predicate] = []
        for keyword in node:
            if keyword in {*_OF_ANY, *_OF_NUMBERS, *_OF_TEXTS}:
                said = self._said(name, keyword, node)
                parts += [] if said is None else [AnyOf((Not(_guard(said, name)), said))]
            else:
                parts += self._combined(keyword, node[keyword], node, lambda part: self._on_property(name, part))
        return _all(parts)

    def _combined(self, keyword: str, value: Any, node: Node, each: Callable[[Any], Predicate]) -> list[Predicate]:
        match keyword:
            case "allOf":
                return [each(part) for part in value]
            case "anyOf":
                return [AnyOf(tuple(each(part) for part in value))]
            case "not":
                return [Not(each(value))]
            case "oneOf":
                return [_exactly_one([each(part) for part in value])]
            case "if" if self.draft >= _SINCE["if"]:
                met, then, other = each(value), each(node.get("then", True)), each(node.get("else", True))
                return [AnyOf((_all((met, then)), _all((Not(met), other))))]
        return []

    # ------------------------------------------------------------------------------------------------ single keywords

    def _said(self, name: str, keyword: str, node: Node) -> Predicate | None:
        """What one keyword says about one property; None: nothing."""
        kind, value = self.kinds[name], node[keyword]
        if keyword == "type":
            return self._typed(name, [value] if isinstance(value, str) else list(value), node.get("format"))
        if keyword in {"enum", "const"}:
            return _listed(name, kind, value if keyword == "enum" else [value])
        if kind != ("number" if keyword in _OF_NUMBERS else "text"):
            raise _LostError(f"{keyword!r} has no effect on a {kind}")
        if keyword == "format":
            return _format(name, value)
        predicate = _SINGLE[keyword](name, value, node)
        return None if predicate is None else ReadAs(predicate, **_READERS[kind])

    def _typed(self, name: str, types: Sequence[str], form: Any) -> Predicate:
        parts = [self._of_type(name, kind) for kind in types if kind in _KIND_OF_TYPE]
        if "string" in types and form in _DAYS:  # JSON writes a day as a text; a workbook or a database has it as a day
            parts.append(Typed(name, _DAYS[form]))
        if "null" in types:
            parts.insert(0, Not(NotNull(name)))
        if not parts:
            raise _LostError(f"type {', '.join(types)} is not read")
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _of_type(self, name: str, kind: str) -> Predicate:
        if kind != "string" and self.kinds[name] == "text" and kind not in self._declared(name):
            raise _LostError(f"{name!r} is a string in one place and {kind} in another")
        given = _READERS[_KIND_OF_TYPE[kind]]
        if kind != "integer":
            return ReadAs(Length(name, min=0), **given, unread="fail")
        if self.draft == 4:
            return ReadAs(Length(name, min=0), **{**given, "type": "integer", "regex": _WHOLE}, unread="fail")
        return ReadAs(Multiple(name, 1), **given, unread="fail")

    def _declared(self, name: str) -> set[str]:
        """Types that stand beside `string` in one list."""
        return {kind for kinds in self._lists[name] if "string" in kinds for kind in kinds}

    # ---------------------------------------------------------------------------------------------- the document itself

    def _add(self, rule_id: str, predicate: Predicate, place: Place, where: Predicate | None, reason: str = "") -> None:
        given = {"where": where, "null_policy": "ignore", "reference": "JSON Schema"}
        if not fields_of(predicate):
            raise _LostError("is about no property that can be read")
        if reason:
            self.collector.approximate(rule_id, predicate, place, reason, **given)
        else:
            self.collector.exact(rule_id, predicate, place, **given)

    def _attempt(self, rule_id: str, place: Place, step: Callable[[], None]) -> None:
        """Translate one keyword; what is lost is unsupported, what is broken is an error, and the others go on."""

        def tried() -> None:
            n_rules, n_entries = len(self.collector.rules), len(self.collector.entries)
            try:
                step()
            except _LostError as lost:
                del self.collector.rules[n_rules:], self.collector.entries[n_entries:]
                self.collector.unsupported(rule_id, str(lost), place)

        self.collector.attempt(rule_id, place, tried)

    def _resolved(self, reference: Any, seen: int = 0) -> Any:
        self.n_resolved += 1
        if self.n_resolved > _MOST_REFERENCES:
            raise self.collector.source.fail(
                (), f"follows more than {_MOST_REFERENCES} references. Write it out, shorter."
            )
        if not isinstance(reference, str) or not reference.startswith("#"):
            raise _LostError(f"{reference!r} is in another document")
        node: Any = self.tree
        for written in reference.removeprefix("#").split("/")[1:]:
            step = written.replace("~1", "/").replace("~0", "~")
            node = node[int(step)] if isinstance(node, list) else node[step]
        if isinstance(node, dict) and "$ref" in node:
            if seen > 50:
                raise _LostError(f"{reference!r} leads to itself")
            return self._resolved(node["$ref"], seen + 1)
        return node

    def _is_nested(self, node: Node) -> bool:
        types = node.get("type", [])
        types = {types} if isinstance(types, str) else set(types)
        nested = types <= {"array", "object"} if types else any(key in node for key in _NESTED)
        return bool(nested)

    def _kinds(self) -> dict[str, str]:
        """What texts of a property are read as: what it is declared as anywhere, else what its keywords are about."""
        self._lists: dict[str, list[list[str]]] = defaultdict(list)
        hints: dict[str, set[str]] = defaultdict(set)
        for name, node in self._said_of(self.tree, 0):
            if "type" in node:
                types = [node["type"]] if isinstance(node["type"], str) else list(node["type"])
                self._lists[name].append(types)
            listed = node.get("enum", []) if "enum" in node else [node["const"]] if "const" in node else []
            hints[name] |= {_kind_of_value(value) for value in listed} - {""}
            hints[name] |= {"text"} if any(key in node for key in _OF_TEXTS) else set()
            hints[name] |= {"number"} if any(key in node for key in _OF_NUMBERS) else set()
        found: dict[str, str] = defaultdict(lambda: "text")
        for name in {*self._lists, *hints}:
            declared = {_KIND_OF_TYPE[kind] for kinds in self._lists[name] for kind in kinds if kind in _KIND_OF_TYPE}
            kinds = declared or hints[name]
            found[name] = next((kind for kind in ("text", "number", "boolean") if kind in kinds), "text")
        return found

    def _said_of(self, node: Any, depth: int) -> Iterator[tuple[str, Node]]:
        """Every schema of a property, wherever it stands in a schema of a record."""
        if depth > 20 or not isinstance(node, dict):
            return
        for part in self._parts(node):
            yield from self._said_of(part, depth + 1)
        for name, part in (node.get("properties") or {}).items():
            yield from self._all_about(name, part, depth + 1)

    def _all_about(self, name: str, node: Any, depth: int) -> Iterator[tuple[str, Node]]:
        if depth <= 20 and isinstance(node, dict):
            yield name, node
            for part in self._parts(node):
                yield from self._all_about(name, part, depth + 1)

    def _parts(self, node: Node) -> Iterator[Any]:
        for keyword in ("allOf", "anyOf", "oneOf"):
            yield from node.get(keyword) or ()
        for keyword in ("not", "if", "then", "else"):
            yield node.get(keyword)
        for keyword in ("dependencies", "dependentSchemas"):
            yield from (node.get(keyword) or {}).values()
        if node.get("type") == "array":
            yield node.get("items")
        if "$ref" in node:
            try:
                yield self._resolved(node["$ref"])
            except (RuleError, LookupError, ValueError, TypeError):
                return


_RECORD: dict[str, Callable[[_Translator, Node, Any, Place, str, Predicate | None], None]] = {
    "required": _Translator._required,  # noqa: SLF001  # the table belongs to the class
    "properties": _Translator._properties,  # noqa: SLF001
    "if": _Translator._if,  # noqa: SLF001
    "allOf": _Translator._all_of,  # noqa: SLF001
    **dict.fromkeys(_JOINED, _Translator._joined),  # noqa: SLF001
    **dict.fromkeys(("dependencies", "dependentRequired", "dependentSchemas"), _Translator._dependent),  # noqa: SLF001
}


# ---------------------------------------------------------------------------------------------------------- conditions


def _always(holds: bool) -> Predicate:  # noqa: FBT001  # JSON's own true and false
    return AllOf(()) if holds else AnyOf(())


def _all(parts: Sequence[Predicate]) -> Predicate:
    parts = [part for part in parts if part != AllOf(())]
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _if_given(name: str, said: Predicate) -> Predicate:
    return AnyOf((Not(NotNull(name)), said))


def _exactly_one(parts: Sequence[Predicate]) -> Predicate:
    if len(parts) > _MOST_ALTERNATIVES:
        raise _LostError(f"oneOf has {len(parts)} alternatives; at most {_MOST_ALTERNATIVES} are read")
    alone = [
        AllOf((part, *(Not(other) for other in parts if other is not part))) if len(parts) > 1 else part
        for part in parts
    ]
    return AnyOf(tuple(alone))


def _guard(said: Predicate, name: str) -> Predicate:
    """When a keyword has a say: the property is there, and is of the kind the keyword is about."""
    if isinstance(said, ReadAs) and said.unread == "null":
        return ReadAs(NotNull(name), said.type, regex=said.regex)
    return NotNull(name)


# ------------------------------------------------------------------------------------------------------------ keywords


def _kind_of_value(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, (int, float)) else "text" if isinstance(value, str) else ""


def _listed(name: str, kind: str, values: Sequence[Any]) -> Predicate:
    same = tuple(value for value in values if _kind_of_value(value) == kind)
    predicate = ReadAs(InSet(name, same), **_READERS[kind], unread="fail")
    return _if_given(name, predicate) if None in values else predicate


def _bound(keyword: str) -> Callable[[str, Any, Node], Predicate | None]:
    side = "min" if "inimum" in keyword else "max"

    def between(name: str, value: Any, node: Node) -> Predicate | None:
        if isinstance(value, bool):  # of draft 4: says whether `minimum` itself is left out
            return None
        if not isinstance(value, (int, float)):
            raise RuleError(f"{keyword} is {value!r}; it must be a number")
        own = "exclusiveMinimum" if side == "min" else "exclusiveMaximum"
        exclusive = keyword.startswith("exclusive") or node.get(own) is True
        if side == "min":
            return Between(name, min=value, exclude_min=exclusive)
        return Between(name, max=value, exclude_max=exclusive)

    return between


def _pattern(name: str, value: Any, _: Node) -> Pattern:
    engine_of(value, "re")
    return Pattern(name, value, "search", "re")


def _length(side: str) -> Callable[[str, Any, Node], Predicate]:
    def length(name: str, value: Any, _: Node) -> Predicate:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value % 1:
            raise RuleError(f"a length is {value!r}; it must be a whole number")
        return Length(name, int(value)) if side == "min" else Length(name, max=int(value))

    return length


_SINGLE: dict[str, Callable[[str, Any, Node], Predicate | None]] = {
    **{keyword: _bound(keyword) for keyword in _OF_NUMBERS if keyword != "multipleOf"},
    "multipleOf": lambda name, value, _node: Multiple(name, value),
    "minLength": _length("min"),
    "maxLength": _length("max"),
    "pattern": _pattern,
}
_FORMATS = {
    "email": Pattern("", "@", "search"),
    "idn-email": Pattern("", "@", "search"),
    "uuid": Pattern("", "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    "ipv4": Pattern("", rf"{_BYTE}(?:\.{_BYTE}){{3}}"),
    "uri": Pattern("", r"[A-Za-z][A-Za-z0-9+.-]*:\S*"),
}
_APPROXIMATE = {
    "uri": "a scheme and a colon make a URI; nothing is asked of the rest",
    "time": "hours, minutes and seconds are asked for; a zone is not",
}


def _format(name: str, form: str) -> Predicate:
    if form in _FORMATS:
        known = _FORMATS[form]
        return ReadAs(Pattern(name, known.regex, known.how))
    length = Length(name, min=0)
    moments = {
        "date": ReadAs(length, "date", unread="fail"),
        "date-time": ReadAs(length, "datetime", regex=_DATE_TIME, unread="fail"),
        "time": ReadAs(length, "time", regex=r"[0-9]{2}:[0-9]{2}:[0-9]{2}.*", unread="fail"),
    }
    if form not in moments:
        raise _LostError(f"format {form!r} is not read")
    return moments[form]
