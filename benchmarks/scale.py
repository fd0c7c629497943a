"""What it takes Snakemake to plan the conversion of a cohort of so many slices."""

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from phasegen.paths import Grid
from phasegen.report.markdown import markdown_table
from phasegen.store.shards import write_table

REPOSITORY = Path(__file__).parents[1]
COHORT = "generated"
SOURCES = ("none", "naive", "phasegen")
"""Of phase; one store each, and one of their magnitude."""
STORES = len(SOURCES) + 1
PER_SHARD = 128
COHORTS = "name\trole\treader\tpath\n" + f"{COHORT}\tmagnitude\tnifti\tvolumes/*.nii.gz\n"
GIB, MIB = 2**30, 2**20
PLANNED = "planned"
AIM_SLICES, AIM_SECONDS, AIM_MIB = 1_000_000, 60, 2 * GIB // MIB


@dataclass(frozen=True)
class Plan:
    """One dry run.

    Attributes:
        shards: of one store.
        seconds: from the start of the process to its end.
        cpu_seconds: of the processor, the same on a machine that does other things too.
        peak_mib: its largest resident set.
        outcome: ``planned``, or what stopped it.
    """

    slices: int
    shards: int
    shards_per_job: int
    jobs: int | None
    seconds: float
    cpu_seconds: float
    peak_mib: float
    outcome: str


def main() -> None:
    options = _parser().parse_args()
    plans = []
    for slices in options.slices:
        for shards_per_job in options.shards_per_job:
            found = planned(options.data, slices, shards_per_job, options.seconds, options.gib)
            plans.append(asdict(found))
            print(found, flush=True)
    table = pd.DataFrame(plans).astype({"jobs": "Int64"})
    options.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.out, index=False)
    text = markdown_table(*cells(table)) + "\n"
    options.out.with_suffix(".md").write_text(text)
    print(text + verdict(table))


def planned(folder: Path, slices: int, shards_per_job: int, seconds: float, gib: float) -> Plan:
    """Plan the target ``all`` of a cohort that was scanned, and of which nothing else was made.

    Args:
        folder: emptied; the project is made in it.
        seconds, gib: at which the dry run is stopped.
    """
    make_project(folder, slices, shards_per_job)
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")]
    command += ["--dry-run", "--quiet", "rules", "--cores", "1", "--configfile", "config.yaml"]
    status, spent, cpu, peak, text = measured(command, folder, seconds, gib)
    jobs = re.search(r"^total +(\d+)$", text, re.MULTILINE)
    if status == 0 and jobs:
        outcome = PLANNED
    elif spent >= seconds:
        outcome = f"stopped after {seconds:.0f} s"
    elif "MemoryError" in text or status < 0:
        outcome = f"more than {gib:g} GiB"
    else:
        raise SystemExit(f"error: {' '.join(command)}\n{text[-2000:]}")
    count = int(jobs[1]) if jobs else None
    grid = Grid(slices, PER_SHARD)
    numbers = (round(spent, 1), round(cpu, 1), round(peak / MIB, 1))
    return Plan(slices, grid.shards, shards_per_job, count, *numbers, outcome)


def make_project(folder: Path, slices: int, shards_per_job: int) -> None:
    """A folder with configuration, and the manifest that a scan would have made."""
    shutil.rmtree(folder, ignore_errors=True)
    scanned = folder / "results" / "cohorts" / COHORT
    scanned.mkdir(parents=True)
    (folder / "resources").symlink_to(REPOSITORY / "resources")
    (folder / "cohorts.tsv").write_text(COHORTS)
    config = {
        "cohorts": "cohorts.tsv",
        "ingest": {"size": 256, "slices_per_shard": PER_SHARD, "shards_per_job": shards_per_job},
        "synthesis": {"sources": list(SOURCES), "shards_per_job": shards_per_job},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    subject = pd.Series(np.arange(slices) // PER_SHARD).map("sub-{:07d}".format)
    table = pd.DataFrame({"row": np.arange(slices), "subject": subject})
    write_table(scanned / "manifest.parquet", table.assign(file="volumes/" + table["subject"]))
    (scanned / "plan.json").write_text(f'{{"slices": {slices}}}\n')


def measured(
    command: Sequence[str], folder: Path, seconds: float, gib: float
) -> tuple[int, float, float, int, str]:
    """Exit status, seconds, those of the processor, peak of memory [bytes] and output of a process.

    The peak is never below the size of the process that asks: Linux counts what is there before ``exec``.
    """
    limit = int(gib * GIB)
    start = time.monotonic()
    with (folder / "output.txt").open("w+") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        )
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        spent = time.monotonic() - start
        output.seek(0)
        cpu = usage.ru_utime + usage.ru_stime
        return process.returncode, spent, cpu, usage.ru_maxrss * 1024, output.read()


def cells(table: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Titles and rows for people to read."""
    titles = [
        "slices",
        "shards of a store",
        "shards per job",
        "jobs",
        "seconds",
        "of CPU",
        "peak MiB",
        "",
    ]
    rows = [
        [
            f"{row.slices:,}",
            f"{row.shards:,}",
            f"{row.shards_per_job}",
            "-" if pd.isna(row.jobs) else f"{int(row.jobs):,}",
            f"{row.seconds:.1f}",
            f"{row.cpu_seconds:.1f}",
            f"{row.peak_mib:,.0f}",
            row.outcome,
        ]
        for row in table.itertuples()
    ]
    return titles, rows


def verdict(table: pd.DataFrame) -> str:
    """Which of the plans of a million slices keep to the aim."""
    done = table[(table["slices"] == AIM_SLICES) & (table["outcome"] == PLANNED)]
    within = done[(done["seconds"] < AIM_SECONDS) & (done["peak_mib"] < AIM_MIB)]
    aim = f"aim: {AIM_SLICES:,} slices in {AIM_SECONDS} s and {AIM_MIB} MiB"
    if not len(done):
        return f"{aim}: not measured"
    if not len(within):
        return f"{aim}: missed"
    return f"{aim}: kept with shards_per_job {', '.join(map(str, within['shards_per_job']))}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scale",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    sizes = [10_000, 100_000, 1_000_000, 10_000_000]
    parser.add_argument("--slices", type=int, nargs="+", default=sizes)
    parser.add_argument("--shards-per-job", type=int, nargs="+", default=[1, 16, 128])
    parser.add_argument("--seconds", type=float, default=600, help="stop a dry run after so many")
    parser.add_argument("--gib", type=float, default=6, help="address space of a dry run")
    parser.add_argument("--data", type=Path, default=Path("results/bench/scale"), help="emptied")
    parser.add_argument("--out", type=Path, default=Path("results/bench/scale.csv"))
    return parser


if __name__ == "__main__":
    main()
