"""Mutation testing: how many planted defects the rules of a team notice, and the smallest they do not.

Every mutant is judged as if it stood alone in the clean data. Rules that judge each record by itself see a lot of them
at once, in different rows; the others see one at a time. A mutant is found where some rule flags a record it passed
before, a rule about the table as a whole raises an alert it did not raise, or a rule cannot be evaluated any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.mutation.mutants import DEFECTS, Mutant, mutants_of
from benchmarks.mutation.planting import planted
from benchmarks.mutation.reach import can_see, judges_each_by_itself
from benchmarks.rule_files import Loaded, given_rules
from checks.data_files import read_data
from checks.evaluation import evaluate
from checks.flags import Flags, RuleFlags
from checks.loading import load_rules
from checks.predicates import Mask
from checks.rule import Rule
from checks.rule_set import RuleSet
from synth.errors import DataError, RuleError, nearest


@dataclass(frozen=True)
class MutationResult:
    """What became of every mutant. It holds the changed cells, and nothing else of the data.

    Attributes:
        mutants: all that were planted, each by itself.
        found_by: for each of them, the ids of the rules that notice it.
        rules: the ids of all rules.
        flagged_rows: table -> records that the rules flag in the data as they came; nothing is planted there.
        errors: id of a rule -> why it could not be evaluated with some mutant, which it thereby noticed.
    """

    mutants: tuple[Mutant, ...]
    found_by: tuple[frozenset[str], ...]
    rules: tuple[str, ...]
    flagged_rows: Mapping[str, int]
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def n_found(self) -> int:
        """How many were noticed."""
        return sum(bool(ids) for ids in self.found_by)

    @property
    def score(self) -> float:
        """The mutation score: noticed mutants over all, from 0 to 1; 0 of 0 is not a number."""
        return self.n_found / len(self.mutants) if self.mutants else float("nan")

    @property
    def survivors(self) -> tuple[Mutant, ...]:
        """The mutants no rule noticed, the smallest first."""
        alive = [mutant for mutant, ids in zip(self.mutants, self.found_by, strict=True) if not ids]
        return tuple(sorted(alive, key=lambda mutant: mutant.size))

    def table(self, *by: str) -> pd.DataFrame:
        """Return n_planted, n_found, score and the smallest survivor, for every group.

        Args:
            by: table, field, defect or variant; one or more.
        """
        rows: dict[tuple[str, ...], list[Any]] = {}
        for mutant, ids in zip(self.mutants, self.found_by, strict=True):
            row = rows.setdefault(tuple(str(getattr(mutant, name) or "") for name in by), [0, 0, None])
            row[0] += 1
            row[1] += bool(ids)
            if not ids and (row[2] is None or mutant.size < row[2].size):
                row[2] = mutant
        found = [(*key, n, hit, hit / n, self._said(least)) for key, (n, hit, least) in rows.items()]
        return pd.DataFrame(found, columns=[*by, "n_planted", "n_found", "score", "smallest_survivor"])

    def by_rule(self) -> pd.DataFrame:
        """Return for every rule: mutants it notices, and those it alone notices (unique finds)."""
        found = dict.fromkeys(self.rules, 0)
        alone = dict.fromkeys(self.rules, 0)
        for ids in self.found_by:
            for rule_id in ids:
                found[rule_id] += 1
                alone[rule_id] += len(ids) == 1
        rows = [(rule_id, found[rule_id], alone[rule_id]) for rule_id in self.rules]
        return pd.DataFrame(rows, columns=["rule", "n_found", "unique_finds"])

    def assert_score(self, at_least: float) -> None:
        """Raise an AssertionError that shows the smallest survivors if the score is lower than that.

        Raises:
            AssertionError: it is. RuleError: `at_least` is no share.
        """
        __tracebackhide__ = True
        if not 0 <= at_least <= 1:
            raise RuleError(f"at_least is {at_least!r}; give a share from 0 to 1, as 0.9.")
        if not self.score >= at_least:
            raise AssertionError(f"{self}\nat least {at_least:g} is asked")

    def __str__(self) -> str:
        """Say the score and the smallest survivors."""
        lines = [f"mutation score {self.score:.3f}: {self.n_found:,} of {len(self.mutants):,} planted defects noticed"]
        seen: set[str] = set()
        for mutant in self.survivors:
            if mutant.defect not in seen:
                seen.add(mutant.defect)
                lines.append(f"  {mutant.defect} survives: {self._said(mutant)}")
        return "\n".join(lines)

    def _said(self, mutant: Mutant | None) -> str | None:
        """The table is named where there are several."""
        return None if mutant is None else mutant.said(with_table=len(self.flagged_rows) > 1)

    __repr__ = __str__


def mutate(
    rules: Any,
    data: pd.DataFrame | Mapping[str, pd.DataFrame] | str | Path,
    *,
    defects: Iterable[str] | None = None,
    fields: Iterable[str] | None = None,
    per: int = 5,
    seed: int = 1,
    null_policy: str | None = None,
) -> MutationResult:
    """Plant every kind of defect into every field of clean data, one at a time, and see which the rules notice.

    Args:
        rules: whatever `checks.load_rules` takes: a file, a pandera schema or model, functions; or rules of our own.
        data: clean records: one table, several by name, or the file or folder they are in. They are not changed.
        defects: kinds of `DEFECTS`; None: all.
        fields: `field` or `table.field`; None: every column, and records as a whole.
        per: mutants of each kind in each field, for each form of it; fewer where fewer rows allow one.
        seed: decides which rows.
        null_policy: as for `evaluate`.

    Raises:
        DataError: no rows, or all are flagged already. RuleError: rules that cannot be evaluated on the clean data,
            an unknown defect or field.

    Examples:
        >>> import pandera.pandas as pa
        >>> people = pd.DataFrame({"age": [31, 40, 52, 67], "plan": ["basic", "plus", "basic", "plus"]})
        >>> schema = pa.DataFrameSchema({"age": pa.Column(int, pa.Check.ge(0)), "plan": pa.Column(str)})
        >>> result = mutate(schema, people, defects=["missing", "disguised_missing"], fields=["age"])
        >>> print(result)
        mutation score 0.667: 8 of 12 planted defects noticed
          disguised_missing survives: row 1, age: 31 -> 9999
    """
    rule_set = _rule_set(rules)
    tables = _tables(rules, data)
    given = given_rules([Loaded("rules", "rules", rule_set)], tables)
    clean = evaluate(given.rules, tables, null_policy=null_policy)
    return run(clean, tables, defects=defects, fields=fields, per=per, seed=seed, null_policy=null_policy)


def _tables(rules: Any, data: Any) -> dict[str, pd.DataFrame]:
    if isinstance(data, (str, Path)):
        return read_data([data])
    if isinstance(data, pd.DataFrame):
        return {_name_alone(rules): data}
    if isinstance(data, Mapping) and data and all(isinstance(frame, pd.DataFrame) for frame in data.values()):
        return dict(data)
    raise DataError(
        f"the clean records are a {type(data).__name__}. Give a frame, frames by name or a file, after the rules."
    )


def _rule_set(rules: Any) -> RuleSet:
    if isinstance(rules, pd.DataFrame):
        raise RuleError("the rules are a DataFrame. Give the rules first, then the clean records.")
    if isinstance(rules, RuleSet):
        return rules
    if isinstance(rules, Rule):
        rules = [rules]
    if isinstance(rules, (list, tuple)) and rules and all(isinstance(rule, Rule) for rule in rules):
        return RuleSet("rules", tuple(rules))
    return load_rules(rules)


def _name_alone(rules: Any) -> str:
    name = getattr(rules, "name", None)
    return name if isinstance(name, str) and name else "records"


def run(
    clean: Flags,
    tables: Mapping[str, pd.DataFrame],
    *,
    defects: Iterable[str] | None = None,
    fields: Iterable[str] | None = None,
    per: int = 5,
    seed: int = 1,
    null_policy: str | None = None,
    progress: Callable[[float], None] | None = None,
) -> MutationResult:
    """Do what `mutate` says, with what its rules found in the clean data; `progress` hears the share done."""
    kinds = _checked("defect", DEFECTS if defects is None else _names(defects), DEFECTS)
    if not kinds:
        raise RuleError(f"no defect is asked for. Possible: {', '.join(DEFECTS)}.")
    for name, value, least in (("per", per, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise RuleError(f"{name} is {value!r}; it is a whole number, at least {least}.")
    places = _places(tables, fields)
    flagged = {name: _flagged(clean, name, len(frame)) for name, frame in tables.items()}
    lots = [
        lot
        for name, frame in tables.items()
        if places[name]
        for lot in mutants_of(
            name, frame, defects=kinds, fields=places[name], eligible=~flagged[name], per=per, seed=seed
        )
        if lot
    ]
    if not lots:
        raise DataError(_nothing_planted(tables, flagged, kinds))
    judge = _Judge(dict(tables), clean, null_policy)
    found: list[frozenset[str]] = []
    for done, lot in enumerate(lots):
        if progress is not None:
            progress(done / len(lots))
        found += judge.noticed(lot)
    return MutationResult(
        mutants=tuple(mutant for lot in lots for mutant in lot),
        found_by=tuple(found),
        rules=tuple(judge.clean),
        flagged_rows={name: int(mask.sum()) for name, mask in flagged.items()},
        errors=judge.errors,
    )


def _names(given: Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(dict.fromkeys(given))


def _checked(what: str, asked: Sequence[str], possible: Sequence[str]) -> tuple[str, ...]:
    for name in asked:
        if name not in possible:
            raise RuleError(f"{what} {name!r} cannot be planted. {nearest(str(name), possible)}")
    return tuple(asked)


def _places(tables: Mapping[str, pd.DataFrame], fields: Iterable[str] | None) -> dict[str, list[str]]:
    """The columns to plant in, by table."""
    for name, frame in tables.items():
        for column in frame.columns:
            if not isinstance(column, str):
                raise DataError(f"{name}: the name of column {column!r} is no text. Rename it.")
    columns = {name: list(frame.columns) for name, frame in tables.items()}
    if fields is None:
        return columns
    found: dict[str, list[str]] = {name: [] for name in tables}
    for asked in _names(fields):
        there = [(name, column) for name, listed in columns.items() for column in listed
                 if asked in {column, f"{name}.{column}"}]  # fmt: skip
        if not there:
            every = [column for listed in columns.values() for column in listed]
            raise RuleError(f"field {asked!r} is in no table of the data. {nearest(str(asked), every)}")
        for name, column in there:
            found[name].append(column)
    return found


def _flagged(flags: Flags, table: str, n_rows: int) -> Mask:
    mask = np.zeros(n_rows, dtype=bool)
    for result in flags.results:
        if result.system == table:
            mask |= result.fail
        if table in result.partners:
            theirs = result.partners[table][result.fail]
            mask[theirs[theirs >= 0]] = True
    return mask


def _nothing_planted(tables: Mapping[str, pd.DataFrame], flagged: Mapping[str, Mask], kinds: Sequence[str]) -> str:
    n_rows = sum(len(frame) for frame in tables.values())
    n_flagged = sum(int(mask.sum()) for mask in flagged.values())
    if not n_rows:
        return "the data have no rows to plant defects in. Give clean records."
    if n_flagged == n_rows:
        return (
            f"the rules flag all {n_rows} rows as they came, so no row is clean. Give clean records, or mend the rules."
        )
    return f"none of these defects can happen in these fields: {', '.join(kinds)}. Ask for others, or other fields."


class _Judge:
    """Holds mutants against what the rules said of the clean data."""

    def __init__(self, tables: dict[str, pd.DataFrame], clean: Flags, null_policy: str | None) -> None:
        self.rules = tuple(result.rule for result in clean.results)
        self.tables = tables
        self.clean = {result.rule.id: result for result in clean.results}
        self.null_policy = null_policy
        self.errors: dict[str, str] = {}

    def noticed(self, lot: Sequence[Mutant]) -> list[frozenset[str]]:
        """Return the rules that notice each mutant of a lot."""
        first = lot[0]
        fields = tuple(cell.field for cell in first.cells)
        seeing = [rule for rule in self.rules if can_see(rule, first.table, fields)]
        together = [rule for rule in seeing if fields and judges_each_by_itself(rule, fields)]
        one_by_one = [rule for rule in seeing if rule not in together]
        found: list[set[str]] = [set() for _ in lot]
        if together:
            noticed, raised = self._new(together, lot)
            one_by_one += [rule for rule in together if rule.id in raised]
            for rule_id, rows in noticed.items():
                for mutant, ids in zip(lot, found, strict=True):
                    if rows is None or rows[mutant.row]:
                        ids.add(rule_id)
        if one_by_one:
            for mutant, ids in zip(lot, found, strict=True):
                noticed, raised = self._new(one_by_one, [mutant])
                ids |= {*noticed, *raised}
                self.errors = {**raised, **self.errors}
        return [frozenset(ids) for ids in found]

    def _new(
        self, rules: Sequence[Rule], mutants: Sequence[Mutant]
    ) -> tuple[dict[str, Mask | None], Mapping[str, str]]:
        """The rules that find something new, and those that cannot be evaluated any more.

        Of the first the rows they find it in, None for the table as a whole; of the others why.
        """
        table = mutants[0].table
        frame, rows = planted(self.tables[table], mutants)
        flags = evaluate(rules, {**self.tables, table: frame}, null_policy=self.null_policy, on_error="list")
        found: dict[str, Mask | None] = {}
        for result in flags.results:
            before = self.clean[result.rule.id]
            if result.holds is not None:
                if result.alarm and result.alarm != before.alarm:
                    found[result.rule.id] = None
                continue
            new = result.fail & ~(before.fail[rows] if result.system == table else before.fail)
            if new.any():
                found[result.rule.id] = _in_table(new, result, table, len(frame))
        return found, flags.errors


def _in_table(new: Mask, result: RuleFlags, table: str, n_rows: int) -> Mask:
    """Take findings to the table that was changed: its own rows, or those that the failing records are linked to."""
    if result.system == table:
        return new
    partner = result.partners.get(table, np.full(new.size, -1))[new]
    mask = np.zeros(n_rows, dtype=bool)
    mask[partner[partner >= 0]] = True
    return mask
