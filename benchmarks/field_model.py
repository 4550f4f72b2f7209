"""One field in closed form: what a control does to measured and to true quality, without simulating.

A gap is what nobody fills of their own accord. Forced, it becomes the truth (h, if known), a not-value (nu if unknown,
tau if known but not told) or an evasion: placeholder, wrong, copied forward, uninformative. Fields are independent
given the operator, and exits do not depend on content: see `docs/model.md` for what that leaves out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.operators import Operator


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
        placeholder: placeholders of any spelling, among records in the system.
        not_value: not-values, honest or not, among records in the system.
        uninformative: listed answers that say nothing, among records in the system.
        seconds_of_all: mean seconds of entry for each event; blanks and records that were never made take none.
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
    placeholder: float
    not_value: float
    uninformative: float
    seconds_of_all: float

    def net_right(self, omega: float) -> float:
        """Correct minus omega times hidden wrong, all events.

        Examples:
            >>> round(optional(Operator()).net_right(1), 3)
            0.559
        """
        return self.correct_of_all - omega * self.hidden_wrong_of_all


@dataclass(frozen=True)
class Content:
    """What one field holds, as shares of some records: the parts that measures are made of. They can be added up.

    Args:
        filled: not blank.
        valued: of these, not a known placeholder or not-value.
        informed: right because the writer knew.
        lucky: right by default, guess or copy.
        hidden: filled, plausible, wrong.
        placeholder: placeholders of any spelling.
        not_value: not-values.
        nothing: listed answers that say nothing.
        seconds: mean seconds of entry.
    """

    filled: float
    valued: float
    informed: float
    lucky: float
    hidden: float
    placeholder: float
    not_value: float
    nothing: float
    seconds: float

    def net(self, omega: float) -> float:
        """Right less omega times hidden wrong."""
        return self.informed + self.lucky - omega * self.hidden


def optional(operator: Operator) -> Quality:
    """Quality of a field that may stay blank.

    Examples:
        >>> round(optional(Operator()).completeness_naive, 3)
        0.595
    """
    return in_system(free_content(operator), retained=1.0)


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
    return in_system(forced_content(operator, n_required), retained=stays)


def soft_warning(
    operator: Operator,
    *,
    overridden: float | None = None,
    overridden_unknown: float | None = None,
    n_required: int = 0,
) -> Quality:
    """Quality of a field that warns once and may be overridden; by itself it makes nobody leave.

    Args:
        operator: who types.
        overridden: share of warnings overridden by those who know the value; None: the operator's.
        overridden_unknown: the same for those who do not; None: the operator's if `overridden` is not given either,
            else the same share.
        n_required: fields with a hard stop in the same form; a warning does not count.

    Examples:
        >>> round(soft_warning(Operator()).correct_in_system, 3)
        0.624
    """
    knows, other = overridden, overridden_unknown
    if other is None:
        other = operator.override_unknown if knows is None else knows
    knows = operator.override if knows is None else knows
    content = gap_content(
        operator,
        honesty=operator.honesty(n_required),
        forgotten=operator.forgotten(n_required),
        heeded=1 - knows,
        heeded_unknown=1 - (knows if other is None else other),
    )
    return in_system(content, retained=operator.retained(n_required))


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
    means["accuracy_valued"] = quotient(means["correct_in_system"], means["completeness_valued"])
    return Quality(**means)


def exchange_rate(before: Quality, after: Quality) -> float:
    """Gain in right entries for each hidden wrong one gained, all events; NaN if hidden wrong does not change.

    The change is a loss as soon as one hidden wrong entry does more than this share of the good of one right entry.
    Reads that way only if hidden wrong entries grow.

    Examples:
        >>> rate = exchange_rate(optional(Operator()), hard_stop(Operator(), n_required=25, retained=0.93))
        >>> round(rate, 2)
        0.78
    """
    return quotient(
        after.correct_of_all - before.correct_of_all,
        after.hidden_wrong_of_all - before.hidden_wrong_of_all,
    )


def free_content(operator: Operator) -> Content:
    """Return what a field holds that nobody insists on, in records that are in the system."""
    return gap_content(operator, honesty=0.0, forgotten=0.0, heeded=0.0, heeded_unknown=0.0)


def forced_content(operator: Operator, n_required: int, *, honesty: float | None = None) -> Content:
    """Return what a field holds that must be filled, in records that are in the system.

    Args:
        operator: who types.
        n_required: fields an operator must type, m.
        honesty: chance of telling the truth if known, instead of the operator's own h(m).
    """
    told = operator.honesty(n_required) if honesty is None else honesty
    return gap_content(
        operator, honesty=told, forgotten=operator.forgotten(n_required), heeded=1.0, heeded_unknown=1.0
    )  # fmt: skip


def gap_content(
    operator: Operator,
    *,
    honesty: float,
    forgotten: float,
    heeded: float,
    heeded_unknown: float,
) -> Content:
    """Return what a field holds where a share of gaps is forced.

    Args:
        operator: who types.
        honesty: h, of those who know.
        forgotten: D, of what was known.
        heeded: share of gaps forced, if the value is known (and not forgotten).
        heeded_unknown: the same, if it is not.
    """
    guessed = (1 - operator.k) * operator.u
    known = operator.known_gap * operator.left_open * (1 - forgotten) * heeded
    unknown = (operator.unknown_gap + operator.known_gap * forgotten) * operator.left_open * heeded_unknown
    told = known * honesty
    not_value = (known - told) * operator.tau + unknown * operator.nu
    evaded = known + unknown - told - not_value
    disguised = operator.gap * operator.voluntary_placeholder
    empty = operator.gap * operator.voluntary_uninformative
    meant = operator.k * operator.v + told  # entries meant to be true
    guess_right = operator.w * (1 - operator.unfit)
    guess_empty = operator.w * operator.unfit if operator.says_nothing else 0.0
    misfits = (1 - operator.eps) * operator.unfit if operator.says_nothing else 0.0
    placeholder = disguised + evaded * operator.q_placeholder
    filled = operator.voluntary + disguised + empty + known + unknown
    informed = meant * operator.told_right
    return Content(
        filled=filled,
        valued=filled - not_value - placeholder * (1 - operator.novel),
        informed=informed,
        lucky=guessed * guess_right + evaded * operator.lucky_share,
        hidden=meant * operator.told_wrong + guessed * (1 - guess_right - guess_empty) + evaded * operator.hidden_share,
        placeholder=placeholder,
        not_value=not_value,
        nothing=meant * misfits + guessed * guess_empty + empty + evaded * operator.nothing_share,
        seconds=meant * operator.seconds_entry
        + (guessed + disguised + empty + not_value + evaded) * operator.seconds_evasion,
    )


def in_system(content: Content, *, retained: float) -> Quality:
    """Return the measures of a field whose records stay with chance `retained`, whatever they hold.

    Only measures of all events are multiplied by it.
    """
    right = content.informed + content.lucky
    return Quality(
        completeness_naive=content.filled,
        completeness_valued=content.valued,
        correct_in_system=right,
        correct_of_all=retained * right,
        informed=retained * content.informed,
        lucky=retained * content.lucky,
        hidden_wrong=content.hidden,
        hidden_wrong_of_all=retained * content.hidden,
        accuracy_valued=quotient(right, content.valued),
        capture_rate=retained,
        placeholder=content.placeholder,
        not_value=content.not_value,
        uninformative=content.nothing,
        seconds_of_all=retained * content.seconds,
    )


def quotient(numerator: float, denominator: float) -> float:
    """Return a ratio, NaN where the denominator is 0."""
    return numerator / denominator if denominator else math.nan
