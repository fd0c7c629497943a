"""How far two laws are apart, each given as the sum or mean over its slices."""

import numpy as np

FAINTEST = 1e-12
"""Share of the energy below which a band counts as this much."""


def wasserstein(first: np.ndarray, second: np.ndarray, width: float) -> np.ndarray:
    """Wasserstein-1 distance of histograms ``(..., bin)``, in the unit of the bins' ``width``.

    On a line it is the area between the two distribution functions (Vallender 1974).
    """
    first, second = (h / h.sum(axis=-1, keepdims=True) for h in (first, second))
    return width * np.abs(np.cumsum(first - second, axis=-1)).sum(axis=-1)


def log_spectral(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Root mean square ratio of two spectra ``(..., band)`` [dB] (Gray & Markel 1976)."""
    first, second = (np.maximum(spectrum, FAINTEST) for spectrum in (first, second))
    return np.sqrt(np.mean((10 * np.log10(first / second)) ** 2, axis=-1))
