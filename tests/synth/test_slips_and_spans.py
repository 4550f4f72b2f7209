"""Slips are as frequent as declared, left-over values among them; a span is given only where there is text."""

from decimal import Decimal

import numpy as np
import pytest

from synth.pipeline import generate, make_plan, sheet_of
from synth.scenario import load_scenario


def test_a_left_over_value_that_is_true_is_no_slip():
    """Where every slip takes the previous value, one in eight of them true, half the entries are still wrong."""
    reference = load_scenario("reference")
    operator = reference.operator.model_copy(update={"slips": Decimal("0.5"), "slip_copied": Decimal(1)})
    plan = make_plan(reference.model_copy(update={"operator": operator}), seed=11)

    sheet, _ = sheet_of(plan, np.arange(8_000), 8_000)

    entered = wrong = 0
    for (_, name), entry in sheet.entries.items():
        if name != "form_no":
            filled = entry.recorded >= 0
            entered += filled.sum()
            wrong += (filled & (entry.recorded != entry.expected)).sum()
    error = np.sqrt(0.25 / entered)
    assert wrong / entered == pytest.approx(0.5, abs=4 * error)


def test_a_record_that_was_never_made_has_no_span():
    """A contradiction whose other record was lost names no record and no place in it; the others name both."""
    labels = generate("oig-20-13", n_cases=6_000, seed=2, regime="all_25").answer("labels")
    found = labels[labels["defect"] == "narrative_contradiction"]
    lost = found["other_record_id"].isna()

    assert lost.any()
    assert (found["other_span_start"].isna() == lost).all()
    assert (found["other_span_end"].isna() == lost).all()
