"""Controls at entry: which fields a form insists on under a regime, and what that does to honesty and to staying.

Burden and exits follow design section 7: h(m) = h0 exp(-beta max(0, m - m0)) and 1 - R(m) = 1 - (1 - x0) exp(-alpha
max(0, m - m0)), where m counts the mandatory fields a person types in this record. A form without mandatory fields
loses nobody. The exponentials are worked out here, once, in decimal arithmetic of 50 digits, and become thresholds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

import numpy as np

from synth.data_dictionary import FieldEntry
from synth.draws import U64, cumulative_thresholds, threshold
from synth.errors import ScenarioError
from synth.spec import OperatorSpec, RegimeSpec, Scenario

DIGITS = Context(prec=50)
EVASION_SHARES = ("q_placeholder", "q_wrong", "q_copy", "q_uninformative")
PLACEHOLDER, WRONG, COPY, UNINFORMATIVE = range(len(EVASION_SHARES))


@dataclass(frozen=True)
class Controls:
    """The controls of one regime, ready to use.

    Attributes:
        mandatory: fields the form insists on (hard stop), by (system, field).
        soft: fields that a warning asks for once.
        not_values: whether "unknown" is an answer.
        known: threshold of knowing the truth, given that the cell is a gap.
        honest: thresholds of telling it when forced, by the number of mandatory fields shown (0 to all).
        honest_unburdened: the same without burden.
        exits: thresholds of the record not being made, by the number of mandatory fields shown.
        unknown_said, unknown_dodged: thresholds of choosing a not-value, for those who do not and who do know.
        evasion: cumulative thresholds of placeholder, wrong pick, copy, listed answer that says nothing.
        lucky: threshold of a wrong pick being right.
        copied_true, copied_true_stable: thresholds of a copied value still being true.
        overridden: threshold of a soft warning being overridden.
        voluntary_placeholder: threshold of a gap being filled with a placeholder without being forced.
        slip_copied: threshold of a slip being a value left over from the previous case.
        further_blank: threshold of each further material item being blank in an insufficient case.
        voluntary_uninformative: threshold of a gap being filled with a listed answer that says nothing, unforced.
        slip_typo: threshold of a slip being a typing error.
        novel: threshold of a placeholder being one that no list has.
    """

    mandatory: frozenset[tuple[str, str]]
    soft: frozenset[tuple[str, str]]
    not_values: bool
    known: int
    honest: U64
    honest_unburdened: int
    exits: U64
    unknown_said: int
    unknown_dodged: int
    evasion: U64
    lucky: int
    copied_true: int
    copied_true_stable: int
    overridden: int
    voluntary_placeholder: int
    slip_copied: int
    further_blank: int
    voluntary_uninformative: int
    slip_typo: int
    novel: int


def operator_under(scenario: Scenario, regime: str) -> OperatorSpec:
    """Return the operator's parameters with the regime's own put in."""
    changed = scenario.regimes[regime].operator
    try:
        return OperatorSpec.model_validate({**scenario.operator.model_dump(), **changed})
    except ValueError as problem:
        raise ScenarioError(f"regime '{regime}': {str(problem).splitlines()[-2].strip()}") from None


def honesty(operator: OperatorSpec, burden: int) -> Fraction:
    """Return h(m): the share that tells the truth when forced, with m mandatory fields to type."""
    return Fraction(operator.h0) * _decay(operator.beta, burden - operator.m0)


def staying(operator: OperatorSpec, burden: int) -> Fraction:
    """Return R(m): the share of records that are made at all; 1 when nothing is mandatory."""
    if burden == 0:
        return Fraction(1)
    if operator.stay is not None:
        return Fraction(operator.stay)
    return (1 - Fraction(operator.x0)) * _decay(operator.alpha, burden - operator.m0)


def _decay(rate: Decimal, excess: int) -> Fraction:
    return Fraction(DIGITS.exp(-rate * max(0, excess)))


def compile_controls(scenario: Scenario, regime: str, dictionary: Mapping[tuple[str, str], FieldEntry]) -> Controls:
    """Return the controls of a regime as sets of fields and thresholds."""
    spec = scenario.regimes[regime]
    operator = operator_under(scenario, regime)
    k, v = Fraction(operator.k), Fraction(operator.v)
    most = max(len(system.fields) for system in scenario.systems.values())
    exits = [1 - staying(operator, burden) for burden in range(most + 1)]
    _refuse_exits_in_quota(scenario, regime, dictionary, exits)
    shares = [Fraction(getattr(operator, name)) for name in EVASION_SHARES]
    return Controls(
        mandatory=controlled(spec, "mandatory", dictionary),
        soft=controlled(spec, "soft_warning", dictionary),
        not_values=bool(spec.allow_not_value),
        known=threshold(k * (1 - v) / (1 - k * v)),
        honest=np.array([threshold(honesty(operator, burden)) for burden in range(most + 1)], np.uint64),
        honest_unburdened=threshold(Fraction(operator.h0)),
        exits=np.array([threshold(rate) for rate in exits], np.uint64),
        unknown_said=threshold(Fraction(operator.nu)),
        unknown_dodged=threshold(Fraction(operator.tau)),
        evasion=cumulative_thresholds(shares),
        lucky=threshold(Fraction(operator.w)),
        copied_true=threshold(Fraction(operator.c)),
        copied_true_stable=threshold(Fraction(operator.c_stable)),
        overridden=threshold(Fraction(operator.override)),
        voluntary_placeholder=threshold(Fraction(operator.voluntary_placeholder)),
        slip_copied=threshold(Fraction(operator.slip_copied)),
        further_blank=threshold(Fraction(operator.further_blank)),
        voluntary_uninformative=threshold(Fraction(operator.voluntary_uninformative)),
        slip_typo=threshold(Fraction(operator.slip_typo)),
        novel=threshold(Fraction(operator.novel_placeholder)),
    )


def controlled(
    spec: RegimeSpec, kind: str, dictionary: Mapping[tuple[str, str], FieldEntry]
) -> frozenset[tuple[str, str]]:
    """Return the typed fields a kind of control covers; the name of a group stands for all fields in it."""
    found = set()
    for system, names in getattr(spec, kind).items():
        for (owner, field), entry in dictionary.items():
            if owner == system and entry.is_typed and ({field} | entry.spec.groups()) & set(names):
                found.add((owner, field))
    return frozenset(found)


def _refuse_exits_in_quota(
    scenario: Scenario, regime: str, dictionary: Mapping[tuple[str, str], FieldEntry], exits: list[Fraction]
) -> None:
    """The base regime of a quota holds every record, or the quota could not be met."""
    if scenario.mode != "quota" or regime != scenario.base_regime:
        return
    cells = controlled(scenario.regimes[regime], "mandatory", dictionary)
    for system in scenario.systems:
        burden = sum(owner == system for owner, _ in cells)
        if exits[burden] > 0:
            raise ScenarioError(
                f"regime '{regime}' loses {float(exits[burden]):.3f} of the {system} records, but the base regime of a "
                f"quota can lose 0 at most. Lower x0 or alpha, or enforce at most {scenario.operator.m0} fields."
            )
