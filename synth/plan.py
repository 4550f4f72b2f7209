"""A scenario made ready to generate: vocabularies, thresholds and conditions as whole numbers, worked out once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from synth.controls import Controls, compile_controls
from synth.data_dictionary import Domain, FieldEntry, dictionary_of, domain_of
from synth.draws import U64, Draws, cumulative_thresholds, threshold
from synth.errors import ScenarioError, nearest
from synth.forms import FactForms, Segment, fact_forms, sentence_segments
from synth.spec import VERDICTS, Choice, Scenario, slots

Cell = tuple[str, str]  # (system, field)
MOST_TICKETS = 1 << 30


@dataclass(frozen=True)
class Plan:
    """Everything that is worked out once for a scenario, a seed and a regime.

    Args:
        scenario: what the file says.
        draws: the seed.
        regime: the name of the regime the records are made under.
    """

    scenario: Scenario
    draws: Draws
    regime: str

    def __post_init__(self) -> None:
        if self.regime not in self.scenario.regimes:
            raise ScenarioError(f"unknown regime '{self.regime}'. {nearest(self.regime, self.scenario.regimes)}")

    @cached_property
    def dictionary(self) -> Mapping[Cell, FieldEntry]:
        """The data dictionary."""
        return dictionary_of(self.scenario)

    @cached_property
    def domains(self) -> Mapping[str, Domain]:
        """The domain of every true value."""
        return {name: domain_of(self.scenario, name) for name in self.scenario.truth}

    @cached_property
    def bounds(self) -> Mapping[str, U64]:
        """The cumulative thresholds of every choice."""
        return {
            name: cumulative_thresholds([Fraction(weight) for weight in truth.values.values()])
            for name, truth in self.scenario.truth.items()
            if isinstance(truth, Choice)
        }

    @cached_property
    def conditions(self) -> Mapping[Cell, Mapping[str, list[int]]]:
        """The codes under which each field is asked, by field of the same record."""
        return {
            (system, name): {
                other: [self.dictionary[system, other].domain.values.index(value) for value in allowed]
                for other, allowed in entry.applies.items()
            }
            for (system, name), entry in self.dictionary.items()
        }

    @cached_property
    def controls(self) -> Controls:
        """The controls of the regime."""
        return compile_controls(self.scenario, self.regime, self.dictionary)

    @cached_property
    def base_controls(self) -> Controls:
        """The controls of the base regime."""
        return compile_controls(self.scenario, self.scenario.base_regime, self.dictionary)

    @cached_property
    def counts(self) -> list[int]:
        """Cases per verdict in a whole block; empty in rate mode."""
        counts = dict[str, int](self.scenario.verdicts.items())
        return [counts.get(verdict, 0) for verdict in VERDICTS] if counts else []

    @cached_property
    def materials(self) -> list[Cell]:
        """The material items, in the order of the forms."""
        return [cell for cell, entry in self.dictionary.items() if entry.spec.material]

    @cached_property
    def material_weights(self) -> list[int]:
        """How often each material item is what an insufficient case lacks, as whole numbers."""
        weights = [Fraction(self.dictionary[cell].spec.blank_weight) for cell in self.materials]
        common = Fraction(math.lcm(*(weight.denominator for weight in weights)))
        if common * sum(weights, Fraction(0)) > MOST_TICKETS:  # more than a draw can tell apart: round
            common = MOST_TICKETS / sum(weights, Fraction(0))
        return [round(weight * common) for weight in weights]

    @cached_property
    def never_slips(self) -> frozenset[Cell]:
        """In quota mode: cells that state a shared fact or that a condition reads; a slip would move a verdict."""
        if self.scenario.mode == "rate":
            return frozenset()
        facts = {(s, f) for fact in self.scenario.shared_facts.values() for s, f in fact.fields.items()}
        triggers = {(system, other) for (system, _), entry in self.dictionary.items() for other in entry.applies}
        return frozenset(facts | triggers)

    @cached_property
    def told(self) -> Mapping[str, list[str]]:
        """The facts each system's narrative states, in the order of its sentences."""
        return {
            system: [fact for variants in narrative.sentences for fact in slots(variants[0])]
            for system, narrative in self.scenario.narratives.items()
        }

    @cached_property
    def forms(self) -> Mapping[tuple[str, str], FactForms]:
        """The forms in which each system's narrative states each fact."""
        return {
            (system, fact): fact_forms(self.scenario, self.domains[fact], system, fact)
            for system, facts in self.told.items()
            for fact in facts
        }

    @cached_property
    def segments(self) -> Mapping[str, list[tuple[Segment, ...]]]:
        """Each system's sentences, written out in all their variants."""
        return {
            system: [
                sentence_segments(
                    variants, {fact: self.forms[system, fact] for fact in slots(variants[0])}, first=not n
                )
                for n, variants in enumerate(narrative.sentences)
            ]
            for system, narrative in self.scenario.narratives.items()
        }

    @cached_property
    def contradictions(self) -> list[tuple[str, str]]:
        """(system, fact) pairs whose narrative statement can be made to differ from another system's."""
        return [
            (system, fact)
            for fact, spec in self.scenario.shared_facts.items()
            for system, facts in self.told.items()
            if fact in facts and self._stated_elsewhere(system, fact, set(spec.fields))
        ]

    def _stated_elsewhere(self, system: str, fact: str, systems_with_field: set[str]) -> bool:
        telling = {other for other, facts in self.told.items() if fact in facts}
        return bool((telling | systems_with_field) - {system})

    def gap_threshold(self, cell: Cell) -> int:
        """Return how often a cell is a gap outside the quota's choice, out of 2**32."""
        entry = self.dictionary[cell]
        if not entry.is_typed:
            return 0
        if self.scenario.mode == "rate":
            operator = self.scenario.operator
            return threshold(1 - Fraction(operator.k) * Fraction(operator.v))
        return threshold(Fraction(entry.spec.gap))

    def slip_threshold(self, cell: Cell) -> int:
        """Return how often an entry is wrong, out of 2**32."""
        entry = self.dictionary[cell]
        if not entry.is_typed or entry.is_narrative or cell in self.never_slips:
            return 0
        rate = entry.spec.slip if entry.spec.slip is not None else self.scenario.operator.slips
        return threshold(Fraction(rate))

    def system_fields(self, system: str) -> list[FieldEntry]:
        """Return a system's fields in the order of its form."""
        return [entry for (owner, _), entry in self.dictionary.items() if owner == system]
