"""Test your own rules: plant every kind of defect in every field of your clean data, and see which survive.

One defect at a time, in a copy in memory; your data are not changed, and nothing is written.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.commands.check_command import add_rule_options, read_records
from benchmarks.console import counted, print_json, print_table, progress_bar, say
from benchmarks.mutation.mutants import DEFECTS, Mutant
from benchmarks.mutation.scoring import MutationResult, run
from benchmarks.rule_files import Given, given_rules, judged, loaded_rules
from checks.rule import NULL_POLICIES
from synth.errors import DataError

_PERCENT = 100
_SHOWN = 12  # idle rules, errors, rules left out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `casegauge mutate`."""
    about = "clean records: files, folders or postgresql://...; NAME=FILE names a table"
    parser.add_argument("clean", nargs="*", metavar="CLEAN", help=about)
    about = "the same, as an option; may be repeated"
    parser.add_argument("--data", action="append", default=[], metavar="CLEAN", help=about)
    add_rule_options(parser)
    parser.add_argument(
        "--table", action="append", default=[], metavar="NAME", help="read this table only; may be repeated"
    )
    about = f"plant this kind only; may be repeated; possible: {', '.join(DEFECTS)}"
    parser.add_argument("--defect", action="append", metavar="KIND", help=about)
    parser.add_argument("--field", action="append", metavar="FIELD", help="plant in this field only; may be repeated")
    about = "how many of each kind in each field; default: 5"
    parser.add_argument("--per", type=int, default=5, metavar="N", help=about)
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="which rows; default: 1")
    about = "what a null is to every rule; default: as each rule says"
    parser.add_argument("--null-policy", choices=NULL_POLICIES, help=about)
    parser.add_argument("--fail-under", type=_share, metavar="SHARE", help="exit 1 if the mutation score is lower")
    parser.add_argument("--json", action="store_true", help="print every survivor and all counts as JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Plant, judge, and say what survives."""
    data = [*arguments.clean, *arguments.data]
    if not data:
        raise DataError("no clean records are given. Name them: casegauge mutate CLEAN.csv --rules FILE, or --data.")
    tables = read_records(data, arguments.table)
    skip = arguments.skip_unsupported
    loaded = loaded_rules(arguments.rules, arguments.pack, tables, skip=skip, trust=arguments.trust)
    given, clean = judged(given_rules(loaded, tables, skip=skip), tables, null_policy=arguments.null_policy, skip=skip)
    with progress_bar("Planting", _PERCENT) as show:
        result = run(clean, tables, defects=arguments.defect, fields=arguments.field, per=arguments.per,
                     seed=arguments.seed, null_policy=arguments.null_policy,
                     progress=lambda share: show(round(share * _PERCENT)))  # fmt: skip
    if arguments.json:
        print_json(_as_json(result, given))
    else:
        _show(result, given, tables)
    return int(arguments.fail_under is not None and result.score < arguments.fail_under)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        hint = f"; did you mean {share / _PERCENT:g}?" if 1 < share <= _PERCENT else ""
        raise argparse.ArgumentTypeError(f"{text!r} is no share from 0 to 1{hint}")
    return share


def _show(result: MutationResult, given: Given, records: Mapping[str, pd.DataFrame]) -> None:
    tables = ", ".join(f"{name} ({counted(len(frame), 'row')})" for name, frame in records.items())
    planted = counted(len(result.mutants), "defect")
    say(f"{counted(len(given.rules), 'rule')} on {tables}; {planted} planted, one at a time.")
    say(f"Mutation score {result.score:.3f}: the rules notice {result.n_found:,} of {len(result.mutants):,}.")
    for name, n_flagged in result.flagged_rows.items():
        if n_flagged:
            say(f"The rules flag {counted(n_flagged, 'row')} of {name} as it came; nothing is planted there.")
    say()
    columns = ["planted", "noticed", "score"]
    by_defect = [_row(row) for row in result.table("defect").itertuples(index=False)]
    print_table("By defect", ["defect", *columns, "smallest that survives"], by_defect, words=(0, 4))
    several = len(records) > 1
    by_field = [_row(row) for row in result.table(*(["table"] if several else []), "field").itertuples(index=False)]
    heads = ["table", "field"] if several else ["field"]
    print_table("By field", [*heads, *columns, "smallest that survives"], by_field,
                words=(*range(len(heads)), len(heads) + 3))  # fmt: skip
    rules = [[str(row.rule), f"{row.n_found:,}", f"{row.unique_finds:,}"] for row in result.by_rule().itertuples()]
    print_table("By rule", ["rule", "notices", "unique finds"], rules)
    _show_rest(result, given)


def _row(row: Any) -> list[str]:
    *names, n_planted, n_found, score, smallest = row
    shown = [name or "(the record)" for name in names]
    return [
        *shown,
        f"{n_planted:,}",
        f"{n_found:,}",
        f"{score:.2f}",
        "" if smallest is None or pd.isna(smallest) else smallest,
    ]


def _show_rest(result: MutationResult, given: Given) -> None:
    for rule_id, why in list(result.errors.items())[:_SHOWN]:
        say(f"Not evaluated on some mutants: {rule_id}: {why}")
    for left in given.left_out[:_SHOWN]:
        say(f"Left out: {left.id} ({left.where}): {left.reason}")
    say(
        "A rule on one field cannot notice another plausible value there; only a rule that holds it against something "
        "else can. --json lists every survivor. The values shown are of your records: keep them as safe as the records."
    )


def _as_json(result: MutationResult, given: Given) -> dict[str, Any]:
    return {
        "n_planted": len(result.mutants),
        "n_found": result.n_found,
        "score": result.score,
        "flagged_rows": dict(result.flagged_rows),
        "by_defect": _records(result.table("defect")),
        "by_field": _records(result.table("table", "field")),
        "by_field_and_defect": _records(result.table("table", "field", "defect")),
        "by_rule": _records(result.by_rule()),
        "survivors": [_survivor(mutant) for mutant in result.survivors],
        "errors": dict(result.errors),
        "left_out": [vars(entry) for entry in given.left_out],
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = table.astype(object).to_dict("records")
    return [{str(name): None if pd.isna(value) else value for name, value in row.items()} for row in rows]


def _survivor(mutant: Mutant) -> dict[str, Any]:
    cells = [{"field": cell.field, "expected": _plain(cell.expected), "recorded": _plain(cell.recorded)}
             for cell in mutant.cells]  # fmt: skip
    return {"table": mutant.table, "row": mutant.row + 1, "defect": mutant.defect, "cells": cells}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return float(value) if isinstance(value, (float, np.floating)) and math.isfinite(value) else str(value)
