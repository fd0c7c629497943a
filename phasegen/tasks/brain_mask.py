"""From the image of a stripped head to the mask of its brain."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import binary_fill_holes

from phasegen.metrics.overlap import dice

FACTORS = tuple(np.round(np.arange(0.2, 3.01, 0.1), 2).tolist())
"""Multiples of the mean magnitude that are tried as a threshold."""


def brain_masks(stripped: np.ndarray, factor: float) -> np.ndarray:
    """Pixels above ``factor`` times the mean of their slice, holes filled: bool ``(slice, y, x)``.

    Args:
        stripped: magnitude of what the network gave, ``(slice, y, x)``.
    """
    level = factor * stripped.mean(axis=(-2, -1), keepdims=True)
    return np.stack([binary_fill_holes(mask) for mask in stripped > level])


def choose_factor(
    stripped: np.ndarray, masks: np.ndarray, factors: Sequence[float] = FACTORS
) -> tuple[float, float]:
    """The factor of the best mean Dice to ``masks`` ``(slice, y, x)``, and that Dice.

    For validation subjects: on those of a test it would flatter.
    """
    scores = [
        np.nanmean([dice(*pair) for pair in zip(brain_masks(stripped, f), masks, strict=True)])
        for f in factors
    ]
    best = int(np.argmax(scores))
    return float(factors[best]), float(scores[best])
