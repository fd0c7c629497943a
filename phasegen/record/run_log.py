"""What Snakemake's own log says of a run: its jobs, the last failures, whether it has ended."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

LOGS = Path(".snakemake") / "log"
NAME = re.compile(r"(\d{4}-\d\d-\d\dT\d{6}\.\d+)\.snakemake\.log")
BEGUN = re.compile(r"Job (\d+): (.*)")
RULE = re.compile(r"(?:local)?(?:rule|checkpoint) (\w+):")
ENDED = re.compile(r"Finished jobid: (\d+)")
STEPS = re.compile(r"(\d+) of (\d+) steps \(.*\) done")
FAILED = re.compile(r"Error in (?:rule|checkpoint) (\w+)[:,]")
TOTAL = re.compile(r"total +(\d+)")
FACT = re.compile(r" +(jobid|log): (.*)")
HEADER = re.compile(r"  (Host|Command): (.*)")
LAST = "Complete log(s): "


@dataclass
class Failure:
    """A job that failed, and its log file, relative to the folder of the run."""

    rule: str
    log: str = ""


@dataclass
class RunLog:
    """A run, as far as its log goes."""

    file: Path
    command: str = ""
    host: str = ""
    done: int = 0
    total: int = 0
    has_ended: bool = False
    running: dict[int, str] = field(default_factory=dict)
    """What jobs do that were begun and have not ended, by their number."""
    failures: dict[int, Failure] = field(default_factory=dict)
    """Failed jobs that did not end well afterwards, the last one last."""

    @property
    def started(self) -> float:
        """When it began [s since 1970]."""
        return datetime.strptime(
            NAME.fullmatch(self.file.name)[1], "%Y-%m-%dT%H%M%S.%f"
        ).timestamp()

    @property
    def last_word(self) -> float:
        """When it wrote its last line [s since 1970]."""
        return self.file.stat().st_mtime


def last_run(folder: Path) -> RunLog | None:
    """The last run in ``folder`` that had jobs to do; None without one."""
    files = [file for file in (folder / LOGS).glob("*") if NAME.fullmatch(file.name)]
    for file in sorted(files, reverse=True):
        run = read_log(file)
        if run.total:
            return run
    return None


def read_log(file: Path) -> RunLog:
    """A log as far as it is written; lines that mean nothing here are passed over."""
    run = RunLog(file)
    rule, failed = "", False
    with file.open(errors="replace") as lines:
        for line in map(str.rstrip, lines):
            if match := RULE.fullmatch(line):
                rule, failed = match[1], False
            elif match := FAILED.match(line):
                rule, failed = match[1], True
            elif match := FACT.fullmatch(line):
                _fact(run, rule, failed, *match.groups())
            else:
                _event(run, line)
    return run


def _fact(run: RunLog, rule: str, failed: bool, name: str, value: str) -> None:
    """An indented line below the name of a rule."""
    if name == "jobid" and failed:
        run.running.pop(int(value), None)
        # Put last, also where the job has failed before.
        run.failures.pop(int(value), None)
        run.failures[int(value)] = Failure(rule)
    elif name == "jobid":
        run.running[int(value)] = rule
    elif failed and run.failures:
        next(reversed(run.failures.values())).log = value.partition(" (")[0].partition(", ")[0]


def _event(run: RunLog, line: str) -> None:
    if match := BEGUN.fullmatch(line):
        run.running[int(match[1])] = match[2]
    elif match := ENDED.match(line):
        run.running.pop(int(match[1]), None)
        run.failures.pop(int(match[1]), None)
    elif match := STEPS.fullmatch(line):
        run.done, run.total = int(match[1]), int(match[2])
    elif match := TOTAL.fullmatch(line):
        run.total = max(run.total, int(match[1]))
    elif match := HEADER.fullmatch(line):
        setattr(run, match[1].lower(), match[2])
    elif line.startswith(LAST):
        run.has_ended = True
