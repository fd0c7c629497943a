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

FILES, SHAPE = 5, (40, 4, 256, 256)
COHORT_BYTES = FILES * 8 * int(np.prod(SHAPE))
SETTINGS = {"size": 64, "slices_per_shard": 32, "coils": "kept"}
CONVERT = r"""
import json, re, sys
from pathlib import Path
from phasegen.steps.ingest import ingest

def peak():
    # not ru_maxrss, which a process inherits from the one that started it
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024

def convert(cohort, manifest, settings, shards, folder):
    for shard in range(shards):
        record = f"{folder}/{shard}.parquet"
        ingest(cohort, manifest, "images", shard, settings, f"{folder}/images.zarr", record)

small, large = json.loads(sys.argv[1])
convert(*small)
before = peak()
convert(*large)
print(peak() - before)
"""


def test_a_raw_cohort_ten_times_larger_than_what_its_conversion_takes(tmp_path):
    small, large = prepare(tmp_path / "small", 1, 2), prepare(tmp_path / "large", FILES, SHAPE[0])
    command = [sys.executable, "-c", CONVERT, json.dumps([small, large])]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    grown = int(done.stdout)
    print(f"{grown / 1e6:.0f} MB more, for {COHORT_BYTES / 1e6:.0f} MB of raw data")
    assert grown < COHORT_BYTES / 10
    shards = list((tmp_path / "large" / "images.zarr" / "c").iterdir())
    assert len(shards) == large[3]


def prepare(folder, files, slices):
    """Arguments of ``convert`` for a cohort of so many files."""
    folder.mkdir()
    values = np.random.default_rng(0).normal(size=(slices, *SHAPE[1:])).astype(np.complex64)
    for number in range(files):
        with h5py.File(folder / f"v{number}.h5", "w") as file:
            file["kspace"] = values
    cohort = Cohort(name="c", role="raw", reader="fastmri", path=f"{folder}/*.h5").model_dump()
    manifest = folder / "manifest.parquet"
    scan_cohort(cohort, SETTINGS["coils"], manifest, folder / "plan.json")
    grid = Grid(len(pd.read_parquet(manifest)), SETTINGS["slices_per_shard"])
    return cohort, str(manifest), SETTINGS, grid.shards, str(folder)
