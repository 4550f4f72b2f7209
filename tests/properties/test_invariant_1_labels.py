"""Invariant 1: a cell differs from what was expected if and only if exactly one label says so."""

import re
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from oracles import (
    CLASSES,
    days_between,
    expected_cell,
    luhn_is_valid,
    previous_case,
    read_narrative,
    read_record,
    silent_words,
    teller,
    truth_name,
    world_of,
)
from worlds import FIXED, LOOK, bundles, gappy


def cell_labels(world):
    """Group the labels that name a cell by (system, record_id, field)."""
    grouped = {}
    for label in world.labels:
        if label["class"] in CLASSES and label["field"] is not None:
            grouped.setdefault((label["system"], label["record_id"], label["field"]), []).append(label)
    return grouped


def is_a_value(scenario, system, field, text):
    """Whether a text is on a field's list, or has the form of its values."""
    truth = scenario.truth[truth_name(scenario, system, field)]
    if truth.kind in {"calendar", "after"}:
        return bool(re.fullmatch(r"20\d\d-\d\d-\d\d", text)) and _is_day(text)
    if truth.kind in {"reference", "officer"}:
        return luhn_is_valid(re.sub(r"\D", "", text))
    if truth.kind == "time":
        return bool(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text))
    if truth.kind == "whole":
        return text.isdigit() and truth.first <= int(text) <= truth.last and text == str(int(text))
    if truth.kind == "choice":
        return text in truth.values
    number = text.removeprefix(f"{truth.prefix}-")
    return (
        text.startswith(truth.prefix)
        and number.isdigit()
        and len(number) in {1, 2, 3, 4, 5}
        and int(number) <= truth.count
    )


def _is_day(text):
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def expected_narrative(recorded, labels):
    """What the narrative would have been: the label's whole text, or the text with the wrong statement put right."""
    if not labels:
        return recorded
    (label,) = labels
    if label["defect"] != "narrative_contradiction":
        return label["expected"]
    text = recorded
    return text[: label["span_start"]] + label["expected"] + text[label["span_end"] :]


@LOOK
@given(bundles())
def test_cell_differs_iff_exactly_one_label(bundle):
    """Recorded != expected, null-aware, for exactly the cells that one label names; it shows both values."""
    world = world_of(bundle)
    labels = cell_labels(world)
    named = set(labels)
    for system, field, case, record in world.cells():
        if teller(world.scenario, system, field):
            continue
        key = (system, record["record_id"], field)
        expected = expected_cell(world.scenario, world.truth[case], system, field)
        found = labels.get(key, [])
        named.discard(key)

        assert len(found) == (record[field] != expected)
        for label in found:
            assert (label["expected"], label["recorded"], label["case_id"]) == (expected, record[field], case)
    assert all(teller(world.scenario, system, field) for system, _, field in named)
    assert {(system, record["record_id"]) for (system, _), record in world.records.items()} >= {
        key[:2] for key in named
    }


@LOOK
@given(bundles())
def test_narratives_say_the_truth_once_their_label_is_undone(bundle):
    """The expected narrative states only true facts in the system's voice; the recorded one is it, or is labelled."""
    world = world_of(bundle)
    labels = cell_labels(world)
    for system, field, case, record in world.cells():
        voice, recorded = teller(world.scenario, system, field), record[field]
        if voice is None:
            continue
        found = labels.get((system, record["record_id"], field), [])
        expected = expected_narrative(recorded, found)
        said = read_narrative(world.scenario, voice, expected)

        assert len(found) == (recorded != expected) <= 1
        assert said is not None, expected
        for fact, (value, _, _) in said.items():
            assert value == world.truth[case][fact]
        for label in found:
            span = slice(label["span_start"], label["span_end"])
            whole = label["defect"] != "narrative_contradiction"
            assert label["recorded"] == (recorded if whole else recorded[span])
            if label["defect"] == "narrative_truncated":
                assert label["expected"].startswith(recorded)
                assert len(recorded) < len(label["expected"])


@LOOK
@given(bundles())
def test_the_kind_of_a_label_is_what_the_cell_shows(bundle):
    """Null is missing, a placeholder is disguised, a not-value is unknown, the previous case's value is copied."""
    world = world_of(bundle)
    by_record = {(system, record["record_id"]): record for (system, _), record in world.records.items()}
    fates = {(fate["system"], fate["record_id"], fate["field"]): fate["fate"] for fate in world.fates}
    for key, found in cell_labels(world).items():
        system, record_id, field = key
        recorded = by_record[system, record_id][field]
        placeholders, not_values = silent_words(world.scenario, system, field)
        (label,) = found
        kind, case = label["defect"], label["case_id"]
        voice = teller(world.scenario, system, field)
        if voice:
            gone = {"narrative_missing"} if voice == system else {"narrative_missing", "lost_in_transmission"}
            assert (recorded is None) == (kind in gone)
        else:
            assert (recorded is None) == (kind in {"missing", "lost_in_transmission"})
            assert kind != "narrative_contradiction"
        assert (recorded in placeholders) == (kind == "disguised_missing")
        assert (recorded in not_values) == (kind in {"not_value_honest", "false_unknown"})
        assert (label["class"] == "not_value") == (kind == "not_value_honest") == (fates.get(key) == "not_value_honest")
        spec = world.scenario.systems[system].fields[field]
        if field != "narrative" and not spec.received:
            assert (kind == "uninformative_valid") == (recorded == spec.uninformative is not None)
        if kind in {"wrong_value", "swapped"}:
            assert is_a_value(world.scenario, system, field, recorded)
        if kind == "typo":
            assert not is_a_value(world.scenario, system, field, recorded)
        if kind == "copied_forward" and not spec.received:
            before = previous_case(world, case)
            assert before is not None
            if field != "narrative":
                assert recorded == expected_cell(world.scenario, world.truth[before], system, field)
            else:
                said = read_narrative(world.scenario, system, recorded)
                assert said is not None, recorded
                assert {fact: value for fact, (value, _, _) in said.items()} == {
                    f: world.truth[before][f] for f in said
                }


@LOOK
@given(bundles())
def test_a_record_is_absent_iff_one_label_says_so(bundle):
    """Each lost record has one label without record and field, each second or late one a label without a field."""
    world = world_of(bundle)
    absent = Counter((label["system"], label["case_id"]) for label in world.labels if label["defect"] == "off_system")
    missing = {
        (system, case)
        for system in world.scenario.systems
        for case in world.truth
        if (system, case) not in world.records
    }

    assert absent == Counter(missing)
    for label in world.labels:
        whole = label["defect"] in {"off_system", "duplicate_record", "late_entry"}
        assert (label["field"] is None) == whole
        assert (label["record_id"] is None) == (label["defect"] == "off_system")


@LOOK
@given(bundles())
def test_a_record_stands_twice_iff_one_label_says_so(bundle):
    """A second record has one label that names the first, and holds what that holds; nothing else is said of it."""
    world = world_of(bundle)
    labels = {
        (label["system"], label["record_id"]): label for label in world.labels if label["defect"] == "duplicate_record"
    }
    named = {(said["system"], said["record_id"]) for said in (*world.labels, *world.fates)} - set(labels)

    assert len(labels) == len(world.seconds)
    for system, case, record in world.seconds:
        first, label = world.records[system, case], labels.pop((system, record["record_id"]))
        assert (label["other_system"], label["other_record_id"]) == (system, first["record_id"])
        assert {**record, "record_id": None} == {**first, "record_id": None}
        assert (system, record["record_id"]) not in named
    assert not labels


@LOOK
@given(bundles())
def test_late_entries_are_those_stamped_too_late(bundle):
    """A record is labelled late if and only if the day it is stamped with is later than it may be."""
    world = world_of(bundle)
    late = Counter((label["system"], label["case_id"]) for label in world.labels if label["defect"] == "late_entry")
    found = Counter()
    for (system, case), record in world.records.items():
        for field, spec in world.scenario.systems[system].fields.items():
            truth = world.scenario.truth.get(truth_name(world.scenario, system, field) or "")
            if spec.stamped and truth is not None and truth.kind == "after" and truth.late is not None:
                days = days_between(world.truth[case][truth.of], record[field])
                found[system, case] += days > truth.days[1]

    assert late == +found


@LOOK
@given(bundles())
def test_swaps_come_in_twos(bundle):
    """The two labels of a swap share a number no other has, and each field holds what the other should."""
    groups = {}
    for label in world_of(bundle).labels:
        assert (label["group"] is not None) == (label["defect"] == "swapped")
        if label["group"] is not None:
            groups.setdefault(label["group"], []).append(label)
    for one, other in groups.values():
        assert (one["recorded"], other["recorded"]) == (other["expected"], one["expected"])
        assert (one["system"], one["record_id"]) == (other["system"], other["record_id"])


@LOOK
@given(bundles())
def test_hard_negatives_are_the_same_fact_in_other_words(bundle):
    """Every pair of narratives with one value in two forms is one hard negative, and nothing else is."""
    world = world_of(bundle)
    labelled = Counter()
    texts = {(system, record["record_id"]): record.get("narrative") for (system, _), record in world.records.items()}
    for label in world.labels:
        if label["class"] != "hard_negative":
            continue
        here = texts[label["system"], label["record_id"]][label["span_start"] : label["span_end"]]
        there = texts[label["other_system"], label["other_record_id"]]
        there = there[label["other_span_start"] : label["other_span_end"]]
        labelled[label["case_id"], label["fact"], label["system"], label["other_system"]] += 1

        assert (label["recorded"], label["expected"]) == (here, there)
        assert here != there

    assert labelled == hard_pairs(world)


def hard_pairs(world):
    """Find by reading: pairs of narratives of a case that state one value of a shared fact in two different forms."""
    pairs = {}
    scenario = world.scenario
    systems = list(scenario.narratives)
    for case in world.truth:
        said = {}
        for system in systems:
            text = world.records.get((system, case), {}).get("narrative")
            said[system] = {fact: (v, text[s:e]) for fact, (v, s, e) in read_record(world, system, case).items()}
        for place, one in enumerate(systems):
            for other in systems[place + 1 :]:
                for fact in set(said[one]) & set(said[other]) & set(scenario.shared_facts):
                    (value, surface), (value_there, surface_there) = said[one][fact], said[other][fact]
                    if value == value_there and surface != surface_there:
                        pairs[case, fact, one, other] = 1
    return pairs


@LOOK
@given(bundles())
def test_numbers_and_names_of_labels(bundle):
    """A label has a number of its own, its case's number, its record's case, and no kind without a class."""
    world = world_of(bundle)
    case_of = {(link["system"], link["record_id"]): link["case_id"] for link in world.links}
    numbers = [label["label_id"] for label in world.labels]

    assert len(set(numbers)) == len(numbers)
    assert numbers == sorted(numbers)
    for label in world.labels:
        assert label["label_id"] // 4096 == label["case_id"]
        if label["record_id"] is not None:
            assert case_of[label["system"], label["record_id"]] == label["case_id"]
        if label["other_record_id"] is not None:
            assert case_of[label["other_system"], label["other_record_id"]] == label["case_id"]
        assert (label["detectable_by"] is None) == (label["class"] != "defect")


PROPERTIES = [
    test_cell_differs_iff_exactly_one_label,
    test_narratives_say_the_truth_once_their_label_is_undone,
    test_the_kind_of_a_label_is_what_the_cell_shows,
    test_a_record_is_absent_iff_one_label_says_so,
    test_a_record_stands_twice_iff_one_label_says_so,
    test_late_entries_are_those_stamped_too_late,
    test_swaps_come_in_twos,
    test_hard_negatives_are_the_same_fact_in_other_words,
    test_numbers_and_names_of_labels,
]


@pytest.mark.parametrize("regime", FIXED)
@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda test: test.__name__)
def test_it_holds_where_there_is_every_kind_of_gap(holds, regime):
    """Each property also holds of fixed cases in which everything that can go wrong does."""
    holds.hypothesis.inner_test(gappy(regime))
