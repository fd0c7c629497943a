"""Run Snakemake in this folder, one run at a time, whatever became of the last one.

A run holds a lock that the kernel frees when the run dies, so a lock that is held means
a living run: this one then waits for its end. With the lock in hand every process that
still carries this folder's mark is an orphan of a dead run, and is ended; after that
what Snakemake's own lock says is stale. All arguments are handed on to Snakemake.
"""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

MARK = "PHASEGEN_RUN_FOLDER"


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
    orphans = [process for process in psutil.process_iter() if _is_marked(process, folder)]
    for process in orphans:
        print(f"ending process {process.pid}, left behind by a run that died", file=sys.stderr)
        # No need to ask: nothing that a step writes is taken for good before it is whole.
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(orphans)


def foreign_run(folder: Path) -> int | None:
    """Process number of a Snakemake that somebody started in ``folder`` by hand."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cwd() == str(folder) and any(
                "snakemake" in word for word in process.cmdline()
            ):
                return process.pid
    return None


def _is_marked(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.environ().get(MARK) == str(folder)
    except psutil.Error:
        return False


def main(arguments: list[str]) -> int:
    """Exit status of Snakemake."""
    folder = Path.cwd().resolve()
    with only_run_here(folder):
        end_orphans(folder)
        if pid := foreign_run(folder):
            print(f"error: Snakemake (process {pid}) is at work in this folder", file=sys.stderr)
            return 1
        environment = os.environ | {MARK: str(folder)}
        snakemake = [sys.executable, "-m", "snakemake"]
        if any((folder / ".snakemake" / "locks").glob("*")):
            subprocess.run([*snakemake, "--unlock"], env=environment, check=True)
        return subprocess.run([*snakemake, *arguments], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
