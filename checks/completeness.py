"""Record completeness in four senses: documentation, breadth, density, predictive.

One table can be complete in one sense and not in another: each sense is asked for by what it needs.

References:
    Weiskopf, Hripcsak, Swaminathan, Weng (2013), Defining and measuring completeness of electronic health records for
    secondary use, Journal of Biomedical Informatics 46, 830-836.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from checks.columns import Codes, Table
from checks.days import groups_of, read_days
from checks.placeholders import PLACEHOLDERS
from checks.predicates import Mask
from synth.errors import RuleError

Sense: TypeAlias = Literal["documentation", "breadth", "density", "predictive"]
_TEXT = pa.large_string()


@dataclass(frozen=True)
class Density:
    """How many dated values are enough.

    Attributes:
        field: what is recorded again and again.
        date: when.
        at_least: this many records of a subject hold it.
        every_days: and no two that follow each other are more days apart; None: however far.
    """

    field: str
    date: str
    at_least: int
    every_days: int | None = None


@dataclass(frozen=True)
class Prediction:
    """What the record has to be good for.

    Attributes:
        target: the field to tell.
        fields: those it is told from.
        certainty: probability of the likeliest answer that is enough.
    """

    target: str
    fields: tuple[str, ...]
    certainty: float = 0.8


@dataclass(frozen=True, eq=False)
class RecordCompleteness:
    """The answer in one sense.

    Attributes:
        sense: documentation, breadth, density or predictive.
        unit: record or subject.
        met: rows whose record, or subject, is complete, by position.
        evaluated: rows that were looked at.
        n_met: units that are complete.
        n: units that were looked at, the denominator.
    """

    sense: Sense
    unit: Literal["record", "subject"]
    met: Mask
    evaluated: Mask
    n_met: int
    n: int

    @property
    def rate(self) -> float | None:
        """Share of the units that are complete; None for 0 of 0."""
        return self.n_met / self.n if self.n else None

    def __str__(self) -> str:
        share = f"{self.rate:.3f}" if self.rate is not None else "undefined"
        return f"{self.sense}: {share} ({self.n_met} of {self.n} {self.unit}s)"


def record_completeness(
    frame: pd.DataFrame,
    *,
    subject: str | None = None,
    observed: Mapping[str, Mask] | None = None,
    needed: Sequence[str] = (),
    density: Density | None = None,
    prediction: Prediction | None = None,
) -> tuple[RecordCompleteness, ...]:
    """Measure record completeness in every sense whose need is given.

    A value counts that is neither blank nor a placeholder of casegauge's list.

    Args:
        frame: one row a record.
        subject: field that says whose record it is; breadth and density are then judged by subject, else by row.
        observed: documentation: field -> rows where the observation is known to have been made (by another system, or
            by an answer that makes the field necessary). A record is complete when all of them are recorded; a record
            of which nothing is known is not evaluated.
        needed: breadth: kinds of data wanted. A subject is complete that has each at least once.
        density: density: enough values, close enough together.
        prediction: predictive: enough to tell a target. Each record's answer is told by naive Bayes from the fields it
            holds, learnt from all other records (add-one smoothing); complete means certain enough. A record with
            none of the fields is told by the overall shares. Records with a target are needed to learn, not to judge.

    Returns:
        One entry per sense asked for, in the order documentation, breadth, density, predictive.

    Examples:
        >>> zips, phones = ["1", None, "N/A", "2"], [None, "5", "6", ""]
        >>> frame = pd.DataFrame({"who": ["a", "a", "b", "c"], "zip": zips, "tel": phones})
        >>> for sense in record_completeness(frame, subject="who", needed=["zip", "tel"],
        ...                                  observed={"tel": frame["who"] != "b"}):
        ...     print(sense)
        documentation: 0.333 (1 of 3 records)
        breadth: 0.333 (1 of 3 subjects)
    """
    table = Table("records", frame)
    unit, who, there = _units(table, subject)
    found: list[RecordCompleteness] = []
    if observed is not None:
        found.append(_documentation(table, observed))
    if needed:
        valued = np.stack([_valued(table, field) for field in needed])
        held = np.stack([np.bincount(who[there], weights=row[there]) > 0 for row in valued])
        wide = np.asarray(held.all(axis=0), dtype=bool)
        found.append(_by_unit("breadth", unit, wide, who, there))
    if density is not None:
        enough = _dense(table, density, who, there)
        found.append(_by_unit("density", unit, enough, who, there))
    if prediction is not None:
        met = _certain(table, prediction)
        found.append(RecordCompleteness("predictive", "record", met, table.everything, int(met.sum()), table.n_rows))
    if not found:
        raise RuleError("nothing was asked. Give observed, needed, density or prediction.")
    return tuple(found)


def _units(table: Table, subject: str | None) -> tuple[Literal["record", "subject"], Codes, Mask]:
    """The unit, and for every row its number; a record without a subject belongs to nobody."""
    if subject is None:
        return "record", np.arange(table.n_rows), np.array(table.everything)
    codes, there = groups_of(table, (subject,))
    dense = np.zeros(table.n_rows, dtype=np.int64)
    dense[there] = pd.factorize(codes[there])[0]
    return "subject", dense, there


def _valued(table: Table, field: str) -> Mask:
    """Rows that hold neither a blank nor a placeholder."""
    column = table.column(field)
    if not column.is_text:
        return ~column.null
    keys = pc.utf8_lower(pc.utf8_trim_whitespace(column.elements.cast(_TEXT)))
    listed = pa.array([text.lower() for text in PLACEHOLDERS], _TEXT)
    says_nothing = column.spread(pc.is_in(keys, value_set=listed), missing=True)
    return ~(np.asarray(says_nothing, dtype=bool) | column.blank)


def _documentation(table: Table, observed: Mapping[str, Mask]) -> RecordCompleteness:
    lacks, known = np.array(table.nothing), np.array(table.nothing)
    for field, given in observed.items():
        made = np.asarray(given, dtype=bool)
        if made.shape != (table.n_rows,):
            raise RuleError(
                f"observed[{field!r}] has {made.size} entries for {table.n_rows} records. Give one a record."
            )
        known |= made
        lacks |= made & ~_valued(table, field)
    met = known & ~lacks
    return RecordCompleteness("documentation", "record", met, known, int(met.sum()), int(known.sum()))


def _by_unit(
    sense: Sense, unit: Literal["record", "subject"], met: Mask, who: Codes, there: Mask
) -> RecordCompleteness:
    rows = np.zeros(len(there), dtype=bool)
    rows[there] = met[who[there]]
    return RecordCompleteness(sense, unit, rows, there, int(met.sum()), len(met))


def _dense(table: Table, density: Density, who: Codes, there: Mask) -> Mask:
    """Subjects with enough dated values and no gap that is too long."""
    days = read_days(table.column(density.date))
    rows = np.flatnonzero(there & _valued(table, density.field) & ~np.isnat(days))
    n_units = int(who[there].max(initial=-1)) + 1
    enough = np.bincount(who[rows], minlength=n_units) >= density.at_least
    if density.every_days is None:
        return np.asarray(enough, dtype=bool)
    rows = rows[np.lexsort([days[rows], who[rows]])]
    apart = np.diff(days[rows]).astype(np.int64) > density.every_days
    gap = who[rows][1:][apart & (np.diff(who[rows]) == 0)]
    enough[gap] = False
    return np.asarray(enough, dtype=bool)


def _certain(table: Table, prediction: Prediction) -> Mask:
    """Records whose likeliest answer is certain enough, each told from the others."""
    target = np.where(_valued(table, prediction.target), table.column(prediction.target).codes, -1)
    learnt = target >= 0
    classes = pd.factorize(target[learnt])[0]
    if not len(classes):
        raise RuleError(f"no record holds a {prediction.target!r}; there is nothing to learn from.")
    n_classes = int(classes.max()) + 1
    own = np.zeros((table.n_rows, n_classes))
    own[np.flatnonzero(learnt), classes] = 1.0
    prior = own.sum(axis=0) - own
    score = np.log(prior + 1) - np.log(prior.sum(axis=1, keepdims=True) + n_classes)
    for field in prediction.fields:
        score += _log_likelihood(table.column(field).codes, _valued(table, field), own)
    likely = np.exp(score - score.max(axis=1, keepdims=True))
    return np.asarray(1 / likely.sum(axis=1) >= prediction.certainty, dtype=bool)


def _log_likelihood(codes: Codes, valued: Mask, own: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Log of the share of the record's value within each class, without the record itself; 0 where it has none."""
    value, distinct = pd.factorize(codes[valued])
    held, mine = np.zeros((max(1, len(distinct)), own.shape[1])), own[valued]
    np.add.at(held, value, mine)
    seen = held[value] - mine + 1
    total = held.sum(axis=0) - mine + max(1, len(distinct))
    told = np.zeros(own.shape)
    told[valued] = np.log(seen) - np.log(total)
    return told
