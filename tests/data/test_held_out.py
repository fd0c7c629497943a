"""Slices to measure on: spread over subjects, never of a subject that was trained on."""

import numpy as np
import pandas as pd
import pytest

from phasegen.data.held_out import HeldOut, pick
from phasegen.errors import UserError
from phasegen.paths import Grid
from phasegen.store.seal import seal
from phasegen.store.shards import checksums, write_shard, write_table

SLICES = {"p1": 8, "p2": 2, "p3": 8}


@pytest.fixture
def store(tmp_path):
    subjects = np.repeat(list(SLICES), list(SLICES.values()))
    index = pd.DataFrame({"row": range(len(subjects)), "cohort": "c", "subject": subjects})
    index["patient"] = subjects
    index["series"] = [f"{name}_T1w" for name in subjects]
    index["slice"] = index.groupby("subject").cumcount()
    random = np.random.default_rng(0)
    values = random.normal(size=(len(index), 1, 8, 8, 2)).astype("f4").view("c8")[..., 0]
    grid = Grid(len(index), len(index))
    write_shard(tmp_path, "images", grid, 0, values)
    record = pd.DataFrame({"row": index["row"], "sha256": checksums(values)})
    write_table(tmp_path / "record.parquet", record)
    seal(tmp_path, "images", grid, (1, 8, 8), [tmp_path / "record.parquet"], {}, index)
    return tmp_path


def test_subjects_have_as_many_slices_as_can_be(store):
    chosen = pick([store], 9, 8, np.random.default_rng(0))
    counts = chosen.identities["subject"].value_counts()
    assert counts.to_dict() in ({"p1": 4, "p2": 2, "p3": 3}, {"p1": 3, "p2": 2, "p3": 4})
    assert len(pick([store], 100, 8, np.random.default_rng(0)).images) == 18


def test_slices_come_with_their_names_through_a_file(store, tmp_path):
    chosen = pick([store], 5, 4, np.random.default_rng(0))
    assert chosen.images.shape == (5, 4, 4)
    chosen.save(tmp_path / "a.npz")
    again = HeldOut.load(tmp_path / "a.npz")
    np.testing.assert_array_equal(again.images, chosen.images)
    assert list(again.subjects) == list(chosen.identities["subject"])
    assert set(again.contrasts) == {"T1w"}
    assert again.identities["slice"].tolist() == chosen.identities["slice"].tolist()


@pytest.mark.parametrize("part", ["train_subjects", "validation_subjects"])
def test_a_model_that_has_seen_a_subject_is_refused(store, part):
    chosen = pick([store], 5, 8, np.random.default_rng(0))
    unseen = {"train_subjects": ["d/p7"], "validation_subjects": ["d/p8"]}
    chosen.refuse("model", unseen)
    with pytest.raises(UserError, match="trained on subjects it is to be tested on: p2"):
        chosen.refuse("model", unseen | {part: ["other/p2"]})


def test_without_test_subjects_there_is_nothing_to_measure_on():
    with pytest.raises(UserError, match="role 'test'"):
        pick([], 5, 8, np.random.default_rng(0))
