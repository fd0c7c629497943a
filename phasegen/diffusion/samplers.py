"""Samplers: each one function from noise to an image, its docstring the equation.

``estimate(z_t, t, abar_t)`` is the model's estimate of the clean image ``z_0_hat``; the predicted
noise ``eps_hat`` follows from it. ``noisy`` is ``z`` at the first rung of the ladder, and what is
returned is the clean image at its end. ``draw()`` is noise, of the shape of the images. Scalars of
a step are float64, so that 1000 steps lose nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from phasegen.diffusion.ladder import Ladder, even_ladder, karras_ladder
from phasegen.diffusion.process import add_noise, noise_from_clean

Estimate = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
Draw = Callable[[], torch.Tensor]


def ancestral(estimate: Estimate, noisy: torch.Tensor, draw: Draw, ladder: Ladder) -> torch.Tensor:
    """Ancestral sampling (Ho et al. 2020, Alg. 2; Rempe et al. 2025, Alg. 2).

    ``z_(t-1) = (z_t - (1 - alpha_t) / sqrt(1 - abar_t) eps_hat) / sqrt(alpha_t) + sigma_t eta``
    with ``sigma_t^2 = beta_t (1 - abar_(t-1)) / (1 - abar_t)``. With fewer steps than the
    schedule has, ``alpha_t`` is the ratio of the two ``abar`` that a step connects.
    """
    for rung in ladder:
        now, after = rung.now, rung.after
        alpha = now / after
        noise = noise_from_clean(noisy, estimate(noisy, rung.step, now), now)
        noisy = (noisy - (1 - alpha) / (1 - now).sqrt() * noise) / alpha.sqrt()
        if after < 1:
            noisy = noisy + ((1 - alpha) * (1 - after) / (1 - now)).sqrt() * draw()
    return noisy


def ddim(estimate: Estimate, noisy: torch.Tensor, draw: Draw, ladder: Ladder) -> torch.Tensor:
    """Deterministic DDIM (Song et al. 2021, Eq. 12 with sigma = 0).

    ``z_s = sqrt(abar_s) z_0_hat + sqrt(1 - abar_s) eps_hat``.
    """
    for rung in ladder:
        clean = estimate(noisy, rung.step, rung.now)
        noisy = add_noise(clean, noise_from_clean(noisy, clean, rung.now), rung.after)
    return noisy


def dpm_solver(estimate: Estimate, noisy: torch.Tensor, draw: Draw, ladder: Ladder) -> torch.Tensor:
    """DPM-Solver++(2M) (Lu et al. 2022, arXiv:2211.01095, Alg. 2), ends of first order.

    ``z_s = sigma_s / sigma_t z_t - sqrt(abar_s) (exp(-h) - 1) D`` with ``sigma^2 = 1 - abar``,
    ``h`` the step of ``ln(sqrt(abar) / sigma)``, and
    ``D = z_0_hat + h / (2 h_before) (z_0_hat - z_0_hat_before)``.
    """
    before = None
    for rung in ladder:
        clean = estimate(noisy, rung.step, rung.now)
        # exp(-h), which is 0 in the last step
        shrink = (rung.now * (1 - rung.after) / (rung.after * (1 - rung.now))).sqrt()
        direction = clean
        if before is not None and rung.after < 1:
            direction = clean + torch.log(shrink) / torch.log(before[0]) / 2 * (clean - before[1])
        ratio = ((1 - rung.after) / (1 - rung.now)).sqrt()
        noisy = ratio * noisy + rung.after.sqrt() * (1 - shrink) * direction
        before = shrink, clean
    return noisy


def heun(estimate: Estimate, noisy: torch.Tensor, draw: Draw, ladder: Ladder) -> torch.Tensor:
    """Heun's second-order method, the last step Euler's (Karras et al. 2022, Alg. 1).

    With ``x = z / sqrt(abar)`` and ``sigma = sqrt((1 - abar) / abar)``: ``dx/dsigma = d``,
    ``d = (x - z_0_hat) / sigma``; every step but the last takes the mean of ``d`` at both ends.
    Two evaluations a step, one in the last.
    """
    rungs = list(ladder)
    image = noisy / rungs[0].now.sqrt()
    for rung, following in zip(rungs, [*rungs[1:], None], strict=True):
        slope = _slope(estimate, image, rung.step, rung.now)
        width = _level(rung.after) - _level(rung.now)
        moved = image + width * slope
        if following:
            slope = (slope + _slope(estimate, moved, following.step, following.now)) / 2
            moved = image + width * slope
        image = moved
    return image


def _slope(
    estimate: Estimate, image: torch.Tensor, step: torch.Tensor, alpha_bar: torch.Tensor
) -> torch.Tensor:
    clean = estimate(image * alpha_bar.sqrt(), step, alpha_bar)
    return (image - clean) / _level(alpha_bar)


def _level(alpha_bar: torch.Tensor) -> torch.Tensor:
    return ((1 - alpha_bar) / alpha_bar).sqrt()


@dataclass(frozen=True)
class Sampler:
    """A sampler and how it is used."""

    run: Callable[[Estimate, torch.Tensor, Draw, Ladder], torch.Tensor]
    ladder: Callable[[torch.Tensor, int], Ladder]
    evaluations: int = 1
    """Of the network in a step, but the last."""
    bounded: bool = True
    """Whether the estimate is cut to the given magnitude; the paper's sampler does not."""

    def rungs(self, evaluations: int) -> int:
        """Steps that take that many evaluations, or one fewer."""
        return -(-evaluations // self.evaluations)


SAMPLERS = {
    "ancestral": Sampler(ancestral, even_ladder, bounded=False),
    "ddim": Sampler(ddim, even_ladder),
    "dpm": Sampler(dpm_solver, karras_ladder),
    "heun": Sampler(heun, karras_ladder, evaluations=2),
}
