"""Per-slice results of tests: in groups, by source of phase, counted, estimated and judged."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from phasegen.metrics.intervals import LEVEL
from phasegen.metrics.paired import estimate, holm
from phasegen.report.palette import in_order

GROUP = ["cohort", "truth"]
SLICE = ["cohort", "subject", "series", "slice"]


def in_percent(rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows with ``dsc_percent``, as the paper gives Dice."""
    return rows.assign(dsc_percent=100 * rows["dice"])


def untouched(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the data as they are, with Dice in percent."""
    return in_percent(rows[rows["knob"] == ""])


def groups(rows: pd.DataFrame, *more: str) -> Iterator[tuple[dict, pd.DataFrame]]:
    """Rows of each cohort and truth (and of what more is named), with those names."""
    columns = [*GROUP, *more]
    for names, part in rows.groupby(columns):
        yield dict(zip(columns, names, strict=True)), part


def by_source(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Rows of each source that there is, from the plainest phase to the real one."""
    return {name: rows[rows["source"] == name] for name in in_order(rows["source"])}


def counts(rows: pd.DataFrame) -> dict[str, int]:
    """How much one source was tested on; slices and subjects are the same in every seed."""
    target, predicted = rows["target_pixels"] > 0, rows["predicted_pixels"] > 0
    return {
        "slices": len(rows[SLICE].drop_duplicates()),
        "empty_slices": int((~target & ~predicted).sum()),
        "one_empty": int((target ^ predicted).sum()),
        "subjects": len(rows[["cohort", "subject"]].drop_duplicates()),
        "seeds": rows["seed"].nunique(),
    }


def estimates(rows: pd.DataFrame, metric: str, generator: np.random.Generator) -> dict[str, float]:
    """Columns of one metric: mean and deviation over slices, mean over subjects, its interval."""
    found = estimate(rows, metric, generator)
    return {
        f"{metric}_slice_mean": found.mean,
        f"{metric}_slice_std": found.sd,
        f"{metric}_subject_mean": found.subject_mean,
        f"{metric}_low": found.low,
        f"{metric}_high": found.high,
    }


def judged(family: Sequence[dict]) -> list[dict]:
    """Rows with a ``difference`` and its ``p``, with ``p_holm`` and ``verdict`` added.

    Args:
        family: all tests that are adjusted together.
    """
    adjusted = holm([row["p"] for row in family])
    return [
        row | {"p_holm": p, "verdict": _verdict(row["difference"], p)}
        for row, p in zip(family, adjusted, strict=True)
    ]


def _verdict(difference: float, p: float) -> str:
    if np.isnan(p):
        return "too few subjects"
    if p > 1 - LEVEL:
        return "no difference shown"
    return "above" if difference > 0 else "below"
