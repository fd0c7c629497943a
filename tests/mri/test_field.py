"""The field of a sphere is known in closed form; the shim removes what it is made of."""

import numpy as np
import pytest

from phasegen.mri import field, phase
from phasegen.mri.tissues import AIR_CHI, PROPERTIES, Tissue

SIZE, RADIUS = 64, 14.0


def sphere() -> tuple[np.ndarray, list[np.ndarray]]:
    """Share of the voxels in a sphere of unit susceptibility, and coordinates z, y, x."""
    axis = np.arange(SIZE) - SIZE / 2 + 0.5
    grid = np.meshgrid(axis, axis, axis, indexing="ij")
    radius = np.sqrt(sum(g * g for g in grid))
    return np.clip(0.5 - (radius - RADIUS), 0, 1), grid


def test_sphere_has_no_field_inside_and_a_dipole_outside():
    chi, (z, y, x) = sphere()
    shift = field.field_shift(chi, padding=3.0)
    radius = np.sqrt(x * x + y * y + z * z)
    cosine = z / radius
    outside = (radius > RADIUS + 3) & (radius < 2 * RADIUS)
    dipole = (RADIUS / radius) ** 3 * (3 * cosine**2 - 1) / 3
    error = np.abs(shift - dipole)[outside]
    assert error.max() < 0.04 * (2 / 3)
    assert error.mean() < 0.005
    assert np.abs(shift[radius < RADIUS - 3]).max() < 0.02


def test_field_is_linear_and_has_no_mean():
    chi, _ = sphere()
    once, twice = field.field_shift(chi), field.field_shift(2 * chi)
    np.testing.assert_allclose(twice, 2 * once, atol=1e-6)
    assert field.dipole_kernel((8, 10, 12))[0, 0, 0] == 0


def test_kernel_is_two_thirds_across_and_minus_along_the_field():
    kernel = field.dipole_kernel((8, 8, 8))
    assert kernel[0, 0, 2] == pytest.approx(1 / 3)
    assert kernel[0, 2, 0] == pytest.approx(1 / 3)
    assert kernel[2, 0, 0] == pytest.approx(-2 / 3)


def test_susceptibility_is_relative_to_air():
    fractions = np.zeros((len(Tissue), 1, 2), np.float32)
    fractions[Tissue.CSF, 0, 0] = 1
    chi = field.susceptibility(fractions)
    assert chi[0, 0] == pytest.approx(PROPERTIES[Tissue.CSF].chi - AIR_CHI)
    assert chi[0, 1] == 0


def test_shim_removes_second_order_and_leaves_third():
    axis = np.linspace(-1, 1, 9)
    basis = phase.polynomials(axis, axis, axis, 2)
    weight = np.ones(basis.shape[1:])
    low = 3 * basis[0] - 2 * basis[1] + basis[7]
    assert np.abs(field.shim(low, weight, basis)).max() < 1e-5
    cubic = phase.polynomials(axis, axis, axis, 3)[-1]
    assert np.abs(field.shim(cubic, weight, basis)).max() > 0.1
