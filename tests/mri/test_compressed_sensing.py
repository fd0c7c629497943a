"""Total variation on simulated heads: better than zero-filling, and a minimum of what it states."""

import numpy as np
import pandas as pd
import pytest
from sigpy.mri.app import TotalVariationRecon

from phasegen.errors import UserError
from phasegen.fourier import to_image, to_kspace
from phasegen.metrics.reconstruction import reconstruction_row
from phasegen.mri import compressed_sensing, scan
from phasegen.mri.compressed_sensing import best_weight, total_variation
from phasegen.mri.undersampling import on_grid, training_masks, undersample
from phasegen.settings import Simulation

SIMULATION = Simulation(groups={"a": 1}, contrasts=["T2w"], matrix=64, slices=4, snr=25.0)
SEED = 11
WEIGHT = 0.003


@pytest.fixture(scope="module")
def head() -> np.ndarray:
    """Noisy complex images (slice, 1, y, x)."""
    subject = scan.make_subject("sub-001", SIMULATION, SEED)
    image = scan.image(subject, "T2w", SIMULATION, SEED)
    return scan.add_noise(image, subject, "T2w", SIMULATION, SEED)[:, None]


@pytest.fixture(scope="module")
def mask() -> np.ndarray:
    return training_masks(64, "random_fixed", 4, 0.08, 4, np.random.default_rng(SEED))


@pytest.fixture(scope="module")
def kspace(head, mask) -> np.ndarray:
    return undersample(to_kspace(head), mask)


@pytest.fixture(scope="module")
def images(kspace, mask) -> np.ndarray:
    return total_variation(kspace, mask, WEIGHT)


def rows(images, truth):
    pairs = zip(np.abs(images[:, 0]), np.abs(truth[:, 0]), strict=True)
    return [reconstruction_row(*pair) for pair in pairs]


def objective(images, kspace, mask, weight):
    """What is minimised, by slice."""
    scale = np.abs(to_image(kspace)).max(axis=(1, 2, 3), keepdims=True)
    images, kspace = images / scale, kspace / scale
    misfit = to_kspace(images) * on_grid(mask, kspace.shape) - kspace
    steps = sum(np.abs(images - np.roll(images, 1, axis)) for axis in (-2, -1))
    return (np.abs(misfit) ** 2 / 2 + weight * steps).sum(axis=(1, 2, 3))


def test_it_beats_zero_filling_in_every_slice(images, kspace, head):
    filled = rows(to_image(kspace), head)
    assert images.dtype == np.complex64 and images.shape == head.shape
    gain = pd.DataFrame(rows(images, head)) - pd.DataFrame(filled)
    assert (gain["psnr"] > 0.5).all() and (gain["ssim"] > 0.02).all()
    assert gain["psnr"].mean() > 1 and gain["ssim"].mean() > 0.05


def test_it_is_a_minimum_of_what_it_states(images, kspace, mask, head):
    least = objective(images, kspace, mask, WEIGHT)
    assert (least < 0.9 * objective(to_image(kspace), kspace, mask, WEIGHT)).all()
    assert (least < objective(head, kspace, mask, WEIGHT)).all()
    random = np.random.default_rng(0)
    for size in (0.003, 0.03):
        noise = random.normal(size=(2, *head.shape)) * size * np.abs(head).max()
        assert (objective(images + noise[0] + 1j * noise[1], kspace, mask, WEIGHT) > least).all()
    smooth = (images + np.roll(images, 1, -1)) / 2
    assert (objective(smooth, kspace, mask, WEIGHT) > least).all()


@pytest.mark.parametrize("weight", [0.001, 0.01])
def test_with_all_lines_no_pixel_moves_by_more_than_four_weights(head, weight):
    """A pixel has four differences, each of which pulls with the weight."""
    found = total_variation(to_kspace(head), np.ones(64, bool), weight)
    moved = np.abs(found - head) / np.abs(head).max(axis=(1, 2, 3), keepdims=True)
    assert 3 * weight < moved.max() < 4.01 * weight


def test_it_is_the_solution_of_sigpy_s_own_application(kspace, mask, monkeypatch):
    monkeypatch.setattr(compressed_sensing, "ITERATIONS", 1000)
    weight, maps = 0.01, np.ones((1, 64, 64), np.complex64)
    ours = total_variation(kspace[:1], mask[:1], weight)[0, 0]
    scale = np.abs(to_image(kspace[0])).max()
    weights = np.broadcast_to(mask[:1], maps.shape).astype(np.float32)
    steps = {"sigma": 0.03, "tau": 1 / (9 * 0.03), "max_iter": 1000, "show_pbar": False}
    app = TotalVariationRecon(kspace[0] / scale, maps, weight, weights, **steps)
    np.testing.assert_allclose(ours, app.run() * scale, atol=0.005 * scale)


def test_more_weight_is_smoother(kspace, mask):
    def variation(weight):
        found = total_variation(kspace, mask, weight)
        return np.abs(np.diff(found, axis=-1)).sum() + np.abs(np.diff(found, axis=-2)).sum()

    variations = [variation(weight) for weight in (0.001, 0.01, 0.1)]
    assert variations == sorted(variations, reverse=True)


def test_scale_and_global_phase_go_through(images, kspace, mask):
    factor = 250 * np.exp(1j)
    found = total_variation((factor * kspace).astype(np.complex64), mask, WEIGHT)
    np.testing.assert_allclose(found / factor, images, atol=1e-3 * np.abs(images).max())


def test_lines_along_either_axis(images, kspace, mask):
    found = total_variation(kspace.swapaxes(-1, -2), mask, WEIGHT, axis="ky")
    np.testing.assert_allclose(found.swapaxes(-1, -2), images, atol=1e-3 * np.abs(images).max())


def test_slices_do_not_depend_on_their_company(images, kspace, mask):
    many = total_variation(np.tile(kspace, (5, 1, 1, 1)), np.tile(mask, (5, 1)), WEIGHT)
    np.testing.assert_array_equal(many, np.tile(images, (5, 1, 1, 1)))
    for number in range(2):
        alone = total_variation(kspace[number : number + 1], mask[number], WEIGHT)
        np.testing.assert_array_equal(alone[0], images[number])


def test_odd_sizes_keep_the_centre():
    image = np.zeros((1, 1, 21, 35), np.complex64)
    image[..., 6:14, 10:28] = 1 + 1j
    found = total_variation(to_kspace(image), np.ones(35, bool), 0.001)
    np.testing.assert_allclose(found, image, atol=0.01)


def test_an_empty_slice_stays_empty(kspace, mask, images):
    some = kspace.copy()
    some[1] = 0
    found = total_variation(some, mask, WEIGHT)
    assert not found[1].any()
    np.testing.assert_array_equal(found[[0, 2, 3]], images[[0, 2, 3]])
    assert total_variation(kspace[:0], np.ones(64, bool), WEIGHT).shape == (0, 1, 64, 64)


def test_the_best_weight_is_the_one_of_the_highest_psnr(kspace, mask, head, images):
    target = np.abs(head[:, 0])
    choice = best_weight([0.3, WEIGHT, 0.1], kspace, mask, target)
    assert choice.weight == WEIGHT
    assert list(choice.psnr) == [0.3, WEIGHT, 0.1]
    assert choice.psnr[WEIGHT] == pytest.approx(np.mean([r["psnr"] for r in rows(images, head)]))
    assert choice.psnr[WEIGHT] == max(choice.psnr.values())


def test_empty_slices_have_no_say_in_the_weight(kspace, mask, head):
    target = np.abs(head[:, 0])
    some, truth = kspace.copy(), target.copy()
    some[2], truth[2] = 0, 0
    left = [0, 1, 3]
    found = best_weight([WEIGHT], some, mask, truth)
    assert found == best_weight([WEIGHT], kspace[left], mask[left], target[left])


def test_what_gives_no_choice_is_refused(kspace, mask, head):
    target = np.abs(head[:, 0])
    with pytest.raises(UserError, match="needs weights and slices"):
        best_weight([], kspace, mask, target)
    with pytest.raises(UserError, match="needs weights and slices"):
        best_weight([WEIGHT], kspace, mask, 0 * target)


def test_what_it_cannot_solve_is_refused(kspace, mask):
    with pytest.raises(ValueError, match="one coil, not 2"):
        total_variation(np.tile(kspace, (1, 2, 1, 1)), mask, WEIGHT)
    with pytest.raises(ValueError, match="lines along kx"):
        total_variation(kspace, mask[:, :-1], WEIGHT)
    for weight in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="above 0"):
            total_variation(kspace, mask, weight)
