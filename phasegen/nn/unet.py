"""Complex residual U-Net (k-Strip, Rempe et al. 2024; PhaseGen, Rempe et al. 2025, III-C)."""

import math

import torch
from torch import nn
from torch.nn import functional

from phasegen.nn.blocks import Activation, Level, UpLevel
from phasegen.nn.complex import ComplexConv2d, ComplexPReLU, SpectralPool
from phasegen.nn.consistency import Acquired, hold
from phasegen.settings import UNet


class ComplexUNet(nn.Module):
    """Real pairs ``(batch, 2 channels_in, y, x)`` to pairs of the same size.

    Rows and columns must be multiples of 2 to the number of levels, times the patch: squares
    of that edge are folded into channels, so that the network works on a coarser grid. With
    ``embedding``, the length of a step's embedding, it is also told the step of a diffusion.
    """

    def __init__(
        self,
        network: UNet,
        channels_in: int,
        channels_out: int,
        embedding: int = 0,
        activation: Activation = ComplexPReLU,
    ) -> None:
        super().__init__()
        widths = [*network.widths, network.bottleneck]
        folded = network.patch**2
        self.patch = network.patch
        self.channels_in = channels_in
        self.embedding = StepEmbedding(embedding) if embedding else None
        self.down = nn.ModuleList(
            Level(before, width, network, activation, embedding)
            for before, width in zip([folded * channels_in, *widths], widths, strict=False)
        )
        self.pool = SpectralPool()
        self.up = nn.ModuleList(
            UpLevel(below, width, activation, embedding)
            for below, width in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.last = ComplexConv2d(widths[0], folded * channels_out, kernel=1)

    def forward(
        self,
        pairs: torch.Tensor,
        step: torch.Tensor | None = None,
        context: torch.Tensor | None = None,
        acquired: Acquired | None = None,
    ) -> torch.Tensor:
        """``step`` ``(batch,)``; ``context`` ``(batch, embedding)`` adds to its embedding.

        Features are held to what was ``acquired``, at full size, after every pooling.
        """
        embedding = None if self.embedding is None else self.embedding(step)
        embedding = embedding if context is None else embedding + context
        # Both orders are channel by channel, so real parts stay before imaginary ones.
        pairs = functional.pixel_unshuffle(pairs, self.patch)
        skips = []
        for level in self.down[:-1]:
            skips.append(level(pairs, embedding))
            pairs = self.pool(skips[-1])
            pairs = pairs if acquired is None else hold(pairs, acquired)
        pairs = self.down[-1](pairs, embedding)
        for level in self.up:
            pairs = level(pairs, skips.pop(), embedding)
        return functional.pixel_shuffle(self.last(pairs), self.patch)


class StepEmbedding(nn.Module):
    """Sinusoidal embedding of the diffusion step, then one hidden layer."""

    def __init__(self, size: int) -> None:
        super().__init__()
        frequencies = torch.exp(-math.log(10_000) * torch.arange(size // 2) / (size // 2))
        self.register_buffer("frequencies", frequencies, persistent=False)
        self.layer = nn.Sequential(nn.Linear(size, size), nn.SiLU())

    def forward(self, step: torch.Tensor) -> torch.Tensor:
        angles = step.to(self.frequencies.dtype)[:, None] * self.frequencies
        return self.layer(torch.cat([angles.sin(), angles.cos()], dim=1))
