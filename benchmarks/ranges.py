"""The assumption range: how far the answer moves when one modeller's choice at a time goes from low to high.

Same draws throughout, so what moves is the choice alone. This is a range over settings, not an interval: it has no
percentage, and it is never added to the simulation error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from benchmarks.exchangeable import ClosedForm, closed_form, is_exchangeable
from benchmarks.regimes import outcomes_of, related_plans
from benchmarks.settings import EXITS, SHARES, movable, range_of, with_parameter
from synth.controls import operator_under
from synth.spec import Scenario

FORCED = frozenset((
    "k", "v", "h0", "h_icc", "careless", "drift", *SHARES, "c", "c_stable", "w", "nu", "tau", "beta", "defer",
    "defer_days", "forget", *EXITS,
))  # fmt: skip  # what changes nothing where nothing is forced: the base regime of a quota
MOST_CASES = 2010  # whole verdict blocks of the audit's size; the same cases at every setting


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

    def net(self, omega: float) -> float:
        """Return the difference in net_right(omega)."""
        return self.right - omega * self.wrong


def one_at_a_time(
    scenario: Scenario,
    regime: str,
    *,
    n_cases: int,
    seed: int,
    parameters: Sequence[str] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> list[Setting]:
    """Return a regime against the base regime at the central setting and at both ends of every range.

    Args:
        scenario: its ranges are `Scenario.range_of`; a parameter that a regime sets itself is varied there as well.
        regime: which regime to look at.
        n_cases: cases of the run; at most `MOST_CASES` of them are used, and none where closed forms are exact.
        seed: as for the run.
        parameters: those to move; None: all that can matter under the two regimes.
        progress: called with the number of settings done, each regime of each apart.
    """
    size = min(n_cases, MOST_CASES)
    names = movable(scenario, [scenario.base_regime, regime]) if parameters is None else parameters
    ends = [(name, value) for name in names for value in range_of(scenario, name) or ()]
    settings = {("", ""): scenario}
    settings |= {(name, str(value)): with_parameter(scenario, name, Decimal(value)) for name, value in ends}
    if is_exchangeable(scenario, [regime]):
        forms = {each: closed_form(scenario, each) for each in (scenario.base_regime, regime)}
        return [_closed(forms, scenario.base_regime, regime, *key, changed) for key, changed in settings.items()]
    variants = {(*key, each): (changed, each)
                for key, changed in settings.items() for each in _regimes(scenario, regime, key[0])}  # fmt: skip
    found = outcomes_of(related_plans(variants, seed=seed), size, progress)
    answer = []
    for parameter, value in settings:
        base = found.get((parameter, value, scenario.base_regime), found["", "", scenario.base_regime])
        here = found[parameter, value, regime]
        central = str(getattr(operator_under(scenario, regime), parameter)) if parameter else ""
        answer.append(Setting(parameter, value, here.right - base.right, here.wrong - base.wrong, central))
    return answer


def _closed(
    forms: Mapping[str, ClosedForm], base: str, regime: str, parameter: str, value: str, changed: Scenario
) -> Setting:
    """Return a setting in closed form; whatever else moved with the parameter (the shares of evasions) moves too."""
    together = SHARES if parameter in SHARES else (parameter,) if parameter else ()
    moved = {name: float(getattr(changed.operator, name)) for name in together}
    there, here = (forms[name].quality(moved) for name in (base, regime))
    central = str(forms[regime].usual.get(parameter, "")) if parameter else ""
    return Setting(
        parameter,
        value,
        here.correct_of_all - there.correct_of_all,
        here.hidden_wrong_of_all - there.hidden_wrong_of_all,
        central,
    )


def _regimes(scenario: Scenario, regime: str, parameter: str) -> tuple[str, ...]:
    """Return the regimes a parameter can change: in a quota the base regime has no forced gaps."""
    guesses = parameter == "w" and scenario.operator.u
    if parameter in FORCED and scenario.mode == "quota" and not guesses:
        return (regime,)
    return (scenario.base_regime, regime)


def decisive(settings: Sequence[Setting]) -> list[str]:
    """Return the parameters at an end of whose range the answer has another sign than at the central setting."""
    central = settings[0]
    found = [setting.parameter for setting in settings[1:] if setting.sign != central.sign]
    return list(dict.fromkeys(found))
