"""A pair's score as the table a person reads."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from benchmarks.console import standard_output
from benchmarks.pairs import CellCounts, PairScore

_UNDEFINED = "undefined: 0 of 0"
_HEAD = ("hits", "false", "missed", "precision", "sensitivity", "F1", "unique finds")
_NARROWEST = 12  # of names


def render_text(score: PairScore, *, width: int | None = None) -> str:
    """Return the table a person reads, as wide as the terminal, or as asked.

    Examples:
        >>> import pandas as pd
        >>> from benchmarks.pair_alignment import align_pair
        >>> from benchmarks.pairs import score_pair
        >>> from checks import load_rules
        >>> dirty = pd.DataFrame({"id": ["1", "2", "3"], "zip": ["12345", "1234", "54321"]})
        >>> rules = load_rules("rules: [{id: zip, not_null: zip}]")
        >>> print(render_text(score_pair(rules, align_pair(dirty, dirty, align="position"))).splitlines()[-1])
        The two files agree in all 6 cells; there is nothing to find.
    """
    width = standard_output().width if width is None else width
    said = (
        f"{score.rule_set}: {score.n_rows} rows x {score.n_columns} columns, "
        f"{score.n_wrong} wrong cells in {score.n_wrong_rows} rows; unit: cell",
        *(f"note: {note}" for note in score.notes),
        *([f"note: made the same first: {', '.join(score.normalise)}"] if score.normalise else []),
    )
    whole = {"all rules": score.overall, **score.baselines}
    rows = [[name, *_cells(counts), ""] for name, counts in whole.items()]
    rules = [[rule.id, *_cells(rule.counts), str(rule.n_unique_finds)] for rule in score.rules]
    meaning = (
        "hits: wrong cells flagged; false: right cells flagged; missed: wrong cells not flagged; unique finds: wrong "
        "cells that no other rule flags; -: undefined, 0 of 0."
    )
    below = (meaning, _in_words(score))
    lines = [
        *(line for text in said for line in textwrap.wrap(text, width)),
        "",
        *_table(rows, rules, width),
        "",
        *(line for text in below for line in textwrap.wrap(text, width)),
    ]
    return "\n".join(lines)


def _table(rows: Sequence[Sequence[str]], rules: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """The lines of a table: names to the left, folded where they are long, numbers to the right."""
    every = [["rule", *_HEAD], *rows, *rules]
    widths = [max(len(row[place]) for row in every) for place in range(1, len(_HEAD) + 1)]
    longest = max(len(row[0]) for row in every)
    gap = 3 if min(longest, width // 4) + sum(widths) + 3 * len(widths) <= width else 1
    room = max(width - sum(widths) - gap * len(widths), _NARROWEST)
    for row in (every[0], *rows, None, *rules):
        if row is None:
            yield ""
            continue
        first, *more = textwrap.wrap(row[0], room, break_on_hyphens=False) or [""]
        cells = (" " * gap).join(f"{cell:>{least}}" for cell, least in zip(row[1:], widths, strict=True))
        yield f"{first:{min(room, longest)}}{' ' * gap}{cells}".rstrip()
        yield from more
        if row is every[0]:
            yield "\u2500" * (min(room, longest) + sum(widths) + gap * len(widths))


def _in_words(score: PairScore) -> str:
    """What the first row means; or that there was nothing to find."""
    found = score.overall
    n_flagged = found.n_tp + found.n_fp
    if not score.n_wrong:
        return f"The two files agree in all {score.n_rows * score.n_columns} cells; there is nothing to find."
    return (
        f"precision of all rules: {_shown(found.precision, _UNDEFINED)}; sensitivity: "
        f"{_shown(found.sensitivity, _UNDEFINED)}; F1: {_shown(found.f1, _UNDEFINED)} "
        f"(of {n_flagged} flagged cells {found.n_tp} wrong; of {score.n_wrong} wrong cells {found.n_tp} flagged)"
    )


def _cells(counts: CellCounts) -> list[str]:
    numbers = [f"{number:,}" for number in (counts.n_tp, counts.n_fp, counts.n_fn)]
    return [*numbers, *(_shown(value, "-") for value in (counts.precision, counts.sensitivity, counts.f1))]


def _shown(value: float | None, undefined: str) -> str:
    return undefined if value is None else f"{value:.2f}"
