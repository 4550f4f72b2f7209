"""Strategies of records and frames that satisfy a schema, or break it in a labelled way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import pandas as pd
import yaml
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

from synth.errors import nearest
from synth.schemas.breaks import DEFECTS, can_happen
from synth.schemas.documents import Json, LeftOut, json_schema_plan, table_schema_plan
from synth.schemas.frames import pandera_plan
from synth.schemas.plan import SchemaPlan
from synth.schemas.rows import SchemaRecord, SchemaRows, SchemaSource
from synth.schemas.values import values_of
from synth.strategy_error import StrategyError

ROWS = 8  # most rows, where nobody says how many
MOST_ROWS = 1_000
MOST_TEXT, MOST_VALUES = 5_000_000, 500_000  # of a schema


def from_schema(
    schema: Any,
    *,
    defects: Iterable[str] | None = None,
    fields: Iterable[str] | None = None,
    min_defects: int | None = None,
    max_defects: int = 3,
    leave_out: Iterable[str] = (),
) -> SearchStrategy[SchemaRecord]:
    r"""Draw one record that satisfies a schema, or that breaks it in a labelled way.

    Args:
        schema: a pandera DataFrameSchema or DataFrameModel, a pydantic model, a table schema or a JSON Schema as a
            mapping, or any of these as JSON or YAML: a text, or the path of a file.
        defects: the kinds that are planted (see `DEFECTS`): `missing`, `disguised_missing`, `wrong_value`, `typo`,
            `out_of_domain`; None: nothing is wrong.
        fields: where they may be planted; None: anywhere.
        min_defects: 0 without `defects`, else 1.
        max_defects: most defects planted.
        leave_out: what of the schema is not looked at, as `field`, `field.keyword` or `schema.keyword`.

    Returns:
        A strategy of dictionaries with `labels` and `clean`. A label says which rules of the schema the value breaks;
        none, where the schema cannot tell. Values shrink to the plainest, defects to one.

    Raises:
        StrategyError: at once, for what is not there, what cannot be, and what cannot be solved.

    Examples:
        >>> from hypothesis import find
        >>> age = {"type": "integer", "minimum": 18, "maximum": 99}
        >>> schema = {"properties": {"age": age, "band": {"enum": ["a", "b"]}}, "required": ["age", "band"]}
        >>> find(from_schema(schema), lambda record: record["age"] > 20)
        {'age': 21, 'band': 'a'}
        >>> find(from_schema(schema, defects=["out_of_domain"]), lambda record: True)
        {'age': 17, 'band': 'a'}
          # out_of_domain: row 0, age is 17, expected 18; breaks minimum
    """
    source = _source(schema, 1, 1, defects, fields, min_defects, max_defects, leave_out)
    if any(kind == "duplicate_record" for kind, _ in source.spots):
        raise StrategyError("defect 'duplicate_record' needs several rows. Use rows_from_schema.")
    return source.rows().map(lambda rows: rows[0])


def rows_from_schema(
    schema: Any,
    *,
    min_size: int = 0,
    max_size: int | None = None,
    defects: Iterable[str] | None = None,
    fields: Iterable[str] | None = None,
    min_defects: int | None = None,
    max_defects: int = 3,
    leave_out: Iterable[str] = (),
) -> SearchStrategy[SchemaRows]:
    """Draw several rows of a schema: records, a frame, labels; keys do not repeat.

    Args:
        schema: as for `from_schema`.
        min_size: fewest rows; at least 1 where a defect is asked for.
        max_size: most rows; None: 8, or what the schema has room for. A `duplicate_record` comes on top.
        defects: as for `from_schema`, and `duplicate_record`.
        fields: as for `from_schema`.
        min_defects: as for `from_schema`, in all rows together.
        max_defects: as for `from_schema`, in all rows together.
        leave_out: as for `from_schema`.

    Raises:
        StrategyError: at once, as for `from_schema`; also where a key has fewer values than `min_size`.

    Examples:
        >>> from hypothesis import find
        >>> fields = [{"name": "no", "type": "integer"}, {"name": "pages", "type": "integer"}]
        >>> schema = {"fields": fields, "primaryKey": "no"}
        >>> find(rows_from_schema(schema), lambda rows: len(rows) == 2).frame()
           no  pages
        0   0   <NA>
        1   1   <NA>
    """
    return _source(schema, min_size, max_size, defects, fields, min_defects, max_defects, leave_out).rows()


def frames_from_schema(
    schema: Any,
    *,
    min_size: int = 0,
    max_size: int | None = None,
    defects: Iterable[str] | None = None,
    fields: Iterable[str] | None = None,
    min_defects: int | None = None,
    max_defects: int = 3,
    leave_out: Iterable[str] = (),
) -> SearchStrategy[pd.DataFrame]:
    """Draw frames that satisfy a schema, in its dtypes, also without rows; or that break it in a labelled way.

    Args:
        schema: as for `from_schema`.
        min_size: fewest rows; at least 1 where a defect is asked for.
        max_size: most rows; None: 8, or what the schema has room for. A `duplicate_record` comes on top.
        defects: as for `rows_from_schema`; the labels are in `frame.attrs["labels"]`.
        fields: as for `from_schema`.
        min_defects: as for `rows_from_schema`.
        max_defects: as for `rows_from_schema`.
        leave_out: as for `from_schema`.

    Raises:
        StrategyError: at once, as for `rows_from_schema`.

    Examples:
        >>> import pandera.pandas as pa
        >>> from hypothesis import find
        >>> schema = pa.DataFrameSchema({"pages": pa.Column(int, pa.Check.ge(1))})
        >>> find(frames_from_schema(schema), lambda frame: frame["pages"].sum() > 2)
           pages
        0      3
        >>> broken = find(frames_from_schema(schema, defects=["out_of_domain"]), lambda frame: True)
        >>> [(label.row, label.field, label.recorded) for label in broken.attrs["labels"]]
        [(0, 'pages', 0)]
    """
    return _source(schema, min_size, max_size, defects, fields, min_defects, max_defects, leave_out).rows().map(_framed)


def _framed(rows: SchemaRows) -> pd.DataFrame:
    frame = rows.frame()
    if rows.labels:
        frame.attrs["labels"] = rows.labels
    return frame


# What libraries and comparisons raise at schemas nobody foresaw: bounds that are no numbers, keywords of a wrong type.
_UNFORESEEN = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    InvalidArgument,
    re.error,
)

Asked = ParamSpec("Asked")


def _in_one_line(work: Callable[Asked, SchemaSource]) -> Callable[Asked, SchemaSource]:
    """Make one line of whatever a schema that nobody foresaw makes libraries raise."""

    @wraps(work)
    def told(*args: Asked.args, **kwargs: Asked.kwargs) -> SchemaSource:
        try:
            return work(*args, **kwargs)
        except StrategyError:
            raise
        except _UNFORESEEN as problem:
            what = f"{type(problem).__name__}: {' '.join(str(problem).split())[:120]}"
            raise StrategyError(f"the schema asks for something that is not read here ({what}). Change it.") from None

    return told


def _check_whole(**given: Any) -> None:
    for name, value in given.items():
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise StrategyError(f"{name} is {value!r}; it is a whole number.")


@_in_one_line
def _source(
    schema: Any,
    min_size: int,
    max_size: int | None,
    defects: Iterable[str] | None,
    fields: Iterable[str] | None,
    min_defects: int | None,
    max_defects: int,
    leave_out: Iterable[str],
) -> SchemaSource:
    _check_whole(min_size=min_size, max_size=max_size, min_defects=min_defects, max_defects=max_defects)
    plan = plan_of(schema, _names(leave_out))
    source = SchemaSource(plan, {field.name: values_of(field) for field in plan.fields}, (), 0, 0)
    named = _names(defects or ())
    spots = _spots(source, named, None if fields is None else _names(fields))
    least = (1 if named else 0) if min_defects is None else min_defects
    if not named and least:
        raise StrategyError(f"min_defects {least} without defects. Say which kinds: defects=['missing'].")
    if not 0 <= least <= max_defects:
        raise StrategyError(
            f"min_defects {least!r} and max_defects {max_defects!r} do not fit: 0 <= min_defects <= max_defects."
        )
    fewest, most = _sizes(source, max(min_size, 1 if least else 0) if min_size == 0 else min_size, max_size)
    places = most * len({name for _, name in spots})
    if least > places:
        raise StrategyError(f"min_defects {least} are more than the {places} places there are. Lower it.")
    return replace(
        source, spots=spots, fewest=fewest, most=most, min_defects=least, max_defects=max_defects if named else 0
    )


def _names(given: Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _sizes(source: SchemaSource, min_size: int, max_size: int | None) -> tuple[int, int]:
    if not 0 <= min_size <= MOST_ROWS or (max_size is not None and not min_size <= max_size <= MOST_ROWS):
        raise StrategyError(
            f"min_size {min_size!r} and max_size {max_size!r} do not fit: 0 <= min_size <= max_size <= {MOST_ROWS}."
        )
    most = max(ROWS, min_size) if max_size is None else max_size
    for key in source.plan.keys:
        room = source.room(key.fields)
        if room is not None and room < min_size:
            told = " + ".join(key.fields)
            raise StrategyError(
                f"min_size {min_size}: '{told}' is {key.rule} and has {room} values. Ask for fewer rows."
            )
        most = most if room is None else min(most, room)
    return min_size, most


def _spots(
    source: SchemaSource, named: tuple[str, ...], fields: tuple[str, ...] | None
) -> tuple[tuple[str, str | None], ...]:
    names = [field.name for field in source.plan.fields]
    for name in fields or ():
        if name not in names:
            raise StrategyError(f"field {name!r} is not in the schema. {nearest(str(name), names)}")
    found: list[tuple[str, str | None]] = []
    for kind in named:
        if kind not in DEFECTS:
            raise StrategyError(f"defect {kind!r} is unknown. {nearest(str(kind), DEFECTS)}")
        if kind == "duplicate_record":
            here: list[tuple[str, str | None]] = [(kind, None)]
        else:
            wanted = [field for field in source.plan.fields if fields is None or field.name in fields]
            here = [(kind, each.name) for each in wanted if can_happen(each, source.domains[each.name], kind)]
        if not here:
            where = "the schema" if fields is None else f"fields {list(fields)}"
            raise StrategyError(f"defect {kind!r} cannot happen in {where}. Name other fields, or another defect.")
        found += here
    return tuple(found)


# ------------------------------------------------------------------------------------------------- what a schema is in


def plan_of(schema: Any, leave_out: Iterable[str] = ()) -> SchemaPlan:
    """Return what a schema says, in the form that all kinds of schemas share.

    Raises:
        StrategyError: if it is no schema, or says what cannot be solved.
    """
    left_out = LeftOut(tuple(leave_out))
    plan = _plan(_opened(schema), left_out)
    left_out.check()
    names = [field.name for field in plan.fields]
    for name in names:
        if names.count(name) > 1:
            raise StrategyError(f"field {name!r} is in the schema {names.count(name)} times. Names are different.")
    return plan


def _opened(schema: Any) -> Any:
    """Return the schema that a text, a file or another library's object holds."""
    if isinstance(schema, Path) or (
        isinstance(schema, str) and "\n" not in schema and not schema.lstrip().startswith("{")
    ):
        return _parsed(_text_of(Path(schema)), f"file '{schema}'")
    if isinstance(schema, str):
        return _parsed(schema, "the text")
    if hasattr(schema, "to_descriptor"):  # a frictionless Schema
        return schema.to_descriptor()
    if hasattr(schema, "model_json_schema") and not hasattr(schema, "to_schema"):  # a pydantic model
        return schema.model_json_schema()
    return schema


def _plan(schema: Any, left_out: LeftOut) -> SchemaPlan:
    if hasattr(schema, "to_schema") or type(schema).__module__.startswith("pandera."):
        return pandera_plan(schema, left_out)
    if not isinstance(schema, dict):
        raise StrategyError(
            f"a {type(schema).__name__} is no schema. Give a pandera schema, a table schema or a JSON Schema."
        )
    if "columns" in schema:
        return pandera_plan(_deserialized(schema), left_out)
    if {"fields", "resources", "schema"} & set(schema):
        return table_schema_plan(schema, left_out)
    return json_schema_plan(schema, left_out)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is no UTF-8 text"
        raise StrategyError(f"schema '{path}' cannot be read: {reason}.") from None


def _parsed(text: str, what: str) -> Json:
    """Read JSON, or else YAML as data."""
    if len(text) > MOST_TEXT:
        raise StrategyError(f"{what} has {len(text):,} characters; up to {MOST_TEXT:,} are read.")
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError) as problem:
        reason = (str(problem).splitlines() or [""])[0]
        raise StrategyError(f"{what} is neither JSON nor YAML: {reason}.") from None
    if _n_values(found) > MOST_VALUES:
        raise StrategyError(f"{what} says more than {MOST_VALUES:,} things, aliases written out. Make it smaller.")
    if not isinstance(found, dict):
        raise StrategyError(f"{what} is no schema: it holds a {type(found).__name__}, not a mapping.")
    return found


def _n_values(tree: Any) -> int:
    """Return how many values a document holds, each alias counted where it stands; it stops when there are too many."""
    count, waiting = 0, [tree]
    while waiting and count <= MOST_VALUES:
        node = waiting.pop()
        count += 1
        if isinstance(node, (dict, list)):
            waiting += node.values() if isinstance(node, dict) else node
    return count


def _deserialized(tree: Json) -> Any:
    try:
        from pandera.io.pandas_io import deserialize_schema

        return deserialize_schema(tree)
    except Exception as problem:  # noqa: BLE001  # whatever a foreign file makes its reader raise
        reason = (str(problem).splitlines() or [type(problem).__name__])[0]
        raise StrategyError(f"the pandera schema cannot be read: {reason}.") from None
