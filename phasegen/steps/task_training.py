"""What the steps share that train the network of a task."""

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import torch
from torch.utils.data import Dataset

from phasegen.data.held_out import people, seen_by
from phasegen.diffusion import weights as phase_weights
from phasegen.paths import whole_file
from phasegen.provenance import file_digest, recorded, versions
from phasegen.settings import Hyperparameters, TaskModel
from phasegen.store.reading import read_index
from phasegen.training.fit import fit
from phasegen.training.fitted import Fitted
from phasegen.training.history import History

Model = TypeVar("Model", bound=TaskModel)


def settings_of(kind: type[Model], model: dict, changes: dict, chosen: str | Path | None) -> Model:
    """Settings of a network: those of all, an arm's own, and what a search chose, laid over.

    Args:
        chosen: what ``choose_hyperparameters`` wrote, if there was a search.
    """
    if chosen:
        changes = changes | json.loads(Path(chosen).read_text())["changes"]
    settings = kind.model_validate(model).having(Hyperparameters.model_validate(changes))
    torch.set_num_threads(settings.training.threads)
    return settings


def facts_of(seed: int, number: int, code: str, inputs: Sequence[str | Path]) -> dict:
    """What decides a training beside its settings: ``inputs`` are files, or folders of stores."""
    files = [Path(path) for path in inputs]
    indices = [path / "index.parquet" if path.is_dir() else path for path in files]
    return {
        "seed": seed,
        "number": number,
        "code": code,
        "data": [file_digest(path) for path in indices],
        "versions": versions(),
    }


def fit_task(
    task: Fitted,
    train: Dataset,
    validation: Dataset,
    settings: TaskModel,
    facts: dict,
    checkpoints: str | Path,
) -> History:
    """Fit a task in a folder of ``checkpoints`` that no other training has; resumes there."""
    logging.info("training on %d slices, validating on %d", len(train), len(validation))
    folder = Path(checkpoints) / _fingerprint(settings, facts)
    return fit(task, train, validation, settings.training, task.seed, folder)


def told(
    record: History,
    parts: dict[str, list[str]],
    stores: Sequence[str | Path],
    phase_model: str | Path | None,
    inputs: Sequence[str | Path | None],
) -> dict:
    """Facts of a training that has ended: its best epoch, whom the network knows, its files.

    Args:
        parts: subjects by part.
        stores: of the slices, whose files name patients.
        phase_model: what gave slices their phase, if a model did.
        inputs: all other files, and folders of stores, that it was made from; None is none.
    """
    facts = {f"{part}_subjects": names for part, names in parts.items()}
    # After the training: where a file lies is no part of what decides the result.
    facts["made_from"] = recorded(path for path in (*stores, phase_model, *inputs) if path)
    facts["patients"] = sorted(set().union(*(people(read_index(store)) for store in stores)))
    if phase_model:
        facts["phase_model_subjects"] = sorted(seen_by(phase_weights.load(phase_model)[1]))
    return facts | record.facts()


def write_history(record: History, path: str | Path) -> None:
    """Losses of all epochs as CSV, whole or not at all."""
    with whole_file(path) as partial:
        record.table().to_csv(partial, index=False)


def _fingerprint(settings: TaskModel, facts: dict) -> str:
    """Names all that decides the result, so that no run resumes from another one's state."""
    deciding = settings.model_dump(mode="json", exclude={"training": {"workers"}})
    text = json.dumps([deciding, facts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
