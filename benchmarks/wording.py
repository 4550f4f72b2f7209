"""Numbers as sentences: the same words on the terminal and in the report."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmarks.ranges import Setting, decisive
from benchmarks.regimes import Contrast, Estimate, shown_regime, verdict_counts
from benchmarks.tally import Tally
from synth.spec import VERDICTS

SPOKEN_OF = ("completeness_naive", "correct_in_system", "correct_of_all", "hidden_wrong", "capture_rate")
PLAIN = {
    "k": "knows the true value when entering",
    "v": "fills a field that may stay blank, if the value is known",
    "slips": "slips: an entry meant to be true is wrong",
    "h0": "tells the truth when forced, if it is known",
    "q_placeholder": "of evasions: a placeholder",
    "q_wrong": "of evasions: the first option, or a wrong pick",
    "q_copy": "of evasions: the previous case's value",
    "c": "a copied value is still true",
    "c_stable": "the same, for fields that seldom change",
    "w": "a wrong pick happens to be right",
    "x0": "records not made once anything is mandatory",
    "alpha": "records lost to each mandatory field beyond m0",
    "beta": "honesty lost to each mandatory field beyond m0",
    "m0": "mandatory fields that bother nobody",
    "nu": "says unknown when it is unknown and allowed",
    "tau": "says unknown although it is known",
    "override": "overrides a warning",
    "voluntary_placeholder": "of gaps nobody insists on: a placeholder",
    "slip_copied": "of slips: a value left over from the previous case",
    "further_blank": "of an insufficient case's other material items: blank as well",
    "q_uninformative": "of evasions: a listed answer that says nothing",
    "voluntary_uninformative": "of gaps nobody insists on: a listed answer that says nothing",
    "slip_typo": "of slips: a typing error",
    "novel_placeholder": "of placeholders: one that no list has",
}
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


def price(contrast: Contrast, regime: str) -> str:
    """Return how a regime differs from the base regime, and what the exchange rate means."""
    right = contrast.difference(regime, "correct_of_all")
    wrong = contrast.difference(regime, "hidden_wrong_of_all")
    if not (_clear(right) or _clear(wrong)):
        return f"{regime}: no difference from {contrast.base} that {contrast.n_cases:,} cases can show."
    said = f"{regime}: {_change(right, 'right')}, {_change(wrong, 'hidden wrong')}, of everything that happened"
    if not (_known(right) and _known(wrong)):
        return f"{said}."
    if right.value <= 0 <= wrong.value:
        return f"{said}; at these settings worse at any price."
    if wrong.value <= 0 <= right.value:
        return f"{said}; at these settings better at any price."
    rate = contrast.exchange_rate(regime)
    side = "less" if right.value > 0 else "more"
    return (
        f"{said}; exchange rate {rate.value:.2f} (±{rate.error:.2f}): better than {contrast.base} only if one hidden "
        f"wrong entry does {side} than {rate.value:.2f} of the good of one right entry."
    )


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
        said.append(f"{name} ({PLAIN[name]}; {ends[0].central} here): {effects}.")
    return f"Which way it goes depends on {' And on '.join(said)}"


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
