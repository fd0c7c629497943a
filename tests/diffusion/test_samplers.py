"""Samplers draw the right law where the exact denoiser is known."""

import numpy as np
import pytest
import torch

from phasegen.diffusion.noise import complex_noise
from phasegen.diffusion.samplers import SAMPLERS, timesteps
from phasegen.diffusion.schedule import cosine_alpha_bar

MEAN, SPREAD = 0.6 - 0.3j, 0.35
ALPHA_BAR = cosine_alpha_bar(1000)


def exact(noisy, step):
    """Mean of the clean value behind ``noisy`` if clean values are circular normal about MEAN."""
    share = ALPHA_BAR[step]
    variance = share * SPREAD**2 + 1 - share
    return MEAN + share.sqrt() * SPREAD**2 * (noisy - share.sqrt() * MEAN) / variance


def sample(name, steps, count=40_000):
    random = np.random.default_rng(0)
    magnitude = torch.full((count,), 1e6)  # no bound

    def draw():
        noise = complex_noise("gaussian", (count,), random)
        return torch.from_numpy(noise).to(torch.complex128)

    return SAMPLERS[name](exact, draw, magnitude, ALPHA_BAR, steps)


@pytest.mark.parametrize(
    ("name", "steps"), [("ancestral", 1000), ("ancestral", 200), ("ddim", 100)]
)
def test_gaussian_data_come_out_with_their_mean_and_spread(name, steps):
    values = sample(name, steps)
    assert complex(values.mean()) == pytest.approx(MEAN, abs=0.02)
    spread = float((values - MEAN).abs().square().mean().sqrt())
    assert spread == pytest.approx(SPREAD, rel=0.05)


def test_ddim_never_exceeds_the_given_magnitude_in_its_estimate():
    """An estimate that is far too large, as an error of the predicted noise makes it at the start."""
    magnitude = torch.ones(100)
    start = torch.from_numpy(complex_noise("unit", (100,), np.random.default_rng(0)))
    out = SAMPLERS["ddim"](lambda noisy, step: 2e4 * noisy, lambda: start, magnitude, ALPHA_BAR, 10)
    assert float(out.abs().max()) <= 1 + 1e-5


@pytest.mark.parametrize("steps", [1, 5, 25, 999, 1000])
def test_timesteps_go_down_from_the_noisiest(steps):
    used = timesteps(1000, steps)
    assert len(used) == steps
    assert used[0] == 1000
    assert used[-1] >= 1
    assert all(np.diff(used) < 0)
