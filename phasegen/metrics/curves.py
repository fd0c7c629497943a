"""The curves behind the distances: gradient distributions and radial spectra by source."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from phasegen.metrics.gradients import BIN_WIDTH, BINS
from phasegen.metrics.laws import measure
from phasegen.metrics.spectrum import band_centres

COARSER = 4
"""Bins of the histogram in one point of the curve."""


def realism_curves(magnitude: np.ndarray, phases: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Columns source, curve, x, y.

    Of the curve ``gradient`` x is the phase gradient [rad/pixel] and y its density
    [pixel/rad]; of the curve ``spectrum`` x is the radius in k-space [fraction of
    Nyquist] and y the share of the energy per band, mean over slices.

    Args:
        magnitude: ``(slice, y, x)``; slices without tissue should be left out.
        phases: [rad] by source, likewise.
    """
    tables = [_curves(magnitude, phase).assign(source=name) for name, phase in phases.items()]
    return pd.concat(tables, ignore_index=True)[["source", "curve", "x", "y"]]


def _curves(magnitude: np.ndarray, phase: np.ndarray) -> pd.DataFrame:
    laws = measure(phase, magnitude)
    width = BIN_WIDTH * COARSER
    counts = laws.gradients.sum(axis=(0, 1)).reshape(-1, COARSER).sum(axis=1)
    centres = (np.arange(BINS // COARSER) + 0.5) * width - np.pi
    density = counts / counts.sum() / width
    gradient = pd.DataFrame({"curve": "gradient", "x": centres, "y": density})
    mean = laws.spectrum.mean(axis=0)
    spectrum = pd.DataFrame({"curve": "spectrum", "x": band_centres(), "y": mean})
    return pd.concat([gradient, spectrum])
