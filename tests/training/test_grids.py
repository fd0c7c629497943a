"""How a training batch is seen: sizes, grids, and the levels that sampling takes there."""

import numpy as np
import pytest
import torch

from phasegen.diffusion.growing import GROWTH, TOP, last_level
from phasegen.diffusion.schedule import cosine_alpha_bar
from phasegen.fourier import to_kspace
from phasegen.settings import Diffusion, PhaseModel, Training
from phasegen.training.grids import View, draw_views, fixed_views, seen_on, steps_for

ALPHA_BAR = cosine_alpha_bar(1000)
GROWING = PhaseModel(
    diffusion=Diffusion(smallest=16, receiver="drawn", level_mean=1.0, level_spread=3.0),
    training=Training(sizes=[32, 64, 128]),
)


def test_the_coarsest_grid_is_in_every_step_and_images_are_no_smaller_than_grids():
    random, seen = np.random.default_rng(0), set()
    for _ in range(200):
        coarse, fine = draw_views(GROWING, random)
        assert coarse.grid == 16 < coarse.image
        assert fine.grid in (32, 64, 128) and fine.image >= fine.grid
        seen.add((fine.image, fine.grid))
    assert seen == {(32, 32), (64, 32), (128, 32), (64, 64), (128, 64), (128, 128)}


def test_validation_takes_the_sizes_in_turn():
    sizes = [fixed_views(GROWING, number)[1].grid for number in range(4)]
    assert sizes == [32, 64, 128, 32]
    assert fixed_views(PhaseModel(), 3) == [View(None, None)]


@pytest.mark.parametrize(
    ("view", "low", "high"),
    [
        (View(64, 16), GROWTH / 4, 1.5 * TOP),
        (View(64, 32), GROWTH / 4, 1.5 * GROWTH),
        (View(64, 64), last_level(GROWING.diffusion) / 2, 1.5 * GROWTH),
    ],
)
def test_levels_are_those_that_sampling_takes(view, low, high):
    random = np.random.default_rng(0)
    steps = steps_for(GROWING.diffusion, view, 5000, ALPHA_BAR, random)
    levels = ((1 - ALPHA_BAR[steps]) / ALPHA_BAR[steps]).sqrt()
    assert low * 0.8 < float(levels.min()) < low * 1.25
    assert high * 0.8 < float(levels.max()) < high * 1.25


def test_finer_grids_get_fewer_slices():
    rows = [View(size, size).rows(64, 16) for size in (16, 32, 64, 128)]
    assert rows == [64, 16, 8, 8]
    assert View(128, 128).rows(64, 0) == 64
    assert View(128, 128).rows(3, 16) == 3


def test_a_coarse_grid_sees_the_centre_of_kspace():
    random = np.random.default_rng(0)
    parts = torch.from_numpy(random.standard_normal((2, 2, 1, 32, 32)).astype(np.float32))
    image = torch.complex(*parts)
    clean, magnitude = seen_on(image, 16)
    centre = to_kspace(image)[..., 8:24, 8:24] / 2
    torch.testing.assert_close(to_kspace(clean), centre)
    assert magnitude.shape == clean.shape and magnitude.is_floating_point()
    whole, exact = seen_on(image, None)
    assert torch.equal(whole, image) and torch.equal(exact, image.abs())
