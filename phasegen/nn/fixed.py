"""Convolutions whose weights no longer change, laid out once for the machine and the size of maps.

oneDNN, which computes convolutions on CPUs, wants weights in a layout of its own and makes it
anew in every call, which costs as much as the convolution itself where channels are many and
pixels few. Maps are real ``(batch, channels, y, x)``, channels last; of complex ones the first
half of the channels is the real part.
"""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

onednn = torch.ops.mkldnn

KEPT = 4
"""Sizes of maps that a weight is laid out for at one time; images of one study have few."""


class _Fixed(nn.Module):
    def __init__(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        super().__init__()
        weight = weight.contiguous(memory_format=torch.channels_last)
        self.register_buffer("weight", weight, persistent=False)
        self.register_buffer("bias", bias, persistent=False)
        self.layouts = {} if packs(weight) else None

    def _laid_out(self, values: torch.Tensor, reorder: Callable, *geometry: object) -> torch.Tensor:
        """The weight as it suits maps of this size: by the layout of another they take ages.

        The batch has no say, lest a row's rounding depend on how many there are.
        """
        size = values.shape[1:]
        if size not in self.layouts:
            if len(self.layouts) == KEPT:
                self.layouts.clear()
            self.layouts[size] = reorder(self.weight, *geometry, 1, [1, *size])
        return self.layouts[size]


class FixedConv2d(_Fixed):
    """Convolution with "same" zero padding by a real weight ``(out, in, kernel, kernel)``."""

    def forward(self, values: torch.Tensor, added: torch.Tensor | None = None) -> torch.Tensor:
        """The convolution, and ``added`` on top, of the shape of the result."""
        padding = [self.weight.shape[-1] // 2] * 2
        if self.layouts is None:
            out = functional.conv2d(values, self.weight, self.bias, padding=padding)
            return out if added is None else out.add_(added)
        geometry = (padding, [1, 1], [1, 1])
        weight = self._laid_out(values, onednn._reorder_convolution_weight, *geometry)
        arguments = (weight, self.bias, *geometry, 1)
        if added is None:
            return onednn._convolution_pointwise(values, *arguments, "none", [], "")
        return onednn._convolution_pointwise.binary(
            values, added, *arguments, "add", 1.0, None, [], None
        )


class ThreefoldConv2d(nn.Module):
    """Complex convolution by three real ones, where a block weight takes the work of four (Gauss).

    With weight ``A + iB`` of a map ``x + iy`` the parts are ``A (x + y) - (A + B) y`` and
    ``A (x + y) + (B - A) x``; each is then scaled by its channel, and shifted.
    """

    def __init__(self, weight: torch.Tensor, scale: torch.Tensor, bias: torch.Tensor) -> None:
        """``weight`` ``(2, out, in, kernel, kernel)``; ``scale`` and ``bias`` ``(2 out,)``."""
        super().__init__()
        real, imaginary = weight
        nothing = torch.zeros(len(real), dtype=weight.dtype, device=weight.device)
        self.shared = FixedConv2d(real, nothing)
        self.real = FixedConv2d(-real - imaginary, nothing)
        self.imaginary = FixedConv2d(imaginary - real, nothing)
        self.register_buffer("scale", scale[:, None, None], persistent=False)
        self.register_buffer("bias", bias[:, None, None], persistent=False)

    def forward(self, values: torch.Tensor, added: torch.Tensor | None = None) -> torch.Tensor:
        """As ``FixedConv2d``."""
        x, y = (
            part.contiguous(memory_format=torch.channels_last) for part in values.chunk(2, dim=1)
        )
        shared = self.shared(x + y)
        out = torch.cat([self.real(y, shared), self.imaginary(x, shared)], dim=1)
        # Not addcmul, which rounds by the place in the batch.
        out = out.mul_(self.scale).add_(self.bias)
        return out if added is None else out.add_(added)


class FixedUpConv2d(_Fixed):
    """Nearest upsampling by two and a convolution by ``(out, in, 3, 3)``, in one.

    A transposed convolution does the same with 4 taps for every pixel instead of 9.
    """

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        super().__init__(_with_upsampling(weight), bias)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        if self.layouts is None:
            return functional.conv_transpose2d(values, self.weight, self.bias, stride=2, padding=1)
        geometry = ([1, 1], [0, 0], [2, 2], [1, 1])
        weight = self._laid_out(values, onednn._reorder_convolution_transpose_weight, *geometry)
        return onednn._convolution_transpose_pointwise(
            values, weight, self.bias, *geometry, 1, "none", [], ""
        )


def packs(weight: torch.Tensor) -> bool:
    """Whether oneDNN is there for this weight's device and precision."""
    if weight.device.type != "cpu" or not torch.backends.mkldnn.is_available():
        return False
    return weight.dtype == torch.float32 or onednn._is_mkldnn_bf16_supported()


def _with_upsampling(weight: torch.Tensor) -> torch.Tensor:
    """Transposed weight ``(in, out, 4, 4)``, for stride 2 and padding 1."""
    taps = weight.flip(-2, -1).transpose(0, 1)
    # Upsampling writes a pixel to a square of four; each of them is spread by all taps.
    square = [(row, column) for row in (0, 1) for column in (0, 1)]
    return sum(functional.pad(taps, (x, 1 - x, y, 1 - y)) for y, x in square)
