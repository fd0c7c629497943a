"""Memory of an export: that of a few blocks, however large the store and its volumes are."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from phasegen.paths import Grid, shard_key
from phasegen.store.seal import seal
from phasegen.store.shards import checksums, write_shard, write_table

MEGABYTE = 2**20
SIZE, PER_SHARD, SLICES = 256, 64, 1152
STORE_MB = SLICES * SIZE**2 * 8 / MEGABYTE
# A small store first, so that what is measured is data and not code that was loaded. The peak of
# getrusage is no use: a process starts with that of the one that started it.
MEASURE = """
import json, sys
from pathlib import Path
from phasegen.steps.export import export

def megabytes(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024

small, large, out, form, workers = sys.argv[1:]
export(small, f"{out}/small", form, workers=int(workers))
Path("/proc/self/clear_refs").write_text("5")  # forget the peak
before = megabytes("VmRSS")
export(large, f"{out}/large", form, workers=int(workers))
print(json.dumps([before, megabytes("VmHWM")]))
"""


def store_of(folder, size, slices):
    """A third of the slices are one volume, the rest volumes of 20; every shard is one file."""
    rng = np.random.default_rng(0)
    parts = rng.standard_normal((2, PER_SHARD, 1, size, size), np.float32)
    data = parts[0] + 1j * parts[1]
    grid = Grid(slices, PER_SHARD)
    store, records = folder / "store.zarr", []
    write_shard(store, "kspace", grid, 0, data)
    for shard in range(grid.shards):
        if shard:
            (store / shard_key(shard)).parent.mkdir(parents=True)
            os.link(store / shard_key(0), store / shard_key(shard))
        records.append(folder / f"{shard}.parquet")
        table = pd.DataFrame({"row": list(grid.rows(shard)), "sha256": checksums(data)})
        write_table(records[-1], table)
    number = np.arange(slices) - slices // 3
    subject = np.where(number < 0, "large", np.char.add("s", (number // 20).astype(str)))
    index = pd.DataFrame({"row": range(slices), "cohort": "c", "subject": subject, "series": "T1w"})
    index = index.assign(slice=index.groupby("subject").cumcount())
    seal(store, "kspace", grid, data.shape[1:], records, {}, index)
    return store


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measured on Linux alone")
@pytest.mark.parametrize(
    ("form", "workers"),
    [
        ("fastmri", 1),
        *(
            pytest.param(form, workers, marks=pytest.mark.slow)
            for form in ("bart", "bids", "fastmri", "ismrmrd")
            for workers in (1, 2)
        ),
    ],
)
def test_a_store_of_many_times_the_memory_goes_through(tmp_path, form, workers):
    small = store_of(tmp_path / "small", 16, 2 * PER_SHARD)
    large = store_of(tmp_path / "large", SIZE, SLICES)
    words = [sys.executable, "-c", MEASURE, small, large, tmp_path / "out", form, str(workers)]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, timeout=600)
    before, peak = json.loads(done.stdout)
    print(
        f"{form}, {workers} workers: {STORE_MB:.0f} MB in {peak - before:.0f} MB, after {before:.0f}"
    )
    # the largest volume alone is a third of the store
    assert peak - before < STORE_MB / 8 * (1 + workers) / 2
