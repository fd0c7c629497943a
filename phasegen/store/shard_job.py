"""One job that makes several shards: each still a file of its own, with one writer."""

import hashlib
import json
import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from phasegen.errors import UserError
from phasegen.paths import Grid, shard_key
from phasegen.progress import told
from phasegen.store.shards import checksums, write_shard, write_table

Made = tuple[np.ndarray, Mapping[str, object]]
"""Values of a shard, ``(slice, coil, y, x)``, and columns of its record."""


def shards_of_job(grid: Grid, first: int, per_job: int) -> range:
    """Shards of the job that has the name of the ``first`` of them.

    Raises:
        UserError: another job makes that one; two would write the same files.
    """
    if first % per_job:
        raise UserError(
            f"shard {first} is made by the job of shard {first - first % per_job}, since "
            f"shards_per_job is {per_job}; ask for that one"
        )
    return range(first, min(first + per_job, grid.shards))


def write_shards(
    store: Path,
    kind: str,
    grid: Grid,
    shards: range,
    record: Path,
    facts: dict,
    make: Callable[[range], Made],
) -> None:
    """Write ``shards`` one after the other, then their one ``record``.

    A job that was cut short goes on after the shards that it has written; they were whole on the
    disk before they were noted.

    Args:
        record: Parquet file to write: ``row``, ``sha256``, and the columns of all shards.
        facts: all that decides the values, fit for JSON. What a job of other facts has left is
            made again.
        make: called with the rows of a shard.
    """
    folder = _unfinished(record, facts)
    notes = {shard: folder / f"{shard}.parquet" for shard in shards}
    due = [n for n in shards if not (notes[n].exists() and (store / shard_key(n)).exists())]
    if len(due) < len(shards):
        logging.info("%d of %d shards are there", len(shards) - len(due), len(shards))
    for shard in told(due, kind, "slices", lambda n: len(grid.rows(n))):
        values, columns = make(grid.rows(shard))
        write_shard(store, kind, grid, shard, values)
        own = {"row": list(grid.rows(shard)), "sha256": checksums(values)}
        write_table(notes[shard], pd.DataFrame(own | dict(columns)), asdict(grid))
    whole = pd.concat([pd.read_parquet(note) for note in notes.values()], ignore_index=True)
    # First, for nobody comes back to a job whose record is there.
    shutil.rmtree(folder.parent)
    write_table(record, whole, asdict(grid))


def _unfinished(record: Path, facts: dict) -> Path:
    """Folder of the records of single shards, of a job with these facts."""
    text = json.dumps(facts, sort_keys=True).encode()
    folder = record.with_name(f".{record.stem}.unfinished")
    own = folder / hashlib.sha256(text).hexdigest()[:16]
    if not own.exists():
        shutil.rmtree(folder, ignore_errors=True)
    own.mkdir(parents=True, exist_ok=True)
    return own
