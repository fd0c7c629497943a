"""Intervals cover, p-values do not cry wolf, pairing helps, and order means nothing."""

import numpy as np
import pandas as pd
import pytest

from phasegen.errors import UserError
from phasegen.metrics import paired
from phasegen.metrics.paired import SLICE, Difference, estimate, holm, paired_difference

SEEDS, SUBJECTS, SLICES = 3, 10, 4
REPETITIONS = 300


def draw(random, seeds=SEEDS, subjects=SUBJECTS, slices=SLICES, shared=None):
    """A table of a Dice coefficient; subjects and seeds have effects of their own."""
    keys = pd.MultiIndex.from_product(
        [range(seeds), ["c"], [f"s{n}" for n in range(subjects)], ["t1"], range(slices)],
        names=SLICE,
    )
    own = random.normal(0, 0.05, subjects) if shared is None else shared
    effects = (
        random.normal(0, 0.015, (seeds, 1, 1))
        + own[None, :, None]
        + random.normal(0, 0.01, (seeds, subjects, 1))
        + random.normal(0, 0.03, (seeds, subjects, slices))
    )
    return pd.DataFrame({"dice": 0.8 + effects.ravel()}, index=keys).reset_index()


def draw_pair(random, difference=0.0):
    """Two sources on the same subjects, which differ more than sources do."""
    shared = random.normal(0, 0.2, SUBJECTS)
    left, right = (draw(random, shared=shared + random.normal(0, 0.03, SUBJECTS)) for _ in "lr")
    return left.assign(dice=left["dice"] + difference), right


def generator():
    return np.random.default_rng(7)


@pytest.fixture
def pair():
    return draw_pair(np.random.default_rng(1), 0.1)


@pytest.fixture(scope="module")
def repeated():
    """Many experiments with a true difference of 0.1, with fewer replicates for their number."""
    random = np.random.default_rng(3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paired, "REPLICATES", 1000)
        return [
            paired_difference(*draw_pair(random, 0.1), "dice", random) for _ in range(REPETITIONS)
        ]


@pytest.fixture(scope="module")
def without_difference():
    random = np.random.default_rng(4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paired, "REPLICATES", 1000)
        return [paired_difference(*draw_pair(random), "dice", random) for _ in range(REPETITIONS)]


def test_intervals_cover_a_known_difference(repeated):
    covered = np.mean([each.low < 0.1 < each.high for each in repeated])
    assert 0.90 <= covered <= 0.99


def test_a_difference_is_rarely_found_where_there_is_none(without_difference):
    assert np.mean([each.p < 0.05 for each in without_difference]) < 0.1


def test_a_large_difference_is_found(repeated):
    assert np.mean([each.p < 0.05 for each in repeated]) > 0.9


def test_p_is_small_where_the_interval_leaves_zero_out(without_difference):
    for each in without_difference:
        if abs(each.p - 0.05) > 0.005:
            assert (each.p < 0.05) == (not each.low <= 0 <= each.high)


@pytest.mark.parametrize("subjects", [4, 12])
def test_intervals_of_one_source_cover_its_mean(subjects, monkeypatch):
    monkeypatch.setattr(paired, "REPLICATES", 1000)
    random, covered = np.random.default_rng(5), 0
    for _ in range(REPETITIONS):
        found = estimate(draw(random, subjects=subjects), "dice", random)
        covered += found.low < 0.8 < found.high
    assert 0.90 <= covered / REPETITIONS <= 0.99


def test_left_and_right_exchanged_turn_the_sign(pair):
    left, right = pair
    there = paired_difference(left, right, "dice", generator())
    back = paired_difference(right, left, "dice", generator())
    assert there[:3] == pytest.approx((-back.difference, -back.high, -back.low))
    assert there[3:] == back[3:]


def test_pairing_makes_the_interval_narrower(pair):
    found = paired_difference(*pair, "dice", generator())
    alone = [estimate(table, "dice", generator()) for table in pair]
    unpaired = np.hypot(*(each.high - each.low for each in alone))
    assert found.high - found.low < 0.6 * unpaired
    assert found.difference == pytest.approx(alone[0].subject_mean - alone[1].subject_mean)


def test_the_order_of_rows_changes_nothing(pair):
    mixed = [table.sample(frac=1, random_state=n) for n, table in enumerate(pair)]
    assert paired_difference(*mixed, "dice", generator()) == paired_difference(
        *pair, "dice", generator()
    )
    first, second = (estimate(table, "dice", generator()) for table in (pair[0], mixed[0]))
    assert first == second


def test_the_generator_decides(pair):
    first, second = (
        paired_difference(*pair, "dice", np.random.default_rng(seed)) for seed in (0, 1)
    )
    assert first.difference == second.difference
    assert first.low != second.low


def test_the_same_table_twice_has_no_difference_and_p_is_one(pair):
    found = paired_difference(pair[0], pair[0], "dice", generator())
    assert found[:4] == (0, 0, 0, 1)


def test_p_is_never_zero(pair):
    left, right = pair
    found = paired_difference(left.assign(dice=left["dice"] + 9), right, "dice", generator())
    assert found.p == 2 / (paired.REPLICATES + 1)
    assert paired.REPLICATES >= 10_000


def test_means_by_hand():
    rows = [(0, "c", "a", "t1", 0, 1.0), (0, "c", "a", "t1", 1, 2.0), (0, "c", "b", "t1", 0, 6.0)]
    rows += [(0, "d", "a", "t1", 0, 3.0), (0, "d", "a", "t1", 1, np.nan)]
    found = estimate(pd.DataFrame(rows, columns=[*SLICE, "hd95"]), "hd95", generator())
    assert found.mean == 3
    assert found.sd == pytest.approx(np.std([1, 2, 6, 3], ddof=1))
    assert found.subject_mean == pytest.approx((1.5 + 6 + 3) / 3)
    assert np.isnan([found.low, found.high]).all()
    assert found[-4:] == (4, 1, 3, 1)


def test_undefined_slices_are_left_out_of_both_sides(pair):
    left, right = pair
    gap = (left["slice"] == 2) & (left["subject"] == "s3")
    spoiled = right.assign(dice=right["dice"].mask(gap, -50))
    holed = left.assign(dice=left["dice"].mask(gap))
    found = paired_difference(holed, spoiled, "dice", generator())
    assert found == paired_difference(holed, right, "dice", generator())
    assert found.undefined == SEEDS
    assert found.slices == len(left) - SEEDS
    without = [table[~gap] for table in pair]
    assert found[:4] == paired_difference(*without, "dice", generator())[:4]


def test_a_subject_without_a_value_in_one_seed_counts_in_the_others(pair):
    left, right = pair
    gap = (left["seed"] == 0) & (left["subject"] == "s0")
    holed = left.assign(dice=left["dice"].mask(gap))
    found = paired_difference(holed, right, "dice", generator())
    assert found.subjects == SUBJECTS and np.isfinite(found[:4]).all()
    cells = (holed["dice"] - right["dice"]).groupby([left["seed"], left["subject"]]).mean()
    assert found.difference == pytest.approx(cells.mean())


@pytest.mark.parametrize("subjects", [1, 3])
def test_few_subjects_have_neither_interval_nor_p(subjects):
    tables = [draw(np.random.default_rng(n), subjects=subjects) for n in range(2)]
    found = paired_difference(*tables, "dice", generator())
    assert np.isnan([found.low, found.high, found.p]).all()
    assert np.isfinite(found.difference)


def test_nothing_defined_is_no_crash(pair):
    empty = pair[0].assign(dice=np.nan)
    one, two = estimate(empty, "dice", generator()), paired_difference(*pair, "dice", generator())
    both = paired_difference(empty, pair[1], "dice", generator())
    assert np.isnan(one[:5]).all() and one[-4:] == (0, len(empty), 0, 0)
    assert np.isnan(both[:4]).all() and both.undefined == len(empty)
    assert isinstance(two, Difference) and all(isinstance(value, (int, float)) for value in two)


@pytest.mark.parametrize("seeds", [1, 2])
def test_few_seeds_still_have_an_interval(seeds):
    tables = [draw(np.random.default_rng(n), seeds=seeds) for n in range(2)]
    found = paired_difference(*tables, "dice", generator())
    assert found.low < found.difference < found.high
    assert found.seeds == seeds


def test_seeds_that_differ_widen_the_interval():
    table = draw(np.random.default_rng(0))
    apart = table.assign(dice=table["dice"] + 0.3 * table["seed"])
    narrow, wide = (estimate(each, "dice", generator()) for each in (table, apart))
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_what_does_not_pair_up_is_refused(pair):
    left, right = pair
    with pytest.raises(UserError, match="3 and 2 seeds do not pair up"):
        paired_difference(left, right[right["seed"] < 2], "dice", generator())
    with pytest.raises(UserError, match="240 slices are on one side only"):
        paired_difference(left, right.assign(seed=right["seed"] + 3), "dice", generator())
    with pytest.raises(UserError, match="1 slices are on one side only, the first is seed 0"):
        paired_difference(left, right.iloc[1:], "dice", generator())


def test_a_slice_that_is_there_twice_is_refused(pair):
    twice = pd.concat([pair[0], pair[0].iloc[:1]])
    with pytest.raises(UserError, match="seed 0, cohort c, subject s0, series t1, slice 0"):
        estimate(twice, "dice", generator())
    with pytest.raises(UserError, match="twice: choose one truth"):
        paired_difference(pair[1], twice, "dice", generator())


def test_holm_by_hand():
    """Smallest first: 4 x 0.005, 3 x 0.01, 2 x 0.03, then 0.04, which may not fall below that."""
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])


def test_holm_never_lowers_a_p_value_nor_passes_one_nor_changes_the_order():
    values = np.random.default_rng(0).uniform(size=40)
    adjusted = holm(values)
    assert (adjusted >= values).all() and adjusted.max() <= 1
    assert (np.diff(adjusted[np.argsort(values)]) >= 0).all()
    np.testing.assert_array_equal(holm(values[::-1]), adjusted[::-1])


def test_holm_of_one_is_itself_and_nan_is_no_test():
    assert holm([0.03]) == [0.03]
    np.testing.assert_allclose(holm([np.nan, 0.03, 0.02]), [np.nan, 0.04, 0.04])
    assert holm([]).shape == (0,)
