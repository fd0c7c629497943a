import h5py
import numpy as np
import pytest

from phasegen.fourier import centre_crop_or_pad, to_image
from phasegen.sources.base import BadFile
from phasegen.sources.fastmri import FastmriReader

READER = FastmriReader()
XML = """<?xml version="1.0" encoding="utf-8"?>
<ismrmrdHeader xmlns="http://www.ismrm.org/ISMRMRD">
 <acquisitionSystemInformation><systemFieldStrength_T>2.8936</systemFieldStrength_T>
 </acquisitionSystemInformation>
 <encoding>
  <encodedSpace><matrixSize><x>12</x><y>10</y><z>1</z></matrixSize>
   <fieldOfView_mm><x>280</x><y>162.8</y><z>4.5</z></fieldOfView_mm></encodedSpace>
  <reconSpace><matrixSize><x>{matrix}</x><y>{matrix}</y><z>1</z></matrixSize>
   <fieldOfView_mm><x>{fov}</x><y>{fov}</y><z>4.5</z></fieldOfView_mm></reconSpace>
 </encoding>
 <sequenceParameters><TR>2200</TR><TE>27</TE></sequenceParameters>
</ismrmrdHeader>"""


def explicit_kspace(image: np.ndarray) -> np.ndarray:
    """Centred orthonormal transform written out as a sum, zero frequency at ``n // 2``."""
    rows, columns = image.shape
    y, x = np.arange(rows) - rows // 2, np.arange(columns) - columns // 2
    row_wave = np.exp(-2j * np.pi * np.outer(y, y) / rows)
    column_wave = np.exp(-2j * np.pi * np.outer(x, x) / columns)
    total = np.einsum("uy,yx,vx->uv", row_wave, image, column_wave)
    return (total / np.sqrt(rows * columns)).astype(np.complex64)


@pytest.mark.parametrize("shape", [(16, 12), (15, 12), (16, 13), (15, 13)])
def test_the_object_is_compact_and_centred(write_h5, shape):
    image = np.zeros(shape, np.complex64)
    middle = (shape[0] // 2, shape[1] // 2)
    image[middle] = 4
    image[middle[0] - 3, middle[1] + 2] = 1 + 2j
    path = write_h5("v.h5", kspace=explicit_kspace(image)[None])
    read = READER.read_slices(path)
    assert read.shape == (1, 1, *shape)
    assert read.dtype == np.complex64
    np.testing.assert_allclose(to_image(read)[0, 0], image, atol=1e-5)


def test_single_and_multi_coil(write_h5, kspace):
    single = write_h5(
        "s.h5", {"patient_id": "P1", "max": 2.0, "acquisition": b"FSE"}, kspace=kspace
    )
    header = READER.read_header(single)
    assert (header.slices, header.coils, header.shape, header.recon_shape) == (
        3,
        1,
        (12, 10),
        (12, 10),
    )
    assert header.spacing_mm is None
    assert header.facts == {"patient_id": "P1", "max": 2.0, "acquisition": "FSE"}
    coils = np.stack([kspace, 2 * kspace], axis=1).astype(np.complex128)
    multi = write_h5("m.h5", kspace=coils)
    assert READER.read_header(multi).coils == 2
    np.testing.assert_array_equal(READER.read_slices(multi, 1, 3)[:, 1], 2 * kspace[1:])
    assert READER.read_slices(multi).dtype == np.complex64


def test_a_smaller_reconstruction_says_what_to_keep(write_h5, kspace):
    small = write_h5("a.h5", kspace=kspace, reconstruction_esc=np.zeros((3, 6, 16), "f4"))
    assert READER.read_header(small).recon_shape == (6, 10)


@pytest.mark.parametrize("matrix", [6, 12])
def test_fields_of_view_say_what_to_keep(write_h5, kspace, matrix):
    xml = XML.format(matrix=matrix, fov=140)
    header = READER.read_header(write_h5("v.h5", kspace=kspace, ismrmrd_header=xml))
    assert header.recon_shape == (6, 9)
    assert header.spacing_mm == pytest.approx((280 / 12, 16.28))
    assert header.slice_spacing_mm == 4.5
    assert header.facts == {"field_strength_T": 2.8936, "tr_ms": 2200.0, "te_ms": 27.0}


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ("<a>", "not XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        (XML.format(matrix=6, fov=0), "no positive x"),
        (XML.format(matrix=6, fov="wide"), "could not convert"),
        (XML.format(matrix=6, fov=9).replace("2200", "long"), "could not convert"),
    ],
)
def test_faulty_headers_are_refused(write_h5, kspace, xml, reason):
    path = write_h5("v.h5", kspace=kspace, ismrmrd_header=xml)
    with pytest.raises(BadFile, match=rf"v\.h5: its 'ismrmrd_header' cannot be used: .*{reason}"):
        READER.read_header(path)


def test_a_header_without_encoding_is_no_fault(write_h5, kspace):
    path = write_h5("v.h5", kspace=kspace, ismrmrd_header="<ismrmrdHeader/>")
    assert READER.read_header(path).recon_shape == (12, 10)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"other": np.zeros(3)}, "has no data set 'kspace', only other"),
        ({"kspace/group": np.zeros(3)}, "has no data set 'kspace'"),
        ({"kspace": np.zeros((3, 4, 5), "f4")}, "'kspace' is float32, not complex"),
        ({"kspace": np.zeros((4, 5), "c8")}, r"'kspace' has shape \(4, 5\), not"),
        ({"kspace": np.zeros((0, 4, 5), "c8")}, r"'kspace' has shape \(0, 4, 5\), not"),
    ],
)
def test_other_layouts_are_refused(write_h5, data, reason):
    with pytest.raises(BadFile, match=rf"v\.h5: {reason}"):
        READER.read_header(write_h5("v.h5", **data))


def test_truncated_and_foreign_files_are_refused(write_h5, tmp_path, kspace):
    path = write_h5("v.h5", kspace=kspace)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(BadFile, match="truncated HDF5"):
        READER.read_header(path)
    path.write_bytes(b"text")
    with pytest.raises(BadFile, match="not an HDF5 file"):
        READER.read_header(path)
    with pytest.raises(BadFile, match="no such file"):
        READER.read_header(tmp_path / "gone.h5")


def test_damage_inside_is_named(write_h5, kspace):
    path = write_h5("v.h5")
    with h5py.File(path, "w") as file:
        file.create_dataset("kspace", data=kspace, chunks=kspace.shape, compression="gzip")
        offset = file["kspace"].id.get_chunk_info(0).byte_offset
    content = bytearray(path.read_bytes())
    content[offset + 100 : offset + 200] = bytes(100)
    path.write_bytes(content)
    for read in (READER.read_header, READER.read_slices):
        with pytest.raises(BadFile, match=r"v\.h5: damaged inside"):
            read(path)


@pytest.mark.parametrize("layout", ["brain", "m4raw"])
def test_multi_coil_as_published(write_h5, layout):
    """Coils as the brain set and M4Raw hold them: square, and cut by the root sum of squares."""
    coils, rows, columns = (16, 64, 32) if layout == "brain" else (4, 32, 32)
    rng = np.random.default_rng(0)
    image = rng.normal(size=(2, coils, rows, columns, 2)).astype("f4").view("c8")[..., 0]
    kspace = np.stack([[explicit_kspace(coil) for coil in slice_] for slice_ in image])
    cut = image[:, :, rows // 2 - 16 : rows // 2 + 16]
    rss = np.sqrt((np.abs(cut) ** 2).sum(axis=1))
    xml = XML.format(matrix=32, fov=140) if layout == "brain" else "<ismrmrdHeader/>"
    attributes = {"acquisition": "AXT1", "max": rss.max(), "patient_id": "x"}
    path = write_h5(
        "v.h5", attributes, kspace=kspace, reconstruction_rss=rss, ismrmrd_header=np.bytes_(xml)
    )
    header, read = READER.read_header(path), READER.read_slices(path)
    assert (header.slices, header.coils, header.shape) == (2, coils, (rows, columns))
    assert header.recon_shape[0] == 32
    assert header.sampling == "full"
    shown = centre_crop_or_pad(to_image(read), (32, 32))
    np.testing.assert_allclose(np.sqrt((np.abs(shown) ** 2).sum(axis=1)), rss, atol=1e-4)


def test_the_mask_of_a_test_set_tells_undersampling(write_h5, kspace):
    path = write_h5("v.h5", kspace=kspace, mask=np.ones(10, bool))
    for read in (READER.read_header, READER.read_slices):
        with pytest.raises(BadFile, match=r"v\.h5: undersampled: it comes with a 'mask' \(train"):
            read(path)


def test_zero_columns_within_are_undersampling(write_h5, kspace):
    kspace[..., 3:8:2] = 0
    with pytest.raises(BadFile, match=r"v\.h5: undersampled: 3 of 10 neighbouring lines.*sets"):
        READER.read_header(write_h5("v.h5", kspace=kspace))


@pytest.mark.parametrize(
    ("zero", "expected"),
    [
        (np.s_[..., 7:], "partial Fourier"),
        (np.s_[..., :3], "partial Fourier"),
        (np.s_[..., [0, 1, 8, 9]], "full"),
        (np.s_[..., [0, 9]], "full"),
    ],
)
def test_zero_columns_at_the_ends_are_labelled(write_h5, kspace, zero, expected):
    coils = np.stack([kspace] * 4, axis=1)
    coils[zero] = 0
    coils[:, 1:] = 1  # a single coil is looked at
    coils[[0, 2]] = 1  # of the middle slice
    assert READER.read_header(write_h5("v.h5", kspace=coils)).sampling == expected


def test_a_claim_beyond_the_file_takes_no_memory(tmp_path):
    with h5py.File(tmp_path / "v.h5", "w") as file:
        file.create_dataset("kspace", (10**6, 10**4, 10**4), "c8", chunks=(1, 100, 100))
    for read in (READER.read_header, READER.read_slices):
        with pytest.raises(BadFile, match=r"v\.h5: not all of 'kspace'"):
            read(tmp_path / "v.h5")
