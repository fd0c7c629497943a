"""Rule ``ingest``: the volumes behind one shard in, slices of one size out."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from tqdm import tqdm

from phasegen.diffusion.scale import slice_scale
from phasegen.paths import Grid
from phasegen.settings import Cohort
from phasegen.sources.base import BadCohort, BadFile
from phasegen.sources.registry import reader
from phasegen.sources.regrid import regrid_kspace, regrid_magnitude, regrid_mask
from phasegen.sources.volumes import read_mask, read_volume
from phasegen.store.shards import checksums, write_shard, write_table

Row = tuple
Slices = Iterator[tuple[np.ndarray, dict]]


def ingest(
    cohort: dict,
    manifest: str | Path,
    kind: Literal["images", "magnitude", "mask"],
    shard: int,
    size: int,
    slices_per_shard: int,
    store: str | Path,
    record: str | Path,
) -> None:
    """Bring the slices of one shard to ``size`` x ``size`` and record what was done to each.

    Raises:
        BadCohort: what only the data show, such as NaN or a volume of zeros, in any file of
            the cohort.
    """
    row = Cohort.model_validate(cohort)
    table = pd.read_parquet(manifest)
    grid = Grid(len(table), slices_per_shard)
    rows = grid.rows(shard)
    wanted = table.iloc[rows.start : rows.stop]
    volumes = list(_convert(row, wanted, kind, size))
    if faults := [volume for volume in volumes if isinstance(volume, BadFile)]:
        logging.error("%s", BadCohort(row.name, faults))
        logging.error("looking through the rest of the cohort; stop it if you need no full list")
        rest = _convert(row, table[~table["file"].isin(wanted["file"])], kind, size)
        raise BadCohort(
            row.name, faults + [volume for volume in rest if isinstance(volume, BadFile)]
        )
    values = np.stack([turned(image, row) for volume in volumes for image, _ in volume])
    facts = [fact for volume in volumes for _, fact in volume]
    write_shard(Path(store), kind, grid, shard, values)
    columns = {"row": list(rows), "sha256": checksums(values)}
    if kind != "mask":
        columns["scale"] = slice_scale(np.abs(values))
    write_table(record, pd.DataFrame(columns).join(pd.DataFrame(facts)))


def _convert(
    cohort: Cohort, rows: pd.DataFrame, kind: str, size: int
) -> Iterator[list[tuple[np.ndarray, dict]] | BadFile]:
    """For every volume its slices and what was done to them, or what is wrong with it."""
    for _, volume in tqdm(rows.groupby("file", sort=False), desc=f"ingest {kind}", unit="file"):
        try:
            yield list(INGEST[kind](cohort, volume, size))
        except BadFile as fault:
            yield fault


def turned(image: np.ndarray, cohort: Cohort) -> np.ndarray:
    """Image ``(coil, y, x)`` after the quarter turns, counterclockwise, of its cohort."""
    return np.ascontiguousarray(np.rot90(image, int(cohort.turn) // 90, axes=(-2, -1)))


def _images(cohort: Cohort, rows: pd.DataFrame, size: int) -> Slices:
    kspace = read_volume(reader(cohort.reader), Path(rows["file"].iloc[0]))
    for row in rows.itertuples():
        recon_shape = (row.recon_rows, row.recon_columns)
        image, pixel, operation = regrid_kspace(kspace[row.slice], recon_shape, size, _spacing(row))
        yield image, _fact(operation, pixel)


def _magnitude(cohort: Cohort, rows: pd.DataFrame, size: int) -> Slices:
    volume = read_volume(reader(cohort.reader), Path(rows["file"].iloc[0]))
    for row in rows.itertuples():
        image, pixel, operation = regrid_magnitude(volume[row.slice], _spacing(row), size)
        yield image[None], _fact(operation, pixel)


def _mask(cohort: Cohort, rows: pd.DataFrame, size: int) -> Slices:
    volume = read_mask(Path(rows["mask"].iloc[0]))
    for row in rows.itertuples():
        mask = regrid_mask(volume[row.slice], _spacing(row), size)
        yield mask[None], {"pixels": int(mask.sum())}


def _fact(operation: str, pixel: tuple[float, float] | None) -> dict:
    row_mm, column_mm = pixel or (np.nan, np.nan)
    return {"operation": operation, "pixel_row_mm": row_mm, "pixel_column_mm": column_mm}


def _spacing(row: Row) -> tuple[float, float] | None:
    spacing = (row.spacing_row_mm, row.spacing_column_mm)
    return None if np.isnan(spacing).any() else spacing


INGEST: dict[str, Callable[[Cohort, pd.DataFrame, int], Slices]] = {
    "images": _images,
    "magnitude": _magnitude,
    "mask": _mask,
}
