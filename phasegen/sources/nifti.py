"""Magnitude volumes and masks from NIfTI files, in one orientation whatever the file's own.

A volume becomes axial slices (slice, y, x) in patient space: slices run from inferior to
superior, rows from anterior (row 0) to posterior, columns from left to right of the patient
(the +x of RAS). With the canonical RAS+ array ``c[x, y, z]`` of nibabel::

    volume[z, y, x] == c[x, ny - 1 - y, z]

Oblique volumes are turned to the nearest axes and never interpolated.
"""

import gzip
import math
import struct
import zlib
from pathlib import Path

import nibabel
import numpy as np
from nibabel.arrayproxy import ArrayProxy
from nibabel.openers import ImageOpener
from nibabel.orientations import aff2axcodes, apply_orientation, io_orientation, ornt_transform
from nibabel.spatialimages import HeaderDataError

from phasegen.sources.base import BadFile, Header, refuse_name
from phasegen.sources.claims import refuse_claim
from phasegen.sources.gzipped import holds

MAX_VOXELS = 2**31  # 8 GiB as float32
MM_PER_UNIT = {1: 1000.0, 2: 1.0, 3: 0.001}  # spatial codes of xyzt_units: m, mm, um
MAX_MM = 1e6  # of an affine
CANONICAL = [[0, 1], [1, 1], [2, 1]]
DAMAGE = (HeaderDataError, OSError, EOFError, zlib.error, ValueError, KeyError, OverflowError)
NiftiHeader = nibabel.Nifti1Header | nibabel.Nifti2Header
VERSIONS = {348: (nibabel.Nifti1Header, 344, b"n+1\0"), 540: (nibabel.Nifti2Header, 4, b"n+2\0")}
"""By the size of the header: its class, and where its magic number stands."""


class NiftiReader:
    """Reader of ``.nii`` and ``.nii.gz``, version 1 and 2."""

    roles = ("magnitude",)
    suffixes = (".nii", ".nii.gz")

    def read_header(self, path: Path) -> Header:
        """Header of one volume; of a ``.nii.gz`` no more is unpacked than its header.

        Raises:
            BadFile: truncated, not NIfTI, not three-dimensional, complex or RGB voxels,
                absurd dimensions, no usable affine.
        """
        header = self._open(path)
        affine = header.get_best_affine()
        order = np.argsort(_orientation(header, path)[:, 0])
        unit = MM_PER_UNIT.get(int(header["xyzt_units"]) & 7, 1.0)
        sizes = nibabel.affines.voxel_sizes(affine)[order] * unit
        columns, rows, slices = (header.get_data_shape()[axis] for axis in order)
        return Header(
            path=path,
            role="magnitude",
            slices=slices,
            coils=1,
            shape=(rows, columns),
            recon_shape=(rows, columns),
            spacing_mm=(float(sizes[1]), float(sizes[0])),
            slice_spacing_mm=float(sizes[2]),
            facts={"orientation": "".join(aff2axcodes(affine))},
        )

    def read_slices(
        self, path: Path, start: int | None = None, stop: int | None = None
    ) -> np.ndarray:
        """Axial slices, float32 (slice, y, x), oriented as the module says.

        Raises:
            BadFile: as `read_header`, and data that cannot be unpacked.
        """
        header = self._open(path)
        try:
            volume = _read(path, header, _orientation(header, path))
        except DAMAGE as error:
            raise BadFile(path, f"its data cannot be read: {error}", "fetch it again") from None
        return volume[start:stop]

    def read_mask(self, path: Path) -> np.ndarray:
        """Mask, bool (slice, y, x): labels above zero, or probabilities above one half.

        A file whose values reach no higher than 1 is taken for probabilities, as STAPLE gives
        them; of 0 and 1 it comes to the same. Raises as `read_slices`.
        """
        values = self.read_slices(path)
        return values > (0.5 if values.max() <= 1 else 0)

    def _open(self, path: Path) -> NiftiHeader:
        refuse_name(path, self.suffixes)
        try:
            with ImageOpener(path) as file:
                header = _parse(file.read(max(VERSIONS)), path)
            header.get_best_affine(), header.get_slope_inter(), header.get_data_offset()
        except BadFile:
            raise
        except (EOFError, zlib.error):
            raise BadFile(
                path, "truncated or damaged inside its header", "fetch it again"
            ) from None
        except gzip.BadGzipFile:
            raise BadFile(path, "not a NIfTI file", "is it gzip at all?") from None
        except OSError as error:
            raise BadFile(path, f"cannot be opened: {error.strerror or error}") from None
        except DAMAGE as error:
            raise BadFile(path, f"its header cannot be used: {error}", "fetch it again") from None
        _refuse_shape(header, path)
        _refuse_type(header, path)
        _refuse_truncated(header, path)
        return header


def _parse(block: bytes, path: Path) -> NiftiHeader:
    """Header alone: the extensions after it are not needed, and can claim any size."""
    for order in "<>":
        size = struct.unpack(f"{order}i", block[:4])[0] if len(block) >= 4 else 0
        if size in VERSIONS and len(block) >= size:
            kind, place, magic = VERSIONS[size]
            if block[place : place + 4] == magic:
                return kind(block[:size])
    raise BadFile(path, "not a NIfTI file, or an empty one", "fetch it again")


def _read(path: Path, header: NiftiHeader, orientation: np.ndarray) -> np.ndarray:
    """Volume, float32 (slice, y, x), filled one stored slice after the other to save memory."""
    order = np.argsort(orientation[:, 0])
    columns, rows, slices = (header.get_data_shape()[axis] for axis in order)
    volume = np.empty((slices, rows, columns), np.float32)
    stored = apply_orientation(volume.T[:, ::-1], ornt_transform(CANONICAL, orientation))
    frame = (0,) * (len(header.get_data_shape()) - 3)
    # a float64 beyond float32 becomes inf, which read_volume refuses by name
    with ImageOpener(path) as file, np.errstate(over="ignore", invalid="ignore"):
        data = ArrayProxy(file, header)
        for number in range(stored.shape[2]):
            stored[:, :, number] = data[(slice(None), slice(None), number, *frame)]
    return volume


def _orientation(header: NiftiHeader, path: Path) -> np.ndarray:
    orientation = np.full((3, 2), np.nan)
    affine = header.get_best_affine()
    if np.abs(affine).max() < MAX_MM:  # not so where it is NaN
        orientation = io_orientation(affine)
    # an axis without a direction is NaN in it
    if np.isnan(orientation).any():
        reason = "its affine is singular, so the orientation is unknown"
        raise BadFile(path, reason, "set the sform")
    return orientation


def _refuse_shape(header: NiftiHeader, path: Path) -> None:
    shape = header.get_data_shape()
    text = " x ".join(str(n) for n in shape)
    if any(n < 1 for n in shape) or math.prod(shape) > MAX_VOXELS:
        raise BadFile(path, f"its header claims an absurd shape, {text}", "fetch it again")
    if len(shape) < 3 or any(n != 1 for n in shape[3:]):
        raise BadFile(path, f"{len(shape)}D ({text}) where one 3D volume is needed", "extract one")


def _refuse_type(header: NiftiHeader, path: Path) -> None:
    dtype = header.get_data_dtype()
    if dtype.kind not in "iuf":
        kind = "complex" if dtype.kind == "c" else "RGB"
        raise BadFile(path, f"{kind} voxels ({dtype}) where a magnitude is needed", "convert it")


def _refuse_truncated(header: NiftiHeader, path: Path) -> None:
    shape, itemsize = header.get_data_shape(), header.get_data_dtype().itemsize
    claimed = header.get_data_offset() + math.prod(shape) * itemsize
    # all as float32, or unpacked to pass by; and a slice as stored and as scaled
    whole = header.get_data_offset() + max(4, itemsize) * math.prod(shape)
    refuse_claim(path, whole + (itemsize + 16) * math.prod(shape[:2]))
    if path.suffix.lower() == ".gz":
        complete = holds(path, claimed)
    else:
        complete = path.stat().st_size >= claimed
    if not complete:
        raise BadFile(
            path, f"truncated: holds less than the {claimed} bytes of its header", "fetch it again"
        )
