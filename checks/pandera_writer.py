"""Rules written as pandera schemas of built-in checks, which pandera's YAML keeps whole."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from checks.coverage import Coverage, pandera_module
from checks.lost_words import in_words
from checks.pandera_checks import OfDtype
from checks.patterns import for_python
from checks.predicates import (
    Between,
    Custom,
    HasColumn,
    InSet,
    Length,
    NotBlank,
    NotIn,
    NotNull,
    Pattern,
    Predicate,
    ReadAs,
    Unique,
    kind_of,
)
from checks.rule import Rule
from synth.errors import RuleError


def to_pandera(rules: Iterable[Rule], *, system: str | None = None) -> tuple[Any, tuple[Coverage, ...]]:
    r"""Write the rules of one system as a pandera DataFrameSchema of built-in checks.

    Args:
        rules: rules; those of other systems are left out.
        system: whose rules; None: rules that name no system.

    Returns:
        The schema (its `to_yaml()` loses nothing) and, per rule, what pandera can carry of it.

    Examples:
        >>> schema, coverage = to_pandera([Rule("time", NotNull("time")), Rule("zip", Pattern("zip", "[0-9]{5}"))])
        >>> schema.columns["time"].nullable, schema.columns["zip"].checks
        (False, [<Check str_matches: str_matches('^(?:[0-9]{5})\Z')>])
        >>> {entry.status for entry in coverage}
        {'exact'}
    """
    pa = pandera_module()
    writer = _Writer(pa.Check)
    for rule in rules:
        if rule.system == system:
            writer.rule(rule)
    columns = {
        name: pa.Column(
            writer.dtypes.get(name),
            checks,
            nullable=name not in writer.not_null,
            unique=name in writer.unique,
            report_duplicates=_REPORTED[writer.unique.get(name, "all")],
        )
        for name, checks in writer.checks.items()
    }
    together, repeats = writer.unique_together or (None, "all")
    schema = pa.DataFrameSchema(columns, unique=together, report_duplicates=_REPORTED[repeats], name=system)
    return schema, tuple(writer.coverage)


_NO_CHECK = (Unique, NotNull, HasColumn)  # said by a column or schema itself, which knows no warning
_REPORTED = {"all": "all", "later": "exclude_first"}


class _Writer:
    """Collects the checks of a schema and what could not be carried."""

    def __init__(self, check: Any) -> None:
        self.check = check
        self.checks: dict[str, list[Any]] = {}
        self.not_null: set[str] = set()
        self.unique: dict[str, str] = {}
        self.unique_together: tuple[list[str], str] | None = None
        self.dtypes: dict[str, Any] = {}
        self.coverage: list[Coverage] = []

    def rule(self, rule: Rule) -> None:
        """Write one rule, or say why not."""
        reason = self._carried(rule)
        lost = [f"threshold {rule.threshold}"] if rule.threshold is not None else []
        lost += [f"limits ({len(rule.limits)})"] if rule.limits else []
        lost += ["a warning"] if rule.severity == "warning" and isinstance(rule.predicate, _NO_CHECK) else []
        if isinstance(rule.predicate, Unique) and rule.predicate.nulls == "ignore":
            lost.append("nulls: it counts a second null as a repeated value")
        if isinstance(rule.predicate, (Pattern, Length)) and rule.predicate.written == "python":
            lost.append("values that are no text (written as Python does)")
        lost += ["blames"] if rule.blames != Rule(rule.id, rule.predicate).blames else []
        if reason is not None:
            self.coverage.append(Coverage(rule.id, "unsupported", reason, kind_of(rule.predicate)))
        elif lost or isinstance(rule.predicate, ReadAs):
            reasons = [f"pandera has no place for {' and '.join(lost)}"] if lost else []
            if isinstance(rule.predicate, ReadAs):
                reasons.append(f"{in_words(rule.predicate)}; pandera judges the values as they are stored")
            reason = "; ".join(reasons)
            self.coverage.append(Coverage(rule.id, "approximate", reason, kind_of(rule.predicate)))
        else:
            self.coverage.append(Coverage(rule.id, "exact", place=kind_of(rule.predicate)))

    def _carried(self, rule: Rule) -> str | None:
        """Write a rule and return None, or return why it cannot be written."""
        if rule.where is not None:
            return "no built-in check has a condition (where)"
        predicate = rule.predicate
        match predicate:
            case Unique():
                if rule.null_policy == "fail" and predicate.nulls == "ignore":
                    return "a null does not fail pandera's unique"
                return self._unique(predicate)
            case NotNull(field=field) | HasColumn(column=field):
                self._column(field)
                self.not_null.update({field} if isinstance(predicate, NotNull) else ())
                return None
            case NotBlank(field=field):
                self.not_null.add(field)
                return self._put(field, "str_contains", {"pattern": r"\S"}, rule, nulls_fail=False)
            case InSet() | NotIn():
                return self._listed(predicate, rule)
            case Pattern():
                return self._pattern(predicate, rule)
            case Length(field=field, min=low, max=high):
                return self._put(field, "str_length", {"min_value": low, "max_value": high}, rule)
            case Between():
                return self._between(predicate, rule)
        return self._other(predicate, rule)

    def _other(self, predicate: Predicate, rule: Rule) -> str | None:
        """A type as pandera has it; what is read from texts first as pandera finds it stored; nothing else."""
        if isinstance(predicate, ReadAs) and _is_plain(predicate):
            return self._carried(replace(rule, predicate=predicate.of))
        if isinstance(predicate, Custom) and isinstance(predicate.function, OfDtype) and rule.severity == "error":
            asked = predicate.function
            if asked.field in self.dtypes:
                return f"column {asked.field!r} has the type {self.dtypes[asked.field]} already"
            self._column(asked.field)
            self.dtypes[asked.field] = asked.dtype
            return None
        known = in_words(predicate)
        return f"{known}, which no built-in check says" if known else f"no built-in check says {kind_of(predicate)}"

    def _pattern(self, predicate: Pattern, rule: Rule) -> str | None:
        """A pattern as Python reads it, which is how pandera does."""
        given, whole = predicate.regex, predicate.how == "full"
        try:
            if predicate.dialect == "ascii":
                given = for_python(given, whole=whole)
            elif whole:
                given = rf"(?:{given})\Z"
        except RuleError as problem:
            return str(problem)
        name = "str_contains" if predicate.how == "search" else "str_matches"
        return self._put(predicate.field, name, {"pattern": given}, rule, nulls_fail=rule.null_policy != "ignore")

    def _listed(self, predicate: InSet | NotIn, rule: Rule) -> str | None:
        """Lists as they are; with trim or without case, as a pattern that says the same."""
        inside = isinstance(predicate, InSet)
        if not predicate.trim and not predicate.ignore_case:
            given = {"allowed_values" if inside else "forbidden_values": list(predicate.values)}
            if not inside and rule.null_policy == "fail":
                return "pandera's notin lets a null pass"
            return self._put(predicate.field, "isin" if inside else "notin", given, rule)
        space = r"\s*" if predicate.trim else ""
        texts = [value.strip() if predicate.trim else value for value in map(str, predicate.values)]
        words = "|".join(re.escape(text) for text in texts)
        listed = rf"{space}(?:{words}){space}$"
        pattern = f"^{listed}" if inside else f"^(?!{listed})"
        flags = "(?i)" if predicate.ignore_case else ""
        return self._put(predicate.field, "str_matches", {"pattern": flags + pattern}, rule)

    def _between(self, predicate: Between, rule: Rule) -> str | None:
        bounds = [bound for bound in (predicate.min, predicate.max) if bound is not None]
        if not bounds:
            return "a between without bounds says nothing"
        guessed = predicate.stored == "any" and predicate.as_ == "auto"
        if predicate.as_ in {"number", "date"} or (guessed and all(map(_reads_as_number, bounds))):
            return f"pandera compares texts as texts, not as a {'date' if predicate.as_ == 'date' else 'number'}"
        if len(bounds) == 2:
            given = {"min_value": predicate.min, "max_value": predicate.max}
            given |= {"include_min": not predicate.exclude_min, "include_max": not predicate.exclude_max}
            return self._put(predicate.field, "in_range", given, rule)
        if predicate.min is not None:
            name = "greater_than" if predicate.exclude_min else "greater_than_or_equal_to"
            return self._put(predicate.field, name, {"min_value": predicate.min}, rule)
        name = "less_than" if predicate.exclude_max else "less_than_or_equal_to"
        return self._put(predicate.field, name, {"max_value": predicate.max}, rule)

    def _unique(self, predicate: Unique) -> str | None:
        fields = predicate.fields
        if len(fields) == 1:
            if self.unique.setdefault(fields[0], predicate.repeats) != predicate.repeats:
                return f"column {fields[0]!r} is unique already, with other rows of a group reported"
            self._column(fields[0])
            return None
        if self.unique_together is not None:
            return f"a schema holds one unique list; it has {self.unique_together[0]}"
        for field in fields:
            self._column(field)
        self.unique_together = list(fields), predicate.repeats
        return None

    def _put(
        self, field: str, name: str, given: dict[str, Any], rule: Rule, *, nulls_fail: bool | None = None
    ) -> str | None:
        """Add a built-in check; a second one of a name would be lost in pandera's YAML, so it is refused."""
        if any(check.name == name for check in self.checks.get(field, [])):
            return f"column {field!r} already has a {name}; pandera's YAML keeps one"
        ignore_na = not (rule.null_policy == "fail" if nulls_fail is None else nulls_fail)
        extra = {"ignore_na": ignore_na, "raise_warning": rule.severity == "warning"}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = getattr(self.check, name)(**given, **extra)
        self._column(field).append(made)
        return None

    def _column(self, field: str) -> list[Any]:
        return self.checks.setdefault(field, [])


def _is_plain(predicate: ReadAs) -> bool:
    """Whether texts are read as texts or numbers as they stand, for a condition that says more than the type."""
    inner = predicate.of
    as_they_stand = ReadAs(inner, predicate.type, regex=predicate.regex, unread=predicate.unread)
    if predicate != as_they_stand:
        return False
    if predicate.type == "number":
        return isinstance(inner, (Between, InSet, NotIn))
    bare_length = isinstance(inner, Length) and inner.max is None and not inner.min
    return (
        predicate.type == "text"
        and not predicate.regex
        and isinstance(inner, (InSet, NotIn, Pattern, Length))
        and not bare_length
    )


def _reads_as_number(bound: Any) -> bool:
    """Whether a text bound asks for numeric order; a bound that is a number has a column of numbers."""
    return isinstance(bound, str) and bool(re.fullmatch(r"[+-]?[0-9]+(?:\.[0-9]+)?", bound))
