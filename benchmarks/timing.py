"""Times of several functions in one run, and what the machine could do."""

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from phasegen.nn.fixed import FixedConv2d, FixedUpConv2d

# Channels in and out, and edge of the image: convolutions as they come in such networks.
LARGE = [(64, 128), (128, 64), (256, 32)]


def interleaved(functions: dict[str, Callable[[], object]], rounds: int) -> dict[str, np.ndarray]:
    """Seconds of every function in every round.

    They take turns, so that whatever else slows the machine down slows all of them. The first
    of two calls does not count: memory goes back to the system when another function had it.
    """
    seconds = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            function()
            start = time.perf_counter()
            function()
            seconds[name].append(time.perf_counter() - start)
    return {name: np.array(values) for name, values in seconds.items()}


def quartiles(values: np.ndarray) -> dict[str, float]:
    """Median and the quartiles about it."""
    low, median, high = np.quantile(values, [0.25, 0.5, 0.75])
    return {"median": float(median), "low": float(low), "high": float(high)}


def operations(network: nn.Module, *inputs: torch.Tensor) -> int:
    """Floating-point operations of the real convolutions in one evaluation of ``network``."""
    found = []

    def count(layer: nn.Module, arguments: tuple, result: torch.Tensor) -> None:
        # A transposed convolution takes its weight to every pixel that goes in.
        pixels = arguments[0] if isinstance(layer, FixedUpConv2d) else result
        found.append(2 * pixels.numel() * layer.weight.shape[1:].numel())

    layers = [
        layer for layer in network.modules() if isinstance(layer, FixedConv2d | FixedUpConv2d)
    ]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    network(*inputs)
    for hook in hooks:
        hook.remove()
    return sum(found)


class Peak:
    """Measures the rate [operations / s] of large convolutions in each call; keeps the best."""

    def __init__(self, dtype: torch.dtype) -> None:
        self.best = 0.0
        self.cases = []
        for channels, edge in LARGE:
            weight, bias = torch.randn(channels, channels, 3, 3), torch.zeros(channels)
            values = torch.randn(1, channels, edge, edge)
            layer = FixedConv2d(weight.to(dtype), bias.to(dtype))
            self.cases.append((layer, values.to(dtype, memory_format=torch.channels_last)))

    def __call__(self) -> None:
        for layer, values in self.cases:
            seconds = interleaved({"once": lambda run=layer, on=values: run(on)}, rounds=3)
            self.best = max(self.best, operations(layer, values) / seconds["once"].min())
