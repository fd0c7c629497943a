"""The network as the diffusion sees it: noisy images in, an estimate of the clean ones out."""

from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

from phasegen.diffusion.grids import Shape, coarse_magnitude, grids
from phasegen.diffusion.matched import WIDTHS, global_turn, smooth_phase, smooth_velocity
from phasegen.diffusion.process import clean_from_noise, clean_from_velocity
from phasegen.diffusion.refiner import Refiner
from phasegen.diffusion.schedule import cosine_alpha_bar
from phasegen.nn.complex import to_complex, to_pairs
from phasegen.nn.context import MagnitudeContext
from phasegen.nn.unet import ComplexUNet
from phasegen.settings import PhaseModel

FOLD = 4
"""Edge of a pixel of the coarsest grid, in those of the magnitude that is seen there."""


class Known(NamedTuple):
    """What is known of images, on the grid that is diffused."""

    magnitude: torch.Tensor
    """Float32 ``(batch, 1, y, x)``."""
    detail: torch.Tensor | None
    """Where that grid is a coarse one, the magnitude on one of ``FOLD`` times the edge, its pixels
    folded: float32 ``(batch, FOLD^2, y, x)``."""
    kind: torch.Tensor | None
    """What the whole magnitude says, float32 ``(batch, embedding)``."""


class Denoiser(nn.Module):
    """Estimates ``z_0`` from ``z_t``, the magnitude and the step (Rempe et al. 2025, Alg. 1).

    Images are in units of the slice's scale (see ``scale.slice_scale``). With
    ``diffusion.smallest`` those that are diffused are on a coarse grid, and ``refiner`` makes the
    others of them.
    """

    def __init__(self, model: PhaseModel) -> None:
        super().__init__()
        self.settings = model
        self.modulated = model.diffusion.condition == "modulation"
        self.predicts_velocity = model.diffusion.prediction == "v"
        seen, said = (2 + 2 * len(WIDTHS), 3 + len(WIDTHS)) if self.modulated else (2, 1)
        seen += FOLD**2 if model.diffusion.smallest else 0
        # A coarse grid is small enough to be taken as it is.
        folding = {"patch": 1} if model.diffusion.smallest else {}
        network = model.network.model_copy(update=folding)
        self.network = ComplexUNet(network, seen, said, network.embedding)
        if self.modulated:
            nn.init.zeros_(self.network.last.weight)
        size, channels = network.embedding, network.context
        self.context = MagnitudeContext(channels, size) if channels else None
        self.refiner = Refiner(model.network) if model.diffusion.smallest else None
        self.register_buffer(
            "alpha_bar", cosine_alpha_bar(model.diffusion.timesteps), persistent=False
        )

    @property
    def multiple(self) -> int:
        """Rows and columns must be multiples of this."""
        return self.settings.multiple

    def frame(self, shape: Shape) -> Shape:
        """The least shape that the network takes and that holds ``shape``."""
        return tuple(-(-edge // self.multiple) * self.multiple for edge in shape)

    def grids(self, shape: Shape) -> list[Shape]:
        """From the one that is diffused to the full one."""
        return grids(shape, self.settings.diffusion.smallest, self.multiple)

    def known(self, magnitude: torch.Tensor) -> Known:
        """What the network is told; ``magnitude`` ``(batch, 1, y, x)``, of the full grid."""
        kind = None if self.context is None else self.context(magnitude)
        if self.refiner is None:
            return Known(magnitude, None, kind)
        rows, columns = self.grids(tuple(magnitude.shape[-2:]))[0]
        detail = coarse_magnitude(magnitude, (FOLD * rows, FOLD * columns))
        folded = functional.pixel_unshuffle(detail, FOLD)
        return Known(coarse_magnitude(magnitude, (rows, columns)), folded, kind)

    def forward(
        self, noisy: torch.Tensor, known: Known, step: torch.Tensor, alpha_bar: torch.Tensor
    ) -> torch.Tensor:
        """Estimate of the clean image, complex64 ``(batch, 1, y, x)``.

        Args:
            noisy: ``z_t``, complex64 ``(batch, 1, y, x)``.
            known: as from ``known``.
            step: t ``(batch,)``, 1 ... T, whole or between.
            alpha_bar: ``abar_t``, float64 ``(batch,)``.
        """
        predicted = self.predict(noisy, known, step, alpha_bar)
        back = clean_from_velocity if self.predicts_velocity else clean_from_noise
        return back(noisy, predicted, alpha_bar[:, None, None, None])

    def predict(
        self, noisy: torch.Tensor, known: Known, step: torch.Tensor, alpha_bar: torch.Tensor
    ) -> torch.Tensor:
        """The noise or the velocity, complex64 ``(batch, 1, y, x)``; arguments as above.

        Under ``modulation`` the network also sees guesses of a smooth phase and their velocities
        v_k, and says ``m g_1 + z_t g_2 + g_3 + sum_k v_k h_k``: where the phase is smooth so are
        the factors, and neither anatomy nor noise has to be drawn. The global phase, which means
        nothing, is taken out before and put back after, so that the network need not learn it.
        """
        magnitude = known.magnitude
        if not self.modulated:
            return self._evaluate([noisy, magnitude.to(noisy.dtype)], known, step)
        share = alpha_bar[:, None, None, None]
        turn = global_turn(noisy, magnitude)
        noisy = noisy * turn.conj()
        guesses = smooth_phase(noisy, magnitude, share)
        velocities = smooth_velocity(noisy, magnitude, share, guesses)
        inputs = [noisy, magnitude.to(noisy.dtype), guesses, velocities]
        parts = self._evaluate(inputs, known, step)
        own = magnitude * parts[:, :1] + noisy * parts[:, 1:2] + parts[:, 2:3]
        mixed = (velocities * parts[:, 3:]).sum(dim=1, keepdim=True)
        return (own + mixed) * turn

    def _evaluate(
        self, inputs: list[torch.Tensor], known: Known, step: torch.Tensor
    ) -> torch.Tensor:
        if known.detail is not None:
            inputs = [*inputs, known.detail.to(inputs[0].dtype)]
        # There are no complex numbers of less precision.
        return to_complex(
            self.network(to_pairs(torch.cat(inputs, dim=1)), step, known.kind).float()
        )
