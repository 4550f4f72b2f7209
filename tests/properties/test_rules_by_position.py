"""Rules of every format see rows, not labels or places: permuted rows have permuted flags, other labels the same."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import FORMATS, load_rules

GX = {"expectations": [
    {"type": f"expect_{kind}", "kwargs": kwargs}
    for kind, kwargs in (
        ("column_values_to_not_be_null", {"column": "zip", "mostly": 0.5}),
        ("column_values_to_match_regex", {"column": "zip", "regex": "^[0-9]{5}$"}),
        ("column_values_to_be_in_set", {"column": "st", "value_set": ["open", "closed", "a", "b", "c", "d"]}),
        ("column_values_to_be_unique", {"column": "zip", "row_condition": "st == 'open' or x > 1"}),
        ("compound_columns_to_be_unique", {"column_list": ["zip", "st"]}),
        ("column_pair_values_a_to_be_greater_than_b", {"column_A": "y", "column_B": "x", "or_equal": True}),
        ("select_column_values_to_be_unique_within_record", {"column_list": ["zip", "st"]}),
        ("multicolumn_sum_to_equal", {"column_list": ["x", "y"], "sum_total": 2}),
        ("column_values_to_be_of_type", {"column": "zip", "type_": "str"}),
        ("column_values_to_be_json_parseable", {"column": "zip"}),
        ("column_distinct_values_to_contain_set", {"column": "st", "value_set": ["open"]}),
        ("column_mean_to_be_between", {"column": "x", "min_value": -1.55, "max_value": 1.55}),
    )
]}  # fmt: skip
PANDERA = """schema_type: dataframe
columns:
  zip:
    dtype: str
    nullable: false
    unique: true
    checks: {str_matches: '^[0-9]+$', str_length: {min_value: 1, max_value: 4}}
  x: {dtype: Int64, coerce: true, nullable: true, checks: {greater_than: 0}}
unique: [zip, st]
"""
POINTBLANK = """tbl: t
steps:
  - col_vals_regex: {columns: [zip, st], pattern: '[0-9]', na_pass: true}
  - col_vals_in_set: {columns: st, set: [open, closed]}
  - col_vals_le: {columns: x, value: {python: pb.col("y")}}
  - rows_distinct: {columns_subset: [zip, st]}
  - rows_complete
"""
DBT = """models:
  - name: visits
    data_tests: [{dbt_utils.expression_is_true: {arguments: {expression: "x <= y or st = 'open'"}}}]
    columns:
      - name: zip
        data_tests: [not_null, {unique: {config: {where: "st = 'open'"}}}]
      - name: st
        data_tests: [{accepted_values: {arguments: {values: [open, closed, a, b, c, d]}}}]
"""
ODCS = """kind: DataContract
apiVersion: v3.1.0
schema:
  - name: visits
    properties:
      - name: zip
        required: true
        unique: true
        logicalType: string
        logicalTypeOptions: {pattern: '^[0-9]+$', maxLength: 4}
      - {name: st, quality: [{metric: invalidValues, arguments: {validValues: [open, closed]}, mustBeLessThan: 2}]}
    quality:
      - {metric: rowCount, mustBeGreaterThan: 3}
      - {metric: duplicateValues, arguments: {properties: [zip, st]}, mustBe: 0}
"""
SODA = """dataset: warehouse/main/visits
columns:
  - name: zip
    checks: [{missing: null}, {duplicate: null}]
  - name: st
    missing_values: [N/A]
    checks: [{invalid: {valid_values: [open, closed]}}]
"""
DQX = """- criticality: warn
  filter: st <> 'closed'
  check: {function: is_not_null_and_not_empty, arguments: {column: zip}}
- check: {function: is_in_range, arguments: {column: x, min_limit: 0, max_limit: y}}
- check: {function: is_unique, arguments: {columns: [zip, st]}}
- check: {function: is_in_list, arguments: {column: st, allowed: [open, closed]}}
"""
DQDL = """Rules = [ Completeness "zip" > 0.5, IsUnique "zip", ColumnValues "st" in ["open", "closed"],
  ColumnLength "zip" <= 4 ]"""
CASEGAUGE = """rules:
  - {id: a, where: {in_set: {field: st, values: [open]}}, unique: {fields: zip}}
  - {id: b, functional_dependency: {left: zip, right: st}}
  - {id: c, compare: {left: x, operator: <=, right: y}}
  - {id: d, any_of: [{not_blank: zip}, {not: {pattern: {field: st, regex: o, how: search}}}]}
"""
SQL = "-- id: a\nzip in ('1', '12', '123', '1234', '12345', 'x') or st is null;\n-- id: b\nx <= y;\n"
DQD = ("cdmTableName,cdmFieldName,isRequired,isRequiredThreshold,isPrimaryKey,plausibleValueLow\n"
       "visits,zip,Yes,50,Yes,\nvisits,x,Yes,0,No,1\n")  # fmt: skip
DENIAL = "t1&t2&EQ(t1.zip,t2.zip)&IQ(t1.st,t2.st)\nnot(t1.x > t1.y)\n"
JSON_SCHEMA = {
    "required": ["zip"],
    "properties": {"zip": {"type": "string", "pattern": "^[0-9]+$", "maxLength": 4}, "x": {"minimum": 0}},
    "if": {"properties": {"st": {"const": "open"}}, "required": ["st"]},
    "then": {"required": ["x"]},
}
FRICTIONLESS = {
    "fields": [
        {"name": "zip", "type": "string", "constraints": {"required": True, "unique": True, "pattern": "[0-9]+"}},
        {"name": "st", "type": "string", "constraints": {"enum": ["open", "closed"]}},
    ],
    "primaryKey": ["zip", "st"],
}
TDDA = {
    "fields": {"zip": {"max_nulls": 0, "no_duplicates": True, "max_length": 4}, "x": {"min": 0, "sign": "positive"}}
}
PYTHON = """
def check_order(frame):
    return frame["x"].dropna() <= frame["y"].max()


def check_size(frame):
    return len(frame) > 2
"""
EXAMPLES = {
    "pandera": PANDERA,
    "gx": json.dumps(GX),
    "odcs": ODCS,
    "dbt": DBT,
    "soda": SODA,
    "frictionless": json.dumps(FRICTIONLESS),
    "tdda": json.dumps(TDDA),
    "json_schema": json.dumps(JSON_SCHEMA),
    "dqx": DQX,
    "pointblank": POINTBLANK,
    "casegauge": CASEGAUGE,
    "dqdl": DQDL,
    "dqd": DQD,
    "denial": DENIAL,
    "sql": SQL,
    "python": PYTHON,
}
TEXTS = st.sampled_from([None, "", " ", "N/A", "12345", "1234", "open", "closed"])
NUMBERS = st.one_of(st.none(), st.integers(-2, 2).map(float))
ROWS = st.lists(st.tuples(TEXTS, TEXTS, NUMBERS, NUMBERS), min_size=1, max_size=10)


def loaded(name):
    return load_rules(EXAMPLES[name], name, trust=name == "python")


@st.composite
def cases(draw):
    """Rows, an order of them, and labels that repeat."""
    rows = draw(ROWS)
    columns = dict(zip(("zip", "st", "x", "y"), zip(*rows, strict=True), strict=True))
    frame = pd.DataFrame(
        {
            name: pd.Series(list(values), dtype="str" if name in {"zip", "st"} else float)
            for name, values in columns.items()
        }
    )
    order = draw(st.permutations(range(len(rows))))
    labels = draw(st.lists(st.integers(0, 2), min_size=len(rows), max_size=len(rows)))
    return frame, list(order), labels


def by_order(rule):
    """Whether the first record of a group is sound and later ones are not, as some tools count repeats."""
    return "repeats='later'" in repr(rule.predicate)


def found(rules, frame):
    return [(r.rule.id, r.fail, r.evaluated, r.holds, r.alarm) for r in rules.evaluate(frame).results]


def test_every_format_is_here():
    """A format that is added has an example here."""
    assert set(EXAMPLES) == set(FORMATS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_rule_of_the_examples_is_translated(name):
    """The examples hold nothing that is left out, and look like what they are."""
    entries = loaded(name).coverage()

    assert len(entries) >= 2
    assert {entry.status for entry in entries} <= {"exact", "approximate"}
    if name not in {"sql", "python", "dqd"}:
        assert load_rules(EXAMPLES[name]).format == name


SQL_INSIDE = ("dbt", "dqx", "sql")  # each evaluation starts a process


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in SQL_INSIDE else []) for name in EXAMPLES]
)
@settings(max_examples=5)
@given(case=cases())
def test_rows_are_seen_by_position(name, case):
    """Permuting rows permutes flags, labels change nothing, and an alert stays what it is."""
    frame, order, labels = case
    rules = loaded(name)

    plain, permuted = found(rules, frame), found(rules, frame.iloc[order])
    labelled = found(rules, frame.set_axis(labels))

    for rule, before, after, other in zip(rules.rules, plain, permuted, labelled, strict=True):
        assert before[0] == after[0] == other[0]
        if by_order(rule):
            assert before[1].sum() == after[1].sum(), before[0]
        else:
            assert np.array_equal(before[1][order], after[1]), before[0]
        assert np.array_equal(before[2][order], after[2]), before[0]
        assert before[3:] == after[3:] == other[3:], before[0]
        assert np.array_equal(before[1], other[1]), before[0]
        assert np.array_equal(before[2], other[2]), before[0]
