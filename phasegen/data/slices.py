"""Complex slices of sealed stores, for training."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch.utils.data import Dataset

from phasegen.diffusion.scale import slice_scale
from phasegen.errors import UserError
from phasegen.seeds import IDENTITY
from phasegen.store.reading import open_store, read_index


class ImageSlices(Dataset):
    """Complex images ``(1, y, x)``, complex64, each divided by its slice's scale, and their row.

    Empty slices are left out. The slices are held in memory. ``identities`` has the
    columns ``cohort, subject, series, slice`` of every row.
    """

    def __init__(self, images: np.ndarray, identities: pd.DataFrame) -> None:
        scale = slice_scale(np.abs(images))
        filled = np.flatnonzero(scale > 0)
        scaled = images[filled] / scale[filled, None, None, None]
        self.images = torch.from_numpy(scaled.astype(np.complex64))
        self.identities = identities.iloc[filled].reset_index(drop=True)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, row: int) -> tuple[torch.Tensor, int]:
        return self.images[row], row


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
        raise UserError("training needs at least two subjects, one of them for validation")
    held_out = min(max(round(share * len(subjects)), 1), len(subjects) - 1)
    parts = np.full(len(subjects), "train", dtype=object)
    parts[generator.permutation(len(subjects))[:held_out]] = "validation"
    return subjects.assign(part=parts).reset_index(drop=True)


def load_part(stores: Sequence[Path], split: pd.DataFrame, part: str) -> ImageSlices:
    """All slices of the subjects of one part of ``split``."""
    images, identities = [], []
    for store in stores:
        index = read_index(store).merge(split, on=["cohort", "subject"], how="left")
        rows = np.flatnonzero(index["part"] == part)
        if len(rows):
            images.append(open_store(store).oindex[rows])
            identities.append(index.iloc[rows][list(IDENTITY)])
    return ImageSlices(np.concatenate(images), pd.concat(identities))
