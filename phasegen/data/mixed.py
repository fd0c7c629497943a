"""Mixed splits: which training slices keep their original phase (Rempe et al. 2025, Table III)."""

import numpy as np
import pandas as pd

from phasegen.errors import UserError

ORIGINAL = "original"
TOO_FEW = "under 2 slices"
COLUMNS = ["row", "subject", "series", "slice", "source", "share", "realised", "label"]


def ranked(slices: pd.DataFrame, generator: np.random.Generator) -> np.ndarray:
    """Order in which slices are taken: subject after subject, and at random within each.

    Slices of one subject are in a random order too, so that the part that is taken of the last
    one is no edge of its volume. Only names decide, not the order of ``slices``.

    Returns:
        Positions in ``slices``, int64.
    """
    named = slices.reset_index(drop=True).sort_values(["subject", "series", "slice"])
    subjects = generator.permutation(named["subject"].unique())
    rank = named["subject"].map({name: place for place, name in enumerate(subjects)}).to_numpy()
    return named.index.to_numpy()[np.lexsort((generator.permutation(len(named)), rank))]


def mixed(
    slices: pd.DataFrame, share: float, synthetic: str, generator: np.random.Generator
) -> pd.DataFrame:
    """Split table: original phase for a share of the slices, at least one, the rest synthetic.

    With generators of one seed the slices of a smaller share are among those of a larger one.

    Args:
        slices: training slices, with the columns row, subject, series, slice.
        share: percent of them, above 0 and at most 100.
        synthetic: source of the others.

    Returns:
        In the order of ``slices``: row, subject, series, slice, source, share, realised [percent
        of the slices], and label, ``under 2 slices`` where there are fewer original ones.

    Raises:
        UserError: a share that is out of bounds, or no slice.
    """
    if not 0 < share <= 100:
        raise UserError(f"a share of {share:g} % is not above 0 and at most 100 %")
    if not len(slices):
        raise UserError("there is no training slice to mix")
    count = max(round(share / 100 * len(slices)), 1)
    source = np.full(len(slices), synthetic, dtype=object)
    source[ranked(slices, generator)[:count]] = ORIGINAL
    return slices[COLUMNS[:4]].assign(
        source=source,
        share=float(share),
        realised=100 * count / len(slices),
        label=TOO_FEW if count < 2 else "",
    )


def rows_of(split: pd.DataFrame, source: str) -> pd.DataFrame:
    """Rows of a split table of one source alone.

    Raises:
        UserError: it has none.
    """
    found = split[split["source"] == source].reset_index(drop=True)
    if not len(found):
        raise UserError(f"the split has no slice of the source {source!r}")
    return found
