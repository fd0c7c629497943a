"""Signed distances agree with the geometry that they name."""

import numpy as np
import pytest

from phasegen.mri import shapes, template


def at(x: float, y: float, z: float) -> tuple[np.ndarray, ...]:
    return tuple(np.array([value]) for value in (x, y, z))


def test_sphere():
    assert shapes.ellipsoid(at(0, 0, 5), (0, 0, 0), (3, 3, 3)) == pytest.approx(2)
    assert shapes.ellipsoid(at(2, 0, 0), (0, 0, 0), (3, 3, 3)) == pytest.approx(-1)


def test_capsule():
    ends = (0, 0, 0), (10, 0, 0)
    assert shapes.cone(at(5, 4, 0), *ends, 1, 1) == pytest.approx(3)
    assert shapes.cone(at(13, 4, 0), *ends, 1, 1) == pytest.approx(4)
    assert shapes.cone(at(5, 4, 0), *ends, 1, 3) == pytest.approx(2)


def test_union_is_never_smaller_than_its_parts():
    first, second = np.linspace(-4, 4, 33), np.linspace(3, -3, 33)
    both = shapes.union(first, second, 2.0)
    assert (both <= np.minimum(first, second)).all()
    assert (both >= np.minimum(first, second) - 0.5).all()


def test_coverage_is_half_at_the_surface():
    np.testing.assert_allclose(shapes.coverage(np.array([-9.0, 0.0, 9.0]), 2.0), [1, 0.5, 0])


def test_signed_distance_of_a_plane():
    mask = np.zeros((9, 9, 20), bool)
    mask[..., :10] = True
    distance = template.signed_distance(mask, 2.0)[4, 4]
    assert np.all(np.diff(distance[3:17]) > 0)
    assert distance[9] == pytest.approx(-distance[10], abs=1e-5)
    assert distance[14] - distance[13] == pytest.approx(2, abs=1e-3)
