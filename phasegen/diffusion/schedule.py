"""Cosine noise schedule (Nichol & Dhariwal 2021, Eq. 17)."""

import math

import torch

OFFSET = 0.008
LARGEST_BETA = 0.999


def cosine_alpha_bar(timesteps: int) -> torch.Tensor:
    """Signal share ``abar_t`` for t = 0 ... ``timesteps``, float64; ``abar_0 = 1``.

    ``beta_t = 1 - abar_t / abar_(t-1)`` is clipped to 0.999 and ``abar`` is the product
    of ``1 - beta``, so that it never reaches zero.
    """
    t = torch.arange(timesteps + 1, dtype=torch.float64) / timesteps
    f = torch.cos((t + OFFSET) / (1 + OFFSET) * math.pi / 2) ** 2
    beta = (1 - f[1:] / f[:-1]).clamp(max=LARGEST_BETA)
    return torch.cat([torch.ones(1, dtype=torch.float64), torch.cumprod(1 - beta, dim=0)])
