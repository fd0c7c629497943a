"""The noise levels that a sampler goes down."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

# Of the noise over the signal, whose scale is 1; all but the first as in Karras et al. 2022,
# Table 1. A smooth phase puts an energy of thousands of pixels into a few points of k-space: at
# their level of 80 these still stand out of the noise, so a start from noise alone would be wrong.
LARGEST_LEVEL = 300.0
SMALLEST_LEVEL = 0.002
CURVE = 7.0


@dataclass(frozen=True)
class Rung:
    """One step of sampling: from ``now`` to ``after``."""

    step: torch.Tensor
    """Timestep, float64; between two integers where a level lies between theirs."""
    now: torch.Tensor
    """``abar`` of the step, float64."""
    after: torch.Tensor
    """``abar`` that the step leads to; 1 at the end."""


@dataclass(frozen=True)
class Ladder:
    """Timesteps downwards and ``abar`` of each, float64 ``(rung,)``; it ends at the clean image."""

    steps: torch.Tensor
    alpha_bar: torch.Tensor

    def __iter__(self) -> Iterator[Rung]:
        ends = torch.cat([self.alpha_bar[1:], torch.ones(1, dtype=torch.float64)])
        return map(Rung, self.steps, self.alpha_bar, ends)


def even_ladder(alpha_bar: torch.Tensor, rungs: int) -> Ladder:
    """Evenly spaced timesteps from the noisiest downwards; 0 is not among them."""
    longest = len(alpha_bar) - 1
    steps = torch.tensor([round(longest * (rungs - rung) / rungs) for rung in range(rungs)])
    return Ladder(steps.double(), alpha_bar.cpu()[steps])


def karras_ladder(
    alpha_bar: torch.Tensor,
    rungs: int,
    top: float = LARGEST_LEVEL,
    bottom: float = SMALLEST_LEVEL,
) -> Ladder:
    """Levels ``sigma = sqrt((1 - abar) / abar)`` by Karras et al. 2022, Eq. 5.

    ``sigma_i = (sigma_max^(1/rho) + i / (n - 1) (sigma_min^(1/rho) - sigma_max^(1/rho)))^rho``
    with rho = 7, from ``top`` to ``bottom`` or as far as the timesteps reach. The last step
    starts from ``bottom`` and ends at the clean image.
    """
    logs = log_levels(alpha_bar)
    ends = np.clip(np.log([top, bottom]), logs[0], logs[-1])
    roots = np.linspace(*np.exp(ends / CURVE), rungs)
    levels = CURVE * np.log(roots)
    steps = torch.from_numpy(np.interp(levels, logs, np.arange(1, len(logs) + 1)))
    shares = torch.from_numpy(1 / (1 + np.exp(2 * levels)))
    return Ladder(steps, shares)


def log_levels(alpha_bar: torch.Tensor) -> np.ndarray:
    """``ln sqrt((1 - abar) / abar)`` of the timesteps 1 ... T, ascending, float64 ``(T,)``."""
    noisy = alpha_bar[1:].cpu().numpy()
    return np.log((1 - noisy) / noisy) / 2
