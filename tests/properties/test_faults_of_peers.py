"""Faults measured in other generators and error injectors, each as a test that this one passes."""

import os
import random
import tomllib
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import pytest
from test_mechanisms import Z, log_odds_ratio
from worlds import MECHANISMS, parsed, rich

from synth.pipeline import case, generate, make_plan, slice_of
from synth.scenario import load_scenario, scenario_names, scenario_text

ROOT = Path(__file__).resolve().parents[2]
NOISY = rich(sorted(MECHANISMS), slip="0.18", r1="0.2")


@pytest.mark.parametrize("kind", ["typo", "wrong_value", "swapped", "copied_forward", "uninformative_valid"])
def test_labels_do_not_lie(kind):
    """Typing errors that change nothing, marked as errors all the same: 2 to 100 % elsewhere, none here."""
    labels = generate(NOISY, n_cases=3_000, seed=1).answer("labels").query("defect == @kind")

    assert len(labels) > 20
    assert (labels["recorded"] != labels["expected"]).all()


@pytest.mark.parametrize("shares", [(44, 11, 12), (66, 16, 18), (1, 1, 1)])
def test_counts_at_the_size_of_an_audit_are_exact(shares):
    """66/16/18 % of 67 is 44, 11 and 12; floors give 44, 10 and 12, and coins anything."""
    names = ("documented", "inconsistent", "insufficient")
    counts = ", ".join(f"{name}: {count}" for name, count in zip(names, shares, strict=True))
    text = scenario_text("oig-20-13").replace("verdicts: {documented: 44, inconsistent: 11, insufficient: 12}",
                                              f"verdicts: {{{counts}}}")  # fmt: skip
    start, stop = text.index("audit:"), text.index("start:")
    for seed in range(4):
        found = generate(parsed(text[:start] + text[stop:]), n_cases=67, seed=seed).answer("truth")["verdict"]

        assert found.value_counts().to_dict() == (
            {"documented": 44, "inconsistent": 11, "insufficient": 12}
            if shares != (1, 1, 1)
            else {"documented": 23, "inconsistent": 22, "insufficient": 22}
        )


def test_four_quarters_are_the_whole_and_not_each_other():
    """Made in four pieces the cells are those of the whole, and no two pieces repeat one pattern."""
    plan = make_plan(NOISY, seed=1)
    whole = slice_of(plan, 0, 8_000, 8_000)
    quarters = [slice_of(plan, start, start + 2_000, 8_000) for start in range(0, 8_000, 2_000)]

    for name, table in whole.tables():
        pieces = [row for quarter in quarters for row in dict(quarter.tables())[name].to_pylist()]
        key = "record_id" if name.startswith("records/") else None
        rows = table.to_pylist()
        assert (sorted(rows, key=lambda row: row[key]) if key else rows) == (
            sorted(pieces, key=lambda row: row[key]) if key else pieces
        )
    blanks = [quarter.records["alpha"].sort_by("record_id")["desk"].is_null().to_pylist() for quarter in quarters]
    assert len({tuple(some) for some in blanks}) == 4


@pytest.mark.parametrize("name", scenario_names())
def test_more_cases_leave_the_first_ones_alone(name):
    """67 cases and the same 67 of 100: the first row is not rewritten."""
    few, more = generate(name, n_cases=67, seed=5), generate(name, n_cases=134, seed=5)

    assert few.answers["truth"].equals(more.answers["truth"].slice(0, 67))
    assert case(name, 3, seed=5, n_cases=67).records == case(name, 3, seed=5, n_cases=134).records


def test_nobody_s_random_numbers_are_touched():
    """The global generators of Python and numpy are as they were; neither decides anything."""
    random.seed(7)
    np.random.seed(7)  # noqa: NPY002  # the global state is what is looked at
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    one = generate(NOISY, n_cases=200, seed=3)
    after = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    random.seed(8)
    np.random.seed(8)  # noqa: NPY002

    assert before == after
    assert dict(one.tables()) == dict(generate(NOISY, n_cases=200, seed=3).tables())


def test_hash_seeds_change_nothing(run_python):
    """Three PYTHONHASHSEEDs, one digest, for every scenario."""
    code = (
        "from synth.digest import table_digest\nfrom synth.pipeline import generate\n"
        "from synth.scenario import scenario_names\n"
        "for name in scenario_names():\n"
        "    for key, table in generate(name, n_cases=150, seed=1).tables(): print(name, table_digest(key, table))"
    )
    found = {run_python(code, env={**os.environ, "PYTHONHASHSEED": seed}) for seed in ("0", "1", "2")}

    assert len(found) == 1


def test_errors_do_not_fall_on_the_same_rows_in_every_column():
    """Gaps of two fields without a common cause are independent; one seed for all columns made them the same."""
    bundle = generate("reference", n_cases=4_000, seed=2, regime="optional")
    frame = bundle.frames()["form"]
    for one, other in (("f01", "f02"), ("f03", "f25"), ("f12", "f13")):
        found, error = log_odds_ratio(frame[one].isna().to_numpy(), frame[other].isna().to_numpy())

        assert abs(found) < Z * error


def test_narratives_are_about_the_case_of_their_row():
    """Narratives of linked records state the same facts, unless a label says otherwise."""
    bundle = generate("oig-20-13", n_cases=670, seed=9)
    truth = bundle.answer("truth").set_index("case_id")
    case_of = bundle.answer("links").set_index("record_id")["case_id"]
    labels = bundle.answer("labels")
    stated = bundle.answer("stated")
    stated = stated[~stated["record_id"].isin(labels.loc[labels["defect"] == "duplicate_record", "record_id"])]
    wrong = set(bundle.answer("labels").query("defect == 'narrative_contradiction'")[["record_id", "fact"]]
                .itertuples(index=False, name=None))  # fmt: skip
    untrue = {
        (row.record_id, row.fact)
        for row in stated.itertuples()
        if truth.loc[case_of[row.record_id], row.fact] != row.value
    }

    assert len(stated) > 10_000
    assert untrue == wrong


def test_everything_the_packages_read_is_in_the_wheel():
    """Every file that is no module is named in pyproject.toml's package data."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    for package in ("synth", "checks", "benchmarks"):
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and path.suffix not in {".py", ".pyc"}:
                name = path.relative_to(ROOT / package).as_posix()
                assert any(fnmatch(name, pattern) for pattern in listed[package]), name


def test_a_rate_of_nothing_gives_no_labels():
    """With every rate at 0 there is no defect, no not-value and no hard negative, in any regime."""
    nothing = {"d1": "0", "d2": "0", "rest": "0", "slip": "0", "r1": "0", "r2": "0", "r3": "0", "g1": "0", "g2": "0"}
    quiet = rich(
        [], **nothing, off_beta="{rate: 0}", state="enforced: yes", alpha="0", detail="material: yes",
        date_form="iso", verdicts="verdicts: {documented: 5}", enforce_flag="yes",
    )  # fmt: skip
    for regime in ("base", "hard", "soft"):
        bundle = generate(quiet, n_cases=500, seed=4, regime=regime)

        assert bundle.answers["labels"].num_rows == bundle.answers["fates"].num_rows == 0, regime


def test_all_defects_of_the_glossary_are_planted_somewhere():
    """Each kind has its label in a shipped scenario under some regime."""
    found = Counter()
    for name in scenario_names():
        for regime in load_scenario(name).regimes:
            found.update(generate(name, n_cases=1_500, seed=6, regime=regime).answer("labels")["defect"])

    assert {kind for kind, number in found.items() if number} >= {
        "missing", "disguised_missing", "uninformative_valid", "wrong_value", "typo", "swapped", "copied_forward",
        "false_unknown", "narrative_contradiction", "narrative_missing", "narrative_truncated", "lost_in_transmission",
        "duplicate_record", "off_system", "late_entry", "not_value_honest", "date_format", "clock_format", "paraphrase",
        "rounding", "later_update",
    }  # fmt: skip
