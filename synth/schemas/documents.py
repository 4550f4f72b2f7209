"""Schemas that are JSON: table schemas and JSON Schemas, read into fields and demands.

What cannot be solved is refused by its place, `field.keyword`, unless it is among what is to be left out.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from synth.errors import nearest
from synth.schemas.plan import PRIMARY, TABLE, WHOLE_TABLE, Demand, Kind, SchemaField, SchemaKey, SchemaPlan, is_number
from synth.strategy_error import StrategyError

Json = Mapping[str, Any]
MOST_REFERENCES = 50  # one to the next
_BOUNDS = {"minimum": "min", "exclusiveMinimum": "above", "maximum": "max", "exclusiveMaximum": "below"}
_LENGTHS = {"minLength": "min_length", "maxLength": "max_length"}


class LeftOut:
    """What the user wants left out of a schema; says in the end what of it was not there."""

    def __init__(self, places: Sequence[str]) -> None:
        self.places = places
        self.used: set[str] = set()
        self.met: set[str] = set()

    def __contains__(self, place: str) -> bool:
        self.met.add(place)
        found = place in self.places
        if found:
            self.used.add(place)
        return found

    def refuse(self, place: str, reason: str) -> None:
        """Refuse a part of a schema, unless it is left out."""
        if place not in self:
            raise StrategyError(
                f"'{place}': {reason}. Put '{place}' into leave_out and filter what is drawn, or change the schema."
            )

    def check(self) -> None:
        """Refuse what is to be left out and is not there."""
        for place in self.places:
            if place not in self.used:
                raise StrategyError(f"leave_out {place!r} is not in the schema. {nearest(str(place), self.met)}")


# ------------------------------------------------------------------------------------------------------ table schemas


def table_schema_plan(tree: Json, left_out: LeftOut) -> SchemaPlan:
    """Read a table schema, or a data package or resource with one table schema in it."""
    schema = _table_schema(tree)
    missing = _missing(schema.get("missingValues", [""]))
    fields = []
    keys = []
    for number, entry in enumerate(_list(schema.get("fields"), "fields"), 1):
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise StrategyError(f"field {number} of the table schema is {_shown(entry)}; a field has a 'name'.")
        name = entry["name"]
        if name in left_out:
            continue
        field = _table_field(entry, missing, left_out)
        if field is None:
            continue
        fields.append(field)
        if _limits(entry).get("unique") is True:
            keys.append(SchemaKey((name,), "unique"))
    primary = _names(schema.get("primaryKey"))
    if primary:
        keys.append(SchemaKey(primary, PRIMARY))
    keys += [SchemaKey(_names(key), "uniqueKeys") for key in schema.get("uniqueKeys") or ()]
    if schema.get("foreignKeys"):
        left_out.refuse(f"{WHOLE_TABLE}.foreignKeys", "one table alone has no other table's keys")
    return SchemaPlan(TABLE, tuple(fields), known_keys(keys, fields))


def _table_schema(tree: Json) -> Json:
    if "fields" in tree:
        return tree
    found = [each.get("schema") for each in tree.get("resources", [tree]) if isinstance(each, dict)]
    schemas = [each for each in found if isinstance(each, dict) and "fields" in each]
    if len(schemas) != 1:
        raise StrategyError(f"the data package has {len(schemas)} table schemas in it. Give one of them by itself.")
    return schemas[0]


def _table_field(entry: Json, missing: tuple[str, ...], left_out: LeftOut) -> SchemaField | None:
    name, kind = entry["name"], str(entry.get("type") or "string")
    nulls = _missing(entry["missingValues"]) if "missingValues" in entry else missing
    form = str(entry.get("format") or "default")
    limits = _limits(entry)
    if kind not in _TABLE_KINDS or (kind == "string" and form not in _STRING_FORMS):
        what = f"type {kind!r}" if kind not in _TABLE_KINDS else f"format {form!r} of strings"
        left_out.refuse(name, f"{what} is not drawn (possible: {', '.join(_TABLE_KINDS)})")
        return None
    read, write = _reader(name, kind, form)
    demands = (
        [Demand("not_values", nulls, "missingValues", "being no missing value")] if kind in {"string", "any"} else []
    )
    if kind == "string" and form in _FORMS:
        demands += _format_demands(form, "type", "")
    if kind == "year":
        demands += [Demand("min", 1000, "type", "a year of four digits"), Demand("max", 9999, "type", "the same")]
    for word, given in limits.items():
        place = f"{name}.{word}"
        if word in {"required", "unique"} or given is None or place in left_out:
            continue
        demands.append(_limit(place, word, given, kind, read))
    required = str(limits.get("required", "")).lower() == "true" and f"{name}.required" not in left_out
    return SchemaField(
        name, _TABLE_KINDS[kind], tuple(demands), lambda value: read(value) is not None, "type", read, write,
        null_rules=("required",) if required else (), nulls=nulls, dtype=_DTYPES.get(_TABLE_KINDS[kind]),
    )  # fmt: skip


def _limit(place: str, word: str, given: Any, kind: str, read: Callable[[Any], Any]) -> Demand:
    """Return a constraint as a demand."""
    text = f"{word} {_shown(given)}"
    allowed = {"enum", *(_BOUNDS if kind in _ORDERED else ()), *((*_LENGTHS, "pattern") if kind == "string" else ())}
    if word not in allowed:
        raise StrategyError(f"'{place}': a field of type {kind!r} takes no {word!r}. Remove it.")
    if word == "enum":
        values = [read(each) for each in _list(given, place)]
        return Demand("values", tuple(each for each in values if each is not None), word, text)
    if word in _LENGTHS:
        return Demand(_LENGTHS[word], _size(place, given), word, text)
    if word == "pattern":
        return Demand("start", f"^{_regex(place, given)}$", word, text)
    bound = read(given)
    if bound is None:
        raise StrategyError(f"'{place}' is {_shown(given)}, which is no value of the field. Change it.")
    return Demand(_BOUNDS[word], bound, word, text)


def _reader(name: str, kind: str, form: str) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Return how values of a table's field are read and written."""
    if kind not in _MOMENTS:
        return _PLAIN_READERS[kind], lambda value: value
    pattern, of = _MOMENTS[kind]
    if form == "any":
        raise StrategyError(
            f"'{name}.format' is 'any': a day may be written in any way. Name a pattern such as %Y-%m-%d."
        )
    pattern = pattern if form == "default" else form.removeprefix("fmt:")
    return lambda value: _moment(value, pattern, of), lambda value: _padded(value, pattern)


def _padded(value: Any, pattern: str) -> str:
    """Write a day or time; years before 1000 have four digits too, which not every platform sees to."""
    if not isinstance(value, time):
        pattern = pattern.replace("%Y", f"{value.year:04d}")
    return str(value.strftime(pattern))


def _moment(value: Any, pattern: str, of: Callable[[datetime], Any]) -> Any:
    if isinstance(value, str):
        try:
            return of(datetime.strptime(value, pattern))  # noqa: DTZ007  # without a zone, as the file has it
        except ValueError:
            return None
    return None


def _read_whole(value: Any) -> int | None:
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            return None
    return int(value) if is_number(value) and value == int(value) else None


def _read_year(value: Any) -> int | None:
    """Read a year; what has more than four digits, or a sign, is none."""
    found = _read_whole(value)
    return found if found is not None and 0 <= found <= 9999 else None


def _read_number(value: Any) -> float | None:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return value if is_number(value) else None


def _read_boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "True": True, "TRUE": True, "1": True, "false": False, "False": False, "FALSE": False,
            "0": False}.get(value) if isinstance(value, str) else None  # fmt: skip


def _read_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


_TABLE_KINDS: Mapping[str, Kind] = {
    "string": "text", "any": "any", "integer": "whole", "number": "number", "boolean": "boolean", "date": "date",
    "time": "time", "datetime": "moment", "year": "whole", "yearmonth": "date",
}  # fmt: skip
_ORDERED = ("integer", "number", "date", "time", "datetime", "year", "yearmonth")
_DTYPES: Mapping[str, str] = {"whole": "Int64", "number": "float64", "boolean": "boolean"}
_MOMENTS: Mapping[str, tuple[str, Callable[[datetime], Any]]] = {
    "date": ("%Y-%m-%d", datetime.date),
    "time": ("%H:%M:%S", datetime.time),
    "datetime": ("%Y-%m-%dT%H:%M:%SZ", lambda moment: moment),
    "yearmonth": ("%Y-%m", datetime.date),
}
_PLAIN_READERS: Mapping[str, Callable[[Any], Any]] = {
    "string": _read_text, "any": lambda value: value, "integer": _read_whole, "year": _read_year,
    "number": _read_number, "boolean": _read_boolean,
}  # fmt: skip


def _missing(given: Any) -> tuple[str, ...]:
    return tuple(str(each["value"] if isinstance(each, dict) else each) for each in given)


def _limits(entry: Json) -> Json:
    given = entry.get("constraints")
    return given if isinstance(given, dict) else {}


# ------------------------------------------------------------------------------------------------------ JSON Schemas

_NESTED = (
    "items", "prefixItems", "contains", "properties", "patternProperties", "additionalItems", "uniqueItems", "minItems",
    "maxItems",
)  # fmt: skip
_JOINED = ("oneOf", "anyOf", "not", "if", "then", "else", "dependentSchemas", "$dynamicRef", "$recursiveRef")
_OF_OBJECTS = (
    "patternProperties", "propertyNames", "minProperties", "maxProperties", "dependentRequired", "dependencies",
    "unevaluatedProperties", "enum", "const", *_JOINED,
)  # fmt: skip
_JSON_KINDS: Mapping[str, Kind] = {"string": "text", "integer": "whole", "number": "number", "boolean": "boolean"}
_JSON_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: is_number(value) and value == int(value),
    "number": is_number,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def json_schema_plan(tree: Json, left_out: LeftOut) -> SchemaPlan:
    """Read the JSON Schema of an object, or of a list of objects."""
    root = _merged(tree, tree)
    if root.get("type") == "array" and isinstance(root.get("items"), dict):
        root = _merged(root["items"], tree)
    told = root.get("properties")
    if not isinstance(told, dict) or not told:
        raise StrategyError("the JSON Schema has no 'properties' of a record. Give the schema of one object.")
    for word in (word for word in _OF_OBJECTS if word in root):
        left_out.refuse(f"{WHOLE_TABLE}.{word}", "a demand on several properties at once is not solved")
    listed = root.get("required", [])
    if not isinstance(listed, list):
        raise StrategyError(f"'required' is {listed!r}; it is a list of names.")
    required = [str(name) for name in listed]
    extra = dict.fromkeys((name for name in required if name not in told), root.get("additionalProperties", True))
    return SchemaPlan("JSON Schema", tuple(_properties({**told, **extra}, required, tree, left_out)))


def _properties(told: Json, required: Sequence[str], tree: Json, left_out: LeftOut) -> list[SchemaField]:
    fields = []
    for name, node in told.items():
        is_required = name in required and f"{name}.required" not in left_out
        if name in left_out:
            if is_required:
                raise StrategyError(f"leave_out {name!r} is required. Leave out '{name}.required' as well.")
        elif node is False and is_required:
            raise StrategyError(f"property {name!r} is required and not allowed (false). Change one of them.")
        elif node is not False:
            fields.append(_property(str(name), _merged(node, tree), left_out, required=is_required))
    if not fields:
        raise StrategyError("nothing of the JSON Schema is left to draw. Leave less out.")
    return fields


def _property(name: str, node: Json, left_out: LeftOut, *, required: bool) -> SchemaField:
    types = _types_of(name, node, left_out)
    null_too = "null" in types
    drawn = [each for each in types if each in _JSON_KINDS]
    if types and not drawn:
        left_out.refuse(name, f"values of type {' or '.join(types)} are not drawn")
    for word in (*_JOINED, *_NESTED):
        if word in node and not (word == "anyOf" and _nullable_of(node) is not None):
            left_out.refuse(f"{name}.{word}", "it is not solved")
    demands = [demand for word in node for demand in _keyword(name, word, node, left_out)]
    kind: Kind = _JSON_KINDS[drawn[0]] if drawn else _guessed(node)
    form = next((node["format"] for demand in demands if demand.rule == "format"), "")
    kind = _KIND_OF_FORMAT.get(form, kind) if kind == "text" else kind
    read, write = (
        _reader(name, {"moment": "datetime"}.get(kind, kind), "default") if kind in {"date", "moment"}
        else (lambda value: value, lambda value: value)
    )  # fmt: skip
    del read  # demands are asked of the text itself
    write = _of_text(write) if kind in {"date", "moment"} else write
    typed = (lambda value: any(_JSON_TYPES[each](value) for each in types)) if types else lambda _: True
    lists = [demand.given for demand in demands if demand.what == "values"]
    null_too = (null_too or not types) and all(None in values for values in lists)
    return SchemaField(
        name, kind, tuple(demands), typed, "type", write=write, null_rules=() if null_too else ("type",),
        absent_rules=("required",) if required else (), all_rules=True, dtype=_DTYPES.get(kind),
    )  # fmt: skip


def _of_text(write: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: value if isinstance(value, str) or value is None else write(value)


def _types_of(name: str, node: Json, left_out: LeftOut) -> tuple[str, ...]:
    given = node.get("type")
    if given is None or f"{name}.type" in left_out:
        return ()
    types = (given,) if isinstance(given, str) else tuple(given)
    unknown = [each for each in types if each not in _JSON_TYPES]
    if unknown:
        raise StrategyError(f"'{name}.type' is {_shown(unknown[0])}. {nearest(str(unknown[0]), _JSON_TYPES)}")
    return types


def _guessed(node: Json) -> Kind:
    """Return what values are, of a property without a type, by what is asked of them."""
    if any(word in node for word in (*_BOUNDS, "multipleOf")):
        return "number"
    return "any" if not {"pattern", "format", *_LENGTHS} & set(node) else "text"


def _keyword(name: str, word: str, node: Json, left_out: LeftOut) -> Iterator[Demand]:
    """Yield what a keyword asks of a property; drafts before 6 have bounds that yes and no make exclusive."""
    given, place = node[word], f"{name}.{word}"
    if word not in _KEYWORDS or place in left_out or (word.startswith("exclusive") and isinstance(given, bool)):
        return
    text = f"{word} {_shown(given)}"
    if word in {"enum", "const"}:
        yield Demand("values", tuple(_list(given, place)) if word == "enum" else (given,), word, text)
    elif word in _BOUNDS:
        if not is_number(given):
            raise StrategyError(f"'{place}' is {_shown(given)}; it must be a number.")
        exclusive = node.get(f"exclusive{word[0].upper()}{word[1:]}") is True
        yield Demand(
            {"min": "above", "max": "below"}[_BOUNDS[word]] if exclusive else _BOUNDS[word], given, word, text, "number"
        )
    elif word == "multipleOf":
        if not is_number(given) or given <= 0:
            raise StrategyError(f"'{place}' is {_shown(given)}; it must be a number above 0.")
        yield Demand("multiple", given, word, text, "number")
    elif word in _LENGTHS:
        yield Demand(_LENGTHS[word], _size(place, given), word, text, "text")
    elif word == "pattern":
        yield Demand("anywhere", _regex(place, given), word, text, "text")
    elif given in _FORMS:
        yield from _format_demands(given, word, "text")
    else:
        left_out.refuse(place, f"format {given!r} is not drawn (possible: {', '.join(_FORMS)})")


_KEYWORDS = ("enum", "const", *_BOUNDS, "multipleOf", *_LENGTHS, "pattern", "format")


def _merged(node: Any, root: Json, depth: int = 0) -> Json:
    """Return a schema with its references followed and the parts of `allOf` put in; the bounds of all hold."""
    if node is True or node is None:
        return {}
    if not isinstance(node, dict) or depth > MOST_REFERENCES:
        raise StrategyError(f"{_shown(node)} is no JSON Schema, or refers to itself.")
    parts = [_target(node["$ref"], root)] if "$ref" in node else []
    parts += node.get("allOf", [])
    inner = _nullable_of(node)
    found = {word: given for word, given in node.items() if word not in {"$ref", "allOf"}}
    if inner is not None:
        del found["anyOf"]
        told = _merged(inner, root, depth + 1)
        types = told.get("type", [])
        listed = {"enum": [*told["enum"], None]} if "enum" in told else {}
        listed |= {"enum": [told["const"], None]} if "const" in told else {}
        told = {word: given for word, given in told.items() if word != "const"}
        parts.append({**told, "type": [*([types] if isinstance(types, str) else types), "null"], **listed})
    for part in parts:
        found = _both(found, _merged(part, root, depth + 1))
    return found


_REMARKS = ("title", "description", "default", "examples", "$schema", "$id", "$defs", "definitions", "$comment")


def _both(one: dict[str, Any], other: Json) -> dict[str, Any]:
    """Return what two schemas ask together."""
    found = dict(one)
    for word, given in other.items():
        if word not in found or found[word] == given or word in _REMARKS:
            found.setdefault(word, given)
        elif word == "properties":
            found[word] = {**found[word], **{
                name: {"allOf": [found[word][name], node]} if name in found[word] else node
                for name, node in given.items()
            }}  # fmt: skip
        elif word == "required":
            found[word] = [*found[word], *given]
        elif word == "enum":
            found[word] = [each for each in found[word] if each in given]
        elif word in {"minimum", "minLength", "exclusiveMinimum"} and not isinstance(given, bool):
            found[word] = max(found[word], given)
        elif word in {"maximum", "maxLength", "exclusiveMaximum"} and not isinstance(given, bool):
            found[word] = min(found[word], given)
        elif word == "type":
            both = [each for each in _listed(found[word]) if each in _listed(given)]
            if not both:
                raise StrategyError(f"'type' is {_shown(found[word])} and {_shown(given)} at once. No value is both.")
            found[word] = both
        else:
            raise StrategyError(
                f"'{word}' is {_shown(found[word])} and {_shown(given)} at once (allOf). Write it once."
            )
    return found


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _nullable_of(node: Json) -> Json | None:
    """Return the one schema beside null, where `anyOf` or `oneOf` means that a null will do."""
    options = node.get("anyOf")
    if not isinstance(options, list) or len(options) != 2 or {"type": "null"} not in options:
        return None
    other = options[options[0] == {"type": "null"}]
    return other if isinstance(other, dict) else None


def _target(reference: Any, root: Json) -> Any:
    found: Any = root
    steps = str(reference).removeprefix("#").strip("/").split("/") if str(reference) != "#" else []
    for step in steps:
        key = step.replace("~1", "/").replace("~0", "~")
        if not str(reference).startswith("#") or not isinstance(found, dict) or key not in found:
            raise StrategyError(f"$ref {_shown(reference)} is not in the schema. Put what it names into the same file.")
        found = found[key]
    return found


# ------------------------------------------------------------------------------------------------------------- shared


def _of_parser(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return fits


_NAME = "[a-z]([a-z0-9-]{0,8}[a-z0-9])?"
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-][0-2][0-9]:[0-5][0-9])", re.IGNORECASE)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def _has_at(text: str) -> bool:
    return "@" in text


def _is_day(text: str) -> bool:
    return _DAY.fullmatch(text) is not None and _of_parser(date.fromisoformat)(text)


def _is_moment(text: str) -> bool:
    return text[10:11].upper() in {"T", " "} and _is_day(text[:10]) and _TIME.fullmatch(text[11:]) is not None


# A format: what is drawn of it, as a pattern ('' for days and moments), and whether a text is of it.
_FORMS: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "date": ("", _is_day),
    "date-time": ("", _is_moment),
    "time": ("([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z", lambda text: _TIME.fullmatch(text) is not None),
    "email": (rf"{_NAME}@{_NAME}\.example", lambda text: _ADDRESS.fullmatch(text) is not None),
    "uuid": (
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        lambda text: re.fullmatch("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text) is not None,
    ),
    "ipv4": (r"192\.0\.2\.([1-9]|[1-9][0-9])", _of_parser(ipaddress.IPv4Address)),
    "uri": (
        rf"https://{_NAME}\.example/[a-z0-9]{{0,8}}",
        lambda text: re.match("[A-Za-z][A-Za-z0-9+.-]*:", text) is not None,
    ),
}  # fmt: skip
_KIND_OF_FORMAT: Mapping[str, Kind] = {"date": "date", "date-time": "moment"}
_STRING_FORMS = ("default", "email", "uri", "uuid")


def _format_demands(form: str, rule: str, of: Any) -> Iterator[Demand]:
    """Yield what a format asks: that a text is of it; what is drawn is of a form that every reader takes."""
    drawn, fits = _FORMS[form]
    if form == "email" and of:
        fits = _has_at  # all that JSON Schema's own validators agree about
    yield Demand("format", fits, rule, f"format {form}", of)
    if drawn:
        yield Demand("drawn", drawn, rule, f"format {form}", of)


def known_keys(keys: Sequence[SchemaKey], fields: Sequence[SchemaField]) -> tuple[SchemaKey, ...]:
    """Return the keys, if all their fields are drawn."""
    names = {field.name for field in fields}
    for key in keys:
        for name in key.fields:
            if name not in names:
                raise StrategyError(f"{key.rule} names field {name!r}, which is not drawn. {nearest(name, names)}")
    return tuple(keys)


def _names(given: Any) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(str(name) for name in given or ())


def _list(given: Any, place: str) -> list[Any]:
    if not isinstance(given, list) or not given:
        raise StrategyError(f"'{place}' is {_shown(given)}; it must be a list of one or more.")
    return given


def _size(place: str, given: Any) -> int:
    if not is_number(given) or given < 0 or given != int(given):
        raise StrategyError(f"'{place}' is {_shown(given)}; it must be a whole number from 0.")
    return int(given)


def _regex(place: str, given: Any) -> str:
    try:
        re.compile(given)
    except (re.error, TypeError) as problem:
        raise StrategyError(f"'{place}' is {_shown(given)}, which is no pattern ({problem}). Correct it.") from None
    return str(given)


def _shown(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 60 else f"{text[:57]}..."
