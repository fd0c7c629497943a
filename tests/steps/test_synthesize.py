"""From a sealed magnitude to sealed k-space, one shard at a time."""

import numpy as np
import pandas as pd
import pytest
import torch

from phasegen.diffusion import weights
from phasegen.diffusion.denoiser import Denoiser
from phasegen.fourier import to_image
from phasegen.paths import Grid
from phasegen.settings import Network, PhaseModel, Synthesis
from phasegen.steps.seal import seal_kspace
from phasegen.steps.synthesize import synthesize
from phasegen.store.reading import open_store, read_index
from phasegen.store.seal import DamagedStore, seal
from phasegen.store.shards import checksums, write_shard, write_table

SLICES, SIZE = 7, 16
SETTINGS = Synthesis(steps=3, batch=4).model_dump(mode="json", exclude={"sources"})


def magnitude_store(folder, per_shard):
    """Slices with a blank one, in their own order of shards."""
    values = np.random.default_rng(0).uniform(0, 500, (SLICES, 1, SIZE, SIZE)).astype(np.float32)
    values[2] = 0
    grid = Grid(SLICES, per_shard)
    records = []
    for shard in range(grid.shards):
        rows = grid.rows(shard)
        part = values[rows.start : rows.stop]
        write_shard(folder / "magnitude.zarr", "magnitude", grid, shard, part)
        records.append(folder / f"{shard}.parquet")
        write_table(records[-1], pd.DataFrame({"row": list(rows), "sha256": checksums(part)}))
    names = {"row": range(SLICES), "cohort": "c", "subject": "s", "series": "t"}
    index = pd.DataFrame(names | {"slice": range(SLICES)})
    seal(folder / "magnitude.zarr", "magnitude", grid, (1, SIZE, SIZE), records, {}, index)
    return folder / "magnitude.zarr", grid


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    torch.manual_seed(0)
    network = Network(widths=[4, 4], bottleneck=4, embedding=8)
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    weights.save(path, Denoiser(PhaseModel(network=network)), {})
    return path


def make(folder, source, model, per_shard, order=1):
    magnitude, grid = magnitude_store(folder, per_shard)
    store = folder / "kspace.zarr"
    records = [folder / "records" / f"{shard}.parquet" for shard in range(grid.shards)]
    for shard in list(range(grid.shards))[::order]:
        synthesize(magnitude, source, shard, SETTINGS, 5, model, store, records[shard])
    seal_kspace(store, magnitude, records, model, {"source": source})
    return store


@pytest.mark.parametrize("source", ["none", "random", "naive", "phasegen"])
def test_magnitude_is_kept_and_the_cut_into_shards_does_not_matter(tmp_path, source, model):
    one = make(tmp_path / "one", source, model, per_shard=3)
    two = make(tmp_path / "two", source, model, per_shard=5, order=-1)
    np.testing.assert_array_equal(open_store(one)[:], open_store(two)[:])
    magnitude = open_store(tmp_path / "one" / "magnitude.zarr")[:]
    error = np.abs(np.abs(to_image(open_store(one)[:])) - magnitude).max(axis=(1, 2, 3))
    assert (error <= 1e-5 * magnitude.max(axis=(1, 2, 3))).all()
    assert (read_index(one)["magnitude_error"] <= 1e-5).all()


def test_sources_differ(tmp_path, model):
    sources = ("none", "random", "naive", "phasegen")
    stores = [open_store(make(tmp_path / name, name, model, 4))[:] for name in sources]
    for first in range(4):
        for second in range(first):
            assert not np.allclose(stores[first], stores[second])


def test_a_changed_magnitude_is_not_sealed(tmp_path):
    """The seal compares with the magnitude itself, not with what the writer recorded."""
    magnitude, grid = magnitude_store(tmp_path, 7)
    kspace = np.ones((SLICES, 1, SIZE, SIZE), np.complex64)
    write_shard(tmp_path / "kspace.zarr", "kspace", grid, 0, kspace)
    record = tmp_path / "record.parquet"
    write_table(record, pd.DataFrame({"row": range(SLICES), "sha256": checksums(kspace)}))
    with pytest.raises(DamagedStore, match="another magnitude"):
        seal_kspace(tmp_path / "kspace.zarr", magnitude, [record], None, {})
