"""The main job: replay the audit, score rules against the planted truth, put the cases through regimes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.audit import Replica, replica
from benchmarks.catches import MOST_CASES, Catch, catches_of, caught, crossing_names, fitting_packs
from benchmarks.comparisons import Comparison, span_beside
from benchmarks.ranges import Setting
from benchmarks.regimes import Contrast, compare, regime_names
from benchmarks.scorecard import Scorecard, score
from checks.evaluation import evaluate
from checks.flags import Flags
from checks.rule import Rule
from synth.bundle import Bundle
from synth.pipeline import generate
from synth.spec import Scenario


@dataclass(frozen=True)
class Job:
    """What a run found.

    Attributes:
        scenario: the scenario.
        seed: the seed.
        n_cases: how many cases.
        replica: the audit beside its replica, or None.
        card: scores of rules and packs on the base regime, or None where no pack fits the scenario.
        comparison: the regimes, and everything the answer hangs on.
        packs: the packs that fit the scenario.
        crossing: packs and rules that hold records against each other, best read at unit pair.
    """

    scenario: Scenario
    seed: int
    n_cases: int
    replica: Replica | None
    card: Scorecard | None
    comparison: Comparison
    packs: Sequence[str]
    crossing: frozenset[str]

    @property
    def contrast(self) -> Contrast:
        """The regimes."""
        return self.comparison.contrast

    @property
    def catches(self) -> Sequence[Catch]:
        """What each pack still catches under each regime."""
        return self.comparison.catches

    @property
    def settings(self) -> Sequence[Setting]:
        """The regime spoken of first, with one modeller's choice at a time at each end of its range."""
        return self.comparison.settings


def main_job(
    scenario: Scenario,
    *,
    n_cases: int,
    seed: int = 1,
    own_rules: Mapping[str, tuple[Rule, ...]] | None = None,
    n_settings: int | None = None,
    workers: int = 1,
    meanwhile: Callable[[], None] = lambda: None,
    progress: Callable[[int], None] = lambda _: None,
) -> Job:
    """Do the main job.

    Args:
        scenario: a scenario.
        n_cases: how many cases.
        seed: 0 to 2**64 - 1.
        own_rules: packs of the user's own, scored beside the built-in ones.
        n_settings: settings of the sweep; None: as many as are quick, with 670 cases or more; 0: none.
        workers: 2: the assumption range has a process of its own. The result does not depend on it.
        meanwhile: called once, to do something else in the time.
        progress: called with the number of steps done, of `N_STEPS`.
    """
    packs = {**fitting_packs(scenario), **(own_rules or {})}
    names = regime_names(scenario, None)
    contrast = compare(scenario, n_cases=n_cases, seed=seed)
    progress(1)
    card: Scorecard | None = None
    catches: list[Catch] = []
    with span_beside(contrast, n_settings=n_settings, workers=workers) as worked_out:
        if packs:
            bundle = generate(scenario, n_cases=n_cases, seed=seed)
            card, flags = score_packs(bundle, packs)
            progress(2)
            if n_cases <= MOST_CASES:
                catches = catches_of(bundle, packs, flags)
                names = [name for name in names if name != scenario.base_regime]
            catches += caught(scenario, packs, n_cases=n_cases, seed=seed, regimes=names)
        progress(3)
        meanwhile()
        progress(4)
        compared = replace(worked_out().over(contrast), catches=catches)
        progress(N_STEPS)
    found = replica(scenario, contrast)
    return Job(scenario, seed, n_cases, found, card, compared, tuple(packs), crossing_names(packs))


N_STEPS = 5


def score_packs(bundle: Bundle, packs: Mapping[str, tuple[Rule, ...]]) -> tuple[Scorecard, Flags]:
    """Score packs of rules against the planted truth; return what they flagged as well."""
    records = bundle.frames()
    flags = evaluate([rule for rules in packs.values() for rule in rules], records)
    card = score(
        flags,
        records=records,
        labels=bundle.answer("labels"),
        links=bundle.answer("links"),
        truth=bundle.answer("truth"),
        packs=packs,
        quotas=bool(bundle.plan.counts),
    )
    return card, flags
