"""The network as the diffusion sees it: noisy images in, an estimate of the clean ones out."""

import torch
from torch import nn

from phasegen.diffusion.matched import WIDTHS, smooth_phase, smooth_velocity
from phasegen.diffusion.process import clean_from_noise, clean_from_velocity
from phasegen.diffusion.schedule import cosine_alpha_bar
from phasegen.nn.complex import to_complex, to_pairs
from phasegen.nn.unet import ComplexUNet
from phasegen.settings import PhaseModel


class Denoiser(nn.Module):
    """Estimates ``z_0`` from ``z_t``, the magnitude and the step (Rempe et al. 2025, Alg. 1).

    Images are in units of the slice's scale (see ``scale.slice_scale``).
    """

    def __init__(self, model: PhaseModel) -> None:
        super().__init__()
        self.settings = model
        self.modulated = model.diffusion.condition == "modulation"
        guesses = len(WIDTHS)
        channels = (2 + 2 * guesses, 3 + guesses) if self.modulated else (2, 1)
        self.network = ComplexUNet(model.network, *channels)
        if self.modulated:
            nn.init.zeros_(self.network.last.weight)
        self.register_buffer(
            "alpha_bar", cosine_alpha_bar(model.diffusion.timesteps), persistent=False
        )

    @property
    def multiple(self) -> int:
        """Rows and columns must be multiples of this."""
        network = self.settings.network
        return network.patch * 2 ** len(network.widths)

    def forward(
        self,
        noisy: torch.Tensor,
        magnitude: torch.Tensor,
        step: torch.Tensor,
        alpha_bar: torch.Tensor,
    ) -> torch.Tensor:
        """Estimate of the clean image, complex64 ``(batch, 1, y, x)``.

        Args:
            noisy: ``z_t``, complex64 ``(batch, 1, y, x)``.
            magnitude: float32 ``(batch, 1, y, x)``.
            step: t ``(batch,)``, 1 ... T, whole or between.
            alpha_bar: ``abar_t``, float64 ``(batch,)``.
        """
        predicted = self.predict(noisy, magnitude, step, alpha_bar)
        share = alpha_bar[:, None, None, None]
        if self.settings.diffusion.prediction == "v":
            return clean_from_velocity(noisy, predicted, share)
        return clean_from_noise(noisy, predicted, share)

    def predict(
        self,
        noisy: torch.Tensor,
        magnitude: torch.Tensor,
        step: torch.Tensor,
        alpha_bar: torch.Tensor,
    ) -> torch.Tensor:
        """What the network says, noise or velocity; arguments as above.

        Under ``modulation`` it also sees guesses of a smooth phase and their velocities v_k, and
        says ``m g_1 + z_t g_2 + g_3 + sum_k v_k h_k``: where the phase is smooth so are the
        factors, and neither anatomy nor noise has to be drawn.
        """
        inputs = [noisy, magnitude.to(noisy.dtype)]
        if not self.modulated:
            return self._evaluate(inputs, step)
        share = alpha_bar[:, None, None, None]
        guesses = smooth_phase(noisy, magnitude, share)
        velocities = smooth_velocity(noisy, magnitude, share, guesses)
        parts = self._evaluate([*inputs, guesses, velocities], step)
        own = magnitude * parts[:, :1] + noisy * parts[:, 1:2] + parts[:, 2:3]
        return own + (velocities * parts[:, 3:]).sum(dim=1, keepdim=True)

    def _evaluate(self, inputs: list[torch.Tensor], step: torch.Tensor) -> torch.Tensor:
        # There are no complex numbers of less precision.
        return to_complex(self.network(to_pairs(torch.cat(inputs, dim=1)), step).float())
