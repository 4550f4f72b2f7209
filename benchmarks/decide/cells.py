"""What one cell of each field holds under each state of its control, in closed form.

Honesty h is a straight line in every measure, so a cell is a part without it and a part that it multiplies.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.decide.field_list import OPTIONAL, STATES, UNKNOWN_ALLOWED, WARNED, FieldRow
from benchmarks.decide.people import People
from benchmarks.decide.settings import F64

INFORMED, LUCKY, HIDDEN, SECONDS, FILLED, NEEDED = range(6)
MEASURES = ("informed", "lucky", "hidden_wrong", "seconds", "filled", "needed")


def cells_of(rows: Sequence[FieldRow], people: People) -> tuple[F64, F64]:
    """Return what cells hold without honesty, and what burdened honesty h(m)/h0 adds.

    A warning is no burden, but meets the honesty that the mandatory fields of the record have left, and offers no
    "unknown". A placeholder nobody insisted on passes every control.

    Returns:
        Two arrays of shape (states, measures, settings, fields), by `STATES` and `MEASURES`, of a case in which the
        field applies and whose record is there. Stamped fields are right, in no time, under every state.
    """
    plain = np.zeros((len(STATES), len(MEASURES), *people.gap.shape))
    by_honesty = np.zeros_like(plain)
    for state in range(len(STATES)):
        heeded = 1 - people.override if state == WARNED else np.ones_like(people.gap)
        reached = np.zeros_like(people.gap) if state == OPTIONAL else people.gap * (1 - people.placeheld) * heeded
        without, by_honesty[state] = _forced(people, reached, offered=state == UNKNOWN_ALLOWED)
        plain[state] = _voluntary(people) + without
    for place, row in enumerate(rows):
        if row.stamped:
            plain[:, :, :, place], by_honesty[:, :, :, place] = 0, 0
            plain[:, [INFORMED, FILLED, NEEDED], :, place] = 1
    return plain, by_honesty


def _meant(people: People) -> tuple[F64, F64]:
    """Return how often an entry meant to be true is right, and how often it is hidden wrong."""
    fits = 1 - people.misfit
    return (1 - people.slips) * fits, people.slips + (1 - people.slips) * people.misfit * people.misfit_hidden


def _voluntary(people: People) -> F64:
    right, wrong = _meant(people)
    held = people.gap * people.placeheld
    guess_hidden = 1 - people.guess_right - _unlisted_luck(people)
    found = np.zeros((len(MEASURES), *people.gap.shape))
    found[INFORMED] = people.told * right
    found[LUCKY] = people.guessed * people.guess_right
    found[HIDDEN] = people.told * wrong + people.guessed * guess_hidden
    found[SECONDS] = people.told * people.seconds + (people.guessed + held) * people.seconds_evasion
    found[FILLED] = people.told + people.guessed + held
    found[NEEDED] = 1
    return found


def _unlisted_luck(people: People) -> F64:
    """Return how often a guess would be right, has no option, and becomes a listed answer that says nothing."""
    lost = np.divide(
        people.guess_right * people.misfit, 1 - people.misfit, where=people.misfit < 1, out=np.zeros_like(people.misfit)
    )
    return lost * (1 - people.misfit_hidden)


def _forced(people: People, reached: F64, *, offered: bool) -> tuple[F64, F64]:
    """Return what becomes of gaps that a control reaches: at h = 0, and what h(m)/h0 = 1 adds to that."""
    right, wrong = _meant(people)
    knew, knew_not = reached * people.known, reached * (1 - people.known)
    tau, nu = (people.tau, people.nu) if offered else (0.0, 0.0)
    evaded, turned = knew * (1 - tau) + knew_not * (1 - nu), knew * (1 - tau) * people.honest
    told = knew * people.honest
    without, added = (np.zeros((len(MEASURES), *people.gap.shape)) for _ in range(2))
    without[LUCKY], added[LUCKY] = evaded * people.lucky, -turned * people.lucky
    without[HIDDEN], added[HIDDEN] = evaded * people.hidden, told * wrong - turned * people.hidden
    without[SECONDS] = reached * people.seconds_evasion
    added[SECONDS] = told * (people.seconds - people.seconds_evasion)
    added[INFORMED] = told * right
    without[FILLED] = reached
    return without, added
