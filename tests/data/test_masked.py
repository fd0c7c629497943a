"""Slices with masks: paired by what they are, whatever the stores' order and names."""

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from phasegen.data.loading import reading
from phasegen.data.masked import MaskedSlices
from phasegen.errors import UserError
from phasegen.fourier import to_kspace

from ..sealed import complex_slices, seal_slices

SUBJECTS = ("a", "b", "c")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Images of three subjects, their k-space, and masks of the first two slices of each."""
    folder = tmp_path_factory.mktemp("masked")
    images = complex_slices(12)
    seal_slices(folder / "images.zarr", "images", images, 5, SUBJECTS, "raw")
    kspace = to_kspace(images).astype(np.complex64)
    seal_slices(folder / "kspace.zarr", "kspace", kspace, 5, SUBJECTS, "heads")
    masks = np.abs(images) > np.arange(12)[:, None, None, None] / 12
    seal_slices(folder / "mask.zarr", "mask", masks, 4, SUBJECTS, "heads")
    return folder


@pytest.mark.parametrize("store", ["images.zarr", "kspace.zarr"])
def test_a_slice_comes_with_its_own_mask(folder, store):
    slices = MaskedSlices(folder / store, folder / "mask.zarr", ["a", "c"])
    assert set(slices.identities["subject"]) == {"a", "c"}
    for place in range(len(slices)):
        values, _ = slices[place]
        row = slices.table["row"][place]
        image, mask = values[0].numpy() * slices.scale[place], values[1].numpy()
        np.testing.assert_allclose(image, complex_slices(12)[row, 0], atol=1e-6)
        np.testing.assert_array_equal(mask, np.abs(complex_slices(12)[row, 0]) > row / 12)


def test_a_batch_is_read_in_any_order_and_by_other_processes(folder):
    slices = MaskedSlices(folder / "kspace.zarr", folder / "mask.zarr", SUBJECTS)
    alone = torch.stack([slices[row][0] for row in range(12)])
    loader = DataLoader(slices, batch_size=12, sampler=[7, 2, 11], **reading(1))
    (values, rows), *_ = loader
    assert rows.tolist() == [7, 2, 11]
    torch.testing.assert_close(values, alone[rows])


def test_a_slice_that_has_a_mask_and_no_image_is_refused(folder, tmp_path):
    seal_slices(tmp_path / "few.zarr", "images", complex_slices(9), 5, SUBJECTS, "raw")
    with pytest.raises(UserError, match=r"few.zarr has no slice 3 of a, a_T1w"):
        MaskedSlices(tmp_path / "few.zarr", folder / "mask.zarr", SUBJECTS)


def test_several_coils_are_refused(folder, tmp_path):
    images = complex_slices(12, coils=2)
    seal_slices(tmp_path / "coils.zarr", "images", images, 5, SUBJECTS, "raw")
    with pytest.raises(UserError, match="2 coils"):
        MaskedSlices(tmp_path / "coils.zarr", folder / "mask.zarr", SUBJECTS)
