"""Placeholder discovery: what is found and why, what is left alone, and that order and labels mean nothing."""

import inspect

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import DEVELOP_HOSTS, DEVELOP_SPELLINGS, HELD_HOSTS, HELD_SPELLINGS, host

from checks import discover_placeholders, discovery, discovery_evidence, discovery_profile
from checks.discovery import placeholder_mask
from checks.placeholders import PLACEHOLDERS
from synth import generate
from synth.errors import RuleError

N = 200
AGES = [str(20 + n % 50) for n in range(N)]
DAYS = [str(np.datetime64("2031-01-01") + n % 97) for n in range(N)]
TIMES = [f"{7 + n % 11:02d}:{n * 7 % 60:02d}" for n in range(N)]
CODES = [f"CTR-{n % 67:03d}" for n in range(N)]
NAMES = [
    f"{a}{b} Brook"
    for a in ("Ash", "Elm", "Oak", "Fir")
    for b in "abcdefghijklmnopqrstuvwxyzäöüéèáàçñøåîôûïëõãšž-'æœ"[:50]
]
STATES = [("open", "closed", "waiting")[n % 3] for n in range(N)]


def found(**columns):
    """Column and value of every suspect, in a frame whose index labels are all alike."""
    frame = pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in columns.items()})
    return [(one.column, one.value) for one in discover_placeholders(frame.set_axis([0] * len(frame)))]


# the column, what stands there instead of a value, and whether it is one that gives itself away
ALONE = [
    (AGES, "999", True),
    (AGES, "-1", True),
    (AGES, "n/a", True),
    (AGES, "70", False),  # an age nobody else has
    (AGES, "-45", False),  # a wrong sign: wrong, but no placeholder
    (AGES, "4 5", False),  # a slip
    (DAYS, "1900-01-01", True),
    (DAYS, "9999-12-31", True),
    (DAYS, "0000-00-00", True),
    (DAYS, "2031-13-05", False),  # no such day, but a typing error
    (DAYS, "2031-08-17", False),
    (DAYS, "1970-01-01", True),
    (TIMES, "99:99", True),
    (TIMES, "--:--", True),
    (TIMES, "19:47", False),
    (CODES, "XXX", True),
    (CODES, "000", True),
    (CODES, "ask me", True),
    (CODES, "CTR-O12", False),  # a letter for a figure
    (CODES, "CTR-912", False),
    (NAMES, "xxxx", True),
    (NAMES, "?", True),
    (NAMES, "Elmo Brook", False),
    (STATES, "...", True),
    (STATES, "XXX", True),
    (STATES, "appealed", False),  # an answer somebody else never gave
]


@pytest.mark.parametrize(("column", "value", "is_found"), ALONE, ids=[row[1] for row in ALONE])
def test_one_value_in_one_column(column, value, is_found):
    """Placeholders are told from wrong-but-valid values and slips, each standing once in 201 rows."""
    assert found(c=[*column, value]) == ([("c", value)] if is_found else [])


def test_columns_without_placeholders():
    """Nothing is found where there is nothing."""
    assert found(age=AGES, day=DAYS, time=TIMES, code=CODES, name=NAMES, state=STATES) == []


def test_a_word_is_given_away_by_the_other_columns():
    """Alone in a pick list of words, `lost` could be an answer; in a date column it is none, so it is not here."""
    states, days = [*STATES, "lost", "lost"], [*DAYS, "lost", "2031-02-03"]

    assert found(state=states) == []
    assert found(state=states, day=days) == [("state", "lost"), ("day", "lost")]


def test_a_word_that_the_other_columns_contradict():
    """City follows from zip; a word that stands for several cities and is usual for none says nothing."""
    zips = [f"{1000 + n % 20}" for n in range(400)]
    cities = [f"Town {'abcdefghijklmnopqrst'[n % 20]}" for n in range(400)]
    for row in (3, 47, 90, 155):
        cities[row] = "Town u"

    assert found(city=cities) == []
    assert found(city=cities, zip=zips) == []  # one piece of evidence is not enough
    for row in (3, 47, 90, 155):
        cities[row] = "town u"
    assert found(city=cities, zip=zips) == [("city", "town u")]


def test_a_slip_that_the_other_columns_contradict():
    """Standing once, it contradicts one group only: as any wrong value does."""
    zips = [f"{1000 + n % 20}" for n in range(400)]
    cities = [f"Town {'abcdefghijklmnopqrst'[n % 20]}" for n in range(400)]
    cities[3] = "town u"

    assert found(city=cities, zip=zips) == []


def test_a_rare_answer_of_two_is_an_answer():
    """Where nearly all say yes, any column seems to decide it; the few that say no are no placeholders."""
    checked = ["No" if n % 33 == 5 else "yes" for n in range(400)]

    assert found(checked=checked, zip=[f"{1000 + n % 20}" for n in range(400)]) == []


def test_a_day_that_many_share_is_a_day():
    """An ordinary day that piles up (a campaign) is no placeholder; the first of a year that does is one."""
    days = [str(np.datetime64("2030-06-01") + n) for n in range(400)]

    assert found(day=[*days, *["2031-03-17"] * 15]) == []
    assert found(day=[*days, *["2031-01-01"] * 15]) == [("day", "2031-01-01")]


def test_a_usual_answer_elsewhere_proves_nothing():
    """OTHER is what two columns often say; a third says it once, in its own manner: no placeholder."""
    often = ["OTHER" if n % 2 else f"KNOWN {'ABCDEFGHIJKLMNOPQRST'[n % 20]}" for n in range(N + 1)]
    seldom = ["OTHER" if n % 2 else f"NEVER {'ABCDEFGHIJKLMNOPQRST'[n % 20]}" for n in range(N + 1)]

    steps = [f"step {'abcdefghij'[n % 10]}" for n in range(N)]

    assert found(step=[*steps, "OTHER"], often=often, seldom=seldom) == []


def test_frequent_answers_and_listed_answers_are_left_alone():
    """A value that fills a tenth of the column is what the column says; so is one that the dictionary lists."""
    frequent = pd.DataFrame({"age": [*AGES, *["unknown"] * 30], "day": [*DAYS, *["unknown"] * 2, *DAYS[:28]]})

    assert [(one.column, one.value) for one in discover_placeholders(frequent)] == [("day", "unknown")]
    assert len(discover_placeholders(frequent, max_rate=0.2)) == 2
    assert discover_placeholders(frequent, answers={"day": ["Unknown "]}) == ()
    assert discover_placeholders(frequent, columns=["age"]) == ()


def test_sodium_is_no_placeholder_of_its_column_alone():
    """Without case Na is NA: a known false alarm where another column of the table holds NA."""
    symbols = [a + b for a in "HBCNOFPSKVYIWU" for b in "abcdefghijklm"]

    assert ("symbol", "Na") in [(c, v) for c, v in found(symbol=symbols, weight=[*AGES[:181], "NA"])]
    assert found(symbol=symbols) == []


def test_what_a_suspect_tells():
    """Count, share of the filled rows, kind of column, and why."""
    frame = pd.DataFrame({"age": [*AGES, "999", "999", None, " "]})

    (suspect,) = discover_placeholders(frame)

    assert (suspect.value, suspect.n, suspect.rate, suspect.kind) == ("999", 2, 2 / 202, "number")
    assert suspect.evidence[0] in {"far from the other numbers", "one digit repeated"}
    assert suspect.strength >= 1
    assert np.flatnonzero(placeholder_mask(frame, [suspect], "age")).tolist() == [200, 201]


def test_typed_columns():
    """Numbers and dates that are stored as such are searched as well; booleans and few rows give nothing."""
    frame = pd.DataFrame(
        {
            "age": [*(20 + n % 50 for n in range(N)), 999, 999],
            "day": pd.to_datetime([*DAYS, "1900-01-01", "1900-01-01"]),
            "sure": [True] * (N + 2),
        }
    )

    suspects = discover_placeholders(frame)

    assert [(one.column, one.value[:10], one.n) for one in suspects] == [("age", "999", 2), ("day", "1900-01-01", 2)]
    assert discover_placeholders(frame.iloc[190:]) == ()
    assert discover_placeholders(frame.iloc[:0]) == discover_placeholders(pd.DataFrame()) == ()


VALUES = st.lists(
    st.sampled_from(["12", "13", "17", "999", "-", "N/A", "x1", "12", "", None]), min_size=25, max_size=40
)


@given(VALUES, VALUES, st.randoms(use_true_random=False))
def test_order_labels_and_storage_mean_nothing(one, other, shuffle):
    """Rows in another order, other labels, category columns: the same suspects."""
    size = min(len(one), len(other))
    frame = pd.DataFrame({"a": pd.Series(one[:size], dtype="str"), "b": pd.Series(other[:size], dtype="str")})
    places = list(range(size))
    shuffle.shuffle(places)

    suspects = discover_placeholders(frame)

    assert discover_placeholders(frame.iloc[places]) == suspects
    assert discover_placeholders(frame.astype("category")) == suspects


def test_generated_records_with_their_own_placeholders():
    """In forced records nearly all placeholders but white space (a blank) are found, and hardly anything else."""
    made = generate("oig-20-13", n_cases=2010, seed=3, regime="all_25")
    labels = made.answer("labels")
    labels = labels[(labels.defect == "disguised_missing") & (labels.system == "encounter")]
    planted = {(row.record_id, row.field) for row in labels.itertuples() if row.recorded.strip()}
    frame = made.frames()["encounter"]

    flagged = {
        (record, suspect.column)
        for suspect in discover_placeholders(frame)
        for record in frame.loc[placeholder_mask(frame, [suspect], suspect.column), "record_id"]
    }

    assert len(flagged & planted) >= 0.95 * len(planted)
    assert len(flagged & planted) >= 0.95 * len(flagged)


def test_no_list_is_asked():
    """The code holds none of the spellings that it finds, nor the list that comes with casegauge."""
    source = "".join(map(inspect.getsource, (discovery, discovery_evidence, discovery_profile)))
    spellings = {s for pool in (*HELD_SPELLINGS.values(), *DEVELOP_SPELLINGS.values(), PLACEHOLDERS) for s in pool}

    assert [s for s in spellings if len(s) > 3 and f'"{s}"' in source.split("Examples:")[0]] == []
    assert "PLACEHOLDERS" not in source


def test_the_halves_share_nothing():
    """No spelling and no table is in both halves; no spelling of a half stands in the code's own list of the other."""
    develop, held = ({s for pool in half.values() for s in pool} for half in (DEVELOP_SPELLINGS, HELD_SPELLINGS))

    assert develop & held == set()
    assert set(DEVELOP_HOSTS) & set(HELD_HOSTS) == set()


def test_repaired_records_hold_no_placeholder():
    """A generated host has every defect repaired that has a label: nothing is found in it."""
    assert discover_placeholders(host("oig-20-13/encounter")) == ()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"columns": ["agee"]}, "field 'agee' is not in 'records'. Did you mean 'age'"),
        ({"answers": {"agee": []}}, "field 'agee' is not in"),
        ({"max_rate": 0}, "max_rate is 0; it is a share above 0"),
    ],
)
def test_mistakes_are_told_in_one_line(asked, message):
    """What was got, what is possible."""
    with pytest.raises(RuleError, match=message):
        discover_placeholders(pd.DataFrame({"age": AGES}), **asked)
