"""Rule ``synthesize``: shards of magnitude slices in, the same shards of complex k-space out."""

from pathlib import Path

import numpy as np
import torch

from phasegen.diffusion.sources import draw_phase
from phasegen.fourier import to_kspace
from phasegen.paths import Grid
from phasegen.provenance import file_digest
from phasegen.seeds import IDENTITY, generator
from phasegen.settings import PhaseSource, Synthesis
from phasegen.store.reading import open_store, read_rows
from phasegen.store.shard_job import Made, shards_of_job, write_shards


def synthesize(
    magnitude: str | Path,
    source: PhaseSource,
    shard: int,
    synthesis: dict,
    seed: int,
    model: str | Path | None,
    store: str | Path,
    record: str | Path,
    shards_per_job: int = 1,
    code: str = "",
) -> None:
    """Give slices a phase from ``source`` and write their k-space.

    Args:
        shard: the first of ``shards_per_job``.
        code: digest of the code; what a job of another one has begun is made again.

    Raises:
        UserError: another job makes that shard.
    """
    settings = Synthesis.model_validate(synthesis)
    torch.set_num_threads(settings.threads)
    images = open_store(magnitude)
    grid = Grid(images.shape[0], images.shards[0])
    shards = shards_of_job(grid, shard, shards_per_job)

    def make(rows: range) -> Made:
        values = images[rows.start : rows.stop][:, 0]
        names = read_rows(Path(magnitude) / "index.parquet", rows, list(IDENTITY))
        streams = [generator(seed, source, *key) for key in names.to_numpy()]
        phase = draw_phase(source, values, streams, settings, model)
        return to_kspace(values * np.exp(1j * phase))[:, None], {}

    facts = {
        "magnitude": file_digest(Path(magnitude) / "zarr.json"),
        "model": file_digest(model) if model else None,
        "synthesis": synthesis,
        "seed": seed,
        "code": code,
    }
    write_shards(Path(store), "kspace", grid, shards, Path(record), facts, make)
