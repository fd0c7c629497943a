"""Rule ``ingest``: the volumes behind some shards in, slices of one size out."""

import logging
from collections.abc import Iterator
from pathlib import Path

import dask
import numpy as np
import pandas as pd
import pyarrow.parquet as parquet

from phasegen.diffusion.scale import slice_scale
from phasegen.paths import Grid
from phasegen.progress import told
from phasegen.provenance import file_digest
from phasegen.settings import Cohort, Ingest
from phasegen.sources.base import BadCohort, BadFile
from phasegen.sources.pieces import ArrayKind, Conversion
from phasegen.store.reading import read_rows
from phasegen.store.shard_job import Made, shards_of_job, write_shards


def ingest(
    cohort: dict,
    manifest: str | Path,
    kind: ArrayKind,
    shard: int,
    settings: dict,
    store: str | Path,
    record: str | Path,
    shards_per_job: int = 1,
    code: str = "",
) -> None:
    """Bring slices to one size and record what was done to each.

    Memory holds one shard and one piece of one volume at a time.

    Args:
        shard: the first of ``shards_per_job``.
        code: digest of the code; what a job of another one has begun is made again.

    Raises:
        BadCohort: what only the data show, such as NaN or a volume of zeros, in any file of
            the cohort.
        UserError: another job makes that shard.
    """
    row, chosen = Cohort.model_validate(cohort), Ingest.model_validate(settings)
    grid = Grid(parquet.read_metadata(manifest).num_rows, chosen.slices_per_shard)
    conversion = Conversion(row, kind, chosen.size, chosen.coils)

    def make(rows: range) -> Made:
        wanted = read_rows(manifest, rows)
        values, facts = _convert(conversion, manifest, wanted)
        read = wanted["mask" if kind == "mask" else "file"]
        # Just read, so most of it is still in memory.
        digests = {path: file_digest(path) for path in read.unique()}
        columns = {"file_sha256": read.map(digests).tolist()}
        if kind != "mask":
            columns["scale"] = slice_scale(np.abs(values))
        return values, columns | dict(pd.DataFrame(facts))

    facts = {
        "cohort": cohort,
        "manifest": file_digest(manifest),
        "ingest": settings,
        "code": code,
    }
    shards = shards_of_job(grid, shard, shards_per_job)
    write_shards(Path(store), kind, grid, shards, Path(record), facts, make)


def _convert(
    conversion: Conversion, manifest: str | Path, wanted: pd.DataFrame
) -> tuple[np.ndarray, list[dict]]:
    # One at a time: a job is one core, and its memory one piece.
    try:
        with dask.config.set(scheduler="synchronous"):
            pieces = dask.compute(*conversion.lazily(wanted))
    except BadFile as fault:
        logging.error("%s", BadCohort(conversion.cohort.name, [fault]))
        logging.error("looking through the whole cohort; stop it if you need no full list")
        faults = list(_faults(conversion, pd.read_parquet(manifest)))
        raise BadCohort(conversion.cohort.name, faults) from None
    return np.concatenate([p.values for p in pieces]), [f for p in pieces for f in p.facts]


def _faults(conversion: Conversion, table: pd.DataFrame) -> Iterator[BadFile]:
    """What is wrong with each volume of the cohort, the first fault of each."""
    seen = set()
    for piece in told(list(conversion.pieces(table)), "look for faults", "slices", len):
        if piece["file"].iloc[0] not in seen:
            try:
                conversion.convert(piece)
            except BadFile as fault:
                seen.add(piece["file"].iloc[0])
                yield fault
