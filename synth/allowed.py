"""What each column of generated tables may hold, from what the scenario says: values, declared texts, words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from synth.data_dictionary import DATE_MARGIN, DATE_REACH, FieldEntry
from synth.forms import MONTHS, stump, variant_literals
from synth.plan import Plan
from synth.spec import After, Calendar, Choice, Clock, Code, Scenario, Seat, Whole

RESERVED = "SYN-"  # identifiers begin so: a range that nobody assigns
PUNCTUATION = ".,;:!?()\"'"
CAPITAL = re.compile(r"[A-Z][a-z]+")
CAPITAL_INSIDE = re.compile(r"(?<=[a-z0-9,;:}] )[A-Z][a-z]+")
OF_THE_CALENDAR = frozenset({*MONTHS, *(month[:3] for month in MONTHS)})


@dataclass(frozen=True)
class Allowed:
    """What a column may hold.

    Attributes:
        what: in words.
        fits: whether a text is a value of its form; None: anything short of telling.
        beside: texts that are declared: placeholders, not-values, typing errors.
        prefixes: of identifiers.
        mistyped: whether an identifier may have one of its digits mistyped.
        words: of running text; None: there is none.
        within: capitalised words that may stand inside a sentence.
        never: months written out that the calendar does not reach, as a pattern; '' if none.
    """

    what: str = ""
    fits: Callable[[str], bool] | None = None
    beside: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    mistyped: bool = False
    words: frozenset[str] | None = None
    within: frozenset[str] = frozenset()
    never: str = ""


def words_of(texts: Iterable[str]) -> Iterator[str]:
    """Yield the words of texts, without punctuation at their ends.

    Examples:
        >>> list(words_of(["About 2:05 p.m., I left."]))
        ['About', '2:05', 'p.m', 'I', 'left']
    """
    return (plain for text in texts for word in text.split() if (plain := word.strip(PUNCTUATION)))


def _of_narratives(plan: Plan, system: str) -> Allowed:
    """Return what a system's narratives are made of: its sentences, also cut off, and its facts in all their forms."""
    sentences = plan.scenario.narratives[system].sentences if system in plan.scenario.narratives else []
    literals = [variant_literals(text, first=not n) for n, variants in enumerate(sentences) for text in variants]
    told = [text for fact in plan.told.get(system, ()) for text in plan.forms[system, fact].texts]
    entries = [entry for entry in plan.system_fields(system) if entry.is_narrative]
    beside = frozenset(text for entry in entries for text in entry.beside)
    made_of = [text for literal in literals for text in (*literal, stump(literal[0]))]
    capitals = {word for variants in sentences for text in variants for word in CAPITAL_INSIDE.findall(text)}
    capitals |= {word for text in told for word in CAPITAL.findall(text)}
    return Allowed(
        "a narrative", None, beside, words=frozenset(words_of([*made_of, *told, *beside])),
        within=frozenset(capitals) | OF_THE_CALENDAR, never=_beyond(*_reach(plan.scenario)),
    )  # fmt: skip


def _beyond(first: date, last: date) -> str:
    """Return a pattern of the months, written out with a year that the calendar reaches, that it does not reach."""
    said = [
        rf"\b(?:{month}|{month[:3]}) (?:[0-9]{{1,2}}, )?{year}\b"
        for year in range(first.year, last.year + 1)
        for number, month in enumerate(MONTHS, 1)
        if not (first.year, first.month) <= (year, number) <= (last.year, last.month)
    ]
    return "|".join(said)


def allowed_in(plan: Plan, name: str, column: str) -> Allowed:
    """Return what a column of a table may hold; of coded columns of the tool's own words nothing in particular."""
    folder, _, owner = name.partition("/")
    systems = plan.scenario.systems
    if folder == "records" and (owner, column) in plan.dictionary:
        return _of_field(plan, plan.dictionary[owner, column])
    if column in {"record_id", "other_record_id"}:
        prefixes = [systems[owner].prefix] if folder == "records" else [spec.prefix for spec in systems.values()]
        return Allowed(_identifiers(prefixes), lambda _: False, prefixes=_reserved(prefixes))
    if name == "answers/truth" and column in plan.scenario.truth:
        return _of_truth(plan.scenario, column)
    if name == "answers/stated" and column == "value":
        return _any_of([_of_truth(plan.scenario, fact) for facts in plan.told.values() for fact in facts])
    if name == "answers/labels" and column in {"expected", "recorded"}:
        return _any_of([_of_field(plan, entry) for entry in plan.dictionary.values()])
    return Allowed()


def _of_field(plan: Plan, entry: FieldEntry) -> Allowed:
    if not entry.spec.shown:
        return Allowed("nothing, as the field never shows", lambda _: False)
    if entry.is_narrative:
        return _of_narratives(plan, entry.teller)
    plain = _of_truth(plan.scenario, entry.truth)
    typos = entry.texts[entry.typo_code :] if entry.mistyped and entry.domain.values else ()
    return Allowed(plain.what, plain.fits, frozenset({*entry.beside, *typos}), plain.prefixes, entry.mistyped)


def _any_of(parts: list[Allowed]) -> Allowed:
    own = [part.fits for part in {part.what: part for part in parts}.values() if part.fits is not None]
    words = [part.words for part in parts if part.words is not None]
    return Allowed(
        "a value of any field",
        lambda text: any(fits(text) for fits in own),
        frozenset().union(*(part.beside for part in parts)),
        tuple(dict.fromkeys(prefix for part in parts for prefix in part.prefixes)),
        mistyped=any(part.mistyped for part in parts),
        words=frozenset().union(*words) if words else None,
        within=frozenset().union(*(part.within for part in parts)),
    )


def _of_truth(scenario: Scenario, name: str) -> Allowed:
    """Return what a true value can be, from what the scenario says of it."""
    truth = scenario.truth[name]
    if isinstance(truth, Choice):
        listed = frozenset(truth.values)
        return Allowed(f"one of the values of {name}", listed.__contains__)
    if isinstance(truth, Code) or truth.kind == "office":
        last = truth.count if isinstance(truth, Code | Seat) else 0
        return Allowed(f"a code {truth.prefix}-1 to {truth.prefix}-{last}", _numbered(truth.prefix, last))
    if isinstance(truth, Calendar | After):
        first, final = _reach(scenario)
        return Allowed(f"a day from {first} to {final}", lambda text: first <= (_day(text) or date.min) <= final)
    if isinstance(truth, Clock):
        return Allowed("a time of day", lambda text: re.fullmatch("(?:[01][0-9]|2[0-3]):[0-5][0-9]", text) is not None)
    if isinstance(truth, Whole):
        low, high = truth.first, truth.last
        return Allowed(
            f"a whole number from {low} to {high}",
            lambda text: text.isdecimal() and low <= int(text) <= high and text == str(int(text)),
        )
    return Allowed(_identifiers([truth.prefix]), lambda _: False, prefixes=_reserved([truth.prefix]))


def _reach(scenario: Scenario) -> tuple[date, date]:
    """Return the first and the last day that records of a scenario can speak of."""
    final = scenario.start + timedelta(days=scenario.days + DATE_REACH - 1)
    return scenario.start - timedelta(days=DATE_MARGIN), final


def _identifiers(prefixes: list[str]) -> str:
    return f"an identifier {' or '.join(f'{prefix}-' for prefix in prefixes)} of a reserved range ({RESERVED}...)"


def _reserved(prefixes: list[str]) -> tuple[str, ...]:
    return tuple(prefix for prefix in prefixes if prefix.startswith(RESERVED))


def _numbered(prefix: str, last: int) -> Callable[[str], bool]:
    form = re.compile(re.escape(prefix) + "-([0-9]+)")

    def fits(text: str) -> bool:
        found = form.fullmatch(text)
        return found is not None and 1 <= int(found[1]) <= last

    return fits


@cache
def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None
