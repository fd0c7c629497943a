"""Rules of ``skull_strip.smk`` that train: k-space and masks in, a network that strips skulls out."""

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from phasegen.data.held_out import people, seen_by
from phasegen.data.masked import MaskedSlices
from phasegen.data.slices import subjects_by_part
from phasegen.diffusion import weights as phase_weights
from phasegen.paths import whole_file
from phasegen.provenance import file_digest, versions
from phasegen.seeds import generator, integer
from phasegen.settings import Hyperparameters, TaskModel
from phasegen.store.reading import read_index
from phasegen.tasks.apply import stripped_slices
from phasegen.tasks.brain_mask import choose_factor
from phasegen.tasks.skull_strip import SkullStripTask
from phasegen.tasks.weights import SkullStripper, load, save
from phasegen.training.fit import fit
from phasegen.training.history import History


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
    if chosen:
        changes = changes | json.loads(Path(chosen).read_text())["changes"]
    settings = TaskModel.model_validate(model).having(Hyperparameters.model_validate(changes))
    torch.set_num_threads(settings.training.threads)
    parts = subjects_by_part(
        masks, settings.training.validation, generator(seed, "skull_strip", "split")
    )
    train, validation = (MaskedSlices(store, masks, parts[part]) for part in parts)
    facts = {
        "seed": seed,
        "number": number,
        "code": code,
        "data": [file_digest(Path(path) / "index.parquet") for path in (store, masks)],
        "versions": versions(),
    }
    logging.info("training on %d slices, validating on %d", len(train), len(validation))
    own_seed = integer(seed, "skull_strip", number)
    torch.manual_seed(own_seed)
    task = SkullStripTask(settings, own_seed)
    folder = Path(checkpoints) / _fingerprint(settings, facts)
    record = fit(task, train, validation, settings.training, own_seed, folder)
    network = task.network.eval()
    outputs, truth = stripped_slices(network, validation, settings.training.batch)
    factor, dice = choose_factor(outputs, truth)
    facts |= {f"{part}_subjects": names for part, names in parts.items()}
    facts |= _seen_before(store, phase_model) | _best(record) | {"validation_dice": dice}
    save(weights, SkullStripper(network, factor, facts))
    with whole_file(history) as partial:
        record.table().to_csv(partial, index=False)


def choose_hyperparameters(
    candidates: Sequence[tuple[Mapping[str, float], str | Path]], chosen: str | Path
) -> None:
    """The candidate whose network has the best Dice on validation subjects, and all scores."""
    scores = [
        {"changes": dict(changes), "validation_dice": load(weights).facts["validation_dice"]}
        for changes, weights in candidates
    ]
    best = max(scores, key=lambda score: score["validation_dice"])
    content = {"changes": best["changes"], "candidates": scores}
    with whole_file(chosen) as partial:
        partial.write_text(json.dumps(content, indent=1) + "\n")


def _seen_before(store: str | Path, phase_model: str | Path | None) -> dict[str, list[str]]:
    """Whom the phase model knows, and the patients that the files of ``store`` name."""
    seen = {"patients": sorted(people(read_index(store)))}
    if phase_model:
        seen["phase_model_subjects"] = sorted(seen_by(phase_weights.load(phase_model)[1]))
    return seen


def _best(record: History) -> dict[str, dict]:
    return {"best": min(record.rows, key=lambda row: row["validation_loss"])}


def _fingerprint(settings: TaskModel, facts: dict) -> str:
    """Names all that decides the result, so that no run resumes from another one's state."""
    deciding = settings.model_dump(mode="json", exclude={"training": {"workers"}})
    text = json.dumps([deciding, facts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
