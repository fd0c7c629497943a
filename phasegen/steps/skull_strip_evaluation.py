"""Rule ``evaluate_skull_strip``: a trained network on raw data that nothing was trained on."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import zarr

from phasegen.data.held_out import people, refuse_seen
from phasegen.diffusion.scale import slice_scale
from phasegen.errors import UserError
from phasegen.metrics.segmentation import overlap_row, segmentation_row
from phasegen.paths import whole_file
from phasegen.progress import told
from phasegen.provenance import made_by
from phasegen.seeds import IDENTITY
from phasegen.store.reading import open_single_coil, open_store, read_index
from phasegen.store.shards import write_table
from phasegen.tasks.brain_mask import brain_masks
from phasegen.tasks.skull_strip_network import ImageNetwork
from phasegen.tasks.skull_strip_sweep import UNTOUCHED, changed, knobs
from phasegen.tasks.skull_strip_weights import load
from phasegen.tasks.strip import FastStripper, in_batches

SWEPT = 3
"""Every so many slices of a volume are seen with a changed phase."""


class Truth(NamedTuple):
    """True masks of some slices of a store."""

    masks: np.ndarray
    """Bool ``(slice, y, x)``."""
    known: np.ndarray
    """Bool ``(slice,)``."""


def evaluate_skull_strip(
    weights: str | Path,
    images: str | Path,
    consensus: str | Path,
    true_masks: str | Path | None,
    sweep: Mapping[str, list[float]],
    source: str,
    number: int,
    table: str | Path,
    predictions: str | Path,
) -> None:
    """Masks that a network predicts on a test cohort, and every metric of every slice.

    Args:
        images: sealed raw images of the test cohort.
        consensus: masks of the raters' consensus, the truth ``staple``.
        true_masks: sealed masks of the cohort, the truth ``mask``; None where it has none.
        sweep: levels by knob; every third slice of a volume is seen with them.
        table: a row per slice, truth and condition; under a changed phase without distances.
        predictions: the masks of the data as they are.

    Raises:
        UserError: the network, or the phase model behind its data, knows a test subject; or no
            slice has a true mask.
    """
    network, factor, facts = load(weights)
    index = read_index(images)
    refuse_seen(weights, facts, people(index))
    stripper, array = FastStripper(network), open_single_coil(images)
    truths = {"staple": _of_consensus(consensus)}
    if true_masks:
        truths["mask"] = _of_store(true_masks)
    if not any(truth.known.any() for truth in truths.values()):
        raise UserError(
            f"{consensus}: no volume has a mask, since fewer than two raters gave one; the table "
            "raters.csv beside it says why"
        )
    rows, kept = [], []
    for part, images_of_part, conditions in _batches(network, index, array, sweep):
        for knob, level in conditions:
            masks = brain_masks(stripper(_scaled(changed(images_of_part, knob, level))), factor)
            is_untouched = (knob, level) == UNTOUCHED
            found = _measure(masks, index.iloc[part], truths, with_distances=is_untouched)
            rows.append(found.assign(knob=knob, level=level))
            if is_untouched:
                kept.append(masks)
    whole = pd.concat(rows, ignore_index=True).assign(source=source, seed=number)
    inputs = [weights, images, consensus, *([true_masks] if true_masks else [])]
    write_table(table, whole, {"sweep": dict(sweep)} | made_by(__name__, inputs))
    with whole_file(predictions) as partial, partial.open("wb") as file:
        np.savez_compressed(file, mask=np.concatenate(kept).astype(np.uint8))


def _batches(
    network: ImageNetwork,
    index: pd.DataFrame,
    array: zarr.Array,
    sweep: Mapping[str, list[float]],
) -> Iterator[tuple[np.ndarray, np.ndarray, list[tuple[str, float]]]]:
    """Rows, their images, and the conditions they are seen under; each image is read twice at most."""
    batch = network.settings.training.batch
    swept = index[index.groupby(["subject", "series"]).cumcount() % SWEPT == 0]
    changes = [condition for condition in knobs(sweep) if condition != UNTOUCHED]
    every = [(part, [UNTOUCHED]) for part in in_batches(index["row"], batch)]
    if changes:
        every += [(part, changes) for part in in_batches(swept["row"], batch)]
    for part, conditions in told(every, "test", "batches", lambda item: len(item[1])):
        yield part, array.oindex[part][:, 0], conditions


def _scaled(images: np.ndarray) -> np.ndarray:
    scale = slice_scale(np.abs(images))[:, None, None]
    return images / np.where(scale > 0, scale, 1)


def _measure(
    masks: np.ndarray, index: pd.DataFrame, truths: Mapping[str, Truth], with_distances: bool
) -> pd.DataFrame:
    """A row per slice and truth; distances take most of the time, and no sweep asks for them."""
    rows = []
    for mask, place in zip(masks, index.to_dict("records"), strict=True):
        names = {name: place[name] for name in IDENTITY}
        names["contrast"] = place["series"].rpartition("_")[2]
        pixel = tuple(place.get(f"pixel_{axis}_mm", np.nan) for axis in ("row", "column"))
        pixel_mm = None if np.isnan(pixel).any() else pixel
        for truth, (target, known) in truths.items():
            if known[place["row"]]:
                pair = mask, target[place["row"]]
                metrics = (
                    segmentation_row(*pair, pixel_mm) if with_distances else overlap_row(*pair)
                )
                rows.append(names | {"truth": truth} | metrics)
    return pd.DataFrame(rows)


def _of_consensus(path: str | Path) -> Truth:
    with np.load(path) as file:
        return Truth(file["mask"] > 0, file["rated"])


def _of_store(store: str | Path) -> Truth:
    masks = open_store(store)[:, 0] > 0
    return Truth(masks, np.ones(len(masks), bool))
