"""The network as the diffusion sees it: noisy images in, an estimate of the clean ones out."""

from typing import NamedTuple

import torch
from torch import nn

from phasegen.diffusion.matched import WIDTHS, global_turn, smooth_phase, smooth_velocity
from phasegen.diffusion.process import clean_from_noise, clean_from_velocity
from phasegen.diffusion.receiver import signal_to_noise
from phasegen.diffusion.schedule import cosine_alpha_bar
from phasegen.nn.complex import to_complex, to_pairs
from phasegen.nn.context import MagnitudeContext
from phasegen.nn.unet import ComplexUNet
from phasegen.settings import PhaseModel


class Prediction(NamedTuple):
    """What the network says, complex64 and float32 ``(batch, 1, y, x)``."""

    target: torch.Tensor
    """Noise or velocity."""
    signal_to_noise: torch.Tensor | None
    """Of every pixel of the clean image, as ``receiver`` takes it; None if noise is diffused."""


class Estimate(NamedTuple):
    """The clean image as far as it is known, complex64 ``(batch, 1, y, x)``."""

    clean: torch.Tensor
    signal_to_noise: torch.Tensor | None
    """As above."""


class Denoiser(nn.Module):
    """Estimates ``z_0`` from ``z_t``, the magnitude and the step (Rempe et al. 2025, Alg. 1).

    Images are in units of the slice's scale (see ``scale.slice_scale``).
    """

    def __init__(self, model: PhaseModel) -> None:
        super().__init__()
        self.settings = model
        self.modulated = model.diffusion.condition == "modulation"
        guesses = len(WIDTHS)
        self.predicts_velocity = model.diffusion.prediction == "v"
        self.draws_receiver = model.diffusion.receiver == "drawn"
        seen, said = (2 + 2 * guesses, 3 + guesses) if self.modulated else (2, 1)
        # Where grids grow, one network lays out the phase on the coarsest and one refines it.
        self.networks = nn.ModuleDict(
            {
                name: ComplexUNet(
                    model.network, seen, said + self.draws_receiver, model.network.embedding
                )
                for name in (("layout", "detail") if model.diffusion.smallest else ("detail",))
            }
        )
        if self.modulated:
            for network in self.networks.values():
                nn.init.zeros_(network.last.weight)
        size, channels = model.network.embedding, model.network.context
        self.context = MagnitudeContext(channels, size) if channels else None
        self.register_buffer(
            "alpha_bar", cosine_alpha_bar(model.diffusion.timesteps), persistent=False
        )

    @property
    def multiple(self) -> int:
        """Rows and columns must be multiples of this."""
        return self.settings.multiple

    def kind(self, magnitude: torch.Tensor) -> torch.Tensor | None:
        """What the network is told of the whole image; ``magnitude`` ``(batch, 1, y, x)``."""
        return None if self.context is None else self.context(magnitude)

    def forward(
        self,
        noisy: torch.Tensor,
        magnitude: torch.Tensor,
        kind: torch.Tensor | None,
        step: torch.Tensor,
        alpha_bar: torch.Tensor,
    ) -> Estimate:
        """Estimate of the clean image.

        Args:
            noisy: ``z_t``, complex64 ``(batch, 1, y, x)``.
            magnitude: float32 ``(batch, 1, y, x)``, on the grid of ``noisy``.
            kind: as from ``kind``, of the whole image.
            step: t ``(batch,)``, 1 ... T, whole or between.
            alpha_bar: ``abar_t``, float64 ``(batch,)``.
        """
        predicted = self.predict(noisy, magnitude, kind, step, alpha_bar)
        share = alpha_bar[:, None, None, None]
        clean = self.clean(noisy, predicted.target, share)
        return Estimate(clean, predicted.signal_to_noise)

    def clean(self, noisy: torch.Tensor, target: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
        """Clean image behind a predicted ``target``; ``share`` is ``abar`` ``(batch, 1, 1, 1)``."""
        back = clean_from_velocity if self.predicts_velocity else clean_from_noise
        return back(noisy, target, share)

    def predict(
        self,
        noisy: torch.Tensor,
        magnitude: torch.Tensor,
        kind: torch.Tensor | None,
        step: torch.Tensor,
        alpha_bar: torch.Tensor,
    ) -> Prediction:
        """What the network says; arguments as above.

        Under ``modulation`` it also sees guesses of a smooth phase and their velocities v_k, and
        says ``m g_1 + z_t g_2 + g_3 + sum_k v_k h_k``: where the phase is smooth so are the
        factors, and neither anatomy nor noise has to be drawn. The global phase, which means
        nothing, is taken out before and put back after, so that the network need not learn it.
        """
        if not self.modulated:
            parts = self._evaluate([noisy, magnitude.to(noisy.dtype)], step, kind)
            return Prediction(parts[:, :1], self._ratio(parts, magnitude))
        share = alpha_bar[:, None, None, None]
        turn = global_turn(noisy, magnitude)
        noisy = noisy * turn.conj()
        inputs = [noisy, magnitude.to(noisy.dtype)]
        guesses = smooth_phase(noisy, magnitude, share)
        velocities = smooth_velocity(noisy, magnitude, share, guesses)
        parts = self._evaluate([*inputs, guesses, velocities], step, kind)
        own = magnitude * parts[:, :1] + noisy * parts[:, 1:2] + parts[:, 2:3]
        mixed = (velocities * parts[:, 3 : 3 + len(WIDTHS)]).sum(dim=1, keepdim=True)
        return Prediction((own + mixed) * turn, self._ratio(parts, magnitude))

    def _ratio(self, parts: torch.Tensor, magnitude: torch.Tensor) -> torch.Tensor | None:
        """The last output is minus the logarithm of the noise."""
        return signal_to_noise(magnitude, parts[:, -1:].real) if self.draws_receiver else None

    def _evaluate(
        self, inputs: list[torch.Tensor], step: torch.Tensor, kind: torch.Tensor | None
    ) -> torch.Tensor:
        is_coarsest = min(inputs[0].shape[-2:]) == self.settings.diffusion.smallest
        network = self.networks["layout" if is_coarsest else "detail"]
        # There are no complex numbers of less precision.
        return to_complex(network(to_pairs(torch.cat(inputs, dim=1)), step, kind).float())
