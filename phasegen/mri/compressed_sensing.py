"""The classical reconstruction that undersampled slices are compared with.

Compressed sensing with total variation (Lustig, Donoho & Pauly, Magn Reson Med 58:1182, 2007;
Block, Uecker & Frahm, Magn Reson Med 57:1086, 2007), solved by sigpy's primal-dual method
(Chambolle & Pock, J Math Imaging Vis 40:120, 2011). Sigpy's own ``TotalVariationRecon`` solves
the same by the same method, but nears the measured samples by steps too, where for one coil they
can be had at once: with a weight of 0.001 it is still 1 % of the maximum off after 80 iterations.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from phasegen.errors import UserError
from phasegen.fourier import to_image
from phasegen.metrics.reconstruction import reconstruction_row
from phasegen.mri.undersampling import Axis, on_grid

ITERATIONS = 60
"""Within 0.1 dB of 1000 of them, for weights of 0.001 to 0.04."""

STEP_RATIO = 3.0
"""Dual step by weight: the dual variables are bounded by the weight, images by about 1."""

SQUARED_NORM = 8.0
"""Of the differences, at most; bounds the product of the steps."""

TOGETHER = 16
"""Slices that are solved at once, for speed; none depends on the others."""


class Choice(NamedTuple):
    """The best of some weights."""

    weight: float
    psnr: dict[float, float]
    """Mean PSNR of the slices by weight [dB]."""


def total_variation(
    kspace: np.ndarray, mask: np.ndarray, weight: float, axis: Axis = "kx"
) -> np.ndarray:
    """Images of least ``|mask * F(x) - kspace|^2 / 2 + weight * (|dx/dy|_1 + |dx/dx|_1)``.

    Differences are complex and wrap round the edge. Values count in units of the largest
    zero-filled magnitude of their slice, so that one weight suits slices of any scale.

    Args:
        kspace: undersampled, complex64 ``(slice, 1, ky, kx)``.
        mask: bool ``(line,)``, or ``(slice, line)`` for one of each slice.
        weight: above 0; chosen on validation data, see ``best_weight``.
        axis: along which the lines are counted.

    Returns:
        complex64 ``(slice, 1, y, x)``; an empty slice stays empty.

    Raises:
        ValueError: there are several coils, the mask does not fit, or the weight is not positive.
    """
    if not weight > 0:
        raise ValueError(f"the weight of total variation is above 0, not {weight}")
    measured = on_grid(mask, kspace.shape, axis)
    if kspace.shape[1] != 1:
        raise ValueError(f"compressed sensing is of one coil, not {kspace.shape[1]}")
    measured = np.broadcast_to(measured, (len(kspace), *measured.shape[1:]))
    images = np.empty(kspace.shape, np.complex64)
    for start in range(0, len(kspace), TOGETHER):
        part = slice(start, start + TOGETHER)
        images[part, 0] = _solve(kspace[part, 0], measured[part, 0], weight)
    return images


def best_weight(
    weights: Sequence[float],
    kspace: np.ndarray,
    mask: np.ndarray,
    target: np.ndarray,
    axis: Axis = "kx",
) -> Choice:
    """The weight of the highest mean PSNR over slices of validation subjects, never of the test.

    Args:
        weights: to choose from; of equals the first.
        kspace, mask, axis: as of ``total_variation``.
        target: magnitude of the fully sampled slices ``(slice, y, x)``; empty ones do not count.

    Raises:
        UserError: there is no weight, or all targets are empty.
        ValueError: as ``total_variation``.
    """
    filled = target.any(axis=(1, 2))
    if not len(weights) or not filled.any():
        raise UserError("the weight of compressed sensing needs weights and slices to choose by")
    psnr = {}
    for weight in weights:
        images = np.abs(total_variation(kspace, mask, weight, axis)[filled, 0])
        rows = [reconstruction_row(*pair) for pair in zip(images, target[filled], strict=True)]
        psnr[weight] = float(np.mean([row["psnr"] for row in rows]))
    return Choice(max(psnr, key=psnr.__getitem__), psnr)


def _solve(kspace: np.ndarray, measured: np.ndarray, weight: float) -> np.ndarray:
    """Of k-space ``(slice, ky, kx)`` and what is measured of it, in a shape that goes with it."""
    # Here, for it takes seconds, and most who import this module solve nothing.
    from sigpy.alg import PrimalDualHybridGradient
    from sigpy.linop import FFT, FiniteDifference
    from sigpy.prox import Conj, L1Reg, L2Reg, UnitaryTransform

    filled = to_image(kspace)
    scale = np.abs(filled).max(axis=(1, 2), keepdims=True)
    scale[scale == 0] = 1
    images, kspace = (np.complex64(values / scale) for values in (filled, kspace))
    plane, step = (-2, -1), STEP_RATIO * weight
    differences = FiniteDifference(kspace.shape, axes=plane)
    # a weight of 0 leaves a sample free, one of 1 draws it to what is measured
    consistency = L2Reg(kspace.shape, measured.astype(np.float32), y=kspace)
    solver = PrimalDualHybridGradient(
        proxfc=Conj(L1Reg(differences.oshape, weight)),
        proxg=UnitaryTransform(consistency, FFT(kspace.shape, axes=plane)),
        A=differences,
        AH=differences.H,
        x=images,
        u=np.zeros(differences.oshape, np.complex64),
        tau=1 / (SQUARED_NORM * step),
        sigma=step,
        max_iter=ITERATIONS,
    )
    while not solver.done():
        solver.update()
    return images * scale
