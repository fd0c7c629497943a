"""Split tables: written from two stores, read back with checks, fed to a network."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from phasegen.data.mixed import rows_of
from phasegen.data.sourced import SourcedSlices
from phasegen.errors import UserError
from phasegen.fourier import to_kspace
from phasegen.steps.mixed_split import mixed_split, read_split, reconstruction_subjects

from ..sealed import complex_slices, seal_slices

SUBJECTS = tuple("abcde")


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """Five subjects of six slices; slice 7 is empty in the images alone."""
    folder = tmp_path_factory.mktemp("mixed")
    images = complex_slices(30)
    kspace = to_kspace(images).astype(np.complex64)
    images[7] = 0
    original = seal_slices(folder / "images.zarr", "images", images, 8, SUBJECTS, "raw")
    synthetic = seal_slices(folder / "kspace.zarr", "kspace", kspace, 8, SUBJECTS, "heads")
    return {"original": original, "phasegen": synthetic}


def write(stores, table, share=10, seed=1, number=1):
    mixed_split(*stores.values(), "phasegen", 0.2, share, seed, number, table)
    return read_split(table)


def test_validation_subjects_and_empty_slices_are_out(stores, tmp_path):
    split = write(stores, tmp_path / "split.parquet")
    parts = reconstruction_subjects(stores["phasegen"], 0.2, 1)
    assert parts == reconstruction_subjects(stores["original"], 0.2, 1)
    assert len(parts["validation"]) == 1 and len(parts["train"]) == 4
    assert set(split["subject"]) == set(parts["train"]) and 7 not in set(split["row"])
    assert len(split) == 24 - ("b" in parts["train"])


def test_shares_of_a_seed_are_nested_and_numbers_differ(stores, tmp_path):
    def taken(share, number=1):
        split = write(stores, tmp_path / "split.parquet", share, number=number)
        return set(rows_of(split, "original")["row"])

    shares = [taken(share) for share in (0.1, 1, 5, 10, 15, 20, 100)]
    assert len(shares[0]) == 1 and len(shares[-1]) >= 23
    assert all(small <= large for small, large in pairwise(shares))
    assert len({frozenset(taken(20, number)) for number in range(5)}) > 1


def test_one_slice_is_labelled(stores, tmp_path):
    split = write(stores, tmp_path / "split.parquet", 0.1)
    assert set(split["label"]) == {"under 2 slices"} and set(split["share"]) == {0.1}
    assert split["realised"].iloc[0] == 100 / len(split)


def test_the_same_table_again_is_the_same_file(stores, tmp_path):
    write(stores, tmp_path / "a.parquet")
    write(stores, tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_network_is_fed_by_it(stores, tmp_path):
    split = write(stores, tmp_path / "split.parquet", 20)
    assert len(SourcedSlices(stores, split)) == len(split)
    only = SourcedSlices(stores, rows_of(split, "original"))
    assert set(only.table["store"]) == {str(stores["original"])}


def test_other_slices_are_refused_and_nothing_is_written(stores, tmp_path):
    few = seal_slices(tmp_path / "few.zarr", "images", complex_slices(24), 8, SUBJECTS[:4])
    with pytest.raises(UserError, match=r"few\.zarr has 24 slices, but .*kspace\.zarr has 30"):
        write({"original": few, "phasegen": stores["phasegen"]}, tmp_path / "split.parquet")
    assert not (tmp_path / "split.parquet").exists()


def test_a_missing_and_a_broken_file_are_named(tmp_path):
    with pytest.raises(UserError, match=r"split\.parquet: there is no such split; make it by rule"):
        read_split(tmp_path / "split.parquet")
    (tmp_path / "split.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(UserError, match=r"split\.parquet cannot be read as a split .* again"):
        read_split(tmp_path / "split.parquet")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda split: split.drop(columns="source"), "it has no column 'source'"),
        (lambda split: split.iloc[:0], "it has no rows"),
        (lambda split: pd.concat([split, split]), "one stands twice"),
        (lambda split: split.assign(row=split["row"].astype(str)), "no whole numbers"),
        (lambda split: split.assign(share=range(len(split))), "is not one"),
        (lambda split: split.assign(source="original"), "states another share"),
        (lambda split: split.iloc[:-1], "states another share"),
        (lambda split: split.assign(label="under 2 slices"), "states another share"),
    ],
)
def test_a_table_that_was_changed_is_refused(stores, tmp_path, change, message):
    path = tmp_path / "split.parquet"
    change(write(stores, path, 20)).to_parquet(path, index=False)
    with pytest.raises(UserError, match=rf"split\.parquet is no split: .*{message}.*make it again"):
        read_split(path)
