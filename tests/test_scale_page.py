"""docs/scale.md says what its tables hold, and they are what the commands make of each other."""

from itertools import pairwise

import pandas as pd

from benchmarks import page, petabyte, scale

TEXT = page.FOLDER.with_suffix(".md").read_text()
PLANS = pd.read_csv(page.FOLDER / "scale.csv")
UNITS = pd.read_csv(page.FOLDER / "units.csv").set_index("name")["value"]
PRICES = petabyte.Prices(core_hour=0.04, gpu_hour=2, terabyte_month=20)


def test_tables_of_the_page_are_those_of_the_files():
    assert page.filled(TEXT) == TEXT
    assert {match[2] for match in page.BLOCK.finditer(TEXT)} == {*page.TABLES, "verdict"}
    for name in page.TABLES:
        assert page.shown(name) in TEXT and f"python -m benchmarks.{name}" in TEXT


def test_a_million_slices_are_planned_within_the_aim():
    assert "kept with shards_per_job" in scale.verdict(PLANS)


def test_a_plan_of_thousands_of_jobs_is_linear_in_them():
    """Beyond the start of Snakemake; half as much again is let pass."""
    planned = PLANS[(PLANS["outcome"] == scale.PLANNED) & (PLANS["jobs"] < 20_000)]
    for _, plans in planned.groupby("shards_per_job"):
        rows = plans.sort_values("jobs").to_dict("records")
        start = rows[0]["cpu_seconds"]
        for small, large in pairwise(rows[1:]):
            ratio = (large["cpu_seconds"] - start) / (small["cpu_seconds"] - start)
            assert ratio < 1.5 * large["jobs"] / small["jobs"]


def test_a_petabyte_is_reckoned_from_the_other_two():
    found = petabyte.bounds(UNITS, PLANS, 128, PRICES)
    kept = pd.read_csv(page.FOLDER / "petabyte.csv", keep_default_na=False)
    pd.testing.assert_frame_equal(found, kept)
