"""The receiver's noise: the phase of a pixel is that of ``s + n``, n circular normal, E|n|^2 = 2.

s is the signal-to-noise ratio of the pixel, and the law of the angle the projected normal one
(Mardia & Jupp 2000, 3.5.6; Gudbjartsson & Patz 1995 for MRI): uniform where there is no signal,
normal with a standard deviation of 1/s where there is much.
"""

import math

import numpy as np
import torch

from phasegen.diffusion.matched import phasors, smooth

SURE = 0.75
"""Quantile over the tissue that is the level of a slice."""

ROUND = 1
"""Neighbourhood, of ``matched.WIDTHS``, over which an error counts as smooth."""

LARGEST = 1e3
"""Of a signal-to-noise ratio."""

TISSUE = 0.15
"""Share of the largest magnitude above which a pixel tells the noise."""


def signal_to_noise(magnitude: torch.Tensor, log_ratio: torch.Tensor) -> torch.Tensor:
    """s of every pixel: ``m exp(l)``, so that l is minus the logarithm of the noise alone."""
    return (magnitude.clamp(min=0) * log_ratio.clamp(-8, 8).exp()).clamp(max=LARGEST)


def of_slice(magnitude: torch.Tensor, log_ratio: torch.Tensor) -> torch.Tensor:
    """One l for all tissue of a slice, and no higher one outside: ``(batch, 1, y, x)``.

    One receiver has one level of noise. Where the network doubts the phase for another reason it
    says less of a ratio, and noise drawn by that would be speckle: so the level is that of the
    quarter of the tissue where it is surest. In the dark, where the magnitude itself is mostly
    noise, a pixel's own ratio counts.

    Args:
        magnitude, log_ratio: ``(batch, 1, y, x)``.
    """
    inside = magnitude > TISSUE * magnitude.amax(dim=(-2, -1), keepdim=True)
    told = torch.where(inside, log_ratio, torch.nan)
    # One by one: torch takes no quantiles of more than 16 million values at once.
    sure = torch.stack([part.nanquantile(SURE).nan_to_num(nan=0.0) for part in told.flatten(1)])
    sure = sure[:, None, None, None]
    return torch.where(inside, sure, torch.minimum(sure, log_ratio))


def fine_part(turn: torch.Tensor, magnitude: torch.Tensor) -> torch.Tensor:
    """Error of a phase [rad] without what is smooth in it, which is no noise.

    Args:
        turn: phasor of the error, ``(batch, 1, y, x)``.
        magnitude: likewise.
    """
    around = smooth(magnitude.square() * turn)[:, ROUND : ROUND + 1]
    return (turn * phasors(around).conj()).angle()


def surprise(error: torch.Tensor, ratio: torch.Tensor) -> torch.Tensor:
    """Negative logarithm of the density of a phase ``error`` [rad] where s is ``ratio``.

    ``p(e) = exp(-s^2 / 2) / (2 pi) (1 + c sqrt(2 pi) exp(c^2 / 2) Phi(c))``, ``c = s cos e``.
    """
    along, across = ratio * torch.cos(error), ratio * torch.sin(error)
    # For c < 0 the bracket falls like 1 / c^2; for c > 0 it is taken by its largest part.
    behind = along.clamp(max=0)
    away = 1 + behind * math.sqrt(math.pi / 2) * torch.special.erfcx(-behind / math.sqrt(2))
    log_away = torch.log(away.clamp(min=1e-6)) - ratio.square() / 2
    ahead = along.clamp(min=0)
    bracket = torch.exp(-ahead.square() / 2) + ahead * math.sqrt(2 * math.pi) * torch.special.ndtr(
        ahead
    )
    log_ahead = torch.log(bracket) - across.square() / 2
    return math.log(2 * math.pi) - torch.where(along < 0, log_away, log_ahead)


def add_receiver_noise(phase: np.ndarray, ratio: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Phase [rad] of ``s exp(i phase) + n``; ``noise`` is circular normal with E|n|^2 = 1."""
    turned = ratio * np.exp(1j * phase) + math.sqrt(2) * noise
    return np.angle(turned).astype(phase.dtype)
