"""Tables II and III give the answers that made-up results were built for."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from phasegen.errors import UserError
from phasegen.metrics.paired import holm
from phasegen.report.reconstruction_table import (
    comparisons_three,
    comparisons_two,
    contrasts_three,
    contrasts_two,
    table_three,
    table_two,
)

from .conftest import FLOORS, MIXED, PSNR, reconstructions

PAPER = pd.read_csv(Path(__file__).parents[2] / "resources" / "paper_tables.csv")
PAIRS = [("original", "phasegen"), ("phasegen", "naive"), ("phasegen", "zerofilling")]
BOTH = {"models": ("small", "large"), "factors": (4, 8), "mixed": {}}


def stream():
    return np.random.default_rng(1)


def row_of(table, **names):
    found = table
    for name, value in names.items():
        found = found[found[name] == value]
    (row,) = found.to_dict("records")
    return row


def noisy(rows):
    """Slices that differ between the sources, and none that is blank."""
    noise = np.random.default_rng(3).normal(0, 0.3, len(rows))
    return rows.assign(psnr=rows["psnr"] + noise)


def test_means_of_all_sources():
    table = table_two(reconstructions(), PAPER, stream())
    assert list(table["source"]) == list(PSNR)
    for name, psnr in PSNR.items():
        row = row_of(table, source=name)
        # Subjects lose 0, 0.1 .. 0.4 dB.
        mean = psnr - 0.2
        assert row["psnr_slice_mean"] == pytest.approx(mean)
        assert row["psnr_subject_mean"] == pytest.approx(mean)
        assert row["psnr_low"] < mean < row["psnr_high"]
        assert row["ssim_percent_slice_mean"] == pytest.approx(100 * mean / 40)
        assert row["nrmse_slice_mean"] == pytest.approx(mean / 100)
        assert (row["slices"], row["subjects"], row["note"]) == (15, 5, "")
        floor = name in FLOORS
        assert (row["seeds"], row["model"]) == ((0, "") if floor else (2, "small"))
        assert row["blank_slices"] == (5 if floor else 10)


def test_deviation_is_over_the_slices_of_all_seeds():
    row = row_of(table_two(reconstructions(), PAPER, stream()), source="none")
    spread = np.std(np.repeat(np.arange(5) / 10, 4), ddof=1)
    assert row["psnr_slice_std"] == pytest.approx(spread)


def test_the_fastmri_rule_counts_volumes_not_slices():
    rows = reconstructions(subjects=2, slices=4, seeds=(0,))
    rows = rows[(rows["subject"] == "s0") | (rows["slice"] < 2)]
    row = row_of(table_two(rows, PAPER, stream()), source="phasegen")
    assert row["fastmri_psnr_volume_mean"] == pytest.approx((23 + 22.9) / 4)
    assert row["fastmri_ssim_percent_subject_mean"] == pytest.approx(100 * (23 + 22.9) / 160)
    assert row["fastmri_psnr_volume_std"] == pytest.approx(np.std([11.5, 11.45], ddof=1))


def test_floors_stand_once_for_each_factor():
    table = table_two(reconstructions(**BOTH), PAPER, stream())
    assert len(table) == 2 * (2 + 2 * 4)
    assert list(table["model"][:10]) == [""] * 2 + ["small"] * 4 + ["large"] * 4
    assert list(table["factor"]) == [4] * 10 + [8] * 10


def test_the_paper_stands_beside():
    table = table_two(reconstructions(**BOTH), PAPER, stream())
    for row in table.to_dict("records"):
        printed = PAPER[
            (PAPER["table"] == "II")
            & (PAPER["training_data"] == row["source"])
            & (PAPER["acceleration"] == row["factor"])
            & (PAPER["metric"] == "psnr_db")
        ]
        if row["model"]:
            size = {"small": "209k", "large": "3.3M"}[row["model"]]
            printed = printed[printed["parameters"] == size]
        found = [row["psnr_paper_mean"], row["psnr_paper_std"]]
        assert len(printed) == (row["source"] not in ("none", "compressed_sensing"))
        np.testing.assert_array_equal(
            found, printed[["mean", "std"]].iloc[0] if len(printed) else np.nan
        )
    row = row_of(table, source="zerofilling", factor=8)
    assert [row["mse_paper_mean"], row["ssim_percent_paper_std"]] == [0.025, 8.47]
    assert not any("fastmri" in name and "paper" in name for name in table)


def test_what_was_not_run_is_said_with_the_papers_figure_beside():
    expected = [[model, 4, source] for model in ("small", "large") for source in PSNR]
    expected = [cell for cell in expected if cell[2] not in FLOORS]
    table = table_two(reconstructions(mixed={}), PAPER, stream(), expected)
    left_out = table[table["note"] != ""]
    assert set(left_out["model"]) == {"large"} and len(left_out) == 4
    assert (left_out["note"] == "not run at this size").all()
    assert (left_out["slices"] == 0).all() and left_out["psnr_slice_mean"].isna().all()
    assert row_of(left_out, source="phasegen")["psnr_paper_mean"] == 23.95
    alone = table_two(reconstructions(mixed={}), PAPER, stream())
    pd.testing.assert_frame_equal(table[table["note"] == ""].reset_index(drop=True), alone)


def test_mixes_change_nothing_in_table_two():
    tables = [table_two(reconstructions(mixed=m), PAPER, stream()) for m in (MIXED, {})]
    pd.testing.assert_frame_equal(*tables)


def test_mixes_by_share_end_with_the_original():
    table = table_three(reconstructions(), PAPER, stream())
    assert list(table["share"]) == [1] * 3 + [10] * 3 + [20] * 3 + [100]
    assert list(table["source"][:3]) == ["only", "tuned", "mixed"]
    for mode, shares in MIXED.items():
        for share, change in shares.items():
            row = row_of(table, source=mode, share=share)
            assert row["psnr_slice_mean"] == pytest.approx(26.8 + change)
    row = row_of(table, source="mixed", share=100)
    assert row["psnr_slice_mean"] == pytest.approx(26.8)


def test_a_mix_of_all_that_was_trained_is_kept():
    rows = reconstructions(mixed={"mixed": {100.0: -3.0}, "tuned": {100.0: 1.0}})
    table = table_three(rows, PAPER, stream())
    means = table.set_index("source")["psnr_slice_mean"]
    assert means.to_dict() == pytest.approx({"mixed": 23.8, "tuned": 27.8})


def test_the_papers_mixes_stand_beside():
    table = table_three(reconstructions(models=("small", "large")), PAPER, stream())
    expected = {
        ("small", 20, "mixed"): 26.46,
        ("large", 20, "mixed"): 27.72,
        ("small", 100, "mixed"): 27.19,
        ("small", 10, "only"): 25.86,
        ("small", 20, "only"): np.nan,
        ("large", 10, "only"): np.nan,
        ("small", 10, "tuned"): np.nan,
    }
    for (model, share, mode), mean in expected.items():
        row = row_of(table, model=model, share=share, source=mode)
        np.testing.assert_equal(row["psnr_paper_mean"], mean)
    row = row_of(table, model="small", share=10, source="only")
    assert row["ssim_percent_paper_mean"] == 65.73 and np.isnan(row["mse_paper_mean"])


def test_mixes_that_were_not_run_are_said():
    small = reconstructions()
    large = reconstructions(models=("large",), mixed={})
    rows = pd.concat([small, large[large["model"] == "large"]], ignore_index=True)
    shares = (20.0, 100.0)
    expected = [
        [m, 4, share, mode] for m in ("small", "large") for share in shares for mode in MIXED
    ]
    table = table_three(rows, PAPER, stream(), expected)
    part = table[table["model"] == "large"]
    assert list(part["share"]) == [20] * 3 + [100] * 2
    assert list(part["source"]) == ["only", "tuned", "mixed", "tuned", "mixed"]
    assert list(part["note"]) == ["not run at this size"] * 4 + [""]
    assert row_of(part, share=20, source="mixed")["psnr_paper_mean"] == 27.72
    assert (table_three(rows, PAPER, stream())["model"] == "small").all()


def test_no_mixes_is_an_empty_table():
    rows = reconstructions(mixed={})
    assert table_three(rows, PAPER, stream()).empty
    assert comparisons_three(rows, stream()).empty and contrasts_three(rows, stream()).empty


def test_differences_of_pairs_at_each_model_and_factor():
    table = comparisons_two(reconstructions(**BOTH), PAIRS, stream())
    assert len(table) == 2 * 2 * 2 * 3
    for model, larger in (("small", 0), ("large", 1)):
        row = row_of(table, model=model, factor=4, metric="psnr", right="zerofilling")
        assert [row[n] for n in ("difference", "low", "high")] == pytest.approx([5 + larger] * 3)
        assert row["verdict"] == "above" and row["seeds"] == 2
    row = row_of(table, model="small", factor=8, metric="ssim_percent", left="original")
    assert row["difference"] == pytest.approx(10)


def test_p_is_adjusted_within_one_model_factor_and_metric():
    table = comparisons_two(noisy(reconstructions(**BOTH)), PAIRS, stream())
    families = list(table.groupby(["model", "factor", "metric"]))
    assert len(families) == 8
    for _, family in families:
        np.testing.assert_array_equal(family["p_holm"], holm(family["p"]))


def test_a_missing_source_takes_its_pairs_along():
    rows = reconstructions({"naive": 19.0, "phasegen": 23.0}, {})
    table = comparisons_two(rows, PAIRS, stream())
    assert set(zip(table["left"], table["right"], strict=True)) == {("phasegen", "naive")}


@pytest.mark.parametrize(
    ("left", "right", "share", "difference"),
    [
        ("mixed", "only", 1, 4),
        ("mixed", "only", 10, 1),
        ("tuned", "only", 1, 3),
        ("mixed", "original", 20, -0.5),
    ],
)
def test_differences_of_mixes_at_every_share(left, right, share, difference):
    table = comparisons_three(reconstructions(), stream())
    row = row_of(table, metric="psnr", left=left, right=right, share=share)
    assert row["difference"] == pytest.approx(difference)
    assert row["verdict"] == ("above" if difference > 0 else "below")
    assert len(table) == 2 * 3 * 3


def test_p_of_mixes_is_adjusted_over_the_shares_of_a_pair():
    near = {mode: dict.fromkeys((1.0, 10.0, 20.0), -0.1) for mode in MIXED}
    table = comparisons_three(noisy(reconstructions(mixed=near)), stream())
    families = list(table.groupby(["metric", "left", "right"]))
    assert len(families) == 6
    for _, family in families:
        assert len(family) == 3
        np.testing.assert_array_equal(family["p_holm"], holm(family["p"]))


def test_fine_tuning_on_all_is_compared_with_the_original():
    rows = reconstructions(mixed={"tuned": {100.0: 1.0}})
    row = row_of(comparisons_three(rows, stream()), metric="psnr")
    assert (row["left"], row["right"], row["share"]) == ("tuned", "only", 100)
    assert row["difference"] == pytest.approx(1)


def test_mixes_without_the_original_have_no_difference_to_it():
    rows = reconstructions()
    table = comparisons_three(rows[rows["source"] != "original"], stream())
    assert set(table["right"]) == {"only"}


def test_few_subjects_have_means_but_no_intervals():
    rows = reconstructions(subjects=2)
    table = table_two(rows, PAPER, stream())
    assert table["psnr_subject_mean"].notna().all() and table["psnr_low"].isna().all()
    for pairs in (comparisons_two(rows, PAIRS, stream()), comparisons_three(rows, stream())):
        assert (pairs["verdict"] == "too few subjects").all()
        assert pairs["difference"].notna().all() and pairs["p_holm"].isna().all()


@pytest.mark.parametrize("subjects", [2, 4])
def test_contrasts_and_few_subjects_one_by_one(subjects):
    rows = reconstructions(subjects=subjects, contrasts=("T1w", "T2w"))
    people = {"all"} | ({"s0", "s1"} if subjects < 4 else set())
    for found, cells in ((contrasts_two, len(PSNR)), (contrasts_three, 10)):
        table = found(rows, stream())
        assert set(table["subject"]) == people
        assert len(table) == cells * 2 * len(people)
    if subjects < 4:
        row = row_of(contrasts_two(rows, stream()), contrast="T2w", source="none", subject="s1")
        assert row["psnr_subject_mean"] == pytest.approx(15.9) and np.isnan(row["psnr_low"])


@pytest.mark.parametrize("lost", [{"subject": "s0"}, {"seed": 1}])
def test_sources_on_other_slices_or_seeds_are_refused(lost):
    rows = reconstructions()
    ((column, value),) = lost.items()
    short = rows[(rows["source"] != "naive") | (rows[column] != value)]
    with pytest.raises(UserError, match=r"same (slices|seeds)"):
        comparisons_two(short, PAIRS, stream())
