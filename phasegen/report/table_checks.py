"""Whether the paper's tables are what the configuration asks for and their slices say.

A table is checked against the cells that are due, each a row by its ``keys`` and a number of
``seeds`` (0 for floors, which learn nothing; None for what is not run at this size), and against
the per-slice results that it was made of. The first check that fails ends it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from phasegen.errors import UserError
from phasegen.metrics.intervals import FEWEST_SUBJECTS
from phasegen.report import reconstruction_rows as rebuilt
from phasegen.report import skull_strip_table as stripped

ANY, POSITIVE = (-np.inf, np.inf), (0, np.inf)
RANGES = {
    "dsc_percent": (0, 100),
    "sensitivity": (0, 1),
    "specificity": (0, 1),
    "ssim_percent": (-100, 100),
    "fastmri_ssim_percent": (-100, 100),
    "psnr": ANY,
    "fastmri_psnr": ANY,
}
"""Least and largest value of a metric, of all others `POSITIVE`; infinite is none."""

ROUNDING = 1e-9
Cell = Mapping[str, str | int | float | None]


class Kind(NamedTuple):
    """What one of the tables is made of."""

    keys: tuple[str, ...]
    """Columns that name a row, the source last."""
    metrics: Mapping[str, str]
    """Unit of the mean of each metric: slice or volume."""
    due: tuple[str, ...]
    """Metrics that every cell has; of the others those that a slice has."""
    shown: Callable[[pd.DataFrame], pd.DataFrame]
    """Rows of the per-slice tables that it tells of."""


def _mixes(rows: pd.DataFrame) -> pd.DataFrame:
    return rebuilt.mixes(rows, zip(rows["model"], rows["factor"], strict=True))


_REBUILT = dict.fromkeys(rebuilt.METRICS, "slice") | dict.fromkeys(rebuilt.OFFICIAL, "volume")
KINDS = {
    "table1": Kind(
        ("truth", "source"),
        dict.fromkeys(stripped.METRICS, "slice"),
        ("dsc_percent",),
        stripped.untouched,
    ),
    "table2": Kind(("model", "factor", "source"), _REBUILT, rebuilt.METRICS, rebuilt.arms),
    "table3": Kind(("model", "factor", "share", "source"), _REBUILT, rebuilt.METRICS, _mixes),
}


class Checks:
    """Counts what holds of a file, by kind of check, and ends at the first that does not."""

    def __init__(self, file: str | Path, passed: Counter) -> None:
        self.file = file
        self.passed = passed

    def __call__(self, kind: str, holds: bool, row: object, column: str, fault: str) -> None:
        """One check.

        Raises:
            UserError: it does not hold; names file, row and column.
        """
        if not holds:
            raise UserError(f"{self.file}, row {row}, column {column!r}: {fault}")
        self.passed[kind] += 1


def check_cells(table: pd.DataFrame, kind: Kind, cells: Sequence[Cell], check: Checks) -> None:
    """Every cell that is due is there once, and no other is; what was not run says so.

    Raises:
        UserError: a check failed.
    """
    keys, source = list(kind.keys), kind.keys[-1]
    found = Counter(table[keys].itertuples(index=False, name=None))
    due = {_key(kind, cell): cell for cell in cells}
    for key in dict.fromkeys([*due, *found]):
        fault = f"is there {found[key]} times, {int(key in due)} is due"
        check("cells", found[key] == (key in due), named(kind, key), source, fault)
    for row in table.to_dict("records"):
        absent = due[_key(kind, row)]["seeds"] is None
        note, name = rebuilt.NOT_RUN if absent else "", named(kind, _key(kind, row))
        fault = f"is {row.get('note')!r}, {note!r} is due"
        check("notes", row.get("note", "") == note, name, "note", fault)


def check_numbers(
    table: pd.DataFrame, kind: Kind, cells: Sequence[Cell], slices: pd.DataFrame, check: Checks
) -> None:
    """Counts and numbers of every cell that was run, as its slices have them.

    Args:
        slices: rows that the table tells of, see `Kind`.

    Raises:
        UserError: a check failed.
    """
    own = dict(iter(slices.groupby(list(kind.keys))))
    due = {_key(kind, cell): cell["seeds"] for cell in cells}
    for row in table.to_dict("records"):
        key = _key(kind, row)
        name, rows = named(kind, key), own.get(key, slices.iloc[:0])
        if due[key] is None:
            blank = all(np.isnan(row[f"{m}_{unit}_mean"]) for m, unit in kind.metrics.items())
            check("notes", blank, name, "note", f"is {row['note']!r}, and numbers beside it")
            continue
        _check_counts(row, due[key], rows, name, check)
        for metric, unit in kind.metrics.items():
            _check_metric(row, metric, unit, metric in kind.due, rows, name, check)


def _check_counts(row: dict, seeds: int, rows: pd.DataFrame, name: str, check: Checks) -> None:
    trained = rows["seed"].nunique()
    fault = f"is {row['seeds']}, of the configuration {seeds}"
    check("seeds", row["seeds"] == seeds, name, "seeds", fault)
    fault = f"the per-slice tables have {trained}, of the configuration {seeds}"
    check("seeds", trained == max(seeds, 1), name, "seeds", fault)
    fault = f"is {row['slices']}, the per-slice tables have {len(rows)} of {trained} seeds"
    check("slices", row["slices"] * trained == len(rows), name, "slices", fault)


def _check_metric(
    row: dict, metric: str, unit: str, due: bool, rows: pd.DataFrame, name: str, check: Checks
) -> None:
    known = rows.loc[rows[metric].notna(), ["cohort", "subject", metric]]
    if not due and known.empty:
        return
    columns = {part: f"{metric}_{part}" for part in (f"{unit}_mean", f"{unit}_std", "subject_mean")}
    mean, deviation, by_subject = (row[column] for column in columns.values())
    for part in (f"{unit}_mean", "subject_mean"):
        check_range(row[columns[part]], metric, name, columns[part], check)
    people = len(known[["cohort", "subject"]].drop_duplicates())
    fault = f"is {deviation}, a number from 0 on is due"
    fine = deviation >= 0 or people < 2
    check("deviations", fine, name, columns[f"{unit}_std"], fault)
    if unit == "slice":
        fault = f"is {mean}, the per-slice tables come to {known[metric].mean()}"
        same = bool(np.isclose(mean, known[metric].mean(), rtol=1e-6))
        check("means", same, name, columns["slice_mean"], fault)
    if people >= FEWEST_SUBJECTS:
        check_interval(by_subject, row, f"{metric}_", name, check)


def check_range(value: float, metric: str, row: object, column: str, check: Checks) -> None:
    """A number that a metric may have.

    Raises:
        UserError: it is NaN, infinite or out of range.
    """
    low, high = RANGES.get(metric, POSITIVE)
    span = ("any" if low == -np.inf else f"from {low} on") if high == np.inf else f"{low} to {high}"
    fine = bool(np.isfinite(value)) and low <= value <= high
    check("ranges", fine, row, column, f"is {value}, a finite number, {span}, is due")


def check_interval(centre: float, row: Mapping, start: str, name: object, check: Checks) -> None:
    """An interval with its estimate inside.

    Args:
        start: of the names of its two columns.

    Raises:
        UserError: an end is NaN, or the estimate is outside.
    """
    slack = ROUNDING * max(abs(centre), 1)
    for end, sign in (("low", 1), ("high", -1)):
        value = row[f"{start}{end}"]
        fine = bool(np.isfinite(value)) and sign * (centre - value) >= -slack
        beside = "above" if end == "low" else "below"
        fault = f"is {value}, {beside} the estimate {centre} or no number"
        check("intervals", fine, name, f"{start}{end}", fault)


def named(kind: Kind, key: tuple) -> str:
    """A row by its keys."""
    return ", ".join(f"{column} {value}" for column, value in zip(kind.keys, key, strict=True))


def _key(kind: Kind, row: Mapping) -> tuple:
    return tuple(row[column] for column in kind.keys)
