"""A digest of content: the same for every file format, block size, worker count and platform.

Per table, per piece of 65,536 rows, per column: SHA-256 of the validity bits (least significant bit first), then of
16-bit codes, little-endian integers, or 32-bit lengths and UTF-8. The vocabulary of a coded column is part of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PIECE = 65_536


class TableDigest:
    """The digest of one table, fed piece by piece: every piece but the last has `PIECE` rows."""

    def __init__(self, name: str) -> None:
        self._hash = hashlib.sha256(f"casegauge/1/{name}".encode())
        self._started = False

    def update(self, piece: pa.Table) -> None:
        """Take in the next rows."""
        if not self._started:
            self._started = True
            for field in piece.schema:
                self._hash.update(_head(field.name, piece[field.name]))
        for column in piece.columns:
            self._hash.update(_column_digest(_whole(column)))

    def hexdigest(self) -> str:
        """Return the digest of the rows so far."""
        return self._hash.hexdigest()


def content_digest(digests: Mapping[str, str]) -> str:
    """Return one digest for tables given by name, whatever their order.

    Examples:
        >>> content_digest({"a": "0", "b": "1"}) == content_digest({"b": "1", "a": "0"})
        True
    """
    lines = "".join(f"{name} {digests[name]}\n" for name in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()


class Pieces:
    """Cuts tables that come one after another into pieces of `PIECE` rows, whatever the size they come in.

    Examples:
        >>> pieces = Pieces()
        >>> [piece.num_rows for n in (7, PIECE) for piece in pieces.add(pa.table({"a": range(n)}))]
        [65536]
        >>> pieces.rest().num_rows
        7
    """

    def __init__(self) -> None:
        self._waiting: list[pa.Table] = []

    def add(self, table: pa.Table) -> Iterator[pa.Table]:
        """Take in rows, and yield every whole piece."""
        self._waiting.append(table)
        if sum(part.num_rows for part in self._waiting) < PIECE:
            return
        rows = pa.concat_tables(self._waiting)
        whole = rows.num_rows - rows.num_rows % PIECE
        self._waiting = [rows.slice(whole)]
        for start in range(0, whole, PIECE):
            yield rows.slice(start, PIECE).combine_chunks()

    def rest(self) -> pa.Table:
        """Return the rows after the last whole piece; there may be none."""
        return pa.concat_tables(self._waiting).combine_chunks()


def pieces_of(table: pa.Table) -> Iterator[pa.Table]:
    """Yield a table's pieces of `PIECE` rows; an empty table yields itself."""
    for start in range(0, max(table.num_rows, 1), PIECE):
        yield table.slice(start, PIECE)


def table_digest(name: str, table: pa.Table) -> str:
    """Return the digest of a whole table.

    Examples:
        >>> table_digest("t", pa.table({"a": [1, None]}))[:8] == table_digest("t", pa.table({"a": [1, 0]}))[:8]
        False
    """
    digest = TableDigest(name)
    for piece in pieces_of(table):
        digest.update(piece)
    return digest.hexdigest()


def _whole(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks()
    return combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined


def _head(name: str, column: pa.ChunkedArray) -> bytes:
    """Return the name and, for a coded column, a digest of its vocabulary."""
    if not pa.types.is_dictionary(column.type):
        return f"{name}\0".encode()
    words = "\0".join(_vocabulary(column))
    return f"{name}\0{hashlib.sha256(words.encode()).hexdigest()}".encode()


def _vocabulary(column: pa.ChunkedArray) -> list[str]:
    return column.chunk(0).dictionary.to_pylist() if column.num_chunks else []


def _column_digest(array: pa.Array) -> bytes:
    digest = hashlib.sha256()
    valid = array.is_valid().to_numpy(zero_copy_only=False)
    digest.update(np.packbits(valid, bitorder="little").tobytes())
    if pa.types.is_dictionary(array.type):
        codes = array.indices.fill_null(0).to_numpy(zero_copy_only=False)
        digest.update(codes.astype("<i2"))
    elif pa.types.is_integer(array.type):
        numbers = array.fill_null(0).to_numpy(zero_copy_only=False)
        digest.update(numbers.astype(numbers.dtype.newbyteorder("<")))
    else:
        text = array.fill_null("") if array.null_count else array
        digest.update(pc.binary_length(text).to_numpy(zero_copy_only=False).astype("<i4"))
        digest.update(utf8_of(text))
    return digest.digest()


def utf8_of(text: pa.StringArray) -> memoryview:
    """Return the UTF-8 of all strings, end to end."""
    _, offsets, data = text.buffers()
    if data is None or not len(text):
        return memoryview(b"")
    ends = np.frombuffer(offsets, np.int32, len(text) + 1, text.offset * 4)
    return memoryview(data)[ends[0] : ends[-1]]
