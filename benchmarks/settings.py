"""A setting: a scenario with some of its modeller's choices changed, and which choices can matter at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from synth.behaviour import known_parameters, load_behaviour
from synth.controls import controlled, operator_under
from synth.data_dictionary import FieldEntry, dictionary_of
from synth.errors import ScenarioError, nearest
from synth.regime_findings import changed, operator_findings
from synth.spec import OperatorSpec, RegimeSpec, Scenario

SHARES = ("q_placeholder", "q_wrong", "q_copy", "q_uninformative")
EXITS = ("x0", "alpha", "divert", "m0", "stay")  # a quota's base regime holds every record, whatever these are
WHOLE = ("m0", "defer_days")
SECONDS = ("seconds_pick", "seconds_typed", "seconds_narrative", "seconds_evasion")
SYMBOLS = {  # of docs/model.md
    "h": "h0", "eps": "slips", "qP": "q_placeholder", "qW": "q_wrong", "qC": "q_copy", "qU": "q_uninformative",
    "o": "override", "D": "defer",
}  # fmt: skip
DIGITS = Decimal("0.000001")
Values = Mapping[str, Decimal]


def parameter_named(text: str, among: Collection[str] | None = None, unknown: str = "unknown parameter") -> str:
    """Return the parameter that a name or the model's symbol stands for.

    Args:
        text: the name or symbol.
        among: the parameters that are possible; None: all of a scenario.
        unknown: how a refusal begins.

    Raises:
        ScenarioError: it stands for none.

    Examples:
        >>> parameter_named("h"), parameter_named("k")
        ('h0', 'k')
    """
    name = SYMBOLS.get(text, text)
    possible = OperatorSpec.model_fields if among is None else among
    if name not in possible:
        symbols = [symbol for symbol, stands_for in SYMBOLS.items() if stands_for in possible]
        raise ScenarioError(f"{unknown} '{text}'. {nearest(text, [*possible, *symbols])}")
    return name


def number(name: str, text: str) -> Decimal:
    """Read the value of a parameter.

    Raises:
        ScenarioError: not a number, or not one the parameter can be.

    Examples:
        >>> number("h0", ".4")
        Decimal('0.4')
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise ScenarioError(f"{name} is '{text}', not a number. Write it like {name}=0.4.")
    try:
        OperatorSpec.__pydantic_validator__.validate_assignment(OperatorSpec.model_construct(), name, value)
    except ValidationError:
        raise ScenarioError(f"{name} is {text}; {_possible(name)}.") from None
    return value


def _possible(name: str) -> str:
    if name in WHOLE:
        return "it is a whole number of 0 or more"
    if name in SECONDS or name in {"alpha", "beta", "drift"}:
        return "it is a number of 0 or more"
    return "it is a share or chance, from 0 to 1"


def parameters_of(texts: Iterable[str]) -> dict[str, Decimal]:
    """Read `name=value` texts.

    Raises:
        ScenarioError: no such parameter, a number it cannot be, or one parameter twice.

    Examples:
        >>> parameters_of(["h=.4", "k=0.9"])
        {'h0': Decimal('0.4'), 'k': Decimal('0.9')}
    """
    found: dict[str, Decimal] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise ScenarioError(f"'{text}' is no parameter and value. Write it like h0=0.4.")
        parameter = parameter_named(name.strip())
        if parameter in found:
            raise ScenarioError(f"{parameter} is given twice: {found[parameter]} and {value}. Give it once.")
        found[parameter] = number(parameter, value.strip())
    return found


def with_values(scenario: Scenario, values: Values) -> Scenario:
    """Return the scenario with some parameters set, under every regime.

    In a quota the base regime holds every record, so there exits change under the other regimes only.

    Args:
        scenario: left as it is.
        values: by parameter.

    Raises:
        ScenarioError: the shares of evasions do not sum to 1, or parameters cannot be together.

    Examples:
        >>> from synth import load_scenario
        >>> str(with_values(load_scenario("reference"), {"h0": Decimal("0.4")}).operator.h0)
        '0.4'
    """
    apart = EXITS if scenario.mode == "quota" else ()
    everywhere = {name: value for name, value in values.items() if name not in apart}
    elsewhere = {name: value for name, value in values.items() if name in apart}
    after: dict[str, Any] = scenario.operator.model_dump() | everywhere
    total = sum((Decimal(after[name]) for name in SHARES), Decimal(0))
    if set(SHARES) & set(values) and total != 1:
        given = " + ".join(f"{name} {after[name]}" for name in SHARES)
        raise ScenarioError(f"{given} is {total}; the shares of evasions sum to 1. Give those that change as well.")
    regimes = {}
    for name, spec in scenario.regimes.items():
        own = {each: value for each, value in everywhere.items() if each in spec.operator}
        if name != scenario.base_regime:
            own |= elsewhere
        regimes[name] = spec.model_copy(update={"operator": spec.operator | own}) if own else spec
    operator = OperatorSpec.model_validate(after)
    for spec in [RegimeSpec(), *regimes.values()]:
        for _, problem in operator_findings(scenario, changed(operator, spec.operator), ()):
            if not problem.startswith("h_icc"):  # of a sweep: people who hardly differ are alike
                raise ScenarioError(problem)
    return scenario.model_copy(update={"operator": operator, "regimes": regimes})


def with_parameter(scenario: Scenario, parameter: str, value: Decimal) -> Scenario:
    """Return a scenario with one parameter changed; the other shares of evasions keep their proportions.

    Examples:
        >>> from synth import load_scenario
        >>> changed = with_parameter(load_scenario("reference"), "q_copy", Decimal("0.5")).operator
        >>> changed.q_placeholder + changed.q_wrong + changed.q_copy == 1
        True
    """
    if parameter in SHARES:
        return with_values(scenario, _shares_with(scenario.operator, parameter, value))
    return with_values(scenario, {parameter: value})


def _shares_with(operator: OperatorSpec, parameter: str, value: Decimal) -> dict[str, Decimal]:
    before = {name: Decimal(getattr(operator, name)) for name in SHARES}
    others = [name for name in SHARES if name != parameter and before[name]] or [
        name
        for name in SHARES[:3]
        if name != parameter  # nothing to keep in proportion: evenly
    ]
    rest = sum((before[name] for name in others), Decimal(0))
    after = {parameter: value}
    for name in others[:-1]:
        part = before[name] / rest if rest else Decimal(1) / len(others)
        after[name] = ((1 - value) * part).quantize(DIGITS)
    after[others[-1]] = 1 - sum(after.values(), Decimal(0))
    return after | {name: Decimal(0) for name in SHARES if name not in after}


def with_behaviour(scenario: Scenario, path: str | Path) -> Scenario:
    """Return the scenario with the parameters of a behaviour file: `central` as value, low to high as range.

    Args:
        scenario: left as it is.
        path: a file as `synth.behaviour.load_behaviour` reads it.
    """
    given = load_behaviour(path)
    values = {name: each.central for name, each in given.items()}
    for name, each in given.items():
        for end in (each.low, each.central, each.high):
            number(name, str(end))
    changed = with_values(scenario, values)
    ranges = {**scenario.ranges, **{name: (each.low, each.high) for name, each in given.items()}}
    return changed.model_copy(update={"ranges": ranges})


def movable(scenario: Scenario, regimes: Sequence[str]) -> tuple[str, ...]:
    """Return the parameters with a range that can change what is right or wrong under some of the regimes.

    Examples:
        >>> from synth import load_scenario
        >>> movable(load_scenario("reference"), ["optional"])
        ('k', 'v', 'slips')
    """
    specs = [scenario.regimes[name] for name in regimes]
    found = _always(scenario)
    dictionary = dictionary_of(scenario)
    for name, spec in zip(regimes, specs, strict=True):
        found |= _under(scenario, name, spec, dictionary)
    names = [name for name in OperatorSpec.model_fields if name in found]
    return tuple(name for name in names if _has_width(scenario, name))


def range_of(scenario: Scenario, name: str) -> tuple[Decimal, Decimal] | None:
    """Return low and high of a parameter, also where only some regimes switch it on; None where it is off in all.

    Examples:
        >>> from synth import load_scenario
        >>> low, high = range_of(load_scenario("reference"), "override")
        >>> str(low), str(high)
        ('0.46', '0.96')
    """
    usual, known = scenario.range_of(name), known_parameters().get(name)
    if usual is not None or known is None:
        return usual
    own = [Decimal(spec.operator[name]) for spec in scenario.regimes.values() if name in spec.operator]
    on = [value for value in own if value != known.off]
    return (min(known.low, *on), max(known.high, *on)) if on else None


def _has_width(scenario: Scenario, name: str) -> bool:
    both = range_of(scenario, name)
    return both is not None and both[0] < both[1]


def _always(scenario: Scenario) -> set[str]:
    found = {"slips", "u", "voluntary_placeholder", "voluntary_uninformative"}
    if scenario.operator.slips or any(each.slip for system in scenario.systems.values()
                                      for each in system.fields.values()):  # fmt: skip
        found |= {"slip_copied", "slip_typo"}
    if scenario.mode == "quota":
        found.add("further_blank")
    open_gaps = any("gap" not in each.model_fields_set and not each.stamped
                    for system in scenario.systems.values() for each in system.fields.values())  # fmt: skip
    return found | ({"k", "v"} if scenario.mode == "rate" and open_gaps else set())


def _under(
    scenario: Scenario, name: str, spec: RegimeSpec, dictionary: Mapping[tuple[str, str], FieldEntry]
) -> set[str]:
    """Return what can matter under a regime, given its controls."""
    mandatory, soft = (controlled(named, dictionary) for named in (spec.mandatory, spec.soft_warning))
    branch = {(system, field) for system, fields in spec.conditional_mandatory.items() for field in fields}
    stops = mandatory | branch
    found: set[str] = set()
    if scenario.mode == "quota" and name == scenario.base_regime:
        return found | ({"z"} if stops else set())  # nothing is forced: the enforced fields have no gaps
    forced = stops | soft
    if forced:
        found |= {"k", "v", "h0", "h_icc", "careless", "drift", "q_placeholder", "q_wrong", "q_copy", "c", "w"}
        found |= {"c_stable"} if any(dictionary[cell].spec.stable for cell in forced) else set()
        found |= {"q_uninformative"} if any(dictionary[cell].says_nothing for cell in forced) else set()
    if stops:
        found |= {"x0", "divert", "defer", "defer_days", "forget"}
        heaviest = max(sum(owner == system for owner, _ in stops) for system in {owner for owner, _ in stops})
        high = scenario.range_of("m0")
        if heaviest > min(scenario.operator.m0, high[0] if high else scenario.operator.m0):
            found |= {"alpha", "beta", "m0"}
        if operator_under(scenario, name).stay is not None:
            found -= {"x0", "divert", "alpha"}
    if any(dictionary[cell].applies for cell in mandatory) or branch:
        found.add("z")
    switches = {"nu": spec.allow_not_value, "tau": spec.allow_not_value, "override": soft, "override_unknown": soft,
                "respell": spec.reject_placeholders, "sigma": spec.synchronise,
                "misfit": any("misfits" in each.values() for each in spec.pick_list.values())}  # fmt: skip
    return found | {parameter for parameter, on in switches.items() if on}


def plain(name: str) -> str:
    """Return a parameter in plain words.

    Examples:
        >>> plain("k")
        'knows the true value when entering'
    """
    known = known_parameters().get(name)
    return "share of records made, set by the regime itself" if known is None else known.says
