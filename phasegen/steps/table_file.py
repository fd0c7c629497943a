"""Tables that people read, and the per-slice tables behind them."""

import json
from collections.abc import Mapping, Sequence, Set
from pathlib import Path

import pandas as pd

from phasegen.errors import UserError
from phasegen.paths import whole_file
from phasegen.provenance import made_by, recorded
from phasegen.report.slice_results import JUDGED_FROM, MADE_FROM, TESTED_IN


def write_csv(table: pd.DataFrame, path: str | Path) -> None:
    """CSV file, whole or not at all."""
    with whole_file(path) as partial:
        table.to_csv(partial, index=False)


def write_traced(
    tables: Mapping[str | Path, pd.DataFrame],
    module: str,
    seed: int,
    paper: str | Path | None,
    sources: str | Path,
) -> None:
    """Tables as CSV, and one record (JSON) of the files behind every row of them.

    Args:
        tables: by path, with the columns `MADE_FROM` and, for what is judged, `JUDGED_FROM`,
            which go to the record and not into the CSV.
        module: that made them.
        paper: file of the published figures, behind the columns that have "_paper_" in their names.
    """
    told = {}
    for path, table in tables.items():
        numbers = table.drop(columns=[MADE_FROM, JUDGED_FROM], errors="ignore")
        write_csv(numbers, path)
        ((name, sha256),) = recorded([path]).items()
        told[Path(path).name] = {
            "file": name,
            "sha256": sha256,
            "rows": [_traced(row, paper) for row in table.to_dict("records")],
        }
    rows = [row for table in told.values() for row in table["rows"]]
    files = {file for row in rows for behind in row.values() for file in behind}
    digests = made_by(module, sorted(files))
    names = dict(zip(sorted(files), digests["made_from"], strict=True))
    for row in rows:
        row.update({column: [names[file] for file in behind] for column, behind in row.items()})
    content = digests | {"module": module, "seed": seed, "tables": told}
    with whole_file(sources) as partial:
        partial.write_text(json.dumps(content, indent=1) + "\n")


def _traced(row: dict, paper: str | Path | None) -> dict[str, list[str]]:
    """Files behind the columns of a row; under the name "" those behind all others."""
    found = {"": [str(file) for file in row[MADE_FROM]]}
    if JUDGED_FROM in row:
        found |= dict.fromkeys(("p_holm", "verdict"), row[JUDGED_FROM])
    published = [column for column in row if "_paper_" in column]
    return found | {column: [str(paper)] for column in published}


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
