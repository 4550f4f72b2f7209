"""Which fields of a form to require, from a list of its fields: gain, harm, hours, lost records, what to measure."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rich import box
from rich.markup import escape
from rich.table import Table

from benchmarks.console import folded, print_json, progress_bar, say, seed, standard_output
from benchmarks.decide import tables
from benchmarks.decide.advice import AS_IT_IS, Advice, Range, advise
from benchmarks.decide.field_list import read_field_rows
from benchmarks.decide.files import page, refuse_place, workbook, write_whole
from benchmarks.decide.settings import MOST_SETTINGS, OMEGA_RANGE, USED, omega_of, with_parameters
from benchmarks.decide.template import template_text
from synth.behaviour import known_parameters, load_behaviour
from synth.errors import DataError, OutputError

WIDTH = 98  # of tables, so that they can be read where a line has 100 signs
LONGEST = 20  # of a line of a field's name in a table
NUMBERS = (("right", 12), ("hidden\nwrong", 12), ("hours of\nentry", 12), ("records\nlost", 10))  # least widths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `casegauge decide`."""
    about = "one row a field (CSV or .xlsx); --template prints one to fill in"
    parser.add_argument("fields", nargs="?", type=Path, metavar="FIELDS.csv", help=about)
    parser.add_argument("--template", action="store_true", help="print a list to fill in: --template > fields.csv")
    about = "harm of one hidden wrong entry in right entries: a number or LOW:HIGH; default: 0.5:2"
    parser.add_argument("--omega", metavar="X|LOW:HIGH", help=about)
    about = "a parameter as you measured it, such as h0=0.3:0.5; may be given more than once"
    parser.add_argument("--param", action="append", default=[], metavar="NAME=X|LOW:HIGH", help=about)
    about = "a file of parameters of your own, in the form of synth/behaviour.yaml"
    parser.add_argument("--behaviour", type=Path, metavar="FILE.yaml", help=about)
    about = "net right entries for 1,000 cases below which nothing is changed; default: 1"
    parser.add_argument("--worth", type=worth, default=1.0, metavar="N", help=about)
    parser.add_argument("--settings", type=n_settings, default=1000, metavar="N", help="of the sweep; default: 1,000")
    parser.add_argument("--seed", type=seed, default=1, metavar="S", help="of the sweep; default: 1")
    parser.add_argument("--html", type=Path, metavar="FILE.html", help="a new file: one page for the meeting")
    about = "a new file: the same as a workbook (needs the extra excel)"
    parser.add_argument("--xlsx", type=Path, metavar="FILE.xlsx", help=about)
    parser.add_argument("--json", action="store_true", help="print everything as JSON")


def worth(text: str) -> float:
    """Read a number of net right entries.

    Examples:
        >>> worth("2.5")
        2.5
    """
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1e6:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of entries; possible are 0 to 1,000,000")
    return number


def n_settings(text: str) -> int:
    """Read a number of settings.

    Examples:
        >>> n_settings("500")
        500
    """
    if not (text.isascii() and text.isdecimal()) or not 100 <= int(text[:9]) <= MOST_SETTINGS:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of settings; possible are 100 to {MOST_SETTINGS:,}")
    return int(text)


def execute(arguments: argparse.Namespace) -> int:
    """Decide, print and write."""
    if arguments.template:
        if arguments.fields is not None:
            raise DataError(
                f"--template prints an empty list and does not read {arguments.fields}. Leave out one of the two."
            )
        sys.stdout.write(template_text())
        return 0
    if arguments.fields is None:
        raise DataError("decide needs a list of fields. Run `casegauge decide --template > fields.csv`, fill it in.")
    places = [(option, out) for option, out in (("--html", arguments.html), ("--xlsx", arguments.xlsx)) if out]
    for option, out in places:
        refuse_place(option, out)
    if len({out.resolve() for _, out in places}) < len(places):
        raise OutputError(f"--html and --xlsx both name {arguments.html}. Name two files.")
    omega = OMEGA_RANGE if arguments.omega is None else omega_of(arguments.omega)
    parameters = dict(known_parameters())
    if arguments.behaviour is not None:
        given = load_behaviour(arguments.behaviour)
        unused = [name for name in given if name not in USED]
        parameters |= given
    else:
        unused = []
    rows, notes = read_field_rows(arguments.fields)
    notes += [f"parameters that decide does not use: {', '.join(unused)}"] if unused else []
    chosen = with_parameters(parameters, arguments.param)
    with progress_bar("deciding", len(rows)) as progress:
        advice = advise(rows, parameters=chosen, n_settings=arguments.settings, seed=arguments.seed, omega=omega,
                        worth=arguments.worth, notes=notes, progress=progress)  # fmt: skip
    title = arguments.fields.stem
    contents = {"--html": lambda: page(advice, title).encode(), "--xlsx": lambda: workbook(advice, title)}
    made = [(option, out, contents[option]()) for option, out in places]  # all made before one is written
    for option, out, content in made:
        write_whole(content, option, out)
    if arguments.json:
        print_json(tables.to_json(advice))
        return 0
    print_advice(advice, title)
    for option, out in places:
        say(f"{'Open the page' if option == '--html' else 'Workbook'}: {out}")
    return 0


def print_advice(advice: Advice, title: str) -> None:
    """Print verdicts, what to measure, sets of controls, and how all this is to be read."""
    say(f"{title}: {tables.headline(advice)}")
    say()
    _print_fields(advice)
    settle = tables.settle_rows(advice)
    if settle:
        say("What would settle it: one local measurement each")
        for row in settle:
            say(f"- {row['short']} ({row['says']}): {row['measure']}. {row['then']}.")
            say(f"Decides about: {', '.join(row['fields'])}.", indent=2)
        say()
    _print_forms(advice)
    if advice.steps:
        told = [f"{step.field}: {row['change']} ({tables.said(step.gain)})"
                for step, row in zip(advice.steps, tables.step_rows(advice), strict=True)]  # fmt: skip
        say(
            "The set found, in its order (greedy, at the central setting: always the change that adds most net right "
            f"entries to the whole record): {'; '.join(told)}."
        )
        say(tables.ONE_BY_ONE)
        say()
    for note, names in tables.note_rows(advice):
        say(f"{', '.join(names)}: {note}.")
    for note in advice.notes:
        say(f"Note: {note}.")
    say(tables.settings_say(advice))
    say(tables.CHOICE)
    say("What this cannot show stands in docs/decide.md and docs/limits.md.")


def _print_fields(advice: Advice) -> None:
    title = "One field changed at a time: what the change does to the whole form, for 1,000 cases"
    heads = [("field\ntoday", LONGEST), (f"verdict\nbest in, of {advice.settings.n_swept:,} settings", 22)]
    lines, silent = [], []
    for row in tables.field_rows(advice):
        if not row["is_typed"]:
            silent.append(row["field"])
            continue
        best = f"{row['leaning']}: {row['n_best']:,}"
        best += f"\n(change: {row['change']}: {row['n_change']:,})" if row["change"] != row["leaning"] else ""
        said = [f"{escape(folded(row['field'], LONGEST))}\n{escape(row['today'])}",
                f"[bold]{escape(row['verdict'])}[/]\n{escape(best)}"]  # fmt: skip
        lines.append((said, [_cell(row["numbers"][number]) for number in tables.SHOWN]))
    _print_parts(title, heads, lines)
    say(tables.draw_says(advice))
    say()
    if silent:
        say(f"Filled by the system, nothing to decide: {', '.join(silent)}.")
        say()


def _print_forms(advice: Advice) -> None:
    title = "The whole form; as it is: totals for 1,000 cases, the others: differences from it"
    heads = [("set of controls\nshown as complete", 23), ("ahead of\ntoday in", 14)]
    lines = []
    for row in tables.form_rows(advice):
        sign = row["name"] != AS_IT_IS
        cells = [_cell(row["numbers"][number], sign=sign) for number in tables.SHOWN]
        lines.append(([f"{escape(row['name'])}\n{row['complete']}", row["ahead"]], cells))
    _print_parts(title, heads, lines)


def _print_parts(
    title: str, heads: Sequence[tuple[str, int]], lines: Sequence[tuple[Sequence[str], Sequence[str]]]
) -> None:
    """Print words and numbers in one table; on a narrow terminal the later numbers in a second one, nothing cut."""
    width = min(WIDTH, standard_output().width)
    whole = sum(least for _, least in (*heads, *NUMBERS)) + len(heads) + len(NUMBERS) <= width
    half = len(NUMBERS) if whole else len(NUMBERS) // 2
    for start in range(0, len(NUMBERS), half):
        n_words = 1 if start else len(heads)
        shown = [*heads[:n_words], *NUMBERS[start : start + half]]
        fits = sum(least for _, least in shown) + len(shown) <= width
        table = Table(title=title if not start else f"{title} (continued)", title_justify="left", title_style="bold",
                      box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0),
                      width=width)  # fmt: skip
        for number, (head, least) in enumerate(shown):
            side: Literal["left", "right"] = "left" if number < n_words else "right"
            table.add_column(head, justify=side, overflow="fold", min_width=least if fits else None,
                             no_wrap=fits and not number)  # fmt: skip
        for words, numbers in lines:
            table.add_row(*words[:n_words], *numbers[start : start + half])
        _draw(table)


def _cell(number: Range, *, sign: bool = True) -> str:
    return f"{tables.said(number.central, sign=sign)}\n[dim]{tables.range_says(number, sign=sign)}[/]"


def _draw(table: Table) -> None:
    screen = standard_output()
    with screen.capture() as drawn:  # a console that writes by itself answers a closed pipe with exit 1
        screen.print(table)
    sys.stdout.write(drawn.get() + "\n")
