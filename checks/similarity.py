"""How alike two columns of texts are, row by row: lengths, words, runs of three signs.

Words and runs become integers, all rows of a block at once; a block is small enough to stay in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Floats: TypeAlias = npt.NDArray[np.float64]
_Codes: TypeAlias = npt.NDArray[np.int64]
_Bytes: TypeAlias = npt.NDArray[np.uint8]
_TEXT = pa.large_string()
_BLOCK = 10_000  # rows; fewer than 2**14
_NAME = 49  # bits that name a word, beside its row
_BASE = 0x9E3779B97F4A7C15  # of the polynomial that names a word; odd
_IN_WORDS = np.array([chr(code).isalnum() or code >= 128 for code in range(256)])


def length_ratio(own: pa.Array, other: pa.Array) -> Floats:
    """Return characters of the longer text over those of the shorter, 1 where either is null or empty.

    Examples:
        >>> length_ratio(pa.array(["abcd", "ab", None]), pa.array(["ab", "ab", "ab"]))
        array([2., 1., 1.])
    """
    lengths = [np.asarray(pc.utf8_length(side).fill_null(0).to_numpy(zero_copy_only=False)) for side in (own, other)]
    shorter, longer = np.minimum(*lengths), np.maximum(*lengths)
    return np.asarray(np.where(shorter > 0, longer / np.maximum(1, shorter), 1.0), dtype=np.float64)


def word_overlap(own: pa.Array, other: pa.Array) -> Floats:
    """Return the share of the words of either text that both have (Jaccard), without case and punctuation.

    1 where neither has a word; null counts as a text without words.

    Examples:
        >>> word_overlap(pa.array(["On 5 March, at noon", "a b"]), pa.array(["at noon on 6 March", "c"]))
        array([0.66666667, 0.        ])
    """
    return _by_block(own, other, _word_overlap)


def trigram_cosine(own: pa.Array, other: pa.Array) -> Floats:
    """Return the cosine of the counts of three signs (bytes of UTF-8) in a row, without case.

    1 where the texts are equal, also where both are shorter than three signs; null counts as the empty text.

    Examples:
        >>> trigram_cosine(pa.array(["held", "abc"]), pa.array(["held", "xyz"])).round(6)
        array([1., 0.])
    """
    return _by_block(own, other, _trigram_cosine)


def _by_block(own: pa.Array, other: pa.Array, likeness: Callable[[pa.Array, pa.Array], Floats]) -> Floats:
    sides = [pc.utf8_lower(side.cast(_TEXT)).fill_null("") for side in (own, other)]
    blocks = [likeness(*(side.slice(start, _BLOCK) for side in sides)) for start in range(0, len(own), _BLOCK)]
    return np.concatenate([np.zeros(0), *blocks])


def _word_overlap(own: pa.Array, other: pa.Array) -> Floats:
    left, right = (_distinct(_words(side))[0] for side in (own, other))
    n_rows = len(own)
    in_both = np.bincount(np.intersect1d(left, right, assume_unique=True) >> _NAME, minlength=n_rows)
    either = np.bincount(left >> _NAME, minlength=n_rows) + np.bincount(right >> _NAME, minlength=n_rows) - in_both
    return np.asarray(np.where(either > 0, in_both / np.maximum(1, either), 1.0), dtype=np.float64)


def _trigram_cosine(own: pa.Array, other: pa.Array) -> Floats:
    n_rows = len(own)
    (left, n_left), (right, n_right) = _trigrams(own), _trigrams(other)
    common, at_left, at_right = np.intersect1d(left, right, assume_unique=True, return_indices=True)
    dot = np.bincount(common >> 24, weights=n_left[at_left] * n_right[at_right], minlength=n_rows)
    norms = [
        np.sqrt(np.bincount(codes >> 24, weights=counts * counts, minlength=n_rows))
        for codes, counts in ((left, n_left), (right, n_right))
    ]
    product = norms[0] * norms[1]
    equal = np.asarray(pc.equal(own, other).to_numpy(zero_copy_only=False), dtype=bool)
    return np.asarray(np.where(equal, 1.0, dot / np.where(product > 0, product, 1.0)), dtype=np.float64)


def _signs(texts: pa.Array) -> tuple[_Codes, _Bytes]:
    """The row of every byte, and the bytes."""
    lengths = np.asarray(pc.binary_length(texts).to_numpy(zero_copy_only=False), dtype=np.int64)
    signs = np.frombuffer("".join(texts.to_pylist()).encode(), dtype=np.uint8)
    return np.repeat(np.arange(len(texts), dtype=np.int64), lengths), signs


def _words(texts: pa.Array) -> _Codes:
    """Row * 2**49 + the 49 highest bits of the integer that names the word: a polynomial over its bytes."""
    rows, signs = _signs(texts)
    if len(signs) and signs.max() >= 128:  # punctuation beyond ASCII
        rows, signs = _signs(pc.replace_substring_regex(texts, r"[^\pL\pN]+", " "))
    inside = _IN_WORDS[signs]
    apart = np.ones(len(signs) + 1, dtype=bool)
    apart[1:-1] = rows[1:] != rows[:-1]
    before = np.concatenate([[False], inside])
    start = np.flatnonzero(inside & (~before[:-1] | apart[:-1]))
    after = np.concatenate([inside[1:], [False]]) if len(inside) else inside
    end = np.flatnonzero(inside & (~after | apart[1:])) + 1
    lengths = end - start
    place = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    letters = signs[np.repeat(start, lengths) + place].astype(np.uint64) + np.uint64(1)
    with np.errstate(over="ignore"):
        powers = np.cumprod(np.full(int(lengths.max(initial=0)) + 1, _BASE, dtype=np.uint64))
        total = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(letters * powers[place])])
        ends = np.cumsum(lengths)
        named = total[ends] - total[ends - lengths]
    return np.asarray((rows[start] << _NAME) | (named >> np.uint64(64 - _NAME)).astype(np.int64), dtype=np.int64)


def _trigrams(texts: pa.Array) -> tuple[_Codes, Floats]:
    """Row * 2**24 + three bytes, each once and ascending, and how often."""
    rows, signs = _signs(texts)
    if len(signs) < 3:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    wide = signs.astype(np.int64)
    codes = (rows[:-2] << 24) | (wide[:-2] << 16) | (wide[1:-1] << 8) | wide[2:]
    return _distinct(codes[rows[:-2] == rows[2:]])


def _distinct(codes: _Codes) -> tuple[_Codes, Floats]:
    """Each integer once, ascending, and how often."""
    if not len(codes):
        return codes, np.zeros(0)
    ordered = np.sort(codes)
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return ordered[first], np.diff(np.append(first, len(ordered))).astype(np.float64)
