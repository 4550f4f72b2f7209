"""The same fields filled by Faker, Mimesis and misata: which of their calls stands for which kind of field.

All draw from the same values with the same weights, and the same days and times, as the scenario; the narratives of the
first two have as many words as ours, those of misata are its own. They fill the cells of the truth and of the records
(misata: of the records), as we do, and nothing else: no links between systems, no spans, labels, verdicts, digest or
files.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from typing import Any

from faker import Faker

from synth.data_dictionary import Domain
from synth.errors import CasegaugeError
from synth.plan import Plan
from synth.spec import Choice

WORDS = 50  # of a narrative, about as many as ours have
FIRST_DAY, LAST_DAY = date(2031, 1, 1), date(2031, 12, 31)
Fill = Callable[[], object]


def cells(plan: Plan) -> list[tuple[Domain, dict[str, float]]]:
    """Return what one case has to have filled: its true values, then every field of every record, with weights."""
    filled = [(domain, _weights(plan, name)) for name, domain in plan.domains.items()]
    return filled + [
        (entry.domain, _weights(plan, entry.truth)) for entry in plan.dictionary.values() if entry.spec.shown
    ]


def _weights(plan: Plan, truth: str) -> dict[str, float]:
    spec = plan.scenario.truth.get(truth)
    return {value: float(weight) for value, weight in spec.values.items()} if isinstance(spec, Choice) else {}


def faker_calls(plan: Plan, seed: int) -> list[Fill]:
    """Return a Faker call for every true value and every field of every system."""
    fake = Faker()
    fake.seed_instance(seed)

    def call(domain: Domain, weights: dict[str, float]) -> Fill:
        if weights:
            weighted = OrderedDict(weights)
            return lambda: fake.random_elements(weighted, length=1, use_weighting=True)[0]
        if domain.kind == "reference":
            return lambda: fake.numerify("SYN-X-##########-#")
        if domain.kind == "date":
            return lambda: fake.date_between_dates(FIRST_DAY, LAST_DAY).isoformat()
        if domain.kind == "time":
            return lambda: fake.time("%H:%M")
        if domain.kind == "narrative":
            return lambda: fake.sentence(WORDS)
        return lambda: fake.random_element(domain.values)

    return [call(*cell) for cell in cells(plan)]


def mimesis_calls(plan: Plan, seed: int) -> list[Fill]:
    """Return a Mimesis call for every true value and every field of every system.

    Raises:
        CasegaugeError: Mimesis is not installed; it comes with the extra `speed`.
    """
    try:
        from mimesis import Generic
        from mimesis.locales import Locale
    except ImportError:
        raise CasegaugeError("mimesis is not installed. Install the extra: pip install 'casegauge[speed]'.") from None
    generic = Generic(Locale.EN, seed=seed)

    def call(domain: Domain, weights: dict[str, float]) -> Fill:
        if weights:
            return lambda: generic.random.weighted_choice(weights)
        if domain.kind == "reference":
            return lambda: generic.random.generate_string_by_mask("SYN-X-##########-#", digit="#")
        if domain.kind == "date":
            return lambda: generic.datetime.formatted_date("%Y-%m-%d", start=2031, end=2031)
        if domain.kind == "time":
            return lambda: generic.datetime.formatted_time("%H:%M")
        if domain.kind == "narrative":
            return lambda: " ".join(generic.text.words(WORDS))
        return lambda: generic.random.choice(domain.values)

    return [call(*cell) for cell in cells(plan)]


def misata_tables(plan: Plan, n_cases: int, seed: int) -> Callable[[], object]:
    """Return the work of making every system's records, narrative included, with misata: a table a system.

    Its narratives are its own; its references are whole numbers, its times of day texts from a list.

    Raises:
        CasegaugeError: misata is not installed; it comes with the extra `speed`.
    """
    try:
        import misata
        from misata.schema import Column, SchemaConfig, Table
    except ImportError:
        raise CasegaugeError("misata is not installed. Install the extra: pip install 'casegauge[speed]'.") from None

    def column(name: str, domain: Domain, weights: dict[str, float]) -> Any:
        if domain.kind == "reference":
            return Column(name=name, type="int", distribution_params={"min": 0, "max": 2**31})
        if domain.kind == "date":
            return Column(name=name, type="date",
                          distribution_params={"start": str(FIRST_DAY), "end": str(LAST_DAY)})  # fmt: skip
        if domain.kind == "narrative":
            return Column(name=name, type="text")
        values = weights or dict.fromkeys(domain.values, 1.0)
        shares = [weight / sum(values.values()) for weight in values.values()]
        return Column(name=name, type="categorical",
                      distribution_params={"choices": list(values), "probabilities": shares})  # fmt: skip

    columns = {
        system: [
            column(entry.name, entry.domain, _weights(plan, entry.truth))
            for entry in plan.system_fields(system)
            if entry.spec.shown
        ]
        for system in plan.scenario.systems
    }
    tables = [Table(name=system, row_count=n_cases, columns=[each.name for each in columns[system]])
              for system in columns]  # fmt: skip
    schema = SchemaConfig(name="records", tables=tables, columns=columns, seed=seed)
    return lambda: misata.generate_from_schema(schema)


def fill(calls: list[Fill], n_cases: int) -> list[list[object]]:
    """Fill every field of some cases, case by case, as these libraries do."""
    return [[call() for call in calls] for _ in range(n_cases)]
