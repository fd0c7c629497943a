"""Small sealed stores of every kind."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from phasegen.paths import Grid
from phasegen.store.arrays import KINDS
from phasegen.store.seal import seal
from phasegen.store.shards import checksums, write_shard, write_table

SIZE = (12, 10)


def names(series: dict[tuple[str, str], list[int]], **more) -> pd.DataFrame:
    """Index of the slices of volumes, by (subject, series)."""
    rows = [
        {"cohort": "c", "subject": subject, "series": name, "slice": number}
        for (subject, name), numbers in series.items()
        for number in numbers
    ]
    known = {"pixel_row_mm": 1.5, "pixel_column_mm": 2.0, "spacing_slice_mm": 3.0} | more
    return pd.DataFrame(rows).assign(**known)


TWO = names({("sub-1", "sub-1_T1w"): [0, 1, 2, 3, 4], ("sub-2", "sub-2_GRE"): [3, 4, 5]})


def values_of(kind: str, shape: tuple[int, ...]) -> np.ndarray:
    parts = np.random.default_rng(0).standard_normal((2, *shape))
    data = parts[0] + 1j * parts[1] if KINDS[kind].dtype == "complex64" else np.abs(parts[0])
    return data.astype(KINDS[kind].dtype)


@pytest.fixture
def make_store(tmp_path: Path) -> Callable[..., tuple[Path, np.ndarray]]:
    """Path and values ``(slice, coil, y, x)`` of a sealed store with an index."""

    def make(
        index: pd.DataFrame = TWO,
        kind: str = "kspace",
        coils: int = 1,
        size: tuple[int, int] = SIZE,
        per_shard: int = 3,
        name: str = "store.zarr",
    ) -> tuple[Path, np.ndarray]:
        store = tmp_path / name
        data = values_of(kind, (len(index), coils, *size))
        grid = Grid(len(index), per_shard)
        records = []
        for shard in range(grid.shards):
            rows = grid.rows(shard)
            part = data[rows.start : rows.stop]
            write_shard(store, kind, grid, shard, part)
            records.append(tmp_path / "records" / name / f"{shard}.parquet")
            write_table(records[-1], pd.DataFrame({"row": list(rows), "sha256": checksums(part)}))
        slices = index.assign(row=range(len(index)))
        seal(store, kind, grid, data.shape[1:], records, {"source": "none"}, slices)
        return store, data

    return make
