"""Measures against hand counts, identities, and their own definition over sets."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import measures

COUNT = st.integers(0, 10**6)
# Altman and Bland's worked table (BMJ 1994; liver scans): 231 found, 27 missed, 32 false alarms, 54 left alone.
SCANS = {"n_tp": 231, "n_fp": 32, "n_fn": 27, "n_tn": 54}


def test_the_published_liver_scans_give_the_published_shares():
    """Sensitivity .90, specificity .63, precision .88, as printed by Altman and Bland."""
    assert round(float(measures.sensitivity(SCANS["n_tp"], SCANS["n_fn"])), 2) == 0.90
    assert round(float(measures.specificity(SCANS["n_tn"], SCANS["n_fp"])), 2) == 0.63
    assert round(float(measures.precision(SCANS["n_tp"], SCANS["n_fp"])), 2) == 0.88


def test_precision_at_another_prevalence_is_the_published_one():
    """The same scans where a quarter of the patients are ill: .45, as printed by Altman and Bland."""
    value = measures.precision_at_prevalence(231 / 258, 54 / 86, 0.25)

    assert round(float(value), 2) == 0.45


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=60))
def test_mcc_is_the_correlation_of_two_yes_no_columns(units):
    """MCC equals Pearson's correlation of flagged with defective, undefined where a column is constant."""
    flagged, defective = np.array(units).T
    counts = [np.sum(a & b) for a in (flagged, ~flagged) for b in (defective, ~defective)]
    n_tp, n_fp, n_fn, n_tn = counts

    value = float(measures.mcc(n_tp, n_fp, n_fn, n_tn))

    if len(set(flagged)) == 1 or len(set(defective)) == 1:
        assert math.isnan(value)
    else:
        assert value == pytest.approx(np.corrcoef(flagged, defective)[0, 1], abs=1e-9)


@given(n_tp=st.integers(1, 10**6), n_fp=COUNT, n_fn=COUNT)
def test_f1_is_the_harmonic_mean(n_tp, n_fp, n_fn):
    """F1 is 2 / (1 / precision + 1 / sensitivity)."""
    expected = 2 / (1 / measures.precision(n_tp, n_fp) + 1 / measures.sensitivity(n_tp, n_fn))

    assert float(measures.f1(n_tp, n_fp, n_fn)) == pytest.approx(float(expected))


@given(n_tp=st.integers(1, 10**4), n_fp=COUNT, n_fn=COUNT, n_tn=st.integers(1, 10**4))
def test_bayes_at_the_planted_prevalence_is_the_plain_precision(n_tp, n_fp, n_fn, n_tn):
    """Put back the prevalence of the table and precision comes back."""
    prevalence = (n_tp + n_fn) / (n_tp + n_fp + n_fn + n_tn)
    found, kept = measures.sensitivity(n_tp, n_fn), measures.specificity(n_tn, n_fp)

    value = measures.precision_at_prevalence(found, kept, prevalence)

    # 1 - specificity loses digits where specificity is close to 1.
    assert float(value) == pytest.approx(float(measures.precision(n_tp, n_fp)), rel=1e-6)


@given(n_tp=COUNT, n_fp=COUNT, n_fn=COUNT, n_tn=COUNT)
def test_every_measure_stays_in_its_range(n_tp, n_fp, n_fn, n_tn):
    """Shares lie in 0 to 1, MCC in -1 to 1, or are undefined."""
    shares = [
        measures.sensitivity(n_tp, n_fn),
        measures.specificity(n_tn, n_fp),
        measures.precision(n_tp, n_fp),
        measures.f1(n_tp, n_fp, n_fn),
        measures.balanced_accuracy(n_tp, n_fp, n_fn, n_tn),
    ]

    assert all(math.isnan(share) or 0 <= share <= 1 for share in shares)
    assert not abs(measures.mcc(n_tp, n_fp, n_fn, n_tn)) > 1 + 1e-9


NOTHING = [
    measures.sensitivity(0, 0),
    measures.specificity(0, 0),
    measures.precision(0, 0),
    measures.precision_at_prevalence(0, 1, 0.2),
    measures.f1(0, 0, 0),
    measures.mcc(3, 0, 0, 0),
    measures.balanced_accuracy(3, 0, 1, 0),
    measures.flags_per_1000_records(0, 0),
    measures.flags_per_defect_found(0, 0),
]


@pytest.mark.parametrize("value", NOTHING)
def test_nothing_of_nothing_is_undefined(value):
    """0 of 0 is NaN inside and is written as undefined."""
    assert math.isnan(value)
    assert measures.describe(float(value)) == "undefined: 0 of 0"


def test_flags_without_a_find_cost_without_limit():
    """Looking at flags that find nothing has no finite price."""
    assert float(measures.flags_per_defect_found(12, 0)) == math.inf


def test_flagging_everything_is_half_of_balanced_accuracy():
    """Flag-everything finds all and spares nothing: .5."""
    assert float(measures.balanced_accuracy(7, 93, 0, 0)) == 0.5


def test_arrays_broadcast():
    """A column of rules against one total gives a column."""
    assert measures.flags_per_1000_records([1, 2, 3], 1000).tolist() == [1, 2, 3]
