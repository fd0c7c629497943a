import h5py
import numpy as np
import pytest

from phasegen.fourier import to_image
from phasegen.settings import Cohort
from phasegen.sources.base import BadFile
from phasegen.sources.calgary import CalgaryReader
from phasegen.sources.scan import scan
from phasegen.sources.volumes import read_mask

READER = CalgaryReader()
SHAPES = [(16, 12), (15, 12), (16, 13), (15, 13)]


def explicit_kspace(image: np.ndarray, middle: bool) -> np.ndarray:
    """The sum whose plain ``ifft2`` has the magnitude of the image, zero frequency where said."""
    rows, columns = image.shape
    v, u = (np.arange(n) - (n // 2 if middle else 0) for n in (rows, columns))
    row_wave = np.exp(-2j * np.pi * np.outer(v, np.arange(rows)) / rows)
    column_wave = np.exp(-2j * np.pi * np.outer(u, np.arange(columns)) / columns)
    return np.einsum("vy,yx,ux->vu", row_wave, image, column_wave)


def interleave(coils: np.ndarray) -> np.ndarray:
    """(slice, coil, H, W) as the files hold it: (slice, H, W, 2 * coils), float32."""
    parts = np.zeros((coils.shape[0], *coils.shape[2:], 2 * coils.shape[1]), np.float32)
    for coil in range(coils.shape[1]):
        parts[..., 2 * coil] = coils[:, coil].real
        parts[..., 2 * coil + 1] = coils[:, coil].imag
    return parts


def heads(shape: tuple[int, int], slices: int = 3, coils: int = 2) -> np.ndarray:
    """Smooth compact objects with a little noise and a gentle phase, (slice, coil, H, W)."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    distance = ((y - shape[0] // 2) / 4) ** 2 + ((x - shape[1] // 2) / 3) ** 2
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(2, slices, coils, *shape))
    phase = np.exp(0.1j * (y - shape[0] // 2))
    return np.exp(-distance) * phase + 0.001 * (noise[0] + 1j * noise[1])


def stored(images: np.ndarray, middle: bool) -> np.ndarray:
    return np.array([[explicit_kspace(coil, middle) for coil in coils] for coils in images])


@pytest.mark.parametrize("shape", SHAPES)
def test_in_the_corner_the_image_is_ifft2_of_the_file(write_h5, shape):
    images = heads(shape)
    kspace = stored(images, middle=False)
    read = READER.read_slices(write_h5("v.h5", kspace=interleave(kspace)))
    assert read.shape == (3, 2, *shape)
    assert read.dtype == np.complex64
    np.testing.assert_allclose(to_image(read), np.fft.ifft2(kspace), atol=1e-6)
    np.testing.assert_allclose(to_image(read), images, atol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_at_the_middle_the_image_has_no_alternating_sign(write_h5, shape):
    images = heads(shape)
    kspace = stored(images, middle=True)
    plain = np.fft.ifft2(kspace)
    read = READER.read_slices(write_h5("v.h5", kspace=interleave(kspace)))
    np.testing.assert_allclose(np.abs(to_image(read)), np.abs(plain), atol=1e-6)
    # our image is the object's, up to one global sign or angle
    angle = np.vdot(images, to_image(read))
    np.testing.assert_allclose(to_image(read) * np.exp(-1j * np.angle(angle)), images, atol=1e-6)


@pytest.mark.parametrize("middle", [False, True])
def test_the_zero_frequency_comes_to_the_middle(write_h5, middle):
    read = READER.read_slices(write_h5("v.h5", kspace=interleave(stored(heads((16, 12)), middle))))
    peaks = np.abs(read).reshape(6, -1).argmax(axis=1)
    assert {np.unravel_index(peak, (16, 12)) for peak in peaks} == {(8, 6)}


def test_an_object_is_compact_and_at_its_place(write_h5):
    image = np.zeros((1, 1, 16, 12), complex)
    image[0, 0, 8:10, 6:8] = 4
    image[0, 0, 5, 8] = 1 + 2j
    path = write_h5("v.h5", kspace=interleave(stored(image, middle=False)))
    np.testing.assert_allclose(to_image(READER.read_slices(path)), image, atol=1e-5)


def test_header_and_a_range_of_slices(write_h5):
    kspace = interleave(stored(heads((16, 12), slices=5, coils=12), middle=True))
    path = write_h5("v.h5", kspace=kspace.astype(">f8"))
    header = READER.read_header(path)
    assert (header.role, header.slices, header.coils) == ("raw", 5, 12)
    assert header.shape == header.recon_shape == (16, 12)
    assert (header.spacing_mm, header.slice_spacing_mm) == ((1.0, 1.0), 1.0)
    assert header.sampling == "full"
    part = READER.read_slices(path, 3, 5)
    assert part.dtype == np.complex64
    np.testing.assert_array_equal(part, READER.read_slices(path)[3:])
    # the outermost slice alone is read as within the volume
    np.testing.assert_array_equal(READER.read_slices(path, 0, 1), READER.read_slices(path)[:1])


@pytest.mark.parametrize("middle", [False, True])
def test_lines_zero_at_one_end_are_partial_fourier(write_h5, middle):
    kspace = stored(heads((16, 20)), middle)
    frequency = np.arange(20) - 10 if middle else np.fft.fftfreq(20, 1 / 20)
    kspace[..., frequency >= 7] = 0
    path = write_h5("v.h5", kspace=interleave(kspace))
    assert READER.read_header(path).sampling == "partial Fourier"
    assert not READER.read_slices(path)[..., 17:].any()


def test_test_sets_are_refused(write_h5):
    kspace = stored(heads((32, 24)), middle=True)
    kspace[..., np.random.default_rng(0).random((32, 24)) < 0.8] = 0
    path = write_h5("v.h5", kspace=interleave(kspace))
    with pytest.raises(BadFile, match=r"v\.h5: undersampled: .* \(the sets for training"):
        READER.read_header(path)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"other": np.zeros(3)}, "has no data set 'kspace', only other"),
        ({"kspace/group": np.zeros(3)}, "has no data set 'kspace'"),
        ({"kspace": np.ones((3, 4, 5, 2), "c8")}, "'kspace' is complex64, not real"),
        ({"kspace": np.ones((3, 4, 5, 2), "i2")}, "'kspace' is int16, not real"),
        ({"kspace": np.ones((4, 5, 2), "f4")}, r"'kspace' has shape \(4, 5, 2\), not"),
        ({"kspace": np.ones((3, 0, 5, 2), "f4")}, r"'kspace' has shape \(3, 0, 5, 2\), not"),
        ({"kspace": np.ones((3, 4, 5, 3), "f4")}, "'kspace' has 3 parts, no real and imaginary"),
    ],
)
def test_other_layouts_are_refused(write_h5, data, reason):
    path = write_h5("v.h5", **data)
    for read in (READER.read_header, READER.read_slices):
        with pytest.raises(BadFile, match=rf"v\.h5: {reason}"):
            read(path)


def test_bad_files_are_refused(write_h5, tmp_path):
    path = write_h5("v.h5", kspace=np.ones((3, 16, 12, 4), "f4"))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(BadFile, match=r"v\.h5: truncated HDF5"):
        READER.read_header(path)
    path.write_bytes(b"text")
    with pytest.raises(BadFile, match=r"v\.h5: not an HDF5 file"):
        READER.read_slices(path)
    with h5py.File(path, "w") as file:
        file.create_dataset("kspace", (10**6, 10**4, 10**4, 24), "f4", chunks=(1, 100, 100, 24))
    for read in (READER.read_header, READER.read_slices):
        with pytest.raises(BadFile, match=r"v\.h5: not all of 'kspace'"):
            read(path)


@pytest.mark.parametrize(
    ("folder", "suffix"),
    [("Silver-standard-machine-learning", "ss"), ("STAPLE", "staple"), ("Manual", "manual")],
)
def test_the_magnitude_volumes_find_their_masks(
    write_nifti, head, tmp_path, monkeypatch, folder, suffix
):
    """The public archives unpacked side by side: ``CC359/Reconstructed/Original``, a mask folder."""
    monkeypatch.chdir(tmp_path)
    names = ["CC0001_philips_15_55_M", "CC0069_philips_3_56_F", "CC0319_ge_3_45_M"]
    for name in names:
        write_nifti(f"CC359/Reconstructed/Original/{name}.nii.gz", head, "PSR")
        # the consensus of STAPLE is a probability
        probability = np.where(head > 0, 0.9, 0).astype(np.float32)
        write_nifti(f"CC359/Reconstructed/{folder}/{name}_{suffix}.nii.gz", probability, "PSR")
    cohort = Cohort(
        name="cc359",
        role="magnitude",
        reader="nifti",
        path="CC359/Reconstructed/Original/*.nii.gz",
        mask=f"CC359/Reconstructed/{folder}/{{series}}_{suffix}.nii.gz",
        subject=r"/(?P<subject>CC\d{4})_[^/]*$",
    )
    manifest = scan(cohort)
    assert manifest["subject"].unique().tolist() == ["CC0001", "CC0069", "CC0319"]
    assert manifest["series"].unique().tolist() == names
    assert len(manifest) == 3 * 5
    for mask, name in zip(manifest["mask"].unique(), names, strict=True):
        assert mask.endswith(f"{name}_{suffix}.nii.gz")
        np.testing.assert_array_equal(read_mask(tmp_path / mask), head[:, ::-1].T > 0)
