"""Sealed stores of given slices, for tests."""

import numpy as np
import pandas as pd

from phasegen.diffusion.scale import slice_scale
from phasegen.paths import Grid
from phasegen.store.seal import seal
from phasegen.store.shards import checksums, write_shard, write_table


def seal_slices(store, kind, values, per_shard, subjects=("s",), cohort="c"):
    """Store of ``values`` ``(slice, coil, y, x)``, as many slices of each of ``subjects``."""
    grid = Grid(len(values), per_shard)
    index = pd.DataFrame({"row": range(len(values)), "cohort": cohort})
    index["subject"] = np.repeat(subjects, -(-len(values) // len(subjects)))[: len(values)]
    index["patient"] = index["subject"]
    index["series"] = index["subject"] + "_T1w"
    index["file"] = index["series"] + ".h5"
    index["slice"] = index.groupby("subject").cumcount().astype(np.int32)
    records = [store.parent / f".{store.name}.{shard}.parquet" for shard in range(grid.shards)]
    for shard, record in enumerate(records):
        rows = grid.rows(shard)
        part = values[rows.start : rows.stop]
        write_shard(store, kind, grid, shard, part)
        columns = {"row": list(rows), "sha256": checksums(part), "scale": slice_scale(np.abs(part))}
        write_table(record, pd.DataFrame(columns))
    seal(store, kind, grid, values.shape[1:], records, {}, index)
    return store


def complex_slices(count, size=8, coils=1, seed=0):
    """Slices of noise, complex64 ``(slice, coil, y, x)``."""
    random = np.random.default_rng(seed)
    return random.normal(size=(count, coils, size, size, 2)).astype("f4").view("c8")[..., 0]
