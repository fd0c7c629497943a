"""Tables that people read."""

from pathlib import Path

import pandas as pd

from phasegen.paths import whole_file


def write_csv(table: pd.DataFrame, path: str | Path) -> None:
    """CSV file, whole or not at all."""
    with whole_file(path) as partial:
        table.to_csv(partial, index=False)
