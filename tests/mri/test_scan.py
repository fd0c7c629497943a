"""One small subject: field and phase behave as physics says, noise as the settings say."""

import numpy as np
import pytest

from phasegen.mri import contrast, scan
from phasegen.mri.tissues import FAT_SHIFT, GAMMA_BAR, Tissue
from phasegen.settings import Simulation

SIMULATION = Simulation(
    groups={"a": 2}, contrasts=["T1w", "T2w", "GRE"], matrix=96, slices=3, snr=25.0
)
SEED = 11


@pytest.fixture(scope="module")
def subject() -> scan.Subject:
    return scan.make_subject("sub-001", SIMULATION, SEED)


@pytest.fixture(scope="module")
def images(subject) -> dict[str, np.ndarray]:
    return {name: scan.image(subject, name, SIMULATION, SEED) for name in contrast.PROTOCOLS}


def residues(image: np.ndarray, tissue: np.ndarray) -> float:
    """Phase residues per 1000 loops of four tissue pixels."""
    phase = np.angle(image)
    corners = phase[:, :-1, :-1], phase[:, :-1, 1:], phase[:, 1:, 1:], phase[:, 1:, :-1]
    steps = (b - a for a, b in zip(corners, (*corners[1:], corners[0]), strict=True))
    turns = sum((step + np.pi) % (2 * np.pi) - np.pi for step in steps)
    whole = tissue[:, :-1, :-1] & tissue[:, :-1, 1:] & tissue[:, 1:, 1:] & tissue[:, 1:, :-1]
    return 1000 * np.count_nonzero((np.abs(turns) > 1) & whole) / np.count_nonzero(whole)


def level(image: np.ndarray, subject: scan.Subject) -> float:
    return float(np.abs(image[scan.white_matter(subject)]).mean())


def test_fractions_never_exceed_a_voxel(subject):
    assert subject.fractions.min() >= 0
    assert subject.fractions.sum(axis=2).max() < 1 + 1e-5
    assert set(np.flatnonzero(subject.fractions.max(axis=(0, 1, 3, 4)) > 0.5)) == set(Tissue)


def test_brain_is_inside_the_head(subject, images):
    brain = scan.brain_mask(subject)
    assert (brain.mean(axis=(1, 2)) > 0.05).all()
    head = np.abs(images["PDw"]) > 0.1 * level(images["PDw"], subject)
    assert np.count_nonzero(brain & ~head) < 0.02 * np.count_nonzero(brain)
    edge = np.ones(brain.shape, bool)
    edge[:, 4:-4, 4:-4] = False
    assert not (brain & edge).any()


def test_field_is_strongest_near_the_sinuses_and_of_real_size(subject):
    hertz = subject.shift * GAMMA_BAR * 3.0
    spread = [np.std(hertz[i][subject.brain[i] > 0.5]) for i in range(3)]
    assert spread[0] > spread[1]
    assert 10 < np.std(hertz[subject.brain > 0.5]) < 50


def test_spin_echo_is_blind_to_the_field(subject, images):
    elsewhere = scan.replace_field(subject, 3 * subject.shift)
    same = scan.image(elsewhere, "T2w", SIMULATION, SEED)
    np.testing.assert_array_equal(same, images["T2w"])
    changed = scan.image(elsewhere, "GRE", SIMULATION, SEED)
    assert np.abs(changed - images["GRE"]).max() > 0.1 * np.abs(images["GRE"]).max()


def test_precession_is_linear_in_the_echo_time():
    one, shift = np.ones(5, np.float32), np.linspace(-1e-7, 1e-7, 5, dtype=np.float32)
    for te in (0.002, 0.004):
        water, fat = scan.precess(one, one, shift, te, 3.0)
        turn = 2 * np.pi * GAMMA_BAR * 3.0 * te
        np.testing.assert_allclose(np.angle(water), turn * shift, atol=1e-5)
        np.testing.assert_allclose(fat / water, np.exp(1j * turn * FAT_SHIFT), atol=1e-4)


def test_dephasing_follows_the_sinc_of_the_gradient(subject):
    """A linear gradient through the slice leaves sin(n a)/(n sin a) of the signal."""
    ramp = np.zeros_like(subject.shift)
    ramp += (np.arange(scan.SHEETS, dtype=np.float32) * 4e-8)[:, None, None]
    steep, flat = (
        scan.image(scan.replace_field(subject, field), "GRE", SIMULATION, SEED)
        for field in (ramp, 0 * ramp)
    )
    pixels = scan.white_matter(subject)
    half = np.pi * GAMMA_BAR * 3.0 * contrast.PROTOCOLS["GRE"].te * 4e-8
    expected = np.sin(scan.SHEETS * half) / (scan.SHEETS * np.sin(half))
    measured = np.median(np.abs(steep[pixels]) / np.abs(flat[pixels]))
    assert measured == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("name", ["T1w", "T2w", "PDw"])
def test_phase_of_tissue_has_no_residues(name, subject, images):
    tissue = np.abs(images[name]) > 0.3 * level(images[name], subject)
    assert residues(images[name], tissue) <= 0.05


def test_gradient_echo_has_few_residues(subject, images):
    tissue = np.abs(images["GRE"]) > 0.3 * level(images["GRE"], subject)
    assert residues(images["GRE"], tissue) < 5


def test_snr_is_as_stated(subject, images):
    clean = images["T1w"]
    noisy = scan.add_noise(clean, subject, "T1w", SIMULATION, SEED)
    white = scan.white_matter(subject)
    noise = (noisy - clean)[white]
    signal = level(clean, subject)
    assert signal / noise.real.std() == pytest.approx(SIMULATION.snr, rel=0.06)
    assert signal / noise.imag.std() == pytest.approx(SIMULATION.snr, rel=0.06)
    air = np.abs(clean) < 0.002 * signal
    rayleigh = np.abs(noisy[air]).mean() * np.sqrt(2 / np.pi)
    assert signal / rayleigh == pytest.approx(SIMULATION.snr, rel=0.05)


def test_subjects_contrasts_and_seeds_differ(subject, images):
    other = scan.make_subject("sub-002", SIMULATION, SEED)
    assert not np.array_equal(other.fractions, subject.fractions)
    assert np.angle(images["T2w"] * images["PDw"].conj()).std() > 0.1
    again = scan.image(subject, "T2w", SIMULATION, SEED + 1)
    brain = scan.brain_mask(subject)
    assert np.corrcoef(np.abs(again[brain]), np.abs(images["T2w"][brain]))[0, 1] > 0.999
    assert np.abs(again - images["T2w"])[brain].mean() > 0.1 * level(again, subject)


@pytest.mark.parametrize("number", range(3))
def test_the_head_fits_the_field_of_view(number):
    simulation = SIMULATION.model_copy(update={"slices": 1})
    body = scan.make_subject(f"sub-{number:03d}", simulation, SEED)
    lowest = body.fractions[0].sum(axis=1).max(axis=0)
    assert lowest[:8].max() == lowest[-8:].max() == 0
    assert lowest[:, :8].max() == lowest[:, -8:].max() == 0


@pytest.mark.parametrize("matrix", [32, 45, 64])
def test_grids_share_their_centres(matrix):
    axis = np.arange(matrix) * 2.0 - 7
    fine = scan.finer_axis(axis, 4)
    assert fine.size == 4 * matrix
    start = fine.size // 2 - 4 * (matrix // 2)
    np.testing.assert_allclose(fine[start::4][: matrix - 1], axis[: matrix - 1])
