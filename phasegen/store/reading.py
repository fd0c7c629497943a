"""Opening sealed stores."""

import json
from pathlib import Path

import pandas as pd
import zarr

from phasegen.errors import UserError


def open_store(store: str | Path) -> zarr.Array:
    """Sealed array ``(slice, coil, y, x)``, read-only.

    Raises:
        FileNotFoundError: no such store, or one that was never sealed.
    """
    if not (Path(store) / "zarr.json").is_file():
        raise FileNotFoundError(f"{store} is no sealed store: it has no zarr.json")
    return zarr.open_array(store, mode="r")


def open_single_coil(store: str | Path) -> zarr.Array:
    """As `open_store`, of a store with one complex image per slice.

    Raises:
        UserError: it has several coils.
    """
    array = open_store(store)
    if array.shape[1] > 1:
        raise UserError(
            f"{store} has {array.shape[1]} coils, and a phase is made and measured of one complex "
            "image per slice; set ingest.coils to combined"
        )
    return array


def read_index(store: str | Path) -> pd.DataFrame:
    """Index of a sealed store: one row per slice, in the order of the array."""
    return pd.read_parquet(Path(store) / "index.parquet")


def provenance(store: str | Path) -> dict:
    """What the store came from, as its seal recorded it."""
    return json.loads((Path(store) / "zarr.json").read_text())["attributes"]["phasegen"]
