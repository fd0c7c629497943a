"""One shard as bytes: chunks in the order of their rows, then the index of where they lie."""

import math
import os
import struct
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

import google_crc32c
import numpy as np
from numcodecs import Blosc

from phasegen.store.arrays import KINDS
from phasegen.store.faults import Faults
from phasegen.store.metadata import Sealed
from phasegen.store.places import ObjectPath

CHECKSUM = struct.Struct("<I")
ENTRY = struct.Struct("<QQ")
BLOSC_HEADER = 16
EMPTY = ENTRY.pack(2**64 - 1, 2**64 - 1)


def key(shard: int, axes: int) -> str:
    """Path of a shard in a store of so many axes."""
    return "/".join(["c", str(shard), *["0"] * (axes - 1)])


def chunk_bytes(sealed: Sealed) -> int:
    """Bytes of one chunk, which is one slice, with its CRC32C, if it is not compressed."""
    return math.prod(sealed.shape[1:]) * sealed.dtype.itemsize + CHECKSUM.size


def shard_index(sealed: Sealed, shard: int, sizes: Sequence[int]) -> bytes:
    """The index at the end of a shard, of chunks of these bytes: no other one is possible."""
    starts = accumulate(sizes, initial=0)
    entries = b"".join(ENTRY.pack(*entry) for entry in zip(starts, sizes, strict=False))
    entries += EMPTY * (sealed.grid.per_shard - len(sealed.grid.rows(shard)))
    return entries + CHECKSUM.pack(google_crc32c.value(entries))


def _index_size(sealed: Sealed) -> int:
    return sealed.grid.per_shard * ENTRY.size + CHECKSUM.size


def _chunk_sizes(file: Path | ObjectPath, sealed: Sealed, shard: int) -> list[int]:
    """Bytes of every chunk; where they are compressed as the shard's own index has it."""
    count = len(sealed.grid.rows(shard))
    if not KINDS[sealed.kind].codecs:
        return [chunk_bytes(sealed)] * count
    with file.open("rb") as stream:
        stream.seek(-min(_index_size(sealed), file.stat().st_size), os.SEEK_END)
        entries = stream.read(count * ENTRY.size)
    return [size for _, size in ENTRY.iter_unpack(entries)]


def _unpacked(chunk: bytes, sealed: Sealed) -> bytes | None:
    """Values of a chunk without its CRC32C; None if they are not those of one slice."""
    due = chunk_bytes(sealed) - CHECKSUM.size
    if not KINDS[sealed.kind].codecs:
        return chunk
    # The header of Blosc says how much it holds; more would be taken out of memory.
    if len(chunk) < BLOSC_HEADER or int.from_bytes(chunk[4:8], "little") != due:
        return None
    try:
        return Blosc().decode(chunk)
    except (RuntimeError, ValueError):
        return None


def read_slices(
    store: Path | ObjectPath, sealed: Sealed, shard: int, faults: Faults
) -> Iterator[tuple[int, np.ndarray]]:
    """Row and values ``(coil, y, x)`` of every slice of a shard that is as it was written."""
    name = key(shard, len(sealed.shape))
    rows = sealed.grid.rows(shard)
    try:
        found = (store / name).stat().st_size
        sizes = _chunk_sizes(store / name, sealed, shard)
        due = sum(sizes) + _index_size(sealed)
        if found != due:
            faults.add("shard", f"{name}: {found} bytes, where {due} are due")
            return
        with (store / name).open("rb") as file:
            for row, size in zip(rows, sizes, strict=True):
                chunk = file.read(size)
                if google_crc32c.value(chunk[:-4]) != CHECKSUM.unpack(chunk[-4:])[0]:
                    faults.add("chunk with another CRC32C", f"{name}: row {row} has changed (CRC)")
                    continue
                values = _unpacked(chunk[:-4], sealed)
                if values is None:
                    faults.add("chunk", f"{name}: row {row} does not unpack to one slice")
                    continue
                yield row, np.frombuffer(values, sealed.dtype).reshape(sealed.shape[1:])
            if file.read() != shard_index(sealed, shard, sizes):
                faults.add("shard", f"{name}: the index at its end is not that of its chunks")
    except (OSError, struct.error) as error:
        faults.add("shard", f"{name}: cannot be read ({error})")
