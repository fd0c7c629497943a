"""Figure 2: the forward and the reverse process, column by column at the same level of noise."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from phasegen.report.canvas import show_magnitude, show_phase, white_level
from phasegen.report.inches import Inches

PANEL, GAP = 1.2, 0.03
LEFT, RIGHT, TOP, BETWEEN, BOTTOM = 0.3, 0.85, 0.72, 0.42, 0.42
"""Margins, and the space between the processes."""
ROWS = ("magnitude", "phase")


@dataclass(frozen=True)
class Process:
    """Two rows of panels.

    Attributes:
        title: what happens, and in which direction.
        images: complex ``(y, x)``, the clean one first, the noisiest last, each on its own grid.
    """

    title: str
    images: Sequence[np.ndarray]


def process_strip(
    forward: Process,
    reverse: Process,
    levels: Sequence[str],
    steps: Sequence[str],
    path: str | Path,
) -> None:
    """Magnitude and phase of both processes; all magnitudes have the window of the clean image.

    Args:
        levels: of noise, above each column.
        steps: of the reverse process, below each column.
    """
    height = TOP + BETWEEN + BOTTOM + 4 * PANEL
    page = Inches(LEFT + PANEL * len(levels) + RIGHT, height)
    white = white_level(forward.images[0])
    _draw(page, forward, BOTTOM + 2 * PANEL + BETWEEN, white)
    _draw(page, reverse, BOTTOM, white)
    for column, (level, step) in enumerate(zip(levels, steps, strict=True)):
        centre = LEFT + PANEL * (column + 0.5)
        page.text(centre, height - 0.06, level, ha="center", va="top")
        page.text(centre, BOTTOM - 0.06, step, ha="center", va="top")
    page.phase_bar(page.width - RIGHT + 0.12, BOTTOM + 2 * PANEL + BETWEEN / 2, 1.6)
    page.save(path)


def _draw(page: Inches, process: Process, bottom: float, white: float) -> None:
    for column, image in enumerate(process.images):
        left = LEFT + PANEL * column
        magnitude, phase = (
            page.panel(left, bottom + PANEL * above, PANEL - GAP) for above in (1, 0)
        )
        show_magnitude(magnitude, np.abs(image), white)
        show_phase(phase, image)
        if not column:
            for axis, name in zip((magnitude, phase), ROWS, strict=True):
                axis.set_ylabel(name, fontsize=9)
    page.text(LEFT, bottom + 2 * PANEL + 0.07, process.title, weight="bold")
