"""Work done in a process of its own, beside everything else: two cores, one answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar

Answer = TypeVar("Answer")


@contextmanager
def apart(work: Callable[[], Answer], *, enabled: bool = True) -> Iterator[Callable[[], Answer]]:
    """Start some work beside the block; give a function that waits for its answer.

    The answer is the same wherever it is worked out. A fresh process is started, so that it works alike everywhere; it
    costs a second, so it is worth it for work of several.

    Args:
        work: a function of the top level of a module, its arguments bound by `functools.partial`.
        enabled: no = nothing is started, and the work is done when its answer is asked for.

    Examples:
        >>> from functools import partial
        >>> with apart(partial(max, 2, 3), enabled=False) as answer:
        ...     answer()
        3
    """
    if not enabled:
        yield work
        return
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pending = pool.submit(work)
        try:
            yield pending.result
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
