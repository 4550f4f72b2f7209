"""datapackage.json: the data dictionary beside the data, in the Frictionless form, with what rules and reviewers need.

A field says what it may hold (values, placeholders, not-values), whether it is needed, enforced or material, and the
condition under which the form asks for it. The texts of coded columns are in vocabularies.json, in the order of their
codes; `casegauge verify` needs them to work out the content digest again from text.

Types and constraints are those that hold of dirty records: a record's field is text that may be anything its form lets
through, so only numbers of records have a pattern. Answers have keys, types and lists of values a library can check.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from synth.data_dictionary import FieldEntry
from synth.plan import Plan
from synth.writers import NOTICE


@dataclass(frozen=True)
class DataFile:
    """A file with a table in it.

    Attributes:
        path: in the folder.
        format_name: one of `synth.file_formats.FORMATS`.
        media_type: as in a data package.
        size: in bytes.
        sha256: of the file.
        croissant_type: the media type by which mlcroissant reads it; '' if it does not.
        is_table: whether a reader of data packages can be expected to read it; else it is a file to such a reader.
        is_counted: whether such a reader can check size and hash.
        dialect: how to find the table in a file that holds several; empty for a file of its own.
        encoding: of text; '' for other files.
    """

    path: str
    format_name: str
    media_type: str
    size: int
    sha256: str
    croissant_type: str = ""
    is_table: bool = True
    is_counted: bool = True
    dialect: Mapping[str, Any] = field(default_factory=dict)
    encoding: str = ""


SHORT = 100  # vocabularies up to this size are shown with the field as well


def vocabularies(schemas: Mapping[str, pa.Table]) -> dict[str, list[str]]:
    """Return the distinct vocabularies of all coded columns, by a short name."""
    found: dict[tuple[str, ...], str] = {}
    for table in schemas.values():
        for column in table.columns:
            if pa.types.is_dictionary(column.type):
                found.setdefault(_texts(column), f"v{len(found) + 1}")
    return {name: list(texts) for texts, name in found.items()}


def _texts(column: pa.ChunkedArray) -> tuple[str, ...]:
    return tuple(column.chunk(0).dictionary.to_pylist())


KEYS = {"truth": ("case_id",), "links": ("system", "record_id"), "labels": ("label_id",)}  # of answers
CASES, LINKS = "answers/truth", "answers/links"


def data_package(
    plan: Plan, files: Mapping[str, DataFile], schemas: Mapping[str, pa.Table], named: Mapping[str, list[str]]
) -> dict[str, Any]:
    """Return the data package of a folder.

    Args:
        plan: scenario, seed and regime; neither seed nor key is written.
        files: table name -> its file in the folder.
        schemas: table name -> a table with its columns; the rows are not looked at.
        named: the vocabularies of all coded columns.
    """
    scenario = plan.scenario
    names = {tuple(texts): name for name, texts in named.items()}
    return {
        "name": f"casegauge-{scenario.scenario.lower()}",
        "title": scenario.title,
        "description": f"{NOTICE} {scenario.about.strip()}",
        "synthetic": True,
        "regime": plan.regime,
        "sources": [{"title": source} for source in scenario.sources],
        "links": scenario.links,
        "shared_facts": {
            fact: {"kind": spec.kind, "fields": spec.fields} for fact, spec in scenario.shared_facts.items()
        },
        "placeholders": scenario.placeholders,
        "not_values": list(scenario.not_values),
        "resources": [_resource(plan, name, file, schemas, names) for name, file in files.items()],
    }


def resource_name(name: str) -> str:
    """Return what a table is called in a data package.

    Examples:
        >>> resource_name("records/inquiry")
        'records-inquiry'
    """
    return name.replace("/", "-")


def _resource(
    plan: Plan, name: str, file: DataFile, schemas: Mapping[str, pa.Table], names: Mapping[tuple[str, ...], str]
) -> dict[str, Any]:
    folder, _, owner = name.partition("/")
    table = schemas[name]
    key = primary_key(name, table.column_names)
    fields = []
    for column in table.schema:
        entry = plan.dictionary.get((owner, column.name)) if folder == "records" else None
        described = _field(column.name, table[column.name], entry, names)
        limits = _constraints(plan, name, described, is_key=column.name in key)
        fields.append(described | ({"constraints": limits} if limits else {}))
    resource: dict[str, Any] = {
        "name": resource_name(name),
        "table": name,
        "path": file.path,
        "format": file.format_name,
        "mediatype": file.media_type,
    }
    resource |= {"encoding": file.encoding} if file.encoding else {}
    resource |= {"type": "table"} if file.is_table else {}
    resource |= {"bytes": file.size, "hash": f"sha256:{file.sha256}"} if file.is_counted else {}
    resource |= {"dialect": dict(file.dialect)} if file.dialect else {}
    if folder == "records":
        resource["title"] = plan.scenario.systems[owner].title
    resource["schema"] = {"fields": fields, "missingValues": [""]}
    if key:
        resource["schema"]["primaryKey"] = list(key)
    others = _foreign_keys(name, table.column_names, schemas)
    if others:
        resource["schema"]["foreignKeys"] = others
    return resource


def primary_key(name: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of which no two rows of a table hold the same, and none is empty; () if there are none.

    Examples:
        >>> primary_key("records/inquiry", ["record_id", "answer"])
        ('record_id',)
    """
    folder, _, owner = name.partition("/")
    key = ("record_id",) if folder == "records" else KEYS.get(owner, ())
    return key if set(key) <= set(columns) else ()


def _foreign_keys(name: str, columns: Sequence[str], schemas: Mapping[str, pa.Table]) -> list[dict[str, Any]]:
    """Return what must be found in another table of the folder.

    Not among them: the record of a fate (it may never have been made), and link fields as recorded (they are dirty).
    """
    if LINKS not in schemas or CASES not in schemas:
        return []
    found = []
    if "case_id" in columns and name != CASES:
        found.append(("case_id", CASES, "case_id"))
    if name not in {LINKS, "answers/fates"}:
        found += [(column, LINKS, "record_id") for column in ("record_id", "other_record_id") if column in columns]
    return [
        {"fields": [column], "reference": {"resource": resource_name(table), "fields": [there]}}
        for column, table, there in found
    ]


def _constraints(plan: Plan, name: str, described: Mapping[str, Any], *, is_key: bool) -> dict[str, Any]:
    folder, _, owner = name.partition("/")
    limits: dict[str, Any] = {"required": True} if is_key else {}
    if described["type"] == "integer":
        limits["minimum"] = 0
    if folder == "records" and is_key:
        limits |= {"unique": True, "pattern": rf"{re.escape(plan.scenario.systems[owner].prefix)}-\d{{10}}-\d"}
    if folder == "answers" and "categories" in described:
        limits["enum"] = described["categories"]
    return limits


def _field(
    name: str, column: pa.ChunkedArray, entry: FieldEntry | None, names: Mapping[tuple[str, ...], str]
) -> dict[str, Any]:
    described: dict[str, Any] = {"name": name, "type": "integer" if pa.types.is_integer(column.type) else "string"}
    if pa.types.is_integer(column.type):
        described["bits"] = column.type.bit_width
    if pa.types.is_dictionary(column.type):
        texts = _texts(column)
        described["vocabulary"] = names[texts]
        listed = texts if entry is None else (*entry.domain.values, *entry.placeholders, *entry.not_values)
        if len(listed) <= SHORT:  # of records, what is known of the field: no typing errors, no novel placeholders
            described["categories"] = list(listed)
    if entry is None:
        return described
    spec = entry.spec
    described |= {
        "kind": entry.domain.kind,
        "needed": spec.needed,
        "enforced": spec.enforced,
        "stamped": spec.stamped,
        "material": spec.material,
        "applies_when": spec.applies,
        "placeholders": list(entry.placeholders),
        "not_values": list(entry.not_values),
    }
    if spec.usage:
        described["usage"] = spec.usage
    if spec.about:
        described["description"] = spec.about
    return described
