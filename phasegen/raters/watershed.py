"""Watershed on the inverted intensities: brain and scalp are basins, the skull is the ridge.

After Hahn & Peitgen, MICCAI 2000, with markers in place of pre-flooding.
"""

from collections.abc import Sequence

import numpy as np
from skimage import segmentation

from phasegen.raters.morphology import (
    TALL,
    UNKNOWN_MM,
    below_top,
    depth,
    filled,
    head,
    largest,
    opened,
    smooth,
)

RIM = 4.0
"""Depth below the surface of the head that is scalp for certain [mm]."""

FACE = 90.0
"""From the top of the head down to where the face begins at least [mm]."""

DEEP = 25.0
"""Depth that only brain has [mm], where a slice is large enough."""

SHALLOW = 12.0
"""Depth at which scalp and skull end, mostly [mm]."""

SLOPE = 0.2
"""What depth counts beside brightness, so that brain is flooded from its middle."""

DARK = 0.5
"""Share of the brightness of brain below which the rim of a basin is skull."""


def extract(magnitude: np.ndarray, spacing_mm: Sequence[float] = UNKNOWN_MM) -> np.ndarray:
    """Brain mask, bool (slice, y, x); arguments as `median_otsu.extract`."""
    whole = head(magnitude, spacing_mm)
    below, from_top = depth(whole, spacing_mm), below_top(whole, spacing_mm)
    core = _core(below) & (from_top < FACE)
    if not core.any():
        return core
    blurred = smooth(magnitude, 2.0, spacing_mm)
    level = np.quantile(blurred[core], 0.2)
    height = -np.minimum(blurred / level, 1) - SLOPE * np.clip((below - SHALLOW) / DEEP, 0, 1)
    markers = np.where((below <= RIM) | (from_top > TALL), 2, core.astype(int))
    basin = segmentation.watershed(height, markers) == 1
    sharper = smooth(magnitude, 0.7, spacing_mm)
    return opened(filled(largest(basin & (sharper > DARK * level))), 4.0, spacing_mm)


def _core(below: np.ndarray) -> np.ndarray:
    """What lies deep in its slice, and so is brain."""
    deepest = below.max(axis=(1, 2), keepdims=True)
    return (below > SHALLOW) & (below > np.minimum(DEEP, 0.6 * deepest))
