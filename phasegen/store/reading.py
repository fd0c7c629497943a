"""Opening sealed stores."""

import json
from pathlib import Path

import pandas as pd
import zarr


def open_store(store: str | Path) -> zarr.Array:
    """Sealed array ``(slice, coil, y, x)``, read-only.

    Raises:
        FileNotFoundError: no such store, or one that was never sealed.
    """
    if not (Path(store) / "zarr.json").is_file():
        raise FileNotFoundError(f"{store} is no sealed store: it has no zarr.json")
    return zarr.open_array(store, mode="r")


def read_index(store: str | Path) -> pd.DataFrame:
    """Index of a sealed store: one row per slice, in the order of the array."""
    return pd.read_parquet(Path(store) / "index.parquet")


def provenance(store: str | Path) -> dict:
    """What the store came from, as its seal recorded it."""
    return json.loads((Path(store) / "zarr.json").read_text())["attributes"]["phasegen"]
