"""Which input decides: functions whose shares of variance are known."""

import math

import numpy as np
import pytest

from benchmarks.sobol import sobol_indices

# Ishigami and Homma 1990, a = 7, b = 0.1: first-order and total shares as published (Saltelli and others 2008, p. 179).
ISHIGAMI = {"x1": (0.3139, 0.5576), "x2": (0.4424, 0.4424), "x3": (0.0, 0.2437)}


def ishigami(x):
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_the_ishigami_function_has_its_published_indices():
    """Three inputs, one of which acts only together with another."""
    one, other = np.random.default_rng(5).uniform(-math.pi, math.pi, (2, 60_000, 3))

    found = sobol_indices(ishigami, one, other, [(name, [place]) for place, name in enumerate(ISHIGAMI)])

    for each in found:
        first, total = ISHIGAMI[each.name]
        assert each.first == pytest.approx(first, abs=0.02)
        assert each.total == pytest.approx(total, abs=0.02)


def test_inputs_drawn_together_count_as_one():
    """Of x + y with y = -x: together they do nothing, and z all of it; of (x, y) apart each would seem to matter."""
    rng = np.random.default_rng(2)
    x, z = rng.normal(size=(2, 2000)), rng.normal(size=(2, 2000))
    one, other = (np.column_stack([x[side], -x[side], z[side]]) for side in (0, 1))

    pair, alone = sobol_indices(lambda v: v.sum(axis=1), one, other, [("pair", [0, 1]), ("z", [2])])

    assert pair.total == pytest.approx(0, abs=1e-12)
    assert alone.total == pytest.approx(1, abs=0.08)


def test_an_answer_that_never_changes_has_no_indices():
    """0 of 0 is undefined."""
    draws = np.random.default_rng(1).random((2, 50, 1))

    (found,) = sobol_indices(lambda v: np.ones(len(v)), draws[0], draws[1], [("a", [0])])

    assert math.isnan(found.first)
    assert math.isnan(found.total)
