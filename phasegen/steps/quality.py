"""Rules of ``quality.smk``: how real a phase is, and what it costs."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from phasegen.data.held_out import HeldOut, pick
from phasegen.diffusion.sources import draw_phase
from phasegen.diffusion.weights import load
from phasegen.metrics.comparison import compare_runs
from phasegen.metrics.curves import realism_curves
from phasegen.metrics.residues import tissue_loops
from phasegen.metrics.spread import spread_table
from phasegen.metrics.table import REAL, realism_table
from phasegen.metrics.tissue import tissue_mask
from phasegen.paths import whole_file
from phasegen.seeds import IDENTITY, generator
from phasegen.settings import PhaseSource, Synthesis
from phasegen.steps.table_file import write_csv


def pick_slices(
    stores: Sequence[str | Path], count: int, size: int, seed: int, out: str | Path
) -> None:
    """Slices of test subjects, with tissue in each."""
    chosen = pick([Path(store) for store in stores], count, size, generator(seed, "quality"))
    filled = tissue_loops(tissue_mask(chosen.magnitude)).any(axis=(-2, -1))
    identities = chosen.identities[filled].reset_index(drop=True)
    HeldOut(chosen.images[filled], identities).save(out)


def sample_trial(
    slices: str | Path,
    source: PhaseSource,
    synthesis: dict,
    samples: int,
    seed: int,
    model: str | Path | None,
    out: str | Path,
) -> None:
    """Phase (sample, slice, y, x) of the magnitudes, and the seconds that a slice took.

    Every trial starts from the same noise, so that trials differ by their source alone.
    """
    settings = Synthesis.model_validate(synthesis)
    torch.set_num_threads(settings.threads)
    held_out = HeldOut.load(slices)
    if model:
        held_out.refuse(model, load(model)[1])
    keys = held_out.identities[list(IDENTITY)].to_numpy()
    phases, start = [], time.perf_counter()
    for sample in range(samples):
        streams = [generator(seed, "quality", sample, *key) for key in keys]
        phases.append(draw_phase(source, held_out.magnitude, streams, settings, model))
    seconds = (time.perf_counter() - start) / (samples * len(keys))
    with whole_file(out) as partial, partial.open("wb") as file:
        np.savez(file, phase=np.stack(phases).astype(np.float32), seconds=seconds)


def phase_quality(
    slices: str | Path,
    trials: Mapping[str, str | Path],
    compared: str | Path,
    repeats: Mapping[str, str | Path],
    seed: int,
    table: str | Path,
    curves: str | Path,
) -> None:
    """Realism of every source, and the spread of repeated samples beside that of true phases."""
    held_out, few = HeldOut.load(slices), HeldOut.load(compared)
    phases = {source: _phase(path)[0] for source, path in trials.items()}
    realism = realism_table(
        held_out.magnitude,
        held_out.phase,
        phases,
        held_out.subjects,
        held_out.contrasts,
        seed,
    )
    kinds = list(zip(held_out.contrasts, held_out.identities["slice"], strict=True))
    spread = spread_table(
        held_out.images,
        kinds,
        {source: _phase(path) for source, path in repeats.items()},
        few.magnitude,
        few.contrasts,
        generator(seed, "spread"),
    )
    write_csv(realism.merge(spread, on=["source", "contrast"], how="left"), table)
    write_csv(realism_curves(held_out.magnitude, phases | {REAL: held_out.phase}), curves)


def sampling_steps(
    slices: str | Path,
    trials: Sequence[tuple[dict, str | Path]],
    margin: float,
    model: str,
    seed: int,
    table: str | Path,
) -> None:
    """Quality and time of every sampler and number of evaluations, and which would do for ``model``."""
    held_out = HeldOut.load(slices)
    rows, phases = [], []
    for names, path in trials:
        with np.load(path) as file:
            rows.append(names | {"seconds": float(file["seconds"])})
            phases.append(file["phase"][0])
    found = compare_runs(
        pd.DataFrame(rows),
        phases,
        held_out.magnitude,
        held_out.phase,
        held_out.subjects,
        margin,
        model,
        generator(seed, "comparison"),
    )
    write_csv(found, table)


def _phase(path: str | Path) -> np.ndarray:
    with np.load(path) as file:
        return file["phase"]
