"""Valid scenarios drawn at random: true values, systems, links, shared facts, narratives, people and regimes.

What is drawn fits together as it is drawn; nothing is tried and thrown away. The smallest is one form with a reference
and one field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from synth import yaml_text
from synth.errors import ScenarioError
from synth.scenario import parse_scenario
from synth.spec import Scenario

Tree = dict[str, Any]
NAMES = ("alpha", "beta", "card")
SHARES = ("0", "0.25", "0.5", "0.9")
SHARES_OF_EVASIONS = (("0.4", "0.35", "0.25"), ("1", "0", "0"), ("0", "1", "0"), ("0", "0", "1"), ("0.2", "0.3", "0.5"))
PLACEHOLDERS = {
    "choice": ["n/a"], "code": ["N/A", "XXX"], "reference": ["999"], "date": ["1900-01-01"], "time": ["99:99"],
    "whole": ["-1", "0000"], "narrative": ["See file.", "-"],
}  # fmt: skip
REGIMES: Mapping[str, Callable[[list[str]], Tree]] = {
    "enforced": lambda systems: {"mandatory": dict.fromkeys(systems, "enforced")},
    "needed": lambda systems: {"mandatory": dict.fromkeys(systems, "needed")},
    "unknown": lambda systems: {"mandatory": dict.fromkeys(systems, "needed"), "allow_not_value": "yes"},
    "warned": lambda systems: {"soft_warning": dict.fromkeys(systems, "needed")},
}
STATED = ("day", "hour", "pages", "state", "outcome")  # true values that a narrative can name


def scenarios() -> SearchStrategy[Scenario]:
    """Draw a valid scenario, for testing what has to work with any scenario.

    The loader takes every one, `synth.scenario.scenario_yaml` writes it, and it generates under each of its regimes.

    Returns:
        A strategy that shrinks to one form with a reference, one field and one regime.

    Examples:
        >>> from hypothesis import find
        >>> found = find(scenarios(), lambda scenario: "narrative" in scenario.systems["alpha"].fields)
        >>> list(found.systems), list(found.regimes), found.mode
        (['alpha'], ['base'], 'rate')
    """
    return _trees().map(_parsed)


def _parsed(tree: Tree) -> Scenario:
    return parse_scenario(yaml_text.load(yaml.safe_dump(tree, sort_keys=False), error=ScenarioError))


@st.composite
def _trees(draw: DrawFn) -> Tree:
    """Draw a scenario as its file has it: mappings, lists and texts."""
    truth = draw(_truths())
    systems: dict[str, Tree] = {}
    for place in range(draw(st.integers(1, len(NAMES)))):
        systems[NAMES[place]] = draw(_systems(truth, NAMES[place]))
    narratives = {name: draw(_narratives(truth)) for name, system in systems.items() if "narrative" in system["fields"]}
    tree: Tree = {
        "scenario": "drawn", "title": "Drawn at random", "about": "for tests", "mode": "rate", "base_regime": "base",
        "start": draw(st.sampled_from(["2031-01-01", "2032-02-29", "2199-12-31", "1999-07-15"])),
        "days": str(draw(st.sampled_from([365, 366, 300]))),
        "truth": truth, "systems": systems,
    }  # fmt: skip
    if len(systems) > 1:
        tree["links"] = {"ref": dict.fromkeys(systems, "ref")}
    facts = _facts(truth, systems, narratives)
    sharing: bool = draw(st.booleans())
    if facts and sharing:
        tree["shared_facts"] = facts
    if narratives:
        tree["narratives"] = narratives
        tree["hard_negatives"] = {"date_format": draw(_shares()), "clock_format": draw(_shares())}
    tree["placeholders"] = PLACEHOLDERS
    tree["not_values"] = draw(st.sampled_from([[], ["unknown"], ["unknown", "not-asked"]]))
    tree["operator"] = draw(_operators())
    if draw(st.booleans()):
        _as_quota(draw, tree)
    wanted = draw(st.lists(st.sampled_from(sorted(REGIMES)), unique=True, max_size=3))
    asked = any(
        "stamped" not in field
        for system in systems.values()
        for name, field in system["fields"].items()
        if name != "narrative"
    )
    offered = [name for name in wanted if name != "unknown" or (tree["not_values"] and asked)]
    tree["regimes"] = {"base": {"about": "nothing is asked for"}}
    tree["regimes"] |= {name: REGIMES[name](list(systems)) for name in offered}
    return tree


def _shares() -> SearchStrategy[str]:
    return st.sampled_from(SHARES)


@st.composite
def _truths(draw: DrawFn) -> Tree:
    weights = st.sampled_from(["1", "2", "0.5", "7"])
    values = st.lists(st.sampled_from(["open", "shut", "kept", "moved"]), min_size=2, unique=True)
    possible: dict[str, SearchStrategy[Tree]] = {
        "state": values.flatmap(
            lambda names: st.fixed_dictionaries({
                "kind": st.just("choice"), "values": st.fixed_dictionaries(dict.fromkeys(names, weights)),
            })
        ),
        "outcome": st.just({"kind": "choice", "values": {"p": "1", "q": "3"}}),
        "day": st.just({"kind": "calendar"}),
        "hour": st.sampled_from(["00:00", "08:00", "13:05"]).map(
            lambda first: {"kind": "time", "first": first, "last": "17:30"}
        ),
        "pages": st.integers(2, 9).map(lambda last: {"kind": "whole", "first": "1", "last": str(last)}),
        "desk": st.integers(2, 30).map(lambda count: {"kind": "code", "prefix": "DSK", "count": str(count)}),
        "officer": st.just({"kind": "officer", "prefix": "SYN-O"}),
        "office": st.integers(2, 6).map(lambda count: {"kind": "office", "prefix": "SYN-P", "count": str(count)}),
    }  # fmt: skip
    found: Tree = {"ref": {"kind": "reference", "prefix": "SYN-R"}}
    wanted = draw(st.lists(st.sampled_from(list(possible)), min_size=1, unique=True))
    for name in (name for name in possible if name in wanted):
        found[name] = draw(possible[name])
    if "day" in found and draw(st.booleans()):
        found["due"] = {"kind": "after", "of": "day", "days": ["1", str(draw(st.integers(1, 9)))]}
    return found


@st.composite
def _systems(draw: DrawFn, truth: Tree, name: str) -> Tree:
    names = [each for each in truth if each != "ref"]
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    fields: dict[str, Tree] = {"ref": {"stamped": "yes"}}
    for each in (each for each in names if each in chosen):
        fields[each] = draw(_fields(truth[each]["kind"]))
    asking = [each for each in fields if truth.get(each, {}).get("kind") == "choice"]
    last = list(fields)[-1]
    if asking and last != asking[0] and "material" not in fields[last] and draw(st.booleans()):
        fields[last]["applies"] = {asking[0]: next(iter(truth[asking[0]]["values"]))}
    telling: bool = draw(st.booleans())
    if telling and not set(STATED).isdisjoint(truth):
        fields["narrative"] = {"needed": "yes", "gap": draw(_shares())}
    return {"title": name.capitalize(), "prefix": f"SYN-{name[0].upper()}", "fields": fields}


@st.composite
def _fields(draw: DrawFn, kind: str) -> Tree:
    if kind in {"officer", "office"}:
        return {"stamped": "yes"}
    field = {"needed": "yes"} if draw(st.booleans()) else {}
    field |= draw(st.sampled_from([{}, {"material": "yes"}, {"enforced": "yes"}]))
    field |= {"gap": draw(_shares())} if draw(st.booleans()) else {}
    field |= {"slip": draw(st.sampled_from(["0", "0.05", "0.5"]))} if draw(st.booleans()) else {}
    return field | ({"stable": "yes"} if draw(st.booleans()) else {})


@st.composite
def _narratives(draw: DrawFn, truth: Tree) -> Tree:
    facts = draw(st.lists(st.sampled_from([name for name in STATED if name in truth]), min_size=1, unique=True))
    sentences = [[f"It was {{{fact}}}.", f"We noted {{{fact}}}."][: draw(st.integers(1, 2))] for fact in facts]
    return {"voice": "a note", "sentences": [*sentences, ["That is all."]]}


def _facts(truth: Tree, systems: Mapping[str, Tree], narratives: Mapping[str, Tree]) -> Tree:
    """Return the facts that two systems or more state in every case."""
    found: Tree = {}
    for fact in (name for name in STATED if name in truth):
        fields = {
            name: fact
            for name, system in systems.items()
            if "applies" not in system["fields"].get(fact, {"applies": ""})
        }
        told = {name for name, each in narratives.items() if f"{{{fact}}}" in str(each["sentences"])}
        if len(set(fields) | told) > 1:
            found[fact] = {"fields": fields}
    return found


@st.composite
def _operators(draw: DrawFn) -> Tree:
    names = ("slips", "h0", "c", "c_stable", "w", "x0", "nu", "tau", "override", "voluntary_placeholder")
    placeholder, wrong, copied = draw(st.sampled_from(SHARES_OF_EVASIONS))
    return {
        "k": draw(_shares()), "v": draw(_shares()), **{name: draw(_shares()) for name in names},
        "q_placeholder": placeholder, "q_wrong": wrong, "q_copy": copied,
        "alpha": draw(st.sampled_from(["0", "0.01", "0.3"])), "beta": draw(st.sampled_from(["0", "0.1", "1"])),
        "m0": str(draw(st.integers(0, 10))),
    }  # fmt: skip


def _as_quota(draw: DrawFn, tree: Tree) -> None:
    """Give a scenario exact counts of the verdicts that its systems can bring about; base rates give way to them."""
    systems = tree["systems"].values()
    material = [field for system in systems for field in system["fields"].values() if "material" in field]
    told = {fact for fact in tree.get("shared_facts", {}) for each in tree.get("narratives", {}).values()
            if f"{{{fact}}}" in str(each["sentences"])}  # fmt: skip
    counts = {"documented": draw(st.integers(1, 9))}
    counts |= {"inconsistent": draw(st.integers(0, 9))} if told else {}
    counts |= {"insufficient": draw(st.integers(0, 9))} if material else {}
    tree |= {"mode": "quota", "verdicts": {name: str(count) for name, count in counts.items()}}
    for system in systems:
        for name, field in system["fields"].items():
            if name in {"narrative", *tree.get("shared_facts", {})} or {"material", "enforced"} & set(field):
                field.pop("gap", None)
