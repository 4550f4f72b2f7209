"""Placeholder discovery: values that fill a column without saying anything, found from the data alone.

No list of spellings is asked. Each distinct value of each column collects evidence: how it is written, whether it looks
like the rest of its column, whether it lies where the rest lies, whether it is too frequent, whether the other columns
contradict it, whether it also stands in columns it has no business in. What reaches `enough` is a suspect.

References:
    Hua, Pei (2007), Cleaning disguised missing data: a heuristic approach, KDD: values that stand for missing are an
    unbiased sample of the table. Qahtan, Elmagarmid, Castro Fernandez, Ouzzani, Tang (2018), FAHES: a robust disguised
    missing values detector, KDD: syntactic outliers, repeated signs, numeric outliers, random co-occurrence.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from checks.columns import Table
from checks.discovery_evidence import Evidence, contradicted, own_evidence, shared
from checks.discovery_profile import ColumnKind, Profile, profile
from checks.predicates import Mask
from synth.errors import RuleError, nearest

ENOUGH = 1.0
MAX_RATE = 0.1
MIN_ROWS = 20


@dataclass(frozen=True)
class Suspect:
    """A value that probably stands for "no value".

    Attributes:
        column: where it stands.
        value: as it is written.
        n: rows that hold it.
        rate: their share of the rows that hold something.
        kind: what most of the column is: number, date, time, code, category, text.
        strength: sum of the evidence; 1 is enough.
        evidence: why, strongest first.
    """

    column: str
    value: str
    n: int
    rate: float
    kind: ColumnKind
    strength: float
    evidence: tuple[str, ...]


def discover_placeholders(
    frame: pd.DataFrame,
    *,
    columns: Collection[str] | None = None,
    answers: Mapping[str, Collection[str]] | None = None,
    enough: float = ENOUGH,
    max_rate: float = MAX_RATE,
) -> tuple[Suspect, ...]:
    """Find disguised missing values, column by column.

    Nulls and blanks are not looked at: `not_blank` finds them. A wrong value that looks right is not found, and a
    word that a pick list of words holds a few times is told from an answer only by other columns.

    Args:
        frame: one row a record. The more columns, the more is found: a spelling used in several columns gives itself
            away.
        columns: those to report; default: all. The others still lend evidence.
        answers: column -> answers its data dictionary lists ("unknown", say). They are never reported.
        enough: evidence that makes a suspect, from about .7 (finds more) to 1.5 (errs less).
        max_rate: a value that fills more than this share of a column is what the column says, and is not reported.

    Returns:
        Suspects in the order of the columns, most frequent first; none for a column with fewer than 20 filled rows.

    Examples:
        >>> codes = [f"CTR-{n % 17:02d}" for n in range(200)] + ["pending", "XXX", "XXX"]
        >>> ages = [str(20 + n % 50) for n in range(200)] + ["999", "999", "41"]
        >>> for found in discover_placeholders(pd.DataFrame({"centre": codes, "age": ages})):
        ...     print(found.column, found.value, found.n, found.kind)
        centre XXX 2 category
        centre pending 1 category
        age 999 2 number
    """
    table = Table("records", frame)
    wanted = [str(name) for name in frame.columns] if columns is None else list(columns)
    for name in (*wanted, *(answers or {})):
        table.column(name)
    if not 0 < max_rate <= 1:
        raise RuleError(f"max_rate is {max_rate}; it is a share above 0, at most 1.")
    profiles = [profile(str(name), table.column(name)) for name in frame.columns]
    profiles = [one for one in profiles if one.n_rows >= MIN_ROWS]
    gathered = {one.name: own_evidence(one) for one in profiles}
    contradicted(profiles, gathered)
    shared(profiles, gathered)
    found: list[Suspect] = []
    for one in profiles:
        if one.name in wanted:
            listed = (answers or {}).get(one.name, ())
            found += _suspects(one, gathered[one.name], listed, enough, max_rate)
    return tuple(found)


def placeholder_mask(frame: pd.DataFrame, suspects: Collection[Suspect], column: str) -> Mask:
    """Return the rows whose value in this column is a suspect, by position.

    Examples:
        >>> frame = pd.DataFrame({"age": ["20", "??", None, "21"]})
        >>> placeholder_mask(frame, [Suspect("age", "??", 1, 0.33, "number", 1.0, ())], "age")
        array([False,  True, False, False])
    """
    if column not in frame.columns:
        raise RuleError(f"column {column!r} is not in the frame. {nearest(column, [str(n) for n in frame.columns])}")
    one = profile(column, Table("records", frame).column(column))
    listed = {suspect.value for suspect in suspects if suspect.column == column}
    hit = np.array([value in listed for value in one.texts.to_pylist()] + [False], dtype=bool)
    return np.asarray(hit[one.codes], dtype=bool)


def _suspects(
    one: Profile, evidence: Evidence, listed: Collection[str], enough: float, max_rate: float
) -> list[Suspect]:
    strength = evidence.total()
    chosen = np.flatnonzero((strength >= enough - 1e-9) & (one.rates <= max_rate))
    kept = {str(answer).strip().lower() for answer in listed}
    order = sorted(chosen.tolist(), key=lambda place: (-one.counts[place], str(one.texts[place])))
    return [
        Suspect(
            column=one.name,
            value=one.texts[place].as_py(),
            n=int(one.counts[place]),
            rate=float(one.rates[place]),
            kind=one.kind,
            strength=round(float(strength[place]), 2),
            evidence=evidence.reasons(place),
        )
        for place in order
        if one.keys[place].as_py() not in kept
    ]
