"""The files that a run read: those of its cohorts, as the seals recorded them, with their licences."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from phasegen.provenance import file_digest
from phasegen.settings import Datasets
from phasegen.settings.datasets import DataFile

OWN = "https://spdx.org/licenses/MIT"
"""Licence of the project, and of what it simulates and ships."""
UNKNOWN = "not stated: ask whoever gave the data"


class Input(NamedTuple):
    """A file that was read."""

    name: str
    sha256: str
    licence: str
    note: str = ""
    """Citation, if one is due."""


def cohort_inputs(
    stores: Iterable[str | Path],
    simulated: str | Path,
    datasets: Datasets,
    registry: Mapping[str, list[DataFile]],
) -> Iterator[Input]:
    """Files that the slices of ingested stores were read from, each once.

    Args:
        stores: sealed images, magnitudes and masks.
        simulated: folder of simulated files.
        registry: public data sets by name.
    """
    seen: set[str] = set()
    for store in map(Path, stores):
        column = "mask" if store.name == "mask.zarr" else "file"
        table = pd.read_parquet(store / "index.parquet")
        if "file_sha256" not in table:
            table["file_sha256"] = ""
        files = table[[column, "file_sha256"]].drop_duplicates()
        for name, sha256 in files.itertuples(index=False, name=None):
            if name not in seen:
                seen.add(name)
                # A store that was sealed before files were hashed.
                digest = sha256 or file_digest(name)
                yield Input(name, digest, *_licence(name, Path(simulated), datasets, registry))


def _licence(
    name: str, simulated: Path, datasets: Datasets, registry: Mapping[str, list[DataFile]]
) -> tuple[str, str]:
    path, public = Path(name), Path(datasets.folder)
    if path.is_relative_to(simulated):
        return OWN, ""
    dataset = path.relative_to(public).parts[0] if path.is_relative_to(public) else ""
    rows = registry.get(dataset, [])
    licences = sorted({row.licence for row in rows} - {""})
    citations = sorted({row.citation for row in rows} - {""})
    return "; ".join(licences) or UNKNOWN, "; ".join(citations)
