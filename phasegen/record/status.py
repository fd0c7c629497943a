"""How far a run is, for a person to read: of a results folder that may be at work."""

import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from phasegen.errors import UserError
from phasegen.progress import duration
from phasegen.record.run_log import LOGS, Failure, RunLog, last_run
from phasegen.record.store_state import StoreState, store_states

LISTED = 10
"""Running and failed jobs that are named."""

COLUMNS = ("cohort", "store", "shards", "slices", "slices/s", "left")


def status(results: Path) -> list[str]:
    """Lines on the stores, on the run that was last at work here, and on what failed in it.

    Nothing is written and no lock is asked for, so that it may be called at any time.

    Raises:
        UserError: no such folder, or one without results.
    """
    if not results.is_dir():
        raise UserError(f"{results}: no such folder; name the folder of results of a run")
    if not any((results / name).is_dir() for name in ("logs", "cohorts", "synthetic")):
        raise UserError(f"{results} holds no results of a run")
    folder = run_folder(results)
    run = last_run(folder) if folder else None
    lines = _of_run(run, folder) if run else ["no log of a run was found beside these results"]
    lines += ["", *_table(store_states(results, run.started if run else 0))]
    if run:
        lines += _running(run, results, folder) + _failed(run, folder)
    return lines


def run_folder(results: Path) -> Path | None:
    """Folder in which Snakemake ran: the nearest above the results, else this one."""
    places = [*results.resolve().parents, Path.cwd()]
    return next((place for place in places if (place / LOGS).is_dir()), None)


def _of_run(run: RunLog, folder: Path) -> list[str]:
    began = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.started))
    return [
        f"run of {began}: {run.done} of {run.total} jobs done, {_state(run, folder)}",
        f"  {Path(run.command.partition(' ')[0]).name} {run.command.partition(' ')[2]}".rstrip(),
        f"  log: {os.path.relpath(run.file)}",
    ]


def _state(run: RunLog, folder: Path) -> str:
    ago = duration(max(time.time() - run.last_word, 0))
    if run.has_ended:
        return f"ended {ago} ago"
    if run.host not in ("", platform.node()):
        return f"on {run.host}, last word {ago} ago"
    if (pid := _process_of(folder)) is not None:
        return f"at work (process {pid}), last word {ago} ago"
    return f"cut short {ago} ago; start it again and it goes on"


def _process_of(folder: Path) -> int | None:
    """A Snakemake at work in ``folder``."""
    for process in psutil.process_iter():
        try:
            names = {Path(word).name for word in process.cmdline()}
            if process.cwd() == str(folder) and "snakemake" in names:
                return process.pid
        except psutil.Error:
            continue
    return None


def _table(states: Sequence[StoreState]) -> list[str]:
    if not states:
        return ["no store was begun yet"]
    rows = [COLUMNS, *map(_row, states)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _row(state: StoreState) -> tuple[str, ...]:
    shards = state.grid.shards if state.grid else "?"
    slices = "?" if state.slices is None else state.slices
    left = "-" if state.left is None else duration(state.left)
    if not state.is_sealed and state.slices == state.done:
        left = "to be sealed"
    return (
        state.cohort,
        state.name,
        f"{state.shards} of {shards}",
        f"{state.done} of {slices}",
        f"{state.rate:.3g}" if state.rate else "-",
        "sealed" if state.is_sealed else left,
    )


def _running(run: RunLog, results: Path, folder: Path) -> list[str]:
    if run.has_ended or not run.running:
        return []
    jobs = list(run.running.values())
    lines = ["", "begun and not ended:", *_listed([f"  {job}" for job in jobs])]
    told = [f"  {os.path.relpath(file)}: {_last_line(file)}" for file in _newest_logs(run, results)]
    return lines + (["their last words:", *told] if told else [])


def _newest_logs(run: RunLog, results: Path) -> list[Path]:
    """Logs of this run that jobs last wrote to, as many as there are running jobs."""
    times = {file: file.stat().st_mtime for file in (results / "logs").rglob("*.log")}
    recent = [file for file in times if times[file] >= run.started and file.stat().st_size]
    return sorted(recent, key=times.__getitem__)[-min(len(run.running), LISTED) :]


def _failed(run: RunLog, folder: Path) -> list[str]:
    if not run.failures:
        return []
    last_first = list(reversed(run.failures.values()))
    return ["", "failed, the last one first:", *_listed([_told(f, folder) for f in last_first])]


def _told(failure: Failure, folder: Path) -> str:
    log = folder / failure.log
    if not failure.log or not log.is_file():
        return f"  {failure.rule}: no log file; see the log of the run"
    return f"  {failure.rule}: {_error_in(log)}\n    log: {os.path.relpath(log)}"


def _error_in(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines()]
    errors = [line for line in lines if line.startswith("error: ")]
    return errors[0] if errors else _last_line(log)


def _last_line(file: Path) -> str:
    lines = file.read_text(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else "nothing yet"


def _listed(lines: list[str]) -> list[str]:
    more = [f"  and {len(lines) - LISTED} more"] if len(lines) > LISTED else []
    return lines[:LISTED] + more
