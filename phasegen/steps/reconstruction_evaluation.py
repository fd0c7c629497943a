"""Rule ``evaluate_reconstruction``: a trained network on undersampled raw data."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from phasegen.data.held_out import people, refuse_seen
from phasegen.data.paper_split import LEAKY
from phasegen.metrics.reconstruction import fastmri_row, reconstruction_row
from phasegen.progress import told
from phasegen.provenance import made_by
from phasegen.seeds import IDENTITY
from phasegen.steps.reconstruction_split import SplitBy, of_part
from phasegen.store.reading import open_single_coil, read_index
from phasegen.store.shards import write_table
from phasegen.tasks.measurement import Sampling
from phasegen.tasks.reconstruct import FastReconstructor
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
    reconstruct = trained(weights, images, split)
    rows = measured_rows(reconstruct, images, Sampling(**sampling, seed=seed), split)
    facts = {"seed": seed, "sampling": sampling, "split": split}
    facts |= made_by(__name__, [weights, images])
    write_table(table, rows.assign(**names, factor=sampling["factor"]), facts)


def trained(weights: str | Path, images: str | Path, split: SplitBy) -> Method:
    """A network as a method, unless it knows somebody of the cohort (UserError)."""
    network, facts = load(weights)
    permitted = LEAKY if split == "paper" else ""
    refuse_seen(weights, facts, people(read_index(images)), permitted)
    return FastReconstructor(network)


def volumes(
    images: str | Path, sampling: Sampling, split: SplitBy
) -> Iterator[tuple[pd.DataFrame, np.ndarray, np.ndarray]]:
    """Rows of the index, complex images and masks of every volume."""
    array = open_single_coil(images)
    index = of_part(read_index(images), "test", images, split, sampling.seed)
    volumes = [rows for _, rows in index.groupby(["subject", "series"], sort=False)]
    for rows in told(volumes, "reconstruct", "slices", len):
        values = array.oindex[rows["row"].to_numpy()][:, 0]
        yield rows, values, sampling.fixed(rows, values.shape[1:])


def measured_rows(
    method: Method, images: str | Path, sampling: Sampling, split: SplitBy
) -> pd.DataFrame:
    """Identity, contrast and metrics of every slice, by both rules."""
    found = []
    for rows, values, lines in volumes(images, sampling, split):
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
