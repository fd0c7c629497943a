"""The table of data crimes is what the indices say."""

import shutil

import numpy as np
import pandas as pd
import pytest

from phasegen.errors import UserError
from phasegen.metrics.crimes import inspect_magnitude
from phasegen.steps.tables import data_crimes


def test_shares_and_medians_by_array(stores, tmp_path):
    store = shutil.copytree(stores / "magnitude.zarr", tmp_path / "magnitude.zarr")
    found = pd.DataFrame([inspect_magnitude(np.zeros((40, 40), np.float32))] * 10)
    found.loc[:2, "lossy"] = True
    found["filled_rows"] = np.float32([0.5] * 6 + [1.0] * 3 + [np.nan])
    index = pd.read_parquet(store / "index.parquet")
    index.drop(columns=list(found), errors="ignore").join(found).to_parquet(store / "index.parquet")
    data_crimes([store / "zarr.json"], tmp_path / "crimes.csv")
    (row,) = pd.read_csv(tmp_path / "crimes.csv").to_dict("records")
    assert (row["cohort"], row["array"], row["slices"]) == ("magnitude-heads", "magnitude", 10)
    assert (row["lossy"], row["zero_padded"], row["magnitude_only"]) == (0.3, 0, 1)
    assert row["median_filled_rows"] == 0.5
    assert np.isnan(row["median_filled_columns"])


def test_slices_that_were_not_inspected_are_told(stores, tmp_path):
    store = shutil.copytree(stores / "images.zarr", tmp_path / "images.zarr")
    index = pd.read_parquet(store / "index.parquet")
    index.drop(columns="lossy", errors="ignore").to_parquet(store / "index.parquet")
    with pytest.raises(UserError, match="ingest it again"):
        data_crimes([store / "zarr.json"], tmp_path / "crimes.csv")
    assert not (tmp_path / "crimes.csv").exists()
