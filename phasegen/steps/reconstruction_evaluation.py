"""Rules of ``reconstruction.smk`` that test: networks and floors on undersampled raw data."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from phasegen.data.held_out import people, refuse_seen
from phasegen.data.paper_split import LEAKY
from phasegen.data.sourced import SourcedSlices, slices_of
from phasegen.metrics.reconstruction import fastmri_row, reconstruction_row
from phasegen.mri.compressed_sensing import best_weight, total_variation
from phasegen.paths import whole_file
from phasegen.seeds import IDENTITY
from phasegen.steps.reconstruction_split import SplitBy, of_part, reconstruction_subjects
from phasegen.store.reading import open_single_coil, read_index
from phasegen.store.shards import write_table
from phasegen.tasks.measurement import Sampling, undersampled
from phasegen.tasks.reconstruct import FastReconstructor, zero_filled
from phasegen.tasks.reconstruction_weights import load

Method = Callable[[np.ndarray, np.ndarray, Sampling], np.ndarray]
"""Of complex images and the lines that are measured of them, magnitudes ``(slice, y, x)``."""


def evaluate_reconstruction(
    weights: str | Path,
    images: str | Path,
    sampling: dict,
    seed: int,
    names: dict[str, str | int | float],
    table: str | Path,
    split: SplitBy = "subject",
) -> None:
    """Every metric of every slice of a test cohort, as a network reconstructs it.

    Args:
        images: sealed raw images of the cohort.
        sampling: as `phasegen.tasks.measurement.Sampling`, without its seed.
        names: columns of the table that say which network it is: source, share, seed, model.
        split: with ``paper`` some slices of ``images`` were trained on and the others are the
            test; the name of the cohort says so in all that comes of it.

    Raises:
        UserError: the network, or the phase model behind its data, knows a test subject, and the
            split is by subject.
    """
    reconstruct = _network(weights, images, split)
    rows = _measured(reconstruct, images, Sampling(**sampling, seed=seed), split)
    write_table(table, rows.assign(**names, factor=sampling["factor"]))


def evaluate_floor(
    images: str | Path,
    sampling: dict,
    seed: int,
    source: str,
    table: str | Path,
    chosen: str | Path | None = None,
    split: SplitBy = "subject",
) -> None:
    """The same of a method that learns nothing: ``zerofilling``, or ``compressed_sensing``.

    Args:
        chosen: what ``choose_weight`` wrote, for compressed sensing.
    """
    rows = _measured(_floor(source, chosen), images, Sampling(**sampling, seed=seed), split)
    names = {"source": source, "share": np.nan, "seed": 0, "model": ""}
    write_table(table, rows.assign(**names, factor=sampling["factor"]))


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
        method = _network(weights, images, split) if weights else _floor(source, chosen)
    lines = Sampling(**sampling, seed=seed)
    found = [method(values, fixed, lines) for _, values, fixed in _volumes(images, lines, split)]
    with whole_file(out) as partial, partial.open("wb") as file:
        np.savez_compressed(file, magnitude=np.concatenate(found).astype(np.float32))


def _network(weights: str | Path, images: str | Path, split: SplitBy) -> Method:
    network, facts = load(weights)
    permitted = LEAKY if split == "paper" else ""
    refuse_seen(weights, facts, people(read_index(images)), permitted)
    return FastReconstructor(network)


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


def _volumes(
    images: str | Path, sampling: Sampling, split: SplitBy
) -> Iterator[tuple[pd.DataFrame, np.ndarray, np.ndarray]]:
    """Rows of the index, complex images and masks of every volume."""
    array = open_single_coil(images)
    index = of_part(read_index(images), "test", images, split, sampling.seed)
    volumes = index.groupby(["subject", "series"], sort=False)
    for _, rows in tqdm(volumes, desc="reconstruct", unit="volume", disable=None):
        values = array.oindex[rows["row"].to_numpy()][:, 0]
        yield rows, values, sampling.fixed(rows, values.shape[1:])


def _measured(
    method: Method, images: str | Path, sampling: Sampling, split: SplitBy
) -> pd.DataFrame:
    found = []
    for rows, values, lines in _volumes(images, sampling, split):
        magnitudes, targets = method(values, lines, sampling), np.abs(values)
        whole = fastmri_row(magnitudes, targets)
        for place, prediction, target in zip(
            rows.to_dict("records"), magnitudes, targets, strict=True
        ):
            names = {name: place[name] for name in IDENTITY}
            names["contrast"] = place["series"].rpartition("_")[2]
            found.append(names | reconstruction_row(prediction, target) | whole)
    table = pd.DataFrame(found)
    return table.assign(cohort=table["cohort"] + f" ({LEAKY})") if split == "paper" else table
