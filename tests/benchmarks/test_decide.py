"""Verdicts on fields: what a row says of people, what a setting is, when a verdict is plain, and what decides else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.decide.advice import advise, deciding
from benchmarks.decide.field_list import OPTIONAL, REQUIRED, STATES, UNKNOWN_ALLOWED, FieldRow, read_field_rows
from benchmarks.decide.people import people_of
from benchmarks.decide.settings import PLACED, SHARES, USED, make_settings, omega_of, with_parameters
from benchmarks.decide.words import MEASUREMENTS, SHORT, parameter_says
from synth.behaviour import known_parameters
from synth.errors import CasegaugeError

EXAMPLES = ["examples/decide/arrest-paperwork.csv", "examples/decide/shelter-intake.csv"]


def central(*given_parameters):
    return make_settings(with_parameters(known_parameters(), given_parameters), n_settings=0).central()


def person(row, *given_parameters):
    """Return who fills one field, at the central setting."""
    people = people_of([row], central(*given_parameters))
    return {name: float(getattr(people, name)[0, 0]) for name in people.__dataclass_fields__}


# ------------------------------------------------------------------------------------------------- a row, by hand


def test_a_blank_rate_fixes_the_gap_and_leaves_open_who_knew():
    """At k .85 and v .70, of gaps .255 / .405 is known. 10 % blank: 90 % told, and that share of the gap known."""
    found = person(FieldRow("a", blank=0.1))

    assert (found["gap"], found["told"], found["guessed"]) == pytest.approx((0.1, 0.9, 0))
    assert found["known"] == pytest.approx(0.255 / 0.405)


def test_nothing_said_is_the_general_range():
    found = person(FieldRow("a"))

    assert (found["gap"], found["told"]) == pytest.approx((0.405, 0.595))


def test_a_required_field_says_nothing_of_its_gap():
    assert person(FieldRow("a", now=REQUIRED, blank=0.0))["gap"] == pytest.approx(0.405)


@pytest.mark.parametrize(("who", "k"), [("writer at the time", 0.9), ("writer later", 0.775), ("somebody else", 0.3),
                                        ("nobody", 0.05), (None, 0.85)])  # fmt: skip
def test_who_knows_it_moves_what_is_known(who, k):
    assert person(FieldRow("a", who=who, blank=0.2))["known"] == pytest.approx(k * 0.3 / (1 - k * 0.7))


def test_guesses_fill_what_is_filled_though_not_known():
    """Not known: .15, of which .2 are guessed. With 10 % blank, K of it known, the guessed are (1 - K) .1 x .2 / .8."""
    free = person(FieldRow("a"), "u=0.2")
    assert (free["guessed"], free["gap"]) == pytest.approx((0.03, 0.375))

    known = 0.255 / (0.255 + 0.15)
    found = person(FieldRow("a", blank=0.1), "u=0.2")
    assert found["guessed"] == pytest.approx((1 - known) * 0.1 * 0.25)
    assert found["told"] + found["guessed"] + found["gap"] == pytest.approx(1)


def test_placeholders_of_an_optional_field_are_gaps_that_look_filled():
    found = person(FieldRow("a", blank=0.12, placeholder=0.04))

    assert (found["gap"], found["placeheld"]) == pytest.approx((0.16, 0.25))


def test_placeholders_of_a_required_field_say_which_share_of_evasions_they_are():
    """Gap .405, of it .255 known, h .55: evaded .255 x .45 + .15 = .26475; 10 % placeholders are .378 of that."""
    found = person(FieldRow("a", now=REQUIRED, placeholder=0.1))

    assert found["placeholder"] == pytest.approx(0.1 / 0.26475)
    rest = 1 - found["placeholder"]
    assert found["lucky"] == pytest.approx(rest * (0.35 * 0.25 + 0.25 * 0.40) / 0.60)


def test_more_placeholders_than_evasions_are_all_evasions():
    found = person(FieldRow("a", now=REQUIRED, placeholder=0.9))

    assert (found["placeholder"], found["lucky"], found["hidden"]) == pytest.approx((1, 0, 0))


def test_a_list_holds_no_placeholders():
    """Their share goes to a wrong pick, or to the listed answer that says nothing."""
    fits, other = person(FieldRow("a", listed="fits")), person(FieldRow("a", listed="fits", has_other=True))

    assert (fits["placeholder"], fits["uninformative"]) == (0, 0)
    assert fits["lucky"] == pytest.approx(0.75 * 0.25 + 0.25 * 0.40)
    assert other["uninformative"] == pytest.approx(0.40)
    assert other["lucky"] == pytest.approx(0.35 * 0.25 + 0.25 * 0.40)


def test_a_list_that_does_not_fit_takes_what_would_be_right():
    found = person(FieldRow("a", listed="does not fit", misfit=0.5))

    assert found["lucky"] == pytest.approx(0.5 * (0.75 * 0.25 + 0.25 * 0.40))
    assert found["lucky"] + found["hidden"] == pytest.approx(1)


def test_a_stable_value_is_copied_right_more_often():
    assert person(FieldRow("a", stable=True))["lucky"] == pytest.approx(0.25 * 0.9 + 0.35 * 0.25)


@pytest.mark.parametrize(("row", "seconds"), [(FieldRow("a"), 11.5), (FieldRow("a", listed="fits"), 5.5),
                                              (FieldRow("a", seconds=3.0), 3.0)])  # fmt: skip
def test_seconds_are_those_of_the_row_else_of_a_list_or_a_line(row, seconds):
    assert person(row)["seconds"] == seconds


# ---------------------------------------------------------------------------------------------------------- settings


def test_a_setting_moves_one_parameter_to_one_end_before_the_sweep_moves_all():
    made = make_settings(known_parameters(), n_settings=50)

    for at, (name, end) in enumerate(made.ends, 1):
        if name == "omega":
            assert made.value(name)[at] == pytest.approx(0.5 if end == "low" else 2)
            continue
        wanted = float(getattr(known_parameters()[name], end))
        assert made.value(name)[at] == pytest.approx(wanted), name
        others = [other for other in PLACED if other not in {name, "omega"}]
        assert [made.value(other)[at] for other in others] == pytest.approx(
            [float(known_parameters()[other].central) for other in others]
        )
    assert {name for name, _ in made.ends} == {*USED, "omega"}
    assert sum(made.shares[name] for name in SHARES) == pytest.approx(np.ones(len(made)))


def test_half_of_the_sweep_lies_below_the_central_value():
    made = make_settings(known_parameters(), n_settings=4000)

    for name in PLACED:
        swept = made.value(name)[made.swept]
        middle = 1.0 if name == "omega" else float(known_parameters()[name].central)
        if name == "u":  # its central value is its lowest
            assert (swept == 0).mean() == pytest.approx(0.5, abs=0.04)
            continue
        assert (swept < middle).mean() == pytest.approx(0.5, abs=0.04), name
        if name != "omega":  # and evenly there
            low, central, high = made.range_of(name)
            quarters = [(low + central) / 2, (central + high) / 2]
            assert np.quantile(swept, [0.25, 0.75]) == pytest.approx(quarters, abs=0.04 * (high - low)), name
    means = [made.shares[name][made.swept].mean() for name in SHARES]
    spread = [made.shares[name][made.swept].std() for name in SHARES]
    assert means == pytest.approx([0.40, 0.35, 0.25], abs=0.01)  # of a Dirichlet(8, 7, 5)
    assert spread == pytest.approx([(p * (1 - p) / 21) ** 0.5 for p in (0.40, 0.35, 0.25)], rel=0.06)


def test_a_longer_sweep_begins_with_the_shorter():
    short, long = make_settings(known_parameters(), n_settings=10), make_settings(known_parameters(), n_settings=30)
    other = make_settings(known_parameters(), n_settings=10, seed=2)

    for name in (*PLACED, *SHARES):
        assert (long.value(name)[: len(short)] == short.value(name)).all()
    assert (other.value("h0")[other.swept] != short.value("h0")[short.swept]).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [("hh=0.4", "decide uses no parameter 'hh'"), ("h0", "h0=0.4 or h0=0.3:0.5"), ("h0=x", "give a number"),
     ("h0=0.5:0.3", "do not rise"), ("h0=1.2", "1.2 is above 1"), ("h0=-1", "0 or more"),
     ("h0=1:2:3:4", "give a number"), ("h0=nan", "give a number"), ("careless=0.1", "decide uses no parameter")],
)  # fmt: skip
def test_a_parameter_that_cannot_be_is_told(text, words):
    with pytest.raises(CasegaugeError, match=words):
        with_parameters(known_parameters(), [text])


@pytest.mark.parametrize("text", ["x", "", "-1", "2:1", "inf", "5000", "1:2:3:4"])
def test_an_omega_that_cannot_be_is_told(text):
    with pytest.raises(CasegaugeError, match="--omega"):
        omega_of(text)


# ---------------------------------------------------------------------------------------------------------- verdicts


def test_a_verdict_is_plain_where_nothing_speaks_against_it():
    """Everybody knows and tells, nobody leaves, a wrong entry does no harm: 30 % blank become 30 % right."""
    certain = [
        f"{name}={value}"
        for name, value in {
            "k": 1,
            "h0": 1,
            "slips": 0,
            "x0": 0,
            "alpha": 0,
            "divert": 0,
            "beta": 0,
            "tau": 0.5,
        }.items()
    ]
    rows = [FieldRow("a", blank=0.3), FieldRow("b", blank=0.0)]

    first, second = advise(rows, parameters=with_parameters(known_parameters(), certain), n_settings=100).fields

    assert (first.verdict, first.options[REQUIRED].n_best) == ("require", 100)
    assert first.options[REQUIRED].numbers["right"].central == pytest.approx(300)
    assert second.verdict == "leave"


def test_counts_of_settings_add_up_and_a_plain_verdict_has_nearly_all_of_them():
    for path in EXAMPLES:
        rows, _ = read_field_rows(path)
        for each in advise(rows, n_settings=300).fields:
            if not each.verdict:
                assert each.row.stamped
                continue
            counts = [option.n_best for option in each.options]
            assert sum(counts) == 300
            assert max(counts) == counts[each.leaning]
            assert (each.verdict != "depends") == (max(counts) >= 270)
            assert bool(each.decider) == (each.verdict == "depends")
            assert all(option.numbers["right"].low <= option.numbers["right"].central <= option.numbers["right"].high
                       for option in each.options)  # fmt: skip
            assert each.options[each.row.now].numbers["net_right"].high == 0


def test_today_s_control_stays_unless_another_is_worth_the_change():
    rows, _ = read_field_rows(EXAMPLES[0])

    stays = advise(rows, n_settings=100, worth=1e6)

    assert {each.verdict for each in stays.fields} == {"", *(STATES[row.now] for row in rows if not row.stamped)}
    assert stays.steps == ()


def test_the_set_found_is_reached_by_its_steps_and_better_at_the_central_setting():
    rows, _ = read_field_rows(EXAMPLES[1])

    advice = advise(rows, n_settings=100)

    now, found, required, _ = advice.forms
    state = {row.name: row.now for row in rows}
    for step in advice.steps:
        assert state[step.field] == step.was
        assert step.gain > 1
        state[step.field] = step.state
    assert tuple(state.values()) == found.states
    assert sum(step.gain for step in advice.steps) == pytest.approx(found.changes["net_right"].central)
    assert now.changes["right"].high == 0
    assert required.complete.low == pytest.approx(1)


def test_right_is_informed_and_lucky_and_net_right_subtracts_what_is_hidden():
    advice = advise([FieldRow("a", blank=0.3), FieldRow("b", now=UNKNOWN_ALLOWED)], n_settings=100)

    for each in advice.fields:
        for option in each.options:
            at = {name: value.central for name, value in option.numbers.items()}
            assert at["right"] == pytest.approx(at["informed"] + at["lucky"])
            assert at["net_right"] == pytest.approx(at["right"] - at["hidden_wrong"])  # omega 1 at the centre


@given(st.permutations(range(4)))
@settings(max_examples=5, deadline=None)
def test_verdicts_do_not_depend_on_the_order_or_the_names_of_the_rows(order):
    rows = [FieldRow("a", blank=0.3), FieldRow("b", blank=0.05, who="somebody else"), FieldRow("c", now=REQUIRED),
            FieldRow("d", blank=0.2, condition="a = 1", applies=0.3)]  # fmt: skip
    renamed = [
        FieldRow(**{**row.__dict__, "name": f"n{place}", "condition": row.condition and "n0 = 1"})
        for place, row in enumerate(rows)
    ]
    shuffled = [renamed[place] for place in order]

    before, after = (advise(each, n_settings=100).fields for each in (rows, shuffled))

    for place, each in zip(order, after, strict=True):
        assert (each.verdict, each.leaning, each.decider) == (
            before[place].verdict, before[place].leaning, before[place].decider,
        )  # fmt: skip


def test_what_is_required_already_is_said_to_tell_nothing():
    (each,) = advise([FieldRow("a", now=REQUIRED, blank=0.0)], n_settings=100).fields

    assert "does not show how often it would be left blank" in each.notes[-1]


def test_a_form_that_does_more_harm_than_good_is_called_so():
    advice = advise([FieldRow("a", now=REQUIRED, who="nobody")], n_settings=100, omega=(5.0, 5.0, 5.0))

    assert "more harm than good" in advice.notes[0]


# ------------------------------------------------------------------------------------------------------ what decides


def test_the_parameter_that_moves_a_difference_decides():
    """Of y = a + 2 b + noise, with a and b even on (-1, 1), b has 4 / 5 of what the two explain."""
    rng = np.random.default_rng(1)
    a, b, noise = (rng.uniform(-1, 1, 4000) for _ in range(3))

    name, share = deciding(a + 2 * b, {"a": a, "b": b, "noise": noise}, slice(0, 4000))

    assert name == "b"
    assert share == pytest.approx(0.8, abs=0.03)


def test_only_the_sweep_is_asked_what_decides():
    """The central setting and the ends stand before it, and would drown it."""
    swept = np.linspace(-1, 1, 100)
    difference, other = np.concatenate([[1e6, -1e6], swept]), np.concatenate([[1.0, -1.0], np.tile([0.0, 1.0], 50)])

    assert deciding(difference, {"a": np.concatenate([[0, 0], swept]), "b": other}, slice(2, 102))[0] == "a"


def test_nothing_decides_where_nothing_differs():
    assert deciding(np.zeros(10), {"a": np.arange(10.0)}, slice(0, 10)) == ("", 0.0)


def test_every_parameter_that_can_decide_has_words_and_a_measurement():
    for name in {*USED, "known", "gap", "omega"} - {"k", "v", "seconds_pick", "seconds_typed", "seconds_evasion"}:
        assert MEASUREMENTS[name]
        assert SHORT[name]
        assert parameter_says(name, known_parameters())


def test_a_hundred_fields_take_seconds():
    rows = [
        FieldRow(f"f{place}", blank=place / 200, now=REQUIRED if place % 9 == 0 else OPTIONAL) for place in range(100)
    ]

    advice = advise(rows, n_settings=1000)

    assert len(advice.fields) == 100
