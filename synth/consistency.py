"""What does not fit together in a scenario: the place in the file, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from pydantic import ValidationError

from synth import yaml_text
from synth.condition_findings import findings_of_condition
from synth.defect_findings import findings_of_defects, fit_findings
from synth.errors import nearest
from synth.not_values import not_value_findings
from synth.quotas import Finding, quota_findings
from synth.regime_findings import NOT_OF_REGIMES, changed, controls_findings, operator_findings
from synth.spec import (
    GROUPS,
    UNSAFE_STARTS,
    VERDICTS,
    After,
    Calendar,
    Choice,
    Clock,
    FieldSpec,
    NarrativeSpec,
    OperatorSpec,
    Scenario,
    SystemSpec,
    Whole,
    formats_of,
    slots,
    stating_systems,
)

OWN_COLUMNS = {"case_id", "verdict"}
MOST_FIELDS = 2000  # a label's number has that many places for fields
PLACEHOLDER_KINDS = ("choice", "code", "reference", "date", "time", "whole", "narrative")
MOST_FACTS = 3  # of a sentence: a draw has four words, one of which picks the variant
MOST_DAYS = 270  # from the day of the case to the last day that follows from it; wrong dates reach 30 days further


def inconsistencies(scenario: Scenario) -> Iterator[Finding]:
    """Yield what does not fit together in a scenario: the place in the file, and what to do about it."""
    yield from _empty_findings(scenario)
    yield from _verdict_findings(scenario)
    yield from _truth_findings(scenario)
    for system, spec in scenario.systems.items():
        yield from _system_findings(scenario, system, spec)
    yield from _link_findings(scenario)
    for system, narrative in scenario.narratives.items():
        yield from _narrative_findings(scenario, system, narrative)
    yield from _fact_findings(scenario)
    yield from _placeholder_findings(scenario)
    yield from not_value_findings(scenario)
    yield from _table_findings(scenario)
    yield from _form_findings(scenario)
    yield from _regime_findings(scenario)
    yield from quota_findings(scenario)
    yield from findings_of_defects(scenario)
    yield from fit_findings(scenario)


def _empty_findings(scenario: Scenario) -> Iterator[Finding]:
    for part in ("truth", "systems", "regimes"):
        if not getattr(scenario, part):
            yield (part,), f"{part} is empty. Write at least one."
    for system, spec in scenario.systems.items():
        if not spec.fields:
            yield ("systems", system), f"system '{system}' has no fields. Write at least one."


def _verdict_findings(scenario: Scenario) -> Iterator[Finding]:
    total = sum(scenario.verdicts.values())
    if scenario.mode == "quota" and not 1 <= total <= 1000:
        yield ("verdicts",), f"verdict counts sum to {total}; in quota mode they sum to 1 to 1,000."
    if scenario.mode == "rate" and scenario.verdicts:
        yield ("verdicts",), "verdict counts are given in rate mode, where they follow from the rates. Remove them."
    if scenario.audit is not None:
        reported = [getattr(scenario.audit, verdict) for verdict in VERDICTS]
        counts = dict[str, int](scenario.verdicts.items())
        planned = [counts.get(verdict, 0) for verdict in VERDICTS]
        if reported != planned or sum(reported) != scenario.audit.cases:
            yield (
                ("audit",),
                f"the audit's counts {reported} of {scenario.audit.cases} are not the verdict counts {planned}. "
                f"Change them, or remove the audit.",
            )
    shares = scenario.operator
    yield from _operator_findings({}, shares, ("operator",))
    yield from operator_findings(scenario, shares, ("operator",))
    if not 1900 <= scenario.start.year <= 2200:
        yield ("start",), f"start {scenario.start} is not in the years 1900 to 2200."
    yield from _range_findings(scenario, shares)


def _range_findings(scenario: Scenario, shares: OperatorSpec) -> Iterator[Finding]:
    for parameter, (low, high) in scenario.ranges.items():
        if parameter not in OperatorSpec.model_fields:
            hint = nearest(parameter, OperatorSpec.model_fields)
            yield ("ranges", parameter), f"'{parameter}' is no parameter. {hint}"
        elif (value := getattr(shares, parameter)) is None:
            yield (
                ("ranges", parameter),
                f"operator gives no {parameter}, so it has no range. Give it, or remove the range.",
            )
        elif low > high:
            yield ("ranges", parameter), f"range {low} to {high}: the first is larger than the last. Swap them."
        elif problem := _outside(parameter, low) or _outside(parameter, high):
            yield ("ranges", parameter), f"range {low} to {high} of {parameter}: {problem}"
        elif not low <= value <= high:
            yield ("ranges", parameter), f"operator has {parameter} = {value}, outside its range {low} to {high}."


def _outside(parameter: str, value: Decimal) -> str:
    """Return why a parameter cannot have a value; '' if it can."""
    try:
        OperatorSpec.__pydantic_validator__.validate_assignment(OperatorSpec.model_construct(), parameter, value)
    except ValidationError as problem:
        said = problem.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        return f"{said.replace('Input should be', f'{value} is wrong; it must be')}."
    return ""


def _operator_findings(
    changed: Mapping[str, Decimal], operator: OperatorSpec, place: yaml_text.Place
) -> Iterator[Finding]:
    """Yield what an operator's parameters, with those a regime changes, cannot be."""
    shares = ("q_placeholder", "q_wrong", "q_copy", "q_uninformative")
    total = sum((changed.get(name, getattr(operator, name)) for name in shares), Decimal(0))
    if total != 1:
        yield place, f"{' + '.join(shares)} = {total}; the shares of evasions sum to 1."
    for names in (("slip_copied", "slip_typo"), ("voluntary_placeholder", "voluntary_uninformative")):
        both = sum((changed.get(name, getattr(operator, name)) for name in names), Decimal(0))
        if both > 1:
            yield place, f"{' + '.join(names)} = {both}; together they are at most 1."
    k, v = (Fraction(changed.get(name, getattr(operator, name))) for name in ("k", "v"))
    if k * v == 1:
        yield place, "k x v = 1 leaves no gap; lower k or v."


def _truth_findings(scenario: Scenario) -> Iterator[Finding]:
    seen: set[str] = set()
    for name, truth in scenario.truth.items():
        conditions = getattr(truth, "when", {})
        for other in [*conditions, *([truth.of] if isinstance(truth, After) else [])]:
            if other not in seen:
                hint = _above(other, name, scenario.truth, seen)
                yield ("truth", name), f"'{other}' must be a true value defined above '{name}'. {hint}"
        for other in (other for other in conditions if other in seen):
            yield from findings_of_condition(scenario, other, conditions[other], ("truth", name))
        if isinstance(truth, Choice):
            yield from _choice_findings(name, truth)
        if isinstance(truth, After):
            yield from _after_findings(scenario, name, truth)
        if isinstance(truth, Whole) and truth.first >= truth.last:
            yield (
                ("truth", name),
                f"first {truth.first} must be less than last {truth.last}; a number has two values or more.",
            )
        if isinstance(truth, Clock) and truth.first > truth.last:
            yield ("truth", name), f"first {truth.first} is later than last {truth.last}. Swap them."
        seen.add(name)


def _above(other: str, name: str, known: Collection[str], seen: Collection[str]) -> str:
    """Return a hint about a condition on what does not stand above."""
    if other == name:
        return "Nothing depends on itself; remove the condition."
    return f"It stands below; move '{name}' below it." if other in known else nearest(other, seen)


def _choice_findings(name: str, truth: Choice) -> Iterator[Finding]:
    place = ("truth", name)
    if len(truth.values) < 2 or not any(truth.values.values()):
        weights = {value: float(weight) for value, weight in truth.values.items()}
        yield place, f"a choice has two values or more, and a weight above 0; got {weights}."
    worded: dict[str, str] = {}
    for value in truth.surfaces:
        if value not in truth.values:
            yield (*place, "surfaces"), f"'{value}' is not a value of '{name}'. {nearest(value, truth.values)}"
    n_updates = {value: len(truth.updates.get(value, [])) for value in truth.values}
    for value in truth.updates:
        if value not in truth.values:
            yield (*place, "updates"), f"'{value}' is not a value of '{name}'. {nearest(value, truth.values)}"
    if len(set(n_updates.values())) > 1:
        yield (*place, "updates"), f"values of '{name}' have updates {n_updates}. Give every value as many."
    for value in truth.values:
        for text in [*truth.surfaces.get(value, [value]), *truth.updates.get(value, [])]:
            if worded.setdefault(text, value) != value:
                yield (*place, "surfaces"), f"'{worded[text]}' and '{value}' are both worded '{text}'. Change one."


def _after_findings(scenario: Scenario, name: str, truth: After) -> Iterator[Finding]:
    if truth.days[0] > truth.days[1]:
        yield ("truth", name, "days"), f"days {list(truth.days)}: the first is larger than the last."
    reach, before = 0, scenario.truth.get(name)
    while isinstance(before, After) and reach <= MOST_DAYS:
        delay = before.late.days[1] if before.late is not None else 0
        reach, before = reach + before.days[1] + delay, scenario.truth.get(before.of)
    if reach > MOST_DAYS:
        yield (
            ("truth", name, "days"),
            f"'{name}' falls up to {reach} days after the case; at most {MOST_DAYS} are possible.",
        )
    elif before is not None and not isinstance(before, Calendar):
        yield ("truth", name), f"'{truth.of}' is no day; a day can only follow one of kind calendar or after."


def _system_findings(scenario: Scenario, system: str, spec: SystemSpec) -> Iterator[Finding]:
    seen: set[str] = set()
    for name, field in spec.fields.items():
        place = ("systems", system, "fields", name)
        truth = scenario.truth_of(system, name)
        if truth and truth not in scenario.truth:
            yield place, f"field '{name}' records '{truth}', which is no true value. {nearest(truth, scenario.truth)}"
        if name == "narrative" and system not in scenario.narratives:
            yield place, f"system '{system}' has a narrative field, but 'narratives' does not say how it reads."
        for other, allowed in field.applies.items():
            if other not in seen:
                hint = _above(other, name, spec.fields, seen)
                yield place, f"'{other}' must be a field above '{name}' in '{system}'. {hint}"
            elif scenario.truth_of(system, other):
                yield from findings_of_condition(scenario, scenario.truth_of(system, other), allowed, place)
            else:
                yield place, f"'{other}' records no choice, so '{name}' cannot depend on it."
        yield from _setting_findings(name, field, place)
        if scenario.mode == "quota" and field.enforced and field.gap:
            yield (
                place,
                f"'{name}' is enforced, so its gap share is 0, not {field.gap}; the base regime holds no evasions.",
            )
        if scenario.mode == "quota" and field.material and field.gap:
            yield place, f"'{name}' is material: it is blank only in insufficient cases. Use blank_weight, not gap."
        seen.add(name)


def _setting_findings(name: str, field: FieldSpec, place: yaml_text.Place) -> Iterator[Finding]:
    if name == "record_id":
        yield place, "'record_id' is the number of the record, which every system has already. Choose another name."
    if name in GROUPS:
        yield place, f"'{name}' is what regimes call all fields that are so. Choose another name for the field."
    if field.material and not field.shown:
        yield place, f"'{name}' never shows; it cannot be material, or no case would be sufficient."
    if field.stamped and (field.gap or field.material):
        yield place, f"'{name}' is stamped by the system; it cannot have gaps or be material."


def _link_findings(scenario: Scenario) -> Iterator[Finding]:
    for link, ends in scenario.links.items():
        for system, field in ends.items():
            place = ("links", link)
            if system not in scenario.systems:
                yield place, f"'{system}' is no system. {nearest(system, scenario.systems)}"
            elif field not in scenario.systems[system].fields:
                yield (
                    place,
                    f"field '{field}' is not in system '{system}'. {nearest(field, scenario.systems[system].fields)}",
                )
        if len(ends) < 2:
            yield ("links", link), f"link '{link}' has {len(ends)} ends; a link ties two systems or more. Name both."
        held = {
            scenario.truth_of(system, field)
            for system, field in ends.items()
            if system in scenario.systems and field in scenario.systems[system].fields
        }
        if len(held) > 1 or held == {""}:
            told = " and ".join(f"'{name}'" if name else "running text" for name in sorted(held))
            yield ("links", link), f"the fields of link '{link}' record {told}; they must record one true value."


def _fact_findings(scenario: Scenario) -> Iterator[Finding]:
    for fact, spec in scenario.shared_facts.items():
        place = ("shared_facts", fact)
        if fact not in scenario.truth:
            yield place, f"'{fact}' is no true value. {nearest(fact, scenario.truth)}"
        for system, field in spec.fields.items():
            if system not in scenario.systems or field not in scenario.systems[system].fields:
                known = scenario.systems[system].fields if system in scenario.systems else scenario.systems
                yield place, f"'{system}: {field}' is no field. {nearest(field, known)}"
            elif scenario.truth_of(system, field) != fact:
                yield (
                    place,
                    f"field '{field}' of '{system}' records '{scenario.truth_of(system, field)}', not '{fact}'.",
                )
        if len(set(spec.fields) | set(stating_systems(scenario, fact))) < 2:
            yield place, f"only one system states '{fact}'; a shared fact is stated by two or more."


def _narrative_findings(scenario: Scenario, system: str, narrative: NarrativeSpec) -> Iterator[Finding]:
    if system not in scenario.systems:
        yield ("narratives", system), f"'{system}' is no system. {nearest(system, scenario.systems)}"
    elif "narrative" not in scenario.systems[system].fields:
        yield ("narratives", system), f"system '{system}' has no field 'narrative'. Add it, or remove this narrative."
    if not narrative.sentences:
        yield ("narratives", system), f"the narrative of '{system}' has no sentences. Write at least one."
    if not scenario.placeholders.get("narrative"):
        yield ("placeholders",), "'narrative' lists none; a forced narrative needs one. Add `narrative: [...]`."
    for number, variants in enumerate(narrative.sentences):
        yield from _sentence_findings(scenario, variants, ("narratives", system, "sentences", number))
    stated = [fact for variants in narrative.sentences if variants for fact in slots(variants[0])]
    for fact in dict.fromkeys(stated):
        if stated.count(fact) > 1:
            yield ("narratives", system, "sentences"), f"'{fact}' is stated twice. State each fact once in a narrative."
    for fact, form in narrative.formats.items():
        possible = formats_of(scenario.truth.get(fact))
        if form not in possible:
            yield ("narratives", system, "formats", fact), f"'{form}' is no form of '{fact}'. {nearest(form, possible)}"


def _sentence_findings(scenario: Scenario, variants: list[str], place: yaml_text.Place) -> Iterator[Finding]:
    if not variants:
        yield place, "a sentence without a variant. Write one, or remove it."
        return
    named = slots(variants[0])
    if len(named) > MOST_FACTS:
        yield place, f"a sentence states at most {MOST_FACTS} facts, not {len(named)}. Split it."
    for text in variants:
        for fact in slots(text):
            if fact not in scenario.truth and re.fullmatch(r"\w+", fact):
                yield place, f"'{fact}' is no true value. {nearest(fact, scenario.truth)}"
    for text in variants:
        yield from _variant_findings(text, named, place)
    for fact in named:
        if not formats_of(scenario.truth[fact]) or getattr(scenario.truth[fact], "when", {}):
            yield place, f"'{fact}' cannot be stated; choices, dates, times and numbers that always apply can."


def _variant_findings(text: str, named: list[str], place: yaml_text.Place) -> Iterator[Finding]:
    if not text.strip():
        yield place, "a variant without words. Write them, or remove it."
    if slots(text) != named:
        yield place, f"variants name different facts: {named} and {slots(text)}. Use the same, in order."
    if any(brace in piece for piece in re.split(r"\{\w+\}", text) for brace in "{}"):
        yield place, f"{text[:30]!r}: a brace without its partner. Facts are written {{like_this}}."
    if not text.isascii() or text.startswith(UNSAFE_STARTS):
        yield place, f"{text[:30]!r}: narratives are plain ASCII and begin with a letter."


def _table_findings(scenario: Scenario) -> Iterator[Finding]:
    """What would not fit the tables: names they use themselves, more fields than a label's number has room for."""
    for name in OWN_COLUMNS & set(scenario.truth):
        yield ("truth", name), f"'{name}' is a column of the answers. Call the true value something else."
    total = sum(len(spec.fields) for spec in scenario.systems.values())
    if total > MOST_FIELDS:
        yield ("systems",), f"{total} fields in all; at most {MOST_FIELDS} can be labelled apart."
    for system, spec in scenario.systems.items():
        for name, field in spec.fields.items():
            place = ("systems", system, "fields", name)
            if name == "narrative" and field.pick_list:
                yield place, "a narrative cannot be a pick list. Remove pick_list."
            if field.material:
                yield from _asked_findings(scenario, system, name, place)


def _asked_findings(scenario: Scenario, system: str, name: str, place: yaml_text.Place) -> Iterator[Finding]:
    """A material item without a truth would look missing: where its truth has conditions, the form must ask by them."""
    spec = scenario.systems[system]
    truth = scenario.truth.get(scenario.truth_of(system, name))
    chain = [truth]
    while isinstance(chain[-1], After):
        chain.append(scenario.truth.get(chain[-1].of))
    for link in chain:
        for cause, values in getattr(link, "when", {}).items():
            asked = any(
                scenario.truth_of(system, other) == cause and set(allowed) <= set(values)
                for other, allowed in spec.fields[name].applies.items()
            )
            if not asked:
                yield (
                    place,
                    f"'{name}' is material, but has no value unless {cause} is {' or '.join(values)}. "
                    f"Let it apply only there.",
                )


def _form_findings(scenario: Scenario) -> Iterator[Finding]:
    """A statement takes one form: what its rates leave over is the usual one."""
    rates = scenario.hard_negatives
    for one, other in (("clock_format", "rounding"), ("paraphrase", "later_update")):
        total = getattr(rates, one) + getattr(rates, other)
        if total > 1:
            yield (
                ("hard_negatives",),
                f"{one} + {other} = {total}; the rates of one statement sum to at most 1. Lower one.",
            )


def _placeholder_findings(scenario: Scenario) -> Iterator[Finding]:
    whole = {text for told in scenario.narratives.values() if len(told.sentences) == 1 for text in told.sentences[0]}
    for key in ("placeholders", "novel_placeholders"):
        for kind, texts in getattr(scenario, key).items():
            if kind not in PLACEHOLDER_KINDS:
                yield (key, kind), f"'{kind}' is no kind of field. {nearest(kind, PLACEHOLDER_KINDS)}"
            for text in dict.fromkeys(texts):
                yield from _placeholder_problem(scenario, kind, text, texts.count(text), whole, (key, kind))
    for kind, texts in scenario.novel_placeholders.items():
        known = scenario.placeholders.get(kind, [])
        if not known:
            yield ("novel_placeholders", kind), f"placeholders lists none for '{kind}'; list a known one there first."
        for text in sorted(set(texts) & set(known)):
            yield ("novel_placeholders", kind), f"{text!r} is listed in placeholders too. A novel one is not known."


def _placeholder_problem(
    scenario: Scenario, kind: str, text: str, times: int, whole: set[str], place: yaml_text.Place
) -> Iterator[Finding]:
    if times > 1:
        yield place, f"{text!r} is listed {times} times. List it once."
    if text in scenario.not_values:
        yield place, f"{text!r} is a placeholder and a not-value. It can be one of them."
    if kind == "narrative" and text in whole:
        yield place, f"{text!r} is a placeholder and a whole narrative. It can be one of them."
    white = bool(text) and not text.strip(" ")
    plain = bool(text) and text.isascii() and text.isprintable() and text == text.strip()
    if not white and (not plain or text.startswith(UNSAFE_STARTS)):
        yield (
            place,
            f"{text!r} is no placeholder: plain ASCII, not empty, no spaces at its ends (or nothing but spaces), and "
            "not a formula.",
        )


def _regime_findings(scenario: Scenario) -> Iterator[Finding]:
    if scenario.base_regime not in scenario.regimes:
        hint = nearest(scenario.base_regime, scenario.regimes)
        yield ("base_regime",), f"'{scenario.base_regime}' is no regime. {hint}"
    for regime, spec in scenario.regimes.items():
        yield from controls_findings(scenario, regime, spec)
        for parameter, value in spec.operator.items():
            place = ("regimes", regime, "operator", parameter)
            if parameter not in OperatorSpec.model_fields:
                yield place, f"'{parameter}' is no parameter. {nearest(parameter, OperatorSpec.model_fields)}"
            elif parameter in NOT_OF_REGIMES or (parameter == "w" and scenario.operator.u):
                yield place, f"'{parameter}' acts on fields that no regime controls; set it in operator, for all."
            elif problem := _outside(parameter, value):
                yield place, f"{parameter}: {problem}"
        yield from _operator_findings(spec.operator, scenario.operator, ("regimes", regime, "operator"))
        under = changed(scenario.operator, spec.operator)
        yield from operator_findings(scenario, under, ("regimes", regime, "operator"))
