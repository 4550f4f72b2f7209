"""Draws are Philox words of (seed, stream, index), even, and independent of everything else."""

import hashlib
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import philox
from worlds import LOOK, SEEDS

from synth.draws import (
    SCALE,
    Draws,
    below,
    choose,
    cumulative_thresholds,
    permuted,
    philox4x32,
    stream_digest,
    threshold,
)

# Random123 1.14, kat_vectors, `philox4x32 10`
KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]
WORD = st.integers(0, 2**32 - 1)


def numbers(text):
    """Hexadecimal words as numbers."""
    return [int(word, 16) for word in text.split()]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_known_answers(counter, key, answer):
    """Random123's published vectors, by the array version and by the plain one."""
    words = philox4x32(tuple(np.array([word], np.uint64) for word in numbers(counter)), tuple(numbers(key)))

    assert [int(word[0]) for word in words] == numbers(answer)
    assert philox(numbers(counter), numbers(key)) == numbers(answer)


@LOOK
@given(st.lists(st.tuples(WORD, WORD, WORD, WORD), min_size=1, max_size=8), st.tuples(WORD, WORD))
def test_arrays_equal_plain_numbers(counters, key):
    """Any counters and key give what plain Python numbers give, and the counter is left as it was."""
    lanes = tuple(np.array(lane, np.uint64) for lane in zip(*counters, strict=True))
    kept = [lane.copy() for lane in lanes]
    found = np.stack(philox4x32(lanes, key), axis=1).tolist()

    assert found == [philox(counter, key) for counter in counters]
    assert all((lane == before).all() for lane, before in zip(lanes, kept, strict=True))


@LOOK
@given(SEEDS, st.text(max_size=20), st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=6))
def test_words_are_a_function_of_seed_stream_and_index(seed, stream, indices):
    """The counter is the index and the SHA-256 of the stream's name, the key is the seed, all little-endian."""
    digest = hashlib.sha256(stream.encode()).digest()
    stream_words = [int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")]
    key = (seed % 2**32, seed >> 32)
    found = np.stack(Draws(seed).words(stream, np.array(indices)), axis=1).tolist()

    assert found == [philox([index % 2**32, index >> 32, *stream_words], key) for index in indices]
    assert list(stream_digest(stream)) == stream_words


@LOOK
@given(SEEDS, st.integers(0, 2**62), st.integers(1, 40), st.permutations(range(12)))
def test_two_words_and_one_word_share_the_block_with_their_neighbours(seed, first, size, order):
    """Index i reads words 2 (i mod 2) and on of block i div 2, or word i mod 4 of block i div 4, however asked."""
    digest = hashlib.sha256(b"s").digest()
    stream_words = [int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")]
    key = (seed % 2**32, seed >> 32)

    def block(number):
        return philox([number % 2**32, number >> 32, *stream_words], key)

    for indices in ([first + step for step in range(size)], [first + step for step in order]):
        pairs = np.stack(Draws(seed).pair("s", np.array(indices)), axis=1).tolist()
        singles = Draws(seed).u32("s", np.array(indices)).tolist()

        assert pairs == [block(i // 2)[i % 2 * 2 : i % 2 * 2 + 2] for i in indices]
        assert singles == [block(i // 4)[i % 4] for i in indices]
        assert Draws(seed).u64("s", np.array(indices)).tolist() == [low + (high << 32) for low, high in pairs]


def test_a_slice_is_a_slice():
    """Words of 40,000 indices are the words of each alone, beyond the pieces they are worked on in."""
    draws = Draws(99)
    whole = draws.u64("s", np.arange(40_000))
    places = [0, 1, 16_383, 16_384, 32_768, 39_999]

    assert whole[places].tolist() == [int(draws.u64("s", np.array([place]))[0]) for place in places]
    assert whole[30_000:30_010].tolist() == draws.u64("s", np.arange(30_000, 30_010)).tolist()


def chi_square(counts):
    """Pearson's statistic against equal shares."""
    expected = sum(counts) / len(counts)
    return sum((count - expected) ** 2 / expected for count in counts)


def upper(cells, sigmas=4.5):
    """A value that Pearson's statistic with `cells` equal cells exceeds with chance < 1e-5 (Wilson-Hilferty)."""
    free = cells - 1
    return free * (1 - 2 / (9 * free) + sigmas * math.sqrt(2 / (9 * free))) ** 3


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_words_are_even(seed):
    """Each lane falls evenly into 256 cells, by its high and by its low byte; lanes and streams are uncorrelated."""
    lanes = Draws(seed).words("even", np.arange(100_000))
    other = Draws(seed).u32("even2", np.arange(100_000))
    for lane in (*lanes, other):
        for byte in (lane >> np.uint64(24), lane & np.uint64(255)):
            assert chi_square(np.bincount(byte.astype(np.int64), minlength=256)) < upper(256)
    unit = np.stack([*lanes, other, *Draws(seed + 1 if seed < 2**64 - 1 else 5).words("even", np.arange(100_000))])
    correlations = np.corrcoef(unit.astype(np.float64)) - np.eye(len(unit))

    assert np.abs(correlations).max() < 5 / math.sqrt(100_000)


@LOOK
@given(
    st.lists(st.decimals(0, 100, places=3), min_size=1, max_size=12).filter(any),
    st.lists(WORD, min_size=1, max_size=20),
)
def test_choices_are_the_exact_shares(weights, words):
    """The choice of a word is the first whose cumulative share reaches beyond it; the last bound is certain."""
    exact = [Fraction(weight) for weight in weights]
    bounds = cumulative_thresholds(exact)
    reached = [round(sum(exact[: place + 1]) / sum(exact) * SCALE) for place in range(len(exact))]

    words = [*words, *(edge for bound in reached for edge in (bound - 1, bound) if 0 <= edge < SCALE)]

    assert bounds.tolist() == reached
    assert int(bounds[-1]) == 2**32
    assert choose(np.array(words, np.uint64), bounds).tolist() == [
        next(place for place, bound in enumerate(reached) if word < bound) for word in words
    ]


@LOOK
@given(st.lists(WORD, min_size=1, max_size=20), st.integers(1, 2**31))
def test_below_is_the_high_part_of_the_product(words, count):
    """A word becomes floor(word x count / 2**32): 0 to count - 1, evenly."""
    assert below(np.array(words, np.uint64), count).tolist() == [word * count // 2**32 for word in words]


def test_thresholds_by_hand():
    """A rate of 0 is never, of 1 always, of 1/2 the half, of 1/3 the nearest whole number."""
    assert [threshold(Fraction(*rate)) for rate in ((0, 1), (1, 1), (1, 2), (1, 3))] == [0, 2**32, 2**31, 1_431_655_765]


def test_certainty_is_certain():
    """The largest word is below a threshold of 1, and the smallest is not below one of 0."""
    assert threshold(Fraction(1)) > 2**32 - 1
    assert not threshold(Fraction(0)) > 0


def test_permuted_is_one_to_one():
    """200,000 neighbours and 200,000 far numbers land on different numbers below 2**32, evenly, unlike elsewhere."""
    near, far = np.arange(200_000), np.arange(200_000) * 20_011 + 17
    for seed in (0, 7):
        found = [permuted(values, Draws(seed), "s") for values in (near, far)]
        for image in found:
            assert np.unique(image).size == image.size
            assert 0 <= image.min() <= image.max() < 2**32
            assert chi_square(np.bincount(image >> 24, minlength=256)) < upper(256)
    assert np.mean(permuted(near, Draws(7), "t") == found[0]) < 0.001
    assert np.abs(np.corrcoef(near, found[0])[0, 1]) < 5 / math.sqrt(near.size)


@LOOK
@given(SEEDS, st.integers(0, 2**32 - 1))
def test_permuted_can_be_undone(seed, value):
    """The eight rounds, run backwards on plain numbers, give the number back: no two numbers share an image."""
    draws = Draws(seed)
    image = int(permuted(np.array([value]), draws, "s")[0])
    left, right = image >> 16, image & 0xFFFF
    for key in reversed(draws.u32("permutation/s", np.arange(8)).tolist()):
        mixed = (left + key) % 2**32
        mixed ^= mixed >> 16
        mixed = mixed * 0x85EBCA6B % 2**32
        mixed ^= mixed >> 13
        mixed = mixed * 0xC2B2AE35 % 2**32
        mixed ^= mixed >> 16
        left, right = right ^ (mixed & 0xFFFF), left

    assert (left << 16 | right) == value


@LOOK
@given(SEEDS, st.text(min_size=1, max_size=10))
def test_a_secret_makes_another_key(seed, secret):
    """The key with a secret is the first eight bytes of SHA-256("seed/secret")."""
    number = int.from_bytes(hashlib.sha256(f"{seed}/{secret}".encode()).digest()[:8], "little")

    assert Draws(seed, secret).key == (number % 2**32, number >> 32)
    assert Draws(seed).key == (seed % 2**32, seed >> 32)
