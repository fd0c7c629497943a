"""Slices of sealed stores as a torch dataset: read when they are asked for, a batch at a time."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch.utils.data import Dataset

from phasegen.errors import UserError
from phasegen.seeds import IDENTITY
from phasegen.store.concurrent import ConcurrentReader, Reading
from phasegen.store.places import ObjectPath, place
from phasegen.store.reading import read_index

Batch = tuple[torch.Tensor, torch.Tensor]
"""Slices ``(slice, coil, y, x)`` and their rows in the table of the dataset, int64."""

AHEAD = 2
"""Batches on their way while another one is used."""


class Items(list):
    """Pairs of a slice and its row, which also lie together as a ``batch``."""

    def __init__(self, values: torch.Tensor, rows: Sequence[int]) -> None:
        super().__init__(zip(values, rows, strict=True))
        self.batch: Batch = values, torch.tensor(rows)


def together(items: Items) -> Batch:
    """For ``DataLoader(collate_fn=...)``: the batch as it was read, not copied again."""
    return items.batch


class StoredSlices(Dataset):
    """Slices of one part of sealed stores, and the row of each in ``table``.

    An item is ``(values, row)``, values complex64 (or what the kind has) ``(coil, y, x)``;
    quantised stores give complex64. ``table`` has the columns cohort, subject, series, slice,
    store (path), row (in that store) and, where the stores have it, scale, in the order of the
    stores; ``identities`` are the first four of them. Files are opened in the
    process that reads, so a dataset may be sent to workers that were spawned or come from a
    fork server; forked ones would wait for threads that they do not have.

    Args:
        stores: paths, or URLs ``s3://BUCKET/PATH``, of stores of one kind and one size of slice.
        split: table (or path of one, tab-separated) with the columns cohort, subject, part.
        part: the part of ``split`` to take; without a split all slices are taken.

    Raises:
        UserError: no slice at all, or stores that do not go together.
        FileNotFoundError: no such store, or one that was never sealed.
    """

    one_kind = True
    """Whether all stores must be of one kind, where `prepare` does not make them alike."""

    def __init__(
        self,
        stores: Sequence[str | Path | ObjectPath],
        split: pd.DataFrame | str | Path | None = None,
        part: str = "train",
    ) -> None:
        self.stores = [place(store) for store in stores]
        self._keep(_table(self.stores, split, part))
        self._readers: list[ConcurrentReader] | None = None
        _check_alike(self.readers, self.one_kind)

    @property
    def readers(self) -> list[ConcurrentReader]:
        """One for every store, opened at their first use in this process."""
        if self._readers is None:
            self._readers = [ConcurrentReader(store) for store in self.stores]
        return self._readers

    def __getstate__(self) -> dict:
        return self.__dict__ | {"_readers": None}

    def __len__(self) -> int:
        return len(self.table)

    def __getitem__(self, row: int) -> tuple[torch.Tensor, int]:
        return self.__getitems__([row])[0]

    def __getitems__(self, rows: Sequence[int]) -> Items:
        """A whole batch, which a DataLoader asks for; all reads are under way at once.

        Raises:
            DamagedStore: a shard that is missing, cut or changed, by its file's name.
        """
        return self._finish(rows, self._start(rows))

    def read_ahead(self, batches: Iterable[Sequence[int]]) -> Iterator[Items]:
        """The batches one by one, while the next ``AHEAD`` are on their way."""
        waiting: deque[tuple[Sequence[int], list]] = deque()
        for rows in batches:
            waiting.append((rows, self._start(rows)))
            if len(waiting) > AHEAD:
                yield self._finish(*waiting.popleft())
        while waiting:
            yield self._finish(*waiting.popleft())

    def _keep(self, table: pd.DataFrame) -> None:
        self.table = table.reset_index(drop=True)
        self.identities = self.table[list(IDENTITY)]
        numbers = {str(store): number for number, store in enumerate(self.stores)}
        self._places = self.table["store"].map(numbers).to_numpy()
        self._rows = self.table["row"].to_numpy()

    def prepare(self, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """What becomes of slices that were read; here nothing."""
        return values

    def _start(self, rows: Sequence[int]) -> list[tuple[np.ndarray, Reading]]:
        """For every store, where in the batch its slices go, and the slices."""
        places = self._places[rows]
        parts = []
        for number in np.unique(places):
            where = np.flatnonzero(places == number)
            wanted = self._rows[np.asarray(rows)[where]]
            parts.append((where, self.readers[number].start(wanted)))
        return parts

    def _finish(self, rows: Sequence[int], parts: list[tuple[np.ndarray, Reading]]) -> Items:
        if len(parts) == 1:
            values = parts[0][1].result()
        else:
            found = [(where, reading.result()) for where, reading in parts]
            first = found[0][1]
            values = np.empty((len(rows), *first.shape[1:]), first.dtype)
            for where, part in found:
                values[where] = part
        return Items(torch.from_numpy(self.prepare(values, np.asarray(rows))), list(rows))


def _table(
    stores: Sequence[Path | ObjectPath], split: pd.DataFrame | str | Path | None, part: str
) -> pd.DataFrame:
    tables = [_index(store) for store in stores]
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    if len(table) and split is not None:
        keys = ["cohort", "subject"]
        parts = _read_split(split)[[*keys, "part"]]
        found = table[keys].merge(parts, on=keys, how="left", validate="many_to_one")
        table = table[(found["part"] == part).to_numpy()]
    if not len(table):
        names = ", ".join(map(str, stores)) or "no store"
        raise UserError(f"there is no slice of the part {part!r} in {names}")
    return table


def _index(store: Path | ObjectPath) -> pd.DataFrame:
    index = read_index(store)
    # A single file that was converted has no cohort.
    index = index.assign(**{name: "" for name in IDENTITY if name not in index}, store=str(store))
    known = [*IDENTITY, "store", "row", "scale"]
    return index[[name for name in known if name in index]]


def _read_split(split: pd.DataFrame | str | Path) -> pd.DataFrame:
    if not isinstance(split, pd.DataFrame):
        return pd.read_csv(split, sep="\t", dtype=str, keep_default_na=False)
    return split


def _check_alike(readers: Sequence[ConcurrentReader], one_kind: bool) -> None:
    first = readers[0]
    for other in readers[1:]:
        same_kind = other.kind == first.kind or not one_kind
        if not same_kind or other.slice_shape != first.slice_shape:
            raise UserError(
                f"{other.store} holds {other.kind} {other.slice_shape}, but {first.store} "
                f"{first.kind} {first.slice_shape}; they cannot be in one batch"
            )
