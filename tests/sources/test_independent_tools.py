"""The readers against programs of others, where they are installed."""

import shutil
import subprocess

import h5py
import numpy as np
import pytest

from phasegen.fourier import to_image
from phasegen.sources.base import BadFile
from phasegen.sources.ismrmrd_file import IsmrmrdReader
from phasegen.sources.registry import reader
from phasegen.sources.volumes import read_volume

GENERATE, RECONSTRUCT = "ismrmrd_generate_cartesian_shepp_logan", "ismrmrd_recon_cartesian_2d"
needs_ismrmrd = pytest.mark.skipif(
    not (shutil.which(GENERATE) and shutil.which(RECONSTRUCT)), reason="no ismrmrd tools"
)
needs_bart = pytest.mark.skipif(not shutil.which("bart"), reason="no bart")


@pytest.fixture
def phantom(tmp_path):
    """Write the tools' phantom: 64 x 64, oversampled twofold, of some coils."""

    def generate(*options: str) -> object:
        path = tmp_path / "phantom.h5"
        path.unlink(missing_ok=True)  # it would append
        command = [GENERATE, "-m", "64", "-O", "2", "-o", str(path), *options]
        subprocess.run(command, check=True, capture_output=True)
        return path

    return generate


@needs_ismrmrd
@pytest.mark.parametrize("coils", [1, 4])
def test_our_image_is_the_transpose_of_the_tool_s(phantom, coils):
    path = phantom("-c", str(coils), "-n", "0.01")
    read = read_volume(reader("ismrmrd"), path)
    subprocess.run([RECONSTRUCT, str(path)], check=True, capture_output=True)
    with h5py.File(path) as file:
        tool = file["dataset/cpp/data"][0, 0, 0]  # (y, x), root sum of squares
    ours = np.sqrt((np.abs(to_image(read)[0]) ** 2).sum(axis=0))
    assert ours.shape == tool.shape
    assert np.corrcoef(ours.T.ravel(), tool.ravel())[0, 1] > 0.99999
    # and of no other orientation
    assert np.corrcoef(ours.ravel(), tool.ravel())[0, 1] < 0.5
    assert np.corrcoef(ours.T[::-1].ravel(), tool.ravel())[0, 1] < 0.9
    inside = tool > 0.1 * tool.max()
    np.testing.assert_array_equal(0.1 * ours.max() < ours.T, inside)


@needs_ismrmrd
def test_every_coil_is_the_phantom_under_its_sensitivity(phantom):
    """Complex, so that a sign of the transform or a shift of half a pixel would be seen."""
    path = phantom("-c", "4", "-n", "0")
    with h5py.File(path) as file:
        truth, maps = file["dataset/phantom"][0], file["dataset/csm"][0]
    coils = (maps["real"] + 1j * maps["imag"]) * (truth["real"] + 1j * truth["imag"])
    images = to_image(IsmrmrdReader().read_slices(path)[0]).swapaxes(1, 2)
    for ours, coil in zip(images, coils, strict=True):
        likeness = np.vdot(coil, ours) / np.linalg.norm(coil) / np.linalg.norm(ours)
        assert likeness.real > 0.99
        assert abs(likeness.imag) < 0.01


@needs_ismrmrd
def test_noise_scans_change_nothing(phantom):
    plain = IsmrmrdReader().read_slices(phantom("-c", "2", "-n", "0"))
    path = phantom("-c", "2", "-n", "0", "-C")
    with h5py.File(path) as file:
        assert len(file["dataset/data"]) == 65
    np.testing.assert_array_equal(IsmrmrdReader().read_slices(path), plain)


@needs_ismrmrd
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("-r", "3"), "it holds 3 of 'repetition'; write one file for each"),
        (("-a", "2"), "undersampled: 31 of 63 neighbouring lines are missing"),
        (("-a", "4", "-w", "16"), "undersampled"),
    ],
)
def test_repetitions_and_acceleration_are_refused(phantom, options, reason):
    path = phantom("-c", "2", *options)
    for read in (IsmrmrdReader().read_header, IsmrmrdReader().read_slices):
        with pytest.raises(BadFile, match=rf"phantom\.h5: {reason}"):
            read(path)


def calgary(kspace: np.ndarray) -> np.ndarray:
    """As Calgary-Campinas stores it, zero frequency in the corner: real and imaginary in turn."""
    corner = np.roll(kspace, (-(kspace.shape[1] // 2), -(kspace.shape[2] // 2)), (1, 2))
    return np.ascontiguousarray(corner[..., None]).view(np.float32)


@needs_bart
@pytest.mark.parametrize("name", ["fastmri", "calgary"])
def test_bart_sees_the_same_image(write_h5, tmp_path, kspace, name):
    stored = kspace if name == "fastmri" else calgary(kspace)
    read = reader(name).read_slices(write_h5("v.h5", kspace=stored))[0, 0]
    np.testing.assert_allclose(bart_image(read, tmp_path), to_image(read), atol=1e-5)


@needs_bart
@needs_ismrmrd
def test_bart_sees_the_same_phantom(phantom, tmp_path):
    read = IsmrmrdReader().read_slices(phantom("-c", "2"))[0, 1]
    scale = np.abs(to_image(read)).max()
    np.testing.assert_allclose(bart_image(read, tmp_path), to_image(read), atol=1e-5 * scale)


def bart_image(kspace: np.ndarray, folder: object) -> np.ndarray:
    """Centred unitary inverse transform by BART; its files have the first axis fastest."""
    (folder / "k.hdr").write_text(f"# Dimensions\n{kspace.shape[0]} {kspace.shape[1]}\n")
    kspace.astype("<c8").ravel(order="F").tofile(folder / "k.cfl")
    command = ["bart", "fft", "-u", "-i", "3", str(folder / "k"), str(folder / "image")]
    subprocess.run(command, check=True, capture_output=True)
    image = np.fromfile(folder / "image.cfl", "<c8")
    return image.reshape(kspace.shape, order="F")
