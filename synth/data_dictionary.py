"""What a field can hold: true values, placeholders and not-values, as whole-number codes and as text.

A cell is a code. 0 to n_values - 1 are values, then come the placeholders, then the not-values; -1 is null. Whether a
cell is what it should be is therefore a comparison of integers, and text is made once, at the end, column by column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth.draws import I64, U64, below
from synth.errors import ScenarioError
from synth.spec import After, Calendar, Choice, Clock, Code, Condition, FieldSpec, Reference, Scenario, Seat, Whole
from synth.typos import TYPOS, mistyped_reference, typing_errors

REFERENCE_VALUES = 1 << 32
DATE_MARGIN = 60  # days before the start and after the end that a wrong date may fall on
DATE_REACH = 300
MINUTES = 1440
NARRATIVE = "narrative"


@dataclass(frozen=True)
class Domain:
    """The values a true value can take.

    Attributes:
        kind: choice, code, date, time, whole, reference, or narrative.
        values: their texts, by code; empty for references, which are numbers up to 2**32 - 1.
        prefix: of references.
    """

    kind: str
    values: tuple[str, ...] = ()
    prefix: str = ""

    @property
    def n_values(self) -> int:
        """How many values there are."""
        return len(self.values) if self.values else REFERENCE_VALUES

    def to_arrow(self, codes: I64) -> pa.Array:
        """Return true values as text: a dictionary array for finite domains, strings for references; -1 is null."""
        return text_column(self, self.values, codes)


@cache
def date_values(start: date, days: int) -> tuple[str, ...]:
    """Return the ISO days a scenario can speak of; code 0 is `DATE_MARGIN` days before its start."""
    first = start - timedelta(days=DATE_MARGIN)
    return tuple((first + timedelta(days=day)).isoformat() for day in range(days + DATE_MARGIN + DATE_REACH))


def domain_of(scenario: Scenario, name: str) -> Domain:
    """Return the domain of a true value."""
    truth = scenario.truth[name]
    if isinstance(truth, Choice):
        return Domain("choice", tuple(truth.values))
    if isinstance(truth, Code):
        width = len(str(truth.count))
        return Domain("code", tuple(f"{truth.prefix}-{number:0{width}d}" for number in range(1, truth.count + 1)))
    if isinstance(truth, Calendar | After):
        return Domain("date", date_values(scenario.start, scenario.days))
    if isinstance(truth, Clock):
        return Domain("time", tuple(f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(MINUTES)))
    if isinstance(truth, Whole):
        return Domain("whole", tuple(str(number) for number in range(truth.first, truth.last + 1)))
    if isinstance(truth, Seat) and truth.kind == "office":
        return Domain("code", tuple(f"{truth.prefix}-{number:03d}" for number in range(1, truth.count + 1)))
    if isinstance(truth, Seat | Reference):
        return Domain("reference", (), truth.prefix)
    raise ScenarioError(f"true value '{name}' is of a kind without a domain: {truth.kind}.")


@dataclass(frozen=True)
class FieldEntry:
    """One line of the data dictionary: a field of a system and what it can hold.

    Attributes:
        system: the record system.
        name: the field.
        spec: what the scenario says of it.
        truth: the true value it records; '' for a narrative and for a field in which nothing shows.
        domain: its values.
        placeholders: texts that fill it without saying anything; empty for pick lists and stamped fields.
        not_values: coded answers such as "unknown".
        novel: placeholders that no list has; rules are not told of them.
        mistyped: whether it can hold typing errors, texts that are no value of it.
        source: (system, field) it is received from; empty where a person or the system itself fills it.
        says_nothing: the listed answer that says nothing.
        applies: the condition on fields of the same record under which it is asked.
    """

    system: str
    name: str
    spec: FieldSpec
    truth: str
    domain: Domain
    placeholders: tuple[str, ...]
    not_values: tuple[str, ...]
    novel: tuple[str, ...] = ()
    mistyped: bool = False
    source: tuple[str, str] | None = None
    says_nothing: str | None = None

    @property
    def applies(self) -> Condition:
        """Fields of the same record and the values under which this one is asked."""
        return self.spec.applies

    @property
    def is_narrative(self) -> bool:
        """Whether the field holds running text."""
        return self.domain.kind == NARRATIVE

    @property
    def is_typed(self) -> bool:
        """Whether a person fills it."""
        return not self.spec.stamped and self.spec.shown and self.source is None

    @property
    def teller(self) -> str:
        """The system in whose voice a narrative is written: its own, or the one it is received from."""
        return self.system if self.source is None else self.source[0]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The text of every code of a finite domain: values, placeholders, not-values, novel ones, typing errors."""
        typos = typing_errors(self.domain.values, self.beside) if self.mistyped and self.domain.values else ()
        return (*self.domain.values, *self.beside, *typos)

    @property
    def beside(self) -> tuple[str, ...]:
        """The texts that can stand in the place of a value, in the order of their codes."""
        return (*self.placeholders, *self.not_values, *self.novel)

    def is_value(self, codes: I64) -> np.ndarray:
        """Return where a cell is meant as a value: not null, not a placeholder, not a not-value."""
        return (codes >= 0) & ((codes < self.domain.n_values) | (codes >= self.typo_code))

    def passes_for_value(self, codes: I64) -> np.ndarray:
        """Return where a dashboard sees a value: not null, not a known placeholder, not a not-value."""
        return self.is_value(codes) | (codes >= self.not_value_code() + len(self.not_values))

    def is_not_value(self, codes: I64) -> np.ndarray:
        """Return where a cell holds a not-value."""
        first = self.not_value_code()
        return (codes >= first) & (codes < first + len(self.not_values))

    def placeholder_code(self, pick: I64) -> I64:
        """Return the codes of placeholders by their number."""
        return self.domain.n_values + pick

    def novel_code(self, pick: I64) -> I64:
        """Return the codes of novel placeholders by their number."""
        return self.not_value_code() + len(self.not_values) + pick

    def not_value_code(self) -> int:
        """Return the code of the first not-value (`unknown`)."""
        return self.domain.n_values + len(self.placeholders)

    @property
    def typo_code(self) -> int:
        """The first code that stands for a typing error."""
        return self.domain.n_values + len(self.beside)

    def mistype(self, codes: I64, words: U64) -> I64:
        """Return the codes of typing errors made while entering some values.

        Args:
            codes: values, shape (n,).
            words: draws < 2**32, shape (n,); which of the possible errors.
        """
        return self.typo_code + codes * TYPOS + below(words, TYPOS)

    @cached_property
    def uninformative_code(self) -> int:
        """The code of the listed answer that says nothing; -2 where the list has none."""
        listed = self.says_nothing
        return -2 if listed is None else self.domain.values.index(listed)  # a tuple of texts

    def to_arrow(self, codes: I64) -> pa.Array:
        """Return a column of text: a dictionary array for finite domains, strings for references.

        Args:
            codes: shape (n,); -1 is null.
        """
        if self.domain.values:
            return text_column(self.domain, self.texts, codes)
        plain = text_column(self.domain, (), np.where(self.is_value(codes), codes, -1))
        special = codes >= REFERENCE_VALUES
        if not special.any():
            return plain
        found = [self.special_text(code) for code in codes[special].tolist()]
        return pc.replace_with_mask(plain, pa.array(special), pa.array(found, pa.string()))

    def special_text(self, code: int) -> str:
        """Return what stands in the place of a reference: a placeholder, a not-value, or a mistyped number."""
        if code < self.typo_code:
            return self.beside[code - REFERENCE_VALUES]
        number, which = divmod(code - self.typo_code, TYPOS)
        return mistyped_reference(reference_texts(self.domain.prefix, np.array([number]))[0].as_py(), number, which)


@cache
def vocabulary(texts: tuple[str, ...]) -> pa.Array:
    """Return texts as the dictionary of coded columns."""
    return pa.array(texts, pa.string())


def text_column(domain: Domain, texts: tuple[str, ...], codes: I64) -> pa.Array:
    """Return codes as text; -1 is null. `texts` are those of a finite domain, with what may stand in their place."""
    null = codes < 0
    some_null = bool(null.any())
    if domain.values:
        narrow = codes.astype(np.int16)
        if some_null:
            narrow[null] = 0
        indices = pa.array(narrow, mask=null if some_null else None)
        return pa.DictionaryArray.from_arrays(indices, vocabulary(texts))
    plain = reference_texts(domain.prefix, np.where(null, 0, codes) if some_null else codes)
    return pc.if_else(pa.array(~null), plain, pa.scalar(None, pa.string())) if some_null else plain


# Two digits at a time: their text, and what they add to a Luhn sum when the second is doubled.
_PAIRS = (
    np.array([[ord(digit) for digit in f"{number:02d}"] for number in range(100)], np.uint8).view(np.uint16).ravel()
)
_LUHN = np.array([number // 10 + sum(divmod(number % 10 * 2, 10)) for number in range(100)], np.uint8)


def reference_texts(prefix: str, numbers: I64) -> pa.StringArray:
    """Return reference numbers as text: prefix, ten digits and a Luhn check digit.

    Args:
        prefix: ASCII.
        numbers: 0 to 2**32 - 1, shape (n,).

    Examples:
        >>> reference_texts("SYN-Q", np.array([79927398]))[0].as_py()
        'SYN-Q-0079927398-2'
    """
    head = np.frombuffer(f"{prefix}-".encode(), np.uint8)
    width = head.size + 12
    text = np.empty((numbers.size, width), np.uint8)
    text[:, : head.size] = head
    luhn = np.zeros(numbers.size, np.uint8)
    pairs = np.empty((5, numbers.size), np.uint16)
    rest = numbers.astype(np.uint32)
    for place in range(4, -1, -1):
        quotient = rest // np.uint32(100)
        pair = (rest - quotient * np.uint32(100)).astype(np.intp)
        pairs[place] = _PAIRS[pair]
        luhn += _LUHN[pair]
        rest = quotient
    text[:, head.size : head.size + 10] = np.ascontiguousarray(pairs.T).view(np.uint8)
    text[:, -2] = ord("-")
    text[:, -1] = (10 - luhn % 10) % 10 + ord("0")
    offsets = np.arange(numbers.size + 1, dtype=np.int32) * np.int32(width)
    return pa.StringArray.from_buffers(numbers.size, pa.py_buffer(offsets), pa.py_buffer(text))


def field_entry(scenario: Scenario, system: str, name: str) -> FieldEntry:
    """Return the data-dictionary line of a field; a received one can hold whatever its source can."""
    spec = scenario.systems[system].fields[name]
    truth = scenario.truth_of(system, name)
    narrative = not truth
    source = scenario.source_of(spec) if spec.received else None
    typed = spec if source is None else scenario.systems[source[0]].fields[source[1]]
    domain = Domain(NARRATIVE, ("as written", "copied", "cut off")) if narrative else domain_of(scenario, truth)
    pick_list = typed.pick_list if typed.pick_list is not None else domain.kind == "choice"
    free = not (pick_list or typed.stamped)
    placeholders = tuple(scenario.placeholders.get(domain.kind, ())) if free else ()
    novel = tuple(scenario.novel_placeholders.get(domain.kind, ())) if free and placeholders else ()
    not_values = scenario.not_values_of(*(source or (system, name)))
    clash = {*placeholders, *not_values, *novel} & set(domain.values)
    if clash:
        raise ScenarioError(
            f"field '{name}' of '{system}': {sorted(clash)} is both a value and a placeholder or not-value."
        )
    mistyped = free and not narrative and scenario.operator.slip_typo > 0
    return FieldEntry(
        system, name, spec, truth, domain, placeholders, not_values, novel, mistyped, source, typed.uninformative
    )


def dictionary_of(scenario: Scenario) -> Mapping[tuple[str, str], FieldEntry]:
    """Return the data dictionary: every field of every system, in the order of the forms."""
    return {
        (system, name): field_entry(scenario, system, name)
        for system, spec in scenario.systems.items()
        for name in spec.fields
    }
