"""What counts as a find and what as a false alarm: each convention on a handful of records."""

import pandas as pd
import pytest

from benchmarks.align import answer_key
from benchmarks.counts import count
from checks import Agree, Link, NotNull, PresentIn, Rule, Unique, evaluate
from synth.errors import DataError

LINK = Link("encounter", "case_no", "casework", "case_no")
RECORDS = {
    "encounter": pd.DataFrame(
        {
            "record_id": ["E1", "E2", "E3", "E4"],
            "case_no": ["N1", "N2", "N3", "N4"],
            "custody_status": ["held", "released", None, "held"],
            "narrative": ["Held.", "Free to go.", None, "Held."],
        }
    ),
    "casework": pd.DataFrame(
        {
            "record_id": ["C1", "C2", "C3"],
            "case_no": ["N1", "N2", "N3"],
            "custody_status": ["released", "released", "held"],
            "narrative": ["Released.", "Let go.", "Held."],
        }
    ),
}
LINKS = pd.DataFrame(
    [("encounter", f"E{n}", n) for n in (1, 2, 3, 4)] + [("casework", f"C{n}", n) for n in (1, 2, 3)],
    columns=["system", "record_id", "case_id"],
)
TRUTH = pd.DataFrame(
    {"case_id": [1, 2, 3, 4], "verdict": ["inconsistent", "documented", "insufficient", "insufficient"]}
)
COLUMNS = ["class", "system", "record_id", "field", "case_id", "defect", "other_system", "other_record_id", "fact"]

SAME_STATUS = Rule("status", Agree("custody_status", "custody_status", LINK), system="encounter")
SAME_STATUS_ONE_SIDE = Rule("status", Agree("custody_status", "custody_status", LINK.reversed()), system="casework")
GIVEN = Rule("given", NotNull("custody_status"), system="encounter")
TOLD = Rule("told", NotNull("narrative"), system="encounter")
PRESENT = Rule("present", PresentIn(LINK), system="encounter")
ONCE = Rule("once", Unique(("custody_status",)), system="encounter")


def label(defect, place, case_id, *, other=(None, None), fact=None, kind="defect"):
    system, record_id, field = place
    return (kind, system, record_id, field, case_id, defect, *other, fact)


def counted(rule, *labels, records=RECORDS):
    """The counts of one rule as {(unit, what): n}, false alarms by kind of negative."""
    frame = pd.DataFrame(labels, columns=COLUMNS, dtype=object)
    counts = count(evaluate([rule], records), answer_key(records, frame, LINKS, TRUTH))
    hits = counts.hits.query("kind == 'rule' and defect == 'any'").groupby(level="unit")[["n_tp", "n_fn"]].sum()
    alarms = counts.alarms.query("kind == 'rule'").groupby(level=["unit", "negative"])["n_fp"].sum()
    found = {(unit, column): int(n) for unit, row in hits.iterrows() for column, n in row.items() if n}
    return found | {(unit, kind): int(n) for (unit, kind), n in alarms.items() if n}


def test_a_flag_on_the_labelled_cell_is_a_find_at_every_unit():
    """A missing value that a not-null rule flags is one find and no false alarm, whatever is counted."""
    found = counted(GIVEN, label("missing", ("encounter", "E3", "custody_status"), 3))

    assert found == {(unit, "n_tp"): 1 for unit in ("cell", "record", "pair", "case")}


def test_a_blank_the_form_does_not_ask_for_is_a_false_alarm_of_its_own():
    """A null without a label is null in truth too: flagging it is a false alarm of kind not_asked, at unit cell."""
    found = counted(GIVEN)

    assert found == {("cell", "not_asked"): 1, ("pair", "not_asked"): 1, ("record", "none"): 1, ("case", "none"): 1}


@pytest.mark.parametrize("kind", ["not_value", "hard_negative"])
def test_honest_not_values_and_hard_negatives_are_no_defects(kind):
    """A flag on either is a false alarm under its name, at every unit."""
    found = counted(GIVEN, label("later_update", ("encounter", "E3", "custody_status"), 3, kind=kind))

    name = "not_value" if kind == "not_value" else "later_update"
    assert found == {(unit, name): 1 for unit in ("cell", "record", "pair", "case")}


def test_a_known_value_recorded_as_unknown_is_a_defect():
    """A false_unknown is a positive like any other."""
    found = counted(GIVEN, label("false_unknown", ("encounter", "E3", "custody_status"), 3))

    assert found["cell", "n_tp"] == 1


def test_a_flag_on_another_cell_of_a_bad_record_counts_at_record_and_case_only():
    """At unit cell the right record does not excuse the wrong cell."""
    found = counted(TOLD, label("missing", ("encounter", "E3", "custody_status"), 3))

    assert (found["cell", "n_fn"], found["cell", "not_asked"]) == (1, 1)
    assert (found["record", "n_tp"], found["case", "n_tp"]) == (1, 1)


def test_a_rule_across_systems_blames_both_sides():
    """With a plain label one side is a find and the other a false alarm; as a pair the finding is right."""
    found = counted(SAME_STATUS, label("wrong_value", ("casework", "C1", "custody_status"), 1))

    assert (found["cell", "n_tp"], found["cell", "none"]) == (1, 1)
    assert (found["record", "n_tp"], found["record", "none"]) == (1, 1)
    assert ("pair", "n_tp") in found
    assert ("pair", "none") not in found


def test_a_label_that_names_both_records_excuses_the_other_side():
    """If the label says which record it disagrees with, blaming that record is no false alarm."""
    wrong = label("wrong_value", ("casework", "C1", "custody_status"), 1, other=("encounter", "E1"))

    assert counted(SAME_STATUS, wrong) == {(unit, "n_tp"): 1 for unit in ("cell", "record", "pair", "case")}


@pytest.mark.parametrize("rule", [SAME_STATUS, SAME_STATUS_ONE_SIDE])
@pytest.mark.parametrize(
    ("place", "other"), [(("encounter", "E1"), ("casework", "C1")), (("casework", "C1"), ("encounter", "E1"))]
)
def test_a_contradicted_fact_is_found_through_its_fields(rule, place, other):
    """A narrative that contradicts a status is found by the rule that sees the statuses disagree on that fact."""
    contradiction = label("narrative_contradiction", (*place, "narrative"), 1, other=other, fact="custody_status")

    found = counted(rule, contradiction)

    assert found.pop(("cell", "none")) == 1  # the status beside the contradicting narrative is right
    assert found == {(unit, "n_tp"): 1 for unit in ("cell", "record", "pair", "case")}


def test_a_contradiction_about_another_fact_is_not_found():
    """A disagreement on the status says nothing about a contradiction on the facility."""
    elsewhere = label(
        "narrative_contradiction", ("casework", "C1", "narrative"), 1, other=("encounter", "E1"), fact="facility_code"
    )

    assert (counted(SAME_STATUS, elsewhere)["cell", "n_fn"], counted(SAME_STATUS, elsewhere)["cell", "none"]) == (1, 2)


def test_two_records_that_are_not_joined_are_not_a_find():
    """A label names two records; a rule that fails on both, but on either with another partner, has not found it."""
    records = RECORDS | {"casework": RECORDS["casework"].assign(custody_status=["released", "held", "held"])}
    apart = label(
        "narrative_contradiction", ("casework", "C1", "narrative"), 1, other=("encounter", "E2"), fact="custody_status"
    )

    found = counted(SAME_STATUS, apart, records=records)

    assert (found["cell", "n_fn"], found["cell", "none"], found["pair", "none"]) == (1, 4, 2)


def test_a_record_that_is_not_there_is_missed_or_found_at_unit_case():
    """A lost record has no cell and no record; the flag on the record that survives is right about the case."""
    lost = label("lost_in_transmission", ("casework", None, None), 4, other=("encounter", "E4"))

    assert counted(PRESENT, lost) == {("case", "n_tp"): 1}
    assert counted(GIVEN, lost)["case", "n_fn"] == 1


def test_a_survivor_nobody_names_is_a_false_alarm_at_unit_record():
    """Without the survivor in the label only the case tells that the flag is right."""
    assert counted(PRESENT, label("off_system", ("casework", None, None), 4)) == {
        ("case", "n_tp"): 1,
        ("record", "none"): 1,
    }


def test_a_duplicate_excuses_its_original():
    """A rule that holds records against each other flags both; the label says which is the copy."""
    duplicate = label("duplicate_record", ("encounter", "E4", None), 4, other=("encounter", "E1"))

    found = counted(ONCE, duplicate)

    assert found["record", "n_tp"] == 1
    assert ("record", "none") not in found
    assert ("pair", "none") not in found
    assert found["cell", "none"] == 2  # a label without a field names no cell


def test_a_record_label_is_no_cell():
    """Labels without a field are positives of their record and case, not of any cell."""
    key = answer_key(
        RECORDS, pd.DataFrame([label("late_entry", ("encounter", "E2", None), 2)], columns=COLUMNS), LINKS, TRUTH
    )

    assert [len(key.units[unit].case) for unit in ("cell", "record", "case")] == [0, 1, 1]


def test_record_ids_of_any_dtype_are_found():
    """Categories, pandas text and plain objects name the same records."""
    frame = pd.DataFrame([label("missing", ("encounter", "E3", "custody_status"), 3)], columns=COLUMNS)
    keys = [
        answer_key(RECORDS, frame.astype({"record_id": dtype, "system": dtype}), LINKS.astype({"system": dtype}), TRUTH)
        for dtype in ("str", "object", "category")
    ]

    assert [key.units["cell"].position.tolist() for key in keys] == [[2]] * 3


BAD = {
    "unknown record": ({"labels": [label("typo", ("encounter", "E9", "narrative"), 1)]}, r"record 'E9'.*'encounter'"),
    "unknown field": (
        {"labels": [label("typo", ("encounter", "E1", "naratve"), 1)]},
        r"'naratve'.*Did you mean 'narr",
    ),
    "unknown system": ({"labels": [label("typo", ("encountr", "E1", "narrative"), 1)]}, r"Did you mean 'encounter'"),
    "unknown class": (
        {"labels": [label("x", ("encounter", "E1", None), 1, kind="defcet")]},
        r"'defcet'.*Did you mean",
    ),
    "unknown case": ({"labels": [label("typo", ("encounter", "E1", None), 77)]}, r"case 77"),
    "record twice": (
        {"records": RECORDS | {"casework": RECORDS["casework"].assign(record_id="C1")}},
        r"'C1' stands tw",
    ),
    "no link": ({"links": LINKS[LINKS["record_id"] != "E2"]}, r"record 'E2' of system 'encounter' has no link"),
    "case twice": ({"truth": pd.concat([TRUTH, TRUTH])}, r"case_id 1 stands twice"),
    "link to no case": ({"truth": TRUTH[:3]}, r"record 'E4'.*not in the truth"),
    "no column": ({"columns": [*COLUMNS[:5], "defects", *COLUMNS[6:]]}, r"no column 'defect'. Did you mean 'defects'"),
}


@pytest.mark.parametrize(("change", "shown"), BAD.values(), ids=BAD)
def test_answers_that_do_not_fit_the_records_are_refused_by_name(change, shown):
    """What names nothing, or two things, is shown."""
    parts = {"records": RECORDS, "labels": [], "links": LINKS, "truth": TRUTH, "columns": COLUMNS} | change
    labels = pd.DataFrame(parts["labels"], columns=parts["columns"], dtype=object)

    with pytest.raises(DataError, match=shown):
        answer_key(parts["records"], labels, parts["links"], parts["truth"])
