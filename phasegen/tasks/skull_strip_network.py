"""The complex network of a task, in the domain that the configuration says."""

import torch
from torch import nn

from phasegen.fourier import to_image, to_kspace
from phasegen.nn.complex import to_complex, to_pairs
from phasegen.nn.ghosts import without_ghosts
from phasegen.nn.unet import ComplexUNet
from phasegen.settings import TaskModel


class ImageNetwork(nn.Module):
    """Complex images ``(batch, 1, y, x)`` to complex images, whatever its domain.

    With ``network.domain: kspace`` its convolutions run on the k-space of the image, and what
    it gives is k-space (k-Strip, Rempe et al. 2024).
    """

    def __init__(self, model: TaskModel) -> None:
        super().__init__()
        self.settings = model
        self.unet = ComplexUNet(model.network, 1, 1)

    @property
    def multiple(self) -> int:
        """Rows and columns must be multiples of this."""
        return self.settings.network.multiple

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        in_kspace = self.settings.network.domain == "kspace"
        seen = to_kspace(images) if in_kspace else images
        # There are no complex numbers of less precision.
        said = to_complex(self.unet(to_pairs(seen)).float())
        if not in_kspace:
            return said
        return without_ghosts(to_image(said), self.settings.network.patch)
