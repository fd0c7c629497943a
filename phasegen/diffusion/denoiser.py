"""The network as the diffusion sees it: complex images in, predicted noise out."""

import torch
from torch import nn

from phasegen.diffusion.schedule import cosine_alpha_bar
from phasegen.nn.complex import to_complex, to_pairs
from phasegen.nn.unet import ComplexUNet
from phasegen.settings import PhaseModel


class Denoiser(nn.Module):
    """Predicts the noise in ``z_t`` from ``z_t``, the magnitude and the step (Alg. 1).

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
        """Predicted noise, complex64 ``(batch, 1, y, x)``.

        Args:
            noisy: ``z_t``, complex64 ``(batch, 1, y, x)``.
            magnitude: float32 ``(batch, 1, y, x)``.
            step: t, integer ``(batch,)``, 1 ... T.
        """
        inputs = torch.cat([noisy, magnitude.to(noisy.dtype)], dim=1)
        return to_complex(self.network(to_pairs(inputs), step))
