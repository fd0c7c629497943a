"""Identities of the schedule and laws of the noise."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy import stats

from phasegen.diffusion.noise import complex_noise
from phasegen.diffusion.process import (
    add_noise,
    add_noise_polar,
    clean_from_noise,
    clean_from_velocity,
    noise_from_clean,
    velocity,
)
from phasegen.diffusion.scale import slice_scale
from phasegen.diffusion.schedule import cosine_alpha_bar, draw_steps
from phasegen.settings import ConfigError, Diffusion, PhaseModel, validate


def test_schedule_has_the_published_values():
    alpha_bar = cosine_alpha_bar(1000)
    assert len(alpha_bar) == 1001
    assert alpha_bar[0] == 1
    assert float(alpha_bar[-1]) == pytest.approx(2.4e-9, rel=0.02)
    assert (alpha_bar.diff() < 0).all()
    beta = 1 - alpha_bar[1:] / alpha_bar[:-1]
    assert float(beta.max()) == pytest.approx(0.999)
    f = np.cos((0.5 + 0.008) / 1.008 * np.pi / 2) ** 2 / np.cos(0.008 / 1.008 * np.pi / 2) ** 2
    assert float(alpha_bar[500]) == pytest.approx(f)


@pytest.mark.parametrize("kind", ["unit", "gaussian"])
def test_noise_has_second_moment_one_and_no_preferred_phase(kind):
    noise = complex_noise(kind, (200_000,), np.random.default_rng(0))
    assert noise.dtype == np.complex64
    assert np.mean(np.abs(noise) ** 2) == pytest.approx(1, abs=0.02)
    assert np.abs(noise.mean()) < 0.01
    assert np.abs(np.mean(noise**2)) < 0.01  # circular
    assert stats.kstest(np.angle(noise[:20_000]), "uniform", (-np.pi, 2 * np.pi)).pvalue > 0.01


def test_unit_noise_has_magnitude_one():
    noise = complex_noise("unit", (1000,), np.random.default_rng(0))
    np.testing.assert_allclose(np.abs(noise), 1, atol=1e-6)


def test_gaussian_noise_has_rayleigh_magnitude():
    noise = complex_noise("gaussian", (20_000,), np.random.default_rng(0))
    assert stats.kstest(np.abs(noise), "rayleigh", (0, np.sqrt(0.5))).pvalue > 0.01


def test_forward_process_keeps_unit_energy():
    random = np.random.default_rng(0)
    clean = torch.from_numpy(complex_noise("gaussian", (50_000,), random))
    noise = torch.from_numpy(complex_noise("unit", (50_000,), random))
    for share in (1.0, 0.5, 0.0):
        noisy = add_noise(clean, noise, torch.tensor(share, dtype=torch.float64))
        assert noisy.dtype == torch.complex64
        assert float(noisy.abs().square().mean()) == pytest.approx(1, abs=0.02)


def test_scale_is_blind_to_padding_and_follows_the_unit():
    magnitude = np.random.default_rng(0).uniform(0.1, 1, (2, 8, 8)).astype(np.float32)
    padded = np.pad(magnitude, ((0, 0), (3, 4), (0, 9)))
    np.testing.assert_allclose(slice_scale(padded), slice_scale(magnitude), rtol=1e-6)
    np.testing.assert_allclose(slice_scale(7 * magnitude), 7 * slice_scale(magnitude), rtol=1e-6)
    assert slice_scale(np.zeros((1, 4, 4), np.float32)) == 0


@pytest.mark.parametrize("share", [0.9999, 0.5, 2.4e-9])
def test_noise_velocity_and_clean_image_follow_from_each_other(share):
    random = np.random.default_rng(0)
    clean, noise = (
        torch.from_numpy(complex_noise("gaussian", (50,), random)).to(torch.complex128)
        for _ in range(2)
    )
    alpha_bar = torch.tensor(share, dtype=torch.float64)
    noisy = add_noise(clean, noise, alpha_bar)
    speed = velocity(clean, noise, alpha_bar)
    for found in (
        clean_from_velocity(noisy, speed, alpha_bar),
        clean_from_noise(noisy, noise, alpha_bar),
    ):
        torch.testing.assert_close(found, clean, atol=1e-9, rtol=0)
    torch.testing.assert_close(noise_from_clean(noisy, clean, alpha_bar), noise, atol=1e-9, rtol=0)


def test_steps_are_drawn_by_their_law():
    alpha_bar = cosine_alpha_bar(1000)
    uniform = draw_steps(Diffusion(steps="uniform"), 50_000, alpha_bar, np.random.default_rng(0))
    assert (uniform.min(), uniform.max()) == (1, 1000)
    assert float(uniform.float().mean()) == pytest.approx(500.5, abs=5)
    diffusion = Diffusion(level_mean=-0.4, level_spread=1.1)
    steps = draw_steps(diffusion, 50_000, alpha_bar, np.random.default_rng(0))
    assert 1 <= steps.min() < steps.max() <= 1000
    level = torch.log((1 - alpha_bar[steps]) / alpha_bar[steps]) / 2
    assert float(level.mean()) == pytest.approx(-0.4, abs=0.03)
    assert float(level.std()) == pytest.approx(1.1, abs=0.03)


def test_polar_noise_leaves_the_image_at_the_start_and_only_noise_at_the_end():
    random = np.random.default_rng(0)
    clean, noise = (torch.from_numpy(complex_noise("unit", (1000,), random)) for _ in range(2))
    clean = 2 * clean
    start = add_noise_polar(clean, noise, torch.tensor(1.0, dtype=torch.float64))
    torch.testing.assert_close(start, clean)
    end = add_noise_polar(clean, noise, torch.tensor(0.0, dtype=torch.float64))
    torch.testing.assert_close(end.abs(), torch.ones(1000))
    # the phases add up, so that of the image is there to the end
    torch.testing.assert_close(end, noise * clean / 2, rtol=1e-4, atol=1e-5)


def test_the_iterated_polar_form_grows_twentyfold():
    """Rempe et al. 2025, Eq. 3 as it stands, on magnitudes: no step of it is one draw."""
    alpha_bar = cosine_alpha_bar(1000).numpy()
    magnitudes = [1.0]
    for before, after in pairwise(alpha_bar):
        alpha = after / before
        magnitudes.append(magnitudes[-1] * np.sqrt(alpha) + np.sqrt(1 - alpha))
    assert max(magnitudes) == pytest.approx(20, rel=0.1)
    assert int(np.argmax(magnitudes)) == pytest.approx(786, abs=5)
    assert magnitudes[-1] == pytest.approx(1.09, abs=0.01)


def test_polar_noise_wants_phases_to_predict():
    diffusion = {"forward": "polar", "noise": "gaussian", "prediction": "v"}
    with pytest.raises(ConfigError, match="polar needs noise: unit"):
        validate({"diffusion": diffusion}, PhaseModel)
