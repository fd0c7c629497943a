"""Stores: one job, one shard, one file; only what was read back is open."""

import numpy as np
import pandas as pd
import pytest
import tensorstore
import zarr

from phasegen.paths import Grid, shard_key
from phasegen.store.reading import open_store, provenance, read_index
from phasegen.store.seal import DamagedStore, seal
from phasegen.store.shards import checksums, write_shard, write_table

GRID = Grid(slices=10, per_shard=4)
SHAPE = (2, 6, 5)


def content():
    random = np.random.default_rng(0)
    values = random.standard_normal((10, *SHAPE)) + 1j * random.standard_normal((10, *SHAPE))
    values[4:8] = 0  # one blank shard
    return values.astype(np.complex64)


def write(folder, data, order=(0, 1, 2)):
    records = {}
    for shard in order:
        rows = GRID.rows(shard)
        part = data[rows.start : rows.stop]
        write_shard(folder / "kspace.zarr", "kspace", GRID, shard, part)
        records[shard] = folder / f"{shard}.parquet"
        write_table(records[shard], pd.DataFrame({"row": list(rows), "sha256": checksums(part)}))
    return [records[shard] for shard in sorted(records)]


def close(folder, records, **changes):
    slices = pd.DataFrame({"row": range(10), "subject": "one"})
    arguments = {"attributes": {"seed": 3}, "slices": slices} | changes
    seal(folder / "kspace.zarr", "kspace", GRID, SHAPE, records, **arguments)
    return folder / "kspace.zarr"


def files(folder):
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_sealed_store_opens_in_zarr_and_tensorstore(tmp_path):
    store = close(tmp_path, write(tmp_path, content()))
    np.testing.assert_array_equal(open_store(store)[:], content())
    np.testing.assert_array_equal(zarr.open_array(store, mode="r")[:], content())
    spec = {"driver": "zarr3", "kvstore": {"driver": "file", "path": str(store)}}
    np.testing.assert_array_equal(tensorstore.open(spec).result().read().result(), content())
    assert open_store(store).metadata.dimension_names == ("slice", "coil", "ky", "kx")
    assert provenance(store)["seed"] == 3
    assert list(read_index(store)["sha256"]) == checksums(content())


def test_order_of_the_shards_does_not_change_a_byte(tmp_path):
    for name, order in (("one", (0, 1, 2)), ("two", (2, 0, 1))):
        close(tmp_path / name, write(tmp_path / name, content(), order))
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert not list(tmp_path.rglob("*.partial"))


def test_shards_of_a_larger_past_are_dropped(tmp_path):
    records = write(tmp_path, content())
    left = tmp_path / "kspace.zarr" / shard_key(7)
    left.parent.mkdir(parents=True)
    left.touch()
    store = close(tmp_path, records)
    assert sorted(path.name for path in (store / "c").iterdir()) == ["0", "1", "2"]


def test_a_blank_shard_is_a_file_too(tmp_path):
    write(tmp_path, content())
    assert (tmp_path / "kspace.zarr" / shard_key(1)).is_file()


def test_an_unsealed_store_does_not_open(tmp_path):
    write(tmp_path, content())
    with pytest.raises(FileNotFoundError, match="no sealed store"):
        open_store(tmp_path / "kspace.zarr")


@pytest.mark.parametrize("part", [slice(0, 3), slice(0, 5), slice(0, 0)])
def test_a_writer_that_is_not_a_whole_shard_is_refused(tmp_path, part):
    with pytest.raises(ValueError, match="shard 0 holds 4 slices"):
        write_shard(tmp_path / "kspace.zarr", "kspace", GRID, 0, content()[part])
    with pytest.raises(ValueError, match="complex64 is due"):
        write_shard(tmp_path / "kspace.zarr", "kspace", GRID, 0, content()[:4].astype(complex))
    assert not (tmp_path / "kspace.zarr").exists()


def damage(path, kind):
    data = bytearray(path.read_bytes())
    if kind == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif kind == "gone":
        path.unlink()
    else:
        data[len(data) // 3] ^= 1
        path.write_bytes(data)


@pytest.mark.parametrize("kind", ["cut", "gone", "flipped bit"])
def test_a_damaged_shard_is_found_and_named(tmp_path, kind):
    records = write(tmp_path, content())
    damage(tmp_path / "kspace.zarr" / shard_key(2), kind)
    with pytest.raises(DamagedStore, match="c/2/0/0/0"):
        close(tmp_path, records)
    assert not (tmp_path / "kspace.zarr" / "zarr.json").exists()
    assert not list(tmp_path.rglob("*.partial"))


def test_a_shard_of_other_values_is_found(tmp_path):
    records = write(tmp_path, content())
    write_shard(tmp_path / "kspace.zarr", "kspace", GRID, 0, content()[:4] + np.complex64(1e-6))
    with pytest.raises(DamagedStore, match="slice 0 has changed"):
        close(tmp_path, records)


def test_a_missing_record_is_found(tmp_path):
    records = write(tmp_path, content())
    with pytest.raises(DamagedStore, match="10 slices once"):
        close(tmp_path, records[:2])


def test_a_broken_law_keeps_the_store_closed(tmp_path):
    def check(rows, data):
        if 9 in rows:
            raise DamagedStore("law")
        return {}

    with pytest.raises(DamagedStore, match="law"):
        close(tmp_path, write(tmp_path, content()), check=check)
    assert not (tmp_path / "kspace.zarr" / "zarr.json").exists()


def test_what_a_check_measures_is_in_the_index(tmp_path):
    def check(rows, data):
        return {"energy": np.abs(data).sum(axis=(1, 2, 3))}

    store = close(tmp_path, write(tmp_path, content()), check=check)
    expected = np.abs(content()).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(read_index(store)["energy"], expected, rtol=1e-6)


def test_checksums_follow_every_value():
    data = content()
    changed = data.copy()
    changed[3, 1, 5, 4] += np.complex64(1e-6j)
    differing = [a != b for a, b in zip(checksums(data), checksums(changed), strict=True)]
    assert np.flatnonzero(differing).tolist() == [3]
