"""Plain arrays of NumPy: ``.npy``, and the one array meant in an ``.npz``.

Complex is raw k-space, (slice, ky, kx) or (slice, coil, ky, kx), the zero frequency at index
``n // 2``; real is magnitude, (slice, y, x). An array of two axes is one slice. Of an ``.npz``
the array ``kspace`` or ``magnitude`` is taken, else the only one there is. Nothing is unpickled.
"""

import math
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import IO, Literal

import numpy as np
from numpy.lib import format as npy

from phasegen.sources.arrays import array_header, to_slices
from phasegen.sources.base import BadFile, Header, refuse_name
from phasegen.sources.claims import refuse_claim

NAMES = ("kspace", "magnitude")
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others may take any memory
VERSIONS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
# what zipfile raises on a broken or an encrypted archive
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    ValueError,
)


@dataclass(frozen=True)
class Array:
    """Where an array lies: the header of the ``.npy`` file, or member, that holds it."""

    shape: tuple[int, ...]
    order: Literal["C", "F"]
    dtype: np.dtype
    offset: int

    @property
    def values(self) -> int:
        return math.prod(self.shape)

    @property
    def end(self) -> int:
        return self.offset + self.values * self.dtype.itemsize


class NumpyReader:
    """Reader of ``.npy`` and ``.npz``; the type of the array says its role."""

    roles = ("raw", "magnitude")
    suffixes = (".npy", ".npz")

    def read_header(self, path: Path) -> Header:
        """Header of one volume; of an array no more is read than its header.

        Raises:
            BadFile: truncated, no array of NumPy, objects, another number of axes, no array
                or several of which none is named ``kspace`` or ``magnitude``.
        """
        refuse_name(path, self.suffixes)
        if path.suffix.lower() == ".npy":
            array = _array_of_npy(path)
        else:
            with _member(path) as (array, _):
                pass
        return array_header(path, array.shape, array.dtype)

    def read_slices(
        self, path: Path, start: int | None = None, stop: int | None = None
    ) -> np.ndarray:
        """Raw complex64 (slice, coil, ky, kx), or magnitude float32 (slice, y, x).

        Of an ``.npy`` only the slices asked for are read.

        Raises:
            BadFile: as `read_header`, and data that cannot be unpacked.
        """
        refuse_name(path, self.suffixes)
        if path.suffix.lower() == ".npz":
            with _member(path) as (array, stream):
                data = npy.read_array(stream, allow_pickle=False)
        else:
            array = _array_of_npy(path)
            data = np.memmap(path, array.dtype, "r", array.offset, array.shape, array.order)
        array_header(path, array.shape, array.dtype)
        return to_slices(data, start, stop)


def _array_of_npy(path: Path) -> Array:
    with path.open("rb") as file:
        array = _read_npy_header(file, path)
    if array.end > path.stat().st_size:
        reason = f"truncated: holds less than the {array.end} bytes of its header"
        raise BadFile(path, reason, "fetch it again")
    return array


def _read_npy_header(file: IO[bytes], path: Path) -> Array:
    try:
        version = npy.read_magic(file)
        shape, is_fortran, dtype = VERSIONS[version](file)
    except KeyError:
        raise BadFile(path, f"array format {version}", "save it with numpy.save") from None
    except (ValueError, TokenError) as error:
        raise BadFile(path, f"no array of NumPy: {error}", "fetch it again") from None
    array = Array(shape, "F" if is_fortran else "C", dtype, file.tell())
    array_header(path, shape, dtype)
    return array


@contextmanager
def _member(path: Path) -> Iterator[tuple[Array, IO[bytes]]]:
    """The array meant in an ``.npz``, and its member of the archive, to be read from its start."""
    try:
        with zipfile.ZipFile(path) as archive:
            info = _choose(archive, path)
            if info.compress_type not in PACKINGS:
                raise BadFile(path, f"{info.filename!r} is packed in an unknown way", "use savez")
            with archive.open(info) as stream:
                array = _read_npy_header(stream, path)
            if array.end != info.file_size:
                reason = f"{info.filename!r} has {info.file_size} bytes, not {array.end}"
                raise BadFile(path, reason, "fetch it again")
            # as stored, and as complex64 or float32
            claimed = array.values * (array.dtype.itemsize + (8 if array.dtype.kind == "c" else 4))
            refuse_claim(path, claimed)
            with archive.open(info) as stream:
                yield array, stream
    except BadFile:
        raise
    except DAMAGE as error:
        raise BadFile(path, f"damaged archive: {error}", "fetch it again") from None


def _choose(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    arrays = {
        info.filename.removesuffix(".npy"): info
        for info in archive.infolist()
        if info.filename.endswith(".npy")
    }
    wanted = [name for name in NAMES if name in arrays] or list(arrays)
    if len(wanted) == 1:
        return arrays[wanted[0]]
    found = ", ".join(sorted(arrays)[:20]) or "nothing"
    reason = f"which array is meant? it holds {found}"
    raise BadFile(path, reason, "name one of them kspace or magnitude")
