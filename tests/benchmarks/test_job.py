"""The main job: which packs fit, what they still catch under each regime, and that its parts are about one run."""

import pytest
from worlds import small

from benchmarks.catches import fitting_packs
from benchmarks.job import N_STEPS, main_job, score_packs
from benchmarks.regimes import compare
from checks.packs import PACKS, load_pack
from synth.pipeline import generate
from synth.scenario import load_scenario


@pytest.fixture(scope="module")
def job():
    return main_job(load_scenario("oig-20-13"), n_cases=67, seed=4)


def test_progress_goes_step_by_step_to_the_end():
    """Progress is told in rising steps, the last of which is the number foreseen; something is done meanwhile, once."""
    told, done = [], []

    main_job(small(), n_cases=20, progress=told.append, meanwhile=lambda: done.append(True))

    assert told == sorted(told)
    assert told[-1] == N_STEPS
    assert done == [True]


def test_packs_fit_the_scenario_whose_systems_they_name():
    """All packs fit the audit's scenario, with the pack before each rule's name; none fits the single form."""
    found = fitting_packs(load_scenario("oig-20-13"))

    assert list(found) == list(PACKS)
    for name, rules in found.items():
        assert [rule.id for rule in rules] == [f"{name}/{rule.id}" for rule in load_pack(name)]
    assert fitting_packs(load_scenario("reference")) == {}


def test_a_run_of_a_scenario_without_packs_has_regimes_only():
    """Where no pack fits and no audit is reported, there is no card, no catch and no replica, and no error."""
    job = main_job(load_scenario("reference"), n_cases=20)

    assert job.card is None
    assert job.replica is None
    assert list(job.catches) == []
    assert list(job.contrast.tallies) == ["optional", "soft_warning", "as_reported", "all_25", "all_25_unknown_allowed"]


def test_the_parts_of_a_job_are_about_the_same_cases(job):
    """The contrast is that of `compare`, the card that of the base regime's records, on the job's seed and size."""
    contrast = compare("oig-20-13", n_cases=67, seed=4)
    bundle = generate("oig-20-13", n_cases=67, seed=4)

    assert job.contrast.to_frame().equals(contrast.to_frame())
    assert job.card.to_json() == score_packs(bundle, fitting_packs(job.scenario))[0].to_json()
    assert job.replica.found == {"documented": 44, "inconsistent": 11, "insufficient": 12}
    assert [(found.regime, found.pack) for found in job.catches] == [
        (regime, pack) for regime in job.scenario.regimes for pack in job.packs
    ]
    assert list(job.settings) == []  # too few cases for a range
    assert job.comparison.sweep is None


def test_a_range_has_a_process_of_its_own_and_the_same_answer():
    """With two workers the range is worked out beside everything else, and nothing differs."""
    alone, beside = (
        main_job(load_scenario("shelter-intake"), n_cases=670, seed=2, n_settings=2, workers=workers)
        for workers in (1, 2)
    )

    assert alone.settings == beside.settings
    assert (alone.comparison.sweep.right == beside.comparison.sweep.right).all()
    assert alone.comparison.doses == beside.comparison.doses
    assert alone.settings[0].right == pytest.approx(
        alone.contrast.difference(alone.comparison.shown, "correct_of_all").value
    )
