"""Stateless randomness: a draw is a function of (seed, stream, index) and of nothing else.

Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3") on whole arrays.
The counter holds the block of the case index and a digest of the stream's name, the key the seed, so any slice of any
column can be drawn alone, in any order, by any number of workers, and is the same.

Everything between a draw and a cell is integer arithmetic: rates become thresholds out of 2**32 once, exactly,
from the scenario's decimal text. numpy's own generators are not used, because their draws depend on what was drawn
before, and floating-point functions are not used, because they differ between processors in the last bit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
import numpy.typing as npt

from synth.errors import CasegaugeError

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]

_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = 0x9E3779B9
_WEYL_1 = 0xBB67AE85
_ROUNDS = 10
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_PIECE = 1 << 13  # words handled at a time, so that lanes and products stay in the processor's cache
SCALE = 1 << 32  # a threshold of SCALE is certainty
MAX_SEED = (1 << 64) - 1


def philox4x32(counter: tuple[U64, U64, U64, U64], key: tuple[int, int]) -> tuple[U64, U64, U64, U64]:
    """Philox4x32-10 on arrays of 32-bit words held in uint64.

    Args:
        counter: four arrays of one shape, each word < 2**32. They are not changed.
        key: two words < 2**32.

    Returns:
        Four arrays of words < 2**32.

    References:
        Random123, known-answer vectors `philox4x32 10`.

    Examples:
        >>> zero = np.zeros(1, np.uint64)
        >>> [hex(int(word[0])) for word in philox4x32((zero, zero, zero, zero), (0, 0))]
        ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    word_0, word_1, word_2, word_3 = (np.array(words, np.uint64) for words in counter)
    return _rounds(word_0, word_1, word_2, word_3, key)


def _rounds(word_0: U64, word_1: U64, word_2: U64, word_3: U64, key: tuple[int, int]) -> tuple[U64, U64, U64, U64]:
    """Do the ten rounds in the arrays given, which hold the answer afterwards."""
    product_0, product_1 = np.empty_like(word_0), np.empty_like(word_0)
    key_0, key_1 = key
    for _ in range(_ROUNDS):
        np.multiply(word_0, _MULTIPLIER_0, out=product_0)
        np.multiply(word_2, _MULTIPLIER_1, out=product_1)
        np.right_shift(product_1, _SHIFT, out=word_0)
        word_0 ^= word_1
        word_0 ^= np.uint64(key_0)
        np.right_shift(product_0, _SHIFT, out=word_2)
        word_2 ^= word_3
        word_2 ^= np.uint64(key_1)
        np.bitwise_and(product_1, _LOW, out=word_1)
        np.bitwise_and(product_0, _LOW, out=word_3)
        key_0 = (key_0 + _WEYL_0) & 0xFFFFFFFF
        key_1 = (key_1 + _WEYL_1) & 0xFFFFFFFF
    return word_0, word_1, word_2, word_3


@cache
def stream_digest(stream: str) -> tuple[int, int]:
    """Return two stable 32-bit words for a stream's name, the same in every process and on every platform."""
    digest = hashlib.sha256(stream.encode()).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")


@dataclass(frozen=True)
class Draws:
    """All the draws of one seed.

    Args:
        seed: 0 to 2**64 - 1.
        secret: text mixed into the key, for data handed out without answers: small seeds can be tried one after
            another, a secret cannot. Empty: the seed alone is the key.

    Examples:
        >>> draws = Draws(7)
        >>> whole = draws.words("demo", np.arange(10))
        >>> bool((whole[0][4:6] == draws.words("demo", np.array([4, 5]))[0]).all())
        True
    """

    seed: int
    secret: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= MAX_SEED:
            raise CasegaugeError(f"seed {self.seed} is outside 0 to {MAX_SEED}. Choose a whole number in that range.")

    @property
    def key(self) -> tuple[int, int]:
        """The two key words."""
        number = self.seed
        if self.secret:
            text = f"{self.seed}/{self.secret}".encode()
            number = int.from_bytes(hashlib.sha256(text).digest()[:8], "little")
        return number & 0xFFFFFFFF, number >> 32

    def words(self, stream: str, index: npt.ArrayLike) -> tuple[U64, U64, U64, U64]:
        """Return four independent 32-bit words (as uint64) for every index, shape (n,) each.

        The index is a case number, or any other whole number in 0 to 2**63 - 1. A stream is read in one way only: by
        four words, by two (`pair`, `u64`) or by one (`u32`); neighbouring indices share the block that holds theirs.
        """
        word_0, word_1, word_2, word_3 = self.read(stream, index, 4)
        return word_0, word_1, word_2, word_3

    def pair(self, stream: str, index: npt.ArrayLike) -> tuple[U64, U64]:
        """Return two independent 32-bit words for every index."""
        word_0, word_1 = self.read(stream, index, 2)
        return word_0, word_1

    def u32(self, stream: str, index: npt.ArrayLike) -> U64:
        """Return one word < 2**32 for every index."""
        return self.read(stream, index, 1)[0]

    def u64(self, stream: str, index: npt.ArrayLike) -> U64:
        """Return one word < 2**64 for every index: for orderings, where ties must be out of the question."""
        low, high = self.pair(stream, index)
        return low | (high << _SHIFT)

    def read(self, stream: str, index: npt.ArrayLike, count: int) -> list[U64]:
        """Return `count` (1, 2 or 4) words for every index; a block of four serves 4 / count neighbouring indices."""
        indices = np.asarray(index, np.int64)
        per_block = 4 // count
        if indices.size > per_block and np.array_equal(indices, np.arange(indices[0], indices[0] + indices.size)):
            first, last = indices[0] // per_block, indices[-1] // per_block
            words = self._blocks(stream, np.arange(first, last + 1)).reshape(-1, count)
            start = indices[0] - first * per_block
            return [words[start : start + indices.size, lane] for lane in range(count)]
        blocks = self._blocks(stream, indices // per_block)
        lanes = indices % per_block * count
        rows = np.arange(indices.size)
        return [blocks[rows, lanes + lane] for lane in range(count)]

    def _blocks(self, stream: str, blocks: I64) -> U64:
        """Return the four words of some blocks, shape (n, 4)."""
        numbers = blocks.astype(np.uint64)
        stream_0, stream_1 = (np.uint64(word) for word in stream_digest(stream))
        key = self.key
        out = np.empty((numbers.size, 4), np.uint64)
        for start in range(0, numbers.size, _PIECE):
            piece = numbers[start : start + _PIECE]
            full_0, full_1 = np.full_like(piece, stream_0), np.full_like(piece, stream_1)
            lanes = _rounds(piece & _LOW, piece >> _SHIFT, full_0, full_1, key)
            for place, lane in enumerate(lanes):
                out[start : start + piece.size, place] = lane
        return out


def threshold(rate: Fraction) -> int:
    """Return the whole number t such that a word < 2**32 is below t with the given rate.

    Args:
        rate: an exact number in [0, 1].

    Returns:
        The nearest integer to rate x 2**32; 0 for a rate of 0 (never), 2**32 for a rate of 1 (always).

    Examples:
        >>> threshold(Fraction(1, 2)), threshold(Fraction(0)), threshold(Fraction(1)) == SCALE
        (2147483648, 0, True)
    """
    if not 0 <= rate <= 1:
        raise CasegaugeError(f"rate {float(rate):g} is outside 0 to 1.")
    return round(rate * SCALE)


def cumulative_thresholds(weights: Sequence[Fraction]) -> U64:
    """Return the upper bounds (exclusive, out of 2**32) of each choice; the last is exactly 2**32.

    Examples:
        >>> cumulative_thresholds([Fraction(1), Fraction(3)]).tolist()
        [1073741824, 4294967296]
    """
    total = sum(weights, Fraction(0))
    if total <= 0 or min(weights) < 0:
        raise CasegaugeError(
            f"weights {[float(weight) for weight in weights]} must be 0 or more and sum to more than 0."
        )
    bounds = []
    reached = Fraction(0)
    for weight in weights:
        reached += weight
        bounds.append(threshold(reached / total))
    return np.array(bounds, np.uint64)


def choose(words: U64, bounds: U64) -> I64:
    """Return the number of the choice each word falls in, given `cumulative_thresholds`.

    Examples:
        >>> choose(np.array([0, 1073741823, 1073741824], np.uint64), np.array([1073741824, 4294967296], np.uint64))
        array([0, 0, 1])
    """
    if bounds.size <= 6:
        chosen = np.zeros(words.shape, np.int64)
        for bound in bounds[:-1]:
            chosen += words >= bound
        return chosen
    return np.searchsorted(bounds, words, side="right").astype(np.int64)


def below(words: U64, count: int | I64) -> I64:
    """Return whole numbers 0 to count - 1, evenly: the high part of word x count.

    Examples:
        >>> below(np.array([0, 2**31, 2**32 - 1], np.uint64), 10)
        array([0, 5, 9])
    """
    return ((words * np.asarray(count).astype(np.uint64)) >> _SHIFT).astype(np.int64)


def permuted(values: I64, draws: Draws, stream: str) -> I64:
    """Return a keyed permutation of the whole numbers 0 to 2**32 - 1 (an eight-round Feistel network).

    Args:
        values: numbers in 0 to 2**32 - 1, shape (n,).
        draws: the seed.
        stream: the name of the permutation.

    Returns:
        Distinct numbers for distinct values, in the same range; neighbours land far apart.
    """
    round_keys = draws.u32(f"permutation/{stream}", np.arange(8))
    left = values.astype(np.uint64) >> np.uint64(16)
    right = values.astype(np.uint64) & np.uint64(0xFFFF)
    for round_key in round_keys:
        mixed = (right + round_key) & _LOW
        mixed ^= mixed >> np.uint64(16)
        mixed = (mixed * np.uint64(0x85EBCA6B)) & _LOW
        mixed ^= mixed >> np.uint64(13)
        mixed = (mixed * np.uint64(0xC2B2AE35)) & _LOW
        mixed ^= mixed >> np.uint64(16)
        left, right = right, left ^ (mixed & np.uint64(0xFFFF))
    return ((left << np.uint64(16)) | right).astype(np.int64)
