"""Slices of stores, a batch at a time: the right ones, or an error that names the file."""

import pickle

import numpy as np
import pandas as pd
import pytest
import torch

from phasegen.data import stored
from phasegen.data.slices import ImageSlices
from phasegen.data.stored import StoredSlices
from phasegen.errors import UserError
from phasegen.paths import shard_key
from phasegen.store.seal import DamagedStore

from ..sealed import complex_slices, seal_slices


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores")
    return [
        seal_slices(folder / "a.zarr", "images", complex_slices(10), 4, ("s1", "s2"), "a"),
        seal_slices(folder / "b.zarr", "images", complex_slices(7, seed=1), 3, ("s1",), "b"),
    ]


EVERYTHING = np.concatenate([complex_slices(10), complex_slices(7, seed=1)])


def test_a_batch_over_two_stores_comes_in_the_order_asked_for(stores):
    data = StoredSlices(stores)
    rows = [16, 0, 11, 3, 10, 9, 3]
    values, found = data.__getitems__(rows).batch
    assert values.dtype == torch.complex64 and found.tolist() == rows
    np.testing.assert_array_equal(values, EVERYTHING[rows])
    one, row = data[12]
    np.testing.assert_array_equal(one, EVERYTHING[12])
    assert row == 12 and len(data) == 17


def test_a_row_is_where_the_table_says(stores):
    data = StoredSlices(stores)
    columns = ["cohort", "subject", "series", "slice", "store", "row", "scale"]
    assert list(data.table) == columns
    assert list(data.identities) == columns[:4]
    for row in (0, 9, 10, 16):
        told = data.table.iloc[row]
        assert told["store"] == str(stores[row >= 10])
        np.testing.assert_array_equal(EVERYTHING[row], EVERYTHING[10 * (row >= 10) + told["row"]])


@pytest.mark.parametrize("as_file", [False, True])
def test_a_split_takes_its_subjects_of_their_cohort(stores, tmp_path, as_file):
    split = pd.DataFrame(
        [("a", "s1", "train"), ("a", "s2", "validation"), ("b", "s1", "validation")],
        columns=["cohort", "subject", "part"],
    )
    if as_file:
        split.to_csv(tmp_path / "split.tsv", sep="\t", index=False)
        split = tmp_path / "split.tsv"
    train, validation = (StoredSlices(stores, split, part) for part in ("train", "validation"))
    np.testing.assert_array_equal(train.__getitems__(range(5)).batch[0], EVERYTHING[:5])
    np.testing.assert_array_equal(validation.__getitems__(range(12)).batch[0], EVERYTHING[5:])
    with pytest.raises(UserError, match="no slice of the part 'test'"):
        StoredSlices(stores, split, "test")


@pytest.mark.parametrize(("kind", "dtype"), [("magnitude", np.float32), ("mask", bool)])
def test_real_kinds_keep_their_dtype(tmp_path, kind, dtype):
    values = np.abs(complex_slices(5)).astype(dtype)
    data = StoredSlices([seal_slices(tmp_path / "m.zarr", kind, values, 2)])
    found = data.__getitems__([4, 1]).batch[0].numpy()
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, values[[4, 1]])


@pytest.mark.parametrize("ahead", [0, 1, 2, 9])
def test_reading_ahead_changes_no_batch(stores, monkeypatch, ahead):
    monkeypatch.setattr(stored, "AHEAD", ahead)
    batches = [[3, 1], [16], [2, 12, 5], [7]]
    found = [items.batch for items in StoredSlices(stores).read_ahead(batches)]
    assert [rows.tolist() for _, rows in found] == batches
    for rows, (values, _) in zip(batches, found, strict=True):
        np.testing.assert_array_equal(values, EVERYTHING[rows])


def test_a_dataset_that_has_read_can_be_sent(stores):
    data = StoredSlices(stores)
    data[0]
    again = pickle.loads(pickle.dumps(data))
    np.testing.assert_array_equal(again[13][0], data[13][0])


def test_stores_that_do_not_go_together_are_refused(stores, tmp_path):
    larger = seal_slices(tmp_path / "c.zarr", "images", complex_slices(3, size=16), 2)
    kspace = seal_slices(tmp_path / "d.zarr", "kspace", complex_slices(3), 2)
    for other in (larger, kspace):
        with pytest.raises(UserError, match=r"(c|d)\.zarr holds .* cannot be in one batch"):
            StoredSlices([*stores, other])
    with pytest.raises(UserError, match="images are due"):
        ImageSlices([kspace])


@pytest.mark.parametrize("fault", ["flipped", "cut", "gone"])
def test_a_damaged_shard_is_named_when_it_is_read(tmp_path, fault):
    store = seal_slices(tmp_path / "a.zarr", "images", complex_slices(10), 4)
    file = store / shard_key(1)
    content = bytearray(file.read_bytes())
    content[70] ^= 1
    data = StoredSlices([store])
    {
        "flipped": lambda: file.write_bytes(content),
        "cut": lambda: file.write_bytes(content[:600]),
        "gone": file.unlink,
    }[fault]()
    with pytest.raises(DamagedStore, match="c/1/0/0/0") as error:
        data.__getitems__([0, 4, 9])
    assert len(str(error.value).splitlines()) == 1
    np.testing.assert_array_equal(data[9][0], complex_slices(10)[9])


def test_images_are_what_they_were_in_memory(tmp_path):
    """Bit for bit: scaled by the scale of the index, empty slices left out."""
    values = complex_slices(9) * np.float32(37)
    values[[0, 4]] = 0
    data = ImageSlices([seal_slices(tmp_path / "a.zarr", "images", values, 4)])
    filled = [1, 2, 3, 5, 6, 7, 8]
    scale = data.table["scale"].to_numpy()
    expected = (values[filled] / scale[:, None, None, None]).astype(np.complex64)
    found, rows = data.__getitems__(range(7)).batch
    assert rows.tolist() == list(range(7)) and data.identities["slice"].tolist() == filled
    np.testing.assert_array_equal(found, expected)
    empty = seal_slices(tmp_path / "e.zarr", "images", 0 * values, 4)
    with pytest.raises(UserError, match="empty"):
        ImageSlices([empty])
