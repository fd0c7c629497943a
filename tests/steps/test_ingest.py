"""Volumes to slices of one size: any cut into shards, any turn, every bad file named."""

import h5py
import nibabel
import numpy as np
import pandas as pd
import pytest

from phasegen.errors import UserError
from phasegen.fourier import resample, to_image
from phasegen.mri.coil_combination import combine
from phasegen.paths import Grid
from phasegen.settings import Cohort
from phasegen.sources.base import BadCohort
from phasegen.sources.pieces import Conversion
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


def prepare(cohort, folder, coils="combined"):
    manifest = folder / "manifest.parquet"
    scan_cohort(cohort.model_dump(), coils, manifest, folder / "plan.json")
    return manifest


def settings(per_shard, coils="combined"):
    return {"size": SIZE, "slices_per_shard": per_shard, "coils": coils}


def ingest_all(cohort, folder, per_shard, kind="magnitude", coils="combined"):
    manifest = prepare(cohort, folder, coils)
    grid = Grid(len(pd.read_parquet(manifest)), per_shard)
    records = [folder / f"{shard}.parquet" for shard in range(grid.shards)]
    store, chosen = folder / f"{kind}.zarr", settings(per_shard, coils)
    arguments = (cohort.model_dump(), manifest, kind)
    for shard, record in enumerate(records):
        ingest(*arguments, shard, chosen, store, record)
    seal_cohort(store, kind, manifest, records, chosen, {})
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
    ingest(*arguments, 0, settings(3), store, record)
    record.unlink()
    with pytest.raises(BadCohort) as error:
        ingest(*arguments, 1, settings(3), store, record)
    lines = str(error.value).splitlines()
    assert len(lines) == 2
    assert "v1.nii.gz: 1440 of 1440 values are NaN" in lines[0]
    assert "v3.nii.gz: all values are zero" in lines[1]
    assert not record.exists()


@pytest.fixture
def raw(tmp_path):
    """Three volumes of 5 slices and 4 coils, k-space 20 x 24."""
    random = np.random.default_rng(0)
    for number in range(3):
        parts = random.normal(size=(2, 5, 4, 20, 24)).astype(np.float32)
        with h5py.File(tmp_path / f"v{number}.h5", "w") as file:
            file["kspace"] = parts[0] + 1j * parts[1]
    return Cohort(name="c", role="raw", reader="fastmri", path=f"{tmp_path}/*.h5")


def kspace_of(folder, volume):
    with h5py.File(folder / f"v{volume}.h5") as file:
        return file["kspace"][:]


def test_coils_are_combined_before_the_size_changes(raw, tmp_path):
    store = ingest_all(raw, tmp_path / "out", 4, "images")
    assert open_store(store).shape == (15, 1, SIZE, SIZE)
    images = to_image(kspace_of(tmp_path, 1)[2])
    # the field of view is not known, so taken for square
    expected = resample(combine(images), (SIZE, SIZE))
    row = read_index(store).query("series == 'v1' and slice == 2")
    np.testing.assert_allclose(open_store(store)[int(row["row"].iloc[0])], expected, atol=1e-5)
    assert row["operation"].iloc[0] == "combine 4 coils; crop k-space 20x24 to 16x16"


def test_coils_are_kept(raw, tmp_path):
    store = ingest_all(raw, tmp_path / "out", 4, "images", "kept")
    assert open_store(store).shape == (15, 4, SIZE, SIZE)
    expected = resample(to_image(kspace_of(tmp_path, 0)[3]), (SIZE, SIZE))
    np.testing.assert_allclose(open_store(store)[3], expected, atol=1e-5)


def test_kept_coils_must_be_as_many_in_every_file(raw, tmp_path):
    with h5py.File(tmp_path / "v2.h5", "w") as file:
        file["kspace"] = np.ones((5, 3, 20, 24), np.complex64)
    with pytest.raises(UserError, match="has files of 3, 4 coils"):
        prepare(raw, tmp_path / "out", "kept")
    prepare(raw, tmp_path / "out", "combined")


@pytest.mark.parametrize("slices", ["", "::2", "1::3", "3:"])
def test_the_cut_into_pieces_does_not_matter(raw, tmp_path, slices, monkeypatch):
    cohort = raw.model_copy(update={"slices": slices})
    whole = ingest_all(cohort, tmp_path / "whole", 4, "images")
    monkeypatch.setattr("phasegen.sources.pieces.PIECE_BYTES", 2 * 8 * 4 * 20 * 24)
    rows = pd.read_parquet(tmp_path / "whole" / "manifest.parquet")
    pieces = list(Conversion(cohort, "images", SIZE).pieces(rows))
    assert pd.concat(pieces).equals(rows)
    assert all(np.ptp(piece["slice"]) < 2 for piece in pieces)
    cut = ingest_all(cohort, tmp_path / "cut", 4, "images")
    np.testing.assert_array_equal(open_store(cut)[:], open_store(whole)[:])


def test_blank_slices_are_kept_and_blank_volumes_refused(raw, tmp_path):
    with h5py.File(tmp_path / "v1.h5", "r+") as file:
        file["kspace"][:4] = 0
    store = ingest_all(raw, tmp_path / "out", 2, "images")
    assert (read_index(store)["scale"] == 0).sum() == 4
    with h5py.File(tmp_path / "v1.h5", "r+") as file:
        file["kspace"][:] = 0
    with pytest.raises(BadCohort, match=r"v1\.h5: all values are zero"):
        ingest_all(raw, tmp_path / "again", 2, "images")


@pytest.mark.parametrize("coils", ["combined", "kept"])
def test_a_magnitude_cohort_may_be_of_raw_files(raw, tmp_path, coils):
    """Its slices are the magnitudes of those that a raw cohort has, in the same order."""
    images = ingest_all(raw, tmp_path / "raw", 4, "images")
    cohort = raw.model_copy(update={"role": "magnitude"})
    store = ingest_all(cohort, tmp_path / "magnitude", 4, coils=coils)
    values = open_store(store)[:]
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, np.abs(open_store(images)[:]))
    identity = ["subject", "series", "slice", "scale", "pixel_row_mm"]
    pd.testing.assert_frame_equal(read_index(store)[identity], read_index(images)[identity])
    assert read_index(store)["operation"].str.endswith("; magnitude").all()
