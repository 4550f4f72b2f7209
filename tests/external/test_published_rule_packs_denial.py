"""Published denial constraints on published data: 435 of 509 wrong cells among 11,038 flagged, as published."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from checks import Denial, Rule, evaluate, load_rules
from checks.formats import denial
from checks.tables import read_csv

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("CASEGAUGE_EXTERNAL_DATA", REPOSITORY.parent / "shared" / "data"))
FOLDER = DATA / "pairs" / "holoclean-hospital"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="the published data are not part of the project and ../shared/data (or CASEGAUGE_EXTERNAL_DATA) is absent",
)


@pytest.mark.parametrize("as_pairs", [False, True], ids=["as dependencies", "as pairs"])
def test_the_published_counts(as_pairs):
    """15 constraints reach 435 of the 509; nulls reach none, for all 2,227 are blank in the truth too."""
    path = FOLDER / "hospital_constraints.txt"
    rules = load_rules(path)
    frame = read_csv(FOLDER / "hospital.csv")
    n_lines = len([line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()])
    assert len(rules.coverage()) == n_lines == 15
    assert {entry.status for entry in rules.coverage()} == {"approximate"}
    chosen = rules.rules
    if as_pairs:
        chosen = [
            Rule(rule.id, Denial(tuple(term.text() for term in denial._terms(rule.description))))
            for rule in rules.rules
        ]

    results = evaluate(chosen, frame).results

    flagged = {(row, field) for r in results for field, mask in r.blamed.items() for row in np.flatnonzero(mask)}
    with (FOLDER / "hospital_clean.csv").open(encoding="utf-8", newline="") as file:
        truth = {(int(row["tid"]), row["attribute"]): row["correct_val"] for row in csv.DictReader(file)}
    cells = frame.fillna("")
    wrong = {cell for cell, value in truth.items() if cells[cell[1]].iloc[cell[0]] != value}
    nulls = {(row, field) for field in frame for row in np.flatnonzero(frame[field].isna())}
    assert (len(wrong), len(flagged), len(flagged & wrong)) == (509, 11_038, 435)
    assert (len(nulls), len(nulls & wrong)) == (2_227, 0)
    assert round(435 / 11_038, 3) == 0.039
    assert round(435 / 509, 3) == 0.855
