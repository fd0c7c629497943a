"""Complex layers on pairs of real channels.

A feature map of C complex channels is a real tensor ``(batch, 2 C, y, x)``: C real
parts, then C imaginary parts. Weights are stored as real pairs too, since neither
NCCL nor mixed precision takes complex numbers, and one real convolution with block
weights is faster than a complex one at the sizes that matter.
"""

import math

import torch
from torch import nn
from torch.nn import functional

from phasegen.fourier import centre_crop_or_pad, to_image, to_kspace


def to_pairs(values: torch.Tensor) -> torch.Tensor:
    """Complex ``(batch, C, y, x)`` to real pairs ``(batch, 2 C, y, x)``."""
    return torch.cat([values.real, values.imag], dim=1)


def to_complex(pairs: torch.Tensor) -> torch.Tensor:
    """Real pairs ``(batch, 2 C, y, x)`` to complex ``(batch, C, y, x)``."""
    real, imaginary = pairs.chunk(2, dim=1)
    return torch.complex(real, imaginary)


class ComplexConv2d(nn.Module):
    """Complex convolution with "same" zero padding, as one real convolution.

    ``weight`` holds real and imaginary parts: ``(2, out, in, kernel, kernel)``.
    """

    def __init__(self, channels_in: int, channels_out: int, kernel: int = 3) -> None:
        super().__init__()
        # He's law for a complex weight: E|w|^2 = 2 / fan_in, half of it in each part.
        spread = 1 / math.sqrt(channels_in * kernel**2)
        self.weight = nn.Parameter(
            spread * torch.randn(2, channels_out, channels_in, kernel, kernel)
        )
        self.bias = nn.Parameter(torch.zeros(2, channels_out))
        self.padding = kernel // 2

    def block_weight(self) -> torch.Tensor:
        """Real weight ``(2 out, 2 in, kernel, kernel)`` of the same map on pairs."""
        real, imaginary = self.weight
        top = torch.cat([real, -imaginary], dim=1)
        bottom = torch.cat([imaginary, real], dim=1)
        return torch.cat([top, bottom], dim=0)

    def forward(self, pairs: torch.Tensor) -> torch.Tensor:
        # In this order of memory the gradient of a convolution is faster, most so with few channels.
        pairs = pairs.contiguous(memory_format=torch.channels_last)
        return functional.conv2d(
            pairs, self.block_weight(), self.bias.flatten(), padding=self.padding
        )


class ComplexBatchNorm2d(nn.BatchNorm2d):
    """Batch normalisation of real and imaginary parts, each per channel.

    Unlike a division by one complex number it can be folded into a convolution.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(2 * channels)


class ComplexPReLU(nn.PReLU):
    """PReLU with a slope of its own for the real and the imaginary part of each channel."""

    def __init__(self, channels: int) -> None:
        super().__init__(2 * channels)


class ComplexReLU(nn.ReLU):
    """ReLU of the real and of the imaginary part, whatever the number of channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()


class ComplexDropout(nn.Module):
    """Dropout of whole complex numbers: both parts go, or both stay."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, pairs: torch.Tensor) -> torch.Tensor:
        if not self.training or not self.share:
            return pairs
        kept = functional.dropout(torch.ones_like(pairs[:, : pairs.shape[1] // 2]), self.share)
        return pairs * kept.repeat(1, 2, 1, 1)


class SpectralPool(nn.Module):
    """Halve both axes by keeping the centre half of the spectrum (k-Strip, Rempe et al. 2024)."""

    def forward(self, pairs: torch.Tensor) -> torch.Tensor:
        rows, columns = pairs.shape[-2:]
        # Fourier transforms have no complex numbers of less precision.
        kspace = to_kspace(to_complex(pairs.float()))
        pooled = centre_crop_or_pad(kspace, (rows // 2, columns // 2))
        # Orthonormal transforms of two sizes: this factor keeps a constant image constant.
        scale = math.sqrt((rows // 2) * (columns // 2) / (rows * columns))
        return (to_pairs(to_image(pooled)) * scale).to(pairs.dtype)
