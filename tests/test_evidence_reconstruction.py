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
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("original", "phasegen"),
        ("phasegen", "naive"),
        ("phasegen", "none"),
        ("phasegen", "zerofilling"),
    ],
)
def test_the_order_of_sources(metric, left, right, factor):
    assert is_above(paired(2, left, right, metric, factor=factor))


def test_sizes_of_the_differences():
    assert paired(2, "phasegen", "zerofilling", "psnr")["difference"] == pytest.approx(1.5, abs=0.1)
    assert paired(2, "original", "phasegen", "psnr")["difference"] == pytest.approx(1 / 7, abs=0.01)
    row = paired(2, "original", "phasegen", "ssim_percent")
    assert row["difference"] == pytest.approx(2, abs=0.2)


def test_what_learned_from_magnitudes_is_hardly_above_zero_filling():
    psnr = means("psnr")
    assert 0 < psnr["none"] - psnr["zerofilling"] < 0.1


def test_total_variation_is_above_every_network():
    row = paired(2, "phasegen", "compressed_sensing", "psnr")
    assert is_below(row)
    above = means("psnr")["compressed_sensing"] - means("psnr")[["original", "phasegen"]]
    assert (above > 0.3).all() and (above < 0.55).all()


def test_a_mix_of_20_percent_is_near_original():
    row = paired(3, "mixed", "original", "psnr", share=20)
    assert row["low"] < 0 < row["high"] and row["difference"] > -0.75
    row = paired(3, "mixed", "original", "ssim_percent", share=20)
    assert is_below(row) and row["difference"] == pytest.approx(-1.5, abs=0.2)


@METRICS
def test_mixing_helps_at_one_percent_alone(metric):
    assert is_above(paired(3, "mixed", "only", metric, share=1))
    assert is_below(paired(3, "mixed", "only", metric, share=10))
    assert not is_above(paired(3, "mixed", "only", metric, share=20))


@METRICS
@pytest.mark.parametrize("share", [1, 10, 20])
def test_tuning_is_above_the_same_slices_alone(metric, share):
    row = paired(3, "tuned", "only", metric, share=share)
    assert is_above(row) and (metric != "psnr" or row["difference"] > 0.5)
