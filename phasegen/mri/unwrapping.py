"""Phase without its jumps of whole turns, for the eye: two ways of unwrapping a slice."""

import numpy as np
from scipy.fft import dctn, idctn
from scipy.sparse.linalg import LinearOperator, cg
from skimage.restoration import unwrap_phase

from phasegen.metrics.gradients import AXES, neighbours, wrap, wrapped_differences

TOLERANCE = 1e-8
STEPS = 500
"""Of conjugate gradients at most; some dozens do for a head."""


def unwrap_laplacian(phase: np.ndarray, inside: np.ndarray | None = None) -> np.ndarray:
    """Laplacian unwrapping: the phase whose Laplacian the wrapped phase has.

    The Laplacian of the true phase follows from the wrapped phase alone (Schofield & Zhu 2003,
    Opt Lett 28:1194), here as the divergence of its wrapped differences, which are those of the
    true phase as long as no two neighbours differ by more than half a turn. The Poisson equation is
    solved by cosine transform; with ``inside``, where differences to pixels outside say nothing,
    by conjugate gradients on that solution (Ghiglia & Romero 1994, J Opt Soc Am A 11:107, Alg. 3).

    The result is smooth and not tied to the wrapped values: it spreads the contradiction of a vortex
    over its neighbourhood.

    Args:
        phase: [rad], ``(y, x)``.
        inside: bool, likewise: pixels whose phase means something.

    Returns:
        Phase [rad], float64 ``(y, x)``, up to a constant; 0 outside.
    """
    slopes = [wrapped_differences(phase.astype(float), axis) for axis in AXES]
    if inside is None:
        return _poisson(_divergence(*slopes))
    weights = [neighbours(inside, axis) for axis in AXES]
    right = _divergence(*(slope * weight for slope, weight in zip(slopes, weights, strict=True)))

    def laplacian(flat: np.ndarray) -> np.ndarray:
        image = flat.reshape(phase.shape)
        pairs = zip(AXES, weights, strict=True)
        return -_divergence(*(np.diff(image, axis=axis) * weight for axis, weight in pairs)).ravel()

    def inverse(flat: np.ndarray) -> np.ndarray:
        return -_poisson(flat.reshape(phase.shape)).ravel()

    operator, guess = (
        LinearOperator((phase.size,) * 2, f, dtype=float) for f in (laplacian, inverse)
    )
    found, _ = cg(operator, -right.ravel(), rtol=TOLERANCE, maxiter=STEPS, M=guess)
    return np.where(inside, found.reshape(phase.shape), 0)


def unwrap_by_quality(phase: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Quality-guided unwrapping: most reliable neighbours first (Herráez et al. 2002, Appl Opt 41:7437).

    scikit-image's. The result differs from the wrapped phase by whole turns in every pixel; where
    there are vortices it has cuts.

    Args:
        phase: [rad], ``(y, x)``.
        inside: bool, likewise: pixels whose phase means something.

    Returns:
        Phase [rad], float64 ``(y, x)``; each connected part of ``inside`` up to whole turns; 0 outside.
    """
    masked = np.ma.masked_array(wrap(phase.astype(float)), mask=~inside)
    return np.where(inside, np.ma.getdata(unwrap_phase(masked, rng=0)), 0)


def _divergence(along_y: np.ndarray, along_x: np.ndarray) -> np.ndarray:
    """Of differences between neighbours, none of which cross the border."""
    return np.diff(along_y, axis=0, prepend=0, append=0) + np.diff(
        along_x, axis=1, prepend=0, append=0
    )


def _poisson(source: np.ndarray) -> np.ndarray:
    """Zero-mean solution of the discrete Poisson equation without flux across the border."""
    waves = [2 - 2 * np.cos(np.pi * np.arange(size) / size) for size in source.shape]
    eigenvalues = -(waves[0][:, None] + waves[1])
    eigenvalues[0, 0] = 1
    spectrum = dctn(source, norm="ortho") / eigenvalues
    spectrum[0, 0] = 0
    return idctn(spectrum, norm="ortho")
