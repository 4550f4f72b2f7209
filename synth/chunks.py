"""Where a case sits: its verdict block, its chunk, its officer and the officer's previous case.

All of it is a function of the seed and the case index. A chunk has 4,096 cases, 256 rounds of 16; in each round a
keyed permutation gives each of the chunk's 16 officers one case. The officer's previous case is therefore found in
the round before, always has a smaller index, and so is always in the data.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from synth.draws import I64, Draws, below
from synth.errors import CasegaugeError

CHUNK = 4096
ROUND = 16  # cases in a round, and officers of a chunk
ROUNDS = CHUNK // ROUND
MAX_CASES = 1 << 31


def largest_remainder(counts: Sequence[int], total: int) -> list[int]:
    """Share `total` out in proportion to `counts`: floors, then the largest remainders, ties to the earlier.

    Examples:
        >>> largest_remainder([44, 11, 12], 67), largest_remainder([44, 11, 12], 100)
        ([44, 11, 12], [66, 16, 18])
    """
    whole = sum(counts)
    shares = [count * total // whole for count in counts]
    order = sorted(range(len(counts)), key=lambda place: (-(counts[place] * total % whole), place))
    for place in order[: total - sum(shares)]:
        shares[place] += 1
    return shares


def check_n_cases(n_cases: int) -> None:
    """Refuse a number of cases that cannot be generated."""
    if not 1 <= n_cases <= MAX_CASES:
        raise CasegaugeError(
            f"{n_cases} cases asked for; possible are 1 to {MAX_CASES:,}. Choose a number in that range."
        )


def verdict_codes(draws: Draws, counts: Sequence[int], index: I64, n_cases: int | None = None) -> npt.NDArray[np.int8]:
    """Return the drawn verdict of each case as the position in `counts`.

    A block has as many cases as `counts` sum to and holds exactly those counts, in keyed order. The last, partial
    block of `n_cases` holds the largest-remainder counts; without `n_cases` every block is whole.

    Args:
        draws: the seed.
        counts: cases per verdict in a whole block.
        index: case numbers, shape (n,).
        n_cases: how many cases there are in all.
    """
    size = sum(counts)
    out = np.empty(index.shape, np.int8)
    blocks, place = np.unique(index // size, return_inverse=True)
    words = draws.u64("verdict", (blocks[:, None] * size + np.arange(size)).ravel()).reshape(-1, size)
    out[:] = _by_rank(words, counts)[place, index % size]
    if n_cases is not None and n_cases % size:
        rest = n_cases % size
        partial = np.flatnonzero(blocks == n_cases // size)
        if partial.size:
            verdicts = _by_rank(words[partial, :rest], largest_remainder(counts, rest))[0]
            rows = np.flatnonzero(place == partial[0])
            out[rows] = verdicts[index[rows] % size]
    return out


def _by_rank(words: npt.NDArray[np.uint64], counts: Sequence[int]) -> npt.NDArray[np.int8]:
    """Give the smallest words the first verdict, and so on, row by row."""
    verdict_of_rank = np.repeat(np.arange(len(counts), dtype=np.int8), counts)
    order = np.argsort(words, axis=1, kind="stable")
    out = np.empty(words.shape, np.int8)
    np.put_along_axis(out, order, np.broadcast_to(verdict_of_rank, words.shape), axis=1)
    return out


def _seating(draws: Draws, rounds: I64) -> I64:
    """Return, for each round, which of its 16 cases each officer handles: shape (n, 16)."""
    cases = (rounds[:, None] * ROUND + np.arange(ROUND)).ravel()
    return np.argsort(draws.u64("seat", cases).reshape(-1, ROUND), axis=1, kind="stable").astype(np.int64)


def officer_numbers(draws: Draws, index: I64) -> I64:
    """Return the number of the officer who handled each case; 16 officers a chunk."""
    rounds, place = np.unique(index // ROUND, return_inverse=True)
    officers = np.empty((rounds.size, ROUND), np.int64)
    np.put_along_axis(officers, _seating(draws, rounds), np.broadcast_to(np.arange(ROUND), officers.shape), axis=1)
    return (index // CHUNK) * ROUND + officers[place, index % ROUND]


def previous_cases(draws: Draws, index: I64, officers: I64 | None = None) -> I64:
    """Return the same officer's previous case, or -1 where the case is the officer's first.

    Args:
        draws: the seed.
        index: case numbers, shape (n,).
        officers: their `officer_numbers`, where known.
    """
    slots = (officer_numbers(draws, index) if officers is None else officers) % ROUND
    first = (index % CHUNK) < ROUND
    before = np.where(first, 0, index // ROUND - 1)
    rounds, place = np.unique(before, return_inverse=True)
    previous = before * ROUND + _seating(draws, rounds)[place, slots]
    return np.where(first, np.int64(-1), previous)


def days_of_cases(draws: Draws, index: I64, days: int, officers: I64 | None = None) -> I64:
    """Return the day of each case, 0 to days - 1; an officer's cases are on strictly later and later days."""
    numbers = officer_numbers(draws, index) if officers is None else officers
    spread = below(draws.u32("calendar", numbers), 10)
    return ((index % CHUNK) // ROUND) * (days - 10) // ROUNDS + spread


def row_order(draws: Draws, system: str, index: I64, second: I64 | None = None) -> I64:
    """Return the order in which the records of some cases are written: chunk by chunk, keyed within.

    Args:
        draws: the seed.
        system: of the records.
        index: case numbers, shape (n,).
        second: the cases among them that have a second record.

    Returns:
        Positions in `index`, and n + positions in `second`.
    """
    words, chunk = draws.u64(f"order/{system}", index), index // CHUNK
    if second is not None and second.size:
        words = np.concatenate([words, draws.u64(f"order/{system}/second", second)])
        return np.lexsort((words, np.concatenate([chunk, second // CHUNK]))).astype(np.int64)
    if index.size and index.size % CHUNK == 0 and np.array_equal(chunk, np.repeat(np.unique(chunk), CHUNK)):
        within = np.argsort(words.reshape(-1, CHUNK), axis=1, kind="stable")  # whole chunks: many short sorts
        return (within + np.arange(0, index.size, CHUNK)[:, None]).ravel().astype(np.int64)
    return np.lexsort((words, chunk)).astype(np.int64)
