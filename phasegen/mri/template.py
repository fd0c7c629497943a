"""The one anatomy that all subjects deform: the MNI152 average brain, and its skull surface.

The maps ship with nilearn (ICBM 2009a symmetric, Fonov et al., NeuroImage 54:313, 2011).
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import nibabel as nib
import numpy as np
from scipy import ndimage

Points = tuple[np.ndarray, np.ndarray, np.ndarray]
"""MNI coordinates x (to the right), y (anterior), z (superior) of equal shape [mm]."""

OUTSIDE = 62.0
"""Intensity of CSF in the T1 template, taken for all that is not brain."""


@dataclass(frozen=True)
class Map:
    """A scalar on a regular grid in MNI space, read by linear interpolation."""

    values: np.ndarray
    """float32, shape (x, y, z)."""
    origin: tuple[float, float, float]
    """MNI coordinates of the first voxel [mm]."""
    spacing: float
    """Edge of a voxel [mm]."""

    def at(self, points: Points) -> np.ndarray:
        """Values at ``points``, float32; beyond the grid its edge goes on."""
        index = [(p - o) / self.spacing for p, o in zip(points, self.origin, strict=True)]
        return ndimage.map_coordinates(self.values, index, order=1, mode="nearest")

    def at_some(self, points: Points, wanted: np.ndarray, other: float) -> np.ndarray:
        """Values where ``wanted`` (bool) says so, ``other`` elsewhere; faster than all of them."""
        values = np.full(wanted.shape, other, np.float32)
        values[wanted] = self.at(tuple(p[wanted] for p in points))
        return values


@dataclass(frozen=True)
class Template:
    """Maps of the average head in MNI space."""

    t1: Map
    """T1 intensity of the brain, edges sharpened; CSF 62, grey matter 165, white matter 222."""
    brain: Map
    """Signed distance to the surface of the brain [mm], negative inside."""
    skull: Map
    """Signed distance to the inner table of the skull [mm], negative inside."""
    vault: Map
    """The same for a rounder body, which the outer table and the scalp follow."""


@cache
def load() -> Template:
    """The template, from the files of the installed nilearn; kept for the process."""
    t1, origin = read_map("t1")
    t1 = t1[:, :, : int(155 - origin[2] - 72)]
    inside = t1 > 0
    coarse = _halve(inside)
    half = (origin[0] + 0.5, origin[1] + 0.5, origin[2] + 0.5)
    vault, skull = _inner_tables(coarse, half[2])
    return Template(
        t1=Map(_sharpen(np.maximum(t1, OUTSIDE)), origin, 1.0),
        brain=Map(signed_distance(ndimage.binary_fill_holes(coarse), 2.0), half, 2.0),
        skull=Map(skull, half, 2.0),
        vault=Map(vault, half, 2.0),
    )


def read_map(name: str) -> tuple[np.ndarray, tuple[float, float, float]]:
    """A shipped map, float32 (x, y, z) of 1 mm in RAS+, and the place of its first voxel [mm].

    ``name`` is "t1", "gm" or "wm"; outside the brain all are 0.
    """
    # found without importing nilearn, which takes seconds
    (package,) = find_spec("nilearn").submodule_search_locations
    file = f"mni_icbm152_{name}_tal_nlin_sym_09a_converted.nii.gz"
    image = nib.load(Path(package) / "datasets" / "data" / file)
    x, y, z = (float(value) for value in image.affine[:3, 3])
    return np.asarray(image.dataobj, dtype=np.float32), (x, y, z)


def _sharpen(t1: np.ndarray) -> np.ndarray:
    """Unsharp mask: an average of 152 brains has softer edges than any one of them."""
    return t1 + 1.2 * (t1 - ndimage.gaussian_filter(t1, 1.6))


def _halve(mask: np.ndarray) -> np.ndarray:
    """Mask on voxels of twice the size: true where half of the eight are."""
    even = np.pad(mask, [(0, size % 2) for size in mask.shape])
    blocks = even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2, even.shape[2] // 2, 2)
    return blocks.sum(axis=(1, 3, 5)) >= 4


def signed_distance(mask: np.ndarray, spacing: float) -> np.ndarray:
    """Distance to the border of a mask [mm], negative inside, slightly smoothed, float32."""
    outside = ndimage.distance_transform_edt(~mask)
    inside = ndimage.distance_transform_edt(mask)
    distance = (outside - inside) * spacing
    return ndimage.gaussian_filter(distance.astype(np.float32), 0.7)


def _inner_tables(brain: np.ndarray, lowest: float) -> tuple[np.ndarray, np.ndarray]:
    """Signed distances to the brain closed by 14 mm, and by only 5 mm below the base."""
    padded = np.pad(brain, 8)
    closed, folded = (_close(padded, radius)[8:-8, 8:-8, 8:-8] for radius in (7.0, 2.5))
    vault, base = signed_distance(closed, 2.0), signed_distance(folded, 2.0)
    z = lowest + 2.0 * np.arange(brain.shape[2], dtype=np.float32)
    share = np.clip((z + 22) / 24, 0, 1)
    skull = share * vault + (1 - share) * base
    return ndimage.gaussian_filter(vault, 3.0) - 1.5, ndimage.gaussian_filter(skull, 1.2) - 1.5


def _close(mask: np.ndarray, radius: float) -> np.ndarray:
    """Binary closing with a ball of ``radius`` voxels, by two distance transforms."""
    grown = ndimage.distance_transform_edt(~mask) <= radius
    return ndimage.distance_transform_edt(grown) > radius
