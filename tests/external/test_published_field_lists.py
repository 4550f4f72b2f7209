"""Field lists of published standards become scenarios: every field is there, and the records show the verdicts."""

import csv
import json
import os
from collections import Counter
from pathlib import Path

import pytest
import reviewer

from synth import yaml_text
from synth.errors import ScenarioError
from synth.export import write
from synth.field_lists import import_field_list
from synth.pipeline import make_plan
from synth.scenario import parse_scenario

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("CASEGAUGE_EXTERNAL_DATA", REPOSITORY.parent / "shared" / "data"))
OMOP = DATA / "standards" / "omop" / "OMOP_CDMv5.4_Field_Level.csv"
NEMSIS = DATA / "standards" / "nemsis" / "Combined_ElementDetails.txt"
PACKAGE = DATA / "rules" / "frictionless" / "hsds_datapackage.json"
SERVICE = DATA / "rules" / "jsonschema" / "hsds_service.json"
pytestmark = pytest.mark.skipif(
    not OMOP.is_file(),
    reason="the published lists are not part of the project and ../shared/data (or CASEGAUGE_EXTERNAL_DATA) is absent",
)
AUDIT = (44, 11, 12)

# Format, fields and systems as their publishers count them, fields required.
PUBLISHED = {"omop": (OMOP, 432, 39, 180), "table-schema": (PACKAGE, 183, 21, 58)}


def loaded(made):
    return parse_scenario(yaml_text.load(made.text, error=ScenarioError))


@pytest.mark.parametrize("file_format", PUBLISHED)
def test_every_field_is_carried(file_format):
    """All fields and tables are there, and those the standard requires are of usage `required`."""
    path, n_fields, n_systems, n_required = PUBLISHED[file_format]

    made = import_field_list(path)
    scenario = loaded(made)

    usages = Counter(field.usage for system in scenario.systems.values() for field in system.fields.values())
    assert (made.file_format, made.n_fields, made.n_systems) == (file_format, n_fields, n_systems)
    assert usages == {"required": n_required, "optional": n_fields - n_required}


@pytest.mark.parametrize("path", [OMOP, PACKAGE, SERVICE], ids=lambda path: path.name)
def test_the_records_show_the_verdicts(path, tmp_path):
    """With an audit's counts, a reviewer that reads the files alone finds them: 44, 11 and 12 of 67."""
    scenario = loaded(import_field_list(path, audit=AUDIT))
    write(make_plan(scenario, seed=2), tmp_path / "data", n_cases=67, file_format="csv")

    drawn, found, wrong = reviewer.review(tmp_path / "data")

    assert Counter(drawn.values()) == dict(zip(("documented", "inconsistent", "insufficient"), AUDIT, strict=True))
    assert found == drawn
    assert not wrong


def test_examples_of_a_package_are_not_in_the_scenario():
    """Values of `example` and `description` never reach the file (names and listed values may be words of them)."""
    package = json.loads(PACKAGE.read_text(encoding="utf-8"))
    fields = [field for resource in package["resources"] for field in resource["schema"]["fields"]]
    told = {str(field.get(key, "")) for field in fields for key in ("example", "description")}
    sentences = {each for each in told if " " in each and len(each) > 15}  # a single word may be a listed value

    text = import_field_list(PACKAGE).text

    assert len(sentences) > 150
    assert not [each for each in sentences if each in text]


def test_usages_of_an_element_list_are_kept(tmp_path):
    """453 elements: 24 mandatory, 131 required, 61 recommended, 237 optional, as the publisher counts them."""
    lines = NEMSIS.read_text(encoding="utf-8").splitlines()
    columns = [cell.strip("'") for cell in lines[0].split("|")]
    rows = [dict(zip(columns, [cell.strip("'") for cell in line.split("'|'")], strict=False)) for line in lines[1:]]
    elements = [row for row in rows if row["DatasetName"] == "EMSDataSet" and row["DatasetType"] == "element"]
    path = tmp_path / "elements.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["field", "required"])
        table.writerows([row["ElementNumber"], row["Usage"]] for row in elements)

    scenario = loaded(import_field_list(path, audit=AUDIT))

    usages = Counter(field.usage for field in scenario.systems["form"].fields.values() if field.usage)
    assert usages == {"mandatory": 24, "required": 131, "recommended": 61, "optional": 237}
