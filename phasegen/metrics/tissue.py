"""Where there is signal enough for the phase to mean something."""

import numpy as np

TISSUE_LEVEL = 0.15
"""Share of a slice's largest magnitude above which a pixel counts as tissue."""


def tissue_mask(magnitude: np.ndarray) -> np.ndarray:
    """Tissue of every slice, bool like ``magnitude`` ``(..., y, x)``; none in an empty slice."""
    return magnitude > TISSUE_LEVEL * magnitude.max(axis=(-2, -1), keepdims=True)


def complex_image(magnitude: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """``magnitude`` with this ``phase`` [rad]: complex64 for float32, shape of the two."""
    return magnitude * np.exp(1j * phase)
