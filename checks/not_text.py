"""What a file is that is no text: said to people who took the wrong one."""

from __future__ import annotations

_STARTS = {
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"BM": "a picture",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "an Excel or zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "an SQLite file",
    b"\x1f\x8b": "a compressed file",
}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def what_it_is(raw: bytes) -> str:
    r"""Return what a file that is not UTF-8 is instead; empty where it may be a text in another encoding.

    Examples:
        >>> what_it_is(b"\x89PNG\r\n"), what_it_is("a;b".encode("utf-16"))
        ('a picture', '')
    """
    known = next((what for start, what in _STARTS.items() if raw.startswith(start)), "")
    if known:
        return known
    return "no text" if b"\x00" in raw and not raw.startswith(_UTF_16) else ""
