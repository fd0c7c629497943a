"""What a network adds to an image by folding squares of k-space into channels."""

import torch

NEIGHBOURS = [(1, 0), (-1, 0), (0, 1), (0, -1)]


def without_ghosts(images: torch.Tensor, patch: int) -> torch.Tensor:
    """Images ``(..., y, x)`` of a network that folds ``patch`` by ``patch`` samples of k-space.

    To each folded channel a network may add a constant. Unfolded, these repeat every ``patch``
    samples, and in the image that is single pixels, ``n / patch`` apart from ``n // 2`` on. They
    get the mean of their neighbours, but for the one at ``n // 2``, which is the constant that
    the published network, which folds nothing, may add too.
    """
    if patch == 1:
        return images
    around = sum(images.roll(step, (-2, -1)) for step in NEIGHBOURS) / len(NEIGHBOURS)
    return torch.where(_ghosts(images, patch), around, images)


def _ghosts(images: torch.Tensor, patch: int) -> torch.Tensor:
    """Bool ``(y, x)``."""
    rows, columns = (_comb(size, patch, images.device) for size in images.shape[-2:])
    found = rows[:, None] & columns
    found[images.shape[-2] // 2, images.shape[-1] // 2] = False
    return found


def _comb(size: int, patch: int, device: torch.device) -> torch.Tensor:
    return (torch.arange(size, device=device) - size // 2) % (size // patch) == 0
