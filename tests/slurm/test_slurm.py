"""The workflow on a real SLURM: every rule is a job, faults cost time alone, results are the same."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from ..workflow.conftest import REPOSITORY, wait_until
from .conftest import Run, on_slurm, soon

pytestmark = pytest.mark.slurm

EVERY = {
    "rule_simulate": 2,
    "rule_scan": 2,
    "rule_seal_cohort": 2,
    "rule_cohorts_table": 1,
    "rule_ingest": 2,
    "rule_train_phase": 1,
    "rule_synthesize": 3,
    "rule_seal_kspace": 2,
    "rule_summary": 1,
}
# The phase model's training, and the shards of its phase.
ON_GPU = {"rule_train_phase": 1, "rule_synthesize": 2}
# What a run that meets a fault has to make anew.
LATER = ("phase_models", "synthetic/heads/phasegen", "tables")


@pytest.fixture(scope="module")
def undisturbed(slurm, tmp_path_factory):
    run = Run(tmp_path_factory.mktemp("undisturbed"), *on_slurm())
    run.finish()
    return run


@pytest.fixture
def faulty(slurm, here, tmp_path):
    """A run through SLURM that has its last steps before it."""
    run = here.copy_without(tmp_path / "faulty", *LATER, options=on_slurm())
    yield run
    for process in run.processes():
        process.kill()


def test_every_rule_ran_as_a_job(slurm, undisturbed):
    jobs, done = undisturbed.jobs(), slurm.completed(undisturbed.folder)
    assert jobs.keys() == done.keys()
    assert {job["JobState"] for job in done.values()} == {"COMPLETED"}
    assert all(job["Name"].startswith("phasegen_") for job in done.values())
    assert Counter(jobs.values()) == EVERY
    places = {number: done[number]["Partition"] for number in jobs}
    assert set(places.values()) == {"cpu", "gpu"}
    assert Counter(name for number, name in jobs.items() if places[number] == "gpu") == ON_GPU
    logs = undisturbed.results / "logs"
    assert len(list((logs / "ingest").rglob("*.log"))) == EVERY["rule_ingest"]


def test_one_core_two_cores_and_slurm_give_the_same_bits(here, undisturbed, tmp_path):
    alone = Run(tmp_path, "--cores", "1").finish()
    assert {name.split("/")[1] for name in alone} == {
        *("simulated", "cohorts", "phase_models", "synthetic", "tables")
    }
    assert alone == here.checksums() == undisturbed.checksums()


def test_a_synthesis_that_is_cancelled_is_tried_again(slurm, here, faulty):
    launcher = faulty.start()
    job = slurm.wait_for(faulty, launcher, "rule_synthesize")
    slurm("scancel", str(job))
    assert_finished(slurm, faulty, here, launcher)
    done = slurm.completed(faulty.folder)
    assert done[job]["JobState"] == "CANCELLED"
    assert states(faulty, done, "rule_synthesize") == Counter(COMPLETED=2, CANCELLED=1)


def test_a_training_over_its_time_goes_on_with_more_of_it(slurm, here, faulty):
    """It stands still after its first epochs, until SLURM ends it."""
    launcher = faulty.start()
    job = slurm.wait_for(faulty, launcher, "rule_train_phase")
    slurm("scontrol", "update", f"JobId={job}", "TimeLimit=1")
    soon(lambda: faulty.process_of("train_phase"), launcher)
    process = faulty.process_of("train_phase")
    checkpoints = faulty.results / "phase_models" / "small" / "checkpoints"
    wait_until(lambda: list(checkpoints.glob("*/last.ckpt")), launcher)
    process.suspend()
    assert process.environ()["CUDA_VISIBLE_DEVICES"] == "0"
    assert_finished(slurm, faulty, here, launcher)
    done = slurm.completed(faulty.folder)
    assert states(faulty, done, "rule_train_phase") == Counter(COMPLETED=1, TIMEOUT=1)
    assert done[faulty.job_of("rule_train_phase")]["TimeLimit"] == "20", "twice that of the first"
    log = faulty.results / "logs" / "train_phase" / "small.log"
    assert "going on after epoch" in log.read_text()


def test_a_node_is_drained_and_resumed(slurm, here, faulty):
    """Jobs at work end; the others wait for the node."""
    launcher = faulty.start()
    job = slurm.wait_for(faulty, launcher, "rule_train_phase")
    node = ("scontrol", "update", f"NodeName={slurm.node}")
    slurm(*node, "State=DRAIN", "Reason=test")
    try:
        soon(lambda: slurm.state(job) == "COMPLETED", launcher)
        soon(lambda: "PENDING" in slurm("squeue", "-h", "-o", "%T"), launcher)
        time.sleep(5)
        assert set(slurm("squeue", "-h", "-o", "%T").split()) == {"PENDING"}
    finally:
        slurm(*node, "State=RESUME")
    assert_finished(slurm, faulty, here, launcher)
    done = slurm.completed(faulty.folder)
    assert {job["JobState"] for job in done.values()} == {"COMPLETED"}


def test_jobs_of_a_snakemake_that_was_killed_are_cancelled_by_the_next(slurm, here, faulty):
    launcher = faulty.start()
    job = slurm.wait_for(faulty, launcher, "rule_train_phase")
    soon(lambda: faulty.process_of("train_phase"), launcher)
    # Else it might end before the next run looks for it.
    faulty.process_of("train_phase").suspend()
    os.killpg(launcher.pid, signal.SIGKILL)
    launcher.wait()
    assert slurm.state(job) == "RUNNING"
    launcher = faulty.start()
    assert_finished(slurm, faulty, here, launcher)
    log = faulty.log.read_text()
    assert "cancelling jobs left behind by a run" in log and str(job) in log
    assert slurm.completed(faulty.folder)[job]["JobState"] == "CANCELLED"


def test_what_a_user_breaks_off_leaves_no_job(slurm, faulty):
    # Who runs tests behind an "&" has them ignore Ctrl-C, and their children with them.
    launcher = faulty.start("env", "--default-signal=INT")
    job = slurm.wait_for(faulty, launcher, "rule_train_phase")
    os.killpg(launcher.pid, signal.SIGINT)
    assert launcher.wait(60) == 128 + signal.SIGINT
    soon(lambda: slurm.state(job) == "CANCELLED")
    assert not faulty.processes()


def test_the_profile_as_it_stands_plans_the_paper(slurm, tmp_path):
    """Every option of it is known, and every resource can be reckoned."""
    for name in ("config", "resources", "profiles"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    words = ["--snakefile", str(REPOSITORY / "Snakefile"), "--dry-run", "--quiet", "rules"]
    words += ["--workflow-profile", "profiles/slurm", "--configfile", "config/paper.yaml"]
    command = [sys.executable, "-m", "snakemake", *words, "--", "table1", "table2", "table3"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


def states(run, done, name):
    return Counter(done[number]["JobState"] for number, own in run.jobs().items() if own == name)


def assert_finished(slurm, run, undisturbed, launcher):
    assert launcher.wait(400) == 0, run.log.read_text()[-5000:]
    assert run.checksums() == undisturbed.checksums()
    assert not run.unfinished()
    soon(lambda: not run.processes())
    assert not slurm("squeue", "-h").strip()
