"""Numbers as the paper prints them."""

from collections.abc import Callable, Sequence

import pandas as pd

from phasegen.report.grid import NONE, Best


def spread(part: pd.DataFrame, name: str, digits: int) -> list[str]:
    """Mean ± standard deviation of each row."""
    pairs = zip(part[f"{name}_mean"], part[f"{name}_std"], strict=True)
    return [
        NONE if pd.isna(mean) else f"{decimals(mean, digits)} ± {decimals(std, digits)}"
        for mean, std in pairs
    ]


def by_subject(part: pd.DataFrame, metric: str, digits: int) -> list[str]:
    """Mean of the subjects' means of each row, with its interval where there is one."""
    ends = (part[f"{metric}_{name}"] for name in ("subject_mean", "low", "high"))
    return [
        decimals(mean, digits)
        + ("" if pd.isna(low) else f" [{decimals(low, digits)}, {decimals(high, digits)}]")
        for mean, low, high in zip(*ends, strict=True)
    ]


def mark_best(cells: Sequence[str], means: pd.Series, best: Callable) -> list[str]:
    """Cells, those with the best mean marked; a lone one is best of nothing."""
    if means.notna().sum() < 2:
        return list(cells)
    first = best(means.dropna())
    return [Best(c) if mean == first else c for c, mean in zip(cells, means, strict=True)]


def one_or_range(values: pd.Series) -> str:
    """One number if all sources have the same."""
    low, high = values.min(), values.max()
    return str(low) if low == high else f"{low} to {high}"


def decimals(value: float, digits: int) -> str:
    """A number with so many digits behind the point."""
    return NONE if pd.isna(value) else f"{value:.{digits}f}"
