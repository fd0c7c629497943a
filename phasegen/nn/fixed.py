"""Real convolutions whose weights no longer change, laid out once for the machine.

oneDNN, which computes convolutions on CPUs, wants weights in a layout of its own and makes it
anew in every call, which costs as much as the convolution itself where channels are many and
pixels few. Maps are real ``(batch, channels, y, x)``, channels last.
"""

import torch
from torch import nn
from torch.nn import functional

onednn = torch.ops.mkldnn


class _Fixed(nn.Module):
    def __init__(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        super().__init__()
        weight = weight.contiguous(memory_format=torch.channels_last)
        self.register_buffer("weight", weight, persistent=False)
        self.register_buffer("bias", bias, persistent=False)


class FixedConv2d(_Fixed):
    """Convolution with "same" zero padding by a real weight ``(out, in, kernel, kernel)``."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        super().__init__(weight, bias)
        self.padding = [weight.shape[-1] // 2] * 2
        if packs(weight):
            self.weight = onednn._reorder_convolution_weight(self.weight, self.padding)

    def forward(self, values: torch.Tensor, added: torch.Tensor | None = None) -> torch.Tensor:
        """The convolution, and ``added`` on top, of the shape of the result."""
        if not self.weight.is_mkldnn:
            out = functional.conv2d(values, self.weight, self.bias, padding=self.padding)
            return out if added is None else out.add_(added)
        geometry = (self.weight, self.bias, self.padding, [1, 1], [1, 1], 1)
        if added is None:
            return onednn._convolution_pointwise(values, *geometry, "none", [], "")
        return onednn._convolution_pointwise.binary(
            values, added, *geometry, "add", 1.0, None, [], None
        )


class FixedUpConv2d(_Fixed):
    """Nearest upsampling by two and a convolution by ``(out, in, 3, 3)``, in one.

    A transposed convolution does the same with 4 taps for every pixel instead of 9.
    """

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        super().__init__(_with_upsampling(weight), bias)
        if packs(weight):
            self.weight = onednn._reorder_convolution_transpose_weight(self.weight, 1, 0, 2)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        if not self.weight.is_mkldnn:
            return functional.conv_transpose2d(values, self.weight, self.bias, stride=2, padding=1)
        geometry = ([1, 1], [0, 0], [2, 2], [1, 1], 1)
        return onednn._convolution_transpose_pointwise(
            values, self.weight, self.bias, *geometry, "none", [], ""
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
