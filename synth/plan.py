"""A scenario made ready to generate: vocabularies, thresholds and conditions as whole numbers, worked out once."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from threading import Lock
from typing import Any, TypeVar

from synth.controls import Controls, compile_controls
from synth.data_dictionary import Domain, FieldEntry, dictionary_of, domain_of
from synth.draws import U64, Draws, cumulative_thresholds, threshold
from synth.errors import ScenarioError, nearest
from synth.forms import FactForms, Segment, fact_forms, sentence_segments
from synth.in_force import scenario_under
from synth.mechanisms import Limit
from synth.processes import MISSING, Cell, Processes
from synth.spec import VERDICTS, Calendar, Choice, Scenario, slots

Made = TypeVar("Made")
MOST_WORDINGS = 4  # scenarios whose wordings are kept
NOT_ON_RECORD = ""  # what no field holds


@dataclass(frozen=True)
class Plan:
    """Everything that is worked out once for a scenario, a seed and a regime.

    Args:
        scenario: what the file says, with the fields as they are under the regime (`scenario_under`).
        draws: the seed.
        regime: the name of the regime the records are made under.
        filed: what the file says.
    """

    scenario: Scenario
    draws: Draws
    regime: str
    filed: Scenario

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
    def base(self) -> Plan:
        """The same cases under the base regime."""
        return (
            self if self.regime == self.filed.base_regime else plan_of(self.filed, self.draws, self.filed.base_regime)
        )

    @cached_property
    def counts(self) -> list[int]:
        """Cases per verdict in a whole block; empty in rate mode."""
        counts = dict[str, int](self.scenario.verdicts.items())
        return [counts.get(verdict, 0) for verdict in VERDICTS] if counts else []

    @cached_property
    def processes(self) -> Processes:
        """What goes wrong, how often, and what it depends on."""
        return Processes(self.scenario, self.dictionary)

    @cached_property
    def hidden(self) -> frozenset[Cell]:
        """The fields that show nothing under the regime."""
        return frozenset(cell for cell, entry in self.dictionary.items() if not entry.spec.shown)

    @cached_property
    def materials(self) -> list[Cell]:
        """The material items, in the order of the forms."""
        return [cell for cell, entry in self.dictionary.items() if entry.spec.material]

    @cached_property
    def gaps(self) -> Mapping[Cell, Limit]:
        """How often each cell is not filled voluntarily; what a quota leaves open is not in it."""
        return {cell: self.processes.gap(cell) for cell in self.dictionary}

    @cached_property
    def slips(self) -> Mapping[Cell, Limit]:
        """How often each entry is wrong."""
        return {cell: self.processes.slip(cell) for cell in self.dictionary}

    @cached_property
    def guesses(self) -> Mapping[Cell, Limit]:
        """How often what is filled voluntarily is a guess."""
        return {cell: self.processes.guess(cell) for cell in self.dictionary}

    @cached_property
    def lucky_guess(self) -> int:
        """The threshold of a guess being right, whatever the regime."""
        return threshold(Fraction(self.scenario.operator.w))

    @cached_property
    def rates(self) -> Mapping[tuple[str, str, str], Limit]:
        """How often each other process strikes, by (process, system, name of field, pattern or true value)."""
        return self.processes.rates

    @cached_property
    def told(self) -> Mapping[str, list[str]]:
        """The facts each system's narrative states, in the order of its sentences."""
        return {
            system: [fact for variants in narrative.sentences for fact in slots(variants[0])]
            for system, narrative in self.scenario.narratives.items()
        }

    @cached_property
    def sentence_of(self) -> Mapping[tuple[str, str], int]:
        """The number of the sentence in which each system's narrative states each fact, from 0."""
        return {
            (system, fact): number
            for system, narrative in self.scenario.narratives.items()
            for number, variants in enumerate(narrative.sentences)
            for fact in slots(variants[0])
        }

    @cached_property
    def forms(self) -> Mapping[tuple[str, str], FactForms]:
        """The forms in which each system's narrative states each fact."""
        return _once(self.scenario, "forms", self._forms)

    def _forms(self) -> Mapping[tuple[str, str], FactForms]:
        return {
            (system, fact): fact_forms(self.scenario, self.domains[fact], system, fact)
            for system, facts in self.told.items()
            for fact in facts
        }

    @cached_property
    def segments(self) -> Mapping[str, list[tuple[Segment, ...]]]:
        """Each system's sentences, written out in all their variants."""
        return _once(self.scenario, "segments", self._segments)

    def _segments(self) -> Mapping[str, list[tuple[Segment, ...]]]:
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

    @cached_property
    def stamps(self) -> Mapping[str, list[str]]:
        """The true values of each system's stamped fields that can be late."""
        late = {name for process, _, name in self.rates if process == "late_entry"}
        return {
            system: list(dict.fromkeys(
                entry.truth for entry in self.system_fields(system) if entry.spec.stamped and entry.truth in late
            ))
            for system in self.scenario.systems
        }  # fmt: skip

    @cached_property
    def exits(self) -> bool:
        """Whether records can be lost under the regime because people leave."""
        return bool(self.controls.exits.any())

    @cached_property
    def _known_mechanisms(self) -> dict[tuple[str, str, str, str], str]:
        return {}

    def mechanism(self, process: str, kind: str, system: str, name: str = "") -> str:
        """Return the mechanism of a defect: MCAR, MAR or MNAR of what is missing, ECAR, EAR or ENAR of errors."""
        first, key = "M" if kind in MISSING else "E", (process, system, name, kind)
        if key not in self._known_mechanisms:
            also = self._causes_of_controls(process, system, name)
            found = self.processes.at_random(process, system, name, exits=self.exits, also=also)
            self._known_mechanisms[key] = first + found
        return self._known_mechanisms[key]

    def _causes_of_controls(self, process: str, system: str, name: str) -> set[str]:
        """Return what a control makes a defect depend on: who knows and who tells, when, and who leaves."""
        if process == "off_system" and self.exits:
            return set(self.processes.odds("exit", system))
        if process != "gap" or (system, name) not in self.controls.mandatory | self.controls.soft:
            return set()
        found = {cause for each in ("known", "honest") for cause in self.processes.odds(each, system, name)}
        kinds = {getattr(truth, "kind", ""): each for each, truth in reversed(self.scenario.truth.items())}
        if self.controls.people.differ:
            found.add(kinds.get("officer", NOT_ON_RECORD))
        if self.controls.operator.drift:
            found.add(self.calendar)
        return found

    @cached_property
    def calendar(self) -> str:
        """The true value that is the day of the case, by which habit grows."""
        return next((name for name, truth in self.scenario.truth.items() if isinstance(truth, Calendar)), NOT_ON_RECORD)

    def system_fields(self, system: str) -> list[FieldEntry]:
        """Return a system's fields in the order of its form."""
        return [entry for (owner, _), entry in self.dictionary.items() if owner == system]


_ONE_AT_A_TIME = Lock()  # threads that generate change the list
_WORDINGS: list[tuple[tuple[object, ...], dict[str, Any]]] = []  # the latest first


def _once(scenario: Scenario, part: str, work: Callable[[], Made]) -> Made:
    """Return how narratives are put, made once for all plans of the same narratives: of the latest few.

    Args:
        scenario: whose narratives, true values and legitimate differences everything about wordings follows from.
        part: `forms` or `segments`.
        work: makes it.
    """
    parts = (scenario.truth, scenario.narratives, scenario.hard_negatives, scenario.start, scenario.days)
    with _ONE_AT_A_TIME:
        place = next((place for place, (known, _) in enumerate(_WORDINGS) if all(map(operator.is_, known, parts))), -1)
        kept = _WORDINGS.pop(place) if place >= 0 else (parts, {})
        _WORDINGS.insert(0, kept)  # the one asked for last is dropped last
        del _WORDINGS[MOST_WORDINGS:]
    made = kept[1]
    if part not in made:
        made[part] = work()
    found: Made = made[part]
    return found


def plan_of(scenario: Scenario, draws: Draws, regime: str) -> Plan:
    """Return a scenario made ready to generate under one of its regimes."""
    if regime not in scenario.regimes:
        raise ScenarioError(f"unknown regime '{regime}'. {nearest(regime, scenario.regimes)}")
    return Plan(scenario_under(scenario, regime), draws, regime, scenario)
