"""fastMRI layout: what fastMRI's own class reads, and what our reader reads back."""

import warnings

import h5py
import numpy as np
import pytest

from phasegen.fourier import to_image, to_kspace
from phasegen.sources.fastmri import FastmriReader
from phasegen.steps.export import export


def dataset(folder, challenge):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its imports warn
        from fastmri.data import SliceDataset
    return SliceDataset(folder, challenge, dataset_cache_file=folder.parent / "cache.pkl")


@pytest.mark.parametrize(("coils", "challenge"), [(1, "singlecoil"), (3, "multicoil")])
def test_the_class_of_fastmri_reads_the_values_of_the_store(make_store, tmp_path, coils, challenge):
    store, data = make_store(coils=coils)
    export(store, tmp_path / "out", "fastmri")
    samples = list(dataset(tmp_path / "out" / challenge, challenge))
    assert len(samples) == len(data)
    for expected, (kspace, mask, target, attributes, *_) in zip(data, samples, strict=True):
        np.testing.assert_array_equal(kspace, expected[0] if coils == 1 else expected)
        image = np.sqrt(np.sum(np.abs(to_image(expected)) ** 2, axis=0))
        np.testing.assert_allclose(target, image, rtol=1e-5)
        assert (kspace.dtype, target.dtype, mask) == (np.complex64, np.float32, None)
        # nothing is padded: all columns are measured
        assert (attributes["padding_left"], attributes["padding_right"]) == (0, 10)
        assert attributes["encoding_size"] == attributes["recon_size"] == (12, 10, 1)


def test_attributes_are_those_of_the_volume(make_store, tmp_path):
    store, _ = make_store()
    export(store, tmp_path / "out", "fastmri")
    with h5py.File(tmp_path / "out" / "singlecoil" / "sub-2_GRE.h5") as file:
        image = file["reconstruction_esc"][:]
        assert file.attrs["max"] == image.max()
        assert file.attrs["norm"] == pytest.approx(np.linalg.norm(image.ravel()), rel=1e-6)
        assert (file.attrs["patient_id"], file.attrs["acquisition"]) == ("sub-2", "sub-2_GRE")


@pytest.mark.parametrize("coils", [1, 2])
def test_our_reader_reads_it_back(make_store, tmp_path, coils):
    store, data = make_store(coils=coils, kind="images")
    export(store, tmp_path / "out", "fastmri")
    (path,) = (tmp_path / "out").glob("*/sub-1_T1w.h5")
    header = FastmriReader().read_header(path)
    assert (header.slices, header.coils) == (5, coils)
    assert header.shape == header.recon_shape == (12, 10)
    assert header.spacing_mm == pytest.approx((1.5, 2.0))
    assert header.slice_spacing_mm == pytest.approx(3.0)
    assert header.facts["patient_id"] == "sub-1"
    np.testing.assert_array_equal(FastmriReader().read_slices(path), to_kspace(data[:5]))


def test_the_same_store_gives_the_same_bytes(make_store, tmp_path):
    store, _ = make_store()
    for name in ("one", "two"):
        export(store, tmp_path / name, "fastmri")
    one, two = (tmp_path / name / "singlecoil" / "sub-1_T1w.h5" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
