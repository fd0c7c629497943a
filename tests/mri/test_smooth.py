"""Scanner phase, coil and noise: smooth, of the stated size, from the seed alone."""

import numpy as np
import pytest

from phasegen import seeds
from phasegen.fourier import to_image, to_kspace
from phasegen.mri import coil, noise, phase


def test_polynomials_up_to_third_order():
    powers = list(phase.exponents(3))
    assert len(powers) == len(set(powers)) == 20
    assert powers[0] == (0, 0, 0)
    axis = np.array([2.0])
    values = phase.polynomials(axis, axis, axis, 3).ravel()
    np.testing.assert_allclose(values, [2.0 ** sum(p) for p in powers])


def test_random_polynomial_obeys_its_scale():
    axis = np.linspace(-1, 1, 5)
    flat = phase.random_polynomial(seeds.generator(1, "a"), axis, axis, axis, (1.0, 0.0, 0.0))
    assert np.ptp(flat) == 0
    assert flat[0, 0, 0] != 0


@pytest.mark.parametrize("shift", [-3, 1, 5])
def test_echo_shift_moves_the_peak(shift):
    ramp = np.exp(1j * phase.echo_shift(32, shift))[:, None] * np.ones(32)
    peak = np.unravel_index(np.abs(to_kspace(ramp)).argmax(), (32, 32))
    assert peak == (16 + shift, 16)


def test_coil_is_near_one_and_smooth():
    x, y, z = np.linspace(-80, 80, 41), np.linspace(80, -110, 41), np.array([-30.0, 60.0])
    for number in range(5):
        map_ = coil.birdcage(seeds.generator(3, number), x, y, z, 3.0)
        assert map_.shape == (2, 41, 41)
        assert map_.dtype == np.complex64
        assert 0.4 < np.abs(map_).min() < np.abs(map_).max() < 1.8
        assert np.abs(np.diff(map_, axis=2)).max() < 0.15


def test_an_ideal_coil_at_low_field_is_uniform_in_magnitude():
    x = np.linspace(-80, 80, 9)
    map_ = coil.birdcage(seeds.generator(3, "low"), x, x, np.array([10.0]), 1e-6)
    assert np.abs(np.abs(map_) - 1).max() < 0.5


def test_noise_has_its_sigma_in_both_domains():
    white = noise.complex_noise(seeds.generator(4, "noise"), (4, 128, 128), 2.5)
    assert white.dtype == np.complex64
    for values in (white, to_kspace(white), to_image(white)):
        assert values.real.std() == pytest.approx(2.5, rel=0.02)
        assert values.imag.std() == pytest.approx(2.5, rel=0.02)
        assert abs(np.mean(values.real * values.imag)) < 0.1
