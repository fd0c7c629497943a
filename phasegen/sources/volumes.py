"""Whole volumes, refused for what only their data show."""

from pathlib import Path

import numpy as np

from phasegen.sources.base import BadFile, Reader
from phasegen.sources.nifti import NiftiReader


def read_volume(reader: Reader, path: Path) -> np.ndarray:
    """All slices of a file, as `Reader.read_slices` gives them; raises as `read_part`."""
    return read_part(reader, path, None, None)


def read_part(reader: Reader, path: Path, start: int | None, stop: int | None) -> np.ndarray:
    """Slices ``start:stop`` of a file, as `Reader.read_slices` gives them.

    Raises:
        BadFile: unreadable, NaN or infinite values, a magnitude below zero, no value in the
            whole file but zero.
    """
    volume = reader.read_slices(path, start, stop)
    bad = volume.size - int(np.count_nonzero(np.isfinite(volume)))
    if bad:
        raise BadFile(path, f"{bad} of {volume.size} values are NaN or infinite", "leave it out")
    if not volume.any() and _is_blank(reader, path):
        raise BadFile(path, "all values are zero", "leave it out")
    if not np.iscomplexobj(volume) and (below := int(np.count_nonzero(volume < 0))):
        raise BadFile(
            path,
            f"{below} of {volume.size} values are negative, down to {volume.min():g}",
            "a magnitude is not; clip or rescale it",
        )
    return volume


def _is_blank(reader: Reader, path: Path) -> bool:
    count = reader.read_header(path).slices
    # From the middle, where there is something if anywhere: a packed file is unpacked for each.
    slices = sorted(range(count), key=lambda n: abs(n - count // 2))
    return not any(reader.read_slices(path, n, n + 1).any() for n in slices)


def read_mask(path: Path) -> np.ndarray:
    """Mask of a volume, bool (slice, y, x).

    Raises:
        BadFile: unreadable, or nothing above zero.
    """
    mask = NiftiReader().read_mask(path)
    if not mask.any():
        raise BadFile(path, "the mask is empty", "leave the volume out")
    return mask
