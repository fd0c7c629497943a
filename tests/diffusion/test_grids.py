"""Grids of sampling: right shapes, and levels from the noise alone to what is handed on."""

from itertools import pairwise

import pytest
import torch

from phasegen.diffusion.grids import HANDED_ON, TOP, coarse_ladder, coarse_magnitude, grids
from phasegen.diffusion.schedule import cosine_alpha_bar
from phasegen.fourier import to_kspace

ALPHA_BAR = cosine_alpha_bar(1000)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((64, 64), [(16, 16), (32, 32), (64, 64)]),
        ((16, 16), [(16, 16)]),
        ((96, 128), [(16, 16), (32, 48), (64, 80), (96, 128)]),
        ((32, 256), [(16, 128), (32, 256)]),
    ],
)
def test_grids_double_from_the_smallest(shape, expected):
    assert grids(shape, 16, 16) == expected


def test_without_a_smallest_there_is_one_grid():
    assert grids((64, 64), 0, 16) == [(64, 64)]


@pytest.mark.parametrize("multiple", [4, 16, 32])
@pytest.mark.parametrize("edge", [32, 64, 96, 160, 192, 256, 320])
def test_every_grid_is_one_that_the_network_takes(edge, multiple):
    found = grids((edge, edge + multiple), max(16, multiple), multiple)
    assert found[-1] == (edge, edge + multiple)
    assert all(size % multiple == 0 for shape in found for size in shape)
    assert all(fine[0] > coarse[0] for coarse, fine in pairwise(found))


@pytest.mark.parametrize("rungs", [2, 8, 50])
def test_levels_go_down_to_what_is_handed_on(rungs):
    ladder = coarse_ladder(ALPHA_BAR, rungs)
    levels = ((1 - ladder.alpha_bar) / ladder.alpha_bar).sqrt()
    assert len(levels) == rungs
    assert float(levels[0]) == pytest.approx(TOP, rel=1e-6)
    assert float(levels[-1]) == pytest.approx(HANDED_ON, rel=1e-6)
    assert (levels.diff() < 0).all()
    assert float(list(ladder)[-1].after) == 1


def test_a_coarse_grid_sees_the_centre_of_kspace():
    magnitude = torch.rand(2, 1, 32, 48)
    coarse = coarse_magnitude(magnitude, (16, 24))
    assert coarse.is_floating_point()
    centre = to_kspace(magnitude)[..., 9:24, 13:36] / 2  # the two outermost lines are halved
    torch.testing.assert_close(to_kspace(coarse)[..., 1:, 1:], centre, atol=1e-5, rtol=1e-5)
    assert coarse_magnitude(magnitude, (32, 48)) is magnitude
