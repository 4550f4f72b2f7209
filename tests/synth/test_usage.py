"""Usage classes and not-values of single fields: who offers "unknown", and what a group's name stands for."""

import pytest
from worlds import PLAIN, SMALL, parsed

from synth.errors import ScenarioError
from synth.pipeline import generate, make_plan
from synth.spec import GROUPS

TEXT = SMALL.format(**PLAIN | {"mode": "rate", "verdicts": ""})
DESK, DUE, PAGES = "desk: {needed: yes,", "due: {gap", "pages: {needed: yes, gap: 0.3}"
CHANGES = [
    (DESK, "desk: {usage: mandatory, needed: yes,"),
    (DUE, "due: {usage: required, not_values: [not-known], gap"),
    (PAGES, "pages: {usage: optional, not_values: [], gap: 0.3}"),
    (
        "mandatory: {alpha: [needed, due], beta: [pages, desk], card: pages}",
        "mandatory: {alpha: [mandatory, required]}",
    ),
]


def changed(*changes):
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_a_field_offers_its_own_not_values_or_those_of_the_scenario_or_none():
    """Mandatory usage: none. A list of its own: that list, also an empty one. Neither: the scenario's."""
    entries = make_plan(parsed(changed(*CHANGES))).dictionary

    offered = {name: entries["alpha", name].not_values for name in ("desk", "due", "flag", "narrative", "ref")}
    assert offered == {
        "desk": (), "due": ("not-known",), "flag": ("unknown", "not-asked"), "narrative": (), "ref": (),
    }  # fmt: skip
    assert entries["beta", "pages"].not_values == ()


def test_a_regime_can_name_usages_instead_of_fields():
    """`alpha: [mandatory, required]` insists on the fields of these usages and on no other."""
    plan = make_plan(parsed(changed(*CHANGES)), regime="unknown")

    assert plan.controls.mandatory == {("alpha", "desk"), ("alpha", "due")}


def test_where_unknown_is_an_answer_it_is_the_fields_own_and_never_of_a_mandatory_field():
    """In the records of 2,000 cases the required field says `not-known` where it must, the mandatory one never."""
    frame = generate(parsed(changed(*CHANGES)), n_cases=2_000, seed=5, regime="unknown").frames()["alpha"]

    words = {"unknown", "not-asked", "not-known"}
    assert words & set(frame["due"].astype(str)) == {"not-known"}
    assert not words & set(frame["desk"].astype(str))
    assert not frame[["desk", "due"]].isna().any(axis=None)


@pytest.mark.parametrize("name", GROUPS)
def test_a_field_cannot_be_called_what_a_group_is_called(name):
    """`mandatory: {card: needed}` would be read in two ways if a field were called so."""
    text = changed(("      pages: {needed: yes, gap: 0.1, pick_list: yes}", f"      {name}: {{truth: pages}}"))

    with pytest.raises(ScenarioError, match=f"'{name}' is what regimes call all fields that are so"):
        parsed(text)


REFUSED = [
    ((DESK, "desk: {usage: mandatry, needed: yes,"), "usage: .*'mandatory', 'required', 'recommended' or 'optional'"),
    ((DESK, "desk: {usage: mandatory, not_values: [unknown], needed: yes,"), "of mandatory usage, so it offers no"),
    ((DESK, "desk: {not_values: [DSK-3], needed: yes,"), "'DSK-3' is a value of 'desk' and a not-value"),
    ((DESK, "desk: {not_values: [XXX], needed: yes,"), "'XXX' is a placeholder and a not-value"),
    ((DESK, "desk: {not_values: [a, a], needed: yes,"), "'a' is listed 2 times. List it once"),
    ((DUE, "due: {not_values: [2031-01-01], gap"), "'2031-01-01' is a value of 'due' and a not-value"),
    ((PAGES, "pages: {not_values: ['4']}"), "'4' is a value of 'pages' and a not-value"),
    (("hour: {needed: yes,", "hour: {not_values: ['10:00'], needed: yes,"), "'10:00' is a value of 'hour'"),
    (("      flag: {", "      flag: {not_values: [no], "), "'no' is a value of 'flag' and a not-value"),
    (("ref: {stamped: yes}", "ref: {stamped: yes, not_values: [x]}"), "'ref' has no coded answers"),
    (("[unknown, not-asked]", "[unknown, unknown]"), "'unknown' is listed 2 times"),
    (("[unknown, not-asked]", "[unknown, 'no']"), "'no' is a value of 'flag' and a not-value"),
    ((DUE, "due: {not_values: [null], gap"), "looks like a null"),
]


@pytest.mark.parametrize(("change", "said"), REFUSED, ids=[said[:40] for _, said in REFUSED])
def test_not_values_and_values_are_told_apart(change, said):
    """What would be a value and a not-value at once, or a not-value where none can be, is refused with its line."""
    with pytest.raises(ScenarioError, match=rf"^line [0-9]+: .*{said}"):
        parsed(changed(change))


def test_a_list_of_its_own_leaves_room_for_the_scenarios_words_as_values():
    """A choice may have the value `unknown` if the field says which not-values it offers instead."""
    text = changed(
        ("values: {p: 1, q: 3}", "values: {p: 1, unknown: 3}"),
        ("applies: {flag: yes}, material", "applies: {flag: yes}, not_values: [not-known], material"),
    )

    assert make_plan(parsed(text)).dictionary["alpha", "detail"].not_values == ("not-known",)
