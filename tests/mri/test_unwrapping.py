"""Smooth phase comes back whole from its wrapped form, whatever lies outside the head."""

import numpy as np
import pytest
from scipy import ndimage

from phasegen.mri.unwrapping import unwrap_by_quality, unwrap_laplacian

SHAPE = (48, 40)
Y, X = np.mgrid[: SHAPE[0], : SHAPE[1]].astype(float)
EVERYWHERE = np.ones(SHAPE, bool)
HEAD = np.hypot((Y - 24) / 20, (X - 20) / 16) < 1
SMOOTH = {
    "ramp": 0.7 * X - 1.3 * Y,
    "steep ramp": 3.0 * X,
    "parabola": 0.03 * ((X - 20) ** 2 + (Y - 24) ** 2),
    "waves": 9 * np.sin(Y / 9) * np.cos(X / 7),
}


def wrapped(phase):
    return np.angle(np.exp(1j * phase))


def without_constant(phase, inside):
    return phase[inside] - phase[inside].mean()


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("inside", [None, HEAD], ids=["all", "head"])
def test_a_smooth_phase_comes_back_up_to_a_constant(name, inside):
    phase = SMOOTH[name]
    where = EVERYWHERE if inside is None else inside
    assert np.ptp(phase[where]) > 3 * np.pi
    found = unwrap_laplacian(wrapped(phase), inside)
    np.testing.assert_allclose(
        without_constant(found, where), without_constant(phase, where), atol=1e-5
    )


@pytest.mark.parametrize("name", ["ramp", "parabola", "waves"])
@pytest.mark.parametrize("inside", [EVERYWHERE, HEAD], ids=["all", "head"])
def test_both_ways_agree_without_noise(name, inside):
    phase = wrapped(SMOOTH[name])
    laplacian, quality = unwrap_laplacian(phase, inside), unwrap_by_quality(phase, inside)
    np.testing.assert_allclose(
        without_constant(laplacian, inside), without_constant(quality, inside), atol=1e-5
    )


@pytest.mark.parametrize("unwrap", [unwrap_laplacian, unwrap_by_quality])
def test_noise_outside_the_head_changes_nothing_inside(unwrap):
    phase = wrapped(SMOOTH["waves"])
    noise = np.random.default_rng(0).uniform(-np.pi, np.pi, SHAPE)
    clean, noisy = unwrap(phase, HEAD), unwrap(np.where(HEAD, phase, noise), HEAD)
    np.testing.assert_allclose(noisy, clean, atol=1e-5)
    assert not noisy[~HEAD].any()


def test_a_whole_turn_anywhere_changes_nothing():
    phase = wrapped(SMOOTH["ramp"])
    turned = phase + 2 * np.pi * (X > 20)
    np.testing.assert_allclose(unwrap_laplacian(turned), unwrap_laplacian(phase), atol=1e-9)


def test_with_a_mask_of_everything_nothing_changes():
    phase = np.random.default_rng(1).uniform(-np.pi, np.pi, SHAPE)
    whole, masked = unwrap_laplacian(phase), unwrap_laplacian(phase, EVERYWHERE)
    np.testing.assert_allclose(masked - masked.mean(), whole, atol=1e-6)


def test_parts_that_do_not_touch_are_unwrapped_each():
    phase, halves = SMOOTH["ramp"], np.abs(X - 20) > 3
    found = unwrap_laplacian(wrapped(phase), halves)
    parts, count = ndimage.label(halves)
    assert count == 2
    for part in (1, 2):
        inside = parts == part
        np.testing.assert_allclose(
            without_constant(found, inside), without_constant(phase, inside), atol=1e-5
        )


def test_by_quality_the_phase_changes_by_whole_turns_alone():
    noise = np.random.default_rng(2).normal(0, 0.5, SHAPE)
    phase = wrapped(SMOOTH["waves"] + noise)
    turns = (unwrap_by_quality(phase, HEAD) - phase)[HEAD] / (2 * np.pi)
    np.testing.assert_allclose(turns, np.rint(turns), atol=1e-6)
    assert np.ptp(np.rint(turns)) >= 3
    np.testing.assert_array_equal(
        unwrap_by_quality(phase, HEAD), unwrap_by_quality(phase, HEAD), "the same every time"
    )


@pytest.mark.parametrize("unwrap", [unwrap_laplacian, unwrap_by_quality])
def test_single_precision_and_an_empty_mask_are_taken(unwrap):
    phase = wrapped(SMOOTH["waves"]).astype(np.float32)
    assert unwrap(phase, HEAD).dtype == float
    assert not unwrap(phase, np.zeros(SHAPE, bool)).any()
