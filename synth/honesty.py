"""Who tells the truth when forced: people who differ, months that pass, what is true of the case, and the burden.

h = h0 on average. People differ (`h_icc`): levels of honesty j/J with beta-binomial chances, so that their mean and
their intraclass correlation are exact; for many levels this is a beta distribution. Careless people never tell the
truth when forced. Odds on a true value (a mechanism of `honest`) differ about each level. Habit takes logits a year
(`drift`), and every mandatory field beyond m0 takes its share (`beta`). All of it is worked out once, in exact or
decimal arithmetic, and becomes thresholds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

import numpy as np

from synth.data_dictionary import DATE_MARGIN
from synth.draws import I64, SCALE, U64, Draws, choose, cumulative_thresholds, threshold
from synth.spec import OperatorSpec

DIGITS = Context(prec=50)
MONTHS = 12
FEWEST_LEVELS, MOST_LEVELS = 20, 400
SMALLEST_ICC = Decimal("0.005")

Table = U64  # thresholds, shape (people, months, combinations of levels of true values, burdens)
Fit = Callable[[Fraction], Sequence[int]]


@dataclass(frozen=True)
class People:
    """How people differ in honesty.

    Attributes:
        levels: the share of known values each kind of person tells when forced, before any burden; 0 of the careless.
        bounds: cumulative thresholds of the kinds, the careless apart.
        careless: threshold of being careless.
    """

    levels: tuple[Fraction, ...]
    bounds: U64
    careless: int

    @property
    def differ(self) -> bool:
        """Whether there is more than one kind."""
        return len(self.levels) > 1

    def kinds(self, draws: Draws, officers: I64) -> I64:
        """Return the kind of each person, by number, shape (n,)."""
        kind = choose(draws.u32("operator/honesty", officers), self.bounds)
        if self.careless:
            kind[draws.u32("operator/careless", officers) < self.careless] = len(self.levels) - 1
        return kind


def people_of(operator: OperatorSpec) -> People:
    """Return how people differ under an operator's parameters.

    Examples:
        >>> people = people_of(OperatorSpec(h0="0.55", h_icc="0.1"))
        >>> len(people.levels), people.differ
        (21, True)
    """
    return _people(Fraction(operator.h0), Fraction(operator.h_icc), threshold(Fraction(operator.careless)))


@lru_cache(maxsize=256)
def _people(mean: Fraction, icc: Fraction, careless: int) -> People:
    levels, shares = honesty_levels(mean, icc)
    return People((*levels, Fraction(0)) if careless else tuple(levels), cumulative_thresholds(shares), careless)


def honesty_levels(mean: Fraction, icc: Fraction) -> tuple[list[Fraction], list[Fraction]]:
    """Return levels of honesty and how common each is.

    Args:
        mean: of the levels.
        icc: intraclass correlation: their variance over mean x (1 - mean); below 1/400 it is one level for all.

    Returns:
        Levels 0/J to J/J with the chances of a beta-binomial distribution, whose mean and variance are exactly those.

    Examples:
        >>> levels, shares = honesty_levels(Fraction(1, 2), Fraction(1))
        >>> [(str(level), str(share)) for level, share in zip(levels, shares)]
        [('0', '1/2'), ('1', '1/2')]
    """
    if icc < Fraction(1, MOST_LEVELS) or mean in {0, 1}:  # people who hardly differ are alike
        return [mean], [Fraction(1)]
    if icc == 1:
        return [Fraction(0), Fraction(1)], [1 - mean, mean]
    many = min(max(FEWEST_LEVELS, math.ceil(2 / icc)), MOST_LEVELS)
    rest = (icc - Fraction(1, many)) / (1 - Fraction(1, many))  # of the beta distribution; the rest is that of j/J
    theta = 1 / rest - 1
    alpha, beta = mean * theta, (1 - mean) * theta
    weights = [Fraction(1)]
    for j in range(many):
        weights.append(weights[-1] * (many - j) * (alpha + j) / ((j + 1) * (beta + many - j - 1)))
    total = sum(weights)
    return [Fraction(j, many) for j in range(many + 1)], [weight / total for weight in weights]


def honesty_table(operator: OperatorSpec, people: People, days: int, most: int, fit: Fit | None) -> Table:
    """Return the thresholds of telling the truth when forced.

    Args:
        operator: its parameters.
        people: how people differ.
        days: the length of the calendar.
        most: the heaviest burden.
        fit: from a mean to the thresholds by combination of true values; None where nothing depends on any.
    """
    lost = [decay(operator.beta, burden - operator.m0).as_integer_ratio() for burden in range(most + 1)]
    losses = _losses(operator.drift, days)
    table = [
        [[_thresholds(_after(level, loss), lost) for level in _by_value(mean, fit)] for loss in losses]
        for mean in people.levels
    ]
    return np.array(table, np.uint64)


def _thresholds(level: Fraction, lost: Sequence[tuple[int, int]]) -> list[int]:
    """Return the threshold of a level of honesty under each burden: `threshold` of the product, in whole numbers."""
    found = []
    for numerator, denominator in lost:
        top, bottom = level.numerator * numerator * SCALE, level.denominator * denominator
        whole, rest = divmod(top, bottom)
        found.append(whole + (2 * rest > bottom or (2 * rest == bottom and whole % 2)))
    return found


def _by_value(mean: Fraction, fit: Fit | None) -> list[Fraction]:
    return [mean] if fit is None else [Fraction(limit, SCALE) for limit in fit(mean)]


def _losses(drift: Decimal, days: int) -> list[Fraction]:
    """Return by what the odds of evading have grown in each month; one entry where habit takes nothing."""
    if not drift:
        return [Fraction(1)]
    years = [Decimal((2 * month + 1) * days) / (2 * MONTHS * 365) for month in range(MONTHS)]
    return [Fraction(DIGITS.exp(drift * each)) for each in years]


def _after(level: Fraction, loss: Fraction) -> Fraction:
    """Return a level of honesty whose odds have shrunk by `loss`: logit(1 - h) + log(loss)."""
    return level / (level + (1 - level) * loss) if level else level


def decay(rate: Decimal, excess: int) -> Fraction:
    """Return exp(-rate x excess), 1 where nothing is in excess."""
    return Fraction(DIGITS.exp(-rate * max(0, excess)))


def months_of(days_of_cases: I64, days: int) -> I64:
    """Return the month of each case, 0 to 11, from the codes of its day."""
    return np.clip((days_of_cases - DATE_MARGIN) * MONTHS // days, 0, MONTHS - 1)
