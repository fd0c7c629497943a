"""Names of files, the shard grid of a store, and files that are whole or absent."""

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from phasegen.errors import UserError

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


def store_of(shard: str | Path) -> Path:
    """The store that a shard lies in, by the path of the shard's file."""
    return next(folder.parent for folder in Path(shard).parents if folder.name == "c")


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


@contextmanager
def sole_writer(target: Path, wait: bool = False) -> Iterator[None]:
    """Keep every other process from writing ``target`` meanwhile, on this and other hosts.

    The kernel frees the lock, a file beside ``target``, when its holder dies.

    Args:
        wait: for the end of another process that is at work there, instead of refusing.

    Raises:
        UserError: another process is at work there.
    """
    lock = target.with_name(f".{target.name}.lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        _acquire(file, target, wait)
        if _is_open_as(file, lock):
            try:
                yield
            finally:
                lock.unlink()
            return
    with sole_writer(target, wait):
        yield


def _acquire(file: IO, target: Path, wait: bool) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if not wait:
            raise UserError(f"another process is writing {target}; wait for its end") from None
        logging.info("another process is writing %s; waiting for its end", target)
        fcntl.flock(file, fcntl.LOCK_EX)


def _is_open_as(file: IO, path: Path) -> bool:
    """Whether ``path`` is still this file: its last holder may have deleted it."""
    return path.exists() and path.stat().st_ino == os.fstat(file.fileno()).st_ino


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
