"""How alike two columns of texts are, row by row: lengths, words, runs of three signs."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Floats: TypeAlias = npt.NDArray[np.float64]
_Codes: TypeAlias = npt.NDArray[np.int64]
_TEXT = pa.large_string()


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
    n_rows = len(own)
    sides = [_words(side) for side in (own, other)]
    dictionary = pc.dictionary_encode(pa.concat_arrays([words for _, words in sides])).indices
    codes = np.asarray(dictionary.to_numpy(zero_copy_only=False), dtype=np.int64)
    n_words = int(codes.max(initial=0)) + 1
    split = len(sides[0][0])
    left = np.unique(sides[0][0] * n_words + codes[:split])
    right = np.unique(sides[1][0] * n_words + codes[split:])
    both = np.bincount(np.intersect1d(left, right, assume_unique=True) // n_words, minlength=n_rows)
    either = np.bincount(left // n_words, minlength=n_rows) + np.bincount(right // n_words, minlength=n_rows) - both
    return np.asarray(np.where(either > 0, both / np.maximum(1, either), 1.0), dtype=np.float64)


def trigram_cosine(own: pa.Array, other: pa.Array) -> Floats:
    """Return the cosine of the counts of three signs (bytes of UTF-8) in a row, without case.

    1 where the texts are equal, also where both are shorter than three signs; null counts as the empty text.

    Examples:
        >>> trigram_cosine(pa.array(["held", "abc"]), pa.array(["held", "xyz"])).round(6)
        array([1., 0.])
    """
    n_rows = len(own)
    texts = [pc.utf8_lower(side.cast(_TEXT)).fill_null("") for side in (own, other)]
    (left, n_left), (right, n_right) = (_trigrams(text) for text in texts)
    common, at_left, at_right = np.intersect1d(left, right, assume_unique=True, return_indices=True)
    dot = np.bincount(common >> 24, weights=n_left[at_left] * n_right[at_right], minlength=n_rows)
    norms = [
        np.sqrt(np.bincount(codes >> 24, weights=counts * counts, minlength=n_rows))
        for codes, counts in ((left, n_left), (right, n_right))
    ]
    product = norms[0] * norms[1]
    equal = np.asarray(pc.equal(*texts).to_numpy(zero_copy_only=False), dtype=bool)
    return np.asarray(np.where(equal, 1.0, dot / np.where(product > 0, product, 1.0)), dtype=np.float64)


def _words(texts: pa.Array) -> tuple[_Codes, pa.Array]:
    """The row of every word, and the words."""
    plain = pc.replace_substring_regex(pc.utf8_lower(texts.cast(_TEXT)).fill_null(""), r"[^\pL\pN]+", " ")
    lists = pc.utf8_split_whitespace(pc.utf8_trim_whitespace(plain))
    words, rows = pc.list_flatten(lists), pc.list_parent_indices(lists)
    there = pc.not_equal(words, "")
    row_of = np.asarray(rows.filter(there).to_numpy(zero_copy_only=False), dtype=np.int64)
    return row_of, words.filter(there).cast(_TEXT)


def _trigrams(texts: pa.Array) -> tuple[_Codes, Floats]:
    """Row * 2**24 + three bytes, each once and ascending, and how often."""
    lengths = np.asarray(pc.binary_length(texts).to_numpy(zero_copy_only=False), dtype=np.int64)
    signs = np.frombuffer("".join(texts.to_pylist()).encode(), dtype=np.uint8).astype(np.int64)
    if len(signs) < 3:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    rows = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
    codes = (rows[:-2] << 24) | (signs[:-2] << 16) | (signs[1:-1] << 8) | signs[2:]
    found, counts = np.unique(codes[rows[:-2] == rows[2:]], return_counts=True)
    return found, counts.astype(np.float64)
