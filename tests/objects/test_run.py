"""The workflow with its results in a bucket, through Snakemake's own plugin."""

import nibabel
import numpy as np
import pytest

from phasegen.cli import main
from phasegen.seeds import generator

from ..workflow.conftest import HEADER, REPOSITORY, Project

pytestmark = pytest.mark.objects

PREFIX = "name"
SHARD = "results/synthetic/heads/naive/kspace.zarr/c/1/0/0/0"
ON_S3 = ("--workflow-profile", str(REPOSITORY / "profiles" / "s3"))
ON_S3 += ("--default-storage-prefix", f"s3://bucket/{PREFIX}")


@pytest.fixture(scope="module")
def volume(tmp_path_factory):
    """Six slices of one head."""
    path = tmp_path_factory.mktemp("heads") / "sub-01" / "head.nii.gz"
    path.parent.mkdir()
    values = generator(1, "head").uniform(0.1, 1, (32, 32, 6)).astype(np.float32)
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), path)
    return path


@pytest.fixture
def make(volume, tmp_path):
    """A user's folder with that head, by name; its configuration makes two shards of each store."""

    def project(name, **changes):
        folder = tmp_path / name
        folder.mkdir()
        made = Project(folder)
        row = f"heads\tmagnitude\tnifti\t{volume}\t\t/(?P<subject>sub-[0-9]+)/\n"
        made.cohorts.write_text(HEADER.rstrip("\n") + "\n" + row.rstrip("\n") + "\t\n")
        changes = {"synthesis": {"sources": ["naive"]}, "skull_strip": {"test": []}} | changes
        return made, made.config(reconstruction={"test": []}, **changes)

    return project


def stores(files):
    """Files of stores, by their name as seen from the folder of the run."""
    return {name: content for name, content in files.items() if ".zarr/" in name}


def local_files(project):
    files = [file for file in project.results.rglob("*") if file.is_file()]
    return {file.relative_to(project.folder).as_posix(): file.read_bytes() for file in files}


def in_bucket(bucket):
    found = bucket.objects(f"{PREFIX}/")
    return {key.removeprefix(f"{PREFIX}/"): content for key, content in found.items()}


def test_a_run_that_is_cut_ends_with_the_bytes_of_a_local_one(make, bucket, proxy):
    project, config_of_cut = make("cut")
    proxy.order("PUT", SHARD, after=1000, times=1000)
    broken = project.run(*ON_S3, "--retries", "0", config=config_of_cut)
    assert broken.returncode != 0 and proxy.cut, broken.stdout[-3000:]
    assert set(proxy.cut) == {("PUT", f"/bucket/{PREFIX}/{SHARD}")}
    assert SHARD not in in_bucket(bucket)

    proxy.forget()
    proxy.order("PUT", SHARD, after=1000)
    done = project.run(*ON_S3, config=config_of_cut)
    assert done.returncode == 0, done.stdout[-3000:]
    assert len(proxy.cut) == 1
    found = stores(in_bucket(bucket))

    local, config = make("local")
    targets = [name for name in found if name.endswith("zarr.json")]
    assert len(targets) == 2
    done = local.run(*targets, config=config)
    assert done.returncode == 0, done.stdout[-3000:]
    due = stores(local_files(local))
    assert found.keys() == due.keys()
    assert [name for name in due if found[name] != due[name]] == []

    assert "Nothing to be done" in project.run(*ON_S3, "--dry-run", config=config_of_cut).stdout
    bucket.delete(f"{PREFIX}/{SHARD}")
    again = project.run(*ON_S3, config=config_of_cut)
    assert again.returncode == 0, again.stdout[-3000:]
    assert stores(in_bucket(bucket)) == due

    url = f"s3://bucket/{PREFIX}/results"
    kspace = f"{url}/synthetic/heads/naive/kspace.zarr"
    assert main(["verify", kspace, "--magnitude", f"{url}/cohorts/heads/magnitude.zarr"]) == 0


@pytest.mark.parametrize(
    ("words", "changes", "key"),
    [
        ((), {"ingest": {"size": 32, "shards_per_job": 2}}, "ingest.shards_per_job"),
        (("table1",), {}, "table1"),
        (
            (),
            {"synthesis": {"sources": ["phasegen"], "model": "small"}},
            "phase_models.small.weights",
        ),
    ],
)
def test_what_a_bucket_cannot_hold_is_refused_before_work(make, bucket, proxy, words, changes, key):
    project, config = make("refused", **changes)
    proxy.forget()
    done = project.run(*ON_S3, *words, config=config)
    assert done.returncode == 1
    errors = [line for line in done.stdout.splitlines() if line.startswith("error:")]
    assert len(errors) == 1 and errors[0].startswith(f"error: {key}")
    assert bucket.objects() == {}


def test_files_of_cohorts_stay_on_this_machine(tmp_path, bucket, proxy):
    project = Project(tmp_path)
    config = project.config(synthesis={"sources": ["none"]})
    done = project.run(*ON_S3, "--summary", config=config)
    assert done.returncode == 0, done.stdout[-3000:]
    outputs = [line.split("\t")[0] for line in done.stdout.splitlines() if "\t" in line]
    simulated = [name for name in outputs if "results/simulated/convert/" in name]
    assert simulated and all(name.startswith("results/") for name in simulated), outputs
    ingested = [name for name in outputs if "results/cohorts/" in name]
    assert ingested and not [name for name in ingested if name.startswith("results/")], outputs


def test_lint_is_content(tmp_path, bucket, proxy):
    project = Project(tmp_path)
    config = project.config(synthesis={"sources": ["none"]})
    done = project.run(*ON_S3, "--lint", config=config)
    assert "in a good condition" in done.stdout, done.stdout[-3000:]
