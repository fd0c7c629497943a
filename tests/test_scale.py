"""What a plan takes, what a petabyte comes to: the commands that measure and reckon."""

import base64
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import petabyte, scale, units

PRICES = petabyte.Prices(core_hour=0.04, gpu_hour=2, terabyte_month=20)


def test_a_petabyte_of_round_numbers():
    sizes = {"magnitude: size": 1000.0, "k-space: size": 3000.0}
    times = {f"{name}: time": 3.6 for name in ("ingest", *scale.SOURCES)}
    costs = pd.Series(
        sizes | times | {"store: inodes": 4.0, "job: inodes": 5.0, "index: memory": 9.0}
    )
    plans = pd.DataFrame(
        {"jobs": [100, 200], "cpu_seconds": [11.0, 21.0], "peak_mib": [101.0, 201.0]}
    ).assign(shards_per_job=10, outcome=scale.PLANNED)
    table = petabyte.bounds(costs, plans, 10, PRICES)
    found = dict(zip(table["quantity"] + " " + table["unit"], table["value"], strict=True))
    assert found["slices "] == 1e11
    assert found["jobs "] == found["shards "] / 10 == 4e11 / scale.PER_SHARD / 10
    assert found["inodes of stores "] == 4 * found["shards "]
    assert found["one plan of all h of CPU"] * 3600 == pytest.approx(found["jobs "] / 10 + 1)
    assert found["none on CPU core hours"] == 1e8
    assert found["all on CPU money"] == 4e8 * 0.04
    assert found["storage money a year"] == 1000 * 20 * 12


def test_a_small_plan_is_measured(tmp_path):
    plan = scale.planned(tmp_path / "plan", 600, 2, seconds=120, gib=6)
    assert plan.outcome == scale.PLANNED
    assert plan.shards == 5
    jobs = scale.STORES * 3
    assert jobs < plan.jobs <= jobs + scale.STORES + 6, "seals, tables and a sheet besides"
    assert plan.seconds > 0.1 and plan.peak_mib > 20


def test_a_process_that_takes_too_long_is_stopped(tmp_path):
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    status, spent, *_ = scale.measured(command, tmp_path, seconds=0.5, gib=4)
    assert status != 0 and 0.5 <= spent < 30


def test_the_peak_is_that_of_the_process(tmp_path):
    """Asked by a process of its own, since that of the tests is large."""
    code = f"""
import sys
from pathlib import Path
from benchmarks import scale
command = [sys.executable, "-c", "x = b'1' * (300 << 20); print(len(x))"]
status, _, _, peak, text = scale.measured(command, Path({str(tmp_path)!r}), seconds=60, gib=4)
assert (status, text) == (0, f"{{300 << 20}}\\n")
assert 300 < peak / scale.MIB < 500, peak
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(scale.__file__).parents[1])


@pytest.mark.parametrize("name", ["results/a/0.parquet", "results/" + 300 * "long"])
def test_names_that_snakemake_keeps_are_read(tmp_path, name):
    """As its persistence writes them."""
    text = base64.urlsafe_b64encode(name.encode()).decode()
    parts = [text[start : start + 254] for start in range(0, len(text), 254)]
    file = tmp_path.joinpath(".snakemake", "metadata", *("@" + p for p in parts[:-1]), parts[-1])
    file.parent.mkdir(parents=True)
    file.touch()
    assert list(units.metadata_names(tmp_path)) == [name]
