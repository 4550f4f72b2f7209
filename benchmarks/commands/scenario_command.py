"""List, show or check scenarios: `casegauge scenario list`, `show NAME`, `check FILE`; `schema` for editors."""

from __future__ import annotations

import argparse
import sys

from benchmarks.console import print_json, print_table, say
from benchmarks.wording import PLAIN
from synth.editor_schema import scenario_schema
from synth.errors import ScenarioError
from synth.pipeline import make_plan
from synth.scenario import load_scenario, scenario_names, scenario_text
from synth.spec import OperatorSpec, Scenario


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `casegauge scenario`."""
    parser.add_argument(
        "action", nargs="?", default="list", choices=("list", "show", "check", "schema"), help="default: list"
    )
    parser.add_argument(
        "scenario", nargs="?", metavar="NAME|FILE", help="of show and check; default of show: oig-20-13"
    )
    parser.add_argument("--yaml", action="store_true", help="show: print the file, to copy and change")
    parser.add_argument("--json", action="store_true", help="print as JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Do what was asked."""
    if arguments.action == "list":
        return _list(as_json=arguments.json)
    if arguments.action == "schema":
        print_json(scenario_schema())
        return 0
    if arguments.scenario is None and arguments.action == "check":
        raise ScenarioError("scenario check needs a FILE. Name a scenario file, such as mine.yaml.")
    if arguments.yaml and arguments.action == "show":
        sys.stdout.write(scenario_text(arguments.scenario or "oig-20-13"))
        return 0
    scenario = load_scenario(arguments.scenario or "oig-20-13")
    if arguments.action == "show":
        return _show(scenario, as_json=arguments.json)
    plan = make_plan(scenario)
    n_fields, n_regimes = (
        len(plan.dictionary),
        len([make_plan(scenario, regime=name).controls for name in scenario.regimes]),
    )
    if arguments.json:
        print_json({"scenario": scenario.scenario, "fields": n_fields, "regimes": n_regimes, "digest": scenario.digest})
    else:
        say(
            f"{scenario.scenario}: fits together "
            f"({len(scenario.systems)} systems, {n_fields} fields, {n_regimes} regimes)."
        )
    return 0


def _list(*, as_json: bool) -> int:
    found = [load_scenario(name) for name in scenario_names()]
    if as_json:
        print_json([{"scenario": each.scenario, "title": each.title, "about": each.about.strip()} for each in found])
        return 0
    for each in found:
        say(f"{each.scenario}: {each.title}")
        say(each.about.strip(), indent=2)
        say(f"regimes: {', '.join(each.regimes)}", indent=2)
        say()
    return 0


def _show(scenario: Scenario, *, as_json: bool) -> int:
    if as_json:
        print_json(scenario.model_dump(mode="json"))
        return 0
    plan = make_plan(scenario)
    say(f"{scenario.scenario}: {scenario.title}")
    say(scenario.about.strip())
    say()
    for system, spec in scenario.systems.items():
        rows = [
            [entry.name, entry.domain.kind, _yes(entry.spec.needed), _yes(entry.spec.enforced),
             _yes(entry.spec.material),
             _conditions(entry.applies), str(entry.spec.gap or "")]
            for entry in plan.system_fields(system)
        ]  # fmt: skip
        columns = ["field", "kind", "needed", "enforced", "material", "asked if", "gap share"]
        print_table(f"{system}: {spec.title}", columns, rows, text=True)
    rows = [[name, spec.about] for name, spec in scenario.regimes.items()]
    print_table("Regimes", ["regime", "what it enforces"], rows, text=True)
    values = {name: getattr(scenario.operator, name) for name in OperatorSpec.model_fields}
    rows = [
        [name, PLAIN[name], str(value), " to ".join(str(end) for end in scenario.ranges.get(name, ()))]
        for name, value in values.items() if name in PLAIN
    ]  # fmt: skip
    print_table("Modeller's choices about people", ["parameter", "in plain words", "value", "range"], rows, text=True)
    return 0


def _yes(flag: bool) -> str:  # noqa: FBT001  # a cell of a table
    return "yes" if flag else ""


def _conditions(applies: dict[str, list[str]]) -> str:
    return " and ".join(f"{field} = {' or '.join(values)}" for field, values in applies.items())
