"""Pairs ``.cfl`` and ``.hdr`` of BART: k-space, one pair per volume.

BART numbers its dimensions and stores the first one fastest. Here 0 is ``ky`` (the rows of a
slice, and the readout as in fastMRI), 1 is ``kx`` (columns), 3 the coil and 13 the slice, so
that BART's own reader gives an array ``[row, column, 0, coil, ..., slice]``.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from phasegen.export.base import Format, Volume, Write
from phasegen.paths import whole_file

DIMENSIONS = 16
ROW, COLUMN, COIL, SLICE = 0, 1, 3, 13


class BartFormat(Format):
    """Complex64, little-endian, column-major."""

    domain = "kspace"
    kinds = ("kspace", "images")

    def files(self, volumes: Sequence[Volume]) -> list[tuple[str, ...]]:
        return [(f"{volume.name}.cfl", f"{volume.name}.hdr") for volume in volumes]

    @contextmanager
    def open(self, volume: Volume, paths: Sequence[Path]) -> Iterator[Write]:
        data, header = paths
        # The context entered last ends first, so the header is the last to be there.
        with whole_file(header) as text, whole_file(data) as values, values.open("wb") as file:
            text.write_text(_header(volume))

            def write(block: np.ndarray) -> None:
                # (slice, coil, ky, kx) becomes ky fastest, then kx, coil and slice.
                file.write(np.ascontiguousarray(block.swapaxes(-1, -2), "<c8").data)

            yield write


def _header(volume: Volume) -> str:
    sizes = np.ones(DIMENSIONS, int)
    sizes[[SLICE, COIL, ROW, COLUMN]] = volume.shape
    return f"# Dimensions\n{' '.join(map(str, sizes))}\n"
