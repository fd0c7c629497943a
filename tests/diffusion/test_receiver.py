"""The law of the receiver's noise: a density, the one that is drawn, and learnable."""

import numpy as np
import pytest
import torch

from phasegen.diffusion.noise import complex_noise
from phasegen.diffusion.receiver import (
    add_receiver_noise,
    fine_part,
    of_slice,
    signal_to_noise,
    surprise,
)

RATIOS = [0.0, 0.3, 1.0, 4.0, 40.0]
ANGLES = torch.linspace(-np.pi, np.pi, 200_001, dtype=torch.float64)


def density(ratio):
    return torch.exp(-surprise(ANGLES, torch.full_like(ANGLES, ratio)))


@pytest.mark.parametrize("ratio", RATIOS)
def test_it_is_a_density(ratio):
    assert float(torch.trapezoid(density(ratio), ANGLES)) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("ratio", RATIOS)
def test_what_is_drawn_follows_it(ratio):
    noise = complex_noise("gaussian", (200_000,), np.random.default_rng(0))
    drawn = add_receiver_noise(np.full(noise.shape, 0.7, np.float32), np.float32(ratio), noise)
    assert drawn.dtype == np.float32
    errors = drawn - np.float32(0.7)
    expected = float(torch.trapezoid(density(ratio) * torch.cos(ANGLES), ANGLES))
    assert np.cos(errors).mean() == pytest.approx(expected, abs=0.005)
    assert np.sin(errors).mean() == pytest.approx(0, abs=0.01)


def test_with_much_signal_the_spread_is_one_over_the_ratio():
    noise = complex_noise("gaussian", (100_000,), np.random.default_rng(0))
    assert add_receiver_noise(np.zeros(noise.shape), 50.0, noise).std() == pytest.approx(0.02, 0.02)


@pytest.mark.parametrize("ratio", [0.5, 5.0, 50.0])
def test_the_ratio_can_be_learnt(ratio):
    noise = complex_noise("gaussian", (50_000,), np.random.default_rng(1))
    errors = torch.from_numpy(add_receiver_noise(np.zeros(noise.shape), ratio, noise))
    guesses = torch.from_numpy(ratio * np.geomspace(0.5, 2, 41))
    losses = [float(surprise(errors, guess.expand(errors.shape)).mean()) for guess in guesses]
    assert float(guesses[np.argmin(losses)]) == pytest.approx(ratio, rel=0.08)


def test_gradients_are_finite_everywhere():
    log_ratio = torch.linspace(-9, 9, 200).requires_grad_()
    for error in (-np.pi, -1.6, 0.0, 1.5, 3.1):
        ratio = signal_to_noise(torch.ones(200), log_ratio)
        loss = surprise(torch.full((200,), error), ratio)
        assert torch.isfinite(loss).all()
        (gradient,) = torch.autograd.grad(loss.sum(), log_ratio)
        assert torch.isfinite(gradient).all()


def test_tissue_has_one_level_of_noise_and_the_dark_no_lower_one():
    magnitude = torch.zeros(2, 1, 20, 20)
    magnitude[..., 4:16, 4:16] = 1.0
    told = torch.full((2, 1, 20, 20), -7.0)
    told[0, :, 4:16, 4:16], told[1, :, 4:16, 4:16] = 3.0, 4.0
    told[:, :, 4:6] = 0.5  # where the phase is in doubt
    told[:, :, 18:] = 9.0
    found = of_slice(magnitude, told)
    torch.testing.assert_close(found[..., 4:16, 4:16].amin((-2, -1)), torch.tensor([[3.0], [4.0]]))
    torch.testing.assert_close(found.amax((-2, -1)), torch.tensor([[3.0], [4.0]]))
    assert (found[..., :4, :] == told[..., :4, :]).all()
    assert not of_slice(0 * magnitude, told).isnan().any()


def test_a_smooth_error_is_no_noise():
    y, x = torch.meshgrid(*[torch.arange(64.0)] * 2, indexing="ij")
    smooth = 0.02 * x - 0.01 * y + 0.3
    noise = 0.05 * torch.randn(64, 64, generator=torch.Generator().manual_seed(0))
    magnitude = torch.ones(1, 1, 64, 64)
    inner = (..., slice(8, -8), slice(8, -8))
    found = [
        fine_part(torch.exp(1j * part)[None, None], magnitude) for part in (smooth, smooth + noise)
    ]
    assert float(found[0][inner].abs().max()) < 0.01
    assert float(found[1][inner].std()) == pytest.approx(0.05, rel=0.1)
