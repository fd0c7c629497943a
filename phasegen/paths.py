"""Names of files, the shard grid of a store, and files that are whole or absent."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SHIPPED_WEIGHTS = Path(__file__).parents[1] / "resources" / "weights" / "phasegen.safetensors"


@dataclass(frozen=True)
class Grid:
    """How the slices of a store are spread over its shards; a shard is one file and one job."""

    slices: int
    per_shard: int

    @property
    def shards(self) -> int:
        """Number of shards; the last one may be partly filled."""
        return -(-self.slices // self.per_shard)

    def rows(self, shard: int) -> range:
        """Rows (slices) that ``shard`` holds."""
        if not 0 <= shard < self.shards:
            raise IndexError(f"shard {shard} of a store with {self.shards}")
        start = shard * self.per_shard
        return range(start, min(start + self.per_shard, self.slices))


def shard_key(shard: int | str, axes: int = 4) -> str:
    """Path of a shard inside its store: Zarr v3 key in an array of so many axes."""
    return "/".join(["c", str(shard), *"0" * (axes - 1)])


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """A temporary name beside ``path`` that takes its place once written in full.

    The file is flushed to the disk before it is renamed. After an exception
    ``path`` is as it was and the temporary file is gone.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        yield partial
        # Some libraries write files that their owner alone may read.
        partial.chmod(0o666 & ~_umask())
        _flush(partial)
        partial.replace(path)
        _flush(path.parent)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def staging_folder(folder: Path) -> Iterator[Path]:
    """An empty folder for unfinished work, gone afterwards; what a killed run left is dropped."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def move_whole(source: Path, target: Path) -> None:
    """Flush ``source`` to the disk and give it its final name on the same file system."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _flush(source)
    source.replace(target)
    _flush(target.parent)


def _umask() -> int:
    # There is no other way to read it than to set it.
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
