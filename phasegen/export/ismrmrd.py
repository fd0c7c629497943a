"""ISMRMRD: raw data as a scanner would give them, one HDF5 file per volume.

A readout runs along the rows of a slice (``ky`` of a store, x of the header), one for each
column (``kx``, ``kspace_encode_step_1``), all coils together. A program that shows an image of
such a file with x across has the transpose of ours.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import h5py
import ismrmrd
import numpy as np
from ismrmrd.hdf5 import acquisition_dtype, acquisition_header_dtype

from phasegen.export.base import Format, Volume, Write
from phasegen.export.header import ismrmrd_header
from phasegen.paths import whole_file

# Directions in the patient, which ISMRMRD counts towards left, posterior and head.
READ, PHASE, SLICE = (0, 1, 0), (-1, 0, 0), (0, 0, 1)
VERSION = 1


class IsmrmrdFormat(Format):
    """Group ``dataset`` with ``xml`` and one acquisition per readout in ``data``."""

    domain = "kspace"
    kinds = ("kspace", "images")

    def files(self, volumes: Sequence[Volume]) -> list[tuple[str, ...]]:
        return [(f"{volume.name}.h5",) for volume in volumes]

    @contextmanager
    def open(self, volume: Volume, paths: Sequence[Path]) -> Iterator[Write]:
        slices, columns = volume.shape[0], volume.shape[3]
        with whole_file(paths[0]) as partial, h5py.File(partial, "w") as file:
            group = file.create_group("dataset")
            xml = group.create_dataset("xml", (1,), h5py.string_dtype("ascii"), track_times=False)
            xml[0] = ismrmrd_header(volume).encode()
            # The package appends readouts one by one, each to a data set that grows.
            data = group.create_dataset(
                "data",
                (slices * columns,),
                acquisition_dtype,
                maxshape=(None,),
                chunks=(columns,),
                track_times=False,
            )
            heads = (_heads(volume, number) for number in range(slices))

            def write(block: np.ndarray) -> None:
                for kspace, head in zip(block, heads, strict=False):
                    start = int(head["scan_counter"][0])
                    data[start : start + columns] = _readouts(kspace, head)

            yield write


def _readouts(kspace: np.ndarray, heads: np.ndarray) -> np.ndarray:
    """Acquisitions of one slice ``(coil, ky, kx)``; of each, samples along ``ky`` by coil."""
    readouts = np.empty(len(heads), acquisition_dtype)
    readouts["head"] = heads
    values = np.ascontiguousarray(kspace.transpose(2, 0, 1), "<c8").view("<f4")
    for place in range(len(heads)):
        readouts["data"][place] = values[place].ravel()
        readouts["traj"][place] = np.zeros(0, np.float32)
    return readouts


def _heads(volume: Volume, number: int) -> np.ndarray:
    """Headers of the readouts of the slice that is written as ``number``."""
    _, coils, rows, columns = volume.shape
    steps = np.arange(columns)
    heads = np.zeros(columns, acquisition_header_dtype)
    heads["version"] = VERSION
    heads["scan_counter"] = number * columns + steps
    heads["number_of_samples"] = rows
    heads["center_sample"] = rows // 2
    heads["available_channels"] = heads["active_channels"] = coils
    heads["idx"]["kspace_encode_step_1"] = steps
    heads["idx"]["slice"] = number
    heads["user_int"][:, 0] = volume.slices[number]
    heads["position"] = np.multiply(SLICE, number * volume.distance_mm)
    heads["read_dir"], heads["phase_dir"], heads["slice_dir"] = READ, PHASE, SLICE
    heads["flags"][0] |= _flag(ismrmrd.ACQ_FIRST_IN_SLICE)
    heads["flags"][-1] |= _flag(ismrmrd.ACQ_LAST_IN_SLICE)
    if number == volume.shape[0] - 1:
        heads["flags"][-1] |= _flag(ismrmrd.ACQ_LAST_IN_MEASUREMENT)
    return heads


def _flag(number: int) -> np.uint64:
    # The format counts its flags from 1.
    return np.uint64(1 << (number - 1))
