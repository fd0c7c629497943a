"""A sealed store as a dask array: whole shards, or equal parts of them, read when asked for."""

import math
from functools import partial
from pathlib import Path

import dask.array as da
import numpy as np
import zarr

from phasegen.store.places import ObjectPath, place
from phasegen.store.reading import open_store, read_index
from phasegen.store.seal import read_checked

BLOCK_BYTES = 16 * 2**20


def lazy(store: str | Path | ObjectPath, block_bytes: int = BLOCK_BYTES) -> da.Array:
    """Dask array of a sealed store, of its shape and dtype; nothing is read before `compute`.

    A block is one shard, or the largest whole fraction of one that has no more than
    ``block_bytes`` (one slice at least), so that no block lies in two shards and each slice is
    read once. Every block is compared with the SHA-256 in the index.

    Raises:
        FileNotFoundError: no such store, or one that was never sealed.
        DamagedStore: in `compute`, a shard that is missing, unreadable or has changed.
    """
    array = open_store(store)
    rows = _rows_per_block(array, block_bytes)
    chunks = (da.core.normalize_chunks(rows, array.shape[:1])[0], *array.shape[1:])
    read = partial(_read, place(store), array, read_index(store)["sha256"].to_numpy())
    return da.map_blocks(
        read,
        chunks=chunks,
        dtype=array.dtype,
        meta=np.empty((0,) * array.ndim, array.dtype),
        token=da.core.tokenize(str(store), rows),
    )


def _rows_per_block(array: zarr.Array, block_bytes: int) -> int:
    """The largest divisor of the slices of a shard whose slices fit."""
    per_shard = array.shards[0]
    fit = max(1, block_bytes // (math.prod(array.shape[1:]) * array.dtype.itemsize))
    return max(rows for rows in range(1, per_shard + 1) if per_shard % rows == 0 and rows <= fit)


def _read(
    store: Path | ObjectPath, array: zarr.Array, sums: np.ndarray, block_info: dict
) -> np.ndarray:
    start, stop = block_info[None]["array-location"][0]
    return read_checked(store, array, range(start, stop), sums[start:stop])
