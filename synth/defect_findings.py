"""What does not fit together in the defects and mechanisms of a scenario: the place, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from synth import yaml_text
from synth.condition_findings import findings_of_condition
from synth.controls import compile_controls
from synth.data_dictionary import dictionary_of, domain_of
from synth.errors import ScenarioError, nearest
from synth.in_force import scenario_under
from synth.mechanisms import Levels
from synth.processes import ANY_FIELD, Processes, covers
from synth.quotas import Finding
from synth.spec import (
    OWN_VALUE,
    VERDICTS,
    After,
    Calendar,
    Choice,
    FieldSpec,
    Mechanism,
    OffSystem,
    Scenario,
    Seat,
    Swap,
    SystemSpec,
    stating_systems,
)

NARRATIVE = "narrative"
OF_VALUES = ("gap", "slip", "lost_in_transmission", "known", "honest")
OF_CONTROLS = ("known", "honest", "exit")
MISSING_KINDS = {"gap": "M", "pattern": "M", "narrative_truncated": "M", "off_system": "M", "insufficient": "M",
                 "lost_in_transmission": "M"}  # fmt: skip


def findings_of_defects(scenario: Scenario) -> Iterator[Finding]:
    """Yield what does not fit together; call it only for a scenario whose other parts do."""
    for system, spec in scenario.systems.items():
        yield from _record_findings(scenario, system, spec)
        for name, field in spec.fields.items():
            place = ("systems", system, "fields", name)
            if field.uninformative is not None:
                yield from _uninformative_findings(scenario, system, name, field, place)
            if field.received is not None:
                yield from _received_findings(scenario, system, name, field, place)
            elif field.lost:
                yield (
                    place,
                    f"'{name}' is not received, so nothing of it is lost on the way. Give received, or no lost.",
                )
    yield from _late_findings(scenario)
    for number, mechanism in enumerate(scenario.mechanisms):
        yield from _mechanism_findings(scenario, mechanism, ("mechanisms", number))


def fit_findings(scenario: Scenario) -> Iterator[Finding]:
    """Yield mechanisms that cannot be fitted, or are not of the kind they are said to be; comes last of all."""
    try:
        processes = Processes(scenario, dictionary_of(scenario))
        for cell in processes.dictionary:
            processes.gap(cell)
            processes.slip(cell)
        _ = processes.rates, processes.joint
        levels, weights = processes.item_weights
        if any(mechanism.of in OF_CONTROLS for mechanism in scenario.mechanisms):
            _fit_controls(scenario)
    except ScenarioError as problem:
        yield ("mechanisms",), str(problem)
        return
    if scenario.verdicts.get("insufficient"):
        yield from _item_findings(processes, levels, weights.tolist())
    for number, mechanism in enumerate(scenario.mechanisms):
        if mechanism.of not in VERDICTS and not _struck(processes, mechanism):
            yield (
                ("mechanisms", number),
                f"there is no {mechanism.of} with a rate where it is looked for. Give it one.",
            )
        elif mechanism.kind is not None:
            yield from _claim_findings(processes, mechanism, ("mechanisms", number))


def _fit_controls(scenario: Scenario) -> None:
    """Work out what each regime's controls make depend on true values, to see whether it can be."""
    for regime in scenario.regimes:
        under = scenario_under(scenario, regime)
        controls = compile_controls(under, regime, dictionary_of(under))
        for cell in controls.mandatory | controls.soft:
            controls.known(cell)
            controls.honest(cell)
        for system in scenario.systems:
            controls.leaving(system)


def _record_findings(scenario: Scenario, system: str, spec: SystemSpec) -> Iterator[Finding]:
    place = ("systems", system)
    told = scenario.narratives.get(system)
    if spec.truncated and (told is None or len(told.sentences) < 2):
        yield place, f"'{system}' cannot have narratives cut off: that takes a narrative of two sentences or more."
    if spec.off_system is not None:
        yield from _off_system_findings(scenario, system, spec.off_system)
    seen: set[str] = set()
    for number, swap in enumerate(spec.swaps):
        yield from _swap_findings(scenario, system, swap, seen, (*place, "swaps", number))
        seen |= set(swap.fields)
    for name, pattern in spec.patterns.items():
        for member in pattern.fields:
            where = (*place, "patterns", name)
            if member not in spec.fields:
                yield where, f"field '{member}' is not in system '{system}'. {nearest(member, spec.fields)}"
            elif not _typed(spec.fields[member]):
                yield where, f"'{member}' is not typed by a person, so nobody leaves it open. Take it out."
            elif scenario.mode == "quota" and (reason := _fixed(scenario, system, member)):
                yield where, f"'{member}' {reason}; in a quota it cannot be left open by a pattern. Take it out."
        if name in spec.fields:
            yield (*place, "patterns", name), f"'{name}' is a field as well. Call the pattern something else."


def _typed(field: FieldSpec) -> bool:
    return field.shown and not field.stamped and field.received is None


def _fixed(scenario: Scenario, system: str, name: str) -> str:
    """Return why a quota cannot do without a field's true value; empty where it can."""
    spec = scenario.systems[system]
    if spec.fields[name].material:
        return "is material"
    if spec.fields[name].enforced:
        return "is enforced"
    return _stands_for_a_verdict(scenario, system, name)


def _stands_for_a_verdict(scenario: Scenario, system: str, name: str) -> str:
    if any(shared.fields.get(system) == name for shared in scenario.shared_facts.values()):
        return "states a shared fact"
    if any(name in other.applies for other in scenario.systems[system].fields.values()):
        return "decides what else is asked"
    return ""


def _off_system_findings(scenario: Scenario, system: str, spec: OffSystem) -> Iterator[Finding]:
    place = ("systems", system, "off_system")
    for cause, allowed in spec.when.items():
        yield from findings_of_condition(scenario, cause, allowed, place)
    material = any(field.material for field in scenario.systems[system].fields.values())
    states = any(system in {*shared.fields, *stating_systems(scenario, fact)}
                 for fact, shared in scenario.shared_facts.items())  # fmt: skip
    if scenario.mode == "rate" and spec.blank_weight:
        yield place, "blank_weight is for quotas; in rate mode give a rate."
    if scenario.mode == "quota" and spec.rate and (material or states):
        what = "has material items" if material else "states shared facts"
        yield (
            place,
            f"'{system}' {what}, so without its record a case is another; use blank_weight in a quota, no rate.",
        )
    if scenario.mode == "quota" and spec.blank_weight and not material:
        yield place, f"'{system}' has 0 material items, so its absence makes no case insufficient; give a rate."


def _swap_findings(
    scenario: Scenario, system: str, swap: Swap, seen: set[str], place: yaml_text.Place
) -> Iterator[Finding]:
    fields = scenario.systems[system].fields
    for name in swap.fields:
        if name not in fields:
            yield place, f"field '{name}' is not in system '{system}'. {nearest(name, fields)}"
            return
        if not _typed(fields[name]) or name == NARRATIVE:
            yield place, f"'{name}' is not typed into a field by a person, so nobody takes it for another."
        if reason := _stands_for_a_verdict(scenario, system, name) if scenario.mode == "quota" else "":
            yield place, f"'{name}' {reason}; in a quota it cannot be swapped. Choose other fields."
        if name in seen:
            yield place, f"'{name}' is in another swap already. A field can be in one."
    kinds = [_family(scenario, scenario.truth_of(system, name)) for name in swap.fields]
    names = [scenario.truth_of(system, name) for name in swap.fields]
    if names[0] == names[1]:
        yield place, f"both fields record '{names[0]}', so a swap changes nothing. Choose two that differ."
    elif kinds[0] != kinds[1]:
        yield place, f"{' and '.join(swap.fields)} hold different kinds of values; nobody takes one for the other."


def _family(scenario: Scenario, name: str) -> object:
    """Return what two true values must have in common to be taken for each other."""
    truth = scenario.truth.get(name)
    if isinstance(truth, Calendar | After):
        return "date"
    if isinstance(truth, Choice):
        return tuple(truth.values)
    return truth.model_dump_json(exclude={"when"}) if truth is not None else name


def _uninformative_findings(
    scenario: Scenario, system: str, name: str, field: FieldSpec, place: yaml_text.Place
) -> Iterator[Finding]:
    truth, said = scenario.truth.get(scenario.truth_of(system, name)), field.uninformative or ""
    if not isinstance(truth, Choice):
        yield place, f"'{name}' has no list, so no listed answer of it says nothing. Remove uninformative."
    elif said not in truth.values:
        yield place, f"'{said}' is not a value of '{name}'. {nearest(said, truth.values)}"
    elif truth.values[said]:
        yield (
            place,
            f"'{said}' says nothing, so it is never the truth: its weight is 0, not {truth.values[said]}.",
        )


def _received_findings(
    scenario: Scenario, system: str, name: str, field: FieldSpec, place: yaml_text.Place
) -> Iterator[Finding]:
    owner, source = scenario.source_of(field)
    known = [f"{other}.{each}" for other, spec in scenario.systems.items() for each in spec.fields]
    if owner not in scenario.systems or source not in scenario.systems[owner].fields:
        yield place, f"'{field.received}' is no system.field. {nearest(field.received or '', known)}"
        return
    order, sent = list(scenario.systems), scenario.systems[owner].fields[source]
    if order.index(owner) >= order.index(system):
        yield place, f"'{name}' is received from '{owner}', which must stand above '{system}'. Change their order."
    if not sent.shown or sent.received:
        yield place, f"'{field.received}' cannot be passed on: it never shows, or is received itself."
    if name == NARRATIVE:
        yield place, "a narrative that is received stands beside the record's own. Call the field something else."
    if not any({owner, system} <= set(ends) for ends in scenario.links.values()):
        yield place, f"0 links join '{owner}' and '{system}', so '{name}' cannot be received. Add one to links."
    own = {"truth", "enforced", "stamped", "material", "applies", "gap", "slip", "pick_list"} & field.model_fields_set
    if own:
        yield place, f"'{name}' is received and takes {', '.join(sorted(own))} from its source. Remove it here."
    if _stands_for_a_verdict(scenario, system, name):
        yield place, f"'{name}' is received; it {_stands_for_a_verdict(scenario, system, name)}, and must be typed."


def _late_findings(scenario: Scenario) -> Iterator[Finding]:
    late = [name for name, truth in scenario.truth.items() if isinstance(truth, After) and truth.late is not None]
    for name in late:
        truth = scenario.truth[name]
        if isinstance(truth, After) and truth.late is not None and truth.late.days[0] < 1:
            yield ("truth", name), f"late by {list(truth.late.days)} days: late is 1 day or more."
        if isinstance(truth, After) and truth.late is not None and truth.late.days[0] > truth.late.days[1]:
            yield ("truth", name), f"late by {list(truth.late.days)} days: the first is larger than the last."
        stamping = [
            system
            for system, spec in scenario.systems.items()
            if any(field.stamped and scenario.truth_of(system, each) == name for each, field in spec.fields.items())
        ]
        if not stamping:
            yield ("truth", name), f"'{name}' can be late, but 0 systems stamp it. Let a stamped field record it."
    for system, spec in scenario.systems.items():
        for each, field in spec.fields.items():
            if field.stamped and field.applies and scenario.truth_of(system, each) in late:
                place = ("systems", system, "fields", each)
                yield (
                    place,
                    f"'{each}' stamps a day that can be late, so every record has it. Remove applies.",
                )
        stamped = {scenario.truth_of(system, each) for each, field in spec.fields.items() if field.stamped} & set(late)
        if len(stamped) > 1:
            yield ("systems", system), f"'{system}' stamps {len(stamped)} days that can be late; it can stamp one."


def _mechanism_findings(scenario: Scenario, mechanism: Mechanism, place: yaml_text.Place) -> Iterator[Finding]:
    verdict = mechanism.of in VERDICTS
    if not mechanism.odds:
        yield place, "odds names no level. Write at least one: odds: {level: 2}."
    if verdict and scenario.mode == "rate":
        yield place, f"'{mechanism.of}' follows from the rates in rate mode. Give odds of gap or slip instead."
    if (verdict or mechanism.of == "late_entry") and mechanism.fields:
        yield place, f"a mechanism of '{mechanism.of}' is about whole cases. Remove fields."
    for system, names in mechanism.fields.items():
        if system not in scenario.systems:
            yield place, f"'{system}' is no system. {nearest(system, scenario.systems)}"
            continue
        known = {*scenario.systems[system].fields, *scenario.systems[system].patterns, ANY_FIELD}
        for name in names:
            if name not in known:
                yield place, f"field '{name}' is not in system '{system}'. {nearest(name, known)}"
    if mechanism.by == OWN_VALUE:
        yield from _own_value_findings(scenario, mechanism, place)
    yield from _control_findings(mechanism, place)
    for cause in _causes(scenario, mechanism):
        yield from _cause_findings(scenario, mechanism, cause, place)


def _control_findings(mechanism: Mechanism, place: yaml_text.Place) -> Iterator[Finding]:
    """What people do under a control is no defect itself."""
    if mechanism.of in OF_CONTROLS and mechanism.kind is not None:
        yield place, f"'{mechanism.of}' is no defect, so it has no kind. Leave kind out."


def _own_value_findings(scenario: Scenario, mechanism: Mechanism, place: yaml_text.Place) -> Iterator[Finding]:
    named = [(system, name) for system, names in mechanism.fields.items() for name in names]
    if mechanism.of not in OF_VALUES:
        yield place, f"'by: value' is for {', '.join(OF_VALUES)}; '{mechanism.of}' has no value of its own."
    elif not named or any(name not in scenario.systems[system].fields for system, name in named):
        yield place, "'by: value' needs fields by name: those whose own value it depends on."


def _causes(scenario: Scenario, mechanism: Mechanism) -> list[str]:
    if mechanism.by != OWN_VALUE:
        return [mechanism.by]
    return [
        scenario.truth_of(system, name)
        for system, names in mechanism.fields.items()
        for name in names
        if system in scenario.systems and name in scenario.systems[system].fields
    ]


def _cause_findings(scenario: Scenario, mechanism: Mechanism, cause: str, place: yaml_text.Place) -> Iterator[Finding]:
    truth = scenario.truth.get(cause)
    if truth is None:
        yield place, f"'{cause}' is no true value. {nearest(cause, scenario.truth)}"
    elif not isinstance(truth, Choice) and not (isinstance(truth, Seat) and truth.kind == "office"):
        yield place, f"'{cause}' is of kind {truth.kind}; odds are for the levels of a choice or of the office."
    elif mechanism.of in VERDICTS and not isinstance(truth, Choice):
        yield place, f"a verdict cannot depend on '{cause}', which goes with the officer. Use a choice."
    elif getattr(truth, "when", {}) and mechanism.by != OWN_VALUE:
        yield place, f"'{cause}' does not always apply, so nothing can depend on it. Use one without conditions."
    else:
        levels = domain_of(scenario, cause).values  # a tuple of texts
        for level in mechanism.odds:
            if level not in levels:
                yield place, f"'{level}' is no level of '{cause}'. {nearest(level, levels)}"
        if all(mechanism.odds.get(level, 1) == 0 for level in levels):
            yield place, f"all odds on '{cause}' are 0, so it never happens. Leave one above 0."


def _item_findings(processes: Processes, levels: Levels | None, weights: list[list[int]]) -> Iterator[Finding]:
    """In every combination of levels some item that is always asked must be able to be missing."""
    scenario = processes.scenario
    always = [bool(name) and not scenario.systems[system].fields[name].applies for system, name in processes.items]
    for number, row in enumerate(weights):
        if not any(weight for weight, certain in zip(row, always, strict=True) if certain):
            cell = levels.cells()[number] if levels is not None else ()
            names = levels.names if levels is not None else ()
            said = ", ".join(
                f"{name} = {processes.levels_named(name)[code]}" for name, code in zip(names, cell, strict=True)
            )
            yield ("mechanisms",), f"where {said}, 0 items can be missing that are always asked. Raise an odds of 0."
            return


def _claim_findings(processes: Processes, mechanism: Mechanism, place: yaml_text.Place) -> Iterator[Finding]:
    process = "gap" if mechanism.of == "insufficient" else mechanism.of
    for system, name in _struck(processes, mechanism):
        random = processes.at_random(process, system, name, exits=False)
        found = MISSING_KINDS.get(mechanism.of, "E") + random
        if found != mechanism.kind:
            what = f"{mechanism.of} of {system}{'.' if name else ''}{name}"
            causes = " and ".join(f"'{cause}'" for cause in sorted(processes.causes(process, system, name)))
            why = {
                "AR": f"{causes} always stands in the records",
                "NAR": f"{causes} can be blank or wrong in the records, or is the field's own value",
                "CAR": "it depends on nothing",
            }[random]
            yield place, f"{what} is {found}, not {mechanism.kind}: {why}. Write kind: {found}, or leave kind out."
            return


def _struck(processes: Processes, mechanism: Mechanism) -> list[tuple[str, str]]:
    """Return what a mechanism is about and can happen, one (system, name) each; names are empty for whole records."""
    scenario = processes.scenario
    if mechanism.of in OF_CONTROLS:
        return _controlled(scenario, mechanism)
    if mechanism.of == "insufficient":
        return [item for item in processes.items if item[1]]
    if mechanism.of == "inconsistent":
        return [(system, NARRATIVE) for system in scenario.narratives]
    if mechanism.of in {"gap", "slip"}:
        limit = processes.gap if mechanism.of == "gap" else processes.slip
        items = processes.items if mechanism.of == "gap" and scenario.mode == "quota" else []
        found = [cell for cell in processes.dictionary if limit(cell) or cell in items]
    elif mechanism.of == "late_entry":
        late = {name for process, _, name in processes.rates if process == "late_entry"}
        return [cell for cell, entry in processes.dictionary.items() if entry.spec.stamped and entry.truth in late]
    else:
        found = [(system, name) for process, system, name in processes.rates if process == mechanism.of]
        found += [item for item in processes.items if mechanism.of == "off_system" and not item[1]]
    return [(system, name) for system, name in found if covers(mechanism, system, name)]


def _controlled(scenario: Scenario, mechanism: Mechanism) -> list[tuple[str, str]]:
    """Return the fields that some regime insists on, or the systems whose records people can leave."""
    found = []
    for regime in scenario.regimes:
        under = scenario_under(scenario, regime)
        controls = compile_controls(under, regime, dictionary_of(under))
        if mechanism.of == "exit":
            found += [(system, "") for system, _ in controls.mandatory if controls.exits.any()]
        else:
            found += list(controls.mandatory | controls.soft)
    return [(system, name) for system, name in dict.fromkeys(found) if covers(mechanism, system, name)]
