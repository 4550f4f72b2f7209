"""Great Expectations suites, of the 0.x shape (expectation_type) and the 1.x shape (type).

A row is flagged where the engine on pandas lists it as unexpected. `mostly` becomes a limit beside the mask,
`row_condition` and `ignore_row_if` become `where`. Expectations about a column or table as a whole flag no row.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from checks.formats.collector import Collector
from checks.formats.gx_kinds import KINDS, NO_TRANSLATION, TEXT_BOUND, Said, Untranslatable, newer
from checks.formats.row_condition import build_condition, read_condition
from checks.formats.source import Place, Source
from checks.predicates import AllOf, AnyOf, NotNull, Predicate
from checks.rule import Limit
from synth.errors import CasegaugeError, RuleError

_ABOUT_THE_RUN = (
    "batch_id", "catch_exceptions", "description", "id", "include_config", "meta", "notes", "profiler_config",
    "rendered_content", "result_format", "severity", "windows",
)  # fmt: skip
_WHERE = ("row_condition", "condition_parser", "ignore_row_if")
_TARGETS = ("column", "column_A", "column_B", "column_list", "column_set")
_SEVERITIES = {"critical": "error", "warning": "warning", "info": "warning"}
_DIALECTS = {"pandas": False, "great_expectations": False, "great_expectations__experimental__": False, "spark": True}


def translate(source: Source, collector: Collector) -> None:
    """Translate every expectation of the suite."""
    tree = source.mapping(source.tree, ())
    for index, entry in enumerate(source.sequence(tree["expectations"], ("expectations",))):
        place = ("expectations", index)
        given = source.mapping(entry, place)
        kind = given.get("type", given.get("expectation_type"))
        if not isinstance(kind, str):
            collector.error(f"expectation-{index}", "it names no type (or expectation_type)", place)
            continue
        kwargs = given.get("kwargs", {})
        name = _name(kind, kwargs if isinstance(kwargs, dict) else {})
        collector.attempt(name, place, _Expectation(source, collector, place, name, kind, given).translate)


def _name(kind: str, kwargs: Mapping[str, Any]) -> str:
    short = kind.removeprefix("expect_").removeprefix("column_values_to_").removeprefix("column_")
    targets = [kwargs[key] for key in ("column", "column_A", "column_B") if isinstance(kwargs.get(key), str)]
    listed = kwargs.get("column_list")
    if isinstance(listed, list) and all(isinstance(item, str) for item in listed):
        targets += listed
    return f"{'+'.join(targets)}.{short}" if targets else short


class _Expectation:
    """One expectation of a suite."""

    def __init__(
        self, source: Source, collector: Collector, place: Place, name: str, kind: str, given: Mapping[str, Any]
    ) -> None:
        self.collector = collector
        self.place = place
        self.name = name
        self.kind = kind
        self.given = given
        self.kwargs = source.mapping(given.get("kwargs", {}), (*place, "kwargs"))

    def translate(self) -> None:
        """Add the rule, or say why there is none."""
        parameter = _parameter(self.kwargs)
        if parameter:
            self._unsupported(f"{parameter} is only known when the suite is run")
        elif self.kind in NO_TRANSLATION:
            self._unsupported(NO_TRANSLATION[self.kind])
        elif self.kind not in KINDS:
            self._unsupported(f"{self.kind} is not one of the expectations that come with Great Expectations")
        else:
            self._add()

    def _add(self) -> None:
        make, words = KINDS[self.kind]
        unread = [key for key in self.kwargs if key not in {*words, *_ABOUT_THE_RUN, *_WHERE, *_TARGETS, "mostly"}]
        if unread and "type" in self.given:
            raise RuleError(f"{unread[0]!r} is no argument of {self.kind}; the tool refuses it.")
        try:
            said = make(newer(self.kwargs) if "type" in self.given else self.kwargs)
            where = self._where(said)
        except Untranslatable as reason:
            self._unsupported(str(reason))
            return
        note = f"{', '.join(map(repr, unread))} is no argument of it, and is ignored as the tool does" if unread else ""
        rule: dict[str, Any] = {
            "null_policy": said.null_policy,
            "where": where,
            "severity": self._severity(),
            "description": self._description(),
            "reference": "Great Expectations",
            "limits": () if said.whole else self._limits(),
        }
        if said.level:
            rule["level"] = said.level
        if said.reason and not (said.reason == TEXT_BOUND and "type" not in self.given):
            self.collector.approximate(self.name, said.predicate, self.place, said.reason, **rule)
        else:
            self.collector.exact(self.name, said.predicate, self.place, note=note, **rule)

    def _unsupported(self, reason: str) -> None:
        self.collector.unsupported(self.name, reason, self.place)

    def _limits(self) -> tuple[Limit, ...]:
        """What may fail: one less `mostly`, in decimals, so that .9 lets exactly a tenth fail."""
        mostly = self.kwargs.get("mostly")
        if mostly is None:
            return ()
        if isinstance(mostly, bool) or not isinstance(mostly, (int, float)) or not 0 <= mostly <= 1:
            raise RuleError(f"mostly is {mostly!r}; it is a share from 0 to 1.")
        return (Limit(float(1 - Decimal(str(mostly))), severity=self._severity()),) if mostly < 1 else ()

    def _severity(self) -> str:
        word = self.given.get("severity", self.kwargs.get("severity", "critical"))
        if word not in _SEVERITIES:
            raise RuleError(f"severity is {word!r}. Possible: {', '.join(_SEVERITIES)}.")
        return _SEVERITIES[word]

    def _description(self) -> str:
        meta = self.given.get("meta")
        notes = self.given.get("description") or self.given.get("notes") or (meta or {}).get("notes") or ""
        if isinstance(notes, dict):
            notes = notes.get("content", "")
        lines = notes if isinstance(notes, list) else [notes]
        return " ".join(str(line) for line in lines)

    def _where(self, said: Said) -> Predicate | None:
        """Rows it is about: those of the row_condition, without those it is told to ignore."""
        parts = [part for part in (self._row_condition(), self._not_ignored(said)) if part is not None]
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts)) if parts else None

    def _row_condition(self) -> Predicate | None:
        condition, parser = self.kwargs.get("row_condition"), self.kwargs.get("condition_parser") or "pandas"
        if condition is None or condition == "":
            return None
        if parser not in _DIALECTS:
            raise Untranslatable(
                f"condition_parser {parser!r} runs code or is unknown; possible: {', '.join(_DIALECTS)}"
            )
        try:
            if isinstance(condition, dict):
                return build_condition(condition)
            return read_condition(str(condition), sql=_DIALECTS[parser])
        except (CasegaugeError, KeyError, TypeError) as problem:
            raise Untranslatable(str(problem)) from None

    def _not_ignored(self, said: Said) -> Predicate | None:
        if not said.ignorable:
            return None
        word = self.kwargs.get("ignore_row_if") or said.ignored
        filled = tuple(NotNull(field) for field in said.ignorable)
        if word in {"both_values_are_missing", "all_values_are_missing"}:
            return AnyOf(filled)
        if word in {"either_value_is_missing", "any_value_is_missing"}:
            return AllOf(filled)
        if word in {"neither", "never"}:
            return None
        raise RuleError(
            f"ignore_row_if is {word!r}. Possible: both_values_are_missing, either_value_is_missing, neither."
        )


def _parameter(value: Any) -> str:
    """The name of a suite parameter somewhere in the arguments, or nothing."""
    if isinstance(value, dict):
        if "$PARAMETER" in value:
            return f"the parameter {str(value['$PARAMETER'])!r}"
        value = list(value.values())
    return next((found for item in value if (found := _parameter(item))), "") if isinstance(value, list) else ""
