"""Subjects differ, and none is torn or folded."""

from itertools import pairwise

import numpy as np
import pytest

from phasegen import seeds
from phasegen.mri import anatomy

STEP = 3.0
X = np.arange(-90.0, 91.0, STEP)
Y = np.arange(-120.0, 91.0, STEP)
Z = np.arange(-45.0, 91.0, STEP)


def subject(number: int) -> anatomy.Anatomy:
    return anatomy.draw(seeds.generator(7, "test", number))


def jacobian(points: tuple[np.ndarray, ...]) -> np.ndarray:
    """Determinant of the map's derivative by central differences, (z, y, x)."""
    rows = [np.stack(np.gradient(p.astype(float), STEP), axis=-1) for p in points[::-1]]
    return np.linalg.det(np.stack(rows, axis=-2))


@pytest.mark.parametrize("number", range(4))
def test_maps_keep_topology(number):
    for points in subject(number).points(X, Y, Z):
        determinant = jacobian(points)
        assert determinant.min() > 0.1
        assert 0.8 < determinant.mean() < 1.6


def test_subjects_differ_and_the_brain_differs_from_the_head():
    head, brain = subject(0).points(X, Y, Z)
    other, _ = subject(1).points(X, Y, Z)
    assert np.abs(head[1] - other[1]).mean() > 1
    assert 0.3 < np.std(brain[0] - head[0]) < 3


def test_points_do_not_depend_on_the_grid():
    whole, _ = subject(2).points(X, Y, Z)
    part, _ = subject(2).points(X[5:9], Y[7:8], Z[3:6])
    for first, second in zip(whole, part, strict=True):
        np.testing.assert_array_equal(first[3:6, 7:8, 5:9], second)


def test_spline_is_smooth_and_reproduces_a_constant():
    ones = anatomy.Lattice(np.ones((1, 4, 4, 4), np.float32), 10.0, (0.0, 0.0, 0.0))
    axis = np.linspace(-5, 35, 9)
    np.testing.assert_allclose(ones.on_grid(axis, axis, axis), 1, rtol=1e-6)


def test_levels_climb():
    levels = [subject(0).level(z) for z in (-30.0, 0.0, 30.0, 60.0)]
    assert all(low < high for low, high in pairwise(levels))
