import gzip

import nibabel
import numpy as np
import pytest

from phasegen.sources.base import BadFile
from phasegen.sources.gzipped import BEST_RATIO, holds
from phasegen.sources.nifti import NiftiReader

READER = NiftiReader()
NOISE = np.random.default_rng(1).integers(0, 4000, (30, 31, 20)).astype(np.int16)


@pytest.mark.parametrize("codes", ["RAS", "LPI", "LAS", "RPS", "ASR", "PIL", "SLA", "IRP"])
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_every_orientation_gives_the_same_slices(write_nifti, head, codes, suffix):
    path = write_nifti(f"v{suffix}", head, codes)
    volume, header = READER.read_slices(path), READER.read_header(path)
    expected = np.zeros((5, 9, 7), np.float32)
    for x, y, z in np.ndindex(head.shape):
        expected[z, 9 - 1 - y, x] = head[x, y, z]
    assert volume.dtype == np.float32
    np.testing.assert_array_equal(volume, expected)
    assert (header.slices, header.coils, header.shape) == (5, 1, (9, 7))
    assert header.spacing_mm == pytest.approx((3, 2))
    assert header.slice_spacing_mm == pytest.approx(4)
    assert header.facts == {"orientation": codes}


def test_oblique_goes_to_the_nearest_axes(write_nifti, head):
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(0.2), -np.sin(0.2)], [np.sin(0.2), np.cos(0.2)]]
    path = write_nifti("v.nii", head, affine=turn @ np.diag([2.0, 3.0, 4.0, 1.0]))
    np.testing.assert_array_equal(READER.read_slices(path), head[:, ::-1].T)
    assert READER.read_header(path).spacing_mm == pytest.approx((3, 2))


def test_a_range_of_slices_and_a_scaled_file(tmp_path, head):
    image = nibabel.Nifti1Image((head * 100).astype(np.int16), np.eye(4))
    image.header.set_slope_inter(0.01, 0)
    image.to_filename(tmp_path / "v.nii.gz")
    part = READER.read_slices(tmp_path / "v.nii.gz", 1, 3)
    np.testing.assert_allclose(part, head[:, ::-1].T[1:3], atol=1e-6)


@pytest.mark.parametrize(("unit", "factor"), [("mm", 1), ("meter", 1000), ("micron", 0.001)])
def test_lengths_are_millimetres(tmp_path, head, unit, factor):
    image = nibabel.Nifti1Image(head, np.diag([2.0, 3.0, 4.0, 1.0]))
    image.header.set_xyzt_units(unit)
    image.to_filename(tmp_path / "v.nii")
    spacing = READER.read_header(tmp_path / "v.nii").spacing_mm
    assert spacing == pytest.approx((3 * factor, 2 * factor))


def test_one_frame_of_4d_is_a_volume(write_nifti, head):
    path = write_nifti("v.nii.gz", head[..., None])
    assert READER.read_header(path).slices == 5
    np.testing.assert_array_equal(READER.read_slices(path), head[:, ::-1].T)


def test_mask_is_what_lies_above_zero(write_nifti, head):
    mask = READER.read_mask(write_nifti("m.nii.gz", head, "LPI"))
    assert mask.dtype == bool
    np.testing.assert_array_equal(mask, head[:, ::-1].T > 0)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_truncated_is_refused_by_its_header(write_nifti, share, suffix):
    path = write_nifti(f"v{suffix}", NOISE)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BadFile, match=r"v\.nii.*: (truncated|not a NIfTI)"):
        READER.read_header(path)


def test_only_the_last_bytes_missing(write_nifti):
    path = write_nifti("v.nii.gz", NOISE)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(BadFile, match="truncated"):
        READER.read_header(path)


def test_several_gzip_members_are_one_file(write_nifti):
    path = write_nifti("v.nii.gz", NOISE)
    plain = gzip.decompress(path.read_bytes())
    members = [gzip.compress(part) for part in (plain[:9000], plain[9000:], b"")]
    path.write_bytes(b"".join(members))
    np.testing.assert_array_equal(READER.read_slices(path), NOISE[:, ::-1].T)
    path.write_bytes(members[0] + members[2])
    with pytest.raises(BadFile, match="truncated"):
        READER.read_header(path)


def test_a_claim_beyond_all_compression_unpacks_nothing(tmp_path, monkeypatch):
    path = tmp_path / "bomb.nii.gz"
    path.write_bytes(gzip.compress(bytes(1000)))
    monkeypatch.setattr(gzip, "open", lambda *_: pytest.fail("unpacked"))
    assert not holds(path, path.stat().st_size * BEST_RATIO + 1)
    assert holds(path, 1000)


def test_more_data_than_claimed_is_not_unpacked_to_the_end(tmp_path):
    path = tmp_path / "v.nii.gz"
    path.write_bytes(gzip.compress(bytes(1 << 26)))
    assert holds(path, 1000)


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros((4, 5, 6, 2), np.float32), r"4D \(4 x 5 x 6 x 2\)"),
        (np.zeros((4, 5), np.float32), "2D"),
        (np.zeros((4, 5, 6), np.complex64), "complex voxels"),
        (np.zeros((4, 5, 6), [("R", "u1"), ("G", "u1"), ("B", "u1")]), "RGB voxels"),
    ],
)
def test_what_is_no_magnitude_volume_is_refused(tmp_path, array, reason):
    nibabel.Nifti1Image(array, np.eye(4)).to_filename(tmp_path / "v.nii.gz")
    with pytest.raises(BadFile, match=rf"v\.nii\.gz: {reason}"):
        READER.read_header(tmp_path / "v.nii.gz")


@pytest.mark.parametrize("dims", [(4, -5, 6), (0, 5, 6), (30000, 30000, 30000)])
def test_absurd_dimensions_are_refused(write_nifti, head, dims):
    path = write_nifti("v.nii", head)
    content = bytearray(path.read_bytes())
    content[42:48] = np.array(dims, "<i2").tobytes()
    path.write_bytes(content)
    with pytest.raises(BadFile, match="absurd shape"):
        READER.read_header(path)


def test_singular_affine_is_refused(tmp_path, head):
    image = nibabel.Nifti1Image(head, np.eye(4))
    image.header["srow_x"] = image.header["srow_y"]
    image.header["sform_code"] = 1
    image = nibabel.Nifti1Image(head, None, image.header)
    image.to_filename(tmp_path / "v.nii")
    with pytest.raises(BadFile, match="affine is singular"):
        READER.read_header(tmp_path / "v.nii")


def test_damaged_data_are_named_on_reading(write_nifti):
    path = write_nifti("v.nii.gz", NOISE)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    READER.read_header(path)
    with pytest.raises(BadFile, match="data cannot be read"):
        READER.read_slices(path)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.nii", b"", "not a NIfTI"),
        ("a.nii.gz", b"no gzip at all", "not a NIfTI"),
        ("a.txt", b"text", "does not end in"),
    ],
)
def test_other_files_are_refused(tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadFile, match=reason):
        READER.read_header(tmp_path / name)


def test_missing_file_and_broken_link(tmp_path):
    (tmp_path / "link.nii").symlink_to(tmp_path / "gone.nii")
    with pytest.raises(BadFile, match="a link to a file that is not there"):
        READER.read_header(tmp_path / "link.nii")
    with pytest.raises(BadFile, match="no such file"):
        READER.read_header(tmp_path / "gone.nii")


@pytest.mark.parametrize(
    ("values", "inside"),
    [
        ([0, 0.2, 0.6, 1], [False, False, True, True]),
        ([0, 1, 1, 0], [False, True, True, False]),
        ([0, 1, 2, 7], [False, True, True, True]),
        ([0, 0, 0, 255], [False, False, False, True]),
    ],
)
def test_a_mask_is_of_labels_or_of_probabilities(write_nifti, values, inside):
    array = np.array(values, np.float32).reshape(4, 1, 1)
    mask = READER.read_mask(write_nifti("m.nii", array))
    assert mask.ravel().tolist() == inside
