"""Rules that draw Figures 2 and 3 of the paper: how a phase comes about, and the true one beside it."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from phasegen.data.sourced import VOLUME_SLICE
from phasegen.diffusion.trajectory import Trajectory, clean_image, forward, record
from phasegen.diffusion.weights import load
from phasegen.errors import UserError
from phasegen.fourier import to_image
from phasegen.metrics.tissue import tissue_mask
from phasegen.mri.unwrapping import unwrap_by_quality, unwrap_laplacian
from phasegen.report.process_strip import Process, process_strip
from phasegen.report.unwrapped_sheet import PhasePair, unwrapped_sheet
from phasegen.seeds import IDENTITY, generator
from phasegen.settings import Synthesis
from phasegen.steps.figures import slice_titles, spread_rows
from phasegen.store.reading import open_single_coil, read_index

LEVELS, SLICES = 7, 4
METHODS = {"Laplacian": unwrap_laplacian, "quality-guided": unwrap_by_quality}


def figure_two(
    magnitude: str | Path,
    original: str | Path | None,
    model: str | Path,
    synthesis: dict,
    seed: int,
    figure: str | Path,
) -> None:
    """Forward and reverse process of one slice at the same levels of noise.

    The reverse process is the very one that gave the slice its phase in the store of synthetic
    k-space. The forward process starts from the true phase where ``original`` has it, else from the
    generated one.

    Args:
        magnitude: store of a magnitude cohort.
        original: store of the same volumes with their true phase, if there is one.
        model: weights of the phase model.

    Raises:
        UserError: the two stores have no slice in common.
    """
    settings = Synthesis.model_validate(synthesis)
    torch.set_num_threads(settings.threads)
    shared = same_slices(magnitude, original) if original else read_index(magnitude)
    rows = spread_rows(shared)
    (chosen,) = shared[shared["row"] == rows[len(rows) // 2]].to_dict("records")
    values = open_single_coil(magnitude)[chosen["row"], 0]
    denoiser, _ = load(model)
    stream = generator(seed, "phasegen", *(chosen[name] for name in IDENTITY))
    way = record(denoiser, values, stream, settings)
    generated = values * np.exp(1j * way.phase)
    true = open_single_coil(original)[chosen["row_original"], 0] if original else generated
    shown = _spread_moments(way)
    moments = [way.moments[number] for number in shown]
    shape = denoiser.frame(values.shape)
    clean = clean_image(true, shape)
    noisy = forward(denoiser, clean, moments, generator(seed, "figure two"))
    start = "recorded" if original else "generated"
    count = len(way.moments)
    process_strip(
        Process(f"forward process of the {start} image  →", [clean, *noisy]),
        Process(
            f"←  reverse process: {settings.sampler}, {count} steps",
            [clean_image(generated, shape), *(moment.noisy for moment in moments)],
        ),
        ["$z_0$", *(f"t = {m.timestep:.0f}\n$\\sigma$ = {m.level:.3g}" for m in moments)],
        ["result", *(f"step {number + 1} of {count}\n{_grid(way, number)}" for number in shown)],
        figure,
    )


def figure_three(
    magnitude: str | Path, original: str | Path, kspace: str | Path, figure: str | Path
) -> None:
    """Original and generated phase of some slices, as they are and unwrapped in two ways.

    Args:
        magnitude: store of a magnitude cohort.
        original: store of the same volumes with their true phase.
        kspace: store with the generated phase, of the same rows as ``magnitude``.

    Raises:
        UserError: ``original`` has none of the slices.
    """
    index, shared = read_index(magnitude), same_slices(magnitude, original)
    rows = spread_rows(shared, SLICES)
    places = shared.set_index("row").loc[rows, "row_original"].to_numpy()
    true = open_single_coil(original).oindex[places][:, 0]
    generated = to_image(open_single_coil(kspace).oindex[rows][:, 0])
    tissue = tissue_mask(np.abs(generated))
    slices = []
    for title, pair, inside in zip(
        slice_titles(index, rows), zip(true, generated, strict=True), tissue, strict=True
    ):
        phases = [np.angle(image) for image in pair]
        by_method = {
            name: tuple(unwrap(phase, inside) for phase in phases)
            for name, unwrap in METHODS.items()
        }
        slices.append(PhasePair(title, pair, inside, by_method))
    unwrapped_sheet(slices, figure)


def same_slices(magnitude: str | Path, original: str | Path) -> pd.DataFrame:
    """Index of ``magnitude`` where ``original`` has the same slice, in its row ``row_original``.

    Raises:
        UserError: there is no such slice.
    """
    rows = read_index(original)[[*VOLUME_SLICE, "row"]]
    shared = read_index(magnitude).merge(rows, on=VOLUME_SLICE, suffixes=("", "_original"))
    if shared.empty:
        raise UserError(
            f"{original} has no slice of {magnitude} (same subject, series and slice); see 'subject' "
            "in the cohort table"
        )
    return shared


def _spread_moments(way: Trajectory) -> list[int]:
    """Numbers of some steps, evenly from the last to the first."""
    count = len(way.moments)
    return list(dict.fromkeys(np.linspace(count - 1, 0, LEVELS).round().astype(int).tolist()))


def _grid(way: Trajectory, number: int) -> str:
    return " x ".join(map(str, way.moments[number].noisy.shape))
