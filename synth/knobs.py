"""What may vary from the plainest case, a byte or two for each: true values, sentence variants, forms of facts.

A byte of 0 is the plainest setting, and so are the upper half of bytes; the rest are the other settings in their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from synth.data_dictionary import DATE_MARGIN, MINUTES
from synth.desk import Desk
from synth.draft import Wording
from synth.plan import Plan
from synth.spec import After, Calendar, Choice, Clock, Code, Seat, Truth, Whole

OFFICER = "the officer"  # not a true value's name: those are single words
OFFICERS = 128
NARROW = 128
WITH_FORM = 24  # bytes under this give another form: hard negatives stay the smaller part


@dataclass(frozen=True)
class Knob:
    """One thing that may vary.

    Attributes:
        name: the true value, the sentence, or the fact whose form varies.
        settings: what it can be set to, the plainest first.
        reach: bytes from 1 up to this one, exclusive, give another setting than the plainest.
    """

    name: str
    settings: Sequence[int]
    reach: int = NARROW

    @cached_property
    def size(self) -> int:
        """How many bytes it takes."""
        return 1 if len(self.settings) <= NARROW else 2

    @cached_property
    def of_byte(self) -> tuple[int, ...]:
        """The setting of every byte."""
        plain, others = self.settings[0], self.settings[1:]
        return tuple(
            others[(byte - 1) % len(others)] if others and 0 < byte < self.reach else plain for byte in range(256)
        )

    def of_word(self, high: int, low: int) -> int:
        """Return the setting of two bytes; the upper half of the first is the plainest."""
        if high >= NARROW:
            return self.settings[0]
        number = (high % -(-len(self.settings) // 256)) << 8 | low
        return self.settings[number % len(self.settings)]


@dataclass(frozen=True)
class Settings:
    """What some bytes say: true values that are not the plainest, and how each narrative is put."""

    truth: dict[str, int]
    wording: dict[str, Wording]


@dataclass(frozen=True)
class Board:
    """All knobs of a scenario: first the true values that take a byte, then the wordings, then those that take two.

    Args:
        desk: the scenario and regime.
    """

    desk: Desk

    @cached_property
    def truths(self) -> tuple[Knob, ...]:
        """The knobs of true values."""
        return tuple(_truth_knobs(self.desk.plan))

    @cached_property
    def narrow(self) -> tuple[Knob, ...]:
        """Those of them that take one byte."""
        return tuple(knob for knob in self.truths if knob.size == 1)

    @cached_property
    def wide(self) -> tuple[Knob, ...]:
        """Those of them that take two."""
        return tuple(knob for knob in self.truths if knob.size == 2)

    @cached_property
    def wordings(self) -> Mapping[str, tuple[tuple[Knob, ...], tuple[Knob, ...]]]:
        """The knobs of each system's sentences, and of the forms of its facts."""
        plan = self.desk.plan
        return {system: (tuple(_variants(plan, system)), tuple(_forms(plan, system))) for system in plan.told}

    @cached_property
    def size(self) -> int:
        """How many bytes the knobs take."""
        return len(self.narrow) + sum(len(a) + len(b) for a, b in self.wordings.values()) + 2 * len(self.wide)

    @cached_property
    def plain(self) -> Mapping[str, int]:
        """The plainest setting of every true value that is not a number of the case."""
        return {knob.name: knob.settings[0] for knob in self.truths}

    @cached_property
    def plainest(self) -> Mapping[str, str | None]:
        """The true values of the plainest case as text, but for the numbers of the case."""
        texts = self.desk.true_texts(self.truth(0, {}))
        seats = {name for name, _ in self._seats}
        return {name: text for name, text in texts.items() if name in self.plain or name in seats}

    def read(self, drawn: bytes) -> Settings:
        """Return the settings some bytes stand for."""
        truth = {
            name: setting
            for (name, table), byte in zip(self._tables, drawn, strict=False)  # the rest of the bytes follow
            if (setting := table[byte]) is not None
        }
        place = len(self._tables)
        wording = {}
        for system, (variants, forms) in self._wording_tables.items():
            middle = place + len(variants)
            end = middle + len(forms)
            wording[system] = Wording(
                tuple(table[byte] for table, byte in zip(variants, drawn[place:middle], strict=True)),
                {fact: table[byte] for (fact, table), byte in zip(forms, drawn[middle:end], strict=True)},
            )
            place = end
        for number, knob in enumerate(self.wide):
            setting = knob.of_word(*drawn[place + 2 * number : place + 2 * number + 2])
            if setting != knob.settings[0]:
                truth[knob.name] = setting
        return Settings(truth, wording)

    @cached_property
    def _tables(self) -> tuple[tuple[str, tuple[int | None, ...]], ...]:
        """Name, and setting of every byte, of the narrow true values; None where it is the plainest."""
        return tuple(
            (knob.name, tuple(None if setting == knob.settings[0] else setting for setting in knob.of_byte))
            for knob in self.narrow
        )

    @cached_property
    def _wording_tables(
        self,
    ) -> Mapping[str, tuple[tuple[tuple[int, ...], ...], tuple[tuple[str, tuple[int, ...]], ...]]]:
        return {
            system: (tuple(knob.of_byte for knob in variants), tuple((knob.name, knob.of_byte) for knob in forms))
            for system, (variants, forms) in self.wordings.items()
        }

    def truth(self, number: int, varied: Mapping[str, int]) -> dict[str, int]:
        """Return a case's true values: its number in references, days counted on, null where a condition fails."""
        truth = {**dict.fromkeys(self.desk.plan.domains, number), **self.plain, **varied}
        officer = truth.pop(OFFICER)
        for name, count in self._seats:
            truth[name] = officer % count
        for name, of, conditions in self._dependent:
            if of is not None:
                truth[name] = -1 if truth[of] < 0 else truth[of] + truth[name]
            for other, codes in conditions:
                if truth[other] not in codes:
                    truth[name] = -1
        return truth

    @cached_property
    def _dependent(self) -> tuple[tuple[str, str | None, tuple[tuple[str, frozenset[int]], ...]], ...]:
        """True values counted from another day, or held under conditions: the name, the day, the conditions."""
        domains, truths = self.desk.plan.domains, self.desk.plan.scenario.truth
        return tuple(
            (
                name,
                truth.of if isinstance(truth, After) else None,
                tuple(
                    (other, frozenset(domains[other].values.index(value) for value in allowed))
                    for other, allowed in getattr(truth, "when", {}).items()
                ),
            )
            for name, truth in truths.items()
            if isinstance(truth, After) or getattr(truth, "when", {})
        )

    @cached_property
    def _seats(self) -> tuple[tuple[str, int], ...]:
        """Officers, and the offices they belong to, with how many there are: one number says both."""
        return tuple(
            (name, truth.count if truth.kind == "office" else OFFICERS)
            for name, truth in self.desk.plan.scenario.truth.items()
            if isinstance(truth, Seat)
        )


def _truth_knobs(plan: Plan) -> Iterator[Knob]:
    """Yield a knob for every true value that is no number of the case, and one for the officer."""
    for name, truth in plan.scenario.truth.items():
        settings = _settings(plan, truth)
        if settings:
            yield Knob(name, settings)
    yield Knob(OFFICER, range(OFFICERS))


def _variants(plan: Plan, system: str) -> Iterator[Knob]:
    for number, variants in enumerate(plan.scenario.narratives[system].sentences):
        yield Knob(f"sentence {number + 1}", range(len(variants)))


def _forms(plan: Plan, system: str) -> Iterator[Knob]:
    for fact in plan.told[system]:
        forms = plan.forms[system, fact]
        yield Knob(fact, (forms.usual, *forms.others), WITH_FORM)


def _settings(plan: Plan, truth: Truth) -> Sequence[int]:
    """Return the codes a true value can take, or the days it can be after another; nothing for a number of the case."""
    if isinstance(truth, Choice):
        return tuple(code for code, weight in enumerate(truth.values.values()) if weight)
    if isinstance(truth, Code):
        return range(truth.count)
    if isinstance(truth, Calendar):
        return range(DATE_MARGIN, DATE_MARGIN + plan.scenario.days)
    if isinstance(truth, After):
        return range(truth.days[0], truth.days[1] + 1)
    if isinstance(truth, Clock):
        first, last = (60 * int(text[:2]) + int(text[3:]) for text in (truth.first, truth.last))
        return tuple((first + minute) % MINUTES for minute in range(last - first + 1))
    if isinstance(truth, Whole):
        return range(truth.last - truth.first + 1)
    return ()
