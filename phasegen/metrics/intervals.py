"""Intervals by resampling subjects, since slices of one subject are no independent observations.

The weights are those of the Bayesian bootstrap (Rubin 1981): as resampling with
replacement, but no subject ever drops out entirely, so that few subjects can be
cut into halves.
"""

import numpy as np

REPLICATES = 1000
LEVEL = 0.95


def bootstrap_weights(
    subjects: int, generator: np.random.Generator, replicates: int = REPLICATES
) -> np.ndarray:
    """Weight of every subject in every replicate, of mean 1: float64 ``(replicate, subject)``."""
    return subjects * generator.dirichlet(np.ones(subjects), replicates)


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
