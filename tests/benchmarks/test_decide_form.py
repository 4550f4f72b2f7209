"""A whole form in closed form, held against `benchmarks.model`, a slow oracle, and a form worked by hand."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.decide.cells import MEASURES
from benchmarks.decide.field_list import OPTIONAL, REQUIRED, STATES, UNKNOWN_ALLOWED, WARNED, FieldRow
from benchmarks.decide.form import changes_of, form_of, totals_of
from benchmarks.decide.people import people_of
from benchmarks.decide.settings import make_settings, with_parameters
from benchmarks.model import Operator, next_field_gain
from synth.behaviour import known_parameters

REFERENCE = ("divert=0", "u=0")  # as in the design's reference: exits are x0 and alpha, nobody guesses


def one_setting(*given_parameters, omega=1.0):
    """Return the central setting alone, with parameters of one's own."""
    parameters = with_parameters(known_parameters(), given_parameters)
    return make_settings(parameters, n_settings=0, omega=(omega, omega, omega)).central()


def gains(rows, setting):
    """Return D of every change, shape (states, fields)."""
    form = form_of(rows, setting)
    return changes_of(form).gain(form.omega)[:, 0, :]


# ------------------------------------------------------------------------------------------- against benchmarks.model


def test_the_next_field_of_the_reference_form_loses_as_the_design_says():
    """10 of 25 reference fields required, omega 1: requiring one more takes .032 net right entries from each case."""
    rows = [FieldRow(f"f{number}", now=REQUIRED if number < 10 else OPTIONAL) for number in range(25)]

    found = gains(rows, one_setting(*REFERENCE))

    assert found[REQUIRED, 10:].round(3).tolist() == [-0.032] * 15


@given(
    blanks=st.lists(st.integers(0, 99), min_size=2, max_size=6),
    n_required=st.integers(0, 4),
    k=st.integers(5, 99), v=st.integers(0, 95), h0=st.integers(0, 100), slips=st.integers(0, 20),
    x0=st.integers(0, 30), alpha=st.integers(0, 50), beta=st.integers(0, 50), m0=st.integers(0, 4),
    omega=st.integers(0, 40),
)  # fmt: skip
def test_requiring_one_more_field_is_the_difference_that_the_model_works_out(
    blanks, n_required, k, v, h0, slips, x0, alpha, beta, m0, omega
):
    """Fields of different blank rates: a gap s of which the share K is known is an operator with k = 1 - (1 - K) s."""
    n_required = min(n_required, len(blanks) - 1)
    hundredths = {"k": k, "v": v, "h0": h0, "slips": slips, "x0": x0, "alpha": alpha, "beta": beta}
    chances = {name: value / 100 for name, value in hundredths.items()}
    setting = one_setting(*REFERENCE, *(f"{name}={value}" for name, value in chances.items()), f"m0={m0}",
                          omega=omega / 10)  # fmt: skip
    rows = [
        FieldRow(f"f{place}", now=REQUIRED if place < n_required else OPTIONAL, blank=blank / 100)
        for place, blank in enumerate(blanks)
    ]

    def operator(row):
        known_share = chances["k"] * (1 - chances["v"]) / (1 - chances["k"] * chances["v"])
        mine, fills = chances["k"], chances["v"]
        if row.now == OPTIONAL:  # a required field does not show its gap
            mine = 1 - (1 - known_share) * row.blank
            fills = (1 - row.blank) / mine if mine else 0.0
        return Operator(k=mine, v=min(1.0, fills), eps=chances["slips"], h0=chances["h0"], x0=chances["x0"],
                        alpha=chances["alpha"], beta=chances["beta"], m0=m0)  # fmt: skip

    people = [operator(row) for row in rows]
    expected = next_field_gain(people[:n_required], people[-1], people[n_required:-1], omega=omega / 10)

    assert gains(rows, setting)[REQUIRED, -1] == pytest.approx(expected, abs=1e-9)


# -------------------------------------------------------------------------------------------------- against an oracle


def outcomes(row, people, place, honest, state):
    """Yield chance, informed, lucky, hidden wrong, seconds and filled of one cell, branch by branch of the tree."""
    of = {name: float(getattr(people, name)[0, place]) for name in people.__dataclass_fields__}

    def meant(chance, seconds):
        """The truth is meant: it slips, or has no option, or is right."""
        yield chance * of["slips"], 0, 0, 1, seconds, 1
        rest = chance * (1 - of["slips"])
        yield rest * of["misfit"], 0, 0, of["misfit_hidden"], seconds, 1
        yield rest * (1 - of["misfit"]), 1, 0, 0, seconds, 1

    def evaded(chance):
        yield chance * (of["placeholder"] + of["uninformative"]), 0, 0, 0, of["seconds_evasion"], 1
        yield chance * of["lucky"], 0, 1, 0, of["seconds_evasion"], 1
        yield chance * of["hidden"], 0, 0, 1, of["seconds_evasion"], 1
        silent = 1 - of["placeholder"] - of["uninformative"] - of["lucky"] - of["hidden"]
        yield chance * silent, 0, 0, 0, of["seconds_evasion"], 1

    yield from meant(of["told"], of["seconds"])
    yield of["guessed"] * of["guess_right"], 0, 1, 0, of["seconds_evasion"], 1
    luck = of["guess_right"] / (1 - of["misfit"])
    yield of["guessed"] * (1 - luck), 0, 0, 1, of["seconds_evasion"], 1
    yield of["guessed"] * luck * of["misfit"], 0, 0, of["misfit_hidden"], of["seconds_evasion"], 1
    yield of["gap"] * of["placeheld"], 0, 0, 0, of["seconds_evasion"], 1
    gap = of["gap"] * (1 - of["placeheld"])
    for share, knows in ((gap * of["known"], True), (gap * (1 - of["known"]), False)):
        chance = share * (1 - of["override"]) if state == WARNED else share
        if state == OPTIONAL:
            yield share, 0, 0, 0, 0, 0
            continue
        if state == WARNED:
            yield share * of["override"], 0, 0, 0, 0, 0
        told = of["honest"] * honest if knows else 0
        yield from meant(chance * told, of["seconds"])
        says = (of["tau"] if knows else of["nu"]) if state == UNKNOWN_ALLOWED else 0
        yield chance * (1 - told) * says, 0, 0, 0, of["seconds_evasion"], 1
        yield from evaded(chance * (1 - told) * (1 - says))


def slow(rows, states, setting, branches):
    """Return informed, lucky, hidden, seconds, filled, needed and retained by going through every kind of record."""
    people = people_of(rows, setting)
    value = {name: float(setting.value(name)[0]) for name in ("x0", "divert", "alpha", "beta", "m0", "z")}
    totals = np.zeros(7)
    names = sorted({branch for branch in branches if branch})
    shares = {branch: rows[branches.index(branch)].applies for branch in names}
    for there in itertools.product((True, False), repeat=len(names)):
        on = {"": True, **dict(zip(names, there, strict=True))}
        chance = np.prod([shares[name] if on[name] else 1 - shares[name] for name in names])
        required = [on[branches[place]] and states[place] in {REQUIRED, UNKNOWN_ALLOWED} and not row.stamped
                    for place, row in enumerate(rows)]  # fmt: skip
        m = sum(required)
        beyond = max(0, m - value["m0"])
        stays = (1 - value["x0"] - value["divert"]) * np.exp(-value["alpha"] * beyond) if m else 1.0
        totals[6] += chance * stays
        closable = [name for name in names if on[name] and any(
            required[place] for place in range(len(rows)) if branches[place] == name
        )]  # fmt: skip
        for avoided in itertools.product((True, False), repeat=len(closable)):
            gone = {name for name, is_gone in zip(closable, avoided, strict=True) if is_gone}
            share = chance * stays * np.prod([value["z"] if is_gone else 1 - value["z"] for is_gone in avoided])
            lied = [name.split(" = ")[0] for name in gone]
            for place, row in enumerate(rows):
                if not on[branches[place]] or branches[place] in gone:
                    continue
                cell = np.zeros(5)
                if row.stamped:
                    cell += [1, 0, 0, 0, 1]
                else:
                    for part, *held in outcomes(row, people, place, np.exp(-value["beta"] * beyond), states[place]):
                        cell += part * np.array(held)
                if row.name in lied:  # the answer says something else, and is wrong
                    cell[:3] = [0, 0, 0]
                totals[:5] += share * cell
                totals[5] += share
            totals[2] += share * len(gone)
    return totals


@st.composite
def forms(draw):
    """Draw a small form with branches whose triggers are in it, or not."""
    branches = ["", "", "a = yes", "a = yes", "elsewhere = 1", "b = 2"]
    applies = {"": 1.0, "a = yes": 0.4, "elsewhere = 1": 0.7, "b = 2": 0.1}
    rows = []
    for place, branch in enumerate(branches):
        blank, placeholder = draw(st.integers(0, 60)) / 100, draw(st.integers(0, 40)) / 100
        rows.append(FieldRow(
            "ab"[place] if place < 2 else f"f{place}", condition=branch, applies=applies[branch],
            now=draw(st.integers(0, 3)), blank=blank if draw(st.booleans()) else None, placeholder=placeholder,
            who=draw(st.sampled_from([None, "somebody else", "writer later"])), stable=draw(st.booleans()),
            listed=draw(st.sampled_from([None, "fits", "does not fit"])), has_other=draw(st.booleans()),
            stamped=place > 1 and draw(st.integers(0, 5)) == 0,
        ))  # fmt: skip
    return rows, branches


@given(forms(), st.integers(0, 10), st.integers(0, 30), st.integers(0, 25))
@settings(max_examples=40)
def test_the_whole_form_is_what_the_oracle_adds_up(form_drawn, m0, z, u):
    """Branches, burden, exits, falsified triggers, guesses and misfits: nothing is approximated.

    Two branches do not share a trigger here, so no lie is told twice.
    """
    rows, branches = form_drawn
    setting = one_setting(f"m0={m0}", f"z={z / 100}", f"u={u / 100}", "alpha=0.05", "beta=0.1")
    states = [row.now for row in rows]

    found = totals_of(form_of(rows, setting))

    expected = slow(rows, states, setting, branches)
    assert found.measures[:, 0] == pytest.approx(expected[:6], abs=1e-9)
    assert found.retained[0] == pytest.approx(expected[6], abs=1e-12)


@given(forms(), st.integers(0, 5), st.integers(0, 3))
@settings(max_examples=30)
def test_one_change_is_the_form_after_it_less_the_form_before(form_drawn, place, state):
    rows, _ = form_drawn
    setting = make_settings(known_parameters(), n_settings=7)
    form = form_of(rows, setting)
    state = rows[place].now if rows[place].stamped else state

    changes = changes_of(form)

    after = totals_of(form, [state if other == place else row.now for other, row in enumerate(rows)])
    assert changes.measures[state, :, :, place] == pytest.approx(after.measures - changes.now.measures, abs=1e-9)
    assert changes.retained[state, :, place] == pytest.approx(after.retained)


# ------------------------------------------------------------------------------------------------------------ by hand


def test_two_fields_by_hand():
    """A required date and an optional place blank in 20 of 100 cases: what docs/decide.md works out by hand."""
    rows = [FieldRow("date", now=REQUIRED), FieldRow("place", blank=0.2)]
    setting = one_setting(
        "k=0.5", "v=0.5", "u=0", "slips=0", "h0=0.5", "q_placeholder=0.5", "q_wrong=0.5", "q_copy=0", "w=0.2", "x0=0.1",
        "divert=0", "alpha=0", "beta=0", omega=1,
    )  # fmt: skip

    found = gains(rows, setting)

    known = Fraction(1, 2) * Fraction(1, 2) / (1 - Fraction(1, 4))  # of gaps, those that could be known: one third
    told = Fraction(2, 10) * known * Fraction(1, 2)
    evaded = Fraction(2, 10) - told
    right, wrong = told + evaded * Fraction(1, 2) * Fraction(2, 10), evaded * Fraction(1, 2) * Fraction(8, 10)
    assert found[REQUIRED, 1] == pytest.approx(
        float(Fraction(9, 10) * (right - wrong))
    )  # nobody more leaves: m0 is far
    assert found[REQUIRED, 1] == pytest.approx(-0.015)
    # Stop requiring the date: the records that left come back, and its gap of 3/4 is blank again.
    date = (
        Fraction(1, 4)
        + (Fraction(3, 4) * known * Fraction(1, 2))
        + Fraction(3, 4) * (1 - known * Fraction(1, 2)) * Fraction(1, 2) * (Fraction(2, 10) - Fraction(8, 10))
    )
    assert found[OPTIONAL, 0] == pytest.approx(
        float(Fraction(1, 4) + Fraction(8, 10) - Fraction(9, 10) * (date + Fraction(8, 10)))
    )


# --------------------------------------------------------------------------------------------------------- properties


@given(forms(), st.permutations(range(6)))
@settings(max_examples=25)
def test_the_order_of_the_rows_and_the_names_of_the_fields_change_nothing(form_drawn, order):
    rows, _ = form_drawn
    renamed = {"a": "first", "b": "second"}
    others = [
        FieldRow(**{**row.__dict__, "name": renamed.get(row.name, f"x {row.name}"),
                    "condition": row.condition.replace("a =", "first =").replace("b =", "second =")})
        for row in rows
    ]  # fmt: skip
    setting = make_settings(known_parameters(), n_settings=5)

    before = changes_of(form_of(rows, setting))
    after = changes_of(form_of([others[place] for place in order], setting))

    assert after.now.measures == pytest.approx(before.now.measures)
    assert after.measures == pytest.approx(before.measures[:, :, :, list(order)], abs=1e-9)


@pytest.mark.parametrize("state", [REQUIRED, UNKNOWN_ALLOWED, WARNED])
def test_a_field_that_is_never_blank_gains_nothing_from_a_control(state):
    """Not one right entry more, in any setting; what it can lose is records, and honesty elsewhere."""
    rows = [
        FieldRow("full", blank=0.0),
        FieldRow("open", blank=0.4),
        *(FieldRow(f"f{n}", now=REQUIRED) for n in range(9)),
    ]
    parameters = with_parameters(known_parameters(), ["beta=0"])  # else others evade more, and some of them are lucky

    some, others = (make_settings(each, n_settings=200) for each in (known_parameters(), parameters))

    assert (changes_of(form_of(rows, some)).measures[state, 0, :, 0] <= 1e-12).all()
    assert (changes_of(form_of(rows, others)).measures[state, :2, :, 0] <= 1e-12).all()


@given(st.integers(0, 100), st.integers(0, 20), st.integers(0, 40))
def test_where_all_know_and_tell_and_nobody_leaves_requiring_is_never_worse(blank, slips, omega):
    """With h = 1, k = 1, no exits, no burden: every gap becomes the truth, worth 1 - slips less omega times slips."""
    rows = [FieldRow("a", blank=blank / 100), FieldRow("b", now=REQUIRED)]
    setting = one_setting("k=1", "h0=1", f"slips={slips / 1000}", "x0=0", "alpha=0", "divert=0", "beta=0",
                          omega=omega / 10)  # fmt: skip

    assert gains(rows, setting)[REQUIRED, 0] >= -1e-12


@given(forms(), st.lists(st.integers(0, 60), min_size=2, max_size=2, unique=True))
@settings(max_examples=40)
def test_more_harm_by_a_wrong_entry_never_speaks_for_requiring(form_drawn, omegas):
    """While nobody leaves: a requirement only adds wrong entries, so its gain falls with omega."""
    rows = [FieldRow(**{**row.__dict__, "now": OPTIONAL}) for row in form_drawn[0]]
    less, more = sorted(omegas)
    still = ("x0=0", "alpha=0", "divert=0")

    lighter, heavier = (gains(rows, one_setting(*still, omega=omega / 10)) for omega in (less, more))

    assert (heavier[REQUIRED] <= lighter[REQUIRED] + 1e-12).all()


def test_nobody_leaves_a_form_that_requires_nothing():
    rows = [FieldRow("a", blank=0.1), FieldRow("b", now=WARNED)]

    found = totals_of(form_of(rows, make_settings(known_parameters(), n_settings=50)))

    assert (found.retained == 1).all()


def test_stamped_fields_are_right_in_no_time_and_never_a_burden():
    rows = [FieldRow("number", stamped=True, now=REQUIRED), FieldRow("a", blank=0.5)]
    setting = make_settings(known_parameters(), n_settings=20)

    found = totals_of(form_of(rows, setting))
    alone = totals_of(form_of(rows[1:], setting))

    difference = found.measures - alone.measures
    assert difference.mean(axis=1) == pytest.approx([1, 0, 0, 0, 1, 1])
    assert (found.retained == 1).all()
    assert len(MEASURES) == 6
    assert len(STATES) == 4
