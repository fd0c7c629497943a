import zipfile

import numpy as np
import pytest

from phasegen.sources.base import BadFile
from phasegen.sources.numpy_file import NumpyReader

READER = NumpyReader()
IMAGE = np.random.default_rng(2).integers(0, 200, (4, 6, 5))


@pytest.mark.parametrize("dtype", ["c8", ">c8", "c16"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_complex_is_raw(tmp_path, kspace, dtype, order):
    path = tmp_path / "v.npy"
    np.save(path, np.asarray(kspace, dtype, order=order))
    header, data = READER.read_header(path), READER.read_slices(path)
    assert (header.role, header.slices, header.coils) == ("raw", 3, 1)
    assert header.shape == header.recon_shape == (12, 10)
    assert header.spacing_mm is None
    assert (data.dtype, data.shape) == (np.complex64, (3, 1, 12, 10))
    assert data.dtype.isnative
    np.testing.assert_array_equal(data[:, 0], kspace)
    np.testing.assert_array_equal(READER.read_slices(path, 1, 3), data[1:3])


def test_four_axes_have_coils_and_two_are_a_slice(tmp_path, kspace):
    coils = np.stack([kspace, 2 * kspace], axis=1)
    np.save(tmp_path / "m.npy", coils)
    assert READER.read_header(tmp_path / "m.npy").coils == 2
    np.testing.assert_array_equal(READER.read_slices(tmp_path / "m.npy", 2), coils[2:])
    np.save(tmp_path / "s.npy", kspace[0])
    header = READER.read_header(tmp_path / "s.npy")
    assert (header.slices, header.coils, header.shape) == (1, 1, (12, 10))
    np.testing.assert_array_equal(READER.read_slices(tmp_path / "s.npy"), kspace[:1, None])


@pytest.mark.parametrize("dtype", ["u1", "i2", ">i4", "f2", "f4", "f8"])
@pytest.mark.parametrize("save", [np.save, np.savez, np.savez_compressed], ids=lambda f: f.__name__)
def test_real_is_magnitude(tmp_path, dtype, save):
    path = tmp_path / ("v.npy" if save is np.save else "v.npz")
    save(path, IMAGE.astype(dtype))
    header, data = READER.read_header(path), READER.read_slices(path, 1)
    assert (header.role, header.slices, header.coils, header.shape) == ("magnitude", 4, 1, (6, 5))
    assert data.dtype == np.float32
    np.testing.assert_array_equal(data, IMAGE[1:])


def test_only_the_slices_asked_for_are_read(tmp_path):
    path = tmp_path / "v.npy"
    shape = (2**15, 1024, 1024)
    with path.open("wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        start = file.tell()
        # 128 GiB of a file with nothing in it
        file.truncate(start + 4 * int(np.prod(shape, dtype=object)))
        file.seek(start + 4 * 30_000 * 2**20)
        file.write(np.float32(7).tobytes())
    assert READER.read_header(path).slices == 2**15
    assert READER.read_slices(path, 30_000, 30_001)[0, 0, :2].tolist() == [7, 0]


@pytest.mark.parametrize("name", ["kspace", "magnitude"])
def test_the_array_of_the_right_name_is_taken(tmp_path, name):
    np.savez(tmp_path / "v.npz", mask=IMAGE > 0, zzz=IMAGE[:1], **{name: IMAGE})
    assert READER.read_header(tmp_path / "v.npz").slices == 4


@pytest.mark.parametrize(
    ("arrays", "found"),
    [
        ({"a": IMAGE, "b": IMAGE}, "a, b"),
        ({"kspace": IMAGE, "magnitude": IMAGE}, "kspace, magnitude"),
        ({}, "nothing"),
    ],
)
def test_an_archive_that_leaves_a_choice_is_refused(tmp_path, arrays, found):
    np.savez(tmp_path / "v.npz", **arrays)
    with pytest.raises(BadFile, match=rf"v\.npz: which array is meant\? it holds {found} \(name"):
        READER.read_header(tmp_path / "v.npz")


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros(3), r"float64 of shape \(3,\), not \(slice, y, x\)"),
        (np.zeros((2, 2, 2, 2)), r"float64 of shape \(2, 2, 2, 2\)"),
        (np.zeros((2, 0, 2)), r"float64 of shape \(2, 0, 2\)"),
        (np.zeros((1, 2, 2, 2, 2), "c8"), r"complex64 of shape .* not \(slice, ky, kx\) or"),
        (np.zeros((2, 2, 2), bool), "holds bool, not numbers"),
        (np.zeros((2, 2, 2), "S3"), r"holds \|S3, not numbers"),
        (np.zeros((2, 2, 2), [("r", "f4"), ("i", "f4")]), "not numbers"),
    ],
)
@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_other_arrays_are_refused(tmp_path, array, reason, suffix):
    path = tmp_path / f"v{suffix}"
    (np.save if suffix == ".npy" else np.savez)(path, array)
    with pytest.raises(BadFile, match=rf"v\{suffix}: .*{reason}"):
        READER.read_header(path)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.99])
@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_truncated_is_refused_by_its_header(tmp_path, share, suffix):
    path = tmp_path / f"v{suffix}"
    (np.save if suffix == ".npy" else np.savez)(path, IMAGE)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BadFile, match=r"truncated|no array of NumPy|damaged archive"):
        READER.read_header(path)


def test_damaged_data_are_named_on_reading(tmp_path):
    path = tmp_path / "v.npz"
    np.savez(path, np.random.default_rng(2).random((4, 60, 50)))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    READER.read_header(path)
    with pytest.raises(BadFile, match="damaged archive: Bad CRC-32"):
        READER.read_slices(path)


def test_an_encrypted_or_foreign_archive_is_refused(tmp_path):
    path = tmp_path / "v.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("kspace.npy", b"text")
    with pytest.raises(BadFile, match="no array of NumPy"):
        READER.read_header(path)
    content = path.read_bytes().replace(b"PK\1\2\x14\3\x14\0\0", b"PK\1\2\x14\3\x14\0\1")
    path.write_bytes(content)
    with pytest.raises(BadFile, match=r"damaged archive: .*encrypted"):
        READER.read_header(path)
