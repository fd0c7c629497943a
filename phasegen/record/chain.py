"""The chain behind a file: what it was made from, what that was made from, down to the raw files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from pyarrow import ArrowException

from phasegen.paths import SHIPPED_WEIGHTS, shard_key
from phasegen.provenance import file_digest, located
from phasegen.record.facts import Facts, facts_of
from phasegen.store.faults import Faults
from phasegen.store.metadata import read_metadata

NOTHING = Facts("file", {}, {})


@dataclass
class Link:
    """A file, what it says of itself, and the links to what it was made from."""

    name: str
    """As recorded."""
    sha256: str
    """As recorded."""
    facts: Facts = NOTHING
    faults: list[str] = field(default_factory=list)
    """What is not as it was recorded."""
    parts: list["Link"] = field(default_factory=list)
    raw: list["Link"] = field(default_factory=list)
    """Files that an ingested store was read from."""


class Chain:
    """Links by name and SHA-256, each followed once.

    Args:
        folder: of the run, which recorded names are relative to.
        looked: called after each file.
    """

    def __init__(self, folder: str | Path, looked: Callable[[], object] = lambda: None) -> None:
        self.folder = Path(folder)
        self.looked = looked
        self.links: dict[tuple[str, str], Link] = {}

    def follow(self, name: str, sha256: str, raw: bool = False) -> Link:
        """The link of a recorded file, with all that lies behind it; behind raw files nothing does."""
        key = (name, sha256)
        if key not in self.links:
            self.links[key] = link = Link(name, sha256)
            self._look(link, located(name, self.folder), raw)
            self.looked()
        return self.links[key]

    def faults(self) -> list[str]:
        """All that is not as it was recorded, a line each."""
        return [f"{link.name}: {fault}" for link in self.links.values() for fault in link.faults]

    def _look(self, link: Link, path: Path, raw: bool) -> None:
        if not path.is_file():
            link.faults.append("is gone")
            return
        if file_digest(path) != link.sha256:
            link.faults.append("has changed since (another SHA-256)")
        if raw:
            return
        try:
            link.facts = facts_of(path)
        except ValueError as error:
            link.faults.append(str(error))
            return
        if link.facts.kind == "seal":
            link.faults += _faults_of_store(path.parent)
            link.raw = [self.follow(*file, raw=True) for file in _raw_files(path.parent)]
        if path.resolve() == SHIPPED_WEIGHTS.resolve():
            return  # What they were trained on is no part of any other run.
        link.parts = [self.follow(*file) for file in (link.facts.made_from or {}).items()]


def _faults_of_store(store: Path) -> list[str]:
    """What metadata, index and names of files show; no slice is read."""
    faults = Faults()
    sealed = read_metadata(store, faults)
    if sealed is None:
        return faults.lines()
    index = store / "index.parquet"
    if not index.is_file():
        faults.add("index", "index.parquet is gone")
    elif file_digest(index) != sealed.attributes.get("index"):
        faults.add("index", "index.parquet has changed since (another SHA-256)")
    keys = (shard_key(number, len(sealed.shape)) for number in range(sealed.grid.shards))
    for key in keys:
        if not (store / key).is_file():
            faults.add("shard", f"shard {key} is gone")
    return faults.lines()


def _raw_files(store: Path) -> Iterator[tuple[str, str]]:
    """Files that the slices of an ingested store were read from, with their SHA-256."""
    facts = facts_of(store / "zarr.json")
    index = store / "index.parquet"
    if facts.told.get("kind") not in ("images", "magnitude", "mask") or not index.is_file():
        return
    column = "mask" if facts.told["kind"] == "mask" else "file"
    try:
        table = pd.read_parquet(index, columns=[column, "file_sha256"])
    except (OSError, ValueError, KeyError, ArrowException):
        return  # damaged, which is told already, or older than the column
    yield from table.drop_duplicates().itertuples(index=False, name=None)
