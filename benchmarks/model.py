"""The operator in closed form: what a control does to measured and to true quality, without simulating.

An operator knows the true value of a field (k), fills it voluntarily if known (v), slips (eps). What is not filled
voluntarily is a gap, G = 1 - k v. Forced, a gap becomes truth (h, if known), a not-value (nu if unknown, tau if known
but dodging) or an evasion: placeholder, wrong, copied forward, uninformative. Fields are independent given the
operator, exits do not depend on content, nobody volunteers a guess: see `docs/model.md` for what that leaves out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from synth.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHARES = ("q_placeholder", "q_wrong", "q_copy", "q_uninformative")
_RATES = ("k", "v", "eps", "h0", *_SHARES, "c", "w", "x0", "nu", "tau")


@dataclass(frozen=True)
class Operator:
    """Who types: every number is a choice or an estimate, the defaults are the reference of the tests.

    Args:
        k: chance of knowing the true value at entry.
        v: chance of filling an optional field whose value is known.
        eps: chance that a value meant to be true is mistyped.
        h0: chance of telling the truth when forced, if known, before any burden.
        q_placeholder: share of evasions that are placeholders ("N/A", ".").
        q_wrong: share of evasions that are a wrong but valid value.
        q_copy: share of evasions copied forward from the previous case.
        c: chance that a copied value happens to be true.
        w: chance that a wrong pick happens to be true (a lucky default).
        x0: share of records that leave the system as soon as anything is required.
        alpha: hazard of leaving for each required field past m0.
        beta: decay of honesty for each required field past m0.
        m0: required fields an operator bears without burden.
        nu: chance of choosing an offered "unknown" when the value is unknown; 0 where it is not offered.
        tau: chance of dodging into an offered "unknown" though the value is known.
        q_uninformative: share of evasions that are a listed answer which says nothing.

    Examples:
        >>> Operator().gap
        0.405
    """

    k: float = 0.85
    v: float = 0.70
    eps: float = 0.03
    h0: float = 0.55
    q_placeholder: float = 0.40
    q_wrong: float = 0.35
    q_copy: float = 0.25
    c: float = 0.40
    w: float = 0.25
    x0: float = 0.02
    alpha: float = 0.0035
    beta: float = 0.03
    m0: int = 10
    nu: float = 0.0
    tau: float = 0.0
    q_uninformative: float = 0.0

    def __post_init__(self) -> None:
        for name in _RATES:
            if not 0 <= getattr(self, name) <= 1:
                raise DataError(f"{name} is {getattr(self, name)}; it is a chance or share between 0 and 1")
        total = sum(getattr(self, name) for name in _SHARES)
        if not math.isclose(total, 1, abs_tol=1e-9):
            raise DataError(f"{' + '.join(_SHARES)} is {total:g}; the kinds of evasion must add up to 1")

    @property
    def voluntary(self) -> float:
        """f0 = k v: filled without being made to."""
        return self.k * self.v

    @property
    def gap(self) -> float:
        """G = 1 - k v: left blank if optional."""
        return 1 - self.k * self.v

    @property
    def lucky_share(self) -> float:
        """Share g of evasions that happen to be right."""
        return self.q_copy * self.c + self.q_wrong * self.w

    @property
    def hidden_share(self) -> float:
        """Share b of evasions that are wrong and look like an answer."""
        return 1 - self.q_placeholder - self.q_uninformative - self.lucky_share

    def honesty(self, n_required: int) -> float:
        """h(m) = h0 exp(-beta max(0, m - m0)): chance of telling the truth when forced."""
        return self.h0 * math.exp(-self.beta * max(0, n_required - self.m0))

    def retained(self, n_required: int) -> float:
        """R(m) = (1 - x0) exp(-alpha max(0, m - m0)): share of records that stay; 1 if nothing is required."""
        if n_required == 0:
            return 1.0
        return (1 - self.x0) * math.exp(-self.alpha * max(0, n_required - self.m0))

    def truth_yield(self, n_required: int) -> float:
        """Share y = k (1 - v) h / G of forced gaps in which the truth is meant; NaN without gaps."""
        return self.k * (1 - self.v) * self.honesty(n_required) / self.gap if self.gap else math.nan


@dataclass(frozen=True)
class Quality:
    """Measures of one field, or the mean over several; `_of_all`, informed and lucky are of all events.

    Args:
        completeness_naive: not blank.
        completeness_valued: not blank, not a known placeholder or not-value.
        correct_in_system: right, among records in the system.
        correct_of_all: right, among all events; informed + lucky.
        informed: right because the writer knew, all events.
        lucky: right by default, guess or copy, all events.
        hidden_wrong: filled, plausible, wrong, among records in the system.
        hidden_wrong_of_all: the same among all events.
        accuracy_valued: correct among valued entries; NaN if there are none.
        capture_rate: share of events whose record is in the system.
    """

    completeness_naive: float
    completeness_valued: float
    correct_in_system: float
    correct_of_all: float
    informed: float
    lucky: float
    hidden_wrong: float
    hidden_wrong_of_all: float
    accuracy_valued: float
    capture_rate: float

    def net_right(self, omega: float) -> float:
        """Correct minus omega times hidden wrong, all events.

        Examples:
            >>> round(optional(Operator()).net_right(1), 3)
            0.559
        """
        return self.correct_of_all - omega * self.hidden_wrong_of_all


def optional(operator: Operator) -> Quality:
    """Quality of a field that may stay blank.

    Examples:
        >>> round(optional(Operator()).completeness_naive, 3)
        0.595
    """
    return _quality(operator, honesty=0.0, forced_known=0.0, forced_unknown=0.0, retained=1.0)


def hard_stop(operator: Operator, *, n_required: int = 10, retained: float | None = None) -> Quality:
    """Quality of one required field where n_required fields are required.

    Args:
        operator: nu and tau above 0 say that not-values are offered.
        n_required: fields an operator must type, m; stamped fields do not count.
        retained: share of records that stay, instead of the operator's own R(m).

    Examples:
        >>> quality = hard_stop(Operator(), n_required=10)
        >>> round(quality.completeness_naive, 3), round(quality.correct_in_system, 3), round(quality.hidden_wrong, 3)
        (1.0, 0.763, 0.131)
    """
    stays = operator.retained(n_required) if retained is None else retained
    return _quality(operator, honesty=operator.honesty(n_required), forced_known=1, forced_unknown=1, retained=stays)


def soft_warning(operator: Operator, *, overridden: float = 0.75, overridden_unknown: float | None = None) -> Quality:
    """Quality of a field that warns once and may be overridden; nobody leaves.

    Args:
        operator: who types.
        overridden: share of warnings overridden by those who know the value.
        overridden_unknown: the same for those who do not; None: the same share.

    Examples:
        >>> round(soft_warning(Operator()).correct_in_system, 3)
        0.624
    """
    other = overridden if overridden_unknown is None else overridden_unknown
    heeded, heeded_unknown = 1 - overridden, 1 - other
    return _quality(
        operator,
        honesty=operator.h0,
        forced_known=heeded,
        forced_unknown=heeded_unknown,
        retained=1.0,
    )


def over_fields(
    operator: Operator,
    *,
    n_fields: int = 25,
    n_required: int = 10,
    retained: float | None = None,
) -> Quality:
    """Mean quality over the fields of a form of which some are required and the rest optional.

    Args:
        operator: who types every field.
        n_fields: fields of the form.
        n_required: how many of them have a hard stop.
        retained: share of records that stay, instead of the operator's own R(m).

    Examples:
        >>> round(over_fields(Operator(), n_required=10).completeness_naive, 3)
        0.757
    """
    if not 0 <= n_required <= n_fields or n_fields < 1:
        raise DataError(f"got {n_required} required of {n_fields} fields; required lies between 0 and all fields")
    stays = operator.retained(n_required) if retained is None else retained
    forced = hard_stop(operator, n_required=n_required, retained=stays)
    free = _quality(operator, honesty=0.0, forced_known=0.0, forced_unknown=0.0, retained=stays)
    return mean_quality([(n_required, forced), (n_fields - n_required, free)])


def mean_quality(parts: Sequence[tuple[float, Quality]]) -> Quality:
    """Mean over groups of fields of the same records, each group weighted with its number of fields.

    Examples:
        >>> round(mean_quality([(1, optional(Operator())), (3, hard_stop(Operator()))]).completeness_naive, 3)
        0.899
    """
    total = sum(weight for weight, _ in parts)
    means = {
        name: sum(weight * getattr(quality, name) for weight, quality in parts if weight) / total
        for name in Quality.__dataclass_fields__
    }
    # A ratio of means, not a mean of ratios: each valued entry counts once.
    means["accuracy_valued"] = _quotient(means["correct_in_system"], means["completeness_valued"])
    return Quality(**means)


def exchange_rate(before: Quality, after: Quality) -> float:
    """Gain in right entries for each hidden wrong one gained, all events; NaN if hidden wrong does not change.

    The change is a loss as soon as one hidden wrong entry does more than this share of the good of one right entry.
    Reads that way only if hidden wrong entries grow.

    Examples:
        >>> as_reported = over_fields(Operator(), n_required=10, retained=0.98)
        >>> all_25 = over_fields(Operator(), n_required=25, retained=0.93)
        >>> round(exchange_rate(as_reported, all_25), 2)
        0.44
    """
    return _quotient(
        after.correct_of_all - before.correct_of_all,
        after.hidden_wrong_of_all - before.hidden_wrong_of_all,
    )


def break_even_yield(
    *,
    eps: float,
    lucky_share: float,
    hidden_share: float,
    omega: float,
    voluntary: float = 0.0,
    retained: float = 1.0,
) -> float:
    """Yield y* of forced gaps at which a hard stop is worth as much as an optional field.

    One field taken as the whole record, no not-values; harm omega of a hidden wrong entry in units of one right
    entry. Below 0: worth it even if every gap is evaded; above 1: never worth it.

    Args:
        eps: chance of a slip.
        lucky_share: share g of evasions that are right by luck.
        hidden_share: share b of evasions that are hidden wrong.
        omega: harm of one hidden wrong entry over the good of one right entry.
        voluntary: f0, share filled without being made to; it does not matter if nobody leaves.
        retained: share R of records that stay.

    Examples:
        >>> round(break_even_yield(eps=0.03, lucky_share=0.19, hidden_share=0.41, omega=1), 2)
        0.19
    """
    told, evaded = (1 - eps) - omega * eps, lucky_share - omega * hidden_share
    return _quotient(voluntary * told * (1 / retained - 1) / (1 - voluntary) - evaded, told - evaded)


def break_even_honesty(operator: Operator, *, omega: float, retained: float = 1.0) -> float:
    """Honesty h* at which a hard stop on one field, taken as the whole record, breaks even; not-values allowed.

    Above 1 no honesty pays: knowledge cannot be mandated. NaN if no forced gap hides a known value.

    Examples:
        >>> round(break_even_honesty(Operator(), omega=1), 2)
        0.31
    """
    told, evaded = _worth(operator, omega)
    known = operator.k * (1 - operator.v) / operator.gap
    unhelped = 1 - ((1 - known) * operator.nu + known * operator.tau)  # evasions if nobody told the truth
    loss = operator.voluntary * told * (1 / retained - 1) / operator.gap
    return _quotient(loss - unhelped * evaded, known * (told - (1 - operator.tau) * evaded))


def next_field_gain(
    required: Sequence[Operator],
    candidate: Operator,
    others: Sequence[Operator] = (),
    *,
    omega: float,
) -> float:
    """Gain in net right entries for each event if one more field becomes required, no not-values.

    The candidate's own gain, less what the added burden takes from the fields required before, less the records
    that leave with everything in them. Burden and exits are those of the candidate's operator.

    Args:
        required: the operator at each field that is already required.
        candidate: the operator at the field in question, optional so far.
        others: the operator at each field that stays optional.
        omega: harm of one hidden wrong entry over the good of one right entry.

    Examples:
        >>> reference = Operator()
        >>> round(next_field_gain([reference] * 10, reference, [reference] * 14, omega=1), 3)
        -0.032
    """
    if any(operator.nu or operator.tau for operator in (*required, candidate, *others)):
        raise DataError("nu or tau is above 0; next_field_gain holds without not-values, compare regimes instead")
    before, after = len(required), len(required) + 1
    stayed, stays = candidate.retained(before), candidate.retained(after)
    record = sum(_value(operator, before, omega, forced=True) for operator in required)
    record += sum(_value(operator, before, omega, forced=False) for operator in (candidate, *others))
    added = _value(candidate, after, omega, forced=True) - _value(candidate, after, omega, forced=False)
    burden = sum(
        operator.gap * (operator.truth_yield(before) - operator.truth_yield(after)) * (told - evaded)
        for operator in required
        for told, evaded in [_worth(operator, omega)]
        if operator.gap
    )
    return stays * added - stays * burden - (stayed - stays) * record


def with_not_values(operator: Operator, *, nu: float = 0.7, tau: float = 0.3, h0: float = 0.50) -> Operator:
    """Return the operator at a form that offers not-values: some who know dodge, fewer tell.

    Examples:
        >>> round(hard_stop(with_not_values(Operator()), n_required=25, retained=0.95).hidden_wrong, 3)
        0.089
    """
    return replace(operator, nu=nu, tau=tau, h0=h0)


def _quality(
    operator: Operator,
    *,
    honesty: float,
    forced_known: float,
    forced_unknown: float,
    retained: float,
) -> Quality:
    known = operator.k * (1 - operator.v) * forced_known
    unknown = (1 - operator.k) * forced_unknown
    told = known * honesty
    not_value = known * (1 - honesty) * operator.tau + unknown * operator.nu
    evaded = known + unknown - told - not_value
    filled = operator.voluntary + known + unknown
    valued = filled - not_value - evaded * operator.q_placeholder
    informed = (1 - operator.eps) * (operator.voluntary + told)
    lucky = evaded * operator.lucky_share
    hidden = operator.eps * (operator.voluntary + told) + evaded * operator.hidden_share
    return Quality(
        completeness_naive=filled,
        completeness_valued=valued,
        correct_in_system=informed + lucky,
        correct_of_all=retained * (informed + lucky),
        informed=retained * informed,
        lucky=retained * lucky,
        hidden_wrong=hidden,
        hidden_wrong_of_all=retained * hidden,
        accuracy_valued=_quotient(informed + lucky, valued),
        capture_rate=retained,
    )


def _worth(operator: Operator, omega: float) -> tuple[float, float]:
    """Value of one gap told and of one gap evaded, u_T and u_E."""
    told = (1 - operator.eps) - omega * operator.eps
    return told, operator.lucky_share - omega * operator.hidden_share


def _value(operator: Operator, n_required: int, omega: float, *, forced: bool) -> float:
    """Net right of one field within a record in the system."""
    told, evaded = _worth(operator, omega)
    if not forced or not operator.gap:
        return operator.voluntary * told
    share = operator.truth_yield(n_required)
    return operator.voluntary * told + operator.gap * (share * told + (1 - share) * evaded)


def _quotient(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else math.nan
