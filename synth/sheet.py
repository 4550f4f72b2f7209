"""Every cell of some cases as codes: what was expected, what is recorded, and what became of each gap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from synth.defects import Mask, Planted
from synth.draws import I64
from synth.processes import Cell
from synth.truth import Truth

FATES = (
    "blank", "honest", "lucky_default", "lucky_copy", "wrong", "copied_wrong", "uninformative", "placeholder",
    "not_value_honest", "not_value_dodged", "lost",
)  # fmt: skip
FATE = {name: np.int8(code) for code, name in enumerate(FATES)}
EVASIONS = ("lucky_default", "lucky_copy", "wrong", "copied_wrong", "uninformative", "placeholder", "not_value_dodged")
LUCKY = ("lucky_default", "lucky_copy")
CAUSES = ("none", "own_control", "burden", "exit", "copy")
CAUSE = {name: np.int8(code) for code, name in enumerate(CAUSES)}
Codes8 = npt.NDArray[np.int8]
NOWHERE: I64 = np.zeros(0, np.int64)
CUT = 2  # the code of a narrative that is cut off
WHOLE = -1  # of a narrative that is not


@dataclass(frozen=True)
class Entry:
    """A field of all cases at hand.

    Attributes:
        expected: what an error-free clerk would have recorded, shape (n,); -1 is null.
        recorded: what the system holds, shape (n,).
        gaps: positions of the gaps, and of cells forced although the form should not ask, ascending.
        fates: what became of each.
        causes: why it differs from the base regime, if it does.
        copied: positions whose wrong value is the officer's previous case's.
        swapped: positions whose value stands in another field, and the other way round.
        astray: positions whose content was lost on the way from another system.
        guesses: positions filled voluntarily with a value that was guessed, right or wrong.
        falsified: positions changed so that a mandatory branch does not open.
        linked: positions that a link filled in the place of an own entry.
    """

    expected: I64
    recorded: I64
    gaps: I64
    fates: Codes8
    causes: Codes8
    copied: I64
    swapped: I64 = field(default_factory=lambda: NOWHERE)
    astray: I64 = field(default_factory=lambda: NOWHERE)
    guesses: I64 = field(default_factory=lambda: NOWHERE)
    falsified: I64 = field(default_factory=lambda: NOWHERE)
    linked: I64 = field(default_factory=lambda: NOWHERE)

    def at(self, fates: tuple[str, ...]) -> I64:
        """Return the positions of gaps with one of the given fates."""
        return self.gaps[np.isin(self.fates, [FATE[fate] for fate in fates])]

    def lucky(self) -> I64:
        """Return the positions that are right by default, guess or copy."""
        right = self.recorded[self.guesses] == self.expected[self.guesses]
        return np.union1d(self.at(LUCKY), self.guesses[right])


@dataclass(frozen=True)
class Sheet:
    """All records of the cases at hand.

    Attributes:
        truth: the cases.
        entries: every field, by (system, field).
        lost: system -> mask of cases whose record was never made.
        planted: what the quota asked for.
        kept: system -> how many sentences are left of each narrative; `WHOLE` where it is not cut off.
        doubled: system -> mask of cases whose record was entered twice.
    """

    truth: Truth
    entries: Mapping[Cell, Entry]
    lost: Mapping[str, Mask]
    planted: Planted
    kept: Mapping[str, I64]
    doubled: Mapping[str, Mask]


Gaps = tuple[I64, Codes8, Codes8]


def merged(unforced: Gaps, forced: Gaps) -> Gaps:
    """Return the gaps with the forced ones put in the place of the unforced."""
    left = ~np.isin(unforced[0], forced[0])
    rows = np.concatenate([unforced[0][left], forced[0]])
    order = np.argsort(rows, kind="stable")
    fates = np.concatenate([unforced[1][left], forced[1]])[order].astype(np.int8)
    causes = np.concatenate([unforced[2][left], forced[2]])[order].astype(np.int8)
    return rows[order], fates, causes
