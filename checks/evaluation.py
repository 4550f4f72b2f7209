"""Evaluate rules on records. Nothing here sees truth, links, labels or fates."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from checks import concordance, days, denials, groups, habits, kernels, measures, sql_kernel, stored
from checks.columns import Table
from checks.flags import Flags, RuleFlags
from checks.judged import Judged
from checks.predicates import (
    AllOf,
    AnyOf,
    Custom,
    Expression,
    ForeignKey,
    HasColumn,
    Mask,
    Measure,
    Not,
    NotNull,
    Predicate,
    ReadAs,
    StoredAs,
    fields_of,
    kind_of,
    parts_of,
)
from checks.reading import read_table
from checks.records import Records
from checks.rule import NULL_POLICIES, Rule
from synth.errors import CasegaugeError, RuleError, nearest

_ON_ERROR = ("raise", "list")
# What pandas and Arrow raise at values a rule was not written for: periods, bytes, lists, time zones.
_UNFORESEEN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, pa.ArrowException)
_NOTHING = NotNull("")
_LOCAL: dict[type[Any], Callable[[Any, Table], Judged]] = {
    **kernels.KERNELS,
    **groups.KERNELS,
    **denials.KERNELS,
    **days.KERNELS,
    **habits.KERNELS,
    Expression: sql_kernel.expression,
    StoredAs: stored.stored_as,
}
_TOGETHER = (*groups.KERNELS, *denials.KERNELS, StoredAs)


def evaluate(
    rules: Iterable[Rule],
    records: Mapping[str, pd.DataFrame] | pd.DataFrame,
    *,
    null_policy: str | None = None,
    on_error: str = "raise",
) -> Flags:
    """Evaluate rules on records.

    Args:
        rules: rules with distinct ids.
        records: system -> frame, one row a record; or one frame. Index labels are not looked at.
        null_policy: ignore or fail for every rule; native, the default: each rule's own, which is its source's.
        on_error: raise: refuse all where one rule cannot be evaluated; list: go on, and say so in `errors`.

    Returns:
        Masks aligned by position, one entry per rule, in the order of the rules.

    Examples:
        >>> from checks import NotBlank, Pattern, Rule
        >>> frame = pd.DataFrame({"zip": ["12345", "1234", None, " "]})
        >>> flags = evaluate([Rule("given", NotBlank("zip")), Rule("digits", Pattern("zip", "[0-9]{5}"))], frame)
        >>> flags.results[0].fail, flags.results[1].fail
        (array([False, False,  True,  True]), array([False,  True,  True,  True]))
    """
    rules = list(rules)
    _check_ids(rules)
    if null_policy is not None and null_policy not in NULL_POLICIES:
        raise RuleError(f"null_policy is {null_policy!r}. {nearest(null_policy, NULL_POLICIES)}")
    if on_error not in _ON_ERROR:
        raise RuleError(f"on_error is {on_error!r}. {nearest(on_error, _ON_ERROR)}")
    tables = Records({_only_system(rules): records} if isinstance(records, pd.DataFrame) else records)
    judge = _Judge(tables)
    judge.run_sql(rules)
    results: list[RuleFlags] = []
    errors: dict[str, str] = {}
    for rule in rules:
        try:
            results.append(judge.rule(rule, rule.null_policy if null_policy in {None, "native"} else str(null_policy)))
        except CasegaugeError as problem:
            if on_error != "list":
                raise
            errors[rule.id] = str(problem)
    return Flags(tuple(results), {name: table.n_rows for name, table in tables.tables.items()}, errors)


def _check_ids(rules: Sequence[Rule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise RuleError(f"two rules have the id {rule.id!r}. Rename one.")
        seen.add(rule.id)


def _only_system(rules: Sequence[Rule]) -> str:
    """What a frame given alone is called: the system all rules name, if it is one."""
    systems = {rule.system for rule in rules if rule.system is not None}
    return systems.pop() if len(systems) == 1 else "records"


class _Judge:
    """Judges predicates; `where` conditions shared by rules are judged once."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._met: dict[tuple[str, Predicate], Mask] = {}
        self._read: dict[tuple[Table, ReadAs], tuple[Table, Mask]] = {}

    def run_sql(self, rules: Iterable[Rule]) -> None:
        """Judge all SQL of a table at once: a child process for each condition would take most of the time."""
        of_table: dict[str | None, list[Expression]] = {}
        for rule in rules:
            for predicate in (rule.predicate, rule.where):
                for system, found in _sql_of(predicate, rule.system):
                    of_table.setdefault(system, []).append(found)
        for system, found_there in of_table.items():
            with suppress(CasegaugeError):  # the rule itself is refused when its turn comes
                sql_kernel.judge_together(found_there, self.records.table(system))

    def rule(self, rule: Rule, policy: str) -> RuleFlags:
        try:
            return self._rule(rule, policy)
        except CasegaugeError as problem:
            raise type(problem)(f"rule {rule.id!r}: {problem}{_place(rule)}") from None
        except _UNFORESEEN as problem:
            if os.environ.get("CASEGAUGE_DEBUG"):
                raise
            what = f"{type(problem).__name__}: {' '.join(str(problem).split())[:120]}"
            raise RuleError(
                f"rule {rule.id!r}: cannot be evaluated on values of this kind ({what}). Change the rule or the column."
                f"{_place(rule)}"
            ) from None

    def _rule(self, rule: Rule, policy: str) -> RuleFlags:
        table = self.records.table(rule.system)
        for field in rule.blames:
            table.column(field)
        met = table.everything if rule.where is None else self.met(rule.where, table)
        predicate, read = rule.predicate, table
        while isinstance(predicate, ReadAs):
            read, _ = self.read(predicate, read)
            predicate = predicate.of
        if isinstance(predicate, (HasColumn, Measure)):
            judged = self.whole(predicate, read, policy, met)
        elif rule.where is not None and _by_one_another(predicate, rule.level):
            judged = self.judged(rule.predicate, Table(table.name, table.frame[met]), policy).spread(met)
        else:
            judged = self.judged(rule.predicate, table, policy)
        fail, evaluated = judged.settle(policy, table.everything)
        if rule.where is not None:
            fail, evaluated = fail & met, evaluated & met
        return RuleFlags(
            rule=rule,
            system=table.name,
            fail=fail,
            evaluated=evaluated,
            blamed=_blamed(rule, judged, fail),
            partners=judged.partners,
            partner_fields=judged.partner_fields,
            holds=judged.holds,
            measured=judged.measured,
        )

    def whole(self, predicate: HasColumn | Measure, table: Table, policy: str, rows: Mask) -> Judged:
        """Judge a table as a whole, by the rows the rule is about."""
        if isinstance(predicate, HasColumn):
            return measures.has_column(predicate, table)
        part = predicate.of
        settled = None if part is None else self.judged(part, table, policy).settle(policy, table.everything)
        return measures.measure(predicate, table, rows, settled)

    def met(self, condition: Predicate, table: Table) -> Mask:
        """Rows where a condition can be evaluated and holds."""
        key = (table.name, condition)
        if key not in self._met:
            fail, evaluated = self.judged(condition, table, "native").settle("native", table.everything)
            self._met[key] = evaluated & ~fail
        return self._met[key]

    def judged(self, predicate: Predicate, table: Table, policy: str) -> Judged:
        """Dispatch to the kernel of a predicate's kind."""
        if isinstance(predicate, ReadAs):
            read, unread = self.read(predicate, table)
            judged = self.judged(predicate.of, read, policy)
            return judged if predicate.unread == "null" else judged.failing(unread)
        if isinstance(predicate, (AllOf, AnyOf, Not)):
            return self._combined(predicate, table, policy)
        if isinstance(predicate, (HasColumn, Measure)):
            raise RuleError(f"{kind_of(predicate)} is about a table as a whole; it is no condition on a record.")
        if isinstance(predicate, ForeignKey) and predicate.other_where is not None:
            rows = self.met(predicate.other_where, self.records.table(predicate.system))
            return concordance.foreign_key(predicate, table, self.records, rows)
        if type(predicate) in concordance.KERNELS:
            return concordance.KERNELS[type(predicate)](predicate, table, self.records)
        return _LOCAL[type(predicate)](predicate, table)

    def read(self, predicate: ReadAs, table: Table) -> tuple[Table, Mask]:
        """Return the table with some columns read, and where one does not; conditions that read alike share it."""
        fields = predicate.fields or fields_of(predicate.of)
        key = (table, replace(predicate, of=_NOTHING, fields=fields))
        if key not in self._read:
            self._read[key] = read_table(predicate, fields, table)
        return self._read[key]

    def _combined(self, predicate: AllOf | AnyOf | Not, table: Table, policy: str) -> Judged:
        """Three-valued logic: what one part decides does not wait for a part that cannot be evaluated."""
        parts = predicate.of if isinstance(predicate, (AllOf, AnyOf)) else (predicate.of,)
        judged = [self.judged(part, table, policy) for part in parts]
        settled = [part.settle(policy, table.everything) for part in judged]
        partners, partner_fields = _partners(judged)
        fails = [fail for fail, _ in settled]
        passes = [evaluated & ~fail for fail, evaluated in settled]
        if isinstance(predicate, Not):
            null = judged[0].null if policy == "fail" else None
            bad = passes[0] if null is None else passes[0] | null
            return Judged(bad, skipped=~(fails[0] | bad), partners=partners, partner_fields=partner_fields)
        if isinstance(predicate, AllOf):
            bad, good = np.logical_or.reduce(fails), np.logical_and.reduce(passes)
        else:
            bad, good = np.logical_and.reduce(fails), np.logical_or.reduce(passes)
        return Judged(bad, skipped=~(bad | good), partners=partners, partner_fields=partner_fields)


def _place(rule: Rule) -> str:
    return f" [{rule.place}]" if rule.place else ""


def _partners(judged: Sequence[Judged]) -> tuple[dict[str, npt.NDArray[np.int64]], dict[str, tuple[str, ...]]]:
    """The records that conditions are held against, and all fields blamed there; none where two links differ."""
    partners: dict[str, npt.NDArray[np.int64]] = {}
    fields: dict[str, tuple[str, ...]] = {}
    differ: set[str] = set()
    for part in judged:
        for system, places in part.partners.items():
            if not np.array_equal(partners.setdefault(system, places), places):
                differ.add(system)
            fields[system] = tuple(dict.fromkeys([*fields.get(system, ()), *part.partner_fields.get(system, ())]))
    kept = [system for system in partners if system not in differ]
    return {system: partners[system] for system in kept}, {system: fields[system] for system in kept}


def _by_one_another(predicate: Predicate, level: str) -> bool:
    """Whether rows are judged by one another, so that a rule sees only those it is about."""
    return isinstance(predicate, _TOGETHER) or (isinstance(predicate, Custom) and level in {"group", "table"})


def _sql_of(predicate: Predicate | None, system: str | None) -> list[tuple[str | None, Expression]]:
    """The SQL conditions in a predicate, each with the system it is about."""
    if predicate is None or isinstance(predicate, ReadAs):  # which judges a table of its own
        return []
    found: list[tuple[str | None, Expression]] = [(system, predicate)] if isinstance(predicate, Expression) else []
    if isinstance(predicate, ForeignKey):
        found = _sql_of(predicate.other_where, predicate.system)
    return found + [one for part in parts_of(predicate) for one in _sql_of(part, system)]


def _blamed(rule: Rule, judged: Judged, fail: Mask) -> dict[str, Mask]:
    """Cells blamed: by the kernel where it tells cells apart, else every field of the rule in every failing row."""
    if judged.blamed is None:
        return dict.fromkeys(rule.blames, fail)
    return {field: judged.blamed[field] & fail if field in judged.blamed else fail for field in rule.blames}
