"""Counts of finds and false alarms, addable over chunks of cases.

Beside every count stand its sums over cases of squares and products, within each stratum, so that standard errors
clustered by case need no second pass. `add(count(a), count(b))` is the count of a and b together, provided that no case
(and no pair of records a rule joins) is in both: chunks are chunks of whole cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.align import (
    ANY,
    AnswerKey,
    IntArray,
    Mask,
    PairFlags,
    UnitFlags,
    align_pairs,
    align_rule,
    everything,
    merge,
)
from synth.errors import DataError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from checks.flags import Flags
    from checks.rule import Rule

UNITS = ("cell", "record", "pair", "case")
HITS = ("n_tp", "n_fn", "n_unique", "ss_tp", "ss_fn", "sp_tp_fn")
ALARMS = ("n_fp", "n_tn", "n_not_evaluated")
CASES = ("n_cases", "n_flags", "ss_fp", "sp_tp_fp", "sp_fp_fn")
FLAG_EVERYTHING, FLAG_NOTHING = "flag everything", "flag nothing"


@dataclass(frozen=True)
class Counts:
    """Counts of rules, packs and baselines, each row keyed by kind (rule, pack or baseline), name, unit, stratum.

    Rows that are zero throughout are left out, so that equal counts are equal frames.

    Attributes:
        hits: and by defect ("any": of whatever kind): n_tp found, n_fn missed, n_unique found by no other rule (for a
            pack: by no rule outside it); ss_ and sp_ are sums over cases of squares and products.
        alarms: and by kind of negative: n_fp flagged, n_tn left alone, n_not_evaluated (the rule could have blamed
            it and did not judge it; as good as left alone).
        cases: n_cases, n_flags (units flagged), and sums over cases that pair false alarms with finds.
        n_records: records of all systems.
    """

    hits: pd.DataFrame
    alarms: pd.DataFrame
    cases: pd.DataFrame
    n_records: int


def count(flags: Flags, key: AnswerKey, *, packs: Mapping[str, Iterable[Rule | str]] | None = None) -> Counts:
    """Count what rules find and miss, and what they flag for nothing.

    Args:
        flags: the findings of the rules on the records of the key.
        key: the answers, see `benchmarks.align.answer_key`.
        packs: name -> rules or their ids; a pack flags what any of its rules flags. None: one pack of "all rules".

    Examples:
        >>> from benchmarks.align import answer_key
        >>> from checks import NotNull, Rule, evaluate
        >>> records = {"a": pd.DataFrame({"record_id": ["r1", "r2", "r3"], "time": ["09:00", None, None]})}
        >>> label = ("defect", "a", "r2", "time", 1, "missing")
        >>> labels = pd.DataFrame([label], columns=["class", "system", "record_id", "field", "case_id", "defect"])
        >>> links = pd.DataFrame({"system": "a", "record_id": ["r1", "r2", "r3"], "case_id": [0, 1, 2]})
        >>> key = answer_key(records, labels, links, pd.DataFrame({"case_id": [0, 1, 2]}))
        >>> counts = count(evaluate([Rule("time", NotNull("time"), system="a")], records), key)
        >>> counts.hits.loc[("rule", "time", "cell", "missing", "all"), ["n_tp", "n_fn"]].tolist()
        [1, 0]
        >>> counts.alarms.loc[("rule", "time", "cell", "all", "not_asked"), "n_fp"].item()
        1
    """
    _check(flags, key)
    members = _members(packs, [result.rule.id for result in flags.results])
    ledger = _Ledger(key)
    union = {pack: merge([_nothing(key)]) for pack in members}
    pairs = {pack: ledger.no_findings() for pack in members}
    for result in flags.results:
        name, compares = result.rule.id, result.rule.level in ("pair", "group")
        units = align_rule(result, key, compares_records=compares)
        findings = ledger.findings(align_pairs(result, key, compares_records=compares))
        ledger.enter("rule", name, units, findings)
        for pack in (pack for pack, names in members.items() if name in names):
            union[pack] = merge([union[pack], units])
            pairs[pack] = pairs[pack].plus(findings)
    for pack in members:
        ledger.enter("pack", pack, union[pack], pairs[pack])
    ledger.enter("baseline", FLAG_NOTHING, _nothing(key), ledger.no_findings())
    full, findings = _nothing(key), ledger.no_findings()
    for part in everything(key):
        full, findings = merge([full, align_rule(part, key)]), findings.plus(ledger.findings(align_pairs(part, key)))
    ledger.enter("baseline", FLAG_EVERYTHING, full, findings)
    return ledger.counts(members)


def add(first: Counts, second: Counts) -> Counts:
    """Return the counts of two disjoint sets of cases together."""
    names = [set(part.cases.reset_index()[["kind", "name"]].itertuples(index=False)) for part in (first, second)]
    if names[0] != names[1] and all(names):
        kind, name = min(names[0] ^ names[1])
        raise DataError(f"{kind} {name!r} is counted in one part only; add counts of the same rules and packs")
    return Counts(
        hits=_canonical([first.hits, second.hits]),
        alarms=_canonical([first.alarms, second.alarms]),
        cases=_canonical([first.cases, second.cases]),
        n_records=first.n_records + second.n_records,
    )


@dataclass(frozen=True)
class _Alarms:
    """False alarms of one flagger at one unit.

    Attributes:
        table: n_fp, n_tn and n_not_evaluated, shape (strata, kinds, 3).
        by_case: false alarms of each case.
        n_flags: units flagged in each stratum.
    """

    table: IntArray
    by_case: IntArray
    n_flags: IntArray

    def plus(self, other: _Alarms) -> _Alarms:
        return _Alarms(self.table + other.table, self.by_case + other.by_case, self.n_flags + other.n_flags)


@dataclass(frozen=True)
class _Group:
    """Positives of one defect, gathered by case.

    Attributes:
        which: the positives.
        case: the cases they lie in.
        of: which of those cases each positive lies in.
        n_positives: positives of each of those cases.
        sums: sums of n_positives and its squares, shape (strata, 2).
    """

    which: IntArray
    case: IntArray
    of: IntArray
    n_positives: IntArray
    sums: IntArray


class _Ledger:
    """Adds up flaggers one at a time, so that only their finds are kept, not their masks."""

    def __init__(self, key: AnswerKey) -> None:
        self.key = key
        self.negatives = {unit: self._negatives(unit) for unit in key.units}
        self.groups = {unit: self._groups(unit) for unit in key.units}
        self.n_positives = {unit: np.bincount(at.case, minlength=key.n_cases) for unit, at in key.units.items()}
        self.n_finders = {unit: np.zeros(len(at.case), dtype=np.int64) for unit, at in key.units.items()}
        self.n_cases = np.bincount(key.stratum, minlength=len(key.strata))
        self.found: dict[tuple[str, str, str], Mask] = {}
        self.hits: dict[tuple[str, str, str], dict[str, IntArray]] = {}
        self.alarms: dict[tuple[str, str, str], IntArray] = {}
        self.cases: dict[tuple[str, str, str], IntArray] = {}

    def enter(self, kind: str, name: str, units: Mapping[str, UnitFlags], findings: _Alarms) -> None:
        """Enter one flagger at all units; a pair finds the cells that unit cell finds."""
        for unit in UNITS:
            flags = units["cell" if unit == "pair" else unit]
            alarms = findings if unit == "pair" else self.unit_alarms(unit, flags)
            row = (kind, name, unit)
            if kind == "rule" and unit != "pair":
                self.n_finders[unit] += flags.found
            self.found[row], self.alarms[row] = flags.found, alarms.table
            at = "cell" if unit == "pair" else unit
            self.hits[row] = {defect: self._hits(group, flags.found) for defect, group in self.groups[at].items()}
            self.cases[row] = self._cases(at, flags.found, alarms)

    def unit_alarms(self, unit: str, flags: UnitFlags) -> _Alarms:
        """False alarms at unit cell, record or case."""
        key, kinds = self.key, self.key.units[unit].kind
        n_fp, n_skipped = np.zeros((2, *self.negatives[unit].shape), dtype=np.int64)
        by_case, flagged = np.zeros((2, key.n_cases), dtype=np.int64)
        for place, mask in flags.wrong.items():
            alarms = np.flatnonzero(mask & (kinds[place] >= 0))
            case = key.cases_at(place)[alarms]
            n_fp += self._table(case, kinds[place][alarms])
            by_case += np.bincount(case, minlength=key.n_cases)
        for place, mask in flags.evaluated.items():
            skipped = np.flatnonzero(~mask & (kinds[place] >= 0))
            n_skipped += self._table(key.cases_at(place)[skipped], kinds[place][skipped])
        for place, mask in flags.flagged.items():
            flagged += np.bincount(key.cases_at(place)[mask], minlength=key.n_cases)
        table = np.stack([n_fp, self.negatives[unit] - n_fp - n_skipped, n_skipped], axis=-1)
        return _Alarms(table, by_case, self._by_stratum(flagged))

    def findings(self, pairs: PairFlags | None) -> _Alarms:
        """False alarms at unit pair: rows of one rule."""
        if pairs is None:
            return self.no_findings()
        columns = [
            self._table(pairs.case[rows], pairs.kind[rows]) for rows in (pairs.wrong, pairs.quiet, pairs.skipped)
        ]
        by_case = np.bincount(pairs.case[pairs.wrong], minlength=self.key.n_cases)
        flagged = np.bincount(pairs.case[pairs.flagged], minlength=self.key.n_cases)
        return _Alarms(np.stack(columns, axis=-1), by_case, self._by_stratum(flagged))

    def no_findings(self) -> _Alarms:
        key = self.key
        none = np.zeros((len(key.strata), len(key.kinds), len(ALARMS)), dtype=np.int64)
        return _Alarms(none, np.zeros(key.n_cases, dtype=np.int64), none[:, 0, 0])

    def counts(self, packs: Mapping[str, Sequence[str]]) -> Counts:
        """Return all that was entered, with what each rule or pack found alone."""
        members: dict[tuple[str, str], tuple[str, ...]] = {
            ("rule", name): (name,) for kind, name, _ in self.found if kind == "rule"
        }
        members |= {("pack", name): tuple(names) for name, names in packs.items()}
        unique = {row: self._unique(row, members.get(row[:2], ())) for row in self.found}
        strata, kinds = self.key.strata, self.key.kinds
        hits = [
            (*row, defect, stratum, n_tp, n_fn, n_unique, *sums)
            for row, defects in self.hits.items()
            for defect, table in defects.items()
            for stratum, n_unique, (n_tp, n_fn, *sums) in zip(
                strata, unique[row][defect].tolist(), table.tolist(), strict=True
            )
        ]
        alarms = [
            (*row, stratum, kind, *numbers)
            for row, table in self.alarms.items()
            for stratum, by_kind in zip(strata, table.tolist(), strict=True)
            for kind, numbers in zip(kinds, by_kind, strict=True)
        ]
        cases = [
            (*row, stratum, *numbers)
            for row, table in self.cases.items()
            for stratum, numbers in zip(strata, table.tolist(), strict=True)
        ]
        return Counts(
            _frame(hits, ("defect", "stratum"), HITS),
            _frame(alarms, ("stratum", "negative"), ALARMS),
            _frame(cases, ("stratum",), CASES),
            n_records=sum(self.key.n_rows.values()),
        )

    def _negatives(self, unit: str) -> IntArray:
        parts = [
            self._table(self.key.cases_at(place)[kind >= 0], kind[kind >= 0])
            for place, kind in self.key.units[unit].kind.items()
        ]
        total: IntArray = np.sum(parts, axis=0, dtype=np.int64)
        return total

    def _groups(self, unit: str) -> dict[str, _Group]:
        groups = {}
        for defect, which in self.key.units[unit].members.items():
            case, of, n = np.unique(self.key.units[unit].case[which], return_inverse=True, return_counts=True)
            groups[defect] = _Group(which, case, of, n, self._sums(case, n, n * n))
        return groups

    def _hits(self, group: _Group, found: Mask) -> IntArray:
        """Return n_tp, n_fn and their sums over cases, shape (strata, 5); only cases with a find are gone through."""
        some, n_tp = self._finds(group, found)
        n = group.n_positives[some]
        tp, tp_tp, tp_n = self._sums(group.case[some], n_tp, n_tp * n_tp, n_tp * n).T
        positives, squares = group.sums.T
        return np.column_stack([tp, positives - tp, tp_tp, squares - 2 * tp_n + tp_tp, tp_n - tp_tp])

    def _cases(self, unit: str, found: Mask, alarms: _Alarms) -> IntArray:
        """Return the columns of the cases table, shape (strata, 5); only cases with a false alarm are gone through."""
        group = self.groups[unit][ANY]
        some, n_tp = self._finds(group, found)
        (tp_fp,) = self._sums(group.case[some], n_tp * alarms.by_case[group.case[some]]).T
        alarmed = np.flatnonzero(alarms.by_case)
        n_fp = alarms.by_case[alarmed]
        fp_fp, fp_n = self._sums(alarmed, n_fp * n_fp, n_fp * self.n_positives[unit][alarmed]).T
        return np.column_stack([self.n_cases, alarms.n_flags, fp_fp, tp_fp, fp_n - tp_fp])

    def _finds(self, group: _Group, found: Mask) -> tuple[IntArray, IntArray]:
        """Return the cases of a group with a find, and how many each has."""
        n_tp = np.bincount(group.of[found[group.which]], minlength=len(group.case))
        some = np.flatnonzero(n_tp)
        return some, n_tp[some]

    def _unique(self, row: tuple[str, str, str], names: Sequence[str]) -> dict[str, IntArray]:
        """Finds, by defect, of these rules that no other rule has."""
        unit = row[2]
        at = "cell" if unit == "pair" else unit
        inside = sum((self.found["rule", name, unit] for name in names), start=np.zeros_like(self.n_finders[at]))
        alone = (inside > 0) & (inside == self.n_finders[at])
        return {
            defect: np.bincount(self.key.stratum[group.case[group.of[alone[group.which]]]], minlength=len(self.n_cases))
            for defect, group in self.groups[at].items()
        }

    def _table(self, case: IntArray, kind: npt.NDArray[np.int16]) -> IntArray:
        shape = (len(self.key.strata), len(self.key.kinds))
        cells = self.key.stratum[case] * shape[1] + kind
        table: IntArray = np.bincount(cells, minlength=shape[0] * shape[1])
        return table.reshape(shape)

    def _by_stratum(self, by_case: IntArray) -> IntArray:
        some = np.flatnonzero(by_case)
        return self._sums(some, by_case[some])[:, 0]

    def _sums(self, case: IntArray, *columns: IntArray) -> IntArray:
        """Sums of values of some cases, by stratum, shape (strata, columns)."""
        # Weights are doubles: exact up to 2**53, far above any sum of squares of a chunk.
        stratum, n = self.key.stratum[case], len(self.key.strata)
        return np.column_stack([np.bincount(stratum, column, n) for column in columns]).astype(np.int64)


def _frame(rows: list[tuple[object, ...]], levels: tuple[str, ...], columns: tuple[str, ...]) -> pd.DataFrame:
    index = ("kind", "name", "unit", *levels)
    frame = pd.DataFrame(rows, columns=[*index, *columns]).set_index(list(index))
    return _canonical([frame.astype("int64")])


def _canonical(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Add frames up by their index; rows of zeros carry nothing and are left out."""
    total = pd.concat(frames)
    total = total.groupby(level=list(range(total.index.nlevels)), sort=True).sum()
    return total[(total != 0).any(axis=1)]


def _nothing(key: AnswerKey) -> dict[str, UnitFlags]:
    return {unit: UnitFlags({}, {}, {}, np.zeros(len(answers.position), bool)) for unit, answers in key.units.items()}


def _members(packs: Mapping[str, Iterable[Rule | str]] | None, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    if packs is None:
        return {"all rules": tuple(names)}
    members = {
        pack: tuple(rule if isinstance(rule, str) else rule.id for rule in rules) for pack, rules in packs.items()
    }
    for pack, rules in members.items():
        for name in set(rules) - set(names):
            raise DataError(f"pack {pack!r} names rule {name!r}, which was not evaluated. {nearest(name, names)}")
    return members


def _check(flags: Flags, key: AnswerKey) -> None:
    for system, n_rows in flags.n_rows.items():
        if key.n_rows.get(system) != n_rows:
            known = ", ".join(f"{name} {n}" for name, n in key.n_rows.items())
            raise DataError(f"the flags are about {n_rows} records of {system!r}; the answers are about {known}")
