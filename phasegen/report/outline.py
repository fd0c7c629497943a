"""What is drawn over an image: outlines of masks, the window round them, a text."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from phasegen.report.palette import BLACK

# Share of the image.
MARGIN = 0.06


def outline(axis: Axes, mask: np.ndarray, style: Mapping) -> None:
    """Line round a mask ``(y, x)``; an empty one has none.

    Args:
        style: ``color``, ``linestyle`` and, if not the usual one, ``linewidth``.
    """
    if not mask.any():
        return
    y, x = (np.arange(-1, length + 1) for length in mask.shape)
    lines = axis.contour(
        x,
        y,
        np.pad(mask, 1),  # closes the line at the border of the image
        [0.5],
        colors=[style["color"]],
        linestyles=[style["linestyle"]],
        linewidths=[style.get("linewidth", 1.0)],
    )
    if style["color"] == BLACK:  # would not be seen on the air round the head
        lines.set(path_effects=[withStroke(linewidth=2.4, foreground="white")])


def zoom(axis: Axes, masks: np.ndarray) -> None:
    """Show the square round masks ``(mask, y, x)`` and a margin; everything if they are empty."""
    rows, columns = np.nonzero(masks.any(axis=0))
    if not len(rows):
        return
    reach = max(np.ptp(rows), np.ptp(columns)) / 2 + MARGIN * max(masks.shape[1:])
    row, column = (rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2
    axis.set(xlim=(column - reach, column + reach), ylim=(row + reach, row - reach))


def corner_text(axis: Axes, text: str, size: int = 9) -> None:
    """White text in the lower left corner of an image."""
    box = {"facecolor": "black", "alpha": 0.6, "linewidth": 0, "pad": 1.5}
    axis.text(0.03, 0.03, text, color="white", fontsize=size, transform=axis.transAxes, bbox=box)
