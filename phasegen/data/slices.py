"""Complex slices of sealed stores, for training."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from phasegen.data.stored import StoredSlices
from phasegen.errors import UserError
from phasegen.store.reading import open_single_coil, read_index


class ImageSlices(StoredSlices):
    """Complex images ``(1, y, x)``, complex64, each divided by its slice's scale, and their row.

    Empty slices are left out. ``identities`` has the columns ``cohort, subject, series,
    slice`` of every row.

    Raises:
        UserError: no slice but empty ones, stores of another kind or of several coils.
    """

    def __init__(
        self, stores: Sequence[Path], split: pd.DataFrame | None = None, part: str = "train"
    ) -> None:
        super().__init__(stores, split, part)
        for store in self.stores:
            open_single_coil(store)
        if self.readers[0].kind != "images":
            raise UserError(f"{self.stores[0]} holds {self.readers[0].kind}, where images are due")
        self._keep(self.table[self.table["scale"] > 0])
        if not len(self):
            raise UserError(f"all slices of the part {part!r} are empty")
        self.scale = self.table["scale"].to_numpy()

    def prepare(self, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return values / self.scale[rows, None, None, None]


def split_subjects(
    stores: Sequence[Path], share: float, generator: np.random.Generator
) -> pd.DataFrame:
    """Subjects of all stores with a column ``part``: ``train`` or ``validation``.

    Columns: cohort, subject, part. The split is by subject, never by slice; at least
    one subject is on each side.

    Raises:
        UserError: no store at all, or fewer than two subjects.
    """
    if not stores:
        raise UserError(
            "the cohort table has no row with the role 'raw', and the phase model needs one to "
            "train on; add one, or leave 'phasegen' out of synthesis.sources"
        )
    index = pd.concat([read_index(store) for store in stores])
    subjects = index[["cohort", "subject"]].drop_duplicates().sort_values(["cohort", "subject"])
    if len(subjects) < 2:
        names = ", ".join(map(str, stores))
        raise UserError(f"{names}: training needs two subjects, one of them for validation")
    held_out = min(max(round(share * len(subjects)), 1), len(subjects) - 1)
    parts = np.full(len(subjects), "train", dtype=object)
    parts[generator.permutation(len(subjects))[:held_out]] = "validation"
    return subjects.assign(part=parts).reset_index(drop=True)


def subjects_by_part(
    store: str | Path, share: float, generator: np.random.Generator
) -> dict[str, list[str]]:
    """As `split_subjects`, of one store: sorted subjects of ``train`` and of ``validation``.

    Raises:
        UserError: fewer than two subjects.
    """
    split = split_subjects([Path(store)], share, generator)
    parts = ("train", "validation")
    return {part: split["subject"][split["part"] == part].tolist() for part in parts}
