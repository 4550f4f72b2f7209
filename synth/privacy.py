"""Non-identifying by construction: what generated text may be, looked at value by value.

`scan` goes through tables and finds every value that is not of the form its field may hold, or that reads like somebody
or some place that exists; `scenario_findings` looks at what a scenario would put there. Neither changes or refuses
anything. Finite columns are judged by their distinct values, identifiers by their digits, running text by its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from synth.allowed import CAPITAL, CAPITAL_INSIDE, OF_THE_CALENDAR, PUNCTUATION, RESERVED, Allowed, allowed_in
from synth.plan import Plan
from synth.quotas import Finding as Advice
from synth.spec import Choice, Code, Reference, Scenario, Seat, slots

MAIL_DOMAIN = "example.org"  # reserved for examples (RFC 2606)
MOST_SHOWN = 5  # findings of one problem in one column
_FORM = "-[0-9]{10}-[0-9]$"  # ten digits and a check digit
_TAIL = 12  # characters of it

# What no text may hold: what it would be, how to see it, what is allowed all the same. RE2 reads these patterns too.
_TELLING = (
    ("holds what is not plain printable ASCII", r"[^ -~]", r"(?!)"),
    ("begins as a formula does", r"^[=+@\t]", r"(?!)"),
    ("is an e-mail address outside example.org", r"[^ ]*@[^ ]*", rf"[A-Za-z0-9._-]+@{re.escape(MAIL_DOMAIN)}"),
    (
        "is a web address",
        r"[a-zA-Z]+://[^ ]*|[wW]{3}\.[^ ]*|\b[A-Za-z0-9-]+\.(?:com|net|org|info|gov|edu|io)\b",
        re.escape(MAIL_DOMAIN),
    ),
    (
        "is a number to call outside 555-0100 to 555-0199",
        r"\+[0-9][0-9 -]{5,}|\b[0-9]{3}[-. )/]{1,2}[0-9]{4}\b|\b[0-9]{5}[-. /][0-9]{6}\b|"
        r"(?:\b[0-9]{2}[-. ]){4}[0-9]{2}\b",
        r"555-01[0-9]{2}",
    ),
    ("is a long number", r"[0-9]{7,}", r"(?!)"),
)
_SEEN = tuple((problem, re.compile(pattern), re.compile(allowed)) for problem, pattern, allowed in _TELLING)
_ANY_TELLING = "|".join(pattern for _, pattern, _ in _TELLING)

# Words of attributes that no field, true value or vocabulary has; in names of fields some more.
ATTRIBUTES = frozenset([
    "nationality", "citizen", "citizens", "citizenship", "race", "racial", "ethnic", "ethnicity", "religion",
    "religious", "denomination", "birthplace", "birthday", "birthdate", "passport", "tribe", "caste", "skin",
])  # fmt: skip
PERSONAL = ATTRIBUTES | frozenset([
    "name", "names", "surname", "forename", "firstname", "lastname", "nickname", "alias", "nation", "country", "birth",
    "born", "dob", "address", "street", "postcode", "zip", "zipcode", "phone", "telephone", "mobile", "fax", "mail",
    "email", "creed", "faith",
])  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """A value that should not be there.

    Attributes:
        table: such as records/encounter.
        column: of that table.
        value: the value, or what in a longer text is wrong.
        problem: what is wrong with it.
    """

    table: str
    column: str
    value: str
    problem: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}: {self.value!r} {self.problem}"


def scan(plan: Plan, tables: Iterable[tuple[str, pa.Table]]) -> list[Finding]:
    """Return every value that generated tables should not hold; of one problem in one column the first few.

    Args:
        plan: of the scenario the tables are made from.
        tables: (name, table), the name as in `Bundle.tables`: records/<system> or answers/<name>.

    Examples:
        >>> from synth import generate
        >>> bundle = generate("oig-20-13", n_cases=67)
        >>> scan(bundle.plan, bundle.tables())
        []
        >>> planted = pa.table({"narrative": ["I met John at 14:05.", "Write to j@mail.org."]})
        >>> for finding in scan(bundle.plan, [("records/encounter", planted)]):
        ...     print(finding)
        records/encounter.narrative: 'John' is no word of the scenario
        records/encounter.narrative: 'Write' is no word of the scenario
        records/encounter.narrative: 'j@mail.org' is an e-mail address outside example.org
    """
    scanner = Scanner(plan)
    for name, table in tables:
        scanner.look_at(name, table)
    return scanner.findings


class Scanner:
    """Scans the tables of one scenario piece by piece, in memory that does not grow with their rows.

    Args:
        plan: of the scenario the tables are made from.

    Attributes:
        findings: so far; of one problem in one column the first few.
    """

    def __init__(self, plan: Plan) -> None:
        self.findings: list[Finding] = []
        self._plan = plan
        self._known: dict[tuple[str, str], Allowed] = {}
        self._fine: dict[tuple[str, str], set[str]] = {}

    def look_at(self, name: str, table: pa.Table) -> None:
        """Scan some rows of a table."""
        for column in table.column_names:
            cells = table[column]
            if pa.types.is_dictionary(cells.type) or pa.types.is_string(cells.type):
                key = (name, column)
                if key not in self._known:
                    self._known[key] = allowed_in(self._plan, name, column)
                    self._fine[key] = set()
                for chunk in cells.chunks:
                    for value, problem in self._problems(key, _texts(chunk)):
                        self._report(key, value, problem)

    def _report(self, key: tuple[str, str], value: str, problem: str) -> None:
        finding = Finding(*key, value, problem)
        alike = [one for one in self.findings if (one.table, one.column, one.problem) == (*key, problem)]
        if finding not in alike and len(alike) < MOST_SHOWN:
            self.findings.append(finding)

    def _problems(self, key: tuple[str, str], texts: pa.Array) -> Iterator[tuple[str, str]]:
        allowed = self._known[key]
        if allowed.prefixes:
            of_form = pc.match_substring_regex(texts, f"^(?:{'|'.join(map(re.escape, allowed.prefixes))}){_FORM}")
            yield from _wrong_digits(texts.filter(of_form), mistyped=allowed.mistyped)
            texts = texts.filter(pc.invert(of_form))
        if allowed.words is not None and allowed.fits is None:
            declared = pc.is_in(texts, pa.array(sorted(allowed.beside), pa.string()))
            for text in pc.unique(texts.filter(declared)).to_pylist():
                yield from ((text, problem) for problem in telling(text).values())
            running = texts.filter(pc.invert(declared))
        else:
            running = pa.array(self._not_listed(allowed, self._fine[key], pc.unique(texts).to_pylist()), pa.string())
        if allowed.words is None or not len(running):
            yield from ((text, problem) for text in running.to_pylist() for problem in _said_of(allowed, text))
        else:
            yield from _of_running_text(allowed, self._fine[key], running)

    @staticmethod
    def _not_listed(allowed: Allowed, fine: set[str], distinct: list[str]) -> list[str]:
        """Return the texts that are neither of the column's form nor declared, or that tell something anyway."""
        left = []
        for text in distinct:
            if text in fine:
                continue
            if (text in allowed.beside or allowed.fits is None or allowed.fits(text)) and not telling(text):
                fine.add(text)
            else:
                left.append(text)
        return left


def telling(text: str) -> dict[str, str]:
    """Return what in a text could lead outside, each with what is wrong with it.

    Examples:
        >>> telling("Call 202-555-0143 or write to desk@example.org."), telling("=1+1")
        ({}, {'=': 'begins as a formula does'})
        >>> telling("Call 202-456-1414, see www.example.com.")
        {'www.example.com': 'is a web address', '456-1414': 'is a number to call outside 555-0100 to 555-0199'}
    """
    if not re.search(_ANY_TELLING, text):
        return {}
    found: dict[str, str] = {}
    for problem, pattern, allowed in _SEEN:
        for match in pattern.findall(text):
            value = match.rstrip(".,;")
            if not allowed.fullmatch(value) and not any(value in other for other in found if value != other):
                found[value] = problem
    return found


def _said_of(allowed: Allowed, text: str) -> Iterator[str]:
    yield from dict.fromkeys(telling(text).values())
    if text not in allowed.beside and allowed.fits is not None and not allowed.fits(text):
        yield f"is neither {allowed.what} nor a declared text beside it"


def _texts(chunk: pa.Array) -> pa.Array:
    """Return the texts of a column without nulls; of a coded one those that occur."""
    if pa.types.is_dictionary(chunk.type):
        return chunk.dictionary.take(pc.unique(chunk.indices).drop_null())
    return chunk.drop_null()


# --------------------------------------------------------------------------------------------------------- identifiers


def _wrong_digits(references: pa.Array, *, mistyped: bool) -> Iterator[tuple[str, str]]:
    """Yield identifiers whose check digit is wrong, and not because one of the last five digits is one too high."""
    if not len(references):
        return
    digits = _digits(references)
    bad = luhn_remainders(digits) != 0
    if mistyped and bad.any():
        rows = np.flatnonzero(bad)
        for place in range(5, 10):
            as_meant = digits[rows]
            as_meant[:, place] = (as_meant[:, place] + 9) % 10
            bad[rows[luhn_remainders(as_meant) == 0]] = False
    if bad.any():
        for text in references.take(pa.array(np.flatnonzero(bad)[:MOST_SHOWN])).to_pylist():
            yield text, "has a wrong check digit"


def _digits(references: pa.Array) -> npt.NDArray[np.uint8]:
    """Return the eleven digits of each identifier, shape (n, 11)."""
    tails = pa.concat_arrays([pc.utf8_slice_codeunits(references, -_TAIL)])
    text = np.frombuffer(tails.buffers()[2], np.uint8, len(tails) * _TAIL).reshape(-1, _TAIL)
    found: npt.NDArray[np.uint8] = np.delete(text, _TAIL - 2, axis=1) - np.uint8(ord("0"))
    return found


def luhn_remainders(digits: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return what is left over of each Luhn sum modulo 10: 0 where the check digit, the last, is right.

    Args:
        digits: shape (n, 11).

    References:
        ISO/IEC 7812-1, annex B.

    Examples:
        >>> luhn_remainders(np.array([[0, 0, 7, 9, 9, 2, 7, 3, 9, 8, 2], [0, 0, 7, 9, 9, 2, 7, 3, 9, 8, 3]], np.uint8))
        array([0, 1], dtype=uint8)
    """
    doubled = digits[:, 1::2] * np.uint8(2)
    doubled -= np.uint8(9) * (doubled > 9).astype(np.uint8)
    rest: npt.NDArray[np.uint8] = (digits[:, ::2].sum(axis=1) + doubled.sum(axis=1)).astype(np.uint8) % np.uint8(10)
    return rest


# -------------------------------------------------------------------------------------------------------- running text


def _of_running_text(allowed: Allowed, fine: set[str], texts: pa.Array) -> Iterator[tuple[str, str]]:
    """Yield words from nowhere, capitals inside a sentence, and what could lead outside."""
    words = pc.unique(pc.list_flatten(pc.ascii_split_whitespace(texts))).to_pylist()
    for word in words:
        if word not in fine:
            plain = word.strip(PUNCTUATION)
            if plain and plain not in (allowed.words or ()) and not telling(plain):
                yield plain, "is no word of the scenario"
            else:
                fine.add(word)
    hits = texts.filter(pc.match_substring_regex(texts, _ANY_TELLING))
    for text in hits.to_pylist():
        yield from ((value.strip(PUNCTUATION), problem) for value, problem in telling(text).items())
    if allowed.never:
        for text in texts.filter(pc.match_substring_regex(texts, allowed.never)).slice(0, MOST_SHOWN).to_pylist():
            yield from ((match, "is a month beyond the calendar") for match in re.findall(allowed.never, text))
    capitals = {plain for word in words if CAPITAL.match(plain := word.strip(PUNCTUATION))}
    outside = sorted((capitals & (allowed.words or frozenset())) - allowed.within)
    if outside:
        inside = rf"[a-z0-9,;:] ({'|'.join(map(re.escape, outside))})\b"
        for text in texts.filter(pc.match_substring_regex(texts, inside)).slice(0, MOST_SHOWN).to_pylist():
            yield from ((match, "is capitalised inside a sentence") for match in re.findall(inside, text))


# ------------------------------------------------------------------------------------------------------ of a scenario


def scenario_findings(scenario: Scenario) -> Iterator[Advice]:
    """Yield what in a scenario could identify somebody or lead outside: the place, and what is wrong. A warning.

    Names of fields and true values, prefixes of identifiers, and all texts: values, wordings, sentences, placeholders
    and not-values. A list of words cannot know every name; that none is used remains the author's to answer for.

    Examples:
        >>> from synth import load_scenario
        >>> list(scenario_findings(load_scenario("oig-20-13")))
        []
    """
    for place, name in _names(scenario):
        for word in sorted(PERSONAL & set(name.lower().split("_"))):
            yield place, f"'{name}' speaks of a {word}; records here have none. Rename it or leave it out."
    for place, prefix in _prefixes(scenario):
        if not prefix.startswith(RESERVED):
            yield place, f"'{prefix}' is the prefix of identifiers that could be real. Begin it with {RESERVED}."
    for place, text, capital in _all_texts(scenario):
        for value, problem in telling(text).items():
            yield place, f"'{value}' {problem}. Leave it out."
        for word in sorted(ATTRIBUTES & {word.lower() for word in re.findall("[A-Za-z]+", text)}):
            yield place, f"'{text}' speaks of a {word}; records here have none. Leave it out."
        for word in capital.findall(text) if capital else ():
            if word not in OF_THE_CALENDAR:
                yield (
                    place,
                    f"'{word}' is capitalised inside a sentence, as a name is. Write of roles, in small letters.",
                )


def _names(scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
    yield from ((("truth", name), name) for name in scenario.truth)
    for system, spec in scenario.systems.items():
        yield from ((("systems", system, "fields", name), name) for name in spec.fields)


def _prefixes(scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for name, truth in scenario.truth.items():
        if isinstance(truth, Reference) or (isinstance(truth, Seat) and truth.kind == "officer"):
            yield ("truth", name, "prefix"), truth.prefix
    for system, spec in scenario.systems.items():
        yield ("systems", system, "prefix"), spec.prefix


def _all_texts(scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str, re.Pattern[str] | None]]:
    """Yield every text that can come into records: its place, itself, and what a capitalised word in it would be."""
    sentences = [text for each in scenario.narratives.values() for variants in each.sentences for text in variants]
    told = {fact for text in sentences for fact in slots(text)}
    for name, truth in scenario.truth.items():
        if isinstance(truth, Choice):
            within = CAPITAL if name in told else None
            yield from ((("truth", name, "values"), text, within) for text in truth.values)
            for key in ("surfaces", "updates"):
                worded: Mapping[str, list[str]] = getattr(truth, key)
                yield from ((("truth", name, key, v), text, within) for v, texts in worded.items() for text in texts)
        elif isinstance(truth, Code) or (isinstance(truth, Seat) and truth.kind == "office"):
            yield ("truth", name, "prefix"), truth.prefix, None
    for system, each in scenario.narratives.items():
        for number, variants in enumerate(each.sentences):
            for text in variants:
                yield ("narratives", system, "sentences", number), text, CAPITAL_INSIDE
    for key in ("placeholders", "novel_placeholders"):
        listed: Mapping[str, list[str]] = getattr(scenario, key)
        yield from (((key, kind), text, CAPITAL_INSIDE) for kind, texts in listed.items() for text in texts)
    yield from ((("not_values",), text, None) for text in scenario.not_values)
