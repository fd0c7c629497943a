"""Which subjects and slices the steps of reconstruction train, validate and test on."""

from pathlib import Path
from typing import Literal

import pandas as pd

from phasegen.data.paper_split import split_by_slice
from phasegen.data.slices import subjects_by_part
from phasegen.seeds import generator
from phasegen.store.reading import read_index

SplitBy = Literal["subject", "paper"]


def reconstruction_subjects(store: str | Path, share: float, seed: int) -> dict[str, list[str]]:
    """Subjects of the parts ``train`` and ``validation``, alike for all trainings of a ``seed``.

    Args:
        store: any of those that hold the same subjects.
        share: of the subjects that go to ``validation``.
    """
    return subjects_by_part(store, share, generator(seed, "reconstruction", "split"))


def of_part(
    rows: pd.DataFrame,
    part: Literal["train", "test"],
    store: str | Path,
    split: SplitBy,
    seed: int,
) -> pd.DataFrame:
    """Those ``rows`` of a store that are trained or tested on.

    All of them when the split is by subject, which parts cohorts; some of them when it is as in
    the paper, where one cohort is both.
    """
    if split == "subject":
        return rows
    kept = split_by_slice(read_index(store), generator(seed, "reconstruction", "paper"))[part]
    return rows[rows["row"].isin(kept)].reset_index(drop=True)
