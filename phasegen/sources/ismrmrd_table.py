"""The table of acquisitions in an ISMRMRD file: checked, and its samples put on the grid.

Read by h5py, which gives the headers of all acquisitions without their samples; the package
``ismrmrd`` reads both.
"""

from pathlib import Path

import h5py
import numpy as np
from ismrmrd.hdf5 import acquisition_header_dtype

from phasegen.sources.base import BadFile
from phasegen.sources.hdf5 import find, members, refuse_claims
from phasegen.sources.ismrmrd_lines import Lines

BLOCK = 64  # acquisitions read at once


def find_group(file: h5py.File, path: Path) -> h5py.Group:
    """The one group with ``xml`` and ``data``, called "dataset" by custom.

    Raises:
        BadFile: none, or several.
    """
    groups = [find(file, name, path) for name in file]
    found = [group for group in groups if _has_both(group)]
    if len(found) != 1:
        reason = f"has {len(found)} groups with 'xml' and 'data', not one; it holds {members(file)}"
        raise BadFile(path, reason, "is it the right layout?")
    return found[0]


def find_table(group: h5py.Group, path: Path) -> h5py.Dataset:
    """The acquisitions of a group.

    Raises:
        BadFile: no table, of other columns, or not written to its end.
    """
    table = find(group, "data", path)
    names = table.dtype.names or () if isinstance(table, h5py.Dataset) else ()
    if not {"head", "data"} <= set(names) or table.ndim != 1 or not table.size:
        raise BadFile(path, "its 'data' is no table of acquisitions", "is it the right layout?")
    # HDF5 writes beyond its memory where a damaged type has fields that overlap
    if table.dtype["head"] != acquisition_header_dtype:
        raise BadFile(path, "its acquisitions' headers are not those of ISMRMRD, version 1")
    if h5py.check_vlen_dtype(table.dtype["data"]) != np.float32:
        raise BadFile(path, "the samples of its acquisitions are not float32 of any length")
    refuse_claims(table, path)
    return table


def fill(table: h5py.Dataset, lines: Lines, slabs: range, path: Path) -> np.ndarray:
    """Samples of some slabs on the grid, averages averaged, zero where nothing was measured.

    Returns:
        complex64, (slab, kz, ky, coil, kx).

    Raises:
        BadFile: an acquisition of another length than its header says.
    """
    x, y, z = lines.size
    kspace = np.zeros((len(slabs), z, y, lines.coils, x), np.complex64)
    counts = np.zeros((len(slabs), z, y, 1, 1), np.float32)
    inside = np.isin(lines.place[0], slabs)
    index, place, reverse = lines.index[inside], lines.place[:, inside], lines.reverse[inside]
    place[0] -= slabs.start
    for start in range(0, len(table), BLOCK):
        held = np.flatnonzero((index >= start) & (index < start + BLOCK))
        block = table.fields("data")[start : start + BLOCK] if len(held) else ()
        for line in held:
            samples = _samples(block[index[line] - start], lines, path)
            turned = samples[:, ::-1] if reverse[line] else samples
            where = tuple(place[:, line])
            kspace[where][:, lines.at] += turned[:, lines.used]
            counts[where] += 1
    return np.divide(kspace, np.maximum(counts, 1), out=kspace)


def _has_both(group: h5py.Group | h5py.Dataset | None) -> bool:
    return isinstance(group, h5py.Group) and "xml" in group and "data" in group


def _samples(values: np.ndarray, lines: Lines, path: Path) -> np.ndarray:
    if values.size != 2 * lines.coils * lines.samples:
        reason = f"an acquisition holds {values.size} numbers where its header says otherwise"
        raise BadFile(path, reason, "fetch it again")
    return values.view(np.complex64).reshape(lines.coils, lines.samples)
