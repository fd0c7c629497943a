"""Samplers: each one function from noise to an image, its docstring the equation.

``estimate(z_t, t)`` is the model's estimate of the clean image ``z_0_hat``; the predicted noise
``eps_hat`` follows from it.
"""

from collections.abc import Callable, Iterator

import torch

from phasegen.diffusion.process import add_noise, noise_from_clean

Estimate = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Draw = Callable[[], torch.Tensor]


def timesteps(longest: int, steps: int) -> list[int]:
    """``steps`` evenly spaced timesteps from ``longest`` downwards; 0 is not among them."""
    return [round(longest * (steps - index) / steps) for index in range(steps)]


def ancestral(
    estimate: Estimate, draw: Draw, magnitude: torch.Tensor, alpha_bar: torch.Tensor, steps: int
) -> torch.Tensor:
    """Ancestral sampling (Ho et al. 2020, Alg. 2; Rempe et al. 2025, Alg. 2).

    ``z_(t-1) = (z_t - (1 - alpha_t) / sqrt(1 - abar_t) eps_hat) / sqrt(alpha_t) + sigma_t eta``
    with ``sigma_t^2 = beta_t (1 - abar_(t-1)) / (1 - abar_t)``. With fewer steps than the
    schedule has, ``alpha_t`` is the ratio of the two ``abar`` that a step connects.
    """
    noisy = draw()
    for step, now, after in _pairs(alpha_bar, steps):
        alpha = now / after
        noise = noise_from_clean(noisy, estimate(noisy, step), now)
        noisy = (noisy - (1 - alpha) / (1 - now).sqrt() * noise) / alpha.sqrt()
        if after < 1:
            noisy = noisy + ((1 - alpha) * (1 - after) / (1 - now)).sqrt() * draw()
    return noisy


def ddim(
    estimate: Estimate, draw: Draw, magnitude: torch.Tensor, alpha_bar: torch.Tensor, steps: int
) -> torch.Tensor:
    """Deterministic DDIM (Song et al. 2021, Eq. 12 with sigma = 0).

    ``z_s = sqrt(abar_s) z_0_hat + sqrt(1 - abar_s) eps_hat``. The estimate of ``z_0`` is a
    mean over images of one magnitude, so its own magnitude cannot be larger: it is
    cut to that, which is what keeps the first steps stable where ``abar`` is near 0.
    """
    noisy = draw()
    for step, now, after in _pairs(alpha_bar, steps):
        clean = estimate(noisy, step)
        clean = clean * (magnitude / clean.abs().clamp(min=1e-12)).clamp(max=1)
        noisy = add_noise(clean, noise_from_clean(noisy, clean, now), after)
    return noisy


SAMPLERS = {"ancestral": ancestral, "ddim": ddim}


def _pairs(
    alpha_bar: torch.Tensor, steps: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Timestep, its ``abar`` and the ``abar`` that the step leads to."""
    used = timesteps(len(alpha_bar) - 1, steps)
    for step, after in zip(used, [*used[1:], 0], strict=True):
        yield torch.tensor(step), alpha_bar[step], alpha_bar[after]
