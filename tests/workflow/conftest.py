"""The workflow on a cohort that takes a minute, in a folder of its own."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import yaml
from filelock import FileLock

REPOSITORY = Path(__file__).parents[2]
TINY = Path(__file__).parent / "tiny.yaml"
PAPER = ("paper", "phase_quality", "sampling_steps", "model_card")
HEADER = "name\trole\treader\tpath\tmask\tsubject\tslices\n"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs every table and figure of the paper takes minutes, whoever asks for it first."""
    for item in items:
        if "tested" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.long)


class Project:
    """A user's folder: a cohort table, and the workflow run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.results = folder / "results"
        self.log = folder / "run.log"
        self.cohorts = folder / "cohorts.tsv"
        if not self.cohorts.exists():
            shutil.copy(REPOSITORY / "config" / "cohorts.tsv", self.cohorts)

    def copy(self, folder: Path) -> "Project":
        """The same project at another place, as far as it has come."""
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        return Project(folder)

    def config(self, **changes: dict) -> Path:
        """The tiny configuration with some keys changed, one section a keyword."""
        config = yaml.safe_load(TINY.read_text())
        for key, value in changes.items():
            is_section = isinstance(value, dict) and isinstance(config.get(key), dict)
            config[key] = config[key] | value if is_section else value
        path = self.folder / "changed.yaml"
        path.write_text(yaml.safe_dump(config, sort_keys=False))
        return path

    def command(
        self, *arguments: str, config: Path | list[Path] = TINY, snakefile: str = "Snakefile"
    ) -> list[str]:
        start = str(REPOSITORY / "workflow" / "start.py")
        words = ["--snakefile", str(REPOSITORY / snakefile), "--cores", "2", *arguments]
        configs = map(str, [config] if isinstance(config, Path) else config)
        return [sys.executable, start, *words, "--configfile", *configs]

    def run(
        self, *arguments: str, **options: str | Path | list[Path]
    ) -> subprocess.CompletedProcess:
        command = self.command(*arguments, **options)
        return subprocess.run(
            command,
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1800,
        )

    def start(self, *prefix: str) -> subprocess.Popen:
        """A run in a process group of its own, behind the words ``prefix``; its log is new."""
        self.log.unlink(missing_ok=True)
        with self.log.open("x") as log:
            return subprocess.Popen(
                [*prefix, *self.command()],
                cwd=self.folder,
                env=environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def checksums(self) -> dict[str, str]:
        """SHA-256 of every file that a run is for: stores, tables, the model, the record."""
        kept = [
            file
            for part in ("simulated", "cohorts", "phase_models", "synthetic", "tables")
            for file in sorted((self.results / part).rglob("*"))
            if file.is_file() and "checkpoints" not in file.parts
        ]
        names = [file.relative_to(self.folder).as_posix() for file in kept]
        sums = [hashlib.sha256(file.read_bytes()).hexdigest() for file in kept]
        return dict(zip(names, sums, strict=True))

    def unfinished(self) -> list[Path]:
        """What a writer that was cut short left behind."""
        return sorted(self.results.rglob("*.partial"))

    def processes(self) -> list[psutil.Process]:
        """Processes at work in this folder."""
        return [p for p in psutil.process_iter() if _folder_of(p) == str(self.folder.resolve())]


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "CI"}


def wait_until(
    condition: Callable[[], object], running: subprocess.Popen, seconds: float = 180
) -> None:
    """Wait for a moment of a run; fail once the run has ended without it."""
    end = time.monotonic() + seconds
    while not condition():
        assert running.poll() is None, "the run ended before the moment came"
        assert time.monotonic() < end, "the moment did not come"
        time.sleep(0.002)


def _folder_of(process: psutil.Process) -> str | None:
    try:
        return process.cwd()
    except psutil.Error:
        return None


@pytest.fixture(scope="session")
def make_project() -> type[Project]:
    """For fixtures that keep a project for longer than one test."""
    return Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project."""
    return Project(tmp_path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose workflow has run to its end; tests only read it, in whatever process."""
    return _run_once("finished", tmp_path_factory)


@pytest.fixture(scope="session")
def tested(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same with every table and figure of the paper; each process has it for itself."""
    whole = _run_once("tested", tmp_path_factory, *PAPER, start=finished)
    return whole.copy(tmp_path_factory.mktemp("tested"))


def _run_once(
    name: str,
    tmp_path_factory: pytest.TempPathFactory,
    *targets: str,
    start: Project | None = None,
) -> Project:
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with FileLock(f"{folder}.lock"):
        if start and not folder.exists():
            start.copy(folder)
        folder.mkdir(exist_ok=True)
        project = Project(folder)
        # The first process runs it; to all others it says that nothing is to be done.
        done = project.run(*targets)
    assert done.returncode == 0, done.stdout[-3000:]
    return project


@pytest.fixture
def copy(finished: Project, tmp_path: Path) -> Iterator[Project]:
    """A finished project of the test's own; what still runs in it afterwards is ended."""
    project = finished.copy(tmp_path)
    yield project
    for process in project.processes():
        process.kill()
