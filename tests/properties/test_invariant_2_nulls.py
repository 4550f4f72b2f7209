"""Invariant 2: null is missing, a placeholder is not null, and no text looks like a null by accident."""

import pytest
from hypothesis import given
from oracles import silent_words, world_of
from worlds import FIXED, LOOK, bundles, gappy

LOOK_LIKE_NULLS = {"", "na", "n/a", "nan", "none", "null", "nil", "nat", "<na>", "#n/a", "-nan", "-"}


@LOOK
@given(bundles())
def test_no_empty_text_and_no_accidental_null(bundle):
    """A recorded text is never empty, and looks like a null only if the field declares it a placeholder."""
    world = world_of(bundle)
    for system, field, _, record in world.cells():
        text = record[field]
        if text is None:
            continue
        placeholders, _ = silent_words(world.scenario, system, field)

        assert text != ""
        assert text == text.strip() or text in placeholders
        assert text.lower() not in LOOK_LIKE_NULLS or text in placeholders


@LOOK
@given(bundles())
def test_missing_is_null_and_disguised_is_not(bundle):
    """The recorded value of a label is null for what is missing, and only there."""
    for label in world_of(bundle).labels:
        if label["field"] is not None:
            nothing = {"missing", "narrative_missing", "lost_in_transmission"}
            assert (label["recorded"] is None) == (label["defect"] in nothing)


@LOOK
@given(bundles())
def test_answers_hold_no_null_where_a_value_is_due(bundle):
    """Numbers, verdicts, links and statements are always there; a true value is null only where it does not apply."""
    world = world_of(bundle)
    for rows, optional in ((world.links, ()), (world.stated, ()), (world.fates, ())):
        assert not any(value is None for row in rows for key, value in row.items() if key not in optional)
    for case in world.truth.values():
        for name, truth in world.scenario.truth.items():
            when = getattr(truth, "when", {})
            met = all(case[other] in allowed for other, allowed in when.items())
            if not when and truth.kind != "after":
                assert case[name] is not None
            if not met:
                assert case[name] is None


@LOOK
@given(bundles())
def test_a_field_that_never_shows_is_null(bundle):
    """A field the scenario hides holds null in every record and has no label."""
    world = world_of(bundle)
    hidden = {(s, f) for s, spec in world.scenario.systems.items() for f, e in spec.fields.items() if not e.shown}

    assert all(record[field] is None for system, field, _, record in world.cells() if (system, field) in hidden)
    assert not hidden & {(label["system"], label["field"]) for label in world.labels}


PROPERTIES = [
    test_no_empty_text_and_no_accidental_null,
    test_missing_is_null_and_disguised_is_not,
    test_answers_hold_no_null_where_a_value_is_due,
    test_a_field_that_never_shows_is_null,
]


@pytest.mark.parametrize("regime", FIXED)
@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda test: test.__name__)
def test_it_holds_where_there_is_every_kind_of_gap(holds, regime):
    """Each property also holds of fixed cases in which everything that can go wrong does."""
    holds.hypothesis.inner_test(gappy(regime))
