import numpy as np
import pytest
from scipy import ndimage

from phasegen.mri import scan
from phasegen.raters import morphology
from phasegen.raters.registry import METHODS, method, rate_built_in
from phasegen.settings import Simulation

from .conftest import SPACING


def dice(mask, true):
    return 2 * np.count_nonzero(mask & true) / (np.count_nonzero(mask) + np.count_nonzero(true))


@pytest.mark.parametrize("name", sorted(set(METHODS) - {"atlas"}))
def test_the_brain_of_a_phantom_is_found(name, head):
    magnitude, brain = head
    mask = method(name)(magnitude, SPACING)
    assert mask.shape == magnitude.shape
    assert mask.dtype == bool
    assert dice(mask, brain) > 0.93


@pytest.mark.parametrize("name", sorted(set(METHODS) - {"atlas"}))
def test_the_scale_of_a_magnitude_does_not_matter(name, head):
    magnitude, _ = head
    mask, scaled = (method(name)(factor * magnitude, SPACING) for factor in (1, 512))
    np.testing.assert_array_equal(mask, scaled)


@pytest.mark.parametrize("name", ["median_otsu_2d", "watershed_2d"])
def test_a_slice_knows_nothing_of_its_neighbours(name, head):
    few = head[0][4:10:2]
    alone = np.concatenate([method(name)(one, SPACING) for one in few[:, None]])
    np.testing.assert_array_equal(method(name)(few, SPACING), alone)


@pytest.mark.parametrize("name", METHODS)
def test_a_volume_with_a_blank_slice_is_no_fault(name, head):
    magnitude = head[0].copy()
    magnitude[-1] = 0
    mask = method(name)(magnitude, SPACING)
    assert dice(mask[:-1], head[1][:-1]) > 0.85
    # in 3D the brain next to it may reach into it
    assert name in ("atlas", "median_otsu", "watershed") or not mask[-1].any()


@pytest.fixture(scope="module")
def subject():
    simulation = Simulation(groups={"a": 1}, matrix=64, slices=20, contrasts=["T1w", "T2w"])
    body = scan.make_subject("sub-001", simulation, 3)
    images = {c: scan.image(body, c, simulation, 3) for c in ("T1w", "T2w")}
    step = float(body.grid.z[1] - body.grid.z[0])
    noisy = {c: scan.add_noise(i, body, c, simulation, 3) for c, i in images.items()}
    magnitudes = {c: np.abs(image).astype(np.float32) for c, image in noisy.items()}
    return magnitudes, scan.brain_mask(body), (step, 3.75, 3.75)


@pytest.mark.parametrize("contrast", ["T1w", "T2w"])
@pytest.mark.parametrize("name", ["atlas", "median_otsu", "watershed"])
def test_simulated_heads_are_stripped_whatever_their_contrast(name, contrast, subject):
    magnitudes, brain, spacing = subject
    # pixels as large as the skull is thick
    assert dice(method(name)(magnitudes[contrast], spacing), brain) > 0.87


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match="no method 'os'; there are atlas, "):
        method("os")


def test_lengths_are_millimetres():
    mask = np.zeros((9, 21, 21), bool)
    mask[4, 10, 10] = True
    grown = morphology.grow(mask, 4.0, (2.0, 1.0, 0.5))
    assert [np.flatnonzero(grown.any(axis=axes)).size for axes in ((1, 2), (0, 2), (0, 1))] == [
        5,
        9,
        17,
    ]
    assert not morphology.grow(np.zeros_like(mask), 4.0, (1, 1, 1)).any()


def test_opening_cuts_thin_bridges_and_keeps_both_halves():
    mask = np.zeros((1, 60, 60), bool)
    mask[0, 10:50, 5:25] = mask[0, 10:50, 33:53] = True
    mask[0, 2:6, 2:58] = True
    mask[0, 2:12, 12:14] = True
    result = morphology.opened(mask, 4.0, (5.0, 1.0, 1.0))
    assert not result[0, :5].any()
    assert result[0, 30, 15]
    assert result[0, 30, 43]


def test_depth_is_within_a_slice_and_the_edge_is_outside():
    depth = morphology.depth(np.ones((3, 9, 9), bool), (50.0, 2.0, 2.0))
    assert depth.max() == 10
    np.testing.assert_array_equal(depth[0], depth[1])
    inner = ndimage.binary_erosion(np.ones((9, 9), bool))
    assert (depth[0][~inner] == 2).all()


def test_a_rating_holds_the_mask_and_its_time(head):
    rating = rate_built_in("threshold", head[0], SPACING)
    assert (rating.status, rating.message) == ("used", "")
    np.testing.assert_array_equal(rating.mask, method("threshold")(head[0], SPACING))
    assert rating.seconds > 0


def test_a_method_that_fails_or_finds_nothing_says_so(head, monkeypatch):
    blank = np.zeros_like(head[0])
    assert rate_built_in("threshold", blank, SPACING).message == "threshold found no brain"

    def extract(volume, spacing_mm):
        raise IndexError("no\n slices")

    monkeypatch.setattr("phasegen.raters.threshold.extract", extract)
    rating = rate_built_in("threshold", head[0], SPACING)
    assert (rating.status, rating.message, rating.mask) == ("failed", "no slices", None)
