"""Numbers as sentences: the same words on the terminal and in the report."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmarks.ranges import Setting, decisive
from benchmarks.regimes import Contrast, Estimate, shown_regime
from benchmarks.tally import Tally
from synth.spec import VERDICTS

SPOKEN_OF = ("completeness_naive", "correct_of_all", "hidden_wrong_of_all")
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
    "alpha": "further records not made, per mandatory field above m0",
    "beta": "honesty lost, per mandatory field above m0",
    "m0": "mandatory fields that bother nobody",
    "nu": "says unknown when it is unknown and allowed",
    "tau": "says unknown although it is known",
    "override": "overrides a warning",
    "voluntary_placeholder": "of gaps nobody insists on: a placeholder",
    "slip_copied": "of slips: a value left over from the previous case",
    "further_blank": "of an insufficient case's other material items: blank as well",
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
    """Return what the regimes come to, in two sentences made from the numbers."""
    regime = shown_regime(contrast)
    if regime is None:
        return "One regime only: nothing to compare."
    before, after = (
        {
            name: contrast.measure(each, name).value
            for name in ("completeness_naive", "correct_of_all", "hidden_wrong_of_all")
        }
        for each in (contrast.base, regime)
    )
    return (
        f"From {contrast.base} to {regime}, the dashboard goes from {percent(before['completeness_naive'])} to "
        f"{percent(after['completeness_naive'])} complete. Of everything that happened, what is right goes from "
        f"{percent(before['correct_of_all'])} to {percent(after['correct_of_all'])}, "
        f"and what is wrong but looks right from "
        f"{percent(before['hidden_wrong_of_all'])} to {percent(after['hidden_wrong_of_all'])}."
    )


def price(contrast: Contrast, regime: str) -> str:
    """Return what the exchange rate of a regime against the base regime means."""
    right = contrast.difference(regime, "correct_of_all")
    wrong = contrast.difference(regime, "hidden_wrong_of_all")
    rate = contrast.exchange_rate(regime)
    name = f"{regime}: "
    if not (_clear(right) or _clear(wrong)):
        return f"{name}no difference from {contrast.base} that {contrast.n_cases:,} cases can show."
    more, fewer = _change(right, "right entries"), _change(wrong, "hidden wrong ones")
    lost = 1 - contrast.measure(regime, "capture_rate").value
    why = f" ({percent(lost)} of the records are never made)" if lost > 0 and right.value < 0 else ""
    if not (_known(right) and _known(wrong)):
        return f"{name}{more} and {fewer}{why}."
    if right.value <= 0 <= wrong.value:
        return f"{name}{more} and {fewer}{why}; at these settings worse at any price."
    if wrong.value <= 0 <= right.value:
        return f"{name}{more} and {fewer}; at these settings better at any price."
    side = "less" if right.value > 0 else "more"
    return (
        f"{name}exchange rate {rate.value:.2f} (±{rate.error:.2f}): better than {contrast.base} only if one hidden "
        f"wrong entry does {side} than {rate.value:.2f} of the good of one right entry."
    )


def _change(difference: Estimate, things: str) -> str:
    if difference.value == 0:
        return f"no change in {things}"
    if not _clear(difference):
        return f"no clear change in {things}"
    return f"{'more' if difference.value > 0 else 'fewer'} {things}"


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
    words = "; ".join(
        f"{name} ({PLAIN[name]}: {setting.value} gives right {signed(setting.right)}, "
        f"hidden wrong {signed(setting.wrong)})"
        for name in deciding
        for setting in settings
        if setting.parameter == name and setting.sign != settings[0].sign
    )
    return f"It depends on {words}."


def signed(difference: float) -> str:
    """Write a difference of shares in percentage points.

    Examples:
        >>> signed(0.0068), signed(-0.0083)
        ('+0.7 points', '-0.8 points')
    """
    return f"{100 * difference:+.1f} points"


def cross_table_says(tally: Tally, n_cases: int) -> str:
    """Return the one thing to read off a table of verdicts."""
    table = tally.cross_table()
    looks = int(table[0].sum())
    hidden = int(table[0, 1:].sum())
    agree = sum(int(table[place, place]) for place in range(len(VERDICTS)))
    if agree == n_cases:
        return "reviewer and truth agree in every case"
    return f"{hidden:,} of {looks:,} cases that look documented are not"
