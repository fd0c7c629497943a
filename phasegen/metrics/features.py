"""All that the classifier of the two-sample test sees of a slice."""

import numpy as np
import pandas as pd

from phasegen.metrics.image_features import coupling_features, kspace_features, noise_features
from phasegen.metrics.phase_features import coherence_features, gradient_features
from phasegen.metrics.residues import tissue_loops
from phasegen.metrics.tissue import tissue_mask


def slice_features(phase: np.ndarray, magnitude: np.ndarray) -> pd.DataFrame:
    """One row of float64 features per slice; a global phase changes none of them.

    Args:
        phase: [rad], ``(slice, y, x)``.
        magnitude: likewise.

    Raises:
        ValueError: a slice has no loop of 2 x 2 pixels of tissue.
    """
    tissue = tissue_mask(magnitude)
    if not tissue_loops(tissue).any(axis=(-2, -1)).all():
        raise ValueError("a slice without tissue has no phase to judge; leave it out")
    rows = zip(phase, magnitude, tissue, strict=True)
    return pd.DataFrame([_features(*row) for row in rows])


def _features(phase: np.ndarray, magnitude: np.ndarray, tissue: np.ndarray) -> dict[str, float]:
    return (
        gradient_features(phase, tissue)
        | coherence_features(phase, tissue)
        | coupling_features(phase, magnitude, tissue)
        | noise_features(phase, magnitude, tissue)
        | kspace_features(phase, magnitude)
    )
