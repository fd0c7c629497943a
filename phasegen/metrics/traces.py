"""Traces that processing leaves in an image: a period, a grid of blocks, a single phase."""

import numpy as np
from scipy.fft import dct, rfft, rfftfreq
from scipy.ndimage import gaussian_filter1d

from phasegen.fourier import to_image, to_kspace

# Of the 99th percentile.
FOREGROUND = 0.1
FEWEST = 10
"""Pixels of a line, and 3 times as many lines, that say something."""
BLOCK = 8
MOST_BLOCKS = 512
"""Of a place of the grid; more say no more."""


def _fine_coefficients() -> np.ndarray:
    """Map of a block to the finer half of its cosine transform, float64 ``(64, 28)``."""
    waves = dct(np.eye(BLOCK), norm="ortho", axis=0)
    fine = np.add.outer(np.arange(BLOCK), np.arange(BLOCK)) >= BLOCK
    return np.ascontiguousarray(np.kron(waves, waves)[fine.ravel()].T)


FINE = _fine_coefficients()


def periodicity(image: np.ndarray, axis: int) -> float:
    """Largest peak of the spectrum of the second difference's level along an axis, over its median.

    Interpolation makes a pixel between two samples smoother than one on a sample, so how rough
    lines are repeats with the period of the samples (Gallagher 2005; Mahdian & Saic 2008).
    NaN where the foreground is too small.

    Args:
        image: magnitude, ``(y, x)``.
        axis: 0 along y, 1 along x.
    """
    lines = image if axis == 0 else image.T
    top = np.percentile(image, 99)
    rough = np.abs(lines[2:] - 2 * lines[1:-1] + lines[:-2])
    inside = lines[1:-1] > FOREGROUND * top
    levels = _medians(rough, inside)
    known = np.flatnonzero(np.isfinite(levels))
    if top <= 0 or len(known) < 3 * FEWEST:
        return np.nan
    level = np.interp(np.arange(known[0], known[-1] + 1), known, levels[known])
    level = np.log(np.maximum(level, 1e-6 * top))
    level -= gaussian_filter1d(level, 3, mode="nearest")
    length = max(512, len(level))
    power = np.abs(rfft(level * np.hanning(len(level) + 2)[1:-1], length)) ** 2
    power = power[rfftfreq(length) > 0.1]
    return float(power.max() / max(np.median(power), 1e-30))


def _medians(lines: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """Median of what is kept of each line, float64; NaN where that is little."""
    medians = np.ma.median(np.ma.array(lines, mask=~keep), axis=1)
    enough = np.count_nonzero(keep, axis=1) >= FEWEST
    return np.where(enough, np.ma.filled(medians, np.nan), np.nan).astype(float)


def block_ratio(image: np.ndarray) -> float:
    """Smallest level of fine detail in blocks of 8 x 8 over all places of their grid, over its median.

    About 1 without a grid. Where an image went through JPEG, the finest coefficients of its
    own blocks are zero and those of blocks at another place are not. NaN without foreground.

    Args:
        image: magnitude, ``(y, x)``.
    """
    top = np.percentile(image, 99)
    if top <= 0 or min(image.shape) < 3 * BLOCK:
        return np.nan
    places = [(y, x) for y in range(BLOCK) for x in range(BLOCK)]
    levels = np.array([_detail(image[y:, x:], FOREGROUND * top) for y, x in places])
    if not np.isfinite(levels).all() or np.median(levels) <= 0:
        return np.nan
    return float(levels.min() / np.median(levels))


def _detail(image: np.ndarray, floor: float) -> float:
    rows, columns = image.shape[0] // BLOCK, image.shape[1] // BLOCK
    blocks = image[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    blocks = blocks.swapaxes(1, 2).reshape(-1, BLOCK**2)
    blocks = blocks[blocks.mean(axis=1) > floor]
    blocks = blocks[:: -(-len(blocks) // MOST_BLOCKS) or 1]
    return float(np.median(np.abs(blocks @ FINE))) if len(blocks) else np.nan


def one_phase(kspace: np.ndarray) -> float:
    """Hermitian symmetry of the outer half of k-space once a linear phase is taken off, 0 to 1.

    1 where the image of each coil has one phase up to its sign and a ramp, as data made of a magnitude have; the
    noise of a receiver has no such symmetry. NaN for an empty slice.

    Args:
        kspace: complex ``(coil, ky, kx)``.
    """
    image = to_image(kspace).astype(np.complex128)
    for axis in (-2, -1):
        image = image * np.conj(_ramp(image, axis))
    spectrum = to_kspace(image)
    height, width = spectrum.shape[-2:]
    # An even axis has one line without a mirror image.
    spectrum = spectrum[:, 1 - height % 2 :, 1 - width % 2 :]
    y, x = (np.linspace(-1, 1, count) for count in spectrum.shape[-2:])
    outer = spectrum[:, np.maximum(np.abs(y)[:, None], np.abs(x)) > 0.5]
    # A line without a mirror image, as zero-padding leaves one, weighs nothing.
    pairs = outer * outer[:, ::-1]
    energy = np.sum(np.abs(pairs))
    # Each coil may have a phase of its own.
    return float(np.abs(pairs.sum(axis=1)).sum() / energy) if energy > 0 else np.nan


def _ramp(image: np.ndarray, axis: int) -> np.ndarray:
    """Unit phasor whose phase has the mean slope of the image along an axis."""
    image = np.moveaxis(image, axis, -1)
    # Squares, so that a change of sign is no slope.
    slope = np.angle(np.sum((image[..., 1:] * np.conj(image[..., :-1])) ** 2)) / 2
    count = image.shape[-1]
    ramp = np.exp(1j * slope * (np.arange(count) - count // 2))
    return ramp if axis == -1 else ramp[:, None]
