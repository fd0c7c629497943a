"""Rules that draw: stores and records in, one picture out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from phasegen.data.held_out import HeldOut
from phasegen.report import cohort_picture as simulated
from phasegen.report.realism import realism_figure
from phasegen.report.sampling_steps import sampling_steps_figure as steps_figure
from phasegen.report.sheets import image_sheet, sample_sheet, synthetic_sheet
from phasegen.report.training import loss_curve
from phasegen.settings import Simulation
from phasegen.store.reading import open_store, read_index

SHEET_ROWS = 8
SAMPLES_SHOWN = 4


def contact_sheet(
    magnitude: str | Path, kspace: Mapping[str, str | Path], figure: str | Path
) -> None:
    """Some slices of a cohort: magnitude, and phase and k-space by each source."""
    index = read_index(magnitude)
    rows = spread_rows(index)
    by_source = {name: open_store(store).oindex[rows][:, 0] for name, store in kspace.items()}
    values = open_store(magnitude).oindex[rows][:, 0]
    synthetic_sheet(slice_titles(index, rows), values, by_source, Path(figure))


def raw_sheet(images: str | Path, figure: str | Path) -> None:
    """Some slices of a raw cohort with the phase that the scanner recorded."""
    index = read_index(images)
    rows = spread_rows(index)
    image_sheet(slice_titles(index, rows), open_store(images).oindex[rows][:, 0], Path(figure))


def cohort_picture(simulation: dict, subjects: Sequence[str], figure: str | Path) -> None:
    """Magnitude, phase and mask of simulated subjects, from the files that were written."""
    settings = Simulation.model_validate(simulation)
    folder = Path(settings.folder)
    shown = []
    for number, name in enumerate(subjects):
        contrast = settings.contrasts[number % len(settings.contrasts)]
        raw, mask = settings.raw_file(name, contrast), settings.mask_file(name)
        shown.append((folder / raw, folder / mask))
    simulated.cohort_picture(shown, Path(figure))


def training_curve(history: str | Path, figure: str | Path) -> None:
    """Loss against the epoch."""
    loss_curve(pd.read_csv(history), Path(figure))


def phase_quality_figure(table: str | Path, curves: str | Path, figure: str | Path) -> None:
    """Realism of every source, all contrasts together."""
    rows = pd.read_csv(table)
    realism_figure(rows[rows["contrast"] == "all"], pd.read_csv(curves), figure)


def phase_quality_sheet(slices: str | Path, repeats: str | Path, figure: str | Path) -> None:
    """Magnitude, true phase and samples of it, for some slices of different contrasts."""
    held_out = HeldOut.load(slices)
    with np.load(repeats) as file:
        samples = file["phase"][:SAMPLES_SHOWN]
    order = np.lexsort((held_out.subjects, held_out.contrasts))
    rows = order[np.linspace(0, len(order) - 1, SHEET_ROWS).round().astype(int)]
    names = held_out.identities["series"].to_numpy(str)
    images = held_out.magnitude[rows] * np.exp(1j * samples[:, rows])
    sample_sheet(held_out.images[rows], images, names[rows], Path(figure))


def sampling_steps_figure(table: str | Path, figure: str | Path) -> None:
    """Quality and time against the number of network evaluations."""
    steps_figure(pd.read_csv(table), figure)


def spread_rows(index: pd.DataFrame, count: int = SHEET_ROWS) -> np.ndarray:
    """Rows for a sheet: as many volumes as there are, each row at a level of its own."""
    filled = index
    for name in ("scale", "pixels"):
        if name in index and (index[name] > 0).any():
            filled = index[index[name] > 0]
    volumes = [group["row"].to_numpy() for _, group in filled.groupby(["subject", "series"])]
    chosen = np.linspace(0, len(volumes) - 1, count).round().astype(int)
    levels = np.linspace(0.25, 0.75, count)
    pairs = zip(chosen, levels, strict=True)
    rows = [volumes[v][int(level * (len(volumes[v]) - 1))] for v, level in pairs]
    return np.unique(rows)


def slice_titles(index: pd.DataFrame, rows: np.ndarray) -> list[str]:
    """Series and number of some slices."""
    shown = index.iloc[rows]
    return [f"{row.series}\nslice {row.slice}" for row in shown.itertuples()]
