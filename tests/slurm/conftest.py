"""A SLURM of one node, and the workflow run through it by the profile that users have."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import yaml

from ..workflow.conftest import REPOSITORY, Project

HERE = Path(__file__).parent
PROFILE = REPOSITORY / "profiles" / "slurm"
TARGETS = ("results/phase_models/small/model.safetensors", "results/tables/summary.csv")

# The profile's own, but for the memory that it asks for at the paper's size, and with GPUs for jobs
# that compute on the CPU here.
NEEDS = {
    "train_phase": {"mem_mb": "1000 * attempt", "runtime": "10 * attempt", "gpu": 1},
    "synthesize": {"mem_mb": "1000 * attempt", "gpu": "int(wildcards.source == 'phasegen')"},
    "ingest": {"mem_mb": "1000 * attempt"},
}


def on_slurm() -> list[str]:
    """Options of a run by the profile, with what a site would say of its own."""
    needs = yaml.safe_load((PROFILE / "config.yaml").read_text())["set-resources"]
    own = {rule: needs.get(rule, {}) | NEEDS.get(rule, {}) for rule in needs.keys() | NEEDS.keys()}
    words = [f"{rule}:{name}={v}" for rule, values in own.items() for name, v in values.items()]
    return [
        *("--workflow-profile", str(PROFILE)),
        *("--slurm-partition-config", str(HERE / "partitions.yaml")),
        *("--slurm-init-seconds-before-status-checks", "5", "--latency-wait", "10"),
        *("--set-resources", *words),
    ]


class Run(Project):
    """A folder in which the workflow is run, here or through SLURM."""

    def __init__(self, folder: Path, *options: str) -> None:
        shutil.copy(HERE / "cohorts.tsv", folder)
        super().__init__(folder)
        if not (folder / "resources").exists():
            (folder / "resources").symlink_to(REPOSITORY / "resources")
        self.options = options

    def command(self, *arguments: str, **_: object) -> list[str]:
        words = super().command(*self.options, *arguments, config=HERE / "run.yaml")
        return [*words, "--", *TARGETS]

    def copy_without(self, folder: Path, *parts: str, options: list[str]) -> "Run":
        """As far as it has come, but for some folders of its results."""
        self.copy(folder)
        for part in parts:
            shutil.rmtree(folder / "results" / part)
        return Run(folder, *options)

    def finish(self) -> dict[str, str]:
        """Run to the end; the checksums of all that it is for."""
        launcher = self.start()
        try:
            assert launcher.wait(900) == 0, self.log.read_text()[-5000:]
        finally:
            for process in self.processes() if launcher.poll() is None else []:
                process.kill()
        return self.checksums()

    def jobs(self) -> dict[int, str]:
        """Rule of every job that the log says was given to SLURM, by its number there."""
        found = re.findall(r"SLURM jobid (\d+) \(log: \S*?/(rule_\w+)/", self.log.read_text())
        return {int(number): name for number, name in found}

    def job_of(self, name: str) -> int | None:
        """Number of the last job of a rule."""
        return max((number for number, own in self.jobs().items() if own == name), default=None)

    def process_of(self, rule: str) -> psutil.Process | None:
        """The process that computes a rule's script."""
        for process in self.processes():
            try:
                if any(word.endswith(f".{rule}.py") for word in process.cmdline()):
                    return process
            except psutil.Error:
                continue
        return None


class Slurm:
    """What a user of the cluster can do and see."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.node = self("sinfo", "-h", "-o", "%N").strip()

    def __call__(self, *words: str) -> str:
        return subprocess.run(
            words, check=True, stdout=subprocess.PIPE, text=True, timeout=60
        ).stdout

    def state(self, job: int | None) -> str:
        """PENDING, RUNNING and so on."""
        return (
            self("squeue", "-h", "-o", "%T", "--states=all", f"--jobs={job}").strip() if job else ""
        )

    def completed(self, folder: Path) -> dict[int, dict[str, str]]:
        """What SLURM's own log says of every job that was started in a folder and has ended."""
        file = self.folder / "completed"
        lines = file.read_text().splitlines() if file.exists() else []
        jobs = [dict(re.findall(r"(\w+)=(\S*)", line)) for line in lines]
        return {int(job["JobId"]): job for job in jobs if job["WorkDir"] == str(folder)}

    def wait_for(self, run: Run, launcher: subprocess.Popen, name: str) -> int:
        """Number of the job of a rule, as soon as it runs."""
        soon(lambda: self.state(run.job_of(name)) == "RUNNING", launcher)
        return run.job_of(name)


def soon(condition: Callable[[], object], launcher: subprocess.Popen | None = None) -> None:
    """Wait for a moment of a run that has not ended, without keeping the machine busy."""
    end = time.monotonic() + 180
    while not condition():
        assert launcher is None or launcher.poll() is None, "the run ended before the moment came"
        assert time.monotonic() < end, "the moment did not come"
        time.sleep(0.2)


@pytest.fixture(scope="session")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    """The cluster, for as long as its guard's input is open."""
    folder = tmp_path_factory.mktemp("slurm")
    with subprocess.Popen(
        [sys.executable, str(HERE / "cluster.py"), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as guard:
        said = guard.stdout.readline()
        if said != "ready\n":
            pytest.fail(said + guard.stdout.read())
        yield Slurm(folder)
        guard.stdin.close()
        assert guard.wait(120) == 0


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on two cores of this machine, which tests copy."""
    run = Run(tmp_path_factory.mktemp("here"), "--cores", "2")
    run.finish()
    return run
