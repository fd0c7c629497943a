"""Sealing: only a store whose every slice was read back gets the file that makes it open."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import zarr

from phasegen.errors import UserError
from phasegen.paths import Grid, move_whole, shard_key, staging_folder
from phasegen.progress import told
from phasegen.provenance import file_digest
from phasegen.store.arrays import FORMAT_VERSION, create
from phasegen.store.digest import NO_DIGEST, stamp
from phasegen.store.places import ObjectPath, Unreachable
from phasegen.store.shards import checksums, write_table

Check = Callable[[range, np.ndarray], dict[str, np.ndarray]]


class DamagedStore(UserError):
    """A store whose content is not what was written."""


def seal(
    store: Path,
    kind: str,
    grid: Grid,
    slice_shape: tuple[int, ...],
    records: Iterable[Path],
    attributes: dict,
    slices: pd.DataFrame,
    check: Check | None = None,
) -> None:
    """Verify every shard of ``store``, then write its index and, last, its ``zarr.json``.

    Args:
        records: the Parquet records of all shards in order, with ``row`` and ``sha256``.
        attributes: provenance, kept under the key ``phasegen``.
        slices: what is known of every slice, by ``row``; joined with the records it
            becomes the index.
        check: called with the rows and the data of every shard; raises on a broken law, else
            gives columns for the index.

    Raises:
        DamagedStore: a missing or unreadable shard, or a slice with another checksum.
    """
    written = pd.concat([pd.read_parquet(path) for path in records], ignore_index=True)
    if list(written["row"]) != list(range(grid.slices)):
        raise DamagedStore(f"{store}: the records do not name each of {grid.slices} slices once")
    index = slices.merge(written, on="row", validate="one_to_one")
    with staging_folder(store / ".seal.partial") as staging:
        array = create(staging, kind, grid, slice_shape)
        (staging / "c").symlink_to((store / "c").resolve())
        counted = (f"verify {store.name}", "slices", lambda shard: len(grid.rows(shard)))
        shards = told(range(grid.shards), *counted)
        checked = [_verify_shard(store, array, grid, shard, index, check) for shard in shards]
        index = index.join(pd.concat(checked, ignore_index=True))
        _drop_leftovers(store, grid)
        write_table(store / "index.parquet", index)
        own = {
            "format": FORMAT_VERSION,
            "kind": kind,
            "index": file_digest(store / "index.parquet"),
        }
        array.update_attributes({"phasegen": own | attributes | {"digest": NO_DIGEST}})
        stamp(staging / "zarr.json")
        move_whole(staging / "zarr.json", store / "zarr.json")


def _drop_leftovers(store: Path, grid: Grid) -> None:
    """Delete shards beyond the last, left from when the cohort was larger."""
    for folder in (store / "c").iterdir():
        if int(folder.name) >= grid.shards:
            shutil.rmtree(folder)


def _verify_shard(
    store: Path, array: zarr.Array, grid: Grid, shard: int, index: pd.DataFrame, check: Check | None
) -> pd.DataFrame:
    rows = grid.rows(shard)
    wanted = index["sha256"].iloc[rows.start : rows.stop]
    data = read_checked(store, array, rows, wanted)
    return pd.DataFrame(check(rows, data) if check else {}, index=rows)


def read_checked(
    store: Path | ObjectPath, array: zarr.Array, rows: range, wanted: Iterable[str]
) -> np.ndarray:
    """Slices ``rows`` of one shard, compared with the SHA-256 that is ``wanted`` of each.

    Raises:
        DamagedStore: the shard is missing, unreadable or has changed.
        Unreachable: the object store does not give it.
    """
    file = store / shard_key(rows.start // array.shards[0], array.ndim)
    # Zarr takes a missing shard for a blank one.
    if not file.is_file():
        raise DamagedStore(f"{file} is missing; make it again")
    try:
        data = array[rows.start : rows.stop]
    except Unreachable:
        raise
    except Exception as error:
        raise DamagedStore(
            f"{file} cannot be read ({error}); delete it and make it again"
        ) from error
    for row, found, due in zip(rows, checksums(data), wanted, strict=True):
        if found != due:
            raise DamagedStore(f"{file}: slice {row} has changed; delete it and make it again")
    return data
