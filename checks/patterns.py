r"""Regular expressions over columns of text: RE2 where it can read them, Python's `re` with a time limit where not.

Dialect: `\d`, `\w`, `\s` and `\b` mean ASCII in both engines. RE2 (inside pyarrow; pandas uses it for its text columns)
takes linear time on any pattern. Look-around and back-references it cannot read, and Python may need exponential time
for them, so Python reads the distinct values in a child process that is ended after TIME_LIMIT_S seconds.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth.errors import RuleError

TIME_LIMIT_S = 20.0
_CHILD = """
import json, re, sys
job = json.load(sys.stdin)
match = getattr(re.compile(job["regex"], re.ASCII), job["method"])
json.dump([match(text) is not None for text in job["texts"]], sys.stdout)
"""
_WRAPPED = {"full": r"\A(?:{})\z", "start": r"\A(?:{})", "search": "(?:{})"}
_METHODS = {"full": "fullmatch", "start": "match", "search": "search"}


def engine_of(regex: str) -> str:
    """Return the engine that will read a pattern, `re2` or `python`, or refuse the pattern.

    Examples:
        >>> engine_of(r"[0-9]{5}"), engine_of(r"(?=a)b")
        ('re2', 'python')
        >>> engine_of("(")
        Traceback (most recent call last):
        synth.errors.RuleError: '(' is not a regular expression: missing ), unterminated subpattern at position 0.
    """
    if _re2_reads(regex):
        return "re2"
    try:
        re.compile(regex, re.ASCII)
    except re.error as problem:
        raise RuleError(f"{regex!r} is not a regular expression: {problem}.") from None
    return "python"


def matches(values: pa.Array, regex: str, how: str) -> pa.Array:
    r"""Say for every text whether it matches; null stays null.

    Args:
        values: texts.
        regex: a pattern `engine_of` accepts.
        how: full, start or search.

    Examples:
        >>> matches(pa.array(["12", "12a", None]), r"\d+", "full").to_pylist()
        [True, False, None]
    """
    if engine_of(regex) == "re2":
        return pc.match_substring_regex(values, _WRAPPED[how].format(regex))
    encoded = pc.dictionary_encode(values)
    judged = _in_child(encoded.dictionary.to_pylist(), regex, how)
    return judged.take(encoded.indices)


def _re2_reads(regex: str) -> bool:
    try:
        pc.match_substring_regex(pa.array([""]), regex)
    except pa.ArrowInvalid:
        return False
    return True


def _in_child(texts: list[str], regex: str, how: str) -> pa.Array:
    job = json.dumps({"regex": regex, "method": _METHODS[how], "texts": texts})
    command = [sys.executable, "-I", "-c", _CHILD]
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter and code; the pattern goes in as data
            command, input=job, capture_output=True, check=True, encoding="utf-8", timeout=TIME_LIMIT_S
        )
    except subprocess.TimeoutExpired:
        raise RuleError(
            f"pattern {regex!r} took more than {TIME_LIMIT_S:g} s on {len(texts)} distinct values; "
            "write it without look-around and back-references."
        ) from None
    return pa.array(np.array(json.loads(done.stdout), dtype=bool))
