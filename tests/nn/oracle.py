"""The network written down plainly: native complex64 layers on ``(batch, C, y, x)``."""

import math

import torch
from torch import nn
from torch.nn import functional

from phasegen.fourier import centre_crop_or_pad, to_image, to_kspace


class Oracle(nn.Module):
    """A ``ComplexUNet`` in evaluation mode, as it is read in the paper; called like it."""

    def __init__(self, network):
        super().__init__()
        self.patch, self.embedding = network.patch, network.embedding
        self.down = nn.ModuleList(
            nn.ModuleList(Block(block) for block in level.blocks) for level in network.down
        )
        self.enlarge = nn.ModuleList(Convolution(level.convolution) for level in network.up)
        self.up = nn.ModuleList(Block(level.block) for level in network.up)
        self.last = Convolution(network.last)

    def forward(self, pairs, step):
        embedding = self.embedding(step)
        values = by_parts(lambda part: functional.pixel_unshuffle(part, self.patch), halves(pairs))
        skips = []
        for level in self.down:
            values = pool(values) if skips else values
            for block in level:
                values = block(values, embedding)
            skips.append(values)
        skips.pop()
        for enlarge, block in zip(self.enlarge, self.up, strict=True):
            larger = enlarge(values.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3))
            values = block(torch.cat([larger, skips.pop()], dim=1), embedding)
        image = by_parts(lambda part: functional.pixel_shuffle(part, self.patch), self.last(values))
        return torch.cat([image.real, image.imag], dim=1)


class Block(nn.Module):
    def __init__(self, block):
        super().__init__()
        self.embed = block.embed
        self.first, self.first_norm = Convolution(block.first[0]), Norm(block.first[1])
        self.second, self.second_norm = Convolution(block.second[0]), Norm(block.second[1])
        same = isinstance(block.skip, nn.Identity)
        self.skip = nn.Identity() if same else Convolution(block.skip)
        self.inner, self.outer = PReLU(block.first[2]), PReLU(block.activation)

    def forward(self, values, embedding):
        inner = self.inner(self.first_norm(self.first(values)))
        if self.embed is not None:
            inner = inner + halves(self.embed(embedding))[:, :, None, None]
        return self.outer(self.second_norm(self.second(inner)) + self.skip(values))


class Convolution(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.register_buffer("weight", torch.complex(*layer.weight.detach()))
        self.register_buffer("bias", torch.complex(*layer.bias.detach()))

    def forward(self, values):
        padding = self.weight.shape[-1] // 2
        return functional.conv2d(values, self.weight, self.bias, padding=padding)


class Norm(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.eps = layer.eps
        names = ["running_mean", "running_var", "weight", "bias"]
        self.statistics = [getattr(layer, name).detach().chunk(2) for name in names]

    def forward(self, values):
        real, imaginary = zip(*self.statistics, strict=True)
        return torch.complex(
            functional.batch_norm(values.real, *real, eps=self.eps),
            functional.batch_norm(values.imag, *imaginary, eps=self.eps),
        )


class PReLU(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.slopes = layer.weight.detach().chunk(2)

    def forward(self, values):
        real, imaginary = self.slopes
        return torch.complex(
            functional.prelu(values.real, real), functional.prelu(values.imag, imaginary)
        )


def pool(values):
    rows, columns = values.shape[-2] // 2, values.shape[-1] // 2
    pooled = to_image(centre_crop_or_pad(to_kspace(values), (rows, columns)))
    return pooled * math.sqrt(rows * columns / (values.shape[-2] * values.shape[-1]))


def halves(pairs):
    return torch.complex(*pairs.chunk(2, dim=1))


def by_parts(function, values):
    return torch.complex(function(values.real), function(values.imag))
