"""What a classifier sees of the phase of one slice inside its tissue; no global phase counts."""

import numpy as np
from scipy import ndimage

from phasegen.metrics.gradients import AXES, gradient_samples, neighbours, wrap, wrapped_differences
from phasegen.metrics.residues import residue_rate, tissue_loops

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
WINDOWS = (3, 5, 9, 17)
LAGS = (2, 4, 8, 16)
RIM = 3
"""Width of the outer rim of the tissue, which is scalp [pixel]."""
TINY = 1e-6


def log(value: np.ndarray | float) -> np.ndarray:
    """Natural logarithm that takes 0 too."""
    return np.log(np.asarray(value, dtype=float) + TINY)


def quantiles(name: str, sample: np.ndarray) -> dict[str, float]:
    """Logarithms of the quantiles of the absolute values of a sample."""
    levels = log(np.quantile(np.abs(sample) if sample.size else [0.0], QUANTILES))
    return {f"{name}_{q:g}": float(v) for q, v in zip(QUANTILES, levels, strict=True)}


def mixed_differences(phase: np.ndarray) -> np.ndarray:
    """Wrapped second difference along y and x of every 2 x 2 loop [rad]: blind to a ramp."""
    return wrap(np.diff(wrapped_differences(phase, -1), axis=-2))


def gradient_features(phase: np.ndarray, tissue: np.ndarray) -> dict[str, float]:
    """Residues, and the laws of first and second differences."""
    along_y, along_x = gradient_samples(phase, tissue)
    loops = tissue_loops(tissue)
    found = {
        "residues": float(log(1 + residue_rate(phase, tissue))),
        "slope_y": _mean(along_y),
        "slope_x": _mean(along_x),
        "steepness_y": float(log(_mean(along_y**2))),
        "steepness_x": float(log(_mean(along_x**2))),
    }
    found |= quantiles("gradient", np.concatenate([along_y, along_x]))
    found |= quantiles("curvature", np.concatenate(list(_curvatures(phase, tissue))))
    return found | quantiles("mixed", mixed_differences(phase)[loops])


def coherence_features(phase: np.ndarray, tissue: np.ndarray) -> dict[str, float]:
    """How well the phase agrees with itself near and far, and the scalp with the brain."""
    # in single precision running sums of a constant phase would exceed 1
    phasors = np.exp(1j * phase.astype(float)) * tissue
    found = {f"coherence_{w}": _coherence(phasors, tissue, w) for w in WINDOWS}
    for axis, name in zip(AXES, "yx", strict=True):
        for lag in LAGS:
            found[f"correlation_{name}_{lag}"] = _lagged(phasors, tissue, axis, lag)
    core = ndimage.binary_erosion(tissue, iterations=RIM)
    means = [phasors[part].sum() / max(part.sum(), 1) for part in (core, tissue & ~core)]
    second = (phasors**2).sum() / max(tissue.sum(), 1)
    return found | {
        "resultant_core": float(np.abs(means[0])),
        "resultant_rim": float(np.abs(means[1])),
        "resultant_second": float(np.abs(second)),
        "core_to_rim": float(np.abs(np.angle(means[0] * np.conj(means[1])))),
    }


def _mean(sample: np.ndarray) -> float:
    return float(sample.mean()) if sample.size else 0.0


def _curvatures(phase: np.ndarray, tissue: np.ndarray) -> list[np.ndarray]:
    """Wrapped second differences [rad] along y and along x over three pixels of tissue."""
    return [
        wrap(np.diff(wrapped_differences(phase, a), axis=a))[neighbours(neighbours(tissue, a), a)]
        for a in AXES
    ]


def _coherence(phasors: np.ndarray, tissue: np.ndarray, window: int) -> float:
    """Length of the mean phasor of a window round every pixel, mean over the tissue."""
    total = ndimage.uniform_filter(phasors, window, mode="constant")
    share = ndimage.uniform_filter(tissue.astype(float), window, mode="constant")
    return float(log(1 - _mean(np.abs(total[tissue]) / share[tissue])))


def _lagged(phasors: np.ndarray, tissue: np.ndarray, axis: int, lag: int) -> float:
    """Mean product of phasors ``lag`` pixels apart."""
    size = phasors.shape[axis]
    first, second = (np.arange(lag, size), np.arange(size - lag))
    products = phasors.take(first, axis) * np.conj(phasors.take(second, axis))
    pairs = np.count_nonzero(tissue.take(first, axis) & tissue.take(second, axis))
    return float(np.abs(products.sum()) / max(pairs, 1))
