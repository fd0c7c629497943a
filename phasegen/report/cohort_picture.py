"""Picture of a simulated cohort: magnitude, phase and brain mask of some subjects."""

from collections.abc import Sequence
from pathlib import Path

import h5py
import nibabel as nib
import numpy as np

from phasegen.fourier import to_image
from phasegen.report.canvas import (
    canvas,
    phase_bar,
    save,
    show_magnitude,
    show_phase,
    strip_axes,
    white_level,
)

ROWS = ("magnitude", "phase", "brain mask")


def cohort_picture(subjects: Sequence[tuple[Path, Path]], target: Path) -> None:
    """Draw one column a subject; from left to right the slices climb through the head.

    Args:
        subjects: raw file (HDF5, fastMRI layout) and mask (NIfTI) of each column.
    """
    figure = canvas(2.0 * len(subjects) + 0.8, 6.5)
    axes = figure.subplots(3, len(subjects), squeeze=False)
    for column, (raw, mask) in enumerate(subjects):
        level = column / max(len(subjects) - 1, 1)
        image, title, index = _read_slice(raw, level)
        magnitude, phase, outline = axes[:, column]
        show_magnitude(magnitude, np.abs(image))
        show_phase(phase, image)
        brain = _read_mask(mask, index)
        outline.imshow(
            np.where(brain, 1, 0.3) * np.abs(image), cmap="gray", vmin=0, vmax=white_level(image)
        )
        outline.contour(brain, [0.5], colors="tab:orange", linewidths=0.9)
        magnitude.set_title(title, fontsize=9)
    for line, name in zip(axes, ROWS, strict=True):
        line[0].set_ylabel(name, fontsize=10)
        for axis in line:
            strip_axes(axis)
    right = 1 - 0.8 / figure.get_figwidth()
    figure.subplots_adjust(0.025, 0.01, right, 0.95, wspace=0.03, hspace=0.03)
    phase_bar(figure, (right + 0.1 / figure.get_figwidth(), 0.345, 0.012, 0.27))
    save(figure, target)


def _read_slice(raw: Path, level: float) -> tuple[np.ndarray, str, int]:
    """Complex image (y, x) at a level from 0, the lowest slice, to 1; its title and number."""
    with h5py.File(raw) as file:
        index = int(level * (len(file["kspace"]) - 1))
        title = f"{file.attrs['patient_id']}, {file.attrs['contrast']}"
        return to_image(file["kspace"][index]), title, index


def _read_mask(mask: Path, index: int) -> np.ndarray:
    volume = np.asarray(nib.as_closest_canonical(nib.load(mask)).dataobj)
    return volume[:, ::-1, index].T > 0
