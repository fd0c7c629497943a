"""Damage to a file, drawn from a seed: to its bytes as they are, and to what it unpacks to."""

import gzip
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

Damage = Callable[[bytes, np.random.Generator], bytes]
INTEGERS = (0, 1, 255, 2**15 - 1, 2**15, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63 - 1)
FLOATS = (np.nan, np.inf, -np.inf, 0.0, -1.0, 1e30, 1e-30, 3e38)


def mutate(path: Path, seed: int) -> str:
    """Damage the file in place; the name of what was done."""
    rng = np.random.default_rng(seed)
    content = path.read_bytes()
    damage = DAMAGES[int(rng.integers(len(DAMAGES)))]
    inside = INSIDE.get(path.suffix)
    if inside and rng.random() < 0.6:
        path.write_bytes(inside(content, lambda part: damage(part, rng)))
        return f"{damage.__name__} inside"
    path.write_bytes(damage(content, rng))
    return damage.__name__


def flips(content: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(content)
    for _ in range(int(rng.integers(1, 9))):
        changed[_place(content, rng)] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def random_bytes(content: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(content)
    for _ in range(int(rng.integers(1, 5))):
        changed[_place(content, rng)] = int(rng.integers(256))
    return bytes(changed)


def extreme_integers(content: bytes, rng: np.random.Generator) -> bytes:
    """Numbers of 2, 4 or 8 bytes set to the least or the largest, of either sign and order."""
    changed = bytearray(content)
    for _ in range(int(rng.integers(1, 4))):
        size = int(rng.choice([2, 4, 8]))
        value = INTEGERS[int(rng.integers(len(INTEGERS)))] * int(rng.choice([1, -1]))
        order = str(rng.choice(["little", "big"]))
        number = (value % 256**size).to_bytes(size, order)
        place = _place(content, rng) // 2 * 2
        changed[place : place + size] = number
    return bytes(changed)


def extreme_floats(content: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(content)
    for _ in range(int(rng.integers(1, 4))):
        place = _place(content, rng) // 4 * 4
        number = struct.pack(str(rng.choice(["<f", "<d"])), FLOATS[int(rng.integers(len(FLOATS)))])
        changed[place : place + len(number)] = number
    return bytes(changed)


def long_digits(content: bytes, rng: np.random.Generator) -> bytes:
    """A number written in digits, as in a header of text, becomes another."""
    found = list(re.finditer(rb"\d+", content[:4096]))
    if not found:
        return flips(content, rng)
    match = found[int(rng.integers(len(found)))]
    values = (b"-1", b"0", b"1e9", b"99999999999", b"9" * 400, b"0x10", b"None", b"[", b"(((")
    return (
        content[: match.start()] + values[int(rng.integers(len(values)))] + content[match.end() :]
    )


def truncated(content: bytes, rng: np.random.Generator) -> bytes:
    return content[: int(rng.integers(len(content)))]


def zeros(content: bytes, rng: np.random.Generator) -> bytes:
    start, stop = _block(content, rng)
    return content[:start] + bytes(stop - start) + content[stop:]


def duplicated(content: bytes, rng: np.random.Generator) -> bytes:
    start, stop = _block(content, rng)
    return content[:stop] + content[start:stop] + content[stop:]


def moved(content: bytes, rng: np.random.Generator) -> bytes:
    """One block written over another place."""
    start, stop = _block(content, rng)
    place = int(rng.integers(len(content) - (stop - start) + 1))
    return content[:place] + content[start:stop] + content[place + stop - start :]


def removed(content: bytes, rng: np.random.Generator) -> bytes:
    start, stop = _block(content, rng)
    return content[:start] + content[stop:]


def last_bytes(content: bytes, rng: np.random.Generator) -> bytes:
    """The trailer, or the directory, of a packed file."""
    count = int(rng.integers(1, 5))
    kept = content[: -int(rng.choice([4, 8, 22]))] if len(content) > 22 else content
    return kept + rng.bytes(len(content) - len(kept) - count + 4)


DAMAGES: tuple[Damage, ...] = (
    flips,
    random_bytes,
    extreme_integers,
    extreme_integers,
    extreme_floats,
    long_digits,
    truncated,
    zeros,
    duplicated,
    moved,
    removed,
    last_bytes,
)


def _place(content: bytes, rng: np.random.Generator) -> int:
    """Mostly near the start, where headers are."""
    end = len(content) if rng.random() < 0.4 else min(len(content), 1024)
    return int(rng.integers(max(end, 1)))


def _block(content: bytes, rng: np.random.Generator) -> tuple[int, int]:
    start = _place(content, rng)
    return start, min(len(content), start + int(2 ** rng.uniform(0, 10)))


def _in_gzip(content: bytes, damage: Callable[[bytes], bytes]) -> bytes:
    return gzip.compress(damage(gzip.decompress(content)), mtime=0)


def _in_zip(content: bytes, damage: Callable[[bytes], bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
        for info in old.infolist():
            new.writestr(info.filename, damage(old.read(info)), info.compress_type)
    return packed.getvalue()


def _in_matlab(content: bytes, damage: Callable[[bytes], bytes]) -> bytes:
    """The compressed variables of version 7; other versions as they are."""
    if content[124:126] != b"\x00\x01":
        return damage(content)
    head, rest, place = content[:128], b"", 128
    while place < len(content):
        kind, size = struct.unpack_from("<2I", content, place)
        part = content[place + 8 : place + 8 + size]
        part = zlib.compress(damage(zlib.decompress(part))) if kind == 15 else part
        rest += struct.pack("<2I", kind, len(part)) + part
        place += 8 + size
    return head + rest


INSIDE = {".gz": _in_gzip, ".npz": _in_zip, ".mat": _in_matlab}
