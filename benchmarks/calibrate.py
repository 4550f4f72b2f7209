"""A team's own counts after fields were made mandatory: what they say of the operator, and what they leave open.

Blank, placeholder and not-value shares come from a scan of all cells, right and hidden wrong ones from an audit. They
do not tell people who say the truth from people who are lucky: every yield of forced gaps within `y` fits them equally
well. So the answer is bounds, which more cases do not narrow; other data do (`WOULD_NARROW`).

Two uncertainties are kept apart. A bound at the counts takes every share as counted. The outer bound lets the audited
shares move over their audit intervals (real cases, if they were drawn at random). The share of slips is a modeller's
choice unless it was audited before the mandate; its range gives a third pair of columns, never mixed with the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any

from benchmarks.intervals import wilson_interval
from synth.behaviour import known_parameters
from synth.errors import DataError

Range = tuple[float, float]
Fits = Mapping[str, Range]
LEVEL = 0.95
PARAMETERS = {
    "y": "truth meant, of forced gaps",
    "h0": "tells the truth when forced, if it is known",
    "k": "knows the true value when entering",
    "v": "fills a field that may stay blank, if the value is known",
    "q_placeholder": "of evasions: a placeholder",
    "luck": "of evasions: right by luck (copied, default, guessed)",
}
WOULD_NARROW = {
    "first_blank": (
        "a log of cells blank at the first save: it tells forced gaps from cells filled anyway, in the same cases "
        "(--first-blank A/B)"
    ),
    "writer_could_know": (
        "the reviewer's question 'could the writer have known?', asked of every audited cell: it bounds what can have "
        "been told (--writer-could-know A/B)"
    ),
    "right_could_know": (
        "the same question asked of the right cells alone: who could not know was lucky (--right-could-know A/B)"
    ),
    "table": (
        "a table of recorded against true values, with the claim that evaders' picks ignore the truth: wrong picks of "
        "a value tell how often it is right by luck"
    ),
}
_COUNTS = ("blank", "placeholder", "not_value", "right", "wrong", "before_blank", "before_right", "before_wrong")
_WHOLES = ("cells", "audited", "before_cells")
_PAIRS = ("first_blank", "writer_could_know", "right_could_know")
UNCHANGED = ("c", "w", "q_wrong", "q_copy", "nu", "tau", "x0", "alpha", "beta", "m0")


@dataclass(frozen=True)
class Counted:
    """What a team has counted.

    Args:
        cells: needed cells after the fields were made mandatory, all scanned.
        audited: cells of which a reviewer knows the truth.
        right: of these, right.
        wrong: of these, hidden wrong: filled, plausible, wrong.
        blank: of `cells`, blank.
        placeholder: of `cells`, a known placeholder.
        not_value: of `cells`, "unknown" or another not-value.
        before_cells: needed cells of the same fields before, all scanned; None: not counted.
        before_blank: of these, blank or a placeholder: nothing was filled in; None: not counted.
        before_right: of cells audited before, right.
        before_wrong: of cells audited before, hidden wrong.
        first_blank: (A, B): of B cells logged, A were blank at the first save.
        writer_could_know: (A, B): of B audited cells, in A the writer could have known the truth.
        right_could_know: (A, B): the same of B cells that are right.
        design_effect: what a cell of the audit is worth less, where several cells of a case were audited (1: nothing).

    Raises:
        DataError: counts that cannot be.
    """

    cells: int
    audited: int
    right: int
    wrong: int
    blank: int = 0
    placeholder: int = 0
    not_value: int = 0
    before_cells: int | None = None
    before_blank: int | None = None
    before_right: int = 0
    before_wrong: int = 0
    first_blank: tuple[int, int] | None = None
    writer_could_know: tuple[int, int] | None = None
    right_could_know: tuple[int, int] | None = None
    design_effect: float = 1.0

    def __post_init__(self) -> None:
        self._check_counts()
        _check_parts("cells", self.cells, blank=self.blank, placeholder=self.placeholder, not_value=self.not_value)
        _check_parts("audited", self.audited, right=self.right, wrong=self.wrong)
        if self.audited > self.cells:
            raise DataError(f"audited {self.audited} is more than cells {self.cells}, of which they are a part")
        if self.right_could_know is not None and self.right_could_know[1] > self.right:
            asked, of = self.right_could_know
            raise DataError(
                f"right_could_know is {asked}/{of}, but only {self.right} audited cells are right; B is of these"
            )
        if self.first_blank is not None and self.before_cells is not None:
            raise DataError("first_blank and before_cells both tell how many cells were gaps; give one of them")
        self._check_before()

    def _check_before(self) -> None:
        if self.before_cells is not None and self.before_blank is not None:
            _check_parts("before_cells", self.before_cells, before_blank=self.before_blank)
        elif self.before_cells is not None:
            raise DataError(
                f"before_cells is {self.before_cells}, but before_blank is not given; give both (0 if none was blank)"
            )
        elif self.before_blank is not None:
            raise DataError(f"before_blank is {self.before_blank}, but before_cells is not given; give both")

    def _check_counts(self) -> None:
        for name in _COUNTS:
            if (getattr(self, name) or 0) < 0:
                raise DataError(f"{name} is {getattr(self, name)}; it is a count of 0 or more")
        for name in _WHOLES:
            if getattr(self, name) is not None and getattr(self, name) < 1:
                raise DataError(f"{name} is {getattr(self, name)}; it is a count of 1 or more")
        for name in _PAIRS:
            pair = getattr(self, name)
            if pair is not None and not 0 <= pair[0] <= pair[1] >= 1:
                raise DataError(f"{name} is {pair[0]}/{pair[1]}; it is A/B with 0 <= A <= B and B of 1 or more")
        if not 1 <= self.design_effect < math.inf:
            raise DataError(f"design_effect is {self.design_effect:g}; it is 1 or more")

    def shares(self) -> list[Counts]:
        """Return every share with its count, and its audit interval where it comes from a sample."""
        found = [
            Counts("blank", "blank", self.blank, self.cells),
            Counts("placeholder", "a known placeholder", self.placeholder, self.cells),
            Counts("not_value", "unknown or another not-value", self.not_value, self.cells),
            self._sampled("right", "right", self.right, self.audited),
            self._sampled("wrong", "hidden wrong", self.wrong, self.audited),
        ]
        if self.before_cells is not None and self.before_blank is not None:
            filled = self.before_cells - self.before_blank
            found.append(Counts("voluntary", "filled without being made to, before", filled, self.before_cells))
        if self.first_blank is not None:
            blank, logged = self.first_blank
            says = "filled without being made to, by the log"
            found.append(self._sampled("voluntary", says, logged - blank, logged))
        if self.before_right + self.before_wrong:
            valued = self.before_right + self.before_wrong
            found.append(self._sampled("slips", "hidden wrong, of cells filled before", self.before_wrong, valued))
        if self.writer_could_know is not None:
            found.append(self._sampled("known", "the writer could have known", *self.writer_could_know))
        if self.right_could_know is not None:
            found.append(self._sampled("right_known", "of right cells: could have known", *self.right_could_know))
        return found

    def _sampled(self, name: str, says: str, count: int, of: int) -> Counts:
        low, high = wilson_interval(count, of, level=LEVEL, design_effect=self.design_effect)[0]
        return Counts(name, says, count, of, (float(low), float(high)))


@dataclass(frozen=True)
class Counts:
    """A share as counted.

    Attributes:
        name: of the share.
        says: in plain words.
        count: how many.
        of: of how many.
        interval: audit interval (95 % Wilson: real cases, if drawn at random); None: all cells were counted.
    """

    name: str
    says: str
    count: int
    of: int
    interval: Range | None = None

    @property
    def share(self) -> float:
        """Count over total."""
        return self.count / self.of


@dataclass(frozen=True)
class Shares:
    """Shares of needed cells in the system, as bounds are worked out from them.

    Args:
        right: right.
        wrong: hidden wrong.
        placeholder: a placeholder.
        not_value: a not-value.
        blank: blank, where no field insists.
        slips: chance that an entry meant to be true is wrong.
        voluntary: f0, filled without being made to; None: not known, any share.
        known: k, share of cells whose truth the writer knew; None: not known.
        right_known: of right cells, the share whose truth the writer knew; None: not known.
    """

    right: float
    wrong: float
    placeholder: float = 0.0
    not_value: float = 0.0
    blank: float = 0.0
    slips: float = 0.03
    voluntary: float | None = None
    known: float | None = None
    right_known: float | None = None

    @property
    def most_meant(self) -> float:
        """Most of all cells that can hold an entry meant to be true, filled of one's own accord or told when forced.

        Who means the truth is right but for slips, so there are at most right / (1 - slips) of them and at most
        hidden wrong / slips; they put no placeholder, and they know. Right cells whose writer did not know are luck.
        """
        told_right = self.right * (1.0 if self.right_known is None else self.right_known)
        limits = [1 - self.blank - self.not_value - self.placeholder]
        if self.slips < 1:
            limits.append(told_right / (1 - self.slips))
        if self.slips > 0:
            limits.append(self.wrong / self.slips)
        if self.known is not None:
            limits.append(self.known)
        return min(limits)


def fitting(shares: Shares) -> Fits | None:
    """Return which values of each parameter fit some shares exactly: the bounds; None if nothing does.

    Nobody fills of their own accord what they do not know (u = 0), so f0 is all meant to be true.

    Args:
        shares: of needed cells.

    Examples:
        >>> reference = Shares(right=0.7628, wrong=0.1313, placeholder=0.1059, slips=0.03, voluntary=0.595)
        >>> [round(end, 2) for end in fitting(reference)["y"]]
        [0.0, 0.47]
    """
    least = shares.voluntary or 0.0  # not known: nobody filled anything, and all of it was told when forced
    most = shares.most_meant
    forced = 1 - shares.blank - least
    if most < least or forced <= 0 or shares.not_value + shares.placeholder > forced + 1e-12:
        return None
    told = most - least
    answered = forced - shares.not_value  # forced gaps that are told or evaded
    known_most = 1.0 if shares.known is None else shares.known
    known_least = least if shares.known is None else shares.known
    known_gaps = known_most - least
    honest = (0.0, min(1.0, told / known_gaps) if shares.known is not None and known_gaps > 0 else float(told > 0))
    return {
        "y": (0.0, told / forced),
        "h0": honest,
        "k": (known_least, known_most),
        "v": (0.0 if shares.voluntary is None else _over(least, known_most), _over(least, known_least)
              if shares.voluntary is not None else 1.0),
        "q_placeholder": _sorted(_over(shares.placeholder, answered), _over(shares.placeholder, answered - told)),
        "luck": _luck(shares, least, told, answered),
    }  # fmt: skip


def _luck(shares: Shares, least: float, told: float, answered: float) -> Range:
    """Return the share of evasions that are right by luck, with nobody and with as many as can be telling the truth."""
    ends = [_over(shares.right - (1 - shares.slips) * (least + each), answered - each) for each in (0.0, told)]
    return _sorted(*ends)


@dataclass(frozen=True)
class Calibration:
    """What counts say, and which parameters fit them.

    Attributes:
        counted: the counts.
        slips: chance of a slip that the bounds take.
        slips_range: its range where it is a modeller's choice; None where it was audited before.
    """

    counted: Counted
    slips: float
    slips_range: Range | None

    @cached_property
    def shares(self) -> Sequence[Counts]:
        """Every share as counted."""
        return self.counted.shares()

    @cached_property
    def at_counts(self) -> Fits | None:
        """Bounds with every share as counted; None if no value fits."""
        return fitting(self._central)

    @cached_property
    def over_audit(self) -> Fits | None:
        """Outer bounds: audited shares anywhere in their audit intervals."""
        sampled = {each.name: (each.interval[0], each.share, each.interval[1])
                   for each in self.shares if each.interval is not None}  # fmt: skip
        settings = [dict(zip(sampled, values, strict=True)) for values in product(*sampled.values())]
        return _outer([fitting(replace(self._central, **setting)) for setting in settings])

    @cached_property
    def over_slips(self) -> Fits | None:
        """Bounds at the counts over the range of slips; None where slips were audited, or nothing fits."""
        if self.slips_range is None:
            return None
        low, high = self.slips_range
        return _outer([fitting(replace(self._central, slips=slips)) for slips in (low, self.slips, high)])

    @property
    def _central(self) -> Shares:
        found = {each.name: each.share for each in self.shares}
        return Shares(**{"slips": self.slips, **found})

    @property
    def yield_if_alike(self) -> float | None:
        """The one y that fits if those who know and do not tell are right by luck as often as those who do not know.

        None unless the reviewer's question was asked of all cells and of the right ones, gaps are known, and there are
        no not-values (who would have said them is not known).
        """
        shares = self._central
        if None in (shares.voluntary, shares.known, shares.right_known) or shares.not_value + shares.blank:
            return None
        voluntary, known, right_known = shares.voluntary or 0.0, shares.known or 0.0, shares.right_known or 0.0
        unknowing, forced = 1 - known, 1 - voluntary
        luck = _over(shares.right * (1 - right_known), unknowing)
        told = _over(shares.right - (1 - shares.slips) * voluntary - luck * forced, (1 - shares.slips) - luck)
        return _over(told, forced)

    @property
    def voluntary(self) -> float | None:
        """Share f0 = k v filled without being made to; None: not counted."""
        return self._central.voluntary

    def notes(self) -> list[str]:
        """Return what does not go together, and what the counts rest on."""
        found = []
        neither = wilson_interval(self.counted.audited - self.counted.right - self.counted.wrong, self.counted.audited,
                                  level=LEVEL, design_effect=self.counted.design_effect)[0]  # fmt: skip
        seen = (self.counted.blank + self.counted.placeholder + self.counted.not_value) / self.counted.cells
        if seen > neither[1]:
            found.append(
                f"Scan and audit do not go together: {seen:.1%} of scanned cells hold no value, but at most "
                f"{neither[1]:.1%} of audited ones (audit interval). Were they the same cells and fields?"
            )
        elif seen < neither[0]:
            found.append(
                f"At least {neither[0]:.1%} of audited cells are neither right nor wrong, but the "
                f"scan finds only {seen:.1%} without a value: listed answers that say nothing, or placeholders that "
                "its list lacks."
            )
        if self.at_counts is None:
            found.append(
                "No value fits the counts themselves: fewer entries are right, or more hold no value, than what was "
                "filled before and slips allow. Either the audit is off by chance (see the outer bounds), or before "
                "and after differ in more than the mandate."
            )
        if self.counted.before_cells is not None:
            found.append(
                "Before and after are different cases; that fields, people and cases were alike is your claim."
            )
        found.append("Nobody is taken to fill of their own accord what they do not know (u = 0).")
        return found

    def would_narrow(self) -> list[str]:
        """Return the data that would narrow the bounds and were not given."""
        given = {"first_blank": self.counted.first_blank, "writer_could_know": self.counted.writer_could_know,
                 "right_could_know": self.counted.right_could_know, "table": None}  # fmt: skip
        return [says for name, says in WOULD_NARROW.items() if given[name] is None]

    def settled(self) -> dict[str, float]:
        """Return the parameters that these counts settle, but for their audit intervals: ready to be given."""
        found = {} if self.slips_range is not None else {"slips": self.slips}
        shares = self._central
        if shares.known is not None:
            found["k"] = shares.known
            if shares.voluntary is not None and 0 < shares.voluntary <= shares.known:
                found["v"] = shares.voluntary / shares.known
        return found

    def bounded(self) -> dict[str, Range]:
        """Return the parameters of a scenario that can be swept by themselves, where not all from 0 to 1 fits.

        k and v cannot: their product is counted.
        """
        fits = self.at_counts or {}
        return {name: fits[name] for name in ("h0", "q_placeholder") if fits and fits[name] != (0.0, 1.0)}

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data; each range says what it is."""
        return {
            "shares": [
                {"share": each.name, "says": each.says, "count": each.count, "of": each.of, "value": each.share,
                 "audit_interval": None if each.interval is None else _interval(each.interval)}
                for each in self.shares
            ],
            "bounds": [
                {"parameter": name, "says": says} | {
                    kind: None if fits is None else list(fits[name])
                    for kind, fits in (("at_counts", self.at_counts), ("over_audit_interval", self.over_audit),
                                       ("over_slips_range", self.over_slips))
                }
                for name, says in PARAMETERS.items()
            ],
            "slips": {"value": self.slips, "modellers_choice": self.slips_range is not None,
                      "assumption_range": None if self.slips_range is None else list(self.slips_range)},
            "yield_if_luck_is_alike": self.yield_if_alike,
            "notes": self.notes(),
            "would_narrow": self.would_narrow(),
            "use": {"settled": self.settled(), "k_times_v": self.voluntary,
                    "bounded": {name: list(each) for name, each in self.bounded().items()},
                    "modellers_choice": [name for name in UNCHANGED if name not in self.settled()]},
        }  # fmt: skip


def what_fits(counted: Counted, *, slips: float | None = None) -> Calibration:
    """Return what a team's counts say of the operator: shares with audit intervals, parameters with bounds.

    Args:
        counted: the counts.
        slips: chance of a slip; None: as audited before, or else the central value of `synth/behaviour.yaml`, which is
            a modeller's choice.

    Examples:
        >>> found = what_fits(Counted(cells=1000, placeholder=106, audited=400, right=305, wrong=53,
        ...                           before_cells=1000, before_blank=405))
        >>> [round(end, 2) for end in found.at_counts["y"]], [round(end, 2) for end in found.over_audit["y"]]
        ([0.0, 0.47], [0.0, 0.57])
    """
    if slips is not None and not 0 <= slips <= 1:
        raise DataError(f"slips is {slips:g}; it is a share between 0 and 1")
    valued = counted.before_right + counted.before_wrong
    if valued and slips is not None:
        raise DataError("slips is given, and so are cells audited before, which tell it; give one of them")
    if valued:
        return Calibration(counted, counted.before_wrong / valued, None)
    choice = known_parameters()["slips"]
    chosen = float(choice.central) if slips is None else slips
    return Calibration(counted, chosen, (min(float(choice.low), chosen), max(float(choice.high), chosen)))


def _check_parts(name: str, whole: int, **parts: int) -> None:
    total = sum(parts.values())
    if total > whole:
        counts = " + ".join(f"{part} {count}" for part, count in parts.items())
        equals = f" = {total}" if len(parts) > 1 else ""
        raise DataError(f"{counts}{equals} is more than {name} {whole}; each cell counts once")


def _outer(found: Sequence[Fits | None]) -> Fits | None:
    fits = [each for each in found if each is not None]
    if not fits:
        return None
    return {name: (min(each[name][0] for each in fits), max(each[name][1] for each in fits)) for name in fits[0]}


def _interval(interval: Range) -> dict[str, Any]:
    return {"low": interval[0], "high": interval[1], "level": LEVEL, "method": "Wilson",
            "of": "real cases, if drawn at random"}  # fmt: skip


def _over(part: float, whole: float) -> float:
    """Return a share, kept within 0 and 1; 0 of 0 is 0."""
    return min(1.0, max(0.0, part / whole)) if whole > 1e-12 else float(part > 1e-12)


def _sorted(one: float, other: float) -> Range:
    return min(one, other), max(one, other)
