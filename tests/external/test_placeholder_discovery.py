"""Placeholders planted in columns of others and of ours: how many are found, how much of what is found was planted.

Columns and spellings are those of the half that was held apart while the evidence was weighed (tests/planted.py).
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
from planted import DATA, HELD_HOSTS, HELD_SPELLINGS, TYPES, hosts_of, plant

from checks import discover_placeholders
from checks.discovery import Suspect

RATES = (0.005, 0.03)
SEEDS = range(2)
DOCS = Path(__file__).parents[2] / "docs"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not DATA.is_dir(),
        reason="columns of others are no part of the project; ../shared/data (or CASEGAUGE_EXTERNAL_DATA) is absent",
    ),
]


@dataclass
class Count:
    """Spellings (in one column of one table) and cells: found and planted, planted, found and not planted."""

    hits: int = 0
    planted: int = 0
    false: int = 0
    cell_hits: int = 0
    cells: int = 0
    false_cells: int = 0

    def shown(self):
        cells = [
            share(self.hits, self.planted),
            share(self.hits, self.hits + self.false),
            share(self.cell_hits, self.cells),
            share(self.cell_hits, self.cell_hits + self.false_cells),
        ]
        return [str(self.planted), *(f"{cell:.2f}" for cell in cells)]


def share(part, whole):
    return part / whole if whole else float("nan")


def scored(rate, *, alone):
    """Counts by type of column and over all, on every held table and seed."""
    counts = defaultdict(Count)
    for name, types in hosts_of("held").items():
        for seed in SEEDS:
            planted = plant(name, types, HELD_SPELLINGS, rate, seed)
            frame, columns = planted.frame, list(planted.cells)
            if alone:
                suspects = [each for column in columns for each in discover_placeholders(frame[[column]])]
            else:
                suspects = discover_placeholders(frame, columns=columns)
            for column, (kind, held) in planted.cells.items():
                found = {each.value: each for each in suspects if each.column == column}
                for key in (kind, "all"):
                    add(counts[key], held, found)
    return counts


def add(count: Count, held: dict, found: dict[str, Suspect]):
    hits = held.keys() & found.keys()
    count.hits += len(hits)
    count.planted += len(held)
    count.cell_hits += sum(len(held[value]) for value in hits)
    count.cells += sum(map(len, held.values()))
    false = [each for value, each in found.items() if value not in held]
    count.false += len(false)
    count.false_cells += sum(each.n for each in false)


@pytest.fixture(scope="module")
def table():
    """Counts by rate and by whether the column stands alone."""
    return {(rate, alone): scored(rate, alone=alone) for rate in RATES for alone in (False, True)}


def test_all_held_tables_are_there():
    """The figures are about every table of the half."""
    assert hosts_of("held") == HELD_HOSTS


@pytest.mark.parametrize("rate", RATES)
def test_goal(table, rate):
    """Over all columns at least .80 of the placeholders are found, and at least .95 of what is found is one."""
    count = table[rate, False]["all"]

    assert share(count.hits, count.planted) >= 0.80
    assert share(count.hits, count.hits + count.false) >= 0.95
    assert share(count.cell_hits, count.cells) >= 0.80
    assert share(count.cell_hits, count.cell_hits + count.false_cells) >= 0.95


def test_the_page_shows_these_figures(table, capsys):
    """The table on the page is the one that is counted here."""
    lines = [
        f"| {kind} | {rate * 100:g} % | {' | '.join(table[rate, False][kind].shown())} |"
        f" {share(table[rate, True][kind].hits, table[rate, True][kind].planted):.2f} |"
        for kind in (*TYPES, "all")
        for rate in RATES
    ]
    with capsys.disabled():
        print("", *lines, sep="\n")  # noqa: T201  # the table for the page
    pages = "\n".join(page.read_text(encoding="utf-8") for page in sorted(DOCS.rglob("*.md")))

    assert [line for line in lines if re.sub(r"\s+", " ", line) not in re.sub(r" +", " ", pages)] == []
