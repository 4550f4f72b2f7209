"""What rule packs still catch under each regime: a not-null rule goes blind as blanks become camouflage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from benchmarks.rule_files import table_and_file
from checks.evaluation import evaluate
from checks.flags import Flags
from checks.loading import load_rules
from checks.packs import PACKS, load_pack
from checks.rule import Rule
from synth.bundle import Bundle
from synth.errors import RuleError, nearest
from synth.pipeline import generate
from synth.spec import Scenario

NOT_NULL_PACK = "required_25"
CROSSING = ("across-systems", "narrative")
MOST_CASES = 5_025  # whole blocks of the audit size: as many cases are written out for rules to read
KEY = ["system", "record_id", "field"]
Packs = Mapping[str, tuple[Rule, ...]]


@dataclass(frozen=True)
class Catch:
    """What a pack finds of the defects in the fields it looks at, under one regime.

    Attributes:
        regime: the regime.
        pack: the pack.
        n_defects: defects in cells of the fields the pack looks at, in records that are in the system.
        n_found: of these, in cells that a rule of the pack blames.
        n_planted: defects in cells of any field, in records that are in the system.
    """

    regime: str
    pack: str
    n_defects: int
    n_found: int
    n_planted: int = 0

    @property
    def sensitivity(self) -> float:
        """Share of the defects found; NaN where there are none."""
        return self.n_found / self.n_defects if self.n_defects else float("nan")


def caught(
    scenario: Scenario,
    packs: Packs,
    *,
    n_cases: int,
    seed: int,
    regimes: Sequence[str],
    progress: Callable[[int], None] = lambda _: None,
) -> list[Catch]:
    """Return what packs of rules still catch under each regime, of the same cases.

    Args:
        scenario: a scenario.
        packs: rules by name of the pack; a pack without rules catches nothing.
        n_cases: cases of the run; at most `MOST_CASES` of them are used.
        seed: as for the run.
        regimes: which regimes.
        progress: called with the number of regimes done.

    Examples:
        >>> from synth import load_scenario
        >>> packs = {"none": (), "not null": load_pack("required_25")}
        >>> found = caught(load_scenario("oig-20-13"), packs, n_cases=134, seed=1, regimes=["as_reported", "all_25"])
        >>> [(each.regime, each.pack, each.n_found) for each in found if each.pack == "none"]
        [('as_reported', 'none', 0), ('all_25', 'none', 0)]
    """
    found: list[Catch] = []
    for done, regime in enumerate(regimes if packs else (), 1):
        bundle = generate(scenario, n_cases=min(n_cases, MOST_CASES), seed=seed, regime=regime)
        found += catches_of(bundle, packs)
        progress(done)
    return found


def catches_of(bundle: Bundle, packs: Packs, flags: Flags | None = None) -> list[Catch]:
    """Return what each pack finds of the defects in the fields its rules look at, in records that are in the system.

    Args:
        bundle: records with their answer key.
        packs: rules by name of the pack; the rules' ids differ.
        flags: what the rules found in these records, where that is known already.
    """
    records = bundle.frames()
    found = evaluate(_all_rules(packs), records) if flags is None else flags
    labels = bundle.answer("labels")
    defects = labels.loc[(labels["class"] == "defect") & labels["record_id"].notna() & labels["field"].notna(), KEY]
    cells = pd.MultiIndex.from_frame(defects.astype(str))
    failed = found.to_frame(records)
    return [_catch(bundle.plan.regime, name, rules, found, cells, failed) for name, rules in packs.items()]


def _catch(
    regime: str, pack: str, rules: Sequence[Rule], flags: Flags, cells: pd.MultiIndex, failed: pd.DataFrame
) -> Catch:
    ids = {rule.id for rule in rules}
    watched = {(result.system, field) for result in flags.results if result.rule.id in ids for field in result.blamed}
    watched |= {
        (system, field)
        for result in flags.results if result.rule.id in ids
        for system, fields in result.partner_fields.items() for field in fields
    }  # fmt: skip
    if not watched or not len(cells):
        return Catch(regime, pack, 0, 0, len(cells))
    looked_at = cells[cells.droplevel("record_id").isin(watched)]
    blamed = pd.MultiIndex.from_frame(failed.loc[failed["rule_id"].isin(ids), KEY].astype(str))
    return Catch(regime, pack, len(looked_at), int(looked_at.isin(blamed).sum()), len(cells))


def _all_rules(packs: Packs) -> list[Rule]:
    return [rule for rules in packs.values() for rule in rules]


def fitting_packs(scenario: Scenario, names: Iterable[str] = PACKS) -> dict[str, tuple[Rule, ...]]:
    """Return the built-in packs whose systems the scenario has, with the pack's name before each rule's."""
    packs = {name: tuple(replace(rule, id=f"{name}/{rule.id}") for rule in load_pack(name)) for name in names}
    return {name: rules for name, rules in packs.items() if all(rule.system in scenario.systems for rule in rules)}


def own_packs(
    paths: Sequence[Path | str], scenario: Scenario, *, may_be_empty: bool = False
) -> dict[str, tuple[Rule, ...]]:
    """Read rule files as packs, named after the files; every rule names a system of the scenario.

    Args:
        paths: the files; the text `TABLE=FILE` says which system the rules of a file are about that name none.
        scenario: whose systems.
        may_be_empty: yes = a file without rules is a pack that catches nothing.

    Raises:
        RuleError: a file that cannot be read, a rule without a system, or one of a system that is not there.
    """
    packs: dict[str, tuple[Rule, ...]] = {}
    for name in paths:
        table, path = table_and_file(name) if isinstance(name, str) else (None, name)
        if table is not None and table not in scenario.systems:
            raise RuleError(f"{name}: '{table}' is not a system of the scenario. {nearest(table, scenario.systems)}")
        if path.stem in {*PACKS, *packs}:
            raise RuleError(f"{path}: a pack is called '{path.stem}' already. Rename the file.")
        rules = _rules_of(path, table, may_be_empty=may_be_empty)
        for rule in rules:
            if rule.system is None:
                hint = nearest("", scenario.systems)
                raise RuleError(f"{path}: rule '{rule.id}' names no table. Write --rules TABLE={path}. {hint}")
            if rule.system not in scenario.systems:
                hint = nearest(rule.system, scenario.systems)
                raise RuleError(f"{path}: rule '{rule.id}' is about system '{rule.system}'. {hint}")
        packs[path.stem] = tuple(replace(rule, id=f"{path.stem}/{rule.id}") for rule in rules)
    return packs


def _rules_of(path: Path, table: str | None, *, may_be_empty: bool) -> tuple[Rule, ...]:
    try:
        return load_rules(path, system=table).rules
    except RuleError as problem:
        if may_be_empty and "the list of rules is empty" in str(problem):
            return ()
        raise


def crossing_names(packs: Mapping[str, tuple[Rule, ...]]) -> frozenset[str]:
    """Return the rules that hold records of two systems against each other, and the packs that have such a rule."""
    rules = {rule.id for pack in packs.values() for rule in pack if rule.family in CROSSING}
    return frozenset(rules | {name for name, pack in packs.items() if any(rule.id in rules for rule in pack)})
