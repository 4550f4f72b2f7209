"""The audit replica beside the counts that were reported."""

import pytest
from hypothesis import given, settings
from worlds import SEEDS, small

from benchmarks.audit import replica
from benchmarks.regimes import compare
from synth.scenario import load_scenario


@settings(max_examples=8)
@given(SEEDS)
def test_the_replica_has_the_reported_counts_at_any_seed(seed):
    """Cases 0 to 66 of a run of 100, judged by their records, are 44, 11 and 12."""
    contrast = compare("oig-20-13", n_cases=100, seed=seed, regimes=["reason_on_close"])

    found = replica(contrast.scenario, contrast)

    assert found.n_cases == 67
    assert found.found == found.reported == {"documented": 44, "inconsistent": 11, "insufficient": 12}


def test_the_interval_is_the_published_one():
    """44 of 67: 66 %, Wilson 54-76 %; 11: 9-27 %; 12: 11-29 %."""
    contrast = compare("oig-20-13", n_cases=67, regimes=[])

    rows = replica(contrast.scenario, contrast).rows()

    assert [row["verdict"] for row in rows] == ["documented", "inconsistent", "insufficient"]
    assert [round(100 * row["share"]) for row in rows] == [66, 16, 18]
    assert [(round(100 * row["low"]), round(100 * row["high"])) for row in rows] == [(54, 76), (9, 27), (11, 29)]


def test_the_caution_says_that_the_cases_were_no_random_draw():
    """The interval is told as what it would have been, with how the cases came about."""
    contrast = compare("oig-20-13", n_cases=67, regimes=[])

    assert replica(contrast.scenario, contrast).caution() == (
        "If these had been a simple random sample, 54-76 % of cases would be documented (95 % Wilson interval of 44 of "
        "67). They were not: cases watched by the auditors at 35 hand-picked locations; no random draw, no interval "
        "stated."
    )


@pytest.mark.parametrize(("scenario", "n_cases"), [("reference", 67), ("oig-20-13", 66)])
def test_there_is_no_replica_without_an_audit_or_enough_cases(scenario, n_cases):
    """A scenario that reports no audit, or a run smaller than the audit, has no replica."""
    contrast = compare(scenario, n_cases=n_cases, regimes=[])

    assert replica(load_scenario(scenario), contrast) is None


def test_a_scenario_of_ones_own_without_an_audit_has_no_replica():
    """Quotas alone do not make an audit."""
    scenario = small()

    assert replica(scenario, compare(scenario, n_cases=70, regimes=[])) is None
