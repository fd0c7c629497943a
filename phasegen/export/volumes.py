"""The volumes of a store, from its index."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from phasegen.export.base import Volume
from phasegen.export.names import file_name, unique

IDENTITY = ["cohort", "subject", "series", "sample"]


def volumes(index: pd.DataFrame, shape: Sequence[int], kind: str) -> list[Volume]:
    """Volumes of a store of ``shape`` ``(slice, coil, y, x)``, in the order of their first slices.

    A volume is what has one cohort, subject, series and, where there are several, one sample.
    """
    index = _complete(index)
    groups = index.groupby(IDENTITY, sort=False, dropna=False)
    drawn = index["sample"].max() > 0
    found = {(*key[:3], int(key[3]) if drawn else None): rows for key, rows in groups}
    cohorts = index["cohort"].nunique()
    names = unique([_name(key, cohorts) for key in found], list(found))
    return [
        Volume(
            *key,
            kind=kind,
            name=name,
            rows=rows["row"].to_numpy(),
            slices=rows["slice"].to_numpy(),
            shape=(len(rows), *shape[1:]),
            pixel_mm=_pixel(rows),
            slice_mm=_known(rows["spacing_slice_mm"].iloc[0]),
        )
        for (key, rows), name in zip(found.items(), names, strict=True)
    ]


def _complete(index: pd.DataFrame) -> pd.DataFrame:
    """With all columns that are looked at; one file's store lacks a cohort, others a sample."""
    lengths = ("pixel_row_mm", "pixel_column_mm", "spacing_slice_mm")
    defaults = {"cohort": "", "sample": 0} | dict.fromkeys(lengths, np.nan)
    missing = {name: value for name, value in defaults.items() if name not in index}
    return index.assign(**missing).sort_values("row", ignore_index=True)


def _name(key: tuple, cohorts: int) -> str:
    cohort, subject, series, sample = key
    parts = [cohort] * (cohorts > 1)
    parts += [series] if series.startswith(subject) else [subject, series]
    parts += [] if sample is None else [f"sample-{sample}"]
    return file_name("_".join(parts))


def _pixel(rows: pd.DataFrame) -> tuple[float, float] | None:
    row, column = (_known(rows[f"pixel_{axis}_mm"].iloc[0]) for axis in ("row", "column"))
    return None if row is None or column is None else (row, column)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) and value > 0 else None
