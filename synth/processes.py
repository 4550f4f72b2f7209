"""What goes wrong in a scenario, how often, and what it depends on: rates and odds of the file as thresholds.

A process is one way of going wrong: a `gap`, a `slip`, a `pattern` of gaps, a swap, a record entered twice. A verdict
of a quota is one too. Mechanisms of the scenario give each of them odds on true values.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np

from synth.data_dictionary import NARRATIVE, FieldEntry, domain_of
from synth.draws import U64, threshold
from synth.mechanisms import Levels, Limit, Limits, combined, fitted, joint_table, levels_of
from synth.spec import OWN_VALUE, VERDICTS, After, Choice, Condition, Mechanism, OperatorSpec, Scenario

Cell = tuple[str, str]  # (system, field)
MOST_TICKETS = 1 << 30
ANY_FIELD = "all"
MISSING = ("missing", "disguised_missing", "not_value_honest", "narrative_missing", "narrative_truncated", "off_system",
           "lost_in_transmission")  # fmt: skip


@dataclass(frozen=True)
class Processes:
    """The processes of a scenario.

    Args:
        scenario: what the file says.
        dictionary: its fields.
    """

    scenario: Scenario
    dictionary: Mapping[Cell, FieldEntry]

    def gap(self, cell: Cell) -> Limit:
        """Return how often a cell is not filled voluntarily, the quota's choice and patterns apart."""
        entry = self.dictionary[cell]
        if not entry.is_typed:
            return 0
        if self.scenario.mode == "rate" and "gap" not in entry.spec.model_fields_set:
            rate = gap_share(self.scenario.operator)
        elif self.scenario.mode == "quota" and entry.spec.material:
            return 0
        else:
            rate = Fraction(entry.spec.gap)
        return self.limit("gap", rate, *cell)

    def slip(self, cell: Cell) -> Limit:
        """Return how often an entry is wrong."""
        entry = self.dictionary[cell]
        if not entry.is_typed or entry.is_narrative or cell in self.never_slips:
            return 0
        rate = entry.spec.slip if entry.spec.slip is not None else self.scenario.operator.slips
        return self.limit("slip", Fraction(rate), *cell)

    def guess(self, cell: Cell) -> Limit:
        """Return how often what is filled voluntarily is a guess: the value was not known.

        Where a field declares its gap share s, guesses stand in proportion to gaps as for the operator: of all cells
        (1 - k) u s / G.
        """
        entry, operator = self.dictionary[cell], self.scenario.operator
        if not operator.u or not entry.is_typed or entry.is_narrative or cell in self.never_slips:
            return 0
        usual, guessed = gap_share(operator), (1 - Fraction(operator.k)) * Fraction(operator.u)
        declared = self.scenario.mode == "quota" or "gap" in entry.spec.model_fields_set
        gap = Fraction(entry.spec.gap) if declared else usual
        if gap == 1 or not usual:
            return 0
        return threshold(min(Fraction(1), guessed * gap / usual / (1 - gap)))

    def levels(self, process: str, system: str, name: str = "") -> Levels:
        """Return the combinations of the true values a process depends on, where it is possible."""
        condition = self._condition(process, system, name)
        return levels_of({cause: self._shares(cause, condition) for cause in self.odds(process, system, name)})

    def limit(self, process: str, rate: Fraction, system: str, name: str = "") -> Limit:
        """Return a rate as a threshold, or as thresholds that differ by what the process depends on.

        Args:
            process: one of those a `Mechanism` can be of.
            rate: the mean over the cases in which the process is possible.
            system: of the record.
            name: of the field, pattern or true value; empty for a whole record.
        """
        odds = self.odds(process, system, name)
        if not rate or not odds:
            return threshold(rate)
        levels = self.levels(process, system, name)
        what = f"{process.replace('_', ' ')} of {system}{'.' if name else ''}{name}"
        table = fitted(rate, levels.shares, combined(odds, levels), what=what)
        return Limits(levels, np.array(table, np.uint64))

    @cached_property
    def rates(self) -> dict[tuple[str, str, str], Limit]:
        """How often each process strikes that is neither a gap nor a slip nor a verdict.

        By (process, system, name of the field, pattern or true value; empty for a whole record).
        """
        found = {}
        for system, spec in self.scenario.systems.items():
            given: dict[tuple[str, str], Decimal] = {
                ("duplicate_record", ""): spec.duplicates,
                ("narrative_truncated", NARRATIVE): spec.truncated,
                ("off_system", ""): spec.off_system.rate if spec.off_system is not None else Decimal(0),
            }
            given |= {("swapped", swap.name): swap.rate for swap in spec.swaps}
            given |= {("pattern", name): pattern.rate for name, pattern in spec.patterns.items()}
            given |= {("lost_in_transmission", name): each.lost for name, each in spec.fields.items() if each.received}
            for (process, name), rate in given.items():
                if rate:
                    found[process, system, name] = self.limit(process, Fraction(rate), system, name)
        for name, truth in self.scenario.truth.items():
            if isinstance(truth, After) and truth.late is not None:
                found["late_entry", "", name] = self.limit("late_entry", Fraction(truth.late.rate), "", name)
        return found

    def odds(self, process: str, system: str, name: str = "") -> dict[str, list[Fraction]]:
        """Return what a process depends on: true value -> odds of each of its levels; several mechanisms multiply."""
        found: dict[str, list[Fraction]] = {}
        for each in self.scenario.mechanisms:
            if each.of != process or not covers(each, system, name):
                continue
            cause = self._cause(each, system, name)
            odds = [Fraction(each.odds.get(level, 1)) for level in self.levels_named(cause)]
            before = found.get(cause, [Fraction(1)] * len(odds))
            found[cause] = [one * other for one, other in zip(before, odds, strict=True)]
        return found

    def _cause(self, mechanism: Mechanism, system: str, name: str) -> str:
        return self.scenario.truth_of(system, name) if mechanism.by == OWN_VALUE else mechanism.by

    def levels_named(self, cause: str) -> list[str]:
        """Return the levels of a true value that a mechanism can name."""
        return list(domain_of(self.scenario, cause).values)  # a tuple of texts

    def _shares(self, cause: str, condition: Condition) -> list[Fraction]:
        """Return how common each level is where a process is possible."""
        truth = self.scenario.truth[cause]
        if not isinstance(truth, Choice):
            count = len(self.levels_named(cause))
            return [Fraction(1, count)] * count
        allowed = condition.get(cause, list(truth.values))
        weights = [Fraction(weight) if value in allowed else Fraction(0) for value, weight in truth.values.items()]
        total = sum(weights, Fraction(0)) or Fraction(1)
        return [weight / total for weight in weights]

    def _condition(self, process: str, system: str, name: str) -> Condition:
        """Return the true values under which a process is possible at all."""
        if process == "off_system":
            spec = self.scenario.systems[system].off_system
            return spec.when if spec is not None else {}
        if process == "late_entry":
            return self._when(name)
        fields = self.scenario.systems[system].fields if system else {}
        return {} if name not in fields or process == "pattern" else self._asked_when(system, name)

    def _asked_when(self, system: str, name: str) -> Condition:
        """Return the true values under which a field is asked and has a value, those of its conditions included."""
        source = self.dictionary[system, name].source
        if source is not None:
            return self._asked_when(*source)
        found = self._when(self.scenario.truth_of(system, name))
        for other, allowed in self.scenario.systems[system].fields[name].applies.items():
            _narrow(found, {self.scenario.truth_of(system, other): allowed})
            _narrow(found, self._asked_when(system, other))
        return found

    def _when(self, name: str) -> Condition:
        """Return the true values under which a true value holds, those of its conditions included."""
        truth = self.scenario.truth.get(name)
        found: Condition = {}
        for other, allowed in getattr(truth, "when", {}).items():
            _narrow(found, {other: allowed})
            _narrow(found, self._when(other))
        if isinstance(truth, After):
            _narrow(found, self._when(truth.of))
        return found

    @cached_property
    def never_slips(self) -> frozenset[Cell]:
        """In quota mode: cells that state a shared fact or that a condition reads; a slip would move a verdict."""
        if self.scenario.mode == "rate":
            return frozenset()
        facts = {(s, f) for fact in self.scenario.shared_facts.values() for s, f in fact.fields.items()}
        triggers = {(system, other) for (system, _), entry in self.dictionary.items() for other in entry.applies}
        return frozenset(facts | triggers)

    # ---------------------------------------------------------------------------------------------- verdicts of a quota

    @cached_property
    def joint(self) -> tuple[Levels, list[U64]] | None:
        """The true values that verdicts depend on, and their thresholds by verdict; None where there are none."""
        by_verdict = {verdict: self.odds(verdict, "") for verdict in VERDICTS[1:]}
        names = list(dict.fromkeys(name for odds in by_verdict.values() for name in odds))
        if not names:
            return None
        levels = levels_of({name: self._shares(name, {}) for name in names})
        columns = [[Fraction(1)] * levels.n_cells]
        for odds in by_verdict.values():
            every = {name: odds.get(name, [Fraction(1)] * size) for name, size in zip(names, levels.sizes, strict=True)}
            columns.append(combined(every, levels))
        table = np.array([[float(each) for each in column] for column in columns]).T
        counts = [dict[str, int](self.scenario.verdicts.items()).get(verdict, 0) for verdict in VERDICTS]
        return levels, joint_table(levels, counts, table, VERDICTS)

    @cached_property
    def items(self) -> list[Cell]:
        """What an insufficient case can lack: the material items, then whole records, as (system, "")."""
        cells = [cell for cell, entry in self.dictionary.items() if entry.spec.material]
        absent = [
            (system, "")
            for system, spec in self.scenario.systems.items()
            if spec.off_system is not None and spec.off_system.blank_weight
        ]
        return cells + absent

    @cached_property
    def item_weights(self) -> tuple[Levels | None, np.ndarray]:
        """How often each item is what an insufficient case lacks: whole numbers, shape (combinations, items)."""
        odds = [self.odds("gap" if name else "off_system", system, name) for system, name in self.items]
        names = list(dict.fromkeys(name for each in odds for name in each))
        levels = levels_of({name: self._shares(name, {}) for name in names}) if names else None
        weights = []
        for (system, name), each in zip(self.items, odds, strict=True):
            plain = self._weight(system, name)
            if levels is None:
                weights.append([plain])
            else:
                every = {
                    cause: each.get(cause, [Fraction(1)] * size)
                    for cause, size in zip(names, levels.sizes, strict=True)
                }
                weights.append([plain * factor for factor in combined(every, levels)])
        return levels, _whole(weights)

    def _weight(self, system: str, name: str) -> Fraction:
        if name:
            return Fraction(self.dictionary[system, name].spec.blank_weight)
        spec = self.scenario.systems[system].off_system
        return Fraction(spec.blank_weight if spec is not None else 0)

    # --------------------------------------------------------------------------------------------------- kinds of these

    def causes(self, process: str, system: str, name: str = "") -> set[str]:
        """Return the true values a process depends on, a verdict's and a pattern's own included."""
        found = set(self.odds(process, system, name))
        if process == "falsified":
            found.add(self.scenario.truth_of(system, name))  # it is the answer that opens a branch
        if process in {"gap", "off_system"}:
            found |= self._causes_of_blanks(system, name)
        if process == "inconsistent":
            found |= set(self.odds("insufficient", ""))  # who is insufficient cannot be inconsistent
        if process == "off_system":
            found |= set(self._condition(process, system, name))
        if process == "lost_in_transmission":
            owner = (self.dictionary[system, name].source or (system, name))[0]
            if self.scenario.systems[owner].off_system is not None:
                found |= self.causes("off_system", owner)  # what was never made is not sent
        return found

    def _causes_of_blanks(self, system: str, name: str) -> set[str]:
        found: set[str] = set()
        if self.scenario.mode == "quota" and (system, name) in self.items:  # verdicts compete, and so do items
            found |= set(self.odds("insufficient", "")) | set(self.odds("inconsistent", ""))
            levels, _ = self.item_weights
            found |= set(levels.names) if levels is not None else set()
        patterns = self.scenario.systems[system].patterns if system else {}
        for pattern, spec in patterns.items():
            if name in spec.fields:
                found |= set(self.odds("pattern", system, pattern))
        return found

    def at_random(self, process: str, system: str, name: str, *, exits: bool, also: Collection[str] = ()) -> str:
        """Return CAR, AR or NAR: nothing it depends on; all of it on record for certain; or not.

        Args:
            process: one of those a `Mechanism` can be of.
            system: of the record.
            name: of the field; empty for a whole record.
            exits: whether records can be lost under the regime.
            also: what the regime's controls make it depend on.
        """
        causes = {*self.causes(process, system, name), *also}
        if not causes:
            return "CAR"
        gone = process == "off_system"
        return "AR" if all(self._on_record(cause, system, name, exits=exits, gone=gone) for cause in causes) else "NAR"

    def _on_record(self, cause: str, system: str, name: str, *, exits: bool, gone: bool) -> bool:
        """Return whether a true value stands, certain and right, in another field that is there with the defect."""
        for cell, entry in self.dictionary.items():
            here = cell[0] == system and not gone
            elsewhere = cell[0] != system and not exits and self.scenario.systems[cell[0]].off_system is None
            if entry.truth == cause and cell != (system, name) and (here or elsewhere) and self._certain(cell):
                return True
        return False

    def _certain(self, cell: Cell) -> bool:
        """Return whether a field always holds its true value."""
        entry, spec = self.dictionary[cell], self.scenario.systems[cell[0]]
        if entry.source is not None or entry.applies or not entry.spec.shown:
            return False
        if entry.spec.stamped:
            return True
        swapped = any(cell[1] in swap.fields and swap.rate for swap in spec.swaps)
        patterned = any(cell[1] in pattern.fields and pattern.rate for pattern in spec.patterns.values())
        lacked = self.scenario.mode == "quota" and entry.spec.material
        return not (self.gap(cell) or self.slip(cell) or swapped or patterned or lacked)


def gap_share(operator: OperatorSpec) -> Fraction:
    """Return G: the share of cells that nobody fills of their own accord, 1 - k v - (1 - k) u."""
    k, v, u = (Fraction(getattr(operator, name)) for name in ("k", "v", "u"))
    return 1 - k * v - (1 - k) * u


def _narrow(found: Condition, more: Condition) -> None:
    """Take more conditions into those found; where both speak of a true value, what both allow is left."""
    for cause, allowed in more.items():
        found[cause] = [value for value in found.get(cause, allowed) if value in allowed]


def covers(mechanism: Mechanism, system: str, name: str) -> bool:
    """Return whether a mechanism is about a field (or pattern, or whole record) of a system."""
    if not mechanism.fields or not system:
        return True
    named = mechanism.fields.get(system, [])
    return ANY_FIELD in named or bool(set(name.split("-")) & set(named)) or (not name and bool(named))


def _whole(weights: list[list[Fraction]]) -> np.ndarray:
    """Return weights, one list an item, as whole numbers in proportion, transposed; rounded where a draw needs it."""
    if not weights:
        return np.zeros((1, 0), np.int64)
    flat = [weight for each in weights for weight in each]
    common = Fraction(math.lcm(*(weight.denominator for weight in flat)))
    most = max((sum(column, Fraction(0)) for column in zip(*weights, strict=True)), default=Fraction(0))
    if common * most > MOST_TICKETS:
        common = MOST_TICKETS / most
    rounded = [[round(weight * common) for weight in each] for each in weights]
    return np.array(rounded, np.int64).T.reshape(-1, len(weights))
