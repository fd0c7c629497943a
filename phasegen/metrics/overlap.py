"""How far a predicted mask overlaps the true one, slice by slice.

A slice where neither has a pixel says nothing: its Dice coefficient is NaN, to be left out
of means and counted. Where exactly one of them is empty it is 0.
"""

import numpy as np


def demand_masks(prediction: np.ndarray, target: np.ndarray) -> None:
    """Refuse what are no two masks of one grid.

    Raises:
        ValueError: they are not bool ``(y, x)`` of one shape.
    """
    if prediction.dtype != bool or target.dtype != bool:
        raise ValueError(f"masks are bool, not {prediction.dtype} and {target.dtype}")
    if prediction.ndim != 2 or prediction.shape != target.shape:
        raise ValueError(f"masks need one shape (y, x), not {prediction.shape} and {target.shape}")


def dice(prediction: np.ndarray, target: np.ndarray) -> float:
    """Twice the common pixels over the pixels of both (Dice 1945), 0 to 1; NaN if both are empty.

    The published code of the paper adds 1 above and below; this does not.

    Args:
        prediction, target: bool ``(y, x)``.
    """
    demand_masks(prediction, target)
    return _share(2 * _count(prediction & target), _count(prediction) + _count(target))


def sensitivity(prediction: np.ndarray, target: np.ndarray) -> float:
    """Share of the target's pixels that are predicted, 0 to 1; NaN if the target is empty.

    Args:
        prediction, target: bool ``(y, x)``.
    """
    demand_masks(prediction, target)
    return _share(_count(prediction & target), _count(target))


def specificity(prediction: np.ndarray, target: np.ndarray) -> float:
    """Share of the pixels outside the target that are not predicted, 0 to 1.

    NaN if the target fills the image.

    Args:
        prediction, target: bool ``(y, x)``.
    """
    return sensitivity(~prediction, ~target)


def _count(mask: np.ndarray) -> int:
    return int(np.count_nonzero(mask))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
