from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io

from phasegen.sources.base import BadFile
from phasegen.sources.matlab import MatlabReader
from phasegen.sources.matlab5 import variables

from .hostile.writers import write_matlab73

READER = MatlabReader()
FROM_MATLAB = Path(scipy.io.__file__).parent / "matlab" / "tests" / "data"
IMAGE = np.random.default_rng(3).integers(0, 200, (6, 5, 4))  # (y, x, slice)


def matlab6(path, **data):
    scipy.io.savemat(path, data)


def matlab7(path, **data):
    scipy.io.savemat(path, data, do_compression=True)


VERSIONS = pytest.mark.parametrize("save", [matlab6, matlab7, write_matlab73])


@VERSIONS
@pytest.mark.parametrize("dtype", ["c8", "c16"])
def test_raw_data_with_and_without_coils(tmp_path, kspace, save, dtype):
    path = tmp_path / "v.mat"
    save(path, kspace=kspace.transpose(1, 2, 0).astype(dtype))
    header, data = READER.read_header(path), READER.read_slices(path)
    assert (header.role, header.slices, header.coils, header.shape) == ("raw", 3, 1, (12, 10))
    assert data.dtype == np.complex64
    np.testing.assert_array_equal(data, kspace[:, None])
    coils = np.stack([kspace, 2 * kspace], axis=1)
    save(path, kspace=coils.transpose(2, 3, 1, 0).astype(dtype))
    header = READER.read_header(path)
    assert (header.slices, header.coils, header.shape) == (3, 2, (12, 10))
    np.testing.assert_array_equal(READER.read_slices(path), coils)
    np.testing.assert_array_equal(READER.read_slices(path, 1, 2), coils[1:2])


@VERSIONS
@pytest.mark.parametrize("dtype", ["u1", "i2", "u4", "i8", "f4", "f8"])
def test_magnitude(tmp_path, save, dtype):
    path = tmp_path / "v.mat"
    save(path, te=np.array([[3.5]]), data=IMAGE.astype(dtype), mask=IMAGE[..., 0])
    header, data = READER.read_header(path), READER.read_slices(path, 1)
    assert (header.role, header.slices, header.coils, header.shape) == ("magnitude", 4, 1, (6, 5))
    assert data.dtype == np.float32
    np.testing.assert_array_equal(data, np.moveaxis(IMAGE, 2, 0)[1:])


@VERSIONS
def test_two_axes_are_a_slice_if_they_are_named(tmp_path, kspace, save):
    path = tmp_path / "v.mat"
    save(path, kspace=kspace[0], other=IMAGE)
    header = READER.read_header(path)
    assert (header.slices, header.shape) == (1, (12, 10))
    np.testing.assert_array_equal(READER.read_slices(path), kspace[:1, None])
    assert READER.read_slices(path, 1).shape == (0, 1, 12, 10)


@VERSIONS
@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["a", "b"], r"a \(6, 5, 4\), b \(6, 5, 4\)"),
        (["kspace", "magnitude"], r"kspace \(6, 5, 4\), magnitude \(6, 5, 4\)"),
    ],
)
def test_a_file_that_leaves_a_choice_is_refused(tmp_path, save, names, found):
    save(tmp_path / "v.mat", **dict.fromkeys(names, IMAGE))
    with pytest.raises(BadFile, match=rf"v\.mat: which variable is meant\? it holds {found} "):
        READER.read_header(tmp_path / "v.mat")


@VERSIONS
def test_other_shapes_are_refused(tmp_path, save):
    save(tmp_path / "v.mat", te=np.array([[3.5]]))
    with pytest.raises(BadFile, match=r"which variable is meant\? it holds te \(1, 1\)"):
        READER.read_header(tmp_path / "v.mat")
    save(tmp_path / "v.mat", magnitude=np.zeros((2, 2, 2, 2, 2)))
    with pytest.raises(BadFile, match="of shape"):
        READER.read_header(tmp_path / "v.mat")


def test_what_is_no_number_is_not_taken(tmp_path):
    cells = np.empty((2, 2, 2), object)
    cells[...] = "text"
    scipy.io.savemat(tmp_path / "v.mat", {"cells": cells, "flags": IMAGE > 9, "image": IMAGE})
    assert READER.read_header(tmp_path / "v.mat").shape == (6, 5)
    write_matlab73(tmp_path / "w.mat", flags=IMAGE, image=IMAGE)
    with h5py.File(tmp_path / "w.mat", "r+") as file:
        file["flags"].attrs["MATLAB_class"] = np.bytes_("logical")
        file["#refs#/a"] = IMAGE.T
    assert READER.read_header(tmp_path / "w.mat").shape == (6, 5)


@pytest.mark.parametrize("save", [matlab6, matlab7])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_truncated_is_refused_by_its_header(tmp_path, save, share):
    path = tmp_path / "v.mat"
    save(path, kspace=IMAGE)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BadFile, match=r"v\.mat: its variables cannot be listed"):
        READER.read_header(path)


def test_damaged_data_are_named_on_reading(tmp_path):
    path = tmp_path / "v.mat"
    matlab7(path, kspace=np.random.default_rng(1).random((40, 40, 4)))
    content = bytearray(path.read_bytes())
    content[-1000:-900] = bytes(100)
    path.write_bytes(content)
    READER.read_header(path)
    with pytest.raises(BadFile, match="its data cannot be read"):
        READER.read_slices(path)


@pytest.mark.skipif(not FROM_MATLAB.is_dir(), reason="SciPy is installed without its test files")
def test_variables_of_files_from_matlab_are_what_scipy_sees():
    seen = 0
    for path in sorted(FROM_MATLAB.glob("test*_[67]*.mat")):
        if "hdf5" in path.name:
            continue
        numeric = {v.name: (v.shape, v.matlab_class) for v in variables(path) if v.matlab_class}
        expected = {name: (shape, kind) for name, shape, kind in scipy.io.whosmat(path)}
        data = scipy.io.loadmat(path, variable_names=list(numeric)) if numeric else {}
        for variable in variables(path):
            if variable.matlab_class and variable.name:
                assert (variable.shape, variable.matlab_class) == expected[variable.name]
                assert variable.is_complex == np.iscomplexobj(data[variable.name])
                seen += 1
    assert seen > 20


@pytest.mark.skipif(not FROM_MATLAB.is_dir(), reason="SciPy is installed without its test files")
@pytest.mark.parametrize("version", ["6.1_SOL2", "6.5.1_GLNX86", "7.1_GLNX86", "7.4_GLNX86"])
def test_a_volume_written_by_matlab(version):
    path = FROM_MATLAB / f"test3dmatrix_{version}.mat"
    expected = scipy.io.loadmat(path)["test3dmatrix"]
    volume = READER.read_slices(path)
    assert volume.shape == (4, 2, 3)
    for y, x, number in np.ndindex(expected.shape):
        assert volume[number, y, x] == expected[y, x, number]
