"""Magnitude volumes and masks from NIfTI files, in one orientation whatever the file's own.

A volume becomes axial slices (slice, y, x) in patient space: slices run from inferior to
superior, rows from anterior (row 0) to posterior, columns from left to right of the patient
(the +x of RAS). With the canonical RAS+ array ``c[x, y, z]`` of nibabel::

    volume[z, y, x] == c[x, ny - 1 - y, z]

Oblique volumes are turned to the nearest axes and never interpolated.
"""

import gzip
import math
import zlib
from pathlib import Path

import nibabel
import numpy as np
from nibabel.filebasedimages import ImageFileError
from nibabel.orientations import aff2axcodes, apply_orientation, io_orientation
from nibabel.spatialimages import HeaderDataError

from phasegen.sources.base import BadFile, Header, refuse_name
from phasegen.sources.gzipped import holds

MAX_VOXELS = 2**31  # 8 GiB as float32
MM_PER_UNIT = {1: 1000.0, 2: 1.0, 3: 0.001}  # spatial codes of xyzt_units: m, mm, um
DAMAGE = (ImageFileError, HeaderDataError, OSError, EOFError, zlib.error, ValueError, KeyError)


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
        image = self._open(path)
        order = np.argsort(_orientation(image, path)[:, 0])
        unit = MM_PER_UNIT.get(int(image.header["xyzt_units"]) & 7, 1.0)
        sizes = nibabel.affines.voxel_sizes(image.affine)[order] * unit
        columns, rows, slices = (image.shape[axis] for axis in order)
        return Header(
            path=path,
            role="magnitude",
            slices=slices,
            coils=1,
            shape=(rows, columns),
            recon_shape=(rows, columns),
            spacing_mm=(float(sizes[1]), float(sizes[0])),
            slice_spacing_mm=float(sizes[2]),
            facts={"orientation": "".join(aff2axcodes(image.affine))},
        )

    def read_slices(
        self, path: Path, start: int | None = None, stop: int | None = None
    ) -> np.ndarray:
        """Axial slices, float32 (slice, y, x), oriented as the module says.

        Raises:
            BadFile: as `read_header`, and data that cannot be unpacked.
        """
        image = self._open(path)
        orientation = _orientation(image, path)
        try:
            # a float64 beyond float32 becomes inf, which read_volume refuses by name
            with np.errstate(over="ignore"):
                data = image.get_fdata(dtype=np.float32, caching="unchanged")
        except DAMAGE as error:
            raise BadFile(path, f"its data cannot be read: {error}", "fetch it again") from None
        canonical = apply_orientation(data.reshape(data.shape[:3]), orientation)
        return np.ascontiguousarray(canonical[:, ::-1].T[start:stop])

    def read_mask(self, path: Path) -> np.ndarray:
        """Mask, bool (slice, y, x), true where the file is above zero; raises as `read_slices`."""
        return self.read_slices(path) > 0

    def _open(self, path: Path) -> nibabel.Nifti1Image:
        refuse_name(path, self.suffixes)
        try:
            image = nibabel.load(path)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise BadFile(
                path, "truncated or damaged inside its header", "fetch it again"
            ) from None
        except ImageFileError:
            raise BadFile(path, "not a NIfTI file, or an empty one", "fetch it again") from None
        except OSError as error:
            raise BadFile(path, f"cannot be opened: {error.strerror or error}") from None
        except DAMAGE as error:
            raise BadFile(path, f"its header cannot be used: {error}", "fetch it again") from None
        _refuse_shape(image, path)
        _refuse_type(image, path)
        _refuse_truncated(image, path)
        return image


def _orientation(image: nibabel.Nifti1Image, path: Path) -> np.ndarray:
    orientation = np.full((3, 2), np.nan)
    if np.isfinite(image.affine).all():
        orientation = io_orientation(image.affine)
    # an axis without a direction is NaN in it
    if np.isnan(orientation).any():
        reason = "its affine is singular, so the orientation is unknown"
        raise BadFile(path, reason, "set the sform")
    return orientation


def _refuse_shape(image: nibabel.Nifti1Image, path: Path) -> None:
    shape = image.shape
    text = " x ".join(str(n) for n in shape)
    if any(n < 1 for n in shape) or math.prod(shape) > MAX_VOXELS:
        raise BadFile(path, f"its header claims an absurd shape, {text}", "fetch it again")
    if len(shape) < 3 or any(n != 1 for n in shape[3:]):
        raise BadFile(path, f"{len(shape)}D ({text}) where one 3D volume is needed", "extract one")


def _refuse_type(image: nibabel.Nifti1Image, path: Path) -> None:
    dtype = image.get_data_dtype()
    if dtype.kind not in "iuf":
        kind = "complex" if dtype.kind == "c" else "RGB"
        raise BadFile(path, f"{kind} voxels ({dtype}) where a magnitude is needed", "convert it")


def _refuse_truncated(image: nibabel.Nifti1Image, path: Path) -> None:
    claimed = image.dataobj.offset + math.prod(image.shape) * image.get_data_dtype().itemsize
    if path.suffix.lower() == ".gz":
        complete = holds(path, claimed)
    else:
        complete = path.stat().st_size >= claimed
    if not complete:
        raise BadFile(
            path, f"truncated: holds less than the {claimed} bytes of its header", "fetch it again"
        )
