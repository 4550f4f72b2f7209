"""Kernels for predicates about groups of records of one system."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from checks.columns import Codes, Table
from checks.judged import Judged
from checks.predicates import FunctionalDependency, Mask, Unique


def unique(predicate: Unique, table: Table) -> Judged:
    """Fail every record whose values occur more than once, or all but the first; nulls are no values unless asked."""
    null = _any([table.column(field).null for field in predicate.fields])
    nulls_count = predicate.nulls == "equal"
    codes = table.group_codes(predicate.fields, missing=table.nothing if nulls_count else null)
    codes = codes - codes.min(initial=0) if nulls_count else codes
    present = codes >= 0
    counts = np.bincount(codes[present], minlength=1)
    repeated = present & (counts[codes] > 1)
    if predicate.repeats == "later":
        repeated &= pd.Series(codes).duplicated().to_numpy()
    return Judged(repeated, None if nulls_count else null)


def functional_dependency(predicate: FunctionalDependency, table: Table) -> Judged:
    """Fail every record that disagrees on the right with a record it agrees with on the left."""
    blank_left = _any([table.column(field).blank for field in predicate.left])
    left = table.group_codes(predicate.left, missing=blank_left)
    blamed = {
        field: disagreeing(left, table.group_codes([field], missing=table.column(field).blank))
        for field in predicate.right
    }
    bad = _any(list(blamed.values()))
    return Judged(bad, blank_left, blamed={**dict.fromkeys(predicate.left, bad), **blamed})


def disagreeing(left: Codes, right: Codes) -> Mask:
    """Return the rows whose group (left) holds two or more values (right); -1 takes no part.

    Examples:
        >>> disagreeing(np.array([0, 0, 0, 1, 1, -1]), np.array([5, 6, -1, 5, 5, 7]))
        array([ True,  True, False, False, False, False])
    """
    takes_part = (left >= 0) & (right >= 0)
    some_value = np.zeros(left.max(initial=0) + 1, dtype=np.int64)
    some_value[left[takes_part]] = right[takes_part]  # any one value of the group: the others are held against it
    differs = takes_part & (right != some_value[left])
    split = np.zeros(len(some_value), dtype=bool)
    split[left[differs]] = True
    return takes_part & split[left]


def _any(masks: Sequence[Mask]) -> Mask:
    return np.asarray(np.logical_or.reduce(masks), dtype=bool)


KERNELS: dict[type[Any], Callable[[Any, Table], Judged]] = {
    Unique: unique,
    FunctionalDependency: functional_dependency,
}
