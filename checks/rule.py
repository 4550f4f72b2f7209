"""A rule: what must hold, for which rows, who is blamed when it does not."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from checks.predicates import Predicate, fields_of
from synth.errors import RuleError, nearest

LEVELS = ("cell", "record", "pair", "group", "table", "cross")
NULL_POLICIES = ("native", "ignore", "fail")
SEVERITIES = ("error", "warning")
UNITS = ("share", "rows")
FAMILIES = ("presence", "vocabulary", "within-record", "across-systems", "narrative", "history")


@dataclass(frozen=True)
class Limit:
    """How much may fail before a rule as a whole does. Never changes a mask.

    Attributes:
        above: more than this is too much.
        unit: share (of the evaluated rows) or rows.
        severity: error or warning, of the alert.
        inclusive: whether `above` itself is too much.
    """

    above: float
    unit: str = "share"
    severity: str = "error"
    inclusive: bool = False

    def __post_init__(self) -> None:
        """Refuse unknown words and shares outside 0 and 1."""
        for name, possible in (("unit", UNITS), ("severity", SEVERITIES)):
            if getattr(self, name) not in possible:
                raise RuleError(f"limit: {name} is {getattr(self, name)!r}. {nearest(getattr(self, name), possible)}")
        if self.above < 0 or (self.unit == "share" and self.above > 1):
            raise RuleError(f"limit: above is {self.above:g}; it is at least 0, and a share is at most 1.")

    def is_passed(self, n_fail: int, n_evaluated: int) -> bool:
        """Say whether so many failing rows are too many.

        Examples:
            >>> Limit(0.1).is_passed(1, 10), Limit(0.1).is_passed(2, 10)
            (False, True)
            >>> Limit(1, "rows", inclusive=True).is_passed(1, 9)
            True
        """
        allowed = Fraction(str(self.above)) * (n_evaluated if self.unit == "share" else 1)
        return n_fail >= allowed if self.inclusive else n_fail > allowed


@dataclass(frozen=True)
class Rule:
    """One check, independent of the data it will see.

    Attributes:
        id: unique within a rule set.
        predicate: what must hold.
        system: the frame it is about; None: the only one.
        where: rows the rule is about; the others are not evaluated. A condition that cannot be evaluated is not met.
        blames: fields blamed; default: those the predicate reads.
        level: cell, record, pair, group, table or cross; default: by the predicate's kind.
        null_policy: native (by kind, see docs/rules.md), ignore or fail.
        severity: error or warning.
        threshold: share of evaluated rows that may fail before the rule as a whole does. Never changes a mask.
        reference: where the rule comes from.
        family: what the rule looks at; default: by the predicate's kind.
        description: one sentence for a report.
        limits: more such limits, by share or rows, each with a severity; with any, no failing row is one too many
            by itself.
        place: where it stands in the file of another tool, for messages; two rules are equal whatever it is.

    Examples:
        >>> from checks.predicates import NotBlank
        >>> rule = Rule("time", NotBlank("encounter_time"), system="encounter")
        >>> rule.level, rule.family, rule.blames
        ('cell', 'presence', ('encounter_time',))
    """

    id: str
    predicate: Predicate
    system: str | None = None
    where: Predicate | None = None
    blames: tuple[str, ...] = ()
    level: str = ""
    null_policy: str = "native"
    severity: str = "error"
    threshold: float | None = None
    reference: str = ""
    family: str = ""
    description: str = ""
    limits: tuple[Limit, ...] = ()
    place: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        """Fill what the predicate's kind decides, refuse unknown words."""
        for name, value in (("level", self.predicate.level), ("family", self.predicate.family)):
            if not getattr(self, name):
                object.__setattr__(self, name, value)
        if not self.blames:
            object.__setattr__(self, "blames", fields_of(self.predicate))
        for name, possible in _CHOICES.items():
            if getattr(self, name) not in possible:
                raise RuleError(
                    f"rule {self.id!r}: {name} is {getattr(self, name)!r}. {nearest(getattr(self, name), possible)}"
                )
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise RuleError(f"rule {self.id!r}: threshold is {self.threshold}; it is a share from 0 to 1.")


_CHOICES = {"level": LEVELS, "null_policy": NULL_POLICIES, "severity": SEVERITIES, "family": FAMILIES}
