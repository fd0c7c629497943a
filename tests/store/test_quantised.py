"""The quantised form: errors within half a step, steps of the noise, values as they were."""

import numpy as np
import pytest

from phasegen.fourier import to_image, to_kspace
from phasegen.mri.noise import complex_noise
from phasegen.store.quantised import LARGEST, QUANTISED, noise_level, quantise, restore

SIGMA = 0.02


def object_with_noise(sigma=SIGMA, size=64, coils=2, seed=0):
    """Image ``(coil, y, x)`` of a soft disc with a smooth phase, in noise."""
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    edge = np.clip((0.85 - np.hypot(x, y)) / 0.4, 0, 1)
    disc = np.sin(edge * np.pi / 2) ** 4 * np.exp(1j * (2 * x + y * y))
    coils = np.stack([disc * (1 + number) for number in range(coils)])
    noise = complex_noise(np.random.default_rng(seed), coils.shape, sigma)
    return (coils + noise).astype(np.complex64)


def again(found):
    return restore(found.values[None], np.array([found.quantisation_step], np.float32))[0]


def parts(values):
    return np.stack([values.real, values.imag]).astype(float)


@pytest.mark.parametrize("sigma", [1e-3, 0.02, 0.2])
def test_the_noise_is_found_in_spite_of_the_object(sigma):
    found = [noise_level(to_kspace(object_with_noise(sigma, seed=seed))) for seed in range(5)]
    np.testing.assert_allclose(found, sigma, rtol=0.1)


def test_padding_is_no_noise():
    """Neither zeros nor what float32 transforms make of them."""
    kspace = to_kspace(object_with_noise(size=64))
    padded = np.pad(kspace, ((0, 0), (32, 32), (32, 32)))
    # the image of padded k-space has its noise in a quarter of the pixels' number
    assert noise_level(padded) == pytest.approx(SIGMA / 2, rel=0.1)
    assert noise_level(to_kspace(to_image(padded))) == pytest.approx(SIGMA / 2, rel=0.1)
    framed = np.pad(object_with_noise(size=64), ((0, 0), (32, 32), (32, 32)))
    assert noise_level(to_kspace(framed)) == pytest.approx(SIGMA / 2, rel=0.1)


@pytest.mark.parametrize("kind", QUANTISED)
@pytest.mark.parametrize("factor", [0.25, 0.5, 2.0])
def test_no_part_is_off_by_more_than_half_a_step(kind, factor):
    image = object_with_noise()
    values = to_kspace(image) if kind == "kspace" else image
    found = quantise(values, kind, factor)
    assert found.values.dtype == np.int16 and found.values.shape == (*values.shape, 2)
    assert found.quantisation_step == pytest.approx(factor * found.noise_level)
    error = parts(again(found)) - parts(values)
    assert np.abs(error).max() <= 0.5 * found.quantisation_step * (1 + 1e-3)
    # rounding adds white noise of step / sqrt(12)
    assert error.std() == pytest.approx(found.quantisation_step / 12**0.5, rel=0.05)


@pytest.mark.parametrize("kind", QUANTISED)
def test_the_errors_that_are_told_are_those_that_were_made(kind):
    image = object_with_noise()
    values = to_kspace(image) if kind == "kspace" else image
    found = quantise(values, kind, 0.5)
    error = np.abs(again(found) - values).astype(float)
    largest = np.abs(values).max()
    assert found.quantisation_error == pytest.approx(error.max() / largest)
    assert found.quantisation_error_rms == pytest.approx(np.sqrt((error**2).mean()) / largest)
    restored = to_image(again(found)) if kind == "kspace" else again(found)
    off = np.sqrt(((np.abs(restored) - np.abs(image)) ** 2).mean())
    psnr = 20 * np.log10(np.abs(image).max() / off)
    assert found.magnitude_psnr == pytest.approx(psnr, abs=0.01)
    # what rounding adds is a seventh of the noise: step / sqrt(12)
    assert off == pytest.approx(0.5 * SIGMA / 12**0.5, rel=0.1)


def test_a_step_grows_where_int16_would_not_hold_the_values():
    image = object_with_noise(sigma=1e-3)
    found = quantise(image, "images", 0.02)
    assert found.quantisation_step > 0.02 * found.noise_level
    assert np.abs(found.values.astype(int)).max() in (LARGEST - 1, LARGEST)
    error = np.abs(parts(again(found)) - parts(image)).max()
    assert error <= 0.5 * found.quantisation_step * (1 + 1e-3)


def test_an_object_without_noise_in_its_background_is_no_coarser_than_its_spectrum():
    """A level cannot be told then; what is taken for it is a bound."""
    image = object_with_noise(sigma=1e-9)
    found = quantise(image, "images", 0.5)
    outer = np.abs(to_kspace(image)[0, :3, :3])
    assert found.noise_level < outer.max()


def test_a_blank_slice_stays_blank():
    found = quantise(np.zeros((1, 8, 8), np.complex64), "kspace", 0.5)
    assert not again(found).any()
    assert found.noise_level == found.quantisation_error == 0 and np.isinf(found.magnitude_psnr)
