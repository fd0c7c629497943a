"""What docs/evidence says of reconstruction and of mixes is what its tables hold."""

from pathlib import Path

import pandas as pd
import pytest

from phasegen.report.markdown import markdown
from phasegen.report.reconstruction_sections import (
    difference_sections,
    table_three_sections,
    table_two_sections,
)

from .test_evidence import difference, is_above, is_below

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence"
SECTIONS = {"table2": table_two_sections, "table3": table_three_sections}
METRICS = pytest.mark.parametrize("metric", ["ssim_percent", "psnr"])


def read(name):
    return pd.read_csv(EVIDENCE / f"{name}.csv", keep_default_na=True).fillna(
        {"model": "", "note": ""}
    )


def paired(number, left, right, metric, model="small", factor=4, **where):
    table = read(f"table{number}_simulated-test_comparisons")
    return difference(table, left, right, metric=metric, model=model, factor=factor, **where)


def means(metric, cohort="simulated-test", model="small", factor=4):
    """Mean of each source, the floors among them."""
    table = read(f"table2_{cohort}")
    run = table[(table["note"] == "") & (table["factor"] == factor)]
    return run[run["model"].isin(["", model])].set_index("source")[f"{metric}_slice_mean"]


@pytest.mark.parametrize("cohort", ["simulated-test", "ulf"])
@pytest.mark.parametrize("name", SECTIONS)
def test_markdown_is_made_of_the_csv(name, cohort):
    table, differences = (read(f"{name}_{cohort}{end}") for end in ("", "_comparisons"))
    sections = [*SECTIONS[name](table), *difference_sections(differences)]
    assert (EVIDENCE / f"{name}_{cohort}.md").read_text() == markdown(sections)


@pytest.mark.parametrize("name", SECTIONS)
def test_the_run_is_as_large_as_the_page_says(name):
    table = read(f"{name}_simulated-test")
    run = table[table["note"] == ""]
    assert set(table.loc[table["note"] != "", "note"]) == {"not run at this size"}
    assert set(run["subjects"]) == {16} and set(run["slices"]) == {1280}
    assert set(run.loc[run["model"] == "small", "seeds"]) == {3}
    assert set(run.loc[run["model"] == "small", "factor"]) == ({4, 8} if name == "table2" else {4})
    large = run[run["model"] == "large"]
    assert set(large["source"]) == ({"phasegen", "original"} if name == "table2" else set())
    assert set(large["seeds"]) <= {1} and set(large["factor"]) <= {4}


@METRICS
@pytest.mark.parametrize("factor", [4, 8])
@pytest.mark.parametrize("plain", ["naive", "none", "zerofilling"])
def test_phasegen_is_above_the_plain_phases_and_zero_filling(metric, plain, factor):
    assert is_above(paired(2, "phasegen", plain, metric, factor=factor))


def test_original_is_above_where_the_page_says():
    for factor, points in ((4, 1.5), (8, 2.5)):
        row = paired(2, "original", "phasegen", "psnr", factor=factor)
        assert row["low"] < 0 < row["high"]
        row = paired(2, "original", "phasegen", "ssim_percent", factor=factor)
        assert is_above(row) and row["difference"] == pytest.approx(points, abs=0.2)
    for metric, size in (("psnr", 0.5), ("ssim_percent", 6)):
        row = paired(2, "original", "phasegen", metric, model="large")
        assert is_above(row) and row["difference"] == pytest.approx(size, rel=0.1)


@pytest.mark.parametrize("factor", [4, 8])
def test_sizes_of_the_differences(factor):
    for plain, decibels in (("naive", 1.5), ("none", 2), ("zerofilling", 1.5)):
        assert paired(2, "phasegen", plain, "psnr", factor=factor)["difference"] > decibels


def test_who_reaches_zero_filling():
    four, eight = means("psnr", factor=4), means("psnr", factor=8)
    assert four["none"] < four["zerofilling"] < four["naive"]
    assert max(eight["none"], eight["naive"]) < eight["zerofilling"]


@METRICS
def test_total_variation_is_not_told_from_phasegen_at_factor_4_and_below_at_8(metric):
    row = paired(2, "phasegen", "compressed_sensing", metric)
    assert row["low"] < 0 < row["high"]
    row = paired(2, "phasegen", "compressed_sensing", metric, factor=8)
    size = {"psnr": 2 / 3, "ssim_percent": 3}[metric]
    assert is_above(row) and row["difference"] == pytest.approx(size, rel=0.1)


def test_the_large_network_is_below_the_small_one():
    large, small = means("psnr", model="large"), means("psnr")
    assert (large[["original", "phasegen"]] < small[["original", "phasegen"]]).all()


def test_a_mix_is_not_told_from_original_in_psnr():
    for share in (0.1, 1, 5, 10, 15, 20):
        row = paired(3, "mixed", "original", "psnr", share=share)
        assert row["low"] < 0 < row["high"] and row["low"] > -0.75
    row = paired(3, "mixed", "original", "ssim_percent", share=20)
    assert is_below(row) and row["difference"] == pytest.approx(-1, abs=0.2)


@METRICS
def test_mixing_helps_at_one_percent_and_below_alone(metric):
    for share in (0.1, 1):
        assert is_above(paired(3, "mixed", "only", metric, share=share))
    for share in (5, 10, 15, 20):
        row = paired(3, "mixed", "only", metric, share=share)
        is_told = metric == "ssim_percent" and share != 15
        assert is_below(row) if is_told else row["p_holm"] > 0.05
        assert row["difference"] > -2


@METRICS
@pytest.mark.parametrize("share", [0.1, 1, 5, 10, 15, 20])
def test_tuning_is_above_the_same_slices_alone(metric, share):
    assert is_above(paired(3, "tuned", "only", metric, share=share))


@pytest.mark.parametrize("share", [5, 10, 15, 20])
def test_tuned_on_five_percent_is_above_original(share):
    table = read("table3_simulated-test")
    tuned = table.query("note == '' and source == 'tuned' and share == @share")
    assert (tuned["psnr_slice_mean"] > means("psnr")["original"]).all()


@pytest.mark.parametrize("factor", [4, 8])
def test_two_patients_have_the_order_of_the_heads(factor):
    psnr = means("psnr", "ulf", factor=factor)
    assert psnr["phasegen"] - psnr[["none", "naive", "zerofilling"]].max() > 1.5
    assert abs(psnr["phasegen"] - psnr["original"]) < 0.11
    total_variation = psnr["compressed_sensing"] - psnr[["phasegen", "original"]]
    assert (total_variation.abs() < 0.1 if factor == 4 else total_variation.between(-1, -0.8)).all()
