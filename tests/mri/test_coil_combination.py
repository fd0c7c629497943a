"""Coils combined: the object's phase up to a smooth one, the matched filter's magnitude."""

import shutil
import subprocess

import numpy as np
import pytest

from phasegen.mri.coil_combination import BLOCK, combine, matched_filters

SHAPE = (72, 60)
COILS = 8


def ring(coils=COILS, radius=55.0):
    """Sensitivities ``(coil, y, x)`` of loops about the object, each with a phase of its own."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]] - np.array(SHAPE)[:, None, None] / 2
    angle = 2 * np.pi * np.arange(coils) / coils
    distance = (x + 1j * y)[None] - radius * np.exp(1j * angle)[:, None, None]
    return (radius / distance).astype(np.complex64)


@pytest.fixture
def image():
    """A head-like disc with a phase, complex64 ``(y, x)``."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]] / np.array(SHAPE)[:, None, None] - 0.5
    inside = (x / 0.42) ** 2 + (y / 0.45) ** 2 < 1
    texture = 1 + 0.3 * np.sin(9 * x) * np.cos(11 * y)
    phase = 2 * np.pi * (0.7 * y**2 - 0.4 * x) + 0.5
    return (inside * texture * np.exp(1j * phase)).astype(np.complex64)


def noisy(image, sigma, seed=0):
    parts = np.random.default_rng(seed).normal(0, sigma, (2, COILS, *SHAPE))
    return (ring() * image + parts[0] + 1j * parts[1]).astype(np.complex64)


def residues(phase):
    """Loops of four pixels about which the phase turns."""
    turn = np.exp(1j * phase)
    around = [turn[:-1, :-1], turn[:-1, 1:], turn[1:, 1:], turn[1:, :-1]]
    steps = [np.angle(b * a.conj()) for a, b in zip(around, around[1:] + around[:1], strict=True)]
    return np.abs(np.sum(steps, axis=0)) > 1


def test_one_coil_is_left_alone(image):
    np.testing.assert_array_equal(combine(image[None]), image[None])


def test_without_noise_the_magnitude_is_the_root_sum_of_squares(image):
    coils = ring() * image
    combined = combine(coils)
    assert combined.shape == (1, *SHAPE)
    assert combined.dtype == np.complex64
    rss = np.linalg.norm(coils, axis=0)
    np.testing.assert_allclose(np.abs(combined[0]), rss, rtol=0.03, atol=1e-6)


def test_the_phase_is_the_objects_plus_a_smooth_one_without_vortices(image):
    combined = combine(noisy(image, 0.01))[0]
    inside = np.abs(image) > 0
    added = np.angle(combined * image.conj())
    loops = inside[:-1, :-1] & inside[:-1, 1:] & inside[1:, 1:] & inside[1:, :-1]
    assert not (residues(added) & loops).any()
    steps = np.angle(np.exp(1j * np.diff(added, axis=0)))[inside[1:] & inside[:-1]]
    assert np.abs(steps).max() < 0.25


def test_order_phase_and_bands_do_not_matter(image, monkeypatch):
    coils = noisy(image, 0.02)
    one = combine(coils)
    np.testing.assert_allclose(combine(coils[::-1]), one, atol=2e-4)
    turned = coils * np.exp(1j * np.arange(COILS))[:, None, None].astype(np.complex64)
    ratio = combine(turned)[0] * one[0].conj()
    inside = np.abs(image) > 0
    assert np.ptp(np.angle(ratio[inside])) < 1e-2, "one turn for all pixels"
    monkeypatch.setattr("phasegen.mri.coil_combination.BAND", 17)
    np.testing.assert_allclose(combine(coils), one, atol=2e-5)


def test_noise_is_lower_than_in_the_root_sum_of_squares(image):
    coils = noisy(image, 0.3)
    outside = np.abs(image) == 0
    assert (
        np.abs(combine(coils)[0, outside]).mean() < np.linalg.norm(coils[:, outside], axis=0).mean()
    )


@pytest.mark.parametrize("values", [0, 1])
def test_blank_and_constant_images(values):
    coils = np.full((3, 20, 20), values, np.complex64)
    np.testing.assert_allclose(np.abs(combine(coils)), values * 3**0.5, atol=1e-5)


@pytest.mark.skipif(not shutil.which("bart"), reason="bart is not installed")
def test_the_filters_are_those_of_bart(image, tmp_path):
    coils = noisy(image, 0.02)
    write_cfl(tmp_path / "coils", np.moveaxis(coils, 0, -1)[:, :, None])
    rows, columns = SHAPE
    for words in (
        ["fft", "-u", "3", "coils", "kspace"],
        # of the centre of k-space, so that bart's correlations are smooth ones
        ["walsh", "-r", "48:48:1", "-b", f"{BLOCK}:{BLOCK}:1", "kspace", "correlation"],
        ["ecaltwo", "-m", "1", str(rows), str(columns), "1", "correlation", "maps"],
    ):
        subprocess.run(["bart", *words], cwd=tmp_path, check=True, capture_output=True)
    theirs = np.moveaxis(read_cfl(tmp_path / "maps"), -1, 0)
    ours = matched_filters(coils)
    likeness = np.abs(np.einsum("cyx,cyx->yx", theirs.conj(), ours))
    likeness /= np.maximum(np.linalg.norm(theirs, axis=0), 1e-9)
    assert np.median(likeness[np.abs(image) > 0]) > 0.999
    assert np.quantile(likeness[np.abs(image) > 0], 0.01) > 0.97


def write_cfl(path, array):
    path.with_suffix(".cfl").write_bytes(array.astype(np.complex64).tobytes(order="F"))
    path.with_suffix(".hdr").write_text("# Dimensions\n" + " ".join(map(str, array.shape)) + "\n")


def read_cfl(path):
    shape = [int(n) for n in path.with_suffix(".hdr").read_text().split("\n")[1].split()]
    return np.fromfile(path.with_suffix(".cfl"), np.complex64).reshape(shape, order="F").squeeze()
