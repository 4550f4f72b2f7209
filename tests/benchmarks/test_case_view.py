"""One case, readable: what is printed is what the answer key says, label by label."""

import json
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from oracles import truth_name
from worlds import SEEDS, SHIPPED

from benchmarks.case_view import findings, narratives, outcomes, side_by_side, view_case
from benchmarks.cli import main
from synth.pipeline import case, generate, make_plan
from synth.scenario import load_scenario

WHICH = st.sampled_from([(name, regime) for name in SHIPPED for regime in load_scenario(name).regimes])


@settings(max_examples=20)
@given(WHICH, SEEDS, st.integers(0, 10**9))
def test_every_label_and_gap_is_named_once(which, seed, index):
    """There are as many findings as labels and as many outcomes as fates, each with its system and field."""
    name, regime = which
    view = view_case(make_plan(name, seed=seed, regime=regime), index, None)

    labels, found = view.rows("labels"), list(findings(view))
    assert len(found) == len(labels)
    for label in labels:
        if label["class"] == "hard_negative":
            about = [
                line for line in found if line.startswith(f"not wrong: {label['system']} says '{label['recorded']}'")
            ]
            assert any(f"{label['other_system']} says '{label['expected']}' ({label['fact']}" in line for line in about)
        elif label["field"] is None:
            assert [line for line in found if line.startswith(f"{label['system']} record: {label['defect']}")]
        else:
            mine = [line for line in found if line.startswith(f"{label['system']}.{label['field']}: {label['defect']}")]
            same = [row for row in labels if all(row[key] == label[key] for key in ("system", "field", "defect"))]
            assert len(mine) == len(same)
            assert any((label["detectable_by"] or "").replace(";", ", ") in line for line in mine)
    fates = view.rows("fates")
    assert [line.split(":")[0] for line in outcomes(view)] == [f"{row['system']}.{row['field']}" for row in fates]


@settings(max_examples=12)
@example(("oig-20-13", "synchronised"), 0, 0)  # a link passes a narrative on, which no true value stands behind
@given(WHICH, SEEDS, st.integers(0, 500))
def test_cells_are_marked_where_a_label_says_so(which, seed, index):
    """A field that records a true value is marked with ! if and only if a label names it; it shows what is recorded."""
    name, regime = which
    view = view_case(make_plan(name, seed=seed, regime=regime), index, None)
    scenario = view.bundle.plan.scenario
    marked = {(row["system"], row["field"]) for row in view.rows("labels") if row["class"] != "hard_negative"}

    table = {row[0]: row[1:] for row in side_by_side(view)}

    for place, (system, spec) in enumerate(scenario.systems.items(), start=1):
        record = view.record(system)
        for field, entry in spec.fields.items():
            if not entry.shown or field == "narrative":
                continue
            truth = truth_name(scenario, system, field)
            if truth is None:  # another system's narrative, passed on by a link
                continue
            held = table[truth][place]
            if record is None:
                assert held == "(no record)"
                continue
            assert held.startswith("! ") == ((system, field) in marked)
            assert (record[field] or "") in held
            assert record[field] is not None or held.removeprefix("! ").startswith(("(blank)", "-"))


def test_spans_stand_between_arrows():
    """Contradictions stand between >> and <<, and a note where a text is cut off; without both it is the narrative."""
    plan, seen, cut = make_plan("oig-20-13", seed=1), 0, 0
    for index in [*range(20), 122]:
        view = view_case(plan, index, 67)
        wrong = [row for row in view.rows("labels") if row["defect"] == "narrative_contradiction"]
        for system, text in narratives(view):
            mine = [row["recorded"] for row in wrong if row["system"] == system]
            seen += len(mine)
            assert text.count(">>") == text.count("<<") == len(mine)
            assert all(f">>{words}<<" in text for words in mine)
            cut += text.endswith(" [cut off here]")
            whole = text.replace(">>", "").replace("<<", "").removesuffix(" [cut off here]")
            assert whole == (view.record(system)["narrative"] or "(blank)")
    assert seen >= 3
    assert cut == 1


SAID = [  # seed 1; each read off the tables of truth and records by hand
    ("oig-20-13", 85, "swapped: holds '2031-04-11', which belongs in closed_date, the truth is '2031-01-16'"),
    ("oig-20-13", 85, "swapped: holds '2031-01-16', which belongs in opened_date, the truth is '2031-04-11'"),
    ("oig-20-13", 25, "encounter record: late_entry: entered on 2031-01-20, 13 days after encounter date 2031-01-07 ["),
    ("oig-20-13", 122, "encounter.narrative: narrative_truncated: it ends within a sentence, after "),
    ("oig-20-13", 194, "encounter.narrative: narrative_missing: there is none [MAR; seen by: presence, narrative]"),
    ("oig-20-13", 495, "casework record: off_system: there is no record of the case here; it was never made, or"),
    ("oig-20-13", 62, "answer_received: lost_in_transmission: is blank, lost on the way from inquiry.answer, the"),
    ("shelter-intake", 6, "late_entry: entered on 2031-02-05, 26 days after entry date 2031-01-10 [EAR"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "index", "words"), SAID)
def test_a_defect_is_told_in_words_that_a_reader_can_follow(name, index, words):
    """Swaps name the other field, late entries the days, cut-off narratives where, what got lost where it came from."""
    assert any(words in line for line in findings(view_case(make_plan(name, seed=1), index, None)))


def test_a_record_entered_twice_is_there_twice():
    """The second record of case 62 is equal but for its number, which the finding names beside that of the first."""
    view = view_case(make_plan("oig-20-13", seed=1), 62, None)

    first, second = view.record("inquiry"), view.second("inquiry")
    assert view.second("encounter") is None
    assert view.to_json()["second_records"] == {"inquiry": second}
    assert {**first, "record_id": None} == {**second, "record_id": None}
    assert any(f"{second['record_id']} repeats {first['record_id']}" in line for line in findings(view))


def test_a_forced_copy_of_a_narrative_is_told_as_one():
    """Under all_25 the blank narrative of case 194 is filled with the officer's previous one."""
    view = view_case(make_plan("oig-20-13", seed=1, regime="all_25"), 194, None)

    assert any("copied_forward: it is that of the officer's previous case" in line for line in findings(view))


def test_rates_plan_no_verdict(capsys):
    """Where verdicts follow from rates none is planned; what they are held against is the base regime."""
    main(["case", "--scenario", "reference", "--index", "5"])
    base = capsys.readouterr().out
    main(["case", "--scenario", "reference", "--index", "5", "--regime", "all_25"])

    assert "planned" not in base + capsys.readouterr().out
    main(["case", "--scenario", "ambulance-run", "--index", "25", "--regime", "as_collected"])
    assert (
        "Verdict: insufficient under optional; a reviewer of these records says documented" in capsys.readouterr().out
    )


def test_a_case_printed_has_the_content_of_the_same_case_generated():
    """Case 999,999,999 of a billion is worked out alone, quickly, and to the same content."""
    start = time.monotonic()
    view = view_case(make_plan("oig-20-13", seed=5, regime="all_25"), 999_999_999, 10**9)

    taken = time.monotonic() - start
    alone = case("oig-20-13", 999_999_999, seed=5, regime="all_25", n_cases=10**9)
    assert taken < 5
    assert {name: table.to_pylist() for name, table in view.bundle.records.items()} == {
        name: table.to_pylist() for name, table in alone.records.items()
    }
    for name, table in alone.answers.items():
        assert view.rows(name) == table.to_pylist()
    assert view.rows("truth")[0]["case_id"] == 999_999_999


@pytest.mark.parametrize("index", [0, 3, 66, 99])
def test_a_case_alone_is_the_case_of_the_whole_run(index):
    """The records, labels and verdict of a case printed alone are those of a run of 100."""
    view = view_case(make_plan("oig-20-13", seed=2), index, 100)
    whole = generate("oig-20-13", n_cases=100, seed=2)

    truth = whole.answer("truth").set_index("case_id")
    labels = whole.answer("labels")
    links = whole.answer("links")
    assert view.verdicts == dict.fromkeys(("drawn", "reviewer", "true"), truth.loc[index, "verdict"])
    mine = labels.loc[labels["case_id"] == index, "label_id"]
    assert [row["label_id"] for row in view.rows("labels")] == sorted(mine)
    ids = {view.record(system)["record_id"] for system in whole.records}
    assert ids == set(links.loc[links["case_id"] == index, "record_id"])


def test_the_command_prints_each_finding_once(capsys):
    """Every label of the case stands once under what is wrong, every gap once under what became of it."""
    view = view_case(make_plan("oig-20-13", seed=1, regime="all_25"), 8, None)

    code = main(["case", "--index", "8", "--regime", "all_25"])

    said = " ".join(capsys.readouterr().out.split())
    assert code == 0
    for line in [*findings(view), *outcomes(view)]:
        assert said.count(" ".join(line.split())) == 1
    if len(set(view.verdicts.values())) == 1:
        assert (
            f"Verdict: {view.verdicts['drawn']} (as planned, as a reviewer of these records sees it, and in truth)"
            in said
        )
    else:
        assert f"planned {view.verdicts['drawn']}; a reviewer of these records says {view.verdicts['reviewer']}" in said


def test_the_case_as_json_is_the_case(capsys):
    """`--json` gives truth, records, labels and fates as the answer key has them."""
    view = view_case(make_plan("reference", seed=1, regime="all_25"), 999_999_999, 10**9)

    which = ["--scenario", "reference", "--regime", "all_25", "--index", "999999999", "--cases", "1000000000"]
    code = main(["case", *which, "--json"])

    found = json.loads(capsys.readouterr().out)
    assert code == 0
    assert found == json.loads(json.dumps(view.to_json()))
    assert set(found) == {
        *("scenario", "seed", "regime", "verdicts", "truth", "records", "second_records", "stated", "labels", "fates"),
    }  # fmt: skip
