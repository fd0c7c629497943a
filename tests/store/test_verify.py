"""The validator finds every damage and names it; a sound store has no fault."""

import json
import shutil

import numpy as np
import pandas as pd
import pyarrow.parquet as parquet
import pytest

from phasegen.provenance import file_digest
from phasegen.steps.verify import verify
from phasegen.store.digest import NO_DIGEST, stamp
from phasegen.store.faults import LISTED
from phasegen.store.shards import write_table

KINDS = ("magnitude", "mask", "images", "kspace")
FIRST, LAST = "c/0/0/0/0", "c/2/0/0/0"
CHUNK = 16 * 16 * 4 + 4  # of a magnitude


@pytest.fixture
def copy(stores, tmp_path):
    """A store of one's own, by kind."""
    return lambda kind: shutil.copytree(stores / f"{kind}.zarr", tmp_path / f"{kind}.zarr")


def change_metadata(store, change):
    """Metadata as a writer with a fault would have sealed them, with a right digest."""
    path = store / "zarr.json"
    document = json.loads(path.read_text())
    change(document)
    document["attributes"].get("phasegen", {})["digest"] = NO_DIGEST
    path.write_text(json.dumps(document))
    stamp(path)


def change_index(store, change):
    """An index as a writer with a fault would have sealed it, with a right digest."""
    write_table(store / "index.parquet", change(pd.read_parquet(store / "index.parquet")))
    digest = file_digest(store / "index.parquet")
    change_metadata(store, lambda d: d["attributes"]["phasegen"].update(index=digest))


def flip(path, place, bits=1):
    data = bytearray(path.read_bytes())
    data[place] ^= bits
    path.write_bytes(data)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sealed_store_is_sound(stores, kind):
    assert verify(stores / f"{kind}.zarr") == []


def test_synthetic_kspace_agrees_with_its_magnitude(stores):
    assert verify(stores / "kspace.zarr", stores / "magnitude.zarr") == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_flipped_byte_goes_unnoticed(copy, kind):
    """Some 130 places over all files of every kind, any bits."""
    store, random = copy(kind), np.random.default_rng(7)
    for path in sorted(path for path in store.rglob("*") if path.is_file()):
        whole = path.read_bytes()
        for place in [0, len(whole) - 1, *random.integers(0, len(whole), 25)]:
            flip(path, int(place), int(random.integers(1, 256)))
            assert verify(store), f"{path} at {place}"
            path.write_bytes(whole)
    assert verify(store) == []


def test_a_byte_of_white_space_in_the_metadata_counts_too(copy):
    store = copy("magnitude")
    path = store / "zarr.json"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r", 1))
    assert json.loads(path.read_text())
    assert verify(store) == ["zarr.json: has changed since it was sealed (its digest differs)"]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (5, "row 0 has changed (CRC)"),
        (CHUNK + 5, "row 1 has changed (CRC)"),
        (CHUNK - 2, "row 0 has changed (CRC)"),
        (4 * CHUNK + 3, "the index at its end is not that of its chunks"),
        (4 * CHUNK + 4 * 16 + 1, "the index at its end is not that of its chunks"),
    ],
)
def test_every_region_of_a_shard(copy, place, expected):
    store = copy("magnitude")
    flip(store / FIRST, place)
    assert verify(store) == [f"{FIRST}: {expected}"]


def cut(path, size=-1):
    path.write_bytes(path.read_bytes()[:size])


def swap(store):
    (store / FIRST).rename(store / "x")
    (store / "c/1/0/0/0").rename(store / FIRST)
    (store / "x").rename(store / "c/1/0/0/0")


FILES = {
    "truncated": (lambda s: cut(s / FIRST), f"{FIRST}: 4179 bytes, where 4180 are due"),
    "empty": (lambda s: cut(s / FIRST, 0), f"{FIRST}: 0 bytes, where 4180 are due"),
    "longer": (
        lambda s: (s / LAST).write_bytes((s / LAST).read_bytes() + b"x"),
        f"{LAST}: 2125 bytes, where 2124 are due",
    ),
    "missing": (lambda s: (s / LAST).unlink(), f"{LAST}: is missing"),
    "no shards": (lambda s: shutil.rmtree(s / "c"), f"{LAST}: is missing"),
    "no folder": (shutil.rmtree, "there is no such folder"),
    "swapped": (swap, "row 0 is not the slice that the index has"),
    "beyond": (
        lambda s: shutil.copytree(s / "c/1", s / "c/3"),
        "c/3/0/0/0: is no shard of this store",
    ),
    "stray": (lambda s: (s / "c/0/x").touch(), "c/0/x: is no shard of this store"),
    "partial": (lambda s: (s / ".3.partial").mkdir(), ".3.partial: is left from a run"),
    "unfinished": (lambda s: (s / ".unfinished").mkdir(), ".unfinished: is left from a run"),
    "half an index": (lambda s: cut(s / "index.parquet"), "index.parquet: cannot be read"),
    "text as index": (
        lambda s: (s / "index.parquet").write_text("row,sha256"),
        "index.parquet: cannot be read",
    ),
    "no index": (lambda s: (s / "index.parquet").unlink(), "index.parquet: is missing"),
    "no seal": (lambda s: (s / "zarr.json").unlink(), "was never sealed"),
    "half a seal": (lambda s: cut(s / "zarr.json", 300), "zarr.json: is not that of a store"),
    "empty seal": (lambda s: cut(s / "zarr.json", 0), "zarr.json: is not that of a store"),
    "list as seal": (lambda s: (s / "zarr.json").write_text("[]"), "is not that of a store"),
    "deep seal": (lambda s: (s / "zarr.json").write_text("[" * 99999), "is not that of a store"),
    "binary seal": (lambda s: (s / "zarr.json").write_bytes(b"\xff\xfe"), "not that of a store"),
    "dangling link": (
        lambda s: ((s / FIRST).unlink(), (s / FIRST).symlink_to(s / "nowhere")),
        f"{FIRST}: cannot be read",
    ),
    "folder as shard": (
        lambda s: ((s / FIRST).unlink(), (s / FIRST).mkdir()),
        f"{FIRST}: is missing",
    ),
    "file as folder": (
        lambda s: (shutil.rmtree(s / "c"), (s / "c").touch()),
        f"{FIRST}: is missing",
    ),
    "folder as seal": (
        lambda s: ((s / "zarr.json").unlink(), (s / "zarr.json").mkdir()),
        "zarr.json: cannot be read",
    ),
}


@pytest.mark.parametrize("damage", FILES)
def test_damaged_files(copy, damage):
    store, (do, expected) = copy("magnitude"), FILES[damage]
    do(store)
    faults = verify(store)
    assert any(expected in fault for fault in faults), faults


def test_a_shard_of_another_store(copy, stores):
    """Of the same shape and whole, but with other values."""
    store = copy("kspace")
    shutil.copy(stores / "images.zarr" / FIRST, store / FIRST)
    faults = verify(store)
    assert [fault for fault in faults if "is not the slice that the index has" in fault]


def put(*keys, value):
    def change(document):
        for key in keys[:-1]:
            document = document[key]
        document[keys[-1]] = value

    return change


def drop_index_digest(document):
    del document["attributes"]["phasegen"]["index"]


SHARDING = ("codecs", 0, "configuration")
METADATA = {
    "version": (put("attributes", "phasegen", "format", value=9), "format 9, where 1 is known"),
    "kind": (put("attributes", "phasegen", "kind", value="film"), "no kind 'film'"),
    "kind of a list": (put("attributes", "phasegen", "kind", value=[]), "not that of a store"),
    "other kind": (put("attributes", "phasegen", "kind", value="mask"), "'data_type' is 'float32'"),
    "no attributes": (put("attributes", value={}), "not that of a store"),
    "no index digest": (drop_index_digest, "has no attribute 'index'"),
    "other index": (put("attributes", "phasegen", "index", value=5), "another SHA-256"),
    "zarr": (put("zarr_format", value=2), "'zarr_format' is 2, where 3 is due"),
    "group": (put("node_type", value="group"), "'node_type' is 'group'"),
    "axes": (put("dimension_names", value=list("abcd")), "'dimension_names' is"),
    "dtype": (put("data_type", value="float64"), "'data_type' is 'float64'"),
    "big-endian": (
        put(*SHARDING, "codecs", 0, value={"name": "bytes", "configuration": {"endian": "big"}}),
        "'codecs' is",
    ),
    "no checksum": (put(*SHARDING, "codecs", value=[]), "'codecs' is"),
    "index first": (put(*SHARDING, "index_location", value="start"), "'codecs' is"),
    "keys": (put("chunk_key_encoding", value={"name": "v2"}), "'chunk_key_encoding' is"),
    "fill": (put("fill_value", value=1.0), "'fill_value' is 1.0"),
    "more slices": (put("shape", 0, value=10**12), "where the array has 1000000000000 slices"),
    "wider": (put("shape", 3, value=10**12), "bytes, where"),
    "five axes": (put("shape", value=[10, 1, 16, 16, 2]), "5 axes, where magnitude has 4"),
    "no slices": (put("shape", 0, value=0), "is not that of a store"),
    "text shape": (put("shape", 0, value="10"), "is not that of a store"),
    "larger shards": (put("chunk_grid", "configuration", "chunk_shape", 0, value=10**9), "bytes"),
    "other key": (put("extra", value=1), "'extra' is no key of the format"),
}


@pytest.mark.parametrize("damage", METADATA)
def test_metadata_of_another_store(copy, damage):
    store, (change, expected) = copy("magnitude"), METADATA[damage]
    change_metadata(store, change)
    faults = verify(store)
    assert any(expected in fault for fault in faults), faults
    assert not any("digest" in fault for fault in faults)


@pytest.mark.parametrize("value", [None, 5, "x", "A" * 64, NO_DIGEST])
def test_a_digest_that_is_none(copy, value):
    store = copy("magnitude")
    document = json.loads((store / "zarr.json").read_text())
    document["attributes"]["phasegen"]["digest"] = value
    (store / "zarr.json").write_text(json.dumps(document))
    assert any("digest" in fault for fault in verify(store))


def edit(row, column, value):
    def change(index):
        index.loc[row, column] = value
        return index

    return change


INDEX = {
    "edited scale": (edit(3, "scale", np.float32(2)), "row 3 has the scale"),
    "edited checksum": (edit(3, "sha256", "0" * 64), "row 3 is not the slice"),
    "no checksum": (edit(3, "sha256", "?"), "row 3 has no SHA-256"),
    "row twice": (edit(3, "row", 2), "line 3 is row 2"),
    "slice twice": (edit(3, "slice", 2), "row 3 is the same slice as another"),
    "missing subject": (edit(3, "subject", None), "'subject' misses 1 values"),
    "a row more": (lambda i: pd.concat([i, i[-1:]]), "11 rows, where the array has 10 slices"),
    "a row less": (lambda i: i[:-1], "9 rows, where the array has 10 slices"),
    "shuffled": (lambda i: i.sample(frac=1, random_state=0), "line 0 is row"),
    "no column": (lambda i: i.drop(columns="scale"), "has no column 'scale'"),
    "no keys": (lambda i: i[["row"]], "has no column 'sha256'"),
    "dtype": (lambda i: i.astype({"scale": "float64"}), "'scale' is double, where float is due"),
    "text scale": (lambda i: i.astype({"scale": "str"}), "'scale' is string, where float is due"),
    "numbers as checksums": (lambda i: i.assign(sha256=1), "'sha256' is int64"),
    "text row": (lambda i: i.astype({"row": "str"}), "'row' is string, where int64 is due"),
}


@pytest.mark.parametrize("damage", INDEX)
def test_an_index_with_a_fault(copy, damage):
    store, (change, expected) = copy("magnitude"), INDEX[damage]
    change_index(store, change)
    faults = verify(store)
    assert any(expected in fault for fault in faults), faults
    assert not any("is not the file that was sealed" in fault for fault in faults)


def test_two_columns_of_one_name(copy):
    store = copy("magnitude")
    table = parquet.read_table(store / "index.parquet")
    parquet.write_table(table.append_column("row", table["row"]), store / "index.parquet")
    assert "index.parquet: cannot be read" in verify(store)[-1]


def test_an_index_that_was_edited_after_the_seal(copy):
    store = copy("magnitude")
    index = pd.read_parquet(store / "index.parquet")
    write_table(store / "index.parquet", edit(3, "pixel_row_mm", 9.0)(index))
    assert verify(store) == ["index.parquet: is not the file that was sealed (another SHA-256)"]


def test_an_index_of_another_store(copy, stores):
    store = copy("kspace")
    shutil.copy(stores / "magnitude.zarr" / "index.parquet", store / "index.parquet")
    faults = verify(store)
    assert any("another SHA-256" in fault for fault in faults)
    assert any("has no column 'magnitude_error'" in fault for fault in faults)


def test_each_kind_of_fault_is_listed_a_few_times_and_counted(copy):
    store = copy("magnitude")
    change_index(store, lambda index: index.assign(scale=np.float32(1)))
    faults = verify(store)
    assert len(faults) == LISTED + 1
    assert faults[-1] == "and 5 more: another scale"
