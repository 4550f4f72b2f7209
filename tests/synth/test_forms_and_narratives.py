"""Every form of a fact can be read back, and texts are what slow string formatting gives."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import WORDS, read_narrative, read_surface
from worlds import LOOK, SEEDS, small

from synth.forms import clock_surfaces, date_surfaces, whole_surfaces
from synth.narratives import Narrator
from synth.pipeline import make_plan
from synth.scenario import load_scenario
from synth.spec import slots
from synth.truth import Truth


def test_every_day_can_be_read_back():
    """Each of the four forms of 1,500 days states that day."""
    for number in range(1500):
        day = (date(2030, 12, 1) + timedelta(days=number)).isoformat()

        assert [read_surface("calendar", surface) for surface in date_surfaces(day)] == [day] * 4


def test_every_time_can_be_read_back():
    """Each of the three forms of all 1,440 minutes states that time."""
    for minute in range(1440):
        text = f"{minute // 60:02d}:{minute % 60:02d}"

        assert [read_surface("time", surface) for surface in clock_surfaces(text)] == [text] * 3


def test_every_number_can_be_read_back():
    """Digits and words up to twelve, digits alone beyond."""
    for number in range(100):
        assert [read_surface("whole", surface) for surface in whole_surfaces(str(number))] == [str(number)] * 2
    assert [whole_surfaces(str(number))[1] for number in range(13)] == WORDS


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("12:00", ["12:00", "1200 hours", "12:00 p.m."]),
        ("00:00", ["00:00", "0000 hours", "12:00 a.m."]),
        ("11:59", ["11:59", "1159 hours", "11:59 a.m."]),
        ("13:01", ["13:01", "1301 hours", "1:01 p.m."]),
    ],
)
def test_noon_and_midnight(text, surfaces):
    """The forms of the times that people get wrong, by hand."""
    assert clock_surfaces(text) == surfaces


@LOOK
@given(SEEDS, st.integers(0, 10**9), st.sampled_from(["oig-20-13", "small"]))
def test_texts_are_what_plain_formatting_gives(seed, first, name):
    """Sentence by sentence: the variant and the forms the draws pick, put together by str.format; spans by find."""
    plan = make_plan(small() if name == "small" else name, seed=seed)
    index = np.arange(first, first + 20)
    truth = Truth(plan, index)
    for system, narrative in plan.scenario.narratives.items():
        facts = {fact: truth.codes(fact) for fact in plan.told[system]}
        told = Narrator(plan, system).tell(index, facts)
        said = {statement.fact: statement for statement in told.statements}
        for row, text in enumerate(told.text.to_pylist()):
            read = read_narrative(plan.scenario, system, text)
            assert read is not None, text
            assert set(read) == set(said) == set(plan.told[system])
            for fact, (value, start, end) in read.items():
                assert value == plan.domains[fact].values[facts[fact][row]]
                assert (start, end) == (said[fact].start[row], said[fact].end[row])
            rebuilt = []
            for number, variants in enumerate(narrative.sentences):
                variant = variants[told.variants[number][row]]
                rebuilt.append(variant.format(**{fact: text[slice(*read[fact][1:])] for fact in slots(variant)}))
            assert text == " ".join(rebuilt)


def test_every_variant_comes_up():
    """Over 600 cases each wording of each sentence is used."""
    plan = make_plan("oig-20-13", seed=1)
    index = np.arange(600)
    truth = Truth(plan, index)
    for system, narrative in plan.scenario.narratives.items():
        facts = {fact: truth.codes(fact) for fact in plan.told[system]}
        texts = Narrator(plan, system).tell(index, facts).text.to_pylist()
        for variants in narrative.sentences:
            for variant in variants:
                literal = max(variant.replace("}", "{").split("{")[::2], key=len)
                assert any(literal in text for text in texts), literal


def test_every_form_comes_up():
    """With hard negatives at a rate of 1 a statement takes each of the other forms and never the usual one."""
    plan = make_plan(small(r1="1", r2="1", r3="0", date_form="long", clock_form="hours"), seed=3)
    index = np.arange(300)
    truth = Truth(plan, index)
    facts = {fact: truth.codes(fact) for fact in plan.told["alpha"]}
    told = Narrator(plan, "alpha").tell(index, facts)
    used = {
        said.fact: set((said.surface % plan.forms["alpha", said.fact].n_forms).tolist()) for said in told.statements
    }

    assert used == {"day": {0, 2, 3}, "hour": {0, 2}, "state": {1}, "pages": {1}}


def test_wordings_are_kept_for_scenarios_with_the_same_narratives_alone():
    """Another seed or regime has the very same wordings; other words, rates or days have their own."""
    assert make_plan(load_scenario("oig-20-13")).segments  # before the others
    scenario = load_scenario("oig-20-13")
    for other in ("reference", "shelter-intake", "ambulance-run"):  # what was asked for long ago is kept if asked again
        assert make_plan(load_scenario(other)).segments is not None
    usual, day, hour = make_plan(scenario), ("casework", "encounter_date"), ("casework", "encounter_time")
    casework = scenario.narratives["casework"].model_copy(update={"formats": {}})
    rates = scenario.hard_negatives.model_copy(update={"rounding": 0})
    changes = {"narratives": {**scenario.narratives, "casework": casework}, "hard_negatives": rates,
               "days": scenario.days + 9}  # fmt: skip
    worded, exact, longer = (make_plan(scenario.model_copy(update={name: new})) for name, new in changes.items())

    assert make_plan(scenario, seed=2, regime="all_25").segments is usual.segments
    assert [plan.forms[day].usual for plan in (usual, worded)] == [1, 0]
    assert [plan.forms[hour].n_forms for plan in (usual, exact)] == [5, 3]
    assert len(longer.forms[day].texts) - len(usual.forms[day].texts) == 9 * 4
    assert len(longer.segments["casework"]) == len(usual.segments["casework"])
    assert make_plan(scenario).segments is usual.segments


def test_threads_that_ask_at_once_get_what_one_would():
    """Several scenarios, more than are kept, asked for by several threads; what is kept is never another's."""
    loaded = [load_scenario(name) for name in ("oig-20-13", "reference", "shelter-intake", "ambulance-run")]
    longer = [each.model_copy(update={"days": each.days + more}) for more in (0, 7) for each in loaded]
    alone = {id(each): {system: len(of) for system, of in make_plan(each).segments.items()} for each in longer}

    def asked(number):
        scenario = longer[number * 5 % len(longer)]
        return {system: len(of) for system, of in make_plan(scenario).segments.items()} == alone[id(scenario)]

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(asked, range(64)))
