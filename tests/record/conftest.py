"""A small run with all that stands behind a table: raw files, stores, weights, tables of slices."""

import os
import shutil
from pathlib import Path

import pytest
import torch

from phasegen.nn.weights_file import write_weights
from phasegen.provenance import made_by, recorded
from phasegen.settings import SkullStrip
from phasegen.steps import skull_strip_report
from phasegen.store.shards import write_table

from ..conftest import make_stores
from ..report.conftest import SWEPT, results

PAPER = Path(__file__).parents[2] / "resources" / "paper_tables.csv"
PAIRS = SkullStrip().comparisons
STORES = Path("results/cohorts/heads")
TABLES = Path("results/tables")
TABLE = TABLES / "table1_heads.csv"


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory):
    """Folder of the run; all names in it are relative, so that it may be copied."""
    folder, before = tmp_path_factory.mktemp("run"), Path.cwd()
    os.chdir(folder)
    try:
        STORES.mkdir(parents=True)
        make_stores(STORES)
        rows = results(data=SWEPT[:2])
        slices = [_test(*key, part) for key, part in rows.groupby(["source", "seed"])]
        _tables(slices)
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def run(whole_run, tmp_path, monkeypatch):
    """A copy of it, which a test may harm; the current folder."""
    folder = tmp_path / "run"
    shutil.copytree(whole_run, folder, symlinks=True)
    monkeypatch.chdir(folder)
    return folder


def weights_of(source, seed):
    return Path(f"results/skull_strip/{source}/{seed}/model.safetensors")


def slices_of(source, seed):
    return weights_of(source, seed).with_name("heads.parquet")


def _test(source, seed, rows):
    """Weights and the table of slices of a network that was never trained."""
    store = STORES / ("images.zarr" if source == "original" else "kspace.zarr")
    facts = {"seed": 3, "number": seed, "code": "0"}
    facts["made_from"] = recorded([store, STORES / "mask.zarr"])
    content = {"skull_strip": {}, "facts": facts}
    write_weights(weights_of(source, seed), {"a": torch.zeros(1)}, content)
    inputs = [weights_of(source, seed), STORES / "images.zarr"]
    facts = made_by("phasegen.steps.skull_strip_evaluation", inputs)
    write_table(slices_of(source, seed), rows, facts)
    return slices_of(source, seed)


def _tables(slices):
    ends = (".csv", "_comparisons.csv", "_contrasts.csv", ".md", ".tex", ".sources.json")
    outputs = [TABLES / f"table1_heads{end}" for end in ends]
    skull_strip_report.table_one(slices, PAPER, PAIRS, 1, "", *outputs)
    ends = (".csv", "_comparisons.csv", ".svg", ".sources.json")
    outputs = [TABLES / f"skull_strip_sweep_heads{end}" for end in ends]
    skull_strip_report.sweep(slices, PAIRS, 1, *outputs)
