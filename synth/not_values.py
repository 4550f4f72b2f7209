"""Texts that say nothing, not-values and placeholders, kept apart from the values a field can hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from synth import yaml_text
from synth.quotas import Finding
from synth.spec import After, Calendar, Choice, Clock, Code, Scenario, Truth, Whole

LISTS = ("placeholders", "novel_placeholders")


def not_value_findings(scenario: Scenario) -> Iterator[Finding]:
    """Yield not-values where none can be, and texts that would be two things at once: the place, and what to do."""
    yield from _listed_twice(scenario.not_values, ("not_values",))
    for system, spec in scenario.systems.items():
        for name, field in spec.fields.items():
            place = ("systems", system, "fields", name)
            yield from _listed_twice(field.not_values or [], (*place, "not_values"))
            truth = scenario.truth.get(scenario.truth_of(system, name))
            if field.not_values and (field.stamped or truth is None or field.usage == "mandatory"):
                why = "is of mandatory usage" if field.usage == "mandatory" else "has no coded answers"
                yield (*place, "not_values"), f"'{name}' {why}, so it offers no not-values. Remove them."
                continue
            kind = _form_of(truth) if truth is not None else ""
            picked = field.pick_list if field.pick_list is not None else kind == "choice"
            silent = [(key, text) for key in LISTS for text in getattr(scenario, key).get(kind, [])]
            for key, text in silent if not (picked or field.stamped) else ():
                if truth is not None and _can_be(scenario, truth, text):
                    yield (key, kind), f"'{text}' is a placeholder and a value of '{name}'. Use another."
            for text in scenario.not_values_of(system, name):
                if truth is not None and _can_be(scenario, truth, text):
                    yield (
                        (*place, "not_values"),
                        f"'{text}' is a value of '{name}' and a not-value. It can be one of them; "
                        "`not_values: [...]` at the field says which not-values it offers.",
                    )
                if text in {each for _, each in silent}:
                    yield (*place, "not_values"), f"'{text}' is a placeholder and a not-value. It can be one of them."


def _listed_twice(texts: list[str], place: yaml_text.Place) -> Iterator[Finding]:
    for text in dict.fromkeys(texts):
        if texts.count(text) > 1:
            yield place, f"'{text}' is listed {texts.count(text)} times. List it once."


def _form_of(truth: Truth) -> str:
    """Return the kind under which placeholders of a true value are listed."""
    return {"calendar": "date", "after": "date", "office": "code", "officer": "reference"}.get(truth.kind, truth.kind)


def _can_be(scenario: Scenario, truth: Truth, text: str) -> bool:
    """Whether a text can be what a field records, right or wrong; of days, all in the years around the calendar."""
    if isinstance(truth, Choice):
        return text in truth.values
    if isinstance(truth, Whole):
        return text.isdecimal() and text == str(int(text)) and truth.first <= int(text) <= truth.last
    if isinstance(truth, Calendar | After):
        day = re.fullmatch(r"([0-9]{4})-[0-9]{2}-[0-9]{2}", text)
        return day is not None and -1 <= int(day[1]) - scenario.start.year <= 2
    if isinstance(truth, Clock):
        return re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text) is not None
    if isinstance(truth, Code) or truth.kind == "office":
        width = "3,4" if truth.kind == "office" else len(str(truth.count))
        number = re.fullmatch(re.escape(truth.prefix) + f"-([0-9]{{{width}}})", text)
        return number is not None and 1 <= int(number[1]) <= truth.count
    return re.fullmatch(re.escape(truth.prefix) + r"-[0-9]{10}-[0-9]", text) is not None
