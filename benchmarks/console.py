"""What commands share: options, tables on the terminal, a progress bar that only a terminal sees, JSON."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from synth.chunks import MAX_CASES
from synth.draws import MAX_SEED

_GAP = 3  # between two columns; rich keeps two more for the edges
_LONG_WORD = 12
WIDTH = 118  # of tables when nobody says how wide the terminal is


def n_cases(text: str) -> int:
    """Read a number of cases.

    Examples:
        >>> n_cases("10_000")
        10000
    """
    return _whole(text, 1, MAX_CASES)


def seed(text: str) -> int:
    """Read a seed."""
    return _whole(text, 0, MAX_SEED)


def case_index(text: str) -> int:
    """Read a case number."""
    return _whole(text, 0, MAX_CASES - 1)


def workers(text: str) -> int:
    """Read a number of threads."""
    return _whole(text, 1, 64)


def _whole(text: str, low: int, high: int) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number; possible are {low} to {high:,}") from None
    if not low <= number <= high:
        raise argparse.ArgumentTypeError(f"{text} is out of range; possible are {low} to {high:,}")
    return number


def add_case_options(parser: argparse.ArgumentParser, *, default_cases: int | None) -> None:
    """Add the options that say which cases: scenario, how many, seed."""
    parser.add_argument("--scenario", default="oig-20-13", metavar="NAME|FILE", help="default: oig-20-13")
    about = "how many cases" + (f"; default: {default_cases:,}" if default_cases else "; default: as in whole blocks")
    parser.add_argument("--cases", type=n_cases, default=default_cases, metavar="N", help=about)
    parser.add_argument(
        "--seed", type=seed, default=1, metavar="S", help="default: 1; the same seed gives the same cases"
    )


def print_table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    note: str = "",
    text: bool = False,
    words: Sequence[int] = (0,),
) -> None:
    """Print a table: the first column to the left, numbers to the right, nothing cut off, no number broken.

    Args:
        title: above it.
        columns: their names.
        rows: the cells, as text.
        note: below it.
        text: yes = the cells are words and stand to the left.
        words: the columns that hold words and stand to the left, by place.
    """
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, caption=Text(note) if note else None,
                  caption_justify="left")  # fmt: skip
    screen = standard_output()
    wordy = [text or number in words for number in range(len(columns))]
    widths = _widths(columns, rows, wordy, screen.width)
    for number, name in enumerate(columns):
        side: Literal["left", "right"] = "left" if wordy[number] else "right"
        table.add_column(Text(name), justify=side, overflow="fold", width=widths[number])
    for row in rows:
        table.add_row(*map(Text, row))  # what stands in a record is no markup
    with screen.capture() as drawn:  # a console that writes by itself answers a closed pipe with exit 1
        screen.print(Text(title, style="bold"))
        screen.print(table)
    print("\n".join(line.rstrip() for line in drawn.get().split("\n")))


def _widths(
    columns: Sequence[str], rows: Sequence[Sequence[str]], wordy: Sequence[bool], width: int
) -> Sequence[int | None]:
    """How wide columns are: no number is broken, the first column comes first; None: as it comes."""
    n = len(columns)
    room = width - _GAP * n + 1
    cells = [[line for row in rows for line in row[number].splitlines()] for number in range(n)]
    natural = [max(map(cell_len, [heading, *of])) for heading, of in zip(columns, cells, strict=True)]
    if sum(natural) > room:
        for first, whole in ((min(natural[0], width // 2), True), (min(natural[0], width // 2), False), (0, False)):
            for longest in (room, 9, 7, 0):  # letters of a heading that stay together
                least = [_least_width([*(word[:longest] for word in heading.split()), *of], words=words, whole=whole)
                         for heading, of, words in zip(columns, cells, wordy, strict=True)]  # fmt: skip
                least[0] = max(least[0], first)
                if sum(least) <= room:
                    return _shared(least, natural, room, first=width // 2)
    return [None] * n


def _least_width(parts: Sequence[str], *, words: bool, whole: bool) -> int:
    """The longest part that must not be broken: a number, or a word that is not very long."""
    longest = max(
        (cell_len(word) for part in parts for word in ([part] if whole and not words else part.split())), default=1
    )
    return min(longest, _LONG_WORD) if words else longest


def _shared(least: Sequence[int], natural: Sequence[int], room: int, *, first: int) -> list[int]:
    """Share the room that is left: the first column up to a bound, then always the column that lacks most."""
    widths = list(least)
    widths[0] = max(widths[0], min(natural[0], first, widths[0] + room - sum(widths)))
    for _ in range(room - sum(widths)):
        lacking = max(range(len(widths)), key=lambda number: natural[number] - widths[number])
        if natural[lacking] <= widths[lacking]:
            break
        widths[lacking] += 1
    return widths


def say(text: str = "", *, indent: int = 0, hang: int = 0) -> None:
    """Print a paragraph, wrapped to the width of the terminal; lines after the first stand `hang` further in."""
    width = standard_output().width
    space, further = " " * indent, " " * (indent + hang)
    for line in text.split("\n"):
        wrapped = textwrap.wrap(line, width, initial_indent=space, subsequent_indent=further, break_on_hyphens=False)
        print("\n".join(wrapped) if wrapped else line)


def standard_output() -> Console:
    """Return the console of standard output; wide enough for the tables when it is not a terminal."""
    return Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)


def counted(number: int, thing: str) -> str:
    """Return a number with what is counted.

    Examples:
        >>> counted(1, "rule"), counted(2_000, "rule")
        ('1 rule', '2,000 rules')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def print_json(data: Any) -> None:
    """Print data as JSON."""
    print(json.dumps(data, indent=1, ensure_ascii=True, allow_nan=False))


@contextmanager
def progress_bar(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show progress on standard error while the block runs, if that is a terminal; give a function to call."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=total)
        yield lambda done: progress.update(task, completed=done)
