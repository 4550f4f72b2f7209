"""Advice as files: one page of HTML for the meeting, and a workbook. Written whole or not at all."""

from __future__ import annotations

import io
import os
import re
from contextlib import suppress
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jinja2
import markupsafe

from benchmarks.decide import tables
from benchmarks.decide.advice import NUMBERS, Advice
from benchmarks.decide.field_list import STATES
from synth.errors import OutputError
from synth.spec import UNSAFE_STARTS

SUFFIXES = {"--html": (".html", ".htm"), "--xlsx": (".xlsx",)}
WIDEST = 60  # characters of a column


def refuse_place(option: str, out: Path) -> None:
    """Refuse a file that cannot be written, before anything is worked out.

    Raises:
        OutputError: the file exists, its folder does not, its name has another ending, or a library is missing.
    """
    wanted = SUFFIXES[option]
    if out.suffix.casefold() not in wanted:
        raise OutputError(
            f"{option} {out}: the name does not end in {wanted[0]}. Name it {out.stem or 'form'}{wanted[0]}."
        )
    if option == "--xlsx" and find_spec("xlsxwriter") is None:
        raise OutputError(
            f"{option} {out}: needs xlsxwriter, which is not installed. Run: pip install 'casegauge[excel]', or ask "
            "for --html or --json."
        )
    if os.path.lexists(out):
        raise OutputError(f"{option} {out} exists; nothing was written. Name a new file.")
    if not out.parent.is_dir():
        raise OutputError(f"{option} {out}: there is no such folder. Name a file in one that exists.")


def write_whole(content: bytes, option: str, out: Path) -> None:
    """Write a new file under a temporary name and move it when it is whole.

    Raises:
        OutputError: it cannot be written, or has come to exist meanwhile; nothing is left behind.
    """
    refuse_place(option, out)
    temporary = out.with_name(f".{out.name[:200]}.{os.getpid()}.part")
    try:
        with temporary.open("xb") as file:
            file.write(content)
        temporary.rename(out)
    except OSError as problem:
        raise OutputError(f"{option} {out} cannot be written ({problem.strerror or problem}). Name another.") from None
    finally:
        with suppress(OSError):
            temporary.unlink()


def page(advice: Advice, title: str) -> str:
    """Return advice as one page that opens offline and prints.

    Args:
        advice: what to say.
        title: of the form, such as the name of the list.
    """
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["said"] = tables.said
    environment.filters["breakable"] = _breakable
    environment.filters["range"] = tables.range_says
    template = environment.from_string(files("benchmarks").joinpath("templates", "decide.html.j2").read_text("utf-8"))
    text = template.render(
        title=title, headline=tables.headline(advice), settings=tables.settings_say(advice), choice=tables.CHOICE,
        draw=tables.draw_says(advice), one_by_one=tables.ONE_BY_ONE,
        fields=tables.field_rows(advice), details=_details(advice), settle=tables.settle_rows(advice),
        forms=tables.form_rows(advice), steps=tables.step_rows(advice), parameters=tables.parameter_rows(advice),
        shown=tables.SHOWN, titles=tables.TITLES, numbers=NUMBERS, n=f"{advice.settings.n_swept:,}",
        cannot=tables.CANNOT, notes=advice.notes, states=STATES,
    )  # fmt: skip
    return re.sub(r"(?<=\d) %", "\N{NO-BREAK SPACE}%", text) + "\n"


def _breakable(name: str) -> markupsafe.Markup:
    """Let a name wrap after an underscore, a stroke or a full stop."""
    return markupsafe.Markup("<wbr>").join(re.split(r"(?<=[_/.-])", name))


def _details(advice: Advice) -> list[dict[str, Any]]:
    """Return every control of every field with its numbers."""
    found = []
    for row, each in zip(tables.field_rows(advice), advice.fields, strict=True):
        if each.verdict:
            options = [
                {"name": bar["name"], "n_best": f"{option.n_best:,}", "numbers": option.numbers,
                 "is_now": state == each.row.now, "is_leaning": state == each.leaning}
                for state, (bar, option) in enumerate(zip(row["bar"], each.options, strict=True))
            ]  # fmt: skip
            found.append({**row, "options": options, "flips": list(each.flips)})
    return found


def workbook(advice: Advice, title: str) -> bytes:
    """Return advice as an Excel workbook: verdicts, every option, the whole form, what to measure, the choices.

    Texts never begin with =, + or @, so that no reader takes one for a formula.
    """
    import xlsxwriter

    held = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(held, options)
    head, wrap = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#F0F3F8"}), {
        "text_wrap": True, "valign": "top",
    }  # fmt: skip
    text, number = book.add_format(wrap), book.add_format({**wrap, "num_format": "#,##0.0"})
    for name, rows in _sheets(advice, title).items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, int | float):
                    sheet.write_number(at, column, value, number if isinstance(value, float) else text)
                else:
                    sheet.write_string(at, column, safe(value), text if at else head)
        for column in range(max(map(len, rows))):
            longest = max((len(str(row[column])) for row in rows if column < len(row)), default=0)
            sheet.set_column(column, column, min(max(longest / (3 if name == "Read me" else 1), 9), WIDEST))
        sheet.freeze_panes(1, 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
    book.close()
    return held.getvalue()


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    Examples:
        >>> safe("=SUM(A1)"), safe(" +1"), safe("plain")
        ('SUM(A1)', '1', 'plain')
    """
    return text.lstrip("".join(UNSAFE_STARTS) + "-\r\n ") if text.strip().startswith((*UNSAFE_STARTS, "-")) else text


def _sheets(advice: Advice, title: str) -> dict[str, list[list[Any]]]:
    three = [part for name in NUMBERS for part in (tables.TITLES[name], "low", "high")]

    def numbers(found: Any) -> list[float]:
        return [round(getattr(found[name], part), 4) for name in NUMBERS for part in ("central", "low", "high")]

    head = ["field", "today", "applies", "verdict", "best most often", "best in (settings)", "of settings"]
    about = ["how it came about", "what would settle it", "how the row was read"]
    verdicts: list[list[Any]] = [[*head, "change looked at", "best in (settings)", *three, *about]]
    choices: list[list[Any]] = [["field", "control", "today", "best in (settings)", "of settings", *three]]
    for row, each in zip(tables.field_rows(advice), advice.fields, strict=True):
        empty = [""] * len(three)
        verdicts.append([
            row["field"], row["today"], row["condition"], row["verdict"], row["leaning"],
            row["n_best"] if each.verdict else "", advice.settings.n_swept if each.verdict else "", row["change"],
            row["n_change"] if each.verdict else "",
            *(numbers(row["numbers"]) if each.verdict else empty), row["why"], row["settle"], "; ".join(row["notes"]),
        ])  # fmt: skip
        for bar, option in zip(row["bar"], each.options, strict=True):
            choices.append([row["field"], bar["name"], "yes" if STATES[each.row.now] == option.state else "",
                            option.n_best, advice.settings.n_swept, *numbers(option.numbers)])  # fmt: skip
    forms: list[list[Any]] = [["set of controls", "shown as complete", "ahead of today in", *three]]
    forms += [
        [row["name"], row["complete"], row["ahead"], *numbers(row["numbers"])] for row in tables.form_rows(advice)
    ]
    measure: list[list[Any]] = [["parameter", "in plain words", "measure this", "fields it decides about", "then"]]
    measure += [
        [row["parameter"], row["says"], row["measure"], ", ".join(row["fields"]), row["then"]]
        for row in tables.settle_rows(advice)
    ]
    steps: list[list[Any]] = [["step", "field", "change", "net right entries for 1,000 cases", "all steps so far"]]
    steps += [
        [row["number"], row["field"], row["change"], round(row["gain"], 4), round(row["total"], 4)]
        for row in tables.step_rows(advice)
    ]
    choice: list[list[Any]] = [["parameter", "in plain words", "low", "central", "high", "grade", "what anchors it"]]
    choice += [
        [row["name"], row["says"], row["low"], row["central"], row["high"], f"{row['grade']}: {row['means']}",
         row["anchor"]]
        for row in tables.parameter_rows(advice)
    ]  # fmt: skip
    read_me = [
        [f"casegauge decide: {title}"],
        [tables.headline(advice)],
        [tables.CHOICE],
        [tables.settings_say(advice)],
    ]
    read_me.append(["Numbers are for 1,000 cases. Differences are from the form as it is."])
    read_me += [[f"Note: {note}"] for note in advice.notes]
    read_me += [
        ["What this cannot show:"],
        *([line] for line in tables.CANNOT),
    ]
    return {"Verdicts": verdicts, "Every control": choices, "Whole form": forms, "Measure first": measure,
            "Set found": steps, "Choices": choice, "Read me": read_me}  # fmt: skip
