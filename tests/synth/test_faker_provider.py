"""The provider for Faker: seeded by Faker alone, non-identifying, linked, quick, and plain about what is not there."""

import subprocess
import sys
import threading
from collections import Counter

import pyarrow as pa
import pytest
from faker import Faker
from hypothesis import given, settings
from hypothesis import strategies as st

from synth import load_scenario, scenario_names
from synth.errors import CasegaugeError
from synth.faker_provider import CaseProvider
from synth.pipeline import make_plan
from synth.privacy import scan
from synth.scenario import scenario_text

SEEDS = st.integers(0, 2**64 - 1)
NARRATED = [name for name in scenario_names() if load_scenario(name).narratives]


def faker_of(*locales):
    fake = Faker(list(locales) or None)
    for generator in fake.factories:  # Faker adds a provider to one locale at a time
        generator.add_provider(CaseProvider)
    return fake


def drawn(fake, count=5):
    """Return some of everything."""
    return [
        value
        for _ in range(count)
        for value in (
            fake.case_record(),
            fake.case_record("casework"),
            fake.case_records("shelter-intake"),
            fake.case_narrative(),
            fake.case_narrative("encounter"),
            fake.placeholder(),
            fake.placeholder("time", novel=True),
        )
    ]


# ----------------------------------------------------------------------------------------------------------- the seed


@settings(max_examples=20)
@given(SEEDS)
def test_the_seed_of_an_instance_decides_alone(seed):
    one, other = faker_of(), faker_of()
    one.seed_instance(seed)
    first = drawn(one)
    other.seed_instance(seed)

    assert drawn(other) == first


@settings(max_examples=10)
@given(SEEDS, SEEDS)
def test_another_seed_gives_other_records(seed, another):
    one, other = faker_of(), faker_of()
    one.seed_instance(seed)
    other.seed_instance(another)

    assert (drawn(one) == drawn(other)) == (seed == another)


def test_the_shared_seed_decides_in_every_locale():
    Faker.seed(0)
    first = drawn(faker_of())
    Faker.seed(0)

    assert drawn(faker_of("de_DE")) == first


def test_a_proxy_of_several_locales_gives_the_same_for_a_seed():
    fake = faker_of("en_US", "de_DE", "ja_JP")
    fake.seed_instance(3)
    first = drawn(fake)
    fake.seed_instance(3)

    assert drawn(fake) == first


def test_other_providers_go_on_as_they_would_after_as_many_draws():
    """A record takes a fixed number of draws, so what follows does not depend on what was made ready before."""
    cold = "from faker import Faker; from synth.faker_provider import CaseProvider; f = Faker(); "
    cold += "f.add_provider(CaseProvider); f.seed_instance(5); f.case_record('encounter'); print(f.random_int())"
    said = subprocess.run([sys.executable, "-c", cold], capture_output=True, text=True, check=True).stdout
    fake = faker_of()
    drawn(fake)
    fake.seed_instance(5)
    fake.case_record("encounter")

    assert fake.random_int() == int(said)


def test_in_threads_each_with_an_instance_of_its_own():
    found = {}

    def work(seed):
        fake = faker_of()
        fake.seed_instance(seed % 4)
        found[seed] = drawn(fake, 20)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(found[seed] == found[seed + 4] for seed in range(4))
    assert found[0] != found[1]


def test_unique_records_narratives_and_placeholders():
    fake = faker_of()
    fake.seed_instance(1)

    numbers = [fake.unique.case_record("encounter")["record_id"] for _ in range(500)]
    texts = [fake.unique.case_narrative() for _ in range(500)]
    listed = {fake.unique.placeholder("time", novel=True) for _ in range(1)}

    assert len(set(numbers)) == len(set(texts)) == 500
    assert listed == {"--:--"}


# ---------------------------------------------------------------------------------------------------- what is promised


@pytest.mark.parametrize("scenario", scenario_names())
def test_nothing_drawn_could_identify_somebody(scenario):
    """Thousands of records of every system, as tables, under the scanner that generated folders are put to."""
    fake = faker_of()
    fake.seed_instance(2)
    plan = make_plan(scenario)
    records = {}
    for _ in range(2000):
        for system, record in fake.case_records(scenario).items():
            records.setdefault(system, []).append(record)
    tables = [(f"records/{system}", pa.Table.from_pylist(rows)) for system, rows in records.items()]

    assert set(records) == set(plan.scenario.systems)
    assert scan(plan, tables) == []


@pytest.mark.parametrize("scenario", NARRATED)
def test_narratives_pass_the_scan_and_are_neither_blank_nor_placeholders(scenario):
    fake = faker_of()
    fake.seed_instance(4)
    loaded = load_scenario(scenario)
    empty = {*loaded.placeholders["narrative"], *loaded.novel_placeholders.get("narrative", ())}
    system = next(iter(loaded.narratives))

    texts = [fake.case_narrative(system, scenario) for _ in range(2000)]

    assert not empty & set(texts)
    assert len(set(texts)) > 1000
    assert scan(make_plan(scenario), [(f"records/{system}", pa.table({"narrative": texts}))]) == []


def test_record_numbers_do_not_repeat():
    """An odd factor below 2**32 permutes the whole numbers below 2**32: no two of 2**31 numbers meet."""
    fake = faker_of()
    fake.seed_instance(8)

    numbers = [fake.case_record("inquiry")["record_id"] for _ in range(20_000)]

    assert len(set(numbers)) == len(numbers)


# --------------------------------------------------------------------------------------------------- records of a case


def test_the_records_of_a_case_are_linked_by_their_numbers():
    """Casework and encounter both hold the case number; where both hold a value it is mostly the same one."""
    fake = faker_of()
    fake.seed_instance(6)
    cases = [fake.case_records() for _ in range(1000)]

    both = [
        (case["encounter"]["case_no"], case["casework"]["case_no"])
        for case in cases
        if "encounter" in case and "casework" in case
    ]
    same = sum(here == there and here is not None for here, there in both)

    assert same > 800
    assert len({here for here, there in both if here == there}) == same  # no two cases share a number


@pytest.mark.parametrize("scenario", scenario_names())
def test_a_record_has_the_columns_of_its_system_and_plain_texts(scenario):
    fake = faker_of()
    plan = make_plan(scenario)

    for system in plan.scenario.systems:
        record = fake.case_record(system, scenario)

        assert type(record) is dict
        assert list(record) == ["record_id", *(entry.name for entry in plan.system_fields(system))]
        assert {type(value) for value in record.values()} <= {str, type(None)}


def test_defects_come_at_the_rates_of_the_scenario():
    """Records come with their blanks and placeholders, which are the smaller part of any needed field."""
    fake = faker_of()
    fake.seed_instance(9)
    records = [fake.case_record("encounter", "oig-20-13") for _ in range(2000)]

    blank = Counter(name for record in records for name, value in record.items() if value is None)

    assert blank["record_id"] == 0
    assert 0 < blank["encounter_time"] < 200
    assert any(record["encounter_time"] == "99:99" for record in records)


def test_what_a_caller_does_to_a_record_nobody_else_sees():
    fake = faker_of()
    fake.seed_instance(1)
    first = fake.case_record("encounter")
    kept = dict(first)
    first.clear()
    fake.seed_instance(1)

    assert fake.case_record("encounter") == kept


def test_placeholders_are_those_of_the_scenario():
    fake = faker_of()
    listed = load_scenario("oig-20-13")

    for kind, texts in listed.placeholders.items():
        assert {fake.placeholder(kind) for _ in range(200)} == set(texts)
    assert {fake.placeholder() for _ in range(1000)} == {
        text for texts in listed.placeholders.values() for text in texts
    }
    assert {fake.placeholder("date", novel=True) for _ in range(20)} == {"9999-99-99"}


def test_a_scenario_file_is_read_again_when_it_has_changed(tmp_path):
    path = tmp_path / "mine.yaml"
    text = scenario_text("oig-20-13")
    path.write_text(text, encoding="utf-8")
    fake = faker_of()
    assert fake.placeholder("time", str(path), novel=True) == "--:--"
    path.write_text(text.replace('time: ["--:--"]', 'time: ["later"]'), encoding="utf-8")

    assert fake.placeholder("time", path, novel=True) == "later"


# -------------------------------------------------------------------------------------------------------- what is not


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda fake: fake.case_record("booking"), "system 'booking' is not in scenario 'oig-20-13'. Possible: "),
        (lambda fake: fake.case_record("encouter"), "Did you mean 'encounter'?"),
        (lambda fake: fake.case_record(5), "system 5 is not in scenario 'oig-20-13'."),
        (lambda fake: fake.case_record(None, "oig-2013"), "unknown scenario 'oig-2013'. Did you mean 'oig-20-13'?"),
        (lambda fake: fake.case_record(regime="all_26"), "unknown regime 'all_26'. Did you mean 'all_25'?"),
        (lambda fake: fake.case_narrative("form", "reference"), "scenario 'reference' has no narratives."),
        (lambda fake: fake.case_narrative("booking"), "system 'booking' is not in scenario 'oig-20-13'."),
        (lambda fake: fake.placeholder("colour"), "has no placeholders of kind 'colour'. Possible: code, date, "),
        (lambda fake: fake.placeholder(5), "has no placeholders of kind 5."),
        (lambda fake: fake.case_records(3), "scenario 3 is no scenario"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(call, said):
    with pytest.raises(CasegaugeError) as found:
        call(faker_of())

    assert said in str(found.value)
    assert "\n" not in str(found.value)


def test_import_synth_does_not_import_faker(run_python):
    assert run_python("import sys, synth, synth.pipeline; print('faker' in sys.modules)") == "False"
