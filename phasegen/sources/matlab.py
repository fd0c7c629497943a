"""Arrays saved by MATLAB: ``.mat`` of version 5 to 7 (``-v7``), and of 7.3, which is HDF5.

In MATLAB's order of axes, rows and columns come first and slices last: magnitude is
(y, x, slice), raw k-space (ky, kx, slice) or (ky, kx, coil, slice), with the zero frequency where
``fftshift`` puts it, at ``floor(n / 2) + 1`` counted from 1. An array of two axes is one slice.
MATLAB drops a last axis of length one, so that one slice of several coils looks like slices of
one coil; it is not to be told from the file.

The variable ``kspace`` or ``magnitude`` is taken, else the only numeric one of three or four
axes. Complex is raw, real is magnitude.
"""

import struct
import warnings
import zlib
from pathlib import Path

import h5py
import numpy as np
import scipy.io

from phasegen.sources.arrays import array_header, to_slices
from phasegen.sources.base import BadFile, Header, refuse_name
from phasegen.sources.claims import refuse_claim
from phasegen.sources.hdf5 import find, opened, refuse_claims
from phasegen.sources.matlab5 import CLASSES, Variable, variables

NAMES = ("kspace", "magnitude")
# what scipy raises, or warns of, on a broken file
DAMAGE = (zlib.error, struct.error, OSError, EOFError, ValueError, TypeError, KeyError, Warning)
MAGIC = b"\x89HDF\r\n\x1a\n"
USER_BLOCK = 512  # bytes before the HDF5 part of a file of MATLAB


class MatlabReader:
    """Reader of ``.mat``; the type of the variable says its role."""

    roles = ("raw", "magnitude")
    suffixes = (".mat",)

    def read_header(self, path: Path) -> Header:
        """Header of one volume, without a look at its data.

        Raises:
            BadFile: truncated, not of MATLAB 5 to 7.3, no variable that fits, or several of
                which none is named ``kspace`` or ``magnitude``.
        """
        refuse_name(path, self.suffixes)
        if not _is_hdf5(path):
            return _header(path, _variable(path))
        with opened(path, self.suffixes) as file:
            return _header(path, _described(_dataset(file, path)))

    def read_slices(
        self, path: Path, start: int | None = None, stop: int | None = None
    ) -> np.ndarray:
        """Raw complex64 (slice, coil, ky, kx), or magnitude float32 (slice, y, x).

        Raises:
            BadFile: as `read_header`, and data that cannot be unpacked.
        """
        refuse_name(path, self.suffixes)
        if not _is_hdf5(path):
            return to_slices(_turned(_load(path, _variable(path))), start, stop)
        with opened(path, self.suffixes) as file:
            data = _dataset(file, path)
            _header(path, _described(data))
            # HDF5 has the axes of MATLAB in reverse: slices first, the rows last
            if data.ndim == 2:
                return to_slices(_plain(data[()]).T, start, stop)
            return to_slices(_plain(data[start:stop]).swapaxes(-1, -2), None, None)


def _is_hdf5(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(USER_BLOCK + len(MAGIC))
    return MAGIC in (start[: len(MAGIC)], start[USER_BLOCK:])


def _header(path: Path, variable: Variable) -> Header:
    # an array of no memory, for its axes
    shape = _turned(np.broadcast_to(np.float32(0), variable.shape)).shape
    return array_header(path, shape, np.dtype(np.complex64 if variable.is_complex else np.float32))


def _turned(array: np.ndarray) -> np.ndarray:
    """(y, x, slice) or (ky, kx, coil, slice) to (slice, y, x) or (slice, coil, ky, kx)."""
    if array.ndim == 4:
        return array.transpose(3, 2, 0, 1)
    return np.moveaxis(array, -1, 0) if array.ndim == 3 else array


def _choose(found: list[Variable], path: Path) -> Variable:
    usable = [variable for variable in found if variable.matlab_class]
    wanted = [variable for variable in usable if variable.name in NAMES]
    wanted = wanted or [variable for variable in usable if len(variable.shape) in (3, 4)]
    if len(wanted) == 1:
        chosen = wanted[0]
        if min(chosen.shape, default=0) < 1:
            raise BadFile(path, f"{chosen.name!r} has shape {chosen.shape}", "fetch it again")
        return chosen
    names = [f"{variable.name} {variable.shape}" for variable in found[:20]]
    reason = f"which variable is meant? it holds {', '.join(names) or 'nothing'}"
    raise BadFile(path, reason, "name one of them kspace or magnitude")


def _variable(path: Path) -> Variable:
    try:
        variable = _choose(variables(path), path)
    except BadFile:
        raise
    except DAMAGE as error:
        raise BadFile(path, f"its variables cannot be listed: {error}", "save it anew") from None
    # both parts as stored and joined, the result, and the result where it is used
    each = 48 if variable.is_complex else 16
    refuse_claim(path, int(np.prod(variable.shape, dtype=object)) * each)
    return variable


def _load(path: Path, variable: Variable) -> np.ndarray:
    try:
        with warnings.catch_warnings(action="error"):
            data = scipy.io.loadmat(path, variable_names=[variable.name])[variable.name]
    except DAMAGE as error:
        raise BadFile(path, f"its data cannot be read: {error}", "fetch it again") from None
    if np.shape(data) != variable.shape or np.iscomplexobj(data) != variable.is_complex:
        raise BadFile(path, f"{variable.name!r} is not what its header says", "fetch it again")
    return data


def _dataset(file: h5py.File, path: Path) -> h5py.Dataset:
    items = {name: find(file, name, path) for name in file if not name.startswith("#")}
    data = {name: item for name, item in items.items() if isinstance(item, h5py.Dataset)}
    chosen = data[_choose([_described(item) for item in data.values()], path).name]
    refuse_claims(chosen, path)
    return chosen


def _described(data: h5py.Dataset) -> Variable:
    """A data set of MATLAB's, its axes reversed; complex is a compound of real and imag."""
    is_complex = data.dtype.names == ("real", "imag")
    kind = data.dtype["real"].kind if is_complex else data.dtype.kind
    matlab_class = data.attrs.get("MATLAB_class", b"double")
    text = matlab_class.decode(errors="replace") if isinstance(matlab_class, bytes) else ""
    numeric = text if kind in "iuf" and text in CLASSES.values() else ""
    return Variable(data.name.removeprefix("/"), (data.shape or ())[::-1], numeric, is_complex)


def _plain(data: np.ndarray) -> np.ndarray:
    if data.dtype.names is None:
        return data
    joined = np.empty(data.shape, np.complex64)
    with np.errstate(over="ignore", invalid="ignore"):
        joined.real, joined.imag = data["real"], data["imag"]
    return joined
