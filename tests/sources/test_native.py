import numpy as np
import pandas as pd
import pytest

from phasegen.fourier import to_image
from phasegen.settings import Cohort
from phasegen.sources import native
from phasegen.sources.scan import scan


def cohort(path, turn="0", slices=""):
    return Cohort(name="c", role="test", reader="fastmri", path=str(path), turn=turn, slices=slices)


@pytest.fixture
def raw(write_h5):
    parts = np.random.default_rng(0).normal(size=(2, 5, 3, 12, 10)).astype(np.float32)
    kspace = parts[0] + 1j * parts[1]
    return write_h5("a.h5", kspace=kspace, reconstruction_rss=np.zeros((5, 8, 10))), kspace


def test_pieces_make_no_difference(raw, monkeypatch):
    path, _ = raw
    row = cohort(path)
    whole = native.read_native(row, scan(row))
    monkeypatch.setattr(native, "PIECE_BYTES", 1)
    np.testing.assert_array_equal(native.read_native(row, scan(row)), whole)
    assert whole.shape == (5, 8, 10)
    assert whole.dtype == np.float32


def test_one_coil_is_its_magnitude(write_h5, kspace):
    row = cohort(write_h5("a.h5", kspace=kspace))
    np.testing.assert_allclose(
        native.read_native(row, scan(row)), np.abs(to_image(kspace)), rtol=1e-6
    )


def test_a_volume_is_read_from_its_first_chosen_slice_to_the_last(raw):
    whole = native.read_native(cohort(raw[0]), scan(cohort(raw[0])))
    row = cohort(raw[0], slices="1::2")
    np.testing.assert_array_equal(native.read_native(row, scan(row)), whole[1:4])
    mask = np.zeros((3, 8, 10), bool)
    mask[2] = True
    assert native.to_store_grid(mask, row, scan(row), 8).any(axis=(1, 2)).tolist() == [False, True]


def test_a_turned_volume_turns_its_pixels_too(raw):
    row = cohort(raw[0], turn="90")
    table = scan(row).assign(spacing_row_mm=2.0, spacing_column_mm=3.0, spacing_slice_mm=np.nan)
    assert native.read_native(row, table).shape == (5, 10, 8)
    assert native.native_spacing(row, table) == (native.UNKNOWN_SLICE, 3.0, 2.0)


def test_an_unknown_pixel_is_of_a_square_field_of_view(raw):
    table = scan(cohort(raw[0]))
    assert native.native_spacing(cohort(raw[0]), table)[1:] == (240 / 8, 240 / 10)


def test_masks_come_back_unturned_and_turned_again():
    rows = pd.DataFrame({"slice": [0], "spacing_row_mm": [1.0], "spacing_column_mm": [1.0]})
    mask = np.random.default_rng(0).random((1, 8, 8)) > 0.5
    for turn in ("0", "90", "180", "270"):
        np.testing.assert_array_equal(native.to_store_grid(mask, cohort("x", turn), rows, 8), mask)
