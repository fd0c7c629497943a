"""What every format gives: the interface that a writer plugs into."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

Write = Callable[[np.ndarray], None]
"""Takes the next slices of a volume, ``(slice, coil, ., .)``, as many as there happen to be."""


@dataclass(frozen=True)
class Volume:
    """One volume of a store: what its index says of it.

    Attributes:
        sample: number of the drawn phase; None where there is one phase per slice.
        kind: kind of the store, such as ``kspace``.
        name: fit for a file name, and of no other volume of the store.
        rows: places of its slices in the store, increasing.
        slices: numbers of these slices in the volume that the store was made from.
        shape: (slice, coil, y, x) of what is written.
        pixel_mm: pixel size (row, column) [mm]; None if not known.
        slice_mm: distance of neighbouring slices of the source [mm]; None if not known.
    """

    cohort: str
    subject: str
    series: str
    sample: int | None
    kind: str
    name: str
    rows: np.ndarray
    slices: np.ndarray
    shape: tuple[int, int, int, int]
    pixel_mm: tuple[float, float] | None
    slice_mm: float | None

    @property
    def identity(self) -> tuple[str, str, str, int | None]:
        """What tells a volume from every other one of its store."""
        return self.cohort, self.subject, self.series, self.sample

    @property
    def distance_mm(self) -> float:
        """Distance of neighbouring slices as written [mm]; 1 where it is not known."""
        steps = np.unique(np.diff(self.slices))
        return (self.slice_mm or 1.0) * (int(steps[0]) if steps.size == 1 and steps[0] > 0 else 1)

    @property
    def field_of_view_mm(self) -> tuple[float, float, float]:
        """Rows, columns and one slice [mm], with 1 mm for what is not known."""
        row, column = self.pixel_mm or (1.0, 1.0)
        return row * self.shape[2], column * self.shape[3], self.distance_mm


class Format(Protocol):
    """One format. It has no state."""

    domain: Literal["kspace", "image"]
    """What its writer takes; the other is transformed on the way."""
    kinds: tuple[str, ...]
    """Kinds of store that it can hold."""

    def files(self, volumes: Sequence[Volume]) -> list[tuple[str, ...]]:
        """Paths, below the folder of the export, of the files of every volume.

        The last file of a volume is the last to be there.

        Raises:
            UserError: a volume that the format cannot hold.
        """
        ...

    def open(self, volume: Volume, paths: Sequence[Path]) -> AbstractContextManager[Write]:
        """Write a volume to ``paths``, the files of `files`; after an exception none is there."""
        ...

    def about(
        self, volumes: Sequence[Volume], files: Sequence[tuple[str, ...]], facts: dict
    ) -> dict[str, str]:
        """Text files, by path, that tell of the whole export; most formats have none.

        Args:
            volumes: those that were chosen, and ``files`` theirs.
            facts: provenance of the store.
        """
        return {}
