"""Laws of the Fourier transforms, for NumPy and torch."""

import numpy as np
import pytest
import torch

from phasegen.fourier import centre_crop_or_pad, resample, to_image, to_kspace

SHAPES = [(8, 8), (7, 9), (6, 5), (1, 4)]


def complex_array(shape, seed=0):
    random = np.random.default_rng(seed)
    return random.standard_normal(shape) + 1j * random.standard_normal(shape)


@pytest.fixture(params=["numpy", "torch"])
def kind(request):
    return np.asarray if request.param == "numpy" else torch.from_numpy


@pytest.mark.parametrize("shape", SHAPES)
def test_round_trip_and_parseval(shape, kind):
    image = complex_array((3, *shape))
    kspace = to_kspace(kind(image))
    assert type(kspace) is type(kind(image))
    np.testing.assert_allclose(np.asarray(to_image(kspace)), image, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(kspace), np.linalg.norm(image), rtol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_adjoint_is_the_inverse(shape, kind):
    x, y = complex_array(shape, 1), complex_array(shape, 2)
    left = np.vdot(np.asarray(to_kspace(kind(x))), y)
    right = np.vdot(x, np.asarray(to_image(kind(y))))
    np.testing.assert_allclose(left, right, rtol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_is_the_centred_sum_of_the_definition(shape):
    """``k(u, v) = sum x(y, x) exp(-2 pi i (u y / Ny + v x / Nx)) / sqrt(Ny Nx)`` about ``n // 2``."""
    image = complex_array(shape)
    matrices = []
    for size in shape:
        places = np.arange(size) - size // 2
        matrices.append(np.exp(-2j * np.pi * np.outer(places, places) / size) / np.sqrt(size))
    expected = matrices[0] @ image @ matrices[1].T
    np.testing.assert_allclose(to_kspace(image), expected, atol=1e-12)


def test_single_precision_stays_single(kind):
    assert to_kspace(kind(np.ones((4, 4), np.float32))).dtype in (np.complex64, torch.complex64)
    assert to_image(kind(np.ones((4, 4), np.complex64))).dtype in (np.complex64, torch.complex64)


@pytest.mark.parametrize("old", range(1, 8))
@pytest.mark.parametrize("new", range(1, 8))
def test_crop_and_pad_keep_the_centre(old, new, kind):
    line = np.zeros((1, old))
    line[0, old // 2] = 1
    moved = np.asarray(centre_crop_or_pad(kind(line), (1, new)))
    assert moved.shape == (1, new)
    assert moved[0, new // 2] == 1
    assert moved.sum() == 1


def test_padding_then_cropping_changes_nothing(kind):
    image = complex_array((2, 5, 6))
    back = centre_crop_or_pad(centre_crop_or_pad(kind(image), (9, 11)), (5, 6))
    np.testing.assert_array_equal(np.asarray(back), image)


@pytest.mark.parametrize("shape", [(12, 12), (7, 10)])
def test_coarser_pixels_see_the_same_object(shape, kind):
    image = complex_array(shape)
    finer = resample(kind(image), (24, 25))
    np.testing.assert_allclose(np.asarray(resample(finer, shape)), image, atol=1e-12)


def test_another_grid_keeps_the_size_of_values(kind):
    same = np.asarray(resample(kind(np.full((2, 8, 10), 3 + 1j)), (5, 16)))
    assert same.shape == (2, 5, 16)
    np.testing.assert_allclose(same, 3 + 1j, atol=1e-12)
