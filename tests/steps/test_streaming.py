"""A cohort much larger than the memory that its conversion may take."""

import json
import subprocess
import sys

import h5py
import numpy as np
import pandas as pd

from phasegen.paths import Grid
from phasegen.settings import Cohort
from phasegen.steps.scan import scan_cohort

FILES, SHAPE = 5, (80, 1, 512, 512)
COHORT_BYTES = FILES * 8 * int(np.prod(SHAPE))
SETTINGS = {"size": 64, "slices_per_shard": 64, "coils": "combined"}
CONVERT = r"""
import json, re, sys
from pathlib import Path
from phasegen.steps.ingest import ingest

def peak():
    # not ru_maxrss, which a process inherits from the one that started it
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024

before = peak()
cohort, manifest, settings, shards, folder = json.loads(sys.argv[1])
for shard in range(shards):
    record = f"{folder}/{shard}.parquet"
    ingest(cohort, manifest, "images", shard, settings, f"{folder}/images.zarr", record)
print(peak() - before)
"""


def test_a_raw_cohort_ten_times_larger_than_what_its_conversion_takes(tmp_path):
    values = np.random.default_rng(0).normal(size=SHAPE).astype(np.complex64)
    for number in range(FILES):
        with h5py.File(tmp_path / f"v{number}.h5", "w") as file:
            file["kspace"] = values
    cohort = Cohort(name="c", role="raw", reader="fastmri", path=f"{tmp_path}/*.h5").model_dump()
    manifest = tmp_path / "manifest.parquet"
    scan_cohort(cohort, "combined", manifest, tmp_path / "plan.json")
    grid = Grid(len(pd.read_parquet(manifest)), SETTINGS["slices_per_shard"])
    grown = memory_of(cohort, str(manifest), SETTINGS, grid.shards, str(tmp_path))
    print(f"{grown / 1e6:.0f} MB more, for {COHORT_BYTES / 1e6:.0f} MB of raw data")
    assert grown < COHORT_BYTES / 10
    assert len(list((tmp_path / "images.zarr" / "c").iterdir())) == grid.shards


def memory_of(*arguments):
    command = [sys.executable, "-c", CONVERT, json.dumps(arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout)
