"""Check your own records with your own rules: what fails, where, and a file for whoever must mend it.

DATA: CSV, Parquet, Excel, SQLite or DuckDB files, folders, or a PostgreSQL database. No answer key is needed.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from benchmarks.console import counted, print_json, print_table, say
from benchmarks.findings import N_EXAMPLES, Findings, check_key, check_new, write_csv, write_xlsx
from benchmarks.rule_files import LeftOut, given_rules, judged, loaded_rules
from checks.data_files import read_data
from checks.flags import RuleFlags
from checks.rule import NULL_POLICIES
from checks.sniffing import FORMATS
from synth.errors import CasegaugeError, DataError

SAFE = "It holds values of your records: keep it as safe as the records."
_WIDEST = 40  # of an example
_LEFT_OUT_SHOWN = 10
_NAMED = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `casegauge check`."""
    about = "files, folders or postgresql://...; NAME=FILE names a table"
    parser.add_argument("data", nargs="+", metavar="DATA", help=about)
    add_rule_options(parser)
    about = "read this table only; may be repeated"
    parser.add_argument("--table", action="append", default=[], metavar="NAME", help=about)
    about = "the column that names a record to people; shown beside the row; may be repeated, for a key of several"
    parser.add_argument("--key", action="append", default=[], metavar="COLUMN", help=about)
    about = "what a null is to every rule; default: as each rule says"
    parser.add_argument("--null-policy", choices=NULL_POLICIES, help=about)
    parser.add_argument("--fail-on", choices=("error", "warning"), help="exit 1 if an alert is this severe or worse")
    parser.add_argument(
        "--csv",
        type=Path,
        metavar="FILE",
        help="a new file: one row for every cell to be mended; row 1 is the first below the header",
    )
    parser.add_argument("--xlsx", type=Path, metavar="FILE", help="a new file: rules, cells, and the failing records")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def add_rule_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which rules."""
    about = f"a rule file ({', '.join(FORMATS)}), or TABLE=FILE; may be repeated"
    parser.add_argument("--rules", action="append", default=[], metavar="FILE", help=about)
    parser.add_argument("--pack", action="append", default=[], metavar="NAME", help="a built-in pack; may be repeated")
    about = "leave out rules that cannot be translated or evaluated, or whose column is missing; they are listed"
    parser.add_argument("--skip-unsupported", action="store_true", help=about)
    parser.add_argument("--trust", action="store_true", help="let rule files that are Python run")


def read_records(data: Sequence[str], tables: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Read the tables of files and folders; where a file of a folder cannot be read, say how to name one file."""
    try:
        return read_data(data, tables=tables)
    except CasegaugeError as problem:
        for folder in map(Path, data):
            if folder.is_dir() and any(str(problem).startswith(str(path)) for path in folder.iterdir()):
                raise DataError(
                    f"{problem} Every table of the folder {folder} was to be read; to read one file, name it: "
                    f"{folder / 'NAME.csv'}."
                ) from None
        raise


def execute(arguments: argparse.Namespace) -> int:
    """Evaluate the rules and say what they found."""
    check_new(arguments.csv, ".csv")
    check_new(arguments.xlsx, ".xlsx")
    records = read_records(arguments.data, arguments.table)
    check_key(arguments.key, records)
    skip = arguments.skip_unsupported
    loaded = loaded_rules(arguments.rules, arguments.pack, records, skip=skip, trust=arguments.trust)
    given = given_rules(loaded, records, skip=skip)
    given, flags = judged(given, records, null_policy=arguments.null_policy, skip=skip)
    findings = Findings(given, flags, records, tuple(arguments.key))
    asked = ((arguments.csv, write_csv), (arguments.xlsx, write_xlsx))
    written = [(path, write(findings, path)) for path, write in asked if path is not None]
    if arguments.json:
        print_json(findings.to_json())
    else:
        _show(findings)
        for path, n_cells in written:
            say(f"{counted(n_cells, 'cell')} to mend: {path}. {SAFE}")
    return 1 if findings.worst and arguments.fail_on in {"warning", findings.worst} else 0


def _show(findings: Findings) -> None:
    results = sorted(findings.flags.results, key=lambda result: -result.n_fail)
    rows = [_row(findings, result) for result in results if result.n_fail or result.alarm]
    tables = ", ".join(f"{name} ({counted(len(frame), 'row')})" for name, frame in findings.records.items())
    say(f"{counted(len(results), 'rule')} on {tables}.")
    say()
    if rows:
        several = len(findings.records) > 1
        columns = ["rule", *(["table"] if several else []), "alert", "fail", "evaluated", "rows, with what they hold"]
        print_table("What fails", columns, rows, words=(0, 1, 2, 5) if several else (0, 1, 4))
    empty = [result.rule.id for result in results if not result.n_evaluated and result.holds is None]
    n_quiet = sum(not result.n_fail and not result.alarm for result in results) - len(empty)
    if n_quiet:
        say(f"{counted(n_quiet, 'rule')} found nothing.")
    if empty:
        more = f" and {len(empty) - _NAMED} more" if len(empty) > _NAMED else ""
        say(f"No row to judge, so nothing said: {', '.join(empty[:_NAMED])}{more}.")
    if findings.given.left_out:
        _show_left_out(findings)
    say(
        "Row 1 is the first below the header. What no rule finds may still be wrong: try the same rules on records "
        "whose truth is known, with `casegauge generate` and `casegauge score`."
    )


def _show_left_out(findings: Findings) -> None:
    """Say what was left out, one line a reason."""
    by_reason: dict[str, list[LeftOut]] = {}
    for entry in findings.given.left_out:
        by_reason.setdefault(entry.reason, []).append(entry)
    say(f"Left out: {len(findings.given.left_out)} of {counted(findings.given.n_source, 'source rule')}.")
    for reason, entries in list(by_reason.items())[:_LEFT_OUT_SHOWN]:
        first = entries[0]
        more = f" and {len(entries) - 1} more" if len(entries) > 1 else ""
        say(f"- {first.id}{more} ({first.where}): {reason}", hang=2)
    if len(by_reason) > _LEFT_OUT_SHOWN:
        say(f"- and for {len(by_reason) - _LEFT_OUT_SHOWN} more reasons; --json lists all")


def _row(findings: Findings, result: RuleFlags) -> list[str]:
    if result.holds is None:
        shown = "; ".join(_example(**example) for example in findings.examples(result))
        shown += f"; and {result.n_fail - N_EXAMPLES:,} more" if result.n_fail > N_EXAMPLES else ""
    elif result.measured is None:
        shown = "does not hold: nothing to measure, or values of another type"
    else:
        number = isinstance(result.measured, (int, float))
        shown = f"measured: {result.measured:,.6g}" if number else f"measured: {result.measured}"
    counts = [f"{result.n_fail:,}", f"{result.n_evaluated:,}"] if result.holds is None else ["-", "-"]
    table = [result.system] if len(findings.records) > 1 else []
    return [result.rule.id, *table, result.alarm or "within limit", *counts, shown]


def _example(row: int, key: str | None, values: dict[str, object]) -> str:
    held = ", ".join("null" if value is None else repr(value) for value in values.values())
    held = held if len(held) <= _WIDEST else f"{held[:_WIDEST]}..."
    return f"{row}{f' [{key}]' if key else ''}: {held}" if held else f"{row}{f' [{key}]' if key else ''}"
