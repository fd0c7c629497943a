"""A run that was cut short, anywhere and in any way, is finished by the next one."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import psutil
import pytest

from .conftest import Project, wait_until

pytestmark = pytest.mark.long

# A process that waits for another one, as make does for the launcher.
PARENT = (sys.executable, "-c", "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))")
MOMENTS = {
    "simulate begins": "logs/simulate/*/*.log",
    "simulate writes": "simulated/*/*/.*.partial",
    "scan": "logs/scan/*.log",
    "ingest writes a shard": "cohorts/*/*.zarr/.?.partial",
    "ingest ends": "cohorts/*/records/*/*.parquet",
    "seal of a cohort": "cohorts/*/*.zarr/.seal.partial",
    "table": "logs/cohorts_table.log",
    "training": "phase_models/small/checkpoints/*/last.ckpt",
    "synthesize writes a shard": "synthetic/*/phasegen/*.zarr/.?.partial",
    "seal of k-space": "synthetic/*/phasegen/*.zarr/.seal.partial",
    "figure": "logs/contact_sheet/*.log",
}


def test_training_goes_on_from_its_checkpoint_and_a_shard_is_written_anew(copy, finished):
    forget_the_model(copy)
    kill_at(copy, MOMENTS["training"])
    kill_at(copy, MOMENTS["synthesize writes a shard"])
    assert "going on after epoch" in train_log(copy)
    assert_next_run_finishes(copy, finished)


def test_a_second_start_waits_for_the_first(copy):
    first = copy.start()
    wait_until(lambda: copy.processes(), first)
    wait_until(lambda: len(copy.processes()) > 1, first)
    second = copy.run()
    assert "waiting for it to end" in second.stdout
    assert (first.wait(60), second.returncode) == (0, 0)


def test_a_snakemake_started_by_hand_is_refused_by_name(copy):
    (copy.folder / "snakemake").write_text("import time\ntime.sleep(60)\n")
    foreign = subprocess.Popen([sys.executable, "snakemake"], cwd=copy.folder)
    try:
        refused = copy.run()
    finally:
        foreign.kill()
        foreign.wait()
    assert refused.returncode == 1
    assert f"error: process {foreign.pid} is a Snakemake at work in this folder" in refused.stdout
    assert "Traceback" not in refused.stdout


def test_a_stale_lock_of_snakemake_is_no_obstacle(copy):
    locks = copy.folder / ".snakemake" / "locks"
    locks.mkdir(exist_ok=True)
    (locks / "0.output.lock").write_text("results/tables/summary.csv\n")
    done = copy.run()
    assert done.returncode == 0
    assert "Nothing to be done" in done.stdout


@pytest.mark.slow
def test_the_whole_group_killed_at_moments_of_every_rule(project, finished):
    for pattern in MOMENTS.values():
        kill_at(project, pattern)
    assert "going on after epoch" in train_log(project)
    assert_next_run_finishes(project, finished)


@pytest.mark.slow
def test_one_process_killed_alone(copy, finished):
    """Launcher, Snakemake, a polite signal to either; each time the training is at work."""
    forget_the_model(copy)
    launcher = start_training(copy)
    launcher.kill()
    launcher.wait()
    assert copy.processes(), "Snakemake lives on"

    launcher = start_training(copy)
    assert "left behind by a run" in copy.log.read_text()
    psutil.Process(launcher.pid).children()[0].kill()
    assert launcher.wait(30) == 128 + signal.SIGKILL
    assert not copy.processes()

    launcher = start_training(copy)
    launcher.terminate()
    assert launcher.wait(30) == 128 + signal.SIGTERM
    assert not copy.processes()

    launcher = start_training(copy)
    os.killpg(launcher.pid, signal.SIGINT)
    assert launcher.wait(30) == 128 + signal.SIGINT
    assert not copy.processes()
    assert "start.py" not in copy.log.read_text(), "no trace of the launcher"
    assert_next_run_finishes(copy, finished)


@pytest.mark.slow
def test_make_killed_alone(copy, finished):
    """Its launcher lives on and finishes; the next start waits for that."""
    forget_the_model(copy)
    make = start_training(copy, *PARENT)
    make.kill()
    make.wait()
    waited = copy.run()
    assert "waiting for it to end" in waited.stdout
    assert "Nothing to be done" in waited.stdout
    assert_next_run_finishes(copy, finished)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["last", "best"])
def test_a_damaged_checkpoint_is_told_and_left_out(name, copy, finished):
    forget_the_model(copy)
    kill_at(copy, MOMENTS["training"])
    (checkpoint,) = copy.results.glob(f"phase_models/small/checkpoints/*/{name}.ckpt")
    os.truncate(checkpoint, checkpoint.stat().st_size // 2)
    assert_next_run_finishes(copy, finished)
    assert f"{name}.ckpt is damaged and left out" in train_log(copy)
    assert ("going on after epoch" in train_log(copy)) == (name == "last")


@pytest.mark.slow
def test_a_folder_that_was_moved_goes_on_at_its_new_place(copy, finished, tmp_path_factory):
    forget_the_model(copy)
    kill_at(copy, MOMENTS["training"])
    moved = copy.copy(tmp_path_factory.mktemp("moved"))
    shutil.rmtree(copy.folder)
    assert_next_run_finishes(moved, finished)
    assert "going on after epoch" in train_log(moved)


def kill_at(project: Project, pattern: str) -> None:
    """Start a run and kill its whole group once a new file of this name is there."""
    launcher = project.start()
    wait_until(appeared(project, pattern), launcher)
    os.killpg(launcher.pid, signal.SIGKILL)
    launcher.wait()


def appeared(project: Project, pattern: str) -> Callable[[], bool]:
    start = time.time()

    def found() -> bool:
        for path in project.results.glob(pattern):
            try:
                if path.stat().st_mtime > start:
                    return True
            except FileNotFoundError:
                continue
        return False

    return found


def start_training(project: Project, *prefix: str) -> subprocess.Popen:
    launcher = project.start(*prefix)
    # In the log of this run: an orphan of the last one writes to the log file of the rule.
    wait_until(lambda: "training on" in project.log.read_text(), launcher)
    return launcher


def forget_the_model(project: Project) -> None:
    """Also what was made with it: a model that nothing asks for is not made again."""
    shutil.rmtree(project.results / "phase_models")
    for store in project.results.glob("synthetic/*/phasegen"):
        shutil.rmtree(store)


def train_log(project: Project) -> str:
    return (project.results / "logs" / "train_phase" / "small.log").read_text()


def assert_next_run_finishes(project: Project, undisturbed: Project) -> None:
    done = project.run()
    assert done.returncode == 0, done.stdout[-3000:]
    assert project.checksums() == undisturbed.checksums()
    assert not project.unfinished()
    assert not project.processes()
