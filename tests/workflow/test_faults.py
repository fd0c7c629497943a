"""A conversion that is killed, runs out of disk, meets a damaged file: nothing is lost."""

import os
import re
import shutil
import signal
import subprocess
import time

import nibabel
import numpy as np
import pytest

from .conftest import HEADER

pytestmark = pytest.mark.long

VOLUMES, SLICES = 3, 4
CONVERSION = {
    "ingest": {"size": 32, "slices_per_shard": 4},
    "synthesis": {"sources": ["none", "naive"]},
}


class Conversion:
    """A project that converts volumes to two stores, several shards each."""

    def __init__(self, project):
        self.project = project
        for number in range(VOLUMES):
            file = project.folder / f"v{number}.nii.gz"
            if not file.exists():
                values = np.random.default_rng(number).uniform(0, 9, (30, 28, SLICES))
                nibabel.save(nibabel.Nifti1Image(values.astype(np.float32), np.eye(4)), file)
        project.cohorts.write_text(HEADER + "heads\tmagnitude\tnifti\t*.nii.gz\t\t\t\n")
        self.config = project.config(**CONVERSION)

    def start(self):
        return subprocess.Popen(
            self.project.command(config=self.config),
            cwd=self.project.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def run(self):
        return self.project.run(config=self.config)

    def finish(self):
        done = self.run()
        assert done.returncode == 0, done.stdout[-3000:]
        assert not self.project.unfinished()
        return self.project.checksums()


@pytest.fixture
def conversion(project):
    """One that has not begun."""
    yield Conversion(project)
    for process in project.processes():
        process.kill()


class Undisturbed:
    """A conversion that nothing befell, and the seconds that it took."""

    def __init__(self, folder, make_project):
        start = time.monotonic()
        self.conversion = Conversion(make_project(folder))
        self.checksums = self.conversion.finish()
        self.seconds = time.monotonic() - start


@pytest.fixture(scope="module")
def undisturbed(make_project, tmp_path_factory):
    return Undisturbed(tmp_path_factory.mktemp("undisturbed"), make_project)


@pytest.fixture
def finished_one(undisturbed, tmp_path):
    """A copy of it, to damage."""
    return Conversion(undisturbed.conversion.project.copy(tmp_path))


def shard_of(conversion, source="none"):
    store = conversion.project.results / "synthetic" / "heads" / source / "kspace.zarr"
    return store / "c" / "2" / "0" / "0" / "0"


@pytest.mark.parametrize("kills", [2, pytest.param(50, marks=pytest.mark.slow)])
def test_killed_at_random_moments(conversion, undisturbed, kills):
    checksums = undisturbed.checksums
    random = np.random.default_rng(kills)
    rounds = 0
    while kills:
        running = conversion.start()
        try:
            running.wait(random.uniform(0, undisturbed.seconds))
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            kills -= 1
            continue
        assert conversion.finish() == checksums
        shutil.rmtree(conversion.project.results)
        rounds += 1
    assert conversion.finish() == checksums
    print(f"{rounds + 1} conversions")


def test_a_disk_that_is_full(conversion, undisturbed):
    results = conversion.project.results
    results.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(results)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        full = conversion.run()
        assert full.returncode == 1
        # In our words, or in Snakemake's where its own file of a job's duration is the last straw.
        assert re.search(r"no space (is )?left on", full.stdout, re.IGNORECASE)
        assert "Traceback" not in full.stdout
        assert not conversion.project.unfinished()
        subprocess.run(["mount", "-o", "remount,size=30m", str(results)], check=True)
        assert conversion.finish() == undisturbed.checksums
    finally:
        subprocess.run(["umount", "-l", str(results)], check=True)


def test_an_unreadable_file_in_the_middle(conversion, undisturbed):
    file = conversion.project.folder / "v1.nii.gz"
    whole, moments = file.read_bytes(), file.stat()
    file.write_bytes(whole[: len(whole) // 2])
    refused = conversion.run()
    assert refused.returncode == 1
    assert "error: cohort 'heads': v1.nii.gz: truncated" in refused.stdout
    file.write_bytes(whole)
    os.utime(file, ns=(moments.st_atime_ns, moments.st_mtime_ns))
    assert conversion.finish() == undisturbed.checksums


def test_shards_damaged_after_the_run(finished_one, undisturbed):
    conversion = finished_one
    flipped, truncated = shard_of(conversion, "none"), shard_of(conversion, "naive")
    content = bytearray(flipped.read_bytes())
    content[len(content) // 2] ^= 1
    flipped.write_bytes(content)
    truncated.write_bytes(truncated.read_bytes()[:-100])
    told = conversion.project.run("--keep-going", config=conversion.config)
    assert told.returncode == 1
    for shard in (flipped, truncated):
        name = shard.relative_to(conversion.project.folder)
        assert f"error: {name} cannot be read" in told.stdout
        shard.unlink()
    assert conversion.finish() == undisturbed.checksums


def test_a_shard_deleted_after_the_run(finished_one, undisturbed):
    conversion = finished_one
    shard_of(conversion).unlink()
    assert conversion.finish() == undisturbed.checksums


def test_two_runs_at_once(conversion, undisturbed):
    first, second = conversion.start(), conversion.start()
    assert (first.wait(120), second.wait(120)) == (0, 0)
    assert conversion.finish() == undisturbed.checksums
