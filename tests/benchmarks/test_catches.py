"""What rule packs still catch: counted again by loops, and nothing where there is no rule."""

import dataclasses

import pytest

from benchmarks.catches import NOT_NULL_PACK, Catch, catches_of, caught, fitting_packs, own_packs
from checks.packs import load_pack
from synth.errors import RuleError
from synth.pipeline import generate
from synth.scenario import load_scenario

REGIMES = list(load_scenario("oig-20-13").regimes)


@pytest.mark.parametrize("regime", REGIMES)
def test_what_the_not_null_pack_finds_is_the_blanks(regime):
    """Of the defects in the 25 fields of records that are there, the not-null rules find null and white space only."""
    bundle = generate("oig-20-13", n_cases=200, seed=4, regime=regime)
    records = {row["record_id"]: row for row in bundle.records["encounter"].to_pylist()}
    fields = {field for rule in load_pack(NOT_NULL_PACK) for field in rule.blames}
    planted = [row for row in bundle.answers["labels"].to_pylist()
               if row["class"] == "defect" and row["field"] is not None and row["record_id"] is not None]  # fmt: skip
    defects = [row for row in planted if row["system"] == "encounter" and row["field"] in fields]

    (found,) = catches_of(bundle, {NOT_NULL_PACK: load_pack(NOT_NULL_PACK)})

    assert (found.regime, found.pack, found.n_planted) == (regime, NOT_NULL_PACK, len(planted))
    assert found.n_defects == len(defects) > 0
    forms = bundle.plan.scenario.systems["encounter"].fields
    held = [(records[row["record_id"]], row["field"]) for row in defects]
    # A branch that somebody avoided stays blank, and its record does not ask for it.
    held = [(record, field) for record, field in held
            if all(record[other] in allowed for other, allowed in forms[field].applies.items())]  # fmt: skip
    assert found.n_found == sum(not (record[field] or "").strip() for record, field in held)
    assert found.sensitivity == found.n_found / found.n_defects
    nulls = sum(record[field] is None for record, field in held)
    assert regime not in {"all_25", "all_25_unknown_allowed"} or nulls == 0


def test_a_pack_without_rules_catches_nothing():
    """Under every regime 0, whatever was planted; beside other packs as well as alone."""
    scenario = load_scenario("oig-20-13")

    for packs in ({"none": ()}, {"none": (), **fitting_packs(scenario)}):
        found = [each for each in caught(scenario, packs, n_cases=134, seed=1, regimes=REGIMES) if each.pack == "none"]
        assert [each.n_found for each in found] == [0] * len(REGIMES)
        assert all(each.n_planted > 0 for each in found)
    assert caught(scenario, {}, n_cases=134, seed=1, regimes=REGIMES) == []


def test_each_pack_alone_catches_what_it_catches_beside_others():
    """One evaluation of all rules gives the counts of each pack by itself, and each regime that of its own records."""
    scenario = load_scenario("oig-20-13")
    packs = fitting_packs(scenario)

    together = caught(scenario, packs, n_cases=134, seed=2, regimes=["as_reported", "all_25"])

    alone = [catches_of(generate(scenario, n_cases=134, seed=2, regime=regime), {name: rules})[0]
             for regime in ("as_reported", "all_25") for name, rules in packs.items()]  # fmt: skip
    assert together == alone


def test_the_not_null_rules_go_blind_as_blanks_become_camouflage():
    """Where all 25 fields are forced the pack finds a tenth at most of what share it found before."""
    found = {each.regime: each for each in caught(
        load_scenario("oig-20-13"), {NOT_NULL_PACK: load_pack(NOT_NULL_PACK)}, n_cases=670, seed=1, regimes=REGIMES
    )}  # fmt: skip

    assert found["all_25"].sensitivity < found["as_reported"].sensitivity / 10
    assert found["reason_on_close"].n_found == found["as_reported"].n_found


def test_no_defects_give_no_sensitivity():
    """Sensitivity of 0 of 0 is undefined."""
    none = dataclasses.replace(Catch("r", "p", 4, 2), n_defects=0, n_found=0)

    assert none.sensitivity != none.sensitivity


def test_a_file_without_rules_is_a_pack_only_where_that_is_allowed(tmp_path):
    """`compare` takes it, and shows zeros; elsewhere it is an oversight."""
    path = tmp_path / "mine.yaml"
    path.write_text("rules: []\n")
    scenario = load_scenario("oig-20-13")

    assert own_packs([path], scenario, may_be_empty=True) == {"mine": ()}
    with pytest.raises(RuleError, match="the list of rules is empty"):
        own_packs([path], scenario)
