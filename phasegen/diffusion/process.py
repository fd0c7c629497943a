"""The forward process, and what a network can learn of it."""

import torch


def add_noise(clean: torch.Tensor, noise: torch.Tensor, alpha_bar: torch.Tensor) -> torch.Tensor:
    """``z_t = sqrt(abar_t) z_0 + sqrt(1 - abar_t) eps`` (Rempe et al. 2025, Alg. 1)."""
    signal, rest = _shares(alpha_bar, clean)
    return signal * clean + rest * noise


def add_noise_polar(
    clean: torch.Tensor, noise: torch.Tensor, alpha_bar: torch.Tensor
) -> torch.Tensor:
    """``(|z_0| sqrt(abar_t) + sqrt(1 - abar_t)) exp(i (arg z_0 + arg eps sqrt(1 - abar_t)))``.

    A closed reading of Rempe et al. 2025, Eq. 3, whose iteration has no form in one draw.
    No sampler belongs to it: the linear one is a mismatch.
    """
    signal, rest = _shares(alpha_bar, clean)
    return torch.polar(clean.abs() * signal + rest, clean.angle() + noise.angle() * rest)


def velocity(clean: torch.Tensor, noise: torch.Tensor, alpha_bar: torch.Tensor) -> torch.Tensor:
    """``v = sqrt(abar_t) eps - sqrt(1 - abar_t) z_0`` (Salimans & Ho 2022, Section 4).

    For images of unit variance this is EDM's preconditioned target (Karras et al. 2022, Eq. 7).
    """
    signal, rest = _shares(alpha_bar, clean)
    return signal * noise - rest * clean


def clean_from_velocity(
    noisy: torch.Tensor, velocity: torch.Tensor, alpha_bar: torch.Tensor
) -> torch.Tensor:
    """``z_0 = sqrt(abar_t) z_t - sqrt(1 - abar_t) v``."""
    signal, rest = _shares(alpha_bar, noisy)
    return signal * noisy - rest * velocity


def clean_from_noise(
    noisy: torch.Tensor, noise: torch.Tensor, alpha_bar: torch.Tensor
) -> torch.Tensor:
    """``z_0 = (z_t - sqrt(1 - abar_t) eps) / sqrt(abar_t)``."""
    signal, rest = _shares(alpha_bar, noisy)
    return (noisy - rest * noise) / signal


def noise_from_clean(
    noisy: torch.Tensor, clean: torch.Tensor, alpha_bar: torch.Tensor
) -> torch.Tensor:
    """``eps = (z_t - sqrt(abar_t) z_0) / sqrt(1 - abar_t)``."""
    signal, rest = _shares(alpha_bar, noisy)
    return (noisy - signal * clean) / rest


def _shares(alpha_bar: torch.Tensor, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Amplitudes of signal and noise, in the precision of ``like``."""
    precision = like.real.dtype
    return alpha_bar.sqrt().to(precision), (1 - alpha_bar).sqrt().to(precision)


FORWARD = {"linear": add_noise, "polar": add_noise_polar}
