"""The unit of the images that a model sees."""

import numpy as np

FOREGROUND = 0.05


def slice_scale(magnitude: np.ndarray) -> np.ndarray:
    """Root mean square over pixels above 5 % of the slice's maximum, float32 ``(slice,)``.

    ``magnitude`` is ``(slice, ..., y, x)``. Padding with zeros changes nothing; an empty
    slice has the scale 0.
    """
    flat = magnitude.reshape(len(magnitude), -1).astype(np.float64)
    inside = flat > FOREGROUND * flat.max(axis=1, keepdims=True)
    energy = np.where(inside, flat**2, 0).sum(axis=1)
    return np.sqrt(energy / np.maximum(inside.sum(axis=1), 1)).astype(np.float32)
