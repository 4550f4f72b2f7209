"""What a field can hold, and that nothing generated looks like a person, a formula or a null."""

import re
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import luhn_is_valid, read_narrative, read_stump, silent_words, truth_name, world_of
from worlds import LOOK, SHIPPED, bundles, small

from synth.data_dictionary import Domain, date_values, dictionary_of, domain_of, reference_texts
from synth.defects import other_value
from synth.scenario import load_scenario
from synth.spots import other_code

REFERENCE = re.compile(r"SYN-[A-Z]{1,3}-\d{10}-\d")


@LOOK
@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20))
def test_references_have_ten_digits_and_a_check_digit(numbers):
    """Number and check digit pass an independent Luhn check; any one digit changed fails it."""
    for number, text in zip(numbers, reference_texts("SYN-Q", np.array(numbers)).to_pylist(), strict=True):
        digits = text.removeprefix("SYN-Q-").replace("-", "")

        assert REFERENCE.fullmatch(text)
        assert digits[:10] == f"{number:010d}"
        assert luhn_is_valid(digits)
        assert not luhn_is_valid(digits[:4] + str((int(digits[4]) + 1) % 10) + digits[5:])


def test_luhn_by_hand():
    """The textbook number 7992739871 has check digit 3."""
    assert luhn_is_valid("79927398713")
    assert not luhn_is_valid("79927398710")


def test_dates_are_every_day_from_before_the_start_to_after_the_end():
    """Sixty days before the start to 300 after the end, in order, leap days included."""
    days = date_values(date(2032, 1, 1), 366)

    assert days[60] == "2032-01-01"
    assert days[60 + 59] == "2032-02-29"
    assert days == tuple((date(2031, 11, 2) + timedelta(days=n)).isoformat() for n in range(366 + 360))


@pytest.mark.parametrize("scenario", [*SHIPPED, "small"])
def test_values_placeholders_and_not_values_are_told_apart(scenario):
    """No text stands for two codes of a field; codes of values come first, and only they are values."""
    loaded = small() if scenario == "small" else load_scenario(scenario)
    for (system, field), entry in dictionary_of(loaded).items():
        placeholders, not_values = silent_words(loaded, system, field)

        assert {*entry.placeholders, *entry.novel} == placeholders
        assert set(entry.not_values) == not_values
        if truth_name(loaded, system, field) is not None:
            assert len(set(entry.texts)) == len(entry.texts)
            first, beside = entry.domain.n_values, len(placeholders) + len(not_values)
            codes = np.array([-1, 0, first - 1, *range(first, first + beside), first + beside])
            assert entry.is_value(codes).tolist() == [False, True, True, *[False] * beside, True]
            assert entry.is_not_value(codes).sum() == len(not_values)
            shown = entry.to_arrow(codes[:-1]).to_pylist()
            assert shown[0] is None
            assert set(shown[3:]) == placeholders | not_values
            if entry.not_values:
                assert shown[3:][len(entry.placeholders)] == entry.not_values[0]


@LOOK
@given(st.data())
def test_another_value_is_another_value(data):
    """A wrong value is a value of the field, plausible and never the true one, whatever the draw."""
    scenario = load_scenario("oig-20-13")
    name = data.draw(st.sampled_from(sorted(scenario.truth)))
    domain = domain_of(scenario, name)
    low, high = (60, len(domain.values) - 31) if domain.kind == "date" else (0, domain.n_values - 1)
    true = data.draw(st.integers(low, high))
    words = np.array([0, 1, 2**31, 2**32 - 1, data.draw(st.integers(0, 2**32 - 1))], np.uint64)
    found = other_value(domain, np.full(5, true), words)
    untrue = other_value(domain, np.full(5, -1), words)

    assert (found != true).all()
    for codes in (found, untrue):
        assert (codes >= 0).all()
        assert (codes < domain.n_values).all()
    if domain.kind == "date":
        assert (np.abs(found - true) <= 30).all()
    if domain.kind == "time":
        apart = np.abs(found - true)
        assert (np.minimum(apart, 1440 - apart) >= 30).all()


def test_a_wrong_time_is_half_an_hour_off():
    """At both ends of the draws and between, a wrong time is 30 minutes off or more; 30 either way come up."""
    words = np.array([0, 2**31, 2**32 - 1], np.uint64)
    times = Domain("time", tuple(map(str, range(1440))))
    for true in range(1440):
        apart = np.abs(other_value(times, np.full(3, true), words) - true)
        found = np.minimum(apart, 1440 - apart)

        assert found[[0, 2]].tolist() == [30, 30]
        assert found[1] > 30


@given(st.integers(-1, 1439), st.integers(0, 5000))
def test_a_time_that_is_planted_by_choice_is_as_far_off(true, pick):
    """A wrong time that a strategy picks is 30 minutes off or more too, the nearest first."""
    apart = abs(other_code(Domain("time", tuple(map(str, range(1440)))), true, pick) - max(true, 0))

    assert min(apart, 1440 - apart) >= 30
    assert pick or apart in {30, 1410}


def test_every_other_value_can_be_drawn():
    """Over all draws each of the other values comes up, and as often."""
    words = (np.arange(60_000, dtype=np.uint64) * np.uint64(71_583)) & np.uint64(2**32 - 1)
    choice = other_value(Domain("choice", tuple("abcdef")), np.full(60_000, 2), words)
    days = other_value(Domain("date", tuple(map(str, range(700)))), np.full(60_000, 100), words) - 100

    assert np.ptp(np.bincount(choice)[[0, 1, 3, 4, 5]]) < 200
    assert set(days) == {*range(-30, 0), *range(1, 31)}


# Text safety: everything generated


@LOOK
@given(bundles())
def test_everything_generated_is_safe_text(bundle):
    """Every text is ASCII, does not begin like a formula, and references begin with SYN-."""
    for name, table in bundle.tables():
        for row in table.to_pylist():
            for column, value in row.items():
                if isinstance(value, str):
                    assert value.isascii(), (name, column, value)
                    assert not value.startswith(("=", "+", "@", "\t", "\r", "\n")), (name, column, value)
                    assert value == value.strip() or not value.strip(" ")
    world = world_of(bundle)
    mistyped = {
        (label["system"], label["record_id"], label["field"]) for label in world.labels if label["defect"] == "typo"
    }
    for system, field, _, record in world.cells():
        kind = getattr(world.scenario.truth.get(truth_name(world.scenario, system, field)), "kind", None)
        silent = set().union(*silent_words(world.scenario, system, field))
        assert REFERENCE.fullmatch(record["record_id"])
        if kind in {"reference", "officer"} and record[field] is not None and record[field] not in silent:
            assert REFERENCE.fullmatch(record[field]), record[field]
            valid = luhn_is_valid(re.sub(r"\D", "", record[field]))
            assert valid != ((system, record["record_id"], field) in mistyped)


@LOOK
@given(bundles())
def test_narratives_state_nothing_beside_what_is_stated(bundle):
    """Take the stated spans away and no digit is left; the stated table is what reading the text gives."""
    world = world_of(bundle)
    stated = {}
    for said in world.stated:
        stated.setdefault((said["system"], said["record_id"]), []).append(said)
    of_first = {(system, second["record_id"]): world.records[system, case]["record_id"]
                for system, case, second in world.seconds}  # fmt: skip
    held = [(system, record) for (system, _), record in world.records.items()]
    for system, record in held + [(system, record) for system, _, record in world.seconds]:
        text = record.get("narrative")
        found = stated.pop((system, record["record_id"]), [])
        read = read_narrative(world.scenario, system, text) if text is not None else None
        if (system, of_first.get((system, record["record_id"]), record["record_id"])) in world.cut_off:
            read = read_stump(world.scenario, system, text)
        if read is None:
            assert not found
            if text is not None:
                assert text in silent_words(world.scenario, system, "narrative")[0]
            continue
        assert {said["fact"]: (said["value"], said["start"], said["end"]) for said in found} == read
        assert len(found) == len(read)
        rest = "".join(
            letter for place, letter in enumerate(text) if not any(s <= place < e for _, s, e in read.values())
        )
        assert not re.search(r"\d", rest)
    assert not stated


def test_no_word_of_identity():
    """The field lists of the scenarios ask for no nationality, race, religion, exact birth date or address."""
    forbidden = re.compile(
        r"birth|nationalit|race\b|ethnic|religio|address|surname|first_name|passport|ssn", re.IGNORECASE
    )
    for name in SHIPPED:
        scenario = load_scenario(name)
        names = [*scenario.truth, *(field for spec in scenario.systems.values() for field in spec.fields)]

        assert not [field for field in names if forbidden.search(field)]
