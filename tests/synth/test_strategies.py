"""Strategies: what they draw keeps the invariants of generated data, and a failing test shrinks to what is wrong."""

from __future__ import annotations

import ast
import itertools
import re
from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import find, given, note, reproduce_failure, seed, settings, target
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.extra.pandas import column, data_frames

from synth.case_file import CaseFile, Label, Stated
from synth.data_dictionary import reference_texts
from synth.draft import reference_text
from synth.errors import CasegaugeError
from synth.forms import HARD_NEGATIVES
from synth.one_case import case_file
from synth.pipeline import case as generated_case
from synth.scenario import load_scenario
from synth.strategies import StrategyError, bundles, cases, frames, records

OIG = load_scenario("oig-20-13")
REGIMES = [(name, regime) for name in ("oig-20-13", "reference") for regime in load_scenario(name).regimes]
PLACEHOLDERS = {  # as the file lists them
    text
    for lists in (OIG.placeholders, OIG.novel_placeholders, load_scenario("reference").placeholders)
    for texts in lists.values()
    for text in texts
}
SEEDS = [1, *(pytest.param(number, marks=pytest.mark.slow) for number in range(2, 21))]
NOT_VALUES = {"unknown", "not-asked"}
NUMBERS = dict(enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]))
under_any_regime = st.one_of([cases(scenario, regime=regime) for scenario, regime in REGIMES])


def says(text: str | None) -> bool:
    return text is not None and text not in PLACEHOLDERS | NOT_VALUES


def true_cell(case: CaseFile, system: str, name: str) -> str | None:
    """What an error-free clerk enters: the truth, where the form asks for it."""
    scenario = load_scenario(case.scenario)
    spec = scenario.systems[system].fields[name]
    asked = all(true_cell(case, system, other) in allowed for other, allowed in spec.applies.items())
    return case.truth[scenario.truth_of(system, name)] if spec.shown and asked else None


def reviewed(case: CaseFile) -> str:
    """The verdict by reading texts: blanks among material items, then statements that differ."""
    scenario = load_scenario(case.scenario)
    for system, spec in scenario.systems.items():
        record = case.records.get(system)
        for name, field in spec.fields.items():
            if field.material and record is None:
                return "insufficient"
            asked = all(record[other] in allowed for other, allowed in field.applies.items()) if record else False
            if field.material and asked and not says(record[name]):
                return "insufficient"
    for fact, spec in scenario.shared_facts.items():
        told = [(said.system, said.value) for said in case.stated if said.fact == fact]
        told += [
            (system, case.records[system][name])
            for system, name in spec.fields.items()
            if system in case.records and says(case.records[system][name])
        ]
        if any(a != b and one != other for (one, a), (other, b) in itertools.combinations(told, 2)):
            return "inconsistent"
    return "documented"


def readings(fact: str, text: str) -> set[str]:
    """Every value a piece of narrative can be read as."""
    for pattern in ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d %b %Y"):
        try:
            return {datetime.strptime(text, pattern).date().isoformat()}  # noqa: DTZ007  # a day
        except ValueError:
            continue
    if text.startswith(("about ", "around ")):
        (exact,) = readings(fact, text.split(" ", 1)[1])
        quarter = 60 * int(exact[:2]) + int(exact[3:])
        return {f"{minute % 1440 // 60:02d}:{minute % 60:02d}" for minute in range(quarter - 8, quarter + 9)}
    for pattern in ("%H:%M", "%H%M hours", "%I:%M %p"):
        try:
            return {datetime.strptime(text.replace(".m.", "m"), pattern).strftime("%H:%M")}  # noqa: DTZ007  # a time
        except ValueError:
            continue
    numbers = {str(number) for number, word in NUMBERS.items() if text in {word, str(number)}}
    worded = [getattr(OIG.truth[fact], name, {}).items() for name in ("surfaces", "updates")]
    return numbers | {value for items in worded for value, options in items if text in options}


TOLD = {"narrative", "encounter_narrative_received"}  # running text, one's own and what a link passed on


@given(under_any_regime)
def test_cells_differ_from_the_truth_if_and_only_if_one_label_says_so(case):
    """A cell is not what an error-free clerk enters if and only if exactly one label names it."""
    named = [
        (x.system, x.field) for x in case.labels if x.label_class != "hard_negative" and x.field not in {None, *TOLD}
    ]
    differing = [
        (system, name)
        for system, record in case.records.items()
        for name in record
        if name not in {"record_id", *TOLD} and record[name] != true_cell(case, system, name)
    ]

    assert sorted(named) == sorted(differing)
    for x in case.labels:
        if (x.system, x.field) in differing:
            assert (x.recorded, x.expected) == (case.records[x.system][x.field], true_cell(case, x.system, x.field))
            assert x.record_id == case.records[x.system]["record_id"]


@given(under_any_regime)
def test_narratives_differ_from_the_truth_if_and_only_if_a_label_says_so(case):
    """A narrative is blank, cut off, or states something untrue, if and only if a label of its cell says so."""
    for system, text in case.narratives.items():
        here = [x for x in case.defects if (x.system, x.field) == (system, "narrative")]
        untrue = [said.fact for said in case.stated if said.system == system and said.value != case.truth[said.fact]]

        cut = text is not None and not text.endswith(".") and says(text)

        assert bool(here) == (not says(text) or bool(untrue) or cut)
        assert cut == (bool(here) and here[0].defect == "narrative_truncated")
        for x in here:
            if x.defect == "narrative_contradiction":
                assert text[x.span_start : x.span_end] == x.recorded
                assert case.truth[x.fact] in readings(x.fact, x.expected)
                assert x.fact in untrue
            else:
                assert x.recorded == text
                assert x.recorded != x.expected


@given(under_any_regime)
def test_the_verdict_is_what_a_reader_of_the_records_comes_to(case):
    """The verdict is the one an independent reading of the texts gives."""
    assert case.verdict == reviewed(case)


@given(under_any_regime)
def test_spans_hold_what_they_say(case):
    """The text of every span can be read as the value it states, and of nothing else."""
    for said in case.stated:
        assert said.value in readings(said.fact, case.narratives[said.system][said.start : said.end])
    for x in case.labels:
        if x.label_class == "hard_negative":
            own = case.narratives[x.system][x.span_start : x.span_end]
            other = case.narratives[x.other_system][x.other_span_start : x.other_span_end]
            assert (own, other) == (x.recorded, x.expected)
            assert readings(x.fact, own) & readings(x.fact, other)
            assert own != other


@pytest.mark.parametrize("kind", HARD_NEGATIVES)
def test_every_kind_of_legitimate_difference_comes_up(kind):
    """Some drawn case shows it, and the plainest one that does shows nothing else."""
    left = find(cases(), lambda case: any(x.defect == kind for x in case.labels))

    assert {x.defect for x in left.labels} == {kind}
    assert left.index == 0


@given(cases())
def test_systems_are_linked(case):
    """Link fields that hold what they should are equal across the systems they link."""
    wrong = {(x.system, x.field) for x in case.labels}
    for ends in OIG.links.values():
        there = {system: name for system, name in ends.items() if system in case.records}
        sound = [case.records[system][name] for system, name in there.items() if (system, name) not in wrong]
        assert len(set(sound)) <= 1
        assert len(sound) == len(ends) or wrong


@given(under_any_regime)
def test_no_cell_is_an_empty_text(case):
    """A cell is null or holds something."""
    assert all(text != "" for record in case.records.values() for text in record.values())


@given(cases(regime="all_25"))
def test_a_mandatory_field_is_never_null(case):
    """Under all_25 a needed, typed field of the encounter form is never null where the form asks."""
    record = case.records.get("encounter", {})
    for name, spec in OIG.systems["encounter"].fields.items() if record else ():
        if spec.needed and all(record[other] in allowed for other, allowed in spec.applies.items()):
            assert record[name] is not None


@pytest.mark.parametrize(("scenario", "regime"), REGIMES)
def test_a_generated_case_is_the_same_by_columns_and_alone(scenario, regime):
    """`case_file` gives the records and answers that `case` gives: both ways of making text, labels and spans agree."""
    for index in (0, 17, 70_000):
        bundle = generated_case(scenario, index, seed=11, regime=regime)

        alone = case_file(scenario, index, seed=11, regime=regime)

        assert {name: table.to_pylist() for name, table in bundle.records.items()} == {
            name: [alone.records[name]] if name in alone.records else [] for name in bundle.records
        }
        renamed = [
            {("label_class" if k == "class" else k): v for k, v in row.items()}
            for row in bundle.answers["labels"].to_pylist()
        ]
        assert [Label(**row) for row in renamed] == list(alone.labels)
        assert [Stated(**row) for row in bundle.answers["stated"].to_pylist()] == list(alone.stated)
        truth = bundle.answers["truth"].to_pylist()[0]
        assert {name: truth[name] for name in alone.truth} == alone.truth
        assert alone.case == (11, index)


@pytest.mark.parametrize("number", [0, 1, 9, 79927398, 2**32 - 1])
def test_a_reference_is_written_as_the_columns_write_it(number):
    """The check digit of one number is that of the column."""
    assert reference_text("SYN-Q", number) == reference_texts("SYN-Q", np.array([number]))[0].as_py()


@pytest.mark.parametrize(("scenario", "regime"), REGIMES)
def test_the_simplest_case_is_plain_and_right(scenario, regime):
    """Without a reason to be otherwise, a case is number 0, without defects and in the plainest words."""
    plainest = find(cases(scenario, regime=regime), lambda case: True)

    assert (plainest.index, plainest.labels, plainest.changed, plainest.reworded) == (0, (), {}, ())


@settings(max_examples=40)
@given(*(cases(verdict=verdict) for verdict in ("documented", "inconsistent", "insufficient")))
def test_a_verdict_that_is_asked_for_is_there(documented, inconsistent, insufficient):
    """A case has the verdict that was asked for."""
    assert reviewed(documented) == "documented"
    assert reviewed(inconsistent) == "inconsistent"
    assert reviewed(insufficient) == "insufficient"


@given(cases(defects=["missing"], fields=["next_court_date", "encounter.interview_done"]))
def test_a_defect_that_is_asked_for_is_there(case):
    """A case has at least one of the defects that were asked for, and none elsewhere; what it needs is made true."""
    assert case.defects
    assert all(x.defect == "missing" and x.field in {"next_court_date", "interview_done"} for x in case.defects)


@given(records("casework", defects=["disguised_missing"]))
def test_a_record_has_the_fields_of_its_form(record):
    """A record is a dictionary from the form's fields, in their order, to text or None."""
    assert list(record) == ["record_id", *OIG.systems["casework"].fields]
    assert any(text in PLACEHOLDERS for text in record.values())


@settings(max_examples=15)
@given(bundles(n_cases=3))
def test_a_bundle_of_drawn_cases_has_the_tables_of_a_bundle(some):
    """Frames, labels and links of several cases are those of their case files, with numbers of their own."""
    frames, labels, links = some.frames(), some.labels(), some.links()

    assert {name: list(frame["record_id"]) for name, frame in frames.items()} == {
        name: [record["record_id"] for case in some.cases for record in case.held(name)] for name in frames
    }
    assert list(labels["label_id"]) == [x.label_id for case in some.cases for x in case.labels]
    assert labels["label_id"].is_unique or "narrative_contradiction" in set(labels["defect"])
    assert links["record_id"].is_unique
    held = [record for case in some.cases for name in frames for record in case.held(name)]
    assert sorted(links["record_id"]) == sorted(record["record_id"] for record in held)
    assert set(links["case_id"]) == {0, 1, 2}
    assert list(labels.columns) == list(generated_case("oig-20-13", 0).answers["labels"].column_names)


def test_cases_hardly_repeat():
    """At least nine in ten cases of a run are unlike all others, apart from their numbers."""
    seen = []

    @seed(4)
    @settings(database=None, max_examples=500)
    @given(cases())
    def collect(case):
        seen.append(
            (
                tuple(case.changed.items()),
                tuple(case.narratives.values()),
                tuple((x.system, x.field, x.recorded) for x in case.defects),
            )
        )

    collect()

    assert len(set(seen)) >= 0.9 * len(seen)


# Rules as they are written by mistake: each holds on a sound case, and is wrong about one kind of defect.
BLANKS = {"missing", "narrative_missing", "disguised_missing"}


def blank_means_null(case: CaseFile) -> bool:
    """A completeness rule that does not know placeholders."""
    flagged = {(s, name) for s, record in case.records.items() for name, text in record.items() if text is None}
    return all((x.system, x.field) in flagged for x in case.defects if x.defect in BLANKS)


def conditional_fields_forgotten(case: CaseFile) -> bool:
    """A presence rule for the fields that are always asked, and no others."""
    always = {(s, name) for s, spec in OIG.systems.items() for name, field in spec.fields.items() if not field.applies}
    return all((x.system, x.field) in always for x in case.defects if x.defect == "missing")


def dates_compared_without_a_look_at_nulls(case: CaseFile) -> bool:
    """A date rule that breaks on a date that is not there."""
    try:
        return case.records["casework"]["opened_date"] >= "2000-01-01"
    except TypeError:
        return False


def silence_taken_for_agreement(case: CaseFile) -> bool:
    """A comparison of narratives that finds two narratives agreeing when one of them says nothing."""
    told = {fact: {said.value for said in case.stated if said.fact == fact} for fact in OIG.shared_facts}
    agree = all(len(values) <= 1 for values in told.values())
    return not agree or all(says(text) for text in case.narratives.values())


def fields_compared_and_narratives_not(case: CaseFile) -> bool:
    """A comparison across systems that never reads the narratives."""
    same = case.records["encounter"]["custody_status"] == case.records["casework"]["custody_status"]
    return not same or not any(x.fact == "custody_status" for x in case.defects)


def afternoon_placeholder(case: CaseFile) -> bool:
    """A time rule that takes everything after noon for a time."""
    return (case.records["encounter"]["encounter_time"] or "") < "24:00"


def white_space_is_a_text(case: CaseFile) -> bool:
    """A completeness rule that asks for a text and does not strip it."""
    return all(text is None or text.strip() for record in case.records.values() for text in record.values())


def days_are_taken_apart(case: CaseFile) -> bool:
    """A reader of days that breaks on what is no day."""
    texts = [text for record in case.records.values() for name, text in record.items() if name.endswith("_date")]
    try:
        return all(date.fromisoformat(text) for text in texts if text is not None)
    except ValueError:
        return False


def codes_have_their_letters(case: CaseFile) -> bool:
    """A rule about codes of any form that was only tried on codes."""
    record = case.records["encounter"]
    codes = {"facility_code": "FAC-", "supervisor_code": "SUP-", "research_centre": "CTR-"}
    return all(record[name] is None or record[name].startswith(letters) for name, letters in codes.items())


def first_record_taken_for_the_only_one(case: CaseFile) -> bool:
    """A count of records that takes every record for a case."""
    return len(case.held("inquiry")) <= 1


BUGGY = [
    (white_space_is_a_text, "disguised_missing"),
    (days_are_taken_apart, "typo"),
    (codes_have_their_letters, "typo"),
    (first_record_taken_for_the_only_one, "duplicate_record"),
    (blank_means_null, "disguised_missing"),
    (conditional_fields_forgotten, "missing"),
    (dates_compared_without_a_look_at_nulls, "missing"),
    (silence_taken_for_agreement, "narrative_missing"),
    (fields_compared_and_narratives_not, "narrative_contradiction"),
    (afternoon_placeholder, "disguised_missing"),
]


# Fields the plainest case does not ask for, and the true values that change when a case must ask for them.
NEEDED = {
    "interview_done": {"intake_basis", "interview_done"},
    "reason_hold_not_enforced": {"hold_outcome", "reason_hold_not_enforced"},
}


def failing(strategy, holds, number):
    """What a failing test, at default settings, is left with."""
    seen = []

    @seed(number)
    @settings(database=None)
    @given(strategy)
    def a_test(drawn):
        seen.append(drawn)
        assert holds(drawn)

    with pytest.raises(AssertionError):
        a_test()
    return seen[-1]


@pytest.mark.parametrize("number", SEEDS)
@pytest.mark.parametrize(("holds", "kind"), BUGGY, ids=lambda value: getattr(value, "__name__", value))
def test_a_failing_test_is_left_with_one_case_and_one_defect(holds, kind, number):
    """The case that remains has the one defect the rule is wrong about, and is the plainest in all else."""
    left = failing(cases(defects=[kind]), holds, number)

    assert [x.defect for x in left.labels] == [kind]
    assert (left.index, left.reworded) == (0, ())
    assert set(left.changed) <= NEEDED.get(left.labels[0].field, set())


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_value_that_matters_stays_and_nothing_else(number):
    """A failure that needs a certain value keeps that value; its defect and it are all that is not plain."""

    def sound(case: CaseFile) -> bool:
        return case.truth["custody_status"] != "released" or not case.defects

    left = failing(cases(), sound, number)

    assert left.changed == {"custody_status": "released"}
    assert len(left.labels) == 1


@pytest.mark.parametrize("number", SEEDS)
def test_a_join_that_duplicates_is_left_with_one_wrong_link(number):
    """A plain merge repeats a row where a link holds another case's number: two cases remain, one of them wrong."""

    def joined_once(some) -> bool:
        asked = [case.records["inquiry"]["subject_ref"] for case in some.cases]
        joined = [asked.count(case.records["encounter"]["subject_ref"]) for case in some.cases]
        return max(joined) <= 1

    left = failing(bundles(fields=["inquiry.subject_ref"], defects=["wrong_value"]), joined_once, number)

    assert len(left.cases) == 2
    assert [(x.defect, x.field) for case in left.cases for x in case.labels] == [("wrong_value", "subject_ref")]
    assert all(case.changed == {} for case in left.cases)


def test_target_leads_to_cases_with_more_wrong():
    """A number of a case can be aimed at, and what is found is printed with `note`."""
    most = []

    @seed(3)
    @settings(database=None, max_examples=200)
    @given(cases())
    def aim(case):
        target(float(len(case.defects)), label="defects")
        note(case)
        most.append(len(case.defects))

    aim()

    assert max(most) == 3


def test_note_prints_a_case_in_readable_lines(capsys):
    @seed(1)
    @settings(database=None)
    @given(cases(verdict="insufficient"))
    def noting(case):
        note(case)
        raise AssertionError

    with pytest.raises(AssertionError) as raised:
        noting()

    assert "CaseFile 0: insufficient, 1 defect" in raised.value.__notes__[0].splitlines()[0] + "".join(
        raised.value.__notes__
    )


def test_a_failure_is_reproduced_by_its_blob():
    """What Hypothesis prints to reproduce a failure draws the same case again."""
    seen = []

    def wrong(case):
        seen.append(case)
        assert not case.defects

    with pytest.raises(AssertionError) as raised:
        seed(1)(settings(database=None, print_blob=True)(given(cases())(wrong)))()
    version, blob = re.search(r"@reproduce_failure\('([^']+)', (b'[^']+')\)", "".join(raised.value.__notes__)).groups()
    shrunk = seen[-1]
    with pytest.raises(AssertionError):
        reproduce_failure(version, ast.literal_eval(blob))(settings(database=None)(given(cases())(wrong)))()

    assert seen[-1] == shrunk


def test_a_case_prints_what_is_wrong_first():
    """The first lines of a printed case say its verdict, the defect, and what else is not plain."""
    left = find(
        cases(verdict="inconsistent", max_defects=1),
        lambda case: case.truth["age_band"] == "55-plus" and case.defects[0].fact == "documents_attached",
    )

    assert repr(left).splitlines() == [
        "CaseFile 0: inconsistent, 1 defect",
        "  narrative_contradiction: inquiry.narrative[49:50] says '3', '2' is true (documents_attached)",
        "  all else plainest, but age_band = '55-plus' (oig-20-13, as_reported)",
    ]


def test_hypothesis_prints_the_case_so(capsys):
    """A failing test shows the case in the same lines, with the one thing wrong first."""
    with pytest.raises(AssertionError) as raised:
        failing_test()

    assert "CaseFile 0: insufficient, 1 defect" in "\n".join(raised.value.__notes__)


@seed(1)
@settings(database=None)
@given(cases(verdict="insufficient"))
def failing_test(case):
    assert case.verdict == "documented"


BAD = [
    (lambda: cases("oig-20-31"), "oig-20-31"),
    (lambda: cases(regime="all_26"), "all_26"),
    (lambda: cases(verdict="documentd"), "documentd"),
    (lambda: cases(defects=["mising"]), "mising.*Did you mean 'missing'"),
    (lambda: cases("reference", defects=["typo"]), "typo"),
    (lambda: cases("reference", defects=["off_system"]), "off_system.*optional"),
    (lambda: cases(defects=["swapped"], fields=["age_band"]), "swapped.*Possible there"),
    (lambda: cases(defects=["false_unknown"], regime="all_25"), "false_unknown.*all_25"),
    (lambda: cases(fields=["encounter_tme"]), "encounter_tme.*encounter_time"),
    (lambda: cases(fields=["encounter.hold_outcome"]), "encounter.hold_outcome"),
    (lambda: cases(fields=["encounter.case_no"], defects=["missing"]), "'missing' cannot happen"),
    (lambda: cases(verdict="documented", defects=["missing"]), "documented.*missing.*fields=.'inquiry.subject_ref'"),
    (lambda: cases(verdict="documented", defects=["narrative_contradiction"]), "documented.*narrative_contradiction"),
    (lambda: cases(verdict="inconsistent", defects=["wrong_value"]), "inconsistent.*wrong_value"),
    (lambda: cases(verdict="insufficient", defects=[]), "insufficient"),
    (lambda: cases(verdict="inconsistent", scenario="reference"), "inconsistent"),
    (lambda: cases(verdict="insufficient", max_defects=0), "1 defects are required.*0"),
    (lambda: cases(min_defects=4, max_defects=3), "4 defects.*3"),
    (lambda: cases(max_defects=-1), "-1"),
    (lambda: records("encountr"), "encountr.*Did you mean 'encounter'"),
    (lambda: records("encounter", fields=["answer"]), "answer.*encounter"),
    (lambda: records("encounter", defects=["off_system"], regime="all_25"), "off_system"),
    (lambda: bundles(n_cases=0), "n_cases 0"),
    (lambda: frames("encountr"), "encountr.*Did you mean 'encounter'"),
    (lambda: frames("encounter", min_size=3, max_size=2), "min_size 3 and max_size 2"),
    (lambda: frames("encounter", min_size=-1), "min_size -1"),
    (lambda: frames("encounter", max_size=40_000), "max_size 40000"),
    (lambda: frames("encounter", min_size="2"), "min_size '2'"),
    (lambda: frames("encounter", fields=["answer"]), "answer.*encounter"),
    (lambda: frames("encounter", defects=["duplicate_record"]), "duplicate_record"),
    (lambda: frames("encounter", regime="all_26"), "all_26"),
    (lambda: frames("encounter", scenario="oig-20-31"), "oig-20-31"),
    (lambda: frames("encounter", min_defects=4), "4 defects"),
]


@pytest.mark.parametrize(("define", "shown"), BAD, ids=[shown for _, shown in BAD])
def test_bad_input_is_refused_where_the_strategy_is_defined(define, shown):
    """What is not there, and what cannot be, is refused at once, with the value shown."""
    with pytest.raises(StrategyError, match=re.compile(shown)) as raised:
        define()

    assert isinstance(raised.value, InvalidArgument)
    assert isinstance(raised.value, CasegaugeError)
    assert "\n" not in str(raised.value)


LIKE = find(
    data_frames([column(name, dtype=str) for name in ["record_id", *OIG.systems["encounter"].fields]]),
    lambda frame: True,
)


@settings(max_examples=25)
@given(frames("encounter"), frames("encounter", max_size=0), frames("encounter", min_size=9))
def test_frames_have_the_same_columns_and_dtypes_at_any_size(some, none, many):
    """As `hypothesis.extra.pandas` gives them: rows from 0, names in one Index; the dtypes stay without rows."""
    for frame in (some, none, many):
        assert frame.columns.equals(LIKE.columns)
        assert frame.columns.dtype == LIKE.columns.dtype
        assert frame.columns.name is None
        assert isinstance(frame.index, pd.RangeIndex)
        assert (frame.index.start, frame.index.step) == (0, 1)
        assert frame.dtypes.equals(LIKE.dtypes)
    assert len(none) == 0
    assert len(many) >= 9
    assert len(some) <= 8


@pytest.mark.parametrize("number", SEEDS[:3])
def test_a_frame_shrinks_to_the_row_that_matters(number):
    """A test that fails on a placeholder is left with the row that holds it, and the plainest rest."""
    left = failing(frames("casework"), lambda frame: not frame["opened_date"].isin(PLACEHOLDERS).any(), number)

    plainest = find(frames("casework", min_size=1), lambda frame: len(frame) == 1)
    assert list(left.compare(plainest).columns.levels[0]) == ["opened_date"]


def test_a_frame_holds_a_record_twice_where_that_is_asked_for():
    left = find(frames("inquiry", min_size=2, max_size=2, defects=["duplicate_record"]), lambda frame: len(frame) > 2)

    assert len(left) == 3
    assert left["record_id"].nunique() == 3
    assert left.drop(columns="record_id").duplicated().sum() >= 1


@settings(max_examples=5)
@given(bundles(n_cases=67), frames("encounter", min_size=67, max_size=100))
def test_many_cases_are_drawn_with_the_health_checks_on(some, frame):
    assert [case.index for case in some.cases] == list(range(67))
    assert len(some.frames()["inquiry"]) >= 60
    assert 67 <= len(frame) <= 100
    some.cases[3].records.clear()  # nothing is shared with the next example


@pytest.mark.parametrize("number", SEEDS[:3])
def test_of_many_cases_one_remains_that_is_not_plain(number):
    def complete(some) -> bool:
        return all(case.records["encounter"]["age_band"] is not None for case in some.cases if case.records)

    left = failing(bundles(n_cases=67, defects=["missing"]), complete, number)

    assert [(x.defect, x.field) for case in left.cases for x in case.labels] == [("missing", "age_band")]
    assert all(case.changed == {} for case in left.cases)


def test_one_row_frames_are_read_like_those_of_a_bundle():
    """The frames of a case hold one row each, with a null where the record holds none."""
    case = find(cases(), lambda case: case.records["encounter"]["age_band"] is None)

    frames = case.frames()

    assert {name: len(frame) for name, frame in frames.items()} == {"inquiry": 1, "encounter": 1, "casework": 1}
    assert pd.isna(frames["encounter"].loc[0, "age_band"])
