"""Views across systems, against a nested loop over all pairs."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import Agree, Link, PresentIn, Rule, SameText, evaluate, join
from checks.views import STATUSES
from synth.errors import RuleError

LINK = Link("encounter", "case_no", "casework", "case")
LINKS = st.lists(st.sampled_from(["1", "2", "3", "4", " 3 ", "", " ", "N/A", "unk", None]), min_size=1, max_size=10)


def frames(own, theirs, *, category=False):
    kind = "category" if category else "str"
    return {
        "encounter": pd.DataFrame({"case_no": pd.Series(own, dtype="str").astype(kind)}),
        "casework": pd.DataFrame({"case": pd.Series(theirs, dtype="str").astype(kind)}),
    }


def names_nothing(link):
    return link is None or link.strip().lower() in {"", "n/a", "unk"}


def slow_join(own, theirs):
    """Partner and status of every own record, by looking at every pair of records."""
    partners, statuses = [], []
    for link in own:
        if names_nothing(link):
            partners.append(-1)
            statuses.append("blank")
            continue
        here = [i for i, other in enumerate(own) if not names_nothing(other) and other.strip() == link.strip()]
        there = [i for i, other in enumerate(theirs) if not names_nothing(other) and other.strip() == link.strip()]
        joined = len(here) == len(there) == 1
        partners.append(there[0] if joined else -1)
        repeated = len(here) > 1 or len(there) > 1
        statuses.append("joined" if joined else "ambiguous" if repeated else "unmatched")
    return partners, statuses


@given(LINKS, LINKS, st.booleans())
def test_join_equals_the_nested_loop(own, theirs, category):
    """Every record has the partner and the status a look at all pairs gives it."""
    view = join(LINK, frames(own, theirs, category=category))

    partners, statuses = slow_join(own, theirs)
    assert view.partner.tolist() == partners
    assert [STATUSES[code] for code in view.status] == statuses


@given(LINKS, LINKS)
def test_a_view_is_no_larger_than_the_smaller_system(own, theirs):
    """No record is in two pairs, so a view is at most as long as the smaller system, and the same from both sides."""
    records = frames(own, theirs)

    view, back = join(LINK, records), join(LINK.reversed(), records)

    assert len(view) <= min(len(own), len(theirs))
    assert len(set(view.right.tolist())) == len(view)
    assert set(zip(view.left.tolist(), view.right.tolist(), strict=True)) == set(
        zip(back.right.tolist(), back.left.tolist(), strict=True)
    )


RECORDS = {
    "encounter": pd.DataFrame(
        {
            "record_id": ["E0", "E1", "E2", "E3", "E4", "E5"],
            "case_no": ["1", "2", "3", "3", None, "9"],
            "custody": ["in", "in", "in", "out", "in", "in"],
        }
    ),
    "casework": pd.DataFrame(
        {"record_id": ["C0", "C1", "C2"], "case": ["2", "1", "3"], "custody": ["OUT", "in", "out"]}
    ),
}


def test_agree_judges_joined_records_only():
    """Of six encounters two are joined; one disagrees; the rest is not evaluated."""
    rule = Rule("custody", Agree("custody", "custody", LINK), system="encounter")

    result = evaluate([rule], RECORDS).results[0]

    assert result.fail.tolist() == [False, True, False, False, False, False]
    assert result.evaluated.tolist() == [True, True, False, False, False, False]
    assert result.partners["casework"].tolist() == [1, 0, -1, -1, -1, -1]
    assert result.partner_fields == {"casework": ("custody",)}


def test_flags_name_both_records_once():
    """A failing pair lists the cell of each record, each once a rule."""
    rules = [
        Rule("agree", Agree("custody", "custody", LINK), system="encounter"),
        Rule("agree back", Agree("custody", "custody", LINK.reversed()), system="casework"),
    ]

    table = evaluate(rules, RECORDS).to_frame(RECORDS)

    cells = table[["system", "record_id", "field"]].apply(tuple, axis=1).tolist()
    pair = {("encounter", "E1", "custody"), ("casework", "C0", "custody")}
    assert len(cells) == 4
    assert set(cells) == pair
    assert not table.duplicated().any()


def test_same_text_ignores_white_space_and_case():
    """The naive comparison of texts passes what differs in white space and case alone."""
    records = {
        "encounter": pd.DataFrame({"case_no": ["1", "2", "3"], "narrative": ["A  b.", "x", None]}),
        "casework": pd.DataFrame({"case": ["1", "2", "3"], "narrative": [" a B. ", "y", "z"]}),
    }

    result = evaluate([Rule("t", SameText("narrative", "narrative", LINK), system="encounter")], records).results[0]

    assert result.fail.tolist() == [False, True, False]
    assert result.evaluated.tolist() == [True, True, False]


def test_present_in():
    """A link value found nowhere in the other system fails, a repeated one does not, a blank one is not judged."""
    result = evaluate([Rule("p", PresentIn(LINK), system="encounter")], RECORDS).results[0]

    assert result.fail.tolist() == [False, False, False, False, False, True]
    assert result.evaluated.tolist() == [True, True, True, True, False, True]
    assert result.partner_fields == {"casework": ()}


def test_ten_thousand_cases_stay_ten_thousand_rows():
    """A placeholder typed in 900 records of each system joins none of them (a plain merge would make 810,000 rows)."""
    numbers = np.array([f"C{i}" for i in range(10_000)], dtype=object)
    numbers[:900] = "N/A"

    view = join(LINK, frames(numbers, numbers[::-1]))

    assert len(view) == 9_100


def test_a_link_that_starts_elsewhere_is_refused():
    """A rule about one system cannot use a link that starts at the other."""
    rule = Rule("custody", Agree("custody", "custody", LINK.reversed()), system="encounter")

    with pytest.raises(RuleError, match="the link starts at 'casework', but the rule is about 'encounter'"):
        evaluate([rule], RECORDS)
