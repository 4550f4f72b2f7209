"""The main job: replay the audit, score rules against the planted truth, put the cases through regimes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from benchmarks.audit import Replica, replica
from benchmarks.ranges import Setting, one_at_a_time
from benchmarks.regimes import Contrast, compare, shown_regime
from benchmarks.scorecard import Scorecard, score
from checks.evaluation import evaluate
from checks.packs import PACKS, load_pack
from checks.rule import Rule
from checks.rule_file import load_rules
from synth.bundle import Bundle
from synth.errors import RuleError, nearest
from synth.pipeline import generate
from synth.spec import Scenario

NOT_NULL_PACK = "required_25"
CROSSING = ("across-systems", "narrative")


@dataclass(frozen=True)
class Catch:
    """What a pack finds of the defects in the fields it looks at, under one regime."""

    regime: str
    pack: str
    n_defects: int
    n_found: int

    @property
    def sensitivity(self) -> float:
        """Share of the defects found; NaN where there are none."""
        return self.n_found / self.n_defects if self.n_defects else float("nan")


@dataclass(frozen=True)
class Job:
    """What a run found.

    Attributes:
        scenario: the scenario.
        seed: the seed.
        n_cases: how many cases.
        replica: the audit beside its replica, or None.
        card: scores of rules and packs on the base regime, or None where no pack fits the scenario.
        contrast: the regimes.
        catches: what the not-null pack still catches under each regime.
        settings: the regime spoken of first, with one modeller's choice at a time at each end of its range.
        packs: the packs that fit the scenario.
        crossing: packs and rules that hold records against each other, best read at unit pair.
    """

    scenario: Scenario
    seed: int
    n_cases: int
    replica: Replica | None
    card: Scorecard | None
    contrast: Contrast
    catches: Sequence[Catch]
    settings: Sequence[Setting]
    packs: Sequence[str]
    crossing: frozenset[str]


def main_job(
    scenario: Scenario,
    *,
    n_cases: int,
    seed: int = 1,
    own_rules: Mapping[str, tuple[Rule, ...]] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Job:
    """Do the main job.

    Args:
        scenario: a scenario.
        n_cases: how many cases.
        seed: 0 to 2**64 - 1.
        own_rules: packs of the user's own, scored beside the built-in ones.
        progress: called with the number of steps done, of `steps(scenario)`.
    """
    contrast = compare(scenario, n_cases=n_cases, seed=seed)
    done = len(scenario.regimes)
    progress(done)
    packs = {**fitting_packs(scenario), **(own_rules or {})}
    shown = shown_regime(contrast)
    settings = one_at_a_time(scenario, shown, n_cases=n_cases, seed=seed) if shown else []
    done += 1
    progress(done)
    card, catches = None, []
    for regime in scenario.regimes if packs else ():
        bundle = generate(scenario, n_cases=n_cases, seed=seed, regime=regime)
        if regime == scenario.base_regime:
            card = score_packs(bundle, packs)
        if NOT_NULL_PACK in packs:
            catches.append(catch(bundle, NOT_NULL_PACK))
        done += 1
        progress(done)
    return Job(
        scenario,
        seed,
        n_cases,
        replica(scenario, contrast),
        card,
        contrast,
        catches,
        settings,
        tuple(packs),
        crossing_names(packs),
    )


def steps(scenario: Scenario) -> int:
    """Return how many steps the main job has."""
    return 2 * len(scenario.regimes) + 1


def fitting_packs(scenario: Scenario) -> dict[str, tuple[Rule, ...]]:
    """Return the built-in packs whose systems the scenario has, with the pack's name before each rule's."""
    packs = {name: tuple(replace(rule, id=f"{name}/{rule.id}") for rule in load_pack(name)) for name in PACKS}
    return {name: rules for name, rules in packs.items() if all(rule.system in scenario.systems for rule in rules)}


def own_packs(paths: Sequence[Path], scenario: Scenario) -> dict[str, tuple[Rule, ...]]:
    """Read rule files as packs, named after the files; every rule names a system of the scenario.

    Raises:
        RuleError: a file that cannot be read, a rule without a system, or one of a system that is not there.
    """
    packs: dict[str, tuple[Rule, ...]] = {}
    for path in paths:
        if path.stem in {*PACKS, *packs}:
            raise RuleError(f"{path}: a pack is called '{path.stem}' already. Rename the file.")
        rules = load_rules(path).rules
        for rule in rules:
            if rule.system not in scenario.systems:
                hint = nearest(rule.system or "", scenario.systems)
                raise RuleError(f"{path}: rule '{rule.id}' is about system '{rule.system or ''}'. {hint}")
        packs[path.stem] = tuple(replace(rule, id=f"{path.stem}/{rule.id}") for rule in rules)
    return packs


def crossing_names(packs: Mapping[str, tuple[Rule, ...]]) -> frozenset[str]:
    """Return the rules that hold records of two systems against each other, and the packs that have such a rule."""
    rules = {rule.id for pack in packs.values() for rule in pack if rule.family in CROSSING}
    return frozenset(rules | {name for name, pack in packs.items() if any(rule.id in rules for rule in pack)})


def score_packs(bundle: Bundle, packs: Mapping[str, tuple[Rule, ...]]) -> Scorecard:
    """Score packs of rules against the planted truth."""
    records = bundle.frames()
    flags = evaluate([rule for rules in packs.values() for rule in rules], records)
    return score(
        flags,
        records=records,
        labels=bundle.answer("labels"),
        links=bundle.answer("links"),
        truth=bundle.answer("truth"),
        packs=packs,
        quotas=bool(bundle.plan.counts),
    )


def catch(bundle: Bundle, pack: str) -> Catch:
    """Return what a pack finds of the defects in the fields its rules blame, in records that are in the system."""
    rules, records = load_pack(pack), bundle.frames()
    labels = bundle.answer("labels")
    key = ["system", "record_id", "field"]
    defects = labels.loc[(labels["class"] == "defect") & labels["record_id"].notna(), key].astype(str)
    watched = pd.MultiIndex.from_tuples([(rule.system, field) for rule in rules for field in rule.blames])
    defects = defects[pd.MultiIndex.from_frame(defects[["system", "field"]]).isin(watched)]
    failed = evaluate(rules, records).to_frame(records)[key].astype(str)
    found = pd.MultiIndex.from_frame(defects).isin(pd.MultiIndex.from_frame(failed))
    return Catch(bundle.plan.regime, pack, len(defects), int(found.sum()))
