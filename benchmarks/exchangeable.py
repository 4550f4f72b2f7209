"""Scenarios whose regimes have a closed form: one form of exchangeable fields, so that nothing need be simulated.

Exact means: rate mode, one system, needed fields that differ in nothing but whether they are enforced or material, no
mechanisms, no controls but hard stops, warnings and "unknown", and no behaviour that `benchmarks.model` leaves out.
Anything else is simulated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from benchmarks.model import Operator, Quality, hard_stop, mean_quality, optional, soft_warning
from benchmarks.settings import SECONDS
from synth.behaviour import known_parameters
from synth.controls import controlled, operator_under
from synth.data_dictionary import FieldEntry, dictionary_of
from synth.spec import FieldSpec, OperatorSpec, RegimeSpec, Scenario

PLAIN_CONTROLS = frozenset(("about", "mandatory", "soft_warning", "allow_not_value", "operator"))
NO_MATTER = frozenset((  # changes neither what is right nor what is wrong on such a form
    "c_stable", "novel_placeholder", "further_blank", "q_uninformative", "voluntary_uninformative", "slip_copied",
    "h_icc", "z", "sigma", "misfit", "respell", *SECONDS,
))  # fmt: skip
OTHER_NAMES = {"eps": "slips", "novel": "novel_placeholder"}
NOT_HERE = frozenset(("q_uninformative", "voluntary_uninformative", "says_nothing", "stay", "unfit", "seconds_entry"))
OF_MODEL = {each.name: OTHER_NAMES.get(each.name, each.name) for each in fields(Operator) if each.name not in NOT_HERE}
IN_MODEL = frozenset(OF_MODEL.values())
BY_HAND = frozenset(("stay", "override", "override_unknown"))  # given to the closed forms beside the operator
MAY_DIFFER = frozenset(("needed", "enforced", "material", "usage", "about", "blank_weight", "truth", "pick_list"))


def is_exchangeable(scenario: Scenario, regimes: Sequence[str]) -> bool:
    """Return whether the closed forms hold exactly under some regimes of a scenario.

    Examples:
        >>> from synth import load_scenario
        >>> is_exchangeable(load_scenario("reference"), ["as_reported", "all_25"])
        True
        >>> is_exchangeable(load_scenario("oig-20-13"), ["all_25"])
        False
    """
    if scenario.mode != "rate" or len(scenario.systems) != 1 or scenario.mechanisms or scenario.narratives:
        return False
    (spec,) = scenario.systems.values()
    if spec.off_system is not None or spec.swaps or spec.patterns:
        return False
    entries = [entry for entry in dictionary_of(scenario).values() if entry.spec.needed and entry.spec.shown]
    return (
        bool(entries)
        and all(_is_plain(entry) for entry in entries)
        and all(_is_covered(scenario, name, entries) for name in {scenario.base_regime, *regimes})
    )


def _is_plain(entry: FieldEntry) -> bool:
    odd = entry.spec.model_fields_set - MAY_DIFFER - {"not_values"}
    usual = FieldSpec()
    return (
        entry.is_typed
        and bool(entry.placeholders)
        and not entry.is_narrative
        and entry.says_nothing is None
        and all(getattr(entry.spec, name) == getattr(usual, name) for name in odd)
        and "gap" not in entry.spec.model_fields_set
    )


def _is_covered(scenario: Scenario, regime: str, entries: Sequence[FieldEntry]) -> bool:
    """Whether the closed forms know the regime's controls and everything its operator does."""
    spec, operator = scenario.regimes[regime], operator_under(scenario, regime)
    if any(getattr(spec, name) for name in RegimeSpec.model_fields if name not in PLAIN_CONTROLS):
        return False
    if not isinstance(spec.allow_not_value, bool) or (spec.mandatory and spec.soft_warning):
        return False
    cells = {(entry.system, entry.name) for entry in entries}
    dictionary = dictionary_of(scenario)
    if (controlled(spec.mandatory, dictionary) | controlled(spec.soft_warning, dictionary)) - cells:
        return False  # a burden that the form's own conditions make differ from record to record
    if spec.allow_not_value and not all(entry.not_values for entry in entries):
        return False
    left_out = set(OperatorSpec.model_fields) - NO_MATTER - IN_MODEL - BY_HAND
    return all(getattr(operator, name) == known_parameters()[name].usual for name in left_out)


@dataclass(frozen=True)
class ClosedForm:
    """A regime of exchangeable fields, ready to be worked out at many settings.

    Attributes:
        usual: every parameter under the regime, as a number; `stay` is absent where it follows from others.
        not_values: whether "unknown" is an answer.
        n_fields: needed fields.
        n_required: how many of them have a hard stop.
        burden: mandatory fields a person types, needed or not.
        n_warned: how many have a warning.
    """

    usual: Mapping[str, float]
    not_values: bool
    n_fields: int
    n_required: int
    burden: int
    n_warned: int

    def quality(self, changed: Mapping[str, float] | None = None) -> Quality:
        """Return the measures, as the mean over the needed fields, with some parameters changed."""
        values = {**self.usual, **(changed or {})}
        person, burden = _person(values, not_values=self.not_values), self.burden
        stays = values["stay"] if burden and "stay" in values else person.retained(burden)
        parts = [(self.n_required, hard_stop(person, n_required=burden, retained=stays))] if self.n_required else []
        if self.n_warned:
            unknown = values.get("override_unknown", values["override"])
            warned = soft_warning(person, overridden=values["override"], overridden_unknown=unknown)
            parts.append((self.n_warned, warned))
        free = self.n_fields - self.n_required - self.n_warned
        return mean_quality([*parts, *([(free, _kept(optional(person), stays))] if free else [])])


def closed_form(scenario: Scenario, regime: str) -> ClosedForm:
    """Return the closed form of a regime.

    Args:
        scenario: one for which `is_exchangeable` holds.
        regime: one of its regimes.

    Examples:
        >>> from synth import load_scenario
        >>> round(closed_form(load_scenario("reference"), "all_25").quality().hidden_wrong, 3)
        0.151
    """
    spec, dictionary = scenario.regimes[regime], dictionary_of(scenario)
    needed = {cell for cell, entry in dictionary.items() if entry.spec.needed and entry.spec.shown}
    mandatory, soft = (controlled(named, dictionary) for named in (spec.mandatory, spec.soft_warning))
    given = operator_under(scenario, regime).model_dump()
    usual = {name: value if isinstance(value, int) else float(value) for name, value in given.items()
             if value is not None}  # fmt: skip
    counts = len(needed), len(needed & mandatory), len(mandatory), len(needed & soft)
    return ClosedForm(usual, bool(spec.allow_not_value), *counts)


def _person(values: Mapping[str, float], *, not_values: bool) -> Operator:
    """Return the operator of the closed forms; where "unknown" is no answer, nobody gives it."""
    known = {name: values[key] for name, key in OF_MODEL.items() if key in values}
    known["q_wrong"] += values["q_uninformative"]  # no such answer on the list: the first option instead
    return Operator(**{**known, **({} if not_values else {"nu": 0.0, "tau": 0.0})})  # type: ignore[arg-type]


def _kept(quality: Quality, stays: float) -> Quality:
    """Return the measures of an optional field of a form that loses records for its other fields."""
    if stays == 1:
        return quality
    of_all = ("correct_of_all", "informed", "lucky", "hidden_wrong_of_all", "capture_rate", "seconds_of_all")
    changed: dict[str, Any] = {name: stays * getattr(quality, name) for name in of_all}
    return Quality(**{**{each.name: getattr(quality, each.name) for each in fields(quality)}, **changed})


def break_even(scenario: Scenario, regime: str, *, against: str, omega: float) -> float:
    """Return the honesty h0 at which two regimes are worth the same; above 1 no honesty pays.

    Right and hidden wrong entries are linear in honesty, under both regimes, so that two points give the line.

    Args:
        scenario: one for which `is_exchangeable` holds.
        regime: one regime.
        against: the other.
        omega: harm of one hidden wrong entry over the good of one right entry.

    Returns:
        h*; NaN where honesty changes nothing.

    Examples:
        >>> from synth import load_scenario
        >>> round(break_even(load_scenario("reference"), "all_25", against="optional", omega=1), 2)
        0.7
    """
    forms = [closed_form(scenario, name) for name in (regime, against)]
    at_none, at_all = (
        forms[0].quality({"h0": honest}).net_right(omega) - forms[1].quality({"h0": honest}).net_right(omega)
        for honest in (0.0, 1.0)
    )
    return -at_none / (at_all - at_none) if at_all != at_none else float("nan")
