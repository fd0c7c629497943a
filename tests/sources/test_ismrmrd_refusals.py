import h5py
import ismrmrd
import numpy as np
import pytest

from phasegen.sources.base import BadFile
from phasegen.sources.ismrmrd_file import IsmrmrdReader

READER = IsmrmrdReader()
READS = (READER.read_header, READER.read_slices)


def good(slices: int = 2, steps: int = 12) -> list[dict]:
    """Lines of the matrix of 16 x 12 that ``ismrmrd_xml`` describes."""
    samples = np.random.default_rng(0).normal(size=(slices, steps, 3, 32)).astype("f4").view("c8")
    return [
        {"data": samples[slice_, step], "kspace_encode_step_1": step, "slice": slice_}
        | {"center_sample": 8}
        for slice_ in range(slices)
        for step in range(steps)
    ]


def refused(path, reason: str) -> None:
    for read in READS:
        with pytest.raises(BadFile, match=rf"v\.h5: .*{reason}") as caught:
            read(path)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"trajectory": "spiral"}, "the trajectory is 'spiral', not 'cartesian'"),
        ({"trajectory": "epi"}, "the trajectory is 'epi'"),
        ({"trajectory": ""}, "the trajectory is 'not stated'"),
        ({"x": 10**9}, "matrixSize of 1000000000 is not positive, or absurd"),
        ({"y": 0}, "matrixSize of 0"),
        ({"z": "many"}, "invalid literal"),
        ({"x": "9" * 5000}, "cannot be used"),
        ({"y": 60000}, "absurd: its matrix has 1920000 points, of which 384 were acquired"),
        ({"x": 60000}, "absurd: its matrix"),
        ({"z": 60000}, "absurd: its matrix"),
        ({"y": 20, "centre": 10}, "the centre of k-space|undersampled"),
        ({"centre": 10**9}, "absurd center of 1000000000"),
        ({"centre": -1}, "absurd center"),
        ({"centre": 2}, "kspace_encode_step_1 leads out of a matrix of 12"),
        ({"centre": 11}, "kspace_encode_step_1 leads out of a matrix of 12"),
        ({"shown_x": 0}, "fieldOfView_mm has no positive x"),
        ({"shown_y": 1e308}, r"fieldOfView_mm has an absurd y of 1e\+308"),
        ({"fov_x": 1e-300}, "fieldOfView_mm has an absurd x of 1e-300"),
        ({"slab": "nan"}, "fieldOfView_mm has no positive z"),
        ({"thickness": "thick"}, "could not convert"),
    ],
)
def test_headers_that_make_no_sense(write_ismrmrd, ismrmrd_xml, change, reason):
    lines = good()
    if "z" in change:
        lines[3]["kspace_encode_step_2"] = 1
    if change.get("y") == 20:
        lines = [line for line in lines if line["kspace_encode_step_1"] % 2]
    refused(write_ismrmrd("v.h5", ismrmrd_xml(**change), lines), reason)


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ("<a>", "not XML"),
        ("<ismrmrdHeader/>", "the trajectory is 'not stated'"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "a document type is not allowed"),
        ("<a><encoding><trajectory>cartesian</trajectory></encoding></a>", "is not stated"),
    ],
)
def test_xml_that_is_no_header(write_ismrmrd, xml, reason):
    refused(write_ismrmrd("v.h5", xml, good()), f"its header 'xml' cannot be used: .*{reason}")


@pytest.mark.parametrize("name", ["contrast", "phase", "repetition", "set"])
def test_several_images_of_a_slice(write_ismrmrd, ismrmrd_xml, name):
    lines = good() + [line | {name: 1} for line in good()]
    path = write_ismrmrd("v.h5", ismrmrd_xml(), lines)
    refused(path, f"it holds 2 of '{name}'; write one file for each")


@pytest.mark.parametrize(
    ("kept", "reason"),
    [
        (lambda step, slice_: step % 2 == 0, "undersampled: 5 of 11 neighbouring lines"),
        (lambda step, slice_: step != 6, "undersampled: 1 of 12 neighbouring lines"),
        (lambda step, slice_: step < 6, "the centre of k-space was not measured"),
        (lambda step, slice_: slice_ == 0 or step < 11, "not every slice has the same lines"),
    ],
)
def test_undersampling(write_ismrmrd, ismrmrd_xml, kept, reason):
    lines = [line for line in good() if kept(line["kspace_encode_step_1"], line["slice"])]
    refused(write_ismrmrd("v.h5", ismrmrd_xml(), lines), reason)


def test_undersampled_frames_that_fill_each_other_are_undersampled(write_ismrmrd, ismrmrd_xml):
    lines = [line | {"repetition": line["kspace_encode_step_1"] % 2} for line in good()]
    refused(write_ismrmrd("v.h5", ismrmrd_xml(), lines), "undersampled")


def every(changes: dict) -> list[dict]:
    return [line | changes for line in good()]


def first(changes: dict) -> list[dict]:
    lines = good()
    return [lines[0] | changes, *lines[1:]]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (every({"flags": [ismrmrd.ACQ_IS_NOISE_MEASUREMENT]}), "no acquisition but of noise"),
        (first({"encoding_space_ref": 1}), "several encoding spaces"),
        (first({"data": np.ones((2, 16), "c8")}), "active_channels is 2, 3, not one"),
        (first({"data": np.ones((3, 15), "c8")}), "number_of_samples is 15, 16, not one"),
        (first({"center_sample": 7}), "do not all cover the same stretch"),
        (first({"discard_pre": 2}), "do not all cover the same stretch"),
        (first({"average": 3, "kspace_encode_step_1": 1}), "undersampled|same lines"),
        (first({"kspace_encode_step_1": 60000}), "kspace_encode_step_1 leads out"),
        (every({"center_sample": 3}), "16 samples about center_sample 3 lead out of a matrix"),
        (every({"discard_pre": 9, "discard_post": 9}), "lead out of a matrix of 16"),
        (good() + good()[:1], "a line was acquired twice in one average"),
    ],
)
def test_acquisitions_that_do_not_fit(write_ismrmrd, ismrmrd_xml, lines, reason):
    refused(write_ismrmrd("v.h5", ismrmrd_xml(), lines), reason)


@pytest.fixture
def path(write_ismrmrd, ismrmrd_xml):
    return write_ismrmrd("v.h5", ismrmrd_xml(), good())


def test_foreign_and_truncated_files(path):
    path.write_bytes(path.read_bytes()[:-100])
    refused(path, "truncated HDF5 file")
    path.write_bytes(b"text")
    refused(path, "not an HDF5 file")
    path.unlink()
    refused(path, "no such file")


@pytest.mark.parametrize("name", ["xml", "data"])
def test_missing_data_sets(path, name):
    with h5py.File(path, "r+") as file:
        del file[f"dataset/{name}"]
    refused(path, "has 0 groups with 'xml' and 'data', not one; it holds dataset")


def test_two_measurements_in_a_file(path):
    with h5py.File(path, "r+") as file:
        file.copy("dataset", "other")
    refused(path, "has 2 groups with 'xml' and 'data', not one; it holds dataset, other")


def test_other_layouts(write_h5, kspace):
    refused(write_h5("v.h5", kspace=kspace), "has 0 groups .* it holds kspace")
    refused(write_h5("v.h5", **{"a/xml": "<a/>", "a/data/b": 1}), "cannot be used|no table")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("xml", np.zeros(3), "its header 'xml' cannot be used: .*not one string"),
        ("xml", b"\xff\xfe<", "its header 'xml' cannot be used: .*codec"),
        ("data", np.zeros(3), "its 'data' is no table of acquisitions"),
        ("data", np.zeros(3, [("head", "f4"), ("data", "f4")]), "not those of ISMRMRD, version 1"),
        ("data", np.zeros(3, [("a", "f4"), ("data", "f4")]), "its 'data' is no table"),
        (
            "data",
            np.zeros(0, [("head", ismrmrd.hdf5.acquisition_header_dtype), ("data", "f4")]),
            "its 'data' is no table",
        ),
        (
            "data",
            np.zeros(3, [("head", ismrmrd.hdf5.acquisition_header_dtype), ("data", "f4", 9)]),
            "not float32 of any length",
        ),
    ],
)
def test_members_of_another_type(path, name, value, reason):
    with h5py.File(path, "r+") as file:
        del file[f"dataset/{name}"]
        file[f"dataset/{name}"] = value
    refused(path, reason)


@pytest.mark.parametrize("name", ["xml", "data"])
def test_links_are_not_followed(path, name):
    with h5py.File(path, "r+") as file:
        file.move(f"dataset/{name}", "hidden")
        file[f"dataset/{name}"] = h5py.SoftLink("/hidden")
    refused(path, f"{name!r} is a link")
    with h5py.File(path, "r+") as file:
        del file[f"dataset/{name}"]
        file[f"dataset/{name}"] = h5py.ExternalLink(str(path.parent / "other.h5"), "/x")
    refused(path, f"{name!r} is a link")


def test_headers_that_claim_more_than_the_file_holds(path):
    with h5py.File(path, "r+") as file:
        table = file["dataset/data"][()]
        table["head"]["number_of_samples"] = 16
        table["head"]["active_channels"] = 60000
        file["dataset/data"][...] = table
    refused(path, "its headers claim 184320000 bytes of samples")


def test_a_line_of_another_length(path):
    with h5py.File(path, "r+") as file:
        table = file["dataset/data"][()]
        table["data"][5] = table["data"][5][:-2]
        file["dataset/data"][...] = table
    READER.read_header(path)
    with pytest.raises(BadFile, match=r"v\.h5: an acquisition holds 94 numbers"):
        READER.read_slices(path)


def test_a_table_longer_than_what_was_written(path):
    with h5py.File(path, "r+") as file:
        file["dataset/data"].resize((10**9,))
    refused(path, "not all of 'data'")


USED = ["number_of_samples", "active_channels", "discard_pre", "discard_post", "center_sample"]
USED += ["encoding_space_ref", "flags"]
COUNTERS = ["kspace_encode_step_1", "kspace_encode_step_2", "average", "slice", "contrast"]


def test_no_header_of_an_acquisition_does_harm(path):
    """Whatever numbers stand there: a reason, or slices no larger than what is stored allows."""
    with h5py.File(path) as file:
        whole = file["dataset/data"][()]
    rng = np.random.default_rng(0)
    outcomes = set()
    for _ in range(120):
        table = whole.copy()
        line, value = rng.integers(len(table)), rng.choice([0, 1, 2, 15, 17, 65535])
        if rng.random() < 0.5:
            table["head"]["idx"][rng.choice(COUNTERS)][line] = value
        else:
            table["head"][rng.choice(USED)][line if rng.random() < 0.5 else slice(None)] = value
        with h5py.File(path, "r+") as file:
            file["dataset/data"][...] = table
        try:
            header, read = READER.read_header(path), READER.read_slices(path)
        except BadFile as fault:
            assert "v.h5: " in str(fault)
            outcomes.add("refused")
        else:
            assert read.shape == (header.slices, header.coils, *header.shape)
            assert read.nbytes <= 8 * path.stat().st_size
            outcomes.add("read")
    assert outcomes == {"refused", "read"}
