import numpy as np
import pytest

from phasegen.sources.base import BadFile
from phasegen.sources.registry import reader
from phasegen.sources.volumes import read_mask, read_volume


def test_a_good_volume_comes_as_the_reader_gives_it(write_nifti, write_h5, head, kspace):
    volume = read_volume(reader("nifti"), write_nifti("v.nii", head))
    np.testing.assert_array_equal(volume, head[:, ::-1].T)
    raw = read_volume(reader("fastmri"), write_h5("v.h5", kspace=kspace))
    np.testing.assert_array_equal(raw[:, 0], kspace)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({(0, 0, 0): np.nan, (1, 1, 1): np.inf}, "2 of 315 values are NaN or infinite"),
        ({...: 0}, "all values are zero"),
        ({(0, 0, 0): -2.5}, "1 of 315 values are negative, down to -2.5"),
    ],
)
def test_bad_magnitudes_are_refused(write_nifti, head, change, reason):
    for index, value in change.items():
        head[index] = value
    with pytest.raises(BadFile, match=rf"v\.nii\.gz: {reason}"):
        read_volume(reader("nifti"), write_nifti("v.nii.gz", head))


def test_values_beyond_float32_are_refused(write_nifti, head):
    with pytest.raises(BadFile, match="NaN or infinite"):
        read_volume(reader("nifti"), write_nifti("v.nii", head.astype(np.float64) * 1e300))


@pytest.mark.parametrize(("value", "reason"), [(np.nan, "360 of 360"), (0, "all values are zero")])
def test_bad_raw_data_are_refused(write_h5, kspace, value, reason):
    with pytest.raises(BadFile, match=rf"v\.h5: {reason}"):
        read_volume(reader("fastmri"), write_h5("v.h5", kspace=np.full_like(kspace, value)))


def test_empty_mask_is_refused(write_nifti, head):
    with pytest.raises(BadFile, match=r"m\.nii: the mask is empty"):
        read_mask(write_nifti("m.nii", head * 0))
    assert read_mask(write_nifti("n.nii", head)).sum() == np.count_nonzero(head)
