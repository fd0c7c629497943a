"""Levels of the lines of k-space: what is filled, and how the edge falls."""

import numpy as np
import pytest

from phasegen.fourier import to_kspace
from phasegen.metrics.band import filled, line_levels, roll_off, tissue_power


def noise(shape, seed=0):
    random = np.random.default_rng(seed)
    return random.standard_normal(shape) + 1j * random.standard_normal(shape)


@pytest.mark.parametrize("axis", [0, 1])
def test_levels_follow_the_data(axis):
    power = np.abs(noise((40, 60))) ** 2
    levels = line_levels(power, axis)
    assert levels.shape == (power.shape[axis],)
    np.testing.assert_allclose(line_levels(100 * power, axis), levels + 20)
    np.testing.assert_array_equal(line_levels(power.T, 1 - axis), levels)


def test_a_filled_line_counts_whatever_its_neighbours_hold():
    power = np.abs(noise((64, 64))) ** 2
    power[:, 7] = 0
    assert line_levels(power, 1).argmin() == 7
    assert line_levels(power, 0).min() > line_levels(power, 1).min() + 100


@pytest.mark.parametrize(("low", "high"), [(0, 0), (1, 0), (0, 9), (10, 10), (20, 3)])
@pytest.mark.parametrize("count", [64, 65])
def test_share_between_two_cliffs(low, high, count):
    levels = np.random.default_rng(0).normal(0, 1, count)
    levels[:low] -= 40
    levels[count - high :] -= 40
    share, height = filled(levels, cliff=15)
    assert share == (count - low - high) / count
    assert (height > 15) == (low + high > 0)


@pytest.mark.parametrize("slope", [0, 0.2, 1])
def test_a_slope_is_no_cliff(slope):
    place = np.abs(np.arange(128) - 64)
    levels = np.random.default_rng(1).normal(0, 1, 128) - slope * place
    assert filled(levels, cliff=10)[0] == 1


def test_the_edge_of_noise_is_level_and_that_of_smooth_noise_falls():
    kspace = noise((128, 128))
    place = np.abs(np.arange(128) - 64) / 64
    assert roll_off(line_levels(np.abs(kspace) ** 2, 1)) == pytest.approx(0, abs=2)
    smooth = kspace * np.exp(-4 * place**2)
    assert roll_off(line_levels(np.abs(smooth) ** 2, 1)) < -16.5


def test_tissue_keeps_the_band_of_its_noise_and_the_background_does_not_matter():
    y, x = np.mgrid[-1:1:96j, -1:1:96j]
    head = 100 * (np.hypot(x, y) < 0.7)
    kspace = to_kspace(noise((96, 96)))
    kspace[:20] = kspace[-20:] = 0
    image = np.abs(head + np.fft.ifft2(np.fft.ifftshift(kspace)) * 96)
    levels = line_levels(tissue_power(image), 0)
    assert filled(levels, 10.5, guard=4)[0] == pytest.approx(56 / 96, abs=0.08)
    assert filled(line_levels(tissue_power(image), 1), 10.5, guard=4)[0] == 1


@pytest.mark.parametrize("image", [np.zeros((64, 64)), np.eye(64)])
def test_too_little_tissue_says_nothing(image):
    assert tissue_power(image) is None
