"""Statistics of tables with a row per slice: over slices, subjects and seeds of training.

A table has the columns seed, cohort, subject, series, slice and those of its metrics, each slice
once per seed: one truth, one knob, one level. Slices of a subject are no independent
observations, nor are seeds the same training twice: intervals resample both. NaN is a slice
that says nothing and is left out of all means.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from phasegen.errors import UserError
from phasegen.metrics.intervals import FEWEST_SUBJECTS, crossed_means, interval

SLICE = ["seed", "cohort", "subject", "series", "slice"]
CELL = ["seed", "cohort", "subject"]
REPLICATES = 10_000


class Estimate(NamedTuple):
    """Two means of a metric: over slices, as papers print it, and over subjects."""

    mean: float
    """Over all slices of all seeds."""
    sd: float
    """Standard deviation over the same slices (n - 1)."""
    subject_mean: float
    """Mean over subjects and seeds of the mean over a subject's slices."""
    low: float
    """Lower end of the 95 % interval of ``subject_mean``."""
    high: float
    slices: int
    """Rows with a value, of all seeds."""
    undefined: int
    """Rows without one."""
    subjects: int
    """Subjects with a value."""
    seeds: int


class Difference(NamedTuple):
    """Left minus right, over the slices where both have a value."""

    difference: float
    """Mean over subjects and seeds of the difference of a subject's means."""
    low: float
    """Lower end of its 95 % interval."""
    high: float
    p: float
    """Two-sided, of no difference; never 0."""
    slices: int
    """Pairs with both values, of all seeds."""
    undefined: int
    """Pairs without."""
    subjects: int
    """Subjects with such a pair."""
    seeds: int


def estimate(table: pd.DataFrame, column: str, generator: np.random.Generator) -> Estimate:
    """Means of a metric, and the interval of the mean over subjects.

    With fewer than four subjects the interval is NaN. One seed alone does not vary: the interval
    is then that of this one training.

    Args:
        table: see the module.
        column: the metric.

    Raises:
        UserError: a slice is there twice.
    """
    values = _by_slice(table, column)
    known = values.dropna()
    cells = _cells(known)
    low, high = interval(_replicates(cells, generator))
    return Estimate(
        mean=float(known.mean()),
        sd=float(known.std()),
        subject_mean=_mean(cells),
        low=low,
        high=high,
        **_counts(values, cells),
    )


def paired_difference(
    left: pd.DataFrame, right: pd.DataFrame, column: str, generator: np.random.Generator
) -> Difference:
    """How much one source of phase differs from another on the same slices.

    A slice where either side is NaN is left out of both. p is twice the share of the replicates
    on the smaller side of zero, counted as (k + 1) / (n + 1): below 0.05, but for rounding, where
    the interval leaves zero out. With fewer than four subjects interval and p are NaN. Left and
    right exchanged give the same with the sign turned, if the generator starts alike.

    Args:
        left, right: see the module; rows in any order.
        column: the metric.

    Raises:
        UserError: a slice is there twice, the numbers of seeds differ, or a slice of one side is
            missing on the other.
    """
    first, second = _paired(left, right, column)
    differences = first - second
    cells = _cells(differences.dropna())
    replicates = _replicates(cells, generator)
    low, high = interval(replicates)
    return Difference(
        difference=_mean(cells),
        low=low,
        high=high,
        p=_two_sided(replicates),
        **_counts(differences, cells),
    )


def holm(p_values: Sequence[float]) -> np.ndarray:
    """p-values adjusted for being several (Holm 1979), ``(test,)`` in the order given.

    NaN stays NaN and does not count as a test.
    """
    values = np.asarray(p_values, float)
    order = np.argsort(values)[: np.count_nonzero(~np.isnan(values))]
    stepped = values[order] * np.arange(len(order), 0, -1)
    adjusted = np.full(len(values), np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return adjusted


def _by_slice(table: pd.DataFrame, column: str) -> pd.Series:
    """Sorted, so that the order of the rows does not even change the rounding."""
    values = table.set_index(SLICE)[column].astype(float).sort_index()
    twice = values.index[values.index.duplicated()]
    if len(twice):
        raise UserError(
            f"{_named(twice[0])} is in the table of {column} twice: choose one truth, knob and level"
        )
    return values


def _paired(left: pd.DataFrame, right: pd.DataFrame, column: str) -> list[pd.Series]:
    sides = [_by_slice(table, column) for table in (left, right)]
    first, second = (side.index for side in sides)
    seeds = [index.unique("seed").size for index in (first, second)]
    if seeds[0] != seeds[1]:
        raise UserError(
            f"{seeds[0]} and {seeds[1]} seeds do not pair up: compare the same seeds on both sides"
        )
    alone = first.symmetric_difference(second)
    if len(alone):
        raise UserError(
            f"{len(alone)} slices are on one side only, the first is {_named(alone[0])}: "
            "evaluate both sources on the same slices and seeds"
        )
    return sides


def _named(key: tuple) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip(SLICE, key, strict=True))


def _cells(known: pd.Series) -> pd.DataFrame:
    """Mean over the slices of every subject in every seed, ``(subject, seed)``, NaN without any."""
    return known.groupby(CELL).mean().unstack("seed")


def _mean(cells: pd.DataFrame) -> float:
    return float(pd.Series(cells.to_numpy().ravel()).mean())


def _counts(values: pd.Series, cells: pd.DataFrame) -> dict[str, int]:
    defined = int(values.count())
    subjects, seeds = cells.shape
    undefined = len(values) - defined
    return {"slices": defined, "undefined": undefined, "subjects": subjects, "seeds": seeds}


def _replicates(cells: pd.DataFrame, generator: np.random.Generator) -> np.ndarray:
    if len(cells) < FEWEST_SUBJECTS:
        return np.full(REPLICATES, np.nan)
    return crossed_means(cells.to_numpy().T, generator, REPLICATES)


def _two_sided(replicates: np.ndarray) -> float:
    if np.isnan(replicates).any():
        return float("nan")
    fewer = min(np.count_nonzero(replicates <= 0), np.count_nonzero(replicates >= 0))
    return min(float(2 * (fewer + 1) / (len(replicates) + 1)), 1.0)
