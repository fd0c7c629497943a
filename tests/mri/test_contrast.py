"""Limits of the signal equations, and the order of tissues in each contrast."""

import numpy as np
import pytest

from phasegen.mri.contrast import (
    PROTOCOLS,
    spin_echo,
    spoiled_gradient_echo,
    tissue_signal,
    water_and_fat,
)
from phasegen.mri.tissues import PROPERTIES, Tissue


def signal(tissue: Tissue, contrast: str) -> float:
    return tissue_signal(PROPERTIES[tissue], PROTOCOLS[contrast], 3.0)


def test_spin_echo_limits():
    assert spin_echo(1.0, 0.1, 0.7, tr=1e3, te=0.0) == pytest.approx(0.7)
    assert spin_echo(1.0, 0.1, 0.7, tr=1e3, te=0.1) == pytest.approx(0.7 / np.e)
    assert spin_echo(1.0, 0.1, 1.0, tr=1.0, te=0.0) == pytest.approx(1 - 1 / np.e)
    assert spin_echo(1.0, 0.1, 1.0, tr=2.0, te=10.0) == pytest.approx(0, abs=1e-9)


def test_gradient_echo_limits():
    full = spoiled_gradient_echo(1.0, 0.05, 0.8, tr=1e3, te=0.0, flip=90.0)
    assert full == pytest.approx(0.8)
    assert spoiled_gradient_echo(1.0, 0.05, 0.8, 1e3, 0.05, 90.0) == pytest.approx(0.8 / np.e)
    assert spoiled_gradient_echo(1.0, 0.05, 0.8, 0.1, 0.0, 0.0) == 0


def test_ernst_angle_gives_the_most():
    tr, t1 = 0.1, 1.0
    ernst = float(np.rad2deg(np.arccos(np.exp(-tr / t1))))
    flips = (ernst - 2, ernst, ernst + 2)
    below, best, above = (spoiled_gradient_echo(t1, 0.05, 1.0, tr, 0.0, flip) for flip in flips)
    assert best > below
    assert best > above


def test_order_of_tissues():
    white, grey, csf = Tissue.WHITE, Tissue.GREY, Tissue.CSF
    assert signal(Tissue.FAT, "T1w") > signal(white, "T1w") > signal(grey, "T1w")
    assert signal(grey, "T1w") > signal(csf, "T1w")
    assert signal(csf, "T2w") > signal(grey, "T2w") > signal(white, "T2w")
    assert signal(grey, "PDw") > signal(white, "PDw")
    for contrast in PROTOCOLS:
        assert signal(Tissue.BONE, contrast) < 0.1 * signal(white, contrast)


def test_relaxation_follows_the_field():
    grey = PROPERTIES[Tissue.GREY]
    assert grey.t1_at(3.0) == grey.t1
    assert grey.t1_at(1.5) < grey.t1 < grey.t1_at(7.0)
    assert grey.t2_star_at(7.0) < grey.t2_star_at(3.0) < grey.t2
    assert grey.t2_star_at(1e-6) == pytest.approx(grey.t2, rel=1e-4)


def test_water_and_fat_share_the_signal():
    fractions = np.eye(len(Tissue), dtype=np.float32)
    water, fat = water_and_fat(fractions, PROTOCOLS["T1w"], 3.0)
    whole = [signal(tissue, "T1w") for tissue in Tissue]
    np.testing.assert_allclose(water + fat, whole, rtol=1e-5)
    assert fat[Tissue.FAT] > 5 * water[Tissue.FAT]
    assert fat[Tissue.WHITE] == 0
