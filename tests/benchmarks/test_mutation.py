"""Mutation testing of rules: every mutant is judged as if it stood alone, and nothing of the data is kept."""

import datetime as dt
import decimal
import json

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyarrow import date32

from benchmarks.cli import main
from benchmarks.mutation import mutate
from benchmarks.mutation.column_forms import form_of
from benchmarks.mutation.mutants import DEFECTS
from benchmarks.mutation.planting import planted
from benchmarks.mutation.reach import can_see, judges_each_by_itself
from checks import evaluate
from checks.loading import load_rules
from checks.packs import load_pack
from checks.predicates import (
    Agree,
    Between,
    Compare,
    ForeignKey,
    FunctionalDependency,
    InSet,
    Link,
    Measure,
    NotBlank,
    NotLikePrevious,
    NotNull,
    NotPlaceholder,
    Pattern,
    StoredAs,
    Unique,
)
from checks.rule import Rule
from synth.errors import CasegaugeError, DataError, RuleError
from synth.pipeline import generate

NOTE = "The record was opened on day 3 and closed 12 days later by the desk."
PEOPLE = pd.DataFrame(
    {
        "no": ["A-10", "A-21", "A-32", "A-43", "A-54", "A-65"],
        "age": [31, 40, 52, 67, 25, 38],
        "opened": pd.to_datetime(["2031-01-05", "2031-02-07", "2031-03-09", "2031-04-10", "2031-05-02", "2031-06-03"]),
        "closed": pd.to_datetime(["2031-01-06", "2031-02-09", None, "2031-04-12", "2031-05-08", "2031-06-04"]),
        "state": ["open", "other", "unknown", "open", "other", "unknown"],
        "time": ["09:30", "14:05", "08:15", "23:10", "11:45", "07:20"],
        "paid": [True, False, True, True, False, True],
        "note": [NOTE, NOTE.replace("3", "4"), NOTE.replace("3", "5"), NOTE, NOTE.replace("12", "9"), NOTE],
    }
)
RULES = [
    Rule("no given", NotNull("no"), system="people"),
    Rule("no once", Unique(("no",)), system="people"),
    Rule("no form", Pattern("no", "A-[0-9]{2}"), system="people"),
    Rule("age", Between("age", 18, 99), system="people"),
    Rule("order", Compare("opened", "<=", "closed"), system="people"),
    Rule("state", InSet("state", ("open", "other", "unknown")), system="people"),
    Rule("time blank", NotBlank("time"), system="people"),
    Rule("time new", NotLikePrevious(("time",), by=("paid",)), system="people"),
    Rule("note of time", FunctionalDependency(("time",), ("note",)), system="people"),
    Rule("six", Measure("row_count", min=6, max=6), system="people"),
    Rule("youngest", Measure("min", field="age", min=20), system="people"),
    Rule("age whole", StoredAs("age", ("int",)), system="people"),
]


def judged_alone(frame, rules, mutant):
    """The slow oracle: a frame of its own, cell by cell, and every rule once more."""
    rows = [dict(zip(frame.columns, row, strict=True)) for row in frame.astype(object).to_numpy()]
    origin = list(range(len(rows)))
    if mutant.defect == "off_system":
        del rows[mutant.row], origin[mutant.row]
    elif mutant.defect == "duplicate_record":
        rows.append(dict(rows[mutant.row]))
        origin.append(mutant.row)
    for cell in mutant.cells:
        rows[mutant.row][cell.field] = cell.recorded
    changed = pd.DataFrame(rows, columns=frame.columns)
    for name, dtype in frame.dtypes.items():
        kind = "Int64" if dtype.kind == "i" else "boolean" if dtype.kind == "b" else dtype
        changed[name] = pd.Series(list(changed[name]), dtype=kind if changed[name].isna().any() else dtype)
    clean = {result.rule.id: result for result in evaluate(rules, {"people": frame}).results}
    found = set()
    for result in evaluate(rules, {"people": changed}).results:
        before = clean[result.rule.id]
        if result.holds is not None:
            fails = before.holds and not result.holds
        else:
            fails = any(now and not before.fail[was] for now, was in zip(result.fail, origin, strict=True))
        if fails:
            found.add(result.rule.id)
    return found


@pytest.mark.parametrize(("per", "seed"), [(1, 1), (2, 2)])
def test_every_mutant_is_judged_as_if_it_stood_alone(per, seed):
    """Lots of mutants at once give what each gives by itself, for rules of records, groups and tables."""
    result = mutate(RULES, PEOPLE, per=per, seed=seed)

    assert {mutant.defect for mutant in result.mutants} == set(DEFECTS)
    for mutant, ids in zip(result.mutants, result.found_by, strict=True):
        assert ids == judged_alone(PEOPLE, RULES, mutant), mutant


TEXTS = st.lists(st.sampled_from(["a", "b", "c", "unknown", "A-1", "  ", "12", "9:30"]), min_size=3, max_size=6)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data(), st.integers(0, 3))
def test_any_texts_are_judged_as_if_each_mutant_stood_alone(data, seed):
    one = data.draw(TEXTS)
    other = data.draw(st.lists(st.sampled_from(["x", "y", None, "12"]), min_size=len(one), max_size=len(one)))
    frame = pd.DataFrame({"one": one, "other": pd.Series(other, dtype="str")})
    rules = [
        Rule("given", NotNull("other"), system="people"),
        Rule("once", Unique(("one", "other")), system="people"),
        Rule("where", InSet("one", ("a", "b", "c", "A-1")), system="people", where=InSet("other", ("x", "y"))),
    ]
    try:
        result = mutate(rules, {"people": frame}, per=2, seed=seed)
    except DataError:
        assume(False)

    for mutant, ids in zip(result.mutants, result.found_by, strict=True):
        assert ids == judged_alone(frame, rules, mutant), mutant
        assert all(cell.expected != cell.recorded for cell in mutant.cells)


def test_score_by_hand():
    """Four ages, a rule from 18 to 60: -1 and 9999 are found, a null is not, another age of the column is not."""
    ages = pd.DataFrame({"age": [20, 30, 40, 50]})

    result = mutate(
        [Rule("age", Between("age", 18, 60))], ages, per=4, defects=["missing", "disguised_missing", "wrong_value"]
    )

    assert result.table("defect").drop(columns="smallest_survivor").to_numpy().tolist() == [
        ["missing", 4, 0, 0.0], ["disguised_missing", 8, 8, 1.0], ["wrong_value", 4, 0, 0.0]]  # fmt: skip
    assert result.score == 0.5
    assert result.by_rule().to_numpy().tolist() == [["age", 8, 8]]
    assert str(result).splitlines() == [
        "mutation score 0.500: 8 of 16 planted defects noticed",
        "  wrong_value survives: row 1, age: 20 -> 40",
        "  missing survives: row 1, age: 20 -> null",
    ]


def test_two_placeholders_in_one_lot_do_not_find_each_other():
    """One 'unknown' is no duplicate; a lot of five would be, were they judged at once."""
    frame = pd.DataFrame({"no": [f"A-{n}" for n in range(10, 20)]})

    result = mutate([Rule("once", Unique(("no",)))], frame, defects=["disguised_missing"])

    assert result.n_found == 0
    assert len(result.mutants) == 25


def test_nothing_is_planted_in_rows_that_are_flagged_already():
    frame = pd.DataFrame({"age": [20, -5, 40]})

    result = mutate([Rule("age", Between("age", 0, 99))], frame, per=9)

    assert result.flagged_rows == {"records": 1}
    assert {mutant.row for mutant in result.mutants} == {0, 2}


def test_a_pandera_schema_is_tested_where_a_team_tests():
    schema = pa.DataFrameSchema(
        {"age": pa.Column(int, pa.Check.in_range(18, 99)), "time": pa.Column(str, pa.Check.str_matches(r"\d\d:\d\d$"))}
    )

    result = mutate(schema, PEOPLE[["age", "time"]], fields=["time"], defects=["typo", "missing", "disguised_missing"])

    survivors = [mutant.cells[0].recorded for mutant in result.survivors if mutant.defect == "disguised_missing"]
    assert sorted(survivors) == ["00:00"] * 5 + ["99:99"] * 5
    assert result.table("defect").set_index("defect").loc["missing", "score"] == 1.0


def test_the_data_stay_as_they_were():
    before = PEOPLE.copy(deep=True)

    mutate(RULES, PEOPLE)

    pd.testing.assert_frame_equal(PEOPLE, before)


def test_the_types_of_columns_stay():
    """A planted null is the only reason for another type, and then it is the nullable one."""
    frame = PEOPLE.assign(state=PEOPLE["state"].astype("category"))
    result = mutate(RULES, frame, defects=["missing", "disguised_missing", "typo", "wrong_value"])

    for mutant in result.mutants:
        changed, _ = planted(frame, [mutant])
        for name in frame.columns:
            dtype, was = changed[name].dtype, frame[name].dtype
            same = dtype == was or (isinstance(was, pd.CategoricalDtype) and isinstance(dtype, pd.CategoricalDtype))
            assert same or (mutant.defect == "missing" and str(dtype) in {"Int64", "boolean"}), (mutant, name)


def test_a_foreign_key_sees_the_table_it_points_to():
    """A parent that is renamed or gone leaves its children without one."""
    rules = load_rules(
        "rules:\n  - id: parent\n    system: visits\n"
        "    foreign_key: {fields: [no], system: people, other_fields: [no]}\n"
    )
    tables = {"people": PEOPLE[["no"]], "visits": pd.DataFrame({"no": ["A-10", "A-21"], "x": ["a", "b"]})}

    result = mutate(rules, tables, per=6, fields=["people.no"], defects=["typo"])

    found = {mutant.cells[0].expected for mutant, ids in zip(result.mutants, result.found_by, strict=True) if ids}
    assert found == {"A-10", "A-21"}
    whole = mutate(rules, {"people": PEOPLE[["no"]], "visits": tables["visits"]}, per=6, defects=["off_system"])
    gone = {m.row for m, ids in zip(whole.mutants, whole.found_by, strict=True) if ids and m.table == "people"}
    assert gone == {0, 1}


@pytest.mark.parametrize(
    ("values", "form"),
    [
        ([True, False], "boolean"),
        ([1, 2], "number"),
        ([1.5, np.nan], "number"),
        ([dt.datetime(2031, 1, 2, tzinfo=dt.UTC)], "instant"),
        (["2031-01-02", "2031-01-03"], "date"),
        (["9:30"], "time"),
        (["1", "2.5"], "number text"),
        (["a", "b"] * 3, "pick list"),
        ([NOTE], "narrative"),
        (["a", "b", "c"], "text"),
        ([dt.date(2031, 1, 2)], "other"),
        ([None, None], "text"),
    ],
)
def test_form_of_a_column(values, form):
    assert form_of("x", pd.Series(values)).form == form


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"defects": ["typpo"]}, "defect 'typpo' cannot be planted. Did you mean 'typo'"),
        ({"fields": ["agee"]}, "field 'agee' is in no table of the data. Did you mean 'age'"),
        ({"per": 0}, "per is 0; it is a whole number, at least 1"),
        ({"per": "x"}, "per is 'x'; it is a whole number"),
        ({"seed": -1}, "seed is -1; it is a whole number, at least 0"),
        ({"defects": []}, "no defect is asked for. Possible: missing"),
        ({"defects": [5]}, "defect 5 cannot be planted"),
        ({"fields": [5]}, "field 5 is in no table"),
        ({"fields": ["paid"], "defects": ["narrative_truncated"]}, "none of these defects can happen"),
    ],
)
def test_what_cannot_be_planted_is_refused(options, message):
    with pytest.raises(RuleError if "none of" not in message else DataError, match=message):
        mutate(RULES, PEOPLE, **options)


def test_no_row_and_no_clean_row_are_refused():
    with pytest.raises(DataError, match="have no rows"):
        mutate(RULES, PEOPLE.iloc[:0])
    with pytest.raises(DataError, match="flag all 6 rows"):
        mutate([Rule("none", InSet("no", ("x",)))], PEOPLE)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    PEOPLE[["no", "time"]].to_csv(tmp_path / "people.csv", index=False)
    (tmp_path / "r.yaml").write_text("rules:\n  - id: given\n    not_null: time\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_says_what_survives(folder, capsys):
    code = main(["mutate", "--data", "people.csv", "--rules", "r.yaml", "--json", "--defect", "missing"])
    found = json.loads(capsys.readouterr().out)

    assert code == 0
    assert (found["n_planted"], found["n_found"], found["score"]) == (10, 5, 0.5)
    assert (found["survivors"][0]["row"], found["survivors"][0]["cells"][0]["recorded"]) == (1, None)
    assert {one["cells"][0]["field"] for one in found["survivors"]} == {"no"}
    assert sorted(path.name for path in folder.iterdir()) == ["people.csv", "r.yaml"]


def test_the_command_shows_tables_and_ends_with_1_under_the_share_asked_for(folder, capsys):
    code = main(["mutate", "--data", "people.csv", "--rules", "r.yaml", "--fail-under", ".9"])
    out = capsys.readouterr().out

    assert code == 1
    assert "By field" in out
    assert "row 1, no: 'A-10' -> '-'" in out
    assert main(["mutate", "--data", "people.csv", "--rules", "r.yaml", "--fail-under", "0"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "people.csv"], "no rules are given"),
        (["--rules", "r.yaml"], "--data"),
        (["--data", "people.csv", "--rules", "r.yaml", "--fail-under", "2"], "no share from 0 to 1"),
        (["--data", "people.csv", "--rules", "r.yaml", "--per", "0"], "per is 0"),
        (["--data", "nobody.csv", "--rules", "r.yaml"], "no such file"),
    ],
)
def test_bad_input_is_one_line(folder, capsys, arguments, message):
    assert main(["mutate", *arguments]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


def test_errors_are_the_projects_own():
    with pytest.raises(CasegaugeError):
        mutate([], PEOPLE)


def judged_alone_in(tables, rules, mutant, clean):
    """The slow oracle for several tables: one frame of its own, every rule once more."""
    changed, rows = planted(tables[mutant.table], [mutant])
    found = set()
    for result in evaluate(rules, {**tables, mutant.table: changed}).results:
        before = clean[result.rule.id].fail
        if np.any(result.fail & ~(before[rows] if result.system == mutant.table else before)):
            found.add(result.rule.id)
    return found


@pytest.mark.parametrize("table", ["casework", "inquiry"])
def test_rules_across_systems_judge_every_mutant_as_if_it_stood_alone(table):
    """A lot of mutants at once, on either side of a link, and in the link itself."""
    bundle = generate("oig-20-13", n_cases=67, seed=4)
    tables = {name: frame.to_pandas() for name, frame in bundle.records.items()}
    rules = [rule for rule in (*load_pack("narrative_agreement"), *load_pack("concordance")) if rule.where is None]
    fields = [f"{table}.narrative", f"{table}.case_no", f"{table}.disposition", f"{table}.custody_status"]
    there = [name for name in fields if name.split(".")[1] in tables[table].columns]

    result = mutate(
        rules, tables, per=2, fields=there, defects=["missing", "copied_forward", "narrative_contradiction"]
    )

    clean = {one.rule.id: one for one in evaluate(rules, tables).results}
    assert result.n_found
    for mutant, ids in zip(result.mutants, result.found_by, strict=True):
        assert ids == judged_alone_in(tables, rules, mutant, clean), mutant


UNUSUAL = {
    "mixed": ["x", 1, None, 2.5],
    "decimals": [decimal.Decimal("1.5"), decimal.Decimal(2)],
    "zoned": pd.to_datetime(["2031-01-02", "2031-03-04"]).tz_localize("UTC"),
    "periods": pd.period_range("2031-01", periods=3),
    "spans": pd.to_timedelta([1, 2, 3], unit="h"),
    "lists": [[1], [2]],
    "bytes": [b"x", b"y"],
    "numbers in categories": pd.Categorical([1, 2, 3]),
    "ordered": pd.Categorical(["lo", "hi", "lo"], categories=["lo", "hi"], ordered=True),
    "days in categories": pd.Categorical(pd.to_datetime(["2031-01-02", "2031-03-04"])),
    "large": [2**62, 2**63 - 1],
    "unsigned": np.array([1, 250, 255], dtype="uint8"),
    "endless": [1.5, np.inf, -np.inf],
    "maybe": [True, None, False],
    "days": [dt.date(2031, 1, 2), dt.date(2031, 2, 3)],
    "last days": ["9999-12-31", "9999-12-30", "2031-01-01"],
    "last instants": [pd.Timestamp.max, pd.Timestamp.max - pd.Timedelta(days=1)],
    "arrow days": pd.array([dt.date(2031, 1, 2), dt.date(2031, 2, 3)], dtype=pd.ArrowDtype(date32())),
    "complex": [1 + 2j, 2],
}


@pytest.mark.parametrize("kind", UNUSUAL)
def test_a_defect_that_a_column_cannot_hold_is_not_planted(kind):
    """Whatever a column holds: no error, nothing changed, every mutant differs from what stood there."""
    frame = pd.DataFrame({"a": UNUSUAL[kind]}, index=[0, 0, 1, 1][: len(UNUSUAL[kind])])
    before = frame.copy(deep=True)

    result = mutate([Rule("given", NotNull("a"))], frame)

    pd.testing.assert_frame_equal(frame, before)
    assert not result.errors
    assert result.table("defect").set_index("defect").loc["missing", "score"] == 1.0
    for mutant in result.mutants:
        assert all(cell.recorded is None or cell.recorded != cell.expected for cell in mutant.cells)


def test_a_column_without_a_text_for_a_name_is_refused():
    with pytest.raises(DataError, match="name of column 1 is no text"):
        mutate([Rule("given", NotNull("a"))], pd.DataFrame({1: [1], "a": ["x"]}))


def test_a_score_that_is_asked_for_fails_with_the_smallest_survivors():
    result = mutate([Rule("age", Between("age", 18, 60))], pd.DataFrame({"age": [20, 30]}), defects=["missing"])

    with pytest.raises(
        AssertionError, match=r"mutation score 0.000.*\n  missing survives: row 1, age: 20 -> null\nat least"
    ):
        result.assert_score(0.1)
    with pytest.raises(RuleError, match="at_least is 60"):
        result.assert_score(60)
    assert result.assert_score(0) is None


def test_rules_and_data_may_be_files_and_are_told_apart(folder):
    assert mutate("r.yaml", "people.csv", defects=["missing"]).score == 0.5
    with pytest.raises(RuleError, match="rules are a DataFrame"):
        mutate(PEOPLE, [Rule("given", NotNull("no"))])
    with pytest.raises(DataError, match="records are a list"):
        mutate([Rule("given", NotNull("no"))], [PEOPLE])


def test_a_rule_that_cannot_be_evaluated_any_more_has_noticed():
    """One over the age plus one: -1 stops the function, which is how its author would hear of it."""

    def worth(frame):
        if (frame["age"] == -1).any():
            raise ZeroDivisionError
        return 1 / (frame["age"] + 1) > 0

    result = mutate([worth], pd.DataFrame({"age": [20, 30]}), defects=["disguised_missing"], fields=["age"])

    found = {mutant.cells[0].recorded: bool(ids) for mutant, ids in zip(result.mutants, result.found_by, strict=True)}
    assert found == {-1: True, 9999: False}
    assert "ZeroDivisionError" in " ".join(result.errors.values())


def test_what_a_rule_reads_beside_its_field_counts():
    """A field that is only blamed, a condition on the other table, suspects found in the column: all are looked at."""
    blames = Rule("blames", Between("age", 0, 99), system="t", blames=("age", "no"))
    other = Rule("other", ForeignKey(("no",), "u", ("no",), InSet("open", ("yes",))), system="t")
    suspects = Rule("suspects", NotPlaceholder("no", how="discovered"), system="t")

    assert can_see(blames, "t", ("no",))
    assert can_see(other, "u", ("open",))
    assert not judges_each_by_itself(suspects, ("no",))
    assert not judges_each_by_itself(other, ("no",))


@pytest.mark.parametrize(
    ("day", "mistyped"), [("2031-03-05", "2031-05-03"), ("2031-03-15", "2031-03-25"), ("2031-04-04", "2031-04-14")]
)
def test_a_mistyped_instant_has_day_and_month_swapped_or_another_day(day, mistyped):
    frame = pd.DataFrame({"day": pd.to_datetime([day])})

    result = mutate([Rule("day", NotNull("day"))], frame, defects=["typo"])

    assert [mutant.cells[0].recorded for mutant in result.mutants] == [pd.Timestamp(mistyped)]


@pytest.mark.parametrize(("number", "mistyped"), [(1203, 1230), (10, 100), (77, 777), (-12, -21), (1.5, 15.0)])
def test_a_mistyped_number_has_neighbours_swapped_or_its_last_digit_twice(number, mistyped):
    """10 does not become 01: nobody sees a nought in front of a number."""
    result = mutate([Rule("n", NotNull("n"))], pd.DataFrame({"n": [number]}), defects=["typo"])

    assert [mutant.cells[0].recorded for mutant in result.mutants] == [mistyped]


def test_half_of_a_column_is_not_most_of_it():
    assert form_of("x", pd.Series(["09:30", "10:15", "soon", "late"])).form == "text"


def test_an_alert_that_was_there_before_is_nothing_new():
    """The table was too small to begin with; what is planted in it changes nothing of that."""
    many = Rule("many", Measure("row_count", min=100))

    result = mutate([many], pd.DataFrame({"n": [1, 2, 3]}), defects=["off_system", "duplicate_record"])

    assert result.n_found == 0


def test_a_record_that_another_one_is_blamed_with_is_no_clean_one():
    """The visit and the person it is linked to say different states: nothing is planted in either."""
    link = Link("visits", "no", "people", "no")
    rule = Rule("same", Agree("state", "state", link), system="visits")
    people = pd.DataFrame({"no": ["A", "B"], "state": ["open", "shut"]})
    visits = pd.DataFrame({"no": ["A", "B"], "state": ["open", "open"]})

    result = mutate([rule], {"people": people, "visits": visits}, defects=["wrong_value"])

    assert result.flagged_rows == {"people": 1, "visits": 1}
    assert {mutant.row for mutant in result.mutants} == {0}
