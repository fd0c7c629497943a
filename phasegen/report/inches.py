"""Figures whose panels and words have their places in inches."""

from pathlib import Path

from matplotlib.axes import Axes

from phasegen.report.canvas import canvas, phase_bar, save, strip_axes


class Inches:
    """An empty figure; all places are from its lower left corner [inch]."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.figure = canvas(width, height)

    def panel(self, left: float, bottom: float, edge: float) -> Axes:
        """Square axes of an image, without ticks."""
        axis = self.figure.add_axes(self.part(left, bottom, edge, edge))
        strip_axes(axis)
        return axis

    def part(
        self, left: float, bottom: float, width: float, height: float
    ) -> tuple[float, float, float, float]:
        """A rectangle in parts of the figure."""
        return left / self.width, bottom / self.height, width / self.width, height / self.height

    def text(self, x: float, y: float, text: str, **how: str | float) -> None:
        """Words at a place; ``how`` is as matplotlib takes it."""
        style = {"fontsize": 9, "linespacing": 1.3} | how
        self.figure.text(x / self.width, y / self.height, text, **style)

    def phase_bar(self, left: float, middle: float, height: float) -> None:
        """Colour bar of the phase."""
        phase_bar(self.figure, self.part(left, middle - height / 2, 0.13, height))

    def save(self, path: str | Path) -> None:
        """Write it, whole or not at all."""
        save(self.figure, path)
