"""Writing one shard: whole or not at all, never two writers in one file."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import zarr

from phasegen.paths import Grid, move_whole, shard_key, staging_folder, whole_file
from phasegen.store.arrays import KINDS, create

FACTS = b"phasegen"
ROW_GROUP = 8192
"""Rows of a table that are read together, so that a job need not read all of a large one."""


def write_shard(store: Path, kind: str, grid: Grid, shard: int, data: np.ndarray) -> None:
    """Write ``data`` ``(slice, coil, y, x, ...)`` as shard number ``shard`` of ``store``.

    Raises:
        ValueError: data that are not exactly the rows of this shard, or of another
            dtype than the kind has. Zarr would merge them into the file without a
            lock, and two such writers lose each other's slices.
    """
    rows = grid.rows(shard)
    if len(data) != len(rows):
        raise ValueError(f"{store}: shard {shard} holds {len(rows)} slices, not {len(data)}")
    if data.dtype != np.dtype(KINDS[kind].dtype):
        raise ValueError(f"{store}: dtype {KINDS[kind].dtype} is due, not {data.dtype}")
    # A blank shard must still be a file; an array takes this up when it is made.
    keep_blank = zarr.config.set({"array.write_empty_chunks": True})
    with keep_blank, staging_folder(store / f".{shard}.partial") as staging:
        array = create(staging, kind, grid, data.shape[1:])
        array[rows.start : rows.stop] = data
        key = shard_key(shard, data.ndim)
        move_whole(staging / key, store / key)


def checksums(data: np.ndarray) -> list[str]:
    """SHA-256 of every slice: its values in C order, little-endian."""
    little = np.ascontiguousarray(data, dtype=data.dtype.newbyteorder("<"))
    return [hashlib.sha256(part.tobytes()).hexdigest() for part in little]


def write_table(path: str | Path, table: pd.DataFrame, facts: dict | None = None) -> None:
    """Parquet file, whole or not at all, with ``facts`` (fit for JSON) in its metadata."""
    content = pa.Table.from_pandas(table, preserve_index=False)
    if facts:
        own = {FACTS: json.dumps(facts, sort_keys=True)}
        content = content.replace_schema_metadata(content.schema.metadata | own)
    with whole_file(path) as partial:
        parquet.write_table(content, partial, row_group_size=ROW_GROUP)


def table_facts(path: str | Path) -> dict:
    """What `write_table` put into the metadata of a Parquet file; empty if nothing."""
    metadata = parquet.read_schema(path).metadata or {}
    return json.loads(metadata.get(FACTS, b"{}"))
