"""Tables that people read, and the per-slice tables behind them."""

from collections.abc import Set
from pathlib import Path

import pandas as pd

from phasegen.errors import UserError
from phasegen.paths import whole_file


def write_csv(table: pd.DataFrame, path: str | Path) -> None:
    """CSV file, whole or not at all."""
    with whole_file(path) as partial:
        table.to_csv(partial, index=False)


def read_slices(path: str | Path, columns: Set[str]) -> pd.DataFrame:
    """Per-slice table of one test (Parquet).

    Raises:
        UserError: it lacks one of the columns.
    """
    rows = pd.read_parquet(path)
    if missing := sorted(columns - set(rows)):
        raise UserError(f"{path}: has no column {missing[0]!r}; evaluate the network again")
    return rows
