"""Score rules on generated records against their answer key: what they find of each defect, at what false alarms."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from benchmarks.commands.check_command import add_rule_options
from benchmarks.console import print_json, print_table, say
from benchmarks.rule_files import Given, given_rules, judged, loaded_rules
from benchmarks.scorecard import NOTES, Scorecard, score
from checks.flags import Flags
from checks.rule import NULL_POLICIES
from synth.errors import DataError
from synth.verification import read_tables

_SHOWN = ("sensitivity", "precision", "f1", "flags_per_1000_records", "unique_finds")
_DIGITS = {"flags_per_1000_records": 1}
_READING = (
    "Unique finds: what is wrong and found by this rule alone, or by rules of this file alone. Flags per 1000 records: "
    "how much there is to look at. -: undefined, 0 of 0."
)
_ANSWERS = ("answers/labels", "answers/links", "answers/truth")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `casegauge score`."""
    parser.add_argument("data", type=Path, metavar="DIR", help="a folder written by `casegauge generate` or `run`")
    add_rule_options(parser)
    about = "what a null is to every rule; default: as each rule says"
    parser.add_argument("--null-policy", choices=NULL_POLICIES, help=about)
    about = "what is counted: cell, record, pair or case; default: cell"
    parser.add_argument("--unit", choices=("cell", "record", "pair", "case"), default="cell", help=about)
    parser.add_argument("--json", action="store_true", help="print the whole scorecard as JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Score the rules of each file and pack."""
    tables = read_answered(arguments.data)
    records = {name.removeprefix("records/"): frame for name, frame in tables.items() if name.startswith("records/")}
    skip = arguments.skip_unsupported
    loaded = loaded_rules(arguments.rules, arguments.pack, records, skip=skip, trust=arguments.trust)
    given = given_rules(loaded, records, skip=skip)
    given, flags = judged(given, records, null_policy=arguments.null_policy, skip=skip)
    labels, links, truth = (tables[name] for name in _ANSWERS)
    card = score(flags, records=records, labels=labels, links=links, truth=truth, packs=given.by_label())
    if arguments.json:
        left_out = [vars(entry) for entry in given.left_out]
        print_json({**json.loads(card.to_json()), "left_out": left_out, "wholes": _wholes(flags)})
    else:
        _show(card, given, flags, arguments.unit)
    return 0


def read_answered(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the records of a generated folder and the answers that scores need; what it holds besides is not read."""
    if not (folder / "manifest.json").is_file():
        raise DataError(
            f"{folder} has no manifest.json, so no answer key. Name a folder written by `casegauge generate`; "
            "`casegauge pair` scores rules on your own dirty and clean data."
        )
    tables = {
        name: pa.concat_tables(list(parts)).to_pandas()
        for name, parts in read_tables(folder)
        if name.startswith("records/") or name in _ANSWERS
    }
    missing = [name for name in _ANSWERS if name not in tables]
    if missing:
        raise DataError(f"{folder} has no {missing[0]}; it was written without answers, so nothing can be scored.")
    return tables


def _wholes(flags: Flags) -> list[dict[str, Any]]:
    """Rules about a table as a whole: an alert, or none; they flag no record, so they have no score."""
    return [
        {"rule": result.rule.id, "measured": str(result.measured), "alert": result.alarm or None}
        for result in flags.results
        if result.holds is not None
    ]


def _show(card: Scorecard, given: Given, flags: Flags, unit: str) -> None:
    table = card.table[(card.table["unit"] == unit) & (card.table["defect"] == "any")]
    titles = {"pack": "Rule files against the answer key", "baseline": "To hold them against", "rule": "Rule by rule"}
    for kind, title in titles.items():
        rows = [[str(row["name"]), *(_number(row[name], _DIGITS.get(name, 3)) for name in _SHOWN)]
                for _, row in table[table["kind"] == kind].iterrows()]  # fmt: skip
        print_table(f"{title} (unit {unit})", [kind, *(name.replace("_", " ") for name in _SHOWN)], rows)
    at_unit = card.table[(card.table["unit"] == unit) & (card.table["kind"] == "pack")]
    found = at_unit[at_unit["defect"] != "any"].pivot_table(
        index="defect", columns="name", values="sensitivity", sort=False, dropna=False
    )
    rows = [[str(name), *map(_number, row)] for name, row in zip(found.index, found.to_numpy(), strict=True)]
    print_table(f"What they find of each defect (sensitivity, unit {unit})", ["defect", *map(str, found.columns)], rows)
    for entry in _wholes(flags):
        say(f"{entry['rule']}: about the table as a whole, so without a score; measured {entry['measured']}.")
    for left in given.left_out:
        say(f"Left out: {left.id} ({left.where}): {left.reason}", hang=2)
    say(_READING)
    for note in NOTES[:2] + NOTES[-1:]:
        say(f"{note[0].upper()}{note[1:]}.")


def _number(value: Any, digits: int = 3) -> str:
    if pd.isna(value):
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.{digits}f}"
