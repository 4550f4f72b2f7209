"""Views across two systems by the links as recorded.

Blank and placeholder links join nothing. A link value that occurs more than once in either system is ambiguous and
joins nothing (a plain merge would turn 10,000 cases into many times as many rows), so a view never has more rows than
the smaller system, and a record is in at most one pair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from checks.columns import Codes, Column, Table, text_codes
from checks.placeholders import PLACEHOLDERS
from checks.predicates import Link, Mask
from synth.errors import RuleError, nearest

STATUSES = ("joined", "blank", "unmatched", "ambiguous")


@dataclass(frozen=True)
class View:
    """Pairs of records of two systems.

    Attributes:
        link: the fields joined on.
        partner: for every record of `link.system` the position of its record in `link.other`, -1 where none.
        status: for every record of `link.system` an index into STATUSES: joined; its own link is blank (or a
            placeholder); no record has it; more than one record has it, here or there.
        found: records of `link.system` whose link value occurs in the other system, once or more.
    """

    link: Link
    partner: npt.NDArray[np.int64]
    status: npt.NDArray[np.int8]
    found: Mask

    @cached_property
    def left(self) -> npt.NDArray[np.int64]:
        """Positions in `link.system`, one a pair, ascending."""
        return np.flatnonzero(self.partner >= 0)

    @cached_property
    def right(self) -> npt.NDArray[np.int64]:
        """Positions in `link.other`, one a pair."""
        return self.partner[self.left]

    def __len__(self) -> int:
        return len(self.left)


def join(link: Link, records: Mapping[str, pd.DataFrame]) -> View:
    """Join the records of two systems on a link as recorded.

    Examples:
        >>> a = pd.DataFrame({"case_no": ["1", "2", "2", None, "9", "N/A"]})
        >>> b = pd.DataFrame({"case_no": ["2", "1", "N/A"]})
        >>> view = join(Link("a", "case_no", "b", "case_no"), {"a": a, "b": b})
        >>> view.partner
        array([ 1, -1, -1, -1, -1, -1])
        >>> [STATUSES[code] for code in view.status]
        ['joined', 'ambiguous', 'ambiguous', 'blank', 'unmatched', 'blank']
    """
    for system in (link.system, link.other):
        if system not in records:
            raise RuleError(f"system {system!r} is not among the records. {nearest(system, records)}")
    return join_tables(link, Table(link.system, records[link.system]), Table(link.other, records[link.other]))


def join_tables(link: Link, table: Table, other: Table) -> View:
    """Join two tables on a link as recorded."""
    own, theirs = _link_codes(table.column(link.field), other.column(link.other_field))
    n_codes = max(own.max(initial=-1), theirs.max(initial=-1)) + 1
    here = np.bincount(own[own >= 0], minlength=n_codes)
    there = np.bincount(theirs[theirs >= 0], minlength=n_codes)
    place = np.full(n_codes + 1, -1, dtype=np.int64)  # the last entry answers for code -1
    place[theirs[theirs >= 0]] = np.flatnonzero(theirs >= 0)
    place[:-1][(here != 1) | (there != 1)] = -1
    partner = place[own]
    found = np.append(there > 0, False)[own]
    repeated = np.append((here > 1) | (there > 1), False)[own]
    status = np.select([partner >= 0, own < 0, repeated], [0, 1, 3], default=2).astype(np.int8)
    return View(link, partner, status, found)


def _link_codes(own: Column, theirs: Column) -> tuple[Codes, Codes]:
    """Integers that are equal where the recorded links are; -1 for blank and placeholder links."""
    texts = pa.concat_arrays([_clean(own), _clean(theirs)])
    codes = text_codes(texts)
    return codes[: len(own.series)], codes[len(own.series) :]


def _clean(column: Column) -> pa.Array:
    """Link values with white space at the ends removed, null where they name nothing."""
    trimmed = pc.utf8_trim_whitespace(column.elements.cast(pa.large_string()))
    nothing = pc.is_in(pc.utf8_lower(trimmed), value_set=pa.array([p.lower() for p in PLACEHOLDERS], pa.large_string()))
    cleaned = pc.if_else(nothing, pa.scalar(None, pa.large_string()), trimmed)
    return column.take(cleaned)
