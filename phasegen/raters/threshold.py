"""A threshold between skull and brain for every slice, then morphology."""

from collections.abc import Sequence

import numpy as np
from skimage.filters import threshold_otsu

from phasegen.raters.morphology import UNKNOWN_MM, depth, head, opened, smooth

SCALP = 6.0
"""Thickness of the rim of the head that is not looked at [mm]."""


def extract(magnitude: np.ndarray, spacing_mm: Sequence[float] = UNKNOWN_MM) -> np.ndarray:
    """Brain mask, bool (slice, y, x); arguments as `median_otsu.extract`.

    The rim of the head, which is scalp, is left out.
    """
    inside = depth(head(magnitude, spacing_mm), spacing_mm) > SCALP
    blurred = smooth(magnitude, 1.0, spacing_mm)
    parts = zip(blurred, inside, strict=True)
    return np.concatenate([_one(part, within, spacing_mm) for part, within in parts])


def _one(part: np.ndarray, within: np.ndarray, spacing_mm: Sequence[float]) -> np.ndarray:
    if not within.any():
        return within[None]
    # cut off at what most of the brain reaches, the classes are brain and all that is dark
    cut = threshold_otsu(np.minimum(part, np.quantile(part[within], 0.3)))
    return opened((within & (part > cut))[None], 5.0, spacing_mm)
