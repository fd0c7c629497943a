"""Local phase gradients: wrapped differences between neighbouring pixels of tissue."""

import numpy as np

AXES = (-2, -1)
BINS = 512
BIN_WIDTH = 2 * np.pi / BINS
"""Width of the bins of a histogram of gradients [rad/pixel]."""


def wrap(angle: np.ndarray) -> np.ndarray:
    """The same angles in [-pi, pi) [rad]."""
    return (angle + np.pi) % (2 * np.pi) - np.pi


def wrapped_differences(phase: np.ndarray, axis: int) -> np.ndarray:
    """Phase gradient [rad/pixel] along ``axis``, which is one shorter in the result."""
    return wrap(np.diff(phase, axis=axis))


def neighbours(tissue: np.ndarray, axis: int) -> np.ndarray:
    """Which pixels are tissue together with the next one along ``axis``, likewise shorter."""
    first, second = (slice(None, -1), slice(1, None))
    if axis == -1:
        return tissue[..., first] & tissue[..., second]
    return tissue[..., first, :] & tissue[..., second, :]


def gradient_samples(phase: np.ndarray, tissue: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All phase gradients [rad/pixel] inside the tissue, along y and along x, each ``(pair,)``.

    Args:
        phase: [rad], ``(..., y, x)``.
        tissue: bool, likewise.
    """
    along_y, along_x = (wrapped_differences(phase, a)[neighbours(tissue, a)] for a in AXES)
    return along_y, along_x


def gradient_histogram(phase: np.ndarray, tissue: np.ndarray) -> np.ndarray:
    """Number of gradients per bin, along y and along x: float64 ``(slice, 2, bin)``.

    The bins cover [-pi, pi) rad/pixel evenly.

    Args:
        phase: [rad], ``(slice, y, x)``.
        tissue: bool, likewise.
    """
    counts = np.empty((len(phase), 2, BINS))
    for number, (angles, mask) in enumerate(zip(phase, tissue, strict=True)):
        for axis, sample in enumerate(gradient_samples(angles, mask)):
            counts[number, axis] = np.histogram(sample, BINS, (-np.pi, np.pi))[0]
    return counts
