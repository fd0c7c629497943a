"""One shard as bytes: chunks in the order of their rows, then the index of where they lie."""

import math
import struct
from collections.abc import Iterator
from pathlib import Path

import google_crc32c
import numpy as np

from phasegen.store.faults import Faults
from phasegen.store.metadata import Sealed

CHECKSUM = struct.Struct("<I")
ENTRY = struct.Struct("<QQ")
EMPTY = ENTRY.pack(2**64 - 1, 2**64 - 1)


def key(shard: int, axes: int) -> str:
    """Path of a shard in a store of so many axes."""
    return "/".join(["c", str(shard), *["0"] * (axes - 1)])


def chunk_bytes(sealed: Sealed) -> int:
    """Bytes of one chunk, which is one slice, with its CRC32C."""
    return math.prod(sealed.shape[1:]) * sealed.dtype.itemsize + CHECKSUM.size


def shard_index(sealed: Sealed, shard: int) -> bytes:
    """The index at the end of a shard: no other one is possible."""
    size, filled = chunk_bytes(sealed), len(sealed.grid.rows(shard))
    entries = b"".join(ENTRY.pack(place * size, size) for place in range(filled))
    entries += EMPTY * (sealed.grid.per_shard - filled)
    return entries + CHECKSUM.pack(google_crc32c.value(entries))


def read_slices(
    store: Path, sealed: Sealed, shard: int, faults: Faults
) -> Iterator[tuple[int, np.ndarray]]:
    """Row and values ``(coil, y, x)`` of every slice of a shard that is as it was written."""
    name = key(shard, len(sealed.shape))
    size, rows = chunk_bytes(sealed), sealed.grid.rows(shard)
    index_size = sealed.grid.per_shard * ENTRY.size + CHECKSUM.size
    due = size * len(rows) + index_size
    try:
        found = (store / name).stat().st_size
        if found != due:
            faults.add("shard", f"{name}: {found} bytes, where {due} are due")
            return
        with (store / name).open("rb") as file:
            for row in rows:
                chunk = file.read(size)
                if google_crc32c.value(chunk[:-4]) != CHECKSUM.unpack(chunk[-4:])[0]:
                    faults.add("chunk with another CRC32C", f"{name}: row {row} has changed (CRC)")
                    continue
                values = np.frombuffer(chunk[:-4], sealed.dtype)
                yield row, values.reshape(sealed.shape[1:])
            if file.read() != shard_index(sealed, shard):
                faults.add("shard", f"{name}: the index at its end is not that of its chunks")
    except (OSError, struct.error) as error:
        faults.add("shard", f"{name}: cannot be read ({error})")
