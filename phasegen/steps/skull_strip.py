"""Rules of ``skull_strip.smk`` that train: k-space and masks in, a network that strips skulls out."""

from pathlib import Path

import torch

from phasegen.data.masked import MaskedSlices
from phasegen.data.slices import subjects_by_part
from phasegen.seeds import generator, integer
from phasegen.settings import TaskModel
from phasegen.steps.task_training import (
    facts_of,
    fit_task,
    settings_of,
    told,
    write_history,
)
from phasegen.tasks.brain_mask import choose_factor
from phasegen.tasks.skull_strip import SkullStripTask
from phasegen.tasks.skull_strip_weights import SkullStripper, save
from phasegen.tasks.strip import stripped_slices


def train_skull_strip(
    store: str | Path,
    masks: str | Path,
    phase_model: str | Path | None,
    model: dict,
    changes: dict,
    number: int,
    seed: int,
    code: str,
    checkpoints: str | Path,
    weights: str | Path,
    history: str | Path,
    chosen: str | Path | None = None,
) -> None:
    """Fit a network to strip the heads of ``store`` and choose its threshold.

    The subjects of ``masks`` are parted into those that it is fitted to and those by which its
    best epoch and the threshold are chosen, alike for every source and ``number``.

    Args:
        store: sealed k-space or images.
        masks: sealed masks of the same volumes.
        phase_model: what gave ``store`` its phase, if a model did.
        model: as in the section ``skull_strip.model``.
        changes: hyperparameters that are laid over it.
        number: which of several trainings alike.
        checkpoints: where an interrupted run left its state and finds it again.
        chosen: what ``choose_hyperparameters`` wrote; it is laid over all.
    """
    settings = settings_of(TaskModel, model, changes, chosen)
    parts = subjects_by_part(
        masks, settings.training.validation, generator(seed, "skull_strip", "split")
    )
    train, validation = (MaskedSlices(store, masks, parts[part]) for part in parts)
    facts = facts_of(seed, number, code, (store, masks))
    own_seed = integer(seed, "skull_strip", number)
    torch.manual_seed(own_seed)
    task = SkullStripTask(settings, own_seed)
    record = fit_task(task, train, validation, settings, facts, checkpoints)
    network = task.network.eval()
    outputs, truth = stripped_slices(network, validation, settings.training.batch)
    factor, dice = choose_factor(outputs, truth)
    facts |= told(record, parts, [store], phase_model, [masks, chosen]) | {"validation_dice": dice}
    save(weights, SkullStripper(network, factor, facts))
    write_history(record, history)
