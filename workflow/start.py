"""Run Snakemake in this folder, one run at a time, whatever became of the last one.

A run holds a lock that the kernel frees when the run dies, so a lock that is held means
a living run: this one then waits for its end. With the lock in hand every process that
still carries this folder's mark is an orphan of a dead run, and is ended, as are its jobs
in the queue of SLURM; after that Snakemake's own lock is stale. All arguments are handed on
to Snakemake.
"""

import argparse
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import psutil

MARK = "PHASEGEN_RUN_FOLDER"
SECONDS_TO_END = 20
"""How long Snakemake may take after Ctrl-C, which its jobs get too."""

JOBS_OF_SLURM = "phasegen"
"""Beginning of the names of jobs in its queue, as ``profiles/slurm`` has it."""

LOGS_OF_SLURM = ".snakemake/slurm_logs"
"""Where Snakemake's executor keeps the logs of jobs that it gave to the queue."""

SECONDS_TO_CANCEL = 120


@contextmanager
def only_run_here(folder: Path) -> Iterator[None]:
    """Hold the lock of ``folder``; wait for the run that holds it."""
    lock = folder / ".snakemake" / "phasegen.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another run is at work in this folder; waiting for it to end", file=sys.stderr)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def end_orphans(folder: Path) -> None:
    """End the processes that a dead run of ``folder`` left behind."""
    # One of them may have started another meanwhile, so look until there is none.
    while orphans := [process for process in _others() if _is_marked(process, folder)]:
        for process in orphans:
            print(f"ending process {process.pid}, left behind by a run", file=sys.stderr)
            # No need to ask: nothing that a step writes is taken for good before it is whole.
            with suppress(psutil.NoSuchProcess):
                process.kill()
        # Not for ever: in a container nobody may collect the dead, and they count as alive.
        psutil.wait_procs(orphans, timeout=1)


def cancel_jobs(folder: Path) -> set[str]:
    """Cancel the jobs that a dead run of ``folder`` left in the queue of SLURM; those that stay.

    Left alone they would write the files that this run makes anew.
    """
    asked: set[str] = set()
    end = time.monotonic() + SECONDS_TO_CANCEL
    while (jobs := _queued(folder)) and time.monotonic() < end:
        if new := sorted(jobs - asked):
            print(f"cancelling jobs left behind by a run: {' '.join(new)}", file=sys.stderr)
            subprocess.run(["scancel", *new], check=False)
        asked |= jobs
        time.sleep(1)
    return jobs


def _queued(folder: Path) -> set[str]:
    """Numbers of the jobs of runs of ``folder``, waiting or at work, where there is a SLURM."""
    if not shutil.which("squeue"):
        return set()
    # An array has one number for all of its jobs, its name, and the folder it was started in.
    command = ["squeue", "--me", "--noheader", "--format=%F|%j|%Z"]
    listed = subprocess.run(command, capture_output=True, text=True)
    if listed.returncode:
        # Of no interest to a machine that has the commands alone.
        if (folder / LOGS_OF_SLURM).is_dir():
            reason = listed.stderr.strip().partition("\n")[0]
            print(f"no look at SLURM's queue for jobs of an earlier run: {reason}", file=sys.stderr)
        return set()
    jobs = (line.split("|", 2) for line in listed.stdout.splitlines())
    return {
        number
        for number, name, started_in in jobs
        if name.startswith(JOBS_OF_SLURM) and started_in == str(folder)
    }


def foreign_run(folder: Path) -> int | None:
    """Process number of a Snakemake, or a job of one, that somebody started here by hand."""
    for process in _others():
        with suppress(psutil.Error):
            if process.cwd() == str(folder) and _is_snakemake(process.cmdline()):
                return process.pid
    return None


def _others() -> list[psutil.Process]:
    me = psutil.Process()
    mine = {me, *me.parents()}
    return [process for process in psutil.process_iter() if process not in mine]


def _is_marked(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.environ().get(MARK) == str(folder)
    except psutil.Error:
        return False


def _is_snakemake(command: list[str]) -> bool:
    program, *words = command or [""]
    if not Path(program).name.startswith("python"):
        return Path(program).name == "snakemake"
    return any(Path(word).name == "snakemake" or "/.snakemake/scripts/" in word for word in words)


def _snakemake(arguments: list[str], folder: Path) -> int:
    """Exit status of Snakemake; none of its processes is left afterwards."""
    command = [sys.executable, "-m", "snakemake", *arguments]
    try:
        process = subprocess.Popen(command, env=os.environ | {MARK: str(folder)})
        try:
            status = process.wait()
        except KeyboardInterrupt:
            with suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS_TO_END)
            status = 128 + signal.SIGINT
    finally:
        end_orphans(folder)
        cancel_jobs(folder)
    if status < 0:
        print(f"error: Snakemake was ended by signal {-status}; start again", file=sys.stderr)
    return status if status >= 0 else 128 - status


def missing_config(arguments: list[str]) -> Path | None:
    """A configuration file that is asked for and not there; Snakemake would show a trace."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--configfile", "--configfiles", nargs="+", type=Path, default=[])
    files = parser.parse_known_args(arguments)[0].configfile
    return next((file for file in files if not file.is_file()), None)


def _stop(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main(arguments: list[str]) -> int:
    """Exit status of Snakemake, as a shell would give it."""
    if file := missing_config(arguments):
        print(f"error: config file {file}: no such file", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, _stop)
    folder = Path.cwd().resolve()
    with only_run_here(folder):
        if jobs := cancel_jobs(folder):
            print(
                f"error: jobs of an earlier run do not end: {' '.join(sorted(jobs))}; see squeue, "
                "and start again when they are gone",
                file=sys.stderr,
            )
            return 1
        end_orphans(folder)
        if pid := foreign_run(folder):
            print(
                f"error: process {pid} is a Snakemake at work in this folder that was not started "
                "here; wait for its end, or end it, and start again",
                file=sys.stderr,
            )
            return 1
        shutil.rmtree(folder / ".snakemake" / "locks", ignore_errors=True)
        return _snakemake(arguments, folder)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
