"""What the README tells a user to type."""

import os
import re
import subprocess
import sys

import pytest

from phasegen.settings import read_cohorts

from .conftest import REPOSITORY
from .test_commands import DOCUMENTS

README = (REPOSITORY / "README.md").read_text()


def test_the_python_lines_open_a_store(finished):
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    check = "assert image.shape == kspace.shape[2:] and abs(image).max() > 0"
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    subprocess.run(
        [sys.executable, "-c", code + check], cwd=finished.folder, env=environment, check=True
    )


def test_the_shell_line_adds_a_cohort(tmp_path):
    (line,) = re.findall(r"^ +(printf .*)$", README, re.MULTILINE)
    table = tmp_path / "config" / "cohorts.tsv"
    table.parent.mkdir()
    table.write_bytes((REPOSITORY / "config" / "cohorts.tsv").read_bytes())
    subprocess.run(["sh", "-c", line], cwd=tmp_path, check=True)
    mine = read_cohorts(table)["mine"]
    assert (mine.role, mine.path) == ("magnitude", "/data/mine/**/*.nii.gz")
    assert re.search(mine.subject, "/data/mine/sub-01/anat/t1.nii.gz")["subject"] == "sub-01"


def test_every_picture_is_there():
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README)
    assert pictures
    assert all((REPOSITORY / picture).is_file() for picture in pictures)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path):
    for link in re.findall(r"\]\(([^)#\s]+)", path.read_text()):
        assert link.startswith("https://") or (path.parent / link).exists(), link
