"""How much the phase of one magnitude varies from sample to sample."""

from collections.abc import Hashable, Sequence

import numpy as np

from phasegen.metrics.tissue import complex_image


def without_global_phase(
    phase: np.ndarray, magnitude: np.ndarray, tissue: np.ndarray
) -> np.ndarray:
    """Unit phasors after the turn that makes the mean signal of the tissue real, complex.

    Args:
        phase: [rad], ``(sample, ..., y, x)``.
        magnitude: broadcast to ``phase``; weighs the pixels.
        tissue: bool, ``(..., y, x)``.
    """
    mean = (complex_image(magnitude, phase) * tissue).sum(axis=(-2, -1), keepdims=True)
    return np.exp(1j * (phase - np.angle(mean)))


def circular_spread(phase: np.ndarray, magnitude: np.ndarray, tissue: np.ndarray) -> np.ndarray:
    """Circular variance over samples (Mardia & Jupp 2000), mean over the tissue: ``(...)``.

    It is ``1 - |mean of the unit phasors|``: 0 where all samples agree. Of n uniform
    samples it is about ``1 - sqrt(pi / (4 n))``, so compare equal numbers of samples.
    The global phase of each sample is taken out first.

    Args:
        phase: [rad], ``(sample, ..., y, x)``.
        magnitude: broadcast to ``phase``.
        tissue: bool, ``(..., y, x)``; for samples of several subjects where all have tissue.
    """
    resultant = np.abs(without_global_phase(phase, magnitude, tissue).mean(axis=0))
    pixels = np.maximum(np.count_nonzero(tissue, axis=(-2, -1)), 1)
    return ((1 - resultant) * tissue).sum(axis=(-2, -1)) / pixels


def comparable_spread(
    phase: np.ndarray,
    magnitude: np.ndarray,
    tissue: np.ndarray,
    kinds: Sequence[Hashable],
    samples: int,
    generator: np.random.Generator,
) -> dict[Hashable, float]:
    """Circular spread over ``samples`` slices of one kind, such as one contrast and position.

    The slices of a kind should be of different subjects. They are drawn without
    replacement; a kind with fewer slices is left out.

    Args:
        phase, magnitude, tissue: ``(slice, y, x)``, the phase in [rad].
        kinds: one per slice.
    """
    rows: dict[Hashable, list[int]] = {}
    for row, kind in enumerate(kinds):
        rows.setdefault(kind, []).append(row)
    spread = {}
    for kind, members in rows.items():
        if len(members) >= samples:
            chosen = generator.permutation(members)[:samples]
            common = tissue[chosen].all(axis=0)
            spread[kind] = float(circular_spread(phase[chosen], magnitude[chosen], common))
    return spread
