"""Cartesian masks of the public fastMRI challenge: whole lines along the phase-encode axis.

Definitions: Zbontar et al., "fastMRI: An open dataset and benchmarks for accelerated MRI",
arXiv 1811.08839, and the package ``fastmri`` (``fastmri.data.subsample``), whose masks these are
for the same random numbers, but for the two ``_fixed`` kinds as told at ``line_mask``.
"""

from typing import Literal, get_args

import numpy as np

from phasegen import seeds
from phasegen.errors import UserError
from phasegen.settings import MaskKind as Kind

Axis = Literal["ky", "kx"]


def line_mask(
    lines: int, kind: Kind, factor: int, centre: float, generator: np.random.Generator
) -> np.ndarray:
    """Which lines of a slice are measured.

    ``round(lines * centre)`` lines in the centre are always there (see ``centre_block``).
    Outside of it

    - ``random`` takes every line with one probability, such that ``1 / factor`` of all lines is
      measured in expectation;
    - ``random_fixed`` draws without replacement, ``round(lines / factor)`` lines in all (a kind
      that fastMRI has not);
    - ``equispaced`` takes every ``factor``-th line from a random offset; with the centre that is
      more than ``1 / factor`` of them;
    - ``equispaced_fixed`` spaces the lines wider (not always evenly, as positions are rounded),
      to make up for the centre: fastMRI's ``EquispacedMaskFractionFunc``. That misses
      ``round(lines / factor)`` by up to two lines at some offsets; here it is exact, as the
      outermost lines are left out or added where the number is missed.

    Args:
        lines: of the fully sampled slice, the zero frequency at ``lines // 2``.
        factor: acceleration.
        centre: share of the lines, 0 to 1; the challenge has 0.08 at factor 4, 0.04 at 8.

    Returns:
        bool ``(line,)``.

    Raises:
        UserError: the kind is unknown, the factor is below 1, or the centre has no line or leaves
            none outside of it.
    """
    _demand_lines(lines, kind, factor, centre)
    middle = np.zeros(lines, bool)
    middle[centre_block(lines, centre)] = True
    if kind == "random":
        return middle | _random(middle, factor, generator)
    if kind == "random_fixed":
        return middle | _random_fixed(middle, factor, generator)
    if kind == "equispaced":
        return middle | _equispaced(middle, factor, generator)
    return _completed(middle | _equispaced_wider(middle, factor, generator), factor)


def centre_block(lines: int, centre: float) -> slice:
    """The ``round(lines * centre)`` lines about the zero frequency, as fastMRI lays them.

    An odd number lies evenly about ``lines // 2``. An even one has its extra line before it
    (negative frequency) if ``lines`` is even, and after it if ``lines`` is odd.
    """
    count = round(lines * centre)
    start = (lines - count + 1) // 2
    return slice(start, start + count)


def fixed_mask(
    lines: int,
    kind: Kind,
    factor: int,
    centre: float,
    seed: int,
    volume: tuple[str, ...],
    slice_number: int | None = None,
) -> np.ndarray:
    """The one mask that a volume has for ever, for validation and test; bool ``(line,)``.

    Args:
        seed: of the experiment; the rest as of ``line_mask``.
        volume: what names it: subject and series.
        slice_number: for a mask of its own for each slice; None for one of the volume.
    """
    own = () if slice_number is None else (slice_number,)
    generator = seeds.generator(seed, "undersampling", *volume, *own)
    return line_mask(lines, kind, factor, centre, generator)


def training_masks(
    lines: int, kind: Kind, factor: int, centre: float, count: int, generator: np.random.Generator
) -> np.ndarray:
    """Masks drawn anew for each slice of a training batch, bool ``(slice, line)``."""
    drawn = (line_mask(lines, kind, factor, centre, generator) for _ in range(count))
    return np.stack(list(drawn))


def undersample(kspace: np.ndarray, mask: np.ndarray, axis: Axis = "kx") -> np.ndarray:
    """K-space with zeros where nothing is measured; its type stays.

    Args:
        kspace: complex ``(slice, coil, ky, kx)``.
        mask: bool ``(line,)``, or ``(slice, line)`` for one of each slice.
        axis: along which the lines are counted, the phase-encode axis.

    Raises:
        ValueError: as ``on_grid``.
    """
    return np.where(on_grid(mask, kspace.shape, axis), kspace, kspace.dtype.type(0))


def on_grid(mask: np.ndarray, shape: tuple[int, ...], axis: Axis = "kx") -> np.ndarray:
    """A mask as of ``undersample``, seen as ``(slice, coil, ky, kx)`` with ones where it is equal.

    Args:
        shape: of k-space, ``(slice, coil, ky, kx)``.

    Raises:
        ValueError: k-space has other than these four axes, or the mask does not fit them.
    """
    if len(shape) != 4:
        raise ValueError(f"k-space needs axes (slice, coil, ky, kx), not shape {shape}")
    if axis not in get_args(Axis):
        raise ValueError(f"lines lie along {' or '.join(get_args(Axis))}, not {axis}")
    size = shape[-2] if axis == "ky" else shape[-1]
    if mask.dtype != bool or mask.shape not in {(size,), (shape[0], size)}:
        raise ValueError(
            f"a mask of {mask.dtype} {mask.shape} is not bool of {size} lines along {axis}"
        )
    slices = mask.shape[0] if mask.ndim == 2 else 1
    return mask.reshape((slices, 1, size, 1) if axis == "ky" else (slices, 1, 1, size))


def _demand_lines(lines: int, kind: Kind, factor: int, centre: float) -> None:
    if kind not in get_args(Kind):
        raise UserError(f"{kind} is no kind of mask; there are {', '.join(get_args(Kind))}")
    if factor < 1 or factor != int(factor):
        raise UserError(f"an acceleration factor is a whole number from 1, not {factor}")
    count = round(lines * centre)
    if count < 1:
        raise UserError(f"a centre of {centre} of {lines} lines is none; take a larger centre")
    # Lines every so many are there whatever the centre has, the other kinds share what is left.
    free = lines if kind == "equispaced" else _total(lines, factor)
    if count >= free:
        raise UserError(
            f"a centre of {centre} takes {count} of {lines} lines, which at factor {factor} leaves "
            "none outside of it; take a smaller centre or factor"
        )


def _total(lines: int, factor: int) -> int:
    return round(lines / factor)


def _random(middle: np.ndarray, factor: int, generator: np.random.Generator) -> np.ndarray:
    lines, count = len(middle), np.count_nonzero(middle)
    return generator.random(lines) < (lines / factor - count) / (lines - count)


def _random_fixed(middle: np.ndarray, factor: int, generator: np.random.Generator) -> np.ndarray:
    mask = np.zeros_like(middle)
    missing = _total(len(mask), factor) - np.count_nonzero(middle)
    mask[generator.choice(np.flatnonzero(~middle), missing, replace=False)] = True
    return mask


def _equispaced(middle: np.ndarray, factor: int, generator: np.random.Generator) -> np.ndarray:
    mask = np.zeros_like(middle)
    mask[generator.integers(factor) :: factor] = True
    return mask


def _equispaced_wider(
    middle: np.ndarray, factor: int, generator: np.random.Generator
) -> np.ndarray:
    lines, count = len(middle), np.count_nonzero(middle)
    spacing = factor * (lines - count) / (lines - factor * count)
    positions = np.arange(generator.integers(round(spacing)), lines - 1, spacing)
    mask = np.zeros_like(middle)
    mask[np.around(positions).astype(int)] = True
    return mask


def _completed(mask: np.ndarray, factor: int) -> np.ndarray:
    """The mask with its outermost lines left out, or more of them, to have the whole number."""
    outermost = np.argsort(-np.abs(np.arange(len(mask)) - len(mask) // 2), kind="stable")
    surplus = np.count_nonzero(mask) - _total(len(mask), factor)
    changed = outermost[mask[outermost] == (surplus > 0)][: abs(surplus)]
    mask[changed] = surplus < 0
    return mask
