"""Volumes and masks as NIfTI files, for raters that are programs."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import nibabel
import numpy as np
from nibabel.orientations import apply_orientation, io_orientation, ornt_transform

from phasegen.paths import whole_file
from phasegen.raters.registry import method
from phasegen.sources.base import BadFile
from phasegen.sources.nifti import CANONICAL, NiftiReader
from phasegen.sources.volumes import read_volume


def write_volume(path: Path, volume: np.ndarray, spacing_mm: Sequence[float]) -> None:
    """Volume (slice, y, x), anterior row first, as NIfTI in RAS+; spacing is (slice, y, x) [mm]."""
    image = nibabel.Nifti1Image(
        np.ascontiguousarray(volume[:, ::-1].transpose(2, 1, 0)), np.diag([*spacing_mm[::-1], 1.0])
    )
    image.header.set_xyzt_units("mm")
    nibabel.save(image, path)


def extract_file(name: str, volume: Path, mask: Path) -> int:
    """Write the mask of a NIfTI volume on the grid of that file; whole or not at all.

    Returns:
        Number of voxels in the mask.

    Raises:
        BadFile: the volume cannot be read, or no brain was found in it.
    """
    reader = NiftiReader()
    header = reader.read_header(volume)
    spacing = (header.slice_spacing_mm, *header.spacing_mm)
    found = method(name)(read_volume(reader, volume), spacing)
    if not found.any():
        raise BadFile(volume, f"{name} found no brain", "try another method")
    image = nibabel.load(volume)
    canonical = found[:, ::-1].transpose(2, 1, 0).astype(np.uint8)
    turn = ornt_transform(CANONICAL, io_orientation(image.affine))
    stored = nibabel.Nifti1Image(apply_orientation(canonical, turn), image.affine)
    stored.header.set_xyzt_units(*image.header.get_xyzt_units())
    data = stored.to_bytes()
    with whole_file(mask) as partial:
        packed = mask.name.lower().endswith(".gz")
        partial.write_bytes(gzip.compress(data, mtime=0) if packed else data)
    return int(found.sum())
