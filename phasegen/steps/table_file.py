"""Tables that people read, and the per-slice tables behind them."""

from collections.abc import Sequence, Set
from pathlib import Path

import pandas as pd

from phasegen.errors import UserError
from phasegen.paths import whole_file
from phasegen.report.slice_results import TESTED_IN


def write_csv(table: pd.DataFrame, path: str | Path) -> None:
    """CSV file, whole or not at all."""
    with whole_file(path) as partial:
        table.to_csv(partial, index=False)


def read_table(path: str | Path) -> pd.DataFrame:
    """Table of results (CSV); such a file knows no empty text, which is restored."""
    texts = ["model", "note"]
    return pd.read_csv(path, dtype=dict.fromkeys(texts, str)).fillna(dict.fromkeys(texts, ""))


def read_slices(path: str | Path, columns: Set[str]) -> pd.DataFrame:
    """Per-slice table of one test (Parquet), with the column `TESTED_IN`.

    Raises:
        UserError: it lacks one of the columns.
    """
    rows = pd.read_parquet(path).assign(**{TESTED_IN: str(path)})
    if missing := sorted(columns - set(rows)):
        raise UserError(f"{path}: has no column {missing[0]!r}; evaluate the network again")
    return rows


def join_slices(paths: Sequence[str | Path], columns: Set[str], hint: str = "") -> pd.DataFrame:
    """Per-slice tables of several tests, one below the other.

    Args:
        hint: where to look if they are empty.

    Raises:
        UserError: one lacks a column, or none has a slice.
    """
    parts = [read_slices(path, columns) for path in paths]
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    if rows.empty:
        raise UserError(f"{paths[0]}: neither it nor any other table has a slice{hint}")
    return rows
