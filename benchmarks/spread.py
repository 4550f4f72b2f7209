"""Simulation error: how far an estimate from simulated cases would move with another seed, when officers differ.

An estimate of sums over cases is linear in what each case contributes, its influence. Where a quota fixes how many
cases of each verdict there are, cases vary about the mean of their verdict. One officer handles many cases, so what is
left is summed by officer, and officers are the units that vary (Cochran 1977, chapter 9; the sums of a ratio estimator
clustered once more). It is about cases this scenario could generate and says nothing about real ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Estimate:
    """A number with its simulation error; both NaN where it is undefined (0 of 0).

    Attributes:
        value: the estimate.
        error: its Monte Carlo standard error, clustered by officer.
        n_officers: how many officers the error rests on; 0: it is known, not estimated.
    """

    value: float
    error: float
    n_officers: int = 0

    def limits(self, level: float = 0.95) -> tuple[float, float]:
        """Return the limits of the simulation error: not an interval for real cases.

        Examples:
            >>> low, high = Estimate(0.5, 0.01, n_officers=16).limits()
            >>> round(low, 4), round(high, 4)
            (0.4787, 0.5213)
        """
        quantile = t_quantile(0.5 + level / 2, self.n_officers - 1) if self.n_officers > 1 else _normal(level)
        return self.value - quantile * self.error, self.value + quantile * self.error


def standard_error(
    influence: Floats, officers: Codes | None = None, strata: npt.NDArray[np.int8] | None = None
) -> float:
    """Return the standard error of a sum of the cases' influences.

    Within a stratum cases vary about its mean, which costs what the officers hold of it: the squares are divided by
    1 - sum over officers of (their share of the stratum)^2, so that the error is right on average when cases are
    independent, and n / (n - 1) when every case has an officer of its own. A stratum that one officer holds alone has
    no spread of its own, so its influences count whole.

    Args:
        influence: of each case, shape (n,); NaN gives NaN.
        officers: the number of each case's officer, shape (n,); None: each case has its own.
        strata: the drawn verdict of each case where a quota fixes their counts; None: one stratum.

    Returns:
        The standard error; NaN for one case, or one officer only.

    Examples:
        >>> round(standard_error(np.array([0.1, 0.2, 0.3]) / 3), 4)
        0.0577
    """
    return groups_of(influence.size, officers, strata).error(influence)


@dataclass(frozen=True)
class Groups:
    """Cases by officer and stratum, worked out once for many measures.

    Attributes:
        own: each case's officer, numbered from 0, shape (n,).
        strata: of each stratum, its cases and what officers hold of it: the sum of their shares squared.
    """

    own: Codes
    strata: Sequence[tuple[npt.NDArray[np.bool_], float]]

    @property
    def n_officers(self) -> int:
        """How many officers the cases have."""
        return int(self.own.max(initial=-1)) + 1

    def error(self, influence: Floats) -> float:
        """Return the standard error of a sum of influences, as `standard_error` does."""
        if self.n_officers < 2:
            return np.nan
        left = np.empty(influence.shape)
        for here, lost in self.strata:
            some = influence[here]
            left[here] = some if lost > 1 - 1e-12 else (some - some.mean()) / np.sqrt(1 - lost)
        return float(np.sqrt((np.bincount(self.own, left) ** 2).sum()))


def groups_of(n_cases: int, officers: Codes | None = None, strata: npt.NDArray[np.int8] | None = None) -> Groups:
    """Return cases by officer and stratum.

    Args:
        n_cases: how many cases.
        officers: as for `standard_error`.
        strata: as for `standard_error`.
    """
    own = np.arange(n_cases) if officers is None else np.unique(officers, return_inverse=True)[1]
    code = np.zeros(n_cases, np.int64) if strata is None else strata.astype(np.int64)
    found = []
    for stratum in np.unique(code):
        here = code == stratum
        shares = np.bincount(own[here]) / np.count_nonzero(here)
        found.append((here, float((shares**2).sum())))
    return Groups(own, found)


def _normal(level: float) -> float:
    return NormalDist().inv_cdf(0.5 + level / 2)


def t_quantile(share: float, degrees: int) -> float:
    """Return a quantile of Student's t, by its expansion about the normal (Abramowitz and Stegun 1964, 26.7.5).

    Args:
        share: the share below it, in (0, 1).
        degrees: degrees of freedom, 1 or more; good to .005 from 3, to .001 from 10.

    Examples:
        >>> round(t_quantile(0.975, 15), 3)
        2.131
    """
    z = NormalDist().inv_cdf(share)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return float(z + sum(term / float(degrees) ** power for power, term in enumerate(terms, 1)))
