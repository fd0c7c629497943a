"""Which grid a training batch is seen on, and at which levels of noise."""

from dataclasses import dataclass

import numpy as np
import torch

from phasegen.diffusion.growing import between, coarse_magnitude, coarsest, full
from phasegen.diffusion.schedule import draw_steps, nearest_steps
from phasegen.fourier import resample
from phasegen.settings import Diffusion, PhaseModel

FEWEST = 8
"""Slices of a batch at least, however fine the grid."""


@dataclass(frozen=True)
class View:
    """Edges [pixel]: of the image, and of the grid that the network sees; None: as it is."""

    image: int | None
    grid: int | None

    @property
    def is_full(self) -> bool:
        return self.image == self.grid

    def rows(self, batch: int, smallest: int) -> int:
        """Slices of a batch that are used, so that finer grids do not cost far more."""
        if not smallest:
            return batch
        return min(max(batch * smallest**2 // self.grid**2, FEWEST), batch)


def draw_views(model: PhaseModel, random: np.random.Generator) -> list[View]:
    """How a batch is seen: on a grid of ``training.sizes``, of an image of that size.

    Where grids grow the image may be larger, and the coarsest grid is always there: each of
    the two networks gets its share of every step.
    """
    sizes, smallest = model.training.sizes, model.diffusion.smallest
    if not sizes:
        return [View(None, None)]
    grid = int(random.choice(sizes))
    if not smallest:
        return [View(grid, grid)]
    larger = sorted({size for size in sizes if size >= grid})
    images = int(random.choice(sizes)), int(random.choice(larger))
    return [View(images[0], smallest), View(images[1], grid)]


def fixed_views(model: PhaseModel, number: int) -> list[View]:
    """The same for every epoch, the sizes in turn."""
    sizes, smallest = sorted(set(model.training.sizes)), model.diffusion.smallest
    if not sizes:
        return [View(None, None)]
    size = sizes[number % len(sizes)]
    return [*([View(size, smallest)] if smallest else []), View(size, size)]


def seen_on(images: torch.Tensor, grid: int | None) -> tuple[torch.Tensor, torch.Tensor]:
    """Images ``(batch, 1, y, x)`` and their magnitude as a grid of that edge sees them."""
    shape = (grid, grid) if grid else images.shape[-2:]
    return resample(images, shape), coarse_magnitude(images.abs(), shape)


def steps_for(
    diffusion: Diffusion,
    view: View,
    count: int,
    alpha_bar: torch.Tensor,
    random: np.random.Generator,
) -> torch.Tensor:
    """Training steps 1 ... T, int64 ``(count,)``: those that sampling takes on this grid."""
    if not diffusion.smallest:
        return draw_steps(diffusion, count, alpha_bar, random)
    if view.grid == diffusion.smallest:
        low, high = np.log(coarsest())
        drawn = random.normal(diffusion.level_mean, diffusion.level_spread, count)
        return nearest_steps(np.clip(drawn, low, high), alpha_bar)
    low, high = np.log(full(diffusion) if view.is_full else between())
    # More of the noisy ones, where a pixel is decided.
    return nearest_steps(low + (high - low) * np.sqrt(random.random(count)), alpha_bar)
