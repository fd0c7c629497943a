"""Realism of every source of phase in one table, with the real data themselves as the floor."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from phasegen import seeds
from phasegen.errors import UserError
from phasegen.metrics.features import slice_features
from phasegen.metrics.halves import HALVINGS, halved_distances, random_halves
from phasegen.metrics.intervals import FEWEST_SUBJECTS, bootstrap_weights, interval
from phasegen.metrics.laws import Laws, measure
from phasegen.metrics.residues import tissue_loops
from phasegen.metrics.tissue import tissue_mask
from phasegen.metrics.two_sample import compare, compare_halves

REAL = "real"
ALL = "all"


@dataclass(frozen=True)
class Measured:
    """A source's laws and features of all slices."""

    laws: Laws
    features: np.ndarray

    def part(self, rows: np.ndarray) -> "Measured":
        return Measured(Laws(*(law[rows] for law in self.laws)), self.features[rows])


def realism_table(
    magnitude: np.ndarray,
    truth: np.ndarray,
    sources: Mapping[str, np.ndarray],
    subjects: np.ndarray,
    contrasts: np.ndarray,
    seed: int,
    halvings: int = HALVINGS,
) -> pd.DataFrame:
    """One row per source and contrast, ``real`` and ``all`` among them.

    Distances are those between the source's phase of one half of the subjects and
    the true phase of the other half, mean over random halvings; in the row ``real``
    the first is true too, and the AUROC that of half against half. Columns: source,
    contrast, slices, subjects; residues per 1000 loops of tissue (``residues``) and
    those of the true phase (``residues_true``); mean distance of the k-space peak
    from the centre [pixel] (``peak_offset``); ``gradient_distance`` [rad/pixel],
    ``peak_distance`` [pixel], ``spectrum_distance`` [dB]; ``auroc``. A pair ``_low``,
    ``_high`` is a 95 % bootstrap interval over subjects.

    Args:
        magnitude: ``(slice, y, x)``; slices without tissue are left out.
        truth: phase [rad], likewise.
        sources: phase [rad] by name, likewise.
        subjects, contrasts: name per slice.

    Raises:
        UserError: a contrast has fewer than four subjects.
    """
    filled = tissue_loops(tissue_mask(magnitude)).any(axis=(-2, -1))
    subjects, contrasts, values = subjects[filled], contrasts[filled], magnitude[filled]
    phases = {name: phase[filled] for name, phase in {REAL: truth, **sources}.items()}
    measured = {
        name: Measured(measure(phase, values), slice_features(phase, values).to_numpy())
        for name, phase in phases.items()
    }
    rows = []
    for contrast, chosen in _parts(contrasts):
        parts = {name: each.part(chosen) for name, each in measured.items()}
        for name in (*sources, REAL):
            row = _row(parts[name], parts[REAL], name == REAL, subjects[chosen], seed, halvings)
            rows.append({"source": name, "contrast": contrast} | row)
    return pd.DataFrame(rows)


def _parts(contrasts: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    names = np.unique(contrasts)
    yield ALL, np.ones(len(contrasts), bool)
    if len(names) > 1:
        yield from ((str(name), contrasts == name) for name in names)


def _row(
    source: Measured, real: Measured, is_real: bool, subjects: np.ndarray, seed: int, halvings: int
) -> dict[str, float]:
    names, owners = np.unique(subjects, return_inverse=True)
    if len(names) < FEWEST_SUBJECTS:
        raise UserError(f"realism needs {FEWEST_SUBJECTS} subjects or more, not {len(names)}")
    weights = bootstrap_weights(len(names), seeds.generator(seed, "bootstrap"))
    halves = random_halves(len(names), seeds.generator(seed, "halvings"), halvings)
    laws, true_laws = (each.laws.by_subject(owners) for each in (source, real))
    if is_real:
        test = compare_halves(real.features, subjects, seed, halvings)
    else:
        test = compare(real.features, source.features, subjects, seed)
    return (
        {"slices": len(subjects), "subjects": len(names)}
        | _means(laws, true_laws, weights)
        | _distances(laws, true_laws, weights, halves)
        | _with_interval("auroc", test.auroc, test.resampled(weights))
    )


def _means(laws: Laws, true_laws: Laws, weights: np.ndarray) -> dict[str, float]:
    once = np.ones((1, weights.shape[1]))
    sums, true_sums = laws.weighted(once), true_laws.weighted(once)
    rates = laws.weighted(weights).residue_rate()
    return _with_interval("residues", sums.residue_rate()[0], rates) | {
        "residues_true": float(true_sums.residue_rate()[0]),
        "peak_offset": float(sums.offset[0] / sums.slices[0]),
    }


def _distances(
    laws: Laws, true_laws: Laws, weights: np.ndarray, halves: np.ndarray
) -> dict[str, float]:
    """Replicates are centred: resamples are farther apart than the samples they are drawn from."""
    estimates = halved_distances(laws, true_laws, np.ones((1, weights.shape[1])), halves)
    row = {}
    for name, replicates in halved_distances(laws, true_laws, weights, halves).items():
        centred = replicates - replicates.mean() + estimates[name]
        row |= _with_interval(name, estimates[name][0], np.maximum(centred, 0))
    return row


def _with_interval(name: str, estimate: float, replicates: np.ndarray) -> dict[str, float]:
    low, high = interval(replicates)
    return {name: float(estimate), f"{name}_low": low, f"{name}_high": high}
