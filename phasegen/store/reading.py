"""Opening sealed stores."""

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import zarr

from phasegen.errors import UserError


def open_store(store: str | Path) -> zarr.Array:
    """Sealed array ``(slice, coil, y, x)``, read-only.

    Raises:
        FileNotFoundError: no such store, or one that was never sealed.
    """
    if not (Path(store) / "zarr.json").is_file():
        raise FileNotFoundError(f"{store} is no sealed store: it has no zarr.json")
    return zarr.open_array(store, mode="r")


def open_single_coil(store: str | Path) -> zarr.Array:
    """As `open_store`, of a store with one complex image per slice.

    Raises:
        UserError: it has several coils.
    """
    array = open_store(store)
    if array.shape[1] > 1:
        raise UserError(
            f"{store} has {array.shape[1]} coils, and a phase is made and measured of one complex "
            "image per slice; set ingest.coils to combined"
        )
    return array


def read_index(store: str | Path) -> pd.DataFrame:
    """Index of a sealed store: one row per slice, in the order of the array."""
    return pd.read_parquet(Path(store) / "index.parquet")


def read_rows(table: str | Path, rows: range, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Consecutive rows of a Parquet file; no more of it is read than the groups that hold them."""
    with parquet.ParquetFile(table) as file:
        groups = range(file.metadata.num_row_groups)
        ends = np.cumsum([0, *(file.metadata.row_group(n).num_rows for n in groups)])
        spans = enumerate(pairwise(ends.tolist()))
        found = [n for n, (start, stop) in spans if start < rows.stop and rows.start < stop]
        parts = [file.read_row_group(n, columns) for n in found]
    whole = pa.concat_tables(parts).slice(rows.start - int(ends[found[0]]), len(rows))
    return whole.to_pandas()


def provenance(store: str | Path) -> dict:
    """What the store came from, as its seal recorded it."""
    return json.loads((Path(store) / "zarr.json").read_text())["attributes"]["phasegen"]
