"""A field as somebody's field list says it, in the few words all formats share; names and values made usable."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from synth.errors import ScenarioError, nearest
from synth.spec import NULL_LOOKALIKES, UNSAFE_STARTS, USAGES

LONGEST_NAME = 60
LARGEST = 1000  # of whole numbers a scenario can hold
USUAL_RANGE = (0, 100)
LONG_TEXT = 250  # characters from which a text is running text
YES = frozenset({"yes", "y", "true", "t", "1", "x"})
NO = frozenset({"no", "n", "false", "f", "0", ""})

DATE_ONLY = "its time of day is not carried"
WHOLE_ONLY = "decimals are not carried; whole numbers"
RUNNING_TEXT = "running text is not made up; a code shows whether it is filled"
NO_ADDRESS = "no addresses or numbers of persons are made up; a code"
NOT_CARRIED = "a value of this type is not carried; a code"
NO_TYPE = "no type is given; a code"

_TYPES = {
    "choice": ("choice", "list", "pick list", "picklist", "enum", "category", "categorical", "dropdown", "code list"),
    "boolean": ("boolean", "bool", "bit", "yes/no", "flag", "checkbox", "logical"),
    "date": ("date", "day"),
    "time": ("time", "clock", "time of day"),
    "whole": ("integer", "int", "bigint", "smallint", "tinyint", "whole", "whole number", "count"),
    "code": ("string", "varchar", "nvarchar", "char", "nchar", "character", "character varying", "code", "label"),
    "reference": ("reference", "id", "identifier", "key", "uuid", "guid", "uid", "serial", "record number"),
}
_NEAREST = {  # nearest kind and why, of types that are known and cannot be carried as they are
    ("date", DATE_ONLY): ("datetime", "timestamp", "date-time", "datetime2", "date and time", "timestamptz"),
    ("whole", WHOLE_ONLY): ("number", "float", "decimal", "numeric", "double", "real", "money", "double precision"),
    ("code", RUNNING_TEXT): ("text", "free text", "long text", "note", "notes", "memo", "narrative", "comment", "clob"),
    ("code", NO_ADDRESS): ("email", "uri", "url", "phone", "address", "idn-email", "uri-reference", "iri", "hostname"),
    ("code", NOT_CARRIED): (
        "object", "array", "geopoint", "geojson", "duration", "year", "yearmonth", "any", "null", "binary", "blob",
        "json", "xml", "image", "file", "list of values", "ipv4", "ipv6", "regex",
    ),
    ("code", NO_TYPE): ("", "na"),
}  # fmt: skip
KINDS = {word: (kind, "") for kind, words in _TYPES.items() for word in words} | {
    word: told for told, words in _NEAREST.items() for word in words
}

# Answers that say nothing of the thing asked: what a scenario calls not-values.
SAYS_NOTHING = frozenset({
    "unknown", "not known", "not asked", "not recorded", "not stated", "not reported", "not collected",
    "not applicable", "data not collected", "prefer not to say", "na", "n/a", "#n/a",
})  # fmt: skip


@dataclass(frozen=True)
class ListedField:
    """One field of a list, as far as a scenario can carry it.

    Attributes:
        name: as it stands in the list.
        kind: choice, boolean, date, time, whole, code or reference.
        nearest: why this is only the nearest kind; '' where the type is carried as it is.
        values: the listed values, as written; empty where there are none.
        bounds: smallest and largest whole number, each None where not given.
        usage: mandatory, required, recommended or optional; None where the list does not say.
        applies: (field, values) conditions under which it is asked, as written; all must hold.
        blank: per cent of cells left blank, where given.
        placeholder: per cent of cells that hold a placeholder, where given.
        primary: whether it identifies the records of its table.
        target: (table, field) it refers to.
        remarks: what else a reader of the scenario should know of it.
    """

    name: str
    kind: str
    nearest: str = ""
    values: tuple[str, ...] = ()
    bounds: tuple[Decimal | None, Decimal | None] = (None, None)
    usage: str | None = None
    applies: tuple[tuple[str, tuple[str, ...]], ...] = ()
    blank: Decimal | None = None
    placeholder: Decimal | None = None
    primary: bool = False
    target: tuple[str, str] | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListedTable:
    """The fields of one form or table, in the order of the list."""

    name: str
    fields: tuple[ListedField, ...]


def kind_of(type_text: str, place: str) -> tuple[str, str]:
    """Return the kind of a type, and why it is only the nearest.

    Args:
        type_text: as written; a size in brackets is left off, a long one makes running text.
        place: file and row, for the message about a type nobody knows.

    Examples:
        >>> kind_of("varchar(20)", "")
        ('code', '')
        >>> kind_of("float", "")
        ('whole', 'decimals are not carried; whole numbers')
        >>> kind_of("bolean", "list.csv: row 2")
        Traceback (most recent call last):
        synth.errors.ScenarioError: list.csv: row 2: type 'bolean' is not known. Did you mean 'boolean'?
    """
    word, _, size = " ".join(type_text.casefold().split()).partition("(")
    word = word.strip()
    if word not in KINDS:
        hint = nearest(word, [*_TYPES, "number", "datetime", "text", "email", "object"])
        raise ScenarioError(f"{place}: type '{shown(type_text)}' is not known. {hint}")
    kind, why = KINDS[word]
    digits = re.match(r"\s*(max|[0-9]{1,9})", size)
    if kind == "code" and digits and (digits[1] == "max" or int(digits[1]) >= LONG_TEXT):
        return "code", RUNNING_TEXT
    return kind, why


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    Examples:
        >>> counted(1, "field"), counted(1200, "field")
        ('1 field', '1,200 fields')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def usage_of(text: str, place: str) -> str | None:
    """Return the usage class of a `required` cell: yes and no, or a class by name; None where nothing is said.

    Examples:
        >>> usage_of("Yes", ""), usage_of("no", ""), usage_of("Mandatory", ""), usage_of("", "")
        ('required', 'optional', 'mandatory', None)
    """
    word = text.strip().casefold()
    if word in {"", "na"}:
        return None
    if word in USAGES:
        return word
    if word in YES | NO:
        return "required" if word in YES else "optional"
    raise ScenarioError(f"{place}: required is '{shown(text)}'. Possible: yes, no, {', '.join(USAGES)}.")


def per_cent(text: str, what: str, place: str) -> Decimal | None:
    """Return a rate in per cent, None where the cell is empty; refuse what lies outside 0 to 100.

    Examples:
        >>> per_cent("12,5 %", "blank %", "")
        Decimal('12.5')
    """
    plain = text.replace("%", "").replace(",", ".").strip()
    if not plain:
        return None
    try:
        rate = Decimal(plain)
    except InvalidOperation:
        raise ScenarioError(
            f"{place}: {what} is '{shown(text)}', which is no number. Give per cent, as 12.5."
        ) from None
    if not rate.is_finite() or not 0 <= rate <= 100:
        raise ScenarioError(f"{place}: {what} is {shown(text)}; per cent lie between 0 and 100.")
    return rate if -6 <= int(rate.as_tuple().exponent) <= 0 else round(rate, 6)


def shown(text: object) -> str:
    r"""Return a text of a user's file fit for a message or a comment: one line of plain ASCII, not long.

    Examples:
        >>> shown("caf\u00e9\n bar")
        'caf? bar'
    """
    plain = " ".join(str(text).encode("ascii", "replace").decode().split())
    plain = "".join(letter if letter.isprintable() else "?" for letter in plain)
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 3] + "..."


def clean_name(text: str) -> str:
    """Return a text as the name of a field or system: small letters, digits and _, beginning with a letter.

    Examples:
        >>> clean_name("Date of Contact (1st)"), clean_name("eRecord.01"), clean_name("2nd visit"), clean_name("?")
        ('date_of_contact_1st', 'e_record_01', 'f_2nd_visit', 'field')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()
    plain = re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "field"
    plain = plain if plain[0].isalpha() else f"f_{plain}"
    return plain[:LONGEST_NAME].rstrip("_")


def own_name(text: str, taken: Collection[str], reserved: Collection[str] = ()) -> str:
    """Return a clean name that nobody has.

    Examples:
        >>> own_name("Record ID", {"a"}, {"record_id"}), own_name("a", {"a", "a_2"})
        ('record_id_field', 'a_3')
    """
    name = clean_name(text)
    name = f"{name[: LONGEST_NAME - 6]}_field" if name in reserved else name
    number, found = 2, name
    while found in taken:
        found = f"{name[: LONGEST_NAME - 6]}_{number}"
        number += 1
    return found


def clean_values(values: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    """Return listed values fit to be true values, those that are not-values, and what was changed.

    Examples:
        >>> clean_values(["open", " open", "None", "=x", "Unknown"])
        (['open', 'listed-None', 'x'], ['unknown'], ["values cleaned: 'None', '=x'"])
    """
    found: dict[str, None] = {}
    silent: dict[str, None] = {}
    changed = []
    for number, value in enumerate(values, 1):
        word = value.strip()
        plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()
        plain = "".join(letter if letter.isprintable() and letter not in "{}" else " " for letter in plain)
        plain = " ".join(plain.split())
        if " ".join(plain.casefold().replace("-", " ").split()) in SAYS_NOTHING:
            spoken = "-".join(re.findall(r"[a-z]+", plain.casefold()))
            silent[spoken if spoken not in {"na", "n-a"} else "not-applicable"] = None
            continue
        plain = plain.lstrip("".join(UNSAFE_STARTS) + " ")[:LONGEST_NAME].strip()
        if plain.lower() in NULL_LOOKALIKES:
            plain = f"listed-{plain}" if plain else f"value-{number}"
        if plain != word and word:
            changed.append(f"'{shown(value.strip())}'")
        if word:
            found[plain] = None
    remarks = [f"values cleaned: {', '.join(changed[:3])}{', ...' if len(changed) > 3 else ''}"] if changed else []
    return list(found), list(silent), remarks


def whole_range(low: Decimal | None, high: Decimal | None) -> tuple[int, int] | None:
    """Return the whole numbers a field may hold, None where a scenario has no room for them.

    Examples:
        >>> whole_range(None, None), whole_range(Decimal(18), None), whole_range(Decimal(1900), Decimal(2100))
        ((0, 100), (18, 118), None)
    """
    if low is None and high is None:
        return USUAL_RANGE
    if any(end is not None and not abs(end) <= 10 * LARGEST for end in (low, high)):
        return None
    first = 0 if low is None else math.ceil(low)
    last = min(first + USUAL_RANGE[1], LARGEST) if high is None else math.floor(high)
    return (first, last) if 0 <= first < last <= LARGEST else None


def conditions_of(text: str) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    """Return what a condition in words says, None where it cannot be read.

    Read are `field = value`, `field = a or b`, `field in (a, b)` and several of these joined by `and` or `;`.

    Examples:
        >>> conditions_of("status = open or held and kind is b")
        (('status', ('open', 'held')), ('kind', ('b',)))
        >>> conditions_of("amount > 5") is None
        True
    """
    found = []
    for clause in re.split(r"\s+and\s+|\s*&+\s*|\s*;\s*", text.strip(), flags=re.IGNORECASE):
        parts = re.fullmatch(
            r"(?:(?:if|when|only if)\s+)?([^=<>!~]+?)\s*(?:==?|:|\bis\b|\bin\b|\bequals\b)\s*([^=<>!~]+)",
            clause, re.IGNORECASE,
        )  # fmt: skip
        if (
            parts is None
            or re.match(r"not\b", parts[2], re.IGNORECASE)
            or re.search(r"\bnot$", parts[1], re.IGNORECASE)
        ):
            return None
        values = re.split(r"\s+or\s+|\s*[|,]\s*", parts[2].strip().strip("()[]{}"), flags=re.IGNORECASE)
        plain = tuple(value.strip().strip("'\"").strip() for value in values)
        if not all(plain):
            return None
        found.append((parts[1].strip().strip("'\"[]"), plain))
    return tuple(found)
