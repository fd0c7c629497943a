"""Slices with the mask of the brain, for tasks that segment."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from phasegen.data.scaled import ScaledImages
from phasegen.data.sourced import VOLUME_SLICE
from phasegen.errors import UserError
from phasegen.store.concurrent import ConcurrentReader
from phasegen.store.places import ObjectPath, place
from phasegen.store.reading import read_index


class MaskedSlices(ScaledImages):
    """Complex images, each divided by its slice's scale, with their masks.

    An item is ``(values, row)``, values complex64 ``(2, y, x)``: the image, and the mask as 0
    and 1, so that both go the same way until a task parts them. Empty slices are left out.

    Args:
        store: sealed k-space or images, of one coil.
        masks: sealed masks of the same volumes, whatever the name of their cohort.
        subjects: those to take.

    Raises:
        UserError: a slice of ``masks`` of these subjects that ``store`` has not, no slice but
            empty ones, several coils.
    """

    def __init__(self, store: str | Path, masks: str | Path, subjects: Sequence[str]) -> None:
        store, self.masks = place(store), place(masks)
        owners = read_index(store)[["cohort", "subject"]].drop_duplicates()
        super().__init__([store], owners.assign(part=_parts(owners, subjects)), "taken")
        self._keep_filled(_with_mask_rows(self.table, self.masks, subjects, store))
        self._masks: ConcurrentReader | None = None

    def prepare(self, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        if self._masks is None:
            self._masks = ConcurrentReader(self.masks)
        masks = self._masks.read(self.table["mask_row"].to_numpy()[rows])
        return np.concatenate([super().prepare(values, rows), masks], axis=1, dtype=np.complex64)

    def __getstate__(self) -> dict:
        return super().__getstate__() | {"_masks": None}


def _parts(owners: pd.DataFrame, subjects: Sequence[str]) -> np.ndarray:
    return np.where(owners["subject"].isin(list(subjects)), "taken", "left")


def _with_mask_rows(
    table: pd.DataFrame, masks: Path | ObjectPath, subjects: Sequence[str], store: Path | ObjectPath
) -> pd.DataFrame:
    """The slices that have a mask, with its row; UserError if ``table`` lacks one."""
    index = read_index(masks)
    index = index[index["subject"].isin(list(subjects))]
    index = index[[*VOLUME_SLICE, "row"]].rename(columns={"row": "mask_row"})
    both = index.merge(table, on=VOLUME_SLICE, how="left", validate="one_to_one")
    missing = both[both["store"].isna()]
    if len(missing):
        first = missing.iloc[0]
        raise UserError(
            f"{store} has no slice {first['slice']} of {first['subject']}, {first['series']}, "
            f"which {masks} has; both must hold the same volumes"
        )
    return both.sort_values("row").astype({"row": "int64"})
