"""The static field that air, bone and fat make in tissue, and the shim that fights it."""

import numpy as np
from scipy import fft

from phasegen.mri.tissues import AIR_CHI, PROPERTIES, Tissue


def susceptibility(fractions: np.ndarray) -> np.ndarray:
    """Volume susceptibility minus that of air (SI), (...) float32 of fractions (tissue, ...)."""
    chi = np.zeros(fractions.shape[1:], np.float32)
    for tissue in Tissue:
        chi += np.float32(PROPERTIES[tissue].chi - AIR_CHI) * fractions[tissue]
    return chi


def dipole_kernel(shape: tuple[int, int, int]) -> np.ndarray:
    """Dipole kernel ``1/3 - kz^2/|k|^2`` for ``rfftn``, isotropic voxels, B0 along the first axis.

    Salomir et al., Concepts Magn Reson B 19:26 (2003); Marques & Bowtell, ibid. 25:65 (2005).
    The mean of the field is not determined; it is set to zero.
    """
    kz, ky = (fft.fftfreq(size).astype(np.float32) for size in shape[:2])
    kx = fft.rfftfreq(shape[2]).astype(np.float32)
    square = kz[:, None, None] ** 2 + ky[:, None] ** 2 + kx**2
    square[0, 0, 0] = 1
    kernel = np.float32(1 / 3) - kz[:, None, None] ** 2 / square
    kernel[0, 0, 0] = 0
    return kernel


def field_shift(chi: np.ndarray, padding: float = 1.5) -> np.ndarray:
    """Relative field shift dB/B0 at the nuclei (Lorentz sphere left out).

    Args:
        chi: susceptibility (z, y, x) on isotropic voxels, zero at the edges where it ends.
        padding: the grid grows by this factor with zeros, so that heads do not see their copies.

    Returns:
        float32 (z, y, x).
    """
    shape = tuple(fft.next_fast_len(int(size * padding), real=True) for size in chi.shape)
    spectrum = fft.rfftn(chi.astype(np.float32, copy=False), shape, workers=1)
    spectrum *= dipole_kernel(shape)
    field = fft.irfftn(spectrum, shape, workers=1, overwrite_x=True)
    return field[tuple(slice(size) for size in chi.shape)]


def shim(field: np.ndarray, weight: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Field with its weighted least-squares fit by shim terms taken away.

    Args:
        field: (z, y, x).
        weight: (z, y, x), not negative; where the shim shall be good.
        basis: shim terms (term, z, y, x).
    """
    flat, inside = basis.reshape(len(basis), -1), weight.ravel()
    # sums without BLAS: the result must not depend on the number of threads
    matrix = np.array([[np.sum(a * b * inside, dtype=float) for b in flat] for a in flat])
    right = np.array([np.sum(a * field.ravel() * inside, dtype=float) for a in flat])
    terms = np.linalg.solve(matrix, right).astype(np.float32)
    return field - sum(term * part for term, part in zip(terms, basis, strict=True))
