"""Phase without a model: the baselines of the paper."""

import numpy as np

NAIVE_NOISE = 0.05


def no_phase(magnitude: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Phase 0 [rad] everywhere; ``magnitude`` is ``(y, x)``."""
    return np.zeros_like(magnitude)


def random_phase(magnitude: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Independent uniform phase in [-pi, pi) [rad] per pixel of ``magnitude`` ``(y, x)``."""
    return generator.uniform(-np.pi, np.pi, magnitude.shape).astype(np.float32)


def naive_phase(magnitude: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """``[sin(2 pi x / N) + cos(2 pi y / N)] M(x, y) + eta`` [rad] (Rempe et al. 2025, Eq. 4).

    M is the magnitude ``(y, x)`` scaled to [0, 1], eta normal with sigma 0.05.
    """
    rows, columns = magnitude.shape
    x = np.sin(2 * np.pi * np.arange(columns) / columns)[None, :]
    y = np.cos(2 * np.pi * np.arange(rows) / rows)[:, None]
    span = np.ptp(magnitude)
    scaled = (magnitude - magnitude.min()) / span if span else np.zeros_like(magnitude)
    noise = NAIVE_NOISE * generator.standard_normal(magnitude.shape)
    return ((x + y) * scaled + noise).astype(np.float32)


BASELINES = {"none": no_phase, "random": random_phase, "naive": naive_phase}
