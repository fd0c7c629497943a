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

from .test_evidence import difference, is_above

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence"
SECTIONS = {"table2": table_two_sections, "table3": table_three_sections}
METRICS = pytest.mark.parametrize("metric", ["ssim_percent", "psnr"])


def read(name):
    return pd.read_csv(EVIDENCE / f"{name}.csv", keep_default_na=True).fillna(
        {"model": "", "note": ""}
    )


def paired(number, left, right, metric, **where):
    table = read(f"table{number}_simulated-test_comparisons")
    return difference(table, left, right, metric=metric, **where)


@pytest.mark.parametrize("name", SECTIONS)
def test_markdown_is_made_of_the_csv(name):
    table, differences = (read(f"{name}_simulated-test{end}") for end in ("", "_comparisons"))
    sections = [*SECTIONS[name](table), *difference_sections(differences)]
    assert (EVIDENCE / f"{name}_simulated-test.md").read_text() == markdown(sections)


@pytest.mark.parametrize("name", SECTIONS)
def test_the_run_is_as_large_as_the_page_says(name):
    table = read(f"{name}_simulated-test")
    run = table[table["note"] == ""]
    assert set(run["subjects"]) == {16} and set(run["slices"]) == {1280}
    assert set(run.loc[run["model"] != "", "seeds"]) == {3}
    assert set(run.loc[run["model"] != "", "factor"]) == {4}


@METRICS
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("original", "phasegen"),
        ("phasegen", "naive"),
        ("phasegen", "none"),
        ("phasegen", "zerofilling"),
    ],
)
def test_the_order_of_sources(metric, left, right):
    assert is_above(paired(2, left, right, metric))


def test_compressed_sensing_is_above_all_networks_in_psnr():
    row = paired(2, "phasegen", "compressed_sensing", "psnr")
    assert row["high"] < 0 and row["p_holm"] < 0.05


def test_a_mix_of_20_percent_is_near_original():
    assert paired(3, "mixed", "original", "psnr", share=20)["difference"] > -0.75
