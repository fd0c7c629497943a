"""A row holds every metric under its name, and nothing else."""

import numpy as np
import pytest

from phasegen.metrics.segmentation import segmentation_row
from phasegen.metrics.surface import surface_distance

COLUMNS = [
    "target_pixels",
    "predicted_pixels",
    "dice",
    "sensitivity",
    "specificity",
    "hausdorff",
    "hd95",
    "hausdorff_mm",
    "hd95_mm",
    "hd_rows",
]
IN_MM = ["hausdorff_mm", "hd95_mm"]
EMPTY = np.zeros((32, 32), bool)


@pytest.fixture
def square():
    mask = EMPTY.copy()
    mask[8:20, 10:22] = True
    return mask


def test_a_square_that_is_moved(square):
    row = segmentation_row(np.roll(square, 3, axis=0), square, (2.0, 0.5))
    assert list(row) == COLUMNS
    assert isinstance(row["target_pixels"], int) and isinstance(row["predicted_pixels"], int)
    assert row == {
        "target_pixels": 144,
        "predicted_pixels": 144,
        "dice": 0.75,
        "sensitivity": 0.75,
        "specificity": 1 - 36 / (1024 - 144),
        "hausdorff": 3,
        "hd95": 3,
        "hausdorff_mm": pytest.approx(6),
        "hd95_mm": pytest.approx(6),
        "hd_rows": 0,
    }


def test_without_a_pixel_size_there_are_no_millimetres(square):
    row = segmentation_row(square, square, None)
    assert np.isnan([row[name] for name in IN_MM]).all()
    assert np.isfinite([row[name] for name in COLUMNS if name not in IN_MM]).all()


def test_two_empty_masks_say_nothing_but_that_no_pixel_is_wrong():
    row = segmentation_row(EMPTY, EMPTY, (1.0, 1.0))
    assert list(row) == COLUMNS
    assert row["target_pixels"] == row["predicted_pixels"] == 0
    assert row["specificity"] == 1
    unknown = set(COLUMNS) - {"target_pixels", "predicted_pixels", "specificity"}
    assert np.isnan([row[name] for name in unknown]).all()


def test_a_brain_found_where_there_is_none(square):
    row = segmentation_row(square, EMPTY, (2.0, 2.0))
    assert row["target_pixels"] == 0 and row["predicted_pixels"] == 144
    assert row["dice"] == 0 and np.isnan(row["sensitivity"])
    assert row["hausdorff"] == row["hd95"] == pytest.approx(31 * np.sqrt(2))
    assert row["hausdorff_mm"] == row["hd95_mm"] == pytest.approx(62 * np.sqrt(2))


def test_a_brain_that_is_missed(square):
    row = segmentation_row(EMPTY, square, None)
    assert row["dice"] == row["sensitivity"] == 0
    assert row["specificity"] == 1


def test_numbers_are_no_masks(square):
    with pytest.raises(ValueError, match="masks are bool"):
        segmentation_row(square.astype("u1"), square, None)


@pytest.mark.parametrize("pixel_mm", [(1.7, 1.7), (0.5, 0.5), (1.7, 0.5)])
def test_millimetres_are_those_of_distances_measured_in_mm(square, pixel_mm):
    random = np.random.default_rng(1)
    for _ in range(20):
        mask = square ^ (random.uniform(size=square.shape) < 0.02)
        row, own = (
            segmentation_row(mask, square, pixel_mm),
            surface_distance(mask, square, pixel_mm),
        )
        assert [row[name] for name in IN_MM] == pytest.approx(list(own), rel=1e-12)


@pytest.mark.parametrize("size", [0.0, -1.0, np.inf, np.nan])
def test_a_pixel_size_is_positive(square, size):
    with pytest.raises(ValueError, match="two positive numbers|NaN|pixel size"):
        segmentation_row(square, square, (size, size))
