"""Numbers as sentences: the same words on the terminal and in the report."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmarks.comparisons import Comparison
from benchmarks.ranges import Setting, decisive
from benchmarks.regimes import Contrast, shown_regime, verdict_counts
from benchmarks.settings import movable, plain, range_of
from benchmarks.spread import Estimate
from benchmarks.sweeps import EVASIONS, Sweep
from benchmarks.tally import Tally
from synth.behaviour import known_parameters
from synth.spec import VERDICTS

SPOKEN_OF = ("completeness_naive", "correct_in_system", "correct_of_all", "hidden_wrong", "capture_rate")
PLAIN_DEFECTS = {
    "missing": "blank, though there was something to record",
    "disguised_missing": "a placeholder in place of a value, such as N/A",
    "uninformative_valid": "a listed answer that says nothing",
    "wrong_value": "a valid value, but not the true one",
    "typo": "mistyped: no value of the field",
    "swapped": "the values of two fields exchanged",
    "copied_forward": "the value or text of the officer's previous case",
    "false_unknown": "known, but recorded as unknown",
    "narrative_contradiction": "a narrative states a fact otherwise than it was",
    "narrative_missing": "no narrative",
    "narrative_truncated": "a narrative that ends within a sentence",
    "lost_in_transmission": "lost on the way from another system",
    "duplicate_record": "a record entered twice",
    "off_system": "no record: never made, or kept elsewhere",
    "late_entry": "a record entered days too late",
}


def percent(share: float, digits: int = 1) -> str:
    """Write a share.

    Examples:
        >>> percent(0.9779), percent(float("nan"))
        ('97.8 %', 'undefined: 0 of 0')
    """
    return "undefined: 0 of 0" if math.isnan(share) else f"{100 * share:.{digits}f} %"


def points(error: float) -> str:
    """Write a simulation error of a share, in percentage points."""
    return "-" if math.isnan(error) else f"{100 * error:.2f}"


def headline(contrast: Contrast) -> str:
    """Return what the regimes come to: the dashboard, the records in the system, and everything that happened."""
    regime = shown_regime(contrast)
    if regime is None:
        return "One regime only: nothing to compare."
    before, after = (
        {name: contrast.measure(each, name).value for name in SPOKEN_OF} for each in (contrast.base, regime)
    )

    def change(name: str) -> str:
        return f"from {percent(before[name])} to {percent(after[name])}"

    said = (
        f"From {contrast.base} to {regime}, the dashboard goes {change('completeness_naive')} complete. In the records "
        f"that are in the system, what is right goes {change('correct_in_system')}, and what is wrong but looks right "
        f"{change('hidden_wrong')}."
    )
    if after["capture_rate"] < 1:
        lost_before, lost = (percent(1 - each["capture_rate"]) for each in (before, after))
        which = f"the {lost} of records that are not in it"
        if lost_before not in {lost, percent(0)}:
            which = f"the records that are not in it ({lost_before} before, {lost} after)"
        said += f" Counting {which}, what is right goes {change('correct_of_all')} of everything that happened."
    return said


def filled_is_not_documented(contrast: Contrast) -> str:
    """Return how many cells are filled beside how many cases are documented, in the base regime."""
    filled = contrast.measure(contrast.base, "completeness_naive").value
    documented = verdict_counts(contrast, contrast.base, "reviewer")[VERDICTS[0]] / contrast.n_cases
    return (
        f"{percent(filled)} of the cells are filled, yet {percent(documented)} of the cases are documented: one "
        f"missing material item, or one contradiction, is enough."
    )


def price(contrast: Contrast, regime: str, *, against: str | None = None) -> str:
    """Return how a regime differs from another, by default the base regime, and what the exchange rate means."""
    other = against or contrast.base
    right = contrast.difference(regime, "correct_of_all", against=other)
    wrong = contrast.difference(regime, "hidden_wrong_of_all", against=other)
    if not (_clear(right) or _clear(wrong)):
        return f"{regime}: no difference from {other} that {contrast.n_cases:,} cases can show."
    said = f"{regime}: {_change(right, 'right')}, {_change(wrong, 'hidden wrong')}, of everything that happened"
    reading = bargain(contrast, regime, against=other)
    if not reading:
        return f"{said}."
    if reading.endswith("any price"):
        return f"{said}; at these settings {reading}."
    rate, side = contrast.exchange_rate(regime, against=other), "less" if right.value > 0 else "more"
    return (
        f"{said}; exchange rate {rate.value:.2f} (±{rate.error:.2f}): better than {other} only if one hidden wrong "
        f"entry does {side} than {rate.value:.2f} of the good of one right entry."
    )


def bargain(contrast: Contrast, regime: str, *, against: str) -> str:
    """Return when a regime is better than another, as its exchange rate says; nothing where chance may have set it."""
    right, wrong = (
        contrast.difference(regime, name, against=against) for name in ("correct_of_all", "hidden_wrong_of_all")
    )
    if not (_known(right) and _known(wrong)) or right.value == wrong.value == 0:
        return ""
    if right.value <= 0 <= wrong.value:
        return "worse at any price"
    if wrong.value <= 0 <= right.value:
        return "better at any price"
    rate = contrast.exchange_rate(regime, against=against).value
    return f"better if harm is {'under' if right.value > 0 else 'over'} {rate:.2f}"


def _change(difference: Estimate, thing: str) -> str:
    if difference.value == 0:
        return f"{thing} unchanged"
    if not _clear(difference):
        return f"{thing} not clearly changed"
    return f"{thing} {signed(difference.value)}"


def _known(difference: Estimate) -> bool:
    """Whether the sign of a difference is more than chance: clear, or nothing changed at all."""
    return difference.value == 0 or _clear(difference)


def _clear(estimate: Estimate) -> bool:
    """Whether a difference is more than two simulation errors from nothing."""
    return abs(estimate.value) > 2 * estimate.error


def depends_on(settings: Sequence[Setting], regime: str, base: str) -> str:
    """Return whether the answer holds over the range of every choice, one at a time, or what it depends on."""
    deciding = decisive(settings)
    if not deciding:
        return f"Moving one choice at a time over its range does not change which way {regime} differs from {base}."
    said = []
    for name in deciding:
        ends = [setting for setting in settings if setting.parameter == name]
        effects = "; ".join(
            f"at {end.value} right {signed(end.right)}, hidden wrong {signed(end.wrong)}" for end in ends
        )
        said.append(f"{name} ({plain(name)}; {ends[0].central} here): {effects}.")
    return f"Which way it goes depends on {' And on '.join(said)}"


def conclusion(found: Comparison) -> str:
    """Return the one line the range comes to: ahead or behind throughout, or what it depends on."""
    swept, regime = found.sweep, found.shown
    if regime is None:
        return "One regime only: nothing to compare."
    if swept is None:
        return depends_on(found.settings, regime, found.contrast.base) if found.settings else ""
    base, ahead, n_settings = found.contrast.base, swept.n_ahead(regime, found.omega), swept.n_settings
    taken = f"one hidden wrong entry taken to undo {found.omega:g} right one{'' if found.omega == 1 else 's'}"
    net = swept.net_gains(regime, found.omega)
    span = f"net right {signed(float(net.min()))} to {signed(float(net.max()))}"
    turning = turns(found)
    if ahead in {0, n_settings} and not turning:
        which = f"ahead of {base} in all" if ahead else f"not ahead of {base} in any of"
        return f"{regime} is {which} {n_settings:,} settings tried ({taken}; {span})."
    said = f"Whether {regime} is better than {base} depends on {what_decides(found)}: ahead in {ahead:,} of "
    said += f"{n_settings:,} settings tried ({taken}; {span})"
    if ahead in {0, n_settings}:
        side = "behind" if ahead else "ahead"
        said += f", but {side} with {' or '.join(f'{each.parameter} at {each.value}' for each in turning[:3])} and all "
        said += "else as set"
    return f"{said}."


def turns(found: Comparison) -> list[Setting]:
    """Return the ends of ranges at which the net gain has another sign than in the settings all at once."""
    if found.sweep is None or not found.settings:
        return []
    ahead = found.sweep.n_ahead(str(found.shown), found.omega)
    common = ahead * 2 > found.sweep.n_settings
    return [each for each in found.settings[1:] if (each.net(found.omega) > 0) != common]


def what_decides(found: Comparison) -> str:
    """Return the parameters that the answer hangs on, the one that moves it most first."""
    regime = str(found.shown)
    deciding = [each.name for each in found.sweep.deciding(regime)[:3]] if found.sweep else []
    turning = list(dict.fromkeys(each.parameter for each in turns(found)))
    names = deciding or turning[:3] or decisive(found.settings)[:3]
    told = [f"{name} ({plain(name)})" if name != EVASIONS else name for name in names]
    if not told:
        return "more than so few settings tell"
    return ", ".join(told[:-1]) + (" and " if told[:-1] else "") + told[-1]


def ahead_counts(swept: Sweep, omega: float) -> str:
    """Return in how many settings each regime is ahead of the base regime: counts, no percentages."""
    counts = [f"{name} in {swept.n_ahead(name, omega):,}" for name in swept.regimes[1:]]
    how = "worked out in closed form" if not swept.n_cases else f"simulated with {swept.n_cases:,} cases each"
    return f"Of {swept.n_settings:,} settings, {how}, ahead of {swept.regimes[0]}: {', '.join(counts)}."


def enough(found: Comparison) -> str:
    """Return whether simulation error is small against the assumption range, or that it could not be made so."""
    if found.shown is None or not found.settings:
        return ""
    is_enough, needed = found.cases_enough()
    n_cases = found.contrast.n_cases
    if is_enough:
        return f"Simulation error at {n_cases:,} cases is under a tenth of the assumption range."
    return (
        f"Simulation error at {n_cases:,} cases is more than a tenth of the assumption range; about {needed:,} cases "
        "would do."
    )


def honesty_needed(value: float, regime: str, base: str) -> str:
    """Return what a break-even in honesty means.

    Examples:
        >>> honesty_needed(1.29, "all_25", "as_reported")
        'all_25: no honesty pays (it would take 1.29 of those who know, more than all of them).'
        >>> honesty_needed(0.703, "all_25", "optional")
        'all_25 is as good as optional if 0.70 of those who know tell the truth when forced.'
    """
    if math.isnan(value):
        return f"{regime}: honesty makes no difference to how it compares with {base}."
    if value > 1:
        return f"{regime}: no honesty pays (it would take {value:.2f} of those who know, more than all of them)."
    if value < 0:
        return f"{regime} is ahead of {base} even if nobody who knows tells the truth when forced."
    return f"{regime} is as good as {base} if {value:.2f} of those who know tell the truth when forced."


def signed(difference: float) -> str:
    """Write a difference of shares in percentage points.

    Examples:
        >>> signed(0.0068), signed(-0.0083)
        ('+0.68 points', '-0.83 points')
    """
    return f"{100 * difference:+.2f} points"


def cross_table_says(tally: Tally, n_cases: int) -> str:
    """Return the one thing to read off a table of verdicts."""
    table = tally.cross_table()
    looks = int(table[0].sum())
    hidden = int(table[0, 1:].sum())
    agree = sum(int(table[place, place]) for place in range(len(VERDICTS)))
    if agree == n_cases:
        return "reviewer and truth agree in every case"
    return f"{hidden:,} of {looks:,} cases that look documented are not"


def choices_in_short(found: Comparison) -> str:
    """Return the modeller's choices in one paragraph: value, range and grade of those that can matter here."""
    scenario = found.contrast.scenario
    names = movable(scenario, list(found.contrast.tallies))
    told = []
    for name in names:
        low, high = range_of(scenario, name) or ("", "")
        told.append(f"{name} {getattr(scenario.operator, name)} ({low} to {high}, {known_parameters()[name].grade})")
    return (
        f"Modeller's choices, as set (range, grade): {'; '.join(told)}. Grades: M measured, S secondary source, D "
        "derived, U unverified; `casegauge scenario show` says what each is and what anchors it. ± is simulation error."
    )
