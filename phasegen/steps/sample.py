"""The command ``phasegen sample``: one magnitude file in, a store of complex k-space out."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from phasegen.diffusion.generate import sample_phase
from phasegen.diffusion.weights import load
from phasegen.errors import UserError
from phasegen.fourier import to_kspace
from phasegen.paths import Grid, sole_writer
from phasegen.provenance import file_digest, versions
from phasegen.seeds import generator
from phasegen.settings import Cohort, Synthesis
from phasegen.sources.pieces import turned
from phasegen.sources.registry import reader
from phasegen.sources.scan import scan
from phasegen.sources.volumes import read_volume
from phasegen.steps.seal import check_magnitude
from phasegen.store.resume import refuse_finished, unfinished_records
from phasegen.store.seal import seal
from phasegen.store.shards import checksums, write_shard, write_table


def sample_file(
    cohort: Cohort,
    weights: Path,
    synthesis: Synthesis,
    samples: int,
    seed: int,
    store: Path,
) -> None:
    """Give every slice of the file of ``cohort`` a phase, ``samples`` times, at its own size.

    The store is opened by its ``zarr.json``, written last. A run that was cut short goes on
    where it was, if it is called with the same arguments.

    Raises:
        UserError: a bad file or model, a finished store of that name, another run at work on it.
    """
    with sole_writer(store):
        _sample(cohort, weights, synthesis, samples, seed, store)


def _sample(
    cohort: Cohort, weights: Path, synthesis: Synthesis, samples: int, seed: int, store: Path
) -> None:
    refuse_finished(store)
    denoiser, _ = load(weights)
    table = scan(cohort)
    magnitude = read_magnitude(cohort, table)
    index = _rows(_with_pixels(table, cohort), samples)
    unread = {"sources", "model", "shards_per_job"}
    facts = {
        "input": {path: file_digest(path) for path in table["file"].unique()},
        "source": "phasegen",
        "checkpoint": file_digest(weights),
        "synthesis": synthesis.model_dump(mode="json", exclude=unread),
        "cohort": cohort.model_dump(mode="json"),
        "samples": samples,
        "seed": seed,
        "versions": versions(),
    }
    torch.set_num_threads(synthesis.threads)
    grid = Grid(len(index), synthesis.batch)
    records = unfinished_records(store, facts)
    for shard in tqdm(range(grid.shards), desc="sample", unit="shard"):
        record = records / f"{shard}.parquet"
        if record.exists():
            continue
        rows = index.iloc[grid.rows(shard)]
        values = magnitude[rows["place"]]
        streams = [generator(seed, "phasegen", *key) for key in _keys(rows)]
        phase = sample_phase(denoiser, values, streams, synthesis, progress=False)
        kspace = to_kspace(values * np.exp(1j * phase))[:, None].astype(np.complex64)
        write_shard(store, "kspace", grid, shard, kspace)
        sums = pd.DataFrame({"row": list(grid.rows(shard)), "sha256": checksums(kspace)})
        write_table(record, sums)
    parts = [records / f"{shard}.parquet" for shard in range(grid.shards)]
    check = check_magnitude(store, lambda rows: magnitude[index["place"].iloc[rows]][:, None])
    shape = (1, *magnitude.shape[1:])
    seal(store, "kspace", grid, shape, parts, facts, index.drop(columns="place"), check)
    shutil.rmtree(records.parent)


def read_magnitude(cohort: Cohort, table: pd.DataFrame) -> np.ndarray:
    """Slices of the one file of a scanned cohort, float32 ``(slice, y, x)``.

    Raises:
        UserError: more than one file, whose slices may differ in size.
    """
    files = table["file"].unique()
    if len(files) > 1:
        raise UserError(f"{cohort.path} names {len(files)} files; convert them one by one")
    volume = read_volume(reader(cohort.reader), Path(files[0]))
    slices = np.stack([volume[number] for number in table["slice"]])
    return turned(slices, cohort).astype(np.float32)


def _with_pixels(table: pd.DataFrame, cohort: Cohort) -> pd.DataFrame:
    """A manifest with the pixel size of its slices as they are turned."""
    lengths = [table["spacing_row_mm"], table["spacing_column_mm"]]
    row, column = lengths if int(cohort.turn) % 180 == 0 else lengths[::-1]
    return table.assign(pixel_row_mm=row, pixel_column_mm=column)


def _rows(table: pd.DataFrame, samples: int) -> pd.DataFrame:
    """One row per slice and sample, the samples of a slice one after the other."""
    columns = ["cohort", "subject", "series", "file", "slice"]
    lengths = ["pixel_row_mm", "pixel_column_mm", "spacing_slice_mm"]
    known = table[columns + lengths].assign(place=np.arange(len(table)))
    index = known.loc[known.index.repeat(samples)].reset_index(drop=True)
    index["sample"] = np.tile(np.arange(samples, dtype=np.int32), len(table))
    index.insert(0, "row", np.arange(len(index)))
    return index


def _keys(rows: pd.DataFrame) -> list[tuple]:
    return list(rows[["series", "slice", "sample"]].itertuples(index=False, name=None))
