"""How much of k-space carries something, from the levels of its lines.

Measured k-space has the receiver's noise out to its last line. Lines that were filled with zeros
lie below a cliff; an image that was interpolated or filtered falls towards the edge without a floor.
"""

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter, minimum_filter

from phasegen.fourier import to_kspace

# Of half the width of k-space: the lines' part that is looked at, off the bright centre and well
# inside what any padding leaves.
BAND = (0.04, 0.20)
OUTER, MIDDLE = (0.92, 1.0), (0.45, 0.60)
# Of the 99th percentile: what counts as bright tissue, where a magnitude is nearly linear.
BRIGHT = 0.25
TAPER = 8
"""Width of the window's edge [pixel]."""
SMALLEST = 100
"""Pixels of bright tissue that say something."""


def line_levels(power: np.ndarray, axis: int) -> np.ndarray:
    """Level of every line along an axis [dB], float64 ``(line,)``, lines across it in the middle.

    Args:
        power: ``|k|^2``, ``(ky, kx)``, mean over coils.
        axis: 0 for the rows (ky), 1 for the columns (kx).
    """
    lines = power if axis == 0 else power.T
    place = _place(lines.shape[1])
    inside = (place >= BAND[0]) & (place <= BAND[1])
    median = np.median(lines[:, inside], axis=1)
    return 10 * np.log10(np.maximum(median, median.max() * 1e-30 + 1e-300))


def filled(levels: np.ndarray, cliff: float, guard: int = 0) -> tuple[float, float]:
    """Share of the lines inside the cliffs at both ends, and the height of the higher one [dB].

    A cliff is where some neighbouring lines are all higher by ``cliff`` [dB] than
    every line further out. Without one the share is 1.

    Args:
        guard: lines left out at the foot, where the window of a magnitude blurs the cliff.
    """
    count = len(levels)
    centre = count // 2
    low, first = _cliff(levels[:centre], guard)
    high, second = _cliff(levels[:centre:-1], guard)
    lost = (low if first >= cliff else 0) + (high if second >= cliff else 0)
    return (count - lost) / count, max(first, second)


def _cliff(levels: np.ndarray, guard: int) -> tuple[int, float]:
    """Lines outside of the highest cliff of one side, edge first, and its height [dB]."""
    width = max(4, len(levels) // 8)
    outside = np.maximum.accumulate(levels)
    place, height = 0, 0.0
    for line in range(1, int(0.85 * len(levels)) - width - guard):
        rise = float(levels[line + guard : line + guard + width].min() - outside[line - 1])
        if rise > height:
            place, height = line + guard, rise
    return place, height


def roll_off(levels: np.ndarray) -> float:
    """Level of the outermost lines against that half way out [dB]."""
    place = _place(len(levels))
    outer = (place >= OUTER[0]) & (place <= OUTER[1])
    middle = (place >= MIDDLE[0]) & (place <= MIDDLE[1])
    return float(np.median(levels[outer]) - np.median(levels[middle]))


def tissue_power(magnitude: np.ndarray) -> np.ndarray | None:
    """``|k|^2`` of bright tissue alone, ``(ky, kx)``; None where there is too little of it.

    There a magnitude is its signal plus the noise's part along it, so its band is that of the
    complex image; in the background it is broadened to twice the width. A smooth part is taken off,
    so that the window's own spectrum does not cover the edge.
    """
    top = np.percentile(magnitude, 99)
    bright = minimum_filter(gaussian_filter(magnitude, 1), 5) > BRIGHT * top
    depth = distance_transform_edt(np.pad(bright, 1))[1:-1, 1:-1]
    window = np.sin(np.pi / 2 * np.minimum(depth / TAPER, 1)) ** 2
    if top <= 0 or window.sum() < SMALLEST:
        return None
    weight = np.maximum(gaussian_filter(window, 3), 1e-6)
    smooth = gaussian_filter(magnitude * window, 3) / weight
    return np.abs(to_kspace((magnitude - smooth) * window)) ** 2


def _place(count: int) -> np.ndarray:
    """Distance of each line from the centre, the edge being 1."""
    return np.abs(np.arange(count) - count // 2) / (count / 2)
