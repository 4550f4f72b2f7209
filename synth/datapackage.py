"""datapackage.json: the data dictionary beside the data, in the Frictionless form, with what rules and reviewers need.

A field says what it may hold (values, placeholders, not-values), whether it is needed, enforced or material, and the
condition under which the form asks for it. The texts of coded columns are in vocabularies.json, in the order of their
codes; `casegauge verify` needs them to work out the content digest again from text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from synth.data_dictionary import FieldEntry
from synth.plan import Plan

NOTICE = "Synthetic records made by casegauge. No real person, office, place or identifier."


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


def data_package(
    plan: Plan, paths: Mapping[str, str], schemas: Mapping[str, pa.Table], named: Mapping[str, list[str]]
) -> dict[str, Any]:
    """Return the data package of a folder.

    Args:
        plan: scenario, seed and regime; neither seed nor key is written.
        paths: table name -> path of its file in the folder.
        schemas: table name -> a table with its columns; the rows are not looked at.
        named: the vocabularies of all coded columns.
    """
    scenario = plan.scenario
    names = {tuple(texts): name for name, texts in named.items()}
    return {
        "name": f"casegauge-{scenario.scenario}",
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
        "resources": [_resource(plan, name, path, schemas[name], names) for name, path in paths.items()],
    }


def _resource(
    plan: Plan, name: str, path: str, table: pa.Table, names: Mapping[tuple[str, ...], str]
) -> dict[str, Any]:
    folder, _, owner = name.partition("/")
    fields = []
    for column in table.schema:
        entry = plan.dictionary.get((owner, column.name)) if folder == "records" else None
        fields.append(_field(column.name, table[column.name], entry, names))
    resource: dict[str, Any] = {"name": name.replace("/", "-"), "table": name, "path": path, "encoding": "utf-8"}
    if folder == "records":
        resource["title"] = plan.scenario.systems[owner].title
    resource["schema"] = {"fields": fields, "missingValues": [""]}
    return resource


def _field(
    name: str, column: pa.ChunkedArray, entry: FieldEntry | None, names: Mapping[tuple[str, ...], str]
) -> dict[str, Any]:
    described: dict[str, Any] = {"name": name, "type": "integer" if pa.types.is_integer(column.type) else "string"}
    if pa.types.is_integer(column.type):
        described["bits"] = column.type.bit_width
    if pa.types.is_dictionary(column.type):
        texts = _texts(column)
        described["vocabulary"] = names[texts]
        if len(texts) <= SHORT:
            described["categories"] = list(texts)
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
