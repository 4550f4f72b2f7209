"""Plain functions as rules: a test a team already has, called on the records."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from checks.predicates import Custom, Mask
from checks.rule import Rule
from synth.errors import RuleError


def rules_of_callables(
    functions: Iterable[Callable[[pd.DataFrame], Any]], *, system: str | None = None
) -> tuple[Rule, ...]:
    """Return one rule a function.

    A function gets the records as a frame whose labels are positions, and answers for every row whether it passes: a
    boolean Series, array or list of as many entries, in the order of the rows, or a Series with some of the frame's
    labels (the other rows are not evaluated). Null: not evaluated. One answer, True or False, is about the frame as a
    whole: no row fails.

    Args:
        functions: their names are the ids; an attribute `fields` (a list of columns) says who is blamed.
        system: whose records they see.

    Examples:
        >>> def digits(frame):
        ...     return frame["zip"].dropna().str.fullmatch("[0-9]{5}")
        >>> (rule,) = rules_of_callables([digits])
        >>> from checks import evaluate
        >>> found = evaluate([rule], pd.DataFrame({"zip": ["12345", "1234", None]})).results[0]
        >>> found.fail, found.evaluated
        (array([False,  True, False]), array([ True,  True, False]))
    """
    rules = []
    for function in functions:
        if not callable(function):
            raise RuleError(f"a {type(function).__name__} is no function. Give functions of a frame, or a schema.")
        name = getattr(function, "__name__", type(function).__name__)
        fields = tuple(getattr(function, "fields", ()))
        rules.append(
            Rule(name, Custom((), _answering(function, name), name), system=system, blames=fields, reference="python")
        )
    return tuple(rules)


def _answering(
    function: Callable[[pd.DataFrame], Any], name: str
) -> Callable[[pd.DataFrame], tuple[Mask, Mask] | bool]:
    def answer(frame: pd.DataFrame) -> tuple[Mask, Mask] | bool:
        try:
            given = function(frame.copy(deep=False))
        except Exception as problem:  # noqa: BLE001  # whatever a user's function raises
            reason = (str(problem).splitlines() or [""])[0]
            raise RuleError(f"function {name!r} raised {type(problem).__name__}: {reason}") from None
        return bool(given) if isinstance(given, (bool, np.bool_)) else _masks(given, len(frame), name)

    return answer


def _masks(given: Any, n_rows: int, name: str) -> tuple[Mask, Mask]:
    if isinstance(given, pd.DataFrame) or not hasattr(given, "__len__") or isinstance(given, str):
        raise RuleError(f"function {name!r} gives a {type(given).__name__}; it must answer for every row.")
    places = np.arange(n_rows)
    if isinstance(given, pd.Series) and not given.index.equals(pd.RangeIndex(n_rows)):
        if not given.index.is_unique or not given.index.isin(places).all():
            raise RuleError(f"function {name!r} gives labels that are not the frame's. Keep the frame's index.")
        places = given.index.to_numpy()
    elif len(given) != n_rows:
        raise RuleError(f"function {name!r} gives {len(given)} answers for {n_rows} rows. Answer for every row.")
    try:
        passes = pd.Series(list(given) if isinstance(given, (list, tuple)) else given).astype("boolean")
    except (TypeError, ValueError):
        raise RuleError(f"function {name!r} gives answers that are neither true nor false.") from None
    fail, evaluated = np.zeros(n_rows, dtype=bool), np.zeros(n_rows, dtype=bool)
    evaluated[places] = passes.notna().to_numpy()
    fail[places] = (passes == False).fillna(False).to_numpy(dtype=bool)  # noqa: E712  # null is neither
    return fail, evaluated
