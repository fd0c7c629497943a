"""Rule ``synthesize``: one shard of magnitude slices in, one shard of complex k-space out."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from phasegen.diffusion.sources import draw_phase
from phasegen.fourier import to_kspace
from phasegen.paths import Grid
from phasegen.seeds import IDENTITY, generator
from phasegen.settings import PhaseSource, Synthesis
from phasegen.store.reading import open_store, read_index
from phasegen.store.shards import checksums, write_shard, write_table


def synthesize(
    magnitude: str | Path,
    source: PhaseSource,
    shard: int,
    synthesis: dict,
    seed: int,
    model: str | Path | None,
    store: str | Path,
    record: str | Path,
) -> None:
    """Give the slices of one shard a phase from ``source`` and write their k-space."""
    settings = Synthesis.model_validate(synthesis)
    torch.set_num_threads(settings.threads)
    images = open_store(magnitude)
    grid = Grid(images.shape[0], images.shards[0])
    rows = grid.rows(shard)
    values = images[rows.start : rows.stop][:, 0]
    index = read_index(magnitude).iloc[rows.start : rows.stop]
    streams = [generator(seed, source, *key) for key in index[list(IDENTITY)].to_numpy()]
    phase = draw_phase(source, values, streams, settings, model)
    kspace = to_kspace(values * np.exp(1j * phase))[:, None]
    write_shard(Path(store), "kspace", grid, shard, kspace)
    write_table(record, pd.DataFrame({"row": list(rows), "sha256": checksums(kspace)}))
