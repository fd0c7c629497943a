"""Distances between a source and real data that never share a subject."""

import numpy as np

from phasegen.metrics.laws import Laws, distances

HALVINGS = 20


def random_halves(
    subjects: int, generator: np.random.Generator, halvings: int = HALVINGS
) -> np.ndarray:
    """Which subjects are in the first half, bool ``(halving, subject)``."""
    order = generator.permuted(np.tile(np.arange(subjects), (halvings, 1)), axis=1)
    return order < subjects // 2


def halved_distances(
    source: Laws, real: Laws, weights: np.ndarray, halves: np.ndarray
) -> dict[str, np.ndarray]:
    """Distances between the source's first halves and the real second ones, mean over halvings.

    Args:
        source, real: sums by subject.
        weights: of the subjects, ``(replicate, subject)``.
        halves: as from ``random_halves``.

    Returns:
        The distances of ``phasegen.metrics.laws`` by name, each ``(replicate,)``.
    """
    found = [
        distances(source.weighted(weights * half), real.weighted(weights * ~half))
        for half in halves
    ]
    return {name: np.mean([each[name] for each in found], axis=0) for name in found[0]}
