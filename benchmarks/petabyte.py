"""What bounds the conversion of a petabyte, reckoned from measured unit costs and plans.

The workload is one petabyte of stores: magnitudes, and k-space of every source of phase. Divided by
the 1.68 million subjects of public magnitude data that the paper counts (Rempe et al. 2025, I;
Dishner et al. 2024) it says how many slices each of them may have.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.scale import AIM_MIB, AIM_SECONDS, PER_SHARD, PLANNED, SOURCES, STORES
from phasegen.report.markdown import markdown_table
from phasegen.steps.costs import PUBLISHED_SAMPLING_SECONDS

PETABYTE, SUBJECTS = 10**15, 1_680_000
TERABYTE, GIB, HOUR, MONTHS = 10**12, 2**30, 3600, 12
COLUMNS = ["quantity", "value", "unit", "from"]


@dataclass(frozen=True)
class Prices:
    """Assumed, not measured; of any currency."""

    core_hour: float
    gpu_hour: float
    terabyte_month: float


def main() -> None:
    options = _parser().parse_args()
    units = pd.read_csv(options.units).set_index("name")["value"]
    prices = Prices(options.core_hour, options.gpu_hour, options.terabyte_month)
    table = bounds(units, pd.read_csv(options.plans), options.shards_per_job, prices)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.out, index=False)
    text = markdown_table(*cells(table)) + "\n"
    options.out.with_suffix(".md").write_text(text)
    print(text)


def bounds(
    units: pd.Series, plans: pd.DataFrame, shards_per_job: int, prices: Prices
) -> pd.DataFrame:
    """Quantities of a petabyte, one a row; columns are `COLUMNS`.

    Args:
        units: of `benchmarks.units`, by name.
        plans: of `benchmarks.scale`.
    """
    of_slice = units["magnitude: size"] + len(SOURCES) * units["k-space: size"]
    slices = PETABYTE / of_slice
    shards = STORES * slices / PER_SHARD
    jobs = shards / shards_per_job
    rows = [
        ("slices", slices, "", f"{of_slice / 1e6:.3g} MB in {STORES} stores"),
        ("slices of a subject", slices / SUBJECTS, "", f"{SUBJECTS:,} subjects"),
        ("shards", shards, "", f"{PER_SHARD} slices each"),
        ("jobs", jobs, "", f"{shards_per_job} shards each"),
        *_inodes(units, shards, jobs),
        (
            "index of one store of all",
            slices * units["index: memory"] / GIB,
            "GiB in memory",
            f"{units['index: memory']:.0f} byte a slice",
        ),
        *_plan(plans, jobs, shards_per_job),
        *_hours(units, slices, prices),
        (
            "storage",
            PETABYTE / TERABYTE * MONTHS * prices.terabyte_month,
            "money a year",
            f"assumed: {prices.terabyte_month:g} a TB and month",
        ),
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _inodes(units: pd.Series, shards: float, jobs: float) -> list[tuple]:
    store, job = units["store: inodes"], units["job: inodes"]
    return [
        ("inodes of stores", shards * store, "", f"{store:.3g} a shard"),
        ("inodes of jobs", jobs * job, "", f"{job:.3g} a job"),
    ]


def _plan(plans: pd.DataFrame, jobs: float, shards_per_job: int) -> list[tuple]:
    """One plan of all jobs, by the line through those that were measured."""
    seconds, mib = (_line(plans, of, shards_per_job) for of in ("cpu_seconds", "peak_mib"))
    runs = np.ceil(max(seconds(jobs) / AIM_SECONDS, mib(jobs) / AIM_MIB))
    source = f"line through the plans with {shards_per_job} shards a job"
    return [
        ("one plan of all", seconds(jobs) / HOUR, "h of CPU", source),
        ("memory of that plan", mib(jobs) / 1024, "GiB", source),
        ("runs, each within the aim", runs, "", f"{AIM_SECONDS} s and {AIM_MIB} MiB a plan"),
    ]


def _line(plans: pd.DataFrame, of: str, shards_per_job: int) -> Callable[[float], float]:
    """Least squares of a column of the plans against their jobs."""
    used = plans[(plans["outcome"] == PLANNED) & (plans["shards_per_job"] == shards_per_job)]
    return np.poly1d(np.polyfit(used["jobs"].astype(float), used[of], 1))


def _hours(units: pd.Series, slices: float, prices: Prices) -> list[tuple]:
    times = {name: units[f"{name}: time"] for name in ("ingest", *SOURCES)}
    hours = {name: slices * time / HOUR for name, time in times.items()}
    gpu = slices * PUBLISHED_SAMPLING_SECONDS / HOUR
    cpu = sum(hours.values())
    return [
        *(
            (f"{name} on CPU", hours[name], "core hours", f"{times[name]:.3g} s a slice")
            for name in times
        ),
        (
            "phasegen as published",
            gpu,
            "GPU hours",
            f"the paper's {PUBLISHED_SAMPLING_SECONDS} s a slice",
        ),
        ("all on CPU", cpu * prices.core_hour, "money", f"assumed: {prices.core_hour:g} an hour"),
        (
            "phasegen as published",
            gpu * prices.gpu_hour,
            "money",
            f"assumed: {prices.gpu_hour:g} an hour",
        ),
    ]


def cells(table: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Titles and rows for people to read; three digits, since no more are known."""
    text = table.fillna("").to_dict("records")
    rows = [[row["quantity"], _rounded(row["value"]), row["unit"], row["from"]] for row in text]
    return ["", "a petabyte", "unit", "reckoned with"], rows


def _rounded(value: float) -> str:
    return f"{float(f'{value:.3g}'):,.10g}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.petabyte",
        description=__doc__.partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    bench = Path("results/bench")
    parser.add_argument("--units", type=Path, default=bench / "units.csv")
    parser.add_argument("--plans", type=Path, default=bench / "scale.csv")
    parser.add_argument("--shards-per-job", type=int, default=128)
    parser.add_argument("--core-hour", type=float, default=0.04, help="price, assumed")
    parser.add_argument("--gpu-hour", type=float, default=2.0, help="price, assumed")
    parser.add_argument("--terabyte-month", type=float, default=20.0, help="price, assumed")
    parser.add_argument("--out", type=Path, default=bench / "petabyte.csv")
    return parser


if __name__ == "__main__":
    main()
