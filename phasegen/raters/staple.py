"""One mask of several, by how far each rater is to be trusted (SimpleITK)."""

from collections.abc import Sequence

import numpy as np
import SimpleITK as sitk

ITERATIONS = 100


def staple(masks: Sequence[np.ndarray]) -> np.ndarray:
    """STAPLE (Warfield, Zou & Wells, IEEE Trans Med Imaging 23:903, 2004), at probability 1/2.

    Args:
        masks: two or more, bool (slice, y, x), of one volume.

    Returns:
        Bool (slice, y, x). Where all agree everywhere, or the estimate is not a number, as it
        is without any brain, the majority decides (a tie is background).

    Raises:
        ValueError: fewer than two masks, or shapes that differ.
    """
    if len(masks) < 2:
        raise ValueError(f"a consensus needs two masks or more, not {len(masks)}")
    if len({mask.shape for mask in masks}) > 1:
        raise ValueError(f"masks of shapes {sorted({mask.shape for mask in masks})}")
    votes = np.stack(masks)
    majority = 2 * votes.sum(axis=0) > len(votes)
    if (votes == votes[0]).all():
        return majority
    probability = _probability(votes)
    return probability > 0.5 if np.isfinite(probability).all() else majority


def _probability(votes: np.ndarray) -> np.ndarray:
    images = [sitk.GetImageFromArray(vote.astype(np.uint8)) for vote in votes]
    method = sitk.STAPLEImageFilter()
    method.SetNumberOfThreads(1)
    method.SetForegroundValue(1)
    method.SetMaximumIterations(ITERATIONS)
    return sitk.GetArrayFromImage(method.Execute(images))
