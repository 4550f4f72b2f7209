"""A published constraint file and data: 27 records fail 176 constraints, the same ones as published."""

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest

from checks import load_rules
from checks.tables import read_csv

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("CASEGAUGE_EXTERNAL_DATA", REPOSITORY.parent / "shared" / "data"))
FOLDER = DATA / "rules" / "tdda"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="the published packs are not part of the project and ../shared/data (or CASEGAUGE_EXTERNAL_DATA) is absent",
)
NAMES = {"max_nulls": "nonnull"}  # what the published columns call a constraint


def alerts(data):
    results = load_rules(FOLDER / "elements92.tdda").evaluate(read_csv(FOLDER / data)).results
    return {result.rule.id: result.fail for result in results if result.alert}


def test_nothing_is_dropped():
    """One entry for every constraint of every field; all but types are exact."""
    fields = json.loads((FOLDER / "elements92.tdda").read_text(encoding="utf-8"))["fields"]

    coverage = load_rules(FOLDER / "elements92.tdda").coverage()

    assert [entry.id for entry in coverage] == [f"{name}.{kind}" for name, given in fields.items() for kind in given]
    assert {entry.status for entry in coverage if not entry.id.endswith(".type")} == {"exact"}


def test_written_rules_flag_the_same():
    """The constraints as a rule file of our own, read again, fail the same records."""
    rules, frame = load_rules(FOLDER / "elements92.tdda"), read_csv(FOLDER / "elements118.csv")

    text, coverage = rules.to_yaml()

    ours, again = (each.evaluate(frame).results for each in (rules, load_rules(text)))
    assert {entry.status for entry in coverage} == {"exact"}
    assert all((one.fail == other.fail).all() for one, other in zip(ours, again, strict=True))


def test_the_data_it_was_made_from_hold():
    assert alerts("elements92.csv") == {}


def test_the_published_result_record_by_record():
    """27 records, 176 failures, and the same answer for every record and constraint."""
    found = alerts("elements118.csv")
    with (FOLDER / "elements118_detect_from_csv.csv").open(encoding="utf-8", newline="") as file:
        published = list(csv.DictReader(file))

    masks = {}
    for rule_id, mask in found.items():
        field, _, kind = rule_id.rpartition(".")
        masks[f"{field}_{NAMES.get(kind, kind)}_ok"] = mask
    rows = [int(row["RowNumber"]) - 1 for row in published]
    assert (len(published), sum(int(row["n_failures"]) for row in published)) == (27, 176)
    assert np.flatnonzero(np.logical_or.reduce(list(masks.values()))).tolist() == rows
    assert sum(int(mask.sum()) for mask in masks.values()) == 176
    assert set(masks) == {name for name in published[0] if name.endswith("_ok")}
    for name, mask in masks.items():
        # Where the value is null, the published answer may be empty: neither true nor false.
        assert [bool(mask[row]) for row in rows] == [row[name] == "false" for row in published], name
