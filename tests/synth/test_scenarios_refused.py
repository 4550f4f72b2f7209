"""Malformed scenarios: each is refused in one line with its place, and nothing is written."""

# ruff: noqa: E501  # one line a mistake

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import PLAIN, SMALL

from benchmarks.cli import main
from synth.errors import ScenarioError
from synth.pipeline import make_plan, sheet_of
from synth.scenario import parse_scenario, scenario_text
from synth.sheet import FATE
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
    "a placeholder twice": ('["1900-01-01", "9999-12-31"]', '["1900-01-01", "1900-01-01"]', "is listed 2 times"),
    "a placeholder that is a not-value": (
        '["99:99", "00:00:00"]',
        '["unknown"]',
        "'unknown' is a placeholder and a not-value",
    ),
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
    "a range without a value": ("operator:\n  k", "ranges:\n  stay: [0, 1]\noperator:\n  k", "operator gives no stay"),
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
    """2,026 fields are refused with both numbers."""
    fields = "".join(f"      x{number}: {{truth: f01}}\n" for number in range(2000))
    text = scenario_text("reference").replace(
        "      form_no: {stamped: yes}\n", f"      form_no: {{stamped: yes}}\n{fields}"
    )

    with pytest.raises(ScenarioError, match="2026 fields in all; at most 2000"):
        parse_scenario(load(text, error=ScenarioError))


def test_weights_with_many_decimals_keep_their_proportions():
    """Ten-digit thirds and a plain whole number weigh 1 : 3, as they say, whatever their common denominator is."""
    text = OIG.replace("answer: {needed: yes, material: yes, blank_weight: 1}",
                       "answer: {needed: yes, material: yes, blank_weight: 0.3333333333}")  # fmt: skip
    plan = make_plan(parse_scenario(load(text, error=ScenarioError)))

    _, table = plan.processes.item_weights
    weights = dict(zip(plan.processes.items, table[0].tolist(), strict=True))

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


# ------------------------------------------------------------------------- one mistake each, in a small scenario that holds

TEXT = SMALL.format(**PLAIN)
MISTAKES = {
    "conditional on no system": ("regimes:\n", "regimes:\n  odd: {conditional_mandatory: {alfa: {due: {flag: yes}}}}\n", "'alfa' is no system. Did you mean 'alpha'?"),
    "conditional on no field": ("regimes:\n", "regimes:\n  odd: {conditional_mandatory: {alpha: {duo: {flag: yes}}}}\n", "field 'duo' is not in system 'alpha'. Did you mean 'due'?"),
    "conditional without a condition": ("regimes:\n", "regimes:\n  odd: {conditional_mandatory: {alpha: {due: {}}}}\n", "'due' has no condition. Write one, as in due: {other_field: value}, or use mandatory."),
    "conditional on a field below": ("regimes:\n", "regimes:\n  odd: {conditional_mandatory: {alpha: {due: {state: open}}}}\n", "'state' must be a field above 'due' in 'alpha'."),
    "conditional on no value": ("regimes:\n", "regimes:\n  odd: {conditional_mandatory: {alpha: {due: {flag: yess}}}}\n", "'yess' is not a value of 'flag'. Did you mean 'yes'?"),
    "conditional on no choice": ("regimes:\n", "regimes:\n  odd: {conditional_mandatory: {alpha: {due: {desk: DSK-1}}}}\n", "a condition on 'desk' needs a choice; it is of kind code."),
    "conditional and in any case": ("regimes:\n", "regimes:\n  odd: {mandatory: {alpha: due}, conditional_mandatory: {alpha: {due: {flag: yes}}}}\n", "'due' is mandatory in any case under this regime. Take it out of one of them."),
    "conditional of the system's own": ("regimes:\n", "regimes:\n  odd: {conditional_mandatory: {alpha: {ref: {flag: yes}}}}\n", "'ref' is not typed by a person, so no control acts on it. Take it out."),
    "list of no field": ("regimes:\n", "regimes:\n  odd: {pick_list: {alpha: {dsk: fits}}}\n", "field 'dsk' is not in system 'alpha'. Did you mean 'desk'?"),
    "list that may fit": ("regimes:\n", "regimes:\n  odd: {pick_list: {alpha: {desk: perhaps}}}\n", "regimes.odd.pick_list.alpha.desk: "),
    "list of days": ("regimes:\n", "regimes:\n  odd: {pick_list: {alpha: {due: fits}}}\n", "'due' is of kind after; a list is for values of kind choice, code, office and whole."),
    "list of running text": ("regimes:\n", "regimes:\n  odd: {pick_list: {alpha: {narrative: fits}}}\n", "'narrative' is running text; a list is for values of kind"),
    "list that is one already": ("regimes:\n", "regimes:\n  odd: {pick_list: {alpha: {flag: fits}}}\n", "'flag' is a list that fits already, so nothing would change. Take it out, or say misfits."),
    "refusal in no field": ("regimes:\n", "regimes:\n  odd: {reject_placeholders: {alpha: deskk}}\n", "field 'deskk' is not in system 'alpha'. Did you mean 'desk'?"),
    "refusal of all a narrative can be": ("regimes:\n", "regimes:\n  odd: {reject_placeholders: {alpha: narrative}}\n", "the narrative of 'alpha' refuses placeholders, but novel_placeholders lists 0 for it, so a"),
    "link from no field": ("regimes:\n", "regimes:\n  odd: {synchronise: {beta: {state: alpha.stat}}}\n", "'alpha.stat' is no system.field. Did you mean 'alpha.state'?"),
    "link from below": ("regimes:\n", "regimes:\n  odd: {synchronise: {alpha: {state: beta.state}}}\n", "'state' is filled from 'beta', which must stand above 'alpha'. Change their order."),
    "link between unlike fields": ("regimes:\n", "regimes:\n  odd: {synchronise: {beta: {event: alpha.due}}}\n", "'event' cannot be filled from 'alpha.due': both must record the same true value,"),
    "link between a list and a free field": ("regimes:\n", "regimes:\n  odd: {synchronise: {beta: {desk: alpha.desk}}, pick_list: {beta: {desk: fits}}}\n", "'desk' cannot be filled from 'alpha.desk': both must record the same true value, be lists"),
    "knowing under a regime": ("regimes:\n", "regimes:\n  odd: {operator: {k: 0.4}}\n", "'k' acts on fields that no regime controls; set it in operator, for all."),
    "habit beyond all bounds": ("regimes:\n", "regimes:\n  odd: {operator: {drift: 3000000}}\n", "drift = 3000000 logits a year; at most 100 are possible."),
    "conditional on nothing": ("regimes:\n", "regimes:\n  odd: {conditional_mandatory: {alpha: {due: {flag: []}}}}\n", "a condition on 'flag' names no value. Name one, or remove it."),
    "link over a narrative": ("regimes:\n", "regimes:\n  odd: {synchronise: {beta: {narrative: alpha.narrative}}}\n", "a narrative of one's own is not written over; give the system a field"),
    "link to a field that shows nothing": ("regimes:\n", "regimes:\n  odd: {synchronise: {beta: {hidden: alpha.desk}}}\n", "'hidden' shows nothing: say where it comes from, received: alpha.desk."),
    "link to the system's own": ("regimes:\n", "regimes:\n  odd: {synchronise: {beta: {ref: alpha.ref}}}\n", "'ref' is not typed by a person, so no control acts on it. Take it out."),
    "not-values in no field": ("regimes:\n", "regimes:\n  odd: {mandatory: {alpha: due}, allow_not_value: {alpha: duo}}\n", "field 'duo' is not in system 'alpha'. Did you mean 'due'?"),
    "leaving more than all": ("regimes:\n", "regimes:\n  odd: {operator: {x0: 0.6, divert: 0.6}}\n", "x0 + divert = 1.2; together they are at most 1."),
    "people who hardly differ": ("regimes:\n", "regimes:\n  odd: {operator: {h_icc: 0.001}}\n", "h_icc = 0.001; people differ by 0.005 or more, or not at all (0)."),
    "guesses under a regime": ("regimes:\n", "regimes:\n  odd: {operator: {u: 0.2}}\n", "'u' acts on fields that no regime controls; set it in operator, for all."),
    "a chance above 1": ("regimes:\n", "regimes:\n  odd: {operator: {z: 1.2}}\n", "z: 1.2 is not a rate; rates lie between 0 and 1."),
    "links in the base regime of a quota": ("mandatory: {alpha: enforced}", "synchronise: {beta: {state: alpha.state}}", "the base regime of a quota holds what each system's people entered; links that fill"),
    "a misfit in the base regime of a quota": ("mandatory: {alpha: enforced}", "pick_list: {alpha: {desk: misfits}}", "a quota fixes what is wrong in its base regime, so 'desk' cannot misfit there. Use another"),
    "a falsified trigger in the base regime of a quota": ("mandatory: {alpha: enforced}", "conditional_mandatory: {alpha: {desk: {flag: yes}}}\n    operator: {z: 0.1}", "z is 0.1, but the base regime of a quota can falsify 0 triggers. Set z: 0 in its operator."),
    "a mechanism of what people do, with a kind": ("operator:\n  k", "mechanisms: [{of: honest, by: flag, odds: {yes: 2}, kind: ENAR}]\noperator:\n  k", "'honest' is no defect, so it has no kind. Leave kind out."),
    "a mechanism that cannot be met": ("operator:\n  k", "mechanisms: [{of: known, by: flag, odds: {yes: 0}}]\noperator:\n  k", "known of "),
    "unknown top key": ("about: for tests", "about: for tests\ncolour: red", "unknown key 'colour'. Possible: about, audit, base_regime, days, hard_negatives, links,"),
    "unknown truth key": ("desk: {kind: code, prefix: DSK,", "desk: {kind: code, prefx: DSK,", "unknown key 'prefx'. Did you mean 'prefix'?"),
    "key of another kind": ("day: {kind: calendar}", "day: {kind: calendar, count: 3}", "unknown key 'count'. Possible: kind."),
    "unknown system key": ("    title: Alpha\n", "    titel: Alpha\n", "unknown key 'titel'. Did you mean 'title'?"),
    "unknown field key": ("stable: yes}", "stabel: yes}", "unknown key 'stabel'. Did you mean 'stable'?"),
    "unknown narrative key": ("    voice: note\n", "    voise: note\n", "unknown key 'voise'. Did you mean 'voice'?"),
    "unknown key of hard negatives": ("date_format: 0.25", "dateformat: 0.25", "unknown key 'dateformat'. Did you mean 'date_format'?"),
    "unknown operator key": ("  h0: 0.5", "  h1: 0.5", "unknown key 'h1'. "),
    "unknown regime key": ("    allow_not_value: yes", "    allow_notvalue: yes", "unknown key 'allow_notvalue'. Did you mean 'allow_not_value'?"),
    "unknown shared key": ("day: {fields: {alpha", "day: {felds: {alpha", "unknown key 'felds'. Did you mean 'fields'?"),
    "unknown verdict": ("documented: 4", "documentd: 4", "verdicts: unknown key 'documentd'. Did you mean 'documented'?"),
    "unknown kind": ("kind: calendar", "kind: kalendar", "truth.day: kind 'kalendar' is none of choice, code, reference, calendar, after, time,"),
    "no kind": ("day: {kind: calendar}", "day: {}", "truth.day: key 'kind' is missing here. Possible kinds: choice, code, reference,"),
    "truth a text": ("day: {kind: calendar}", "day: calendar", "truth.day: must be a mapping (key: value) (got 'calendar')."),
    "forward condition": ("flag: {needed: yes, enforced: no}\n      detail: {needed: yes, applies: {flag: yes}, material: yes, blank_weight: 2}", "detail: {needed: yes, applies: {flag: yes}, material: yes, blank_weight: 2}\n      flag: {needed: yes, enforced: no}", "'flag' must be a field above 'detail' in 'alpha'. It stands below; move 'detail' below"),
    "cyclic truth": ("flag: {kind: choice, values: {yes: 1, no: 1}}", "flag: {kind: choice, values: {yes: 1, no: 1}, when: {detail: p}}", "'detail' must be a true value defined above 'flag'. It stands below; move 'flag' below"),
    "self condition": ("flag: {needed: yes, enforced: no}", "flag: {needed: yes, applies: {flag: yes}}", "'flag' must be a field above 'flag' in 'alpha'. Nothing depends on itself; remove the"),
    "condition without a value": ("applies: {flag: yes}", "applies: {flag: []}", "a condition on 'flag' names no value. Name one, or remove it."),
    "condition left open": ("applies: {flag: yes}", "applies: {flag: }", "systems.alpha.fields.detail.applies.flag: is empty; write a value (got '')."),
    "condition as a list": ("applies: {flag: yes}", "applies: [flag]", "systems.alpha.fields.detail.applies: must be a mapping (key: value)."),
    "rate > 1": ("gap: 0.1,", "gap: 1.1,", "systems.alpha.fields.desk.gap: 1.1 is not a rate; rates lie between 0 and 1 (got '1.1')."),
    "rate in percent": ("gap: 0.1,", "gap: 10%,", "systems.alpha.fields.desk.gap: is no decimal number; write it as 0.25, with a point and"),
    "decimal comma": ("gap: 0.1,", "gap: '0,1',", "systems.alpha.fields.desk.gap: is no decimal number; write it as 0.25, with a point and"),
    "negative weight": ("p: 1,", "p: -1,", "truth.detail.values.p: -1 is negative; weights and parameters are 0 or more (got '-1')."),
    "negative blank_weight": ("blank_weight: 2}\n  beta", "blank_weight: -2}\n  beta", "systems.alpha.fields.narrative.blank_weight: -2 is negative; weights and parameters are"),
    "quota sum": ("documented: 4", "documented: 1000", "verdict counts sum to 1006; in quota mode they sum to 1 to 1,000."),
    "quota none": ("verdicts: {documented: 4, inconsistent: 3, insufficient: 3}", "verdicts: {}", "verdict counts sum to 0; in quota mode they sum to 1 to 1,000."),
    "half a case": ("documented: 4", "documented: 4.5", "verdicts.documented: is no whole number (got '4.5')."),
    "audit differs": ("start: 20", "audit: {source: a, sampling: b, cases: 10, documented: 5, inconsistent: 3, insufficient: 2}\nstart: 20", "the audit's counts [5, 3, 2] of 10 are not the verdict counts [4, 3, 3]. Change them,"),
    "link to no system": ("{alpha: ref, beta: ref, card: ref}", "{alpha: ref, betta: ref}", "'betta' is no system. Did you mean 'beta'?"),
    "link to no field": ("{alpha: ref, beta: ref, card: ref}", "{alpha: ref, beta: reff}", "field 'reff' is not in system 'beta'. Did you mean 'ref'?"),
    "link one end": ("{alpha: ref, beta: ref, card: ref}", "{alpha: ref}", "link 'ref' has 1 ends; a link ties two systems or more. Name both."),
    "link no end": ("{alpha: ref, beta: ref, card: ref}", "{}", "link 'ref' has 0 ends; a link ties two systems or more. Name both."),
    "link of different true values": ("{alpha: ref, beta: ref, card: ref}", "{alpha: ref, beta: desk}", "the fields of link 'ref' record 'desk' and 'ref'; they must record one true value."),
    "value twice": ("{p: 1, q: 3}", "{p: 1, p: 3}", "key 'p' is given twice (first on line 18). Keep one."),
    "empty list": ("{p: 1, q: 3}", "{}", "a choice has two values or more, and a weight above 0; got {}."),
    "list instead of weights": ("values: {p: 1, q: 3}", "values: [p, q]", "truth.detail.values: must be a mapping (key: value)."),
    "weightless": ("{p: 1, q: 3}", "{p, q}", "truth.detail.values.p: is no decimal number; write it as 0.25, with a point and without"),
    "alias": ("x0: 0\n", "x0: *a\n", "alias *a is not read. Write the value out."),
    "anchor": ("title: Two", "title: &t Two", "anchor &t is not read. Remove it."),
    "merge": ("flag: {needed: yes", "flag: {<<: {needed: yes}", "a merge key (<<) is not read. Write the keys out."),
    "tag": ("m0: 3", "m0: !!int 3", "a tag (!...) is not read; every value is text. Remove the tag."),
    "tag of one's own": ("about: for tests", "about: !secret x", "a tag (!...) is not read; every value is text. Remove the tag."),
    "key twice": ("about: for tests", "about: for tests\nabout: x", "key 'about' is given twice (first on line 3). Keep one."),
    "field twice": ("      due: {gap", "      day: {gap", "key 'day' is given twice (first on line 28). Keep one."),
    "tab": ("    title: Alpha\n", "\ttitle: Alpha\n", "not YAML: a tab stands at the beginning of the line. Indent with spaces."),
    "two documents": ("start: 20", "---\nstart: 20", "a second document starts here; one file holds one document."),
    "directive": ("scenario: small", "%FOO\n---\nscenario: small", "not YAML: found unknown directive name while scanning a directive."),
    "huge whole number": ("m0: 3", "m0: 1" + "0" * 5000, "operator.m0: is too large a number (got '1000000000000000000000000000000000000000'...)."),
    "nan": ("slips: 0.05", "slips: nan", "operator.slips: is no number; write one as 0.25 (got 'nan')."),
    "inf": ("beta: 0.1", "beta: inf", "operator.beta: is no number; write one as 0.25 (got 'inf')."),
    "number in another base": ("m0: 3", "m0: 0x10", "operator.m0: is no whole number (got '0x10')."),
    "negative whole number": ("m0: 3", "m0: -3", "operator.m0: must be greater than or equal to 0 (got '-3')."),
    "fraction for a whole number": ("m0: 3", "m0: 3.5", "operator.m0: is no whole number (got '3.5')."),
    "whole number out of bounds": ("m0: 3", "m0: 99999999999999999999999999", "operator.m0: must be less than or equal to 10000 (got '99999999999999999999999999')."),
    "neither yes nor no": ("shown: no", "shown: never", "systems.beta.fields.hidden.shown: is neither yes nor no (got 'never')."),
    "yes or no left open": ("shown: no", "shown: ", "systems.beta.fields.hidden.shown: is neither yes nor no (got '')."),
    "list for a text": ("title: Alpha", "title: [Alpha]", "systems.alpha.title: must be a text."),
    "mapping for a text": ("about: for tests", "about: {x: y}", "about: must be a text."),
    "day that is not": ("start: 2031-02-03", "start: 2031-02-30", "start: is no day; write it as 2031-01-31 (got '2031-02-30')."),
    "day in another form": ("start: 2031-02-03", "start: 03.02.2031", "start: is no day; write it as 2031-01-31 (got '03.02.2031')."),
    "day with a time": ("start: 2031-02-03", "start: 2031-02-03T10:00", "start: is no day; write it as 2031-01-31 (got '2031-02-03T10:00')."),
    "day as a number": ("start: 2031-02-03", "start: 20310203", "start: is no day; write it as 2031-01-31 (got '20310203')."),
    "null value": ("{p: 1, q: 3}", "{p: 1, NA: 3}", "truth.detail.values: 'NA' looks like a null; a true value must not."),
    "null-like wording": ("open: [open, not shut]", "open: [n/a, not shut]", "truth.state.surfaces.open.0: 'n/a' looks like a null; a true value must not (got 'n/a')."),
    "formula": ("{p: 1, q: 3}", "{p: 1, '+q': 3}", "truth.detail.values: '+q' begins with a character that spreadsheets run as a formula."),
    "tab value": ("{p: 1, q: 3}", '{p: 1, "\\tq": 3}', "truth.detail.values: '\\tq' begins with a character that spreadsheets run as a formula."),
    "non ascii value": ("{p: 1, q: 3}", "{p: 1, \u00fc: 3}", "truth.detail.values: '\u00fc' must be plain ASCII without spaces at its ends."),
    "non ascii placeholder": ('["See file.", "-"]', '["Sée", "-"]', "'S\u00e9e' is no placeholder: plain ASCII, not empty, no spaces at its ends (or"),
    "non ascii sentence": ('"End."', '"Fín."', "'F\u00edn.': narratives are plain ASCII and begin with a letter."),
    "control character": ("{p: 1, q: 3}", '{p: 1, "q\\u0001": 3}', "truth.detail.values: 'q\\x01' holds a line end, a tab or another sign that does not"),
    "newline value": ("{p: 1, q: 3}", '{p: 1, "q\\nr": 3}', "truth.detail.values: 'q\\nr' holds a line end, a tab or another sign that does not print."),
    "non ascii name": ("  desk: {kind", "  d\u00e9sk: {kind", "truth: 'd\u00e9sk' is no name: small letters, digits and _, at most 60, beginning with a"),
    "capital field name": ("      due: {gap", "      Due: {gap", "systems.alpha.fields: 'Due' is no name: small letters, digits and _, at most 60,"),
    "long name": ("      due: {gap", "      dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd: {gap", "systems.alpha.fields: 'dddddddddddddddddddddddddddddddddddddddd' is no name: small"),
    "capital system name": ("  beta:\n", "  Beta:\n", "systems: 'Beta' is no name: small letters, digits and _, at most 60, beginning with a"),
    "sentence unknown fact": ("Log of {day}.", "Log of {dai}.", "'dai' is no true value. Did you mean 'detail'?"),
    "unknown fact in every variant": ('["Log of {day}.", "Day {day} opened."]', '["Log of {dai}.", "Day {dai} opened."]', "'dai' is no true value. Did you mean 'detail'?"),
    "sentence as a text": ('- ["End.", "Nothing more."]', '- "End."', "narratives.alpha.sentences.2: must be a list: [a, b] (got 'End.')."),
    "empty fact": ('"End."', '"End {}."', "'End {}.': a brace without its partner. Facts are written {like_this}."),
    "no sentences": ('    sentences:\n      - ["Log of {day}.", "Day {day} opened."]\n      - ["Pages: {pages}; {state}.", "Held {pages} pages, {state}.", "It had {pages} pages and was {state}."]', "    sentences: []", "the narrative of 'beta' has no sentences. Write at least one."),
    "regime unknown field": ("card: pages}\n    allow", "card: pags}\n    allow", "field 'pags' is not in system 'card'. Did you mean 'pages'?"),
    "regime unknown sys": ("{alpha: enforced}", "{alfa: enforced}", "'alfa' is no system. Did you mean 'alpha'?"),
    "regime unknown param": ("operator: {x0: 0.2}", "operator: {xo: 0.2}", "'xo' is no parameter. "),
    "regime param >1": ("operator: {x0: 0.2}", "operator: {h0: 1.2}", "h0: 1.2 is not a rate; rates lie between 0 and 1."),
    "regime param neg": ("operator: {x0: 0.2}", "operator: {alpha: -1}", "alpha: -1 is negative; weights and parameters are 0 or more."),
    "regime m0 frac": ("operator: {x0: 0.2}", "operator: {m0: 0.5}", "m0: 0.5 is wrong; it must be a valid integer, got a number with a fractional part."),
    "regime nan": ("operator: {x0: 0.2}", "operator: {x0: nan}", "regimes.unknown.operator.x0: is no number; write one as 0.25 (got 'nan')."),
    "regime group typo": ("{alpha: enforced}", "{alpha: enforcd}", "field 'enforcd' is not in system 'alpha'. Did you mean 'enforced'?"),
    "unknown base regime": ("base_regime: base", "base_regime: bass", "'bass' is no regime. Did you mean 'base'?"),
    "range reversed": ("operator:\n  k", "ranges:\n  k: [0.9, 0.7]\noperator:\n  k", "range 0.9 to 0.7: the first is larger than the last. Swap them."),
    "range of one": ("operator:\n  k", "ranges:\n  k: [0.9]\noperator:\n  k", "ranges.k: is a list of 1; it must be a list of two: [first, last]."),
    "range of three": ("operator:\n  k", "ranges:\n  k: [0.1, 0.9, 1]\noperator:\n  k", "ranges.k: is a list of 3; it must be a list of two: [first, last]."),
    "range >1": ("operator:\n  k", "ranges:\n  k: [0.1, 9]\noperator:\n  k", "range 0.1 to 9 of k: 9 is not a rate; rates lie between 0 and 1."),
    "negative range": ("operator:\n  k", "ranges:\n  alpha: [-1, 9]\noperator:\n  k", "range -1 to 9 of alpha: -1 is negative; weights and parameters are 0 or more."),
    "range unknown": ("operator:\n  k", "ranges:\n  kk: [0.1, 0.9]\noperator:\n  k", "'kk' is no parameter. Did you mean 'k'?"),
    "whole reversed": ("first: 1, last: 5", "first: 5, last: 1", "first 5 must be less than last 1; a number has two values or more."),
    "whole below 0": ("first: 1, last: 5", "first: -5, last: 1", "truth.pages.first: must be greater than or equal to 0 (got '-5')."),
    "whole too large": ("first: 1, last: 5", "first: 1, last: 5000", "truth.pages.last: must be less than or equal to 1000 (got '5000')."),
    "days reversed": ("days: [1, 9]", "days: [9, 1]", "days [9, 1]: the first is larger than the last."),
    "one day": ("days: [1, 9]", "days: [9]", "truth.due.days: is a list of 1; it must be a list of two: [first, last]."),
    "days as a text": ("days: [1, 9]", "days: 9", "truth.due.days: must be a list of two: [first, last] (got '9')."),
    "time without a zero": ('first: "08:00"', 'first: "8:00"', "truth.hour.first: must be a time from 00:00 to 23:59, HH:MM, in quotes (got '8:00')."),
    "hour 25": ('first: "08:00"', 'first: "25:00"', "truth.hour.first: must be a time from 00:00 to 23:59, HH:MM, in quotes (got '25:00')."),
    "no operator": ("\noperator:\n  k: 0.85\n", "\noperators:\n  k: 0.85\n", "unknown key 'operators'. Did you mean 'operator'?"),
    "no fields": ("    title: Card\n    prefix: SYN-C\n    fields:\n      ref: {stamped: yes}\n      office: {stamped: yes}\n      pages: {needed: yes, gap: 0.1, pick_list: yes}\n", "    title: Card\n    prefix: SYN-C\n    fields: {}\n", "system 'card' has no fields. Write at least one."),
    "empty prefix": ("prefix: SYN-C", "prefix: ", "systems.card.prefix: is empty; write a value (got '')."),
    "scenario name": ("scenario: small", "scenario: my scenario", "scenario: must be a name of letters, digits, - and _ (got 'my scenario')."),
    "fact as a list": ("day: {fields: {alpha: day, beta: event}}", "day: {fields: [alpha, beta]}", "shared_facts.day.fields: must be a mapping (key: value)."),
    "fact of no system": ("day: {fields: {alpha: day, beta: event}}", "day: {fields: {alfa: day, beta: event}}", "'alfa: day' is no field. Possible: alpha, beta, card."),
    "narrative without its field": ("narratives:\n  alpha:", "narratives:\n  card:\n    voice: x\n    sentences: []\n  alpha:", "system 'card' has no field 'narrative'. Add it, or remove this narrative."),
    "narrative of no system": ("narratives:\n  alpha:", "narratives:\n  kard:\n    voice: x\n    sentences: []\n  alpha:", "'kard' is no system. Did you mean 'card'?"),
    "placeholder kind": ("  time: [", "  tiem: [", "'tiem' is no kind of field. Did you mean 'time'?"),
    "placeholder text": ('  time: ["99:99"]', '  time: "99:99"', "placeholders.time: must be a list: [a, b] (got '99:99')."),
    "placeholder value": ('  time: ["99:99"]', '  time: ["10:10"]', "'10:10' is a placeholder and a value of 'hour'. Use another."),
    "one code": ("prefix: DSK, count: 4", "prefix: DSK, count: 1", "truth.desk.count: must be greater than or equal to 2 (got '1')."),
    "too many codes": ("prefix: DSK, count: 4", "prefix: DSK, count: 40000", "truth.desk.count: must be less than or equal to 10000 (got '40000')."),
    "mode": ("mode: quota", "mode: Quota", "mode: must be 'quota' or 'rate' (got 'Quota')."),
    "usage": ("stable: yes}", "usage: must}", "systems.alpha.fields.desk.usage: must be 'mandatory', 'required', 'recommended' or"),
    "open bracket": ("{p: 1, q: 3}", "{p: 1, q: 3", "not YAML: did not find expected ',' or '}' while parsing a flow mapping. Close the"),
    "bad indent": ("    title: Alpha\n", "   title: Alpha\n", "not YAML: mapping values are not allowed in this context. Indent the line as those"),
    "colon in a text": ("about: for tests", "about: for: tests", "not YAML: mapping values are not allowed in this context. Indent the line as those"),
    "open quote": ("title: Two forms", 'title: "Two forms', "not YAML: did not find expected key while parsing a block mapping. Indent the line as"),
    "sources text": ("start: 20", "sources: a report\nstart: 20", "sources: must be a list: [a, b] (got 'a report')."),
    "digest": ("start: 20", "digest: abc\nstart: 20", "unknown key 'digest': it is worked out from the content. Remove it."),
    "days": ("days: 365", "days: 12", "days: must be greater than or equal to 300 (got '12')."),
    "regime name with a space": ("  hard:\n", "  very hard:\n", "regimes: 'very hard' is no name: letters, digits, - and _, at most 60, beginning with a"),
    "k x v": ("k: 0.85\n  v: 0.7", "k: 1\n  v: 1", "k x v = 1 leaves no gap; lower k or v."),
    "no truth": (TEXT[TEXT.index("truth:") : TEXT.index("systems:")], "truth: {}\n", "truth is empty. Write at least one."),
    "no systems": (TEXT[TEXT.index("systems:") : TEXT.index("links:")], "systems: {}\n", "systems is empty. Write at least one."),
}  # fmt: skip

FILES = {
    "empty": (b"", "line 1: is empty; nothing to read. Is it the right file?"),
    "only a comment": (b"# x\n", "line 1: is empty"),
    "a byte-order mark and a mistake": (b"\xef\xbb\xbf" + TEXT.replace("k: 0.85", "k: 2").encode(), "line 84: operator.k: 2 is not a rate"),
    "not UTF-8": (TEXT.encode().replace(b"for tests", b"caf\xe9"), "line 3: byte 0xe9 is not UTF-8. Save as UTF-8."),
    "UTF-16": (TEXT.encode("utf-16-le"), "line 1: not YAML: the sign U+0000 is not allowed"),
    "too large": (TEXT.encode() + b"#" * 262_144, "has more than 262144 bytes; at most 262144 are read. Split the file."),
    "a list": (b"- a\n", "line 1: the document is a list; it must be a mapping"),
    "a text": (b"hello\n", "line 1: the document is a text ('hello'); it must be a mapping"),
    "null": (b"null\n", "line 1: the document is a text ('null'); it must be a mapping"),
    "deeply nested lists": (b"a: " + b"[" * 100, "line 1: nested deeper than 64 levels. Flatten it."),
    "deeply nested mappings": (b"scenario: " + b"{a: " * 70, "line 1: nested deeper than 64 levels"),
    "a null byte": (TEXT.encode().replace(b"for tests", b"a\0b"), "line 3: not YAML: the sign U+0000 is not allowed. Remove it."),
    "JSON with too little": (b'{"scenario": "x"}', "line 1: key 'title' is missing here. Add it."),
    "a tab first": (b"\tscenario: x\n", "line 1: not YAML: a tab stands at the beginning of the line. Indent with spaces."),
    "a page": (b"<html><body>\n", "line 1: the document is a text ('<html><body>')"),
    "an alias that multiplies": (b"a: &a [x,x]\nb: [*a,*a]\n", "line 1: anchor &a is not read. Remove it."),
    "an end and more": (b"scenario: x\n...\nfoo\n", "line 3: not YAML: "),
}  # fmt: skip


def refused(tmp_path, capsys, raw):
    """Run `generate` on a file; give back the line it says, having seen that it is one and that nothing is written."""
    path = tmp_path / "bad.yaml"
    path.write_bytes(raw)
    arguments = ["generate", "--scenario", str(path), "--cases", "20", "--format", "csv", "--out", str(tmp_path / "X")]

    assert main(arguments) == 2

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "not foreseen" not in told.err
    assert "Input should" not in told.err
    assert list(tmp_path.iterdir()) == [path]
    return told.err


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_line_and_nothing_is_written(tmp_path, capsys, old, new, said):
    """The line is that of the change, or of the part it stands in; a quote that is never closed is found later."""
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    pairs = zip(TEXT.split("\n"), text.split("\n"), strict=False)
    changed = next(number for number, (before, after) in enumerate(pairs, 1) if before != after)

    told = refused(tmp_path, capsys, text.encode())

    assert said in told
    line = int(re.search(r"bad\.yaml: line ([0-9]+): ", told)[1])
    assert changed - 3 <= line <= changed + (12 if "close every quote" in told else 1)


@given(st.data())
def test_any_lines_changed_give_a_scenario_or_one_line(data):
    """Lines left out, doubled, moved or with a word of another line: a scenario, or our own error with a place."""
    lines = TEXT.split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        here, there = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        words = lines[there].split() or ["x"]
        lines[here : here + 1] = data.draw(st.sampled_from([
            [], [lines[here]] * 2, [lines[there]], [f"  {lines[here]}"], [lines[here].replace(":", f": {words[0]}", 1)],
            [lines[here].replace("yes", words[-1])], [re.sub(r"[0-9.]+", "-7", lines[here])],
        ]))  # fmt: skip
    said = "line 1: fine"
    try:
        parse_scenario(load("\n".join(lines), error=ScenarioError))
    except ScenarioError as problem:
        said = str(problem)

    assert re.match(r"line [0-9]+: .", said)
    assert "\n" not in said


@pytest.mark.parametrize(("raw", "said"), FILES.values(), ids=FILES)
def test_a_file_that_is_no_scenario_is_told_in_one_line_and_nothing_is_written(tmp_path, capsys, raw, said):
    assert f"bad.yaml: {said}" in refused(tmp_path, capsys, raw)
