"""Blocks of a store to the volumes that they belong to: each read once, none kept."""

from collections.abc import Callable, Iterator, Sequence

import dask
import dask.array as da
import numpy as np

from phasegen.export.base import Volume, Write

MOST_OPEN = 64
"""Volumes written at a time; of more that lie between each other, blocks are read again."""


class Stream:
    """Writes groups of volumes, one group after the other, as the blocks of ``array`` come.

    Attributes:
        groups: volumes whose slices lie between each other's in the store, as those of the
            samples of one series do. Most groups are one volume.
    """

    def __init__(self, array: da.Array, volumes: Sequence[Volume], workers: int) -> None:
        """``workers`` blocks are read and transformed at a time, each by one thread."""
        self.array, self.workers = array, workers
        self.starts = np.cumsum([0, *array.chunks[0]])
        self.groups = list(_groups(volumes))
        self._number, self._data = -1, np.empty(0)
        self._blocks = self._read(self._order())

    def write(
        self, group: Sequence[Volume], writes: Sequence[Write], done: Callable[[int], object]
    ) -> None:
        """Give the slices of the next group to ``writes``, and tell ``done`` how many."""
        for number in self._wanted(group):
            if number != self._number:
                self._number, self._data = next(self._blocks)
            start, stop = self.starts[number : number + 2]
            for volume, write in zip(group, writes, strict=True):
                first, last = np.searchsorted(volume.rows, [start, stop])
                if last > first:
                    write(_take(self._data, volume.rows[first:last] - start))
                    done(int(last - first))

    def _wanted(self, group: Sequence[Volume]) -> list[int]:
        rows = np.concatenate([volume.rows for volume in group])
        return np.unique(np.searchsorted(self.starts, rows, side="right") - 1).tolist()

    def _order(self) -> list[int]:
        """Numbers of the blocks as the groups want them, each once where two share it."""
        numbers = [number for group in self.groups for number in self._wanted(group)]
        return [n for place, n in enumerate(numbers) if place == 0 or n != numbers[place - 1]]

    def _read(self, numbers: Sequence[int]) -> Iterator[tuple[int, np.ndarray]]:
        how = {"scheduler": "synchronous"}
        if self.workers > 1:
            how = {"scheduler": "threads", "num_workers": self.workers}
        for start in range(0, len(numbers), self.workers):
            part = numbers[start : start + self.workers]
            found = list(dask.compute(*(self.array.blocks[number] for number in part), **how))
            for number in part:
                yield number, found.pop(0)


def _groups(volumes: Sequence[Volume]) -> Iterator[list[Volume]]:
    group: list[Volume] = []
    end = -1
    for volume in sorted(volumes, key=lambda volume: volume.rows[0]):
        if group and (volume.rows[0] > end or len(group) == MOST_OPEN):
            yield group
            group, end = [], -1
        group.append(volume)
        end = max(end, volume.rows[-1])
    if group:
        yield group


def _take(block: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Slices of a block, without a copy where they follow each other."""
    first, last = places[0], places[-1]
    return block[first : last + 1] if last - first + 1 == len(places) else block[places]
