"""Put the same cases through several regimes: measured and true quality, paired case by case, and what it hangs on."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import compare_tables
from benchmarks.catches import MOST_CASES, Packs, fitting_packs, own_packs
from benchmarks.comparisons import N_PARTS, Comparison, comparison, to_json
from benchmarks.console import add_case_options, print_json, print_table, progress_bar, say
from benchmarks.doses import ORDERS
from benchmarks.regimes import regime_names
from benchmarks.settings import Values, parameters_of, with_behaviour, with_values
from benchmarks.wording import ahead_counts, choices_in_short, conclusion, enough, headline, honesty_needed, price
from synth.errors import ScenarioError
from synth.pipeline import make_plan
from synth.scenario import load_scenario
from synth.spec import Scenario

MOST_SETTINGS = 100_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `casegauge compare`."""
    add_case_options(parser, default_cases=10_000)
    parser.add_argument(
        "--regimes", metavar="A,B,...", help="default: all of the scenario's; its base regime is always one"
    )
    parser.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE",
        help="set a modeller's choice under every regime, such as h0=.4; may be given more than once",
    )  # fmt: skip
    parser.add_argument(
        "--behaviour", type=Path, metavar="FILE",
        help="a file like synth/behaviour.yaml: its central values are set, its low and high are the ranges",
    )  # fmt: skip
    parser.add_argument(
        "--sweep", action="append", default=[], metavar="NAME=LOW:HIGH[:STEPS]",
        help="move one choice in steps (default: 9); its range elsewhere too; may be given more than once",
    )  # fmt: skip
    parser.add_argument(
        "--settings", type=int, metavar="N",
        help="settings in which every choice moves at once; default: 1,000 in closed form, 30 simulated; none: 0",
    )  # fmt: skip
    parser.add_argument(
        "--omega", type=float, default=1.0, metavar="W",
        help="harm of one hidden wrong entry in units of the good of one right one; default: 1",
    )  # fmt: skip
    parser.add_argument("--rules", action="append", default=[], metavar="FILE",
                        help="a rule file of your own, or TABLE=FILE (docs/rules.md); may be repeated")  # fmt: skip
    parser.add_argument("--pack", action="append", default=[], metavar="NAME",
                        help="a built-in rule pack; may be given more than once; default: all that fit")  # fmt: skip
    parser.add_argument("--dose", action="store_true", help="print every dose, not some of them, and every next field")
    parser.add_argument("--order", choices=ORDERS, default="form",
                        help="of the doses: the order of the form, or by what each gains; default: form")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print one object a regime")


def execute(arguments: argparse.Namespace) -> int:
    """Compare and print."""
    scenario = scenario_asked_for(arguments)
    names = None if arguments.regimes is None else [name.strip() for name in arguments.regimes.split(",")]
    for name in regime_names(scenario, names):
        make_plan(scenario, regime=name)  # what does not fit together is told before anything is worked out
    packs = packs_asked_for(arguments, scenario)
    with progress_bar("comparing", N_PARTS) as progress:
        found = comparison(
            scenario,
            n_cases=arguments.cases,
            seed=arguments.seed,
            regimes=names,
            packs=packs,
            omega=arguments.omega,
            n_settings=arguments.settings,
            tracks=arguments.sweep,
            order=arguments.order,
            workers=2,
            progress=progress,
        )
    if arguments.json:
        print_json(to_json(found))
    else:
        print_comparison(found, every_dose=arguments.dose, changed=parameters_of(arguments.param))
    return 0


def scenario_asked_for(arguments: argparse.Namespace) -> Scenario:
    """Return the scenario with the choices that were asked for; refuse numbers that are out of range.

    Raises:
        ScenarioError: an unknown parameter, a value it cannot have, shares that do not sum to 1, a bad number.
    """
    if not 0 <= arguments.omega < float("inf"):
        raise ScenarioError(f"--omega is {arguments.omega}; it is a number of 0 or more.")
    if arguments.settings is not None and not 0 <= arguments.settings <= MOST_SETTINGS:
        raise ScenarioError(f"--settings is {arguments.settings}; possible are 0 to {MOST_SETTINGS:,}.")
    scenario = load_scenario(arguments.scenario)
    if arguments.behaviour is not None:
        scenario = with_behaviour(scenario, arguments.behaviour)
    return with_values(scenario, parameters_of(arguments.param))


def packs_asked_for(arguments: argparse.Namespace, scenario: Scenario) -> Packs:
    """Return the rule packs to hold against each regime."""
    if arguments.pack:
        built_in = fitting_packs(scenario, arguments.pack)
        for name in arguments.pack:
            if name not in built_in:
                raise ScenarioError(f"pack '{name}' has rules about systems that {scenario.scenario} does not have.")
    else:
        built_in = fitting_packs(scenario) if not arguments.rules else {}
    return {**built_in, **own_packs(arguments.rules, scenario, may_be_empty=True)}


def print_comparison(found: Comparison, *, every_dose: bool = False, changed: Values | None = None) -> None:
    """Print what a comparison comes to: the headline, then every table.

    Args:
        found: the comparison.
        every_dose: yes = every dose and every next field, not some.
        changed: the choices that were set for it.
    """
    contrast = found.contrast
    name = contrast.scenario.scenario
    say(f"{contrast.n_cases:,} fictional cases of {name} under each regime, seed {contrast.seed}.")
    if changed:
        say("Set under every regime: " + ", ".join(f"{name} = {value}" for name, value in changed.items()) + ".")
    say()
    say(headline(contrast))
    for regime in contrast.tallies:
        if regime != contrast.base:
            say(f"- {price(contrast, regime)}")
    for line in (conclusion(found), enough(found)):
        if line:
            say(line)
    say()
    blocks = [
        compare_tables.measure_table(found),
        compare_tables.exchange_table(contrast),
        compare_tables.in_system_table(contrast),
        compare_tables.verdict_table(contrast),
        compare_tables.catch_table(found),
    ]
    show([block for block in blocks if block is not None and block.rows])
    if found.catches and contrast.n_cases > MOST_CASES:
        say(f"Rules were held against the first {MOST_CASES:,} cases.")
        say()
    print_range(found)
    doses = compare_tables.dose_table(found, None if every_dose else compare_tables.FEW_DOSES)
    nexts = compare_tables.next_table(found, None if every_dose else 5)
    show([block for block in (doses, nexts) if block is not None])
    say(choices_in_short(found))


def print_range(found: Comparison) -> None:
    """Print the assumption range: one choice at a time, all at once, which decides, and steps that were asked for."""
    blocks = [
        compare_tables.one_by_one_table(found),
        compare_tables.sweep_table(found),
        compare_tables.sensitivity_table(found),
    ]
    show([block for block in blocks if block is not None])
    if found.sweep is not None:
        say(ahead_counts(found.sweep, found.omega))
    for regime, value in found.break_evens.items():
        say(f"- {honesty_needed(value, regime, found.contrast.base)}")
    if found.sweep is not None or found.break_evens:
        say()
    show([compare_tables.track_table(found, each) for each in found.tracks])


def show(blocks: list[compare_tables.Block]) -> None:
    """Print tables, each with its note."""
    for block in blocks:
        print_table(block.title, block.columns, block.rows, words=block.words)
        if block.note:
            say(block.note)
            say()
