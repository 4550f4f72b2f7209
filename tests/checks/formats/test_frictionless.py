"""Frictionless schemas: the rows flagged are those that frictionless itself reports."""

import json

import numpy as np
import pandas as pd
import pytest

from checks import load_rules

V2 = "https://datapackage.org/profiles/2.0"
# a field, its cells as a CSV file has them, and for every rule the rows that fail: X
CASES = [
    ({"name": "a", "type": "string", "constraints": {"required": True}}, ["x", "", None, " ", "N/A"],
     {"type": ".....", "required": ".XX.."}),
    ({"name": "a", "type": "string", "missingValues": ["", "N/A", "TBD"], "constraints": {"required": True}},
     ["x", "", "N/A", "TBD", "n/a", None], {"required": ".XXX.X"}),
    ({"name": "a", "type": "string", "missingValues": ["-"], "constraints": {"minLength": 2, "required": True}},
     ["x", "-", "xy", "--", "-"], {"required": ".X..X", "minLength": "X...."}),
    ({"name": "a", "constraints": {"unique": True}}, ["x", "", "y", "x", "", "x", None], {"unique": "...X.X."}),
    ({"name": "a", "type": "string", "constraints": {"minLength": 2, "maxLength": 3}},
     ["x", "xy", "", "wxyz", None, "  "], {"minLength": "X.....", "maxLength": "...X.."}),
    ({"name": "a", "type": "string", "constraints": {"pattern": "[0-9]{5}"}},
     ["12345", "1234", "123456", "", None, "x12345"], {"pattern": ".XX..X"}),
    ({"name": "a", "type": "string", "constraints": {"pattern": "a|b"}},
     ["a", "ax", "xb", "b", "c", "", None], {"pattern": "..X.X.."}),
    ({"name": "a", "type": "string", "constraints": {"enum": ["open", "closed"]}},
     ["open", "Open", "", "bad", None, "N/A"], {"enum": ".X.X.X"}),
    ({"name": "a", "type": "integer", "constraints": {"minimum": 2, "maximum": "9", "unique": True}},
     ["1", "2", "02", "x", "", "10", " 7 ", "1.0", None],
     {"type": "...X...X.", "minimum": "X........", "maximum": ".....X...", "unique": "..X......"}),
    ({"name": "a", "type": "integer", "bareNumber": False, "constraints": {"enum": [95, 7]}},
     ["95%", "EUR 95", "none", "8 %", "", None, "7"], {"type": "..X....", "enum": "...X..."}),
    ({"name": "a", "type": "number", "constraints": {"minimum": 0, "exclusiveMaximum": 1.5}},
     ["0", "-0.1", "1.5", "1e-3", "1,5", "", "5.", ".5", None],
     {"type": "....X....", "minimum": ".X.......", "exclusiveMaximum": "..X...X.."}),
    ({"name": "a", "type": "number", "groupChar": ".", "decimalChar": ",", "constraints": {"exclusiveMinimum": 1000}},
     ["1.000,5", "1.000", "12,5", "x", "", None], {"type": "...X..", "exclusiveMinimum": ".XX..."}),
    ({"name": "a", "type": "boolean"}, ["true", "True", "1", "yes", "0", "", "no", None], {"type": "...X..X."}),
    ({"name": "a", "type": "boolean", "trueValues": ["yes"], "falseValues": ["no"], "constraints": {"enum": ["yes"]}},
     ["yes", "no", "true", "", None], {"type": "..X..", "enum": ".X..."}),
    ({"name": "a", "type": "date", "constraints": {"minimum": "2031-01-02"}},
     ["2031-01-01", "2031-01-02", "2031-1-3", "2031-02-30", "soon", "", None],
     {"type": "...XX..", "minimum": "X......"}),
    ({"name": "a", "type": "date", "format": "%d.%m.%Y", "constraints": {"maximum": "31.12.2030"}},
     ["01.02.2030", "01.01.2031", "2030-01-01", "", None], {"type": "..X..", "maximum": ".X..."}),
    ({"name": "a", "type": "time"}, ["10:00:00", "10:00", "10:00:00Z", "25:00:00", "", None], {"type": ".X.X.."}),
    ({"name": "a", "type": "datetime"},
     ["2031-01-05T10:00:00Z", "2031-01-05T10:00:00", "2031-01-05", "2031-02-30T10:00:00", "", None],
     {"type": "..XX.."}),
    ({"name": "a", "type": "datetime", "format": "%Y/%m/%d %H:%M"}, ["2031/01/05 10:00", "2031-01-05", "", None],
     {"type": ".X.."}),
    ({"name": "a", "type": "year", "constraints": {"minimum": 2000}}, ["2031", "1999", "31", "20310", "", None],
     {"type": "..XX..", "minimum": ".X...."}),
    ({"name": "a", "type": "yearmonth"}, ["2031-01", "2031-13", "2031", "", None], {"type": ".XX.."}),
    ({"name": "a", "type": "string", "format": "uuid", "constraints": {"required": True, "unique": True}},
     ["d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610", "x", "x", "", "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610", None],
     {"type": ".XX...", "required": "...X.X", "unique": "....X."}),
    ({"name": "a", "type": "string", "format": "email"},
     ["a@b.example", "a@", "a b@c.example", "", None, "a..b@c.example"],
     {"type": ".XX..X"}),
    ({"name": "a", "type": "string", "format": "uri"},
     ["http://a.example/b", "a.example", "", None, "1a:b", "urn:x", "a:b\nc"], {"type": ".X..X.."}),
    ({"name": "a", "type": "any", "constraints": {"required": True, "enum": ["1", "x"]}}, ["1", "y", "", None],
     {"required": "..XX", "enum": ".X.."}),
]  # fmt: skip


def drawn(mask):
    return "".join(np.where(mask, "X", "."))


def frame_of(columns):
    """Texts with labels that occur twice."""
    frame = pd.DataFrame({name: pd.Series(cells, dtype="str") for name, cells in columns.items()})
    return frame.set_axis([row // 2 for row in range(len(frame))])


def reported(frictionless, schema, columns):
    """What frictionless says: kind of error -> rows, counted from 0."""
    rows = [list(columns), *zip(*columns.values(), strict=True)]
    data = [list(row) for row in rows]
    resource = frictionless.Resource.from_descriptor(
        {"$schema": f"{V2}/dataresource.json", "name": "r", "type": "table", "data": data, "schema": schema}
    )
    report = resource.validate(limit_errors=100_000)
    found = {}
    for error in report.tasks[0].errors:
        row = error.row_number - 2
        kind = error.type.removesuffix("-error")
        if kind == "constraint":
            kind = error.note.split('"')[1]
        found.setdefault(kind.replace("-", "_"), set()).add(row)
    return found


@pytest.mark.parametrize(("field", "cells", "expected"), CASES, ids=[str(field) for field, _, _ in CASES])
def test_a_field(field, cells, expected, engine):
    """Every type and constraint fails the rows that frictionless reports, counted by hand too."""
    schema = {"$schema": f"{V2}/tableschema.json", "fields": [field, {"name": "filler", "type": "any"}]}
    columns = {"a": cells, "filler": ["."] * len(cells)}

    results = load_rules(json.dumps(schema)).evaluate(frame_of(columns)).results

    ours = {result.rule.id.removeprefix("a."): drawn(result.fail) for result in results}
    assert {**expected, "type": expected.get("type", "." * len(cells))} == {"type": "." * len(cells), **ours}
    theirs = reported(engine("frictionless"), schema, columns)
    assert {
        kind: set(np.flatnonzero([sign == "X" for sign in mask])) for kind, mask in ours.items() if "X" in mask
    } == theirs


def test_a_key(engine):
    """A second key fails, and so does one that is missing as a whole; a part may be missing."""
    schema = {"fields": [{"name": "a"}, {"name": "b", "type": "integer"}, {"name": "c"}], "primaryKey": ["a", "b"]}
    columns = {
        "a": ["x", "x", "x", "", None, "y", "y"],
        "b": ["1", "01", "2", "", None, "", "bad"],
        "c": list("1234567"),
    }

    rules = load_rules(json.dumps(schema))

    results = {result.rule.id: drawn(result.fail) for result in rules.evaluate(frame_of(columns)).results}
    assert results["primary_key"] == ".X.XX.X"
    theirs = reported(engine("frictionless"), schema, columns)
    assert theirs == {"primary_key": {1, 3, 4, 6}, "type": {6}}
    assert results["b.type"] == "......X"


PACKAGE = {
    "name": "p",
    "resources": [
        {"name": "town", "schema": {"fields": [{"name": "id"}, {"name": "part"}, {"name": "within"}],
                                    "primaryKey": "id",
                                    "foreignKeys": [
                                        {"fields": "within", "reference": {"resource": "", "fields": "id"}}]}},
        {"name": "case", "schema": {"fields": [{"name": "town", "missingValues": ["", "-"]}, {"name": "part"}],
                                    "foreignKeys": [
                                        {"fields": "town", "reference": {"resource": "town", "fields": "id"}},
                                        {"fields": ["town", "part"],
                                         "reference": {"resource": "town", "fields": ["id", "part"]}}]}},
    ],
}  # fmt: skip
TABLES = {
    "town": {"id": ["A", "B", "C"], "part": ["1", "2", ""], "within": ["", "A", "X"]},
    "case": {"town": ["A", "Z", "", "-", "B", None, "C"], "part": ["1", "1", "", "1", "9", None, ""]},
}


def test_foreign_keys(engine):
    """A key that is nowhere fails, to the table itself too; a missing one is not judged."""
    rules = load_rules(json.dumps(PACKAGE))

    frames = {name: frame_of(columns) for name, columns in TABLES.items()}
    results = {result.rule.id: drawn(result.fail) for result in rules.evaluate(frames).results}

    assert results["town.within.foreign_key"] == "..X"
    assert results["case.town.foreign_key"] == ".X....."
    assert results["case.town+part.foreign_key"] == ".X.XX.X"
    frictionless = engine("frictionless")
    package = json.loads(json.dumps(PACKAGE))
    for resource in package["resources"]:
        columns = TABLES[resource["name"]]
        resource["data"] = [list(columns), *[list(row) for row in zip(*columns.values(), strict=True)]]
    report = frictionless.Package.from_descriptor(package).validate(limit_errors=100_000)
    theirs = {
        task.name: {
            (tuple(error.field_names), error.row_number - 2) for error in task.errors if "foreign" in error.type
        }
        for task in report.tasks
    }
    assert theirs["town"] == {(("within",), 2)}
    # There the key (C, nothing) is found, because a town has it; here a key given in part fails.
    both = ("town", "part")
    assert theirs["case"] == {(("town",), 1), (both, 1), (both, 3), (both, 4)}
    assert {entry.status for entry in rules.coverage() if entry.id == "case.town+part.foreign_key"} == {"approximate"}


DIFFERENT = [  # an approximate field, and texts that fail here and not there
    ({"name": "a", "type": "string", "format": "email"}, "\N{LATIN SMALL LETTER E WITH ACUTE}@b.example"),
    ({"name": "a", "type": "yearmonth"}, "31-01"),
]


@pytest.mark.parametrize(("field", "text"), DIFFERENT, ids=[field["type"] for field, _ in DIFFERENT])
def test_approximate_is_different(field, text, engine):
    """What is called approximate differs in what its reason says."""
    schema = {"fields": [field, {"name": "filler", "type": "any"}]}
    rules = load_rules(json.dumps(schema))

    assert [entry.status for entry in rules.coverage()] == ["approximate"]
    assert rules.evaluate(frame_of({"a": [text], "filler": ["."]})).results[0].n_fail == 1
    assert reported(engine("frictionless"), schema, {"a": [text], "filler": ["."]}) == {}


def test_keys_are_compared_as_written_and_unique_keys_are_checked(engine):
    """The differences of two approximate keys: 01 is not 1 across tables, and a repeated unique key fails."""
    schema = {
        "fields": [{"name": "id", "type": "integer"}, {"name": "up", "type": "integer"}], "uniqueKeys": [["up"]],
        "foreignKeys": [{"fields": "up", "reference": {"resource": "", "fields": "id"}}],
    }  # fmt: skip
    columns = {"id": ["01", "2", "3"], "up": ["1", "2", "2"]}
    rules = load_rules(json.dumps(schema))

    found = {result.rule.id: drawn(result.fail) for result in rules.evaluate(frame_of(columns)).results}

    assert (found["up.foreign_key"], found["up.unique_key"]) == ("X..", "..X")
    assert [entry.status for entry in rules.coverage()[2:]] == ["approximate"] * 2
    assert reported(engine("frictionless"), schema, columns) == {}


def test_what_is_not_read_has_a_reason():
    """Every source rule has an entry; those without a translation say why and where."""
    schema = {
        "fields": [
            {"name": "a", "type": "geopoint", "constraints": {"required": True, "unique": True}},
            {"name": "b", "type": "date", "format": "any", "constraints": {"minimum": "1 May 2031"}},
            {"name": "c", "type": "string", "constraints": {"minimum": 5, "pattern": "("}},
            {"name": "d", "type": "integer", "constraints": {"maximum": "many"}},
        ],
        "uniqueKeys": [["a", "c"], ["c"]],
        "foreignKeys": [{"fields": "z", "reference": {"resource": "", "fields": "a"}}],
    }

    rules = load_rules(json.dumps(schema, indent=1), on_unsupported="skip")

    status = {entry.id: (entry.status, entry.reason) for entry in rules.coverage()}
    assert {name: kind for name, (kind, _) in status.items()} == {
        "a.type": "unsupported", "a.required": "exact", "a.unique": "unsupported",
        "b.type": "unsupported", "b.minimum": "unsupported",
        "c.type": "exact", "c.minimum": "error", "c.pattern": "error", "d.type": "exact", "d.maximum": "error",
        "a+c.unique_key": "unsupported", "c.unique_key": "approximate", "foreign_key": "error",
    }  # fmt: skip
    assert "takes no 'minimum'" in status["c.minimum"][1]
    assert all(reason for kind, reason in status.values() if kind != "exact")
    assert {entry.place.rpartition("(line ")[1] for entry in rules.coverage()} == {"(line "}


def test_the_policies_differ_on_missing_values():
    """Asked for fail, a missing value fails every rule about it."""
    rules = load_rules(json.dumps({"fields": [{"name": "a", "constraints": {"minLength": 2}}]}))
    frame = frame_of({"a": ["x", "xy", "", None]})

    by_policy = {p: drawn(rules.evaluate(frame, null_policy=p).results[1].fail) for p in ("native", "ignore", "fail")}

    assert by_policy == {"native": "X...", "ignore": "X...", "fail": "X.XX"}


def test_patterns_are_python_s(engine, tmp_path):
    """Digits of other scripts are digits, an alternative is one of the whole pattern, as frictionless has it."""
    from frictionless import Resource, Schema, system  # noqa: F401

    texts = ["12", "\u0661\u0662", "1x", "x1", "x", "y"]
    for pattern in (r"\d+", "x|y", r"\w1"):
        schema = {"fields": [{"name": "a", "type": "string", "constraints": {"pattern": pattern}}]}
        found = load_rules(json.dumps(schema)).evaluate(pd.DataFrame({"a": texts}).astype("str"))
        report = Resource(data=[["a"], *[[text] for text in texts]], schema=Schema.from_descriptor(schema)).validate()
        wrong = sorted({row - 2 for (row,) in report.flatten(["rowNumber"])})

        assert np.flatnonzero(found.results[-1].fail).tolist() == wrong
