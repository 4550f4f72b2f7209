"""A published data package: all required fields and foreign keys are carried; its data show what frictionless shows."""

import json
import os
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from checks import load_rules
from checks.tables import read_csv
from synth.errors import DataError

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("CASEGAUGE_EXTERNAL_DATA", REPOSITORY.parent / "shared" / "data"))
PACKAGE = DATA / "rules" / "frictionless" / "hsds_datapackage.json"
TABLES = PACKAGE.parent / "hsds_csv"
pytestmark = pytest.mark.skipif(
    not PACKAGE.is_file(),
    reason="the published packs are not part of the project and ../shared/data (or CASEGAUGE_EXTERNAL_DATA) is absent",
)
PUBLISHED = {"contact": 2, "location": 1, "taxonomy_term": 1}  # foreign keys that lead nowhere, by table


def package():
    return json.loads(PACKAGE.read_text(encoding="utf-8"))


def kind_of(entry_id):
    return entry_id.rsplit(".", 1)[-1]


def test_nothing_is_dropped():
    """One entry for every type, constraint and key that the package states; required and foreign keys are exact."""
    stated = Counter()
    for resource in package()["resources"]:
        schema = resource["schema"]
        stated["type"] += len(schema["fields"])
        stated["primary_key"] += "primaryKey" in schema
        stated["foreign_key"] += len(schema.get("foreignKeys", []))
        stated += Counter(
            key for field in schema["fields"] for key, value in field["constraints"].items() if value is not False
        )

    coverage = load_rules(PACKAGE, on_unsupported="skip").coverage()

    assert stated["required"] == 58
    assert stated["foreign_key"] == 31
    assert Counter(kind_of(entry.id) for entry in coverage) == stated
    assert {entry.status for entry in coverage if kind_of(entry.id) != "type"} == {"exact"}
    assert {entry.status for entry in coverage} == {"exact", "approximate"}


def test_the_data_have_four_errors():
    """All are foreign keys, none is a required field."""
    frames = {}
    for resource in package()["resources"]:
        names = [field["name"] for field in resource["schema"]["fields"]]
        try:
            frames[resource["name"]] = read_csv(TABLES / resource["path"])
        except DataError:  # a table without rows
            frames[resource["name"]] = pd.DataFrame({name: pd.Series(dtype="str") for name in names})

    flags = load_rules(PACKAGE).evaluate(frames)

    found = Counter()
    for result in flags.results:
        if result.n_fail:
            assert kind_of(result.rule.id) == "foreign_key"
            found[result.system] += result.n_fail
    assert found == PUBLISHED


def test_the_same_as_frictionless(engine):
    """The real engine reports these four rows and no other."""
    published = engine("frictionless").Package.from_descriptor(package(), basepath=str(TABLES))
    report = published.validate(limit_errors=100_000)

    errors = [(task.name, error.type) for task in report.tasks for error in task.errors]

    assert Counter(errors) == {(table, "foreign-key"): n for table, n in PUBLISHED.items()}
