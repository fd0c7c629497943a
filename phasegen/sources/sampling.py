"""How much of k-space was measured, by which of its points hold anything."""

import numpy as np

from phasegen.sources.base import Sampling

LEAST = 0.7  # of the points within the outermost lines; with cut corners about pi / 4 are left


def sampling(measured: np.ndarray) -> Sampling:
    """What a plane of k-space amounts to.

    Args:
        measured: bool (ky, kx), zero frequency at index ``n // 2``. All false tells nothing
            and counts as full.

    Returns:
        "partial Fourier" where lines are missing at one end only, or at one more than at the
        other; "full" otherwise, also where as many are missing at both (zero-padding).

    Raises:
        ValueError: undersampled: lines are missing between others, or the centre, or more points
            than cut corners explain.
    """
    if not measured.any():
        return "full"
    rows, columns = (_extent(measured.any(axis=axis)) for axis in (1, 0))
    share = measured[rows, columns].mean()
    if share < LEAST:
        raise ValueError(f"undersampled: only {share:.0%} of its points hold a measurement")
    one_sided = (
        lopsided(extent, n) for extent, n in zip((rows, columns), measured.shape, strict=True)
    )
    return "partial Fourier" if any(one_sided) else "full"


def lopsided(extent: slice, n: int) -> bool:
    """Whether ``extent`` of an axis of ``n`` points lies unevenly about index ``n // 2``."""
    below, above = n // 2 - extent.start, extent.stop - 1 - n // 2
    return below - above not in (0, 1)  # an even number has one more below


def _extent(lines: np.ndarray) -> slice:
    found = np.flatnonzero(lines)
    extent = slice(int(found[0]), int(found[-1]) + 1)
    if missing := extent.stop - extent.start - len(found):
        among = extent.stop - extent.start
        raise ValueError(f"undersampled: {missing} of {among} neighbouring lines are missing")
    if not extent.start <= len(lines) // 2 < extent.stop:
        raise ValueError("the centre of k-space was not measured")
    return extent
