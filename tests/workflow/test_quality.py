"""Realism and quality against steps, end to end on the tiny cohort."""

import re

import pandas as pd
import yaml

from .conftest import TINY
from .test_dag import plan

QUALITY = yaml.safe_load(TINY.read_text())["quality"]


def test_the_table_has_every_source_and_the_floor(tested):
    (size,) = QUALITY["sizes"]
    table = pd.read_csv(tested.results / "tables" / f"phase_quality_{size}.csv")
    rows = table[table["contrast"] == "all"].set_index("source")
    assert list(rows.index) == ["none", "naive", "phasegen", "phasegen bfloat16", "real"]
    assert (rows["subjects"] == 4).all()
    assert rows.loc["none", "spread"] == 0
    assert rows.loc["phasegen", "spread"] > rows.loc["naive", "spread"]
    assert (rows["residues_true"] == rows.loc["real", "residues"]).all()
    assert (rows["auroc_low"] <= rows["auroc"]).all()


def test_every_run_of_the_comparison_is_there(tested):
    table = pd.read_csv(tested.results / "tables" / "sampling_steps.csv")
    few = set(QUALITY["evaluations"])
    for sampler, rows in table.groupby("sampler"):
        longest = {QUALITY["longest"]} if sampler in ("ancestral", "ddim") else set()
        assert set(rows["evaluations"]) == few | longest
        assert set(rows["model"]) == {QUALITY["samplers"][sampler]}
    assert (table["seconds"] > 0).all()
    assert table["chosen"].sum() == 1


def test_figures_and_card_are_there(tested):
    (size,) = QUALITY["sizes"]
    for name in (f"phase_quality_{size}.svg", f"phase_quality_sheet_{size}.png"):
        assert (tested.results / "figures" / name).stat().st_size > 1000
    assert "<svg" in (tested.results / "figures" / "sampling_steps.svg").read_text()
    card = (tested.results / "tables" / "model_card.md").read_text()
    assert "| phasegen | all |" in card


def test_the_demo_measures_nothing(finished):
    jobs, _ = plan(finished)
    assert jobs == {}
    assert not (finished.results / "cohorts" / "simulated-test").exists()


def test_a_new_sampler_only_samples_and_measures(tested):
    config = tested.config(quality=QUALITY | {"evaluations": [6, 3, 2]})
    done = tested.run("--dry-run", "sampling_steps", config=config)
    assert done.returncode == 0
    assert "train_phase" not in done.stdout
    assert re.search(r"^sample_trial +4$", done.stdout, re.MULTILINE)
