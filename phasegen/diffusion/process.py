"""The forward process."""

import torch


def add_noise(clean: torch.Tensor, noise: torch.Tensor, alpha_bar: torch.Tensor) -> torch.Tensor:
    """``z_t = sqrt(abar_t) z_0 + sqrt(1 - abar_t) eps`` (Rempe et al. 2025, Alg. 1)."""
    signal = alpha_bar.sqrt().to(clean.real.dtype)
    rest = (1 - alpha_bar).sqrt().to(clean.real.dtype)
    return signal * clean + rest * noise
