"""Rule ``benchmarks_table``: the benchmark files of all jobs in, one table out."""

from collections.abc import Mapping
from pathlib import Path

from phasegen.record.benchmarks import benchmark_table
from phasegen.steps.table_file import write_csv


def benchmarks(folder: str | Path, slices: Mapping[str, str], table: str | Path) -> None:
    """Jobs, seconds, peak memory and slices per second of every rule (CSV).

    Args:
        folder, slices: see `phasegen.record.benchmarks.benchmark_table`.
    """
    write_csv(benchmark_table(folder, slices), table)
