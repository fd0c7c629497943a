"""Slices from the store that their row of a table names."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch.utils.data import DataLoader

from phasegen.data.loading import reading
from phasegen.data.sourced import SourcedSlices, check_same_slices, slices_of
from phasegen.errors import UserError
from phasegen.fourier import to_kspace

from ..sealed import complex_slices, seal_slices

SUBJECTS = ("a", "b", "c")
IMAGES = complex_slices(12)
SYNTHETIC = (np.abs(IMAGES) * np.exp(2j * np.pi * np.abs(complex_slices(12, seed=1)))).astype("c8")


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """Images, and k-space of the same magnitudes with another phase; slice 5 is empty."""
    folder = tmp_path_factory.mktemp("sourced")
    full = (np.arange(12) != 5)[:, None, None, None]
    kspace = to_kspace(SYNTHETIC * full)
    original = seal_slices(folder / "images.zarr", "images", IMAGES * full, 5, SUBJECTS, "raw")
    synthetic = seal_slices(folder / "kspace.zarr", "kspace", kspace, 4, SUBJECTS, "heads")
    return {"original": original, "phasegen": synthetic}


def chosen(stores, sources):
    """All slices of the store, from alternating ``sources``."""
    table = slices_of(stores["original"], SUBJECTS, "original")
    return table.assign(source=np.resize(sources, len(table)))


def test_each_slice_is_from_its_own_store_at_the_scale_of_that_one(stores):
    slices = SourcedSlices(stores, chosen(stores, ["original", "phasegen", "phasegen"]))
    values, rows = slices.__getitems__(range(11)).batch
    assert values.dtype == torch.complex64 and values.shape == (11, 1, 8, 8)
    assert rows.tolist() == list(range(11)) and 5 not in set(slices.table["row"])
    for value, place in zip(values.numpy(), slices.table.itertuples(), strict=True):
        due = {"original": IMAGES, "phasegen": SYNTHETIC}[place.source][place.row]
        np.testing.assert_allclose(value * place.scale, due, atol=1e-6)


def test_a_batch_names_its_slices_in_any_order_and_from_other_processes(stores):
    slices = SourcedSlices(stores, chosen(stores, ["phasegen", "original"]))
    alone = torch.stack([slices[row][0] for row in range(11)])
    (values, rows), *_ = DataLoader(slices, batch_size=11, sampler=[7, 2, 9], **reading(1))
    assert rows.tolist() == [7, 2, 9]
    torch.testing.assert_close(values, alone[rows])
    names = slices.identities.iloc[rows.tolist()]
    assert names["subject"].tolist() == ["c", "a", "c"] and names["slice"].tolist() == [0, 2, 2]


def test_one_store_is_a_table_of_one_source(stores):
    table = slices_of(stores["phasegen"], ["a", "c"], "phasegen")
    slices = SourcedSlices({"phasegen": stores["phasegen"]}, table)
    assert slices.identities["subject"].tolist() == ["a"] * 4 + ["c"] * 4
    np.testing.assert_allclose(
        slices[0][0].numpy() * slices.scale[0], SYNTHETIC[slices.table["row"][0]], atol=1e-6
    )


def test_the_order_is_that_of_the_table(stores):
    table = chosen(stores, ["phasegen"]).iloc[::-1]
    assert SourcedSlices(stores, table).table["row"].tolist() == table["row"].tolist()


def test_a_source_without_a_store_is_named(stores):
    with pytest.raises(UserError, match="of the source 'naive', but no store"):
        SourcedSlices(stores, chosen(stores, ["naive"]))


@pytest.mark.parametrize("change", [{"subject": "z"}, {"slice": 99}, {"row": 400}])
def test_a_split_of_other_data_is_told(stores, change):
    table = chosen(stores, ["phasegen"])
    table.loc[3, list(change)] = list(change.values())
    with pytest.raises(UserError, match=r"kspace\.zarr: row \d+ is not slice .* make it again"):
        SourcedSlices(stores, table)


def test_nothing_but_empty_slices_is_told(stores):
    table = pd.DataFrame({"row": [5], "subject": "b", "series": "b_T1w", "slice": 1})
    with pytest.raises(UserError, match="all slices that are asked for are empty"):
        SourcedSlices(stores, table.assign(source="original"))


def test_masks_and_coils_are_no_images(tmp_path):
    masks = seal_slices(tmp_path / "mask.zarr", "mask", np.ones((3, 1, 8, 8), bool), 4)
    with pytest.raises(UserError, match=r"mask\.zarr holds mask, where images or kspace"):
        SourcedSlices({"x": masks}, slices_of(masks, ["s"], "x"))
    coils = seal_slices(tmp_path / "coils.zarr", "images", complex_slices(3, coils=2), 4)
    with pytest.raises(UserError, match="2 coils"):
        SourcedSlices({"x": coils}, slices_of(coils, ["s"], "x"))


def test_a_store_without_scales_is_named(tmp_path):
    store = seal_slices(tmp_path / "images.zarr", "images", complex_slices(3), 4)
    index = pd.read_parquet(store / "index.parquet")
    index.drop(columns="scale").to_parquet(store / "index.parquet", index=False)
    with pytest.raises(UserError, match=r"images\.zarr: its index has no column 'scale'"):
        slices_of(store, ["s"], "x")


def test_subjects_that_are_not_there_are_told(stores):
    with pytest.raises(UserError, match=r"images\.zarr has no filled slice of the 1 subjects"):
        slices_of(stores["original"], ["z"], "original")


def test_stores_of_the_same_slices_pass(stores):
    check_same_slices(*stores.values())


@pytest.mark.parametrize(
    ("count", "subjects", "message"),
    [
        (12, "acb", r"row 4 is slice 0 of b, b_T1w in .*images\.zarr, but slice 0 of c, c_T1w in"),
        (3, "a", r"images\.zarr has 12 slices, but .*other\.zarr has 3; they must hold the same"),
    ],
)
def test_stores_of_other_slices_are_told_with_the_remedy(
    stores, tmp_path, count, subjects, message
):
    other = seal_slices(
        tmp_path / "other.zarr", "images", complex_slices(count), 5, list(subjects), "raw"
    )
    with pytest.raises(UserError, match=message) as error:
        check_same_slices(stores["original"], other)
    assert "make both stores again" in str(error.value)
