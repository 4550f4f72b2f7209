"""The one chart: every value inside its axis, well-formed, and labelled with the values that were given."""

import math
import re
from xml.etree import ElementTree as ET

import pytest
from hand_made import cells, contrast_of
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.chart import LEFT, NAMES, RIGHT, TRUE, WIDTH, Bar, axis_range, draw, regime_chart

SHARE = st.floats(0, 1)
NAME = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)
BARS = st.lists(st.builds(Bar, NAME, SHARE, SHARE, SHARE), min_size=1, max_size=6)
SVG = "{http://www.w3.org/2000/svg}"


@given(st.lists(SHARE, min_size=1))
def test_the_axis_holds_every_value(values):
    """The ends lie within 0 and 1, hold all values and are at least four hundredths apart."""
    low, high = axis_range(values)

    assert 0 <= low <= min(values)
    assert max(values) <= high <= 1
    assert high - low >= 0.04 - 1e-9
    assert (round(low * 50) / 50, round(high * 50) / 50) == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("values", "ends"),
    [([0.959, 0.994], (0.94, 1)), ([0], (0, 0.04)), ([1], (0.96, 1)), ([0.577, 1], (0.56, 1)), ([0.5], (0.46, 0.5))],
)
def test_axis_ends_worked_out_by_hand(values, ends):
    """Ends are even percentages, the lower one clear of the lowest value."""
    assert axis_range(values) == pytest.approx(ends)


@settings(max_examples=30)
@given(BARS)
def test_the_chart_is_well_formed_and_says_its_values(bars):
    """Whatever the names, the picture parses, and each bar's three values stand in it and in its description."""
    picture = ET.fromstring(draw(bars))  # noqa: S314  # made here

    texts = [text.text for text in picture.iter(f"{SVG}text")]
    for bar in bars:
        assert bar.name in texts
        assert f"{100 * bar.measured:.1f} %" in texts
        assert f"{100 * bar.true:.1f} %" in texts
        assert f"hidden wrong {100 * bar.hidden_wrong:.1f} %" in texts
        assert f"measured {100 * bar.measured:.1f} %, true {100 * bar.true:.1f} %" in picture.get("aria-label")


@settings(max_examples=30)
@given(BARS)
def test_dots_lie_where_the_axis_says(bars):
    """The place of each dot, read back on the axis's own numbers, is the value it stands for."""
    picture = ET.fromstring(draw(bars))  # noqa: S314  # made here

    ticks = [
        (float(text.get("x")), text.text) for text in picture.iter(f"{SVG}text") if text.get("text-anchor") == "middle"
    ]
    (left, low), (right, high) = [(x, int(words.split()[0]) / 100) for x, words in (ticks[0], ticks[-1])]
    dots = list(picture.iter(f"{SVG}circle"))[2:]
    for number, bar in enumerate(bars):
        for dot, value in zip(dots[2 * number :], (bar.measured, bar.true), strict=False):
            found = low + (float(dot.get("cx")) - left) / (right - left) * (high - low)
            assert found == pytest.approx(value, abs=0.0002)
    assert all(dot.get("fill") == TRUE for dot in dots[1::2])


@settings(max_examples=30)
@given(BARS)
def test_no_value_is_written_over_a_name_or_the_edge(bars):
    """A value of up to seven signs (8 points wide each) stands clear of the names and of the edge."""
    picture = ET.fromstring(draw(bars))  # noqa: S314  # made here

    for text in picture.iter(f"{SVG}text"):
        if re.fullmatch(r"[\d.]+ %", text.text) and text.get("text-anchor") != "middle":
            x = float(text.get("x"))
            assert x - 56 > NAMES - 10 if text.get("text-anchor") == "end" else x + 56 <= WIDTH
    assert LEFT > NAMES
    assert RIGHT >= 13 + 56


def test_a_regime_without_records_has_no_dots():
    """Where there was nothing to count, the row says so, and no coordinate or label is NaN."""
    text = draw([Bar("here", 0.9, 0.8, 0.1), Bar("gone", math.nan, 0.0, 0.0)])

    assert "undefined" in text
    assert "nan" not in text
    assert text.count("<circle") == 2 + 2
    assert ET.fromstring(draw([Bar("gone", math.nan, math.nan, math.nan)])) is not None  # noqa: S314  # made here


def test_the_chart_of_regimes_shows_measured_and_true_of_each():
    """Six of ten cells filled and five right: 60 % and 50 %, in the order of the regimes."""
    text = regime_chart(contrast_of(cells("base", 5, 1, blank=4), cells("next", 7, 3)))

    assert 'aria-label="base: measured 60.0 %, true 50.0 %; next: measured 100.0 %, true 70.0 %"' in text
    assert text.count("hidden wrong 10.0 %") == text.count("hidden wrong 30.0 %") == 1
