"""Intervals by resampling subjects, since slices of one subject are no independent observations.

The weights are those of the Bayesian bootstrap (Rubin 1981): as resampling with
replacement, but no subject ever drops out entirely, so that few subjects can be
cut into halves.
"""

import numpy as np
from scipy.special import ndtri, stdtrit

REPLICATES = 1000
LEVEL = 0.95
FEWEST_SUBJECTS = 4


def bootstrap_weights(
    subjects: int,
    generator: np.random.Generator,
    replicates: int = REPLICATES,
    concentration: float = 1.0,
) -> np.ndarray:
    """Weight of every subject in every replicate, of mean 1: float64 ``(replicate, subject)``.

    Args:
        concentration: of the Dirichlet law; 1 is Rubin's, the less the more weights vary.
    """
    return subjects * generator.dirichlet(np.full(subjects, concentration), replicates)


def interval(replicates: np.ndarray) -> tuple[float, float]:
    """Lower and upper end of the central 95 % of the replicates ``(replicate,)``."""
    low, high = np.quantile(replicates, (0.5 - LEVEL / 2, 0.5 + LEVEL / 2))
    return float(low), float(high)


def mean_interval(
    values: np.ndarray, subjects: np.ndarray, generator: np.random.Generator
) -> tuple[float, float, float]:
    """Mean of a value per slice, and its 95 % interval over subjects: estimate, low, high.

    For a paired comparison of two sources give the differences slice by slice.

    Args:
        values: ``(slice,)``.
        subjects: name of each slice's subject, likewise.
    """
    names, owner = np.unique(subjects, return_inverse=True)
    totals, counts = (np.bincount(owner, part) for part in (values, np.ones(len(values))))
    weights = bootstrap_weights(len(names), generator)
    return float(np.mean(values)), *interval((weights @ totals) / (weights @ counts))


def crossed_means(cells: np.ndarray, generator: np.random.Generator, replicates: int) -> np.ndarray:
    """Replicates ``(replicate,)`` of the mean of all cells, seeds and subjects resampled together.

    A cell weighs as its seed times its subject (Owen & Eckles 2012), which leans wide where
    seeds act differently on each subject. Two corrections for few units: the concentration
    that gives the mean of n of them the variance s^2 / n, where Rubin's is short of it by
    (n - 1) / (n + 1), and deviations widened as Student's law is wider than the normal one
    (Hesterberg 2015), with the degrees of freedom of the subjects. Nothing can make up for two
    or three seeds that differ more than subjects do: such intervals are too narrow.

    Args:
        cells: ``(seed, subject)``; NaN cells are left out. Two subjects or more.
    """
    seeds, subjects = (
        bootstrap_weights(units, generator, replicates, _unbiased(units)) for units in cells.shape
    )
    known = ~np.isnan(cells)
    totals, counts = (
        np.sum((seeds @ part) * subjects, axis=1) for part in (np.where(known, cells, 0), known)
    )
    centre, quantile = np.mean(cells[known]), (1 + LEVEL) / 2
    widening = stdtrit(cells.shape[1] - 1, quantile) / ndtri(quantile)
    return centre + widening * (totals / counts - centre)


def _unbiased(units: int) -> float:
    """Two units have it in the limit of 0 only: nearly always one of them has all the weight."""
    return max(units - 2, 0.02) / units
