"""From a complex image on a coarse grid to one on a finer grid of known magnitude.

What the phase is like as a whole lies in the centre of k-space. What is finer than that, such as
the step from the phase of water to that of fat, follows from the magnitude: a regression, not a
diffusion, and one evaluation for each grid.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import nn

from phasegen.diffusion.grids import Shape, coarse_magnitude
from phasegen.diffusion.matched import WIDTHS, phasors, smooth
from phasegen.fourier import resample
from phasegen.nn.complex import to_complex, to_pairs
from phasegen.nn.unet import ComplexUNet
from phasegen.settings import Network

SHARES = (0.0, 0.3, 0.1, 0.03, 0.01)
"""Of the neighbourhoods in the reference: the wider ones speak where the narrow ones are silent."""

STEPS = 1000.0
"""Timesteps to a unit of the level, as the network is told it."""


class Refined(NamedTuple):
    """What is known of one grid, ``(batch, 1, y, x)``."""

    image: torch.Tensor
    """Complex64; on the finest grid only its phase is meant."""
    log_ratio: torch.Tensor
    """Float32, of the signal to the receiver's noise, as ``receiver`` takes it."""


class Refiner(nn.Module):
    """Estimates a complex image from one on a coarser grid.

    All that the network sees and says is relative to a reference phase, that of the coarse image
    in a neighbourhood as small as its signal allows. So phase of any steepness looks alike, and a
    network that says nothing leaves the coarse phase as it is.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = ComplexUNet(network, 4 + len(WIDTHS), 3, network.embedding)
        nn.init.zeros_(self.network.last.weight)

    def forward(
        self,
        coarse: torch.Tensor,
        magnitude: torch.Tensor,
        kind: torch.Tensor | None,
        level: torch.Tensor,
    ) -> Refined:
        """Estimate on the grid of ``magnitude``.

        Args:
            coarse: complex64 ``(batch, 1, y, x)``, on a coarser grid of the same field of view.
            magnitude: float32 ``(batch, 1, y, x)``.
            kind: of the whole image, as from ``Denoiser.kind``.
            level: of the noise in ``coarse``, ``(batch,)``.
        """
        seen = resample(coarse, tuple(magnitude.shape[-2:]))
        means = smooth(magnitude * seen)
        shares = torch.tensor(SHARES, device=seen.device)[:, None, None]
        back = phasors(magnitude * seen + (shares * means).sum(dim=1, keepdim=True)).conj()
        slopes = [back.conj() * back.roll(1, axis) - 1 for axis in (-2, -1)]
        around = means / (means.abs().square() + 1e-6).sqrt() * back - 1
        inputs = [magnitude.to(seen.dtype), seen * back, *slopes, around]
        pairs = to_pairs(torch.cat(inputs, dim=1))
        parts = to_complex(self.network(pairs, STEPS * level, kind).float())
        image = magnitude * (1 + parts[:, :1]) + parts[:, 1:2]
        return Refined(image * back.conj(), parts[:, 2:].real)


def refine(
    refiner: Refiner,
    coarse: torch.Tensor,
    magnitude: torch.Tensor,
    kind: torch.Tensor | None,
    level: torch.Tensor,
    shapes: Sequence[Shape],
) -> Iterator[Refined]:
    """The image on every grid of ``shapes``, each from the one before; the last is the full one.

    Args:
        coarse: complex64 ``(batch, 1, y, x)``.
        magnitude: of the full grid, float32 ``(batch, 1, y, x)``.
        kind, level: as above.
    """
    for shape in shapes:
        found = refiner(coarse, coarse_magnitude(magnitude, shape), kind, level)
        yield found
        # Each grid is fitted by itself, to what it is given when it samples.
        coarse, level = found.image.detach(), torch.zeros_like(level)
