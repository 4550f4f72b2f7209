"""Great Expectations suites that others published: every expectation has an entry, counted by a walk of its own."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from checks import load_rules

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("CASEGAUGE_EXTERNAL_DATA", REPOSITORY.parent / "shared" / "data"))
PACK = DATA / "rules" / "gx" / "agora"
pytestmark = pytest.mark.skipif(
    not PACK.is_dir(),
    reason="the published data are not part of the project and ../shared/data (or CASEGAUGE_EXTERNAL_DATA) is absent",
)
# Cells that hold JSON or lists; two of the three are expectations the publishers wrote themselves.
INSIDE_A_CELL = {"match_json_schema": 7, "have_list_members_of_type": 3, "have_list_members": 1}


def kinds_of(path):
    """Count the expectation types of a suite in its plain text."""
    return Counter(line.split('"')[3] for line in path.read_text("utf-8").splitlines() if '"expectation_type"' in line)


def suites():
    return sorted(PACK.glob("*.json")) if PACK.is_dir() else []


@pytest.mark.parametrize("path", suites(), ids=lambda path: path.stem)
def test_every_expectation_has_an_entry_at_its_place(path):
    """As many entries as expectations, in order, each with a line at which its entry begins."""
    rules = load_rules(path, on_unsupported="skip")
    entries, lines = rules.coverage(), path.read_text("utf-8").splitlines()

    assert rules.format == "gx"
    assert len(entries) == sum(kinds_of(path).values()) == len(json.loads(path.read_text("utf-8"))["expectations"])
    for entry in entries:
        line = int(entry.place.split("line ")[1].rstrip(")"))
        assert "{" in lines[line - 1]
        assert "expectation_type" in lines[line]


def test_only_what_is_inside_a_cell_is_left_out():
    """161 expectations: 33 not-null, all sets, types, ranges, lengths, patterns, dates and keys are exact."""
    written, left_out, exact = Counter(), Counter(), Counter()
    for path in suites():
        written += kinds_of(path)
        for entry in load_rules(path, on_unsupported="skip").coverage():
            name = entry.id.split(".")[-1].split("-")[0]
            (left_out if entry.status == "unsupported" else exact)[name] += 1
            assert entry.status in {"exact", "unsupported"} or name == "distinct_values_to_be_in_set"
            assert entry.reason or entry.status == "exact"

    assert sum(written.values()) == 161
    assert dict(left_out) == INSIDE_A_CELL
    assert (
        (exact["not_be_null"], exact["be_of_type"])
        == (33, 58)
        == tuple(written[f"expect_column_values_to_{name}"] for name in ("not_be_null", "be_of_type"))
    )
    assert sum(exact.values()) == 161 - 11


def test_mostly_becomes_a_limit():
    """Six expectations say `mostly`; two of them are about what is inside a cell and left out, four have a limit."""
    rules = [rule for path in suites() for rule in load_rules(path, on_unsupported="skip").rules]
    said = sum(path.read_text("utf-8").count('"mostly"') for path in suites())

    assert (said, sum(bool(rule.limits) for rule in rules)) == (6, 4)
