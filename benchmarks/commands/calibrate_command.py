"""What your own counts after a mandate say of the people who type, and what they leave open: bounds, not estimates."""

from __future__ import annotations

import argparse
import re

from benchmarks.calibrate import PARAMETERS, UNCHANGED, Calibration, Counted, Fits, Range, what_fits
from benchmarks.console import print_json, print_table, say

_COUNTS = {
    "cells": (True, "needed cells after the fields were made mandatory, all scanned"),
    "blank": (False, "of these, blank; default: 0"),
    "placeholder": (False, "of these, a known placeholder; default: 0"),
    "not-value": (False, "of these, 'unknown' or another not-value; default: 0"),
    "audited": (True, "cells of which a reviewer knows the truth"),
    "right": (True, "of these, right"),
    "wrong": (True, "of these, hidden wrong: filled, plausible, wrong"),
    "before-cells": (False, "needed cells of the same fields before, all scanned"),
    "before-blank": (False, "of these, blank or a placeholder"),
    "before-right": (False, "of filled cells audited before, right"),
    "before-wrong": (False, "of filled cells audited before, hidden wrong: tells slips"),
}
_PAIRS = {
    "first-blank": "of B cells logged, A were blank at the first save",
    "writer-could-know": "of B audited cells, in A the writer could have known the truth",
    "right-could-know": "the same of B cells that are right",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `casegauge calibrate`."""
    for name, (required, about) in _COUNTS.items():
        default = None if required or name in {"before-cells", "before-blank"} else 0
        parser.add_argument(f"--{name}", type=_count, required=required, default=default, metavar="N", help=about)
    for name, about in _PAIRS.items():
        parser.add_argument(f"--{name}", type=_pair, metavar="A/B", help=about)
    parser.add_argument("--slips", type=float, metavar="S", help="chance that an entry meant to be true is wrong; "
                        "default: as audited before, else a modeller's choice of 0.03")  # fmt: skip
    parser.add_argument("--design-effect", type=float, default=1.0, metavar="D", help="how many audited cells are "
                        "worth one, where several cells of a case were audited; default: 1")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print everything as JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Work out the bounds and print them."""
    counted = Counted(
        cells=arguments.cells,
        audited=arguments.audited,
        right=arguments.right,
        wrong=arguments.wrong,
        blank=arguments.blank,
        placeholder=arguments.placeholder,
        not_value=arguments.not_value,
        before_cells=arguments.before_cells,
        before_blank=arguments.before_blank,
        before_right=arguments.before_right,
        before_wrong=arguments.before_wrong,
        first_blank=arguments.first_blank,
        writer_could_know=arguments.writer_could_know,
        right_could_know=arguments.right_could_know,
        design_effect=arguments.design_effect,
    )
    found = what_fits(counted, slips=arguments.slips)
    if arguments.json:
        print_json(found.to_json())
    else:
        _print(found)
    return 0


def _count(text: str) -> int:
    """Read a count; how large it can be is checked where it is used."""
    if not re.fullmatch(r"-?[\d_]{1,16}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a count; a whole number belongs there")
    return int(text)


def _pair(text: str) -> tuple[int, int]:
    """Read A/B."""
    if not re.fullmatch(r"\d{1,12}/\d{1,12}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not A/B; two counts belong there, such as 340/400")
    part, whole = text.split("/")
    return int(part), int(whole)


def _print(found: Calibration) -> None:
    rows = [[each.says, f"{each.count:,} of {each.of:,}", f"{100 * each.share:.1f} %", _percent(each.interval)]
            for each in found.shares]  # fmt: skip
    print_table("Your counts", ["share", "count", "share of them", "audit interval"], rows)
    say("Audit interval: 95 % (Wilson), about real cases, if they were drawn at random. Scanned cells are all counted.")
    say()
    columns: list[tuple[str, Fits | None]] = [
        ("bounds at the counts", found.at_counts),
        ("outer bounds over the audit intervals", found.over_audit),
    ]
    if found.slips_range is not None:
        low, high = found.slips_range
        columns.append((f"bounds for slips {low:g} to {high:g}", found.over_slips))
    bounds = [[says, *(_range(fits, name) for _, fits in columns)] for name, says in PARAMETERS.items()]
    print_table("What fits them", ["parameter", *(title for title, _ in columns)], bounds)
    say("Bounds are not intervals: every value between them fits the counts equally well, and more cases do not narrow "
        "them. The three columns are kept apart: what is not identifiable, what the audit leaves to chance, and what "
        "a choice of slips changes.")  # fmt: skip
    if found.slips_range is not None:
        say(f"Slips {found.slips:g} is a modeller's choice; cells audited before the mandate (--before-right, "
            "--before-wrong) would tell.")  # fmt: skip
    if found.yield_if_alike is not None:
        say(f"If those who know and do not tell are right by luck as often as those who do not know (an assumption), "
            f"{PARAMETERS['y']} is {found.yield_if_alike:.2f}.")  # fmt: skip
    for note in found.notes():
        say(f"- {note}")
    say()
    say("What would narrow the bounds:")
    for data in found.would_narrow():
        say(f"- {data}")
    say()
    _print_use(found)


def _print_use(found: Calibration) -> None:
    settled, bounded, filled = found.settled(), found.bounded(), found.voluntary
    given = " ".join(f"--param {name}={value:.3f}" for name, value in settled.items())
    swept = " ".join(f"--sweep {name}={_short(low)}:{_short(high)}" for name, (low, high) in bounded.items())
    say("How to use it with `casegauge compare`:")
    say(f"- give: {given or 'nothing is settled by these counts'}")
    if "k" not in settled and filled is not None:
        say(f"- choose k between {_range(found.at_counts, 'k').replace(' to ', ' and ')}, and v follows: "
            f"k x v = {filled:.3f}")  # fmt: skip
    say(f"- sweep: {swept or 'nothing is bounded by these counts'}"
        + (" (h0 as it is at the burden your form has now)" if "h0" in bounded else ""))  # fmt: skip
    say(f"- a modeller's choice as before: {', '.join(UNCHANGED)} and the rest")
    ranged = [f"--param {name}={_short(low)}:{_short(high)}" for name, (low, high) in bounded.items()]
    decided = " ".join([given, *ranged]).strip()
    say(
        f"With `casegauge decide` (--param NAME=LOW:HIGH): {decided or 'nothing is settled or bounded by these counts'}"
    )


def _percent(interval: Range | None) -> str:
    return "all counted" if interval is None else f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f} %"


def _range(fits: Fits | None, name: str) -> str:
    return "no value fits" if fits is None else f"{_short(fits[name][0])} to {_short(fits[name][1])}"


def _short(share: float) -> str:
    return f"{share + 1e-9:.2f}"  # .595 is .60, whatever its last binary digit
