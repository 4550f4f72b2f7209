"""Mechanisms: margins hold, odds are recovered from data and answers, what cannot be met is refused with numbers."""

# ruff: noqa: E501  # one line a mechanism, one line a mistake

import math
import re
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import parsed, rich

from synth.errors import ScenarioError
from synth.mechanisms import fitted, joint_table, levels_of
from synth.pipeline import generate
from synth.typos import typing_errors

N = 5_000
ALPHA = 0.001
Z = 3.2905  # two-sided, alpha .001

SHARES = st.lists(st.integers(1, 9), min_size=2, max_size=6)


@given(SHARES, st.data())
def test_the_mean_over_levels_is_the_rate_and_odds_are_as_given(weights, data):
    """Over levels of any sizes the thresholds average to the rate, and their odds stand to each other as declared."""
    shares = [Fraction(weight, sum(weights)) for weight in weights]
    odds = [Fraction(data.draw(st.sampled_from(["0.1", "0.5", "1", "2", "7.5"]))) for _ in weights]
    rate = Fraction(data.draw(st.integers(1, 95)), 100)

    limits = [Fraction(limit, 2**32) for limit in fitted(rate, shares, odds, what="x")]

    assert float(sum(s * p for s, p in zip(shares, limits, strict=True))) == pytest.approx(float(rate), abs=1e-8)
    base = [float(p / (1 - p) / o) for p, o in zip(limits, odds, strict=True)]
    assert base == pytest.approx([base[0]] * len(base), rel=1e-5)


@given(st.lists(SHARES, min_size=1, max_size=3), st.lists(st.integers(0, 40), min_size=3, max_size=3), st.data())
def test_the_joint_table_keeps_both_margins_and_the_odds(sizes, counts, data):
    """Counts of outcomes and shares of combinations both hold, and cross-ratios are those of the odds."""
    if not sum(counts):
        counts = [1, 1, 1]
    names = [f"c{number}" for number in range(len(sizes))]
    levels = levels_of({n: [Fraction(w, sum(ws)) for w in ws] for n, ws in zip(names, sizes, strict=True)})
    odds = np.array([[1.0, *(data.draw(st.sampled_from([0.25, 1.0, 4.0])) for _ in range(2))]
                     for _ in range(levels.n_cells)])  # fmt: skip

    bounds = joint_table(levels, counts, odds, ["a", "b", "c"])

    given_outcome = np.array([np.diff(np.concatenate([[0], each.astype(float)])) / 2**32 for each in bounds])
    table = given_outcome * (np.array(counts) / sum(counts))[:, None]
    assert table.sum(axis=0) == pytest.approx([float(share) for share in levels.shares], abs=1e-6)
    for outcome in (1, 2):
        if counts[0] and counts[outcome]:
            ratio = given_outcome[outcome] / given_outcome[0] / odds[:, outcome]
            assert ratio == pytest.approx(np.full(ratio.shape, ratio[0]), rel=1e-3)


def log_odds_ratio(struck, exposed):
    """The log odds ratio of a 2 x 2 table and its standard error (Woolf 1955), with half a case added to each cell."""
    cells = [np.sum((struck == s) & (exposed == e)) + 0.5 for s in (True, False) for e in (True, False)]
    return math.log(cells[0] * cells[3] / (cells[1] * cells[2])), math.sqrt(sum(1 / cell for cell in cells))


def cases_with(bundle, defect, *, field=None, system=None, mechanisms=None):
    """Which cases have a label of a kind, by case number, read from the answers."""
    labels = bundle.answer("labels")
    here = labels["defect"].isin([defect] if isinstance(defect, str) else defect)
    here &= labels["field"] == field if field else True
    here &= labels["system"] == system if system else True
    if mechanisms is not None:
        assert set(labels.loc[here, "mechanism"]) == mechanisms
    found = np.zeros(bundle.n_cases, bool)
    found[labels.loc[here, "case_id"]] = True
    return found


def true(bundle, name, level):
    """Which cases have a level of a true value."""
    return (bundle.answer("truth")[name] == level).to_numpy()


RATE = {"mode": "rate", "verdicts": "", "k": "0.9", "v": "0.9", "x0": "0", "alpha": "0", "d1": "0.1", "d2": "0.1",
        "slip": "0.1", "r1": "0.05", "r2": "0"}  # fmt: skip
GAPS = ["missing", "disguised_missing", "uninformative_valid"]


def world(line, **changes):
    """The rich scenario in rate mode with one mechanism."""
    text = rich_text(line, **{**RATE, **changes})
    return generate(text, n_cases=N, seed=77)


def rich_text(line, **changes):
    from worlds import MECHANISMS

    MECHANISMS["tried"] = f"- {{{line}}}"
    try:
        return rich(["tried"], **changes)
    finally:
        del MECHANISMS["tried"]


RECOVERED = [  # mechanism, defects it makes, field, system, true value, level, odds, label
    ("of: gap, fields: {card: pages}, by: shift, odds: {night: 4}", GAPS, "pages", "card", "shift", "night", 4, "MAR"),
    ("of: gap, fields: {card: reason}, by: value, odds: {rain: 5}", GAPS, "reason", "card", "reason", "rain", 5, "MNAR"),
    ("of: gap, fields: {card: pages}, by: office, odds: {SYN-P-001: 3}", GAPS, "pages", "card", "office", "SYN-P-001", 3, "MAR"),
    ("of: gap, fields: {alpha: desk}, by: office, odds: {SYN-P-001: 3}", GAPS, "desk", "alpha", "office", "SYN-P-001", None, "MNAR"),
    ("of: slip, fields: {beta: pages}, by: shift, odds: {night: 3}", ["wrong_value", "typo", "copied_forward"], "pages", "beta", "shift", "night", 3, "EAR"),
    ("of: duplicate_record, fields: {beta: all}, by: shift, odds: {night: 5}", "duplicate_record", None, "beta", "shift", "night", 5, "EAR"),
    ("of: late_entry, by: flag, odds: {yes: 3}", "late_entry", None, "beta", "flag", "yes", 3, "ENAR"),
    ("of: narrative_truncated, fields: {beta: narrative}, by: shift, odds: {night: 4}", "narrative_truncated", "narrative", "beta", "shift", "night", 4, "MAR"),
    ("of: lost_in_transmission, fields: {card: desk_sent}, by: shift, odds: {night: 4}", "lost_in_transmission", "desk_sent", "card", "shift", "night", 4, "MAR"),
    ("of: pattern, fields: {alpha: page_two}, by: shift, odds: {night: 6}", GAPS, "desk", "alpha", "shift", "night", None, "MAR"),
    ("of: swapped, fields: {alpha: all}, by: shift, odds: {night: 5}", "swapped", "due", "alpha", "shift", "night", 5, "EAR"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "defects", "field", "system", "cause", "level", "odds", "kind"), RECOVERED)
def test_a_mechanism_is_recovered_from_data_and_answers(line, defects, field, system, cause, level, odds, kind):
    """At n = 5,000 the odds ratio is significant (alpha .001) and covers what was declared; without it, it is not."""
    with_it, without = world(line), world("of: gap, by: shift, odds: {night: 1}")
    named = {"EAR": {"EAR", "MAR"}, "MAR": {"EAR", "MAR"}, "MNAR": {"MNAR", "ENAR"}, "ENAR": {"ENAR", "MNAR"}}[kind]
    struck = cases_with(with_it, defects, field=field, system=system)

    labels = with_it.answer("labels")
    here = labels["defect"].isin([defects] if isinstance(defects, str) else defects) & (labels["system"] == system)
    here &= labels["field"] == field if field else True
    assert kind in set(labels.loc[here, "mechanism"]) <= named | {"ECAR", "MCAR"}
    found, error = log_odds_ratio(struck, true(with_it, cause, level))
    assert found > Z * error
    if odds is not None:
        assert abs(found - math.log(odds)) < Z * error
    null, null_error = log_odds_ratio(
        cases_with(without, defects, field=field, system=system), true(without, cause, level)
    )
    assert abs(null) < Z * null_error
    before, after = (cases_with(each, defects, field=field, system=system).mean() for each in (without, with_it))
    assert abs(before - after) < Z * math.sqrt(2 * before * (1 - before) / N), "the margin moved"


def verdict_world(lines, **changes):
    from worlds import MECHANISMS

    MECHANISMS["tried"] = "\n".join(f"- {{{line}}}" for line in lines)
    try:
        return rich(["tried"], verdicts="verdicts: {documented: 44, inconsistent: 11, insufficient: 12}", **changes)
    finally:
        del MECHANISMS["tried"]


@cache
def worlds_with_and_without_odds():
    """Give a world whose verdicts depend on what is true, and one whose verdicts do not; made once, they are dear."""
    lines = ["of: insufficient, by: shift, odds: {night: 6}", "of: inconsistent, by: flag, odds: {yes: 0.2}"]
    return verdict_world(lines), verdict_world([lines[0].replace("6", "1")])


@given(st.integers(1, 400), st.integers(0, 2**32))
def test_verdict_counts_stay_exact_under_a_mechanism(n_cases, seed):
    """Whatever the odds, the drawn verdicts are the largest-remainder counts."""
    drawn, plain = (generate(world, n_cases=n_cases, seed=seed).answer("truth")["verdict"].value_counts()
                    for world in worlds_with_and_without_odds())  # fmt: skip

    assert drawn.to_dict() == plain.to_dict()


def test_a_verdict_that_depends_on_what_is_true_keeps_margins_and_independence():
    """Odds are recovered, shares of both causes are as declared, and the causes stay independent of each other."""
    lines = ["of: insufficient, by: shift, odds: {night: 4}", "of: insufficient, by: flag, odds: {yes: 3}"]
    bundle = generate(verdict_world(lines, w3="1", w4="1"), n_cases=20_000, seed=5)
    verdict = bundle.answer("truth")["verdict"].to_numpy()
    night, flag = true(bundle, "shift", "night"), true(bundle, "flag", "yes")
    ordinary = verdict != "inconsistent"

    for cause, odds in ((night, 4), (flag, 3)):
        found, error = log_odds_ratio((verdict == "insufficient")[ordinary], cause[ordinary])
        assert found > Z * error
        assert abs(found - math.log(odds)) < 0.35  # conditional odds; the marginal ones are a little smaller
    assert abs(night.mean() - 0.25) < Z * math.sqrt(0.25 * 0.75 / 20_000)
    assert abs(flag.mean() - 0.5) < Z * math.sqrt(0.25 / 20_000)
    between, error = log_odds_ratio(night, flag)
    assert abs(between) < Z * error


def test_a_cause_that_can_itself_be_blank_is_not_at_random():
    """Naive multivariate MAR is MNAR: where what a gap depends on can be a gap as well, the label says so."""
    bundle = world("of: gap, fields: {card: pages}, by: state, odds: {open: 5}", state="gap: 0.3", r1="0")

    assert "MNAR" in set(bundle.answer("labels").query("field == 'pages' and system == 'card'")["mechanism"])


REFUSED = [
    ("of: insufficient, by: shift, odds: {day: 0, night: 0}", "all odds on 'shift' are 0", None),
    ("of: gap, fields: {alpha: desk}, by: shift, odds: {nite: 2}", r"'nite' is no level of 'shift'. Did you mean 'night'", None),
    ("of: gap, fields: {alpha: desc}, by: shift, odds: {night: 2}", "field 'desc' is not in system 'alpha'", None),
    ("of: gap, fields: {alfa: desk}, by: shift, odds: {night: 2}", "'alfa' is no system", None),
    ("of: gap, by: shiff, odds: {night: 2}", "'shiff' is no true value", None),
    ("of: gap, by: hour, odds: {night: 2}", "'hour' is of kind time", None),
    ("of: gap, by: detail, odds: {p: 2}", "'detail' does not always apply", None),
    ("of: gap, by: value, odds: {rain: 2}", "'by: value' needs fields", None),
    ("of: insufficient, by: office, odds: {SYN-P-001: 2}", "a verdict cannot depend on 'office'", None),
    ("of: insufficient, fields: {alpha: desk}, by: shift, odds: {night: 2}", "is about whole cases", None),
    ("of: gap, fields: {alpha: desk}, by: state, odds: {open: 2}, kind: MNAR", "is MAR, not MNAR", {"state": "about: x"}),
    ("of: gap, fields: {card: reason}, by: value, odds: {rain: 2}, kind: MAR", "is MNAR, not MAR", None),
    ("of: gap, fields: {alpha: narrative, beta: [hour, narrative]}, by: shift, odds: {day: 0}", "0 items can be missing", None),
]  # fmt: skip


@pytest.mark.parametrize(("line", "said", "changes"), REFUSED)
def test_what_cannot_be_met_is_refused(line, said, changes):
    """One line, with both numbers where numbers are the matter."""
    with pytest.raises(ScenarioError, match=re.escape(said) if "." not in said else said) as caught:
        verdict_world([line], **(changes or {}))

    assert "\n" not in str(caught.value)


def test_the_largest_reachable_count_is_named():
    """Night shifts are a quarter of 67 cases, so at most 16 can be insufficient if only those can be."""
    with pytest.raises(ScenarioError, match=r"20 of 67 cases are to be insufficient.* at most 16 can be"):
        parsed(rich_source("of: insufficient, by: shift, odds: {day: 0}", "44", "3", "20"))


def rich_source(line, *counts):
    """The text of the rich scenario with verdict counts and one mechanism; quotas are checked when it is parsed."""
    from worlds import PLAIN, RICH, RICH_PLAIN, SMALL

    text = SMALL
    for old, new in RICH:
        text = text.replace(old, new)
    verdicts = "verdicts: {{documented: {}, inconsistent: {}, insufficient: {}}}".format(*counts)
    values = {**PLAIN, **RICH_PLAIN, "verdicts": verdicts, "mechanisms": f"  - {{{line}}}"}
    return text.format(**values | {"off_beta": "{when: {flag: yes}, blank_weight: 2}"})


def test_a_rate_that_levels_cannot_carry_is_refused():
    """A rate of .5 where odds allow a quarter of the cases names both."""
    with pytest.raises(ScenarioError, match=r"rate of 0\.5, .* only 0\.25 of the cases"):
        fitted(Fraction(1, 2), [Fraction(1, 4), Fraction(3, 4)], [Fraction(1), Fraction(0)], what="gap of a.b")


def test_too_many_levels_are_refused():
    """At most four causes and 10,000 combinations."""
    with pytest.raises(ScenarioError, match=r"5 true values with 32 combinations"):
        levels_of({f"c{number}": [Fraction(1, 2)] * 2 for number in range(5)})


def kinds_of(bundle, defects, system, field=None):
    """The mechanisms labels of some defects have."""
    labels = bundle.answer("labels")
    here = labels["defect"].isin(defects) & (labels["system"] == system)
    return set(labels.loc[here & (labels["field"] == field) if field else here, "mechanism"])


def test_labels_know_what_verdicts_and_items_depend_on():
    """Odds on one verdict or item move the others too: verdicts compete for cases, items for insufficient ones."""
    of_verdict = generate(verdict_world(["of: inconsistent, by: shift, odds: {night: 5}"]), n_cases=670, seed=1)
    of_item = generate(
        verdict_world(["of: gap, fields: {beta: hour}, by: shift, odds: {night: 9}"]), n_cases=670, seed=1
    )

    assert kinds_of(of_verdict, ["narrative_missing"], "alpha") == {"MAR"}
    assert kinds_of(of_verdict, ["narrative_contradiction"], "alpha") == {"EAR"}
    assert kinds_of(of_item, ["narrative_missing"], "alpha") == {"MAR"}
    assert kinds_of(of_item, ["narrative_missing"], "beta") == {"MAR"}  # the shift is certain in alpha


def test_what_stands_in_a_pattern_or_in_a_lost_record_is_no_certain_ground():
    """A gap that depends on a field left open in a pattern, or a lost record on what it alone held, is MNAR."""
    skipped = world("of: gap, fields: {card: pages}, by: shift, odds: {night: 3}")
    alone = world("of: off_system, fields: {card: all}, by: office, odds: {SYN-P-001: 3}")

    assert kinds_of(skipped, ["missing"], "card", "pages") == {"MAR"}
    assert kinds_of(alone, ["off_system"], "card") == {"MNAR"}


def test_the_margin_holds_under_conditions_of_conditions():
    """A late day that is only there where a trigger holds is late at the declared rate, also with odds on the trigger."""
    text = rich_source("of: late_entry, by: flag, odds: {yes: 9}", "4", "3", "3")
    text = text.replace("late: {rate: 0.15, days: [5, 9]}}", "late: {rate: 0.2, days: [5, 9]}, when: {flag: yes}}")
    bundle = generate(parsed(text), n_cases=N, seed=3)
    asked = true(bundle, "flag", "yes")
    late = cases_with(bundle, "late_entry", system="beta")

    assert abs(late[asked].mean() - 0.2) < Z * math.sqrt(0.2 * 0.8 / asked.sum())
    assert not late[~asked].any()


REFUSED_TOO = [
    ("of: swapped, fields: {alpha: all}, by: value, odds: {open: 3}", "'swapped' has no value of its own"),
    ("of: duplicate_record, fields: {beta: [desk]}, by: value, odds: {open: 3}", "has no value of its own"),
    ("of: gap, fields: {card: all}, by: value, odds: {rain: 3}", "needs fields by name"),
    ("of: pattern, fields: {alpha: [desk]}, by: shift, odds: {night: 3}", "there is no pattern with a rate"),
    ("of: lost_in_transmission, fields: {beta: [desk]}, by: shift, odds: {night: 3}", "there is no lost_in_transmission"),
    ("of: gap, fields: {alpha: desk}, by: shift, odds: {}", "odds names no level"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "said"), REFUSED_TOO)
def test_a_mechanism_about_nothing_is_refused(line, said):
    """What has no value, no rate or no level of what it is said to be about is told, with its line."""
    with pytest.raises(ScenarioError, match=re.escape(said)):
        verdict_world([line])


def test_a_swap_named_by_its_fields_is_found():
    """Naming the fields of a swap is naming the swap."""
    bundle = world("of: swapped, fields: {alpha: [due, later]}, by: shift, odds: {night: 5}, kind: EAR")

    assert kinds_of(bundle, ["swapped"], "alpha") == {"EAR"}
    swapped = bundle.answer("labels").query("defect == 'swapped'")
    fates = bundle.answer("fates")
    gaps = set(zip(fates["record_id"], fates["field"], strict=True))
    assert not gaps & set(zip(swapped["record_id"], swapped["field"], strict=True))


def test_typing_errors_keep_clear_of_what_stands_beside_the_values():
    """A typing error is none of the placeholders and not-values of its field."""
    assert "21" not in typing_errors(("12",), ("21",))
    assert typing_errors(("12",), ())[0] == "21"
