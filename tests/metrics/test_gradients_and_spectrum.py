"""A ramp has its slope as gradient and as the place of its k-space peak."""

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from phasegen.metrics.distances import log_spectral, wasserstein
from phasegen.metrics.gradients import BIN_WIDTH, BINS, gradient_histogram, gradient_samples
from phasegen.metrics.spectrum import band_centres, peak_offset, radial_spectrum
from phasegen.metrics.tissue import complex_image, tissue_mask

Y, X = np.mgrid[:24, :30].astype(np.float32)


def test_gradient_of_a_ramp_is_its_slope_inside_the_tissue():
    phase = np.angle(np.exp(1j * (0.5 * Y - 2.5 * X))).astype(np.float32)
    tissue = np.hypot(Y - 12, X - 15) < 9
    phase[~tissue] = 0
    along_y, along_x = gradient_samples(phase, tissue)
    np.testing.assert_allclose(along_y, 0.5, atol=1e-5)
    np.testing.assert_allclose(along_x, -2.5, atol=1e-5)
    assert along_y.size == np.count_nonzero(tissue[1:] & tissue[:-1])


def test_histogram_holds_every_gradient(cohort):
    tissue = tissue_mask(cohort.magnitude)
    histogram = gradient_histogram(cohort.phase, tissue)
    for axis, sample in enumerate(gradient_samples(cohort.phase, tissue)):
        assert histogram[:, axis].sum() == sample.size


def test_distance_is_that_of_scipy():
    random = np.random.default_rng(1)
    first, second = random.normal(0, 0.4, 4000), random.normal(0.3, 0.6, 5000)
    counts = [np.histogram(s, BINS, (-np.pi, np.pi))[0] for s in (first, second)]
    found = wasserstein(*counts, BIN_WIDTH)
    assert found == pytest.approx(wasserstein_distance(first, second), abs=BIN_WIDTH)


def test_distance_between_shifted_slopes_is_the_shift():
    ones = np.ones((1, 24, 30), bool)
    laws = [gradient_histogram(slope * Y[None], ones) for slope in (0.2, 0.7)]
    along_y, along_x = wasserstein(*laws, BIN_WIDTH)[0]
    assert along_y == pytest.approx(0.5, abs=BIN_WIDTH)
    assert along_x == 0


@pytest.mark.parametrize("shape", [(24, 30), (25, 31)])
@pytest.mark.parametrize("shift", [(0, 0), (3, -5), (-2, 1)])
def test_a_ramp_moves_the_peak_of_kspace(shape, shift):
    y, x = np.mgrid[: shape[0], : shape[1]]
    phase = 2 * np.pi * (shift[0] * y / shape[0] + shift[1] * x / shape[1]) + 0.8
    magnitude = np.exp(-(((y - 12) / 6) ** 2) - ((x - 15) / 5) ** 2)
    assert peak_offset(complex_image(magnitude, phase)).tolist() == list(shift)


def test_energy_lies_in_the_band_of_its_wave():
    wave = np.exp(2j * np.pi * 6 * np.arange(32) / 32) * np.ones((32, 1))
    spectrum = radial_spectrum(np.stack([wave, 0 * wave]), 16)
    assert spectrum[0].argmax() == np.searchsorted(band_centres(16), 6 / 16)
    np.testing.assert_allclose(spectrum.sum(axis=-1), [1, 0], atol=1e-12)


def test_spectrum_and_peak_know_no_global_phase(cohort):
    image, turned = (complex_image(cohort.magnitude, cohort.phase + turn) for turn in (0, 1.3))
    np.testing.assert_allclose(radial_spectrum(turned), radial_spectrum(image), rtol=1e-4)
    np.testing.assert_array_equal(peak_offset(turned), peak_offset(image))


def test_ten_times_the_energy_are_ten_decibel():
    spectrum = np.full(16, 1 / 16)
    assert log_spectral(spectrum, spectrum) == 0
    assert log_spectral(spectrum, spectrum / 10) == pytest.approx(10)
