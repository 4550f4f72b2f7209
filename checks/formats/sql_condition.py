"""What every format that holds SQL needs: a condition read and vetted, or why it cannot be."""

from __future__ import annotations

from checks.predicates import AllOf, Expression, Predicate
from checks.sql_expression import read_expression


def condition(sql: str, dialect: str = "duckdb") -> tuple[Expression, str]:
    """Return the condition, and why the engine of its dialect may see other rows; empty if no reason is known.

    Examples:
        >>> condition("amount > 0")
        (Expression(sql='amount > 0', dialect='duckdb', fields=('amount',)), '')
    """
    read = read_expression(" ".join(sql.split()) if "--" not in sql else sql.strip(), dialect)
    return Expression(read.sql, read.dialect, read.fields), read.differs


def both(*conditions: Predicate | None) -> Predicate | None:
    """Return a condition that holds where all that are given do; None if none is."""
    given = tuple(part for part in conditions if part is not None)
    return AllOf(given) if len(given) > 1 else next(iter(given), None)
