"""NIfTI files, compressed, written slice by slice in the orientation of `sources.nifti`."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nibabel
import numpy as np

from phasegen.export.base import Volume, Write

GZIP = 31
"""What zlib calls a stream with the head of a gzip file; it has no time in it."""
ALIGNED = 2
"""Code of NIfTI for anatomical directions whose origin is not the scanner's."""


@contextmanager
def nifti_file(path: Path, volume: Volume) -> Iterator[Write]:
    """Takes real slices ``(slice, y, x)`` of ``volume``, float32, and writes them to ``path``.

    The array of the file is RAS+: ``array[x, ny - 1 - y, slice]``. The same slices give the same
    bytes.
    """
    head = _header(volume)
    # Noise has no repeats: looking for runs alone shrinks it as much, three times as fast.
    packer = zlib.compressobj(1, zlib.DEFLATED, GZIP, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
    with path.open("wb") as file:
        file.write(packer.compress(head.binaryblock))
        file.write(packer.compress(bytes(int(head["vox_offset"]) - len(head.binaryblock))))

        def write(block: np.ndarray) -> None:
            # In the file x is fastest, then y from posterior to anterior, then the slice.
            for values in block:
                file.write(packer.compress(np.ascontiguousarray(values[::-1], "<f4").data))

        yield write
        file.write(packer.flush())


def _header(volume: Volume) -> nibabel.Nifti1Header:
    slices, _, rows, columns = volume.shape
    head = nibabel.Nifti1Header(endianness="<")
    head.set_data_dtype(np.float32)
    head.set_data_shape((columns, rows, slices))
    head.set_data_offset(nibabel.Nifti1Header.single_vox_offset)
    head["magic"] = nibabel.Nifti1Header.single_magic
    affine = _affine(volume)
    head.set_qform(affine, ALIGNED)
    head.set_sform(affine, ALIGNED)
    head.set_xyzt_units("mm")
    return head


def _affine(volume: Volume) -> np.ndarray:
    """Voxel to millimetres, towards right, anterior and head; the middle of slice 0 is 0."""
    _, _, rows, columns = volume.shape
    row_mm, column_mm = volume.pixel_mm or (1.0, 1.0)
    affine = np.diag([column_mm, row_mm, volume.distance_mm, 1.0])
    affine[:2, 3] = -column_mm * (columns // 2), -row_mm * (rows - 1 - rows // 2)
    return affine
