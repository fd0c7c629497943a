"""Jobs run in the image of the key ``container``; a program of that name stands in for Apptainer."""

import os
import sys
from pathlib import Path

# Notes how it is called, and runs what it is given here instead of in an image.
APPTAINER = """#!/bin/sh
test "$1" = --version && { echo "apptainer version 1.3.4"; exit; }
echo "$@" >> calls
for command; do :; done
exec bash -c "$command"
"""


def test_jobs_run_in_the_image_if_so_asked(project, monkeypatch):
    programs = project.folder / "bin"
    programs.mkdir()
    (programs / "apptainer").write_text(APPTAINER)
    (programs / "apptainer").chmod(0o755)
    path = [str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(path))
    (project.folder / "heads.sif").touch()
    config = project.config(container="heads.sif")
    file = "results/simulated/train/sub-001/sub-001_mask.nii.gz"
    done = project.run("--sdm", "apptainer", "--cores", "1", file, config=config)
    assert done.returncode == 0, done.stdout[-3000:]
    (begun,) = (project.folder / "calls").read_text().splitlines()
    assert begun.startswith("exec ") and " heads.sif " in begun
    assert (project.folder / file).exists()
