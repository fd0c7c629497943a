"""Complex images in the unit that networks see, whatever a store holds."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from phasegen.data.stored import StoredSlices
from phasegen.errors import UserError
from phasegen.fourier import to_image
from phasegen.store.reading import open_single_coil


class ScaledImages(StoredSlices):
    """Complex images ``(1, y, x)``, complex64, each divided by its slice's scale, and their row.

    Stores of k-space and of images go together. Which rows are kept is for the heirs to say.

    Raises:
        UserError: a store of anything else, of several coils, or without scales; no slice but
            empty ones.
    """

    one_kind = False

    def __init__(
        self, stores: Sequence[str | Path], split: pd.DataFrame | None = None, part: str = "train"
    ) -> None:
        super().__init__(stores, split, part)
        for reader in self.readers:
            open_single_coil(reader.store)
            if reader.kind not in ("images", "kspace"):
                raise UserError(
                    f"{reader.store} holds {reader.kind}, where images or kspace are due"
                )
        check_scaled(self.table)

    def prepare(self, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        is_kspace = np.array([reader.kind == "kspace" for reader in self.readers])
        raw = is_kspace[self._places[rows]]
        if raw.any():
            values[raw] = to_image(values[raw])
        return (values / self.scale[rows, None, None, None]).astype(np.complex64, copy=False)

    def _keep_filled(self, table: pd.DataFrame) -> None:
        """Take the rows of ``table`` whose slice is not empty."""
        filled = table[table["scale"] > 0]
        if not len(filled):
            names = " and ".join(map(str, self.stores))
            raise UserError(f"{names}: all slices that are asked for are empty")
        self._keep(filled)
        self.scale = self.table["scale"].to_numpy()


def check_scaled(table: pd.DataFrame) -> None:
    """Raise UserError, by the name of the store, if slices of ``table`` have no scale."""
    known = table.get("scale", pd.Series(np.nan, table.index)).notna()
    if not known.all():
        store = table["store"][~known].iloc[0]
        raise UserError(f"{store}: its index has no column 'scale'; make the store again")
