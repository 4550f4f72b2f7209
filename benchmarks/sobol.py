"""Variance-based sensitivity: which input makes an answer vary (Sobol 1993; Saltelli and others 2010; Jansen 1999).

Forty lines of our own rather than a library: the inputs here come in groups that are drawn together (the shares of
evasions sum to 1), the same settings go to every regime, and the estimators are two means of squares.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Index:
    """How much of an answer's variance goes with one input, or one group of inputs that are drawn together.

    Attributes:
        name: of the input or group.
        first: share of the variance that it makes by itself.
        total: the same with all it does together with others; first <= total, but for the error of either.
    """

    name: str
    first: float
    total: float


def sobol_indices(
    answer: Callable[[Floats], Floats], one: Floats, other: Floats, groups: Sequence[tuple[str, Sequence[int]]]
) -> list[Index]:
    """Return first-order and total indices of every group of inputs.

    Args:
        answer: settings, shape (m, d) -> answers, shape (m,).
        one: settings drawn independently, shape (n, d).
        other: as many, drawn independently of `one`.
        groups: name and columns of each group; groups are independent of each other, columns in a group need not be.

    Returns:
        One index a group, in their order; NaN where the answer never changes.

    References:
        Jansen (1999), Comput. Phys. Commun. 117, 35-43; Saltelli and others (2010), ibid. 181, 259-270, table 2.

    Examples:
        >>> rng = np.random.default_rng(1)
        >>> draws = rng.random((2, 4096, 2))
        >>> found = sobol_indices(lambda x: 2 * x[:, 0] + x[:, 1], draws[0], draws[1], [("a", [0]), ("b", [1])])
        >>> [round(each.total, 1) for each in found]
        [0.8, 0.2]
    """
    at_one, at_other = answer(one), answer(other)
    variance = float(np.concatenate([at_one, at_other]).var())
    found = []
    for name, columns in groups:
        mixed = one.copy()
        mixed[:, list(columns)] = other[:, list(columns)]
        at_mixed = answer(mixed)
        first = 1 - float(((at_other - at_mixed) ** 2).mean()) / (2 * variance) if variance else np.nan
        total = float(((at_one - at_mixed) ** 2).mean()) / (2 * variance) if variance else np.nan
        found.append(Index(name, first, total))
    return found
