"""Rule ``ingest``: the volumes behind one shard in, slices of one size out."""

import logging
from collections.abc import Iterator
from pathlib import Path

import dask
import numpy as np
import pandas as pd
from tqdm import tqdm
from tqdm.dask import TqdmCallback

from phasegen.diffusion.scale import slice_scale
from phasegen.paths import Grid
from phasegen.provenance import file_digest
from phasegen.settings import Cohort, Ingest
from phasegen.sources.base import BadCohort, BadFile
from phasegen.sources.pieces import ArrayKind, Conversion
from phasegen.store.shards import checksums, write_shard, write_table


def ingest(
    cohort: dict,
    manifest: str | Path,
    kind: ArrayKind,
    shard: int,
    settings: dict,
    store: str | Path,
    record: str | Path,
) -> None:
    """Bring the slices of one shard to one size and record what was done to each.

    Memory holds the shard and one piece of one volume at a time.

    Raises:
        BadCohort: what only the data show, such as NaN or a volume of zeros, in any file of
            the cohort.
    """
    row, chosen = Cohort.model_validate(cohort), Ingest.model_validate(settings)
    table = pd.read_parquet(manifest)
    grid = Grid(len(table), chosen.slices_per_shard)
    rows = grid.rows(shard)
    conversion = Conversion(row, kind, chosen.size, chosen.coils)
    values, facts = _convert(conversion, table, table.iloc[rows.start : rows.stop])
    write_shard(Path(store), kind, grid, shard, values)
    columns = {"row": list(rows), "sha256": checksums(values)}
    read = table["mask" if kind == "mask" else "file"].iloc[rows.start : rows.stop]
    # Just read, so most of it is still in memory.
    columns["file_sha256"] = read.map({path: file_digest(path) for path in read.unique()}).tolist()
    if kind != "mask":
        columns["scale"] = slice_scale(np.abs(values))
    write_table(record, pd.DataFrame(columns).join(pd.DataFrame(facts)))


def _convert(
    conversion: Conversion, table: pd.DataFrame, wanted: pd.DataFrame
) -> tuple[np.ndarray, list[dict]]:
    # One at a time: a job is one core, and its memory one piece.
    try:
        with (
            dask.config.set(scheduler="synchronous"),
            TqdmCallback(desc=f"ingest {conversion.kind}"),
        ):
            pieces = dask.compute(*conversion.lazily(wanted))
    except BadFile as fault:
        logging.error("%s", BadCohort(conversion.cohort.name, [fault]))
        logging.error("looking through the whole cohort; stop it if you need no full list")
        raise BadCohort(conversion.cohort.name, list(_faults(conversion, table))) from None
    return np.concatenate([p.values for p in pieces]), [f for p in pieces for f in p.facts]


def _faults(conversion: Conversion, table: pd.DataFrame) -> Iterator[BadFile]:
    """What is wrong with each volume of the cohort, the first fault of each."""
    seen = set()
    for piece in tqdm(list(conversion.pieces(table)), desc="look for faults", unit="piece"):
        if piece["file"].iloc[0] not in seen:
            try:
                conversion.convert(piece)
            except BadFile as fault:
                seen.add(piece["file"].iloc[0])
                yield fault
