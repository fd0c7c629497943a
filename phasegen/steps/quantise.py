"""The command ``phasegen quantise``: a complex store in, its quantised form out."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from phasegen.errors import UserError
from phasegen.paths import Grid, sole_writer
from phasegen.provenance import file_digest, versions
from phasegen.store.concurrent import ConcurrentReader
from phasegen.store.places import ObjectPath, place
from phasegen.store.quantised import QUANTISED, Quantised, quantise
from phasegen.store.reading import open_store, provenance, read_index
from phasegen.store.resume import refuse_finished, unfinished_records
from phasegen.store.seal import seal
from phasegen.store.shards import checksums, write_shard, write_table

FACTS = (
    "noise_level",
    "quantisation_step",
    "quantisation_error",
    "quantisation_error_rms",
    "magnitude_psnr",
)
"""What the index has of every slice beside the columns of the source."""


def quantise_store(source: str | Path | ObjectPath, store: Path, factor: float) -> pd.DataFrame:
    """Write the sealed ``source`` (k-space or images) as int16 and return the new index.

    The step of a slice is ``factor`` times its noise level; ``step_grown`` marks slices where
    int16 needed a larger one. The store is opened by its ``zarr.json``, written last; a run
    that was cut short goes on where it was, if it is called with the same arguments.

    Raises:
        UserError: a source of another kind, values that are no numbers, a finished store of
            that name, another run at work on it.
        FileNotFoundError: no sealed source.
    """
    with sole_writer(store):
        return _quantise(place(source), store, factor)


def _quantise(source: Path | ObjectPath, store: Path, factor: float) -> pd.DataFrame:
    kind = provenance(source)["kind"]
    if kind not in QUANTISED:
        raise UserError(f"{source} holds {kind}; {' and '.join(QUANTISED)} can be quantised")
    if not factor > 0:
        raise UserError(f"the step must be above 0, not {factor}")
    refuse_finished(store)
    reader, index = ConcurrentReader(source), read_index(source)
    grid = Grid(len(index), open_store(source).shards[0])
    facts = {
        "quantised_from": {
            "index": file_digest(source / "index.parquet"),
            "facts": provenance(source),
        },
        "step_over_noise": factor,
        "versions": versions(),
    }
    records = unfinished_records(store, facts)
    parts = [records / f"{shard}.parquet" for shard in range(grid.shards)]
    for shard in tqdm(range(grid.shards), desc="quantise", unit="shard"):
        if not parts[shard].exists():
            _quantise_shard(reader, store, grid, shard, factor, parts[shard])
    shape = (*reader.slice_shape, 2)
    seal(store, QUANTISED[kind], grid, shape, parts, facts, index.drop(columns="sha256"))
    shutil.rmtree(records.parent)
    return read_index(store)


def _quantise_shard(
    reader: ConcurrentReader, store: Path, grid: Grid, shard: int, factor: float, record: Path
) -> None:
    rows = np.array(grid.rows(shard))
    values = reader.read(rows)
    for row in rows[~np.isfinite(values).all(axis=(1, 2, 3))]:
        raise UserError(f"{reader.store}: slice {row} has values that are no finite numbers")
    slices = [quantise(part, reader.kind, factor) for part in values]
    stored = np.stack([part.values for part in slices])
    write_shard(store, QUANTISED[reader.kind], grid, shard, stored)
    columns = {"row": rows, "sha256": checksums(stored)} | _columns(slices, factor)
    write_table(record, pd.DataFrame(columns))


def _columns(slices: list[Quantised], factor: float) -> dict[str, np.ndarray]:
    columns = {
        name: np.array([getattr(part, name) for part in slices], np.float32) for name in FACTS
    }
    wanted = np.float32(factor) * columns["noise_level"]
    grown = columns["quantisation_step"] > wanted * np.float32(1 + 1e-6)
    return columns | {"step_grown": grown}
