"""Systems that copy from one another: how often they agree, and how often an error can still be seen.

Each system is right with chance p; two wrong values coincide with chance s; the share sigma of records is copied from
system A. Accuracy stays p whatever is copied: agreement rises, and what could reveal an error goes.
"""

from __future__ import annotations

from typing import Literal, get_args

from synth.errors import DataError

Layout = Literal["one_copy", "copied_together", "copied_apart", "two_systems"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)


def pairwise_agreement(p: float, s: float, sigma: float) -> float:
    """Chance that system A and one that copies it in the share sigma of records hold the same.

    sigma + (1 - sigma) [p^2 + (1 - p)^2 s].

    Args:
        p: chance that a system is right by itself.
        s: chance that two wrong values coincide.
        sigma: share copied.

    Examples:
        >>> [round(pairwise_agreement(0.8, 0.25, sigma), 2) for sigma in (0, 0.9, 1)]
        [0.65, 0.97, 1.0]
    """
    _check(p, s, sigma)
    return sigma + (1 - sigma) * (p**2 + (1 - p) ** 2 * s)


def chance_revealed(p: float, s: float, sigma: float, *, layout: Layout = "two_systems") -> float:
    """Chance that another system shows, by disagreeing, that A is wrong (not which of them is).

    Args:
        p: chance that a system is right by itself.
        s: chance that two wrong values coincide.
        sigma: share copied from A.
        layout: who copies. `two_systems`: B copies A, (1 - sigma)[1 - (1 - p) s]. `one_copy`: B copies A and C is free,
            1 - [sigma + (1 - sigma)(1 - p) s](1 - p) s. `copied_together`: B and C copy A in the same records,
            (1 - sigma)[1 - (1 - p)^2 s^2]. `copied_apart`: each by itself, 1 - [sigma + (1 - sigma)(1 - p) s]^2.

    Examples:
        >>> [round(chance_revealed(0.8, 0.25, 1, layout=layout), 2) for layout in LAYOUTS]
        [0.95, 0.0, 0.0, 0.0]
    """
    _check(p, s, sigma)
    alike = (1 - p) * s  # a free system is wrong in the same way as A
    silent = sigma + (1 - sigma) * alike  # one that copies says nothing against A
    if layout == "one_copy":
        return 1 - silent * alike
    if layout == "copied_together":
        return (1 - sigma) * (1 - alike**2)
    if layout == "copied_apart":
        return 1 - silent**2
    if layout == "two_systems":
        return 1 - silent
    raise DataError(f"unknown layout '{layout}'; possible are {', '.join(LAYOUTS)}")


def _check(p: float, s: float, sigma: float) -> None:
    for name, value in (("p", p), ("s", s), ("sigma", sigma)):
        if not 0 <= value <= 1:
            raise DataError(f"{name} is {value}; it is a chance or share between 0 and 1")
