"""K-space: where its peak lies and how its energy falls off with the radius."""

import numpy as np

from phasegen.fourier import to_kspace

BANDS = 16


def peak_offset(image: np.ndarray) -> np.ndarray:
    """Position of the k-space peak relative to the centre, (ky, kx) [pixel]: int ``(..., 2)``.

    Args:
        image: complex, ``(..., y, x)``.
    """
    rows, columns = image.shape[-2:]
    energy = np.abs(to_kspace(image)).reshape(*image.shape[:-2], -1)
    y, x = np.divmod(energy.argmax(axis=-1), columns)
    return np.stack([y - rows // 2, x - columns // 2], axis=-1)


def radius(rows: int, columns: int) -> np.ndarray:
    """Distance from the centre of k-space, as a fraction of Nyquist: float64 ``(ky, kx)``."""
    y = (np.arange(rows) - rows // 2) / (rows / 2)
    x = (np.arange(columns) - columns // 2) / (columns / 2)
    return np.hypot(y[:, None], x)


def band_centres(bands: int = BANDS) -> np.ndarray:
    """Radius in the middle of every band, as a fraction of Nyquist: float64 ``(band,)``."""
    return (np.arange(bands) + 0.5) / bands


def radial_spectrum(image: np.ndarray, bands: int = BANDS) -> np.ndarray:
    """Share of the energy in ``bands`` rings of equal width up to Nyquist, ``(..., band)``.

    The corners of k-space beyond Nyquist are left out; the shares of a slice add
    up to 1, those of an empty one to 0.

    Args:
        image: complex, ``(..., y, x)``.
    """
    band = np.floor(radius(*image.shape[-2:]) * bands)
    rings = (band.ravel() == np.arange(bands)[:, None]).astype(float)
    energy = np.abs(to_kspace(image)).astype(float) ** 2
    inside = energy.reshape(*image.shape[:-2], -1) @ rings.T
    return inside / np.maximum(inside.sum(axis=-1, keepdims=True), np.finfo(float).tiny)
