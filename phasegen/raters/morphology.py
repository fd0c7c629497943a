"""Masks grown, shrunk and cleaned by lengths in millimetres."""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage
from skimage.filters import threshold_otsu

UNKNOWN_MM = (5.0, 1.5, 1.5)
"""Voxel (slice, y, x) that is taken where a file does not say."""


TALL = 150.0
"""From the top of the head down to the end of the brain at most [mm]."""


def grow(mask: np.ndarray, millimetres: float, spacing_mm: Sequence[float]) -> np.ndarray:
    """All that is no farther than so many mm from the mask; bool, of its shape."""
    if not mask.any():
        return mask
    return ndimage.distance_transform_edt(~mask, spacing_mm) <= millimetres


def depth(mask: np.ndarray, spacing_mm: Sequence[float]) -> np.ndarray:
    """Distance from the outside within each slice [mm], float64; spacing is (slice, y, x)."""
    padded = np.pad(mask, ((0, 0), (1, 1), (1, 1)))
    return np.stack([ndimage.distance_transform_edt(s, spacing_mm[1:])[1:-1, 1:-1] for s in padded])


def below_top(mask: np.ndarray, spacing_mm: Sequence[float]) -> np.ndarray:
    """Depth of each slice below the highest one that the mask reaches [mm], (slice, 1, 1)."""
    highest = np.flatnonzero(mask.any(axis=(1, 2))).max(initial=0)
    return (highest - np.arange(len(mask)))[:, None, None] * spacing_mm[0]


def largest(mask: np.ndarray) -> np.ndarray:
    """The largest connected part of a mask."""
    labels, count = ndimage.label(mask)
    if count < 2:
        return mask
    return labels == 1 + np.argmax(np.bincount(labels.ravel())[1:])


def large(mask: np.ndarray, share: float = 0.4) -> np.ndarray:
    """Connected parts of at least a share of the largest: both halves of a brain cut high up."""
    labels, count = ndimage.label(mask)
    if count < 2:
        return mask
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return (sizes >= share * sizes.max())[labels]


def filled(mask: np.ndarray) -> np.ndarray:
    """A mask (slice, y, x) with the holes of each slice filled."""
    return np.stack([ndimage.binary_fill_holes(one) for one in mask])


def opened(mask: np.ndarray, radius: float, spacing_mm: Sequence[float]) -> np.ndarray:
    """The large parts left when a mask is shrunk by ``radius`` [mm], grown back and closed.

    What hangs on the brain by bridges thinner than twice the radius falls off, such as scalp
    and eyes; sulci narrower than that are closed and holes filled.
    """
    core = large(ndimage.distance_transform_edt(mask, spacing_mm) > radius)
    if not core.any():
        return mask
    body = grow(core, 1.2 * radius, spacing_mm) & mask
    return filled(body | ~grow(~grow(body, radius, spacing_mm), radius, spacing_mm))


def smooth(magnitude: np.ndarray, millimetres: float, spacing_mm: Sequence[float]) -> np.ndarray:
    """Gaussian within each slice of so many mm standard deviation."""
    return ndimage.gaussian_filter(magnitude, [0.0, *(millimetres / d for d in spacing_mm[1:])])


def evened(magnitude: np.ndarray, share: float = 0.6) -> np.ndarray:
    """Magnitude cut off at a quantile of the head, so that bright fat is no brighter than brain."""
    above = magnitude[magnitude > 0.5 * threshold_otsu(magnitude)]
    if not above.size:  # a blank slice
        return magnitude
    return np.minimum(magnitude, np.quantile(above, share))


def head(magnitude: np.ndarray, spacing_mm: Sequence[float]) -> np.ndarray:
    """All of the head, bool (slice, y, x): what is brighter than air, closed and filled."""
    blurred = smooth(magnitude, 1.5, spacing_mm)
    cut = threshold_otsu(np.minimum(blurred, np.quantile(blurred, 0.9)))
    seen = blurred > 0.6 * cut
    return np.stack([_whole(one, spacing_mm[1:]) for one in seen])


def _whole(seen: np.ndarray, spacing_mm: Sequence[float]) -> np.ndarray:
    radius = 8.0
    border = [int(np.ceil(radius / d)) + 1 for d in spacing_mm]
    padded = np.pad(largest(seen), [(n, n) for n in border])
    closed = ~grow(~grow(padded, radius, spacing_mm), radius, spacing_mm)
    inner = tuple(slice(n, -n) for n in border)
    return ndimage.binary_fill_holes(closed)[inner]
