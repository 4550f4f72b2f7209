"""What a quota needs: that every case drawn insufficient or inconsistent can be made so, whatever else is drawn.

A verdict is planted as one blank material item or one contradicted fact. Both must show in the records of the base
regime: the item has to be asked for, the other statement has to be there, and no control may fill the gap.
"""

from __future__ import annotations

from collections.abc import Iterator

from synth import yaml_text
from synth.spec import FieldSpec, Scenario, stating_systems

Finding = tuple[yaml_text.Place, str]
NARRATIVE = "narrative"


def quota_findings(scenario: Scenario) -> Iterator[Finding]:
    """Yield what keeps a quota from being met in every case: the place in the file, and what to do about it."""
    if scenario.mode != "quota":
        return
    if scenario.verdicts.get("insufficient"):
        yield from _insufficient_findings(scenario)
    if scenario.verdicts.get("inconsistent"):
        yield from _inconsistent_findings(scenario)
    yield from _base_regime_findings(scenario)


def _insufficient_findings(scenario: Scenario) -> Iterator[Finding]:
    wanted = scenario.verdicts["insufficient"]
    always = 0
    for system, spec in scenario.systems.items():
        for name, field in spec.fields.items():
            always += field.material and not field.applies and field.blank_weight > 0
            for other in field.applies if field.material else ():
                if not _certain(spec.fields[other]):
                    yield (
                        ("systems", system, "fields", name),
                        f"'{name}' is material and asked by '{other}', which has a gap share of "
                        f"{spec.fields[other].gap}; it must be 0, or '{other}' must be material too.",
                    )
    if not always:
        yield (
            ("verdicts", "insufficient"),
            f"{wanted} cases are to be insufficient, but 0 material items with a blank_weight above 0 are asked in "
            "every case. Make one material.",
        )


def _inconsistent_findings(scenario: Scenario) -> Iterator[Finding]:
    wanted = scenario.verdicts["inconsistent"]
    contradictable = 0
    for fact, shared in scenario.shared_facts.items():
        telling = stating_systems(scenario, fact)
        certain = {system for system in telling if _certain(scenario.systems[system].fields[NARRATIVE])}
        for system, name in shared.fields.items():
            field = scenario.systems[system].fields[name]
            certain |= {system} if _certain(field) and not field.applies else set()
        for system in telling:
            contradictable += 1
            place = ("shared_facts", fact)
            if not _certain(scenario.systems[system].fields[NARRATIVE]):
                yield place, f"'{system}' can contradict '{fact}', but its narrative has gaps. Set its gap to 0."
            elif not certain - {system}:
                yield (
                    place,
                    f"'{system}' can contradict '{fact}', but 0 other systems state it in every case. Set the gap of "
                    "one of its fields to 0, or make it material.",
                )
    if not contradictable:
        yield (
            ("verdicts", "inconsistent"),
            f"{wanted} cases are to be inconsistent, but 0 narratives state a shared fact. Name one in a sentence.",
        )


def _certain(field: FieldSpec) -> bool:
    """Whether a field is filled in every case that is not insufficient and asks for it."""
    return field.shown and (field.material or field.gap == 0)


def _base_regime_findings(scenario: Scenario) -> Iterator[Finding]:
    """The base regime of a quota holds no evasions: it insists on no field that can be left open."""
    spec = scenario.regimes[scenario.base_regime]
    for kind in ("mandatory", "soft_warning"):
        for system, names in getattr(spec, kind).items():
            for name, field in scenario.systems[system].fields.items():
                if ({name} | field.groups()) & set(names) and (field.material or field.gap):
                    what = "is material" if field.material else f"has a gap share of {field.gap}"
                    yield (
                        ("regimes", scenario.base_regime, kind, system),
                        f"the base regime of a quota insists on '{name}', which {what}; it can insist only on fields "
                        "that are neither material nor left open.",
                    )
