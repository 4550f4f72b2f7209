"""Make spelling the same before values are compared: what published benchmark figures did first."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from synth.errors import RuleError, nearest


def _html(texts: pd.Series[Any]) -> pd.Series[Any]:
    return texts.map(html.unescape, na_action="ignore")


def _whitespace(texts: pd.Series[Any]) -> pd.Series[Any]:
    return texts.str.replace(r"\s+", " ", regex=True).str.strip()


def _case(texts: pd.Series[Any]) -> pd.Series[Any]:
    return texts.str.lower()


STEPS: dict[str, Callable[[pd.Series[Any]], pd.Series[Any]]] = {"html": _html, "whitespace": _whitespace, "case": _case}


def normalised(frame: pd.DataFrame, steps: Sequence[str]) -> pd.DataFrame:
    """Return the frame with its texts made the same; a text that becomes empty is blank (null).

    Args:
        frame: texts.
        steps: of html (entities unescaped), whitespace (runs to one space, ends stripped), case (lower), in order.

    Examples:
        >>> frame = pd.DataFrame({"name": ["Bed &amp;  breakfast ", " ", None]})
        >>> normalised(frame, ["html", "whitespace"])["name"].tolist()
        ['Bed & breakfast', nan, nan]
    """
    for step in steps:
        if step not in STEPS:
            raise RuleError(f"normalise step {step!r} is not known. {nearest(step, STEPS)}")
    return frame.apply(_column, steps=steps) if steps else frame


def _column(column: pd.Series[Any], steps: Sequence[str]) -> pd.Series[Any]:
    codes, distinct = pd.factorize(column)
    texts = pd.Series(distinct, dtype="str")
    for step in steps:
        texts = STEPS[step](texts)
    texts = texts.mask(texts == "").astype("str")
    return texts.reindex(codes).set_axis(column.index)  # code -1 (null) is no label, so it stays null
