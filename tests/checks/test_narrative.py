"""Facts read from text."""

import datetime as dt

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import Agree, Fact, Link, Rule, evaluate
from checks.narrative import differ, patterns_of, read_fact
from synth.errors import RuleError

DAY, CLOCK, COUNT = Fact("day", "date"), Fact("clock", "time"), Fact("n", "count", ("{value} documents",))
HELD = Fact("held", "enum", values=(("held", ("in custody",)), ("released", ("not held", "no longer held"))))
NEAR, MANY = Fact("near", "time", tolerance=10), Fact("many", "count", ("{value} documents",), tolerance=2)
READ = [
    (DAY, "On 2031-03-05 at noon", "2031-03-05"),
    (DAY, "on 5 March 2031.", "2031-03-05"),
    (DAY, "on 5th of march, 2031", "2031-03-05"),
    (DAY, "on March 5, 2031,", "2031-03-05"),
    (DAY, "Sept. 15th 2031", "2031-09-15"),
    (DAY, "03/05/2031", "2031-03-05"),
    (DAY, "13/05/2031", None),
    (DAY, "2031-00-05", None),
    (DAY, "file 12031-03-05", None),
    (DAY, "no day", None),
    (DAY, None, None),
    (CLOCK, "at 14:30 I", "14:30"),
    (CLOCK, "at 9:05", "09:05"),
    (CLOCK, "1430 hrs", "14:30"),
    (CLOCK, "0905h", "09:05"),
    (CLOCK, "2:30 p.m.", "14:30"),
    (CLOCK, "2:30PM", "14:30"),
    (CLOCK, "12:10 a.m.", "00:10"),
    (CLOCK, "12:10 pm", "12:10"),
    (CLOCK, "at 7 a.m. sharp", "07:00"),
    (CLOCK, "99:99", None),
    (CLOCK, "2561 hrs", None),
    (COUNT, "I saw 3 documents", "3"),
    (COUNT, "Three documents", "3"),
    (COUNT, "003 documents", "3"),
    (COUNT, "3 persons", None),
    (COUNT, "7", "7"),
    (HELD, "the subject was In Custody", "held"),
    (HELD, "was not held", "released"),
    (HELD, "held", "held"),
    (HELD, "they held a meeting", None),
    (HELD, "Released", "released"),
    (HELD, "withheld", None),
    (HELD, "in custody at first, since not held", "held"),
    (HELD, "no longer held, in custody before", "released"),
    (CLOCK, "at about 14:30", "14:30"),
    (NEAR, "at about 14:30 I", "~14:30"),
    (NEAR, "Around 2:30 p.m. I", "~14:30"),
    (NEAR, "approximately 1430 hrs", "~14:30"),
    (NEAR, "approx. 7 a.m.", "~07:00"),
    (NEAR, "ca.14:30", "~14:30"),
    (NEAR, "the turnaround 14:30", "14:30"),
    (NEAR, "about it: 14:30", "14:30"),
    (NEAR, "about 99:99", None),
    (NEAR, "14:30", "14:30"),
    (MANY, "roughly forty, no, about 40 documents", "~40"),
    (MANY, "circa three documents", "~3"),
    (MANY, "40 documents", "40"),
]
APART = [
    (NEAR, "about 14:30", "14:40", False),
    (NEAR, "about 14:30", "14:41", True),
    (NEAR, "14:20", "around 2:30 p.m.", False),
    (NEAR, "14:30", "14:31", True),
    (NEAR, "about 14:30", "about 14:45", True),
    (NEAR, "about 00:00", "23:50", False),
    (NEAR, "about 00:00", "23:49", True),
    (NEAR, "about 14:30", "no time", False),
    (CLOCK, "about 14:30", "14:31", True),
    (MANY, "about 40 documents", "42 documents", False),
    (MANY, "about 40 documents", "43 documents", True),
    (MANY, "40 documents", "41 documents", True),
    (None, "about 14:30", "14:30", True),
]


@pytest.mark.parametrize(("fact", "one", "other", "apart"), APART, ids=[f"{a} {b}" for _, a, b, _ in APART])
def test_what_is_said_to_be_about_right_is_given_some_room(fact, one, other, apart):
    """The tolerance counts where one side says "about", both ends included, around the clock; else not at all."""
    sides = [pa.array([None, text, text], pa.large_string()) for text in (one, other)]
    read = sides if fact is None else [read_fact(fact, side) for side in sides]

    assert differ(fact, *read).tolist() == [False, apart, apart]
    assert differ(fact, *reversed(read)).tolist() == [False, apart, apart]


@pytest.mark.parametrize(("fact", "text", "value"), READ, ids=[f"{f.kind}-{t}" for f, t, _ in READ])
def test_one_text(fact, text, value):
    """A fact is read from the spellings listed, and from nothing else."""
    assert read_fact(fact, pa.array([text], pa.large_string())).to_pylist() == [value]


@given(
    st.dates(min_value=dt.date(1900, 1, 1)),
    st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%m/%d/%Y", "%d %b %Y"]),
)
def test_every_date_is_read_back(date, form):
    """A date is the same in every format that names its month."""
    text = f"Seen on {date.strftime(form)} at the desk."

    assert read_fact(DAY, pa.array([text])).to_pylist() == [date.isoformat()]


@given(st.times(), st.sampled_from(["%H:%M", "%H%M hrs", "%I:%M %p", "%I:%M%p"]))
def test_every_time_is_read_back(time, form):
    """A time of day is the same on the 24-hour and the 12-hour clock."""
    text = f"It began at {time.strftime(form)}."

    assert read_fact(CLOCK, pa.array([text])).to_pylist() == [time.strftime("%H:%M")]


def test_contexts_are_tried_in_order():
    """The first context that is found counts, wherever it stands; without one, a bare value does."""
    fact = Fact("seen", "date", ("seen on {value}", "on {value}"))
    texts = pa.array(["on 2031-01-01, seen on 2031-01-02", "on 2031-01-03", "2031-01-04", "since 2031-01-05"])

    assert read_fact(fact, texts).to_pylist() == ["2031-01-02", "2031-01-03", "2031-01-04", None]


REFUSED = [
    (Fact("x", "enum"), "enum without values"),
    (Fact("x", "date", ("seen on",)), "must hold {value} once"),
    (Fact("x", "date", ("(seen) on {value}",)), "cannot be read"),
    (Fact("x", "date", tolerance=3), "only times and counts have a tolerance"),
    (Fact("x", "enum", values=(("a", ("held",)), ("b", ("Held",)))), "'Held' stands for 'a' and for 'b'"),
]


@pytest.mark.parametrize(("fact", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_refused(fact, message):
    """A fact that cannot be read is refused with its name."""
    with pytest.raises(RuleError, match=f"fact 'x'.*{message}"):
        patterns_of(fact)


@pytest.mark.parametrize("kind", ["str", "category"])
def test_narratives_of_two_systems(kind):
    """Other words for one fact agree, another fact does not, and silence is not judged."""
    link = Link("encounter", "case_no", "casework", "case_no")
    records = {
        "encounter": pd.DataFrame(
            {
                "case_no": ["1", "2", "3", "4"],
                "narrative": ["I came at 2:30 p.m.", "I came at 14:30", "I came late", None],
            }
        ).astype({"narrative": kind}),
        "casework": pd.DataFrame(
            {"case_no": ["4", "3", "2", "1"], "narrative": ["At 14:30.", "At 14:30.", "At 15:30.", "At 1430 hrs."]}
        ).astype({"narrative": kind}),
    }

    result = evaluate([Rule("t", Agree("narrative", "narrative", link, CLOCK), system="encounter")], records).results[0]

    assert result.fail.tolist() == [False, True, False, False]
    assert result.evaluated.tolist() == [True, True, False, False]


def test_narrative_and_field_of_one_record():
    """Without a link the two sides are fields of one record, and both are blamed."""
    frame = pd.DataFrame({"day": ["2031-03-05", "2031-03-06", "N/A"], "narrative": ["On 5 March 2031."] * 3})

    result = evaluate([Rule("d", Agree("narrative", "day", fact=DAY))], frame).results[0]

    assert result.fail.tolist() == [False, True, False]
    assert result.evaluated.tolist() == [True, True, False]
    assert set(result.blamed) == {"narrative", "day"}
