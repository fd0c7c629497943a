"""Losses of complex images, in the image and in k-space."""

import torch

from phasegen.fourier import to_kspace
from phasegen.settings import Loss

TINY = 1e-12
"""Added under the root: the gradient of a complex magnitude does not exist at 0."""


def complex_loss(found: torch.Tensor, target: torch.Tensor, loss: Loss) -> torch.Tensor:
    """Weighted sum of the mean error of complex images ``(batch, 1, y, x)`` and of their k-space.

    By Parseval the two agree under l2 and differ under l1, which in k-space cares for the faint
    outer part as well.
    """
    error = found - target
    total = error.new_zeros((), dtype=torch.float32)
    if loss.image:
        total = total + loss.image * _mean(error, loss.norm)
    if loss.kspace:
        total = total + loss.kspace * _mean(to_kspace(error), loss.norm)
    return total


def _mean(error: torch.Tensor, norm: str) -> torch.Tensor:
    square = torch.view_as_real(error).square().sum(dim=-1)
    return square.mean() if norm == "l2" else (square + TINY).sqrt().mean()
