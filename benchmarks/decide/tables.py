"""Advice as rows of text: the same words on the terminal, on the page, in the workbook and in JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from benchmarks.decide.advice import AS_IT_IS, NEARLY_ALL, NUMBERS, PER, Advice, FieldAdvice, Range
from benchmarks.decide.field_list import STATES
from benchmarks.decide.settings import OMEGA, USED
from benchmarks.decide.words import DEPENDS, HALF, MEASUREMENTS, SHORT, TODAY, called, parameter_says
from synth.behaviour import GRADES
from synth.listed_fields import counted

Row = dict[str, Any]

TITLES = {
    "right": "right", "informed": "of these, known", "lucky": "of these, by luck", "hidden_wrong": "hidden wrong",
    "net_right": "net right", "hours": "hours of entry", "records_lost": "records lost",
}  # fmt: skip
SHOWN = ("right", "hidden_wrong", "hours", "records_lost")
CHOICE = (
    "Modeller's choice: how people behave when a form insists is a choice with a range, not a measurement. Low to high "
    "is the range over settings; it is no interval and has no probability. Each setting is worked out in closed form, "
    "without simulation error; which settings the sweep holds is drawn."
)
ONE_BY_ONE = (
    "A field's own verdict and the set found may differ: a verdict takes one field at a time, everything else as it is "
    "today, over all settings; the set takes one change after another, each on top of those before, at the central "
    "setting."
)
CANNOT = (
    "Whether your office behaves like this. The verdicts follow from choices with wide ranges; the counts in the list "
    "narrow some of them, never all. Blank and placeholder rates cannot tell who knew from who told (docs/limits.md).",
    "Fields are independent of each other here: a writer who skips one skips the next no more often. Branches of other "
    "conditions come independently; one office, one kind of writer, no learning, no supervision, no audit.",
    "Which cases leave. Records that are not made are taken to be like the others; in life the awkward leave first.",
    "What a right entry of one field is worth against one of another: every field counts the same, and a hidden wrong "
    "entry does the same harm everywhere. A field that matters more than the rest is yours to see.",
    "Anything the records would be used for: linking, law, trust. A form that must hold a field by law stays as it is.",
)


def settings_say(advice: Advice) -> str:
    """Return what the numbers range over."""
    low, central, high = advice.settings.omega_range
    omega = f"omega {central:g}" if low == high else f"omega {low:g} to {high:g}, central {central:g}"
    return (
        f"Ranged over {len(advice.settings):,} settings: the central one, each parameter alone at both ends of its "
        f"range, and a sweep of {advice.settings.n_swept:,} ({omega}; omega is the harm of one hidden wrong entry in "
        f"units of one right entry). 'Best in' is a count of settings of the sweep, not a chance. A verdict "
        f"is plain where one control is best in {NEARLY_ALL:.0%} of them or more; a change counts only if it is worth "
        f"{advice.worth:g} net right entries (right less omega x hidden wrong) for 1,000 cases. In the tables: the "
        "central setting, and below it the lowest and highest of all settings."
    ).replace("%", " %")


def draw_says(advice: Advice) -> str:
    """Return how far a count of drawn settings can be trusted.

    The standard error of a count, sqrt(n p (1 - p)), is largest at p = 1/2.
    """
    n = advice.settings.n_swept
    widest, near_all = math.sqrt(n / 4), math.sqrt(n * NEARLY_ALL * (1 - NEARLY_ALL))
    return (
        f"The {n:,} settings are one seeded draw; another --seed draws others. A count of drawn settings has a "
        f"standard error of sqrt(n p (1 - p)): {widest:.0f} where it is near a half, {near_all:.0f} near "
        f"{NEARLY_ALL:.0%}. Differences within about {widest:.0f} to {2 * widest:.0f} of {n:,} mean nothing, nor does "
        "a verdict that turns plain or open by so little. This is about drawn settings, not about your office."
    ).replace("%", " %")


def headline(advice: Advice) -> str:
    """Return what the verdicts come to, counted."""
    typed = [each for each in advice.fields if each.verdict]
    counts: dict[str, int] = {}
    for each in typed:
        words = "depends" if each.verdict == DEPENDS else verdict_words(each)
        words = HALF[each.row.now].replace(";", ",") + " open" if each.is_half else words
        counts[words] = counts.get(words, 0) + 1
    if not typed:
        return "Nobody types any of these fields: nothing to decide."
    told = "; ".join(f"{words} {n}" for words, n in sorted(counts.items(), key=lambda each: -each[1]))
    said = f"Verdicts on {counted(len(typed), 'field')} that somebody types: {told}."
    there, found, everything, _ = advice.forms
    if advice.steps:
        n_fields = len({step.field for step in advice.steps})
        said += (
            f" The set found below changes {counted(n_fields, 'field')} and is ahead of today "
            f"in {found.n_ahead:,} of {advice.settings.n_swept:,} settings"
        )
    else:
        said += " No set of changes found is worth making at the central setting"
    said += (
        f"; with every field required, the dashboard goes from {percent(there.complete.central)} to "
        f"{percent(everything.complete.central)} complete, and the form is ahead of today in {everything.n_ahead:,}."
    )
    return said


def percent(share: float) -> str:
    """Write a share in whole per cent; 100 only where nothing is missing.

    Examples:
        >>> percent(0.956), percent(0.9999), percent(1.0)
        ('96 %', '99.9 %', '100 %')
    """
    return "99.9 %" if 0.995 <= share < 1 - 1e-9 else f"{100 * share:.0f} %"


def verdict_words(each: FieldAdvice) -> str:
    """Return a verdict as it is said to the owner of the form."""
    if not each.verdict:
        return "nothing to decide"
    if each.verdict == DEPENDS:
        about = f"depends on {SHORT[each.decider]}" if each.decider else "depends"
        return f"{HALF[each.row.now]} {about}" if each.is_half else about
    return called(each.row.now, each.leaning)


def leaning_words(each: FieldAdvice) -> str:
    """Return the control that is best most often."""
    return called(each.row.now, each.leaning)


def said(number: float, *, sign: bool = True) -> str:
    """Write a number for 1,000 cases.

    Examples:
        >>> said(3.81), said(-0.02), said(-1250.4), said(1250.4, sign=False)
        ('+3.8', '0', '-1,250', '1,250')
    """
    if round(number, 1) == 0:
        return "0"
    text = f"{number:+,.0f}" if abs(number) >= 10 else f"{number:+,.1f}"
    return text if sign else text.removeprefix("+")


def range_says(number: Range, *, sign: bool = True) -> str:
    """Write the range of a number; nothing where it is one number."""
    low, high = said(number.low, sign=sign), said(number.high, sign=sign)
    return "" if low == high == said(number.central, sign=sign) else f"{low} to {high}"


def field_rows(advice: Advice) -> list[Row]:
    """Return one row a field: today, verdict, and what the change that is best most often does."""
    n = advice.settings.n_swept
    found = []
    for each in advice.fields:
        option = each.change if each.options else None
        lead = each.options[each.leaning] if each.options else None
        found.append({
            "field": each.row.name,
            "today": TODAY[each.row.now] if each.verdict else "filled by system",
            "condition": condition_says(each),
            "verdict": verdict_words(each),
            "is_plain": each.verdict not in {"", DEPENDS},
            "is_typed": bool(each.verdict),
            "leaning": leaning_words(each) if each.verdict else "",
            "best_in": f"{lead.n_best:,} of {n:,}" if lead else "",
            "n_best": lead.n_best if lead else 0,
            "change": called(each.row.now, STATES.index(option.state)) if option else "",
            "n_change": option.n_best if option else 0,
            "numbers": {name: option.numbers[name] for name in NUMBERS} if option else {},
            "bar": [
                {"state": STATES[state], "name": called(each.row.now, state), "n": each.options[state].n_best,
                 "share": f"{100 * each.options[state].n_best / n:.1f}" if n else "0"}
                for state in range(len(STATES))
            ] if each.options else [],
            "why": why(each, advice),
            "settle": MEASUREMENTS.get(each.decider, ""),
            "notes": list(each.notes),
        })  # fmt: skip
    return found


def condition_says(each: FieldAdvice) -> str:
    """Return when a field is asked."""
    share = percent(each.row.applies)
    if each.row.condition:
        return f"if {each.row.condition} ({share} of cases{'' if each.row.applies_said else ', taken'})"
    return "" if each.row.applies == 1 else f"in {share} of cases"


def why(each: FieldAdvice, advice: Advice) -> str:
    """Return in one sentence how a verdict came about."""
    if not each.verdict:
        return ""
    n = advice.settings.n_swept
    lead, other = each.options[each.leaning], each.options[each.rival]
    words = f"{leaning_words(each)} is best in {lead.n_best:,} of {n:,} settings"
    if each.verdict != DEPENDS or not each.decider:
        return f"{words}."
    rival = called(each.row.now, each.rival)
    return (
        f"{words}, {rival} in {other.n_best:,}; which of the two is ahead goes most with {each.decider} "
        f"({parameter_says(each.decider, advice.settings.behaviour)}): {percent(each.share)} of the variance of their "
        "difference goes with it alone."
    )


def settle_rows(advice: Advice) -> list[Row]:
    """Return what to measure, what decides about most fields first."""
    found: dict[str, list[FieldAdvice]] = {}
    for each in advice.fields:
        if each.verdict == DEPENDS and each.decider:
            found.setdefault(each.decider, []).append(each)
    order = sorted(found, key=lambda name: (-len(found[name]), name))
    return [
        {"parameter": name, "short": SHORT[name], "says": parameter_says(name, advice.settings.behaviour),
         "measure": MEASUREMENTS[name], "fields": [each.row.name for each in found[name]], "then": _then(name)}
        for name in order
    ]  # fmt: skip


def _then(name: str) -> str:
    if name == OMEGA:
        return "Then: --omega LOW:HIGH"
    if name in USED:
        return f"Then: --param {name}=LOW:HIGH"
    return "Then: write it into the list (blank %, who knows it)"


def form_rows(advice: Advice) -> list[Row]:
    """Return one row a set of controls."""
    n = advice.settings.n_swept
    return [
        {
            "name": form.name,
            "is_today": form.name == AS_IT_IS,
            "complete": percent(form.complete.central),
            "numbers": dict(form.numbers if form.name == AS_IT_IS else form.changes),
            "ahead": "" if form.name == AS_IT_IS else f"{form.n_ahead:,} of {n:,}",
        }
        for form in advice.forms
    ]


def note_rows(advice: Advice) -> list[tuple[str, list[str]]]:
    """Return how rows were read: each note once, with its fields."""
    found: dict[str, list[str]] = {}
    for each in advice.fields:
        for note in each.notes if each.verdict else ():
            found.setdefault(note, []).append(each.row.name)
    return list(found.items())


def step_rows(advice: Advice) -> list[Row]:
    """Return the greedy order."""
    total, found = 0.0, []
    for number, step in enumerate(advice.steps, 1):
        total += step.gain
        found.append({"number": number, "field": step.field, "change": called(step.was, step.state),
                      "gain": step.gain, "total": total})  # fmt: skip
    return found


def parameter_rows(advice: Advice) -> list[Row]:
    """Return every choice with its range and grade."""
    low, central, high = advice.settings.omega_range
    found = [{"name": OMEGA, "says": "harm of one hidden wrong entry, in units of one right entry", "low": low,
              "central": central, "high": high, "grade": "U", "means": "a choice", "anchor": "yours"}]  # fmt: skip
    for name in USED:
        each = advice.settings.behaviour[name]
        found.append({"name": name, "says": each.says, "low": float(each.low), "central": float(each.central),
                      "high": float(each.high), "grade": each.grade, "means": GRADES[each.grade],
                      "anchor": each.anchor})  # fmt: skip
    return found


def to_json(advice: Advice) -> Row:
    """Return everything as plain data; numbers are for 1,000 cases and differences from the form as it is."""
    n = advice.settings.n_swept
    return {
        "kind": "modeller's choice: closed form over a seeded draw of settings; ranges have no probability",
        "per_cases": PER,
        "settings": {"n": len(advice.settings), "swept": n, "omega": list(advice.settings.omega_range),
                     "nearly_all": NEARLY_ALL, "worth": advice.worth, "draw": draw_says(advice)},
        "fields": [_field_json(each, advice) for each in advice.fields],
        "forms": [
            {"name": form.name, "controls": dict(zip((each.row.name for each in advice.fields),
                                                     (STATES[state] for state in form.states), strict=True)),
             "complete": _json_range(form.complete), "totals": _json_numbers(form.numbers),
             "changes": _json_numbers(form.changes), "ahead_in": form.n_ahead, "of_settings": n}
            for form in advice.forms
        ],
        "steps": [{"field": step.field, "from": STATES[step.was], "to": STATES[step.state],
                   "net_right": round(step.gain, 4)} for step in advice.steps],
        "settle": settle_rows(advice),
        "parameters": parameter_rows(advice),
        "notes": list(advice.notes),
        "cannot_show": list(CANNOT),
    }  # fmt: skip


def _field_json(each: FieldAdvice, advice: Advice) -> Row:
    if not each.verdict:
        return {"field": each.row.name, "now": "stamped", "verdict": None, "notes": list(each.notes)}
    return {
        "field": each.row.name, "now": STATES[each.row.now], "verdict": each.verdict, "says": verdict_words(each),
        "best_most_often": STATES[each.leaning], "best_in": each.options[each.leaning].n_best,
        "of_settings": advice.settings.n_swept, "depends_on": each.decider or None,
        "share_of_variance": round(each.share, 4) if each.decider else None,
        "turned_by_one_end": list(each.flips), "measure": MEASUREMENTS.get(each.decider),
        "options": [{"control": option.state, "best_in": option.n_best, **_json_numbers(option.numbers)}
                    for option in each.options],
        "notes": list(each.notes),
    }  # fmt: skip


def _json_numbers(numbers: Mapping[str, Range]) -> Row:
    return {name: _json_range(value) for name, value in numbers.items()}


def _json_range(value: Range) -> Row:
    return {"central": round(value.central, 4), "low": round(value.low, 4), "high": round(value.high, 4)}
