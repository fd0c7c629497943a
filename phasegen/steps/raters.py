"""Rules ``rate_volumes`` and ``consensus``: brain masks of test cohorts by several raters."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from phasegen.errors import UserError
from phasegen.paths import whole_file
from phasegen.progress import told
from phasegen.provenance import made_by
from phasegen.raters.command import rate_by_command
from phasegen.raters.rating import Rating
from phasegen.raters.registry import rate_built_in
from phasegen.raters.staple import staple
from phasegen.settings import Cohort, Ingest, Rater
from phasegen.sources.base import BadFile
from phasegen.sources.native import native_spacing, read_native, to_store_grid
from phasegen.steps.table_file import write_csv
from phasegen.store.reading import open_store

VOLUME = ["cohort", "subject", "series"]
RECORD = [*VOLUME, "rater", "status", "message", "seconds"]
CONSENSUS = [*RECORD, "slices", "dice"]


def rate(
    cohort: dict,
    manifest: str | Path,
    name: str,
    rater: dict,
    ingest: dict,
    masks: str | Path,
    record: str | Path,
) -> None:
    """Run one rater on every volume of a raw cohort, at the resolution it was measured with.

    What goes wrong with a volume is in its record and the log, and stops nothing.

    Args:
        name: of the rater, as it stands in the records.
        masks: npz to write: ``mask`` uint8 (slice, y, x) on the grid of the ingested images, in
            the order of the manifest, and ``rated`` bool (slice,).
        record: CSV to write, one row per volume: `RECORD`.
    """
    row, program = Cohort.model_validate(cohort), Rater.model_validate(rater)
    size = Ingest.model_validate(ingest).size
    table = pd.read_parquet(manifest)
    found, rated = np.zeros((len(table), size, size), np.uint8), np.zeros(len(table), bool)
    records = []
    for identity, places in _volumes(table, f"{name} on {row.name}"):
        rows = table.iloc[places]
        rating = _rate_one(row, program, rows)
        if rating.mask is not None:
            found[places], rated[places] = to_store_grid(rating.mask, row, rows, size), True
        if rating.status in ("failed", "missing"):
            logging.warning(
                "%s on %s: %s: %s", name, "/".join(identity), rating.status, rating.message
            )
        records.append((*identity, name, rating.status, rating.message, round(rating.seconds, 2)))
    _write_masks(masks, found, rated, {"rater": name} | made_by(__name__, [manifest]))
    write_csv(pd.DataFrame(records, columns=RECORD), record)


def _rate_one(cohort: Cohort, rater: Rater, rows: pd.DataFrame) -> Rating:
    slices = int(rows["slice"].max() - rows["slice"].min()) + 1
    if not rater.takes(slices):
        return Rating("other stacks", f"{slices} slices, and it takes {rater.stacks} stacks")
    try:
        volume, spacing_mm = read_native(cohort, rows), native_spacing(cohort, rows)
    except BadFile as fault:
        return Rating("failed", str(fault))
    if rater.method:
        return rate_built_in(rater.method, volume, spacing_mm)
    return rate_by_command(rater, volume, spacing_mm)


def _volumes(table: pd.DataFrame, title: str) -> Iterator[tuple[tuple[str, str, str], np.ndarray]]:
    """Cohort, subject and series of each volume, and the places of its slices in the manifest."""
    groups = table.groupby(VOLUME, sort=False).indices.items()
    yield from told(list(groups), title, "volumes")


def consensus(
    manifest: str | Path,
    masks: Mapping[str, str | Path],
    records: Sequence[str | Path],
    truth: str | Path | None,
    out: str | Path,
    table: str | Path,
) -> None:
    """STAPLE of the raters that were used on a volume; with fewer than two there is none.

    Args:
        masks: npz of each rater, by its name, as `rate` writes them.
        records: CSV of the same raters.
        truth: sealed masks of the same slices, to compare with; None if there are none.
        out: npz to write, with the arrays of the raters' files.
        table: CSV to write: one row per volume and rater, and one of the consensus, `CONSENSUS`.

    Raises:
        UserError: files of other slices or raters, or a volume without a record.
    """
    slices = pd.read_parquet(manifest)
    votes = {name: _read_masks(path, len(slices)) for name, path in masks.items()}
    statuses = _statuses(records, list(masks))
    true = _true_masks(truth, len(slices))
    shape = next(iter(votes.values()))[0].shape
    found, rated = np.zeros(shape, np.uint8), np.zeros(len(slices), bool)
    rows = []
    for identity, places in _volumes(slices, "consensus"):
        used = []
        for name, (mask, _) in votes.items():
            told = _told(statuses, identity, name)
            is_used = told["status"] == "used"
            used += [mask[places]] if is_used else []
            score = _dice(mask, true, places) if is_used else np.nan
            rows.append((*told[RECORD], len(places), score))
        if len(used) >= 2:
            found[places], rated[places] = staple(used), True
            score = _dice(found, true, places)
            rows.append((*identity, "staple", "used", "", 0.0, len(places), score))
        else:
            reason = f"{len(used)} of the {len(votes)} raters gave a mask"
            rows.append((*identity, "staple", "too few raters", reason, 0.0, len(places), np.nan))
    inputs = [manifest, *masks.values(), *([truth] if truth else [])]
    _write_masks(out, found, rated, {"raters": list(masks)} | made_by(__name__, inputs))
    write_csv(pd.DataFrame(rows, columns=CONSENSUS), table)


def _read_masks(path: str | Path, slices: int) -> tuple[np.ndarray, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        mask, rated = file["mask"] > 0, file["rated"]
    if len(mask) != slices:
        raise UserError(f"{path}: holds {len(mask)} masks for {slices} slices; rate them again")
    return mask, rated


def _statuses(records: Sequence[str | Path], names: list[str]) -> pd.DataFrame:
    told = pd.concat([pd.read_csv(path, keep_default_na=False, dtype=str) for path in records])
    if set(told["rater"]) != set(names):
        raise UserError(f"records of {sorted(set(told['rater']))} for masks of {sorted(names)}")
    told["seconds"] = told["seconds"].astype(float)
    return told.set_index([*VOLUME, "rater"], drop=False).sort_index()


def _told(statuses: pd.DataFrame, identity: tuple[str, ...], name: str) -> pd.Series:
    key = (*identity, name)
    if key not in statuses.index:
        raise UserError(f"{name} has no record of {'/'.join(identity)}; rate the cohort again")
    return statuses.loc[key]


def _true_masks(truth: str | Path | None, slices: int) -> np.ndarray | None:
    if truth is None:
        return None
    masks = open_store(truth)[:, 0]
    if len(masks) != slices:
        raise UserError(f"{truth}: holds {len(masks)} masks for {slices} slices")
    return masks


def _dice(masks: np.ndarray, true: np.ndarray | None, places: np.ndarray) -> float:
    """Dice of a whole volume; NaN without a true mask, or if both are empty."""
    if true is None:
        return np.nan
    mask, target = masks[places] > 0, true[places]
    both = np.count_nonzero(mask) + np.count_nonzero(target)
    return 2 * np.count_nonzero(mask & target) / both if both else np.nan


def _write_masks(path: str | Path, mask: np.ndarray, rated: np.ndarray, facts: dict) -> None:
    with whole_file(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, mask=mask, rated=rated, facts=json.dumps(facts))
