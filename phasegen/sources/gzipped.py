"""Whether a gzip file is complete, without unpacking it."""

import gzip
import struct
import zlib
from pathlib import Path

BEST_RATIO = 1032  # of deflate; nothing unpacks to more bytes per byte
CHUNK = 1 << 20


def holds(path: Path, size: int) -> bool:
    """Whether the file unpacks to at least ``size`` bytes and ends as a gzip file must.

    The last four bytes of a whole file are its unpacked size modulo 2**32, so one look
    settles it. Only where they do not fit (a truncated file, but also one of several
    members, as bgzip writes it) is the file unpacked, in pieces and no further than ``size``.
    """
    packed = path.stat().st_size
    if size > packed * BEST_RATIO:
        return False
    with path.open("rb") as file:
        file.seek(-4, 2)
        (trailer,) = struct.unpack("<I", file.read(4))
    return trailer == size % 2**32 or _unpacks_to(path, size)


def _unpacks_to(path: Path, size: int) -> bool:
    seen = 0
    try:
        with gzip.open(path) as file:
            # one piece beyond the end, so that a missing trailer is noticed too
            while piece := file.read(CHUNK):
                seen += len(piece)
                if seen >= size + CHUNK:
                    break
    except (EOFError, OSError, zlib.error):
        return False
    return seen >= size
