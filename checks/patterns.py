r"""Regular expressions over columns of text: RE2 where it can read them, Python's `re` with a time limit where not.

Dialect ascii: `\d`, `\w`, `\s` and `\b` mean ASCII in both engines, `$` is the end. RE2 (inside pyarrow) takes linear
time on any pattern. Look-around and back-references it cannot read, and Python may need exponential time for them, so
Python reads the distinct values in a child process that is ended after TIME_LIMIT_S seconds.

Dialect re: what Python's `re` finds. RE2 finds the same in texts that mean the same to both, which is most of them:
any text where the pattern names no class of signs, ASCII where it does, and no line break at the end where it has a
`$`. Python reads the others, and everything where the two differ in the pattern itself.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth.errors import RuleError

TIME_LIMIT_S = 20.0
_CHILD = """
import json, re, sys, warnings
warnings.simplefilter("ignore")
job = json.load(sys.stdin)
match = getattr(re.compile(job["regex"], job["flags"]), job["method"])
json.dump([match(text) is not None for text in job["texts"]], sys.stdout)
"""
_WRAPPED = {"full": r"\A(?:{})\z", "start": r"\A(?:{})", "search": "(?:{})"}
_METHODS = {"full": "fullmatch", "start": "match", "search": "search"}
# What RE2 reads otherwise than `re` does: octal escapes and references, \B in the empty text, {,n}, classes in classes.
_READ_APART = re.compile(r"\\[0-9B]|\{,|\[:|\[\[")
_CLASS_OF_SIGNS = re.compile(r"\\[dDwWsSb]")
_WITHOUT_CASE = re.compile(r"\(\?[a-z]*i")
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_SIGNS_OR_END = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\$", re.DOTALL)  # an escape, a class in brackets, an end
_ASCII_SIGNS = {r"\d": "0-9", r"\w": "0-9A-Za-z_", r"\s": r"\t\n\f\r "}
_FLAGS_FIRST = re.compile(r"\(\?([aims]+)\)")
_ASCII_ASKED = re.compile(r"\(\?([ims]*)a([ims]*)([:)])")
_NOT_PLAIN = r"[^\t\n\f\r -~]"
_LINE_BREAK_LAST = r"\n\z"


def engine_of(regex: str, dialect: str = "ascii") -> str:
    """Return the engine that will read a pattern (most texts, in dialect re): `re2` or `python`; or refuse the pattern.

    Examples:
        >>> engine_of(r"[0-9]{5}"), engine_of(r"(?=a)b"), engine_of("a{,2}", "re")
        ('re2', 'python', 'python')
        >>> engine_of("(")
        Traceback (most recent call last):
        synth.errors.RuleError: '(' is not a regular expression: missing ), unterminated subpattern at position 0.
    """
    if dialect == "ascii" and _re2_reads(regex):
        return "re2"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(regex, _flags(dialect))
    except (re.error, OverflowError, RecursionError) as problem:
        raise RuleError(f"{regex!r} is not a regular expression: {problem}.") from None
    if dialect == "ascii" or _READ_APART.search(regex) or (_WITHOUT_CASE.search(regex) and not regex.isascii()):
        return "python"
    return "re2" if _re2_reads(for_re2(regex)) else "python"


def matches(values: pa.Array, regex: str, how: str, dialect: str = "ascii") -> pa.Array:
    r"""Say for every text whether it matches; null stays null.

    Args:
        values: texts.
        regex: a pattern `engine_of` accepts.
        how: full, start or search.
        dialect: ascii, or re: as Python's `re` has it.

    Examples:
        >>> matches(pa.array(["12", "12a", None]), r"\d+", "full").to_pylist()
        [True, False, None]
        >>> [matches(pa.array(["12\n"]), r"\d+$", "start", dialect).to_pylist() for dialect in ("ascii", "re")]
        [[False], [True]]
    """
    if engine_of(regex, dialect) == "python":
        return _by_python(values, regex, how, dialect)
    if dialect == "ascii":
        return pc.match_substring_regex(values, _WRAPPED[how].format(regex))
    matched = pc.match_substring_regex(values, _WRAPPED[how].format(for_re2(regex)))
    apart = _read_apart(values, regex)
    if apart is None:
        return matched
    return pc.replace_with_mask(matched, apart, _by_python(values.filter(apart), regex, how, dialect))


def depends_on_dialect(regex: str) -> bool:
    r"""Whether the two dialects may find different texts.

    Examples:
        >>> depends_on_dialect(r"\d{5}"), depends_on_dialect("[0-9]{5}$"), depends_on_dialect("[0-9]{5}")
        (True, True, False)
    """
    return "$" in regex or any(p.search(regex) for p in (_CLASS_OF_SIGNS, _WITHOUT_CASE, _READ_APART))


def _flags(dialect: str) -> int:
    return int(re.ASCII) if dialect == "ascii" else 0


def for_re2(regex: str) -> str:
    r"""Write a pattern of dialect re as RE2 has it: the end of the text is `\z`, and classes are ASCII unasked.

    Examples:
        >>> for_re2(r"(?ai)^\d+\Z"), for_re2(r"^(?a:\d)")
        ('(?i)^\\d+\\z', '^(?:\\d)')
    """
    regex = _ASCII_ASKED.sub(lambda found: f"(?{found[1]}{found[2]}{found[3]}".replace("(?)", ""), regex)
    return _ESCAPE.sub(lambda found: r"\z" if found[0] == r"\Z" else found[0], regex)


def for_python(regex: str, *, whole: bool) -> str:
    r"""Write a pattern of dialect ascii as one that Python's `re` reads alike; refuse one that it cannot.

    Args:
        regex: the pattern.
        whole: whether it must match the whole text.

    Examples:
        >>> for_python("[0-9]{5}", whole=True), for_python(r"(?i)x\d$", whole=False)
        ('^(?:[0-9]{5})\\Z', '(?i:x[0-9]\\Z)')
    """
    by_re2 = engine_of(regex) == "re2"
    refused = RuleError(f"pattern {regex!r} means something else to Python's re, or nothing")
    if by_re2 and _READ_APART.search(regex):
        raise refused
    flags = _FLAGS_FIRST.match(regex)
    letters, body = (flags[1], regex[flags.end() :]) if flags is not None else ("", regex)
    ends = by_re2 and "(?m" not in body and "m" not in letters

    def written(found: re.Match[str]) -> str:
        sign = found[0]
        if sign in {"$", r"\z"}:
            return r"\Z" if ends else sign
        if sign == r"\b" or (sign[0] == "[" and re.search(r"\\[DWS]", sign)):
            raise refused
        if sign[0] == "[":
            return _CLASS_OF_SIGNS.sub(lambda inner: _ASCII_SIGNS[inner[0]], sign)
        if sign.lower() in _ASCII_SIGNS:
            return f"[{'^' if sign[1].isupper() else ''}{_ASCII_SIGNS[sign.lower()]}]"
        return sign

    body = _SIGNS_OR_END.sub(written, body)
    body = f"(?{letters}:{body})" if letters or whole else body
    body = rf"^{body}\Z" if whole else body
    engine_of(body, "re")
    return body


def _read_apart(values: pa.Array, regex: str) -> pa.Array | None:
    """Texts that a pattern may mean something else in to `re` than to RE2; None: there is none."""
    signs = [_NOT_PLAIN] if _CLASS_OF_SIGNS.search(regex) or _WITHOUT_CASE.search(regex) else []
    signs += [_LINE_BREAK_LAST] if "$" in regex else []
    if not signs or _is_plain(values):
        return None
    apart = pc.match_substring_regex(values, "|".join(signs)).fill_null(False)
    return apart if pc.any(apart).as_py() else None


def _is_plain(values: pa.Array) -> bool:
    """Whether the texts hold nothing but printable ASCII, from their bytes at once."""
    widths = {pa.string(): np.int32, pa.large_string(): np.int64}
    if not isinstance(values, pa.Array) or values.type not in widths:
        return False
    _, ends, signs = values.buffers()
    if signs is None or not len(values):
        return True
    width = widths[values.type]
    places = np.frombuffer(ends, width)[[values.offset, values.offset + len(values)]]
    raw = np.frombuffer(signs, np.uint8)[places[0] : places[1]]
    return not raw.size or bool(raw.min() >= ord(" ") and raw.max() <= ord("~"))


def _re2_reads(regex: str) -> bool:
    try:
        pc.match_substring_regex(pa.array([""]), regex)
    except pa.ArrowInvalid:
        return False
    return True


def _by_python(values: pa.Array, regex: str, how: str, dialect: str) -> pa.Array:
    encoded = pc.dictionary_encode(values)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    judged = _in_child(encoded.dictionary.to_pylist(), regex, how, dialect)
    return judged.take(encoded.indices)


def _in_child(texts: list[str], regex: str, how: str, dialect: str) -> pa.Array:
    job = json.dumps({"regex": regex, "flags": _flags(dialect), "method": _METHODS[how], "texts": texts})
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
