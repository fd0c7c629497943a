"""Rules of ``reconstruction.smk`` that train: slices in, a network that reconstructs them out."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from phasegen.data.mixed import ORIGINAL, rows_of
from phasegen.data.sourced import SourcedSlices, slices_of
from phasegen.metrics.reconstruction import reconstruction_row
from phasegen.seeds import integer
from phasegen.settings import ReconstructionModel
from phasegen.settings.reconstruction import MixMode
from phasegen.steps.mixed_split import read_split
from phasegen.steps.reconstruction_split import SplitBy, of_part, reconstruction_subjects
from phasegen.steps.task_training import (
    facts_of,
    fit_task,
    settings_of,
    told,
    write_history,
)
from phasegen.tasks.measurement import Sampling
from phasegen.tasks.reconstruct import FastReconstructor
from phasegen.tasks.reconstruction import ReconstructionTask
from phasegen.tasks.reconstruction_weights import Reconstructor, load, save


def train_reconstruction(
    stores: Mapping[str, str | Path],
    phase_model: str | Path | None,
    sampling: dict,
    model: dict,
    changes: dict,
    number: int,
    seed: int,
    code: str,
    checkpoints: str | Path,
    weights: str | Path,
    history: str | Path,
    chosen: str | Path | None = None,
    mix: str | Path | None = None,
    mode: MixMode = "mixed",
    start: str | Path | None = None,
    split: SplitBy = "subject",
) -> None:
    """Fit a network to reconstruct the slices of ``stores``.

    The subjects are parted into those that it is fitted to and those by which its best epoch is
    chosen, alike for every source and ``number``. Every training of a model sees as many slices
    an epoch, whatever the share of them that it has: fewer are seen more often.

    Args:
        stores: sealed k-space or images by source of phase: one, or for ``mixed`` ``original``
            and after it the synthetic one. Validation slices are of the last.
        phase_model: what gave a store its phase, if a model did.
        sampling: as `phasegen.tasks.measurement.Sampling`, without its seed.
        model: as in ``reconstruction.models``.
        changes: hyperparameters that are laid over it.
        number: which of several trainings alike.
        checkpoints: where an interrupted run left its state and finds it again.
        chosen: what ``choose_hyperparameters`` wrote; it is laid over all.
        mix: split table, where original phase is for a share of the slices.
        mode: what is done with the others.
        start: weights to go on from, for ``tuned``.
        split: see `phasegen.steps.reconstruction_split`.
    """
    settings = settings_of(ReconstructionModel, model, changes, chosen)
    lines = Sampling(**sampling, seed=seed)
    any_store = next(iter(stores.values()))
    parts = reconstruction_subjects(any_store, settings.training.validation, seed)
    train, validation = _slices(stores, parts, mix, mode, split, seed)
    inputs = [*stores.values(), *(file for file in (mix, start) if file)]
    own = {"sampling": sampling, "mode": mode, "split": split}
    facts = facts_of(seed, number, code, inputs) | own
    own_seed = integer(seed, "reconstruction", number)
    torch.manual_seed(own_seed)
    shape = validation[0][0].shape[-2:]
    fixed = lines.fixed(validation.identities, tuple(shape))
    task = ReconstructionTask(settings, lines, fixed, own_seed)
    if start:
        task.network.load_state_dict(load(start).network.state_dict())
    record = fit_task(task, train, validation, settings, facts, checkpoints)
    network = task.network.eval()
    facts |= told(record, parts, list(stores.values()), phase_model, [chosen, mix, start])
    facts["validation_psnr"] = _mean_psnr(FastReconstructor(network), validation, fixed, lines)
    save(weights, Reconstructor(network, facts))
    write_history(record, history)


def _slices(
    stores: Mapping[str, str | Path],
    parts: dict[str, list[str]],
    mix: str | Path | None,
    mode: MixMode,
    split: SplitBy,
    seed: int,
) -> tuple[SourcedSlices, SourcedSlices]:
    """To train on and to validate on."""
    *_, (source, store) = stores.items()
    train, validation = (
        of_part(slices_of(store, parts[part], source), "train", store, split, seed)
        for part in parts
    )
    if mix:
        table = read_split(mix)
        train = table if mode == "mixed" else _repeated(rows_of(table, ORIGINAL), len(table))
    return SourcedSlices(stores, train), SourcedSlices(stores, validation)


def _repeated(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """Rows again and again, up to ``count`` of them."""
    return rows.iloc[np.resize(np.arange(len(rows)), count)].reset_index(drop=True)


def _mean_psnr(
    reconstruct: FastReconstructor, slices: SourcedSlices, fixed: np.ndarray, sampling: Sampling
) -> float:
    targets = slices.__getitems__(range(len(slices))).batch[0][:, 0].numpy()
    found = reconstruct(targets, fixed, sampling)
    pairs = zip(found, np.abs(targets), strict=True)
    return float(np.nanmean([reconstruction_row(one, target)["psnr"] for one, target in pairs]))
