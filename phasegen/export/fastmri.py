"""HDF5 in the layout of fastMRI, single- and multi-coil, one file per volume.

Below ``singlecoil`` or ``multicoil``, since fastMRI's dataset class takes every file of a folder
for a volume. Rows of a slice are the readout, as there.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from phasegen.export.base import Format, Volume, Write
from phasegen.export.header import ismrmrd_header
from phasegen.fourier import to_image
from phasegen.paths import whole_file


class FastmriFormat(Format):
    """``kspace``, ``reconstruction_esc`` or ``reconstruction_rss``, ``ismrmrd_header``."""

    domain = "kspace"
    kinds = ("kspace", "images")

    def files(self, volumes: Sequence[Volume]) -> list[tuple[str, ...]]:
        return [(f"{_challenge(volume)}/{volume.name}.h5",) for volume in volumes]

    @contextmanager
    def open(self, volume: Volume, paths: Sequence[Path]) -> Iterator[Write]:
        slices, coils, rows, columns = volume.shape
        shape = (slices, rows, columns) if coils == 1 else volume.shape
        target = "reconstruction_esc" if coils == 1 else "reconstruction_rss"
        # Times of creation would make two exports differ.
        with whole_file(paths[0]) as partial, h5py.File(partial, "w") as file:
            file.create_dataset("ismrmrd_header", data=ismrmrd_header(volume), track_times=False)
            kspace = file.create_dataset("kspace", shape, np.complex64, track_times=False)
            image = file.create_dataset(
                target, (slices, rows, columns), np.float32, track_times=False
            )
            writer = _Writer(kspace, image)
            yield writer.write
            file.attrs["acquisition"] = volume.series
            file.attrs["patient_id"] = volume.subject
            file.attrs["max"] = writer.largest
            file.attrs["norm"] = float(np.sqrt(writer.energy))


def _challenge(volume: Volume) -> str:
    return "singlecoil" if volume.shape[1] == 1 else "multicoil"


class _Writer:
    """Slice by slice to both arrays, with the largest value and the energy of the second."""

    def __init__(self, kspace: h5py.Dataset, image: h5py.Dataset) -> None:
        self.kspace, self.image = kspace, image
        self.next, self.largest, self.energy = 0, 0.0, 0.0

    def write(self, block: np.ndarray) -> None:
        for kspace in block:
            magnitude = root_sum_of_squares(to_image(kspace))
            self.kspace[self.next] = kspace[0] if self.kspace.ndim == 3 else kspace
            self.image[self.next] = magnitude
            self.largest = max(self.largest, float(magnitude.max()))
            self.energy += float(np.sum(np.square(magnitude, dtype=np.float64)))
            self.next += 1


def root_sum_of_squares(image: np.ndarray) -> np.ndarray:
    """Magnitude ``(y, x)`` of a complex image ``(coil, y, x)``, float32."""
    return np.sqrt(np.sum(np.abs(image) ** 2, axis=0)) if len(image) > 1 else np.abs(image[0])
