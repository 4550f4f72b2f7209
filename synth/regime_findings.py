"""What does not fit together in the regimes of a scenario: the place in the file, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from synth import yaml_text
from synth.behaviour import known_parameters
from synth.condition_findings import findings_of_condition
from synth.data_dictionary import NARRATIVE
from synth.errors import nearest
from synth.honesty import SMALLEST_ICC
from synth.quotas import Finding
from synth.spec import GROUPS, Calendar, Choice, FieldSpec, OperatorSpec, RegimeSpec, Scenario, Whole
from synth.spec_types import Condition, FieldSet

NOT_OF_REGIMES = frozenset({
    "slips", "slip_copied", "slip_typo", "voluntary_placeholder", "voluntary_uninformative", "novel_placeholder",
    "further_blank", "u", "k", "v",
})  # fmt: skip
MOST_DRIFT = 100
LISTABLE = ("choice", "code", "office")
OF_GROUPS = ("mandatory", "soft_warning", "reject_placeholders")
ALSO_IN = "record the same true value, be lists or free alike, and offer the same not-values"


def controls_findings(scenario: Scenario, regime: str, spec: RegimeSpec) -> Iterator[Finding]:
    """Yield what a regime's controls cannot be: the place in the file, and what to do about it."""
    place = ("regimes", regime)
    for kind in OF_GROUPS:
        yield from _named(scenario, getattr(spec, kind), (*place, kind))
    yield from _not_value_findings(scenario, spec, (*place, "allow_not_value"))
    conditional = [(system, name) for system, names in spec.conditional_mandatory.items() for name in names]
    for system, name in conditional:
        where = (*place, "conditional_mandatory", system, name)
        problem = _no_such_field(scenario, system, name) or _not_typed(scenario.systems[system].fields[name], name)
        yield from [(where, problem)] if problem else _branch_findings(scenario, system, name, spec, where)
    for system, fits in spec.pick_list.items():
        for name, fit in fits.items():
            yield from _list_findings(scenario, regime, system, name, fit, (*place, "pick_list", system, name))
    for system, sources in spec.synchronise.items():
        for name, source in sources.items():
            yield from _link_findings(scenario, spec, (system, name), source, (*place, "synchronise", system, name))
    yield from _refusal_findings(scenario, spec, (*place, "reject_placeholders"))
    if scenario.mode == "quota" and regime == scenario.base_regime:
        yield from _base_findings(scenario, spec, place)


def operator_findings(scenario: Scenario, operator: OperatorSpec, place: yaml_text.Place) -> Iterator[Finding]:
    """Yield what the parameters that controls bring into play cannot be together."""
    both = operator.x0 + operator.divert
    if both > 1:
        yield place, f"x0 + divert = {both}; together they are at most 1."
    if 0 < operator.h_icc < SMALLEST_ICC:
        yield place, f"h_icc = {operator.h_icc}; people differ by {SMALLEST_ICC} or more, or not at all (0)."
    if operator.drift > MOST_DRIFT:
        yield place, f"drift = {operator.drift} logits a year; at most {MOST_DRIFT} are possible."
    if operator.drift and not any(isinstance(truth, Calendar) for truth in scenario.truth.values()):
        yield (
            place,
            f"drift = {operator.drift}, but 0 true values are of kind calendar, so no time passes. Set it to 0.",
        )


def changed(operator: OperatorSpec, values: Mapping[str, Decimal]) -> OperatorSpec:
    """Return the operator with a regime's own parameters in it, unchecked."""
    return operator.model_copy(update={name: value for name, value in values.items() if name in known_parameters()})


def _named(scenario: Scenario, controls: Mapping[str, FieldSet], place: yaml_text.Place) -> Iterator[Finding]:
    for system, fields in controls.items():
        if system not in scenario.systems:
            yield place, f"'{system}' is no system. {nearest(system, scenario.systems)}"
            continue
        known = {*scenario.systems[system].fields, *GROUPS}
        for field in fields:
            if field not in known:
                yield place, f"field '{field}' is not in system '{system}'. {nearest(field, known)}"


def _no_such_field(scenario: Scenario, system: str, name: str) -> str:
    if system not in scenario.systems:
        return f"'{system}' is no system. {nearest(system, scenario.systems)}"
    fields = scenario.systems[system].fields
    return "" if name in fields else f"field '{name}' is not in system '{system}'. {nearest(name, fields)}"


def _not_typed(field: FieldSpec, name: str) -> str:
    typed = field.shown and not field.stamped and field.received is None
    return "" if typed else f"'{name}' is not typed by a person, so no control acts on it. Take it out."


def _not_value_findings(scenario: Scenario, spec: RegimeSpec, place: yaml_text.Place) -> Iterator[Finding]:
    if isinstance(spec.allow_not_value, dict):
        yield from _named(scenario, spec.allow_not_value, place)
    if spec.allow_not_value and not any(
        scenario.not_values_of(system, name) for system, each in scenario.systems.items() for name in each.fields
    ):
        yield place, "'unknown' is allowed, but 'not_values' lists none."


def _branch_findings(
    scenario: Scenario, system: str, name: str, spec: RegimeSpec, place: yaml_text.Place
) -> Iterator[Finding]:
    fields = scenario.systems[system].fields
    condition: Condition = spec.conditional_mandatory[system][name]
    if not condition:
        yield place, f"'{name}' has no condition. Write one, as in {name}: {{other_field: value}}, or use mandatory."
    if ({name} | fields[name].groups()) & set(spec.mandatory.get(system, ())):
        yield place, f"'{name}' is mandatory in any case under this regime. Take it out of one of them."
    above = list(fields)[: list(fields).index(name)]
    for other, allowed in condition.items():
        if other not in above:
            yield place, f"'{other}' must be a field above '{name}' in '{system}'. {nearest(other, above)}"
        elif cause := scenario.truth_of(system, other):
            yield from findings_of_condition(scenario, cause, allowed, place)
        else:
            yield place, f"'{other}' records no choice, so '{name}' cannot depend on it."


def _list_findings(
    scenario: Scenario, regime: str, system: str, name: str, fit: str, place: yaml_text.Place
) -> Iterator[Finding]:
    problem = _no_such_field(scenario, system, name) or _not_typed(scenario.systems[system].fields[name], name)
    if problem:
        yield place, problem
        return
    field, truth = scenario.systems[system].fields[name], scenario.truth.get(scenario.truth_of(system, name))
    if truth is None or not (truth.kind in LISTABLE or isinstance(truth, Whole)):
        kind = "running text" if truth is None else f"of kind {truth.kind}"
        yield place, f"'{name}' is {kind}; a list is for values of kind {', '.join(LISTABLE)} and whole. Take it out."
    listed = field.pick_list if field.pick_list is not None else isinstance(truth, Choice)
    if fit == "fits" and listed:
        yield place, f"'{name}' is a list that fits already, so nothing would change. Take it out, or say misfits."
    if fit == "misfits" and scenario.mode == "quota" and regime == scenario.base_regime:
        yield (
            place,
            f"a quota fixes what is wrong in its base regime, so '{name}' cannot misfit there. Use another one.",
        )


def _link_findings(
    scenario: Scenario, spec: RegimeSpec, cell: tuple[str, str], source: str, place: yaml_text.Place
) -> Iterator[Finding]:
    system, name = cell
    owner, _, sent = source.partition(".")
    known = [f"{other}.{each}" for other, spec in scenario.systems.items() for each in spec.fields]
    problem = _no_such_field(scenario, system, name)
    if not problem and source not in known:
        problem = f"'{source}' is no system.field. {nearest(source, known)}"
    if problem:
        yield place, problem
        return
    order = list(scenario.systems)
    if order.index(owner) >= order.index(system):
        yield place, f"'{name}' is filled from '{owner}', which must stand above '{system}'. Change their order."
    if not any({owner, system} <= set(ends) for ends in scenario.links.values()):
        yield place, f"0 links join '{owner}' and '{system}', so nothing can be sent. Add one to links."
    field, other = scenario.systems[system].fields[name], scenario.systems[owner].fields[sent]
    if field.received is not None or not field.shown:
        if field.received != source or field.shown:
            yield (
                place,
                (
                    f"'{name}' is filled by a link in every regime."
                    if field.shown
                    else f"'{name}' shows nothing: say where it comes from, received: {source}."
                ),
            )
        return
    yield from _alike(scenario, spec, (system, name, field), (owner, sent, other), place)


def _alike(
    scenario: Scenario,
    spec: RegimeSpec,
    own: tuple[str, str, FieldSpec],
    other: tuple[str, str, FieldSpec],
    place: yaml_text.Place,
) -> Iterator[Finding]:
    (system, name, field), (owner, sent, source) = own, other
    if NARRATIVE in {name, sent}:
        hint = "give the system a field {received: ..., shown: no} for it, and switch that on"
        yield place, f"a narrative of one's own is not written over; {hint}."
        return
    if problem := _not_typed(field, name):
        yield place, problem
    kinds = {_is_list(scenario, spec, *each) for each in (own, other)}
    same = (
        scenario.truth_of(system, name) == scenario.truth_of(owner, sent)
        and len(kinds) == 1
        and field.uninformative == source.uninformative
        and (source.stamped or scenario.not_values_of(system, name) == scenario.not_values_of(owner, sent))
    )
    if not same or not source.shown or source.received is not None:
        yield place, f"'{name}' cannot be filled from '{owner}.{sent}': both must {ALSO_IN}."


def _is_list(scenario: Scenario, spec: RegimeSpec, system: str, name: str, field: FieldSpec) -> bool:
    """Return whether a field is a list to pick from under a regime."""
    choice = isinstance(scenario.truth.get(scenario.truth_of(system, name)), Choice)
    return name in spec.pick_list.get(system, {}) or (choice if field.pick_list is None else field.pick_list)


def _refusal_findings(scenario: Scenario, spec: RegimeSpec, place: yaml_text.Place) -> Iterator[Finding]:
    for system, names in spec.reject_placeholders.items():
        fields = scenario.systems[system].fields if system in scenario.systems else {}
        covered = [name for name, field in fields.items() if ({name} | field.groups()) & set(names)]
        if NARRATIVE in covered and not scenario.novel_placeholders.get(NARRATIVE):
            yield (
                place,
                (
                    f"the narrative of '{system}' refuses placeholders, but novel_placeholders lists 0 for it, "
                    "so a forced one could not be filled at all. List one."
                ),
            )


def _base_findings(scenario: Scenario, spec: RegimeSpec, place: yaml_text.Place) -> Iterator[Finding]:
    """A quota's verdicts are those of its base regime, where nothing but the quota moves them."""
    if spec.synchronise:
        yield (
            (*place, "synchronise"),
            (
                "the base regime of a quota holds what each system's people entered; links that fill fields belong to "
                "another regime, or to the field itself (received)."
            ),
        )
    z = spec.operator.get("z", scenario.operator.z)
    conditional = bool(spec.conditional_mandatory) or any(
        field.applies and ({name} | field.groups()) & set(names)
        for system, names in spec.mandatory.items()
        if system in scenario.systems
        for name, field in scenario.systems[system].fields.items()
    )
    if z and conditional:
        yield place, f"z is {z}, but the base regime of a quota can falsify 0 triggers. Set z: 0 in its operator."
