"""Test data with more phase than they came with: the knob that shows when phase matters."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from phasegen.mri.phase import echo_shift, parabola

UNTOUCHED = ("", 0.0)
"""Knob and level of the data as they are."""


def knobs(sweep: Mapping[str, Sequence[float]]) -> Iterator[tuple[str, float]]:
    """Knob and level of every condition, the data as they are first."""
    yield UNTOUCHED
    yield from ((knob, float(level)) for knob, levels in sweep.items() for level in levels)


def added_phase(knob: str, level: float, shape: tuple[int, int]) -> np.ndarray:
    """Phase [rad] that a condition adds, float32, fit for images of ``shape`` (y, x).

    ``echo_shift`` moves the peak of k-space along its rows by ``level`` samples; ``coil_phase``
    is a parabola of ``level`` radians half a field of view off the centre.
    """
    if knob == "echo_shift":
        return echo_shift(shape[0], level)[:, None]
    if knob == "coil_phase":
        return parabola(*shape, level)
    return np.zeros((1, 1), np.float32)
