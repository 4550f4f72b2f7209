"""A comparison of regimes as tables of text: the same rows on the terminal and in the report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.comparisons import Comparison, Track
from benchmarks.doses import Dose, DoseResponse
from benchmarks.ranges import Setting
from benchmarks.regimes import IN_SYSTEM, SHARES, Contrast
from benchmarks.settings import plain
from benchmarks.spread import Estimate
from benchmarks.sweeps import EVASIONS, TRUSTED
from benchmarks.wording import bargain, percent, points, signed
from synth.spec import VERDICTS

DENOMINATORS = {
    "asked": "cells asked, as recorded", "present_needed": "cells due, in the system",
    "needed": "cells due, all events",
    "present_valued": "cells due that hold a value", "events": "records there should be",
    "pairs": "pairs of statements", "all_pairs": "pairs, one side blank or none",
    "wrong_statements": "wrong statements of shared facts",
}  # fmt: skip
FEW_DOSES = 9  # rows of doses on the terminal


@dataclass(frozen=True)
class Block:
    """One table.

    Attributes:
        title: above it.
        columns: the names of its columns.
        rows: cells, as text.
        note: what to read off it, below.
        words: the columns that hold words, by place.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    words: Sequence[int] = (0,)


def with_error(found: Estimate, text: str, error: str) -> str:
    """Write an estimate with its simulation error; undefined has none.

    Examples:
        >>> with_error(Estimate(9.5, 0.01), "9.5", "0.01"), with_error(Estimate(math.nan, math.nan), "nan", "nan")
        ('9.5 ±0.01', 'undefined: 0 of 0')
    """
    if math.isnan(found.value):
        return "undefined: 0 of 0"
    return text if math.isnan(found.error) else f"{text} ±{error}"


def share(found: Estimate) -> str:
    """Write a share with its simulation error in points."""
    return with_error(found, percent(found.value), points(found.error))


def change(found: Estimate) -> str:
    """Write a difference of shares with its simulation error, both in points."""
    return with_error(found, f"{100 * found.value:+.2f}", points(found.error))


def measure_table(found: Comparison) -> Block:
    """Return every measure under every regime, with what it is a share of."""
    contrast, names = found.contrast, list(found.contrast.tallies)
    rows = []
    for each in SHARES:
        cells = [contrast.measure(name, each.name) for name in names]
        if all(math.isnan(cell.value) for cell in cells):
            continue  # one system has no pairs of statements
        of = f"{contrast.denominator(contrast.base, each.name):,} {DENOMINATORS[each.denominator]}"
        rows.append([each.name, *(share(cell) for cell in cells), of])
    rows.append([f"net_right({found.omega:g})", *(share(contrast.net_right(name, found.omega)) for name in names),
                 f"{contrast.denominator(contrast.base, 'correct_of_all'):,} cells due, all events"])  # fmt: skip
    minutes = [contrast.minutes(name) for name in names]
    lost = [contrast.lost_per_1000(name) for name in names]
    rows.append(["minutes of entry", *(with_error(each, f"{each.value:.2f}", f"{each.error:.2f}") for each in minutes),
                 f"a case, of {contrast.n_cases:,} cases"])  # fmt: skip
    rows.append(["records lost", *(with_error(each, f"{each.value:.1f}", f"{each.error:.1f}") for each in lost),
                 "of 1,000 there should be"])  # fmt: skip
    return Block(
        "Every measure under every regime", ["measure", *names, f"out of (under {contrast.base})"], rows,
        "± is simulation error (standard error, by officer), in points for shares. It says nothing about real cases.",
        words=(0, len(names) + 1),
    )  # fmt: skip


def exchange_table(contrast: Contrast, *, limits: bool = False) -> Block:
    """Return what each regime gains and costs against each earlier one: the headline.

    Args:
        contrast: the regimes.
        limits: yes = below each difference the 95 % limits of its simulation error.
    """
    rows = []
    for one, other in contrast.pairs():
        right, wrong = (
            contrast.difference(other, name, against=one) for name in ("correct_of_all", "hidden_wrong_of_all")
        )
        rate = contrast.exchange_rate(other, against=one)
        buys = right.value > 0 < wrong.value or right.value < 0 > wrong.value
        cells = [change(each) + (f"\n{_limits(each)}" if limits else "") for each in (right, wrong)]
        rows.append([one, other, *cells,
                     with_error(rate, f"{rate.value:.2f}", f"{rate.error:.2f}") if buys else "-",
                     bargain(contrast, other, against=one) or "no clear difference"])  # fmt: skip
    columns = ["from", "to", "right", "hidden wrong", "exchange rate", "the second is"]
    note = "Points, of all events. Exchange rate: gain in right entries over gain in hidden wrong ones. Harm: of one "
    note += "hidden wrong entry, in units of the good of one right entry."
    if limits:
        note += " Below each difference: 95 % limits of its simulation error; not an interval for real cases."
    return Block(
        "What a gain costs: exchange rates between regimes", columns, rows, note, words=(0, 1, len(columns) - 1)
    )


def _limits(found: Estimate) -> str:
    low, high = found.limits()
    return "-" if math.isnan(found.error) else f"{100 * low:+.2f} to {100 * high:+.2f}"


def in_system_table(contrast: Contrast) -> Block:
    """Return the contrasts of records in the system, twice: as dashboards show them, and on records in both."""
    rows = []
    for name in contrast.tallies:
        if name == contrast.base:
            continue
        rows += [
            [name, measure, change(contrast.difference(name, measure)),
             change(contrast.difference_in_both(name, measure))] for measure in IN_SYSTEM
        ]  # fmt: skip
    return Block(
        f"In the system, against {contrast.base}: what each dashboard would show, and the records that both have",
        ["regime", "measure", "each over its own records", "records in both"], rows,
        "Points. The two differ by the records that a regime loses: a dashboard cannot see them go.", words=(0, 1),
    )  # fmt: skip


def verdict_table(contrast: Contrast) -> Block:
    """Return the 3 x 3 tables: the verdict a reviewer would give, and the one that is true."""
    rows = []
    for name, tally in contrast.tallies.items():
        table = tally.cross_table()
        rows += [
            [name if not place else "", verdict, *(f"{cell:,}" for cell in table[place].tolist())]
            for place, verdict in enumerate(VERDICTS)
        ]
    return Block(
        "Verdicts: what a reviewer of the records would say, and what is true",
        ["regime", "reviewer says", *(f"truly {verdict}" for verdict in VERDICTS)], rows,
        "Off the diagonal a control has hidden something.", words=(0, 1),
    )  # fmt: skip


def catch_table(found: Comparison) -> Block | None:
    """Return what each rule pack still catches under each regime; None without rules."""
    names = list(found.contrast.tallies)
    packs = list(dict.fromkeys(each.pack for each in found.catches))
    if not packs:
        return None
    of = {(each.pack, each.regime): each for each in found.catches}
    rows = [
        [pack, *(f"{each.n_found:,} of {each.n_defects:,}" + (f" ({percent(each.sensitivity, 0)})" if each.n_defects
                 else "") for each in (of[pack, name] for name in names))]
        for pack in packs
    ]  # fmt: skip
    return Block(
        "What each rule pack still catches", ["pack", *names], rows,
        "Defects found, of those planted in the fields the pack looks at, in records that are in the system.",
    )  # fmt: skip


def one_by_one_table(found: Comparison) -> Block | None:
    """Return what moving one choice at a time does to the net gain of the regime spoken of; None without a range."""
    if not found.settings or found.shown is None:
        return None
    central, ends = found.settings[0], dict[str, list[Setting]]()
    for each in found.settings[1:]:
        ends.setdefault(each.parameter, []).append(each)
    moves = {name: max(abs(end.net(found.omega) - central.net(found.omega)) for end in both)
             for name, both in ends.items()}  # fmt: skip
    rows = [
        [name, ends[name][0].central, f"{ends[name][0].value} to {ends[name][-1].value}",
         *(" / ".join(f"{100 * getattr(end, side):+.2f}" for end in ends[name]) for side in ("right", "wrong")),
         " / ".join(f"{100 * end.net(found.omega):+.2f}" for end in ends[name])]
        for name in sorted(ends, key=moves.__getitem__, reverse=True)[:8]
    ]  # fmt: skip
    net = central.net(found.omega)
    return Block(
        f"The assumption range: {found.shown} against {found.contrast.base}, one choice at a time",
        ["choice", "as set", "low to high", "right", "hidden wrong", f"net right({found.omega:g})"], rows,
        f"Points, at the low and at the high end; as set, right {signed(central.right)}, hidden wrong "
        f"{signed(central.wrong)}, net {signed(net)}. What moves the net furthest comes first. A range over settings, "
        "not an interval.", words=(0,),
    )  # fmt: skip


def sweep_table(found: Comparison) -> Block | None:
    """Return the seeded sweep: low to high of each difference, and counts of settings; None without one."""
    swept = found.sweep
    if swept is None:
        return None
    rows = []
    for name in swept.regimes[1:]:
        right, wrong = swept.gains(name)
        net = swept.net_gains(name, found.omega)
        spans = [f"{100 * float(each.min()):+.2f} to {100 * float(each.max()):+.2f}" for each in (right, wrong, net)]
        rows.append([name, *spans, f"{swept.n_ahead(name, found.omega):,} of {swept.n_settings:,}"])
    how = "closed forms, exact" if not swept.n_cases else f"{swept.n_cases:,} simulated cases each, the same ones"
    return Block(
        f"Every choice at once: {swept.n_settings:,} settings, low to high against {swept.regimes[0]}",
        ["regime", "right", "hidden wrong", f"net right({found.omega:g})", "ahead in"], rows,
        f"Points. {how.capitalize()}; the same draws under every regime. Counts of settings, not chances: nobody knows "
        "how likely a setting is.", words=(0,),
    )  # fmt: skip


def sensitivity_table(found: Comparison) -> Block | None:
    """Return which choices make the net gain of the regime spoken of vary; None where the settings do not tell."""
    swept, regime = found.sweep, found.shown
    if swept is None or regime is None or regime not in swept.indices:
        return None
    explained = swept.explained[regime]
    if not explained >= TRUSTED:
        return None
    best = sorted(swept.indices[regime], key=lambda each: -each.total)[:6]
    rows = [[each.name, "" if each.name == EVASIONS else plain(each.name), f"{max(each.first, 0):.2f}",
             f"{max(each.total, 0):.2f}"] for each in best]  # fmt: skip
    how = (
        f"Saltelli's design on the closed forms, {swept.n_settings:,} settings apart from it."
        if not swept.n_cases
        else f"Read off a quadratic surface through the {swept.n_settings:,} settings; it explains {explained:.2f} of "
        "the spread of settings it has not seen."
    )
    return Block(
        f"Which choice decides: shares of the variance of {regime}'s net gain over settings",
        ["choice", "in plain words", "by itself", "with all it does together with others"], rows,
        f"Sobol indices, first-order and total. {how}", words=(0, 1),
    )  # fmt: skip


def dose_rows(found: DoseResponse, most: int | None = None) -> list[list[str]]:
    """Return the doses, all or about so many of them, always with none, the best and all."""
    doses = list(found.doses)
    if most is not None and len(doses) > most:
        step = max(1, round(len(doses) / (most - 1)))
        kept = {*range(0, len(doses), step), found.best.n_required, len(doses) - 1}
        doses = [dose for dose in doses if dose.n_required in kept]
    return [_dose(dose) for dose in doses]


def _dose(dose: Dose) -> list[str]:
    shares = [percent(each) for each in (dose.naive, dose.valued, dose.right, dose.wrong, dose.net)]
    return [f"{dose.n_required}", dose.field or "none", *shares, f"{dose.lost:.1f}"]


def dose_table(found: Comparison, most: int | None = None) -> Block | None:
    """Return measured and true quality as the fields of a form become mandatory one by one."""
    response = found.doses
    if response is None:
        return None
    order = "in the form's order" if response.order == "form" else "each time the field that gains most"
    how = "closed forms" if not response.n_cases else f"{response.n_cases:,} of the same cases"
    return Block(
        f"Dose and response: fields of {response.system} made mandatory one by one, {order}",
        ["mandatory", "the last one", "completeness_naive", "completeness_valued", "correct_of_all",
         "hidden_wrong_of_all", f"net_right({response.omega:g})", "lost of 1,000"],
        dose_rows(response, most),
        f"{how.capitalize()}. Most net right entries at {response.best.n_required} mandatory fields.", words=(0, 1),
    )  # fmt: skip


def next_table(found: Comparison, most: int | None = None) -> Block | None:
    """Return which further field is worth requiring, for the whole record."""
    response = found.doses
    if response is None or not response.following:
        return None
    rows = []
    alike = len({round(each.net.value, 9) for each in response.following}) == 1
    for each in response.following[: 1 if alike else most]:
        numbers = [
            with_error(part, f"{part.value:+.1f}", f"{part.error:.1f}") if part.n_officers else f"{part.value:+.1f}"
            for part in (each.right, each.wrong, each.net)
        ]
        reading = "not clear" if not each.clear else "worth it" if each.net.value > 0 else "not worth it"
        rows.append([f"any of {len(response.following)}" if alike else each.field, *numbers, reading])
    return Block(
        f"Which field next, from {response.base}: gain over the whole record, of 1,000 cases",
        ["field", "right entries", "hidden wrong entries", f"net right({response.omega:g})", "reading"], rows,
        "The field's own cells, what its burden takes from the others, and the records that leave with everything in "
        "them; by the regime's own choices.", words=(0, 4),
    )  # fmt: skip


def track_table(found: Comparison, track: Track) -> Block:
    """Return one parameter in steps: right and hidden wrong under every regime."""
    names = list(found.contrast.tallies)
    rows = [
        [f"{value.normalize():f}", *(f"{percent(track.right[name][place])} / {percent(track.wrong[name][place])}"
                                     for name in names)]
        for place, value in enumerate(track.values)
    ]  # fmt: skip
    how = "Closed forms" if not track.n_cases else f"{track.n_cases:,} simulated cases at each value, the same ones"
    return Block(
        f"{track.parameter} in steps: {plain(track.parameter)}", [track.parameter, *names], rows,
        f"correct_of_all / hidden_wrong_of_all. {how}.",
    )  # fmt: skip
