"""Thresholds of the Data Quality Dashboard: the rows its queries count, and when a share is too much."""

import csv
import datetime as dt
import io

import numpy as np
import pandas as pd
import pytest

from checks import load_rules
from synth.errors import RuleError

ALWAYS = ("cdmField",)


def drawn(mask):
    return "".join(np.where(mask, "X", "."))


def frame_of(**columns):
    frame = pd.DataFrame({name: pd.Series(cells, dtype="str") for name, cells in columns.items()})
    return frame.set_axis([row // 2 for row in range(len(frame))])


def thresholds(*rows):
    """A file of thresholds with these rows; columns in the order they are first named."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    file = io.StringIO()
    table = csv.DictWriter(file, names, restval="", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return file.getvalue()


def load(*rows):
    return load_rules(thresholds(*rows), "dqd", on_unsupported="skip")


def results_of(rules, records):
    return {
        result.rule.id: drawn(result.fail)
        for result in rules.evaluate(records).results
        if not result.rule.id.endswith(ALWAYS)
    }


CELLS = ["1", "2", None, "", "x", "2", "0"]
DAYS = ["2001-01-05", "1949-12-31", None, "", "2999-01-01 10:00:00", "soon", "1950-01-01"]
CHECKS = [  # a check of one field, its cells, and the rows that its query counts
    ({"isRequired": "Yes"}, CELLS, "..X...."),
    ({"measureValueCompleteness": "Yes"}, CELLS, "..X...."),
    ({"isPrimaryKey": "Yes"}, CELLS, ".X...X."),
    ({"cdmDatatype": "integer"}, CELLS, "...XX.."),
    ({"standardConceptRecordCompleteness": "Yes"}, CELLS, "......X"),
    ({"sourceConceptRecordCompleteness": "Yes"}, CELLS, "......X"),
    ({"plausibleValueLow": "1"}, CELLS, "......X"),
    ({"plausibleValueHigh": "1"}, CELLS, ".X...X."),
    ({"plausibleValueLow": "'19500101'"}, DAYS, ".X....."),
    ({"plausibleValueHigh": "DATEADD(dd,1,GETDATE())"}, DAYS, "....X.."),
    ({"plausibleValueHigh": "YEAR(GETDATE())+1"}, ["1980", "2999", None, "", "x", "2000", "3000"], ".X....X"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "cells", "expected"), CHECKS, ids=[str(check) for check, _, _ in CHECKS])
def test_a_check(check, cells, expected):
    """Every check counts these rows."""
    rules = load({"cdmTableName": "VISIT", "cdmFieldName": "a", "isRequired": "No", **check})

    (found,) = results_of(rules, {"VISIT": frame_of(a=cells)}).values()

    assert found == expected


def test_a_bound_of_today():
    """One day ahead is plausible, two days ahead are not."""
    today = dt.datetime.now(tz=dt.UTC).date()
    cells = [str(today + dt.timedelta(days=ahead)) for ahead in (0, 1, 2)]
    rules = load({"cdmTableName": "VISIT", "cdmFieldName": "a", "plausibleValueHigh": "DATEADD(dd,1,GETDATE())"})

    assert results_of(rules, {"VISIT": frame_of(a=cells)}) == {"VISIT.a.plausibleValueHigh": "..X"}


def test_keys_and_order_in_time():
    """Names are the same in any case; a missing key or day is not judged; days without their time are compared."""
    rules = load(
        {"cdmTableName": "PLACE", "cdmFieldName": "place_id", "isPrimaryKey": "Yes"},
        {"cdmTableName": "VISIT", "cdmFieldName": "place_id", "isForeignKey": "Yes", "fkTableName": "Place",
         "fkFieldName": "PLACE_ID", "fkDomain": "Visit"},
        {"cdmTableName": "VISIT", "cdmFieldName": "start", "plausibleStartBeforeEnd": "Yes",
         "plausibleStartBeforeEndFieldName": "END_DAY"},
        {"cdmTableName": "VISIT", "cdmFieldName": "end_day", "plausibleTemporalAfter": "Yes",
         "plausibleTemporalAfterTableName": "VISIT", "plausibleTemporalAfterFieldName": "START",
         "plausibleAfterBirth": "Yes"},
        {"cdmTableName": "VISIT", "cdmFieldName": "seen", "plausibleTemporalAfter": "Yes",
         "plausibleTemporalAfterTableName": "PERSON", "plausibleTemporalAfterFieldName": "BIRTH"},
    )  # fmt: skip
    visits = frame_of(
        place_id=["A", "B", None, "", "A"],
        start=["2031-01-02", "2031-01-02 10:00:00", "2031-01-03", None, "x"],
        end_day=["2031-01-01", "2031-01-02", "2031-01-04", "2031-01-01", "2031-01-01"],
        seen=[None] * 5,
    )

    found = results_of(rules, {"VISIT": visits, "PLACE": frame_of(place_id=["A", "A"])})

    assert found == {
        "PLACE.place_id.isPrimaryKey": "XX",
        "VISIT.place_id.isForeignKey": ".X.X.",
        "VISIT.start.plausibleStartBeforeEnd": "X....",
        "VISIT.end_day.plausibleTemporalAfter": "X....",
    }
    lost = {entry.id: entry.reason for entry in rules.coverage() if entry.status == "unsupported"}
    assert set(lost) == {
        "VISIT.place_id.fkDomain", "VISIT.end_day.plausibleAfterBirth", "VISIT.seen.plausibleTemporalAfter",
    }  # fmt: skip
    assert all(lost.values())


@pytest.mark.parametrize(("threshold", "alert"), [("0", True), ("", True), ("19", True), ("20", False), ("100", False)])
def test_a_threshold_is_the_most_percent_that_may_fail(threshold, alert):
    """Two of ten records are 20 %: more than 19, not more than 20."""
    rules = load({"cdmTableName": "T", "cdmFieldName": "a", "isRequired": "Yes", "isRequiredThreshold": threshold})

    result = rules.evaluate({"T": frame_of(a=[None, None, *"12345678"])}).results[1]

    assert (result.n_fail, result.alert) == (2, alert)


def test_mapped_values_are_counted_by_record():
    """Here three of four records are unmapped; the dashboard counts one of two distinct source values."""
    rules = load(
        {"cdmTableName": "T", "cdmFieldName": "code", "sourceValueCompleteness": "Yes",
         "standardConceptFieldName": "CONCEPT_ID"},
        {"cdmTableName": "T", "cdmFieldName": "concept_id", "isRequired": "No"},
    )  # fmt: skip
    frame = frame_of(code=["a", "a", "a", "b", None], concept_id=["0", "0", "0", "7", "0"])

    (result,) = [each for each in rules.evaluate({"T": frame}).results if "source" in each.rule.id]

    assert drawn(result.fail) == "XXX.."
    assert result.n_evaluated == 4
    assert result.rule.blames == ("code", "concept_id")
    assert {entry.status for entry in rules.coverage() if "source" in entry.id} == {"approximate"}
    by_value = frame.dropna(subset="code").groupby("code")["concept_id"].first()
    assert (by_value == "0").mean() == 0.5  # what the dashboard reports, where this rule says three quarters


def test_whole_numbers_are_those_that_read_as_such():
    """1e3 is numeric for some databases, and no whole number here: the difference of cdmDatatype."""
    rules = load({"cdmTableName": "T", "cdmFieldName": "a", "cdmDatatype": "integer"})

    assert results_of(rules, {"T": frame_of(a=["1e3", "10", None, ""])}) == {"T.a.cdmDatatype": "X..X"}
    assert [entry.status for entry in rules.coverage()] == ["exact", "approximate"]


def test_units_of_records_without_a_number():
    """They are left out here; an earlier dashboard counts them, which is the difference."""
    rules = load(
        {"cdmTableName": "MEASUREMENT", "cdmFieldName": "unit_concept_id", "standardConceptRecordCompleteness": "Yes"}
    )
    frame = frame_of(unit_concept_id=["0", "0", "5", None], value_as_number=["1", None, "2", "3"])

    assert list(results_of(rules, {"MEASUREMENT": frame}).values()) == ["X..."]


def test_tables():
    """Persons without a record are found among the persons."""
    rules = load(
        {"cdmTableName": "PERSON", "isRequired": "Yes", "measurePersonCompleteness": "No"},
        {"cdmTableName": "VISIT", "measurePersonCompleteness": "Yes", "measurePersonCompletenessThreshold": "50",
         "measureConditionEraCompleteness": "Yes"},
        {"cdmTableName": "CONDITION_OCCURRENCE", "measureObservationPeriodOverlap": "Yes"},
    )  # fmt: skip
    records = {
        "PERSON": frame_of(person_id=["1", "2", "3"]),
        "VISIT": frame_of(person_id=["1", "1", None]),
        "CONDITION_OCCURRENCE": frame_of(person_id=["1", "2", "2"]),
    }

    assert results_of(rules, records) == {
        "VISIT.measurePersonCompleteness": ".XX",
        "VISIT.measureConditionEraCompleteness": ".XX",  # two records of one person: by record, not by person
    }
    assert rules.evaluate(records).results[0].alert  # two of three are more than half


def test_concepts():
    """A unit that is not listed; no unit is one where -1 is listed."""
    row = {
        "cdmTableName": "M",
        "cdmFieldName": "CODE",
        "plausibleUnitConceptIdsThreshold": "5",
        "plausibleGender": "Male",
    }
    rules = load(
        {**row, "conceptId": "7", "plausibleUnitConceptIds": "1,2"},
        {**row, "conceptId": "8", "plausibleUnitConceptIds": "-1"},
    )
    frame = frame_of(
        code=["7", "7", "7", "7", "8", "8"],
        unit_concept_id=["1", "3", None, "3", None, "1"],
        value_as_number=["5", "5", "5", None, "5", "5"],
    )

    assert list(results_of(rules, {"M": frame}).values()) == [".XX...", ".....X"]
    assert [entry.status for entry in rules.coverage()] == ["unsupported", "approximate"] * 2


def test_lines_are_those_of_the_file():
    """A row whose guidance runs over lines is found where it begins."""
    text = 'cdmTableName,cdmFieldName,isRequired,userGuidance\nT,a,Yes,"one\ntwo\nthree"\nT,b,Yes,x\n'

    places = [entry.place for entry in load_rules(text, "dqd").coverage() if "isRequired" in entry.id]

    assert places == ["line 2", "line 5"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("checkLevel,checkName\nTABLE,x\n", "line 1: has no column 'cdmTableName'"),
        ("cdmTableName,cdmFieldName\nT\n", "line 2: has other fields than the header's 2"),
        ('cdmTableName,cdmFieldName\nT,a\nT,"b\n', "line 3: is no CSV"),
        ("cdmTableName,cdmFieldName,isRequired,isRequiredThreshold\nT,a,Yes,some\n", "a.isRequired at line 2"),
    ],
)
def test_refused(text, message):
    """One line with the line of the file."""
    with pytest.raises(RuleError, match=message) as caught:
        load_rules(text, "dqd")

    assert "\n" not in str(caught.value)
