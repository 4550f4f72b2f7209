"""The forms as they are under a regime: lists in the place of free fields, links that are switched on."""

from __future__ import annotations

from synth.spec import FieldSpec, RegimeSpec, Scenario


def scenario_under(scenario: Scenario, regime: str) -> Scenario:
    """Return a scenario whose fields are those of a regime; the same one where the regime changes none.

    Args:
        scenario: what the file says.
        regime: one of its regimes.
    """
    spec = scenario.regimes[regime]
    changed: dict[str, dict[str, FieldSpec]] = {}
    for system, name in [*_switched_on(scenario, spec), *_listed(spec)]:
        field = changed.get(system, {}).get(name, scenario.systems[system].fields[name])
        more = {"pick_list": True} if name in spec.pick_list.get(system, {}) else {"shown": True}
        changed.setdefault(system, {})[name] = field.model_copy(update=more)
    if not changed:
        return scenario
    systems = {
        system: each.model_copy(update={"fields": each.fields | changed[system]}) if system in changed else each
        for system, each in scenario.systems.items()
    }
    return scenario.model_copy(update={"systems": systems})


def _switched_on(scenario: Scenario, spec: RegimeSpec) -> list[tuple[str, str]]:
    """Return the fields that show nothing until a regime lets a link fill them."""
    return [
        (system, name)
        for system, names in spec.synchronise.items()
        for name in names
        if not scenario.systems[system].fields[name].shown
    ]


def _listed(spec: RegimeSpec) -> list[tuple[str, str]]:
    return [(system, name) for system, names in spec.pick_list.items() for name in names]
