"""What rules found: masks aligned to the records by position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from checks.predicates import Mask
from checks.rule import SEVERITIES, Limit, Rule

OUTCOMES = ("pass", "fail", "not_evaluated")


@dataclass(frozen=True)
class RuleFlags:
    """One rule's findings, one entry per row of one system.

    Attributes:
        rule: the rule.
        system: the frame the masks are aligned to, by position.
        fail: rows that fail; they are evaluated.
        evaluated: rows the rule judged.
        blamed: field of `system` -> rows where that cell is blamed, subset of `fail`.
        partners: other system -> position of the joined record, -1 where none (rules across systems; else empty).
        partner_fields: other system -> fields blamed there; () says the record itself is missed.
        holds: for a rule about a table as a whole, whether it holds; None: about rows.
        measured: the number such a rule worked out.
    """

    rule: Rule
    system: str
    fail: Mask
    evaluated: Mask
    blamed: Mapping[str, Mask]
    partners: Mapping[str, npt.NDArray[np.int64]]
    partner_fields: Mapping[str, tuple[str, ...]]
    holds: bool | None = None
    measured: Any = None

    @property
    def n_fail(self) -> int:
        """Number of rows that fail."""
        return int(np.count_nonzero(self.fail))

    @property
    def n_evaluated(self) -> int:
        """Number of rows judged."""
        return int(np.count_nonzero(self.evaluated))

    @property
    def alert(self) -> bool:
        """Whether more of the evaluated rows fail than the rule's threshold and limits allow (none without them)."""
        return bool(self.alarm)

    @property
    def alarm(self) -> str:
        """The severity of the worst limit that is passed: error, warning or nothing."""
        if self.holds is not None:
            return "" if self.holds else self.rule.severity
        passed = {limit.severity for limit in self._limits() if limit.is_passed(self.n_fail, self.n_evaluated)}
        return next((severity for severity in SEVERITIES if severity in passed), "")

    def _limits(self) -> tuple[Limit, ...]:
        if self.rule.threshold is None and self.rule.limits:
            return self.rule.limits
        return (Limit(self.rule.threshold or 0.0, severity=self.rule.severity), *self.rule.limits)


@dataclass(frozen=True)
class Flags:
    """The findings of a set of rules.

    Attributes:
        results: one entry per rule, in the order of the rules.
        n_rows: rows of every system.
        errors: id of a rule that could not be evaluated -> why; such rules have no entry among the results.
    """

    results: tuple[RuleFlags, ...]
    n_rows: Mapping[str, int]
    errors: Mapping[str, str] = field(default_factory=dict)

    def summary(self) -> pd.DataFrame:
        """One row per rule: rows, rows evaluated, rows that fail, and whether that is an alert."""
        rows = [
            (r.rule.id, r.system, r.rule.level, self.n_rows[r.system], r.n_evaluated, r.n_fail, r.alert)
            for r in self.results
        ]
        return pd.DataFrame(rows, columns=["rule_id", "system", "level", "n_rows", "n_evaluated", "n_fail", "alert"])

    def to_frame(self, records: Mapping[str, pd.DataFrame], *, outcomes: Sequence[str] = ("fail",)) -> pd.DataFrame:
        """Return the `flags` table: system, record_id, field, rule_id, outcome; one row per cell blamed.

        Args:
            records: the frames the rules saw; a frame without `record_id` is numbered by position, from 0.
            outcomes: which of pass, fail, not_evaluated to list. A failing pair lists the partner's cells too.

        Examples:
            >>> from checks import NotBlank, Rule, evaluate
            >>> records = {"encounter": pd.DataFrame({"record_id": ["E1", "E2"], "time": ["12:30", " "]})}
            >>> flags = evaluate([Rule("time", NotBlank("time"), system="encounter")], records)
            >>> print(flags.to_frame(records).to_string(index=False))
               system record_id field rule_id outcome
            encounter        E2  time    time    fail
        """
        parts = [
            _part(records[system], system, rows, field, result.rule.id, outcome)
            for result in self.results
            for outcome in outcomes
            for system, field, rows in _cells(result, outcome)
        ]
        empty = pd.DataFrame(columns=["system", "record_id", "field", "rule_id", "outcome"], dtype="str")
        table = pd.concat([empty, *parts], ignore_index=True) if parts else empty
        return table.drop_duplicates(ignore_index=True)


def _cells(result: RuleFlags, outcome: str) -> list[tuple[str, str | None, npt.NDArray[np.int64]]]:
    """System, field and positions of the cells with an outcome."""
    if outcome == "not_evaluated":
        masks = dict.fromkeys(result.blamed, ~result.evaluated)
    elif outcome == "pass":
        masks = {field: result.evaluated & ~mask for field, mask in result.blamed.items()}
    else:
        masks = dict(result.blamed)
    if not masks:  # no field to blame: the record
        masks = {"": {"fail": result.fail, "pass": result.evaluated & ~result.fail}.get(outcome, ~result.evaluated)}
    own = [(result.system, field or None, np.flatnonzero(mask)) for field, mask in masks.items()]
    if outcome != "fail":
        return own
    theirs = [
        (system, field, partner[result.fail & (partner >= 0)])
        for system, partner in result.partners.items()
        for field in result.partner_fields[system]
    ]
    return own + theirs


def _part(
    frame: pd.DataFrame, system: str, rows: npt.NDArray[np.int64], field: str | None, rule_id: str, outcome: str
) -> pd.DataFrame:
    if "record_id" in frame.columns:
        record_id = frame["record_id"].take(rows).astype("str").reset_index(drop=True)
    else:
        record_id = pd.Series(rows).astype("str")
    part = pd.DataFrame(
        {"system": system, "record_id": record_id, "field": field, "rule_id": rule_id, "outcome": outcome}
    )
    return part.astype("str") if field is not None else part.astype({"field": "str"})
