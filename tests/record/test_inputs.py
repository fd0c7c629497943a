"""Input files with their checksums and licences."""

import pandas as pd
import pytest

from phasegen.provenance import file_digest
from phasegen.record.inputs import OWN, UNKNOWN, cohort_inputs
from phasegen.settings import Datasets
from phasegen.settings.datasets import DataFile

from .conftest import STORES

KINDS = [STORES / f"{kind}.zarr" for kind in ("magnitude", "mask", "images")]
OPEN = DataFile(
    name="heads", url="https://a.b/c", file="c.zip", licence="CC0-1.0", citation="A 2020"
)


def inputs(simulated="nowhere", folder="nowhere"):
    registry = {"heads": [OPEN, OPEN.model_copy(update={"licence": "CC-BY-4.0"})]}
    return list(cohort_inputs(KINDS, simulated, Datasets(folder=folder), registry))


def test_every_raw_file_is_listed_once_with_its_checksum(run):
    found = inputs()
    names = sorted(file.name for file in found)
    assert names == sorted(file.as_posix() for file in STORES.glob("v*"))
    assert all(file.sha256 == file_digest(file.name) for file in found)


@pytest.mark.parametrize(
    ("folders", "licence", "note"),
    [
        ({}, UNKNOWN, ""),
        ({"simulated": "results"}, OWN, ""),
        ({"folder": "results/cohorts"}, "CC-BY-4.0; CC0-1.0", "A 2020"),
        ({"folder": "results"}, UNKNOWN, ""),
    ],
    ids=["own data", "simulated", "public", "another public"],
)
def test_licences(run, folders, licence, note):
    assert {(file.licence, file.note) for file in inputs(**folders)} == {(licence, note)}


def test_files_of_an_older_store_are_hashed_now(run):
    for store in KINDS:
        index = pd.read_parquet(store / "index.parquet")
        index.drop(columns="file_sha256").to_parquet(store / "index.parquet")
    assert all(file.sha256 == file_digest(file.name) for file in inputs())
