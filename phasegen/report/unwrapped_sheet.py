"""Figure 3: original and generated phase of the same slices, wrapped and unwrapped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.ticker import MaxNLocator

from phasegen.report.canvas import show_magnitude, show_phase
from phasegen.report.inches import Inches

PANEL, GAP, APART = 1.35, 0.03, 0.14
LEFT, RIGHT, TOP, BOTTOM = 0.5, 1.75, 0.55, 0.06
ROW_BAR, PHASE_BAR = 0.1, 0.98
"""Places of the colour bars in the right margin."""
UNWRAPPED_MAP = "viridis"
SHOWN = (1, 99)
"""Percentiles of the unwrapped phase of a row between which its colours are spread."""
KINDS = ("original", "generated")

Pair = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class PhasePair:
    """One slice of the sheet.

    Attributes:
        title: of its row.
        images: complex ``(y, x)`` with original and with generated phase.
        inside: bool ``(y, x)``, where the phase means something.
        unwrapped: phase [rad] ``(y, x)``, original and generated, by method.
    """

    title: str
    images: Pair
    inside: np.ndarray
    unwrapped: Mapping[str, Pair]

    def centred(self) -> list[np.ma.MaskedArray]:
        """All unwrapped phase in turn, with a median of 0 inside and nothing outside."""
        pairs = self.unwrapped.values()
        found = [np.ma.masked_array(phase, ~self.inside) for pair in pairs for phase in pair]
        return [phase - np.ma.median(phase) for phase in found]


def unwrapped_sheet(slices: Sequence[PhasePair], path: str | Path) -> None:
    """A row per slice: magnitude, phase as it is, and unwrapped by every method.

    Unwrapped phase is known up to a constant: its median is 0 in every panel.
    """
    groups = ["phase", *(f"unwrapped, {method}" for method in slices[0].unwrapped)]
    width = _left(1 + 2 * len(groups)) - APART + RIGHT
    page = Inches(width, TOP + PANEL * len(slices) + BOTTOM)
    for row, one in enumerate(slices):
        _row(page, row, one)
    _heads(page, groups)
    page.phase_bar(width - RIGHT + PHASE_BAR, BOTTOM + PANEL * len(slices) / 2, 1.2)
    page.save(path)


def _left(column: int) -> float:
    """Of the panels of a column; pairs stand apart."""
    return LEFT + PANEL * column + APART * ((column + 1) // 2)


def _row(page: Inches, row: int, one: PhasePair) -> None:
    phases = one.centred()
    values = np.concatenate([phase.compressed() for phase in phases])
    window = Normalize(*(np.percentile(values, SHOWN) if values.size else (0, 1)))
    bottom = page.height - TOP - PANEL * (row + 1) + GAP
    axes = [page.panel(_left(n), bottom, PANEL - GAP) for n in range(3 + len(phases))]
    show_magnitude(axes[0], np.abs(one.images[0]))
    axes[0].set_ylabel(one.title, fontsize=8)
    for axis, image in zip(axes[1:3], one.images, strict=True):
        show_phase(axis, image)
    for axis, phase in zip(axes[3:], phases, strict=True):
        axis.imshow(phase, cmap=UNWRAPPED_MAP, norm=window, interpolation="nearest")
    _bar(page, page.width - RIGHT + ROW_BAR, bottom, window)


def _heads(page: Inches, groups: Sequence[str]) -> None:
    low = page.height - TOP + 0.07
    page.text(_left(0) + PANEL / 2, low, "magnitude", ha="center")
    for number, group in enumerate(groups):
        columns = 1 + 2 * number, 2 + 2 * number
        for column, kind in zip(columns, KINDS, strict=True):
            page.text(_left(column) + PANEL / 2, low, kind, ha="center")
        page.text(_left(columns[1]), low + 0.21, group, ha="center", weight="bold")


def _bar(page: Inches, left: float, bottom: float, window: Normalize) -> None:
    axis = page.figure.add_axes(page.part(left, bottom + 0.04, 0.1, PANEL - GAP - 0.08))
    bar = page.figure.colorbar(ScalarMappable(window, UNWRAPPED_MAP), cax=axis, extend="both")
    bar.locator = MaxNLocator(4)
    bar.update_ticks()
    bar.ax.tick_params(labelsize=8)
    bar.set_label("unwrapped [rad]", fontsize=8, labelpad=1)
