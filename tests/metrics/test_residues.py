"""Residues are counted as theory counts them."""

import numpy as np
import pytest

from phasegen.metrics.residues import residue_rate, residues
from phasegen.metrics.tissue import tissue_mask

Y, X = np.mgrid[:32, :32].astype(np.float32)
EVERYWHERE = np.ones((32, 32), bool)


def vortex(y, x, turns=1):
    return np.float32(turns) * np.arctan2(Y - y, X - x)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_vortex_is_one_residue(sign):
    found, loops = residues(vortex(9.5, 20.5, sign), EVERYWHERE)
    assert (found, loops) == (1, 31 * 31)


def test_vortices_of_all_slices_are_counted_apart():
    pair = np.stack([vortex(9.5, 20.5) - vortex(20.5, 9.5), vortex(3.5, 3.5)])
    found, _ = residues(pair, np.stack([EVERYWHERE] * 2))
    assert found.tolist() == [2, 1]


def test_a_ramp_has_none_however_often_it_wraps():
    ramp = np.angle(np.exp(1j * (0.9 * Y - 1.7 * X))).astype(np.float32)
    assert residues(ramp, EVERYWHERE)[0] == 0


def test_a_third_of_the_loops_of_uniform_noise_are_residues():
    """The closed sum of four wrapped steps is one turn or minus one with 1/6 each."""
    noise = np.random.default_rng(0).uniform(-np.pi, np.pi, (40, 64, 64)).astype(np.float32)
    rate = residue_rate(noise, np.ones(noise.shape, bool))
    assert rate == pytest.approx(1000 / 3, rel=0.01)


@pytest.mark.parametrize("corner", [(9, 20), (9, 21), (10, 20), (10, 21)])
def test_all_four_corners_must_be_tissue(corner):
    tissue = EVERYWHERE.copy()
    tissue[corner] = False
    found, loops = residues(vortex(9.5, 20.5), tissue)
    assert (found, loops) == (0, 31 * 31 - 4)


def test_a_global_phase_changes_nothing(cohort):
    tissue = tissue_mask(cohort.magnitude)
    noise = np.random.default_rng(0).normal(0, 0.8, cohort.phase.shape)
    noisy = cohort.phase + noise.astype(np.float32)
    turned = np.angle(np.exp(1j * (noisy + 2.1)))
    assert residue_rate(noisy, tissue) > 1
    np.testing.assert_array_equal(residues(turned, tissue)[0], residues(noisy, tissue)[0])


def test_tissue_is_above_15_percent_of_each_slice():
    magnitude = np.array([[[1, 0.16, 0.14]], [[100, 16, 14]], [[0, 0, 0]]], np.float32)
    expected = [[[True, True, False]], [[True, True, False]], [[False, False, False]]]
    assert tissue_mask(magnitude).tolist() == expected
    assert residue_rate(magnitude[2], tissue_mask(magnitude)[2]) == 0
