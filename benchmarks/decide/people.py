"""From a row of the list to the people who fill the field: what is known of it narrows the general range.

Every mapping here is a modeller's choice; `docs/decide.md` states each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.decide.field_list import (
    AT_THE_TIME,
    ELSE,
    FITS,
    FITS_NOT,
    LATER,
    NOBODY,
    REQUIRED,
    UNKNOWN_ALLOWED,
    WARNED,
    FieldRow,
)
from benchmarks.decide.settings import F64, Settings

# Chance of knowing the value at entry, low to high, by who knows it: narrower than k, or below it.
KNOWN_BY = {ELSE: (0.10, 0.30, 0.50), NOBODY: (0.0, 0.05, 0.10)}


@dataclass(frozen=True)
class People:
    """Who fills each field in each setting; arrays of shape (settings, fields).

    Attributes:
        told: filled of their own accord, and the truth was meant.
        guessed: filled of their own accord, though it was not known.
        gap: neither.
        known: of gaps, the value is known.
        placeheld: of gaps nobody insists on, those that hold a placeholder; a hard stop lets it pass.
        slips: chance of a slip.
        honest: chance of telling the truth when forced, before any burden.
        nu, tau: chance of "unknown" where it is offered, if it is not known, and if it is.
        override: chance of overriding a warning.
        placeholder, uninformative: of evasions, those that say nothing.
        lucky, hidden: of evasions, those that are right, and those that are wrong and look like an answer.
        guess_right: chance that a guess is right.
        misfit: of true values, without a fitting option.
        misfit_hidden: 1 where what has no option becomes a wrong pick, 0 where a listed answer says nothing.
        seconds, seconds_evasion: to enter a true value, and to evade.
    """

    told: F64
    guessed: F64
    gap: F64
    known: F64
    placeheld: F64
    slips: F64
    honest: F64
    nu: F64
    tau: F64
    override: F64
    placeholder: F64
    uninformative: F64
    lucky: F64
    hidden: F64
    guess_right: F64
    misfit: F64
    misfit_hidden: F64
    seconds: F64
    seconds_evasion: F64


def people_of(rows: Sequence[FieldRow], settings: Settings) -> People:
    """Return who fills each field in each setting."""
    n = (len(settings), len(rows))
    slips, honest, nu, tau, override = (
        np.broadcast_to(settings.value(name)[:, None], n) for name in ("slips", "h0", "nu", "tau", "override")
    )
    told, guessed, gap, known, placeheld = _voluntary(rows, settings)
    placeholder, wrong, copied, uninformative = _evasions(rows, settings, gap * (1 - placeheld), known, honest, nu, tau)
    stable = np.array([bool(row.stable) for row in rows])
    still = np.where(stable, settings.value("c_stable")[:, None], settings.value("c")[:, None])
    luck = np.broadcast_to(settings.value("w")[:, None], n)
    misfit = _misfit(rows, settings)
    misfit_hidden = np.broadcast_to(np.array([not row.has_other for row in rows], np.float64), n)
    right = copied * still + wrong * luck
    return People(
        told=told, guessed=guessed, gap=gap, known=known, placeheld=placeheld, slips=slips, honest=honest, nu=nu,
        tau=tau, override=override, placeholder=placeholder, uninformative=uninformative, lucky=right * (1 - misfit),
        hidden=copied + wrong - right + right * misfit * misfit_hidden, guess_right=luck * (1 - misfit), misfit=misfit,
        misfit_hidden=misfit_hidden, seconds=_seconds(rows, settings),
        seconds_evasion=np.broadcast_to(settings.value("seconds_evasion")[:, None], n),
    )  # fmt: skip


def _voluntary(rows: Sequence[FieldRow], settings: Settings) -> tuple[F64, F64, F64, F64, F64]:
    """Return told, guessed, gap, known among gaps, and placeholders among gaps nobody insists on.

    A blank rate fixes the size of the gap and leaves open who knew: the known share of gaps keeps the value it has at
    k and v of the setting. What cannot be (more guesses than there are filled cells) is cut back.
    """
    size = (len(settings), len(rows))
    told, guessed, gap, known, placeheld = (np.zeros(size) for _ in range(5))
    v, u = settings.value("v"), settings.value("u")
    for place, row in enumerate(rows):
        k = settings.value("k", known_range(row, settings))
        silent, ignorant = k * (1 - v), (1 - k) * (1 - u)
        open_share = silent + ignorant
        share_known = np.divide(k * (1 - v), k * (1 - v) + (1 - k), where=open_share > 0, out=np.zeros_like(k))
        if is_measured(row):
            blank, dots = row.blank or 0.0, row.placeholder or 0.0
            open_share = np.full_like(k, blank + dots)
            placeheld[:, place] = dots / (blank + dots) if blank + dots else 0.0
            of_unknown = (1 - share_known) * open_share  # gaps that nobody could have filled
            most = np.maximum(0, 1 - open_share)  # cells that are filled
            guessed[:, place] = np.minimum(most, np.divide(of_unknown * u, 1 - u, where=u < 1, out=most.copy()))
        else:
            guessed[:, place] = (1 - k) * u
            share_known = np.divide(silent, open_share, where=open_share > 0, out=np.zeros_like(k))
        gap[:, place], known[:, place] = open_share, share_known
        told[:, place] = np.maximum(0, 1 - open_share - guessed[:, place])
    return told, guessed, gap, known, placeheld


def is_measured(row: FieldRow) -> bool:
    """Whether the list says how often the field is left open of people's own accord.

    A field that is required already cannot say it: 0 % blank is what the form does, not what people do.
    """
    return row.blank is not None and row.now not in {REQUIRED, UNKNOWN_ALLOWED}


def known_range(row: FieldRow, settings: Settings) -> tuple[float, float, float]:
    """Return low, central and high of knowing the value at entry, by who knows it.

    Writer at the time: the upper half of k; writer later: the lower half; somebody else, nobody: `KNOWN_BY`.
    """
    low, central, high = settings.range_of("k")
    if row.who == AT_THE_TIME:
        return central, (central + high) / 2, high
    if row.who == LATER:
        return low, (low + central) / 2, central
    return KNOWN_BY.get(row.who or "", (low, central, high))


def _evasions(
    rows: Sequence[FieldRow], settings: Settings, forced: F64, known: F64, honest: F64, nu: F64, tau: F64
) -> tuple[F64, F64, F64, F64]:
    """Return the shares placeholder, wrong pick, copied, uninformative; a list has no placeholders."""
    placeholder, wrong, copied = (
        np.broadcast_to(settings.value(name)[:, None], forced.shape).copy()
        for name in ("q_placeholder", "q_wrong", "q_copy")
    )
    uninformative = np.zeros_like(placeholder)
    for place, row in enumerate(rows):
        if row.now not in {REQUIRED, UNKNOWN_ALLOWED, WARNED} or row.placeholder is None or row.now == WARNED:
            continue
        offered = row.now == UNKNOWN_ALLOWED
        knew, knew_not = known[:, place], 1 - known[:, place]
        evaded = knew * (1 - honest[:, place]) * (1 - tau[:, place] * offered) + knew_not * (1 - nu[:, place] * offered)
        evaded = evaded * forced[:, place]
        share = np.minimum(1, np.divide(row.placeholder, evaded, where=evaded > 0, out=np.ones_like(evaded)))
        rest = wrong[:, place] + copied[:, place]
        wrong[:, place] = np.divide((1 - share) * wrong[:, place], rest, where=rest > 0, out=(1 - share) / 2)
        placeholder[:, place] = share
        copied[:, place] = 1 - share - wrong[:, place]
    for place, row in enumerate(rows):
        if row.listed in {FITS, FITS_NOT}:
            to = uninformative if row.has_other else wrong
            to[:, place] += placeholder[:, place]
            placeholder[:, place] = 0
    return placeholder, wrong, copied, uninformative


def _misfit(rows: Sequence[FieldRow], settings: Settings) -> F64:
    misfit = np.zeros((len(settings), len(rows)))
    for place, row in enumerate(rows):
        if row.listed == FITS_NOT:
            misfit[:, place] = settings.value("misfit") if row.misfit is None else row.misfit
    return misfit


def _seconds(rows: Sequence[FieldRow], settings: Settings) -> F64:
    pick, typed = settings.value("seconds_pick"), settings.value("seconds_typed")
    columns = [
        np.full(len(settings), row.seconds) if row.seconds is not None else (pick if is_list(row) else typed)
        for row in rows
    ]
    return np.stack(columns, axis=1)


def is_list(row: FieldRow) -> bool:
    """Whether an answer is picked, not typed."""
    return row.listed in {FITS, FITS_NOT}
