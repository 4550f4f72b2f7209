"""tests/reviewer.py, which imports nothing of ours, finds the drawn verdicts from the files alone."""

import ast
import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import reviewer
from worlds import MECHANISMS, rich, small

from synth.export import write
from synth.pipeline import make_plan

SCRIPT = Path(reviewer.__file__)
EVERY_DEFECT = rich(sorted(MECHANISMS), slip="0.1")
BASES = {
    "oig": ("oig-20-13", 400, 3), "replica": ("oig-20-13", 67, 2**64 - 1), "reference": ("reference", 150, 8),
    "small": (small(), 230, 5), "ambulance": ("ambulance-run", 300, 2), "shelter": ("shelter-intake", 300, 9),
    "every defect": (EVERY_DEFECT, 300, 4),
}  # fmt: skip


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A folder of 100 cases under the base regime; nobody changes it."""
    folder = tmp_path_factory.mktemp("reviewer") / "data"
    write(make_plan("oig-20-13", seed=21), folder, n_cases=100, file_format="csv")
    return folder


@pytest.fixture
def folder(tmp_path, original):
    """A copy of it to change."""
    return Path(shutil.copytree(original, tmp_path / "data"))


def test_it_imports_the_standard_library_only():
    """The reviewer shares no code with what it reviews."""
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


@pytest.mark.parametrize(("scenario", "n_cases", "seed"), BASES.values(), ids=BASES)
def test_it_finds_the_drawn_verdict_of_every_case(tmp_path, scenario, n_cases, seed):
    """In the base regime the reviewer's verdict is the drawn one in every case, and every span is right."""
    write(make_plan(scenario, seed=seed), tmp_path / "data", n_cases=n_cases, file_format="csv")
    drawn, found, wrong = reviewer.review(tmp_path / "data")

    assert len(drawn) == n_cases
    assert found == drawn
    assert not wrong


def test_it_runs_as_a_script(folder):
    """The script prints the counts and ends with 0; after a change that moves a verdict it ends with 1."""
    done = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True, check=False)
    change(folder, "casework", lambda row: row | {"narrative": ""}, which=slice(0, 30))
    after = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert "100 cases, 0 verdicts differ, 0 spans are wrong" in done.stdout
    assert after.returncode == 1
    assert "found insufficient" in after.stdout


def change(folder, system, edit, *, which=slice(None)):
    """Edit some rows of a records file; give back the edited rows."""
    path = folder / "records" / f"{system}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows[which] = [edit(row) for row in rows[which]]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return rows[which]


def materials():
    """Every material item of the audit scenario, as (system, field)."""
    scenario = make_plan("oig-20-13").scenario
    return [(s, f) for s, spec in scenario.systems.items() for f, entry in spec.fields.items() if entry.material]


@pytest.mark.parametrize("cell", materials(), ids="/".join)
@pytest.mark.parametrize("text", ["", "N/A"], ids=["blank", "placeholder"])
def test_blank_one_material_cell_and_its_answer_changes(folder, cell, text):
    """A documented case whose material item is blanked, or holds a declared placeholder, becomes insufficient."""
    system, field = cell
    package = json.loads((folder / "datapackage.json").read_text())
    (form,) = [part["schema"]["fields"] for part in package["resources"] if part["table"] == f"records/{system}"]
    (spec,) = [entry for entry in form if entry["name"] == field]
    if text and text not in spec["placeholders"]:
        text = "unknown" if spec["not_values"] else ""
    drawn, before, _ = reviewer.review(folder)
    case_of = {
        row["record_id"]: row["case_id"] for row in reviewer.rows(folder, "answers/links") if row["system"] == system
    }
    filled = [
        row
        for row in reviewer.rows(folder, f"records/{system}")
        if row[field] and before[case_of[row["record_id"]]] != "insufficient"
    ]
    target = filled[0]["record_id"]
    change(folder, system, lambda row: row | {field: text} if row["record_id"] == target else row)
    _, after, _ = reviewer.review(folder)

    assert {case for case in drawn if after[case] != before[case]} == {case_of[target]}
    assert after[case_of[target]] == "insufficient"


def test_another_value_of_a_shared_fact_is_inconsistent(folder):
    """A documented case whose custody status is changed in one system becomes inconsistent."""
    drawn, before, _ = reviewer.review(folder)
    case_of = {
        r["record_id"]: r["case_id"] for r in reviewer.rows(folder, "answers/links") if r["system"] == "casework"
    }
    target = next(
        iter(r for r in reviewer.rows(folder, "records/casework") if before[case_of[r["record_id"]]] == "documented")
    )
    other = "released" if target["custody_status"] != "released" else "in-custody"
    change(folder, "casework", lambda r: r | {"custody_status": other} if r["record_id"] == target["record_id"] else r)
    _, after, _ = reviewer.review(folder)

    assert {case: after[case] for case in drawn if after[case] != before[case]} == {
        case_of[target["record_id"]]: "inconsistent"
    }


@pytest.mark.parametrize("shift", [-1, 1])
def test_a_span_that_is_off_by_one_is_found(folder, shift):
    """Moving the first stated span by one character is reported."""
    path = folder / "answers" / "stated.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    parts = lines[1].rsplit(",", 2)
    moved = ",".join([parts[0], str(int(parts[1]) + shift), str(int(parts[2]) + shift)])
    path.write_text("\n".join([lines[0], moved, *lines[2:]]) + "\n", encoding="utf-8")

    assert len(reviewer.review(folder)[2]) == 1
