"""Score a rule file on your own dirty and clean data: how many of the wrong cells it finds, at what false alarms."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.console import print_json, say
from benchmarks.pair_text import render_text
from benchmarks.pairs import run_pair

MEANT = {"--key": "Write --align key:COLUMN."}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `casegauge pair`."""
    parser.add_argument("--dirty", type=Path, required=True, metavar="D.csv", help="the data as it is")
    parser.add_argument(
        "--truth",
        type=Path,
        required=True,
        metavar="C.csv",
        help=(
            "the same rows, right; or a list of cells tid,attribute,correct_val, as published: its tid counts data "
            "rows from 0 (with --align key:COL: the row's value in COL)"
        ),
    )
    parser.add_argument("--rules", type=Path, required=True, metavar="R.yaml", help="a rule file, of any format")
    parser.add_argument(
        "--align", default="position", metavar="position|key:COL", help="which rows belong together; default: position"
    )
    parser.add_argument(
        "--cells",
        type=Path,
        metavar="OUT.csv",
        help="a new file: one row for every cell that is flagged or wrong; row 1 is the first below the header",
    )
    about = "leave out rules that cannot be translated or evaluated, or whose column is missing; notes list them"
    parser.add_argument("--skip-unsupported", action="store_true", help=about)
    parser.add_argument("--trust", action="store_true", help="let a rule file that is Python run")
    parser.add_argument("--json", action="store_true", help="print the scores as JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Score the rules and print the counts."""
    found = run_pair(
        arguments.dirty,
        arguments.truth,
        arguments.rules,
        align=arguments.align,
        cells=arguments.cells,
        skip=arguments.skip_unsupported,
        trust=arguments.trust,
    )
    if arguments.json:
        print_json(found.to_json())
    else:
        sys.stdout.write(f"{render_text(found)}\n")
        if arguments.cells is not None:
            counts = found.overall
            say(f"{counts.n_tp + counts.n_fp + counts.n_fn} cells (hit, false or missed) are in {arguments.cells}")
    return 0
