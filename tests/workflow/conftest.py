"""The workflow on a cohort that takes a minute, in a folder of its own."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
TINY = Path(__file__).parent / "tiny.yaml"


class Project:
    """A user's folder: a cohort table, and the workflow run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.results = folder / "results"
        shutil.copy(REPOSITORY / "config" / "cohorts.tsv", folder / "cohorts.tsv")

    def command(self, *arguments: str, config: Path = TINY) -> list[str]:
        start = str(REPOSITORY / "workflow" / "start.py")
        snakefile = str(REPOSITORY / "Snakefile")
        words = ["--snakefile", snakefile, "--cores", "2", *arguments, "--configfile", str(config)]
        return [sys.executable, start, *words]

    def run(self, *arguments: str, config: Path = TINY) -> subprocess.CompletedProcess:
        command = self.command(*arguments, config=config)
        environment = {name: value for name, value in os.environ.items() if name != "CI"}
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=600
        )

    def checksums(self) -> dict[str, str]:
        """SHA-256 of every file that a run is for: stores, tables, the model, the record."""
        kept = [
            file
            for part in ("simulated", "cohorts", "phase_model", "synthetic", "tables")
            for file in sorted((self.results / part).rglob("*"))
            if file.is_file() and "checkpoints" not in file.parts
        ]
        names = [file.relative_to(self.folder).as_posix() for file in kept]
        sums = [hashlib.sha256(file.read_bytes()).hexdigest() for file in kept]
        return dict(zip(names, sums, strict=True))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project."""
    return Project(tmp_path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose workflow has run to its end; tests only read it."""
    project = Project(tmp_path_factory.mktemp("finished"))
    done = project.run()
    assert done.returncode == 0, done.stderr[-3000:]
    return project
