"""A form of the network that only evaluates, and does so fast.

Normalisation goes into the convolutions, dropout goes away, block weights are made once, skips
are added by the convolution before them, and maps lie channels last. Where channels are many, three
real convolutions do the work of one by block weights.
"""

from copy import deepcopy

import torch
from torch import nn
from torch.nn import functional

from phasegen.nn.blocks import ResidualBlock, concatenate
from phasegen.nn.complex import ComplexBatchNorm2d, ComplexConv2d
from phasegen.nn.consistency import Acquired, hold
from phasegen.nn.fixed import FixedConv2d, FixedUpConv2d, ThreefoldConv2d, packs
from phasegen.nn.pooling import spectral_pool
from phasegen.nn.unet import ComplexUNet
from phasegen.settings import Precision

MANY = 128
"""Complex channels from which on three real convolutions are faster than one of block weights."""


def for_inference(network: ComplexUNet, precision: Precision = "float32") -> nn.Module:
    """The same map as ``network`` in evaluation mode, for the device that it is on.

    It takes and gives what ``ComplexUNet`` does, in float32 whatever the precision inside.
    Later changes of ``network`` do not reach it.
    """
    with torch.no_grad():
        return _InferenceUNet(network, getattr(torch, precision)).eval().requires_grad_(False)


class _InferenceUNet(nn.Module):
    def __init__(self, network: ComplexUNet, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype
        self.patch = network.patch
        self.embedding = deepcopy(network.embedding)
        self.down = nn.ModuleList(
            nn.ModuleList(_Block(block, dtype) for block in level.blocks) for level in network.down
        )
        self.enlarge = nn.ModuleList(
            FixedUpConv2d(*_folded(level.convolution, None, dtype)) for level in network.up
        )
        self.up = nn.ModuleList(_Block(level.block, dtype) for level in network.up)
        self.last = _fixed(network.last, None, dtype)

    @torch.no_grad()
    def forward(
        self,
        pairs: torch.Tensor,
        step: torch.Tensor | None = None,
        context: torch.Tensor | None = None,
        acquired: Acquired | None = None,
    ) -> torch.Tensor:
        embedding = None if self.embedding is None else self.embedding(step)
        embedding = embedding if context is None else embedding + context
        folded = functional.pixel_unshuffle(pairs, self.patch)
        values = folded.to(self.dtype, memory_format=torch.channels_last)
        skips = []
        for level in self.down:
            values = _pooled(values, acquired) if skips else values
            for block in level:
                values = block(values, embedding)
            skips.append(values)
        skips.pop()
        for enlarge, block in zip(self.enlarge, self.up, strict=True):
            values = block(concatenate(enlarge(values), skips.pop()), embedding)
        last = self.last(values).to(torch.float32, memory_format=torch.contiguous_format)
        return functional.pixel_shuffle(last, self.patch)


def _pooled(values: torch.Tensor, acquired: Acquired | None) -> torch.Tensor:
    """Channels last."""
    pooled = spectral_pool(values)
    if acquired is None:
        return pooled
    return hold(pooled, acquired).to(memory_format=torch.channels_last)


class _Block(nn.Module):
    """A ``ResidualBlock``."""

    def __init__(self, block: ResidualBlock, dtype: torch.dtype) -> None:
        super().__init__()
        convolution, norm, activation, _ = block.first
        self.first = _fixed(convolution, norm, dtype)
        self.activation = _in(dtype, activation)
        self.embed = deepcopy(block.embed)
        convolution, norm, _ = block.second
        self.second = _fixed(convolution, norm, dtype)
        same = isinstance(block.skip, nn.Identity)
        self.skip = nn.Identity() if same else _fixed(block.skip, None, dtype)
        self.last_activation = _in(dtype, block.activation)

    def forward(self, values: torch.Tensor, embedding: torch.Tensor | None) -> torch.Tensor:
        inner = self.activation(self.first(values))
        if self.embed is not None:
            inner += self.embed(embedding).to(inner.dtype)[:, :, None, None]
        return self.last_activation(self.second(inner, added=self.skip(values)))


def _in(dtype: torch.dtype, activation: nn.Module) -> nn.Module:
    return deepcopy(activation).to(dtype)


def _fixed(
    convolution: ComplexConv2d, norm: ComplexBatchNorm2d | None, dtype: torch.dtype
) -> FixedConv2d | ThreefoldConv2d:
    """A convolution with the normalisation after it."""
    weight = convolution.weight
    _, out, channels, kernel, _ = weight.shape
    # Sums of two numbers of 8 bits would lose what the products have.
    if kernel > 1 and min(out, channels) >= MANY and dtype == torch.float32 and packs(weight):
        return ThreefoldConv2d(weight, *_scale_and_bias(convolution, norm))
    return FixedConv2d(*_folded(convolution, norm, dtype))


def _folded(
    convolution: ComplexConv2d, norm: ComplexBatchNorm2d | None, dtype: torch.dtype
) -> tuple[torch.Tensor, torch.Tensor]:
    """Block weight and bias."""
    scale, bias = _scale_and_bias(convolution, norm)
    weight = convolution.block_weight() * scale[:, None, None, None]
    return weight.to(dtype), bias.to(dtype)


def _scale_and_bias(
    convolution: ComplexConv2d, norm: ComplexBatchNorm2d | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Of every real channel that comes out, ``(2 out,)``."""
    bias = convolution.bias.flatten()
    if norm is None:
        return torch.ones_like(bias), bias
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    return scale, (bias - norm.running_mean) * scale + norm.bias
