"""The main job: replay the audit, score rules against the planted truth, compare regimes, write it all and a report."""

from __future__ import annotations

import argparse
import json
from itertools import compress, count
from pathlib import Path
from typing import Any

from benchmarks import compare_tables, measures
from benchmarks.catches import own_packs
from benchmarks.commands.compare_command import show
from benchmarks.comparisons import to_json as comparison_json
from benchmarks.console import add_case_options, print_json, print_table, progress_bar, say
from benchmarks.exchangeable import is_exchangeable
from benchmarks.job import N_STEPS, Job, main_job
from benchmarks.regimes import HEADLINE
from benchmarks.report import NO_PACKS, by_defect_rows, report_html, score_rows
from benchmarks.wording import (
    choices_in_short,
    conclusion,
    enough,
    filled_is_not_documented,
    headline,
    percent,
    points,
    price,
)
from synth.export import FORMATS, check_format, fill, whole_folder, write_manifest
from synth.pipeline import make_plan
from synth.scenario import load_scenario

DEFAULT_FOLDER = "casegauge-out"
SETTINGS = 20  # in which every choice moves at once, where each is simulated; `compare --settings` takes more


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `casegauge run`."""
    add_case_options(parser, default_cases=10_000)
    about = f"a new or empty folder; default: the next free of {DEFAULT_FOLDER}, {DEFAULT_FOLDER}-2, ..."
    parser.add_argument("--out", type=Path, metavar="DIR", help=about)
    about = "a rule file of your own, or TABLE=FILE, to score as well (docs/rules.md); may be given more than once"
    parser.add_argument("--rules", action="append", default=[], metavar="FILE", help=about)
    parser.add_argument("--format", choices=FORMATS, default="csv", help="of records and answers; default: csv")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Do the main job and print what it found."""
    scenario = load_scenario(arguments.scenario)
    plan = make_plan(scenario, seed=arguments.seed)
    own = own_packs(arguments.rules, scenario)
    check_format(arguments.format, scenario, arguments.cases)
    folder = arguments.out if arguments.out is not None else free_folder()
    with whole_folder(folder) as temporary:
        manifest: dict[str, Any] = {}

        def write_records() -> None:
            manifest.update(fill(plan, temporary, n_cases=arguments.cases, file_format=arguments.format))

        with progress_bar("running", N_STEPS) as progress:
            job = main_job(
                scenario,
                n_cases=arguments.cases,
                seed=arguments.seed,
                own_rules=own,
                n_settings=None if is_exchangeable(scenario, list(scenario.regimes)) else SETTINGS,
                workers=2,
                meanwhile=write_records,
                progress=progress,
            )
        write_results(job, temporary)
        write_manifest(temporary, manifest)
    if arguments.json:
        print_json({**to_json(job), "folder": str(folder), "content_digest": manifest["content_digest"]})
    else:
        print_job(job)
        scores = "scorecard.csv, " if job.card is not None else ""
        say(f"Written to {folder}: records/, answers/, {scores}regimes.csv, manifest.json")
        say(f"Open the report: {folder / 'report.html'}")
    return 0


def free_folder() -> Path:
    """Return the first default folder that does not exist yet."""
    names = (DEFAULT_FOLDER if number == 1 else f"{DEFAULT_FOLDER}-{number}" for number in count(1))
    return next(Path(name) for name in names if not Path(name).exists())


def write_results(job: Job, folder: Path) -> None:
    """Write scorecard.csv, regimes.csv and report.html."""
    if job.card is not None:
        job.card.to_csv(folder / "scorecard.csv")
    job.contrast.to_frame().to_csv(folder / "regimes.csv", index=False, lineterminator="\n")
    (folder / "report.html").write_text(report_html(job), encoding="utf-8", newline="\n")


def print_job(job: Job) -> None:
    """Print what a run found: the audit and the scores where there are any, then the regimes, numbered as they come."""
    say(f"{job.scenario.title}: {job.n_cases:,} fictional cases of {job.scenario.scenario}, seed {job.seed}.")
    say()
    parts = (print_replica, print_scores, print_regimes)
    there = (job.replica is not None, job.card is not None, True)
    numbers = count(1)
    for part in compress(parts, there):
        part(job, next(numbers))
    if job.card is None:
        say(NO_PACKS)
        say()


def print_replica(job: Job, number: int) -> None:
    """Print the audit beside its replica."""
    if job.replica is None:
        return
    rows = [
        [str(row["verdict"]), str(row["reported"]), str(row["replica"]), percent(row["share"], 0)]
        for row in job.replica.rows()
    ]
    columns = ["verdict", "reported", "replica", "share"]
    print_table(f"{number}. The audit of {job.replica.n_cases} cases, replayed", columns, rows)
    say(job.replica.caution())
    say(filled_is_not_documented(job.contrast))
    say()


def print_scores(job: Job, number: int) -> None:
    """Print the scores of packs beside flag-everything and flag-nothing."""
    if job.card is None:
        return
    shown = score_rows(job, kinds=("pack", "baseline"))
    rows = [[row["name"], row["unit"], row["sensitivity"], row["precision"], row["f1"], row["flags"]] for row in shown]
    columns = ["pack", "unit", "sensitivity", "precision", "F1", "flags per 1,000 records"]
    print_table(f"{number}. Rule packs against the answer key, under {job.contrast.base}", columns, rows)
    rows = [[row["defect"], row["planted"], *row["cells"]] for row in by_defect_rows(job)]
    print_table("   Which pack finds which defect (sensitivity, unit cell)", ["defect", "planted", *job.packs], rows)
    say(
        "A dash: a defect of whole records, counted in cases. Rules and planted defects have the same authors: rank "
        "rules, do not forecast. "
        "Every rule by unit and defect: scorecard.csv."
    )
    say()


def print_regimes(job: Job, number: int) -> None:
    """Print measures by regime, what each pack still catches in the fields it looks at, and the exchange rates."""
    contrast = job.contrast
    names = list(contrast.tallies)
    rows = []
    for name in HEADLINE:
        found = [contrast.measure(regime, name) for regime in names]
        rows.append([name, *(f"{percent(each.value)} ±{points(each.error)}" for each in found)])
    for pack in dict.fromkeys(each.pack for each in job.catches):
        of_pack = [each for each in job.catches if each.pack == pack]
        rows.append([f"{pack} catches", *(measures.describe(each.sensitivity) for each in of_pack)])
    looks = [contrast.tallies[regime].cross_table() for regime in names]
    rows.append(["look documented, are not", *(f"{int(table[0, 1:].sum()):,}" for table in looks)])
    print_table(f"{number}. The same cases under each regime: measured against true", ["measure", *names], rows)
    for name in names:
        say(f"{name}: {job.scenario.regimes[name].about}", indent=2)
    say()
    say(headline(contrast))
    for regime in names:
        if regime != contrast.base:
            say(f"- {price(contrast, regime)}")
    say()
    show([compare_tables.exchange_table(contrast)] if len(names) > 1 else [])
    for line in (conclusion(job.comparison), enough(job.comparison)):
        if line:
            say(line)
    say(choices_in_short(job.comparison))
    say()


def to_json(job: Job) -> dict[str, Any]:
    """Return what a run found as plain data; undefined measures are null."""
    frame = job.contrast.to_frame()
    systems = json.loads(frame[frame["scope"] != "all"].to_json(orient="records"))
    return {
        "scenario": job.scenario.scenario,
        "seed": job.seed,
        "n_cases": job.n_cases,
        "replica": job.replica.rows() if job.replica else None,
        "scores": json.loads(job.card.to_json()) if job.card else None,
        "regimes": comparison_json(job.comparison),
        "systems": systems,
    }
