"""Median filter and Otsu's threshold (dipy) for every slice by itself."""

from collections.abc import Sequence

import numpy as np

from phasegen.raters.median_otsu import RADIUS, bright
from phasegen.raters.morphology import UNKNOWN_MM, opened


def extract(magnitude: np.ndarray, spacing_mm: Sequence[float] = UNKNOWN_MM) -> np.ndarray:
    """Brain mask, bool (slice, y, x); arguments as `median_otsu.extract`."""
    return np.concatenate([_one(part, spacing_mm) for part in magnitude[:, None]])


def _one(part: np.ndarray, spacing_mm: Sequence[float]) -> np.ndarray:
    return opened(bright(part), RADIUS, spacing_mm)
