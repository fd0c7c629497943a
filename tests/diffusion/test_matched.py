"""Guesses of a smooth phase, where the phase is known."""

import numpy as np
import pytest
import torch

from phasegen.diffusion.matched import LARGEST, WIDTHS, smooth_phase, smooth_velocity
from phasegen.diffusion.noise import complex_noise
from phasegen.diffusion.process import add_noise, velocity


def guesses(phase, share, size=48):
    random = np.random.default_rng(0)
    magnitude = torch.from_numpy(random.uniform(0.5, 1.5, (1, 1, size, size)).astype(np.float32))
    share = torch.tensor(share, dtype=torch.float64)
    noise = torch.from_numpy(complex_noise("gaussian", magnitude.shape, random))
    noisy = add_noise(magnitude * torch.exp(1j * phase), noise, share)
    return smooth_phase(noisy, magnitude, share.reshape(1, 1, 1, 1))


def test_a_constant_phase_is_found_better_the_wider_one_looks():
    found = guesses(torch.tensor(1.1), share=0.5)
    errors = (found - torch.exp(torch.tensor(1.1j))).abs().mean(dim=(0, 2, 3))
    assert len(errors) == len(WIDTHS)
    assert (errors.diff() < 0).all()
    assert errors[0] < 0.5
    assert errors[-1] < 0.05


def test_without_noise_every_guess_is_right():
    found = guesses(torch.tensor(-0.7), share=1.0)
    torch.testing.assert_close(
        found, torch.full_like(found, complex(np.exp(-0.7j))), rtol=0, atol=1e-3
    )


def test_where_there_is_only_noise_nothing_is_claimed():
    assert float(guesses(torch.tensor(0.3), share=1e-9).abs().max()) < 0.01


@pytest.mark.parametrize("angle", [0.4, 2.9])
def test_a_global_phase_turns_the_guesses(angle):
    magnitude = torch.rand(2, 1, 20, 30)
    noisy = torch.randn(2, 1, 20, 30, dtype=torch.complex64)
    share = torch.full((2, 1, 1, 1), 0.3, dtype=torch.float64)
    turn = torch.exp(torch.tensor(1j * angle))
    torch.testing.assert_close(
        smooth_phase(noisy * turn, magnitude, share), smooth_phase(noisy, magnitude, share) * turn
    )


@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_the_right_guess_has_the_true_velocity(share):
    random = np.random.default_rng(0)
    clean = torch.rand(1, 1, 8, 8) * torch.exp(torch.tensor(0.8j))
    noise = torch.from_numpy(complex_noise("gaussian", clean.shape, random))
    share = torch.full((1, 1, 1, 1), share, dtype=torch.float64)
    noisy, true = add_noise(clean, noise, share), velocity(clean, noise, share)
    right = torch.exp(1j * clean.angle()) * 50  # any length: only its angle is used
    found = smooth_velocity(noisy, clean.abs(), share, right)
    kept = true / (1 + true.abs().square() / LARGEST**2)
    torch.testing.assert_close(found, kept, rtol=1e-3, atol=1e-3)


def test_a_wrong_guess_is_taken_back():
    """Of opposite phase, where there is hardly any noise: a velocity of 200 comes out near 0."""
    magnitude = torch.ones(1, 1, 8, 8)
    share = torch.full((1, 1, 1, 1), 1 - 1e-4, dtype=torch.float64)
    wrong = smooth_velocity(magnitude + 0j, magnitude, share, -torch.ones(1, 1, 8, 8) + 0j)
    assert float(wrong.abs().max()) < 0.05
