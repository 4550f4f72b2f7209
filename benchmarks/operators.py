"""Who types, and what the form lets them do: the operator of the closed forms.

An operator knows the true value of a field (k), fills it of their own accord if it is known (v) or though it is not
(u), slips (eps). What is not filled is a gap; what a forced gap becomes is in `benchmarks.field_model`. What a form
offers or refuses (not-values, a list to pick from, placeholders) changes what its operator can do: the functions here
that begin with `with_` return the operator at such a form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from synth.errors import DataError

if TYPE_CHECKING:
    from synth.spec import OperatorSpec

_SHARES = ("q_placeholder", "q_wrong", "q_copy", "q_uninformative")
_RATES = (
    "k", "v", "u", "eps", "h0", "careless", *_SHARES, "c", "w", "x0", "divert", "stay", "defer", "forget", "nu", "tau",
    "override", "override_unknown", "respell", "novel", "misfit", "unfit", "voluntary_placeholder",
    "voluntary_uninformative",
)  # fmt: skip
_AMOUNTS = ("alpha", "beta", "m0", "defer_days", "seconds_entry", "seconds_pick", "seconds_evasion")
Entry = Literal["typed", "pick", "narrative"]


@dataclass(frozen=True)
class Operator:
    """Who types: every number is a choice or an estimate, the defaults are the reference of the tests.

    Args:
        k: chance of knowing the true value at entry.
        v: chance of filling an optional field whose value is known.
        eps: chance that a value meant to be true is mistyped.
        h0: chance of telling the truth when forced, if known, before any burden.
        q_placeholder: share of evasions that are placeholders ("N/A", ".").
        q_wrong: share of evasions that are a wrong but valid value.
        q_copy: share of evasions copied forward from the previous case.
        c: chance that a copied value happens to be true.
        w: chance that a wrong pick happens to be true (a lucky default).
        x0: share of records that leave the system as soon as anything is required.
        alpha: hazard of leaving for each required field past m0.
        beta: decay of honesty for each required field past m0.
        m0: required fields an operator bears without burden.
        nu: chance of choosing an offered "unknown" when the value is unknown; 0 where it is not offered.
        tau: chance of dodging into an offered "unknown" though the value is known.
        q_uninformative: share of evasions that are a listed answer which says nothing.
        u: chance of filling an optional field whose value is not known: a guess, right with w.
        careless: share of people who never tell the truth when forced.
        divert: share of records kept elsewhere as soon as anything is required.
        stay: share of records that stay once anything is required; None: it follows from x0, divert and alpha.
        defer: share of records put off as soon as anything is required.
        defer_days: for how many days.
        forget: of what was known, the share forgotten with each of these days.
        override: share of warnings overridden by those who know the value.
        override_unknown: the same for those who do not; None: the same share.
        respell: of placeholders that the form refuses, the share typed again in a spelling that no list has.
        misfit: of true values, the share without an option where a list does not fit.
        voluntary_placeholder: of gaps, the share that holds a placeholder though nobody insists.
        voluntary_uninformative: of gaps, the share that holds a listed answer which says nothing though nobody insists.
        novel: of placeholders, the share that no list has: a dashboard takes them for values.
        unfit: of true values, the share without an option in this field's list; `with_pick_list` sets it.
        says_nothing: whether this field's list has an answer that says nothing.
        seconds_entry: seconds to enter a value that is meant.
        seconds_pick: the same where it is picked from a list.
        seconds_evasion: seconds to enter a placeholder, a default, a guess, a copy or "unknown".

    Examples:
        >>> Operator().gap
        0.405
    """

    k: float = 0.85
    v: float = 0.70
    eps: float = 0.03
    h0: float = 0.55
    q_placeholder: float = 0.40
    q_wrong: float = 0.35
    q_copy: float = 0.25
    c: float = 0.40
    w: float = 0.25
    x0: float = 0.02
    alpha: float = 0.0035
    beta: float = 0.03
    m0: int = 10
    nu: float = 0.0
    tau: float = 0.0
    q_uninformative: float = 0.0
    u: float = 0.0
    careless: float = 0.0
    divert: float = 0.0
    stay: float | None = None
    defer: float = 0.0
    defer_days: int = 0
    forget: float = 0.0
    override: float = 0.75
    override_unknown: float | None = None
    respell: float = 0.5
    misfit: float = 0.37
    voluntary_placeholder: float = 0.0
    voluntary_uninformative: float = 0.0
    novel: float = 0.0
    unfit: float = 0.0
    says_nothing: bool = False
    seconds_entry: float = 11.5
    seconds_pick: float = 5.5
    seconds_evasion: float = 1.4

    def __post_init__(self) -> None:
        for name in _RATES:
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise DataError(f"{name} is {value}; it is a chance or share between 0 and 1")
        for name in _AMOUNTS:
            value = getattr(self, name)
            if not 0 <= value < math.inf:
                raise DataError(f"{name} is {value}; it is a number of 0 or more")
        total = sum(getattr(self, name) for name in _SHARES)
        if not math.isclose(total, 1, abs_tol=1e-9):
            raise DataError(f"{' + '.join(_SHARES)} is {total:g}; the kinds of evasion must add up to 1")
        filled = self.voluntary_placeholder + self.voluntary_uninformative
        if filled > 1 + 1e-9:
            raise DataError(
                f"voluntary_placeholder + voluntary_uninformative is {filled:g}; of gaps they are 1 at most"
            )

    @property
    def voluntary(self) -> float:
        """f0 = k v + (1 - k) u: filled without being made to."""
        return self.k * self.v + (1 - self.k) * self.u

    @property
    def gap(self) -> float:
        """G = 1 - f0: nothing is filled in of one's own accord."""
        return self.known_gap + self.unknown_gap if self.u else 1 - self.k * self.v

    @property
    def known_gap(self) -> float:
        """K G = k (1 - v): gaps whose true value is known."""
        return self.k * (1 - self.v)

    @property
    def unknown_gap(self) -> float:
        """(1 - K) G = (1 - k)(1 - u): gaps whose true value is not known."""
        return (1 - self.k) * (1 - self.u)

    @property
    def known_share(self) -> float:
        """Share K of gaps whose true value is known; NaN without gaps."""
        return self.known_gap / self.gap if self.gap else math.nan

    @property
    def left_open(self) -> float:
        """Share of gaps that stay blank, and so can be forced: no placeholder or listed nothing stands there."""
        return max(0.0, 1 - self.voluntary_placeholder - self.voluntary_uninformative)

    @property
    def lucky_share(self) -> float:
        """Share g of evasions that happen to be right."""
        return (self.q_copy * self.c + self.q_wrong * self.w) * (1 - self.unfit)

    @property
    def nothing_share(self) -> float:
        """Share of evasions that become a listed answer which says nothing."""
        misfits = (self.q_copy * self.c + self.q_wrong * self.w) * self.unfit
        return self.q_uninformative + (misfits if self.says_nothing else 0.0)

    @property
    def hidden_share(self) -> float:
        """Share b of evasions that are wrong and look like an answer."""
        return 1 - self.q_placeholder - self.nothing_share - self.lucky_share

    @property
    def told_right(self) -> float:
        """Share of entries meant to be true that are right: no slip, and the list has the option."""
        return (1 - self.eps) * (1 - self.unfit)

    @property
    def told_wrong(self) -> float:
        """Share of entries meant to be true that are hidden wrong: slips, and wrong picks where no option fits."""
        return self.eps if self.says_nothing else self.eps + (1 - self.eps) * self.unfit

    def honesty(self, n_required: int) -> float:
        """h(m) = (1 - careless) h0 exp(-beta max(0, m - m0)): chance of telling the truth when forced."""
        return (1 - self.careless) * self.h0 * math.exp(-self.beta * max(0, n_required - self.m0))

    def retained(self, n_required: int) -> float:
        """R(m) = (1 - x0 - divert) exp(-alpha max(0, m - m0)): share of records that stay; 1 if nothing is required."""
        if n_required == 0:
            return 1.0
        if self.stay is not None:
            return self.stay
        return max(0.0, 1 - self.x0 - self.divert) * math.exp(-self.alpha * max(0, n_required - self.m0))

    def forgotten(self, n_required: int) -> float:
        """D = defer (1 - (1 - forget)^defer_days): of what was known, forgotten before entry; 0 if nothing is required.

        Examples:
            >>> round(Operator(defer=0.5, defer_days=2, forget=0.02).forgotten(10), 4)
            0.0198
        """
        return self.defer * (1 - (1 - self.forget) ** self.defer_days) if n_required else 0.0

    def truth_yield(self, n_required: int) -> float:
        """Share y = K (1 - D) h of forced gaps in which the truth is meant; NaN without gaps."""
        if not self.gap:
            return math.nan
        return self.known_gap * (1 - self.forgotten(n_required)) * self.honesty(n_required) / self.gap


def from_spec(
    spec: OperatorSpec,
    *,
    not_values: bool = False,
    stable: bool = False,
    says_nothing: bool = False,
    entry: Entry = "typed",
) -> Operator:
    """Return the operator of a scenario, at a field of the given form, for the closed forms.

    Closed forms are exact where fields are exchangeable given these settings, exits and burden are the same for every
    record (no conditional fields among the mandatory ones), no mechanism gives a process odds, and a list's answer
    that says nothing is never the true one. Parameters that concern other things (sigma, z, slip_copied, ...) are left
    out: `benchmarks.synchrony`, `benchmarks.branch_model`. How far people differ (h_icc) leaves every mean as it is.

    Args:
        spec: of a scenario, or of a regime (`synth.controls.operator_under`).
        not_values: whether the form accepts "unknown"; if not, nu and tau are 0.
        stable: whether the field seldom changes, so that copies are true with c_stable.
        says_nothing: whether the field's list has an answer that says nothing.
        entry: how it is entered: typed, picked from a list (no placeholders), or a narrative (no picks, no luck, no
            not-values).

    Raises:
        DataError: drift is above 0: honesty then depends on the day, and only a simulation tells.

    Examples:
        >>> from synth.scenario import load_scenario
        >>> reference = from_spec(load_scenario("reference").operator)
        >>> reference.nu, round(reference.truth_yield(10), 3)
        (0.0, 0.346)
    """
    if spec.drift > 0:
        raise DataError(
            f"drift is {spec.drift}; honesty then changes with the day and has no closed form. Simulate it."
        )
    same = {
        name: float(getattr(spec, name))
        for name in (
            "k", "v", "u", "h0", "careless", "w", "x0", "divert", "alpha", "beta", "defer", "forget", "override",
            "respell", "misfit", "voluntary_placeholder", "q_placeholder", "q_wrong", "q_copy", "seconds_pick",
            "seconds_evasion",
        )
    }  # fmt: skip
    nothing = float(spec.q_uninformative)
    same["q_wrong"] += 0.0 if says_nothing else nothing  # no such answer: the first option instead
    operator = Operator(
        **same,
        eps=float(spec.slips),
        c=float(spec.c_stable if stable else spec.c),
        m0=spec.m0,
        nu=float(spec.nu) if not_values else 0.0,
        tau=float(spec.tau) if not_values else 0.0,
        q_uninformative=nothing if says_nothing else 0.0,
        stay=None if spec.stay is None else float(spec.stay),
        defer_days=spec.defer_days,
        override_unknown=None if spec.override_unknown is None else float(spec.override_unknown),
        voluntary_uninformative=float(spec.voluntary_uninformative) if says_nothing else 0.0,
        novel=float(spec.novel_placeholder),
        says_nothing=says_nothing,
        seconds_entry=float(spec.seconds_typed),
    )
    if entry == "pick":
        return with_pick_list(operator, says_nothing=says_nothing)
    if entry == "narrative":
        return _telling(operator, float(spec.seconds_narrative))
    return operator


def with_not_values(operator: Operator, *, nu: float = 0.7, tau: float = 0.3, h0: float = 0.50) -> Operator:
    """Return the operator at a form that offers not-values: some who know dodge, fewer tell.

    Examples:
        >>> with_not_values(Operator()).nu
        0.7
    """
    return replace(operator, nu=nu, tau=tau, h0=h0)


def with_pick_list(operator: Operator, *, fits: bool = True, says_nothing: bool = False) -> Operator:
    """Return the operator at a field that is a list to pick from: no placeholders.

    Who would have put a placeholder takes the listed answer that says nothing, or else the wrong pick. In a list that
    does not fit, the share `misfit` of true values has no option: what would have been right there becomes the listed
    answer that says nothing, or else a wrong pick.

    Args:
        operator: who types.
        fits: whether every true value has an option.
        says_nothing: whether the list has an answer that says nothing.

    Examples:
        >>> listed = with_pick_list(Operator(), says_nothing=True)
        >>> listed.q_placeholder, listed.q_uninformative, listed.seconds_entry
        (0.0, 0.4, 5.5)
    """
    to_nothing, to_wrong = (operator.q_placeholder, 0.0) if says_nothing else (0.0, operator.q_placeholder)
    return replace(
        operator,
        q_placeholder=0.0,
        q_wrong=operator.q_wrong + to_wrong,
        q_uninformative=operator.q_uninformative + to_nothing,
        voluntary_placeholder=0.0,
        unfit=0.0 if fits else operator.misfit,
        says_nothing=says_nothing,
        seconds_entry=operator.seconds_pick,
    )


def with_placeholders_rejected(operator: Operator) -> Operator:
    """Return the operator at a field that refuses the placeholders on its list.

    Those that no list has (`novel`) pass. The share `respell` of the others is typed again in such a spelling. Of
    evasions, the rest goes to the other kinds in proportion (to the wrong pick, if there are no others); of gaps nobody
    insists on, the rest is blank. A simulation can only respell in a scenario that has `novel_placeholders`.

    Examples:
        >>> strict = with_placeholders_rejected(Operator())
        >>> [round(share, 3) for share in (strict.q_placeholder, strict.q_wrong, strict.q_copy)], strict.novel
        ([0.2, 0.467, 0.333], 1.0)
    """
    stands = operator.novel + (1 - operator.novel) * operator.respell
    rest = operator.q_placeholder * (1 - stands)
    total = operator.q_wrong + operator.q_copy + operator.q_uninformative
    wrong, copied, nothing = (
        (operator.q_wrong / total, operator.q_copy / total, operator.q_uninformative / total) if total else (1, 0, 0)
    )
    return replace(
        operator,
        q_placeholder=operator.q_placeholder * stands,
        q_wrong=operator.q_wrong + rest * wrong,
        q_copy=operator.q_copy + rest * copied,
        q_uninformative=operator.q_uninformative + rest * nothing,
        voluntary_placeholder=operator.voluntary_placeholder * stands,
        novel=1.0,
    )


def _telling(operator: Operator, seconds: float) -> Operator:
    """Return the operator at a narrative: evaded by a placeholder or the previous case's text, which is never true."""
    return replace(
        operator,
        q_placeholder=1 - operator.q_copy,
        q_wrong=0.0,
        q_uninformative=0.0,
        c=0.0,
        nu=0.0,
        tau=0.0,
        voluntary_placeholder=0.0,
        voluntary_uninformative=0.0,
        says_nothing=False,
        seconds_entry=seconds,
    )
