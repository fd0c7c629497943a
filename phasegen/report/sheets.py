"""Contact sheets: a row of panels per slice."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from phasegen.fourier import to_image, to_kspace
from phasegen.report.canvas import (
    canvas,
    phase_bar,
    save,
    show_kspace,
    show_magnitude,
    show_phase,
    strip_axes,
)

Panel = tuple[str, Callable[[Axes, np.ndarray], None], np.ndarray]
PANEL_INCHES = 1.5
GREY_INCHES = 2.0
GREY_COLUMNS = 4


def synthetic_sheet(
    titles: Sequence[str], magnitude: np.ndarray, kspace: Mapping[str, np.ndarray], path: Path
) -> None:
    """Magnitude, phase by each source, log k-space by each source.

    Args:
        titles: one per slice.
        magnitude: ``(slice, y, x)``.
        kspace: complex ``(slice, ky, kx)`` by name of the source.
    """
    rows = []
    for number in range(len(titles)):
        phases = [(f"phase: {s}", show_phase, to_image(k[number])) for s, k in kspace.items()]
        spectra = [(f"k-space: {s}", show_kspace, k[number]) for s, k in kspace.items()]
        rows.append([("magnitude", show_magnitude, magnitude[number]), *phases, *spectra])
    _sheet(titles, rows, path)


def image_sheet(titles: Sequence[str], images: np.ndarray, path: Path) -> None:
    """Magnitude, phase and log k-space of complex images ``(slice, y, x)``."""
    rows = [
        [
            ("magnitude", show_magnitude, np.abs(image)),
            ("phase", show_phase, image),
            ("k-space", show_kspace, to_kspace(image)),
        ]
        for image in images
    ]
    _sheet(titles, rows, path)


def grey_sheet(titles: Sequence[str], images: np.ndarray, path: Path) -> None:
    """Magnitudes or masks ``(slice, y, x)`` in grey, some in a row, each with its title."""
    columns = min(len(images), GREY_COLUMNS)
    lines = -(-len(images) // columns)
    figure = canvas(GREY_INCHES * columns, (GREY_INCHES + 0.35) * lines)
    axes = figure.subplots(lines, columns, squeeze=False).ravel()
    for axis, title, image in zip(axes, titles, images, strict=False):
        show_magnitude(axis, image)
        strip_axes(axis)
        axis.set_title(title, fontsize=8)
    for axis in axes[len(images) :]:
        axis.set_axis_off()
    figure.tight_layout(pad=0.3, h_pad=1)
    save(figure, path)


def pair_sheet(titles: Sequence[str], images: Mapping[str, np.ndarray], path: Path) -> None:
    """Real images ``(slice, y, x)`` of the same slices by name, side by side in grey."""
    rows = [
        [(name, show_magnitude, values[number]) for name, values in images.items()]
        for number in range(len(titles))
    ]
    _sheet(titles, rows, path)


def sample_sheet(
    images: np.ndarray, samples: np.ndarray, titles: Sequence[str], path: Path
) -> None:
    """Magnitude and phase of complex images ``(slice, y, x)``, then samples of the phase.

    ``samples`` are complex ``(sample, slice, y, x)``.
    """
    rows = []
    for number, image in enumerate(images):
        drawn = [(f"sample {n + 1}", show_phase, s[number]) for n, s in enumerate(samples)]
        true = [("magnitude", show_magnitude, np.abs(image)), ("true phase", show_phase, image)]
        rows.append([*true, *drawn])
    _sheet(titles, rows, path)


def _sheet(titles: Sequence[str], rows: list[list[Panel]], path: Path) -> None:
    width, height = PANEL_INCHES * len(rows[0]) + 1.6, PANEL_INCHES * len(rows) + 0.4
    figure = canvas(width, height)
    axes = figure.subplots(len(rows), len(rows[0]), squeeze=False)
    for line, title, row in zip(axes, titles, rows, strict=True):
        line[0].set_ylabel(title, fontsize=8)
        for axis, (name, show, values) in zip(line, row, strict=True):
            show(axis, values)
            strip_axes(axis)
            if axis in axes[0]:
                axis.set_title(name, fontsize=9)
    figure.subplots_adjust(
        0.75 / width, 0.05 / height, 1 - 0.85 / width, 1 - 0.3 / height, wspace=0.04, hspace=0.04
    )
    if any(show is show_phase for _, show, _ in rows[0]):
        phase_bar(figure, (1 - 0.75 / width, 0.5 - 0.6 / height, 0.12 / width, 1.2 / height))
    save(figure, path)
