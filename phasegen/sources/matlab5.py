"""Which variables a ``.mat`` of version 5 to 7 holds, without their data.

`scipy.io.whosmat` does not say which variables are complex, which here is their role. Source:
MathWorks, MAT-File Format (2024), "Level 5 MAT-File Format".
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HEADER = 128
MATRIX, COMPRESSED = 14, 15
CLASSES = {
    6: "double",
    7: "single",
    8: "int8",
    9: "uint8",
    10: "int16",
    11: "uint16",
    12: "int32",
    13: "uint32",
    14: "int64",
    15: "uint64",
}
COMPLEX, LOGICAL = 0x0800, 0x0200
ENOUGH = 4096
"""Bytes of a variable that hold its flags, its shape and its name."""


@dataclass(frozen=True)
class Variable:
    """Name, shape in MATLAB's order, and class ("" if not numeric) of a variable."""

    name: str
    shape: tuple[int, ...]
    matlab_class: str
    is_complex: bool


def variables(path: Path) -> list[Variable]:
    """Variables of the file, in its order.

    Raises:
        ValueError: damaged.
        struct.error, zlib.error: likewise.
    """
    with path.open("rb") as file:
        head = file.read(HEADER)
        order = {b"IM": "<", b"MI": ">"}.get(head[126:])
        if order is None or struct.unpack(f"{order}H", head[124:126]) != (0x0100,):
            raise ValueError("no file of MATLAB, version 5 to 7.3")
        found = []
        end = path.stat().st_size
        while file.tell() < end:
            kind, size = struct.unpack(f"{order}2I", file.read(8))
            start = file.tell()
            if start + size > end:
                raise ValueError(f"truncated: an element of {size} bytes at byte {start}")
            found += _variable(kind, file.read(min(size, ENOUGH)), order)
            file.seek(start + size)
    return found


def _variable(kind: int, content: bytes, order: str) -> list[Variable]:
    if kind == COMPRESSED:
        content = zlib.decompressobj().decompress(content, ENOUGH)
        kind, _ = struct.unpack(f"{order}2I", content[:8])
        content = content[8:]
    if kind != MATRIX:
        return []
    parts = _elements(content, order)
    flags, *_ = struct.unpack(f"{order}I", next(parts)[:4])
    sizes = next(parts)
    shape = struct.unpack(f"{order}{len(sizes) // 4}i", sizes)
    name = next(parts).decode("latin1")
    matlab_class = "" if flags & LOGICAL else CLASSES.get(flags & 0xFF, "")
    return [Variable(name, shape, matlab_class, bool(flags & COMPLEX))]


def _elements(content: bytes, order: str) -> Iterator[bytes]:
    """Data of the elements one after the other; small ones (four bytes) lie inside their tag."""
    place = 0
    while True:
        (kind,) = struct.unpack_from(f"{order}I", content, place)
        if small := kind >> 16:
            yield content[place + 4 : place + 4 + small]
            place += 8
            continue
        (size,) = struct.unpack_from(f"{order}I", content, place + 4)
        yield content[place + 8 : place + 8 + size]
        place += 8 + -(-size // 8) * 8
