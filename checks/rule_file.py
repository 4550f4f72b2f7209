"""Rule files: YAML a records-management team can write, with line numbers in every error. See docs/rules.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from checks.bounds import why_not_meant
from checks.coverage import Coverage
from checks.formats.source import MAX_BYTES
from checks.narrative import patterns_of
from checks.normalise import STEPS
from checks.patterns import engine_of
from checks.predicates import (
    ACROSS,
    KINDS,
    Across,
    AllOf,
    AnyOf,
    Between,
    Fact,
    FactKind,
    InSet,
    Link,
    Not,
    NotIn,
    Pattern,
    Predicate,
    PresentIn,
)
from checks.rule import FAMILIES, LEVELS, NULL_POLICIES, SEVERITIES, UNITS, Limit, Rule
from checks.rule_set import RuleSet
from checks.stored_values import stored_value
from synth.errors import CasegaugeError, RuleError, nearest
from synth.yaml_text import Document, Place, load

FILE_KEYS = ("name", "about", "system", "reference", "null_policy", "normalise", "links", "facts", "rules")
_WORDS = {"level": LEVELS, "null_policy": NULL_POLICIES, "severity": SEVERITIES, "family": FAMILIES}
_TEXTS = ("reference", "description")
RULE_KEYS = ("id", "system", "where", "blames", "threshold", "limits", "for_each", *_WORDS, *_TEXTS)
WRITABLE = tuple(kind for kind in KINDS if kind != "custom")
_YES = {"yes": True, "true": True, "no": False, "false": False}


def read_rule_file(source: Path | str, *, name: str | None = None) -> RuleSet:
    r"""Read a rule file of casegauge's own form (a Path), or the text of one (a str); `name` is what messages call it.

    Examples:
        >>> rules = read_rule_file('''
        ... rules:
        ...   - id: zip
        ...     pattern: {field: zip, regex: '[0-9]{5}'}
        ... ''').rules
        >>> rules[0].predicate.regex, rules[0].predicate.how
        ('[0-9]{5}', 'full')
        >>> read_rule_file("rules:\n  - id: zip\n    patern: x\n")
        Traceback (most recent call last):
        synth.errors.RuleError: line 3: unknown key 'patern'. Did you mean 'pattern'?
    """
    document = load(source, error=RuleError, name=name, max_bytes=MAX_BYTES)
    return _Reader(document).rule_set(Path(document.name).stem or "rules")


class _Reader:
    """Reads one document; links and facts first, because rules name them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.top = document.mapping(possible=FILE_KEYS)
        self.links = {name: self._link(name) for name in self._names("links")}
        self.facts = {name: self._fact(name) for name in self._names("facts")}

    def rule_set(self, default_name: str) -> RuleSet:
        if "rules" not in self.top:
            raise self.document.fail((), "there is no key 'rules'. Give rules: a list of rules.")
        n_entries = len(self.document.sequence(("rules",)))
        if not n_entries:
            raise self.document.fail(("rules",), "the list of rules is empty; nothing to check.")
        rules, entries = [], []
        for index in range(n_entries):
            place = f"line {self.document.line(('rules', index))}"
            rules += (read := self._entry(("rules", index)))
            entries += [Coverage(rule.id, "exact", place=place) for rule in read]
        name, about = (self.document.text((key,)) if key in self.top else "" for key in ("name", "about"))
        return RuleSet(
            name or default_name, tuple(rules), about, self._normalise(), self.links, self.facts, entries=tuple(entries)
        )

    def _names(self, key: str) -> list[str]:
        return list(self.document.mapping((key,))) if key in self.top else []

    def _normalise(self) -> tuple[str, ...]:
        if "normalise" not in self.top:
            return ()
        return tuple(self._choice(("normalise",), step, STEPS) for step in self.document.texts(("normalise",)))

    def _link(self, name: str) -> Link:
        sides = self.document.mapping(("links", name))
        if len(sides) != 2:
            raise self.document.fail(("links", name), f"link {name!r} names {len(sides)} systems; it joins two.")
        (system, other) = sides
        return Link(system, self._text(("links", name, system)), other, self._text(("links", name, other)))

    def _fact(self, name: str) -> Fact:
        place: Place = ("facts", name)
        given = self.document.mapping(place, possible=("kind", "contexts", "values", "tolerance"))
        if "kind" not in given:
            raise self.document.fail(place, f"fact {name!r} has no kind. {nearest('', get_args(FactKind))}")
        kind = self._choice((*place, "kind"), self._text((*place, "kind")), get_args(FactKind))
        contexts = self.document.texts((*place, "contexts")) if "contexts" in given else ()
        values = self.document.mapping((*place, "values")) if "values" in given else {}
        listed = tuple((value, self.document.texts((*place, "values", value))) for value in values)
        tolerance = self._whole((*place, "tolerance")) if "tolerance" in given else 0
        fact = Fact(name, kind, contexts, listed, tolerance)
        self._checked(place, patterns_of, fact)
        return fact

    def _entry(self, place: Place) -> list[Rule]:
        """One entry of the list: one rule, or one for each of several fields."""
        given = self.document.mapping(place, possible=(*RULE_KEYS, *WRITABLE))
        if "id" not in given:
            raise self.document.fail(place, "a rule has no id. Give it a short, unique one.")
        name = self._text((*place, "id"))
        earlier = [i for i in range(int(place[-1])) if self._is_named(i, name)]
        if earlier:
            first = self.document.line(("rules", earlier[0]))
            raise self.document.fail(place, f"rule id {name!r} is given twice (first on line {first}). Rename one.")
        if "for_each" not in given:
            return [self._rule(place, given, name, None)]
        each = self.document.texts((*place, "for_each"))
        if not each:
            raise self.document.fail((*place, "for_each"), f"rule {name!r} is for_each of nothing. List its fields.")
        return [self._rule(place, given, f"{name}.{field_name}", field_name) for field_name in each]

    def _is_named(self, index: int, name: str) -> bool:
        entry = self.document.sequence(("rules",))[index]
        return isinstance(entry, dict) and entry.get("id") == name

    def _rule(self, place: Place, given: Mapping[str, Any], name: str, field_name: str | None) -> Rule:
        kinds = [key for key in given if key in WRITABLE]
        if len(kinds) != 1:
            got = " and ".join(repr(kind) for kind in kinds) or "none"
            raise self.document.fail(
                place, f"rule {name!r} must have one kind of check; got {got}. {nearest('', WRITABLE)}"
            )
        system = self._text((*place, "system")) if "system" in given else self._default("system")
        extra = {key: self._text((*place, key)) for key in _TEXTS if key in given}
        extra |= {
            key: self._choice((*place, key), self._text((*place, key)), possible)
            for key, possible in _WORDS.items()
            if key in given
        }
        for key in ("null_policy", "reference"):
            default = self._default(key)
            if key not in extra and default is not None:
                extra[key] = default
        return Rule(
            name,
            self._predicate((*place, kinds[0]), kinds[0], system, field_name),
            system=system,
            where=self._condition((*place, "where"), system) if "where" in given else None,
            blames=self.document.texts((*place, "blames")) if "blames" in given else (),
            threshold=self._share((*place, "threshold")) if "threshold" in given else None,
            limits=self._limits((*place, "limits")) if "limits" in given else (),
            **extra,
        )

    def _default(self, key: str) -> str | None:
        if key not in self.top:
            return None
        text = self._text((key,))
        return self._choice((key,), text, _WORDS[key]) if key in _WORDS else text

    def _condition(self, place: Place, system: str | None) -> Predicate:
        """A predicate written as a mapping of one kind to its parameters."""
        given = self.document.mapping(place, possible=WRITABLE)
        if len(given) != 1:
            raise self.document.fail(place, f"a condition has one kind; got {len(given)}. Join several with all_of.")
        (kind,) = given
        return self._predicate((*place, kind), kind, system, None)

    def _predicate(self, place: Place, kind: str, system: str | None, field_name: str | None) -> Predicate:
        if kind in {"all_of", "any_of"}:
            parts = tuple(self._condition((*place, i), system) for i in range(len(self.document.sequence(place))))
            if not parts:
                raise self.document.fail(place, f"{kind} is empty. List conditions.")
            return AllOf(parts) if kind == "all_of" else AnyOf(parts)
        if kind == "not":
            return Not(self._condition(place, system))
        if kind == "present_in":
            return self._present_in(place, system)
        return self._plain(place, kind, system, field_name)

    def _plain(self, place: Place, kind: str, system: str | None, field_name: str | None) -> Predicate:
        """A predicate whose parameters are read one by one; `kind: field` is short for `kind: {field: ...}`."""
        cls = KINDS[kind]
        parameters = {f.name.rstrip("_"): f for f in fields(cls) if f.name != "link"}
        node = self.document.at(place)
        first = next(iter(parameters))
        given: dict[str, Any] = {}
        if not isinstance(node, dict):
            if node != "" or field_name is None:
                given[first] = self._value(place, cls, first)
        else:
            self.document.mapping(place, possible=(*parameters, *(("via",) if "with" in parameters else ())))
            for key in node:
                if key in parameters:
                    given[parameters[key].name] = self._value((*place, key), cls, parameters[key].name)
        if field_name is not None:
            given["field"] = field_name
        for key, parameter in parameters.items():
            if parameter.default is MISSING and parameter.name not in given:
                raise self.document.fail(place, f"{kind} has no {key!r}. {kind} reads: {', '.join(parameters)}.")
        predicate: Predicate = cls(**given)
        self._check_bounds(place, kind, predicate)
        if isinstance(predicate, ACROSS):
            return self._across(place, predicate, system)
        if isinstance(predicate, Pattern):
            self._checked(place, partial(engine_of, dialect=predicate.dialect), predicate.regex)
        return self._as_stored(place, predicate) if isinstance(predicate, (InSet, NotIn, Between)) else predicate

    def _as_stored(self, place: Place, predicate: InSet | NotIn | Between) -> Predicate:
        """Values and bounds as what `stored` says they are."""

        def read(text: Any) -> Any:
            return self._checked(place, partial(stored_value, kind=predicate.stored), text)

        if isinstance(predicate, Between):
            return replace(predicate, min=read(predicate.min), max=read(predicate.max))
        return replace(predicate, values=tuple(map(read, predicate.values)))

    def _check_bounds(self, place: Place, kind: str, predicate: Predicate) -> None:
        """Refuse bounds that cannot be meant."""
        wrong = why_not_meant(predicate)
        if wrong:
            node = self.document.at(place)
            named = [key for key in ("min", "max") if isinstance(node, dict) and key in node]
            raise self.document.fail((*place, *named[:1]), f"{kind}: {wrong}")

    def _value(self, place: Place, cls: type[Any], name: str) -> Any:
        """Read a parameter as the type its predicate declares."""
        hint = get_type_hints(cls)[name]
        if get_origin(hint) is Literal:
            return self._choice(place, self._text(place), get_args(hint))
        if name in {"of", "other_where"}:
            return self._condition(place, None)
        if hint == Fact | None:
            return self.facts[self._choice(place, self._text(place), self.facts)]
        return _READERS[hint](self, place)

    def _across(self, place: Place, predicate: Across, system: str | None) -> Predicate:
        """Resolve `with: system.field` to the link between the two systems; `with: field` stays in the record."""
        other, dot, other_field = predicate.with_.rpartition(".")
        if not dot:
            return predicate
        return replace(predicate, with_=other_field, link=self._between(place, system, other))

    def _present_in(self, place: Place, system: str | None) -> PresentIn:
        if isinstance(self.document.at(place), str):
            return PresentIn(self._between(place, system, self._text(place)))
        given = self.document.mapping(place, possible=("system", "via"))
        if "system" not in given:
            raise self.document.fail(place, "present_in has no 'system'. Name the system that must hold the record.")
        return PresentIn(self._between(place, system, self._text((*place, "system"))))

    def _between(self, place: Place, system: str | None, other: str) -> Link:
        """The link between the rule's system and another: the one named by `via`, else the only one."""
        if system is None:
            raise self.document.fail(place, "a rule across systems must name its own system. Add system: NAME.")
        node = self.document.at(place)
        sides = {system, other}
        possible = {name: link for name, link in self.links.items() if {link.system, link.other} == sides}
        if isinstance(node, dict) and "via" in node:
            name = self._choice((*place, "via"), self._text((*place, "via")), possible)
        elif len(possible) == 1:
            (name,) = possible
        else:
            raise self.document.fail(
                place, f"{len(possible)} links join {system!r} and {other!r}; one is needed. See 'links' and 'via'."
            )
        link = possible[name]
        return link if link.system == system else link.reversed()

    def _text(self, place: Place) -> str:
        text = self.document.text(place)
        if text == "":
            raise self.document.fail(place, f"{place[-1]!r} has no value.")
        return text

    def _choice(self, place: Place, text: str, possible: Any) -> Any:
        if text not in possible:
            raise self.document.fail(place, f"{place[-1]!r} is {text!r}. {nearest(text, possible)}")
        return text

    def _share(self, place: Place) -> float:
        try:
            share = float(self._text(place))
        except ValueError:
            share = -1.0
        if not 0 <= share <= 1:
            raise self.document.fail(
                place, f"{place[-1]!r} is {self.document.text(place)!r}; it is a share from 0 to 1."
            )
        return share

    def _limits(self, place: Place) -> tuple[Limit, ...]:
        return tuple(self._limit((*place, index)) for index in range(len(self.document.sequence(place))))

    def _limit(self, place: Place) -> Limit:
        given = self.document.mapping(place, possible=("above", "unit", "severity", "inclusive"))
        if "above" not in given:
            raise self.document.fail(place, "a limit has no 'above'. Say how much may fail.")
        words = {key: self._choice((*place, key), self._text((*place, key)), possible)
                 for key, possible in (("unit", UNITS), ("severity", SEVERITIES)) if key in given}  # fmt: skip
        inclusive = self._yes_no((*place, "inclusive")) if "inclusive" in given else False
        try:
            return Limit(float(self._text((*place, "above"))), inclusive=inclusive, **words)
        except ValueError as problem:
            raise self.document.fail((*place, "above"), str(problem)) from None

    def _whole(self, place: Place) -> int:
        text = self._text(place)
        if not text.isascii() or not text.isdigit():
            raise self.document.fail(place, f"{place[-1]!r} is {text!r}; it must be a whole number from 0.")
        return int(text)

    def _decimal(self, place: Place) -> float:
        text = self._text(place)
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if not 0 <= number < float("inf"):
            raise self.document.fail(place, f"{place[-1]!r} is {text!r}; it must be a number from 0.")
        return number

    def _yes_no(self, place: Place) -> bool:
        return _YES[self._choice(place, self._text(place), _YES)]

    def _texts(self, place: Place) -> tuple[str, ...]:
        texts = self.document.texts(place)
        if not texts:
            raise self.document.fail(place, f"{place[-1]!r} is an empty list.")
        return texts

    def _checked(self, place: Place, check: Callable[[Any], Any], value: Any) -> Any:
        try:
            return check(value)
        except CasegaugeError as problem:
            raise self.document.fail(place, str(problem)) from None


_READERS: dict[Any, Callable[[_Reader, Place], Any]] = {
    str: _Reader._text,  # noqa: SLF001  # the table belongs to the class
    tuple[str, ...]: _Reader._texts,  # noqa: SLF001
    tuple[Any, ...]: _Reader._texts,  # noqa: SLF001
    int | None: _Reader._whole,  # noqa: SLF001
    str | None: _Reader._text,  # noqa: SLF001
    int: _Reader._whole,  # noqa: SLF001
    float | None: _Reader._decimal,  # noqa: SLF001
    float: _Reader._decimal,  # noqa: SLF001
    bool: _Reader._yes_no,  # noqa: SLF001
    Any: _Reader._text,  # noqa: SLF001
}
