"""K-space that grows outwards as the noise falls: where there is more noise than signal, no pixels.

The energy of an image lies about the centre of k-space, so at a high noise level all but the
centre is noise, and a coarse grid holds all that can be known. Sampling starts on the coarsest
grid; at a fixed level the noise of the outer k-space is added and the next grid, of twice the
edge, takes over. In the units of its own grid each sees the same range of levels, whatever the
size of the whole.
"""

from dataclasses import dataclass

import numpy as np
import torch

from phasegen.diffusion.ladder import SMALLEST_LEVEL, Ladder, karras_ladder
from phasegen.fourier import centre_crop_or_pad, resample, to_image, to_kspace
from phasegen.settings import Diffusion

Shape = tuple[int, int]

GROWTH = 1.3
"""Level of the noise, over the signal of the finer grid, at which that grid takes over.

The k-space of heads that a grid of 64 x 64 adds to one of 32 x 32 has a root mean square of 0.15 to
0.3 on that scale."""

LEAST_GROWTH = 1.4
"""Of the edge, from the last coarse grid to the full one."""

TOP = 75.0
"""Level at which the coarsest grid starts."""

DRAWN_FROM = 0.02
"""Level of the last evaluation where the receiver's noise is drawn: the mean over a
neighbourhood knows a smooth phase to some thousandths of a radian then, and what is left is that
noise."""


@dataclass(frozen=True)
class Stage:
    """One grid of sampling and the levels it goes down; the last one ends at the clean image."""

    shape: Shape
    ladder: Ladder


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


def enlargement(coarse: Shape, fine: Shape) -> float:
    """How much larger the level of the same noise is on the finer grid."""
    return float(np.sqrt(fine[0] * fine[1] / (coarse[0] * coarse[1])))


def shared_out(evaluations: int, stages: int) -> list[int]:
    """Evaluations of each grid: half of them on the coarsest, the others evenly, the last first."""
    if stages == 1:
        return [evaluations]
    others = [evaluations // 2 // (stages - 1)] * (stages - 1)
    for place in range(evaluations // 2 % (stages - 1)):
        others[-1 - place] += 1
    others = [max(count, 1) for count in others]
    return [max(evaluations - sum(others), 1), *others]


def stages(
    alpha_bar: torch.Tensor, shapes: list[Shape], evaluations: int, bottom: float
) -> list[Stage]:
    """Stages over all ``shapes``; each has one evaluation at least.

    Args:
        alpha_bar: of the timesteps 0 ... T.
        evaluations: rungs of all ladders together.
        bottom: level of the last evaluation.
    """
    shapes = shapes[-evaluations:]
    found, top = [], TOP
    counts = shared_out(evaluations, len(shapes))
    for shape, finer, count in zip(shapes, [*shapes[1:], None], counts, strict=True):
        if finer is None:
            found.append(Stage(shape, karras_ladder(alpha_bar, count, top, bottom)))
        else:
            end = GROWTH / enlargement(shape, finer)
            found.append(
                Stage(shape, karras_ladder(alpha_bar, count, top, end, leads_to_bottom=True))
            )
            top = GROWTH
    return found


def coarsest() -> tuple[float, float]:
    """Least and largest level that the coarsest grid is to know; it grows by 1.5 to 3."""
    return GROWTH / 4, 1.5 * TOP


def between() -> tuple[float, float]:
    """Likewise of a grid that takes over from a coarser one and hands on to a finer one."""
    return GROWTH / 4, 1.5 * GROWTH


def full(diffusion: Diffusion) -> tuple[float, float]:
    """Likewise of the full grid, where sampling ends."""
    return last_level(diffusion) / 2, 1.5 * GROWTH


def last_level(diffusion: Diffusion) -> float:
    """Level of the last evaluation."""
    return DRAWN_FROM if diffusion.receiver == "drawn" else SMALLEST_LEVEL


def coarse_magnitude(magnitude: torch.Tensor, shape: Shape) -> torch.Tensor:
    """Magnitude ``(..., y, x)`` on a coarser grid: real, and below 0 beside bright edges."""
    if tuple(magnitude.shape[-2:]) == tuple(shape):
        return magnitude
    return resample(magnitude, shape).real


def grow(noisy: torch.Tensor, alpha_bar: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """``z_t`` on the grid of ``noise``: its k-space outside is noise of the same level.

    Args:
        noisy: ``z_t``, complex ``(batch, 1, y, x)``.
        alpha_bar: ``abar_t`` on the coarse grid, a scalar.
        noise: of unit variance, complex ``(batch, 1, y, x)`` on the finer grid.

    Returns:
        ``z`` with the ``abar`` of ``grown_alpha_bar``.
    """
    coarse, fine = noisy.shape[-2:], noise.shape[-2:]
    finer = grown_alpha_bar(alpha_bar, enlargement(coarse, fine))
    inside = resample(noisy * (finer / alpha_bar).sqrt().to(noisy.real.dtype), fine)
    spectrum = to_kspace(noise)
    known = centre_crop_or_pad(centre_crop_or_pad(spectrum, coarse), fine)
    return inside + to_image(spectrum - known) * (1 - finer).sqrt().to(noisy.real.dtype)


def grown_alpha_bar(alpha_bar: torch.Tensor, enlargement: float) -> torch.Tensor:
    """``abar`` of the same noise on a grid on which its level is larger."""
    variance = (1 - alpha_bar) / alpha_bar * enlargement**2
    return 1 / (1 + variance)
