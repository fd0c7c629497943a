"""Raw data from ISMRMRD files (HDF5): Cartesian, two- or three-dimensional, one image a slice.

The layout is that of fastMRI: rows are the readout (x), columns the phase encoding (y). So an
image is the transpose of what ISMRMRD's own tools write, which count y first.

The readout's oversampling is cut off in the image, and partitions of a three-dimensional scan are
transformed to slices, in the order of z, the slab's oversampling cut off. What is oversampled
along y is left to `Header.recon_shape`. Averages are averaged. Noise, navigators and calibration
are left out. What was not measured at one end is zero, and labelled as partial Fourier.
"""

from pathlib import Path

import h5py
import numpy as np

from phasegen.fourier import centre_crop_or_pad, to_image, to_kspace
from phasegen.sources.base import BadFile, Header
from phasegen.sources.hdf5 import SUFFIXES, find, opened, text
from phasegen.sources.ismrmrd_grid import Grid, read_grid
from phasegen.sources.ismrmrd_lines import Lines, choose
from phasegen.sources.ismrmrd_table import fill, find_group, find_table


class IsmrmrdReader:
    """Reader of ISMRMRD ``.h5``, ``.hdf5`` and ``.mrd``."""

    roles = ("raw",)
    suffixes = (*SUFFIXES, ".mrd")

    def read_header(self, path: Path) -> Header:
        """Header of one volume, from the XML and the headers of the acquisitions alone.

        Raises:
            BadFile: not HDF5, truncated, no ``xml`` and ``data`` or of another type, an XML that
                is none or has a document type, no Cartesian encoding, undersampled, several
                images of a slice, a matrix that the acquisitions cannot fill.
        """
        with opened(path, self.suffixes) as file:
            _, grid, lines = _look(file, path)
        encoding, plane = grid.encoding, lines.size[:2]
        rows, columns = grid.readout_kept(), lines.size[1]
        partition_mm = grid.slab_mm / lines.size[2]
        return Header(
            path=path,
            role="raw",
            slices=lines.slabs * _partitions(grid, lines),
            coils=lines.coils,
            shape=(rows, columns),
            recon_shape=(rows, min(encoding.field_of_view(plane)[1], columns)),
            spacing_mm=encoding.spacing(plane),
            slice_spacing_mm=partition_mm if lines.size[2] > 1 else encoding.thickness_mm,
            sampling=lines.sampling,
            facts=encoding.facts,
        )

    def read_slices(
        self, path: Path, start: int | None = None, stop: int | None = None
    ) -> np.ndarray:
        """K-space, complex64 (slice, coil, ky, kx); of other slices or slabs nothing is kept.

        Raises:
            BadFile: as `read_header`, and data that are damaged or of another length.
        """
        with opened(path, self.suffixes) as file:
            table, grid, lines = _look(file, path)
            each = _partitions(grid, lines)
            wanted = range(lines.slabs * each)[start:stop]
            slabs = range(wanted.start // each, -(-wanted.stop // each)) if wanted else range(0)
            slices = _partitions_to_slices(fill(table, lines, slabs, path), each)
            slices = slices[wanted.start - slabs.start * each :][: len(wanted)]
            slices = _cut_readout(slices, grid.readout_kept())
        return slices.transpose(0, 2, 3, 1)


def _look(file: h5py.File, path: Path) -> tuple[h5py.Dataset, Grid, Lines]:
    """Table of acquisitions, and all that is known without a look at a sample."""
    group = find_group(file, path)
    xml = find(group, "xml", path)
    try:
        grid = read_grid(text(xml))
    except (AttributeError, ValueError) as error:
        raise BadFile(path, f"its header 'xml' cannot be used: {error}") from None
    table = find_table(group, path)
    try:
        lines = choose(table.fields("head")[()], grid)
    except ValueError as error:
        raise BadFile(path, str(error)) from None
    claimed = 8 * len(lines.index) * lines.coils * lines.samples
    if claimed > path.stat().st_size:  # arrays of any length are never compressed
        raise BadFile(path, f"its headers claim {claimed} bytes of samples", "fetch it again")
    return table, grid, lines


def _partitions(grid: Grid, lines: Lines) -> int:
    return grid.partitions_kept() if lines.size[2] > 1 else 1


def _partitions_to_slices(kspace: np.ndarray, kept: int) -> np.ndarray:
    """(slab, kz, ky, coil, kx) to (slice, ky, coil, kx)."""
    slabs, partitions, *plane = kspace.shape
    if partitions == 1:
        return kspace[:, 0]
    slices = np.empty((slabs, kept, *plane), np.complex64)
    for ky in range(plane[0]):  # one by one, since a transform takes several times its memory
        column = np.moveaxis(kspace[:, :, ky], 1, -1)
        image = centre_crop_or_pad(to_image(column[..., None]), (kept, 1))[..., 0]
        slices[:, :, ky] = np.moveaxis(image, -1, 1)
    return slices.reshape(slabs * kept, *plane)


def _cut_readout(slices: np.ndarray, kept: int) -> np.ndarray:
    """(slice, ky, coil, kx) with the image cut to ``kept`` points along x, about its centre."""
    if kept == slices.shape[-1]:
        return slices
    cut = np.empty((*slices.shape[:-1], kept), np.complex64)
    for number, lines in enumerate(slices):
        cut[number] = to_kspace(centre_crop_or_pad(to_image(lines[..., None]), (kept, 1)))[..., 0]
    return cut
