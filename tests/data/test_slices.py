"""What training is fed with: subjects split, never slices."""

import numpy as np
import pandas as pd
import pytest

from phasegen.data.held_out import pick
from phasegen.data.slices import ImageSlices, split_subjects, subjects_by_part
from phasegen.errors import UserError

from ..sealed import complex_slices, seal_slices


def store(folder, subjects):
    folder.mkdir()
    names = np.repeat(subjects, 3)
    pd.DataFrame({"cohort": folder.name, "subject": names}).to_parquet(folder / "index.parquet")
    return folder


@pytest.mark.parametrize(("share", "held_out"), [(0.01, 1), (0.3, 2), (0.99, 5)])
def test_every_subject_is_on_one_side_and_both_sides_have_some(tmp_path, share, held_out):
    stores = [store(tmp_path / "a", ["s1", "s2", "s3"]), store(tmp_path / "b", ["s1", "s2", "s3"])]
    split = split_subjects(stores, share, np.random.default_rng(0))
    assert len(split) == len(split[["cohort", "subject"]].drop_duplicates()) == 6
    assert (split["part"] == "validation").sum() == held_out


def test_too_few_subjects_are_told(tmp_path):
    with pytest.raises(UserError, match="two subjects"):
        split_subjects([store(tmp_path / "a", ["s1"])], 0.5, np.random.default_rng(0))


def test_subjects_of_one_store_are_listed_by_part(tmp_path):
    heads = store(tmp_path / "a", ["s3", "s1", "s2"])
    parts = subjects_by_part(heads, 0.3, np.random.default_rng(0))
    assert sorted(parts["train"] + parts["validation"]) == ["s1", "s2", "s3"]
    assert len(parts["validation"]) == 1 and parts["train"] == sorted(parts["train"])
    assert subjects_by_part(heads, 0.3, np.random.default_rng(0)) == parts
    with pytest.raises(UserError, match=r"/b: training needs two subjects"):
        subjects_by_part(store(tmp_path / "b", ["s1"]), 0.3, np.random.default_rng(0))


def test_no_raw_cohort_is_told():
    with pytest.raises(UserError, match="no row with the role 'raw'"):
        split_subjects([], 0.5, np.random.default_rng(0))


def test_several_coils_are_refused_where_one_image_is_due(tmp_path):
    coils = seal_slices(tmp_path / "images.zarr", "images", complex_slices(4, coils=2), 2)
    with pytest.raises(UserError, match=r"has 2 coils, .*set ingest\.coils to combined"):
        ImageSlices([coils])
    with pytest.raises(UserError, match="has 2 coils"):
        pick([coils], 2, 8, np.random.default_rng(0))
