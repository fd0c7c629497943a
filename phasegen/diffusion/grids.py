"""The grids of sampling: the phase is diffused on the coarsest and refined from each to the next.

The energy of an image lies about the centre of k-space, so a coarse grid holds all that is random
about its phase, at a small part of the cost; what finer grids add follows from the magnitude.
"""

import torch

from phasegen.diffusion.ladder import Ladder, karras_ladder
from phasegen.fourier import resample

Shape = tuple[int, int]

LEAST_GROWTH = 1.4
"""Of the edge, from the last coarse grid to the full one."""

TOP = 75.0
"""Level of the noise, over the signal, at which the coarsest grid starts."""

HANDED_ON = 0.03
"""Level of the last evaluation on the coarsest grid."""


def grids(shape: Shape, smallest: int, multiple: int) -> list[Shape]:
    """Grids from the coarsest to ``shape``, of shorter edges ``smallest``, twice that, and so on.

    With 0 there is one grid alone. All edges are multiples of ``multiple``, as those of ``shape``
    must be.
    """
    found, edge = [], smallest
    while 0 < edge <= min(shape) / LEAST_GROWTH:
        scaled = (size * edge / min(shape) / multiple for size in shape)
        found.append(tuple(max(round(count), 1) * multiple for count in scaled))
        edge *= 2
    return [*found, shape]


def coarse_ladder(alpha_bar: torch.Tensor, rungs: int) -> Ladder:
    """Levels on the coarsest grid; ``alpha_bar`` of the timesteps 0 ... T."""
    return karras_ladder(alpha_bar, rungs, TOP, HANDED_ON)


def coarse_levels() -> tuple[float, float]:
    """Least and largest level that a network has to know for that."""
    return HANDED_ON / 2, 1.5 * TOP


def coarse_magnitude(magnitude: torch.Tensor, shape: Shape) -> torch.Tensor:
    """Magnitude ``(..., y, x)`` on a coarser grid: real, and below 0 beside bright edges."""
    if tuple(magnitude.shape[-2:]) == tuple(shape):
        return magnitude
    return resample(magnitude, shape).real
