"""Traces of processing have laws: no unit, no orientation, and they are absent in noise."""

import numpy as np
import pytest

from phasegen.fourier import to_kspace
from phasegen.metrics.traces import block_ratio, one_phase, periodicity


@pytest.fixture
def image():
    return 5 + np.random.default_rng(0).uniform(0, 1, (80, 88))


def test_periodicity_of_lines_that_alternate(image):
    image[::3] = 5.5
    assert periodicity(image, 0) > 100
    assert periodicity(image, 1) < 40
    assert periodicity(image.T, 1) == periodicity(image, 0)
    assert periodicity(7 * image, 0) == pytest.approx(periodicity(image, 0))


@pytest.mark.parametrize("corner", [(0, 0), (3, 5)])
def test_blocks_are_found_wherever_their_grid_lies(image, corner):
    assert block_ratio(image) > 0.85
    flat = image.copy()
    part = flat[corner[0] : corner[0] + 72, corner[1] : corner[1] + 80]
    blocks = part.reshape(9, 8, 10, 8)
    part[:] = np.broadcast_to(blocks.mean(axis=(1, 3), keepdims=True), blocks.shape).reshape(72, 80)
    assert block_ratio(flat) < 0.1
    assert block_ratio(7 * flat) == pytest.approx(block_ratio(flat), abs=1e-6)


def test_one_phase_of_real_images_and_of_noise(image):
    signs = np.sign(np.random.default_rng(1).standard_normal(image.shape))
    for phase in (0, 1.1):
        for real in (image, image * signs):
            assert one_phase(to_kspace(real * np.exp(1j * phase))[None]) == pytest.approx(1)
    random = np.random.default_rng(2)
    noise = random.standard_normal((2, 80, 88)) + 1j * random.standard_normal((2, 80, 88))
    assert one_phase(noise) < 0.05


def test_one_phase_in_every_coil_of_its_own(image):
    coils = image * np.exp(1j * np.array([0.3, 2.0]))[:, None, None]
    assert one_phase(to_kspace(coils)) == pytest.approx(1)


@pytest.mark.parametrize("measure", [lambda i: periodicity(i, 0), block_ratio])
def test_nothing_is_said_of_an_empty_image(measure):
    assert np.isnan(measure(np.zeros((64, 64))))
    assert np.isnan(one_phase(np.zeros((1, 64, 64), complex)))
