"""Rule ``train_phase``: sealed images of raw cohorts in, a phase model out."""

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import torch

from phasegen.data.slices import ImageSlices, split_subjects
from phasegen.diffusion.weights import save
from phasegen.paths import whole_file
from phasegen.provenance import file_digest, recorded, versions
from phasegen.seeds import generator, integer
from phasegen.settings import PhaseModel
from phasegen.store.reading import read_index
from phasegen.training.fit import fit
from phasegen.training.history import History
from phasegen.training.task import PhaseTask


def train_phase(
    stores: Sequence[str | Path],
    model: dict,
    seed: int,
    code: str,
    weights: str | Path,
    history: str | Path,
    split: str | Path,
    checkpoints: str | Path,
) -> None:
    """Fit the phase model of the settings ``model`` and write weights, record and split.

    ``checkpoints`` is where an interrupted run left its state and finds it again.
    """
    settings = PhaseModel.model_validate(model)
    stores = [Path(store) for store in stores]
    subjects = split_subjects(stores, settings.training.validation, generator(seed, "split"))
    train, validation = (ImageSlices(stores, subjects, part) for part in ("train", "validation"))
    facts = {
        "seed": seed,
        "code": code,
        "data": {store.parent.name: file_digest(store / "index.parquet") for store in stores},
        "versions": versions(),
    }
    logging.info("training on %d slices, validating on %d", len(train), len(validation))
    torch.manual_seed(integer(seed, "weights"))
    task = PhaseTask(settings, seed, validation)
    folder = Path(checkpoints) / _fingerprint(settings, facts)
    record = fit(task, train, validation, settings.training, seed, folder)
    _write_record(record, subjects, history, split)
    seen = {
        f"{part}_subjects": sorted((rows["cohort"] + "/" + rows["subject"]).tolist())
        for part, rows in subjects.groupby("part")
    }
    seen["patients"] = sorted(set().union(*(read_index(store)["patient"] for store in stores)))
    save(weights, task.denoiser, facts | seen | record.facts() | {"made_from": recorded(stores)})


def _write_record(
    record: History, subjects: pd.DataFrame, history: str | Path, split: str | Path
) -> None:
    with whole_file(history) as partial:
        record.table().to_csv(partial, index=False)
    with whole_file(split) as partial:
        subjects.to_csv(partial, sep="\t", index=False)


def _fingerprint(model: PhaseModel, facts: dict) -> str:
    """Names all that decides the result, so that no run resumes from another one's state."""
    deciding = model.model_dump(mode="json", exclude={"training": {"workers"}})
    text = json.dumps([deciding, facts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
