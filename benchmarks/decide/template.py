"""The list that `casegauge decide --template` prints: a few example rows, and what each column means."""

from __future__ import annotations

import csv
import io

TEMPLATE_HEAD = (
    "field", "applies when", "applies %", "required now", "blank %", "placeholder %", "who knows it", "when",
    "stable or event-specific", "list fits?", "seconds to enter",
)  # fmt: skip
TEMPLATE_ROWS = (
    ("contact_date", "", "", "yes", "", "", "writer", "at the time", "event-specific", "free text", "5"),
    ("outcome", "", "", "no", "12", "", "writer", "at the time", "event-specific", "yes", "4"),
    ("reason_closed", "outcome = closed", "40", "no", "35", "5", "writer", "later", "event-specific", "no", "6"),
    ("home_office", "", "", "no", "8", "", "somebody else", "", "stable", "yes", ""),
    ("remarks", "", "", "no", "", "", "", "", "", "", ""),
)
TEMPLATE_HELP = (
    "field: its name. The only cell a row must have. These example rows: remove them.",
    "applies when: leave empty if it is always asked; else what opens it, as outcome = closed.",
    "applies %: of 100 cases, in how many it is asked.",
    "required now: yes, no, with unknown (required, but unknown is an answer), warn, system (nobody types it).",
    "blank %: of 100 cases in which it is asked, how many are blank today.",
    "placeholder %: of the same 100, how many hold N/A, a dot, 999 and the like.",
    "who knows it: writer, somebody else, nobody, system. when: at the time, later.",
    "stable or event-specific: stable = seldom another value than in the last case.",
    "list fits?: yes, no, free text (no list), or the per cent of true values with a fitting option.",
    "seconds to enter: a true value, once it is known.",
    "Leave a cell empty where you do not know. Rows that begin with # are not read.",
)


def template_text() -> str:
    """Return a list of fields to fill in: a few example rows, and what each column means as remarks below.

    Examples:
        >>> template_text().splitlines()[1]
        'contact_date,,,yes,,,writer,at the time,event-specific,free text,5'
    """
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(TEMPLATE_HEAD)
    writer.writerows(TEMPLATE_ROWS)
    writer.writerows((f"# {line}", *("",) * (len(TEMPLATE_HEAD) - 1)) for line in TEMPLATE_HELP)
    return lines.getvalue()
