"""What a defect depends on: odds on categorical true values, made into thresholds that keep the declared margins.

Two fits, both worked out once, before anything is drawn, and in arithmetic that is the same everywhere (products and
quotients of doubles are exactly rounded, sums go through `math.fsum`):

- `fitted`: a rate whose odds differ by level. The base odds are found so that the mean over the levels is the rate.
- `joint_table`: the verdicts of a quota and the true values they depend on, as one table fitted by iterative
  proportional fitting (Deming and Stephan 1940) to both margins: the verdicts' counts, and the product of the true
  values' own distributions, so that these stay independent of each other. Odds of 0 are structural zeros.

Whether a mechanism is at random (MAR, EAR) or not (MNAR, ENAR) is worked out, not claimed: it is at random if every
true value it depends on stands, certain and right, in a field that is there whenever the defect is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, product

import numpy as np

from synth.draws import I64, SCALE, U64, cumulative_thresholds, threshold
from synth.errors import ScenarioError

MOST_COVARIATES = 4
MOST_CELLS = 10_000
TOLERANCE = 1e-9
_ROUNDS = 20_000


@dataclass(frozen=True)
class Levels:
    """The combinations of levels of some true values: `code = sum of codes x strides`.

    Attributes:
        names: the true values.
        sizes: how many levels each has.
        shares: the share of each combination among cases, as independent values; sums to 1.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    shares: tuple[Fraction, ...]

    @property
    def n_cells(self) -> int:
        """How many combinations there are."""
        return math.prod(self.sizes)

    def cells(self) -> list[tuple[int, ...]]:
        """Return the levels of every combination, in the order of their codes."""
        return list(product(*(range(size) for size in self.sizes)))

    def code(self, codes: Sequence[I64]) -> I64:
        """Return the combination of each case; levels that do not apply (-1) count as the first."""
        out = np.zeros(codes[0].shape, np.int64)
        for size, each in zip(self.sizes, codes, strict=True):
            out = out * size + np.maximum(each, 0)
        return out

    def levels_of(self, code: I64) -> dict[str, I64]:
        """Return the level of each true value in some combinations."""
        found: dict[str, I64] = {}
        for name, size in zip(reversed(self.names), reversed(self.sizes), strict=True):
            found[name] = code % size
            code = code // size
        return found


@dataclass(frozen=True)
class Limits:
    """Thresholds out of 2**32 that differ by combination of levels; false where none is above 0."""

    levels: Levels
    table: U64

    def __bool__(self) -> bool:
        return bool(self.table.any())


Limit = int | Limits


def can_fail(limit: Limit) -> bool:
    """Return whether something of a given chance can fail to happen: the chance is below 1 somewhere."""
    return limit < SCALE if isinstance(limit, int) else bool((limit.table < SCALE).any())


def levels_of(shares: Mapping[str, Sequence[Fraction]]) -> Levels:
    """Return the combinations of independent true values.

    Args:
        shares: true value -> the share of each of its levels, summing to 1.

    Raises:
        ScenarioError: more than 4 true values, or more than 10,000 combinations.

    Examples:
        >>> levels = levels_of({"shift": [Fraction(1, 4), Fraction(3, 4)], "tier": [Fraction(1, 2), Fraction(1, 2)]})
        >>> [str(share) for share in levels.shares], levels.cells()
        (['1/8', '1/8', '3/8', '3/8'], [(0, 0), (0, 1), (1, 0), (1, 1)])
    """
    sizes = tuple(len(each) for each in shares.values())
    if len(sizes) > MOST_COVARIATES or math.prod(sizes) > MOST_CELLS:
        raise ScenarioError(
            f"a defect depends on {len(sizes)} true values with {math.prod(sizes):,} combinations of levels; at most "
            f"{MOST_COVARIATES} and {MOST_CELLS:,} are possible. Leave some out."
        )
    return Levels(tuple(shares), sizes, tuple(math.prod(each, start=Fraction(1)) for each in product(*shares.values())))


def fitted(rate: Fraction, shares: Sequence[Fraction], odds: Sequence[Fraction], *, what: str) -> list[int]:
    """Return thresholds by level whose mean is a rate and whose odds stand to each other as given.

    Args:
        rate: the mean over all cases.
        shares: how common each level is, summing to 1.
        odds: odds of each level, compared with the others; 0 is never.
        what: what the rate is of, for the error.

    Returns:
        Thresholds out of 2**32. With odds o and base odds b a level's rate is b o / (1 + b o).

    Raises:
        ScenarioError: the rate is more than the levels with odds above 0 can carry.

    Examples:
        >>> half = [Fraction(1, 2)] * 2
        >>> [round(limit / 2**32, 4) for limit in fitted(Fraction(1, 4), half, [Fraction(1), Fraction(3)], what="x")]
        [0.1514, 0.3486]
    """
    reachable = sum((share for share, each in zip(shares, odds, strict=True) if each), Fraction(0))
    if rate > reachable:
        raise ScenarioError(
            f"{what} has a rate of {float(rate):g}, but where its odds allow it at all there are only "
            f"{float(reachable):g} of the cases. Lower the rate, or raise an odds of 0."
        )
    if rate in {0, reachable}:
        return [threshold(Fraction(rate > 0 and each > 0)) for each in odds]
    factors = [float(each) for each in odds]
    high = _base_odds(float(rate), tuple(float(share) for share in shares), tuple(factors))
    return [round(Fraction(high * each / (1 + high * each)) * SCALE) for each in factors]


@lru_cache(maxsize=1024)
def _base_odds(target: float, weights: Sequence[float], odds: Sequence[float]) -> float:
    """Return the base odds at which the mean over the levels is the target."""
    low, high = 0.0, 1.0
    while _mean(weights, odds, high) < target:
        high *= 2.0
    for _ in range(200):
        middle = (low + high) / 2
        if middle in {low, high}:  # they are neighbours
            break
        low, high = (middle, high) if _mean(weights, odds, middle) < target else (low, middle)
    return high


def _mean(weights: Sequence[float], odds: Sequence[float], base: float) -> float:
    return math.fsum(weight * (base * each / (1 + base * each)) for weight, each in zip(weights, odds, strict=True))


def joint_table(levels: Levels, counts: Sequence[int], odds: np.ndarray, names: Sequence[str]) -> list[U64]:
    """Fit one table to the counts of some outcomes and to the shares of combinations, with the given odds.

    Args:
        levels: the combinations and their shares.
        counts: cases per outcome (0 is possible).
        odds: shape (combinations, outcomes); 0 is never.
        names: of the outcomes, for the error.

    Returns:
        For each outcome, cumulative thresholds over the combinations.

    Raises:
        ScenarioError: an outcome, or several together, cannot be as many as they are to be.
    """
    total = sum(counts)
    _refuse_unreachable(levels, counts, odds, names)
    shares = np.array([float(share) for share in levels.shares])
    wanted = [count / total for count in counts]
    table = np.where(shares[:, None] > 0, odds, 0.0)
    for _ in range(_ROUNDS):
        for place, target in enumerate(wanted):
            found = math.fsum(table[:, place].tolist())
            table[:, place] = table[:, place] * (target / found) if found else 0.0
        rows = table[:, 0].copy()
        for place in range(1, len(wanted)):
            rows += table[:, place]
        table = table * np.where(rows > 0, shares / np.where(rows > 0, rows, 1.0), 0.0)[:, None]
        worst = max(abs(math.fsum(table[:, place].tolist()) - target) for place, target in enumerate(wanted))
        if worst < TOLERANCE / 1000:
            break
    if worst > TOLERANCE:
        raise ScenarioError(
            f"the odds of {' and '.join(names)} meet the verdict counts {list(counts)} only to {worst:.1g}, "
            f"not to {TOLERANCE:g}. Use odds that are less extreme."
        )
    return [
        cumulative_thresholds([Fraction(each) for each in table[:, place].tolist()])
        if counts[place] else cumulative_thresholds(list(levels.shares))
        for place in range(len(counts))
    ]  # fmt: skip


def _refuse_unreachable(levels: Levels, counts: Sequence[int], odds: np.ndarray, names: Sequence[str]) -> None:
    """Every set of outcomes must find room in the combinations where one of them can be (Hall's condition)."""
    total = sum(counts)
    for size in range(1, len(counts) + 1):
        for chosen in combinations(range(len(counts)), size):
            possible = np.asarray((odds[:, list(chosen)] > 0).any(axis=1)).tolist()
            room = sum((share for share, fits in zip(levels.shares, possible, strict=True) if fits), Fraction(0))
            asked = Fraction(sum(counts[place] for place in chosen), total)
            if asked > room:
                said = " and ".join(names[place] for place in chosen)
                raise ScenarioError(
                    f"{sum(counts[place] for place in chosen)} of {total} cases are to be {said}, but with these odds "
                    f"on {', '.join(levels.names)} at most {math.floor(room * total)} can be. Lower the count, or "
                    "raise an odds of 0."
                )


def combined(of_value: Mapping[str, Sequence[Fraction]], levels: Levels) -> list[Fraction]:
    """Return the product of each combination's odds.

    Args:
        of_value: true value -> odds of each of its levels.
        levels: the combinations.
    """
    return [
        math.prod((of_value[name][level] for name, level in zip(levels.names, cell, strict=True)), start=Fraction(1))
        for cell in levels.cells()
    ]
