"""Every command of the README and the other documents is run.

Commands in blocks of code are run as they stand, one document after the other in one folder; one with
the comment ``# long`` as a dry run, or for its help alone. Commands within a sentence or a table are
looked at as if they were long. ``/data/`` is a folder of the test's own.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest

from phasegen.cli import main

from .conftest import REPOSITORY, environment

pytestmark = pytest.mark.long

DOCUMENTS = [
    REPOSITORY / "README.md",
    REPOSITORY / "CONTRIBUTING.md",
    *sorted((REPOSITORY / "docs").glob("*.md")),
]
OURS = ("make", "snakemake", "phasegen", "ruff", "python")
OTHERS = {"printf", "mkdir", "cp", "ls"}
# Programs that need not be there; what they are said to show is tested in tests/export.
FOREIGN = {"bart"}
LISTED = ("Snakefile", "workflow", "resources", "benchmarks")
LISTED += ("Makefile", "pyproject.toml", "requirements.lock")


class Command:
    """A line of a document: its words, and whether it takes long."""

    def __init__(self, line, in_text=False):
        self.line, _, comment = (part.strip() for part in line.partition("  #"))
        self.is_long = in_text or comment.startswith("long")
        words = shlex.split(self.line)
        self.program = words[0].removeprefix(".venv/bin/")
        self.words = [self.program, *words[1:]]

    def __repr__(self):
        return self.line


def program_of(line):
    first = (line.split() or [""])[0].removeprefix(".venv/bin/")
    return first if re.fullmatch(r"[a-z]+", first) else ""


def in_blocks(text):
    """Lines of indented and fenced blocks that begin with a program."""
    fence, was_blank, is_block = None, True, False
    for line in text.splitlines():
        if line.startswith("```"):
            fence = line[3:] if fence is None else None
            continue
        indented = line.startswith("    ")
        is_block = indented and (was_blank or is_block)
        was_blank = not line.strip()
        shown = fence in ("", "sh", "bash") if fence is not None else is_block
        if shown and program_of(line) in {*OURS, *OTHERS, *FOREIGN}:
            yield Command(line.strip())


def in_sentences(text):
    """Code within sentences and tables that is a command with arguments."""
    for code in re.findall(r"(?<!`)`([^`]+)`(?!`)", text):
        words = code.split()
        if len(words) > 1 and program_of(code) in OURS:
            yield Command(" ".join(words), in_text=True)


COMMANDS = {
    path: [*in_blocks(path.read_text()), *in_sentences(path.read_text())] for path in DOCUMENTS
}
EVERY = [command for commands in COMMANDS.values() for command in commands]


@pytest.fixture(scope="module")
def clone(finished, make_project, tmp_path_factory):
    """What a user has who is in a clone and has run the workflow."""
    project = finished.copy(tmp_path_factory.mktemp("clone"))
    for name in LISTED:
        (project.folder / name).symlink_to(REPOSITORY / name)
    for name in ("config", "profiles"):
        shutil.copytree(REPOSITORY / name, project.folder / name)
    (project.folder / ".venv").mkdir()
    (project.folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    volume = np.random.default_rng(0).uniform(size=(32, 32, 2)).astype(np.float32)
    for name in ("head.nii.gz", "data/mine/sub-1/t1.nii.gz"):
        (project.folder / name).parent.mkdir(parents=True, exist_ok=True)
        nibabel.save(nibabel.Nifti1Image(volume, np.eye(4)), project.folder / name)
    return project.folder


def shell(line, folder):
    own = environment() | {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}
    own["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), own["PATH"]])
    done = subprocess.run(
        ["sh", "-c", line], cwd=folder, env=own, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, f"{line}\n{(done.stdout + done.stderr)[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def failures(clone):
    """What the short commands of each document have ended with, if not well."""
    found = {}
    for path, commands in COMMANDS.items():
        for command in commands:
            if command.is_long or command.program in FOREIGN:
                continue
            try:
                shell(command.line.replace("/data/", f"{clone}/data/"), clone)
            except AssertionError as error:
                found.setdefault(path, []).append(str(error))
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_short_commands_run(failures, path):
    assert path not in failures, failures[path]


def of(*programs):
    found = [c for c in EVERY if c.is_long and c.program in programs]
    assert found
    return found


def test_every_target_of_make_is_there(clone):
    words = sorted({word for command in of("make") for word in command.words[1:]})
    shell(shlex.join(["make", "--dry-run", *words]), clone)


@pytest.mark.parametrize("command", of("phasegen"), ids=str)
def test_every_subcommand_has_its_options(command, capsys):
    name, *rest = command.words[1:]
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    for option in (word for word in rest if word.startswith("-")):
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", text), f"{name} has no {option}"


def plans():
    """Targets and options of all long runs of the workflow, by their configuration files."""
    found = {}
    for command in of("snakemake", "python"):
        words = command.words[1:]
        if command.program == "python":
            script, *words = words
            if script != "workflow/start.py":
                continue
        files, options, targets = parted(words)
        found.setdefault((tuple(files), tuple(options)), set()).update(targets)
    return found


def parted(words):
    """Configuration files, other options with their values, and targets."""
    files, options, targets = [], [], []
    place = targets
    for word in words:
        if word == "--configfile":
            place = files
        elif word in ("--cores", "--config", "--resources"):
            place = options
            options.append(word)
        elif word == "--workflow-profile":
            # Where it runs is no part of the plan; that of SLURM is tested in tests/slurm.
            place = None
        elif word == "--report":
            # Nothing is planned for it.
            return [], [], []
        elif word == "--":
            place = targets
        elif word.startswith("-"):
            assert word in ("-n", "--dry-run"), word
            place = targets
        elif place is None:
            place = targets
        elif place is files and word.endswith(".yaml"):
            files.append(word)
        elif place is options and options[-1].startswith("--"):
            options.append(word)
        else:
            targets.append(word)
    cores = [place for place, word in enumerate(options) if word == "--cores"]
    for place in reversed(cores):
        del options[place : place + 2]
    return files, options, targets


@pytest.mark.parametrize(("files", "options"), plans(), ids=str)
def test_every_run_is_planned(clone, failures, files, options):
    """All targets that documents name with one configuration, in one plan."""
    words = ["snakemake", "--dry-run", *sorted(plans()[files, options]), *options]
    if files:
        words += ["--configfile", *files]
    assert not failures
    shell(shlex.join(words), clone)


def test_every_other_program_has_help(clone):
    beginnings = {" ".join(command.words[:2]) for command in of("python", "ruff")}
    for beginning in beginnings - {"python workflow/start.py"}:
        shell(f"{beginning.replace('-m', '-m pytest')} --help", clone)


def test_all_documents_are_read():
    assert {"README.md", "reproduce.md", "own_data.md"} <= {path.name for path in DOCUMENTS}
    assert sum(not command.is_long for command in EVERY) > 8
    assert sum(command.is_long for command in EVERY) > 20


def test_a_command_that_is_wrong_is_found(clone):
    for line in ("phasegen verify nowhere.zarr", "make --dry-run nothing"):
        with pytest.raises(AssertionError, match=line):
            shell(line, clone)
