"""Losses of reconstructed images: error of complex values or magnitudes, and SSIM."""

import torch
from torchmetrics.functional.image import structural_similarity_index_measure

from phasegen.settings import ReconstructionLoss
from phasegen.tasks.complex_loss import complex_loss

WINDOW = 7
"""Edge of the square over which SSIM is taken, as fastMRI's."""


def reconstruction_loss(
    found: torch.Tensor, target: torch.Tensor, loss: ReconstructionLoss
) -> torch.Tensor:
    """Weighted sum of the parts, float32, of complex64 images ``(batch, 1, y, x)``."""
    seen = (found, target) if loss.of == "complex" else (_magnitude(found), _magnitude(target))
    total = complex_loss(*seen, loss)
    return total + loss.ssim * (1 - mean_ssim(found, target)) if loss.ssim else total


def mean_ssim(found: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Mean of the SSIM of the slices' magnitudes (Wang et al. 2004), each of its target's range.

    The range is the greatest magnitude of the target; a blank one has the range 1.
    """
    peak = target.abs().amax(dim=(-2, -1), keepdim=True)
    peak = torch.where(peak > 0, peak, 1)
    # Variances are differences of large numbers, for which half precision is too coarse.
    with torch.autocast(found.device.type, enabled=False):
        # Slices as channels, which are smoothed each by itself too; the gradient is far faster.
        return structural_similarity_index_measure(
            (found.abs() / peak).transpose(0, 1),
            (target.abs() / peak).transpose(0, 1),
            gaussian_kernel=False,
            kernel_size=WINDOW,
            data_range=1.0,
        )


def _magnitude(images: torch.Tensor) -> torch.Tensor:
    """As complex values without phase, whose k-space is taken like that of any image."""
    return images.abs().to(images.dtype)
