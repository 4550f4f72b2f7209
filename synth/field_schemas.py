"""Field lists that are JSON: table schemas and data packages, and JSON Schemas.

Taken are names, types, lists of values, bounds, what is required and when. Examples, defaults and descriptions are
never looked at: they may speak of real people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from typing import Any

from synth.errors import ScenarioError
from synth.listed_fields import NOT_CARRIED, YES, ListedField, ListedTable, kind_of, shown

MOST_LEVELS = 4  # of objects within objects that are opened
MOST_OPENED = 20_000  # fields, of schemas that refer to themselves; more than any scenario holds
Json = Mapping[str, Any]


# ------------------------------------------------------------------------------------------------------ table schemas


def table_schema_tables(document: Any, name: str) -> tuple[list[ListedTable], list[str]]:
    """Return the tables of a table schema (one table) or a data package (one a resource), and what was left out."""
    if not isinstance(document, dict) or not {"fields", "resources", "schema"} & set(document):
        raise ScenarioError(f"{name}: is no table schema: neither 'fields' nor 'resources'. See --format.")
    if "fields" in document:
        return [_resource_table(document, str(document.get("name", "")), name)], []
    resources = document.get("resources", [document])
    if not isinstance(resources, list) or not resources:
        raise ScenarioError(f"{name}: 'resources' is {shown(resources)}; it must be a list of one or more.")
    found, without = [], []
    for number, resource in enumerate(resources, 1):
        title = str(resource.get("name", "")) if isinstance(resource, dict) else ""
        schema = resource.get("schema") if isinstance(resource, dict) else None
        if isinstance(schema, dict):
            found.append(_resource_table(schema, title or f"table {number}", f"{name}: resource {number}"))
        else:
            without.append(shown(title or number))
    if not found:
        raise ScenarioError(f"{name}: no resource has a schema with fields. Put the schemas into the file.")
    return found, [f"resources without a schema in the file, left out: {', '.join(without)}"] if without else []


def _resource_table(schema: Json, title: str, place: str) -> ListedTable:
    fields = schema.get("fields")
    if not isinstance(fields, list) or not fields:
        raise ScenarioError(f"{place}: 'fields' is {shown(fields)}; it must be a list of one or more fields.")
    keys = _names(schema.get("primaryKey"))
    targets = {}
    for key in _mappings(schema.get("foreignKeys")):
        for reference in _mappings([key.get("reference")]):
            ours, theirs = _names(key.get("fields")), _names(reference.get("fields"))
            if len(ours) == len(theirs) == 1:
                targets[ours[0]] = (str(reference.get("resource") or title), theirs[0])
    found = []
    for number, field in enumerate(fields, 1):
        where = f"{place}: field {number}"
        if not isinstance(field, dict) or not isinstance(field.get("name"), str) or not field["name"].strip():
            raise ScenarioError(f"{where}: has no name. Every field is a mapping with a 'name'.")
        listed = _table_field(field, f"{where} ('{shown(field['name'])}')")
        primary, target = keys == [field["name"]], targets.get(field["name"])
        if primary or target:
            listed = replace(listed, kind="reference", nearest="", primary=primary, target=target)
        found.append(listed)
    return ListedTable(title, tuple(found))


def _table_field(field: Json, place: str) -> ListedField:
    told = field.get("constraints")
    limits: Json = told if isinstance(told, dict) else {}
    type_text = str(field.get("type") or "")
    if type_text == "string" and field.get("format") in {"uuid", "email", "uri", "binary"}:
        type_text = str(field["format"])
    kind, why = kind_of(type_text, place)
    values = _values(limits.get("enum") or field.get("categories"), place)
    if kind == "code" and _long(limits.get("maxLength")):
        kind, why = kind_of("text", place)
    if kind == "code" and limits.get("unique") is True:
        kind, why = "reference", ""
    if values and kind != "boolean":
        kind, why = "choice", ""
    bounds = (_number(limits.get("minimum")), _number(limits.get("maximum")))
    return ListedField(
        field["name"], kind, why, values=values, bounds=bounds,
        usage="required" if str(limits.get("required", "")).casefold() in YES else "optional",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------- JSON Schemas


def json_schema_tables(document: Any, name: str) -> tuple[list[ListedTable], list[str]]:
    """Return the one table of a JSON Schema of an object: its properties, those of objects within under both names."""
    if not isinstance(document, dict):
        raise ScenarioError(f"{name}: is no JSON Schema: {shown(document)} is no mapping.")
    root = _resolved(document, document)
    if root.get("type") == "array" and isinstance(root.get("items"), dict):
        root = _resolved(root["items"], document)
    if not _properties(root, document):
        raise ScenarioError(f"{name}: no 'properties' with fields in it. Give the schema of one record.")
    fields = list(islice(_object_fields(root, document, name, "", MOST_LEVELS), MOST_OPENED))
    return [ListedTable(str(root.get("title") or ""), tuple(_with_conditions(fields, root, document)))], []


def _object_fields(schema: Json, document: Json, place: str, prefix: str, levels: int) -> Iterator[ListedField]:
    required = set(_names(schema.get("required"))) if isinstance(schema.get("required"), list) else set()
    for name, told in _properties(schema, document).items():
        where = f"{place}: '{shown(prefix + name)}'"
        inner = _resolved(told, document) if isinstance(told, dict) else {}
        usage = "required" if name in required else "optional"
        if _properties(inner, document) and levels:
            within = _object_fields(inner, document, place, f"{prefix}{name}.", levels - 1)
            yield from (each if name in required else replace(each, usage="optional") for each in within)
        else:
            yield _json_field(prefix + name, inner, usage, where)


def _json_field(name: str, schema: Json, usage: str, place: str) -> ListedField:
    types = [each for each in _names(schema.get("type")) if each != "null"]
    values = _values([schema["const"]] if "const" in schema else schema.get("enum"), place)
    form = str(schema.get("format", ""))
    type_text = types[0] if types else ("array" if "items" in schema or "$ref" in schema else "")
    if type_text == "string" and form in {"date", "date-time", "time", "uuid", "email", "uri", "duration", "binary",
                                          "idn-email", "uri-reference", "iri", "hostname", "ipv4", "ipv6"}:  # fmt: skip
        type_text = form
    if type_text == "string" and _long(schema.get("maxLength")):
        type_text = "text"
    kind, why = kind_of(type_text, place)
    if values and kind != "boolean":
        kind, why = "choice", ""
    elif len(types) > 1:
        why = why or NOT_CARRIED
    bounds = (_number(schema.get("minimum")), _number(schema.get("maximum")))
    return ListedField(name, kind, why, values=values, bounds=bounds, usage=usage)


def _with_conditions(fields: list[ListedField], root: Json, document: Json) -> Iterator[ListedField]:
    """Put in what simple `if`/`then` say: what is required where others hold certain values is asked only there."""
    branches = [root, *(_resolved(each, document) for each in _mappings(root.get("allOf")))]
    asked: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}
    for branch in branches:
        condition, then = branch.get("if"), branch.get("then")
        if not isinstance(condition, dict) or not isinstance(then, dict):
            continue
        causes = _causes(condition)
        for name in _names(then.get("required")):
            if causes:
                asked.setdefault(name, causes)
    for field in fields:
        if field.name not in asked or field.usage == "required":
            yield field
        else:
            remark = "the schema requires it only there; taken as asked only there"
            yield replace(field, usage="required", applies=asked[field.name], remarks=(*field.remarks, remark))


def _causes(condition: Json) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    told = condition.get("properties")
    for name, schema in (told if isinstance(told, dict) else {}).items():
        limits: Json = schema if isinstance(schema, dict) else {}
        listed = [limits["const"]] if "const" in limits else limits.get("enum")
        if isinstance(listed, list) and listed:
            found.append((name, tuple(_text(value) for value in listed)))
    return tuple(found)


def _properties(schema: Json, document: Json) -> dict[str, Any]:
    """Return the properties of an object, those of its `allOf` with them."""
    told = schema.get("properties")
    found = dict(told) if isinstance(told, dict) else {}
    for each in _mappings(schema.get("allOf")):
        more = _resolved(each, document).get("properties")
        found |= {k: v for k, v in more.items() if k not in found} if isinstance(more, dict) else {}
    return found


def _resolved(schema: Json, document: Json) -> Json:
    """Follow references within the file, and of several forms take the first that is not null."""
    for _ in range(MOST_LEVELS * 4):
        options = schema.get("anyOf") or schema.get("oneOf")
        if isinstance(schema.get("$ref"), str) and schema["$ref"].startswith("#"):
            schema = _target(schema["$ref"], document)
        elif isinstance(options, list) and "properties" not in schema and "type" not in schema:
            schema = next((each for each in _mappings(options) if each.get("type") != "null"), {})
        else:
            return schema
    return {}


def _target(reference: str, document: Json) -> Json:
    """Return the part of a file that `#/a/b` points to; nothing where there is none, or it is the whole file."""
    found: Any = document
    for step in reference.removeprefix("#").strip("/").split("/"):
        found = found.get(step.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}


# ------------------------------------------------------------------------------------------------------------- shared


def _mappings(told: Any) -> list[Json]:
    return [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []


def _names(told: Any) -> list[str]:
    if isinstance(told, str):
        return [told]
    return [each for each in told if isinstance(each, str)] if isinstance(told, list) else []


def _text(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _values(told: Any, place: str) -> tuple[str, ...]:
    """Return a list of values as text; of labelled categories the value; null is no value."""
    if told is None:
        return ()
    if not isinstance(told, list):
        raise ScenarioError(f"{place}: its list of values is {shown(told)}; it must be a list.")
    plain = [each.get("value") if isinstance(each, dict) else each for each in told]
    return tuple(_text(each) for each in plain if each is not None and not isinstance(each, list | dict))


def _number(told: Any) -> Decimal | None:
    if isinstance(told, bool) or not isinstance(told, int | float | str):
        return None
    text = str(told)
    return Decimal(text) if text.lstrip("-").replace(".", "", 1).isdecimal() and len(text) < 30 else None


def _long(told: Any) -> bool:
    length = _number(told)
    return length is not None and length >= 250
