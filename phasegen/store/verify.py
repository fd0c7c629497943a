"""Is a store what the format says, to the last byte? Every fault is named, none is a trace."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from phasegen.store.columns import check_index
from phasegen.store.faults import Faults
from phasegen.store.metadata import Sealed, read_metadata
from phasegen.store.places import ObjectPath
from phasegen.store.shard_file import key, read_slices
from phasegen.store.shards import checksums

Law = Callable[[int, np.ndarray], str | None]
"""Of the row and the values ``(coil, y, x)`` of a slice: what is wrong with it, if anything."""
Laws = Callable[[Sealed, pd.DataFrame, Faults], dict[str, Law]]
LEFTOVERS = (".partial", ".unfinished")


def verify(store: Path | ObjectPath, laws: Laws) -> list[str]:
    """Faults of ``store``: metadata, index, files, checksums and the ``laws`` of its kind.

    One slice is in memory at a time.

    Args:
        laws: called with the metadata and the index, gives the laws of a slice by name.

    Raises:
        Unreachable: an object store that does not answer, which is no fault of the store.
    """
    faults = Faults()
    sealed = read_metadata(store, faults)
    if sealed is None:
        return faults.lines()
    index = check_index(store, sealed, faults)
    index = pd.DataFrame() if index is None else index
    by_name = laws(sealed, index, faults)
    shards = _check_files(store, sealed, faults)
    for shard in tqdm(shards, desc=f"verify {store.name}", unit="shard"):
        for row, values in read_slices(store, sealed, shard, faults):
            _check_slice(row, values, index, by_name, faults)
    return faults.lines()


def _check_slice(
    row: int, values: np.ndarray, index: pd.DataFrame, laws: dict[str, Law], faults: Faults
) -> None:
    if (
        "sha256" in index
        and row < len(index)
        and checksums(values[None])[0] != index["sha256"][row]
    ):
        faults.add("slice with another SHA-256", f"row {row} is not the slice that the index has")
    for name, law in laws.items():
        if text := law(row, values):
            faults.add(name, f"row {row} {text}")


def _check_files(store: Path | ObjectPath, sealed: Sealed, faults: Faults) -> list[int]:
    """Shards that are there, after a look at what is not and what should not be."""
    axes, due = len(sealed.shape), sealed.grid.shards
    files = {path.relative_to(store).as_posix() for path in _walk(store / "c")}
    numbers = {int(number) for name in files if (number := name.split("/")[1]).isdecimal()}
    there = [n for n in sorted(numbers) if n < due and key(n, axes) in files]
    names = {key(n, axes) for n in there}
    beyond = sorted(files - names)
    missing = (name for name in (key(n, axes) for n in range(due)) if name not in names)
    faults.add_all("shard missing", (f"{name}: is missing" for name in missing), due - len(there))
    texts = (f"{name}: is no shard of this store" for name in beyond)
    faults.add_all("file beyond the shards", texts, len(beyond))
    left = sorted(path.name for path in store.iterdir() if path.name.endswith(LEFTOVERS))
    texts = (f"{name}: is left from a run that was cut short" for name in left)
    faults.add_all("leftover", texts, len(left))
    return there


def _walk(folder: Path | ObjectPath) -> Iterator[Path | ObjectPath]:
    return (path for path in folder.rglob("*") if not path.is_dir())
