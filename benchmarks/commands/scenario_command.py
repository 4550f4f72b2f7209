"""Scenarios: `casegauge scenario list`, `show NAME`, `check FILE`, `schema` for editors, `import` of a field list."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.choice_tables import choice_rows
from benchmarks.comparisons import choices
from benchmarks.console import print_json, print_table, say
from synth.editor_schema import scenario_schema
from synth.errors import OutputError, ScenarioError
from synth.field_files import FORMATS
from synth.field_lists import Imported, import_field_list, refuse_place, write_new
from synth.listed_fields import counted
from synth.pipeline import make_plan
from synth.privacy import scenario_findings
from synth.scenario import load_scenario, scenario_names, scenario_text
from synth.spec import VERDICTS, Scenario

ACTIONS = ("list", "show", "check", "schema", "import")
MOST_NAMES = 12  # changed names that are printed; the file has them all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `casegauge scenario`."""
    parser.add_argument("action", nargs="?", default="list", choices=ACTIONS, help="default: list")
    parser.add_argument(
        "scenario", nargs="?", metavar="NAME|FILE",
        help="of show and check: a scenario; default of show: oig-20-13; of import: a field list (CSV or JSON)",
    )  # fmt: skip
    parser.add_argument("--yaml", action="store_true", help="show: print the file, to copy and change")
    parser.add_argument("--out", type=Path, metavar="FILE.yaml", help="import: the scenario to write; must not exist")
    parser.add_argument(
        "--format", choices=("auto", *FORMATS), default="auto", help="import: default: auto, by what is in the file"
    )
    parser.add_argument(
        "--audit", type=audit_counts, metavar="D,I,S",
        help="import: cases an audit found documented, inconsistent, insufficient; default: verdicts follow from rates",
    )  # fmt: skip
    parser.add_argument("--name", metavar="NAME", help="import: of the scenario; default: the list's file name")
    parser.add_argument("--json", action="store_true", help="print as JSON")


def audit_counts(text: str) -> tuple[int, ...]:
    """Read the three counts of an audit.

    Examples:
        >>> audit_counts("44, 11, 12")
        (44, 11, 12)
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != len(VERDICTS) or not all(part.isascii() and part.isdecimal() and len(part) < 5 for part in parts):
        raise argparse.ArgumentTypeError(f"'{text}' is not three counts; give {', '.join(VERDICTS)}, such as 44,11,12")
    return tuple(map(int, parts))


def execute(arguments: argparse.Namespace) -> int:
    """Do what was asked."""
    if arguments.action == "list":
        return _list(as_json=arguments.json)
    if arguments.action == "schema":
        print_json(scenario_schema())
        return 0
    if arguments.action == "import":
        return _import(arguments)
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
    doubts = [f"{'.'.join(map(str, place))}: {message}" for place, message in scenario_findings(scenario)]
    if arguments.json:
        print_json(
            {
                "doubts": doubts,
                "scenario": scenario.scenario,
                "fields": n_fields,
                "regimes": n_regimes,
                "digest": scenario.digest,
            }
        )
    else:
        say(
            f"{scenario.scenario}: fits together "
            f"({len(scenario.systems)} systems, {n_fields} fields, {n_regimes} regimes)."
        )
        for doubt in doubts:
            say(f"Look again, is this somebody's? {doubt}")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    if arguments.scenario is None:
        raise ScenarioError("scenario import needs a FILE. Name a field list, such as fields.csv.")
    if arguments.out is None:
        raise OutputError("scenario import needs --out. Name the scenario to write, such as --out mine.yaml.")
    refuse_place(arguments.out)
    made = import_field_list(
        Path(arguments.scenario), file_format=arguments.format, audit=arguments.audit, name=arguments.name
    )
    write_new(made.text, arguments.out)
    if arguments.json:
        print_json({"file": str(arguments.out), "format": made.file_format, "fields": made.n_fields,
                    "systems": made.n_systems, "nearest": made.nearest, "renamed": dict(made.renamed),
                    "fields_with_remarks": made.remarks, "notes": made.notes})  # fmt: skip
        return 0
    _tell(made, arguments.out)
    return 0


def _tell(made: Imported, out: Path) -> None:
    fields, systems = counted(made.n_fields, "field"), counted(made.n_systems, "system")
    say(f"{out}: {fields} of {systems}, from a field list ({made.file_format}).")
    if made.nearest:
        say(f"{counted(sum(made.nearest.values()), 'field')} could only be given the nearest kind:")
    for why, count in made.nearest.items():
        say(f"{count:>5} {why}")
    if made.renamed:
        say(f"{counted(len(made.renamed), 'name')} changed:")
    for old, new in made.renamed[:MOST_NAMES]:
        say(f"  {old} -> {new}")
    if len(made.renamed) > MOST_NAMES:
        say(f"  and {len(made.renamed) - MOST_NAMES} more; the file has each beside its field")
    for note in made.notes:
        say(f"Note: {note}.")
    with_one = counted(made.remarks, "field")
    say(f"Choices made for you are comments in the file ({with_one} with one). Look through them, then:")
    say(f"  casegauge scenario check {out}")
    say(f"  casegauge generate --scenario {out} --cases 1000 --out records")


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
        print_json({**scenario.model_dump(mode="json"), "modellers_choices": choices(scenario)})
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
    columns = ["parameter", "in plain words", "value", "range", "grade", "what anchors it"]
    rows = [
        [row["name"], row["says"], row["value"], row["range"], row["grade"][0], row["anchor"]]
        for row in choice_rows(scenario)
    ]
    print_table("Modeller's choices about people", columns, rows, text=True)
    say("Grades: M measured, S read in a secondary source, D derived by arithmetic, U unverified.")
    switched_off = [row["name"] for row in choice_rows(scenario, off=True)]
    if switched_off:
        say(f"Switched off here: {', '.join(switched_off)}.")
    return 0


def _yes(flag: bool) -> str:  # noqa: FBT001  # a cell of a table
    return "yes" if flag else ""


def _conditions(applies: dict[str, list[str]]) -> str:
    return " and ".join(f"{field} = {' or '.join(values)}" for field, values in applies.items())
