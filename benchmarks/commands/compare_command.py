"""Put the same cases through several regimes: measured and true quality, paired case by case."""

from __future__ import annotations

import argparse
import json
import math

from benchmarks.console import add_case_options, print_json, print_table, progress_bar, say
from benchmarks.regimes import SHARES, compare
from benchmarks.wording import headline, percent, points, price
from synth.scenario import load_scenario


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `casegauge compare`."""
    add_case_options(parser, default_cases=10_000)
    parser.add_argument(
        "--regimes", metavar="A,B,...", help="default: all of the scenario's; its base regime is always one"
    )
    parser.add_argument("--json", action="store_true", help="print one object a regime")


def execute(arguments: argparse.Namespace) -> int:
    """Compare and print."""
    scenario = load_scenario(arguments.scenario)
    names = [name.strip() for name in arguments.regimes.split(",")] if arguments.regimes else list(scenario.regimes)
    with progress_bar("comparing", arguments.cases * len({scenario.base_regime, *names})) as progress:
        contrast = compare(scenario, n_cases=arguments.cases, seed=arguments.seed, regimes=names, progress=progress)
    frame = contrast.to_frame()
    if arguments.json:
        print_json(json.loads(frame[frame["scope"] == "all"].drop(columns="scope").to_json(orient="records")))
        return 0
    rows = []
    for share in SHARES:
        found = [contrast.measure(regime, share.name) for regime in contrast.tallies]
        if all(math.isnan(each.value) for each in found):
            continue  # one system has no pairs of statements
        rows.append([share.name, *(f"{percent(each.value)} ±{points(each.error)}" for each in found)])
    title = f"{arguments.cases:,} cases of {scenario.scenario} under each regime (± is simulation error)"
    print_table(title, ["measure", *contrast.tallies], rows)
    say(headline(contrast))
    for regime in contrast.tallies:
        if regime != contrast.base:
            say(f"- {price(contrast, regime)}")
    say("How people behave when forced is a modeller's choice: `casegauge scenario show` prints values and ranges.")
    return 0
