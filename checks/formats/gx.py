"""Great Expectations suites, of the 0.x shape (expectation_type) and the 1.x shape (type)."""

from __future__ import annotations

from checks.formats.collector import Collector
from checks.formats.source import Source
from checks.predicates import NotNull


def translate(source: Source, collector: Collector) -> None:
    """Translate every expectation of the suite."""
    tree = source.mapping(source.tree, ())
    for index, entry in enumerate(source.sequence(tree["expectations"], ("expectations",))):
        place = ("expectations", index)
        given = source.mapping(entry, place)
        kind = str(given.get("type") or given.get("expectation_type"))
        kwargs = given.get("kwargs", {})
        name = kind.removeprefix("expect_column_values_to_").removeprefix("expect_")
        rule_id = f"{kwargs['column']}.{name}" if "column" in kwargs else name
        if kind == "expect_column_values_to_not_be_null":
            collector.exact(rule_id, NotNull(kwargs["column"]), place)
        else:
            collector.unsupported(rule_id, f"{kind} is not known", place)
