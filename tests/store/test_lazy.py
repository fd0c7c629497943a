"""The dask array of a store: its values, its blocks, and that it is lazy."""

import numpy as np
import pandas as pd
import pytest

from phasegen.paths import Grid, shard_key
from phasegen.store import lazy as module
from phasegen.store.lazy import lazy
from phasegen.store.seal import DamagedStore, seal
from phasegen.store.shards import checksums, write_shard, write_table

GRID = Grid(slices=10, per_shard=4)
SHAPE = (2, 6, 5)
SLICE_BYTES = 2 * 6 * 5 * 8


@pytest.fixture
def values():
    parts = np.random.default_rng(0).standard_normal((2, 10, *SHAPE))
    return (parts[0] + 1j * parts[1]).astype(np.complex64)


@pytest.fixture
def store(tmp_path, values):
    records = []
    for shard in range(GRID.shards):
        rows = GRID.rows(shard)
        part = values[rows.start : rows.stop]
        write_shard(tmp_path / "k.zarr", "kspace", GRID, shard, part)
        records.append(tmp_path / f"{shard}.parquet")
        write_table(records[-1], pd.DataFrame({"row": list(rows), "sha256": checksums(part)}))
    slices = pd.DataFrame({"row": range(10), "subject": "one"})
    seal(tmp_path / "k.zarr", "kspace", GRID, SHAPE, records, {}, slices)
    return tmp_path / "k.zarr"


@pytest.mark.parametrize(
    ("block_bytes", "blocks"),
    [
        (module.BLOCK_BYTES, (4, 4, 2)),
        (4 * SLICE_BYTES, (4, 4, 2)),
        (4 * SLICE_BYTES - 1, (2, 2, 2, 2, 2)),
        (1, (1,) * 10),
    ],
)
def test_blocks_are_shards_or_equal_parts_of_them(store, values, block_bytes, blocks):
    array = lazy(store, block_bytes)
    assert array.chunks == (blocks, *((n,) for n in SHAPE))
    assert array.dtype == np.complex64
    np.testing.assert_array_equal(array.compute(scheduler="synchronous"), values)
    np.testing.assert_array_equal(array[3:7, 1].compute(scheduler="threads"), values[3:7, 1])


def test_nothing_is_read_before_it_is_asked_for_and_then_once(store, monkeypatch):
    read, wanted = module._read, []

    def counted(*arguments, block_info):
        wanted.append(block_info[None]["array-location"][0])
        return read(*arguments, block_info=block_info)

    monkeypatch.setattr(module, "_read", counted)
    array = abs(lazy(store)).sum(axis=(1, 2, 3))
    assert wanted == []
    array.blocks[1].compute(scheduler="synchronous")
    assert wanted == [(4, 8)]
    array.compute(scheduler="synchronous")
    assert sorted(wanted[1:]) == [(0, 4), (4, 8), (8, 10)]


def gone(shard):
    shard.unlink()


def cut(shard):
    shard.write_bytes(shard.read_bytes()[:100])


def replaced(shard):
    shard.write_bytes((shard.parents[3] / "0/0/0/0").read_bytes())


@pytest.mark.parametrize(
    ("damage", "message"),
    [(gone, "is missing"), (cut, "cannot be read"), (replaced, "slice 4 has changed")],
)
def test_a_damaged_shard_is_named_and_the_others_are_read(store, values, damage, message):
    damage(store / shard_key(1))
    array = lazy(store)
    np.testing.assert_array_equal(array[:4].compute(scheduler="synchronous"), values[:4])
    with pytest.raises(DamagedStore, match=rf"c/1/0/0/0.*{message}"):
        array.compute(scheduler="synchronous")


def test_an_unsealed_store_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="no sealed store"):
        lazy(tmp_path / "nothing.zarr")
