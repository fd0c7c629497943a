"""Undersampled measurements of complex images."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import torch

from phasegen.diffusion.scale import slice_scale
from phasegen.fourier import to_image, to_kspace
from phasegen.mri.undersampling import Axis, Kind, fixed_mask, on_grid, training_masks, undersample


@dataclass(frozen=True)
class Sampling:
    """Which lines of k-space are measured, see `phasegen.mri.undersampling`."""

    kind: Kind
    factor: int
    centre: float
    axis: Axis
    per: Literal["volume", "slice"]
    """What has one mask at validation and test."""
    seed: int

    def drawn(
        self, count: int, shape: tuple[int, int], generator: np.random.Generator
    ) -> np.ndarray:
        """A new mask for each of ``count`` slices, bool ``(slice, line)``."""
        return training_masks(
            self._lines(shape), self.kind, self.factor, self.centre, count, generator
        )

    def fixed(self, identities: pd.DataFrame, shape: tuple[int, int]) -> np.ndarray:
        """The masks that slices have for ever, bool ``(slice, line)``.

        Args:
            identities: columns subject, series, slice.
            shape: rows and columns of k-space.
        """
        names = identities[["subject", "series", "slice"]].itertuples(index=False)
        return np.stack([self._own(self._lines(shape), *name) for name in names])

    def _own(self, lines: int, subject: str, series: str, number: int) -> np.ndarray:
        own = number if self.per == "slice" else None
        return fixed_mask(
            lines, self.kind, self.factor, self.centre, self.seed, (subject, series), own
        )

    def _lines(self, shape: tuple[int, int]) -> int:
        return shape[1] if self.axis == "kx" else shape[0]


class Measurement(NamedTuple):
    """What a scanner would give of a batch of slices."""

    kspace: torch.Tensor
    """Complex64 ``(batch, 1, ky, kx)``, 0 where not measured, over ``scale``."""
    mask: torch.Tensor
    """Bool, broadcasts to ``kspace``."""
    scale: torch.Tensor
    """Float32 ``(batch, 1, 1, 1)``, of the zero-filled image, the only one there is."""


def undersampled(images: np.ndarray, lines: np.ndarray, axis: Axis) -> np.ndarray:
    """K-space complex64 ``(slice, 1, ky, kx)`` of images ``(slice, 1, y, x)``, 0 where not measured."""
    return undersample(to_kspace(images), lines, axis)


def measured(images: torch.Tensor, lines: np.ndarray, axis: Axis) -> Measurement:
    """Undersampled k-space of complex images ``(batch, 1, y, x)``.

    Args:
        lines: bool ``(batch, line)`` along the phase-encode ``axis``.
    """
    mask = torch.from_numpy(on_grid(lines, tuple(images.shape), axis)).to(images.device)
    kspace = torch.where(mask, to_kspace(images), 0)
    scale = slice_scale(to_image(kspace).abs())[:, None, None, None]
    scale = torch.where(scale > 0, scale, 1)
    return Measurement(kspace / scale, mask, scale)
