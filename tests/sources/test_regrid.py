import numpy as np
import pytest

from phasegen.fourier import to_image, to_kspace
from phasegen.sources.regrid import regrid_kspace, regrid_magnitude, regrid_mask, regrid_raw_mask

SHAPES = [(32, 32), (33, 32), (31, 40), (20, 45), (64, 48)]
SIZES = [16, 31, 48]


def blob(shape: tuple[int, int], centre: tuple[float, float], width: float) -> np.ndarray:
    y, x = np.indices(shape)
    return np.exp(-((y - centre[0]) ** 2 + (x - centre[1]) ** 2) / width**2).astype(np.float32)


def smooth_raw(shape: tuple[int, int]) -> np.ndarray:
    """K-space (1, ky, kx) of a blob at index ``n // 2`` with a slow phase."""
    y, x = (np.indices(shape).T - np.array(shape) // 2).T
    phase = 1 + 2 * y / shape[0] - x / shape[1]
    image = np.exp(-((6 * y / shape[0]) ** 2) - (6 * x / shape[1]) ** 2 + 1j * phase)
    return to_kspace(image.astype(np.complex64)[None])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", SIZES)
def test_magnitude_is_linear_and_never_negative(shape, size):
    a, b = np.random.default_rng(0).random((2, *shape), np.float32)
    of_a, of_b, of_both = (regrid_magnitude(i, (1, 2), size)[0] for i in (a, b, 2 * a + 3 * b))
    assert of_a.shape == (size, size)
    assert of_a.dtype == np.float32
    assert of_a.min() >= 0
    np.testing.assert_allclose(of_both, 2 * of_a + 3 * of_b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("spacing", [(1.0, 1.0), (2.0, 1.0), (0.7, 1.1)])
def test_magnitude_keeps_lengths_and_centre(shape, size, spacing):
    length = 0.15 * min(n * d for n, d in zip(shape, spacing, strict=True))
    y, x = ((np.arange(n) - (n - 1) / 2) * d for n, d in zip(shape, spacing, strict=True))
    image = (np.hypot(*np.meshgrid(y, x, indexing="ij")) < 2 * length).astype(np.float32)
    result, new, _ = regrid_magnitude(image, spacing, size)
    field = max(n * d for n, d in zip(shape, spacing, strict=True))
    assert new == pytest.approx((field / size, field / size), abs=max(spacing) / size)
    area = image.sum() * np.prod(spacing)
    assert result.sum() * np.prod(new) == pytest.approx(area, rel=0.05)
    centre = np.array([(result * grid).sum() / result.sum() for grid in np.indices(result.shape)])
    off_mm = (centre - (size - 1) / 2) * np.array(new)
    assert (np.abs(off_mm) <= 0.5 * np.array(spacing) + 0.1 * np.array(new)).all()


def test_magnitude_that_fits_is_untouched():
    image = blob((16, 16), (5, 9), 3)
    result, spacing, operation = regrid_magnitude(image, None, 16)
    np.testing.assert_array_equal(result, image)
    assert spacing is None
    assert operation == "none"


def test_a_constant_stays_itself_and_steps_are_told():
    result, spacing, operation = regrid_magnitude(np.ones((40, 20), np.float32), (1.0, 2.0), 10)
    np.testing.assert_allclose(result, 1, atol=1e-6)
    assert spacing == (4.0, 4.0)
    assert operation == "resample 40x20 to 10x10, linear, anti-aliased"


def test_mask_lies_on_its_image():
    image = np.zeros((60, 40), np.float32)
    image[10:30, 5:25] = 1
    resized, _, _ = regrid_magnitude(image, (1.0, 1.0), 20)
    mask = regrid_mask(image > 0, (1.0, 1.0), 20)
    assert mask.dtype == bool
    assert mask.shape == (20, 20)
    assert np.abs(mask.astype(float) - resized).mean() < 0.02


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", SIZES)
def test_raw_keeps_phase_scale_and_centre(shape, size):
    image, spacing, _ = regrid_kspace(smooth_raw(shape), shape, size)
    assert image.shape == (1, size, size)
    assert image.dtype == np.complex64
    assert spacing is None
    y, x = (np.indices((size, size)) - size // 2) / size
    expected = np.exp(-((6 * y) ** 2) - (6 * x) ** 2 + 1j * (1 + 2 * y - x))
    np.testing.assert_allclose(image[0], expected, atol=2e-3)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", SIZES)
def test_raw_is_linear(shape, size):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 3, *shape, 2)).astype(np.float32).view(np.complex64)[..., 0]
    of_a, of_b, of_both = (regrid_kspace(k, (24, 24), size)[0] for k in (a, b, 2 * a - 1j * b))
    np.testing.assert_allclose(of_both, 2 * of_a - 1j * of_b, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", SIZES)
def test_a_constant_image_keeps_its_value(shape, size):
    kspace = to_kspace(np.full((2, *shape), 3 + 4j, np.complex64))
    image, _, _ = regrid_kspace(kspace, shape, size)
    np.testing.assert_allclose(image, 3 + 4j, atol=1e-5)


def test_oversampling_goes_first():
    kspace = smooth_raw((64, 32))
    image, _, operation = regrid_kspace(kspace, (32, 32), 32)
    np.testing.assert_allclose(image, to_image(kspace)[:, 16:48], atol=1e-6)
    assert operation == "crop image 64x32 to 32x32"


def test_a_known_field_of_view_keeps_proportions():
    image, spacing, operation = regrid_kspace(smooth_raw((32, 24)), (32, 24), 32, (2.0, 2.0))
    np.testing.assert_allclose(image[:, :, 4:28], to_image(smooth_raw((32, 24))), atol=1e-6)
    assert spacing == (2.0, 2.0)
    assert operation == "pad image 32x24 to 32x32"


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((16, 16), "none"),
        ((32, 16), "crop k-space 32x16 to 16x16"),
        ((8, 16), "zero-pad k-space 8x16 to 16x16"),
        ((8, 32), "crop and zero-pad k-space 8x32 to 16x16"),
    ],
)
def test_raw_says_what_was_done(shape, words):
    assert regrid_kspace(smooth_raw(shape), (99, 99), 16)[2] == words


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("spacing", [None, (1.0, 1.0), (2.0, 1.0), (0.7, 1.1)])
def test_a_raw_mask_lies_where_its_image_does(shape, size, spacing):
    """A blob, smooth enough to be band-limited at any of the sizes, above half its height."""
    y, x = ((np.arange(n) - n // 2) / n for n in shape)
    image = np.exp(-((y[:, None] - 0.05) ** 2 + (x - 0.1) ** 2) / 0.2**2).astype(np.complex64)
    new = np.abs(regrid_kspace(to_kspace(image[None]), shape, size, spacing)[0][0])
    mask = regrid_raw_mask(np.abs(image) > 0.5, spacing, size)
    assert mask.shape == (size, size)
    assert mask.dtype == bool
    # half a measured pixel, the most that its nearest neighbour is off, is worth less
    clear = np.abs(new - 0.5) > 0.16
    np.testing.assert_array_equal(mask[clear], new[clear] > 0.5)


def test_of_a_raw_mask_at_half_the_size_every_second_pixel_is_taken():
    size = 16
    mask = np.random.default_rng(0).random((2 * size, 2 * size)) > 0.5
    np.testing.assert_array_equal(regrid_raw_mask(mask, None, size), mask[::2, ::2])


def test_a_raw_mask_that_fits_is_untouched():
    mask = np.random.default_rng(0).random((16, 16)) > 0.5
    np.testing.assert_array_equal(regrid_raw_mask(mask, (2.0, 2.0), 16), mask)
