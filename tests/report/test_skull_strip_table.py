"""Table I and its companions give the answers that made-up results were built for."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from phasegen.errors import UserError
from phasegen.metrics.paired import holm
from phasegen.report.skull_strip_table import (
    by_contrast,
    comparisons,
    sweep_comparisons,
    sweep_table,
    table_one,
)
from phasegen.settings import SkullStrip

from .conftest import DICE, SWEPT, results

PAPER = pd.read_csv(Path(__file__).parents[2] / "resources" / "paper_tables.csv")


PAIRS = SkullStrip().comparisons


def stream():
    return np.random.default_rng(1)


def row_of(table, **names):
    found = table
    for name, value in names.items():
        found = found[found[name] == value]
    (row,) = found.to_dict("records")
    return row


def test_means_of_all_sources():
    table = table_one(results(), PAPER, stream())
    assert list(table["source"]) == list(DICE)
    for name, dice in DICE.items():
        row = row_of(table, source=name)
        # Subjects lose 0, 1 .. 4 points.
        assert row["dsc_percent_slice_mean"] == pytest.approx(100 * dice - 2)
        assert row["dsc_percent_subject_mean"] == pytest.approx(100 * dice - 2)
        assert row["dsc_percent_low"] < 100 * dice - 2 < row["dsc_percent_high"]
        assert row["hd95_slice_mean"] == pytest.approx(10.2 - 10 * dice)
        assert row["hausdorff_slice_mean"] == pytest.approx(20.4 - 20 * dice)
        assert (row["slices"], row["subjects"], row["seeds"]) == (15, 5, 2)


def test_deviation_is_over_the_slices_of_all_seeds():
    row = row_of(table_one(results(), PAPER, stream()), source="none")
    assert row["dsc_percent_slice_std"] == pytest.approx(np.std(np.repeat(range(5), 4), ddof=1))


def test_what_has_no_value_is_left_out_and_counted():
    table = table_one(results(), PAPER, stream())
    assert (table["empty_slices"] == 10).all() and (table["one_empty"] == 0).all()
    assert table["hd95_mm_slice_mean"].isna().all() and table["hausdorff_mm_low"].isna().all()
    assert table["specificity_slice_mean"].notna().all()


def test_the_paper_stands_beside():
    table = table_one(results(), PAPER, stream())
    row = row_of(table, source="phasegen")
    printed = PAPER[(PAPER["table"] == "I") & (PAPER["training_data"] == "phasegen")]
    assert [row["dsc_percent_paper_mean"], row["hd_rows_paper_mean"]] == list(printed["mean"])
    assert [row["dsc_percent_paper_std"], row["hd_rows_paper_std"]] == list(printed["std"])
    assert np.isnan(row_of(table, source="original")["dsc_percent_paper_mean"])
    assert not any("hd95_paper" in name for name in table)


def test_a_knob_changes_nothing_in_table_one():
    tables = [table_one(results(data=data), PAPER, stream()) for data in (SWEPT, SWEPT[:1])]
    pd.testing.assert_frame_equal(*tables)


def test_differences_of_pairs():
    table = comparisons(results(), PAIRS, stream())
    row = row_of(table, metric="dsc_percent", left="phasegen", right="naive")
    assert [row[name] for name in ("difference", "low", "high")] == pytest.approx([30] * 3)
    assert row["verdict"] == "above"
    row = row_of(table, metric="hd95", left="original", right="phasegen")
    assert row["difference"] == pytest.approx(-1) and row["verdict"] == "below"
    assert len(table) == 2 * 5


def test_equal_sources_show_no_difference():
    rows = results({"none": 0.4, "phasegen": 0.4})
    noise = np.random.default_rng(3).normal(0, 0.01, len(rows))
    table = comparisons(rows.assign(dice=rows["dice"] + noise), PAIRS, stream())
    row = row_of(table, metric="dsc_percent", left="phasegen", right="none")
    assert row["low"] < 0 < row["high"] and row["verdict"] == "no difference shown"


def test_p_is_adjusted_within_one_truth_and_metric():
    rows = results(truths=("staple", "mask"))
    noise = np.random.default_rng(0).normal(0, 0.2, len(rows))
    table = comparisons(rows.assign(dice=rows["dice"] + noise), PAIRS, stream())
    families = list(table.groupby(["truth", "metric"]))
    assert len(families) == 4
    for _, family in families:
        np.testing.assert_array_equal(family["p_holm"], holm(family["p"]))
        assert (family["p_holm"] > family["p"]).any()


def test_a_missing_source_takes_its_pairs_along():
    rows = results({name: DICE[name] for name in ("none", "phasegen")})
    table = comparisons(rows, PAIRS, stream())
    assert set(zip(table["left"], table["right"], strict=True)) == {("phasegen", "none")}
    assert list(table_one(rows, PAPER, stream())["source"]) == ["none", "phasegen"]


def test_one_source_has_no_pairs():
    assert comparisons(results({"none": 0.4}), PAIRS, stream()).empty


def test_one_subject_has_means_but_no_intervals():
    rows = results(subjects=1)
    table = table_one(rows, PAPER, stream())
    assert table["dsc_percent_subject_mean"].notna().all()
    assert table[["dsc_percent_low", "dsc_percent_high"]].isna().all(axis=None)
    pairs = comparisons(rows, PAIRS, stream())
    assert (pairs["verdict"] == "too few subjects").all()
    assert pairs["difference"].notna().all() and pairs["p_holm"].isna().all()


def test_truths_are_apart():
    rows = results(truths=("staple", "mask"))
    rows.loc[rows["truth"] == "mask", "dice"] -= 0.1
    table = table_one(rows, PAPER, stream())
    means = table.pivot(index="source", columns="truth", values="dsc_percent_slice_mean")
    np.testing.assert_allclose(means["staple"] - means["mask"], 10)


def test_sources_on_other_slices_are_refused():
    rows = results()
    short = rows[(rows["source"] != "naive") | (rows["subject"] != "s0")]
    with pytest.raises(UserError, match="same slices"):
        comparisons(short, PAIRS, stream())


@pytest.mark.parametrize("subjects", [2, 4])
def test_contrasts_and_few_subjects_one_by_one(subjects):
    rows = results(subjects=subjects, contrasts=("T1w", "T2w"))
    table = by_contrast(rows, stream())
    people = {"all"} | ({"s0", "s1"} if subjects < 4 else set())
    assert set(table["subject"]) == people
    assert len(table) == len(DICE) * 2 * len(people)
    if subjects < 4:
        row = row_of(table, contrast="T2w", source="none", subject="s1")
        assert row["dsc_percent_subject_mean"] == pytest.approx(39)
        assert np.isnan(row["dsc_percent_low"])
    assert table[table["subject"] == "all"]["dsc_percent_low"].notna().all() == (subjects >= 4)


def test_one_contrast_is_all_of_the_data():
    rows = results()
    alone, whole = by_contrast(rows, stream()), table_one(rows, PAPER, stream())
    shared = ["source", "dsc_percent_slice_mean", "hd95_subject_mean"]
    pd.testing.assert_frame_equal(alone[shared], whole[shared])


def test_sweep_starts_from_the_untouched_data():
    table = sweep_table(results(data=SWEPT), stream())
    levels = {knob: sorted(set(part["level"])) for knob, part in table.groupby("knob")}
    assert levels == {"coil_phase": [0, 1], "echo_shift": [0, 2, 4]}
    row = row_of(table, knob="echo_shift", level=4, source="none")
    assert row["dsc_percent_subject_mean"] == pytest.approx(38 - 8)
    starts = table[(table["level"] == 0) & (table["source"] == "none")]
    np.testing.assert_allclose(starts["dsc_percent_subject_mean"], 38)


def test_data_as_recorded_have_their_phase_once():
    rows = results(
        data=(("", 0.0), ("phase_times", 0.0), ("phase_times", 1.0), ("phase_times", 2.0))
    )
    table = sweep_table(rows, stream())
    assert sorted(set(table["level"])) == [0, 1, 2]
    row = row_of(table, level=1, source="none")
    untouched_row = row_of(table_one(rows, PAPER, stream()), source="none")
    for column in ("dsc_percent_subject_mean", "slices"):
        assert row[column] == pytest.approx(untouched_row[column])


def test_sweep_compares_at_every_level():
    table = sweep_comparisons(results(data=SWEPT), PAIRS, stream())
    for right, difference in (("none", 40), ("naive", 30)):
        rows = table[(table["left"] == "phasegen") & (table["right"] == right)]
        np.testing.assert_allclose(rows["difference"], difference)
        assert (rows["verdict"] == "above").all()
        assert set(rows["level"]) == {0, 1, 2, 4}
        for _, family in rows.groupby("knob"):
            np.testing.assert_array_equal(family["p_holm"], holm(family["p"]))


def test_level_0_is_of_the_slices_that_the_knob_was_turned_on():
    rows = results(data=SWEPT, slices=4)
    rows.loc[rows["slice"] == 3, "dice"] += 0.05
    rows = rows[(rows["knob"] == "") | (rows["slice"] < 3)]
    table = sweep_table(rows, stream())
    starts = table[(table["level"] == 0) & (table["source"] == "none")]
    np.testing.assert_allclose(starts["dsc_percent_subject_mean"], 38)


def test_a_pair_without_both_sources_is_left_out():
    rows = results({"none": 0.4, "naive": 0.5}, data=SWEPT)
    assert set(sweep_comparisons(rows, PAIRS, stream())["left"]) == {"naive"}
