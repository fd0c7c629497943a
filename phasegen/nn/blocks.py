"""Blocks and levels of the complex residual U-Net (k-Strip, Rempe et al. 2024)."""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

from phasegen.nn.complex import ComplexBatchNorm2d, ComplexConv2d, ComplexDropout
from phasegen.settings import UNet

Activation = Callable[[int], nn.Module]
"""Of so many complex channels."""


class ResidualBlock(nn.Module):
    """Two normalised convolutions and a skip; the step embedding enters between them."""

    def __init__(
        self,
        channels_in: int,
        channels: int,
        dropout: float,
        activation: Activation,
        embedding: int = 0,
    ) -> None:
        super().__init__()
        self.first = nn.Sequential(
            ComplexConv2d(channels_in, channels),
            ComplexBatchNorm2d(channels),
            activation(channels),
            ComplexDropout(dropout),
        )
        self.embed = nn.Linear(embedding, 2 * channels) if embedding else None
        self.second = nn.Sequential(
            ComplexConv2d(channels, channels),
            ComplexBatchNorm2d(channels),
            ComplexDropout(dropout),
        )
        same = channels_in == channels
        self.skip = nn.Identity() if same else ComplexConv2d(channels_in, channels, kernel=1)
        self.activation = activation(channels)

    def forward(self, pairs: torch.Tensor, embedding: torch.Tensor | None) -> torch.Tensor:
        inner = self.first(pairs)
        if self.embed is not None:
            inner = inner + self.embed(embedding)[:, :, None, None]
        return self.activation(self.second(inner) + self.skip(pairs))


class Level(nn.Module):
    """The residual blocks of one level of the encoder; the first one sees the step."""

    def __init__(
        self,
        channels_in: int,
        channels: int,
        network: UNet,
        activation: Activation,
        embedding: int,
    ) -> None:
        super().__init__()
        first = ResidualBlock(channels_in, channels, network.dropout, activation, embedding)
        extra = [
            ResidualBlock(channels, channels, network.dropout, activation)
            for _ in range(network.extra_blocks)
        ]
        self.blocks = nn.ModuleList([first, *extra])

    def forward(self, pairs: torch.Tensor, embedding: torch.Tensor | None) -> torch.Tensor:
        for block in self.blocks:
            pairs = block(pairs, embedding)
        return pairs


class UpLevel(nn.Module):
    """Nearest upsampling, convolution, concatenation with the skip, residual block."""

    def __init__(
        self, channels_in: int, channels: int, activation: Activation, embedding: int
    ) -> None:
        super().__init__()
        self.convolution = ComplexConv2d(channels_in, channels)
        self.block = ResidualBlock(2 * channels, channels, 0.0, activation, embedding)

    def forward(
        self, pairs: torch.Tensor, skip: torch.Tensor, embedding: torch.Tensor | None
    ) -> torch.Tensor:
        larger = self.convolution(functional.interpolate(pairs, scale_factor=2.0, mode="nearest"))
        return self.block(concatenate(larger, skip), embedding)


def concatenate(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Real pairs of all channels, ``(batch, 2 (C + D), y, x)``."""
    parts = zip(left.chunk(2, dim=1), right.chunk(2, dim=1), strict=True)
    return torch.cat([part for pair in parts for part in pair], dim=1)
