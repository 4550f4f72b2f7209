"""Closed forms against the printed reference table, and against a slow count over simulated operators."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from benchmarks.model import (
    Operator,
    Quality,
    break_even_honesty,
    break_even_yield,
    chance_revealed,
    conditional,
    exchange_rate,
    from_spec,
    hard_stop,
    mean_quality,
    next_field_gain,
    optional,
    over_fields,
    pairwise_agreement,
    record_quality,
    record_value,
    soft_warning,
    with_not_values,
)
from synth.errors import DataError
from synth.spec import OperatorSpec

REFERENCE = Operator()
ALLOWED = with_not_values(REFERENCE)

# naive, valued, correct in system, correct of all, hidden wrong in system: design section 7, behaviour.md 4.6 and 8.
ONE_FIELD = {
    "optional": (optional(REFERENCE), (0.595, 0.595, 0.577, 0.577, 0.018)),
    "soft, 75 % overridden": (soft_warning(REFERENCE, overridden=0.75), (0.696, 0.670, 0.624, 0.624, 0.046)),
    "hard, 10 required": (hard_stop(REFERENCE, n_required=10), (1, 0.894, 0.763, 0.748, 0.131)),
    "hard, 25 required": (hard_stop(REFERENCE, n_required=25), (1, 0.874, 0.723, 0.672, 0.151)),
    "25 with not-values": (hard_stop(ALLOWED, n_required=25, retained=0.95), (1, 0.776, 0.687, 0.653, 0.089)),
}
OVER_25 = {
    "as_reported": (over_fields(REFERENCE, n_required=10), (0.757, 0.715, 0.651, 0.638, 0.063)),
    "all_25": (over_fields(REFERENCE, n_required=25), (1, 0.874, 0.723, 0.672, 0.151)),
    "unknown allowed": (over_fields(ALLOWED, n_required=25, retained=0.95), (1, 0.776, 0.687, 0.653, 0.089)),
    "all optional": (over_fields(REFERENCE, n_required=0), (0.595, 0.595, 0.577, 0.577, 0.018)),
}
SHARE = st.floats(0, 1)


def printed(quality: Quality) -> tuple[float, ...]:
    names = ("completeness_naive", "completeness_valued", "correct_in_system", "correct_of_all", "hidden_wrong")
    return tuple(round(getattr(quality, name), 3) for name in names)


@st.composite
def operators(draw):
    """Any operator: evasion shares sum to 1, not-values may be offered."""
    weights = np.array(draw(st.lists(st.integers(0, 20), min_size=4, max_size=4).filter(any)), dtype=float)
    placeholder, wrong, copied, nothing = (weights / weights.sum()).tolist()
    rates = {name: draw(SHARE) for name in ("k", "v", "eps", "h0", "c", "w", "x0", "nu", "tau")}
    return Operator(
        **rates, q_placeholder=placeholder, q_wrong=wrong, q_copy=copied, q_uninformative=nothing,
        alpha=draw(st.floats(0, 0.1)), beta=draw(st.floats(0, 0.5)),
    )  # fmt: skip


@pytest.mark.parametrize(("quality", "expected"), ONE_FIELD.values(), ids=ONE_FIELD)
def test_one_field_gives_the_printed_reference(quality, expected):
    """Each control on one field gives the five printed measures."""
    assert printed(quality) == expected


@pytest.mark.parametrize(("quality", "expected"), OVER_25.values(), ids=OVER_25)
def test_a_form_of_25_fields_gives_the_printed_reference(quality, expected):
    """Each regime over the same 25 fields gives the five printed measures."""
    assert printed(quality) == expected


def test_exchange_rates_are_the_printed_ones():
    """.44, .78 and .35, with the printed shares of records that stay (.98, .93, .95)."""
    all_25 = over_fields(REFERENCE, n_required=25, retained=0.93)

    assert round(exchange_rate(over_fields(REFERENCE, n_required=10), all_25), 2) == 0.44
    assert round(exchange_rate(optional(REFERENCE), all_25), 2) == 0.78
    assert round(exchange_rate(over_fields(ALLOWED, n_required=25, retained=0.95), all_25), 2) == 0.35


@pytest.mark.parametrize(("omega", "expected"), [(0.5, 0.02), (1, 0.19), (2, 0.41)])
def test_break_even_yield_without_exits_is_the_printed_one(omega, expected):
    """With everybody staying, y* is .02, .19 and .41 whatever is filled voluntarily."""
    for voluntary in (0.0, 0.3, 0.8):
        found = break_even_yield(eps=0.03, lucky_share=0.19, hidden_share=0.41, omega=omega, voluntary=voluntary)
        assert round(found, 2) == expected


@pytest.mark.parametrize(("retained", "expected"), [(0.95, 0.36), (0.90, 0.55), (0.85, 0.76)])
def test_losing_records_is_what_makes_a_hard_stop_expensive(retained, expected):
    """At f0 = .8 and omega = 1 the break-even yield climbs to .36, .55 and .76 as records leave."""
    found = break_even_yield(
        eps=0.03, lucky_share=0.19, hidden_share=0.41, omega=1, voluntary=0.8, retained=retained,
    )  # fmt: skip

    assert round(found, 2) == expected


def test_burden_starts_at_ten_fields():
    """h(m) and R(m) are flat up to m0 and give R .98 at 10 and .93 at 25."""
    assert REFERENCE.honesty(0) == REFERENCE.honesty(10) == 0.55
    assert round(REFERENCE.honesty(25), 3) == round(0.55 * math.exp(-0.45), 3)
    assert (round(REFERENCE.retained(10), 2), round(REFERENCE.retained(25), 2)) == (0.98, 0.93)


def test_luck_passes_for_quality():
    """A default right nine times in ten lifts correct from .577 to .942 with nobody honest."""
    lucky = replace(REFERENCE, h0=0.0, q_placeholder=0.0, q_wrong=1.0, q_copy=0.0, w=0.9, x0=0.0)

    quality = hard_stop(lucky)

    assert round(optional(lucky).correct_of_all, 3) == 0.577
    assert round(quality.correct_of_all, 3) == 0.942
    assert round(quality.informed, 3) == 0.577


@given(operator=operators(), n_required=st.integers(0, 40), overridden=SHARE, overridden_unknown=SHARE)
def test_the_parts_of_a_field_add_up(operator, n_required, overridden, overridden_unknown):
    """Right is informed plus lucky, valued is at least right plus hidden wrong, and all lie in 0 to 1."""
    warned = soft_warning(operator, overridden=overridden, overridden_unknown=overridden_unknown)
    for quality in (optional(operator), hard_stop(operator, n_required=n_required), warned):
        assert quality.correct_of_all == pytest.approx(quality.informed + quality.lucky, abs=1e-12)
        assert quality.correct_of_all == pytest.approx(quality.capture_rate * quality.correct_in_system, abs=1e-12)
        assert quality.correct_in_system + quality.hidden_wrong <= quality.completeness_valued + 1e-9
        assert quality.completeness_valued <= quality.completeness_naive + 1e-12 <= 1 + 1e-9


@given(operator=operators())
def test_a_warning_nobody_overrides_is_a_hard_stop_nobody_leaves(operator):
    """Overriding always is optional, overriding never is a hard stop without exits."""
    assert soft_warning(operator, overridden=1).correct_in_system == pytest.approx(
        optional(operator).correct_in_system, abs=1e-12
    )
    assert soft_warning(operator, overridden=0).hidden_wrong == pytest.approx(
        hard_stop(operator, n_required=1, retained=1).hidden_wrong, abs=1e-12
    )


@settings(suppress_health_check=[HealthCheck.filter_too_much])  # many operators have no break-even
@given(operator=operators(), n_required=st.integers(1, 40), omega=st.floats(0, 5), retained=st.floats(0.3, 1))
def test_break_even_honesty_is_where_the_two_controls_are_worth_the_same(operator, n_required, omega, retained):
    """At h* a hard stop, with or without not-values, has the net right of the optional field."""
    honesty = break_even_honesty(operator, omega=omega, retained=retained) if operator.gap else math.nan
    assume(0 <= honesty <= 1)

    forced = hard_stop(replace(operator, h0=honesty, beta=0), n_required=n_required, retained=retained)

    assert forced.net_right(omega) == pytest.approx(optional(operator).net_right(omega), abs=1e-6)


@settings(suppress_health_check=[HealthCheck.filter_too_much])  # many operators have no break-even
@given(operator=operators(), omega=st.floats(0, 5), retained=st.floats(0.3, 1))
def test_break_even_yield_and_honesty_agree(operator, omega, retained):
    """Without not-values h* is y* (1 - k v) / (k (1 - v))."""
    operator = replace(operator, nu=0, tau=0)
    known = operator.k * (1 - operator.v)
    assume(known > 1e-6)
    honesty = break_even_honesty(operator, omega=omega, retained=retained)
    assume(not math.isnan(honesty))

    share = break_even_yield(
        eps=operator.eps, lucky_share=operator.lucky_share, hidden_share=operator.hidden_share, omega=omega,
        voluntary=operator.voluntary, retained=retained,
    )  # fmt: skip

    assert honesty == pytest.approx(share * operator.gap / known, rel=1e-6, abs=1e-6)


@given(
    required=st.lists(operators(), max_size=6),
    candidate=operators(),
    others=st.lists(operators(), max_size=4),
    omega=st.floats(0, 5),
    burden=st.tuples(st.floats(0, 0.1), st.floats(0, 0.5), st.floats(0, 0.5), st.integers(0, 5)),
)
def test_the_gain_of_one_more_field_is_the_difference_of_the_records(required, candidate, others, omega, burden):
    """The formula for the next field is the record's net right after, less before, computed field by field."""
    alpha, beta, x0, m0 = burden
    required, (candidate,), others = (
        [replace(o, nu=0, tau=0, alpha=alpha, beta=beta, x0=x0, m0=m0) for o in group]
        for group in (required, [candidate], others)
    )
    before, after = len(required), len(required) + 1
    stays_before, stays_after = candidate.retained(before), candidate.retained(after)

    def record(forced, free, n_required, retained):
        value = sum(hard_stop(o, n_required=n_required, retained=1).net_right(omega) for o in forced)
        return retained * (value + sum(optional(o).net_right(omega) for o in free))

    gain = next_field_gain(required, candidate, others, omega=omega)

    expected = record([*required, candidate], others, after, stays_after)
    expected -= record(required, [candidate, *others], before, stays_before)
    assert gain == pytest.approx(expected, abs=1e-9)


def test_a_simulated_operator_agrees_with_the_closed_form():
    """200,000 forced fields, drawn step by step, give the closed form within four standard errors."""
    n, rng, operator = 200_000, np.random.default_rng(3), with_not_values(REFERENCE)
    known, volunteers, honest, slips = (rng.random(n) < p for p in (0.85, 0.70, 0.50, 0.03))
    unknown_says_so, knower_dodges, copy_holds, default_holds = (rng.random(n) < p for p in (0.7, 0.3, 0.40, 0.25))
    evasion = rng.choice(["placeholder", "wrong", "copy"], n, p=[0.40, 0.35, 0.25])

    voluntary = known & volunteers
    told = voluntary | (known & ~volunteers & honest)
    not_value = ~told & np.where(known, knower_dodges, unknown_says_so)
    evaded = ~told & ~not_value
    lucky = evaded & (((evasion == "copy") & copy_holds) | ((evasion == "wrong") & default_holds))
    right = (told & ~slips) | lucky
    hidden = (told & slips) | (evaded & (evasion != "placeholder") & ~lucky)
    quality = hard_stop(operator, n_required=10)

    tolerance = 4 * 0.5 / math.sqrt(n)
    assert right.mean() == pytest.approx(quality.correct_in_system, abs=tolerance)
    assert hidden.mean() == pytest.approx(quality.hidden_wrong, abs=tolerance)
    assert (right | hidden).mean() == pytest.approx(quality.completeness_valued, abs=tolerance)


def test_accuracy_of_a_form_counts_each_valued_entry_once():
    """Accuracy over fields is right entries over valued ones, not the mean of the fields' accuracies."""
    mixed = mean_quality([(1, optional(REFERENCE)), (1, hard_stop(REFERENCE))])

    assert mixed.accuracy_valued == pytest.approx((0.57715 + 0.7628) / (0.595 + 0.8941), abs=1e-4)


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        (lambda: Operator(k=1.2), "k is 1.2"),
        (lambda: Operator(q_wrong=0.5), r"is 1.15; the kinds of evasion"),
        (lambda: over_fields(REFERENCE, n_required=26), "26 required of 25"),
        (lambda: Operator(u=-0.1), "u is -0.1"),
        (lambda: Operator(alpha=-1), "alpha is -1; it is a number of 0 or more"),
        (lambda: Operator(seconds_entry=math.inf), "seconds_entry is inf"),
        (lambda: Operator(voluntary_placeholder=0.6, voluntary_uninformative=0.6), "is 1.2; of gaps"),
        (lambda: record_quality([]), "0 fields"),
        (lambda: record_value([REFERENCE], [replace(REFERENCE, x0=0.5)], omega=1), r"stay with 0\.5, 0\.98 where 1 "),
        (lambda: conditional(REFERENCE, [REFERENCE], applies=1.5), "applies is 1.5"),
        (lambda: conditional(REFERENCE, [REFERENCE], applies=0.5, trigger_required=True), "n_required is 0"),
        (lambda: chance_revealed(0.8, 0.25, 1, layout="ring"), "unknown layout 'ring'; possible are one_copy"),
        (lambda: pairwise_agreement(0.8, 2, 1), "s is 2"),
        (lambda: from_spec(OperatorSpec(drift="0.1")), "drift is 0.1; honesty then changes with the day"),
    ],
)
def test_impossible_operators_are_refused_with_their_value(call, shown):
    """What is no chance, no share or no count of fields is named in the message."""
    with pytest.raises(DataError, match=shown):
        call()
