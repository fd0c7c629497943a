"""Mixed splits: nested, by subject, and as large as they are asked for."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegen.data.mixed import COLUMNS, mixed, ranked, rows_of
from phasegen.errors import UserError
from phasegen.seeds import generator

VOLUMES = st.lists(st.integers(1, 9), min_size=1, max_size=8)
SHARES = st.floats(0.01, 100)
SEEDS = st.integers(0, 2**32)


def slices(counts):
    """Rows of subjects with so many slices in each of two volumes."""
    rows = [
        (f"s{subject}", f"s{subject}_{contrast}", number)
        for subject, count in enumerate(counts)
        for contrast in ("T1w", "T2w")
        for number in range(count)
    ]
    return pd.DataFrame(rows, columns=["subject", "series", "slice"]).assign(row=range(len(rows)))


def mix(table, share, seed=0):
    return mixed(table, share, "phasegen", generator(seed, "mix"))


def original(table, share, seed=0):
    return rows_of(mix(table, share, seed), "original")


@given(VOLUMES, SHARES, SHARES, SEEDS)
def test_shares_are_nested(counts, one, other, seed):
    table = slices(counts)
    small, large = (original(table, share, seed) for share in sorted((one, other)))
    assert set(small["row"]) <= set(large["row"])


@given(VOLUMES, SHARES, SEEDS)
def test_subjects_are_whole_but_one(counts, share, seed):
    table = slices(counts)
    taken = original(table, share, seed)["subject"].value_counts()
    assert (taken < table["subject"].value_counts()[taken.index]).sum() <= 1


@given(VOLUMES, SHARES, SEEDS)
def test_a_share_is_as_large_as_it_says(counts, share, seed):
    table = slices(counts)
    split = mix(table, share, seed)
    assert list(split.columns) == COLUMNS
    pd.testing.assert_frame_equal(split[COLUMNS[:4]], table[COLUMNS[:4]])
    count = (split["source"] == "original").sum()
    assert count >= 1
    assert set(split["source"]) <= {"original", "phasegen"}
    assert set(split["realised"]) == {100 * count / len(table)} and set(split["share"]) == {share}
    assert abs(count - share / 100 * len(table)) <= (
        0.5 + 1e-9 if share / 100 * len(table) > 0.5 else 1
    )
    assert set(split["label"]) == {"under 2 slices" if count < 2 else ""}


@given(VOLUMES, SEEDS)
def test_all_of_it_is_original(counts, seed):
    table = slices(counts)
    assert len(original(table, 100, seed)) == len(table)
    with pytest.raises(UserError, match="no slice of the source 'phasegen'"):
        rows_of(mix(table, 100, seed), "phasegen")


@given(VOLUMES, SHARES, SEEDS, st.randoms(use_true_random=False))
def test_names_decide_and_no_order(counts, share, seed, random):
    table = slices(counts)
    shuffled = table.iloc[random.sample(range(len(table)), len(table))]
    assert set(original(table, share, seed)["row"]) == set(original(shuffled, share, seed)["row"])


@given(VOLUMES, SEEDS)
def test_everything_has_its_place_once(counts, seed):
    table = slices(counts)
    order = ranked(table, np.random.default_rng(seed))
    assert sorted(order) == list(range(len(table)))


def test_seeds_have_their_own_order_and_the_part_of_a_subject_is_no_edge():
    table = slices([20] * 10)
    first = [tuple(original(table, 1, seed)["row"]) for seed in range(20)]
    assert len(set(first)) == 20
    numbers = np.concatenate([original(table, 1, seed)["slice"] for seed in range(20)])
    assert 5 < numbers.mean() < 14


@pytest.mark.parametrize("share", [0, -1, 100.1, float("nan")])
def test_a_share_out_of_bounds_is_refused(share):
    with pytest.raises(UserError, match="is not above 0"):
        mix(slices([3]), share)


def test_nothing_cannot_be_mixed():
    with pytest.raises(UserError, match="no training slice"):
        mix(slices([]), 5)
