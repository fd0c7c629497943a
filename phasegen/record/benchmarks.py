"""Durations and memory of jobs, from the benchmark files that Snakemake writes, one for each job."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow.parquet as parquet

from phasegen.errors import UserError

COLUMNS = ["rule", "jobs", "seconds_total", "seconds_median", "seconds_max"]
COLUMNS += ["peak_memory_mib", "slices_per_second"]


class Times(NamedTuple):
    """When the first of some jobs began and the last one ended, as their files' times tell."""

    start: datetime
    end: datetime


def benchmark_table(folder: str | Path, slices: Mapping[str, str]) -> pd.DataFrame:
    """One row for each rule, that which took longest in all first.

    Args:
        folder: benchmark files, ``RULE/…/JOB.tsv``.
        slices: of rules whose jobs leave a Parquet table of their slices, its path, with ``{}`` for
            each part of the name of the benchmark file.

    Returns:
        ``COLUMNS``; memory is the largest resident set of a job as Snakemake sampled it, NaN if all
        were too short; slices are those of jobs whose table is still there.

    Raises:
        UserError: a file that Snakemake did not write.
    """
    jobs = pd.DataFrame([_job(file, Path(folder), slices) for file in _files(folder)])
    if jobs.empty:
        return pd.DataFrame(columns=COLUMNS)
    rows = [_row(str(rule), part) for rule, part in jobs.groupby("rule")]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values("seconds_total", ascending=False, ignore_index=True)


def times(folder: str | Path) -> Times | None:
    """Span of all jobs with a benchmark file; None without any."""
    spans = [(file.stat().st_mtime, _read(file)["s"]) for file in _files(folder)]
    if not spans:
        return None
    start = min(end - seconds for end, seconds in spans)
    end = max(end for end, _ in spans)
    return Times(*(datetime.fromtimestamp(moment, UTC) for moment in (start, end)))


def _files(folder: str | Path) -> list[Path]:
    return sorted(Path(folder).rglob("*.tsv"))


def _job(file: Path, folder: Path, slices: Mapping[str, str]) -> dict:
    rule, *parts = file.relative_to(folder).with_suffix("").parts
    line, count = _read(file), float("nan")
    if rule in slices:
        table = Path(slices[rule].format(*parts))
        count = parquet.read_metadata(table).num_rows if table.is_file() else count
    return {"rule": rule, "seconds": line["s"], "memory": line["max_rss"], "slices": count}


def _read(file: Path) -> dict[str, float]:
    """Seconds and MiB of the last time that the job ran."""
    try:
        table = pd.read_csv(file, sep="\t", na_values=["-"])
        return table[["s", "max_rss"]].iloc[-1].astype(float).to_dict()
    except (ValueError, KeyError, IndexError) as error:
        reason = str(error).partition("\n")[0]
        raise UserError(f"{file}: is no benchmark file ({reason}); delete it") from None


def _row(rule: str, jobs: pd.DataFrame) -> tuple:
    seconds, counted = jobs["seconds"], jobs[jobs["slices"].notna()]
    rate = counted["slices"].sum() / counted["seconds"].sum() if len(counted) else float("nan")
    numbers = (seconds.sum(), seconds.median(), seconds.max(), jobs["memory"].max())
    return (rule, len(jobs), *(round(float(value), 1) for value in numbers), round(rate, 2))
