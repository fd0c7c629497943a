"""Opening sealed stores."""

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import zarr
from zarr.storage import LocalStore, ObjectStore, WrapperStore

from phasegen.errors import UserError
from phasegen.store.places import ObjectPath, asked, place
from phasegen.store.seal import DamagedStore

if TYPE_CHECKING:
    from zarr.abc.store import ByteRequest
    from zarr.core.buffer import Buffer, BufferPrototype


class _NothingBlank(WrapperStore):
    """A sealed store: a shard that is not there is damage, where Zarr takes it for zeros."""

    def __init__(self, store: LocalStore | ObjectStore, where: Path | ObjectPath) -> None:
        super().__init__(store)
        self._where = where

    def _with_store(self, store: LocalStore | ObjectStore) -> "_NothingBlank":
        return _NothingBlank(store, self._where)

    async def get(
        self, key: str, prototype: "BufferPrototype", byte_range: "ByteRequest | None" = None
    ) -> "Buffer | None":
        if isinstance(self._where, ObjectPath):
            with asked(self._where / key):
                found = await super().get(key, prototype, byte_range)
        else:
            found = await super().get(key, prototype, byte_range)
        if found is None and key.startswith("c/"):
            raise DamagedStore(f"{self._where / key} is missing; make it again")
        return found


def open_store(store: str | Path | ObjectPath) -> zarr.Array:
    """Sealed array ``(slice, coil, y, x)``, read-only; reading one of its slices may raise.

    Args:
        store: a folder, or a URL ``s3://BUCKET/PATH``.

    Raises:
        FileNotFoundError: no such store, or one that was never sealed.
        DamagedStore: in reading, a shard that is missing.
        Unreachable: an object store that does not answer, does not let in, or breaks off.
    """
    where = place(store)
    if not (where / "zarr.json").is_file():
        raise FileNotFoundError(f"{store} is no sealed store: it has no zarr.json")
    if isinstance(where, ObjectPath):
        files = ObjectStore(where.client(where.key), read_only=True)
    else:
        files = LocalStore(where, read_only=True)
    return zarr.open_array(_NothingBlank(files, where), mode="r")


def open_single_coil(store: str | Path | ObjectPath) -> zarr.Array:
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


def read_index(store: str | Path | ObjectPath) -> pd.DataFrame:
    """Index of a sealed store: one row per slice, in the order of the array."""
    with (place(store) / "index.parquet").open("rb") as file:
        return pd.read_parquet(file)


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


def provenance(store: str | Path | ObjectPath) -> dict:
    """What the store came from, as its seal recorded it."""
    return json.loads((place(store) / "zarr.json").read_text())["attributes"]["phasegen"]
