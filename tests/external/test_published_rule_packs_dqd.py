"""Published thresholds of OMOP 5.4: 27 kinds of checks, every one that is switched on has an entry."""

import csv
import os
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from checks import load_rules

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("CASEGAUGE_EXTERNAL_DATA", REPOSITORY.parent / "shared" / "data"))
FOLDER = DATA / "rules" / "dqd"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="the published packs are not part of the project and ../shared/data (or CASEGAUGE_EXTERNAL_DATA) is absent",
)
EXACT = ("cdmField", "isRequired", "isPrimaryKey", "isForeignKey", "measureValueCompleteness", "plausibleValueLow",
         "plausibleValueHigh", "plausibleStartBeforeEnd", "measurePersonCompleteness")  # fmt: skip


def rows_of(name):
    with (FOLDER / f"OMOP_CDMv5.4_{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def is_on(row, said):
    """The publisher's own condition for a check: terms such as isRequired=='Yes' joined by &."""
    terms = [term.strip() for term in said.split("&")]
    equal = [term.split("==") for term in terms if "==" in term]
    other = [term.split("!=") for term in terms if "!=" in term]
    return all(row[name] == value.strip(" '") for name, value in equal) and all(row[name.strip()] for name, _ in other)


@pytest.mark.parametrize("level", ["Field", "Table", "Concept"])
def test_nothing_is_dropped(level):
    """As many entries of every check as rows that meet the publisher's condition for it."""
    rows = rows_of(f"{level}_Level")
    stated = Counter(
        {
            check["checkName"]: sum(is_on(row, check["evaluationFilter"]) for row in rows)
            for check in rows_of("Check_Descriptions")
            if check["checkLevel"] == level.upper()
        }
    )

    rules = load_rules(FOLDER / f"OMOP_CDMv5.4_{level}_Level.csv", on_unsupported="skip")

    found = Counter(entry.id.split(".")[-1].split("-")[0] for entry in rules.coverage())
    assert found == stated
    assert all(entry.reason for entry in rules.coverage() if entry.status != "exact")
    assert {entry.status for entry in rules.coverage() if entry.id.split(".")[-1] in EXACT} <= {"exact"}
    assert "error" not in {entry.status for entry in rules.coverage()}


def test_there_are_27_kinds():
    """180 required fields and 32 source values among them."""
    kinds = [check["checkName"] for check in rows_of("Check_Descriptions")]
    rules = load_rules(FOLDER / "OMOP_CDMv5.4_Field_Level.csv", on_unsupported="skip")
    found = Counter(entry.id.split(".")[-1] for entry in rules.coverage())

    assert (len(kinds), found["isRequired"], found["sourceValueCompleteness"]) == (27, 180, 32)


def test_every_rule_runs_on_records_of_all_tables():
    """A record of blanks fails what is required and nothing that is about values."""
    rows = rows_of("Field_Level")
    records = {}
    for row in rows:
        records.setdefault(row["cdmTableName"], {})[row["cdmFieldName"]] = pd.Series([None, None], dtype="str")
    records = {name: pd.DataFrame(columns) for name, columns in records.items()}

    results = load_rules(FOLDER / "OMOP_CDMv5.4_Field_Level.csv", on_unsupported="skip").evaluate(records).results

    failed = Counter(result.rule.id.split(".")[-1] for result in results if result.n_fail)
    assert failed == {"isRequired": 180, "measureValueCompleteness": 432}
