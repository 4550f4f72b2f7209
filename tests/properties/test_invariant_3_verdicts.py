"""Invariant 3: in the base regime the three verdicts agree; elsewhere each is what its definition says."""

import numpy as np
import pytest
from hypothesis import given
from oracles import EVASIONS, statements, verdict_of, world_of
from worlds import FIXED, LOOK, PLAIN, SMALL, bundles, gappy, parsed

from synth.pipeline import generate, sheet_of
from synth.spec import VERDICTS
from synth.verdicts import statements_of, verdict, without_evasions


def evaded_cells(world):
    """Cells whose value an evasion put there, from the fates."""
    case_of = {(link["system"], link["record_id"]): link["case_id"] for link in world.links}
    return {
        (fate["system"], case_of[fate["system"], fate["record_id"]], fate["field"])
        for fate in world.fates
        if fate["fate"] in EVASIONS and (fate["system"], fate["record_id"]) in case_of
    }


@LOOK
@given(bundles(base_only=True))
def test_three_verdicts_agree_in_the_base_regime(bundle):
    """Drawn and found by reading the records are one; so is the true one, where the base regime forces nobody."""
    world = world_of(bundle)
    evaded = evaded_cells(world)
    base = world.scenario.regimes[world.scenario.base_regime]
    quota = world.scenario.mode == "quota" or not (base.mandatory or base.soft_warning)
    for case, true in world.truth.items():
        assert verdict_of(world, case) == true["verdict"]
        if quota:
            assert verdict_of(world, case, blanked=evaded) == true["verdict"]


@LOOK
@given(bundles())
def test_the_verdict_function_is_the_plain_one(bundle):
    """On the records of any regime, the function on codes and the one on text give the same verdicts."""
    world = world_of(bundle)
    sheet, _ = sheet_of(bundle.plan, np.arange(bundle.n_cases), bundle.n_cases)
    reviewer = verdict(bundle.plan, statements_of(bundle.plan, sheet))
    true = verdict(bundle.plan, without_evasions(sheet, statements_of(bundle.plan, sheet)))
    evaded = evaded_cells(world)

    assert [VERDICTS[code] for code in reviewer] == [verdict_of(world, case) for case in world.truth]
    assert [VERDICTS[code] for code in true] == [verdict_of(world, case, blanked=evaded) for case in world.truth]


def test_one_system_cannot_disagree_with_itself():
    """A field that differs from its own narrative is no inconsistency where no other system states the fact."""
    text = SMALL.format(**{**PLAIN, "mode": "rate", "verdicts": "", "k": "0.9", "v": "0.9", "slip": "0.5"})
    beta = text[text.index('      - ["Pages: {pages}; {state}."') : text.index("hard_negatives:")]
    scenario = parsed(text.replace(beta, '      - ["Pages: {pages}."]\n'))
    bundle = generate(scenario, n_cases=400, seed=6)
    world = world_of(bundle)
    alone = [
        case
        for case, true in world.truth.items()
        if true["verdict"] == "documented"
        and world.records["beta", case]["state"] is None
        and world.records["alpha", case]["state"] not in {None, statements(world, "alpha", case).get("state")}
    ]

    assert alone
    for holds in PROPERTIES:
        holds.hypothesis.inner_test(bundle)


PROPERTIES = [
    test_three_verdicts_agree_in_the_base_regime,
    test_the_verdict_function_is_the_plain_one,
]


@pytest.mark.parametrize("regime", FIXED)
@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda test: test.__name__)
def test_it_holds_where_there_is_every_kind_of_gap(holds, regime):
    """Each property also holds of fixed cases in which everything that can go wrong does."""
    if "base_regime" in holds.__name__ and regime not in {"base", "as_reported"}:
        pytest.skip("about the base regime")
    holds.hypothesis.inner_test(gappy(regime))
