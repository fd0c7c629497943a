"""Volumes to slices of one size: any cut into shards, any turn, every bad file named."""

import nibabel
import numpy as np
import pandas as pd
import pytest

from phasegen.paths import Grid
from phasegen.settings import Cohort
from phasegen.sources.base import BadCohort
from phasegen.steps.ingest import ingest
from phasegen.steps.scan import scan_cohort
from phasegen.steps.seal import seal_cohort
from phasegen.store.reading import open_store, read_index

SIZE = 16


@pytest.fixture
def cohort(tmp_path):
    return Cohort(name="c", role="magnitude", reader="nifti", path=f"{tmp_path}/*.nii.gz")


def volume(name, folder, values):
    nibabel.save(
        nibabel.Nifti1Image(values.astype(np.float32), np.eye(4)), folder / f"{name}.nii.gz"
    )


def volumes(folder, count=4):
    for number in range(count):
        values = np.random.default_rng(number).uniform(0, 9, (20, 24, 3))
        volume(f"v{number}", folder, values)


def prepare(cohort, folder):
    manifest = folder / "manifest.parquet"
    scan_cohort(cohort.model_dump(), manifest, folder / "plan.json")
    return manifest


def ingest_all(cohort, folder, per_shard):
    manifest = prepare(cohort, folder)
    grid = Grid(len(pd.read_parquet(manifest)), per_shard)
    records = [folder / f"{shard}.parquet" for shard in range(grid.shards)]
    store = folder / "magnitude.zarr"
    arguments = (cohort.model_dump(), manifest, "magnitude")
    for shard, record in enumerate(records):
        ingest(*arguments, shard, SIZE, per_shard, store, record)
    seal_cohort(store, "magnitude", manifest, records, SIZE, per_shard, {})
    return store


def test_the_cut_into_shards_does_not_matter(cohort, tmp_path):
    volumes(tmp_path)
    one, two = (ingest_all(cohort, tmp_path / str(n), n) for n in (5, 12))
    np.testing.assert_array_equal(open_store(one)[:], open_store(two)[:])
    pd.testing.assert_frame_equal(read_index(one), read_index(two))
    index = read_index(one)
    assert index["operation"].str.contains("20").any()
    assert index["pixel_row_mm"].to_numpy() == pytest.approx(24 / SIZE)
    assert (index["scale"] > 0).all()


@pytest.mark.parametrize("turn", ["90", "180", "270"])
def test_turned_slices(cohort, tmp_path, turn):
    volumes(tmp_path, 1)
    straight = open_store(ingest_all(cohort, tmp_path / "straight", 3))[:]
    turned = ingest_all(cohort.model_copy(update={"turn": turn}), tmp_path / "turned", 3)
    expected = np.rot90(straight, int(turn) // 90, axes=(-2, -1))
    np.testing.assert_array_equal(open_store(turned)[:], expected)


def test_every_bad_file_of_the_cohort_is_named_by_the_first_shard_that_meets_one(cohort, tmp_path):
    volumes(tmp_path)
    volume("v1", tmp_path, np.full((20, 24, 3), np.nan))
    volume("v3", tmp_path, np.zeros((20, 24, 3)))
    manifest = prepare(cohort, tmp_path / "out")
    store, record = tmp_path / "out" / "magnitude.zarr", tmp_path / "out" / "record.parquet"
    arguments = (cohort.model_dump(), manifest, "magnitude")
    ingest(*arguments, 0, SIZE, 3, store, record)
    record.unlink()
    with pytest.raises(BadCohort) as error:
        ingest(*arguments, 1, SIZE, 3, store, record)
    lines = str(error.value).splitlines()
    assert len(lines) == 2
    assert "v1.nii.gz: 1440 of 1440 values are NaN" in lines[0]
    assert "v3.nii.gz: all values are zero" in lines[1]
    assert not record.exists()
