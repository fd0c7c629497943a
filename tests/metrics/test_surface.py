"""Distances between edges, against MONAI on random masks and by hand where it has no number."""

import warnings

import numpy as np
import pytest
import torch
from monai.metrics import compute_hausdorff_distance
from scipy.ndimage import gaussian_filter

from phasegen.metrics.surface import hd_rows, surface_distance

SHAPE = (24, 31)
EMPTY = np.zeros(SHAPE, bool)
SPACINGS = [(1.0, 1.0), (0.7, 1.9)]


def draw_mask(random):
    """A blob, often cut by the border; noise; one pixel; a corner; everything."""
    mask = np.zeros(SHAPE, bool)
    kind = random.integers(8)
    if kind < 4:
        smooth = gaussian_filter(random.normal(size=SHAPE), random.uniform(1, 5))
        mask = smooth > np.quantile(smooth, random.uniform(0.3, 0.95))
    elif kind == 4:
        mask = random.random(SHAPE) < random.uniform(0.01, 0.5)
    elif kind == 5:
        mask[tuple(random.integers(SHAPE))] = True
    elif kind == 6:
        mask[: random.integers(1, 9), -random.integers(1, 9) :] = True
    else:
        mask[:] = True
    return mask


@pytest.fixture(scope="module")
def pairs():
    random = np.random.default_rng(0)
    drawn = [(draw_mask(random), draw_mask(random)) for _ in range(300)]
    return [pair for pair in drawn if pair[0].any() and pair[1].any()]


def by_monai(prediction, target, spacing, percentile):
    tensors = (torch.from_numpy(mask[None, None].astype("f4")) for mask in (prediction, target))
    options = {"include_background": True, "spacing": list(spacing), "percentile": percentile}
    with warnings.catch_warnings():
        # its own, of an argument that it gives itself
        warnings.filterwarnings("ignore", ".*always_return_as_numpy", FutureWarning)
        return float(compute_hausdorff_distance(*tensors, **options))


@pytest.mark.parametrize("spacing", SPACINGS)
def test_the_same_as_monai(pairs, spacing):
    assert len(pairs) >= 200
    for pair in pairs:
        found = surface_distance(*pair, spacing)
        expected = [by_monai(*pair, spacing, percentile) for percentile in (None, 95)]
        assert found == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_without_a_size_distances_are_in_pixels(pairs):
    for pair in pairs[:20]:
        assert surface_distance(*pair) == surface_distance(*pair, (1.0, 1.0))


@pytest.mark.parametrize("spacing", SPACINGS)
def test_symmetric_zero_for_equals_and_hd95_the_smaller(pairs, spacing):
    for prediction, target in pairs:
        found = surface_distance(prediction, target, spacing)
        assert found == surface_distance(target, prediction, spacing)
        assert 0 <= found.hd95 <= found.hausdorff
        assert surface_distance(target, target, spacing) == (0, 0)


def test_rows_and_columns_are_not_mixed_up():
    first, second = EMPTY.copy(), EMPTY.copy()
    first[3, 4], second[5, 4] = True, True
    assert surface_distance(first, second, (10.0, 1.0)) == (20, 20)
    assert surface_distance(first.T, second.T, (10.0, 1.0)) == (2, 2)


def test_a_stray_pixel_moves_the_hausdorff_distance_alone():
    target = EMPTY.copy()
    target[5:15, 5:15] = True
    prediction = target.copy()
    prediction[20, 20] = True
    assert surface_distance(prediction, target) == (pytest.approx(np.hypot(6, 6)), 0)


def test_one_empty_mask_is_as_far_as_masks_can_be():
    corner, other, some = EMPTY.copy(), EMPTY.copy(), EMPTY.copy()
    corner[0, 0], other[-1, -1], some[3:9, 2:8] = True, True, True
    for spacing in SPACINGS:
        farthest = surface_distance(corner, other, spacing)
        assert surface_distance(some, EMPTY, spacing) == pytest.approx(farthest)
        assert surface_distance(EMPTY, some, spacing) == pytest.approx(farthest)
    assert surface_distance(EMPTY, some).hausdorff == pytest.approx(np.hypot(23, 30))


def test_two_empty_masks_have_no_distance():
    assert np.isnan(surface_distance(EMPTY, EMPTY)).all()
    assert np.isnan(hd_rows(EMPTY, EMPTY))


@pytest.mark.parametrize("size", [(0.0, 1.0), (1.0, -1.0), (1.0, np.nan), (1.0, 1.0, 1.0)])
def test_a_size_that_is_none_is_refused(size):
    with pytest.raises(ValueError, match="pixel size"):
        surface_distance(EMPTY, EMPTY, size)


@pytest.mark.parametrize("distance", [surface_distance, hd_rows])
def test_what_is_no_pair_of_masks_is_refused(distance):
    with pytest.raises(ValueError, match="one shape"):
        distance(EMPTY, EMPTY[:, :-1])
    with pytest.raises(ValueError, match="masks are bool"):
        distance(EMPTY, EMPTY.astype(float))


def test_the_row_variant_is_a_largest_smallest_distance_of_rows(pairs):
    """Written out: from each predicted row to the true row that differs in the fewest pixels."""
    for prediction, target in pairs:
        differing = (prediction[:, None] != target[None]).sum(axis=-1)
        assert hd_rows(prediction, target) == pytest.approx(np.sqrt(differing.min(axis=1).max()))


def test_the_row_variant_does_not_see_where_rows_lie_and_has_a_direction():
    target, few = EMPTY.copy(), EMPTY.copy()
    target[2:6, 3:12] = True
    few[20, 3:12] = True
    assert hd_rows(np.roll(target, 15, axis=0), target) == 0
    assert surface_distance(np.roll(target, 15, axis=0), target).hausdorff == 15
    assert hd_rows(few, target) == 0
    full = ~EMPTY
    assert hd_rows(target, full) == pytest.approx(np.sqrt(31))
    assert hd_rows(full, target) == pytest.approx(np.sqrt(22))


def test_the_row_variant_of_one_empty_mask():
    some = EMPTY.copy()
    some[2:6, 3:12] = True
    assert hd_rows(some, EMPTY) == 3
    assert hd_rows(EMPTY, some) == 0
    assert hd_rows(EMPTY, ~EMPTY) == pytest.approx(np.sqrt(31))
