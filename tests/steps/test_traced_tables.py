"""Tables of reconstruction, too, have the files of every row; those of skull-stripping are looked
at in tests/record."""

import json

import pandas as pd
import pytest

from phasegen.provenance import file_digest
from phasegen.record.traced_table import read_traced
from phasegen.report.reconstruction_rows import NOT_RUN
from phasegen.store.shards import write_table

from ..report.conftest import reconstructions
from .test_reconstruction_report import PAIRS, table_three, table_two

KEYS = ["model", "factor", "source", "share", "seed"]
FLOORS = ("zerofilling", "compressed_sensing")


def name_of(model, source, share, seed):
    return f"{model}-{source}-{share:g}-{seed}.parquet"


@pytest.fixture
def slices(tmp_path, monkeypatch):
    """Tables of slices of tests, in the current folder, which are named by what was tested."""
    monkeypatch.chdir(tmp_path)
    paths = []
    rows = reconstructions(models=("small", "large"))
    for (model, _, source, share, seed), part in rows.groupby(KEYS, dropna=False):
        paths.append(tmp_path / name_of(model, source, share, seed))
        write_table(paths[-1], part)
    return paths


def due(row, source):
    """Files that a source of a row of a table is to be computed from."""
    share = float(row.get("share") or "nan")
    if source in FLOORS:
        return {name_of("", source, float("nan"), 0)}
    if source == "original" or (share == 100 and source == "mixed"):
        source, share = "original", float("nan")
    return {name_of(row["model"], source, share, seed) for seed in (0, 1)}


@pytest.mark.parametrize("make", [table_two, table_three])
def test_every_row_has_the_files_it_was_computed_from(slices, tmp_path, make):
    for path in make(slices, tmp_path)[:3]:
        table = read_traced(path)
        assert len(table.rows)
        for number, row in table.rows.iterrows():
            sources = [row[key] for key in ("source", "left", "right") if key in row]
            wanted = set().union(*(due(row, source) for source in sources))
            if row.get("note") == NOT_RUN:
                wanted = set()
            found = table.files(number, "subjects" if "left" not in row else "p")
            assert set(found) == wanted, table.title(number)
            assert all(sha == file_digest(name) for name, sha in found.items())


def test_what_is_adjusted_together_has_the_files_of_all(slices, tmp_path):
    table = read_traced(table_two(slices, tmp_path)[1])
    number = table.number(["model=small", "metric=psnr", "left=phasegen", "right=naive"])
    row = table.rows.iloc[number]
    sources = {source for pair in PAIRS for source in pair}
    whole = set().union(*(due(row, source) for source in sources))
    assert set(table.files(number, "p_holm")) == whole > set(table.files(number, "p"))


def test_the_record_has_seed_code_and_no_file_too_many(slices, tmp_path):
    *_, sources = table_two(slices, tmp_path, seed=7)
    record = json.loads(sources.read_text())
    assert record["seed"] == 7 and record["module"] == "phasegen.steps.reconstruction_report"
    of_arms = {path.name for path in slices if "-nan-" in path.name}
    assert set(record["made_from"]) == of_arms | {"resources/paper_tables.csv"}


def test_the_csv_has_numbers_alone(slices, tmp_path):
    for path in table_two(slices, tmp_path)[:3]:
        assert not {"made_from", "judged_from"} & set(pd.read_csv(path))
