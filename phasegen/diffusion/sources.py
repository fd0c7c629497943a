"""Phase by the name of its source."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from phasegen.diffusion.baselines import BASELINES
from phasegen.diffusion.generate import sample_phase
from phasegen.diffusion.weights import load
from phasegen.settings import PhaseSource, Synthesis


def draw_phase(
    source: PhaseSource,
    magnitude: np.ndarray,
    generators: Sequence[np.random.Generator],
    synthesis: Synthesis,
    model: str | Path | None = None,
) -> np.ndarray:
    """Phase [rad] of every slice, float32 ``(slice, y, x)``.

    Args:
        source: ``phasegen`` needs the file ``model``, the others know no model.
        magnitude: float32 ``(slice, y, x)``, in any unit.
        generators: one per slice.
    """
    if source == "phasegen":
        denoiser, _ = load(model)
        return sample_phase(denoiser, magnitude, generators, synthesis)
    pairs = zip(magnitude, generators, strict=True)
    return np.stack([BASELINES[source](image, generator) for image, generator in pairs])
