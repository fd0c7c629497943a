"""Several shards in one job: the same store, and no shard is missed."""

import pytest

from .test_dag import plan

SEAL = "results/synthetic/simulated-magnitude/phasegen/kspace.zarr/zarr.json"


def content(store):
    return {
        file.relative_to(store): file.read_bytes() for file in store.rglob("*") if file.is_file()
    }


def test_jobs_follow_from_shards_per_job(project):
    planned = {"simulated-magnitude": 41, "simulated-raw": 9}
    config = project.config(
        planned=planned, ingest={"shards_per_job": 3}, synthesis={"shards_per_job": 5}
    )
    jobs, _ = plan(project, config=config)
    # 11 shards of 4 slices, of magnitudes and masks; 3 of raw data. Three sources have no network.
    assert (jobs["ingest"], jobs["synthesize"]) == (2 * 4 + 1, 3 * 4 + 3)


@pytest.mark.long
def test_stores_are_the_same_and_a_lost_shard_is_named(copy):
    store = (copy.folder / SEAL).parent
    before = content(store)
    config = copy.config(synthesis={"sources": ["phasegen"], "shards_per_job": 2})
    jobs, _ = plan(copy, SEAL, config=config)
    assert jobs == {"synthesize": 1, "seal_kspace": 1}
    done = copy.run(SEAL, config=config)
    assert done.returncode == 0, done.stdout
    assert content(store) == before
    (store / "c" / "1" / "0" / "0" / "0").unlink()
    lost = copy.run("--dry-run", config=config)
    assert lost.returncode == 1
    error = [line for line in lost.stdout.splitlines() if "error:" in line]
    assert len(error) == 1 and "kspace.zarr/c/1/0/0/0 is gone; delete" in error[0]
    first = store / "c" / "0" / "0" / "0" / "0"
    assert "phasegen/kspace.zarr/c/0/0/0/0, and" in error[0]
    first.unlink()
    done = copy.run(config=config)
    assert done.returncode == 0, done.stdout
    assert content(store) == before


def test_a_shard_of_another_job_is_refused(copy):
    shard = SEAL.replace("zarr.json", "c/1/0/0/0")
    (copy.folder / shard).unlink()
    config = copy.config(synthesis={"sources": ["phasegen"], "shards_per_job": 2})
    done = copy.run(shard, config=config)
    assert done.returncode == 1
    assert "error: shard 1 is made by the job of shard 0" in done.stdout
