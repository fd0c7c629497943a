"""Rules of ``reconstruction.smk`` on methods that learn nothing, and on images of all methods."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from phasegen.data.sourced import SourcedSlices, slices_of
from phasegen.mri.compressed_sensing import best_weight, total_variation
from phasegen.paths import whole_file
from phasegen.provenance import made_by
from phasegen.steps.reconstruction_evaluation import Method, measured_rows, trained, volumes
from phasegen.steps.reconstruction_split import SplitBy, of_part, reconstruction_subjects
from phasegen.store.shards import write_table
from phasegen.tasks.measurement import Sampling, undersampled
from phasegen.tasks.reconstruct import zero_filled


def evaluate_floor(
    images: str | Path,
    sampling: dict,
    seed: int,
    source: str,
    table: str | Path,
    chosen: str | Path | None = None,
    split: SplitBy = "subject",
) -> None:
    """As `evaluate_reconstruction`, of a method that learns nothing.

    ``source`` is ``zerofilling`` or ``compressed_sensing``.

    Args:
        chosen: what ``choose_weight`` wrote, for compressed sensing.
    """
    rows = measured_rows(_floor(source, chosen), images, Sampling(**sampling, seed=seed), split)
    names = {"source": source, "share": np.nan, "seed": 0, "model": ""}
    facts = {"seed": seed, "sampling": sampling, "split": split}
    facts |= made_by(__name__, [images, *([chosen] if chosen else [])])
    write_table(table, rows.assign(**names, factor=sampling["factor"]), facts)


def choose_weight(
    store: str | Path,
    validation: float,
    sampling: dict,
    seed: int,
    weights: Sequence[float],
    chosen: str | Path,
    split: SplitBy = "subject",
) -> None:
    """The weight of compressed sensing that is best on validation subjects (JSON).

    Args:
        store: sealed k-space or images to train networks on.
        validation: share of its subjects.
    """
    subjects = reconstruction_subjects(store, validation, seed)["validation"]
    rows = of_part(slices_of(store, subjects, "any"), "train", store, split, seed)
    slices = SourcedSlices({"any": store}, rows)
    values = slices.__getitems__(range(len(slices))).batch[0].numpy()
    lines = Sampling(**sampling, seed=seed)
    fixed = lines.fixed(slices.identities, values.shape[2:])
    kspace = undersampled(values, fixed, lines.axis)
    found = best_weight(weights, kspace, fixed, np.abs(values[:, 0]), lines.axis)
    content = {
        "weight": found.weight,
        "validation_psnr": {str(w): p for w, p in found.psnr.items()},
    }
    content |= {"seed": seed} | made_by(__name__, [store])
    with whole_file(chosen) as partial:
        partial.write_text(json.dumps(content, indent=1) + "\n")


def reconstruct_cohort(
    images: str | Path,
    sampling: dict,
    seed: int,
    source: str,
    out: str | Path,
    weights: str | Path | None = None,
    chosen: str | Path | None = None,
    split: SplitBy = "subject",
) -> None:
    """Magnitudes (npz, float32) of one method, or the ``target`` itself, in the order of tables."""
    if source == "target":
        method = _target
    else:
        method = trained(weights, images, split) if weights else _floor(source, chosen)
    lines = Sampling(**sampling, seed=seed)
    found = [method(values, fixed, lines) for _, values, fixed in volumes(images, lines, split)]
    with whole_file(out) as partial, partial.open("wb") as file:
        np.savez_compressed(file, magnitude=np.concatenate(found).astype(np.float32))


def _floor(source: str, chosen: str | Path | None) -> Method:
    if source == "zerofilling":
        return zero_filled
    weight = json.loads(Path(chosen).read_text())["weight"]

    def compressed_sensing(images: np.ndarray, lines: np.ndarray, sampling: Sampling) -> np.ndarray:
        kspace = undersampled(images[:, None], lines, sampling.axis)
        return np.abs(total_variation(kspace, lines, weight, sampling.axis)[:, 0])

    return compressed_sensing


def _target(images: np.ndarray, lines: np.ndarray, sampling: Sampling) -> np.ndarray:
    return np.abs(images)
