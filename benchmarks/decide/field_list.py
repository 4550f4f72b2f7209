"""The list of fields that `casegauge decide` reads: one row a field, every cell but the name may be empty."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from synth.errors import DataError, OutputError, nearest
from synth.field_files import Row, read_rows, read_text
from synth.listed_fields import NO, YES, conditions_of, per_cent, shown

MOST_FIELDS = 400  # of one form; a setting holds some forty numbers a field
LONGEST_SECONDS = 3600
LONGEST_NAME = 60
UNSURE = frozenset({"", "?", "-", "na", "n/a", "do not know", "don't know", "not known"})  # read as an empty cell

# What a column may be called; the first name is ours.
COLUMNS = {
    "field": ("field", "field name", "fieldname", "name", "variable", "element", "data element", "question"),
    "applies when": ("applies when", "applies if", "applies", "condition", "conditional on", "asked if", "asked when"),
    "applies %": ("applies %", "share of cases", "% of cases"),
    "required now": ("required now", "required", "mandatory", "compulsory", "obligatory", "usage", "hard stop"),
    "blank %": ("blank %", "blank", "blanks", "left blank %", "missing %", "missing", "empty %", "empty"),
    "placeholder %": ("placeholder %", "placeholder", "placeholders %", "placeholders"),
    "who knows it": ("who knows it", "who knows", "who", "known by", "known to", "source"),
    "when": ("when", "known when", "when known", "when is it known", "who knows it when"),
    "stable": ("stable or event specific", "stable", "stability", "event specific", "stable/event specific"),
    "list fits?": ("list fits", "list fits %", "list fits?", "list", "pick list", "picklist", "fits"),
    "seconds to enter": ("seconds to enter", "seconds", "entry seconds", "time to enter", "sec", "s"),
}
FILLERS = frozenset({"in", "is", "the", "now", "today", "currently"})  # in a header they tell nothing
TELLING = {  # a header that holds such a word and is not read may be meant for a column of ours
    **dict.fromkeys(("required", "mandatory", "compulsory", "obligatory"), "required now"),
    **dict.fromkeys(("blank", "blanks", "missing", "empty"), "blank %"),
    **dict.fromkeys(("placeholder", "placeholders"), "placeholder %"),
    "seconds": "seconds to enter",
}
CLOSE = 0.75  # at .6, as elsewhere, "description" would be taken for "condition"

OPTIONAL, REQUIRED, UNKNOWN_ALLOWED, WARNED = range(4)
STATES = ("leave", "require", "require_with_unknown", "warn")
STAMPED = "stamped"

_REQUIRED = {
    **dict.fromkeys(NO - {""} | {"optional", "voluntary", "may stay blank"}, OPTIONAL),
    **dict.fromkeys(YES | {"required", "mandatory", "hard stop", "enforced", "must", "conditional", "compulsory",
                         "obligatory"}, REQUIRED),
    **dict.fromkeys(
        ("with unknown", "unknown allowed", "yes with unknown", "yes unknown allowed", "required with unknown",
         "required unknown allowed", "require with unknown"), UNKNOWN_ALLOWED,
    ),
    **dict.fromkeys(("warn", "warning", "soft warning", "warned", "reminder", "recommended"), WARNED),
    **dict.fromkeys((STAMPED, "system", "automatic", "auto", "filled by the system"), STAMPED),
}  # fmt: skip
AT_THE_TIME, LATER, ELSE, NOBODY = "writer at the time", "writer later", "somebody else", "nobody"
_WHO = {
    **dict.fromkeys(
        ("writer", "the writer", AT_THE_TIME, "writer then", "officer", "clerk", "worker", "staff", "user"), AT_THE_TIME
    ),
    **dict.fromkeys((LATER, "the writer later", "writer afterwards", "later"), LATER),
    **dict.fromkeys(
        (ELSE, "someone else", "somebody other", "other", "others", "another", "another person", "another office",
         "another system", "colleague", "supervisor", "somebody else later", "someone else later"), ELSE,
    ),
    **dict.fromkeys((NOBODY, "no one", "noone", "none"), NOBODY),
    **dict.fromkeys(("system", "the system", STAMPED, "automatic", "auto"), STAMPED),
}  # fmt: skip
_WHEN = {
    **dict.fromkeys(("at the time", "at once", "then", "at entry", "on the spot", "now", "same day"), AT_THE_TIME),
    **dict.fromkeys(("later", "after", "afterwards", "days later", "next day", "at the end"), LATER),
}
_STABLE = {
    **dict.fromkeys(("stable", "yes", "y", "seldom changes", "does not change"), True),
    **dict.fromkeys(("event specific", "event", "no", "n", "specific", "changes", "case specific"), False),
}
FITS, FITS_NOT, FREE = "fits", "does not fit", "free text"
_LIST = {
    **dict.fromkeys(("yes", "y", "true", "fits", "it fits", "list fits"), (FITS, False)),
    **dict.fromkeys(("no", "n", "false", "does not fit", "fits badly", "misfit", "partly"), (FITS_NOT, False)),
    **dict.fromkeys(("yes with other", "yes other"), (FITS, True)),
    **dict.fromkeys(("no with other", "no other"), (FITS_NOT, True)),
    **dict.fromkeys((FREE, "free", "text", "typed", "no list", "date", "number", "narrative"), (FREE, False)),
}
POSSIBLE = {
    "required now": "yes, no, with unknown, warn, system",
    "who knows it": "writer at the time, writer later, somebody else, nobody, system",
    "when": "at the time, later",
    "stable": "stable, event-specific",
    "list fits?": "yes, no, yes with other, no with other, free text, or per cent",
}


@dataclass(frozen=True)
class FieldRow:
    """One field of a form, as its row says it; None: the row does not say.

    Attributes:
        name: as written, on one line.
        condition: when it applies, in the user's words; '' = always.
        applies: share of cases in which it applies.
        applies_said: whether the list gives that share.
        now: what the form does today, an index of `STATES`.
        stamped: filled by the system: nobody types it, nothing is decided.
        blank: share blank today, of cases in which it applies.
        placeholder: share that holds a placeholder today.
        who: who knows the value: writer at the time, writer later, somebody else, nobody.
        stable: whether the value seldom changes from case to case.
        listed: whether there is a list, and whether it fits: fits, does not fit, free text.
        has_other: whether the list has an answer that says nothing ("other").
        misfit: share of true values without a fitting option, where the list says so.
        seconds: to enter a true value.
        notes: how the row was read, where that is not plain.
    """

    name: str
    condition: str = ""
    applies: float = 1.0
    applies_said: bool = True
    now: int = OPTIONAL
    stamped: bool = False
    blank: float | None = None
    placeholder: float | None = None
    who: str | None = None
    stable: bool | None = None
    listed: str | None = None
    has_other: bool = False
    misfit: float | None = None
    seconds: float | None = None
    notes: tuple[str, ...] = ()


UNSAID_SHARE = 0.5  # of cases in which a conditional field applies, where nobody says
ALWAYS = frozenset({"always", "yes", "all", "all cases", "every case", "any"})


def read_field_rows(path: str | Path) -> tuple[list[FieldRow], list[str]]:
    """Read a list of fields: CSV (comma, semicolon, tab or |, UTF-8) or the first sheet of an .xlsx.

    Args:
        path: the file. Rows that begin with # are remarks.

    Returns:
        The fields in the order of the file, and notes on what was left unread or taken for granted.

    Raises:
        ScenarioError, DataError: what cannot be read, with its row and column.
        OutputError: an .xlsx, and no library to read it.

    Examples:
        >>> rows, notes = read_field_rows("examples/decide/shelter-intake.csv")
        >>> rows[0].name, rows[0].now, len(rows), notes
        ('entry_date', 1, 12, [])
    """
    path = Path(path)
    columns, rows, word = _workbook(path) if path.suffix.casefold() == ".xlsx" else _text(path)
    known = _known(columns, f"{path}: {word} 1")
    if "field" not in known:
        names = ", ".join(f"'{shown(column)}'" for column in columns[:8])
        raise DataError(
            f"{path}: {word} 1: no column 'field'. Got {names}. Name the column of field names 'field', or begin with "
            "`casegauge decide --template`."
        )
    _refuse_nearly(columns, known, f"{path}: {word} 1")
    if not rows:
        raise DataError(f"{path}: lists no fields. Give each field a row.")
    if len(rows) > MOST_FIELDS:
        raise DataError(f"{path}: lists {len(rows):,} fields; one form has at most {MOST_FIELDS} here. Split the list.")
    found = [
        _field_row({ours: cells.get(column, "") for ours, column in known.items()}, f"{path}: {word} {line}")
        for line, cells in rows
    ]
    lines = [line for line, _ in rows]
    _refuse_twice(found, lines, path, word)
    found = _shares_by_condition(found, lines, path, word)
    return found, _notes(columns, known, found)


def _header(text: str) -> str:
    """Return what makes two headers the same: "Blank (in %)", "% blank" and "blank percent" are "blank %"."""
    plain = _plain(re.sub(r"[\[\]{}*/,;\"']+", " ", text))
    plain = re.sub(r"\b(per cent|percent|percentage|pct)\b", "%", plain).replace("%", " % ")
    words = [word for word in plain.split() if word not in FILLERS]
    return " ".join([*(word for word in words if word != "%"), *(["%"] if "%" in words else [])])


def _known(columns: Sequence[str], place: str) -> dict[str, str]:
    """Return the columns that are read, by our names."""
    said: dict[str, str] = {}
    ours_of = {_header(other): ours for ours, others in COLUMNS.items() for other in others}
    for column in columns:
        header = _header(column)
        if header in said and header in ours_of:
            raise DataError(
                f"{place}: columns '{shown(said[header])}' and '{shown(column)}' both mean '{ours_of[header]}'. "
                "Rename or remove one."
            )
        said[header] = column
    return {
        ours: said[_header(other)]
        for ours, others in COLUMNS.items() for other in reversed(others) if _header(other) in said
    }  # fmt: skip


def _refuse_nearly(columns: Sequence[str], known: Mapping[str, str], place: str) -> None:
    """Refuse a header that is not read and nearly one of ours, unless that column stands there under another."""
    ours_of = {_header(other): ours for ours, others in COLUMNS.items() for other in others}
    for column in columns:
        header = _header(column)
        if not header or header in ours_of:
            continue
        meant = [TELLING[word] for word in header.split() if word in TELLING]
        meant += [ours_of[near] for near in get_close_matches(header, ours_of, n=1, cutoff=CLOSE)]
        if meant and meant[0] not in known:
            raise DataError(
                f"{place}: column '{shown(column)}' is not read. Did you mean '{meant[0]}'? Name it so; if it is "
                "something else, rename or remove it."
            )


def _text(path: Path) -> tuple[list[str], list[Row], str]:
    text = read_text(path)
    if text.lstrip()[:1] in {"{", "["}:
        raise DataError(f"{path}: looks like JSON. `decide` reads a table: CSV or .xlsx, one row a field.")
    remark = re.compile(r'^[ \t]*"?#.*$', re.MULTILINE)
    text = remark.sub("", text)
    if not text.strip():
        raise DataError(f"{path}: holds remarks only. Give each field a row.")
    columns, rows = read_rows(text, str(path))
    return columns, rows, "line"


def _workbook(path: Path) -> tuple[list[str], list[Row], str]:
    """Return the first sheet of a workbook as text, per cent as they are shown."""
    if find_spec("openpyxl") is None:
        raise OutputError(
            f"{path}: reading .xlsx needs openpyxl, which is not installed. Run: pip install 'casegauge[excel]', or "
            "save the sheet as CSV UTF-8."
        )
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, data_only=True)
    except OSError as problem:
        raise DataError(f"{path}: cannot be read ({problem.strerror or problem}). Check the path.") from None
    except Exception as problem:  # noqa: BLE001  # openpyxl raises whatever its parts raise on a broken file
        raise DataError(
            f"{path}: is no workbook that can be read ({shown(problem)}). Save it again as .xlsx."
        ) from None
    cells = [[_cell_text(cell) for cell in row] for row in book.worksheets[0].iter_rows()]
    filled = [(number, row) for number, row in enumerate(cells, 1) if any(row) and not row[0].startswith("#")]
    if not filled:
        raise DataError(f"{path}: the first sheet is empty. Put the list of fields there.")
    (first, header), *rest = filled
    width = max((place + 1 for place, name in enumerate(header) if name), default=0)
    columns = header[:width]
    for name in columns:
        if name and columns.count(name) > 1:
            raise DataError(f"{path}: row {first}: column '{shown(name)}' stands there twice. Rename one.")
    for number, row in rest:
        if any(row[width:]):
            raise DataError(f"{path}: row {number}: has a cell beyond the last named column. Name its column.")
    return columns, [(number, dict(zip(columns, row, strict=False))) for number, row in rest], "row"


def _cell_text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        number = 100 * value if "%" in str(cell.number_format) else value
        return f"{number:.10g}"
    return str(value).strip()


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[_\-.:?()]+", " ", text.casefold()).split())


def _field_row(row: Mapping[str, str], place: str) -> FieldRow:
    name = one_line(row["field"])
    if not name:
        raise DataError(f"{place}: column 'field' is empty. Give the field a name, or remove the row.")
    condition = one_line(row.get("applies when", ""))
    condition = "" if _plain(condition) in ALWAYS | UNSURE else condition
    share = per_cent(row.get("applies %", ""), "applies %", place)
    notes: list[str] = []
    if share is None and condition:
        notes.append(f"applies in: not said; {UNSAID_SHARE:.0%} of cases taken".replace("%", " %"))
    now = _word(row, "required now", _REQUIRED, place)
    who = _word(row, "who knows it", _WHO, place)
    when = _word(row, "when", _WHEN, place)
    stamped = STAMPED in {now, who}
    if when == LATER and who in {None, AT_THE_TIME}:
        who = LATER
    if when == AT_THE_TIME and who is None:
        who = AT_THE_TIME
    blank = per_cent(row.get("blank %", ""), "blank %", place)
    placeholder = per_cent(row.get("placeholder %", ""), "placeholder %", place)
    if (blank or 0) + (placeholder or 0) > 100:
        raise DataError(f"{place}: blank % {blank} and placeholder % {placeholder} are over 100 together.")
    state = OPTIONAL if now is None or now == STAMPED else now
    if state in {REQUIRED, UNKNOWN_ALLOWED} and blank:
        state = OPTIONAL
        notes.append("required, yet blank at times: the form does not insist, so it is read as not required")
    listed, has_other, misfit = _list_fits(row, place)
    if listed in {FITS, FITS_NOT} and placeholder:
        has_other = True
        notes.append("placeholders in a list: read as a listed answer that says nothing")
    return FieldRow(
        name, condition=condition,
        applies=(UNSAID_SHARE if condition else 1.0) if share is None else float(share) / 100,
        applies_said=share is not None or not condition, now=state, stamped=stamped,
        blank=None if blank is None else float(blank) / 100,
        placeholder=None if placeholder is None else float(placeholder) / 100,
        who=None if who == STAMPED else who, stable=_word(row, "stable", _STABLE, place), listed=listed,
        has_other=has_other, misfit=misfit, seconds=_seconds(row, place), notes=tuple(notes),
    )  # fmt: skip


def _word(row: Mapping[str, str], column: str, words: Mapping[str, Any], place: str) -> Any:
    """Return what a cell means, None where it is empty or says that nobody knows."""
    word = _plain(row.get(column, "").replace(",", " ").replace('"', " "))
    if word in UNSURE and word not in words:
        return None
    if word not in words:
        hint = nearest(word, words)
        hint = hint if hint.startswith("Did") else f"Possible: {POSSIBLE[column]}."
        raise DataError(
            f"{place}: column '{column}' is '{shown(row[column])}'. {hint} Leave it empty if you do not know."
        )
    return words[word]


def _list_fits(row: Mapping[str, str], place: str) -> tuple[str | None, bool, float | None]:
    text = row.get("list fits?", "")
    if re.fullmatch(r"\s*[0-9]+([.,][0-9]+)?\s*%?\s*", text) and text.strip() not in {"0", "1"}:
        share = per_cent(text, "list fits?", place)
        misfit = 1 - float(share or 0) / 100
        return (FITS if misfit == 0 else FITS_NOT), False, misfit
    listed, has_other = _word(row, "list fits?", _LIST | {"1": (FITS, False), "0": (FITS_NOT, False)}, place) or (
        None,
        False,
    )
    return listed, has_other, None


def _seconds(row: Mapping[str, str], place: str) -> float | None:
    text = row.get("seconds to enter", "")
    plain = re.sub(r"\s*(s|sec|seconds?)\.?$", "", text.strip().casefold()).replace(",", ".")
    if plain in UNSURE:
        return None
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]+)?", plain) or float(plain) > LONGEST_SECONDS:
        raise DataError(
            f"{place}: column 'seconds to enter' is '{shown(text)}'. Give seconds, 0 to {LONGEST_SECONDS:,}, as 12."
        )
    return float(plain)


def _refuse_twice(rows: Sequence[FieldRow], lines: Sequence[int], path: Path, word: str) -> None:
    first: dict[str, int] = {}
    for row, line in zip(rows, lines, strict=True):
        key = row.name.casefold()
        if key in first:
            raise DataError(
                f"{path}: {word} {line}: field '{shown(row.name)}' stands in {word} {first[key]} already. One row a "
                "field, one form a file: rename it, or put the other form's fields in a file of its own."
            )
        first[key] = line


def condition_key(condition: str) -> str:
    """Return what makes two conditions the same: their words, whatever their case and spacing."""
    return _plain(condition.replace("=", " = "))


def _shares_by_condition(rows: list[FieldRow], lines: Sequence[int], path: Path, word: str) -> list[FieldRow]:
    """Give fields of one condition one share of cases; refuse two."""
    shares: dict[str, tuple[float, int]] = {}
    for row, line in zip(rows, lines, strict=True):
        if row.condition and row.applies_said:
            share, at = shares.setdefault(condition_key(row.condition), (row.applies, line))
            if share != row.applies:
                raise DataError(
                    f"{path}: {word} {line}: column 'applies %' is {100 * row.applies:g}, but {100 * share:g} in "
                    f"{word} {at} under the same condition. Give both the same, or other conditions."
                )
    found = []
    for row in rows:
        share, _ = shares.get(condition_key(row.condition), (row.applies, 0))
        if row.condition and not row.applies_said and condition_key(row.condition) in shares:
            notes = tuple(note for note in row.notes if not note.startswith("applies in"))
            found.append(FieldRow(**{**row.__dict__, "applies": share, "applies_said": True, "notes": notes}))
        else:
            found.append(row)
    return found


def _notes(columns: Sequence[str], known: Mapping[str, str], rows: Sequence[FieldRow]) -> list[str]:
    unread = [shown(column) for column in columns if column and column not in known.values()]
    notes = [f"columns not read: {', '.join(unread)}"] if unread else []
    rates = [row.blank for row in rows if row.blank]
    if rates and max(rates) <= 0.01:
        notes.append(f"all blank rates are {100 * max(rates):g} or less; they were read as per cent")
    return notes


def trigger_of(condition: str, names: Mapping[str, int]) -> int:
    """Return which field of the list a condition is about first, -1 if none.

    Args:
        condition: in the user's words.
        names: field number by name in small letters.

    Examples:
        >>> trigger_of("hold requested = yes", {"hold requested": 3})
        3
    """
    for name, _ in conditions_of(condition) or ():
        for spelt in (name.casefold(), name.casefold().replace(" ", "_")):
            if spelt in names:
                return names[spelt]
    return -1


def one_line(text: str) -> str:
    """Return a text of a user's file on one line, without signs that a terminal or a page would act on."""
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 3] + "..."
