"""Two small raw volumes, one of them thick, rated by programs that know where the brain is."""

import logging

import nibabel
import numpy as np
import pandas as pd
import pytest

from phasegen.errors import UserError
from phasegen.fourier import to_kspace
from phasegen.settings import Cohort
from phasegen.sources.regrid import regrid_kspace
from phasegen.steps.ingest import ingest
from phasegen.steps.raters import CONSENSUS, RECORD, consensus, rate
from phasegen.steps.scan import scan_cohort
from phasegen.steps.seal import seal_cohort
from phasegen.steps.simulate import write_raw

from ..raters import programs

ROWS, COLUMNS, SIZE = 24, 20, 16
HEADER = "<ismrmrdHeader xmlns='http://www.ismrm.org/ISMRMRD'/>"
INGEST = {"size": SIZE, "slices_per_shard": 64}


def brain(slices):
    """Lopsided on every axis, so that a flip or a shift is seen."""
    mask = np.zeros((slices, ROWS, COLUMNS), bool)
    mask[:, 6:18, 4:14] = True
    mask[:, 6:9, 4:8] = False
    mask[-1, 12:] = False
    return mask


@pytest.fixture
def cohort(tmp_path):
    """Cohort row, manifest, and the folder of the files: 3 slices of ``a``, 21 of ``b``."""
    for name, slices in (("a", 3), ("b", 21)):
        noise = np.random.default_rng(0).uniform(0, 0.05, (slices, ROWS, COLUMNS))
        magnitude = (brain(slices) + noise).astype(np.float32)
        kspace = to_kspace(magnitude.astype(np.complex64))
        write_raw(tmp_path / f"{name}.h5", kspace, magnitude, HEADER, {})
        nibabel.save(
            nibabel.Nifti1Image(brain(slices)[:, ::-1].transpose(2, 1, 0).astype("u1"), np.eye(4)),
            tmp_path / f"{name}_mask.nii",
        )
    row = Cohort(
        name="heads",
        role="test",
        reader="fastmri",
        path=f"{tmp_path}/*.h5",
        mask=f"{tmp_path}/{{series}}_mask.nii",
    ).model_dump()
    manifest = tmp_path / "manifest.parquet"
    scan_cohort(row, "combined", manifest, tmp_path / "plan.json")
    return row, manifest, tmp_path


def rated(cohort, name="bright", text=programs.BRIGHT, row=None, **more):
    own, manifest, folder = cohort
    rater = {"command": programs.program(folder, text)} | more
    masks, record = folder / f"{name}.npz", folder / f"{name}.csv"
    rate(row or own, manifest, name, rater, INGEST, masks, record)
    with np.load(masks, allow_pickle=False) as file:
        assert file["mask"].dtype == np.uint8
        return file["mask"], file["rated"], pd.read_csv(record, keep_default_na=False)


def sealed(cohort, kind="mask"):
    row, manifest, folder = cohort
    store, record = folder / f"{kind}.zarr", folder / f"{kind}.parquet"
    ingest(row, manifest, kind, 0, INGEST, store, record)
    facts = {"cohort": row, "ingest": INGEST, "code": "0"}
    seal_cohort(store, kind, manifest, [record], INGEST, facts)
    return store


def test_masks_lie_where_the_images_of_the_store_do(cohort):
    masks, was_rated, record = rated(cohort)
    assert was_rated.all()
    assert list(record) == RECORD
    assert list(record["status"]) == ["used", "used"]
    kspace = to_kspace(brain(3).astype(np.complex64))[:, None]
    for mask, one in zip(masks[:3], kspace, strict=True):
        image = np.abs(regrid_kspace(one, (ROWS, COLUMNS), SIZE)[0][0])
        # the transition is where the image is halfway
        clear = np.abs(image - 0.5) > 0.35
        np.testing.assert_array_equal(mask[clear] > 0, image[clear] > 0.5)


@pytest.mark.parametrize("turn", ["0", "90", "180", "270"])
def test_a_rater_that_is_right_gives_the_true_masks_of_the_store(cohort, turn):
    row, manifest, folder = cohort
    row = row | {"turn": turn}
    masks, _, _ = rated((row, manifest, folder))
    scores = consensus_of((row, manifest, folder), "bright", truth=sealed((row, manifest, folder)))
    assert masks.any(axis=(1, 2)).all()
    assert list(scores.loc[scores["rater"] == "bright", "dice"]) == [1, 1]


def consensus_of(cohort, *names, truth=None):
    _, manifest, folder = cohort
    masks = {name: folder / f"{name}.npz" for name in names}
    records = [folder / f"{name}.csv" for name in names]
    consensus(manifest, masks, records, truth, folder / "staple.npz", folder / "raters.csv")
    return pd.read_csv(folder / "raters.csv", na_values=[""], keep_default_na=False)


def test_a_turned_cohort_is_seen_upright(cohort, tmp_path):
    row, manifest, folder = cohort
    text = """
        import sys, nibabel
        image = nibabel.load(sys.argv[1])
        print(image.shape, file=sys.stderr)
        sys.exit(1)
    """
    _, _, record = rated((row | {"turn": "90"}, manifest, folder), text=text)
    assert record["message"][0] == f"({ROWS}, {COLUMNS}, 3)"


def test_stacks_of_another_kind_are_left_out(cohort):
    masks, was_rated, record = rated(cohort, stacks="thick")
    assert list(record["status"]) == ["other stacks", "used"]
    assert record["message"][0] == "3 slices, and it takes thick stacks"
    assert was_rated.tolist() == [False] * 3 + [True] * 21
    assert not masks[:3].any()


def test_a_volume_that_fails_stops_no_other(cohort, caplog):
    text = programs.BRIGHT.replace("mask =", "assert image.shape[2] > 3, 'too few'\n    mask =")
    with caplog.at_level(logging.WARNING):
        _, was_rated, record = rated(cohort, text=text)
    assert list(record["status"]) == ["failed", "used"]
    assert record["message"][0] == "AssertionError: too few"
    assert was_rated.sum() == 21
    assert caplog.messages == ["bright on heads/a/a: failed: AssertionError: too few"]


def test_a_missing_program_leaves_whole_files(cohort, caplog):
    masks, was_rated, record = rated(cohort, command="no-such-program {volume} {mask}")
    assert masks.shape == (24, SIZE, SIZE)
    assert not was_rated.any()
    assert list(record["status"]) == ["missing", "missing"]
    assert len(caplog.messages) == 2


def test_a_file_that_became_unreadable_fails_alone(cohort):
    (cohort[2] / "a.h5").write_bytes(b"?")
    _, was_rated, record = rated(cohort)
    assert was_rated.sum() == 21
    assert list(record["status"]) == ["failed", "used"]
    assert "a.h5" in record["message"][0]


def test_the_consensus_of_three(cohort):
    rated(cohort, "one")
    rated(cohort, "two")
    rated(cohort, "all", text=programs.BRIGHT.replace("> 0.5", "> -1"), stacks="thick")
    rated(cohort, "gone", command="no-such-program {volume} {mask}")
    table = consensus_of(cohort, "one", "two", "all", "gone", truth=sealed(cohort))
    assert list(table) == CONSENSUS
    assert list(table["rater"]) == ["one", "two", "all", "gone", "staple"] * 2
    assert list(table["status"][:5]) == ["used", "used", "other stacks", "missing", "used"]
    assert table["slices"].tolist() == [3] * 5 + [21] * 5
    staple = table[table["rater"] == "staple"]
    assert staple["dice"].tolist() == [1, 1]
    everything = table[(table["rater"] == "all") & (table["status"] == "used")]
    assert everything["dice"].item() < 0.8
    assert table[table["rater"] == "gone"]["dice"].isna().all()


def test_one_rater_is_too_few(cohort):
    rated(cohort, "one")
    rated(cohort, "two", stacks="thick")
    table = consensus_of(cohort, "one", "two")
    assert list(table[table["rater"] == "staple"]["status"]) == ["too few raters", "used"]
    assert table["message"][2] == "1 of the 2 raters gave a mask"
    assert table["dice"].isna().all()
    with np.load(cohort[2] / "staple.npz", allow_pickle=False) as file:
        assert file["rated"].tolist() == [False] * 3 + [True] * 21
        assert not file["mask"][:3].any()
        assert file["mask"][3:].any(axis=(1, 2)).all()


def test_masks_of_other_slices_are_refused(cohort):
    rated(cohort, "one")
    np.savez(cohort[2] / "one.npz", mask=np.zeros((5, 2, 2), "u1"), rated=np.ones(5, bool))
    with pytest.raises(UserError, match=r"one\.npz: holds 5 masks for 24 slices"):
        consensus_of(cohort, "one")


def test_records_of_other_raters_are_refused(cohort):
    rated(cohort, "one")
    rated(cohort, "two")
    (cohort[2] / "two.csv").write_text((cohort[2] / "one.csv").read_text())
    with pytest.raises(UserError, match="records of"):
        consensus_of(cohort, "one", "two")
