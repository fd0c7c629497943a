"""Median filter and one threshold for the whole volume (dipy), then morphology in 3D."""

from collections.abc import Sequence

import numpy as np

from phasegen.raters.morphology import TALL, UNKNOWN_MM, below_top, evened, opened

RADIUS = 8.0
"""Half the width of the thickest bridge from brain to scalp [mm]."""


def extract(magnitude: np.ndarray, spacing_mm: Sequence[float] = UNKNOWN_MM) -> np.ndarray:
    """Brain mask, bool (slice, y, x).

    Args:
        magnitude: float32 (slice, y, x), not negative.
        spacing_mm: voxel (slice, y, x) [mm].
    """
    seen = bright(magnitude)
    return opened(seen & (below_top(seen, spacing_mm) < TALL), RADIUS, spacing_mm)


def bright(magnitude: np.ndarray) -> np.ndarray:
    """`median_otsu` of dipy: what is brighter than Otsu's threshold after a median filter."""
    from dipy.segment.mask import median_otsu

    # its last axis is that of the slices, and it wants three of them at least
    _, mask = median_otsu(np.moveaxis(evened(magnitude), 0, 2), median_radius=1, numpass=1)
    return np.moveaxis(mask, 2, 0).astype(bool)
