"""Outlines run round masks, and windows hold them."""

import numpy as np
import pytest

from phasegen.report.canvas import canvas
from phasegen.report.outline import outline, zoom

STYLE = {"color": "#56B4E9", "linestyle": "--"}


def square(low, high, size=20):
    mask = np.zeros((size, size), bool)
    mask[low:high, low:high] = True
    return mask


def axis_of(size=20):
    axis = canvas(2, 2).subplots()
    axis.imshow(np.zeros((size, size)))
    return axis


@pytest.mark.parametrize(("low", "high"), [(5, 12), (0, 12), (0, 20), (7, 8)])
def test_an_outline_is_closed_and_half_a_pixel_outside(low, high):
    axis = axis_of()
    outline(axis, square(low, high), STYLE)
    (path,) = axis.collections[0].get_paths()
    assert path.vertices.min() == low - 0.5 and path.vertices.max() == high - 0.5
    np.testing.assert_array_equal(path.vertices[0], path.vertices[-1])


def test_an_empty_mask_has_no_outline():
    axis = axis_of()
    outline(axis, square(5, 5), STYLE)
    assert not axis.collections


def test_black_has_a_halo():
    axis = axis_of()
    for style in (STYLE, STYLE | {"color": "#000000"}):
        outline(axis, square(5, 9), style)
    assert [bool(lines.get_path_effects()) for lines in axis.collections] == [False, True]


def test_the_window_is_a_square_that_holds_all_masks_right_side_up():
    axis = axis_of()
    zoom(axis, np.stack([square(8, 10), square(9, 15)]))
    (left, right), (bottom, top) = axis.get_xlim(), axis.get_ylim()
    assert left < 8 and right > 14 and top < 8 and bottom > 14
    assert right - left == pytest.approx(bottom - top) and right - left < 10


def test_without_masks_all_is_shown():
    axis = axis_of()
    whole = axis.get_xlim(), axis.get_ylim()
    zoom(axis, np.zeros((2, 20, 20), bool))
    assert (axis.get_xlim(), axis.get_ylim()) == whole
