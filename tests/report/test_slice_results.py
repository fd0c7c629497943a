"""Results in groups, counted and judged."""

import numpy as np
import pytest

from phasegen.report.skull_strip_table import GROUP, counts, untouched
from phasegen.report.slice_results import by_source, estimates, extremes, groups, judged, sizes

from .conftest import SWEPT, results


def test_groups_are_what_their_names_say():
    found = list(groups(results(truths=("staple", "mask")), GROUP))
    assert [names["truth"] for names, _ in found] == ["mask", "staple"]
    for names, part in found:
        assert (part["truth"] == names["truth"]).all()


def test_untouched_data_are_those_without_a_knob():
    rows = untouched(results(data=SWEPT))
    assert len(rows) == len(results())
    np.testing.assert_array_equal(rows["dsc_percent"], 100 * rows["dice"])


def test_sources_come_in_the_order_of_the_paper():
    rows = results({"phasegen": 0.8, "none": 0.4})
    assert list(by_source(rows)) == ["none", "phasegen"]


def test_counts_of_one_source():
    rows = results({"none": 0.4}, subjects=4, slices=3, seeds=(0, 1), contrasts=("T1w", "T2w"))
    rows.loc[rows["slice"] == 2, "predicted_pixels"] = 0
    assert counts(rows) == {
        "slices": 4 * 3 * 2,
        "empty_slices": 4 * 2 * 2,
        "one_empty": 4 * 2 * 2,
        "subjects": 4,
        "seeds": 2,
    }
    assert sizes(rows).items() <= counts(rows).items()


def test_subjects_count_alike_however_many_slices_they_have():
    rows = results({"none": 0.4}, subjects=2, slices=5, seeds=(0,))
    rows = rows[(rows["subject"] == "s0") | (rows["slice"] < 2)]
    found = estimates(rows, "dice", np.random.default_rng(0))
    assert found["dice_slice_mean"] == pytest.approx((4 * 0.4 + 0.39) / 5)
    assert found["dice_subject_mean"] == pytest.approx((0.4 + 0.39) / 2)
    assert np.isnan(found["dice_low"]) and np.isnan(found["dice_high"])


@pytest.mark.parametrize(
    ("difference", "p", "verdict"),
    [
        (1.0, 0.001, "above"),
        (-1.0, 0.001, "below"),
        (1.0, 0.04, "no difference shown"),
        (1.0, np.nan, "too few subjects"),
    ],
)
def test_verdicts_are_by_the_adjusted_p(difference, p, verdict):
    """0.04 would pass alone; beside a second test it is 0.08 or more."""
    other = {"difference": 1.0, "p": 0.045 if p > 0.01 else 0.9}
    assert judged([{"difference": difference, "p": p}, other])[0]["verdict"] == verdict


@pytest.mark.parametrize("each", [1, 2])
@pytest.mark.parametrize("count", range(1, 8))
def test_extremes_are_each_named_once_best_first(count, each):
    dice = np.random.default_rng(count).permutation(np.arange(count) / 10)
    rows = extremes(np.append(dice, np.nan), each)
    assert len(rows) == min(count, 3 * each) and count not in rows
    drawn = [dice[row] for row in rows]
    assert drawn == sorted(drawn, reverse=True)
    assert drawn[0] == dice.max() and drawn[-1] == dice.min()
    assert list(rows.values()) == sorted(rows.values(), key=("best", "median", "worst").index)


def test_no_value_is_no_extreme():
    assert extremes(np.full(3, np.nan), 2) == {}


def test_a_median_of_an_odd_number_is_the_middle_one():
    assert extremes(np.array([0.3, 0.1, 0.2]), 1) == {0: "best", 2: "median", 1: "worst"}
