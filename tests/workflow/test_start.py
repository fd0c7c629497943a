"""What an earlier run left in the queue of SLURM is cancelled; a fake queue stands in for it."""

import importlib.util
import os
import subprocess
import sys

import pytest

from .conftest import REPOSITORY, environment

# A queue is a file with a line for each job.
SQUEUE = """#!/bin/sh
test -f "$QUEUE" || { echo "squeue: error: no controller" >&2; exit 1; }
grep -v " gone" "$QUEUE" || true
"""
SCANCEL = """#!/bin/sh
echo "scancel $*" >> "$QUEUE.calls"
for job in "$@"; do test "$job" = "$STUBBORN" || sed -i "s/^$job|.*/& gone/" "$QUEUE"; done
"""


@pytest.fixture
def start():
    spec = importlib.util.spec_from_file_location("start", REPOSITORY / "workflow" / "start.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def queue(tmp_path, monkeypatch):
    """Its lines: number, name, folder."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("squeue", SQUEUE), ("scancel", SCANCEL)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("QUEUE", str(tmp_path / "queue"))
    return tmp_path / "queue"


def calls(queue):
    file = queue.with_name("queue.calls")
    return file.read_text().splitlines() if file.exists() else []


def test_jobs_of_this_folder_alone_are_cancelled(start, queue, tmp_path, capsys):
    jobs = [(7, "phasegen_1", tmp_path), (8, "phasegen_1", "/else"), (9, "mine", tmp_path)]
    jobs += [(11, "phasegen_2", tmp_path)]
    queue.write_text("".join(f"{number}|{name}|{folder}\n" for number, name, folder in jobs))
    assert start.cancel_jobs(tmp_path) == set()
    assert calls(queue) == ["scancel 11 7"]
    assert "cancelling jobs left behind by a run: 11 7" in capsys.readouterr().err
    assert start.cancel_jobs(tmp_path) == set()
    assert len(calls(queue)) == 1


def test_no_run_begins_beside_a_job_that_does_not_end(start, queue, tmp_path, monkeypatch, capsys):
    queue.write_text(f"7|phasegen_1|{tmp_path}\n")
    monkeypatch.setenv("STUBBORN", "7")
    monkeypatch.setattr(start, "SECONDS_TO_CANCEL", 0.5)
    monkeypatch.setattr(start, "_snakemake", lambda *_: pytest.fail("it began"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake").mkdir()
    assert start.main([]) == 1
    assert "error: jobs of an earlier run do not end: 7" in capsys.readouterr().err


def test_a_slurm_that_does_not_answer_stops_no_local_run(start, queue, tmp_path, capsys):
    assert start.cancel_jobs(tmp_path) == set()
    assert capsys.readouterr().err == "", "this folder has never given it a job"
    (tmp_path / start.LOGS_OF_SLURM).mkdir(parents=True)
    assert start.cancel_jobs(tmp_path) == set()
    assert "no controller" in capsys.readouterr().err


def test_the_profile_names_jobs_as_they_are_looked_for(start):
    profile = (REPOSITORY / "profiles" / "slurm" / "config.yaml").read_text()
    assert f"\nslurm-jobname-prefix: {start.JOBS_OF_SLURM}\n" in profile


def test_jobs_are_cancelled_when_a_run_is_told_to_end(queue, tmp_path):
    """By the launcher itself: Snakemake is killed, and cannot."""
    (tmp_path / "snakemake.py").write_text(
        f"""
import time
open({str(queue)!r}, "w").write({f"7|phasegen_1|{tmp_path}"!r} + chr(10))
print("at work", flush=True)
time.sleep(60)
"""
    )
    with subprocess.Popen(
        [sys.executable, str(REPOSITORY / "workflow" / "start.py")],
        cwd=tmp_path,
        env=environment() | {"PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout.readline() == "at work\n"
        run.terminate()
        assert run.wait(30) == 128 + 15
    assert calls(queue) == ["scancel 7"]
