"""Smooth phase of the scanner: shim residue and eddy currents, echo shift, global phase."""

from collections.abc import Iterator

import numpy as np

SHIM_ORDER = 2
"""Order of the polynomials that a scanner shims with."""

SHIM_RESIDUE = (0.0, 6.0, 5.0, 4.0)
"""Field that the shim leaves, by order: standard deviation at 100 mm from the centre [Hz]."""

EDDY = (0.0, 0.6, 0.4, 0.25)
"""Phase by eddy currents, likewise [rad]."""

ECHO_SHIFT = 1.0
"""Largest distance of the echo from the centre of k-space [sample]."""


def exponents(order: int) -> Iterator[tuple[int, int, int]]:
    """Powers of (x, y, z) of all monomials up to a total order, the constant first."""
    for total in range(order + 1):
        for z in range(total + 1):
            for y in range(total - z + 1):
                yield total - z - y, y, z


def polynomials(x: np.ndarray, y: np.ndarray, z: np.ndarray, order: int) -> np.ndarray:
    """Monomials on a grid, (term, z, y, x) float32; ``x``, ``y``, ``z`` scaled to about -1 to 1."""
    return np.stack(list(_monomials(x, y, z, order)))


def _monomials(x: np.ndarray, y: np.ndarray, z: np.ndarray, order: int) -> Iterator[np.ndarray]:
    """One after the other, since all of them on a fine grid are hundreds of megabytes."""
    for a, b, c in exponents(order):
        yield ((z**c)[:, None, None] * (y**b)[:, None] * x**a).astype(np.float32)


def random_polynomial(
    random: np.random.Generator,
    x: np.ndarray,
    y: np.ndarray,
    z: np.ndarray,
    scale: tuple[float, ...],
) -> np.ndarray:
    """Sum of monomials with normal weights, (z, y, x) float32.

    Args:
        scale: standard deviation of the weights of each order, from 0 up.
    """
    order = len(scale) - 1
    weights = [random.normal(0.0, scale[sum(powers)]) for powers in exponents(order)]
    terms = _monomials(x, y, z, order)
    return sum(np.float32(weight) * term for weight, term in zip(weights, terms, strict=True))


def echo_shift(rows: int, shift: float) -> np.ndarray:
    """Phase [rad] of an echo ``shift`` samples off the centre of k-space, one value a row."""
    return (2 * np.pi * shift * (np.arange(rows) - rows // 2) / rows).astype(np.float32)


def parabola(rows: int, columns: int, edge: float) -> np.ndarray:
    """Phase [rad] that grows with the square of the distance from the centre, float32 (y, x).

    Args:
        edge: its value half a field of view off the centre [rad], as the standing wave in a
            receive coil has it.
    """
    y = (np.arange(rows) - rows // 2) / (rows / 2)
    x = (np.arange(columns) - columns // 2) / (columns / 2)
    return (edge * (y[:, None] ** 2 + x**2)).astype(np.float32)
