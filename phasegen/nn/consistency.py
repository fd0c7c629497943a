"""Data consistency: features are held to what was measured (Rempe et al. 2025, IV-C)."""

from dataclasses import dataclass

import torch

from phasegen.fourier import centre_crop_or_pad, resample, to_image, to_kspace
from phasegen.nn.complex import to_complex, to_pairs
from phasegen.settings import Domain

TINY = 1e-12
"""Least mean magnitude to divide by: a blank slice is all zeros."""


@dataclass(frozen=True)
class Acquired:
    """Undersampled k-space of each slice of a batch, and where it was acquired.

    ``kspace`` complex64 ``(batch, 1, ky, kx)``, 0 where not acquired; ``mask`` bool of the same
    shape; ``domain`` is what the features are that are held to it.
    """

    kspace: torch.Tensor
    mask: torch.Tensor
    domain: Domain

    def pooled(self, size: tuple[int, int]) -> "Acquired":
        """The same on a grid that the features were pooled to, rows and columns.

        Of features in the image spectral pooling keeps the centre of k-space. Features in
        k-space get a coarser grid of the same extent: of their positions those are acquired
        that lie on an acquired one.
        """
        if self.domain == "image":
            kept = [centre_crop_or_pad(values, size) for values in (self.kspace, self.mask)]
            return Acquired(*kept, self.domain)
        rows, columns = (_every(*sizes) for sizes in zip(self.mask.shape[-2:], size, strict=True))
        return Acquired(resample(self.kspace, size), self.mask[..., rows, columns], self.domain)


def hold(pairs: torch.Tensor, acquired: Acquired) -> torch.Tensor:
    """Features with the acquired positions of their k-space overwritten, in every channel.

    Args:
        pairs: real pairs ``(batch, 2 C, y, x)``, pooled any number of times.
        acquired: at full size.

    What is written is scaled to each slice's features: by the mean of their magnitude over that
    of the measurement, both over the acquired positions. So features that are a multiple of the
    measurement stay as they are. (The published code takes the features' mean over all other
    positions and a whole batch, by which a fully sampled slice would vanish.)
    """
    measured = acquired.pooled(tuple(pairs.shape[-2:]))
    in_image = acquired.domain == "image"
    # Fourier transforms have no complex numbers of less precision.
    features = to_complex(pairs.float())
    features = to_kspace(features) if in_image else features
    written = measured.kspace * _scale(features, measured)
    held = torch.where(measured.mask, written, features)
    return to_pairs(to_image(held) if in_image else held).to(pairs.dtype)


def _scale(features: torch.Tensor, measured: Acquired) -> torch.Tensor:
    """Real ``(batch, 1, 1, 1)``."""
    felt, known = (
        (values.abs() * measured.mask).mean(dim=(1, 2, 3), keepdim=True)
        for values in (features, measured.kspace)
    )
    return felt / known.clamp(min=TINY)


def _every(size: int, pooled: int) -> slice:
    """Indices of an axis of ``pooled`` in one of ``size``, a multiple: centre lies on centre."""
    step = size // pooled
    return slice(size // 2 - step * (pooled // 2), None, step)
