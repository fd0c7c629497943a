"""Both rules equal scikit-image and fastMRI, and say what they give where nothing can be said."""

import sys
import warnings
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
from skimage import metrics

from phasegen.metrics.reconstruction import fastmri_row, reconstruction_row, scaled_to

SLICE = ["ssim", "psnr", "mse", "nrmse"]
VOLUME = ["fastmri_ssim", "fastmri_psnr", "fastmri_nmse"]


@pytest.fixture
def target():
    y, x = np.mgrid[-1:1:40j, -1:1:32j]
    base = np.exp(-3 * (x**2 + y**2)) + 0.2 * (np.abs(x) < 0.5)
    return np.stack([base, 0.5 * base[::-1], 2 * base.clip(0.3)]).astype(np.float32)


@pytest.fixture
def prediction(target):
    noise = np.random.default_rng(4).normal(0, 0.05, target.shape)
    return np.abs(0.7 * target + noise).astype(np.float32)


@pytest.fixture
def evaluate(monkeypatch):
    """fastMRI's own definitions; the bookkeeping of its command line is not installed."""
    monkeypatch.setitem(sys.modules, "runstats", SimpleNamespace(Statistics=None))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module("fastmri.evaluate")


def test_slices_equal_scikit_image(prediction, target):
    for image, truth in zip(prediction.astype(float), target.astype(float), strict=True):
        row = reconstruction_row(image.astype(np.float32), truth.astype(np.float32))
        assert list(row) == SLICE
        assert all(type(value) is float for value in row.values())
        near = image * np.sum(image * truth) / np.sum(image**2)
        span = {"data_range": truth.max()}
        assert row == {
            "ssim": pytest.approx(metrics.structural_similarity(truth, near, **span), abs=1e-5),
            "psnr": pytest.approx(metrics.peak_signal_noise_ratio(truth, near, **span), abs=1e-5),
            "mse": pytest.approx(metrics.mean_squared_error(truth, near) / truth.max() ** 2),
            "nrmse": pytest.approx(metrics.normalized_root_mse(truth, near), abs=1e-5),
        }
        assert row["psnr"] == pytest.approx(-10 * np.log10(row["mse"]))
        assert row["nrmse"] == pytest.approx(
            np.linalg.norm(near - truth) / np.linalg.norm(truth), abs=1e-5
        )


def test_volumes_equal_fastmri(prediction, target, evaluate):
    row = fastmri_row(prediction, target)
    assert list(row) == VOLUME
    assert all(type(value) is float for value in row.values())
    truth, image = target.astype(float), prediction.astype(float)
    assert row == {
        "fastmri_ssim": pytest.approx(evaluate.ssim(truth, image).item(), abs=1e-5),
        "fastmri_psnr": pytest.approx(evaluate.psnr(truth, image), abs=1e-5),
        "fastmri_nmse": pytest.approx(evaluate.nmse(truth, image).item(), abs=1e-5),
    }
    # and by hand
    difference = image - truth
    assert row["fastmri_psnr"] == pytest.approx(
        10 * np.log10(truth.max() ** 2 / np.mean(difference**2))
    )
    assert row["fastmri_nmse"] == pytest.approx(np.sum(difference**2) / np.sum(truth**2))


def test_units_do_not_count_in_the_slice_rule_and_do_in_the_volume_rule(prediction, target):
    row = reconstruction_row(prediction[0], target[0])
    assert reconstruction_row(300 * prediction[0], 7 * target[0]) == pytest.approx(row, rel=1e-5)
    assert fastmri_row(3 * prediction, 3 * target) == pytest.approx(
        fastmri_row(prediction, target), rel=1e-5
    )
    assert fastmri_row(3 * prediction, target)["fastmri_nmse"] > 1


def test_the_factor_is_the_best_one(prediction, target):
    image, truth = prediction[0].astype(float), target[0].astype(float)
    least = np.sum((scaled_to(image, truth) - truth) ** 2)
    for factor in (0.99, 1.01):
        assert np.sum((factor * scaled_to(image, truth) - truth) ** 2) > least


def test_a_perfect_prediction(target):
    assert reconstruction_row(target[0], target[0]) == {
        "ssim": pytest.approx(1),
        "psnr": float("inf"),
        "mse": 0,
        "nrmse": 0,
    }
    row = fastmri_row(target, target)
    assert row == {"fastmri_ssim": pytest.approx(1), "fastmri_psnr": np.inf, "fastmri_nmse": 0}


def test_a_prediction_of_zeros_stays_so(target):
    row = reconstruction_row(np.zeros_like(target[0]), target[0])
    assert row["nrmse"] == 1
    assert row["mse"] == pytest.approx(np.mean((target[0] / target[0].max()) ** 2))
    assert row["ssim"] < 0.5


def test_an_empty_target_says_nothing(prediction, target):
    row = reconstruction_row(prediction[0], np.zeros_like(target[0]))
    assert list(row) == SLICE and np.isnan(list(row.values())).all()
    row = fastmri_row(prediction, np.zeros_like(target))
    assert list(row) == VOLUME and np.isnan(list(row.values())).all()


def test_an_empty_slice_in_a_volume_counts_as_any_other(prediction, target, evaluate):
    target[1] = 0
    row = fastmri_row(prediction, target)
    expected = evaluate.ssim(target.astype(float), prediction.astype(float)).item()
    assert row["fastmri_ssim"] == pytest.approx(expected, abs=1e-5)


def test_a_constant_target_is_a_target_as_any_other():
    flat = np.full((16, 16), 2.0, np.float32)
    assert reconstruction_row(3 * flat, flat)["ssim"] == pytest.approx(1)
    noisy = flat + np.random.default_rng(0).uniform(0, 1, flat.shape).astype(np.float32)
    assert np.isfinite(list(reconstruction_row(noisy, flat).values())).all()


@pytest.mark.parametrize("shape", [(6, 16), (16, 6), (1, 1)])
def test_a_slice_smaller_than_the_window_has_no_ssim(shape):
    random = np.random.default_rng(0)
    image, truth = random.uniform(1, 2, (2, *shape))
    row = reconstruction_row(image, truth)
    assert np.isnan(row.pop("ssim"))
    assert not np.isnan(list(row.values())).any()
    row = fastmri_row(image[None], truth[None])
    assert np.isnan(row.pop("fastmri_ssim"))
    assert np.isfinite(list(row.values())).all()


def test_the_window_itself_is_large_enough():
    image, truth = np.random.default_rng(0).uniform(1, 2, (2, 7, 7))
    assert np.isfinite(reconstruction_row(image, truth)["ssim"])


@pytest.mark.parametrize("metric", [reconstruction_row, fastmri_row])
def test_what_is_no_magnitude_is_refused(metric, prediction, target):
    if metric is reconstruction_row:
        prediction, target = prediction[0], target[0]
    with pytest.raises(ValueError, match="the prediction is complex; take its magnitude"):
        metric(prediction.astype(complex), target)
    with pytest.raises(ValueError, match="the target has values that are no magnitude"):
        metric(prediction, -target)
    with pytest.raises(ValueError, match="negative or not finite"):
        metric(np.where(prediction > 0.5, np.nan, prediction), target)
    with pytest.raises(ValueError, match=r"need one shape \((slice, )?y, x\)"):
        metric(prediction[..., :-1], target)
    with pytest.raises(ValueError, match="need one shape"):
        metric(prediction[None], target[None])
    with pytest.raises(ValueError, match="need one shape"):
        metric(prediction[..., :0], target[..., :0])
