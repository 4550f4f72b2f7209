"""The report: one page of HTML that opens offline. Here results become text; nothing is worked out in the template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import jinja2
import markupsafe
import pandas as pd

from benchmarks import catches, compare_tables, measures
from benchmarks.catches import NOT_NULL_PACK
from benchmarks.chart import regime_chart
from benchmarks.choice_tables import choice_rows, range_rows
from benchmarks.job import Job
from benchmarks.ranges import MOST_CASES
from benchmarks.regimes import SHARES, shown_regime, verdict_counts
from benchmarks.spread import Estimate
from benchmarks.wording import (
    PLAIN_DEFECTS,
    ahead_counts,
    conclusion,
    cross_table_says,
    depends_on,
    enough,
    filled_is_not_documented,
    headline,
    honesty_needed,
    percent,
    points,
    price,
    signed,
)
from checks.packs import load_pack
from synth.spec import VERDICTS

Context = dict[str, Any]
UNITS_SAY = (
    "Unit cell: one field of one record. Unit pair, shaded: records of two systems held against each other, where a "
    "rule need not tell which is wrong. Unit case: all records of one case."
)
OF_AUDIT = (
    "Which fields were blank in the audited cases, which 25 are needed and which 10 enforced: the report does not say. "
    "The lists here are ours."
)
OF_RULES = (
    "How good a rule is on your records. Scores rank rules on defects that we planted, and the rules that read "
    "narratives know the wordings that the narratives are made of."
)
NO_PACKS = (
    "No built-in pack of rules knows the systems of this scenario, so no rules are scored. Score rules of your own "
    "with --rules FILE."
)
LIMITS = (
    "Whether a real office behaves like this. The operator's parameters are choices; a team's own blank and "
    "placeholder rates, and an audit with truth, narrow some of them but never all.",
    OF_AUDIT,
    "What copied text hides. A reviewer compares systems with each other; systems that are wrong together agree.",
    OF_RULES,
    "Effects over time, learning, supervision, or what people do once they know they are audited.",
)


def report_html(job: Job) -> str:
    """Return the report of a run as one self-contained page."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["breakable"] = breakable
    template = environment.from_string(files("benchmarks").joinpath("templates", "report.html.j2").read_text("utf-8"))
    return re.sub(r"(?<=\d) %", "\N{NO-BREAK SPACE}%", template.render(context(job))) + "\n"


def breakable(name: str) -> markupsafe.Markup:
    """Let a name wrap after an underscore, a stroke or a full stop.

    Examples:
        >>> print(breakable("all_25"))
        all_<wbr>25
    """
    return markupsafe.Markup("<wbr>").join(re.split(r"(?<=[_/.])", name))


def context(job: Job) -> Context:
    """Return everything the page says, as text."""
    ranges = range_rows(job.settings)
    idle = _rule_names(job, idle=True)
    return {
        "title": job.scenario.title,
        "scenario": job.scenario.scenario,
        "seed": job.seed,
        "n_cases": f"{job.n_cases:,}",
        "headline": headline(job.contrast),
        "shown": shown_regime(job.contrast),
        "depends": depends_on(job.settings, str(shown_regime(job.contrast)), job.contrast.base) if job.settings else "",
        "central": _central(job),
        "moving": [row for row in ranges if not row["is_quiet"]],
        "quiet": [row for row in ranges if row["is_quiet"]],
        "n_choices": len(ranges),
        "n_quiet": sum(row["is_quiet"] for row in ranges),
        "n_range_cases": "closed forms, exact"
        if job.comparison.is_exact
        else f"{min(job.n_cases, MOST_CASES):,} of the same cases",
        "replica": _replica(job),
        "base": job.contrast.base,
        "chart": markupsafe.Markup(regime_chart(job.contrast)),  # noqa: S704  # escaped in chart.py
        "chart_caption": "All needed fields of all systems. The axis does not begin at 0: the differences are small.",
        "regimes": _regime_rows(job),
        "measures": _measure_rows(job),
        "conclusion": conclusion(job.comparison),
        "enough": enough(job.comparison),
        "blocks": _blocks(job),
        "ahead": ahead_counts(job.comparison.sweep, job.comparison.omega) if job.comparison.sweep else "",
        "break_evens": [
            honesty_needed(value, name, job.contrast.base) for name, value in job.comparison.break_evens.items()
        ],
        "n_rule_cases": f"{min(job.n_cases, catches.MOST_CASES):,}",
        "exchange": [price(job.contrast, name) for name in job.contrast.tallies if name != job.contrast.base],
        "catch_pack": NOT_NULL_PACK if any(each.pack == NOT_NULL_PACK for each in job.catches) else "",
        "n_catch_fields": _n_fields(NOT_NULL_PACK),
        "verdicts": VERDICTS,
        "why_fewer_cases": _why_fewer_cases(job),
        "cross_tables": _cross_tables(job),
        "packs": score_rows(job, kinds=("pack", "baseline"), units=("cell", "case")),
        "rules": score_rows(job, kinds=("rule",), idle=False),
        "n_rules": f"{len(_rule_names(job)):,}",
        "idle_rules": idle,
        "n_idle": f"{len(idle):,}",
        "units_say": UNITS_SAY,
        "pack_names": list(job.packs),
        "by_defect": by_defect_rows(job),
        "choices": choice_rows(job.scenario),
        "choices_off": choice_rows(job.scenario, off=True),
        "section": section_numbers(job),
        "no_packs": NO_PACKS,
        "limits": _limits(job),
    }


def _limits(job: Job) -> list[str]:
    """Return what the page cannot show, of what is on it."""
    absent = {OF_AUDIT: NOT_NULL_PACK not in job.packs, OF_RULES: job.card is None}  # the pack has our 25 fields
    return [said for said in LIMITS if not absent.get(said)]


def section_numbers(job: Job) -> dict[str, int]:
    """Return the number of each section that the page has."""
    there = {"replica": job.replica, "regimes": True, "rules": job.card, "choices": True, "limits": True}
    return {name: number for number, name in enumerate((name for name, has in there.items() if has is not None), 1)}


def _replica(job: Job) -> Context | None:
    if job.replica is None:
        return None
    rows = [
        {**row, "share": percent(row["share"], 0), "interval": f"{percent(row['low'], 0)} to {percent(row['high'], 0)}"}
        for row in job.replica.rows()
    ]
    return {
        "rows": rows,
        "n_cases": job.replica.n_cases,
        "source": job.replica.source,
        "caution": job.replica.caution(),
    }


def _measure_rows(job: Job) -> list[Context]:
    rows = []
    contrast, names = job.contrast, list(job.contrast.tallies)
    for share in SHARES:
        cells = [{**_cell(contrast.measure(name, share.name)), "of": f"{contrast.denominator(name, share.name):,}"}
                 for name in names]  # fmt: skip
        says = f"{share.says} ({compare_tables.DENOMINATORS[share.denominator]})"
        rows.append({"name": share.name, "cells": cells, "says": says})
    of = {name: f"{contrast.denominator(name, 'correct_of_all'):,}" for name in names}
    cells = [{**_cell(contrast.net_right(name)), "of": of[name]} for name in names]
    rows.append({"name": "net_right(1)", "cells": cells, "says": "correct minus hidden wrong (cells due, all events)"})
    spent, lost = ([each(name) for name in names] for each in (contrast.minutes, contrast.lost_per_1000))
    cells = [{"value": f"{each.value:.2f}", "error": _two(each.error), "of": f"{job.n_cases:,}"} for each in spent]
    rows.append({"name": "minutes of entry", "cells": cells, "says": "a case; records never made take none (cases)"})
    cells = [{"value": f"{each.value:.1f}", "error": _two(each.error),
              "of": f"{contrast.denominator(name, 'capture_rate'):,}"}
             for name, each in zip(names, lost, strict=True)]  # fmt: skip
    return [*rows, {"name": "records lost", "cells": cells, "says": "of 1,000 there should be"}]


def _cell(found: Estimate) -> Context:
    return {"value": percent(found.value), "error": points(found.error)}


def _two(error: float) -> str:
    return "-" if error != error else f"{error:.2f}"  # noqa: PLR0124


def _regime_rows(job: Job) -> list[Context]:
    about = {name: job.scenario.regimes[name].about or "not described" for name in job.contrast.tallies}
    return [{"name": name, "says": says, "is_base": name == job.contrast.base} for name, says in about.items()]


def _central(job: Job) -> Context:
    return {"right": signed(job.settings[0].right), "wrong": signed(job.settings[0].wrong)} if job.settings else {}


def _blocks(job: Job) -> dict[str, compare_tables.Block | None]:
    """Return the tables that the terminal of `compare` shows as well."""
    found = job.comparison
    several = len(job.contrast.tallies) > 1
    return {
        "exchange": compare_tables.exchange_table(job.contrast, limits=True) if several else None,
        "in_system": compare_tables.in_system_table(job.contrast) if several else None,
        "catches": compare_tables.catch_table(found),
        "sweep": compare_tables.sweep_table(found),
        "sensitivity": compare_tables.sensitivity_table(found),
        "doses": compare_tables.dose_table(found),
        "next": compare_tables.next_table(found),
    }


def _n_fields(pack: str) -> int:
    return len({(rule.system, field) for rule in load_pack(pack) for field in rule.blames})


def _why_fewer_cases(job: Job) -> str:
    """Return why fewer cases than cells are in order; nothing where they are not fewer."""
    base = job.contrast.base
    filled = job.contrast.measure(base, "completeness_naive").value
    documented = verdict_counts(job.contrast, base, "reviewer")[VERDICTS[0]] / job.n_cases
    if not documented < filled:
        return ""
    cells = job.contrast.tallies[base].counts("asked").mean()
    return (
        f"Under {base}, {filled_is_not_documented(job.contrast)} A case has {cells:.0f} such cells on average; a "
        "material item is a field or narrative that a reviewer cannot do without."
    )


def _cross_tables(job: Job) -> list[Context]:
    tables = []
    for regime, tally in job.contrast.tallies.items():
        counts = tally.cross_table()
        rows = [
            {"verdict": verdict, "cells": [f"{cell:,}" for cell in counts[place]]}
            for place, verdict in enumerate(VERDICTS)
        ]
        tables.append({"regime": regime, "rows": rows, "says": cross_table_says(tally, job.n_cases)})
    return tables


def score_rows(
    job: Job, *, kinds: Sequence[str], units: Sequence[str] = ("cell",), idle: bool | None = None
) -> list[Context]:
    """Return scores as text.

    Args:
        job: the run.
        kinds: rule, pack, baseline.
        units: which units; what holds records against each other stands at unit pair as well.
        idle: True: only what flagged nothing; False: only what flagged something; None: both.
    """
    if job.card is None:
        return []
    table = job.card.table
    table = table[table["kind"].isin(kinds) & (table["defect"] == "any")]
    table = table[table["unit"].isin(units) | ((table["unit"] == "pair") & table["name"].isin(job.crossing))]
    if idle is not None:
        table = table[(table["n_flags"].groupby(table["name"]).transform("max") == 0) == idle]
    return [_score_row(row) for row in table.to_dict("records")]


def _rule_names(job: Job, *, idle: bool | None = None) -> list[str]:
    return list(dict.fromkeys(row["name"] for row in score_rows(job, kinds=("rule",), idle=idle)))


def _score_row(row: dict[Any, Any]) -> Context:
    return {
        "name": row["name"],
        "unit": row["unit"],
        "sensitivity": with_error(row["sensitivity"], row["simulation_error_sensitivity"]),
        "precision": with_error(row["precision"], row["simulation_error_precision"]),
        "f1": with_error(row["f1"], row["simulation_error_f1"]),
        "flags": f"{row['flags_per_1000_records']:,.1f}",
        "false_alarms": f"{row['n_fp']:,}",
        "unique": "-" if pd.isna(row["unique_finds"]) else f"{row['unique_finds']:,}",
    }


def with_error(value: float, error: float) -> str:
    """Write a measure with its simulation error.

    Examples:
        >>> with_error(0.4508, 0.0039), with_error(float("nan"), float("nan"))
        ('0.451 ±0.004', 'undefined: 0 of 0')
    """
    return measures.describe(value) + (f" ±{error:.3f}" if value == value and error == error else "")  # noqa: PLR0124


def by_defect_rows(job: Job) -> list[Context]:
    """Return, for every kind of defect, how many were planted and what share of them each pack finds.

    Cells first. A defect of a whole record has no cell to find it in, and gets a dash for every pack: a pack that flags
    such a record may do so for any other reason.
    """
    if job.card is None:
        return []
    table = job.card.table
    packs = table[(table["kind"] == "pack") & (table["defect"] != "any")]
    cells = packs[packs["unit"] == "cell"]
    rows = []
    for defect, group in cells.groupby("defect", sort=True):
        found = dict(zip(group["name"], group["sensitivity"], strict=True))
        rows.append(_defect_row(str(defect), group, [measures.describe(found[name]) for name in job.packs]))
    whole = packs[~packs["defect"].isin(cells["defect"]) & (packs["unit"] == "case")]
    for defect, group in whole.groupby("defect", sort=True):
        rows.append(_defect_row(str(defect), group, ["-" for _ in job.packs]))
    return rows


def _defect_row(defect: str, group: pd.DataFrame, cells: list[str]) -> Context:
    planted = int((group["n_tp"] + group["n_fn"]).max())
    return {"defect": defect, "says": PLAIN_DEFECTS[defect], "planted": f"{planted:,}", "cells": cells}
