"""The network as the diffusion sees it: noisy images in, an estimate of the clean ones out."""

import torch
from torch import nn

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
        self.network = ComplexUNet(model.network, channels_in=2, channels_out=1)
        self.register_buffer(
            "alpha_bar", cosine_alpha_bar(model.diffusion.timesteps), persistent=False
        )

    def forward(
        self, noisy: torch.Tensor, magnitude: torch.Tensor, step: torch.Tensor
    ) -> torch.Tensor:
        """Estimate of the clean image, complex64 ``(batch, 1, y, x)``.

        Args:
            noisy: ``z_t``, complex64 ``(batch, 1, y, x)``.
            magnitude: float32 ``(batch, 1, y, x)``.
            step: t, integer ``(batch,)``, 1 ... T.
        """
        predicted = self.predict(noisy, magnitude, step)
        alpha_bar = self.alpha_bar[step][:, None, None, None]
        if self.settings.diffusion.prediction == "v":
            return clean_from_velocity(noisy, predicted, alpha_bar)
        return clean_from_noise(noisy, predicted, alpha_bar)

    def predict(
        self, noisy: torch.Tensor, magnitude: torch.Tensor, step: torch.Tensor
    ) -> torch.Tensor:
        """What the network says, noise or velocity; arguments as above."""
        inputs = torch.cat([noisy, magnitude.to(noisy.dtype)], dim=1)
        return to_complex(self.network(to_pairs(inputs), step))
