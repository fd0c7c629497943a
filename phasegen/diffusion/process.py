"""The forward process and the scale of its images."""

import numpy as np
import torch

FOREGROUND = 0.05


def add_noise(clean: torch.Tensor, noise: torch.Tensor, alpha_bar: torch.Tensor) -> torch.Tensor:
    """``z_t = sqrt(abar_t) z_0 + sqrt(1 - abar_t) eps`` (Rempe et al. 2025, Alg. 1)."""
    signal = alpha_bar.sqrt().to(clean.real.dtype)
    rest = (1 - alpha_bar).sqrt().to(clean.real.dtype)
    return signal * clean + rest * noise


def slice_scale(magnitude: np.ndarray) -> np.ndarray:
    """Root mean square over pixels above 5 % of the slice's maximum, float32 ``(slice,)``.

    ``magnitude`` is ``(slice, ..., y, x)``. Padding with zeros changes nothing; an empty
    slice has the scale 0.
    """
    flat = magnitude.reshape(len(magnitude), -1).astype(np.float64)
    inside = flat > FOREGROUND * flat.max(axis=1, keepdims=True)
    energy = np.where(inside, flat**2, 0).sum(axis=1)
    return np.sqrt(energy / np.maximum(inside.sum(axis=1), 1)).astype(np.float32)
