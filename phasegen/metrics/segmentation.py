"""All numbers of one predicted mask against the true one, as a row of a table."""

import numpy as np

from phasegen.metrics.overlap import dice, sensitivity, specificity
from phasegen.metrics.surface import SurfaceDistance, hd_rows, surface_distance

UNKNOWN = SurfaceDistance(float("nan"), float("nan"))


def overlap_row(prediction: np.ndarray, target: np.ndarray) -> dict[str, float]:
    """Metrics of a slice that need no distances; what empty masks give is said at each metric.

    Args:
        prediction, target: bool ``(y, x)``.

    Returns:
        ``target_pixels`` and ``predicted_pixels`` (int); ``dice``, ``sensitivity``, ``specificity``
        (0 to 1).

    Raises:
        ValueError: the masks are not bool of one shape.
    """
    return {
        "target_pixels": int(np.count_nonzero(target)),
        "predicted_pixels": int(np.count_nonzero(prediction)),
        "dice": dice(prediction, target),
        "sensitivity": sensitivity(prediction, target),
        "specificity": specificity(prediction, target),
    }


def segmentation_row(
    prediction: np.ndarray, target: np.ndarray, pixel_mm: tuple[float, float] | None
) -> dict[str, float]:
    """All metrics of a slice by name.

    Args:
        prediction, target: bool ``(y, x)``.
        pixel_mm: distance of rows and of columns [mm], None if unknown.

    Returns:
        What `overlap_row` gives; ``hausdorff`` and ``hd95`` [pixel]; ``hausdorff_mm`` and
        ``hd95_mm`` [mm], NaN if the pixel size is unknown; ``hd_rows``, which compares with the
        paper only.

    Raises:
        ValueError: the masks are not bool of one shape, or the pixel size is not positive.
    """
    pixels = surface_distance(prediction, target)
    millimetres = _in_mm(pixels, prediction, target, pixel_mm)
    return overlap_row(prediction, target) | {
        "hausdorff": pixels.hausdorff,
        "hd95": pixels.hd95,
        "hausdorff_mm": millimetres.hausdorff,
        "hd95_mm": millimetres.hd95,
        "hd_rows": hd_rows(prediction, target),
    }


def _in_mm(
    pixels: SurfaceDistance,
    prediction: np.ndarray,
    target: np.ndarray,
    pixel_mm: tuple[float, float] | None,
) -> SurfaceDistance:
    if pixel_mm is None:
        return UNKNOWN
    row, column = pixel_mm
    # Distances take most of the time of a test, and of square pixels they need no second look.
    if row == column and 0 < row < np.inf:
        return SurfaceDistance(pixels.hausdorff * row, pixels.hd95 * row)
    return surface_distance(prediction, target, pixel_mm)
