"""How a training batch is seen."""

import numpy as np

from phasegen.settings import Training
from phasegen.training.sizes import draw_size, refined_rows, size_in_turn

SIZES = Training(sizes=[32, 64, 64, 128])


def test_sizes_are_drawn_as_often_as_they_are_named():
    random = np.random.default_rng(0)
    drawn = [draw_size(SIZES, random) for _ in range(4000)]
    assert set(drawn) == {32, 64, 128}
    assert 0.45 < drawn.count(64) / 4000 < 0.55
    assert draw_size(Training(), random) is None


def test_validation_takes_the_sizes_in_turn():
    assert [size_in_turn(SIZES, number) for number in range(4)] == [32, 64, 128, 32]
    assert size_in_turn(Training(), 3) is None


def test_of_larger_images_fewer_are_refined():
    assert [refined_rows(64, size) for size in (32, 64, 128)] == [64, 32, 8]
    assert refined_rows(3, 128) == 3
