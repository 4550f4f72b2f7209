"""Controls at entry: what a form insists on, refuses, lists or fills under a regime, and what people then do.

Burden and exits follow design section 7: h(m) = h0 exp(-beta max(0, m - m0)) and 1 - R(m) = 1 - (1 - x0 - divert)
exp(-alpha max(0, m - m0)), where m counts the mandatory fields a person types in this record. A form without mandatory
fields loses nobody. The exponentials are worked out here, once, in decimal arithmetic of 50 digits, and become
thresholds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from synth.data_dictionary import FieldEntry
from synth.draws import U64, cumulative_thresholds, threshold
from synth.errors import ScenarioError
from synth.honesty import People, Table, decay, honesty_table, people_of
from synth.mechanisms import Levels, Limit, Limits, combined, fitted
from synth.processes import Cell, Processes
from synth.spec import OperatorSpec, RegimeSpec, Scenario
from synth.spec_types import FieldSet

EVASION_SHARES = ("q_placeholder", "q_wrong", "q_copy", "q_uninformative")
PLACEHOLDER, WRONG, COPY, UNINFORMATIVE = range(len(EVASION_SHARES))
Branch = Mapping[str, frozenset[int]]  # fields of the same record -> codes that open the branch


@dataclass(frozen=True)
class Controls:
    """The controls of one regime, ready to use.

    Attributes:
        processes: what may depend on true values.
        operator: the operator's parameters under the regime.
        mandatory: fields the form insists on (hard stop), by (system, field).
        branches: of mandatory fields that are asked on a condition: what opens them.
        soft: fields that a warning asks for once.
        not_values: fields in which "unknown" is an answer.
        rejected: fields in which known placeholders are refused.
        misfitting: pick lists without a fitting option for every true value.
        linked: fields that a link fills -> where from.
        people: how people differ in honesty.
        exits: thresholds of the record not being made, by the number of mandatory fields shown.
        forgotten: threshold of what was known being forgotten when a record is put off.
        deferred: threshold of a record being put off.
        unknown_said, unknown_dodged: thresholds of choosing a not-value, for those who do not and who do know.
        evasion: cumulative thresholds of placeholder, wrong pick, copy, listed answer that says nothing.
        instead: the same without placeholders, for those who were refused one.
        lucky: threshold of a wrong pick being right.
        copied_true, copied_true_stable: thresholds of a copied value still being true.
        overridden, overridden_unknown: thresholds of a soft warning being overridden, by those who do and do not know.
        voluntary_placeholder: threshold of a gap being filled with a placeholder without being forced.
        slip_copied: threshold of a slip being a value left over from the previous case.
        further_blank: threshold of each further material item being blank in an insufficient case.
        voluntary_uninformative: threshold of a gap being filled with a listed answer that says nothing, unforced.
        slip_typo: threshold of a slip being a typing error.
        novel: threshold of a placeholder being one that no list has.
        falsified: threshold of a trigger being changed so that a mandatory branch does not open.
        respelled: threshold of a refused placeholder being typed again in a spelling that no list has.
        misfit: threshold of a true value having no fitting option in a list that misfits.
        sent: threshold of a record being filled by a link.
    """

    processes: Processes
    operator: OperatorSpec
    mandatory: frozenset[Cell]
    branches: Mapping[Cell, tuple[Branch, ...]]
    soft: frozenset[Cell]
    not_values: frozenset[Cell]
    rejected: frozenset[Cell]
    misfitting: frozenset[Cell]
    linked: Mapping[Cell, Cell]
    people: People
    exits: U64
    forgotten: int
    deferred: int
    unknown_said: int
    unknown_dodged: int
    evasion: U64
    instead: U64
    lucky: int
    copied_true: int
    copied_true_stable: int
    overridden: int
    overridden_unknown: int
    voluntary_placeholder: int
    slip_copied: int
    further_blank: int
    voluntary_uninformative: int
    slip_typo: int
    novel: int
    falsified: int
    respelled: int
    misfit: int
    sent: int

    @property
    def most(self) -> int:
        """The heaviest burden that a record can have."""
        return self.exits.size - 1

    @cached_property
    def triggers(self) -> Mapping[Cell, tuple[Cell, ...]]:
        """The fields whose answer opens a mandatory branch, and the fields in it; empty if nobody falsifies.

        Of several conditions the last that a person types is the one to change: then the branch would open.
        """
        found: dict[Cell, list[Cell]] = {}
        for (system, name), branches in self.branches.items() if self.falsified else ():
            asked = {other for branch in branches for other in branch}
            typed = [
                cell
                for cell, entry in self.processes.dictionary.items()
                if cell[0] == system and cell[1] in asked and entry.is_typed
            ]
            if typed:
                found.setdefault(typed[-1], []).append((system, name))
        return {trigger: tuple(fields) for trigger, fields in found.items()}

    def opens(self, trigger: Cell, field: Cell) -> frozenset[int]:
        """Return the codes of a trigger that open the branch a field is in."""
        sets = [branch[trigger[1]] for branch in self.branches[field] if trigger[1] in branch]
        return frozenset.intersection(*sets) if sets else frozenset()

    @cached_property
    def _known(self) -> dict[Cell, Limit]:
        return {}

    def known(self, cell: Cell) -> Limit:
        """Return how often the truth is known, given that the cell is a gap."""
        if cell not in self._known:
            self._known[cell] = self.processes.limit("known", known_of_gaps(self.operator), *cell)
        return self._known[cell]

    @cached_property
    def _honest(self) -> dict[tuple[tuple[str, tuple[Fraction, ...]], ...], tuple[Levels | None, Table]]:
        return {}

    def honest(self, cell: Cell) -> tuple[Levels | None, Table]:
        """Return how often the truth is told when forced, if it is known; see `honesty.Table`.

        Of the thresholds, the third axis is the combination of the levels of true values, where it depends on any.
        """
        odds = self.processes.odds("honest", *cell)
        key = tuple((cause, tuple(each)) for cause, each in odds.items())
        if key not in self._honest:
            scenario = self.processes.scenario
            levels = self.processes.levels("honest", *cell) if odds else None
            fit = None
            if levels is not None:
                factors, shares = combined(odds, levels), levels.shares

                def fit(mean: Fraction) -> list[int]:
                    return fitted(mean, shares, factors, what=f"honest of {cell[0]}.{cell[1]}")

            self._honest[key] = levels, honesty_table(self.operator, self.people, scenario.days, self.most, fit)
        return self._honest[key]

    @cached_property
    def _leaving(self) -> dict[str, tuple[Levels | None, U64]]:
        return {}

    def leaving(self, system: str) -> tuple[Levels | None, U64]:
        """Return how often a record is not made: thresholds by burden and by combination of levels."""
        if system not in self._leaving:
            odds = self.processes.odds("exit", system)
            levels = self.processes.levels("exit", system) if odds else None
            table = self.exits[:, None]
            if levels is not None:
                limits = [
                    self.processes.limit("exit", 1 - staying(self.operator, burden), system)
                    for burden in range(self.most + 1)
                ]
                table = np.array([
                    limit.table if isinstance(limit, Limits) else [limit] * levels.n_cells for limit in limits
                ], np.uint64)  # fmt: skip
            self._leaving[system] = levels, table
        return self._leaving[system]


def operator_under(scenario: Scenario, regime: str) -> OperatorSpec:
    """Return the operator's parameters with the regime's own put in."""
    changed = scenario.regimes[regime].operator
    try:
        return OperatorSpec.model_validate({**scenario.operator.model_dump(), **changed})
    except ValueError as problem:
        raise ScenarioError(f"regime '{regime}': {str(problem).splitlines()[-2].strip()}") from None


def known_of_gaps(operator: OperatorSpec) -> Fraction:
    """Return K: the share of gaps whose true value is known, k (1 - v) / G; 0 where there are no gaps."""
    k, v, u = (Fraction(getattr(operator, name)) for name in ("k", "v", "u"))
    gaps = k * (1 - v) + (1 - k) * (1 - u)
    return k * (1 - v) / gaps if gaps else Fraction(0)


def honesty(operator: OperatorSpec, burden: int) -> Fraction:
    """Return h(m): the share that tells the truth when forced, with m mandatory fields to type, the careless too."""
    return (1 - Fraction(operator.careless)) * Fraction(operator.h0) * decay(operator.beta, burden - operator.m0)


def staying(operator: OperatorSpec, burden: int) -> Fraction:
    """Return R(m): the share of records that are made at all; 1 when nothing is mandatory."""
    if burden == 0:
        return Fraction(1)
    if operator.stay is not None:
        return Fraction(operator.stay)
    leave_at_once = Fraction(operator.x0) + Fraction(operator.divert)
    return max(Fraction(0), 1 - leave_at_once) * decay(operator.alpha, burden - operator.m0)


def compile_controls(scenario: Scenario, regime: str, dictionary: Mapping[Cell, FieldEntry]) -> Controls:
    """Return the controls of a regime as sets of fields and thresholds."""
    spec = scenario.regimes[regime]
    operator = operator_under(scenario, regime)
    processes = Processes(scenario, dictionary)
    branches = _branches(spec, dictionary)
    mandatory = controlled(spec.mandatory, dictionary) | frozenset(
        (system, name) for system, names in spec.conditional_mandatory.items() for name in names
    )
    owners = [system for system, _ in mandatory]
    most = max((owners.count(system) for system in set(owners)), default=0)
    exits = [1 - staying(operator, burden) for burden in range(most + 1)]
    _refuse_exits_in_quota(scenario, regime, mandatory, exits)
    shares = {name: Fraction(getattr(operator, name)) for name in EVASION_SHARES}
    others = [shares[name] for name in EVASION_SHARES[1:]]
    override = Fraction(operator.override)
    return Controls(
        processes=processes,
        operator=operator,
        mandatory=mandatory,
        branches={cell: found for cell, found in branches.items() if cell in mandatory},
        soft=controlled(spec.soft_warning, dictionary),
        not_values=_with_not_values(spec, dictionary),
        rejected=frozenset(cell for cell in controlled(spec.reject_placeholders, dictionary)
                           if dictionary[cell].placeholders),
        misfitting=frozenset((system, name) for system, names in spec.pick_list.items()
                             for name, fit in names.items() if fit == "misfits"),
        linked=_linked(spec, dictionary),
        people=people_of(operator),
        exits=np.array([threshold(rate) for rate in exits], np.uint64),
        forgotten=threshold(1 - (1 - Fraction(operator.forget)) ** operator.defer_days),
        deferred=threshold(Fraction(operator.defer)),
        unknown_said=threshold(Fraction(operator.nu)),
        unknown_dodged=threshold(Fraction(operator.tau)),
        evasion=cumulative_thresholds(list(shares.values())),
        instead=cumulative_thresholds(others if any(others) else [Fraction(1), Fraction(0), Fraction(0)]),
        lucky=threshold(Fraction(operator.w)),
        copied_true=threshold(Fraction(operator.c)),
        copied_true_stable=threshold(Fraction(operator.c_stable)),
        overridden=threshold(override),
        overridden_unknown=threshold(
            override if operator.override_unknown is None else Fraction(operator.override_unknown)
        ),
        voluntary_placeholder=threshold(Fraction(operator.voluntary_placeholder)),
        slip_copied=threshold(Fraction(operator.slip_copied)),
        further_blank=threshold(Fraction(operator.further_blank)),
        voluntary_uninformative=threshold(Fraction(operator.voluntary_uninformative)),
        slip_typo=threshold(Fraction(operator.slip_typo)),
        novel=threshold(Fraction(operator.novel_placeholder)),
        falsified=threshold(Fraction(operator.z)),
        respelled=threshold(Fraction(operator.respell)),
        misfit=threshold(Fraction(operator.misfit)),
        sent=threshold(Fraction(operator.sigma)),
    )  # fmt: skip


def controlled(named: Mapping[str, FieldSet], dictionary: Mapping[Cell, FieldEntry]) -> frozenset[Cell]:
    """Return the typed fields that a control names; the name of a group stands for all fields in it."""
    return frozenset(
        (owner, field)
        for (owner, field), entry in dictionary.items()
        if entry.is_typed and ({field} | entry.spec.groups()) & set(named.get(owner, ()))
    )


def _with_not_values(spec: RegimeSpec, dictionary: Mapping[Cell, FieldEntry]) -> frozenset[Cell]:
    """Return the fields in which a not-value is an answer."""
    allowed = spec.allow_not_value
    cells = frozenset(dictionary) if isinstance(allowed, bool) else controlled(allowed, dictionary)
    return frozenset(cell for cell in cells if allowed and dictionary[cell].not_values)


def _branches(spec: RegimeSpec, dictionary: Mapping[Cell, FieldEntry]) -> dict[Cell, tuple[Branch, ...]]:
    """Return what opens each field: the form's own conditions, and those of the control."""
    found: dict[Cell, tuple[Branch, ...]] = {}
    for (system, name), entry in dictionary.items():
        given = (entry.applies, spec.conditional_mandatory.get(system, {}).get(name, {}))
        found[system, name] = tuple(
            {other: frozenset(map(dictionary[system, other].domain.values.index, allowed))
             for other, allowed in condition.items()}
            for condition in given if condition
        )  # fmt: skip
    return {cell: each for cell, each in found.items() if each}


def _linked(spec: RegimeSpec, dictionary: Mapping[Cell, FieldEntry]) -> dict[Cell, Cell]:
    """Return the typed fields that a link fills; fields that are received have their source already."""
    found = {}
    for system, names in spec.synchronise.items():
        for name, source in names.items():
            owner, _, field = source.partition(".")
            if dictionary[system, name].source is None:
                found[system, name] = (owner, field)
    return found


def _refuse_exits_in_quota(scenario: Scenario, regime: str, mandatory: frozenset[Cell], exits: list[Fraction]) -> None:
    """The base regime of a quota holds every record, or the quota could not be met."""
    if scenario.mode != "quota" or regime != scenario.base_regime:
        return
    for system in scenario.systems:
        burden = sum(owner == system for owner, _ in mandatory)
        if exits[burden] > 0:
            raise ScenarioError(
                f"regime '{regime}' loses {float(exits[burden]):.3f} of the {system} records, but the base regime of a "
                "quota can lose 0 at most. Lower x0, divert or alpha, or enforce at most "
                f"{scenario.operator.m0} fields."
            )
