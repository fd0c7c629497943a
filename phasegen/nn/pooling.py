"""Spectral pooling as matrix products: the same linear map as ``complex.SpectralPool``.

Cutting the spectrum of an axis to its centre half is a matrix. It is real but for the one
frequency at the edge of the smaller grid that has no negative counterpart. Two small products
are faster than the transforms and their copies, and exist in bfloat16.
"""

from functools import lru_cache
from math import pi

import torch


def spectral_pool(pairs: torch.Tensor) -> torch.Tensor:
    """Real pairs ``(batch, 2 C, y, x)``, channels last, to ``(batch, 2 C, y / 2, x / 2)``."""
    batch, channels, rows, columns = pairs.shape
    parts = pairs.permute(0, 2, 3, 1).reshape(batch, rows, columns, 2, channels // 2)
    parts = _halve(parts)
    parts = _halve(parts.reshape(batch * (rows // 2), columns, 1, 2, channels // 2))
    return parts.reshape(batch, rows // 2, columns // 2, channels).permute(0, 3, 1, 2)


def _halve(parts: torch.Tensor) -> torch.Tensor:
    """Pool the first axis of ``(batch, n, m, 2, C)``; the axis of 2 is real and imaginary."""
    batch, size, *others = parts.shape
    matrix, sign, wave = _pooling(size, parts.dtype, parts.device)
    flat = parts.flatten(2)
    pooled = torch.matmul(matrix, flat).view(batch, size // 2, *others)
    edge = torch.matmul(wave, flat).view(batch, 1, *others)
    # Plus i * sign * edge.
    pooled[..., 0, :].addcmul_(sign, edge[..., 1, :], value=-1)
    pooled[..., 1, :].addcmul_(sign, edge[..., 0, :])
    return pooled


@lru_cache(maxsize=32)
def _pooling(
    size: int, dtype: torch.dtype, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Real part ``(n / 2, n)`` of the matrix; column and row whose product is its imaginary part."""
    half = size // 2
    kept = torch.arange(half, dtype=torch.float64) - half // 2  # frequencies, and places
    places = torch.arange(size, dtype=torch.float64) - size // 2
    forward = torch.exp(-2j * pi * torch.outer(kept, places) / size)
    matrix = (torch.exp(2j * pi * torch.outer(kept, kept) / half) @ forward).real / size
    sign = 1 - 2 * (kept % 2)
    # Grids of odd size hold every frequency with its negative.
    wave = torch.sin(pi * places / 2) / size if half % 2 == 0 else torch.zeros_like(places)
    shaped = (matrix, sign[:, None, None], wave[None, :])
    return tuple(part.to(device, dtype) for part in shaped)
