"""Overlap of masks: counted by hand, and what empty ones give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays

from phasegen.metrics.overlap import dice, sensitivity, specificity

MEASURES = [dice, sensitivity, specificity]
EMPTY, FULL = np.zeros((5, 7), bool), np.ones((5, 7), bool)
PAIRS = arrays(bool, (2, 4, 5))


def test_a_case_counted_by_hand():
    target, prediction = EMPTY.copy(), EMPTY.copy()
    target[1:3, 1:5] = True
    prediction[2:4, 2:5] = True
    assert dice(prediction, target) == 2 * 3 / (6 + 8)
    assert sensitivity(prediction, target) == 3 / 8
    assert specificity(prediction, target) == (35 - 8 - 3) / (35 - 8)


def test_what_empty_and_full_masks_give():
    some = np.eye(5, 7, dtype=bool)
    assert np.isnan(dice(EMPTY, EMPTY))
    assert dice(EMPTY, some) == dice(some, EMPTY) == 0
    assert np.isnan(sensitivity(some, EMPTY)) and sensitivity(EMPTY, some) == 0
    assert np.isnan(specificity(some, FULL)) and specificity(FULL, some) == 0
    assert specificity(EMPTY, EMPTY) == 1


@given(PAIRS)
def test_dice_is_symmetric_and_follows_from_precision_and_sensitivity(pair):
    first, second = pair
    np.testing.assert_equal(dice(first, second), dice(second, first))
    precision, recall = sensitivity(second, first), sensitivity(first, second)
    if precision + recall > 0:
        harmonic = 2 * precision * recall / (precision + recall)
        assert dice(first, second) == pytest.approx(harmonic)


@given(PAIRS)
def test_where_a_pixel_lies_does_not_matter(pair):
    for measure in MEASURES:
        moved = measure(*np.roll(pair, (1, 2), axis=(-2, -1)))
        np.testing.assert_equal(measure(*pair), moved)


@pytest.mark.parametrize("measure", MEASURES)
def test_what_is_no_pair_of_masks_is_refused(measure):
    with pytest.raises(ValueError, match="masks are bool"):
        measure(EMPTY.astype("u1"), FULL.astype("u1"))
    with pytest.raises(ValueError, match="one shape"):
        measure(EMPTY, FULL[:1])
    with pytest.raises(ValueError, match="one shape"):
        measure(EMPTY[None], FULL[None])
