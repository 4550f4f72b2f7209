"""Slow, plain versions of what synth does, written from the design page: dicts, loops, text.

They read the scenario's own words (spec) and the finished tables, and nothing of the machinery in between (but for
who sits where in a scenario that names no officers; tests/synth/test_chunks.py looks at seats by themselves).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property

import numpy as np

from synth.chunks import officer_numbers

CLASSES = ("defect", "not_value")
EVASIONS = {"lucky_default", "lucky_copy", "wrong", "copied_wrong", "uninformative", "placeholder", "not_value_dodged"}
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
PATTERNS = {
    "calendar": r"\d{4}-\d\d-\d\d|\d\d? [A-Z][a-z]+ \d{4}|[A-Z][a-z]+ \d\d?, \d{4}",
    "time": r"(?:about )?\d\d:\d\d|\d{4} hours|(?:around )?\d\d?:\d\d [ap]\.m\.",
    "whole": r"\d+|" + "|".join(WORDS),
}


class About(str):
    """A rounded time as text: equal to every time it may stand for, up to 8 minutes off."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other):
        """Compare around the clock."""
        if other is None:
            return False
        apart = abs(minutes(self) - minutes(other))
        return min(apart, 1440 - apart) <= 8

    def __ne__(self, other):
        """Say the opposite."""
        return not self == other


def minutes(text):
    """Give a time of day, HH:MM, as minutes after midnight."""
    hours, rest = text.split(":")
    return 60 * int(hours) + int(rest)


@dataclass(frozen=True)
class World:
    """A bundle as dicts: truth by case, records by (system, case), and the answers as lists of rows."""

    scenario: object
    truth: dict
    records: dict
    links: list
    stated: list
    labels: list
    fates: list
    officer_of: dict
    seconds: list  # (system, case, record) of records entered twice

    @cached_property
    def values_of(self):
        """Group the stated values by (system, record_id, fact)."""
        grouped = {}
        for said in self.stated:
            grouped.setdefault((said["system"], said["record_id"], said["fact"]), []).append(said["value"])
        return grouped

    @cached_property
    def cut_off(self):
        """The records whose narrative a label says is cut off."""
        return {(said["system"], said["record_id"]) for said in self.labels if said["defect"] == "narrative_truncated"}

    def cells(self):
        """Yield (system, field, case, record) for every cell of every record."""
        for (system, case), record in self.records.items():
            for field in self.scenario.systems[system].fields:
                yield system, field, case, record


def world_of(bundle):
    """Read a bundle into dicts."""
    answers = {name: table.to_pylist() for name, table in bundle.answers.items()}
    case_of = {(link["system"], link["record_id"]): link["case_id"] for link in answers["links"]}
    twice = {(row["system"], row["record_id"]) for row in answers["labels"] if row["defect"] == "duplicate_record"}
    rows = [(system, row) for system, table in bundle.records.items() for row in table.to_pylist()]
    held = [
        (system, case_of[system, row["record_id"]], row, (system, row["record_id"]) in twice) for system, row in rows
    ]
    records = {(system, case): row for system, case, row, second in held if not second}
    seconds = [(system, case, row) for system, case, row, second in held if second]
    truth = {row["case_id"]: row for row in answers["truth"]}
    rows = [answers[name] for name in ("links", "stated", "labels", "fates")]
    return World(bundle.plan.scenario, truth, records, *rows, officers(bundle.plan, truth), seconds)


def officers(plan, truth):
    """Tell each case's officer: the true value, or the seat itself where the scenario does not name officers."""
    named = [name for name, entry in plan.scenario.truth.items() if entry.kind == "officer"]
    if named:
        return {case: row[named[0]] for case, row in truth.items()}
    return dict(zip(truth, officer_numbers(plan.draws, np.array(list(truth))).tolist(), strict=True))


def truth_name(scenario, system, field):
    """Name the true value a field records, or None for a narrative or a field that never shows."""
    spec = scenario.systems[system].fields[field]
    if spec.received:
        return truth_name(scenario, *spec.received.split("."))
    return None if field == "narrative" or not spec.shown else spec.truth or field


def teller(scenario, system, field):
    """Name the system in whose voice a field tells a narrative; None for a field that holds none."""
    spec = scenario.systems[system].fields[field]
    if not spec.shown:
        return None
    if spec.received:
        return teller(scenario, *spec.received.split("."))
    return system if field == "narrative" else None


def expected_cell(scenario, true, system, field):
    """What an error-free clerk records in a field that is no narrative; None where the form does not ask."""
    spec = scenario.systems[system].fields[field]
    if not spec.shown:
        return None
    if spec.received:
        return expected_cell(scenario, true, *spec.received.split("."))
    for other, allowed in spec.applies.items():
        if expected_cell(scenario, true, system, other) not in allowed:
            return None
    return true[truth_name(scenario, system, field)]


def silent_words(scenario, system, field):
    """The texts that fill a field without saying anything, from the scenario's lists."""
    spec = scenario.systems[system].fields[field]
    if spec.received:
        return silent_words(scenario, *spec.received.split("."))
    name = truth_name(scenario, system, field)
    kind = "narrative" if name is None else scenario.truth[name].kind
    kind = {"calendar": "date", "after": "date", "office": "code", "officer": "reference"}.get(kind, kind)
    pick_list = spec.pick_list if spec.pick_list is not None else kind == "choice"
    lists = (scenario.placeholders, scenario.novel_placeholders)
    placeholders = [] if pick_list or spec.stamped else [text for words in lists for text in words.get(kind, [])]
    offered = scenario.not_values if spec.not_values is None else spec.not_values
    not_values = [] if spec.stamped or name is None or spec.usage == "mandatory" else offered
    return set(placeholders), set(not_values)


def asked_as_recorded(scenario, record, system, field):
    """Whether the form asks for a field, going by what its record says."""
    applies = scenario.systems[system].fields[field].applies
    return all(record[other] in allowed for other, allowed in applies.items())


def says_something(scenario, record, system, field):
    """Whether a cell holds a value: not null, no placeholder, no not-value."""
    placeholders, not_values = silent_words(scenario, system, field)
    return record[field] is not None and record[field] not in placeholders | not_values


def read_surface(kind, surface):
    """Turn a surface into the value it states: ISO day, HH:MM, digits; None if it is no such surface."""
    if kind == "time" and surface.startswith(("about ", "around ")):
        return About(read_surface(kind, surface.split(" ", 1)[1]))
    if kind == "time":
        text = re.sub(r"(\d\d)(\d\d) hours", r"\1:\2", surface)
        text = text.replace("a.m.", "AM").replace("p.m.", "PM")
        return _first_parse(text, ("%H:%M", "%I:%M %p"), "%H:%M")
    if kind == "whole":
        return str(WORDS.index(surface)) if surface in WORDS else surface
    return _first_parse(surface, ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d %b %Y"), "%Y-%m-%d")


def _first_parse(text, forms, out):
    for form in forms:
        try:
            return datetime.strptime(text, form).strftime(out)  # noqa: DTZ007  # a day or a time of day
        except ValueError:
            continue
    return None


def read_narrative(scenario, system, text):
    """Parse a narrative by its grammar: fact -> (value, start, end); None if it is not one of the system's texts."""
    sentences = scenario.narratives[system].sentences
    return _read(scenario, sentences, text)


def read_stump(scenario, system, text):
    """Parse a narrative that was cut off: the whole sentences it begins with, and a few letters after them."""
    sentences = scenario.narratives[system].sentences
    for kept in range(len(sentences) - 1, 0, -1):
        found = _read(scenario, sentences[:kept], text, rest=".{0,9}")
        if found is not None:
            return found
    return None


def _read(scenario, sentences, text, rest=""):
    grammar = " ".join("(?:" + "|".join(_pattern(scenario, v, n) for n, v in enumerate(s)) + ")" for s in sentences)
    found = re.fullmatch(grammar + rest, text)
    if found is None:
        return None
    said = {}
    for group, surface in found.groupdict().items():
        if surface is not None:
            fact = group.rsplit("__", 1)[0]
            said[fact] = (_value_of(scenario.truth[fact], surface), *found.span(group))
    return said


def _pattern(scenario, variant, number):
    pieces = re.split(r"\{(\w+)\}", variant)
    for place in range(1, len(pieces), 2):
        fact = pieces[place]
        truth = scenario.truth[fact]
        if truth.kind == "choice":
            texts = {text for surfaces in _surfaces(truth).values() for text in surfaces}
            pattern = "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))
        else:
            pattern = PATTERNS["calendar" if truth.kind == "after" else truth.kind]
        pieces[place] = f"(?P<{fact}__{number}>{pattern})"
    return "".join(piece if place % 2 else re.escape(piece) for place, piece in enumerate(pieces))


def _surfaces(truth):
    return {value: [*truth.surfaces.get(value, [value]), *truth.updates.get(value, [])] for value in truth.values}


def _value_of(truth, surface):
    if truth.kind == "choice":
        (value,) = [value for value, texts in _surfaces(truth).items() if surface in texts]
        return value
    return read_surface(truth.kind, surface)


def statements(world, system, case):
    """What a record's narrative states, read from its text: fact -> value; empty if it says nothing."""
    return {fact: value for fact, (value, _, _) in read_record(world, system, case).items()}


def read_record(world, system, case):
    """Read a record's narrative: fact -> (value, start, end). What a rounded time stands for is looked up."""
    record = world.records.get((system, case))
    if record is None or system not in world.scenario.narratives or record["narrative"] is None:
        return {}
    said = read_narrative(world.scenario, system, record["narrative"])
    if said is None and (system, record["record_id"]) in world.cut_off:
        said = read_stump(world.scenario, system, record["narrative"])
    said = said or {}
    for fact, (value, *span) in said.items():
        if isinstance(value, About):
            (exact,) = world.values_of[system, record["record_id"], fact]
            assert value == exact
            said[fact] = (exact, *span)
    return said


def verdict_of(world, case, *, blanked=frozenset()):
    """The verdict function of the design page on one case's records; `blanked` cells count as null."""
    scenario = world.scenario
    records = {system: _with_blanks(world, system, case, blanked) for system in scenario.systems}
    for system, spec in scenario.systems.items():
        record = records[system]
        for field in (name for name, entry in spec.fields.items() if entry.material):
            if record is None:
                return "insufficient"
            silent = not says_something(scenario, record, system, field)
            if silent and asked_as_recorded(scenario, record, system, field):
                return "insufficient"
    told = {
        system: {} if record is None or record.get("narrative") is None else statements(world, system, case)
        for system, record in records.items()
    }
    for fact, shared in scenario.shared_facts.items():
        said = {(system, facts[fact]) for system, facts in told.items() if fact in facts}
        for system, field in shared.fields.items():
            record = records[system]
            if record is not None and says_something(scenario, record, system, field):
                said.add((system, record[field]))
        if any(one != other and value != second for one, value in said for other, second in said):
            return "inconsistent"
    return "documented"


def _with_blanks(world, system, case, blanked):
    record = world.records.get((system, case))
    if record is None:
        return None
    return {field: None if (system, case, field) in blanked else value for field, value in record.items()}


def previous_case(world, case):
    """The same officer's latest earlier case, found by looking at all of them; None if there is none."""
    same = [other for other in world.truth if other < case and world.officer_of[other] == world.officer_of[case]]
    return max(same, default=None)


def largest_remainder(counts, total):
    """Share `total` out by exact fractions: one at a time to whoever lacks most, ties to the earlier."""
    quotas = [Fraction(count * total, sum(counts)) for count in counts]
    shares = [quota.numerator // quota.denominator for quota in quotas]
    lacking = [quota - share for quota, share in zip(quotas, shares, strict=True)]
    while sum(shares) < total:
        place = lacking.index(max(lacking))
        shares[place] += 1
        lacking[place] = Fraction(-1)
    return shares


def philox(counter, key):
    """Philox4x32-10 on plain Python numbers, from the paper's description."""
    c, k = list(counter), list(key)
    for _ in range(10):
        high_0, low_0 = divmod(c[0] * 0xD2511F53, 2**32)
        high_1, low_1 = divmod(c[2] * 0xCD9E8D57, 2**32)
        c = [high_1 ^ c[1] ^ k[0], low_1, high_0 ^ c[3] ^ k[1], low_0]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return c


def luhn_is_valid(digits):
    """The Luhn check as a shop does it: double every second digit from the right, sum the digits."""
    total = 0
    for place, digit in enumerate(reversed([int(d) for d in digits])):
        total += sum(divmod(digit * 2, 10)) if place % 2 else digit
    return total % 10 == 0


def days_between(first, second):
    """Days from one ISO day to another."""
    return (date.fromisoformat(second) - date.fromisoformat(first)).days
