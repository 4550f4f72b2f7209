"""Packs for those who ask: what they find in generated records, and that they leave sound records alone."""

import numpy as np
import pandas as pd
import pytest
from planted import host, repaired

from checks import evaluate, load_pack
from checks.packs import MORE_PACKS, PACKS, load_pack_file
from synth import generate

SYSTEMS = ("inquiry", "encounter", "casework")


@pytest.fixture(scope="module")
def made():
    """Records as reported, of 60 whole blocks of the audit."""
    return generate("oig-20-13", n_cases=4020, seed=2)


@pytest.fixture(scope="module")
def labels(made):
    return made.answer("labels")


def flags(pack, frames):
    return {result.rule.id: result for result in evaluate(load_pack(pack), frames).results}


def records(frame, mask):
    return set(frame.loc[mask, "record_id"])


def test_packs_are_described():
    """Every pack says what it asks and where it comes from; no name is in both lists."""
    for name in MORE_PACKS:
        pack = load_pack_file(name)
        assert pack.name == name
        assert pack.about.endswith(".")
        assert all(rule.reference for rule in pack.rules)
    assert set(PACKS) & set(MORE_PACKS) == set()


@pytest.fixture(scope="module")
def sound():
    """Records with every defect of a cell repaired, without second records; narratives are as they were."""
    return {system: host(f"oig-20-13/{system}") for system in SYSTEMS}


@pytest.mark.parametrize("pack", ["completeness", "conformance_25", "plausibility", "duplicates"])
def test_sound_records_are_left_alone(pack, sound):
    """No flag is raised, but for two people in a row who happen to be alike."""
    raised = {name: int(result.fail.sum()) for name, result in flags(pack, sound).items() if result.fail.any()}

    assert set(raised) <= {"previous.time", "previous.person"}
    assert sum(raised.values()) <= 5


def test_fields_of_sound_records_agree(sound):
    """What still differs between systems is a narrative, and then it is one that is labelled as a contradiction."""
    answers = repaired("oig-20-13")
    links, labels = answers.answer("links"), answers.answer("labels")
    case_of = links.set_index("record_id").case_id
    told = set(labels[labels.defect == "narrative_contradiction"].case_id)

    for name, result in flags("concordance", sound).items():
        cases = {case_of[record] for record in records(sound[result.system], result.fail)}
        assert not name.startswith("fields.") or not cases
        if name.startswith(("narrative.", "across.")):
            assert cases
            assert cases <= told


def test_late_entries_are_those_that_are_late(made, labels):
    """`entered` flags exactly the encounter records that are labelled late."""
    late = set(labels[(labels.defect == "late_entry") & (labels.system == "encounter")].record_id)
    frame = made.frames()["encounter"]

    assert records(frame, flags("timeliness", made.frames())["entered"].fail) == late
    assert late


def test_second_records_are_found(made, labels):
    """Every second record of an inquiry has the number of the first, and both are flagged."""
    twice = labels[(labels.defect == "duplicate_record") & (labels.system == "inquiry")]
    frame = made.frames()["inquiry"]

    found = records(frame, flags("duplicates", made.frames())["exact.inquiry_no"].fail)

    assert found == set(twice.record_id) | set(twice.other_record_id)


def test_blanks_are_found(made, labels):
    """What is labelled missing in a field that the pack asks for is flagged, and every flag is a blank."""
    frames = made.frames()
    found = flags("completeness", frames)
    asked = {
        (result.system, result.rule.blames[0]): result
        for name, result in found.items()
        if name.startswith(("present.", "conditional."))
    }
    missing = labels[(labels.defect == "missing") & labels.field.notna()]

    for (system, field), result in asked.items():
        blank = set(missing[(missing.system == system) & (missing.field == field)].record_id)
        flagged = records(frames[system], result.fail)
        assert set(frames[system].loc[result.fail, field].astype("str").fillna("").str.strip()) <= {""}
        if result.rule.where is None and system != "inquiry":  # a second inquiry record's blanks have no label
            assert blank <= flagged


def test_swapped_days_are_found(made, labels):
    """Every case whose days of opening and closing were taken for each other is out of order."""
    swapped = set(labels[(labels.defect == "swapped") & (labels.system == "casework")].record_id)
    frames = made.frames()

    assert swapped
    assert swapped <= records(frames["casework"], flags("plausibility", frames)["order.opened_closed"].fail)


def test_first_option_of_one_officer_is_found(made):
    """An officer who takes the first option of every list is found in each, and nobody else is."""
    frames = made.frames()
    frame = frames["encounter"].astype("str")
    officer = frame["officer_code"].value_counts().index[0]
    his = (frame["officer_code"] == officer).to_numpy()
    firsts = {"age_band": "18-24", "charge_stage": "charged", "priority_level": "level-1"}
    frames["encounter"] = frame.assign(**{name: frame[name].mask(his, first) for name, first in firsts.items()})

    found = flags("plausibility", frames)

    for name, first in firsts.items():
        fail = found[f"first_option.{name}"].fail
        assert fail.tolist() == (his & (frames["encounter"][name] == first).to_numpy()).tolist()


def test_copies_of_the_previous_case_are_found(made):
    """An officer whose narrative is that of his previous case in the order of days is found, whatever the row order."""
    frames = made.frames()
    frame = frames["encounter"].astype("str").sample(frac=1, random_state=4)
    officer = frame["officer_code"].value_counts().index[0]
    his = frame[frame["officer_code"] == officer].sort_values(["encounter_date", "entered_date"], kind="stable")
    third, fourth = his.index[2], his.index[3]
    frame.loc[[third, fourth], "narrative"] = "The same words for two cases, one after the other."

    fail = flags("plausibility", {**frames, "encounter": frame})["previous.narrative"].fail

    assert frame.index[fail].tolist() == [fourth]


LEVELS = ("1_equal", "2_length", "3_trigrams", "4_words", "5_facts")


def test_more_effort_tells_more(made, labels):
    """Facts tell contradictions from other narratives best, then words, then trigrams; equality and length do not.

    Told by Youden's J (sensitivity + specificity - 1) on the pairs of narratives that all five levels compare.
    """
    frames = made.frames()
    found = flags("narrative_effort", frames)
    links = made.answer("links")
    case_of = links[links.system == "encounter"].set_index("record_id").case_id
    between = labels.system.isin(["encounter", "casework"]) & labels.other_system.isin(["encounter", "casework"])
    wrong = labels[(labels.defect == "narrative_contradiction") & between].case_id
    contradicts = case_of.reindex(frames["encounter"]["record_id"]).isin(wrong).to_numpy()
    judged = np.logical_and.reduce([found[f"effort.{level}"].evaluated for level in LEVELS])

    sensitivity, specificity = {}, {}
    for level in LEVELS:
        fail = found[f"effort.{level}"].fail
        sensitivity[level] = fail[judged & contradicts].mean()
        specificity[level] = 1 - fail[judged & ~contradicts].mean()
    told = pd.Series(sensitivity) + pd.Series(specificity) - 1

    assert (sensitivity["1_equal"], specificity["1_equal"]) == (1, 0)  # no two are ever equal: it flags everything
    assert abs(told["2_length"]) < 0.1
    assert told["5_facts"] > told["4_words"] + 0.3 > told["3_trigrams"] + 0.3 > 0.3
    assert told["3_trigrams"] > max(told["1_equal"], told["2_length"])
