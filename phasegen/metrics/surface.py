"""Distances between the edges of a predicted and a true mask, defined as in MONAI.

An edge is what a binary erosion by the four neighbours takes away; what lies outside the image
counts as background, so that the border of the image is an edge of a mask that touches it.
"""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import binary_erosion
from scipy.spatial import KDTree
from scipy.spatial.distance import directed_hausdorff

from phasegen.metrics.overlap import demand_masks


class SurfaceDistance(NamedTuple):
    """Both in the unit of the pixel size."""

    hausdorff: float
    """The largest distance from an edge pixel of either mask to the other's edge."""
    hd95: float
    """The larger of the two directed 95th percentiles (linear between ranks)."""


def surface_distance(
    prediction: np.ndarray, target: np.ndarray, pixel_size: tuple[float, float] = (1.0, 1.0)
) -> SurfaceDistance:
    """Symmetric Hausdorff distance of two masks, and its 95th percentile (HD95).

    Both are NaN if both masks are empty. If exactly one is, both are the diagonal of the image
    from pixel centre to pixel centre, the largest distance that two masks can have; MONAI gives
    an infinity or NaN there.

    Args:
        prediction, target: bool ``(y, x)``.
        pixel_size: distance of rows and of columns, [mm] for distances in mm.

    Raises:
        ValueError: the masks are not bool of one shape, or the size is not positive and finite.
    """
    demand_masks(prediction, target)
    size = np.asarray(pixel_size, float)
    if size.shape != (2,) or not (np.isfinite(size) & (size > 0)).all():
        raise ValueError(f"a pixel size is two positive numbers (row, column), not {pixel_size}")
    if not prediction.any() and not target.any():
        return SurfaceDistance(float("nan"), float("nan"))
    if not prediction.any() or not target.any():
        diagonal = float(np.hypot(*((np.array(target.shape) - 1) * size)))
        return SurfaceDistance(diagonal, diagonal)
    first, second = (np.argwhere(_edge(mask)) * size for mask in (prediction, target))
    ways = KDTree(second).query(first)[0], KDTree(first).query(second)[0]
    return SurfaceDistance(
        float(max(way.max() for way in ways)),
        float(max(np.quantile(way, 0.95) for way in ways)),
    )


def hd_rows(prediction: np.ndarray, target: np.ndarray) -> float:
    """The "Hausdorff distance" of the published code [pixel]: no distance between masks.

    SciPy's ``directed_hausdorff`` from the prediction to the target, given the two arrays as they
    are: it takes every row for one point with a coordinate of 0 or 1 per column, so the
    result is the square root of a number of pixels, does not know where a row lies, and is not
    symmetric. It is here for one reason: only it compares with the distances in the paper.

    NaN if both masks are empty, as for the distances proper. If exactly one is, SciPy's answer
    stands: an empty prediction has the root of the pixels in the target's emptiest row (0 if
    a row is free of it), an empty target that of the prediction's fullest row.

    Args:
        prediction, target: bool ``(y, x)``.
    """
    demand_masks(prediction, target)
    if not prediction.any() and not target.any():
        return float("nan")
    return float(directed_hausdorff(prediction, target)[0])


def _edge(mask: np.ndarray) -> np.ndarray:
    """Pixels of the mask with one of their four neighbours outside it, bool ``(y, x)``."""
    return mask & ~binary_erosion(mask)
