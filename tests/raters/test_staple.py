import numpy as np
import pytest

from phasegen.raters.staple import staple


def ball(shift=0, radius=8):
    grid = np.indices((16, 32, 32)) - np.array([8, 16 + shift, 16])[:, None, None, None]
    return (grid**2).sum(axis=0) < radius**2


@pytest.mark.parametrize("count", [2, 3, 5])
def test_identical_masks_give_that_mask(count):
    np.testing.assert_array_equal(staple([ball()] * count), ball())


def test_two_of_three_decide():
    other = ball(shift=6)
    np.testing.assert_array_equal(staple([ball(), ball(), other]), ball())


def test_noise_is_outvoted():
    noise = np.random.default_rng(0).random(ball().shape) > 0.5
    result = staple([ball(), noise, ball(radius=7), ball(radius=9)])
    assert 2 * np.count_nonzero(result & ball()) > 0.9 * (
        np.count_nonzero(result) + np.count_nonzero(ball())
    )
    assert not (result & ~ball(radius=9)).any()


def test_order_does_not_matter():
    masks = [ball(), ball(shift=2), ball(radius=7), ball(shift=-1)]
    np.testing.assert_array_equal(staple(masks), staple(masks[::-1]))


@pytest.mark.parametrize("values", [False, True])
def test_masks_without_a_border_are_no_fault(values):
    flat = np.full((4, 8, 8), values)
    np.testing.assert_array_equal(staple([flat, flat, flat]), flat)


def test_nothing_in_all_but_one_is_nothing():
    blank = np.zeros_like(ball())
    assert not staple([blank, blank, blank, ball()]).any()


def test_disjoint_masks_end_in_a_mask_of_the_same_shape():
    result = staple([ball(shift=-8, radius=4), ball(shift=8, radius=4)])
    assert result.shape == ball().shape
    assert result.dtype == bool


def test_one_mask_is_no_consensus():
    with pytest.raises(ValueError, match="two masks or more, not 1"):
        staple([ball()])


def test_masks_of_two_shapes_are_refused():
    with pytest.raises(ValueError, match="masks of shapes"):
        staple([ball(), ball()[1:]])
