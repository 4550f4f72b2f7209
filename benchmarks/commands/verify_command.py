"""Check a generated folder: files, manifest, and the content digest worked out again from the tables."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.console import print_json, say
from synth.verification import check_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `casegauge verify`."""
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="a folder written by `casegauge generate` or `casegauge run`"
    )
    parser.add_argument("--json", action="store_true", help="print what is wrong as JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Check the folder; exit 1 if anything is wrong."""
    problems = check_folder(arguments.folder)
    if arguments.json:
        print_json({"folder": str(arguments.folder), "problems": problems})
    else:
        for line in problems:
            say(f"FAIL {line}")
        say("FAIL" if problems else f"OK: {arguments.folder} is as written, and its content digest is the manifest's.")
    return 1 if problems else 0
