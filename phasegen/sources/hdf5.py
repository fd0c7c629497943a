"""HDF5 files opened so that no other file is ever read and nothing is taken for data that is none.

HDF5 can point elsewhere in four ways: external and soft links, virtual data sets and raw data kept
in another file. Only hard links and data inside the file are followed here.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from phasegen.sources.base import BadFile, refuse_name
from phasegen.sources.claims import refuse_claim
from phasegen.sources.gzipped import BEST_RATIO

# of h5py on a broken file
DAMAGE = (OSError, RuntimeError, KeyError, TypeError, ValueError, OverflowError)
SUFFIXES = (".h5", ".hdf5")


@contextmanager
def opened(path: Path, suffixes: tuple[str, ...] = SUFFIXES) -> Iterator[h5py.File]:
    """The file, for reading; damage met while it is open is told as a `BadFile` too.

    Raises:
        BadFile: no such file, another suffix, not HDF5, truncated, damaged inside.
    """
    refuse_name(path, suffixes)
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise BadFile(path, _why_not_open(error), "fetch it again") from None
    # what is not finite, or not in single precision, read_volume refuses by name
    with file, np.errstate(over="ignore", invalid="ignore"):
        try:
            yield file
        except BadFile:
            raise
        except DAMAGE as error:
            raise BadFile(path, f"damaged inside: {error}", "fetch it again") from None


def find(group: h5py.Group, name: str, path: Path) -> h5py.Group | h5py.Dataset | None:
    """Member ``name`` of a group, None where there is none.

    Raises:
        BadFile: it is a link, or its data lie in another file.
    """
    link = group.get(name, getlink=True)
    if link is None:
        return None
    if not isinstance(link, h5py.HardLink):
        raise BadFile(path, f"{name!r} is a link", "links are not followed; copy the data in")
    member = group[name]
    if isinstance(member, h5py.Dataset) and (member.is_virtual or member.external):
        raise BadFile(path, f"the data of {name!r} lie in another file", "copy them in")
    return member


def refuse_claims(data: h5py.Dataset, path: Path) -> None:
    """Refuse a data set that claims more than is stored or likely, before memory is taken for it.

    Raises:
        BadFile: parts were never written, or it unpacks to more than any compression gives, or
            to more than the size of its file makes likely.
    """
    value = data.id.get_type().get_size()
    if data.size * value > _stored(data):
        name = data.name.rsplit("/", 1)[-1]
        reason = f"not all of {name!r}, {data.shape}, was ever written"
        raise BadFile(path, reason, "fetch or write it again")
    # once as stored, twice as complex64: where it is read and where it is used
    whole = data.size * (value + 2 * np.dtype(np.complex64).itemsize)
    chunk = math.prod(data.chunks or (0,)) * value
    refuse_claim(path, whole + 2 * chunk)


def text(data: h5py.Dataset) -> str:
    """The one string of a data set.

    Raises:
        ValueError: not one string.
    """
    if h5py.check_string_dtype(data.dtype) is None or data.size != 1:
        raise ValueError(f"{data.dtype} of shape {data.shape}, not one string")
    value = data.asstr("utf-8")[()]
    return value if isinstance(value, str) else value.item()


def members(group: h5py.Group) -> str:
    """Names of a group's members, for a message."""
    names = list(group)
    return ", ".join(names[:10]) + (", ..." if len(names) > 10 else "") or "nothing"


def _why_not_open(error: OSError) -> str:
    if "truncated" in str(error):
        return "truncated HDF5 file"
    if "signature" in str(error):
        return "not an HDF5 file"
    return f"cannot be opened: {error.strerror or error}"


def _stored(data: h5py.Dataset) -> int:
    """No more than so many bytes can come out of a data set."""
    packed = data.id.get_storage_size()
    if data.chunks is None:
        return packed
    chunk = math.prod(data.chunks) * data.id.get_type().get_size()
    return min(data.id.get_num_chunks() * chunk, packed * BEST_RATIO)
