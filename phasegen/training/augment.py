"""Changes of a training batch that keep it a possible measurement; complex64 ``(batch, 1, y, x)``."""

import numpy as np
import torch

from phasegen.diffusion.noise import complex_noise
from phasegen.diffusion.scale import slice_scale
from phasegen.fourier import resample
from phasegen.settings import Training


def augment(
    images: torch.Tensor, training: Training, size: int | None, random: np.random.Generator
) -> torch.Tensor:
    """Flips of either axis, a random global phase, ``size`` pixels, and by config more noise."""
    flipped = []
    for image, flips in zip(images, random.integers(0, 2, (len(images), 2)), strict=True):
        flipped.append(image.flip([axis - 2 for axis in range(2) if flips[axis]]))
    images = torch.stack(flipped) * _rotations(images, random)
    if size:
        images = rescale(resample(images, (size, size)))
    if training.noise:
        images = rescale(images + _noise(images, training.noise, random))
    return images


def rescale(images: torch.Tensor) -> torch.Tensor:
    """Images with a scale of 1 each (see ``diffusion.scale``)."""
    return images / slice_scale(images.abs())[:, None, None, None]


def _rotations(images: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    phase = torch.from_numpy(random.uniform(-np.pi, np.pi, len(images)).astype(np.float32))
    return torch.polar(torch.ones_like(phase), phase).to(images.device)[:, None, None, None]


def _noise(images: torch.Tensor, largest: float, random: np.random.Generator) -> torch.Tensor:
    """Gaussian, of a standard deviation below ``largest``, mostly far below."""
    spread = torch.from_numpy((largest * random.random(len(images)) ** 2).astype(np.float32))
    noise = torch.from_numpy(complex_noise("gaussian", tuple(images.shape), random))
    return (spread[:, None, None, None] * noise).to(images.device)
