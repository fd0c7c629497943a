"""Raw volumes as magnitudes at the resolution they were measured with, for other programs."""

from pathlib import Path

import numpy as np
import pandas as pd

from phasegen.settings import Cohort
from phasegen.sources.pieces import PIECE_BYTES, spacing, turned
from phasegen.sources.registry import reader
from phasegen.sources.regrid import native_image, regrid_raw_mask
from phasegen.sources.volumes import read_part

UNKNOWN_FIELD = 240.0
"""Field of view that is taken where a file does not say [mm]."""

UNKNOWN_SLICE = 5.0
"""Distance of slices that is taken where a file does not say [mm]."""


def read_native(cohort: Cohort, rows: pd.DataFrame) -> np.ndarray:
    """Magnitude of one raw volume, from the first of its rows in the manifest to the last.

    Returns:
        float32 (slice, y, x), cropped to ``recon_rows`` x ``recon_columns``, coils combined,
        turned as the cohort says.

    Raises:
        BadFile: as `volumes.read_part`.
    """
    first = rows.iloc[0]
    start, stop = int(rows["slice"].min()), int(rows["slice"].max()) + 1
    slice_bytes = 8 * int(first["coils"]) * int(first["rows"]) * int(first["columns"])
    most = max(PIECE_BYTES // slice_bytes, 1)
    shape = (int(first["recon_rows"]), int(first["recon_columns"]))
    slices = []
    for low in range(start, stop, most):
        part = read_part(reader(cohort.reader), Path(first["file"]), low, min(low + most, stop))
        slices += [np.abs(native_image(kspace, shape, combined=True)[0][0]) for kspace in part]
    return turned(np.stack(slices), cohort)


def native_spacing(cohort: Cohort, rows: pd.DataFrame) -> tuple[float, float, float]:
    """Voxel (slice, y, x) [mm] of `read_native`; the unknown is taken from a usual head scan."""
    first = rows.iloc[0]
    square = (UNKNOWN_FIELD / first["recon_rows"], UNKNOWN_FIELD / first["recon_columns"])
    row, column = spacing(first) or square
    between = first["spacing_slice_mm"]
    if int(cohort.turn) % 180:
        row, column = column, row
    return float(UNKNOWN_SLICE if np.isnan(between) else between), float(row), float(column)


def to_store_grid(mask: np.ndarray, cohort: Cohort, rows: pd.DataFrame, size: int) -> np.ndarray:
    """Mask of `read_native` at the rows of the manifest, on the grid of the ingested images.

    Args:
        mask: bool (slice, y, x).

    Returns:
        Bool (row of ``rows``, size, size).
    """
    back = np.rot90(mask, -(int(cohort.turn) // 90), axes=(-2, -1))
    chosen = back[rows["slice"].to_numpy() - rows["slice"].min()]
    pixel = spacing(rows.iloc[0])
    return turned(np.stack([regrid_raw_mask(one, pixel, size) for one in chosen]), cohort)
