"""Benchmark files, as Snakemake writes them, summed up by rule."""

import os

import pandas as pd
import pytest

from phasegen.errors import UserError
from phasegen.record.benchmarks import COLUMNS, benchmark_table, times
from phasegen.store.shards import write_table

HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


def job(file, seconds, memory="100.5"):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{HEADER}{seconds}\t0:00:01\t{memory}\t1\t1\t1\t0\t0\t50\t1\n")
    return file


def test_jobs_are_summed_by_rule(tmp_path):
    for name, seconds, memory in (("a/1", 2, 100), ("a/2", 4, 300), ("a/b/3", 12, "-")):
        job(tmp_path / "train" / f"{name}.tsv", seconds, memory)
    job(tmp_path / "scan" / "c.tsv", 1, "NA")
    table = benchmark_table(tmp_path, {})
    assert list(table) == COLUMNS
    assert table.iloc[0, :6].tolist() == ["train", 3, 18.0, 4.0, 12.0, 300.0]
    assert table.iloc[1, :5].tolist() == ["scan", 1, 1.0, 1.0, 1.0]
    assert table.iloc[1, 5:].isna().all()


def test_slices_are_counted_in_the_tables_that_jobs_leave(tmp_path):
    for shard, (count, seconds) in enumerate([(30, 2), (10, 3), (99, 5)]):
        job(tmp_path / "jobs" / "ingest" / "heads" / f"{shard}.tsv", seconds)
        if shard < 2:
            write_table(tmp_path / f"heads_{shard}.parquet", pd.DataFrame({"row": range(count)}))
    table = benchmark_table(tmp_path / "jobs", {"ingest": f"{tmp_path}/{{}}_{{}}.parquet"})
    assert table["slices_per_second"].tolist() == [8.0], "the job whose table is gone counts not"


def test_a_run_lasts_from_its_first_job_to_its_last(tmp_path):
    os.utime(job(tmp_path / "a" / "1.tsv", 5), (100, 100))
    os.utime(job(tmp_path / "a" / "2.tsv", 1), (104, 104))
    start, end = times(tmp_path)
    assert (start.timestamp(), end.timestamp()) == (95, 104)


def test_no_jobs_have_an_empty_table_and_no_times(tmp_path):
    table = benchmark_table(tmp_path / "nowhere", {})
    assert table.empty and list(table) == COLUMNS
    assert times(tmp_path / "nowhere") is None


@pytest.mark.parametrize("text", ["", HEADER, "a\tb\n1\t2\n", HEADER + "many\t\t\t\n"], ids=repr)
def test_another_file_is_named(tmp_path, text):
    (tmp_path / "rule").mkdir()
    (tmp_path / "rule" / "a.tsv").write_text(text)
    with pytest.raises(UserError, match=r"rule/a.tsv: is no benchmark file"):
        benchmark_table(tmp_path, {})
