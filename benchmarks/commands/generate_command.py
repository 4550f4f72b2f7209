"""Write fictional records with their answer key, a data dictionary, and a script that checks the folder."""

from __future__ import annotations

import argparse
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.console import add_case_options, n_cases, print_json, progress_bar, say, seed, workers
from synth.errors import OutputError
from synth.export import FORMATS, write
from synth.pipeline import make_plan
from synth.scenario import load_scenario

DEFAULT_SCENARIO, DEFAULT_CASES = "oig-20-13", 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `casegauge generate`."""
    add_case_options(parser, default_cases=DEFAULT_CASES)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="a folder that does not exist yet, or is empty"
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="parquet",
        help="default: parquet; duckdb and xlsx need an extra (docs/outputs.md)",
    )
    parser.add_argument("--regime", metavar="NAME", help="default: the scenario's base regime")
    parser.add_argument(
        "--workers", type=workers, default=1, metavar="W", help="threads; the result does not depend on it"
    )
    parser.add_argument(
        "--no-answers", action="store_true", help="records only, mixed with a fresh secret key (needs --key-file)"
    )
    parser.add_argument(
        "--key-file", type=Path, metavar="FILE",
        help="with --no-answers: where seed and secret key go; alone: make those cases again, with answers",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print what was written as JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Write the folder."""
    secret = _secret(arguments)
    plan = make_plan(arguments.scenario, seed=arguments.seed, regime=arguments.regime, secret=secret)
    arguments.regime = plan.regime
    with _key_kept(arguments, secret), progress_bar("generating", arguments.cases) as progress:
        written = write(
            plan, arguments.out, n_cases=arguments.cases, file_format=arguments.format,
            answers=not arguments.no_answers, workers=arguments.workers, progress=progress,
        )  # fmt: skip
    if arguments.json:
        print_json({"folder": str(written.folder), "n_cases": written.n_cases, "rows": dict(written.rows),
                    "content_digest": written.content_digest})  # fmt: skip
        return 0
    say(f"{written.n_cases:,} cases of {plan.scenario.scenario} under {plan.regime}, in {written.folder}")
    for name, rows in written.rows.items():
        say(f"  {name:<20} {rows:>12,} rows")
    say(f"  content digest {written.content_digest}")
    say(f"Check the folder at any time: python {written.folder / 'verify.py'}")
    return 0


def _secret(arguments: argparse.Namespace) -> str:
    """Return a fresh secret for data given away without answers; refuse to lose it or to overwrite another."""
    if not arguments.no_answers:
        return "" if arguments.key_file is None else _read_key(arguments)
    if arguments.key_file is None:
        raise OutputError("--no-answers needs --key-file FILE: without seed and key nobody can make the answers again.")
    key_file = arguments.key_file.resolve()
    if key_file.exists():
        raise OutputError(f"--key-file {arguments.key_file} exists; nothing was written. Name a new file.")
    if not key_file.parent.is_dir():
        raise OutputError(f"--key-file {arguments.key_file}: there is no such folder. Name a file in one that exists.")
    if arguments.out.resolve() in {key_file, *key_file.parents}:
        raise OutputError(f"--key-file {arguments.key_file} lies in --out; the key must not travel with the data.")
    return secrets.token_hex(16)


def _refuse_other_wishes(arguments: argparse.Namespace) -> None:
    """Refuse options that a key file decides."""
    for option, given, default in (
        ("--scenario", arguments.scenario, DEFAULT_SCENARIO), ("--seed", arguments.seed, 1),
        ("--cases", arguments.cases, DEFAULT_CASES), ("--regime", arguments.regime, None),
    ):  # fmt: skip
        if given != default:
            raise OutputError(f"--key-file says which cases to make; {option} {given} goes against it. Leave it out.")


def _read_key(arguments: argparse.Namespace) -> str:
    """Take scenario, seed, number of cases and regime from a key file, and return its secret."""
    wrong = OutputError(f"--key-file {arguments.key_file} is no key written by --no-answers. Name the right file.")
    try:
        key = json.loads(arguments.key_file.read_text(encoding="utf-8"))
        texts = [key[name] for name in ("scenario", "scenario_digest", "regime", "secret")]
        its_seed, its_cases = seed(str(key["seed"])), n_cases(str(key["n_cases"]))
    except (argparse.ArgumentTypeError, RecursionError, UnicodeError, json.JSONDecodeError, KeyError, TypeError):
        raise wrong from None
    if not all(isinstance(text, str) and text and text.isascii() for text in texts):
        raise wrong
    _refuse_other_wishes(arguments)
    arguments.seed, arguments.cases = its_seed, its_cases
    arguments.scenario, digest, arguments.regime, secret = texts
    if load_scenario(arguments.scenario).digest != digest:
        raise OutputError(f"scenario {arguments.scenario} has changed since the key was written; it makes other cases.")
    return str(secret)


@contextmanager
def _key_kept(arguments: argparse.Namespace, secret: str) -> Iterator[None]:
    """Write the key before the data it opens, so that no data is without one; take it away if writing fails."""
    if not arguments.no_answers:
        yield
        return
    key = {"seed": arguments.seed, "secret": secret, "scenario": arguments.scenario,
           "scenario_digest": load_scenario(arguments.scenario).digest, "regime": arguments.regime,
           "n_cases": arguments.cases}  # fmt: skip
    arguments.key_file.write_text(json.dumps(key, indent=1) + "\n", encoding="utf-8")
    try:
        yield
    except BaseException:
        arguments.key_file.unlink()
        raise
