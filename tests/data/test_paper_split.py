"""The paper's split by slice, and the guard that it must pass."""

import numpy as np
import pandas as pd
import pytest

from phasegen.data.held_out import refuse_seen
from phasegen.data.paper_split import LEAKY, split_by_slice
from phasegen.errors import UserError


def index(slices, per_subject=36):
    rows = np.arange(slices)
    return pd.DataFrame({"row": rows, "subject": [f"s{row // per_subject}" for row in rows]})


def test_the_validation_set_of_fastmri_gives_the_papers_number():
    table = index(7135)
    parts = split_by_slice(table, np.random.default_rng(0))
    assert {part: len(rows) for part, rows in parts.items()} == {"train": 5708, "test": 1427}
    assert sorted(np.concatenate(list(parts.values()))) == list(range(7135))
    subjects = {part: set(table["subject"][rows]) for part, rows in parts.items()}
    assert len(subjects["test"] & subjects["train"]) > 0.95 * len(subjects["test"])


def test_the_draw_is_the_generators_and_not_of_the_order():
    table = index(50)
    first, again = (split_by_slice(t, np.random.default_rng(3)) for t in (table, table[::-1]))
    other = split_by_slice(table, np.random.default_rng(4))
    for part in first:
        assert (first[part] == again[part]).all() and (first[part] != other[part]).any()


@pytest.mark.parametrize("slices", [2, 3])
def test_no_part_is_empty(slices):
    parts = split_by_slice(index(slices), np.random.default_rng(0))
    assert len(parts["test"]) == 1 and len(parts["train"]) == slices - 1


def test_one_slice_cannot_be_split():
    with pytest.raises(UserError, match="two slices"):
        split_by_slice(index(1), np.random.default_rng(0))


def test_the_guard_lets_it_pass_only_with_its_label():
    facts = {"train_subjects": ["d/s1"]}
    with pytest.raises(UserError, match="trained on subjects it is to be tested on: s1"):
        refuse_seen("model", facts, ["s1"])
    assert refuse_seen("model", facts, ["s1"], permitted_as=LEAKY) == LEAKY
    assert refuse_seen("model", facts, ["s2"], permitted_as=LEAKY) == ""
    assert refuse_seen("model", facts, ["s2"]) == ""
