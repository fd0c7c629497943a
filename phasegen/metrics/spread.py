"""How much the phase of one magnitude varies from sample to sample."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd

from phasegen.metrics.tissue import complex_image, tissue_mask


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


def spread_table(
    images: np.ndarray,
    kinds: Sequence[tuple[str, Hashable]],
    repeats: Mapping[str, np.ndarray],
    magnitude: np.ndarray,
    contrasts: np.ndarray,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Columns source, contrast (``all`` and each), spread, spread_true: means over slices.

    ``spread`` is of repeated samples of one magnitude, ``spread_true`` of as many true
    phases of different subjects, of one contrast and position.

    Args:
        images: with their true phase, complex ``(slice, y, x)``.
        kinds: contrast and position of each of them.
        repeats: samples by source, phase [rad] ``(sample, slice, y, x)``.
        magnitude, contrasts: of the slices that were sampled repeatedly.
    """
    samples = len(next(iter(repeats.values())))
    true = comparable_spread(
        np.angle(images), np.abs(images), tissue_mask(np.abs(images)), kinds, samples, generator
    )
    # With types of their own, since there may be no kind with enough slices.
    real = pd.DataFrame(
        {
            "contrast": pd.Series([kind[0] for kind in true], dtype=str),
            "spread_true": pd.Series(list(true.values()), dtype=float),
        }
    )
    tables = []
    for source, phase in repeats.items():
        spread = circular_spread(phase, magnitude, tissue_mask(magnitude))
        own = _means(pd.DataFrame({"contrast": contrasts, "spread": spread}))
        tables.append(own.merge(_means(real), how="left").assign(source=source))
    return pd.concat(tables, ignore_index=True)


def _means(table: pd.DataFrame) -> pd.DataFrame:
    everything = table.assign(contrast="all")
    return pd.concat([everything, table]).groupby("contrast").mean().reset_index()
