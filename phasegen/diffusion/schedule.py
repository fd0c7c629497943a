"""Cosine noise schedule (Nichol & Dhariwal 2021, Eq. 17)."""

import math

import numpy as np
import torch

from phasegen.settings import Diffusion

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


def draw_steps(
    diffusion: Diffusion,
    count: int,
    alpha_bar: torch.Tensor,
    generator: np.random.Generator,
) -> torch.Tensor:
    """Training steps 1 ... T, int64 ``(count,)``.

    ``uniform`` is the paper's. ``lognormal`` draws the level ``sqrt((1 - abar) / abar)`` from
    a lognormal law (Karras et al. 2022, Table 1) and takes the nearest step.
    """
    longest = len(alpha_bar) - 1
    if diffusion.steps == "uniform":
        return torch.from_numpy(generator.integers(1, longest + 1, count))
    drawn = generator.normal(diffusion.level_mean, diffusion.level_spread, count)
    return nearest_steps(drawn, alpha_bar)


def nearest_steps(logs: np.ndarray, alpha_bar: torch.Tensor) -> torch.Tensor:
    """Steps 1 ... T, int64, whose ``ln sqrt((1 - abar) / abar)`` is the next to ``logs``."""
    levels = torch.log((1 - alpha_bar[1:]) / alpha_bar[1:]) / 2
    longest = len(alpha_bar) - 1
    return torch.searchsorted(levels.cpu(), torch.from_numpy(logs)).clamp(max=longest - 1) + 1
