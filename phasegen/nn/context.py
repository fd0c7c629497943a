"""What kind of image it is, told from the whole magnitude: contrast, level of noise, section."""

import torch
from torch import nn

from phasegen.fourier import resample

EDGE = 32
"""Shorter edge [pixel] of the magnitude that is looked at, whatever the size of the image."""


class MagnitudeContext(nn.Module):
    """Magnitude, float32 ``(batch, 1, y, x)``, to a vector ``(batch, size)``.

    A convolution sees its neighbourhood, and a coarse grid little detail; but how the phase of
    the whole image will be depends on the sequence, which the brightness of its tissues tells.
    Real numbers throughout, since the magnitude is real.
    """

    def __init__(self, channels: int, size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, channels, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(2 * channels, 4 * channels, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(4 * channels, 4 * channels),
            nn.SiLU(),
            nn.Linear(4 * channels, size),
        )

    def forward(self, magnitude: torch.Tensor) -> torch.Tensor:
        factor = min(EDGE / min(magnitude.shape[-2:]), 1)
        rows, columns = (max(round(factor * edge), 1) for edge in magnitude.shape[-2:])
        return self.layers(resample(magnitude, (rows, columns)).real)
