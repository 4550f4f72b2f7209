"""JSON Schema: a record fails where jsonschema says that the object is not valid."""

import json

import numpy as np
import pandas as pd
import pytest

from checks import load_rules
from synth.errors import RuleError

DRAFTS = {
    "4": "http://json-schema.org/draft-04/schema#",
    "6": "http://json-schema.org/draft-06/schema#",
    "7": "http://json-schema.org/draft-07/schema#",
    "2019": "https://json-schema.org/draft/2019-09/schema",
    "2020": "https://json-schema.org/draft/2020-12/schema",
}
S, N, W, B = ({"type": kind} for kind in ("string", "number", "integer", "boolean"))
IF = {
    "properties": {"state": S, "end": S, "n": N},
    "if": {"properties": {"state": {"const": "closed"}}, "required": ["state"]},
    "then": {"required": ["end"], "properties": {"n": {"minimum": 1}}},
    "else": {"properties": {"end": {"maxLength": 0}}},
}
STATES = {
    "state": ["closed", "closed", "open", "open", None, "closed", ""],
    "end": ["x", None, "x", None, "", "", "x"],
    "n": [1, 0, 0, None, 0, "bad", 5],
}
# schema, values of every property (None: absent), and for every rule the records that fail
CASES = [
    ({"required": ["a"], "properties": {"a": S}}, {"a": ["x", None, "", " "]},
     {"a.required": ".X..", "a.type": "...."}),
    ({"properties": {"a": {"type": ["string", "null"]}}}, {"a": ["x", None, ""]}, {"a.type": "..."}),
    ({"properties": {"a": N}}, {"a": [1, 2.5, "x", "", None, " 1", -3e-5]}, {"a.type": "..XX.X."}),
    ({"properties": {"a": W}}, {"a": [1, 1.0, 2.5, "x", None, 10**6]}, {"a.type": "..XX.."}),
    ({"$schema": DRAFTS["4"], "properties": {"a": W}}, {"a": [1, 1.0, 2.5, "x", None]}, {"a.type": ".XXX."}),
    ({"properties": {"a": B}}, {"a": [True, "yes", None, False, ""]}, {"a.type": ".X..X"}),
    ({"properties": {"a": {"type": ["integer", "string"], "maxLength": 2}}}, {"a": ["5", "abc", None, ""]},
     {"a.type": "....", "a.maxLength": ".X.."}),
    ({"properties": {"a": {"type": ["number", "boolean"]}}}, {"a": [1, True, "x", None, ""]}, {"a.type": "..X.X"}),
    ({"properties": {"a": {"enum": ["open", "closed"]}}}, {"a": ["open", "bad", "", None, "N/A"]}, {"a.enum": ".XX.X"}),
    ({"properties": {"a": {"type": "number", "enum": [1, 2.5]}}}, {"a": [1, 2.5, 3, "x", None, ""]},
     {"a.type": "...X.X", "a.enum": "..XX.X"}),
    ({"properties": {"a": {"const": True}}}, {"a": [True, False, "x", None]}, {"a.const": ".XX."}),
    ({"properties": {"a": {"type": "string", "minLength": 2, "maxLength": 3}}}, {"a": ["x", "xy", "wxyz", "", None]},
     {"a.type": ".....", "a.minLength": "X..X.", "a.maxLength": "..X.."}),
    ({"properties": {"a": {"pattern": "[0-9]{3}"}}}, {"a": ["x123", "12", "", None, " "]}, {"a.pattern": ".XX.X"}),
    ({"properties": {"a": {"minimum": 1, "maximum": 3}}}, {"a": [0, 1, 3, 4, "x", "", None]},
     {"a.minimum": "X......", "a.maximum": "...X..."}),
    ({"properties": {"a": {"exclusiveMinimum": 1, "exclusiveMaximum": 3}}}, {"a": [1, 2, 3, "x", None, ""]},
     {"a.exclusiveMinimum": "X.....", "a.exclusiveMaximum": "..X..."}),
    ({"$schema": DRAFTS["4"], "properties": {"a": {"minimum": 1, "exclusiveMinimum": True, "maximum": 3}}},
     {"a": [1, 2, 3, 4, "x", None, ""]}, {"a.minimum": "X......", "a.maximum": "...X..."}),
    ({"properties": {"a": {"multipleOf": 0.5}}}, {"a": [1, 0.7, 1.5, "x", None, ""]}, {"a.multipleOf": ".X...."}),
    ({"properties": {"a": {"multipleOf": 0.1}}}, {"a": [0.2, 0.3, None, "x", ""]}, {"a.multipleOf": ".X..."}),
    ({"properties": {"a": {"format": "date"}}}, {"a": ["2031-02-28", "2031-02-30", "x", "", None, "20310101"]},
     {"a.format": ".XXX.X"}),
    ({"properties": {"a": {"format": "email"}}}, {"a": ["a@b", "ab", "", None]}, {"a.format": ".XX."}),
    ({"properties": {"a": {"format": "uuid"}}}, {"a": ["d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610", "d9d5", "", None]},
     {"a.format": ".XX."}),
    ({"properties": {"a": {"format": "ipv4"}}}, {"a": ["10.0.0.1", "10.0.0.256", "", None]}, {"a.format": ".XX."}),
    (IF, STATES, {"state.type": ".......", "end.type": ".......", "n.type": ".....X.", "then.end.required": ".X.....",
                  "then.n.minimum": ".X.....", "else.end.maxLength": "..X...X"}),
    ({"$schema": DRAFTS["7"], **IF, "allOf": [{"required": ["n"]}]}, STATES,
     {"state.type": ".......", "end.type": ".......", "n.type": ".....X.", "then.end.required": ".X.....",
      "then.n.minimum": ".X.....", "else.end.maxLength": "..X...X", "allOf1.n.required": "...X..."}),
    ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}], "properties": {"a": S, "b": S}},
     {"a": ["x", None, None, ""], "b": [None, "x", None, None]}, {"anyOf": "..X.", "a.type": "....", "b.type": "...."}),
    ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}], "properties": {"a": S, "b": S}},
     {"a": ["x", None, None, ""], "b": [None, "x", None, "y"]}, {"oneOf": "..XX", "a.type": "....", "b.type": "...."}),
    ({"not": {"properties": {"a": {"minimum": 5}}, "required": ["a"]}}, {"a": [5, 4, None, "x", ""]}, {"not": "X..XX"}),
    ({"properties": {"a": {"anyOf": [{"type": "integer", "minimum": 3}, {"type": "null"}]}}},
     {"a": [3, 2, None, "x", ""]}, {"a.anyOf": ".X.XX"}),
    ({"properties": {"a": {"oneOf": [{"multipleOf": 2}, {"multipleOf": 3}]}}}, {"a": [2, 3, 6, 5, None, "x"]},
     {"a.oneOf": "..XX.X"}),
    ({"properties": {"a": {"not": {"enum": ["N/A", ""]}}}}, {"a": ["x", "N/A", "", None]}, {"a.not": ".XX."}),
    ({"dependentRequired": {"a": ["b"]}, "properties": {"a": S, "b": S}},
     {"a": ["x", "x", None, ""], "b": ["y", None, None, None]},
     {"with a.b.required": ".X.X", "a.type": "....", "b.type": "...."}),
    ({"$schema": DRAFTS["7"], "dependencies": {"a": {"properties": {"b": {"maxLength": 1}}}}},
     {"a": ["x", "x", None, ""], "b": ["y", "yy", "yy", ""]}, {"with a.b.maxLength": ".X.."}),
    ({"definitions": {"code": {"type": "string", "maxLength": 1}}, "properties": {"a": {"$ref": "#/definitions/code"}}},
     {"a": ["x", "xy", "", None]}, {"a.type": "....", "a.maxLength": ".X.."}),
    ({"properties": {"a": {"if": {"minLength": 3}, "then": {"pattern": "^x"}, "else": {"pattern": "^y"}}}},
     {"a": ["xyz", "yyy", "y", "x", "", None]}, {"a.if": ".X.XX."}),
    ({"properties": {"a": False, "b": S}}, {"a": ["x", None, ""], "b": ["y", None, ""]},
     {"a.absent": "X.X", "b.type": "..."}),
]  # fmt: skip


def drawn(mask):
    return "".join(np.where(mask, "X", "."))


def as_text(value):
    return value if value is None or isinstance(value, str) else json.dumps(value)


def frame_of(columns, *, text):
    """As text, as a CSV file has it; else as pandas types it. Labels occur twice."""
    if text:
        columns = {
            name: pd.Series([as_text(value) for value in values], dtype="str") for name, values in columns.items()
        }
    frame = pd.DataFrame(columns)
    return frame.set_axis([row // 2 for row in range(len(frame))])


def verdicts(jsonschema, schema, columns):
    """What jsonschema says of every object, nulls dropped."""
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    validator = kind(schema, format_checker=kind.FORMAT_CHECKER)
    rows = zip(*columns.values(), strict=True)
    objects = [{name: v for name, v in zip(columns, row, strict=True) if v is not None} for row in rows]
    return [not validator.is_valid(each) for each in objects]


@pytest.mark.parametrize(
    ("schema", "columns", "expected"), CASES, ids=[json.dumps(schema)[:80] for schema, _, _ in CASES]
)
def test_a_schema(schema, columns, expected, engine):
    """Every keyword fails the records counted by hand, and together they fail those that jsonschema does."""
    results = load_rules(json.dumps(schema), format="json_schema").evaluate(frame_of(columns, text=True)).results

    assert {result.rule.id: drawn(result.fail) for result in results} == expected
    any_fails = np.logical_or.reduce([result.fail for result in results])
    assert any_fails.tolist() == verdicts(engine("jsonschema"), schema, columns)


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        ({"type": "number", "minimum": 2, "multipleOf": 2}, [1.0, 2.0, 3.0, None]),
        ({"type": "integer"}, [1.0, 2.5, None]),
        ({"type": "string"}, [1.0, 2.5, None]),
        ({"type": "boolean", "const": True}, [True, False]),
        ({"enum": [1, 2]}, [1, 2, 3]),
    ],
)
def test_typed_columns(schema, values, engine):
    """A column that holds numbers or booleans is not read as text."""
    whole = {"properties": {"a": schema}}

    results = load_rules(json.dumps(whole)).evaluate(pd.DataFrame({"a": values})).results

    any_fails = np.logical_or.reduce([result.fail for result in results])
    assert any_fails.tolist() == verdicts(engine("jsonschema"), whole, {"a": values})


def test_null_is_absent_unless_asked(engine):
    """Dropped, a null meets all but `required`; `fail` keeps it, and then its type is wrong but it is there."""
    schema = {"required": ["a"], "properties": {"a": {"type": "string"}, "b": {"type": ["string", "null"]}}}
    frame = frame_of({"a": ["x", None, ""], "b": ["x", None, ""]}, text=True)
    rules = load_rules(json.dumps(schema))

    found = {
        policy: {result.rule.id: drawn(result.fail) for result in rules.evaluate(frame, null_policy=policy).results}
        for policy in ("native", "fail")
    }

    assert found["native"] == {"a.required": ".X.", "a.type": "...", "b.type": "..."}
    assert found["fail"] == {"a.required": ".X.", "a.type": ".X.", "b.type": "..."}
    validator = engine("jsonschema").Draft202012Validator(schema)
    kept = [error.validator for error in validator.iter_errors({"a": None, "b": None})]
    assert kept == ["type"]


def test_a_list_of_records_and_bounds_on_keywords_of_other_drafts():
    """An array of objects is a table; what a draft does not know is not done."""
    rules = load_rules(
        '{"type": "array", "items": {"properties": {"a": {"maxLength": 1}}, "required": ["a"]}}', "json_schema"
    )

    assert [rule.id for rule in rules.rules] == ["a.maxLength", "a.required"]
    old = load_rules(
        json.dumps({"$schema": DRAFTS["4"], "properties": {"a": {"const": 1, "type": "integer"}}, **IF_ONLY}),
        on_unsupported="skip",
    )
    assert {entry.id: entry.status for entry in old.coverage()} == {
        "a.const": "unsupported", "a.type": "exact", "if": "unsupported",
    }  # fmt: skip


IF_ONLY = {"if": {"required": ["a"]}, "then": {"required": ["b"]}}
UNSUPPORTED = [
    ({"properties": {"a": {"type": "array", "items": {"type": "string"}}}}, "a", "flat"),
    ({"properties": {"a": {"properties": {"b": {"type": "string"}}}}}, "a", "flat"),
    ({"properties": {"a": {"$ref": "other.json#/x"}}}, "a", "another document"),
    ({"properties": {"a": {"$ref": "#/properties/a"}}}, "a", "leads to itself"),
    ({"additionalProperties": False}, "additionalProperties", "whole object"),
    ({"properties": {"a": {"type": "string", "format": "hostname"}}}, "a.format", "'hostname' is not read"),
    ({"properties": {"a": {"type": "number", "maxLength": 2}}}, "a.maxLength", "no effect on a number"),
    ({"anyOf": [{"properties": {"a": {"type": "object"}}}]}, "anyOf", "flat"),
]
BROKEN = [
    ({"properties": {"a": {"pattern": "("}}}, "a.pattern", "not a regular expression"),
    ({"properties": {"a": {"minimum": "x"}}}, "a.minimum", "must be a number"),
    ({"properties": {"a": {"maxLength": "x"}}}, "a.maxLength", "must be a whole number"),
    ({"required": "a"}, "required", "must be a list"),
]


@pytest.mark.parametrize(
    ("schema", "rule_id", "reason", "status"),
    [(*case, "unsupported") for case in UNSUPPORTED] + [(*case, "error") for case in BROKEN],
)
def test_what_is_not_translated_says_why(schema, rule_id, reason, status):
    """Each has one entry with a reason and a line; the others go on."""
    schema = {**schema, "properties": {**schema.get("properties", {}), "z": {"type": "string"}}}

    rules = load_rules(json.dumps(schema, indent=1), on_unsupported="skip", format="json_schema")

    (entry,) = [entry for entry in rules.coverage() if entry.status != "exact"]
    assert (entry.id, entry.status) == (rule_id, status)
    assert reason in entry.reason
    assert "line " in entry.place
    assert [rule.id for rule in rules.rules if rule.id == "z.type"]


@pytest.mark.parametrize(("form", "text"), [("uri", "x"), ("time", "x"), ("time", "25:00:00Z")])
def test_approximate_formats_are_different(form, text, engine):
    """Read by their shape here; jsonschema alone takes any text for them."""
    schema = {"properties": {"a": {"format": form}}}
    rules = load_rules(json.dumps(schema))

    assert [entry.status for entry in rules.coverage()] == ["approximate"]
    assert rules.evaluate(frame_of({"a": [text]}, text=True)).results[0].n_fail == 1
    assert engine("jsonschema").Draft202012Validator(schema).is_valid({"a": text})


def test_draft_3_is_refused():
    """Its `required` stands elsewhere, so nothing of it would be true."""
    with pytest.raises(RuleError, match="line 1: draft 3 is not read"):
        load_rules('{"$schema": "http://json-schema.org/draft-03/schema#", "properties": {"a": {"type": "string"}}}')


def valid(engine, draft, schema, records):
    """Which records jsonschema takes, each without its nulls."""
    validator = getattr(engine("jsonschema"), draft)(schema)
    return [
        validator.is_valid({name: value for name, value in record.items() if value is not None}) for record in records
    ]


def test_a_condition_within_a_condition(engine):
    """The inner `if` asks only the records the outer one is about."""
    inner = {
        "if": {"properties": {"b": {"const": "y"}}, "required": ["b"]},
        "then": {"required": ["c"]},
        "else": {"required": ["d"]},
    }
    schema = {
        "properties": dict.fromkeys("abcd", S),
        "if": {"properties": {"a": {"const": "x"}}, "required": ["a"]},
        "then": inner,
    }
    records = [
        {"a": a, "b": b, "c": c, "d": d}
        for a in ("x", "z", None)
        for b in ("y", "n")
        for c in ("1", None)
        for d in ("1", None)
    ]
    found = load_rules(json.dumps(schema)).evaluate(pd.DataFrame(records).astype("str"))

    assert (~np.any([result.fail for result in found.results], axis=0)).tolist() == valid(
        engine, "Draft202012Validator", schema, records
    )


@pytest.mark.parametrize(("draft", "validator"), [("7", "Draft7Validator"), ("2019", "Draft201909Validator")])
def test_what_stands_beside_a_reference(draft, validator, engine):
    """Draft 7 and before look at `$ref` alone; since 2019 the words beside it hold too, wherever it stands."""
    schema = {
        "$schema": DRAFTS[draft],
        "definitions": {"short": {"type": "string", "maxLength": 2}, "whole": {"required": ["a"]}},
        "properties": {"a": {"$ref": "#/definitions/short", "pattern": "^x"}, "b": S},
        "allOf": [{"$ref": "#/definitions/whole", "required": ["b"]}],
        "if": {"$ref": "#/definitions/whole", "required": ["b"]},
        "then": {"properties": {"b": {"minLength": 2}}, "required": ["c"]},
        "anyOf": [{"properties": {"c": {"$ref": "#/definitions/short", "pattern": "^x"}}}, {"required": ["d"]}],
    }
    records = [
        {"a": a, "b": b, "c": c, "d": d}
        for a in ("x", "y", "xyz", None)
        for b in ("1", "22", None)
        for c in ("x", "y", None)
        for d in ("1", None)
    ]
    found = load_rules(json.dumps(schema)).evaluate(pd.DataFrame(records).astype("str"))

    assert (~np.any([result.fail for result in found.results], axis=0)).tolist() == valid(
        engine, validator, schema, records
    )


def test_patterns_are_python_s(engine):
    """The package searches with `re`: digits of other scripts are digits, `$` may stand before a break at the end."""
    schema = {"properties": {"a": {"type": "string", "pattern": r"^\d+$"}}}
    texts = ["12", "\u0661\u0662", "12\n", "1\n2", "x", ""]
    found = load_rules(json.dumps(schema)).evaluate(pd.DataFrame({"a": texts}).astype("str"))

    expected = valid(engine, "Draft202012Validator", schema, [{"a": text} for text in texts])
    assert (~found.results[-1].fail).tolist() == expected == [True, True, True, False, False, False]


@pytest.mark.parametrize(("form", "days"), [("date", ["2031-01-02", None]), ("date-time", ["2031-01-02 10:30", None])])
def test_a_day_that_is_stored_as_one_is_a_text_of_that_form(form, days):
    """JSON has no days; a workbook and a database have. A number is still no day."""
    rules = load_rules(json.dumps({"type": "object", "properties": {"day": {"type": "string", "format": form}}}))

    stored = rules.evaluate(pd.DataFrame({"day": pd.to_datetime(days)}))
    numbers = rules.evaluate(pd.DataFrame({"day": [1, 2]}))

    assert not any(result.fail.any() for result in stored.results)
    assert {result.rule.id: result.fail.tolist() for result in numbers.results}["day.type"] == [True, True]
