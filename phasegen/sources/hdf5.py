"""What the HDF5 formats share: opening a file, and refusing what damage makes of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from phasegen.sources.base import BadFile, refuse_name
from phasegen.sources.claims import refuse_claim

# what h5py raises on a broken file
DAMAGE = (OSError, RuntimeError, KeyError, TypeError, ValueError, OverflowError)


@contextmanager
def open_hdf5(path: Path, suffixes: tuple[str, ...]) -> Iterator[h5py.File]:
    """An HDF5 file whose name ends in one of ``suffixes``, open for reading.

    Raises:
        BadFile: missing, truncated, no HDF5; and whatever h5py raises in the block.
    """
    refuse_name(path, suffixes)
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise BadFile(path, _why_not_open(error), "fetch it again") from None
    with file:
        try:
            yield file
        except BadFile:
            raise
        except DAMAGE as error:
            raise BadFile(path, f"damaged inside: {error}", "fetch it again") from None


def find(file: h5py.File, name: str) -> h5py.Dataset | h5py.Group | None:
    """What the file itself holds under ``name``; links could lead to any file of the machine.

    Raises:
        BadFile: a link, or data that lie in other files.
    """
    link = file.get(name, getlink=True)
    if link is None:
        return None
    if not isinstance(link, h5py.HardLink):
        raise BadFile(file.filename, f"{name!r} is a link", "copy the data into the file")
    found = file[name]
    if isinstance(found, h5py.Dataset) and (found.is_virtual or found.external):
        reason = f"the data of {name!r} lie in other files"
        raise BadFile(file.filename, reason, "copy them into the file")
    return found


def refuse_dataset(path: Path, data: h5py.Dataset) -> None:
    """Refuse a data set that unpacks to more memory than the size of its file makes likely.

    Raises:
        BadFile: as said.
    """
    # once as stored, twice as complex64: where it is read and where it is used
    whole = data.size * (data.dtype.itemsize + 2 * np.dtype(np.complex64).itemsize)
    chunk = int(np.prod(data.chunks or (0,), dtype=object)) * data.dtype.itemsize
    refuse_claim(path, whole + 2 * chunk)


def _why_not_open(error: OSError) -> str:
    if "truncated" in str(error):
        return "truncated HDF5 file"
    if "signature" in str(error):
        return "not an HDF5 file"
    return f"cannot be opened: {error.strerror or error}"
