"""Bounds from a team's own counts: they hold every operator that fits, and no other; nothing is merged or made up."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from benchmarks.calibrate import Counted, Shares, fitting, what_fits
from benchmarks.cli import main
from benchmarks.model import Operator, hard_stop
from synth.errors import DataError

REFERENCE = Shares(right=0.7628, wrong=0.1313, placeholder=0.1059, slips=0.03, voluntary=0.595)
COUNTED = Counted(
    cells=1000, placeholder=106, audited=400, right=305, wrong=53, before_cells=1000, before_blank=405
)  # fmt: skip
COMMAND = [
    "calibrate",
    "--cells",
    "1000",
    "--placeholder",
    "106",
    "--audited",
    "400",
    "--right",
    "305",
    "--wrong",
    "53",
]
SHARE = st.floats(0.02, 0.98)


def shares_of(operator, *, n_required=10):
    """Return what a team would count of an operator under a hard stop, if it counted without end."""
    quality = hard_stop(operator, n_required=n_required)
    unknown_right = (1 - operator.k) * (1 - operator.nu) * operator.lucky_share
    return Shares(
        right=quality.correct_in_system, wrong=quality.hidden_wrong, placeholder=quality.placeholder,
        not_value=quality.not_value, slips=operator.eps, voluntary=operator.voluntary, known=operator.k,
        right_known=1 - unknown_right / quality.correct_in_system if quality.correct_in_system else None,
    )  # fmt: skip


def somebody(told, shares):
    """Return an operator of whom the given share of forced gaps is told, made so that it leaves the given shares."""
    gap = 1 - shares.voluntary
    evaded = gap * (1 - told)
    lucky = (shares.right - (1 - shares.slips) * (shares.voluntary + gap * told)) / evaded
    hidden = (shares.wrong - shares.slips * (shares.voluntary + gap * told)) / evaded
    return Operator(
        k=1.0, v=shares.voluntary, eps=shares.slips, h0=told, q_copy=lucky, c=1.0, q_wrong=hidden, w=0.0,
        q_placeholder=1 - lucky - hidden,
    )  # fmt: skip


@st.composite
def operators(draw):
    """Operators who fill nothing of their own accord that they do not know."""
    weights = np.array(draw(st.lists(st.integers(1, 20), min_size=3, max_size=3)), dtype=float)
    placeholder, wrong, copied = (weights / weights.sum()).tolist()
    rates = {name: draw(SHARE) for name in ("k", "v", "h0", "c", "w")}
    unknown = draw(st.booleans())
    return Operator(
        **rates, eps=draw(st.floats(0, 0.3)), nu=draw(SHARE) if unknown else 0.0, tau=draw(SHARE) if unknown else 0.0,
        q_placeholder=placeholder, q_wrong=wrong, q_copy=copied,
    )  # fmt: skip


# ----------------------------------------------------------------------------------------------------- the reference


def test_every_yield_from_0_to_47_percent_fits_the_reference():
    """Right .7628, hidden wrong .1313, placeholder .1059, f0 .595, slips .03: y is anywhere from 0 to .47."""
    low, high = fitting(REFERENCE)["y"]

    assert (low, round(high, 2)) == (0, 0.47)
    for told in np.linspace(0, high, 50):
        quality = hard_stop(somebody(told, REFERENCE), n_required=10)
        assert quality.correct_in_system == pytest.approx(0.7628)
        assert quality.hidden_wrong == pytest.approx(0.1313)
        assert quality.placeholder == pytest.approx(0.1059)
    with pytest.raises(DataError, match="q_copy is -0"):
        somebody(high + 0.001, REFERENCE)


@pytest.mark.parametrize(("told", "luck", "placeholder"), [(0.346, 0.188, 0.40), (0, 0.458, 0.261)])
def test_two_very_different_people_leave_the_counts_of_the_reference(told, luck, placeholder):
    """One tells the truth in a third of forced gaps, the other never does and is luckier."""
    person = somebody(told, REFERENCE)

    assert person.lucky_share == pytest.approx(luck, abs=0.001)
    assert person.q_placeholder == pytest.approx(placeholder, abs=0.001)


# -------------------------------------------------------------------------------------------------------------- bounds


@settings(max_examples=300)
@given(operator=operators(), data=st.data())
def test_the_bounds_hold_the_operator_who_was_counted(operator, data):
    """Whatever of the extra data is given, the true y, h, k, v, share of placeholders and luck lie within."""
    known = {name: data.draw(st.booleans(), label=name) for name in ("voluntary", "known", "right_known")}
    shares = shares_of(operator)

    fits = fitting(replace(shares, **{name: None for name, given in known.items() if not given}))

    truth = {"y": operator.truth_yield(10), "h0": operator.h0, "k": operator.k, "v": operator.v,
             "q_placeholder": operator.q_placeholder, "luck": operator.lucky_share}  # fmt: skip
    if not known["voluntary"]:
        truth["y"] = 0.0  # the yield is of gaps, and what are gaps is not known
    for name, value in truth.items():
        assert fits[name][0] - 1e-6 <= value <= fits[name][1] + 1e-6, name


@given(operator=operators(), part=st.floats(0, 1))
def test_every_yield_within_the_bounds_is_somebodys(operator, part):
    """The bounds are no wider than they must be: at any place within them an operator leaves the same counts."""
    operator = replace(operator, nu=0.0, tau=0.0)
    shares = replace(shares_of(operator), known=None, right_known=None)
    high = fitting(shares)["y"][1]
    told = part * high
    assume(1 - told > 1e-6)

    quality = hard_stop(somebody(told * (1 - 1e-9), shares), n_required=10)

    assert quality.correct_in_system == pytest.approx(shares.right, abs=1e-6)
    assert quality.hidden_wrong == pytest.approx(shares.wrong, abs=1e-6)
    assert quality.placeholder == pytest.approx(shares.placeholder, abs=1e-6)


@pytest.mark.parametrize(
    ("shares", "most"),
    [
        (Shares(right=0.9, wrong=0.05, placeholder=0.05, slips=0.1, voluntary=0.3), 0.05 / 0.1),  # the rest would slip
        (Shares(right=0.9, wrong=0.05, placeholder=0.05, slips=0.05, voluntary=0.3, known=0.6), 0.6),  # nobody knew
        (Shares(right=0.6, wrong=0.4, placeholder=0.5, slips=0.3, voluntary=0.2), 0.5),  # audit and scan disagree
        (Shares(right=0.57, wrong=0.3, slips=0.05, voluntary=0.3), 0.57 / 0.95),  # no more are right
        (Shares(right=0.57, wrong=0.3, slips=0.05, voluntary=0.3, right_known=0.9), 0.9 * 0.57 / 0.95),  # a tenth: luck
    ],
)
def test_each_count_limits_what_can_have_been_told(shares, most):
    """By hand: hidden wrong over slips, what is known, what is not a placeholder, right over 1 - slips; less f0."""
    assert fitting(shares)["y"] == (0, pytest.approx((most - shares.voluntary) / (1 - shares.voluntary)))


@given(operator=operators(), data=st.data())
def test_more_data_never_widens_a_bound(operator, data):
    """Each of k, f0 and the right cells' writers, if known, leaves every bound or narrows it."""
    every = shares_of(operator)
    without = replace(every, **{data.draw(st.sampled_from(["known", "right_known"])): None})

    narrow, wide = fitting(every), fitting(without)

    for name in narrow:
        assert wide[name][0] - 1e-9 <= narrow[name][0] <= narrow[name][1] <= wide[name][1] + 1e-9


@given(operator=operators())
def test_one_yield_is_left_where_luck_is_alike(operator):
    """With the question asked of all cells and of the right ones, equal luck settles y (a claim, not a bound)."""
    operator = replace(operator, nu=0.0, tau=0.0)
    shares = shares_of(operator)
    counts = {name: round(1e12 * getattr(shares, name)) for name in ("right", "wrong", "placeholder")}
    assume(counts["right"] > 10**6)
    found = what_fits(Counted(
        cells=10**12, placeholder=counts["placeholder"], audited=10**12, right=counts["right"], wrong=counts["wrong"],
        first_blank=(round(1e12 * operator.gap), 10**12), writer_could_know=(round(1e12 * operator.k), 10**12),
        right_could_know=(round(counts["right"] * shares.right_known), counts["right"]),
    ), slips=operator.eps)  # fmt: skip
    assume(abs((1 - operator.eps) - operator.lucky_share) > 0.05)

    assert found.yield_if_alike == pytest.approx(operator.truth_yield(10), abs=1e-5)


# ------------------------------------------------------------------------------------------------------- uncertainties


def test_outer_bounds_hold_the_bounds_and_are_kept_apart():
    """Over the audit intervals y reaches .57 instead of .47; scanned shares have no interval, sampled ones do."""
    found = what_fits(COUNTED)

    assert [round(end, 2) for end in found.at_counts["y"]] == [0, 0.47]
    for name, (low, high) in found.at_counts.items():
        assert found.over_audit[name][0] <= low <= high <= found.over_audit[name][1]
        assert found.over_slips[name][0] <= low <= high <= found.over_slips[name][1]
    assert {each.name for each in found.shares if each.interval} == {"right", "wrong"}
    assert {each.name for each in found.shares if each.interval is None} == {
        "blank", "placeholder", "not_value", "voluntary",
    }  # fmt: skip


def test_the_outer_bound_covers_as_often_as_its_audit_interval():
    """1,000 audits of 400 cells: the outer end of y lies beyond the true bound in 97.5 % of them, but for 4 errors."""
    rng = np.random.default_rng(5)
    true = fitting(REFERENCE)["y"][1]
    draws = rng.multinomial(400, [0.7628, 0.1313, 0.1059], size=1000)

    covered = [
        what_fits(replace(COUNTED, right=int(right), wrong=int(wrong))).over_audit["y"][1] >= true - 1e-9
        for right, wrong, _ in draws
    ]

    assert np.mean(covered) == pytest.approx(0.975, abs=4 * np.sqrt(0.025 * 0.975 / 1000))


def test_slips_are_a_choice_unless_they_were_audited():
    """Audited before the mandate, slips have an audit interval; otherwise a range that is a modeller's choice."""
    chosen, audited = what_fits(COUNTED), what_fits(replace(COUNTED, before_right=97, before_wrong=3))

    assert (chosen.slips, chosen.slips_range, chosen.settled()) == (0.03, (0.003, 0.066), {})
    assert (audited.slips, audited.slips_range, audited.over_slips) == (0.03, None, None)
    assert audited.settled() == {"slips": 0.03}
    assert audited.over_audit["y"][1] > chosen.over_audit["y"][1]


def test_a_cell_of_a_clustered_audit_tells_less():
    """A design effect of 4 widens the audit interval to that of 100 cells, and with it the outer bounds."""
    plain, clustered = what_fits(COUNTED), what_fits(replace(COUNTED, design_effect=4.0))

    assert clustered.over_audit["y"][1] > plain.over_audit["y"][1]
    assert clustered.at_counts == plain.at_counts


def test_the_reviewers_question_narrows():
    """K of .85 bounds honesty by .75 where it was 1; right cells by people who could not know leave y at most .40."""
    asked = what_fits(replace(COUNTED, writer_could_know=(340, 400)))
    twice = what_fits(replace(COUNTED, writer_could_know=(340, 400), right_could_know=(294, 305)))

    assert what_fits(COUNTED).at_counts["h0"] == (0, 1)
    assert asked.at_counts["h0"][1] == pytest.approx(0.4719 * 0.405 / 0.255, abs=0.001)
    assert asked.settled() == {"k": 0.85, "v": pytest.approx(0.7)}
    assert round(twice.at_counts["y"][1], 2) == 0.40
    assert twice.yield_if_alike == pytest.approx(0.346, abs=0.02)
    assert len(what_fits(COUNTED).would_narrow()) == 4
    assert len(twice.would_narrow()) == 2


def test_a_log_of_first_saves_stands_for_the_counts_before():
    """405 of 1,000 cells blank at the first save say what the scan before said, in the same cases."""
    logged = what_fits(replace(COUNTED, before_cells=None, before_blank=None, first_blank=(405, 1000)))

    assert logged.at_counts == what_fits(COUNTED).at_counts
    assert not any("Before and after" in note for note in logged.notes())


@pytest.mark.parametrize(
    ("changed", "note"),
    [
        ({"placeholder": 400}, "do not go together: 40.0% of scanned cells"),
        ({"placeholder": 0}, "are neither right nor wrong, but the scan finds only 0.0%"),
        ({"right": 200, "wrong": 150}, "No value fits the counts themselves"),
    ],
)
def test_counts_that_do_not_go_together_are_told(changed, note):
    """Not refused: the audit may be off by chance, or before and after differ."""
    assert note in " ".join(what_fits(replace(COUNTED, **changed)).notes())


# -------------------------------------------------------------------------------------------------------- command line


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--right", "380"], "right 380 + wrong 53 = 433 is more than audited 400"),
        (["--placeholder", "-1"], "placeholder is -1"),
        (["--blank", "1200"], "= 1306 is more than cells 1000"),
        (["--cells", "0"], "cells is 0"),
        (["--audited", "0"], "audited is 0"),
        (["--before-blank", "5"], "before_cells is not given"),
        (["--before-blank", "0"], "before_cells is not given"),
        (
            ["--before-cells", "1000"],
            "before_cells is 1000, but before_blank is not given; give both (0 if none was blank)",
        ),
        (["--audited", "1001"], "audited 1001 is more than cells 1000"),
        (["--right-could-know", "300/306"], "right_could_know is 300/306, but only 305 audited cells are right"),
        (["--right-could-know", "306/400"], "right_could_know is 306/400, but only 305 audited cells are right"),
        (["--before-cells", "10", "--before-blank", "11"], "before_blank 11 is more than before_cells 10"),
        (["--before-cells", "10", "--first-blank", "1/2"], "give one of them"),
        (["--writer-could-know", "5/4"], "could_know is 5/4"),
        (["--writer-could-know", "0/0"], "could_know is 0/0"),
        (["--writer-could-know", "half"], "'half' is not A/B"),
        (["--design-effect", "0.5"], "design_effect is 0.5"),
        (["--slips", "3"], "slips is 3"),
        (["--slips", "nan"], "slips is nan"),
        (["--slips", "0.03", "--before-right", "97", "--before-wrong", "3"], "slips is given"),
        (["--cells", "many"], "'many' is not a count"),
    ],
)
def test_impossible_counts_are_told_in_one_line(options, said, capsys):
    """Exit 2, the value shown, nothing printed."""
    assert main([*COMMAND, *options]) == 2

    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert said in shown.err


def test_the_command_labels_what_it_prints(capsys):
    """Bounds, audit intervals and the choice of slips are named; the way on is told."""
    assert main([*COMMAND, "--before-cells", "1000", "--before-blank", "405"]) == 0

    shown = " ".join(capsys.readouterr().out.split())
    for text in (
        "71.8 to 80.2 %", "all counted", "0.00 to 0.47 0.00 to 0.57 0.00 to 0.55", "Bounds are not intervals",
        "real cases, if they were drawn at random", "Slips 0.03 is a modeller's choice", "k x v = 0.595",
        "--sweep q_placeholder=0.26:0.50", "What would narrow", "could the writer have known?",
        "With `casegauge decide` (--param NAME=LOW:HIGH): --param q_placeholder=0.26:0.50",
    ):  # fmt: skip
        assert text in shown


def test_the_json_says_of_every_range_what_it_is(capsys):
    """Audit intervals, bounds and the range of a choice stand under names of their own."""
    assert main([*COMMAND, "--before-cells", "1000", "--before-blank", "405", "--json"]) == 0

    data = json.loads(capsys.readouterr().out)
    right = next(each for each in data["shares"] if each["share"] == "right")
    assert right["audit_interval"]["of"] == "real cases, if drawn at random"
    told = next(each for each in data["bounds"] if each["parameter"] == "y")
    assert set(told) == {"parameter", "says", "at_counts", "over_audit_interval", "over_slips_range"}
    assert data["slips"]["modellers_choice"] is True
    assert data["use"]["k_times_v"] == pytest.approx(0.595)


def test_where_nothing_fits_the_command_says_so(capsys):
    """Too few right entries for what was filled before: no bound is made up."""
    options = ["--right", "120", "--wrong", "250", "--before-cells", "1000", "--before-blank", "10"]

    assert main([*COMMAND, *options]) == 0

    assert "no value fits" in capsys.readouterr().out
