"""The split that the paper seems to have, to compare with; its test subjects are trained on."""

import numpy as np
import pandas as pd

from phasegen.errors import UserError

TEST_SHARE = 0.2
LEAKY = "split by slice, as the paper's: volumes are in training and test"
"""Label that a report gives to all that comes of this split."""


def split_by_slice(index: pd.DataFrame, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Rows of the parts ``train`` and ``test``, drawn by slice, whatever their subject.

    The test set of Rempe et al. 2025 has 1,427 slices, exactly a fifth of the 7,135 of fastMRI's
    knee validation set: a draw by slice, as it seems, so that neighbours of nearly every test
    slice are trained on. That flatters the results. This reproduces it, to tell by how much; the
    split that counts is by subject, and a report of this one says `LEAKY`. A network of such a
    split passes `phasegen.data.held_out.refuse_seen` only with that label.

    Args:
        index: of the store that both parts are from; its column ``row`` is used.

    Returns:
        Rows in rising order, int64; at least one in each part.

    Raises:
        UserError: fewer than two slices.
    """
    rows = np.sort(index["row"].to_numpy(np.int64))
    if len(rows) < 2:
        raise UserError("a split by slice needs two slices or more")
    count = min(max(round(TEST_SHARE * len(rows)), 1), len(rows) - 1)
    order = generator.permutation(rows)
    return {"train": np.sort(order[count:]), "test": np.sort(order[:count])}
