"""Samplers draw the right law where the exact denoiser is known."""

import numpy as np
import pytest
import torch

from phasegen.diffusion.generate import bound
from phasegen.diffusion.ladder import even_ladder, karras_ladder
from phasegen.diffusion.noise import complex_noise
from phasegen.diffusion.samplers import SAMPLERS
from phasegen.diffusion.schedule import cosine_alpha_bar

MEAN, SPREAD = 0.6 - 0.3j, 0.35
ALPHA_BAR = cosine_alpha_bar(1000)


def exact(noisy, step, share):
    """Mean of the clean value behind ``noisy`` if clean values are circular normal about MEAN."""
    variance = share * SPREAD**2 + 1 - share
    return MEAN + share.sqrt() * SPREAD**2 * (noisy - share.sqrt() * MEAN) / variance


def sample(name, evaluations, count=40_000):
    random = np.random.default_rng(0)

    def draw():
        noise = complex_noise("gaussian", (count,), random)
        return torch.from_numpy(noise).to(torch.complex128)

    sampler = SAMPLERS[name]
    return sampler.run(exact, draw(), draw, sampler.ladder(ALPHA_BAR, sampler.rungs(evaluations)))


@pytest.mark.parametrize(
    ("name", "evaluations"),
    [("ancestral", 1000), ("ancestral", 200), ("ddim", 100), ("dpm", 50), ("heun", 70)],
)
def test_gaussian_data_come_out_with_their_mean_and_spread(name, evaluations):
    values = sample(name, evaluations)
    assert complex(values.mean()) == pytest.approx(MEAN, abs=0.02)
    spread = float((values - MEAN).abs().square().mean().sqrt())
    assert spread == pytest.approx(SPREAD, rel=0.05)


def test_second_order_needs_fewer_steps():
    """Against the exact flow of the same start: forty steps come far closer than forty of DDIM."""
    start = torch.complex(torch.tensor([1.0, -0.4]), torch.tensor([0.2, 0.9])).to(torch.complex128)
    ladder = karras_ladder(ALPHA_BAR, 40)
    fine = SAMPLERS["heun"].run(exact, start, lambda: start, karras_ladder(ALPHA_BAR, 500))
    errors = {
        name: float((SAMPLERS[name].run(exact, start, lambda: start, ladder) - fine).abs().max())
        for name in ("ddim", "dpm", "heun")
    }
    assert max(errors["heun"], errors["dpm"]) < errors["ddim"] / 5


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("evaluations", [1, 5, 10, 100])
def test_no_more_evaluations_than_asked_for(name, evaluations):
    calls = []

    def estimate(noisy, step, share):
        calls.append(float(step))
        return exact(noisy, step, share)

    sampler = SAMPLERS[name]
    start = torch.ones(2, dtype=torch.complex64)
    sampler.run(
        estimate, start, lambda: start, sampler.ladder(ALPHA_BAR, sampler.rungs(evaluations))
    )
    assert evaluations - 1 <= len(calls) <= evaluations
    assert calls == sorted(calls, reverse=True)


def test_an_estimate_is_never_larger_than_the_given_magnitude():
    """As an error of the predicted noise makes it where there is hardly any signal."""
    far = 2e4 * torch.from_numpy(complex_noise("unit", (100,), np.random.default_rng(0)))
    cut = bound(far, torch.ones(100))
    torch.testing.assert_close(cut.abs(), torch.ones(100))
    torch.testing.assert_close(cut.angle(), far.angle())
    torch.testing.assert_close(bound(far * 1e-5, torch.ones(100)), far * 1e-5)


@pytest.mark.parametrize("rungs", [1, 5, 25, 999, 1000])
def test_even_timesteps_go_down_from_the_noisiest(rungs):
    steps = even_ladder(ALPHA_BAR, rungs).steps
    assert len(steps) == rungs
    assert steps[0] == 1000
    assert steps[-1] >= 1
    assert all(np.diff(steps) < 0)


@pytest.mark.parametrize("rungs", [2, 10])
def test_karras_levels_and_their_timesteps_belong_together(rungs):
    ladder = karras_ladder(ALPHA_BAR, rungs)
    lower, upper = ladder.steps.floor().long(), ladder.steps.ceil().long()
    assert (ALPHA_BAR[upper] <= ladder.alpha_bar * (1 + 1e-9)).all()
    assert (ladder.alpha_bar <= ALPHA_BAR[lower] * (1 + 1e-9)).all()
