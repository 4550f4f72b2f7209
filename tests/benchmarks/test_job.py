"""The main job: which packs fit, what they still catch under each regime, and that its parts are about one run."""

import dataclasses

import pytest
from worlds import small

from benchmarks.job import NOT_NULL_PACK, catch, fitting_packs, main_job, score_packs, steps
from benchmarks.regimes import compare
from checks.packs import PACKS, load_pack
from synth.pipeline import generate
from synth.scenario import load_scenario


def narrowed(name):
    """Give a shipped scenario with two ranges only, which is quicker."""
    scenario = load_scenario(name)
    return scenario.model_copy(update={"ranges": {each: scenario.ranges[each] for each in ("h0", "slips")}})


@pytest.fixture(scope="module")
def job():
    return main_job(narrowed("oig-20-13"), n_cases=67, seed=4)


def test_progress_goes_step_by_step_to_the_end():
    """Progress is told in rising steps, the last of which is the number foreseen."""
    scenario, told = small(), []

    main_job(scenario, n_cases=20, progress=told.append)

    assert told == sorted(told)
    assert told[-1] <= steps(scenario)
    assert main_job(narrowed("oig-20-13"), n_cases=5, progress=told.append)
    assert told[-1] == steps(load_scenario("oig-20-13")) == 9


def test_packs_fit_the_scenario_whose_systems_they_name():
    """All packs fit the audit's scenario, with the pack before each rule's name; none fits the single form."""
    found = fitting_packs(load_scenario("oig-20-13"))

    assert list(found) == list(PACKS)
    for name, rules in found.items():
        assert [rule.id for rule in rules] == [f"{name}/{rule.id}" for rule in load_pack(name)]
    assert fitting_packs(load_scenario("reference")) == {}


def test_a_run_of_a_scenario_without_packs_has_regimes_only():
    """Where no pack fits and no audit is reported, there is no card, no catch and no replica, and no error."""
    job = main_job(narrowed("reference"), n_cases=20)

    assert job.card is None
    assert job.replica is None
    assert list(job.catches) == []
    assert list(job.contrast.tallies) == ["optional", "soft_warning", "as_reported", "all_25", "all_25_unknown_allowed"]


def test_the_parts_of_a_job_are_about_the_same_cases(job):
    """The contrast is that of `compare`, the card that of the base regime's records, on the job's seed and size."""
    contrast = compare("oig-20-13", n_cases=67, seed=4)
    bundle = generate("oig-20-13", n_cases=67, seed=4)

    assert job.contrast.to_frame().equals(contrast.to_frame())
    assert job.card.to_json() == score_packs(bundle, fitting_packs(job.scenario)).to_json()
    assert job.replica.found == {"documented": 44, "inconsistent": 11, "insufficient": 12}
    assert [found.regime for found in job.catches] == list(job.scenario.regimes)
    assert job.settings[0].right == contrast.difference("all_25", "correct_of_all").value


@pytest.mark.parametrize("regime", load_scenario("oig-20-13").regimes)
def test_what_the_not_null_pack_finds_is_the_blanks(regime):
    """Of the defects in the 25 fields of records that are there, the not-null rules find null and white space only."""
    bundle = generate("oig-20-13", n_cases=200, seed=4, regime=regime)
    records = {row["record_id"]: row for row in bundle.records["encounter"].to_pylist()}
    fields = {field for rule in load_pack(NOT_NULL_PACK) for field in rule.blames}
    defects = [row for row in bundle.answers["labels"].to_pylist()
               if row["class"] == "defect" and row["system"] == "encounter" and row["field"] in fields]  # fmt: skip

    found = catch(bundle, NOT_NULL_PACK)

    assert (found.regime, found.pack) == (regime, NOT_NULL_PACK)
    assert found.n_defects == len(defects) > 0
    blank = [not (records[row["record_id"]][row["field"]] or "").strip() for row in defects]
    assert found.n_found == sum(blank)
    assert found.sensitivity == found.n_found / found.n_defects
    nulls = sum(records[row["record_id"]][row["field"]] is None for row in defects)
    assert regime not in {"all_25", "all_25_unknown_allowed"} or nulls == 0


def test_no_defects_give_no_sensitivity(job):
    """Sensitivity of 0 of 0 is undefined."""
    none = dataclasses.replace(job.catches[0], n_defects=0, n_found=0)

    assert none.sensitivity != none.sensitivity
