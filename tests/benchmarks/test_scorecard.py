"""The scorecard: hand-counted rows, its files, and simulation error against the spread of replications."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from benchmarks.align import answer_key
from benchmarks.counts import Counts, count
from benchmarks.scorecard import Scorecard, score, tabulate
from checks import InSet, NotNull, Rule, evaluate
from synth.errors import DataError
from synth.pipeline import generate
from synth.scenario import load_scenario

RULES = [
    Rule("given", NotNull("time"), system="a"),
    Rule("listed", InSet("place", ("north", "south")), system="a", null_policy="fail"),
    Rule("noted", NotNull("note"), system="b"),
]
# Four cases, one record in a and b each: 8 records, 12 cells (time and place in a, note in b).
RECORDS = {
    "a": pd.DataFrame(
        {
            "record_id": ["a1", "a2", "a3", "a4"],
            "time": ["09:00", None, None, "10:00"],
            "place": ["north", "x", None, "south"],
        }
    ),
    "b": pd.DataFrame({"record_id": ["b1", "b2", "b3", "b4"], "note": [None, "seen", "seen", "seen"]}),
}
LABELS = pd.DataFrame(
    [
        ("defect", "a", "a2", "time", 2, "missing"),
        ("defect", "a", "a2", "place", 2, "typo"),
        ("defect", "b", "b4", "note", 4, "typo"),
        ("not_value", "a", "a3", "place", 3, None),
    ],
    columns=["class", "system", "record_id", "field", "case_id", "defect"],
)
LINKS = pd.DataFrame(
    {
        "system": list("aaaabbbb"),
        "record_id": [f"{s}{n}" for s in "ab" for n in range(1, 5)],
        "case_id": [1, 2, 3, 4] * 2,
    }
)
TRUTH = pd.DataFrame({"case_id": [1, 2, 3, 4], "verdict": ["good", "poor", "good", "poor"]})
PARTS = {"records": RECORDS, "labels": LABELS, "links": LINKS, "truth": TRUTH}


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return score(evaluate(RULES, RECORDS), **PARTS, packs={"presence": ["given", "noted"]})


def row(card, name, unit, defect="any"):
    rows = card.table.query("name == @name and unit == @unit and defect == @defect")
    assert len(rows) == 1
    return rows.iloc[0]


# name, unit: n_tp, n_fn, n_fp, n_tn, unique finds; counted by hand.
HAND = {
    ("given", "cell"): (1, 2, 1, 8, 1),  # flags a2 and a3
    ("given", "record"): (1, 1, 1, 5, 0),  # a2 is found by listed, too
    ("given", "case"): (1, 1, 1, 1, 0),
    ("listed", "cell"): (1, 2, 1, 8, 1),
    ("noted", "cell"): (0, 3, 1, 8, 0),
    ("presence", "cell"): (1, 2, 2, 7, 1),
    ("presence", "case"): (1, 1, 2, 0, 0),  # case 1 and case 3 for nothing
}


@pytest.mark.parametrize(("where", "expected"), HAND.items())
def test_counts_are_those_counted_by_hand(card, where, expected):
    """Four cases, three rules and a pack, counted on paper."""
    found = row(card, *where)

    assert tuple(found[["n_tp", "n_fn", "n_fp", "n_tn", "unique_finds"]]) == expected


def test_measures_follow_from_the_counts(card):
    """The not-null rule on time: 1 of 3 found, half of its 2 flags right, 250 flags per 1,000 records."""
    found = row(card, "given", "cell")

    assert found.sensitivity == pytest.approx(1 / 3)
    assert found.precision == pytest.approx(1 / 2)
    assert found.f1 == pytest.approx(2 / 5)
    assert found.specificity == pytest.approx(8 / 9)
    assert found.mcc == pytest.approx((1 * 8 - 1 * 2) / math.sqrt(2 * 3 * 9 * 10))
    assert found.flags_per_1000_records == 250
    assert found.flags_per_defect_found == 2


def test_one_kind_of_defect_has_a_sensitivity_and_no_precision(card):
    """A flag is not raised for one kind of defect."""
    missing = row(card, "given", "cell", "missing")

    assert (missing.n_tp, missing.n_fn, missing.sensitivity) == (1, 0, 1)
    assert pd.isna(missing.n_fp)
    assert math.isnan(missing.precision)


def test_a_pair_has_no_specificity(card):
    """At unit pair finds are cells and false alarms are rows: no share of sound units, no correlation."""
    pair = row(card, "given", "pair")

    assert (pair.n_tp, pair.n_fp, pair.precision) == (1, 1, 0.5)
    assert pd.isna(pair.n_tn)
    assert pair[["specificity", "mcc", "balanced_accuracy"]].isna().all()


def test_baselines_stand_beside_every_unit(card):
    """Flag-everything finds all at the prevalence; flag-nothing has no precision."""
    for unit, prevalence in (("cell", 3 / 12), ("record", 2 / 8), ("case", 2 / 4)):
        everything, nothing = (row(card, name, unit) for name in ("flag everything", "flag nothing"))
        assert (everything.sensitivity, everything.precision) == (1, prevalence)
        assert (nothing.sensitivity, nothing.n_flags) == (0, 0)
        assert math.isnan(nothing.precision)
        assert pd.isna(everything.unique_finds)


def test_what_a_rule_does_not_judge_it_leaves_alone():
    """A vocabulary rule that skips nulls flags the misspelt place; the null place counts as left alone."""
    lenient = Rule("listed", InSet("place", ("north", "south")), system="a")

    found = row(score(evaluate([lenient], RECORDS), **PARTS), "listed", "cell")

    assert (found.n_tp, found.n_fn, found.n_fp, found.n_tn) == (1, 2, 0, 9)


def test_the_row_for_any_defect_stands_first():
    """Whatever the defects are called, each rule's first row at a unit is about any of them."""
    renamed = PARTS | {"labels": LABELS.replace("missing", "absent")}

    table = score(evaluate(RULES, RECORDS), **renamed).table

    assert set(table.groupby(["kind", "name", "unit"])["defect"].first()) == {"any"}


def test_false_alarms_are_told_apart_by_kind(card):
    """The vocabulary rule's false alarm is an honest not-value, the presence rules' are blanks nobody asked for."""
    alarms = card.counts.alarms.query("kind == 'rule' and unit == 'cell' and n_fp > 0").groupby(
        level=["name", "negative"]
    )

    assert alarms["n_fp"].sum().to_dict() == {
        ("given", "not_asked"): 1, ("listed", "not_value"): 1, ("noted", "not_asked"): 1,
    }  # fmt: skip


def test_a_bundle_is_read_like_its_parts():
    """Generated cases score the same as a bundle and as four frames."""
    bundle = generate(load_scenario("oig-20-13"), n_cases=67, seed=1)
    flags = evaluate([Rule("given", NotNull("supervisor_code"), system="encounter")], bundle.frames())

    whole = score(flags, bundle)

    parts = {name: bundle.answer(name) for name in ("labels", "links", "truth")}
    pd.testing.assert_frame_equal(whole.table, score(flags, records=bundle.frames(), **parts).table)
    assert row(whole, "given", "cell", "missing").n_tp > 0


def test_nothing_planted_is_undefined_not_zero():
    """Without defects sensitivity is 0 of 0 in every row, and every row is still there."""
    card = score(evaluate(RULES, RECORDS), **(PARTS | {"labels": LABELS[:0]}))

    assert set(card.table["defect"]) == {"any"}
    assert card.table["sensitivity"].isna().all()
    assert len(card.table) == (3 + 1 + 2) * 4


def test_cases_without_verdicts_are_one_stratum():
    """A truth table may hold nothing but case_id."""
    card = score(evaluate(RULES, RECORDS), **(PARTS | {"truth": TRUTH[["case_id"]]}))

    assert card.counts.cases.index.unique("stratum").tolist() == ["all"]


def test_files_hold_the_table(card, tmp_path):
    """CSV and JSON hold every row; what is undefined is empty or null."""
    card.to_csv(tmp_path / "card.csv")
    read, parsed = pd.read_csv(tmp_path / "card.csv"), json.loads(card.to_json())

    assert read.columns.tolist() == card.table.columns.tolist()
    assert read["n_tp"].tolist() == [r["n_tp"] for r in parsed["rows"]] == card.table["n_tp"].tolist()
    assert [r["precision"] is None for r in parsed["rows"]] == card.table["precision"].isna().tolist()
    assert parsed["n_records"] == 8
    assert sum(r["n_fp"] for r in parsed["alarms"] if (r["name"], r["unit"]) == ("given", "cell")) == 1


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({}, "got neither"),
        ({"records": RECORDS, "labels": LABELS}, "got records, labels"),
        ({"bundle": object(), "truth": TRUTH}, "got bundle, truth"),
    ],
)
def test_half_a_truth_is_refused(given, shown):
    """Scoring needs a bundle or all four parts, and says what it got."""
    with pytest.raises(DataError, match=shown):
        score(evaluate(RULES, RECORDS), **given)


def test_simulation_error_by_hand():
    """Three cases of one stratum with 1 of 2, 2 of 2 and 0 of 1 found: the textbook ratio estimator."""
    n_tp, n = np.array([1, 2, 0]), np.array([2, 2, 1])
    records = {"a": pd.DataFrame({"record_id": list("pqrst"), "time": [None, "1", None, None, "1"]})}
    case_id = [0, 0, 1, 1, 2]
    labels = pd.DataFrame(
        {
            "class": "defect",
            "system": "a",
            "record_id": list("pqrst"),
            "field": "time",
            "case_id": case_id,
            "defect": "typo",
        }
    )
    links = pd.DataFrame({"system": "a", "record_id": list("pqrst"), "case_id": case_id})
    key = answer_key(records, labels, links, pd.DataFrame({"case_id": [0, 1, 2]}))

    card = tabulate(count(evaluate(RULES[:1], records), key))

    residual = n_tp - 3 / 5 * n
    expected = math.sqrt(3 / 2 * (residual**2).sum()) / 5
    assert row(card, "given", "cell").simulation_error_sensitivity == pytest.approx(expected)


def replications(rng, n_runs, n_cases, *, quotas):
    """Counts of n_runs independent runs, one a name, from finds and alarms drawn case by case."""
    poor = np.arange(n_cases) < n_cases // 3 if quotas else rng.random((n_runs, n_cases)) < 1 / 3
    poor = np.broadcast_to(poor, (n_runs, n_cases))
    n = 1 + rng.poisson(np.where(poor, 3, 0.5))
    ability = rng.beta(np.where(poor, 1, 4), np.where(poor, 2, 1))  # cases differ: finds within one go together
    n_tp = rng.binomial(n, ability)
    n_fp = rng.poisson(rng.gamma(1, np.where(poor, 2, 0.5)))
    frame = pd.DataFrame(
        {
            "kind": "rule",
            "name": [f"run {run:04}" for run in np.repeat(np.arange(n_runs), n_cases)],
            "unit": "cell",
            "stratum": np.where(poor, "poor", "good").ravel(),
        }
    )
    n_tp, n_fn, n_fp = n_tp.ravel(), (n - n_tp).ravel(), n_fp.ravel()
    row = ["kind", "name", "unit"]
    hits = frame.assign(
        defect="any", n_tp=n_tp, n_fn=n_fn, n_unique=0, ss_tp=n_tp**2, ss_fn=n_fn**2, sp_tp_fn=n_tp * n_fn
    )
    alarms = frame.assign(negative="none", n_fp=n_fp, n_tn=0, n_not_evaluated=0)
    cases = frame.assign(n_cases=1, n_flags=n_tp + n_fp, ss_fp=n_fp**2, sp_tp_fp=n_tp * n_fp, sp_fp_fn=n_fp * n_fn)
    return Counts(
        hits.groupby([*row, "defect", "stratum"]).sum(),
        alarms.groupby([*row, "stratum", "negative"]).sum(),
        cases.groupby([*row, "stratum"]).sum(),
        n_records=1,
    )


@pytest.mark.parametrize("quotas", [True, False])
@pytest.mark.parametrize("measure", ["sensitivity", "precision", "f1"])
def test_simulation_error_is_the_spread_of_replications(measure, quotas):
    """The mean squared simulation error equals the variance over 1,500 runs of 300 clustered cases."""
    n_runs, n_cases = 1_500, 300

    table = tabulate(replications(np.random.default_rng(4), n_runs, n_cases, quotas=quotas), quotas=quotas).table

    claimed = (table[f"simulation_error_{measure}"] ** 2).mean()
    # A variance from n_runs has a relative error of sqrt(2 / n_runs); linearising costs some 1 / n_cases more.
    tolerance = 4 * math.sqrt(2 / n_runs) + 5 / n_cases
    assert claimed == pytest.approx(table[measure].var(), rel=tolerance)


def test_quotas_and_clusters_change_the_error():
    """Counting cells as independent, or verdicts as drawn when they are fixed, would misstate the spread."""
    counts = replications(np.random.default_rng(5), 200, 300, quotas=True)
    fixed, drawn = (tabulate(counts, quotas=quotas).table for quotas in (True, False))
    n = fixed["n_tp"] + fixed["n_fn"]

    independent = np.sqrt((fixed["sensitivity"] * (1 - fixed["sensitivity"]) / n).astype(float)).mean()

    assert fixed["simulation_error_sensitivity"].mean() > 1.1 * independent
    assert fixed["simulation_error_sensitivity"].mean() < drawn["simulation_error_sensitivity"].mean()
