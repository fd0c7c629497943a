"""Picture of a simulated cohort: magnitude, phase and brain mask of some subjects."""

from collections.abc import Sequence
from pathlib import Path

import h5py
import nibabel as nib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from phasegen.fourier import to_image

ROWS = ("magnitude", "phase", "brain mask")
PHASE_MAP = "twilight"
VISIBLE = 0.1
"""Share of the slice's white level above which the phase is drawn at full strength."""


def cohort_picture(
    subjects: Sequence[tuple[Path, Path]], target: Path, slices: Sequence[int] | None = None
) -> None:
    """Write a PNG with one column a subject.

    Where the magnitude falls into the noise the phase fades to grey.

    Args:
        subjects: raw file (HDF5, fastMRI layout) and mask (NIfTI) of each column.
        target: the PNG.
        slices: slice of each column; without it the columns climb through the head.
    """
    figure = Figure(figsize=(2.0 * len(subjects) + 0.8, 6.5), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.subplots(3, len(subjects), squeeze=False)
    for column, (raw, mask) in enumerate(subjects):
        level = slices[column] if slices is not None else None
        image, brain, title = _slice(raw, mask, column, len(subjects), level)
        _draw(axes[:, column], image, brain)
        axes[0, column].set_title(title, fontsize=9)
    for row, name in enumerate(ROWS):
        axes[row, 0].set_ylabel(name, fontsize=10)
    right = 1 - 0.8 / figure.get_figwidth()
    figure.subplots_adjust(0.025, 0.01, right, 0.95, wspace=0.03, hspace=0.03)
    _phase_bar(figure, right)
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=130, metadata={"Software": None})


def _slice(
    raw: Path, mask: Path, column: int, columns: int, level: int | None
) -> tuple[np.ndarray, np.ndarray, str]:
    """Complex image and brain mask (y, x) of one slice, and its title."""
    with h5py.File(raw) as file:
        kspace = file["kspace"]
        count = len(kspace)
        index = level if level is not None else (count - 1) * column // max(columns - 1, 1)
        image = to_image(kspace[index])
        title = f"{file.attrs['patient_id']}, {file.attrs['contrast']}"
    volume = np.asarray(nib.as_closest_canonical(nib.load(mask)).dataobj)
    return image, volume[:, ::-1, index].T > 0, title


def _draw(axes: np.ndarray, image: np.ndarray, brain: np.ndarray) -> None:
    magnitude = np.abs(image)
    white = np.percentile(magnitude, 99)
    grey = {"cmap": "gray", "vmin": 0, "vmax": white, "interpolation": "bicubic"}
    axes[0].imshow(magnitude, **grey)
    axes[1].imshow(
        np.angle(image),
        cmap=PHASE_MAP,
        vmin=-np.pi,
        vmax=np.pi,
        interpolation="nearest",
        alpha=np.clip(magnitude / (VISIBLE * white), 0, 1),
    )
    axes[2].imshow(np.where(brain, magnitude, 0.3 * magnitude), **grey)
    axes[2].contour(brain, [0.5], colors="tab:orange", linewidths=0.9)
    for axis in axes:
        axis.set(xticks=[], yticks=[], facecolor="0.5")
        axis.spines[:].set_visible(False)


def _phase_bar(figure: Figure, right: float) -> None:
    place = figure.add_axes((right + 0.1 / figure.get_figwidth(), 0.345, 0.012, 0.27))
    bar = figure.colorbar(ScalarMappable(Normalize(-np.pi, np.pi), PHASE_MAP), cax=place)
    bar.set_ticks([-np.pi, 0, np.pi], labels=["-π", "0", "π"])
    bar.set_label("phase [rad]", fontsize=9, labelpad=-2)
