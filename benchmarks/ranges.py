"""The assumption range: how far the answer moves when one modeller's choice at a time goes from low to high.

Same draws throughout, so what moves is the choice alone. This is a range over settings, not an interval: it has no
percentage, and it is never added to the simulation error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from benchmarks.regimes import Contrast, tallies_of
from synth.controls import operator_under
from synth.pipeline import make_plan
from synth.spec import OperatorSpec, Scenario

SHARES = ("q_placeholder", "q_wrong", "q_copy", "q_uninformative")
EXITS = ("x0", "alpha")
IN_BASE = (
    "slips",
    "slip_copied",
    "slip_typo",
    "further_blank",
)  # what changes the base regime of a quota too: no gap is forced there
MOST_CASES = 2010  # whole verdict blocks of the audit's size; the same cases at every setting
MEASURES = ("correct_of_all", "hidden_wrong_of_all")


@dataclass(frozen=True)
class Setting:
    """A regime against the base regime, with one parameter at one end of its range.

    Attributes:
        parameter: which; '' is the central setting.
        value: what it was set to.
        right: difference in correct_of_all.
        wrong: difference in hidden_wrong_of_all.
        central: what the parameter is otherwise.
    """

    parameter: str
    value: str
    right: float
    wrong: float
    central: str = ""

    @property
    def sign(self) -> tuple[bool, bool]:
        """Whether right entries rise, and whether hidden wrong ones do."""
        return self.right > 0, self.wrong > 0


def one_at_a_time(scenario: Scenario, regime: str, *, n_cases: int, seed: int) -> list[Setting]:
    """Return a regime against the base regime at the central setting and at both ends of every range.

    Args:
        scenario: with `ranges`; a parameter that the regime sets itself is varied there as well.
        regime: which regime to look at.
        n_cases: at most `MOST_CASES` of them are used.
        seed: as for the run.
    """
    size = min(n_cases, MOST_CASES)
    ends = [(parameter, value) for parameter, both in scenario.ranges.items() for value in both]
    variants = {("", ""): scenario}
    variants |= {(name, str(value)): with_parameter(scenario, name, value, regime) for name, value in ends}
    plans = {(*key, each): make_plan(changed, seed=seed, regime=each)
             for key, changed in variants.items() for each in _regimes(scenario, regime, key[0])}  # fmt: skip
    tallies = tallies_of(plans, size)
    settings = []
    for parameter, value in variants:
        base = tallies.get((parameter, value, scenario.base_regime), tallies["", "", scenario.base_regime])
        pair = {scenario.base_regime: base, regime: tallies[parameter, value, regime]}
        settings.append(_setting(Contrast(scenario, seed, size, scenario.base_regime, pair), regime, parameter, value))
    return settings


def _regimes(scenario: Scenario, regime: str, parameter: str) -> tuple[str, ...]:
    """Return the regimes a parameter can change: in a quota the base regime has no forced gaps."""
    if parameter and scenario.mode == "quota" and parameter not in IN_BASE:
        return (regime,)
    return (scenario.base_regime, regime)


def _setting(contrast: Contrast, regime: str, parameter: str, value: str) -> Setting:
    right, wrong = (contrast.difference(regime, name).value for name in MEASURES)
    central = str(getattr(operator_under(contrast.scenario, regime), parameter)) if parameter else ""
    return Setting(parameter, value, right, wrong, central)


def with_parameter(scenario: Scenario, parameter: str, value: Decimal, regime: str) -> Scenario:
    """Return a scenario with one parameter changed; the other shares of evasions keep their proportions.

    In a quota the base regime holds every record, so exits change under the given regime only.

    Examples:
        >>> from synth import load_scenario
        >>> changed = with_parameter(load_scenario("reference"), "q_copy", Decimal("0.5"), "all_25").operator
        >>> changed.q_placeholder + changed.q_wrong + changed.q_copy == 1
        True
    """
    specs = scenario.regimes
    if parameter in EXITS and scenario.mode == "quota":
        spec = specs[regime].model_copy(update={"operator": specs[regime].operator | {parameter: value}})
        return scenario.model_copy(update={"regimes": specs | {regime: spec}})
    values: dict[str, Any] = scenario.operator.model_dump() | {parameter: value}
    if parameter in SHARES:
        others = [name for name in SHARES if name != parameter and values[name]] or [
            name
            for name in SHARES[:3]
            if name != parameter  # nothing to keep in proportion: evenly
        ]
        rest = sum((values[name] for name in others), Decimal(0))
        for name in others[:-1]:
            part = values[name] / rest if rest else Decimal(1) / len(others)
            values[name] = ((1 - value) * part).quantize(Decimal("0.000001"))
        values[others[-1]] = 1 - value - sum((values[name] for name in others[:-1]), Decimal(0))
    regimes = {
        name: spec.model_copy(update={"operator": spec.operator | {parameter: value}})
        if parameter in spec.operator
        else spec
        for name, spec in specs.items()
    }
    operator = OperatorSpec.model_validate(values)
    return scenario.model_copy(update={"operator": operator, "regimes": regimes})


def decisive(settings: Sequence[Setting]) -> list[str]:
    """Return the parameters at an end of whose range the answer has another sign than at the central setting."""
    central = settings[0]
    found = [setting.parameter for setting in settings[1:] if setting.sign != central.sign]
    return list(dict.fromkeys(found))
