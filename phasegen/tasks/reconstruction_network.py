"""The complex network that reconstructs undersampled k-space (Rempe et al. 2025, IV-C)."""

import torch
from torch import nn

from phasegen.errors import UserError
from phasegen.fourier import to_image, to_kspace
from phasegen.nn.complex import ComplexPReLU, ComplexReLU, to_complex, to_pairs
from phasegen.nn.consistency import Acquired
from phasegen.nn.ghosts import without_ghosts
from phasegen.nn.unet import ComplexUNet
from phasegen.settings import ReconstructionModel

ACTIVATIONS = {"relu": ComplexReLU, "prelu": ComplexPReLU}

START = 0.01
"""Factor on the last layer's first weights, so that a network starts by saying little.

What is missing beside the measurement is small. From far greater values the quickest way down
is to shut the last ReLU for good, and zero-filling is what such a network stays at.
"""


class BadSlices(UserError):
    """K-space or a mask of a shape or kind that the network does not take."""


class ReconstructionNetwork(nn.Module):
    """Undersampled k-space to complex images, whatever the domain of its convolutions."""

    def __init__(self, model: ReconstructionModel) -> None:
        super().__init__()
        self.settings = model
        activation = ACTIVATIONS[model.network.activation]
        self.unet = ComplexUNet(model.network, 1, 1, activation=activation)
        with torch.no_grad():
            self.unet.last.weight *= START

    @property
    def multiple(self) -> int:
        """Rows and columns must be multiples of this."""
        return self.settings.network.multiple

    def forward(self, kspace: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Complex64 images ``(batch, 1, y, x)``, on the scale of ``kspace``.

        Args:
            kspace: complex64 ``(batch, 1, ky, kx)``; what lies outside ``mask`` is not looked at.
            mask: bool, what was acquired, of that shape or one that broadcasts to it.

        Raises:
            BadSlices: a shape or a kind that is none of these.
        """
        mask = self._checked(kspace, mask)
        network = self.settings.network
        in_image = network.domain == "image"
        measured = torch.where(mask, kspace, 0)
        acquired = Acquired(measured, mask, network.domain) if network.held_at_poolings else None
        seen = to_pairs(to_image(measured) if in_image else measured)
        # There are no complex numbers of less precision.
        said = to_complex(self.unet(seen, acquired=acquired).float())
        image = said if in_image else without_ghosts(to_image(said), network.patch)
        if not network.held_at_output:
            return image
        return to_image(torch.where(mask, measured, to_kspace(image)))

    def _checked(self, kspace: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The mask in the shape of k-space."""
        shape = tuple(kspace.shape)
        if kspace.dtype != torch.complex64 or len(shape) != 4 or shape[1] != 1:
            raise BadSlices(
                f"k-space must be complex64 (batch, 1, ky, kx), not {kspace.dtype} {shape}"
            )
        if any(size % self.multiple for size in shape[2:]):
            raise BadSlices(f"rows and columns, {shape[2:]}, must be multiples of {self.multiple}")
        if mask.dtype != torch.bool:
            raise BadSlices(f"the mask must be bool, not {mask.dtype}")
        try:
            return mask.expand(shape)
        except RuntimeError:
            raise BadSlices(f"a mask {tuple(mask.shape)} does not broadcast to {shape}") from None
