"""Receive sensitivity of a birdcage head coil, imperfect as real ones are."""

import numpy as np

RUNGS = 12
RADIUS = 150.0
"""Radius of the cage [mm]."""


def birdcage(
    random: np.random.Generator,
    x: np.ndarray,
    y: np.ndarray,
    z: np.ndarray,
    field_strength: float,
) -> np.ndarray:
    """Complex sensitivity on a grid of coordinates [mm], complex64 (z, y, x), near 1 in the centre.

    The rotating field of straight wires (Biot-Savart) whose currents miss the ideal mode by a few
    per cent, times the standing wave in the head: brighter and later in phase at the centre, the
    more so the higher the field (Hoult, Concepts Magn Reson 12:173, 2000).
    """
    angle = 2 * np.pi * (np.arange(RUNGS) + random.uniform()) / RUNGS
    ideal = np.exp(1j * angle)
    current = (
        ideal * (1 + random.normal(0, 0.15, RUNGS)) * np.exp(1j * random.normal(0, 0.2, RUNGS))
    )
    place = (x + random.normal(0, 6))[None, :] + 1j * (y + 15 + random.normal(0, 6))[:, None]
    wires = sum(i / (place - RADIUS * u) for i, u in zip(current, ideal, strict=True))
    square = (np.abs(place) / 100) ** 2 + ((z - 10) / 130)[:, None, None] ** 2
    wave = field_strength / 3.0
    standing = (1 - 0.16 * wave * square) * np.exp(1j * wave * random.normal(0.9, 0.15) * square)
    drift = np.exp(1j * random.normal(0, 0.25) * (z - 10) / 60)[:, None, None]
    return (wires * (-RADIUS / RUNGS) * standing * drift).astype(np.complex64)
