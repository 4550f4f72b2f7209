"""What commands share: options, tables on the terminal, a progress bar that only a terminal sees, JSON."""

from __future__ import annotations

import argparse
import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
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
_LONG_NAME = 24
_NAME_PART = re.compile(r"[^_./\-]+[_./\-]*|[_./\-]+")
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
    screen = standard_output()
    wordy = [text or number in words for number in range(len(columns))]
    widths, gap = _layout(columns, rows, wordy, screen.width)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, gap // 2),
                  caption=Text(note) if note else None, caption_justify="left")  # fmt: skip
    for number, name in enumerate(columns):
        side: Literal["left", "right"] = "left" if wordy[number] else "right"
        heading = folded(name, widths[number] or cell_len(name))
        table.add_column(Text(heading), justify=side, overflow="fold", width=widths[number])
    for row in rows:
        cells = [folded(cell, width) if width and words else cell
                 for cell, width, words in zip(row, widths, wordy, strict=True)]  # fmt: skip
        table.add_row(*map(Text, cells))  # what stands in a record is no markup
    with screen.capture() as drawn:  # a console that writes by itself answers a closed pipe with exit 1
        screen.print(Text(title, style="bold"))
        screen.print(table)
    print("\n".join(line.rstrip() for line in drawn.get().split("\n")))


def _layout(
    columns: Sequence[str], rows: Sequence[Sequence[str]], wordy: Sequence[bool], width: int
) -> tuple[Sequence[int | None], int]:
    """How wide columns and the gaps between them are: no number is broken, nor a heading inside a word.

    Long names in the first column are folded, and gaps made narrow, before a heading is broken. None: as it comes.
    """
    n = len(columns)
    cells = [[line for row in rows for line in row[number].splitlines()] for number in range(n)]
    natural = [max(map(cell_len, [heading, *of])) for heading, of in zip(columns, cells, strict=True)]
    if sum(natural) <= _room(width, n, _GAP):
        return [None] * n, _GAP
    for gap, first, whole, longest in _tries(natural[0], width):
        least = [_least_width(_parts(heading, longest), of, words=words, whole=whole)
                 for heading, of, words in zip(columns, cells, wordy, strict=True)]  # fmt: skip
        least[0] = max(least[0], first)
        room = _room(width, n, gap)
        if sum(least) <= room:
            unbroken = [max(map(cell_len, " ".join([heading, *of]).split())) if words else 0
                        for heading, of, words in zip(columns, cells, wordy, strict=True)]  # fmt: skip
            names = [min(natural[0], width // 3), *(min(each, _LONG_NAME) for each in unbroken[1:])]
            sentences = [min(each, _LONG_NAME) if words else 0 for each, words in zip(natural, wordy, strict=True)]
            halves = [min(natural[0], width // 2), *([0] * (n - 1))]
            return _shared(least, (names, sentences, halves, natural), room), gap
    return [None] * n, 1


def _room(width: int, n: int, gap: int) -> int:
    return width - gap * n + 1


def _tries(natural: int, width: int) -> Iterator[tuple[int, int, bool, int | None]]:
    """Ever narrower: the gap, the first column at least, numbers whole or not, letters of a heading; None: words."""
    half, third, fifth = (min(natural, width // part) for part in (2, 3, 5))
    yield _GAP, half, True, None
    for first in (half, third):
        yield from ((_GAP, first, whole, 0) for whole in (True, False))
    for gap in (_GAP, 1):
        yield from ((gap, first, whole, 0) for first in (fifth, 0) for whole in (True, False))
    yield from ((1, 0, False, longest) for longest in (9, 7, 1))


def _parts(heading: str, longest: int | None) -> Iterator[str]:
    """The parts of a heading that stay together: words (None), words and what stands between "_" (0), some letters."""
    for word in heading.split():
        for part in [word] if longest is None else _NAME_PART.findall(word):
            yield part[:longest] if longest else part


def _least_width(heading: Iterable[str], cells: Sequence[str], *, words: bool, whole: bool) -> int:
    """The longest part that must not be broken: of a heading, a number; words are broken where they are long."""
    parts = cells if words or whole else [part for cell in cells for part in re.split(" (?!%)", cell)]
    longest = max(map(cell_len, parts), default=1)
    return max(min(longest, _LONG_WORD) if words else longest, *map(cell_len, heading), 1)


def _shared(least: Sequence[int], goals: Iterable[Sequence[int]], room: int) -> list[int]:
    """Share the room that is left: goal by goal, always to the column that lacks most."""
    widths = list(least)
    for wanted in goals:
        for _ in range(room - sum(widths)):
            lacking = max(range(len(widths)), key=lambda number: wanted[number] - widths[number])
            if wanted[lacking] <= widths[lacking]:
                break
            widths[lacking] += 1
    return widths


def folded(text: str, width: int) -> str:
    """Break words that are too long where a name has a "_", ".", "/" or "-", where it can be.

    Examples:
        >>> print(folded("all_25_unknown_allowed", 12))
        all_25_
        unknown_
        allowed
    """
    return "\n".join(" ".join(_fold(word, width) for word in line.split(" ")) for line in text.split("\n"))


def _fold(word: str, width: int) -> str:
    if cell_len(word) <= width:
        return word
    lines = [""]
    for part in _NAME_PART.findall(word):
        if lines[-1] and cell_len(lines[-1]) + cell_len(part) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


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
