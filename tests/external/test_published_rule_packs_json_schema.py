"""Published JSON Schemas: every keyword about a property has an entry, and required fields are exact."""

import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from checks import load_rules

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("CASEGAUGE_EXTERNAL_DATA", REPOSITORY.parent / "shared" / "data"))
PACKS = sorted((DATA / "rules" / "jsonschema").glob("*.json"))
pytestmark = pytest.mark.skipif(
    not PACKS,
    reason="the published packs are not part of the project and ../shared/data (or CASEGAUGE_EXTERNAL_DATA) is absent",
)
REQUIRED = {
    "hsds_location": ["id", "location_type"],
    "hsds_organization": ["id", "name", "description"],
    "hsds_service": ["id", "name", "status"],
}


def flat(node):
    return "$ref" not in node and node.get("type") not in ("array", "object")


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_nothing_is_dropped(path):
    """One entry for every keyword of a flat property, one for a nested property, one for a required field."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    properties = schema["properties"]
    stated = Counter(
        f"{name}.{keyword}" if flat(node) else name
        for name, node in properties.items()
        for keyword in (("type", "format", "enum") if flat(node) else ("nested",))
        if not flat(node) or keyword in node
    )
    stated += Counter(f"{name}.required" for name in REQUIRED[path.stem])

    coverage = load_rules(path, "json_schema", on_unsupported="skip").coverage()

    assert Counter(entry.id for entry in coverage) == stated
    assert {entry.id for entry in coverage if entry.status == "unsupported"} == {
        name for name, node in properties.items() if not flat(node)
    }
    assert {entry.status for entry in coverage if not entry.id.endswith(".format")} <= {"exact", "unsupported"}


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_records_fail_as_jsonschema_has_it(path, engine):
    """Records with one field after another missing, blank or wrong are valid there where no rule fails here."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    names = [name for name, node in schema["properties"].items() if flat(node)]
    sound = {name: sound_value(schema["properties"][name]) for name in names}
    records = [sound] + [{**sound, name: value} for name in names for value in (None, "", "N/A")]
    frame = pd.DataFrame(
        {name: pd.Series([record[name] for record in records], dtype="str") for name in names}
    ).set_axis([0] * len(records))

    results = load_rules(path, "json_schema", on_unsupported="skip").evaluate(frame).results

    ours = np.logical_or.reduce([result.fail for result in results])
    jsonschema = engine("jsonschema")
    local = {**schema, "properties": {name: schema["properties"][name] for name in names}}
    validator = jsonschema.Draft202012Validator(local, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    theirs = [not validator.is_valid(as_object(record, schema["properties"])) for record in records]
    differ = [record for record, one, other in zip(records, ours, theirs, strict=True) if one != other]
    # jsonschema asks nothing of a URI or a moment without its optional packages; our rules of these formats do.
    loose = [name for name in names if schema["properties"][name].get("format") in ("uri", "date-time")]
    assert all(any(record[name] in ("", "N/A") for name in loose) for record in differ)
    assert not ours[0]


def sound_value(node):
    by_format = {
        "uuid": "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610",
        "email": "a@b.example",
        "uri": "http://a.example",
        "date-time": "2031-01-05T10:00:00Z",
    }
    return (
        str(node["enum"][0])
        if "enum" in node
        else "5"
        if node["type"] == "number"
        else by_format.get(node.get("format"), "x")
    )


def as_object(record, properties):
    """Nulls dropped, and texts of numbers as numbers."""
    return {
        name: float(value) if properties[name]["type"] == "number" and value == "5" else value
        for name, value in record.items()
        if value is not None
    }
