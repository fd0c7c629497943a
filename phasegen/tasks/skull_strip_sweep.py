"""Test data with another phase than they came with: the knob that shows when phase matters."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from phasegen.mri.phase import echo_shift, parabola

UNTOUCHED = ("", 0.0)
"""Knob and level of the data as they are."""


def knobs(sweep: Mapping[str, Sequence[float]]) -> Iterator[tuple[str, float]]:
    """Knob and level of every condition, the data as they are first."""
    yield UNTOUCHED
    yield from ((knob, float(level)) for knob, levels in sweep.items() for level in levels)


def changed(images: np.ndarray, knob: str, level: float) -> np.ndarray:
    """Images under a condition, complex64 ``(slice, y, x)``.

    ``echo_shift`` moves the peak of k-space along its rows by ``level`` samples; ``coil_phase``
    adds a parabola of ``level`` radians half a field of view off the centre; ``phase_times`` takes
    the phase, that of the noise with it, ``level`` times, a whole number.
    """
    rows, columns = images.shape[1:]
    if knob == "echo_shift":
        factor = np.exp(1j * echo_shift(rows, level))[:, None]
    elif knob == "coil_phase":
        factor = np.exp(1j * parabola(rows, columns, level))
    elif knob == "phase_times":
        factor = np.exp(1j * (level - 1) * np.angle(images))
    else:
        return images
    return (images * factor).astype(np.complex64)
