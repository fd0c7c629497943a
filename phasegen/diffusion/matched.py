"""Guesses of a smooth phase from a noisy image of known magnitude."""

import math

import torch

from phasegen.fourier import to_image, to_kspace

WIDTHS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Standard deviations of the Gaussian neighbourhoods [pixel]."""

FLOOR = 1e-4
SOFTNESS = 0.1
LARGEST = 3.0


def smooth_phase(
    noisy: torch.Tensor, magnitude: torch.Tensor, alpha_bar: torch.Tensor
) -> torch.Tensor:
    """Wiener estimates of ``exp(i phi)`` where phi is constant over a neighbourhood.

    ``a (G * m z_t) / (a^2 (G * m^2) + s^2 / N)`` with ``a^2 = abar_t``, ``s^2 = 1 - abar_t``, a
    Gaussian G of each width and its number of pixels N. Complex64 ``(batch, width, y, x)``.

    Args:
        noisy: ``z_t``, complex64 ``(batch, 1, y, x)``.
        magnitude: m, float32 ``(batch, 1, y, x)``.
        alpha_bar: ``(batch, 1, 1, 1)``.
    """
    share = alpha_bar.clamp(min=1e-8).float()
    seen, power = smooth(magnitude * noisy), smooth(magnitude.square()).real.clamp(min=0)
    pixels = torch.tensor(WIDTHS, device=noisy.device).square() * (4 * math.pi)
    noise = (1 - share) / pixels[:, None, None] + FLOOR
    return share.sqrt() * seen / (share * power + noise)


def global_turn(noisy: torch.Tensor, magnitude: torch.Tensor) -> torch.Tensor:
    """Unit phasor of ``sum m z_t``, the best guess of one phase for all: ``(batch, 1, 1, 1)``."""
    return phasors((magnitude * noisy).sum(dim=(-2, -1), keepdim=True))


def phasors(values: torch.Tensor) -> torch.Tensor:
    """Complex numbers of magnitude 1 and the same phase; 1 where there is none."""
    return torch.where(values == 0, 1, torch.sgn(values))


def smooth_velocity(
    noisy: torch.Tensor, magnitude: torch.Tensor, alpha_bar: torch.Tensor, guesses: torch.Tensor
) -> torch.Tensor:
    """Velocity if the clean image were m times a guess: ``v = (a z_t - m u / |u|) / s``.

    A velocity is of the order of 1. A guess whose own is far larger is wrong in that place,
    and is taken back: ``v / (1 + |v|^2 / 9)``. Complex64 ``(batch, width, y, x)``.

    Args:
        noisy, magnitude, alpha_bar: as above.
        guesses: u, as ``smooth_phase`` gives them.
    """
    share = alpha_bar.float()
    turns = guesses / (_power(guesses) + SOFTNESS**2).sqrt()
    level = (1 - share).sqrt().clamp(min=0.005)
    velocity = (share.sqrt() * noisy - magnitude * turns) / level
    return velocity / (1 + _power(velocity) / LARGEST**2)


def smooth(image: torch.Tensor) -> torch.Tensor:
    """Image ``(batch, 1, y, x)`` in every neighbourhood, ``(batch, width, y, x)``."""
    rows, columns = (_transfer(size, image.device) for size in image.shape[-2:])
    return to_image(to_kspace(image) * rows[:, :, None] * columns[:, None, :])


def _power(values: torch.Tensor) -> torch.Tensor:
    return values.real.square() + values.imag.square()


def _transfer(size: int, device: torch.device) -> torch.Tensor:
    """Transfer function of the Gaussians along one axis, float32 ``(width, size)``."""
    frequency = (torch.arange(size, device=device) - size // 2) / size
    widths = torch.tensor(WIDTHS, device=device)
    return torch.exp(-2 * (math.pi * widths[:, None] * frequency).square())
