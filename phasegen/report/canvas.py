"""What all figures share: the canvas, the colour map of phase, the panels of an image."""

from pathlib import Path

import numpy as np
from matplotlib import colormaps, rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from phasegen.paths import whole_file

PHASE_MAP = "twilight"
# Share of the white level above which the phase is drawn at full strength.
VISIBLE = 0.1
KSPACE_DECADES = 4
# Rows and columns of images in vector files, at least.
FINE = 256


def canvas(width: float, height: float) -> Figure:
    """Empty figure of this size [inch]."""
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def save(figure: Figure, path: str | Path) -> None:
    """Write a figure, whole or not at all; the same figure gives the same bytes.

    In a vector file images keep their pixels.
    """
    kind = Path(path).suffix[1:]
    for image in figure.findobj(AxesImage) if kind == "svg" else []:
        _keep_pixels(image)
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    # Names inside an SVG are random without a salt.
    with rc_context({"svg.hashsalt": "phasegen"}), whole_file(path) as partial:
        figure.savefig(partial, format=kind, dpi=130, metadata=metadata)


def _keep_pixels(image: AxesImage) -> None:
    """Make each pixel a square of several: some programs smooth an image that they enlarge."""
    values, extent = image.get_array(), image.get_extent()
    for axis in (0, 1):
        values = values.repeat(-(-FINE // values.shape[axis]), axis)
    image.set(data=values, extent=extent, interpolation="none")


def white_level(image: np.ndarray) -> float:
    """Magnitude that is drawn white, of a real or complex image."""
    return max(float(np.percentile(np.abs(image), 99.5)), 1e-12)


def show_magnitude(axis: Axes, magnitude: np.ndarray, white: float | None = None) -> None:
    """Magnitude ``(y, x)`` in grey; ``white`` is that of another image, to be compared with it."""
    axis.imshow(magnitude, cmap="gray", vmin=0, vmax=white or white_level(magnitude))


def show_phase(axis: Axes, image: np.ndarray) -> None:
    """Phase of a complex image ``(y, x)``; where there is no signal it fades to grey."""
    magnitude = np.abs(image)
    colours = colormaps[PHASE_MAP](Normalize(-np.pi, np.pi)(np.angle(image)))
    colours[..., 3] = np.clip(magnitude / (VISIBLE * white_level(magnitude)), 0, 1)
    axis.imshow(colours, interpolation="nearest")


def show_kspace(axis: Axes, kspace: np.ndarray) -> None:
    """Logarithm of the magnitude of k-space ``(ky, kx)``, four decades from the peak."""
    peak = max(float(np.abs(kspace).max()), 1e-30)
    level = np.log10(np.maximum(np.abs(kspace) / peak, 10.0**-KSPACE_DECADES))
    axis.imshow(level, cmap="gray", vmin=-KSPACE_DECADES, vmax=0)


def strip_axes(axis: Axes) -> None:
    """Leave the image alone: no ticks, no frame, grey behind it."""
    axis.set(xticks=[], yticks=[], facecolor="0.5")
    axis.spines[:].set_visible(False)


def phase_bar(figure: Figure, place: tuple[float, float, float, float]) -> None:
    """Colour bar of the phase [rad]; ``place`` is (left, bottom, width, height)."""
    axis = figure.add_axes(place)
    bar = figure.colorbar(ScalarMappable(Normalize(-np.pi, np.pi), PHASE_MAP), cax=axis)
    bar.set_ticks([-np.pi, 0, np.pi], labels=["-π", "0", "π"])
    bar.set_label("phase [rad]", fontsize=9, labelpad=-2)
