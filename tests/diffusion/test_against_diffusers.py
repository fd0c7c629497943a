"""The same trajectories as the schedulers of the package diffusers."""

import warnings

import pytest
import torch

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from diffusers import (
        DDIMScheduler,
        DDPMScheduler,
        DPMSolverMultistepScheduler,
        HeunDiscreteScheduler,
    )
    from diffusers.schedulers import scheduling_ddpm

from phasegen.diffusion.ladder import even_ladder, karras_ladder
from phasegen.diffusion.samplers import ancestral, ddim, dpm_solver, heun
from phasegen.diffusion.schedule import cosine_alpha_bar

# of NumPy, about how diffusers turns tensors into arrays
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ALPHA_BAR = cosine_alpha_bar(1000)
BETAS = (1 - ALPHA_BAR[1:] / ALPHA_BAR[:-1]).tolist()
START = torch.randn(64, dtype=torch.complex128, generator=torch.Generator().manual_seed(0))


def estimate(noisy, step, share):
    """Any smooth function will do; this one bends, so that no order of a method is hidden."""
    return torch.polar(torch.tanh(2 * noisy.abs()), noisy.angle() + 0.3 * share)


def oracle(scheduler, start, shares, scaled):
    """Real pairs through ``scheduler``; ``scaled`` if it works on ``z / sqrt(abar)``."""
    state = torch.view_as_real(start / shares[0].sqrt() if scaled else start)
    for step, share in zip(scheduler.timesteps, shares, strict=True):
        noisy = torch.view_as_complex(state.double().contiguous())
        clean = estimate(noisy * share.sqrt() if scaled else noisy, step, share)
        state = scheduler.step(torch.view_as_real(clean), step, state).prev_sample
    return torch.view_as_complex(state.double().contiguous())


def prepared(kind, rungs, **options):
    scheduler = kind(trained_betas=BETAS, prediction_type="sample", **options)
    # diffusers takes the betas in float32
    scheduler.alphas_cumprod = ALPHA_BAR[1:]
    scheduler.set_timesteps(rungs)
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(0)
    return scheduler


@pytest.mark.parametrize("rungs", [10, 50, 1000])
def test_ddim(rungs):
    options = {"clip_sample": False, "timestep_spacing": "trailing"}
    scheduler = prepared(DDIMScheduler, rungs, **options)
    ladder = even_ladder(ALPHA_BAR, rungs)
    assert (scheduler.timesteps + 1).tolist() == ladder.steps.tolist()
    expected = oracle(scheduler, START, ladder.alpha_bar, scaled=False)
    torch.testing.assert_close(
        ddim(estimate, START, lambda: START, ladder), expected, rtol=0, atol=1e-4
    )


@pytest.mark.parametrize("rungs", [20, 1000])
def test_ancestral(rungs, monkeypatch):
    options = {"clip_sample": False, "timestep_spacing": "trailing", "variance_type": "fixed_small"}
    scheduler = prepared(DDPMScheduler, rungs, **options)
    ladder = even_ladder(ALPHA_BAR, rungs)
    noise = torch.randn(rungs, 64, dtype=torch.complex128)
    added = iter(torch.view_as_real(noise))
    monkeypatch.setattr(scheduling_ddpm, "randn_tensor", lambda *_, **__: next(added))
    expected = oracle(scheduler, START, ladder.alpha_bar, scaled=False)
    draws = iter(noise)
    sampled = ancestral(estimate, START, lambda: next(draws), ladder)
    torch.testing.assert_close(sampled, expected, rtol=0, atol=1e-4)


def levels(ladder):
    return torch.cat([((1 - ladder.alpha_bar) / ladder.alpha_bar).sqrt(), torch.zeros(1)])


@pytest.mark.parametrize("rungs", [5, 10, 50])
def test_dpm_solver(rungs):
    options = {"algorithm_type": "dpmsolver++", "solver_order": 2, "lower_order_final": True}
    scheduler = prepared(DPMSolverMultistepScheduler, rungs, use_karras_sigmas=True, **options)
    ladder = karras_ladder(ALPHA_BAR, rungs)
    # the range of diffusers is that of the timesteps
    scheduler.sigmas = levels(ladder)
    expected = oracle(scheduler, START, ladder.alpha_bar, scaled=False)
    sampled = dpm_solver(estimate, START, lambda: START, ladder)
    torch.testing.assert_close(sampled, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("rungs", [3, 10, 50])
def test_heun(rungs):
    scheduler = prepared(HeunDiscreteScheduler, rungs, use_karras_sigmas=True)
    ladder = karras_ladder(ALPHA_BAR, rungs)
    sigmas = levels(ladder)
    scheduler.sigmas = torch.cat([sigmas[:1], sigmas[1:-1].repeat_interleave(2), sigmas[-1:]])
    shares = torch.cat([ladder.alpha_bar[:1], ladder.alpha_bar[1:].repeat_interleave(2)])
    expected = oracle(scheduler, START, shares, scaled=True)
    sampled = heun(estimate, START, lambda: START, ladder)
    torch.testing.assert_close(sampled, expected, rtol=0, atol=1e-4)
