"""Scenarios that once were accepted and then lied, overwrote or hung: each is refused, and told why."""

import numpy as np
import pytest

from benchmarks.cli import main
from synth.entry import FATE
from synth.errors import ScenarioError
from synth.pipeline import make_plan, sheet_of
from synth.scenario import parse_scenario, scenario_text
from synth.yaml_text import load

OIG = scenario_text("oig-20-13")
CHANGES = {
    "a material item asked where it has no value": (
        "        material: yes\n        applies: {hold_outcome: [declined, lifted]}",
        "        material: yes",
        "'reason_hold_not_enforced' is material, but has no value unless hold_outcome is declined or lifted",
    ),
    "a system named like a path": ("  inquiry:\n    title", "  ../../inquiry:\n    title", "systems"),
    "a true value named like a column": (
        "  case_state: {kind",
        "  verdict: {kind: whole, first: 1, last: 2}\n  case_state: {kind",
        "'verdict' is a column of the answers",
    ),
    "a placeholder twice": ('["1900-01-01"]', '["1900-01-01", "1900-01-01"]', "is listed 2 times"),
    "a placeholder that is a not-value": ('["99:99"]', '["unknown"]', "'unknown' is a placeholder and a not-value"),
    "a variant without words": ('"Reply sent."', '""', "a variant without words"),
    "a rate that is no plain number": ("gap: 0.05}", "gap: 1e-999999999}", "more than 15 decimals"),
    "a parameter beyond all bounds": ("alpha: 0.0035", "alpha: 1e999999999", "more than 15 decimals"),
    "forms that take more than all": (
        "rounding: 0.08",
        "rounding: 0.89",
        "clock_format + rounding = 1.01; the rates of one statement sum to at most 1",
    ),
    "updates that take more than all": (
        "later_update: 0.04",
        "later_update: 0.941",
        "paraphrase + later_update = 1.001",
    ),
    "an update of some values only": (
        '      released: ["released at first, since held again", "released earlier, by now held again"]\n',
        "",
        "values of 'custody_status' have updates {'in-custody': 2, 'transfer-arranged': 2, 'released': 0}",
    ),
    "an update of no value": (
        '      released: ["released at first',
        '      relased: ["released at first',
        "'relased' is not a value of 'custody_status'. Did you mean 'released'?",
    ),
    "an update that is another value's wording": (
        '"released at first, since held again"',
        '"due for transfer"',
        "'transfer-arranged' and 'released' are both worded 'due for transfer'",
    ),
    "a fact of no kind": (
        "encounter_place: {kind: place}",
        "encounter_place: {kind: plaice}",
        "shared_facts.encounter_place.kind",
    ),
    "one office": ("count: 24}", "count: 1}", "greater than or equal to 2"),
    "a range without a value": ("  k: [0.70, 0.95]", "  stay: [0, 1]", "operator gives no stay"),
    "a narrative as a pick list": (
        "narrative: {needed: yes, material: yes, blank_weight: 2}",
        "narrative: {needed: yes, material: yes, blank_weight: 2, pick_list: yes}",
        "a narrative cannot be a pick list",
    ),
}


@pytest.mark.parametrize(("old", "new", "said"), CHANGES.values(), ids=CHANGES)
def test_it_is_refused_with_its_reason(old, new, said):
    """One change to a scenario that holds makes one that cannot; reading it says what and where."""
    assert old in OIG

    with pytest.raises(ScenarioError, match=r"line [0-9]+: .*") as caught:
        parse_scenario(load(OIG.replace(old, new, 1), error=ScenarioError))

    assert said in str(caught.value)


def test_more_fields_than_labels_can_tell_apart_are_refused():
    """600 fields are refused with both numbers."""
    fields = "".join(f"      x{number}: {{truth: f01}}\n" for number in range(600))
    text = scenario_text("reference").replace(
        "      form_no: {stamped: yes}\n", f"      form_no: {{stamped: yes}}\n{fields}"
    )

    with pytest.raises(ScenarioError, match="626 fields in all; at most 512"):
        parse_scenario(load(text, error=ScenarioError))


def test_weights_with_many_decimals_keep_their_proportions():
    """Ten-digit thirds and a plain whole number weigh 1 : 3, as they say, whatever their common denominator is."""
    text = OIG.replace("answer: {needed: yes, material: yes, blank_weight: 1}",
                       "answer: {needed: yes, material: yes, blank_weight: 0.3333333333}")  # fmt: skip
    plan = make_plan(parse_scenario(load(text, error=ScenarioError)))

    weights = dict(zip(plan.materials, plan.material_weights, strict=True))

    assert sum(weights.values()) < 2**31
    assert weights["inquiry", "narrative"] / weights["inquiry", "answer"] == pytest.approx(6, rel=1e-6)


def test_what_nobody_foresaw_ends_in_one_line(tmp_path, capsys):
    """A rule that no engine can read ends with exit 2 and a line that asks for a report, not in a traceback."""
    (tmp_path / "d.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    (tmp_path / "r.yaml").write_text(
        "rules: [{id: a, length: {field: a, min: 99999999999999999999999}}]", encoding="utf-8"
    )
    data = str(tmp_path / "d.csv")

    assert main(["pair", "--dirty", data, "--truth", data, "--rules", str(tmp_path / "r.yaml")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_stable_field_is_copied_with_its_own_luck():
    """What is copied into a field that seldom changes is still true nine times in ten, elsewhere four in ten."""
    plan = make_plan("oig-20-13", seed=5, regime="all_25")
    sheet, _ = sheet_of(plan, np.arange(40_000), 40_000)
    shares = {}
    for name in ("supervisor_code", "age_band"):
        fates = sheet.entries["encounter", name].fates
        lucky, wrong = (int((fates == FATE[fate]).sum()) for fate in ("lucky_copy", "copied_wrong"))
        shares[name] = lucky / (lucky + wrong)

    assert shares["supervisor_code"] == pytest.approx(0.9, abs=0.06)
    assert shares["age_band"] < 0.6
