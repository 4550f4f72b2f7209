"""Texts that fill a field without saying anything, as clerks type them. Matched trimmed and without case.

"unknown" and "not-asked" are not among them: as coded answers they are not-values, honest or not.
"""

from __future__ import annotations

# Collected by casegauge; "NA?" and "see file" are of the kind field reports mention, none is anyone's official code.
PLACEHOLDERS: tuple[str, ...] = (
    "",
    "-",
    "--",
    ".",
    "?",
    "0000-00-00",
    "1900-01-01",
    "999",
    "9999",
    "99:99",
    "9999-99-99",
    "N/A",
    "NA",
    "NA?",
    "see file",
    "see file.",
    "TBD",
    "UNK",
    "X",
    "XX",
    "XXX",
)
