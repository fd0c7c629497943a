"""How far a run is: from Snakemake's log and from the files of stores that are not sealed yet."""

import os
import re
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from phasegen.cli import main
from phasegen.errors import UserError
from phasegen.paths import Grid, shard_key
from phasegen.record import status as module
from phasegen.record.run_log import last_run
from phasegen.record.status import status
from phasegen.record.store_state import store_states
from phasegen.store.shards import write_table

from ..sealed import complex_slices, seal_slices
from .test_benchmarks import job

NAME = "2020-01-02T030405.000006.snakemake.log"
BEGINNING = """\
Assuming unrestricted shared filesystem usage.

SNAKEMAKE
=========
  Date: 2020-01-02 03:04:05
  Host: somewhere
  Command: /venv/bin/snakemake --cores 2 -- table1

Building DAG of jobs...
Job stats:
job           count
----------  -------
ingest            3
total             4

[Fri Jan  2 03:04:06 2026]
Job 1: ingest magnitude of cohort c, shard 0
Reason: Missing output files: results/a, results/b
[Fri Jan  2 03:04:06 2026]
Job 2: ingest magnitude of cohort c, shard 1
Reason: Missing output files: results/a, results/b
[Fri Jan  2 03:04:09 2026]
Finished jobid: 1 (Rule: ingest)
1 of 4 steps (25%) done
"""
ERROR = """\
[Fri Jan  2 03:05:06 2026]
Error in rule ingest:
    message: None
    jobid: 2
    input: results/cohorts/c/manifest.parquet
    output: results/a, results/b
    log: results/logs/ingest/c/1.log (check log file(s) for error details)
"""
AGAIN = """\
Trying to restart job 2.
[Fri Jan  2 03:05:08 2026]
Job 2: ingest magnitude of cohort c, shard 1
Reason: Missing output files: results/a, results/b
"""
WELL = """\
[Fri Jan  2 03:05:09 2026]
Finished jobid: 2 (Rule: ingest)
2 of 4 steps (50%) done
"""
END = "Complete log(s): /somewhere/.snakemake/log/x.snakemake.log\n"
GRID = Grid(10, 4)


def log(folder, *parts, name=NAME):
    file = folder / ".snakemake" / "log" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(parts))
    return file


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A cohort whose second shard of three is being written."""
    monkeypatch.chdir(tmp_path)
    cohort = tmp_path / "results" / "cohorts" / "c"
    write_shard(cohort / "magnitude.zarr", 0, 1000)
    (cohort / "magnitude.zarr" / shard_key(1)).parent.mkdir(parents=True)
    (cohort / "plan.json").write_text('{"slices": 10}')
    write_table(cohort / "records" / "magnitude" / "0.parquet", pd.DataFrame({"row": range(4)}))
    return tmp_path / "results"


def write_shard(store, shard, moment):
    file = store / shard_key(shard)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"")
    os.utime(file, (moment, moment))


def note(results, shard, grid=GRID):
    """The record of a shard, as a job writes it."""
    file = results / "cohorts" / "c" / "records" / "magnitude" / f"{shard}.parquet"
    write_table(file, pd.DataFrame({"row": grid.rows(shard)}), asdict(grid))


def test_jobs_are_followed_through_a_log(tmp_path):
    log(tmp_path, BEGINNING)
    run = last_run(tmp_path)
    assert (run.done, run.total, run.has_ended) == (1, 4, False)
    assert run.running == {2: "ingest magnitude of cohort c, shard 1"}
    assert (run.host, run.command) == ("somewhere", "/venv/bin/snakemake --cores 2 -- table1")
    assert not run.failures


def test_a_failure_names_its_log_until_the_job_ends_well(tmp_path):
    log(tmp_path, BEGINNING, ERROR)
    failure = last_run(tmp_path).failures[2]
    assert (failure.rule, failure.log) == ("ingest", "results/logs/ingest/c/1.log")
    assert not last_run(tmp_path).running
    log(tmp_path, BEGINNING, ERROR, AGAIN)
    assert last_run(tmp_path).running and last_run(tmp_path).failures
    log(tmp_path, BEGINNING, ERROR, AGAIN, WELL, END)
    run = last_run(tmp_path)
    assert (run.running, run.failures, run.done, run.has_ended) == ({}, {}, 2, True)


def test_a_run_without_jobs_is_not_the_last_one(tmp_path):
    log(tmp_path, BEGINNING)
    log(
        tmp_path,
        "Nothing to be done (all requested files are present).\n",
        END,
        name="2021" + NAME[4:],
    )
    assert last_run(tmp_path).file.name == NAME


def test_unsealed_stores_are_counted_by_their_files(results):
    (state,) = store_states(results)
    assert (state.grid, state.slices, state.done, state.is_sealed) == (None, 10, 0, False)
    note(results, 0)
    (state,) = store_states(results)
    assert (state.grid, state.shards, state.done, state.rate) == (GRID, 1, 4, None)


def test_a_job_that_was_timed_gives_the_rate_of_a_first_shard(results):
    note(results, 0)
    job(results / "benchmarks" / "ingest" / "c" / "magnitude" / "0.tsv", 2)
    (state,) = store_states(results)
    assert (state.rate, state.left) == (2, 3)


def test_the_pace_is_that_of_the_last_run(results):
    """Hours between two runs are no part of it."""
    note(results, 0)
    store = results / "cohorts" / "c" / "magnitude.zarr"
    for shard, moment in ((1, 9000), (2, 9001)):
        write_shard(store, shard, moment)
    assert store_states(results, since=5000)[0].rate == 2
    assert store_states(results)[0].rate == pytest.approx(6 / 8001)


def test_the_grid_of_synthetic_k_space_is_that_of_its_magnitude(results):
    magnitude = np.abs(complex_slices(10)).astype(np.float32)
    seal_slices(results / "cohorts" / "d" / "magnitude.zarr", "magnitude", magnitude, 4)
    (results / "synthetic" / "d" / "none" / "kspace.zarr").mkdir(parents=True)
    states = {(state.cohort, state.name): state for state in store_states(results)}
    assert states["d", "magnitude"].is_sealed and states["d", "magnitude"].done == 10
    assert (states["d", "none"].grid, states["d", "none"].done) == (GRID, 0)


def test_a_running_tree_is_told(results, monkeypatch):
    note(results, 0)
    log(results.parent, BEGINNING)
    (results / "logs").mkdir()
    (results / "logs" / "1.log").write_text("ingest: 1 of 4 slices\nmagnitude: 2 of 4 slices\n")
    text = "\n".join(status(results))
    assert "1 of 4 jobs done, on somewhere, last word" in text
    assert "snakemake --cores 2 -- table1" in text
    assert re.search(r"^c +magnitude +1 of 3 +4 of 10 ", text, re.MULTILINE)
    assert "ingest magnitude of cohort c, shard 1" in text
    assert "results/logs/1.log: magnitude: 2 of 4 slices" in text
    monkeypatch.setattr(module.platform, "node", lambda: "somewhere")
    assert "cut short" in status(results)[0]


def test_the_last_failure_comes_with_its_error(results, capsys):
    log(results.parent, BEGINNING, ERROR, END)
    own = results / "logs" / "ingest" / "c" / "1.log"
    own.parent.mkdir(parents=True)
    own.write_text("looking\nerror: a.nii.gz: is damaged; delete it\n")
    assert main(["status"]) == 0
    text = capsys.readouterr().out
    assert "ended" in text and "begun" not in text
    assert (
        "  ingest: error: a.nii.gz: is damaged; delete it\n    log: results/logs/ingest/c/1.log"
        in text
    )


def test_a_tree_without_a_log_has_its_stores_told(results):
    first, *rest = status(results)
    assert "no log of a run" in first and any("magnitude" in line for line in rest)


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_no_results_are_one_line(tmp_path, capsys, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=name):
        status(tmp_path / name)
    assert main(["status", name]) == 1
    assert capsys.readouterr().err.startswith(f"error: {name}")
