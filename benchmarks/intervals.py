"""Confidence intervals for shares: how much a small audit can tell.

Nothing here knows how the cases were drawn: every interval assumes a simple random sample unless a design effect
or a finite population is given. Plain Python on top of `math` and `statistics`: audits hold tens to thousands of
cases, and the beta quantile of Clopper-Pearson is found by bisection on the regularised incomplete beta function.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from synth.errors import DataError

FloatArray = npt.NDArray[np.float64]

_TINY = 1e-300
_HALVINGS = 60  # 2**-60 is finer than a double between 0 and 1 can show


def wilson_interval(
    successes: npt.ArrayLike,
    trials: npt.ArrayLike,
    *,
    level: float = 0.95,
    population: int | None = None,
    design_effect: float = 1.0,
) -> FloatArray:
    """Wilson score interval for a proportion.

    Args:
        successes: counts, shape (k,), 0 <= successes <= trials.
        trials: counts, shape (k,). Zero trials give the interval (0, 1): nothing is known.
        level: coverage in (0, 1).
        population: size of the finite population the trials were drawn from without replacement; None: no limit.
            The trials then count as n (N - 1) / (N - n); the whole population gives an interval of no width.
        design_effect: at least 1: how many clustered cases are worth one independent case, 1 + (m - 1) ICC.

    Returns:
        Array of shape (k, 2): lower, upper.

    References:
        Wilson (1927), J. Am. Stat. Assoc. 22, 209-212; O'Neill (2021) for the finite population.

    Examples:
        >>> wilson_interval([0], [10]).round(3)
        array([[0.   , 0.278]])
        >>> wilson_interval(44, 67).round(3)
        array([[0.537, 0.759]])
        >>> wilson_interval(44, 67, population=100).round(3)
        array([[0.589, 0.719]])
    """
    hits, n = _counts(successes, trials)
    _check_level(level)
    if design_effect < 1:
        raise DataError(f"design_effect is {design_effect}; it is 1 or more (1 + (cases per cluster - 1) x ICC)")
    share = np.divide(hits, n, out=np.full_like(n, 0.5), where=n > 0)
    effective = _finite(n, population) / design_effect
    z2 = _z(1 - level) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        # Written in 1/n so that an infinite effective n (the whole population seen) is simply no width.
        inverse = np.where(effective > 0, 1 / effective, 0.0)
        centre = (share + z2 * inverse / 2) / (1 + z2 * inverse)
        half = np.sqrt(z2) * np.sqrt(share * (1 - share) * inverse + z2 * inverse**2 / 4) / (1 + z2 * inverse)
    lower = np.where(hits == 0, 0.0, np.maximum(centre - half, 0.0))  # exact where rounding would leave 1e-18
    upper = np.where(hits == n, 1.0, np.minimum(centre + half, 1.0))
    return np.column_stack([np.where(n > 0, lower, 0.0), np.where(n > 0, upper, 1.0)])


def clopper_pearson_interval(successes: npt.ArrayLike, trials: npt.ArrayLike, *, level: float = 0.95) -> FloatArray:
    """Exact ("Clopper-Pearson") interval for a proportion: never covers less than its level.

    Args:
        successes: counts, shape (k,), 0 <= successes <= trials.
        trials: counts, shape (k,). Zero trials give (0, 1).
        level: coverage in (0, 1); for a one-sided 95 % limit take one end at level 0.90.

    Returns:
        Array of shape (k, 2): lower, upper.

    References:
        Clopper and Pearson (1934), Biometrika 26, 404-413.

    Examples:
        >>> clopper_pearson_interval(44, 67).round(3)
        array([[0.531, 0.768]])
        >>> clopper_pearson_interval([0, 10], [10, 10]).round(3)
        array([[0.   , 0.308],
               [0.692, 1.   ]])
    """
    hits, n = _counts(successes, trials)
    _check_level(level)
    tail = (1 - level) / 2
    return np.array([_exact_limits(x, total, tail) for x, total in zip(hits.tolist(), n.tolist(), strict=True)])


def goodman_intervals(counts: npt.ArrayLike, *, level: float = 0.95) -> FloatArray:
    """Simultaneous intervals for the shares of one multinomial: all hold together with the given coverage.

    Args:
        counts: counts of the k classes of one sample, shape (k,), k >= 2. A sample of nothing gives (0, 1) for all.
        level: joint coverage in (0, 1).

    Returns:
        Array of shape (k, 2): lower, upper.

    References:
        Goodman (1965), Technometrics 7, 247-254 (with the chi-square point at (1 - level) / k, one degree of freedom).

    Examples:
        >>> goodman_intervals([44, 11, 12]).round(3)
        array([[0.511, 0.778],
               [0.083, 0.298],
               [0.094, 0.315]])
    """
    seen = np.atleast_1d(np.asarray(counts, dtype=np.float64))
    _check_level(level)
    if seen.ndim != 1 or len(seen) < 2 or (seen < 0).any():
        raise DataError(f"got class counts {seen.tolist()}; a multinomial has two or more classes with counts >= 0")
    # The Wilson interval at a Bonferroni level is Goodman's quadratic, class by class.
    return wilson_interval(seen, np.full_like(seen, seen.sum()), level=1 - (1 - level) / len(seen))


def newcombe_interval(
    successes: npt.ArrayLike,
    trials: npt.ArrayLike,
    other_successes: npt.ArrayLike,
    other_trials: npt.ArrayLike,
    *,
    level: float = 0.95,
) -> FloatArray:
    """Newcombe's hybrid score interval for the difference of two independent shares, other minus first.

    Args:
        successes: counts of the first sample, shape (k,).
        trials: sizes of the first sample, shape (k,).
        other_successes: counts of the second sample, shape (k,).
        other_trials: sizes of the second sample, shape (k,). No trials in either sample: that side is unlimited.
        level: coverage in (0, 1).

    Returns:
        Array of shape (k, 2): lower, upper end of share(other) - share(first).

    References:
        Newcombe (1998), Statistics in Medicine 17, 873-890, method 10. Not for cases judged twice.

    Examples:
        >>> newcombe_interval(44, 67, 54, 67).round(3)
        array([[-0.001,  0.291]])
    """
    (hits, n), (other_hits, other_n) = _counts(successes, trials), _counts(other_successes, other_trials)
    first, second = wilson_interval(hits, n, level=level), wilson_interval(other_hits, other_n, level=level)
    share = np.divide(hits, n, out=np.full_like(n, 0.5), where=n > 0)
    other = np.divide(other_hits, other_n, out=np.full_like(other_n, 0.5), where=other_n > 0)
    below = np.hypot(other - second[:, 0], first[:, 1] - share)
    above = np.hypot(second[:, 1] - other, share - first[:, 0])
    known = (n > 0) & (other_n > 0)
    return np.column_stack(
        [np.where(known, other - share - below, -1.0), np.where(known, other - share + above, 1.0)],
    )


def beta_cdf(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta function: the chance that a Beta(a, b) value is at most x.

    Continued fraction (modified Lentz), on the side of the mean where it converges quickly.

    References:
        DLMF 8.17.22.

    Examples:
        >>> round(beta_cdf(0.5, 2, 3), 6)  # 1 - P(at most 1 head in 4 throws) = 11/16
        0.6875
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_cdf(1 - x, b, a)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) * _beta_fraction(x, a, b) / a


def _beta_fraction(x: float, a: float, b: float) -> float:
    numerator, denominator = 1.0, _inverse(1 - (a + b) * x / (a + 1))
    value = denominator
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            denominator = _inverse(1 + term * denominator)
            numerator = 1 + term * _inverse(numerator)
            step = numerator * denominator
            value *= step
        if abs(step - 1) < 1e-15:
            break
    return value


def _inverse(value: float) -> float:
    return 1 / (value if abs(value) > _TINY else _TINY)


def _exact_limits(hits: float, n: float, tail: float) -> tuple[float, float]:
    lower = 0.0 if hits == 0 else _beta_quantile(tail, hits, n - hits + 1)
    upper = 1.0 if hits == n else _beta_quantile(1 - tail, hits + 1, n - hits)
    return lower, upper


def _beta_quantile(chance: float, a: float, b: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if beta_cdf(middle, a, b) < chance else (low, middle)
    return (low + high) / 2


def _z(two_sided: float) -> float:
    return NormalDist().inv_cdf(1 - two_sided / 2)


def _finite(n: FloatArray, population: int | None) -> FloatArray:
    if population is None:
        return n
    if (n > population).any():
        raise DataError(f"got {n.max():.0f} trials from a population of {population}; a sample is no larger than that")
    with np.errstate(divide="ignore"):
        return np.where(n < population, n * (population - 1) / (population - n), np.inf)


def _counts(successes: npt.ArrayLike, trials: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    hits, n = np.broadcast_arrays(
        np.atleast_1d(np.asarray(successes, dtype=np.float64)),
        np.atleast_1d(np.asarray(trials, dtype=np.float64)),
    )
    bad = ~((hits >= 0) & (hits <= n))
    if bad.any():
        raise DataError(f"got {hits[bad][0]:g} successes in {n[bad][0]:g} trials; successes lie between 0 and trials")
    return hits, n


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise DataError(f"level is {level}; it lies between 0 and 1, such as 0.95")
