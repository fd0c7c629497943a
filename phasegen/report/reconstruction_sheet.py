"""Sheet of reconstructed slices: each source's image, its error below on one common scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from phasegen.report.canvas import canvas, save, show_magnitude, strip_axes, white_level
from phasegen.report.outline import corner_text
from phasegen.report.palette import LABELS

PANEL = 1.7
LEFT, RIGHT, TOP = 0.75, 0.95, 0.35
ERROR_MAP = "inferno"


@dataclass(frozen=True)
class Example:
    """One slice of the sheet.

    Attributes:
        title: of its row.
        target: magnitude ``(y, x)`` of the fully sampled image.
        reconstructed: magnitude ``(y, x)`` by source, of any scale.
        psnr: [dB], by source.
    """

    title: str
    target: np.ndarray
    reconstructed: Mapping[str, np.ndarray]
    psnr: Mapping[str, float]


def reconstruction_sheet(examples: Sequence[Example], path: str | Path) -> None:
    """Two rows per slice: target and reconstructions, and below them their errors.

    A reconstruction is brought to the scale of its target by one least-squares factor, as for the
    metrics. Errors are shares of the target's maximum.
    """
    sources = list(examples[0].reconstructed)
    width = LEFT + PANEL * (1 + len(sources)) + RIGHT
    height = TOP + 2 * PANEL * len(examples) + 0.05
    figure = canvas(width, height)
    axes = figure.subplots(2 * len(examples), 1 + len(sources), squeeze=False)
    fitted = [_fitted(example) for example in examples]
    top = white_level(
        np.concatenate([_errors(e, f).ravel() for e, f in zip(examples, fitted, strict=True)])
    )
    for number, example in enumerate(examples):
        _images(axes[2 * number], example, fitted[number])
        _error_maps(axes[2 * number + 1], _errors(example, fitted[number]), top)
    for axis, title in zip(axes[0], ["target", *sources], strict=True):
        axis.set_title(LABELS.get(title, title), fontsize=9)
    sides = (LEFT / width, 0.05 / height, 1 - RIGHT / width, 1 - TOP / height)
    figure.subplots_adjust(*sides, wspace=0.03, hspace=0.03)
    _error_bar(figure, top, (1 - 0.85 / width, 0.5 - 0.8 / height, 0.13 / width, 1.6 / height))
    save(figure, path)


def _fitted(example: Example) -> np.ndarray:
    """Reconstructions ``(source, y, x)`` in the scale of the target."""
    images = np.stack(list(example.reconstructed.values())).astype(float)
    overlap, power = (
        np.sum(images * other, axis=(1, 2), keepdims=True) for other in (example.target, images)
    )
    return images * overlap / np.where(power > 0, power, 1)


def _errors(example: Example, fitted: np.ndarray) -> np.ndarray:
    return np.abs(fitted - example.target) / max(float(example.target.max()), 1e-12)


def _images(line: np.ndarray, example: Example, fitted: np.ndarray) -> None:
    white = white_level(example.target)
    line[0].set_ylabel(example.title, fontsize=8)
    for axis, image in zip(line, [example.target, *fitted], strict=True):
        show_magnitude(axis, image, white)
        strip_axes(axis)
    for axis, psnr in zip(line[1:], example.psnr.values(), strict=True):
        corner_text(axis, f"{psnr:.1f} dB", size=8)


def _error_maps(line: np.ndarray, errors: np.ndarray, top: float) -> None:
    strip_axes(line[0])
    line[0].set(facecolor="white")
    beside = {"ha": "right", "va": "center", "rotation": 90, "fontsize": 8}
    line[0].text(0.97, 0.5, "error", transform=line[0].transAxes, **beside)
    for axis, error in zip(line[1:], errors, strict=True):
        axis.imshow(error, cmap=ERROR_MAP, vmin=0, vmax=top)
        strip_axes(axis)


def _error_bar(figure: Figure, top: float, place: tuple[float, float, float, float]) -> None:
    axis = figure.add_axes(place)
    bar = figure.colorbar(
        ScalarMappable(Normalize(0, 100 * top), ERROR_MAP), cax=axis, extend="max"
    )
    bar.ax.tick_params(labelsize=8)
    bar.set_label("error [% of the maximum]", fontsize=8)
