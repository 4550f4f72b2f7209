"""The few templates of dbt that say nothing but a value: literals, and the default of a variable."""

from __future__ import annotations

import ast
import re
from typing import Any

from synth.errors import RuleError

_WHOLE = re.compile(r"\A\s*\{\{-?(.*?)-?\}\}\s*\Z", re.DOTALL)
_FILTERS = ("as_bool", "as_native", "as_number", "as_text", "bool", "int", "float", "string", "list")
_NAMES = {"true": True, "false": False, "none": None, "True": True, "False": False, "None": None}
_TARGET = "duckdb"  # rules are evaluated with DuckDB's semantics, so a test for another warehouse alone is off


def is_template(value: Any) -> bool:
    """Say whether a value is a text with a template in it."""
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def plain(value: Any) -> Any:
    """Return the value a template stands for, a list or mapping with all of theirs, or refuse it.

    Examples:
        >>> plain("{{ (var('enabled', true)) | as_bool }}"), plain("{{ target.type != 'fabric' and var('n', 3) > 2 }}")
        (True, True)
        >>> plain("{{ get_types('text') }}")
        Traceback (most recent call last):
        synth.errors.RuleError: template "{{ get_types('text') }}": only literals and var(name, default) are evaluated.
    """
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if not is_template(value):
        return value
    whole = _WHOLE.match(value)
    refusal = RuleError(
        f"template {' '.join(value.split())[:80]!r}: only literals and var(name, default) are evaluated."
    )
    if whole is None or len(value) > 2_000 or "{{" in whole[1] or "{%" in whole[1]:
        raise refusal
    try:
        return _value(ast.parse(whole[1].strip(), mode="eval").body)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        raise refusal from None


def _value(node: ast.expr) -> Any:  # noqa: C901  # one case a node
    """Work out a node; a ValueError says that it is none of the few."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) if name in _NAMES:
            return _NAMES[name]
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_value(part) for part in parts]
        case ast.Attribute(value=ast.Name(id="target"), attr="type"):
            return _TARGET
        case ast.Call(func=ast.Name(id="var"), args=[ast.Constant(), default], keywords=[]):
            return _value(default)
        case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Name(id=name)) if name in _FILTERS:
            return _value(left)
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return not _value(part)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.BoolOp(op=op, values=parts):
            found = [_value(part) for part in parts]
            return all(found) if isinstance(op, ast.And) else any(found)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARED:
            return _COMPARED[type(op)](_value(left), _value(right))
    raise ValueError


_COMPARED: dict[type[ast.cmpop], Any] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
