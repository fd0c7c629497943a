"""How much memory a file may ask for, told by its size on disk before any is taken."""

from pathlib import Path

from phasegen.sources.base import BadFile

LEAST = 576 << 20
"""Bytes that any file may take: a mask of 512 x 512 x 512 takes 512 MiB, and may be some KB on disk."""
RATIO = 64
"""Bytes in memory per byte on disk that a larger file may take; images reach about 20."""


def allowance(packed: int) -> int:
    """Bytes of memory that a file of ``packed`` bytes may take while it is read."""
    return max(LEAST, RATIO * packed)


def refuse_claim(path: Path, claimed: int, packed: int | None = None) -> None:
    """Refuse a file that would take more than the allowance of its size.

    Args:
        claimed: bytes of memory at the most while the file is read, result included.
        packed: bytes on disk that they come from; those of the whole file by default.

    Raises:
        BadFile: as said.
    """
    size = path.stat().st_size if packed is None else packed
    if claimed > allowance(size):
        reason = f"claims {claimed / 2**20:,.0f} MiB of memory from {size:,} bytes on disk"
        raise BadFile(path, reason, "fetch it again, or store it uncompressed")
