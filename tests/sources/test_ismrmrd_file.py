import re
from collections.abc import Iterator

import h5py
import ismrmrd
import numpy as np
import pytest

from phasegen.fourier import to_image
from phasegen.settings import Cohort
from phasegen.sources import ismrmrd_lines, ismrmrd_table
from phasegen.sources.ismrmrd_file import IsmrmrdReader
from phasegen.sources.scan import scan

READER = IsmrmrdReader()


def wave(n: int) -> np.ndarray:
    """Orthonormal transform of one axis written out, the origins at ``n // 2``."""
    at = np.arange(n) - n // 2
    return np.exp(-2j * np.pi * np.outer(at, at) / n) / np.sqrt(n)


def explicit_kspace(images: np.ndarray) -> np.ndarray:
    """(slice, coil, y, x) to (slice, coil, ky, kx) as a sum."""
    y, x = images.shape[2:]
    return np.einsum("vy,scyx,ux->scvu", wave(y), images, wave(x)).astype(np.complex64)


def objects(slices: int = 2, coils: int = 3, y: int = 12, x: int = 16) -> np.ndarray:
    """Compact objects without any symmetry within the middle half of x, one to a slice and coil."""
    images = np.zeros((slices, coils, y, x), np.complex64)
    middle_y, middle_x = y // 2, x // 2
    for number, image in enumerate(images.reshape(-1, y, x)):
        image[middle_y, middle_x] = 4 + number
        image[middle_y - 3, middle_x + 2] = 1 + 2j
        image[middle_y + 1, middle_x - 2] = 1j * number
    return images


def lines_of(kspace: np.ndarray, **fields: object) -> Iterator[dict]:
    """One acquisition a line, interleaved over slices, as a scanner plays them out."""
    slices, _, y, x = kspace.shape
    for step in range(y):
        for slice_ in range(slices):
            line = {"data": kspace[slice_, :, step], "kspace_encode_step_1": step, "slice": slice_}
            yield line | {"center_sample": x // 2} | fields


def shown(images: np.ndarray) -> np.ndarray:
    """What the reader's image should be: the middle half of x, as rows."""
    x = images.shape[3]
    first = x // 2 - (x // 2) // 2
    return images[..., first : first + x // 2].swapaxes(2, 3)


@pytest.mark.parametrize(("y", "x"), [(12, 16), (11, 16), (12, 18), (11, 18), (9, 14)])
def test_the_object_is_compact_and_at_its_place(write_ismrmrd, ismrmrd_xml, y, x):
    images = objects(y=y, x=x)
    xml = ismrmrd_xml(x=x, y=y, centre=y // 2)
    path = write_ismrmrd("v.h5", xml, lines_of(explicit_kspace(images)))
    read = READER.read_slices(path)
    assert read.dtype == np.complex64
    assert read.shape == (2, 3, x // 2, y)
    np.testing.assert_allclose(to_image(read), shown(images), atol=1e-5)


def test_header(write_ismrmrd, ismrmrd_xml):
    path = write_ismrmrd("v.mrd", ismrmrd_xml(), lines_of(explicit_kspace(objects())))
    header = READER.read_header(path)
    assert (header.role, header.slices, header.coils) == ("raw", 2, 3)
    assert header.shape == header.recon_shape == (8, 12)
    assert header.spacing_mm == pytest.approx((20, 20))
    assert header.slice_spacing_mm == 5
    assert header.sampling == "full"
    assert header.facts == {"field_strength_T": 1.5, "te_ms": 12.5, "tr_ms": 500}


def test_header_looks_at_no_samples(write_ismrmrd, ismrmrd_xml, monkeypatch):
    path = write_ismrmrd("v.h5", ismrmrd_xml(), lines_of(explicit_kspace(objects())))
    monkeypatch.setattr(ismrmrd_table, "_samples", lambda *_: pytest.fail("samples read"))
    assert READER.read_header(path).slices == 2


def test_oversampling_along_y_is_left_to_be_cut(write_ismrmrd, ismrmrd_xml):
    xml = ismrmrd_xml(shown_y=160)
    path = write_ismrmrd("v.h5", xml, lines_of(explicit_kspace(objects())))
    header = READER.read_header(path)
    assert (header.shape, header.recon_shape) == ((8, 12), (8, 8))
    assert header.spacing_mm == pytest.approx((20, 20))
    assert READER.read_slices(path).shape[2:] == (8, 12)


def test_no_oversampling_nothing_cut(write_ismrmrd, ismrmrd_xml):
    images = objects()
    path = write_ismrmrd("v.h5", ismrmrd_xml(shown_x=320), lines_of(explicit_kspace(images)))
    np.testing.assert_allclose(to_image(READER.read_slices(path)), images.swapaxes(2, 3), atol=1e-5)


@pytest.mark.parametrize("bounds", [(0, 1), (1, 3), (2, None), (None, -1), (3, 3), (-2, None)])
def test_a_range_of_slices(write_ismrmrd, ismrmrd_xml, bounds):
    path = write_ismrmrd("v.h5", ismrmrd_xml(), lines_of(explicit_kspace(objects(slices=5))))
    whole, part = READER.read_slices(path), READER.read_slices(path, *bounds)
    np.testing.assert_array_equal(part, whole[slice(*bounds)])


@pytest.mark.parametrize(("z", "slab", "thickness", "kept"), [(6, 60, 40, 4), (5, 50, 50, 5)])
def test_partitions_become_slices(write_ismrmrd, ismrmrd_xml, z, slab, thickness, kept):
    images = objects(slices=z)
    kspace = np.einsum("wz,zcvu->wcvu", wave(z), explicit_kspace(images)).astype(np.complex64)
    lines = [
        line | {"slice": 0, "kspace_encode_step_2": line["slice"]} for line in lines_of(kspace)
    ]
    xml = ismrmrd_xml(z=z, slab=slab, thickness=thickness, centre_2=z // 2)
    path = write_ismrmrd("v.h5", xml, lines)
    header, read = READER.read_header(path), READER.read_slices(path)
    first = z // 2 - kept // 2
    expected = shown(images)[first : first + kept]
    assert (header.slices, header.slice_spacing_mm, header.sampling) == (kept, 10, "full")
    np.testing.assert_allclose(to_image(read), expected, atol=2e-5)
    np.testing.assert_array_equal(READER.read_slices(path, 1, 3), read[1:3])


def test_two_slabs_follow_each_other(write_ismrmrd, ismrmrd_xml):
    images = objects(slices=8)
    kspace = explicit_kspace(images).reshape(2, 4, 3, 12, 16)
    kspace = np.einsum("wz,szcvu->swcvu", wave(4), kspace).astype(np.complex64)
    lines = [
        line | {"slice": slab, "kspace_encode_step_2": line["slice"]}
        for slab in range(2)
        for line in lines_of(kspace[slab])
    ]
    path = write_ismrmrd("v.h5", ismrmrd_xml(z=4, slab=20, thickness=20, centre_2=2), lines)
    read = READER.read_slices(path)
    np.testing.assert_allclose(to_image(read), shown(images), atol=2e-5)
    np.testing.assert_array_equal(READER.read_slices(path, 3, 6), read[3:6])


def test_slices_counted_as_partitions_are_no_partitions(write_ismrmrd, ismrmrd_xml):
    """Some converters write the number of slices as the matrix along z."""
    images = objects()
    path = write_ismrmrd("v.h5", ismrmrd_xml(z=2), lines_of(explicit_kspace(images)))
    np.testing.assert_allclose(to_image(READER.read_slices(path)), shown(images), atol=1e-5)


@pytest.mark.parametrize("flag", sorted(ismrmrd_lines.LEFT_OUT))
def test_other_acquisitions_are_left_out(write_ismrmrd, ismrmrd_xml, flag):
    images = objects()
    number = getattr(ismrmrd, flag)
    assert ismrmrd_lines.LEFT_OUT[flag] == number
    noise = {"data": np.full((5, 40), 9, np.complex64), "flags": [number, ismrmrd.ACQ_IS_REVERSE]}
    noise |= {"repetition": 3, "encoding_space_ref": 1}
    lines = [noise, *lines_of(explicit_kspace(images)), noise]
    read = READER.read_slices(write_ismrmrd("v.h5", ismrmrd_xml(), lines))
    np.testing.assert_allclose(to_image(read), shown(images), atol=1e-5)


def test_calibration_that_is_imaging_too_is_kept(write_ismrmrd, ismrmrd_xml):
    lines = list(lines_of(explicit_kspace(objects())))
    for line in lines[8:16]:
        line["flags"] = [ismrmrd.ACQ_IS_PARALLEL_CALIBRATION_AND_IMAGING]
    read = READER.read_slices(write_ismrmrd("v.h5", ismrmrd_xml(), lines))
    np.testing.assert_allclose(to_image(read), shown(objects()), atol=1e-5)


def test_averages_are_averaged(write_ismrmrd, ismrmrd_xml):
    kspace = explicit_kspace(objects())
    whole = [*lines_of(kspace), *lines_of(3 * kspace, average=1)]
    few = list(lines_of(8 * kspace, average=2))[10:14]
    path = write_ismrmrd("v.h5", ismrmrd_xml(shown_x=320), [*whole, *few])
    expected = 2 * kspace
    for line in few:
        at = np.s_[line["slice"], :, line["kspace_encode_step_1"]]
        expected[at] = 4 * kspace[at]
    assert READER.read_header(path).slices == 2
    np.testing.assert_allclose(READER.read_slices(path), expected.swapaxes(2, 3), rtol=1e-5)


@pytest.mark.parametrize("centre", [7, 8, 0])
def test_reversed_readouts_are_turned(write_ismrmrd, ismrmrd_xml, centre):
    """Counted as acquired the centre of 16 samples is the 7th; some count it as turned."""
    images = objects()
    lines = list(lines_of(explicit_kspace(images)))
    for line in lines[::3]:
        line |= {"data": line["data"][:, ::-1], "flags": [ismrmrd.ACQ_IS_REVERSE]}
        line["center_sample"] = centre
    read = READER.read_slices(write_ismrmrd("v.h5", ismrmrd_xml(), lines))
    np.testing.assert_allclose(to_image(read), shown(images), atol=1e-5)


def test_reverse_is_the_flag_of_the_package():
    assert ismrmrd_lines.REVERSE == ismrmrd.ACQ_IS_REVERSE


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(("first", "last"), [(5, 16), (0, 12), (3, 15)])
def test_an_asymmetric_echo_is_zero_filled(write_ismrmrd, ismrmrd_xml, first, last, reverse):
    kspace = explicit_kspace(objects())
    lines = list(lines_of(kspace[..., first:last], center_sample=8 - first))
    for line in lines if reverse else ():
        line |= {"data": line["data"][:, ::-1], "flags": [ismrmrd.ACQ_IS_REVERSE]}
        line["center_sample"] = last - first - 1 - (8 - first)
    path = write_ismrmrd("v.h5", ismrmrd_xml(shown_x=320), lines)
    read = READER.read_slices(path).swapaxes(2, 3)
    np.testing.assert_array_equal(read[..., first:last], kspace[..., first:last])
    assert not read[..., :first].any()
    assert not read[..., last:].any()
    assert READER.read_header(path).sampling == "partial Fourier"


def test_discarded_samples_are_not_used(write_ismrmrd, ismrmrd_xml):
    kspace = explicit_kspace(objects())
    lines = list(lines_of(kspace, discard_pre=3, discard_post=2))
    path = write_ismrmrd("v.h5", ismrmrd_xml(shown_x=320), lines)
    read = READER.read_slices(path).swapaxes(2, 3)
    np.testing.assert_array_equal(read[..., 3:14], kspace[..., 3:14])
    assert not read[..., :3].any()
    assert not read[..., 14:].any()


@pytest.mark.parametrize(
    ("kept", "centre", "expected"),
    [
        (range(0, 8), 6, "partial Fourier"),
        (range(4, 12), 6, "partial Fourier"),
        (range(2, 10), 6, "full"),  # as many zeros at both ends
        (range(3, 11), 7, "full"),
    ],
)
def test_lines_missing_at_the_ends(write_ismrmrd, ismrmrd_xml, kept, centre, expected):
    kspace = explicit_kspace(objects())
    lines = [line for line in lines_of(kspace) if line["kspace_encode_step_1"] in kept]
    path = write_ismrmrd("v.h5", ismrmrd_xml(shown_x=320, centre=centre), lines)
    read = READER.read_slices(path).swapaxes(2, 3)
    moved = [step - centre + 6 for step in kept]
    np.testing.assert_array_equal(read[:, :, moved], kspace[:, :, list(kept)])
    assert np.count_nonzero(read.any(axis=(0, 1, 3))) == len(kept)
    assert READER.read_header(path).sampling == expected


def test_numbering_from_zero_with_few_lines(write_ismrmrd, ismrmrd_xml):
    """Partial Fourier as scanners number it: the first line is 0, the centre says where that is."""
    images = objects()
    kspace = explicit_kspace(images)
    lines = [
        line | {"kspace_encode_step_1": line["kspace_encode_step_1"] - 4}
        for line in lines_of(kspace)
        if line["kspace_encode_step_1"] >= 4
    ]
    path = write_ismrmrd("v.h5", ismrmrd_xml(shown_x=320, centre=2), lines)
    np.testing.assert_array_equal(
        READER.read_slices(path).swapaxes(2, 3)[:, :, 4:], kspace[:, :, 4:]
    )


def test_no_limits_put_the_centre_in_the_middle(write_ismrmrd, ismrmrd_xml):
    xml = re.sub(r"<encodingLimits>.*</encodingLimits>", "", ismrmrd_xml(), flags=re.DOTALL)
    path = write_ismrmrd("v.h5", xml, lines_of(explicit_kspace(objects())))
    np.testing.assert_allclose(to_image(READER.read_slices(path)), shown(objects()), atol=1e-5)


def test_stored_trajectories_of_cartesian_scans_do_no_harm(write_ismrmrd, ismrmrd_xml):
    lines = list(lines_of(explicit_kspace(objects())))
    path = write_ismrmrd("v.h5", ismrmrd_xml(), lines)
    with h5py.File(path, "r+") as file:
        table = file["dataset/data"][()]
        table["head"]["trajectory_dimensions"] = 2
        for line in table:
            line["traj"] = np.zeros(32, np.float32)
        file["dataset/data"][...] = table
    np.testing.assert_allclose(to_image(READER.read_slices(path)), shown(objects()), atol=1e-5)


def test_a_group_of_any_name_and_pictures_beside_it(write_ismrmrd, ismrmrd_xml):
    path = write_ismrmrd("v.h5", ismrmrd_xml(), lines_of(explicit_kspace(objects())))
    with h5py.File(path, "r+") as file:
        file.move("dataset", "scan 1")
        file["scan 1/image/data"] = np.zeros(3)
        file["pictures/data"] = np.zeros(3)
    assert READER.read_header(path).slices == 2


def test_a_cohort_of_them(write_ismrmrd, ismrmrd_xml, tmp_path):
    for name in ("a.h5", "b.h5"):
        write_ismrmrd(name, ismrmrd_xml(), lines_of(explicit_kspace(objects())))
    cohort = Cohort(name="mine", role="raw", reader="ismrmrd", path=f"{tmp_path}/*.h5")
    manifest = scan(cohort)
    assert manifest["subject"].tolist() == ["a", "a", "b", "b"]
    assert set(manifest["coils"]) == {3}
    assert set(manifest["sampling"]) == {"full"}
