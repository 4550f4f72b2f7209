"""Print one case: truth and records side by side, narratives, what is wrong and where, what became of its gaps."""

from __future__ import annotations

import argparse

from benchmarks import case_view
from benchmarks.console import add_case_options, case_index, print_json, print_table, say
from synth.chunks import check_n_cases
from synth.errors import CasegaugeError
from synth.pipeline import make_plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `casegauge case`."""
    add_case_options(parser, default_cases=None)
    parser.add_argument("--index", type=case_index, required=True, metavar="I", help="the case, from 0")
    parser.add_argument("--regime", metavar="NAME", help="default: the scenario's base regime")
    parser.add_argument("--json", action="store_true", help="print the case as JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Print the case."""
    plan = make_plan(arguments.scenario, seed=arguments.seed, regime=arguments.regime)
    if arguments.cases is not None:
        check_n_cases(arguments.cases)
        if arguments.index >= arguments.cases:
            last = arguments.cases - 1
            raise CasegaugeError(
                f"--index {arguments.index} is not in 0 to {last}. Choose a case of the {arguments.cases}."
            )
    view = case_view.view_case(plan, arguments.index, arguments.cases)
    if arguments.json:
        print_json(view.to_json())
        return 0
    said = view.verdicts
    say(f"Case {arguments.index} of {plan.scenario.scenario} (seed {arguments.seed}, regime {plan.regime}). Fictional.")
    if len(set(said.values())) == 1:
        first = "as planned, " if plan.counts else ""
        say(f"Verdict: {said['drawn']} ({first}as a reviewer of these records sees it, and in truth).\n")
    else:
        base = plan.scenario.base_regime  # rates plan no verdicts
        first = f"planned {said['drawn']}" if plan.counts else f"{said['drawn']} under {base}"
        say(f"Verdict: {first}; a reviewer of these records says {said['reviewer']}; "
            f"with every evasion blanked again it is {said['true']}.\n")  # fmt: skip
    columns = ["true value", "truth", *plan.scenario.systems]
    print_table(
        "Truth and records",
        columns,
        case_view.side_by_side(view),
        note="! not as expected; - not asked; empty: the system has no such field",
        text=True,
    )
    for system, text in case_view.narratives(view):
        say(f"{system} narrative ({plan.scenario.narratives[system].voice}):")
        say(text, indent=2)
        say()
    _list("What is wrong, and what only looks it", list(case_view.findings(view)), "nothing")
    _list("What became of the cells nobody filled willingly", list(case_view.outcomes(view)), "there are none")
    return 0


def _list(title: str, lines: list[str], none: str) -> None:
    say(f"{title}:" + (f" {none}." if not lines else ""))
    for line in lines:
        say(line, indent=2)
    say()
