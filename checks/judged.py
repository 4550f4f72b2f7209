"""What a kernel finds before null policy and `where` are applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from checks.predicates import Mask


@dataclass(frozen=True)
class Judged:
    """A kernel's finding, one entry per row.

    Attributes:
        bad: rows that fail; meaningless where `null`.
        null: rows where an operand is null; None: the kind has no null of its own (not_null, say).
        skipped: rows the rule cannot judge whatever the null policy; None: no such row.
        native: what the kind itself makes of null rows.
        blamed: field -> rows where that cell is blamed, subset of `bad`; None: every field, all of `bad`.
        partners: other system -> position of the joined record, -1 where none.
        partner_fields: other system -> fields blamed there.
        holds: for a table as a whole, whether it holds; None: about rows.
        measured: the number that was worked out; None: about rows.
    """

    bad: Mask
    null: Mask | None = None
    skipped: Mask | None = None
    native: Literal["ignore", "fail"] = "ignore"
    blamed: Mapping[str, Mask] | None = None
    partners: Mapping[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    partner_fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    holds: bool | None = None
    measured: Any = None

    def failing(self, rows: Mask) -> Judged:
        """Return the finding with more rows that fail, whatever their values."""
        null, skipped = (None if mask is None else mask & ~rows for mask in (self.null, self.skipped))
        blamed = None if self.blamed is None else {field: mask | rows for field, mask in self.blamed.items()}
        return replace(self, bad=self.bad | rows, null=null, skipped=skipped, blamed=blamed)

    def settle(self, policy: str, everything: Mask) -> tuple[Mask, Mask]:
        """Apply a null policy and return (fail, evaluated)."""
        fail, evaluated = self.bad, everything
        if self.null is not None:
            if (self.native if policy == "native" else policy) == "fail":
                fail = fail | self.null
            else:
                evaluated = ~self.null
                fail = fail & evaluated
        if self.skipped is not None:
            evaluated = evaluated & ~self.skipped
            fail = fail & evaluated
        return fail, evaluated

    def spread(self, rows: Mask) -> Judged:
        """Take a finding on some rows alone to all rows; the others are not judged."""

        def scattered(mask: Mask | None) -> Mask | None:
            if mask is None:
                return None
            whole = np.zeros(len(rows), dtype=bool)
            whole[rows] = mask
            return whole

        skipped = ~rows if self.skipped is None else ~rows | np.asarray(scattered(self.skipped))
        blamed = None if self.blamed is None else {f: np.asarray(scattered(m)) for f, m in self.blamed.items()}
        bad, null = np.asarray(scattered(self.bad)), scattered(self.null)
        return replace(self, bad=bad, null=null, skipped=skipped, blamed=blamed)
