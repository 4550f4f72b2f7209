"""Data contracts: what every demand, metric and operator flags and alerts, counted by hand and by SQL."""

import json

import numpy as np
import pandas as pd
import pytest

from checks import Expression, ForeignKey, Measure, load_rules
from synth.errors import RuleError


def contract(*properties, quality=(), **table):
    """A contract of one table."""
    return json.dumps(
        {
            "apiVersion": "v3.1.0",
            "kind": "DataContract",
            "schema": [{"name": "t", "properties": list(properties), "quality": list(quality), **table}],
        },
        indent=1,
    )


def drawn(mask):
    return "".join(np.where(mask, "X", "."))


def frame_of(**columns):
    frame = pd.DataFrame({name: pd.Series(cells, dtype="str") for name, cells in columns.items()})
    return frame.set_axis([row // 2 for row in range(len(frame))])


def flags_of(text, frame, **given):
    return {result.rule.id: drawn(result.fail) for result in load_rules(text).evaluate(frame, **given).results}


FIELDS = [  # a property, its cells, and the rows that fail
    ({"required": True}, ["x", None, "", " "], {"required": ".X.."}),
    ({"unique": True}, ["x", "y", "x", None, None, ""], {"unique": "X.X..."}),
    ({"logicalType": "string", "logicalTypeOptions": {"minLength": 2, "maxLength": 3, "pattern": "^[a-z]+$"}},
     ["x", "xy", "wxyz", "X1", "", None],
     {"type": "......", "minLength": "X...X.", "maxLength": "..X...", "pattern": "...XX."}),
    ({"logicalType": "string", "logicalTypeOptions": {"format": "uuid"}},
     ["d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610", "x", "", None], {"type": "....", "format": ".XX."}),
    ({"logicalType": "integer", "logicalTypeOptions": {"minimum": 0, "exclusiveMaximum": 10, "multipleOf": 5}},
     ["0", "5", "10", "-5", "7", "x", "1.5", None],
     {"type": ".....XX.", "minimum": "...X....", "exclusiveMaximum": "..X.....", "multipleOf": "....X.X."}),
    ({"logicalType": "integer", "logicalTypeOptions": {"format": "i8"}}, ["127", "128", "-128", "-129", "", None],
     {"type": "....X.", "format": ".X.X.."}),
    ({"logicalType": "integer", "logicalTypeOptions": {"format": "u8"}}, ["255", "256", "-1", "", None],
     {"type": "...X.", "format": ".XX.."}),
    ({"logicalType": "number", "logicalTypeOptions": {"minimum": 1, "exclusiveMinimum": True}}, ["1", "1.5", "", None],
     {"type": "..X.", "minimum": "X..."}),
    ({"logicalType": "boolean"}, ["true", "maybe", "", None], {"type": ".XX."}),
    ({"logicalType": "date", "logicalTypeOptions": {"minimum": "2031-01-02"}},
     ["2031-01-01", "2031-01-02", "2031-02-30", "", None], {"type": "..XX.", "minimum": "X...."}),
    ({"logicalType": "date", "logicalTypeOptions": {"format": "dd.MM.yyyy", "maximum": "31.12.2030"}},
     ["31.12.2030", "01.01.2031", "2031-01-01", "", None], {"format": "..XX.", "maximum": ".X..."}),
    ({"logicalType": "timestamp"}, ["2031-01-01T10:00:00Z", "2031-01-01 10:00", "2031-01-01", "", None],
     {"type": "..XX."}),
    ({"logicalType": "time", "logicalTypeOptions": {"format": "HH:mm:ss"}}, ["10:00:00", "10:00", "", None],
     {"format": ".XX."}),
    ({"primaryKey": True}, ["x", "y", "x", None, "", None], {"primary_key": "X.XX.X"}),
    ({"name": "label", "physicalName": "a", "required": True}, ["x", None, "", "x"], {"required": ".X.."}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "cells", "expected"), FIELDS, ids=[str(given) for given, _, _ in FIELDS])
def test_a_property(given, cells, expected):
    """Every demand on a property fails the rows counted by hand."""
    found = flags_of(contract({"name": "a", **given}), frame_of(a=cells))

    assert {name.split(".")[-1]: mask for name, mask in found.items()} == expected


METRICS = [  # a metric, cells, the rows that count, and the same as SQL
    ({"metric": "nullValues"}, ["x", None, "", " "], ".X..", "a IS NULL"),
    ({"metric": "missingValues", "arguments": {"missingValues": [None, "", "N/A"]}}, ["x", None, "", "N/A", "n/a", " "],
     ".XXX..", "a IS NULL OR a IN ('', 'N/A')"),
    ({"metric": "invalidValues", "arguments": {"validValues": ["open", None, "closed"]}},
     ["open", "bad", None, "", "N/A"], ".X.XX", "a NOT IN ('open', 'closed')"),
    ({"metric": "invalidValues", "arguments": {"pattern": "^[0-9]{5}$"}}, ["12345", "1234", None, "", "123456"],
     ".X.XX", "NOT regexp_matches(a, '^[0-9]{5}$')"),
    ({"rule": "validValues", "validValues": ["open"]}, ["open", "bad", None, ""], ".X.X", "a NOT IN ('open')"),
    ({"type": "library", "rule": "nullCheck"}, ["x", None, ""], ".X.", "a IS NULL"),
    ({"metric": "duplicateValues"}, ["x", "y", "x", None, None, ""], "X.X...",
     "a IN (SELECT a FROM t GROUP BY a HAVING count(*) > 1)"),
    ({"metric": "duplicateValues", "mustBeLessThan": 2}, ["x", "x", "x", None, None, ""], ".XX...", None),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "cells", "expected", "condition"), METRICS)
def test_a_library_metric(entry, cells, expected, condition, engine):
    """A metric counts the rows that SQL counts."""
    text = contract({"name": "a", "quality": [{"mustBe": 0, **entry} if "mustBeLessThan" not in entry else entry]})

    (found,) = flags_of(text, frame_of(a=cells)).values()

    assert found == expected
    if condition is not None:
        connection = engine("duckdb").connect()
        connection.execute("CREATE TABLE t (a VARCHAR)")
        connection.executemany("INSERT INTO t VALUES (?)", [[cell] for cell in cells])
        counted = connection.execute(f"SELECT count(*) FROM t WHERE {condition}")  # noqa: S608  # a constant above
        assert counted.fetchone()[0] == expected.count("X")


ALERTS = [  # 2 of 10 are null: a demand on that number, and whether it is met
    ({"mustBe": 2}, True), ({"mustBe": 1}, False), ({"mustBe": 0}, False), ({"mustNotBe": 2}, False),
    ({"mustNotBe": 3}, True), ({"mustBeGreaterThan": 1}, True), ({"mustBeGreaterThan": 2}, False),
    ({"mustBeGreaterOrEqualTo": 2}, True), ({"mustBeGreaterOrEqualTo": 3}, False), ({"mustBeLessThan": 3}, True),
    ({"mustBeLessThan": 2}, False), ({"mustBeLessOrEqualTo": 2}, True), ({"mustBeLessOrEqualTo": 1}, False),
    ({"mustBeBetween": [0, 2]}, True), ({"mustBeBetween": [0, 1]}, False), ({"mustBeBetween": [1, 3]}, True),
    ({"mustNotBeBetween": [1, 3]}, False), ({"mustNotBeBetween": [3, 5]}, True),
    ({"mustBeLessThan": 20, "unit": "percent"}, False), ({"mustBeLessOrEqualTo": 20, "unit": "percent"}, True),
    ({"mustBe": 20, "unit": "percent"}, True), ({"mustBeBetween": [10, 19], "unit": "percent"}, False),
    ({"mustBeLessThan": 3, "unit": "rows", "severity": "warning"}, True),
]  # fmt: skip


@pytest.mark.parametrize(("demand", "met"), ALERTS, ids=[str(demand) for demand, _ in ALERTS])
def test_an_operator(demand, met):
    """A demand raises an alert or none, and changes no mask."""
    frame = frame_of(a=["x", "", " ", None, "x", "x", "N/A", None, "x", "x"])
    text = contract({"name": "a", "quality": [{"metric": "nullValues", **demand}]})

    (result,) = load_rules(text).evaluate(frame).results

    assert result.alert != met
    assert drawn(result.fail) in {"...X...X..", ".........."}  # the latter is about the table as a whole
    assert result.rule.severity == demand.get("severity", "error")


def test_rows_and_keys_of_a_table():
    """Row counts, repeated combinations and relationships stand beside the table."""
    text = contract(
        {"name": "a", "physicalName": "A"},
        {"name": "b", "relationships": [{"to": "other.id"}]},
        quality=[
            {"metric": "rowCount", "mustBeGreaterThan": 3},
            {"metric": "duplicateValues", "arguments": {"properties": ["a", "b"]}, "mustBe": 0},
            {"type": "sql", "query": "SELECT COUNT(*) FROM ${table} WHERE b < 'm';", "mustBe": 0},
            {"type": "sql", "query": "select count(*) as n from public.t", "mustBeGreaterThan": 5},
        ],
        relationships=[{"from": ["t.a", "t.b"], "to": ["other.id", "other.part"]}],
    )

    rules = {rule.id: rule.predicate for rule in load_rules(text).rules}

    assert rules["t.rowCount"] == Measure("row_count", min=3.0, exclude_min=True)
    assert rules["t.sql"] == Expression("(b < 'm') IS NOT TRUE", "duckdb", ("b",))
    assert rules["t.sql-2"] == Measure("row_count", min=5.0, exclude_min=True)
    assert rules["t.b.foreign_key"] == ForeignKey(("b",), "other", ("id",))
    assert rules["t.A+b.foreign_key"] == ForeignKey(("A", "b"), "other", ("id", "part"))
    only = [rule for rule in load_rules(text).rules if rule.id == "t.duplicateValues"]
    frames = {"t": frame_of(A=["x", "x", None, "x"], b=["1", "1", "1", ""])}
    assert drawn(load_rules(text).__class__("r", tuple(only)).evaluate(frames).results[0].fail) == "XX.."


def test_a_query_that_counts_flags_the_rows_it_counts(engine):
    """Its condition is the mask: a row for which it is true fails, one for which it is unknown does not."""
    for name in ("duckdb", "sqlglot"):
        engine(name)
    query = "SELECT COUNT(*) FROM t WHERE a < 'm' OR a = 'z'"
    text = contract({"name": "a", "quality": [{"type": "sql", "query": query, "mustBeLessThan": 3}]})

    (result,) = load_rules(text).evaluate(frame_of(a=["a", "n", None, "", "z", "m"])).results

    assert (drawn(result.fail), result.n_evaluated, result.alert) == ("X..XX.", 6, True)
    assert result.rule.blames == ("a",)


OLDER = """
dataContractSpecification: 1.2.1
models:
  t:
    fields:
      a: {type: varchar(5), required: true, unique: true, primaryKey: true, maxLength: 3, enum: [x, abcd],
          references: u.id}
      b:
        type: decimal
        minimum: 2
        quality: [{type: library, metric: nullValues, mustBe: 0}]
      c: {type: struct}
    quality: [{type: text, description: good}, {type: sql, query: "select max(b) from t", mustBeLessThan: 3}]
  u: {fields: {id: {type: bytes, pattern: x}}}
quality: {type: SodaCL, specification: {}}
"""


def test_what_is_approximate_differs():
    """Of x, x, x the rows after the first are two, and one value occurs again; an address has a dot here."""
    demand = {"metric": "duplicateValues", "mustBeLessThan": 2}
    text = contract(
        {"name": "a", "quality": [demand]},
        {"name": "b", "logicalType": "string", "logicalTypeOptions": {"format": "email"}},
    )
    frame = frame_of(a=["x", "x", "x", None, ""], b=["a@b", "a@b.example", "", None, " "])

    rules = load_rules(text)

    found = {result.rule.id: (drawn(result.fail), result.alert) for result in rules.evaluate(frame).results}
    assert found["t.a.duplicateValues"] == (".XX..", True)
    assert frame["a"].value_counts().gt(1).sum() == 1  # which would be less than 2
    assert found["t.b.format"][0] == "X.X.X"
    assert [entry.status for entry in rules.coverage()] == ["approximate", "exact", "approximate"]


def test_an_entry_for_people_stops_no_contract():
    """It is listed, with the reason, and gives no rule; the others are checked without leave to skip."""
    entry = {"type": "text", "description": "names are spelt as on the card"}
    rules = load_rules(contract({"name": "a", "required": True, "quality": [entry]}))

    assert [(each.id, each.status) for each in rules.coverage()] == [("t.a.required", "exact"), ("t.a.text", "exact")]
    assert "written for people" in rules.coverage()[1].reason
    assert [rule.id for rule in rules.rules] == ["t.a.required"]


def test_the_older_form():
    """Fields of models, with references and quality; what has no translation says why."""
    rules = load_rules(OLDER, on_unsupported="skip")
    frames = {"t": frame_of(a=["x", "abcd", None, "x", ""], b=["1", "2", None, "x", ""]), "u": frame_of(id=["x"])}

    found = {result.rule.id: drawn(result.fail) for result in rules.evaluate(frames).results}

    assert found == {
        "t.a.required": "..X..", "t.a.unique": "X..X.", "t.a.type": ".....", "t.a.maxLength": ".X...",
        "t.a.enum": "....X", "t.a.foreign_key": ".X..X", "t.b.type": "...XX",
        "t.b.minimum": "X....", "t.b.nullValues": "..X..", "t.primary_key": "X.XX.",
    }  # fmt: skip
    lost = {entry.id: entry.reason for entry in rules.coverage() if entry.status != "exact"}
    assert set(lost) == {"t.c.type", "t.sql", "u.id.type", "u.id.pattern", "quality"}
    assert all(lost.values())


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"metric": "nulls", "mustBe": 0}, "'nulls' is not of the library"),
        ({"metric": "nullValues", "mustBe": 0, "unit": "pieces"}, "unit is 'pieces'"),
        ({"metric": "invalidValues", "mustBe": 0}, "validValues or pattern"),
        ({"metric": "nullValues", "mustBe": 0, "mustBeLessThan": 3}, "has mustBe and mustBeLessThan"),
        ({"metric": "rowCount"}, "no number"),
        ({"metric": "invalidValues", "arguments": {"pattern": "("}, "mustBe": 0}, "not a regular expression"),
    ],
)
def test_what_is_broken_has_a_line(entry, reason):
    """A wrong entry is an error with its line; a contract with one is refused."""
    text = contract({"name": "a", "required": True, "quality": [entry]})

    with pytest.raises(RuleError, match=r"1 of 2 rules cannot be translated \(t.a.*line [0-9]+") as caught:
        load_rules(text)

    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT COUNT(*) FROM other WHERE a > 1", "another table"),
        ("SELECT COUNT(*) FROM t WHERE a IN (SELECT b FROM u)", "more than count"),
        ("SELECT MAX(a) FROM t", "more than count"),
        ("SELECT COUNT(*) FROM t WHERE 1 = 1; DROP TABLE t", "more than count"),
    ],
)
def test_queries_that_are_not_run(query, reason):
    """Only a count of the table's own rows is read, as its condition."""
    text = contract({"name": "a", "required": True, "quality": [{"type": "sql", "query": query, "mustBe": 0}]})

    (entry,) = [entry for entry in load_rules(text, on_unsupported="skip").coverage() if entry.status == "unsupported"]

    assert reason in entry.reason
