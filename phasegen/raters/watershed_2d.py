"""The watershed of every slice by itself."""

from collections.abc import Sequence

import numpy as np

from phasegen.raters import watershed
from phasegen.raters.morphology import UNKNOWN_MM


def extract(magnitude: np.ndarray, spacing_mm: Sequence[float] = UNKNOWN_MM) -> np.ndarray:
    """Brain mask, bool (slice, y, x); arguments as `median_otsu.extract`."""
    return np.concatenate([watershed.extract(part, spacing_mm) for part in magnitude[:, None]])
