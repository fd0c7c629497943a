"""A cohort in the folder of a public data set has it fetched, once, and a dead URL stops nothing."""

import gzip
import io
import json
import re
import subprocess
import zipfile

import nibabel
import numpy as np
import pytest

from ..file_server import Fault, serving
from .conftest import HEADER, REPOSITORY, environment, wait_until

PLAN = "results/cohorts/heads/plan.json"
ROW = "heads\tmagnitude\tnifti\tdata/heads/heads/*w.nii.gz\t{mask}\t/(?P<subject>sub-\\d+)_\t\n"
MASK = "data/heads/heads/{subject}_mask.nii.gz"


def nifti(values):
    image = nibabel.Nifti1Image(values, np.diag([6.0, 6.0, 5.0, 1.0]))
    return gzip.compress(image.to_bytes(), compresslevel=1)


@pytest.fixture(scope="module")
def heads():
    """An archive of two heads with masks, some megabytes of it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number in (1, 2):
            head = np.random.default_rng(number).uniform(0.1, 1, (64, 64, 60)).astype(np.float32)
            archive.writestr(f"sub-{number}_T1w.nii.gz", nifti(head))
            archive.writestr(f"sub-{number}_mask.nii.gz", nifti((head > 0.5).astype(np.uint8)))
    return content.getvalue()


def set_up(project, url, page="", mask=MASK):
    project.cohorts.write_text(HEADER + ROW.format(mask=mask))
    registry = project.folder / "datasets.tsv"
    registry.write_text(f"name\tfile\turl\tpage\nheads\theads.zip\t{url}\t{page}\n")
    return project.config(datasets={"folder": "data", "registry": "datasets.tsv"})


@pytest.mark.long
def test_a_killed_download_goes_on_and_then_needs_no_server(project, heads):
    with serving() as server:
        server.files["heads.zip"], server.tags["heads.zip"] = heads, '"heads"'
        config = set_up(project, server.url("heads.zip"))
        server.faults = [Fault(stall_after=2 * len(heads) // 3)]
        killed_during_the_download(project, config, len(heads) // 2)
        server.released.set()
        before = server.served
        done = project.run(PLAN, config=config)
        assert done.returncode == 0, done.stdout[-3000:]
        assert server.served - before < 0.6 * len(heads), "it went on from the part"
        asked = len(server.asked)
    assert json.loads((project.folder / PLAN).read_text())["slices"] == 120
    assert not list((project.folder / "data" / "heads").glob(".*"))
    idle = project.run(PLAN, config=config)
    assert "Nothing to be done" in idle.stdout
    # Looked through again, as after a change of the code, with the server gone.
    again = project.run(PLAN, "--forcerun", "retrieve", config=config)
    assert again.returncode == 0, again.stdout[-3000:]
    assert asked == 2


def killed_during_the_download(project, config, size):
    """Kill a run, and all that it started, once so many bytes have arrived."""
    command = project.command(PLAN, config=config)
    words = {"cwd": project.folder, "env": environment(), "stdout": subprocess.DEVNULL}
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL, **words)

    def has_arrived():
        parts = (project.folder / "data" / "heads").glob(".*.part")
        return any(part.stat().st_size >= size for part in parts)

    wait_until(has_arrived, running)
    for process in project.processes():
        process.kill()
    running.wait()
    assert not (project.folder / "data" / "heads" / "heads").exists()
    assert not (project.folder / "data" / "heads.retrieved.json").exists()


def test_data_by_agreement_are_asked_for_by_name(project, heads):
    config = set_up(project, "by agreement", page="https://example.org/apply", mask="")
    refused = project.run(PLAN, config=config)
    assert refused.returncode == 1
    (line,) = {line for line in refused.stdout.splitlines() if line.startswith("error: ")}
    home = project.folder / "data" / "heads"
    for word in ("https://example.org/apply", str(home), "heads.zip"):
        assert word in line
    assert not (project.folder / PLAN).exists()
    home.mkdir(parents=True)
    (home / "heads.zip").write_bytes(heads)
    done = project.run(PLAN, config=config)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "Nothing to be done" in project.run("--dry-run", PLAN, config=config).stdout


def test_a_faulty_registry_is_one_line(project):
    config = set_up(project, "nowhere")
    refused = project.run("--dry-run", PLAN, config=config)
    assert refused.returncode == 1
    (line,) = [line for line in refused.stdout.splitlines() if "error" in line.lower()]
    assert line.startswith("error: data sets datasets.tsv, row 'heads': url: ")


def test_the_demo_retrieves_nothing(project):
    # Its table of cohorts and its weights lie in the repository.
    for name in ("config", "resources"):
        (project.folder / name).symlink_to(REPOSITORY / name)
    planned = project.run("--dry-run", config=REPOSITORY / "config" / "config.yaml")
    assert planned.returncode == 0, planned.stdout[-3000:]
    assert re.search(r"^simulate +\d+$", planned.stdout, re.MULTILINE)
    assert not re.search(r"^retrieve +\d+$", planned.stdout, re.MULTILINE)
