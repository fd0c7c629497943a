"""Growing grids: right shapes, right levels, and the right law of what is sampled."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from phasegen.diffusion import generate
from phasegen.diffusion.denoiser import Estimate
from phasegen.diffusion.growing import (
    GROWTH,
    TOP,
    enlargement,
    grids,
    grow,
    grown_alpha_bar,
    shared_out,
    stages,
)
from phasegen.diffusion.noise import complex_noise
from phasegen.diffusion.schedule import cosine_alpha_bar
from phasegen.fourier import centre_crop_or_pad, resample, to_image, to_kspace
from phasegen.settings import Diffusion, Synthesis

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


@pytest.mark.parametrize("grids", [1, 2, 3, 4])
@pytest.mark.parametrize("evaluations", [4, 5, 10, 100])
def test_no_evaluation_is_lost(evaluations, grids):
    counts = shared_out(evaluations, grids)
    assert sum(counts) == evaluations
    assert min(counts) >= 1
    assert counts[0] == max(counts)


@pytest.mark.parametrize("evaluations", [1, 2, 3, 10, 50])
def test_levels_go_down_and_every_grid_takes_over_where_it_should(evaluations):
    found = stages(ALPHA_BAR, [(16, 16), (32, 32), (64, 64)], evaluations, bottom=0.1)
    assert sum(len(stage.ladder.steps) for stage in found) == evaluations
    level = TOP
    for stage, finer in zip(found, [*found[1:], None], strict=True):
        levels = ((1 - stage.ladder.alpha_bar) / stage.ladder.alpha_bar).sqrt()
        assert float(levels[0]) == pytest.approx(level, rel=1e-6)
        assert (levels.diff() < 0).all()
        if finer:
            end = grown_alpha_bar(stage.ladder.end, enlargement(stage.shape, finer.shape))
            assert float(((1 - end) / end).sqrt()) == pytest.approx(GROWTH, rel=1e-6)
            level = GROWTH
    assert float(found[-1].ladder.end) == 1


def test_growing_keeps_the_centre_and_adds_noise_of_the_same_level():
    random = np.random.default_rng(0)
    coarse, fine = (16, 24), (32, 40)

    def noise(shape):
        return torch.from_numpy(complex_noise("gaussian", (50, 1, *shape), random))

    clean = noise(coarse)
    share = torch.tensor(0.4, dtype=torch.float64)
    noisy = share.sqrt().float() * clean + (1 - share).sqrt().float() * noise(coarse)
    grown = grow(noisy, share, noise(fine))
    finer = grown_alpha_bar(share, enlargement(coarse, fine))
    left = to_kspace(grown - finer.sqrt().float() * resample(clean, fine))
    power = left.abs().square().mean(dim=(0, 1))
    inside = centre_crop_or_pad(torch.ones(coarse), fine) > 0
    for part in (inside, ~inside):
        assert float(power[part].mean()) == pytest.approx(float(1 - finer), rel=0.03)


class ExactDenoiser:
    """Of Gaussian images whose k-space has the power falls with the fourth power of the radius."""

    draws_receiver = False
    multiple = 4

    def __init__(self, edge, **diffusion):
        self.edge, self.alpha_bar = edge, ALPHA_BAR
        self.settings = SimpleNamespace(diffusion=Diffusion(**diffusion))

    def power(self, grid):
        place = torch.arange(grid, dtype=torch.float64) - grid // 2
        square = place[:, None] ** 2 + place**2
        # Values keep their size from grid to grid, so k-space is smaller on a coarse one.
        return (self.edge**2 / 16) / (1 + square / 2) ** 2 * (grid / self.edge) ** 2

    def kind(self, magnitude):
        return None

    def __call__(self, noisy, magnitude, kind, step, alpha_bar):
        share, power = float(alpha_bar[0]), self.power(noisy.shape[-1])
        gain = share**0.5 * power / (share * power + 1 - share)
        return Estimate(to_image(to_kspace(noisy) * gain).to(noisy.dtype), None)


@pytest.mark.parametrize(
    ("sampler", "steps"), [("ddim", 300), ("dpm", 100), ("heun", 100), ("ancestral", 300)]
)
def test_gaussian_images_come_out_with_their_spectrum(monkeypatch, sampler, steps):
    denoiser = ExactDenoiser(32, smallest=8)
    magnitude = torch.full((150, 1, 32, 32), 1e6)
    streams = [np.random.default_rng(number) for number in range(150)]
    found = sampled(
        monkeypatch, denoiser, magnitude, streams, Synthesis(sampler=sampler, steps=steps)
    )
    ratio = found.abs().square().mean(dim=(0, 1)) / denoiser.power(32)
    square = (torch.arange(32) - 16).square()
    radius = (square[:, None] + square).sqrt()
    for low, high in ((0, 2), (2, 4), (4, 8), (8, 16)):
        ring = (radius >= low) & (radius < high)
        assert float(ratio[ring].mean()) == pytest.approx(1, abs=0.12), (low, high)


def sampled(monkeypatch, denoiser, magnitude, streams, synthesis):
    """K-space of complex samples: the phase alone is what the function gives back."""
    kept = []

    class Keeping(ExactDenoiser):
        def __call__(self, *arguments):
            estimate = denoiser(*arguments)
            kept.append(estimate.clean)
            return estimate

    # Gaussian images have no magnitude that is given.
    monkeypatch.setattr(generate, "use_of_magnitude", lambda *_: lambda clean, magnitude: clean)
    keeping = Keeping(denoiser.edge, smallest=denoiser.settings.diffusion.smallest)
    generate._sample_batch(keeping, magnitude, streams, synthesis)
    return to_kspace(kept[-1])
