"""Rules ``seal_cohort`` and ``seal_kspace``: all shards of a store in, an open store out."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from phasegen.fourier import to_image
from phasegen.paths import Grid
from phasegen.provenance import file_digest, recorded, versions
from phasegen.settings import Ingest
from phasegen.store.reading import open_store, read_index
from phasegen.store.seal import Check, DamagedStore, seal

# Of the slice's maximum; float32 rounding of two Fourier transforms is some 1e-6.
MAGNITUDE_TOLERANCE = 1e-5


def seal_cohort(
    store: str | Path,
    kind: str,
    manifest: str | Path,
    records: Sequence[str | Path],
    settings: dict,
    facts: dict,
) -> None:
    """Seal an ingested array; its index is the manifest joined with the shards' records."""
    chosen, table = Ingest.model_validate(settings), pd.read_parquet(manifest)
    grid = Grid(len(table), chosen.slices_per_shard)
    coils = int(table["coils"].iloc[0]) if kind == "images" and chosen.coils == "kept" else 1
    shape = (coils, chosen.size, chosen.size)
    attributes = facts | {
        "manifest": file_digest(manifest),
        "made_from": recorded([manifest]),
        "versions": versions(),
    }
    seal(Path(store), kind, grid, shape, _paths(records), attributes, table)


def seal_kspace(
    store: str | Path,
    magnitude: str | Path,
    records: Sequence[str | Path],
    model: str | Path | None,
    facts: dict,
) -> None:
    """Seal a synthetic store once ``abs(ifft(kspace))`` is its magnitude in every slice.

    Raises:
        DamagedStore: a slice off by more than 1e-5 of its maximum.
    """
    images = open_store(magnitude)
    grid = Grid(images.shape[0], images.shards[0])

    attributes = facts | {
        "magnitude": file_digest(Path(magnitude) / "index.parquet"),
        "checkpoint": file_digest(model) if model else None,
        "made_from": recorded([magnitude, *([model] if model else [])]),
        "versions": versions(),
    }
    source_index = read_index(magnitude).drop(columns="sha256")
    shape = images.shape[1:]
    check = check_magnitude(store, lambda rows: images[rows.start : rows.stop])
    seal(Path(store), "kspace", grid, shape, _paths(records), attributes, source_index, check)


def check_magnitude(store: str | Path, magnitude: Callable[[range], np.ndarray]) -> Check:
    """Check of every shard against the ``magnitude`` of its rows, ``(slice, coil, y, x)``."""

    def check(rows: range, kspace: np.ndarray) -> dict[str, np.ndarray]:
        error = magnitude_error(kspace, magnitude(rows))
        for row in np.flatnonzero(~(error <= MAGNITUDE_TOLERANCE)):
            raise DamagedStore(f"{store}: slice {rows[row]} has another magnitude than its source")
        return {"magnitude_error": error}

    return check


def magnitude_error(kspace: np.ndarray, magnitude: np.ndarray) -> np.ndarray:
    """Largest difference of ``abs(ifft(kspace))`` to ``magnitude``, over the slice's maximum."""
    difference = np.abs(np.abs(to_image(kspace)) - magnitude).max(axis=(1, 2, 3))
    largest = magnitude.max(axis=(1, 2, 3))
    return difference / np.where(largest > 0, largest, 1)


def _paths(records: Sequence[str | Path]) -> list[Path]:
    return [Path(record) for record in records]
